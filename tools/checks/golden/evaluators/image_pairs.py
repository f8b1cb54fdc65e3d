# Reference values for pairs of images, from pytorch-msssim 1.0.0 (multi-scale SSIM) on torch 2.15.0, Python 3.11. LPIPS
# (Zhang et al. 2018, equation 1, as in the package lpips 0.1.4, without a network) is stated here, on made features.
#
#   pip install torch==2.15.0 pytorch-msssim==1.0.0
#   python tools/checks/golden/evaluators/image_pairs.py
#   npx prettier --write packages/evaluators/src/golden
#
# writes packages/evaluators/src/golden/image-pairs.json. Images are integer functions of the index of a byte, so that
# the test can make them itself; sides are even at all scales but the last, since peers differ in odd ones; features are numbers of two digits.
import json
from pathlib import Path

import torch
from pytorch_msssim import ms_ssim

OUT = Path(__file__).resolve().parents[4] / "packages" / "evaluators" / "src" / "golden"
EXPONENTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]


def image(width, height, noise):
    """The same as `madeImage` of the test: bands, blocks, and noise of up to ± noise."""
    i = torch.arange(width * height * 3)
    x, y, c = (i // 3) % width, i // (3 * width), i % 3
    base = 40 + (x * 3 + y * 2 + c * 30) % 90 + ((x // 16 + y // 16) % 2) * 70
    jitter = (i * i % 1009 * 31 + i * 7) % (2 * noise + 1) - noise
    return (base + jitter).clamp(0, 255).reshape(height, width, 3)


def similarity(width, height, noises, num_scales):
    a, b = (image(width, height, noise).permute(2, 0, 1)[None].double() for noise in noises)
    scale = sum(EXPONENTS) / sum(EXPONENTS[:num_scales])
    value = ms_ssim(a, b, data_range=255, weights=[e * scale for e in EXPONENTS[:num_scales]])
    return {"width": width, "height": height, "noises": noises, "numScales": num_scales, "value": value.item()}


def lpips_case(shapes, weighted):
    torch.manual_seed(len(shapes))
    maps = [[(torch.randn(*s) * 100).round() / 100 for s in shapes] for _ in range(2)]
    weights = [(torch.rand(s[-1]) * 100).round() / 100 for s in shapes]
    total = 0.0
    for a, b, w in zip(*maps, weights):
        a, b = (m.double() / (m.double().norm(dim=-1, keepdim=True) + 1e-10) for m in (a, b))
        total += ((a - b) ** 2 * (w.double() if weighted else 1)).sum(-1).mean().item()
    flat = [[[round(v, 2) for v in m.flatten().tolist()] for m in side] for side in maps]
    return {
        "shapes": shapes,
        "a": flat[0],
        "b": flat[1],
        "weights": [[round(v, 2) for v in w.tolist()] for w in weights] if weighted else None,
        "value": total,
    }


golden = {
    "multiScale": [
        similarity(176, 192, [0, 30], 5),
        similarity(192, 176, [5, 120], 5),
        similarity(176, 192, [10, 60], 4),
        similarity(176, 176, [0, 127], 3),
        similarity(165, 170, [3, 9], 1),
    ],
    "perceptual": [lpips_case([(3, 4, 5)], False), lpips_case([(4, 4, 3), (2, 2, 6)], True)],
}
(OUT / "image-pairs.json").write_text(json.dumps(golden) + "\n")
