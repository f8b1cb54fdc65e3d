# A small object detector as Hugging Face Optimum exports it, and what it finds in images, for packages/evaluators.
# From transformers 4.57.6 on torch 2.15.0, optimum 2.1.0 with optimum-onnx 0.1.0, onnx 1.23.2, pillow 13.0.0, Python 3.11.
#
#   pip install torch==2.15.0 optimum==2.1.0 optimum-onnx==0.1.0 transformers==4.57.6 onnx pillow
#   python tools/checks/golden/evaluators/detector.py
#   npx prettier --write packages/evaluators/src/golden
#
# writes packages/evaluators/src/golden/detector: model.onnx, config.json and preprocessor_config.json of a YOLOS with
# random weights, with-mask.onnx, and objects.json, with images, and the scores, labels and boxes of all queries; resized.json, with an image
# that Pillow has resized.
import base64
import json
import shutil
import tempfile
from pathlib import Path

import onnx
import torch
from onnx import TensorProto, helper
from optimum.exporters.onnx import main_export
from PIL import Image
from transformers import YolosConfig, YolosForObjectDetection, YolosImageProcessor

OUT = Path(__file__).resolve().parents[4] / "packages" / "evaluators" / "src" / "golden" / "detector"
SIZES = [(32, 48), (50, 70), (96, 41), (20, 20)]

torch.manual_seed(0)
labels = ["cup", "dog", "N/A", "kite"]
config = YolosConfig(
    hidden_size=16,
    num_hidden_layers=1,
    num_attention_heads=2,
    intermediate_size=16,
    image_size=[32, 48],
    patch_size=16,
    num_detection_tokens=5,
    use_mid_position_embeddings=False,
    initializer_range=0.5,
    id2label=dict(enumerate(labels)),
    label2id={label: i for i, label in enumerate(labels)},
)
model = YolosForObjectDetection(config).eval()
# Zeros at first, which would make all queries equal.
for parameter in [model.vit.embeddings.detection_tokens, model.vit.embeddings.position_embeddings]:
    torch.nn.init.normal_(parameter)
processor = YolosImageProcessor(size={"shortest_edge": 32, "longest_edge": 64})

with tempfile.TemporaryDirectory() as folder:
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    exported = Path(folder) / "onnx"
    main_export(folder, exported, task="object-detection", opset=17, do_validation=False)
    OUT.mkdir(parents=True, exist_ok=True)
    for name in ["model.onnx", "config.json", "preprocessor_config.json"]:
        shutil.copy(exported / name, OUT / name)


def found(width, height):
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    waves = [torch.sin(x / (3 + c) + c) + torch.cos(y / (2 + c)) for c in range(3)]
    pixels = (127 + 63 * torch.stack(waves, -1)).round().clamp(0, 255).to(torch.uint8)
    inputs = processor(Image.fromarray(pixels.numpy()), return_tensors="pt")
    with torch.no_grad():
        output = model(pixel_values=inputs["pixel_values"])
    (result,) = processor.post_process_object_detection(output, 0.0, target_sizes=[(height, width)])
    return {
        "width": width,
        "height": height,
        "base64": base64.b64encode(pixels.numpy().tobytes()).decode(),
        "inputShape": list(inputs["pixel_values"].shape),
        "labels": [labels[i] for i in result["labels"]],
        "scores": result["scores"].tolist(),
        "boxes": result["boxes"].tolist(),
    }


(OUT / "objects.json").write_text(json.dumps([found(*size) for size in SIZES]) + "\n")

# A detector with a mask of the valid pixels, of fixed size, as some exports have it: its logits and boxes are those of
# one certain kite (of four classes and none), times the mean of the mask.
mask = helper.make_tensor_value_info("pixel_mask", TensorProto.INT64, ["batch", 7, 5])
pixels = helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, ["batch", 3, 10, 20])
outputs = {"logits": [0, 0, 0, 9, 0], "pred_boxes": [0.5, 0.5, 0.2, 0.4]}
nodes = [
    helper.make_node("Cast", ["pixel_mask"], ["valid"], to=TensorProto.FLOAT),
    helper.make_node("ReduceMean", ["valid"], ["mean"], axes=[1, 2], keepdims=1),
    *[helper.make_node("Mul", ["mean", f"{name} of a kite"], [name]) for name in outputs],
]
graph = helper.make_graph(
    nodes,
    "masked",
    [pixels, mask],
    [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["batch", 1, len(v)]) for n, v in outputs.items()],
    [helper.make_tensor(f"{n} of a kite", TensorProto.FLOAT, [1, 1, len(v)], v) for n, v in outputs.items()],
)
masked = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.save(masked, OUT / "with-mask.onnx")

# Images resized by Pillow alone, for the resampling.
waves = Image.frombytes("RGB", (48, 32), base64.b64decode(found(48, 32)["base64"]))
resized = [
    {"width": w, "height": h, "filter": name, "base64": base64.b64encode(waves.resize((w, h), f).tobytes()).decode()}
    for name, f in [("bilinear", Image.Resampling.BILINEAR), ("bicubic", Image.Resampling.BICUBIC)]
    for w, h in [(20, 9), (48, 11), (61, 40), (7, 32)]
]
(OUT.parent / "resized.json").write_text(
    json.dumps({"image": base64.b64encode(waves.tobytes()).decode(), "resized": resized}) + "\n"
)
