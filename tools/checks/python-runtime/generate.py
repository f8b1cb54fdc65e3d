"""Generates an image from a model that `transfusion export --format onnx` wrote: ONNX Runtime, and no code of ours.

    python generate.py <folder> "red apple, noto" noise.f32 image.png [--steps 25] [--guidance 3] [--suffix _fp16]

The noise file holds float32 numbers of the standard normal distribution: those of the start first, then, for samplers
that take noise, those of each step.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image
from tokenizers import Tokenizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("prompt")
    parser.add_argument("noise", type=Path)
    parser.add_argument("image", type=Path)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--guidance", type=float)
    parser.add_argument("--sampler")
    parser.add_argument("--suffix", default="", help="of the graphs' names: '', '_fp16' or '_quantized'")
    args = parser.parse_args()

    config = json.loads((args.folder / "config.json").read_text())
    generation = json.loads((args.folder / "generation_config.json").read_text())
    modality = next(m for m in config["modalities"] if m.get("media_type", "").startswith("image/"))
    shape = modality["shapes"][0]
    graphs = Graphs(args.folder / "onnx", args.suffix)

    steps = args.steps or generation["num_inference_steps"]
    guidance = generation["guidance_scale"] if args.guidance is None else args.guidance
    sampler = next(
        s
        for s in generation["samplers"][modality["name"]]
        if s["num_inference_steps"] == steps and args.sampler in (None, s["name"])
    )

    # The prompt, and what guidance leads away from: nothing. An image begins after its marker.
    start = first_id(config, lambda entry: entry["kind"] == "bos")
    begin = first_id(
        config,
        lambda entry: entry["kind"] == "begin"
        and entry["modality"] == modality["name"]
        and entry["latentShape"] == shape["latent_shape"],
    )
    tokens = Tokenizer.from_file(str(args.folder / "tokenizer.json")).encode(args.prompt, add_special_tokens=False)
    text = next(m for m in config["modalities"] if m["kind"] == "discrete")
    offset = first_id(config, lambda entry: entry["kind"] == "tokens" and entry["modality"] == text["name"])
    prompt = [start, *(offset + token for token in tokens.ids), begin]
    contexts = [Context(config, graphs, ids) for ids in ([prompt, [start, begin]] if guidance != 1 else [prompt])]

    noise = np.fromfile(args.noise, dtype=np.float32)
    size = int(np.prod(shape["latent_shape"]))
    latent = denoise(graphs, shape, contexts, sampler, guidance, noise.reshape(-1, size))
    values = graphs.run(shape["value_decoder"], {"latents": latent.reshape(1, *shape["latent_shape"])})["values"][0]
    pixels = np.clip(np.floor((values + 1) * 127.5 + 0.5), 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(args.image)


class Graphs:
    """The ONNX files of a folder, each loaded when it is first needed."""

    def __init__(self, folder: Path, suffix: str) -> None:
        self.folder = folder
        self.suffix = suffix
        self.sessions: dict[str, onnxruntime.InferenceSession] = {}

    def run(self, name: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        if name not in self.sessions:
            path = str(self.folder / f"{name}{self.suffix}.onnx")
            self.sessions[name] = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        session = self.sessions[name]
        names = [output.name for output in session.get_outputs()]
        return dict(zip(names, session.run(names, inputs)))


class Context:
    """The cached keys and values of what precedes an image."""

    def __init__(self, config: dict, graphs: Graphs, ids: list[int]) -> None:
        length = len(ids)
        layers = range(config["num_hidden_layers"])
        heads, width = config["num_key_value_heads"], config["head_dim"]
        empty = np.zeros((1, heads, 0, width), np.float32)
        embedded = graphs.run("embed_tokens", {"input_ids": np.array([ids], np.int32)})["inputs_embeds"]
        positions = np.arange(length, dtype=np.int32)[None]
        inputs = {
            "inputs_embeds": embedded,
            "position_ids": positions,
            "causal_ids": positions,
            "attention_mask": np.zeros((1, 0), np.int32),
            "logits_to_keep": np.array([length - 1], np.int32),
        }
        for layer in layers:
            inputs[f"past_key_values.{layer}.key"] = inputs[f"past_key_values.{layer}.value"] = empty
        outputs = graphs.run("decoder_model_merged", inputs)
        self.length = length
        self.cache = {
            f"past_key_values.{layer}.{what}": outputs[f"present.{layer}.{what}"]
            for layer in layers
            for what in ("key", "value")
        }


def denoise(
    graphs: Graphs, shape: dict, contexts: list[Context], sampler: dict, guidance: float, noise: np.ndarray
) -> np.ndarray:
    """Runs the sampler: each step is a weighted sum of arrays, whose weights are in the file."""
    clip = sampler.get("clip", np.inf)
    sample = noise[0]
    memory: list[np.ndarray] = []
    for number, step in enumerate(sampler["steps"]):
        predictions = [predict(graphs, shape, context, sample, step["t"]) for context in contexts]
        output = predictions[0]
        if len(predictions) == 2:
            output = predictions[1] + guidance * (predictions[0] - predictions[1])
        original = np.clip(step["original"][0] * sample + step["original"][1] * output, -clip, clip)
        fresh = noise[1 + number] if sampler["stochastic"] else np.zeros_like(sample)
        arrays = [sample, output, original, fresh, *memory]
        memory = [combine(weights, arrays) for weights in step["memory"]]
        sample = combine(step["next"], arrays)
    return sample


def predict(graphs: Graphs, shape: dict, context: Context, sample: np.ndarray, timestep: float) -> np.ndarray:
    inputs = {
        "latents": sample.reshape(1, *shape["latent_shape"]),
        "timesteps": np.array([timestep], np.float32),
        "position_ids": context.length + np.arange(shape["span_length"], dtype=np.int32)[None],
        "attention_mask": np.ones((1, context.length), np.int32),
        **context.cache,
    }
    return graphs.run(shape["denoiser"], inputs)["output"].reshape(-1)


def combine(weights: list[float], arrays: list[np.ndarray]) -> np.ndarray:
    return sum(weight * array.astype(np.float64) for weight, array in zip(weights, arrays)).astype(np.float32)


def first_id(config: dict, matches) -> int:
    """Returns the first token id of the vocabulary's entry that matches."""
    position = 0
    for entry in config["vocabulary"]:
        if matches(entry):
            return position
        position += entry["size"]
    raise SystemExit("config.json: the vocabulary lacks an entry. Export the model again.")


if __name__ == "__main__":
    main()
