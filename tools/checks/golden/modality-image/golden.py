# How the values are drawn and written, in the layout of packages/modality-image.
import base64
import json
from pathlib import Path

import torch
import torch.nn as nn

OUT = Path(__file__).resolve().parents[4] / "packages" / "modality-image" / "src" / "golden"
torch.set_default_dtype(torch.float64)

# Weights are multiples of this, from -127 to 127 times: a byte each, and exact in float32.
STEP = 1 / 64


def normal(*shape):
    """Rounded, so that what is written is what was used."""
    return (torch.randn(*shape) * 1e3).round() / 1e3


def channels_first(x):
    return x.permute(0, 3, 1, 2)


def channels_last(x):
    return x.permute(0, 2, 3, 1)


@torch.no_grad()
def draw_weights(module):
    """Weights under which every part has its effect: nothing starts at zero."""
    for layer in module.modules():
        is_norm = isinstance(layer, nn.GroupNorm)
        for name, parameter in layer.named_parameters(recurse=False):
            if name == "bias":
                values = torch.randn_like(parameter) * 0.1
            elif is_norm:
                values = torch.randn_like(parameter) * 0.2 + 1
            else:
                values = torch.randn_like(parameter) / parameter[0].numel() ** 0.5
            parameter.copy_((values / STEP).round().clamp(-127, 127) * STEP)
    return module


def in_our_layout(tensor):
    """[out, in, h, w] -> [h, w, in, out]; [out, in] -> [in, out]."""
    if tensor.dim() == 4:
        return tensor.permute(2, 3, 1, 0)
    return tensor.T if tensor.dim() == 2 else tensor


def our_path(name, renamed):
    """`renamed`: our path of each of the module's paths that is not the same."""
    for theirs, ours in renamed.items():
        name = name.replace(theirs, ours)
    return name


def written(tensor):
    values = [float(f"{value:.7g}") for value in tensor.detach().reshape(-1).tolist()]
    return {"shape": list(tensor.shape), "data": values}


def written_weights(module, renamed):
    """Signed bytes in base64, in units of STEP."""
    weights = {}
    for name, parameter in module.named_parameters():
        values = in_our_layout(parameter.detach())
        units = (values / STEP).to(torch.int8)
        assert torch.equal(units * STEP, values)
        data = base64.b64encode(units.contiguous().numpy().tobytes()).decode()
        weights[our_path(name, renamed)] = {"shape": list(values.shape), "data": data}
    return weights


def written_gradients(module, renamed, paths):
    gradients = {our_path(n, renamed): in_our_layout(p.grad) for n, p in module.named_parameters()}
    return {path: written(gradients[path]) for path in paths}


def write(name, cases):
    OUT.mkdir(parents=True, exist_ok=True)
    path = OUT / f"{name}.json"
    path.write_text(json.dumps({"weightStep": STEP, "cases": cases}, separators=(",", ":")) + "\n")
    print(path.name, path.stat().st_size)
