# A small VAE as Hugging Face Optimum exports it, and what it makes of an image, for packages/modality-image.
# From diffusers 0.35.2 on torch 2.15.0, optimum 2.1.0 with optimum-onnx 0.1.0, transformers 4.57.6, onnx
# 1.23.2, Python 3.11.
#
#   pip install torch==2.15.0 diffusers==0.35.2 optimum==2.1.0 optimum-onnx==0.1.0 transformers==4.57.6 onnx
#   python tools/checks/golden/onnx-autoencoder/make.py
#   npx prettier --write packages/modality-image/src/onnx/golden
#
# writes packages/modality-image/src/onnx/golden: vae_encoder/ and vae_decoder/ with model.onnx and
# config.json, and image.json. Weights are random: AutoencoderKL of Stable Diffusion's make, two levels.
import base64
import copy
import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from optimum.exporters.onnx import export
from optimum.exporters.onnx.model_configs import VaeDecoderOnnxConfig, VaeEncoderOnnxConfig

OUT = Path(__file__).resolve().parents[4] / "packages" / "modality-image" / "src" / "onnx" / "golden"
HEIGHT, WIDTH = 16, 24

torch.manual_seed(0)
vae = AutoencoderKL(
    block_out_channels=(4, 8),
    down_block_types=("DownEncoderBlock2D",) * 2,
    up_block_types=("UpDecoderBlock2D",) * 2,
    layers_per_block=1,
    norm_num_groups=2,
    latent_channels=4,
    sample_size=16,
    scaling_factor=0.3611,
    shift_factor=0.1159,
).eval()


def save(name, model, config):
    """As `optimum.exporters.utils` prepares a pipeline's VAE, without the rest of the pipeline."""
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    export(model, config(model.config, task="semantic-segmentation"), folder / "model.onnx", opset=17)
    model.save_config(folder)


encoder = copy.deepcopy(vae)
encoder.forward = lambda sample: {"latent_parameters": encoder.encode(x=sample)["latent_dist"].parameters}
save("vae_encoder", encoder, VaeEncoderOnnxConfig)
decoder = copy.deepcopy(vae)
decoder.forward = lambda latent_sample: decoder.decode(z=latent_sample)
save("vae_decoder", decoder, VaeDecoderOnnxConfig)

image = torch.randint(0, 256, (HEIGHT, WIDTH, 3), dtype=torch.uint8)
with torch.no_grad():
    pixels = (image.permute(2, 0, 1)[None].float() / 127.5) - 1
    mean = vae.encode(pixels).latent_dist.mean
    latent = (mean - vae.config.shift_factor) * vae.config.scaling_factor
    decoded = vae.decode(mean).sample
rebuilt = ((decoded[0].permute(1, 2, 0) + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def bytes_of(image):
    return base64.b64encode(image.numpy().tobytes()).decode()


golden = {
    "width": WIDTH,
    "height": HEIGHT,
    "image": bytes_of(image),
    "latentShape": [HEIGHT // 2, WIDTH // 2, 4],
    "latent": [float(f"{value:.7g}") for value in latent[0].permute(1, 2, 0).flatten().tolist()],
    "rebuilt": bytes_of(rebuilt),
}
(OUT / "image.json").write_text(json.dumps(golden) + "\n")
print("latents", latent.mean(), latent.std(), "pixels", decoded.mean(), decoded.std())
