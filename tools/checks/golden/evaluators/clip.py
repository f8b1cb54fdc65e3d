# A tiny CLIP for packages/evaluators, and its scores: from transformers 4.57.6 on torch 2.15.0, onnx 1.23.2, Pillow 13.0.0,
# Python 3.11. Weights are random.
#
#   pip install torch==2.15.0 transformers==4.57.6 onnx==1.23.2 pillow==13.0.0
#   python tools/checks/golden/evaluators/clip.py
#   npx prettier --write packages/evaluators/src/golden
#
# writes packages/evaluators/src/golden: clip/onnx/vision_model.onnx and text_model.onnx, clip/*.json, clip-joint/model.onnx
# (both networks), clip-scores.json
import base64
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from transformers import (
    CLIPConfig,
    CLIPImageProcessor,
    CLIPModel,
    CLIPTokenizerFast,
)
from transformers.models.gpt2.tokenization_gpt2 import bytes_to_unicode

OUT = Path(__file__).resolve().parents[4] / "packages" / "evaluators" / "src" / "golden"
FOLDER = OUT / "clip"
SIDE, MAX_TOKENS = 16, 12
MERGES = "h e,h e</w>,t he</w>,a r,he ar,hear t</w>,r e,re d</w>,s t,a r</w>,st ar</w>".split(",")
CAPTIONS = [
    "a red heart",
    "The STAR!",
    "don't   stop",
    "ein Stern ☆",
    "a red heart and a red star and the heart",
]

shutil.rmtree(FOLDER, ignore_errors=True)
(FOLDER / "onnx").mkdir(parents=True)
(OUT / "clip-joint").mkdir(exist_ok=True)

letters = list(bytes_to_unicode().values())
tokens = letters + [letter + "</w>" for letter in letters] + [merge.replace(" ", "") for merge in MERGES]
tokens += ["<|startoftext|>", "<|endoftext|>"]
with tempfile.TemporaryDirectory() as folder:
    files = Path(folder)
    (files / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}))
    (files / "merges.txt").write_text("\n".join(["#version: 0.2", *MERGES]) + "\n")
    tokenizer = CLIPTokenizerFast(
        str(files / "vocab.json"), str(files / "merges.txt"), model_max_length=MAX_TOKENS
    )
    tokenizer.save_pretrained(files / "saved")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(files / "saved" / name, FOLDER / name)
processor = CLIPImageProcessor(size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE})
processor.save_pretrained(FOLDER)

torch.manual_seed(2)
last = len(tokens) - 1
small = {"hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
config = CLIPConfig(
    text_config={
        **small,
        "vocab_size": len(tokens),
        "max_position_embeddings": MAX_TOKENS,
        "bos_token_id": last - 1,
        "eos_token_id": last,
    },
    vision_config={**small, "image_size": SIDE, "patch_size": 4},
    projection_dim=8,
    initializer_factor=20.0,
    attn_implementation="eager",
)
model = CLIPModel(config).eval()


class Part(torch.nn.Module):
    def __init__(self, run):
        super().__init__()
        self.model = model
        self.run = run

    def forward(self, *inputs):
        return self.run(*inputs)


def export(path, run, inputs, outputs):
    names = list(inputs)
    axes = {name: {0: "batch"} for name in outputs}
    for name in names:
        axes[name] = {0: "batch"} if name == "pixel_values" else {0: "batch", 1: "sequence"}
    torch.onnx.export(
        Part(run),
        tuple(inputs.values()),
        path,
        input_names=names,
        output_names=outputs,
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )


pixels = torch.zeros(1, 3, SIDE, SIDE)
ids = torch.tensor([[last - 1, 3, 5, last]])
mask = torch.ones_like(ids)
export(
    FOLDER / "onnx" / "vision_model.onnx",
    lambda pixel_values: model.get_image_features(pixel_values=pixel_values),
    {"pixel_values": pixels},
    ["image_embeds"],
)
export(
    FOLDER / "onnx" / "text_model.onnx",
    lambda input_ids: model.get_text_features(input_ids=input_ids),
    {"input_ids": ids},
    ["text_embeds"],
)


def joint(input_ids, pixel_values, attention_mask):
    result = model(input_ids=input_ids, pixel_values=pixel_values, attention_mask=attention_mask)
    return result.text_embeds, result.image_embeds


export(
    OUT / "clip-joint" / "model.onnx",
    joint,
    {"input_ids": ids, "pixel_values": pixels, "attention_mask": mask},
    ["text_embeds", "image_embeds"],
)

rng = np.random.default_rng(0)
cases = []
for caption, (width, height) in zip(CAPTIONS, [(20, 16), (33, 50), (16, 16), (9, 7), (40, 24)]):
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    inputs = tokenizer([caption], return_tensors="pt", truncation=True)
    pixel_values = processor(Image.fromarray(image), return_tensors="pt")["pixel_values"]
    with torch.no_grad():
        result = model(**inputs, pixel_values=pixel_values)
    cases.append(
        {
            "caption": caption,
            "ids": inputs["input_ids"][0].tolist(),
            "image": {"width": width, "height": height, "base64": base64.b64encode(image.tobytes()).decode()},
            "similarity": float((result.image_embeds * result.text_embeds).sum()),
        }
    )
    print(caption, cases[-1]["ids"], cases[-1]["similarity"])
(OUT / "clip-scores.json").write_text(json.dumps(cases, ensure_ascii=False) + "\n")
