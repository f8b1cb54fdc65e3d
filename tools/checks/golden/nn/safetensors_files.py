# Files of Python's safetensors 0.8.0 (with torch 2.15.0, Python 3.11) for the tests of packages/nn.
#
#   pip install safetensors==0.8.0 torch==2.15.0 numpy==2.4.6
#   python tools/checks/golden/nn/safetensors_files.py
#       writes packages/nn/src/golden/*.safetensors
#   python tools/checks/golden/nn/safetensors_files.py FILE
#       opens a file and prints what is in it
import sys
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

OUT = Path(__file__).resolve().parents[4] / "packages" / "nn" / "src" / "golden"


def show(path):
    with safe_open(path, framework="pt") as file:
        print(file.metadata())
        for name in sorted(file.keys()):
            tensor = file.get_tensor(name)
            print(repr(name), tensor.dtype, list(tensor.shape), tensor.reshape(-1)[:6].tolist())


def write():
    """`written-here` is also what packages/nn writes for the same content, byte by byte."""
    same = {
        "layers.0.weight": torch.arange(6, dtype=torch.float32).reshape(2, 3) / 4 - 0.5,
        "layers.0.bias": torch.tensor([1.5, float("inf"), -0.0]),
        "layers.10.bias": torch.tensor([3.0e38, 1e-45]),
        "step": torch.tensor(7, dtype=torch.int32),
        "ids": torch.tensor([-(2**31), 2**31 - 1], dtype=torch.int32),
        "pixels": torch.tensor([[0, 127, 255]], dtype=torch.uint8),
        "mask": torch.tensor([True, False, True]),
        "empty": torch.zeros(0, 4),
        'quote" and \\ and ü': torch.tensor([2.0]),
    }
    save_file(same, OUT / "python.safetensors", metadata={"format": "pt \u00e9\n"})
    exact = torch.tensor([0.0, -0.0, 1.0, -2.5, 65504.0, 6.1035156e-05, 5.9604645e-08, 1 / 3, torch.inf, -torch.inf, torch.nan])
    save_file(
        {
            "half": exact.to(torch.float16),
            "brain": torch.cat([exact, torch.tensor([1e-40, 3e38])]).to(torch.bfloat16),
            "half as float": exact.to(torch.float16).to(torch.float32),
            "brain as float": torch.cat([exact, torch.tensor([1e-40, 3e38])]).to(torch.bfloat16).to(torch.float32),
            "long": torch.tensor([0, -1, 2**31 - 1, -(2**31)], dtype=torch.int64),
            "too long": torch.tensor([0, 2**31], dtype=torch.int64),
        },
        OUT / "python-narrow.safetensors",
    )


if len(sys.argv) > 1:
    show(sys.argv[1])
else:
    OUT.mkdir(exist_ok=True)
    write()
