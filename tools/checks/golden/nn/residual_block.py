# Reference values for the residual block of packages/nn, from torch 2.15.0, Python 3.11.
#
#   pip install torch==2.15.0
#   python tools/checks/golden/nn/residual_block.py
#   npx prettier --write packages/nn/src/golden/residual-block.json
#
# writes packages/nn/src/golden/residual-block.json. Each case: parameters by their paths in packages/nn
# and in its layout, `x` [N, h, w, C], the `time` embedding where there is one, the output `y`, and the
# gradients of sum(y * outputWeights). Computed in double precision.
import json
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

OUT = Path(__file__).resolve().parents[4] / "packages" / "nn" / "src" / "golden" / "residual-block.json"
torch.set_default_dtype(torch.float64)
torch.manual_seed(0)


class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, in_groups, out_groups, time_dim):
        super().__init__()
        self.norm1 = nn.GroupNorm(in_groups, in_channels)
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.time = nn.Linear(time_dim, out_channels) if time_dim else None
        self.norm2 = nn.GroupNorm(out_groups, out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1)
        self.skip = nn.Conv2d(in_channels, out_channels, 1) if in_channels != out_channels else nn.Identity()

    def forward(self, x, time):
        hidden = self.conv1(F.silu(self.norm1(x)))
        if self.time is not None:
            hidden = hidden + self.time(F.silu(time)).unsqueeze(-1).unsqueeze(-1)
        return self.skip(x) + self.conv2(F.silu(self.norm2(hidden)))


def normal(*shape):
    """Rounded, so that what is written is what was used."""
    return (torch.randn(*shape) * 1e3).round() / 1e3


def in_our_layout(tensor):
    if tensor.dim() == 4:
        return tensor.permute(2, 3, 1, 0)
    return tensor.T if tensor.dim() == 2 else tensor


def written(tensor):
    values = tensor.detach().reshape(-1).tolist()
    return {"shape": list(tensor.shape), "data": [float(f"{v:.7g}") for v in values]}


def case(in_channels, out_channels, in_groups, out_groups, time_dim=None):
    block = ResidualBlock(in_channels, out_channels, in_groups, out_groups, time_dim)
    with torch.no_grad():
        for parameter in block.parameters():
            fan_in = parameter[0].numel() if parameter.dim() > 1 else 1
            parameter.copy_((normal(*parameter.shape) / fan_in**0.5).mul(1e3).round() / 1e3)
    x = normal(2, 3, 4, in_channels).requires_grad_()
    time = normal(2, time_dim).requires_grad_() if time_dim else None
    y = block(x.permute(0, 3, 1, 2), time).permute(0, 2, 3, 1)
    output_weights = normal(*y.shape)
    (y * output_weights).sum().backward()
    inputs = {"x": x} if time is None else {"x": x, "time": time}
    parameters = dict(block.named_parameters())
    return {
        "inChannels": in_channels,
        "outChannels": out_channels,
        **({"timeDim": time_dim} if time_dim else {}),
        "params": {name: written(in_our_layout(p)) for name, p in parameters.items()},
        "inputs": {name: written(t) for name, t in inputs.items()},
        "y": written(y),
        "outputWeights": written(output_weights),
        "gradients": {
            **{f"params.{name}": written(in_our_layout(p.grad)) for name, p in parameters.items()},
            **{f"inputs.{name}": written(t.grad) for name, t in inputs.items()},
        },
    }


# Groups of 8 channels where there are enough: 16 channels make two groups.
cases = [case(4, 4, 1, 1), case(4, 6, 1, 1, time_dim=3), case(16, 8, 2, 1, time_dim=4)]
OUT.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
print(OUT.name, OUT.stat().st_size)
