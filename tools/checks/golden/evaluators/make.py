# Reference values for packages/evaluators, from scikit-image 0.26.0, scipy 1.17.1 and numpy 2.4.6, Python 3.11.
#
#   pip install scikit-image==0.26.0 scipy==1.17.1 numpy==2.4.6
#   python tools/checks/golden/evaluators/make.py
#   npx prettier --write packages/evaluators/src/golden
#
# writes packages/evaluators/src/golden/{images,features}.json: images with their PSNR and SSIM, feature
# vectors with their covariance and Fréchet distance.
import base64
import json
from pathlib import Path

import numpy as np
from scipy.linalg import eigvals, sqrtm
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

OUT = Path(__file__).resolve().parents[4] / "packages" / "evaluators" / "src" / "golden"
rng = np.random.default_rng(0)


def write(name, value):
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / f"{name}.json").write_text(json.dumps(value, ensure_ascii=False) + "\n")


def image(height, width):
    """Waves of several lengths, so that there is structure at the window's size."""
    y, x = np.mgrid[0:height, 0:width]
    channels = [np.sin(x / (2 + c) + c) + np.cos(y / (3 + c)) + np.sin((x + y) / 9) for c in range(3)]
    return np.clip(127 + 42 * np.stack(channels, axis=-1), 0, 255).astype(np.uint8)


def noisy(image, deviation):
    return np.clip(image + rng.normal(0, deviation, image.shape), 0, 255).astype(np.uint8)


def written(image):
    height, width, _ = image.shape
    return {"width": width, "height": height, "base64": base64.b64encode(image.tobytes()).decode()}


def image_case(name, a, b):
    similarity = structural_similarity(
        a,
        b,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        data_range=255,
        channel_axis=2,
    )
    return {
        "name": name,
        "a": written(a),
        "b": written(b),
        "peakSignalToNoise": peak_signal_noise_ratio(a, b, data_range=255),
        "structuralSimilarity": similarity,
    }


waves = image(24, 31)
write(
    "images",
    [
        image_case("a little noise", waves, noisy(waves, 4)),
        image_case("much noise", waves, noisy(waves, 60)),
        image_case("the smallest size", waves[:11, :11], noisy(waves[:11, :11], 20)),
        image_case("a negative", waves, 255 - waves),
        image_case("another image", waves, rng.integers(0, 256, waves.shape, dtype=np.uint8)),
        image_case("black and white", np.zeros((12, 14, 3), np.uint8), np.full((12, 14, 3), 255, np.uint8)),
    ],
)


def vectors(count, mixing, offset):
    values = rng.normal(size=(count, mixing.shape[0])) @ mixing + offset
    return values.astype(np.float32).astype(np.float64).round(4)


def features_case(name, a, b):
    """scipy's sqrtm where it is exact; roots of eigenvalues where a covariance is singular."""
    means, covariances = zip(*[(x.mean(0), np.cov(x, rowvar=False)) for x in (a, b)])
    product = covariances[0] @ covariances[1]
    singular = min(len(a), len(b)) <= a.shape[1]
    trace = (
        np.sqrt(np.maximum(eigvals(product).real, 0)).sum()
        if singular
        else np.trace(sqrtm(product).real)
    )
    distance = ((means[0] - means[1]) ** 2).sum() + sum(np.trace(c) for c in covariances) - 2 * trace
    return {
        "name": name,
        "a": a.tolist(),
        "b": b.tolist(),
        "mean": means[0].tolist(),
        "covariance": covariances[0].ravel().tolist(),
        "frechetDistance": float(distance),
    }


D = 12
near = rng.normal(size=(D, D)) / 3
far = rng.normal(size=(D, D))
write(
    "features",
    [
        features_case("sets of one distribution", vectors(40, near, 1), vectors(40, near, 1)),
        features_case("sets of two distributions", vectors(30, near, 0), vectors(50, far, 2)),
        features_case("a mean far from zero", vectors(30, near, 1000), vectors(30, near, 1000.5)),
        features_case("fewer vectors than features", vectors(6, near, 0), vectors(9, far, 1)),
    ],
)
