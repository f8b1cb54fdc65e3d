# Reference values for the optimizer of packages/nn, from torch 2.15.0, Python 3.11.
#
#   pip install torch==2.15.0 numpy==2.4.6
#   python tools/checks/golden/nn/optimizer.py
#
# writes packages/nn/src/golden/optimizer.json: what torch.optim.AdamW makes of given gradients and
# learning rates, in float32 and in double precision; and torch.nn.utils.clip_grad_norm_.
import json
from pathlib import Path

import torch

OUT = Path(__file__).resolve().parents[4] / "packages" / "nn" / "src" / "golden" / "optimizer.json"
STEPS = 20
SHAPES = {"matrix": (3, 4), "vector": (4,)}
SETTINGS = [
    {"beta1": 0.9, "beta2": 0.95, "epsilon": 1e-8, "weightDecay": 0.1},
    {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-3, "weightDecay": 0.01},
    {"beta1": 0.0, "beta2": 0.99, "epsilon": 1e-8, "weightDecay": 0.0},
]
generator = torch.Generator().manual_seed(0)


def normal(*shape):
    return (torch.randn(*shape, generator=generator) * 1e3).round() / 1e3


def rows(tensor, digits):
    return [float(f"{v:.{digits}g}") for v in tensor.detach().reshape(-1).tolist()]


start = {name: normal(*shape) for name, shape in SHAPES.items()}
gradients = [{name: normal(*shape) * (0.1 if k % 3 else 3) for name, shape in SHAPES.items()} for k in range(STEPS)]
learning_rates = [1e-2 * (k + 1) / 5 if k < 5 else 1e-2 * (1 - k / 40) for k in range(STEPS)]


def run(setting, dtype):
    """As adamW's default: matrices decay, vectors do not."""
    params = {name: torch.nn.Parameter(tensor.to(dtype, copy=True)) for name, tensor in start.items()}
    optimizer = torch.optim.AdamW(
        [
            {"params": [params["matrix"]], "weight_decay": setting["weightDecay"]},
            {"params": [params["vector"]], "weight_decay": 0.0},
        ],
        betas=(setting["beta1"], setting["beta2"]),
        eps=setting["epsilon"],
        foreach=False,
    )
    for gradient, learning_rate in zip(gradients, learning_rates):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate
        for name, parameter in params.items():
            parameter.grad = gradient[name].to(dtype)
        optimizer.step()
        yield {name: rows(parameter, 9) for name, parameter in params.items()}


def clip(max_norm):
    tensors = [torch.nn.Parameter(torch.zeros_like(t)) for t in gradients[0].values()]
    for tensor, gradient in zip(tensors, gradients[0].values()):
        tensor.grad = gradient.clone()
    norm = torch.nn.utils.clip_grad_norm_(tensors, max_norm)
    clipped = {name: rows(tensor.grad, 9) for name, tensor in zip(SHAPES, tensors)}
    return {"maxNorm": max_norm, "norm": float(norm), "clipped": clipped}


result = {
    "shapes": SHAPES,
    "start": {name: rows(tensor, 6) for name, tensor in start.items()},
    "gradients": [{name: rows(t, 9) for name, t in step.items()} for step in gradients],
    "learningRates": learning_rates,
    "adamW": [
        {
            "options": setting,
            "float32": list(run(setting, torch.float32))[-1],
            "float64": list(run(setting, torch.float64)),
        }
        for setting in SETTINGS
    ],
    "clip": [clip(1.0), clip(1000.0)],
}
OUT.parent.mkdir(exist_ok=True)
OUT.write_text(json.dumps(result, separators=(",", ":")) + "\n")
print(OUT.name, OUT.stat().st_size)
