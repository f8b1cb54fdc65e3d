# Reference values for packages/losses, from torch 2.15.0, Python 3.11.
#
#   pip install torch==2.15.0
#   python tools/checks/golden/losses/make.py
#
# writes packages/losses/src/golden/losses.json: inputs, losses as means, and the gradients of the means.
# Computed in double precision.
import json
from pathlib import Path

import torch
import torch.nn.functional as F

OUT = Path(__file__).resolve().parents[4] / "packages" / "losses" / "src" / "golden" / "losses.json"
torch.set_default_dtype(torch.float64)
generator = torch.Generator().manual_seed(0)


def normal(*shape):
    """Rounded, so that what is written is what was used."""
    return (torch.randn(*shape, generator=generator) * 1e3).round() / 1e3


def written(tensor):
    values = tensor.detach().reshape(-1).tolist()
    return {"shape": list(tensor.shape), "data": [float(f"{value:.9g}") for value in values]}


def cross_entropy():
    logits = (normal(6, 7) * 3).requires_grad_()
    targets = torch.tensor([2, -100, 0, 6, -100, 2])
    loss = F.cross_entropy(logits, targets, ignore_index=-100)
    loss.backward()
    return {
        "logits": written(logits),
        "targets": targets.tolist(),
        "loss": loss.item(),
        "gradient": written(logits.grad),
    }


def diffusion():
    prediction = normal(3, 2, 2, 2).requires_grad_()
    target = normal(3, 2, 2, 2)
    loss = F.mse_loss(prediction, target)
    loss.backward()
    return {
        "prediction": written(prediction),
        "target": written(target),
        "loss": loss.item(),
        "gradient": written(prediction.grad),
    }


OUT.parent.mkdir(exist_ok=True)
OUT.write_text(json.dumps({"crossEntropy": cross_entropy(), "diffusion": diffusion()}) + "\n")
