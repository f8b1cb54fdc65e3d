# Reference values for distances of features in packages/evaluators, from pytorch-fid 0.3.0 (scipy 1.17.1), clean-fid
# 0.1.35 (Pillow 13.0.0), torchmetrics 1.8.2, prdc 0.2, torch 2.15.0, numpy 2.4.6, Python 3.11; and a feature network in ONNX.
#
#   pip install torch==2.15.0 torchvision numpy==2.4.6 scipy==1.17.1 pillow==13.0.0 onnx==1.23.2 pytorch-fid==0.3.0 \
#     clean-fid==0.1.35 torchmetrics==1.8.2 prdc==0.2
#   python tools/checks/golden/evaluators/distances.py
#   npx prettier --write packages/evaluators/src/golden
#
# writes packages/evaluators/src/golden: distances.json, resizing.json, feature-network.onnx, feature-network.json
import base64
import io
import json
from pathlib import Path

import numpy as np
import torch
from cleanfid.resize import make_resizer
from PIL import Image
from prdc import compute_prdc
from pytorch_fid.fid_score import calculate_frechet_distance
from torchmetrics.image.kid import poly_mmd

OUT = Path(__file__).resolve().parents[4] / "packages" / "evaluators" / "src" / "golden"


def write(name, value):
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / f"{name}.json").write_text(json.dumps(value) + "\n")


def made(seed, count, length, scale):
    """Vectors that the test makes too: neighboring elements depend on each other, negative ones are cut."""
    state, vectors = seed, []
    for _ in range(count):
        value, vector = 0.0, []
        for _ in range(length):
            state = (state * 1664525 + 1013904223) % 2**32
            value = 0.7 * value + scale * (state / 2**32 - 0.5)
            vector.append(max(0.0, value))
        vectors.append(vector)
    return np.array(vectors)


def kernel_distance(x, y):
    """torchmetrics for sets of one size; its formula divides by the first size alone."""
    if len(x) == len(y):
        return float(poly_mmd(torch.from_numpy(x), torch.from_numpy(y)))
    xx, yy, xy = [(a @ b.T / x.shape[1] + 1) ** 3 for a, b in ((x, x), (y, y), (x, y))]
    within = [(k.sum() - np.trace(k)) / (len(k) * (len(k) - 1)) for k in (xx, yy)]
    return float(sum(within) - 2 * xy.mean())


def distances_case(name, length, a, b):
    (seed_a, count_a, scale_a), (seed_b, count_b, scale_b) = a, b
    x, y = made(seed_a, count_a, length, scale_a), made(seed_b, count_b, length, scale_b)
    statistics = [part for z in (x, y) for part in (z.mean(0), np.cov(z, rowvar=False))]
    shares = compute_prdc(real_features=x, fake_features=y, nearest_k=3)
    return {
        "name": name,
        "length": length,
        "a": dict(zip(("seed", "count", "scale"), a)),
        "b": dict(zip(("seed", "count", "scale"), b)),
        "frechetDistance": float(calculate_frechet_distance(*statistics)),
        "kernelDistance": kernel_distance(x, y),
        "precision": float(shares["precision"]),
        "recall": float(shares["recall"]),
    }


def archive(save, dtype):
    mean, covariance = np.array([1.5, -2, 0.25]), np.array([[2, 0.5, 0], [0.5, 1, -0.125], [0, -0.125, 4]])
    buffer = io.BytesIO()
    save(buffer, mu=mean.astype(dtype), sigma=covariance.astype(dtype))
    return base64.b64encode(buffer.getvalue()).decode()


write(
    "distances",
    {
        "cases": [
            distances_case("more vectors than features", 64, (1, 300, 1), (2, 250, 1.3)),
            distances_case("fewer vectors than features", 96, (3, 40, 1), (4, 50, 1.3)),
            distances_case("fewer vectors than features in one set", 70, (5, 300, 1), (6, 30, 0.8)),
            distances_case("one distribution", 30, (7, 200, 1), (8, 200, 1)),
        ],
        "archives": {
            "stored, float64": archive(np.savez, np.float64),
            "compressed, float32": archive(np.savez_compressed, np.float32),
            "integers": archive(np.savez, np.int64),
        },
    },
)

rng = np.random.default_rng(0)


def image(width, height):
    y, x = np.mgrid[0:height, 0:width]
    waves = np.stack([np.sin(x / (2 + c)) + np.cos(y / (3 + c)) for c in range(3)], axis=-1)
    return np.clip(127 + 70 * waves + rng.normal(0, 30, waves.shape), 0, 255).astype(np.uint8)


def written(image):
    height, width, _ = image.shape
    return {"width": width, "height": height, "base64": base64.b64encode(image.tobytes()).decode()}


def resize_case(source, width, height):
    clean = make_resizer("PIL", False, "bicubic", (width, height))(source)
    pixels = torch.from_numpy(source.transpose(2, 0, 1)).float()[None]
    bilinear = torch.nn.functional.interpolate(
        pixels, size=(height, width), mode="bilinear", align_corners=False
    )[0].permute(1, 2, 0)
    rounded = np.asarray(Image.fromarray(source).resize((width, height), Image.BICUBIC))
    return {
        "image": written(source),
        "width": width,
        "height": height,
        "clean-bicubic": [float(f"{v:.7g}") for v in clean.ravel().tolist()],
        "bilinear": [float(f"{v:.7g}") for v in bilinear.ravel().tolist()],
        "rounded-bicubic": rounded.ravel().tolist(),
    }


write(
    "resizing",
    [
        resize_case(image(24, 20), 9, 7),
        resize_case(image(7, 5), 12, 13),
        resize_case(image(10, 8), 10, 4),
        resize_case(image(1, 3), 4, 4),
    ],
)


class FeatureNetwork(torch.nn.Module):
    """One pooled output, one with the map's axes, and one with NaN."""

    def __init__(self):
        super().__init__()
        self.convolution = torch.nn.Conv2d(3, 6, 4, stride=4)

    def forward(self, images):
        maps = self.convolution(images)
        features = maps.mean((2, 3))
        return features, maps, torch.log(-features.abs() - 1)


torch.manual_seed(0)
network = FeatureNetwork().eval()
source = image(21, 26)
resized = make_resizer("PIL", False, "bicubic", (16, 16))(source)
pixels = (torch.from_numpy(resized).permute(2, 0, 1)[None] / 255 - 0.5) / 0.5
torch.onnx.export(
    network,
    (pixels,),
    OUT / "feature-network.onnx",
    input_names=["images"],
    output_names=["features", "maps", "logs"],
    dynamic_axes={name: {0: "batch"} for name in ("images", "features", "maps", "logs")},
    opset_version=17,
    dynamo=False,
)
with torch.no_grad():
    features = network(pixels)[0][0]
write("feature-network", {"image": written(source), "features": features.tolist()})
