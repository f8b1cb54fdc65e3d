# Reference values for the layers of packages/nn, from torch 2.15.0 and diffusers 0.42.1, Python 3.11.
#
#   pip install torch==2.15.0 diffusers==0.42.1 transformers==5.23.0
#   python tools/checks/golden/nn/layers.py
#
# writes packages/nn/src/golden/layers.json. Each case: parameters and `x` in the layout of packages/nn,
# the output `y`, and the gradients of sum(y * outputWeights). Computed in double precision.
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers.models.embeddings import get_timestep_embedding

OUT = Path(__file__).resolve().parents[4] / "packages" / "nn" / "src" / "golden" / "layers.json"
torch.set_default_dtype(torch.float64)
generator = torch.Generator().manual_seed(0)


def normal(*shape):
    """Rounded, so that what is written is what was used."""
    return (torch.randn(*shape, generator=generator) * 1e3).round() / 1e3


def written(tensor):
    values = tensor.detach().reshape(-1)
    if tensor.is_floating_point():
        return {"shape": list(tensor.shape), "data": [float(f"{v:.9g}") for v in values.tolist()]}
    return {"shape": list(tensor.shape), "data": values.tolist()}


def case(layer, inputs):
    """`inputs`: tensors by name; those of floating point are differentiated."""
    leaves = {name: t.clone().requires_grad_(t.is_floating_point()) for name, t in inputs.items()}
    y = layer(**leaves)
    weights = normal(*y.shape)
    (y * weights).sum().backward()
    return {
        "inputs": {name: written(t) for name, t in leaves.items()},
        "y": written(y),
        "outputWeights": written(weights),
        "gradients": {name: written(t.grad) for name, t in leaves.items() if t.requires_grad},
    }


def channels_first(x):
    return x.permute(0, 3, 1, 2)


def channels_last(x):
    return x.permute(0, 2, 3, 1)


def conv2d_same(x, weight, bias, stride):
    """TensorFlow's 'same': the odd row or column of padding goes to the bottom and right."""
    kernel = weight.shape[0]
    padding = []
    for length in (x.shape[2], x.shape[1]):
        total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
        padding += [total // 2, total - total // 2]
    x = F.pad(channels_first(x), padding)
    return channels_last(F.conv2d(x, weight.permute(3, 2, 0, 1), bias, stride=stride))


def conv_inputs(h, w, kernel):
    return {"x": normal(2, h, w, 3), "weight": normal(kernel, kernel, 3, 4), "bias": normal(4)}


def norm_inputs(*shape, bias=True):
    inputs = {"x": normal(*shape) * 2 + 0.5, "weight": normal(shape[-1])}
    return {**inputs, "bias": normal(shape[-1])} if bias else inputs


def swiglu(x, gate, up, down):
    return (F.silu(x @ gate) * (x @ up)) @ down


cases = {
    "linear": case(
        lambda x, weight, bias: F.linear(x, weight.T, bias),
        {"x": normal(2, 3, 4), "weight": normal(4, 5), "bias": normal(5)},
    ),
    "linear without bias": case(
        lambda x, weight: F.linear(x, weight.T), {"x": normal(3, 4), "weight": normal(4, 2)}
    ),
    "embedding": case(
        lambda x, weight: F.embedding(x, weight),
        {"x": torch.tensor([[0, 3, 3], [6, 1, 0]]), "weight": normal(7, 4)},
    ),
    "rmsNorm": case(
        lambda x, weight: F.rms_norm(x, (6,), weight, 1e-5), norm_inputs(2, 3, 6, bias=False)
    ),
    "layerNorm": case(
        lambda x, weight, bias: F.layer_norm(x, (6,), weight, bias, 1e-5), norm_inputs(2, 3, 6)
    ),
    "groupNorm": case(
        lambda x, weight, bias: channels_last(F.group_norm(channels_first(x), 2, weight, bias, 1e-5)),
        norm_inputs(2, 3, 2, 6),
    ),
    "conv2d, kernel 3, stride 1": case(lambda **i: conv2d_same(**i, stride=1), conv_inputs(4, 5, 3)),
    "conv2d, kernel 3, stride 2": case(lambda **i: conv2d_same(**i, stride=2), conv_inputs(4, 5, 3)),
    "conv2d, kernel 1, stride 1": case(lambda **i: conv2d_same(**i, stride=1), conv_inputs(3, 3, 1)),
    "silu": case(F.silu, {"input": normal(2, 5) * 4}),
    "swiGlu": case(
        swiglu, {"x": normal(2, 3, 4), "gate": normal(4, 6), "up": normal(4, 6), "down": normal(6, 4)}
    ),
}

# get_timestep_embedding makes its frequencies in float32, so its angles are off by up to 1e-4.
timesteps = torch.tensor([0.0, 1.0, 10.5, 250.0, 999.0, 1000.0])
embedding = get_timestep_embedding(timesteps, 16, flip_sin_to_cos=True, downscale_freq_shift=0)
cases["sinusoidalEmbedding"] = {"inputs": {"x": written(timesteps)}, "y": written(embedding)}

OUT.parent.mkdir(exist_ok=True)
OUT.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
print(OUT.name, OUT.stat().st_size)
