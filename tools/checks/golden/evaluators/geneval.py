# Reference values for GenEval, numpy 2.4.6, Python 3.11. GenEval has no package, so this states its rules anew, as of
# evaluation/evaluate_images.py and summary_scores.py of github.com/djghosh13/geneval (2023, with the defaults of the
# paper): an object counts above a confidence of 0.3 (0.9 for the tag `counting`), at most 16 of a class, the most
# confident ones first, without suppression of overlaps; color and position are those of the first `count` objects, and a
# position needs both groups to have matched; offsets are shortened by 0.1 times the sum of the sides, and a relation
# holds from half of the distance on.
#
#   pip install numpy==2.4.6
#   python tools/checks/golden/evaluators/geneval.py
#   npx prettier --write packages/evaluators/src/golden
#
# writes packages/evaluators/src/golden/geneval.json: prompts with made detections and their verdicts, then the mean of
# each tag, and the mean of these. Prompts are made here, in the format of evaluation_metadata.jsonl.
import json
from pathlib import Path

import numpy as np

OUT = Path(__file__).resolve().parents[4] / "packages" / "evaluators" / "src" / "golden"
rng = np.random.default_rng(3)

CLASSES = ["cup", "dog", "kite", "sofa"]
COLORS = ["red", "green", "blue"]
RELATIONS = ["left of", "right of", "above", "below"]
NUMBERS = ["zero", "one", "two", "three", "four"]
NUM_IMAGES = 4


def relations(first, second):
    low_a, high_a, low_b, high_b = (np.array(v) for v in (first[:2], first[2:], second[:2], second[2:]))
    offset = (low_a + high_a) / 2 - (low_b + high_b) / 2
    margin = 0.1 * ((high_a - low_a) + (high_b - low_b))
    rest = np.sign(offset) * np.clip(np.abs(offset) - margin, 0, None)
    if (np.abs(rest) < 1e-3).all():
        return []
    x, y = rest / np.linalg.norm(offset)
    tests = {"left of": x < -0.5, "right of": x > 0.5, "above": y < -0.5, "below": y > 0.5}
    return [name for name, holds in tests.items() if holds]


def kept(detections, tag):
    limit = 0.9 if tag == "counting" else 0.3
    confident = sorted((d for d in detections if d["score"] > limit), key=lambda d: -d["score"])
    return {name: [d for d in confident if d["class"] == name][:16] for name in CLASSES}


def is_correct(metadata, detections):
    objects = kept(detections, metadata["tag"])
    groups, verdicts = [], []
    for clause in metadata["include"]:
        group = objects[clause["class"]][: clause["count"]]
        fits = len(group) == clause["count"]
        if fits and "color" in clause:
            fits = sum(d["color"] == clause["color"] for d in group) == clause["count"]
        if fits and "position" in clause:
            relation, target = clause["position"]
            others = groups[target]
            fits = others is not None and all(
                relation in relations(a["box"], b["box"]) for a in group for b in others
            )
        groups.append(group if fits else None)
        verdicts.append(fits)
    too_many = [len(objects[c["class"]]) >= c["count"] for c in metadata.get("exclude", [])]
    return all(verdicts) and not any(too_many)


def pick(values, count=1):
    return [values[i] for i in rng.permutation(len(values))[:count]]


def prompt_of(tag):
    """A line in the format of the metadata."""
    (a, b), (c, d) = pick(CLASSES, 2), pick(COLORS, 2)
    one = {"class": a, "count": 1}
    if tag == "single_object":
        return {"tag": tag, "include": [one], "prompt": f"a photo of a {a}"}
    if tag == "two_object":
        return {"tag": tag, "include": [one, {"class": b, "count": 1}], "prompt": f"a photo of a {a} and a {b}"}
    if tag == "counting":
        n = int(rng.integers(2, 5))
        include, exclude = [{"class": a, "count": n}], [{"class": a, "count": n + 1}]
        return {"tag": tag, "include": include, "exclude": exclude, "prompt": f"a photo of {NUMBERS[n]} {a}s"}
    if tag == "colors":
        return {"tag": tag, "include": [{**one, "color": c}], "prompt": f"a photo of a {c} {a}"}
    if tag == "position":
        (relation,) = pick(RELATIONS)
        include = [one, {"class": b, "count": 1, "position": [relation, 0]}]
        return {"tag": tag, "include": include, "prompt": f"a photo of a {b} {relation} a {a}"}
    include = [{**one, "color": c}, {"class": b, "count": 1, "color": d}]
    return {"tag": tag, "include": include, "prompt": f"a photo of a {c} {a} and a {d} {b}"}


def detection(name, color, place=None):
    """Mostly confident; boxes are anywhere, or at a place relative to the center."""
    size = rng.integers(40, 160, 2)
    center = rng.integers(90, 420, 2)
    if place is not None:
        center = np.array([256, 256]) + place + rng.integers(-30, 31, 2)
    low = center - size // 2
    score = rng.uniform(0.91, 1) if rng.random() < 0.85 else rng.uniform(0.05, 0.9)
    box = [int(v) for v in (*low, *(low + size))]
    return {"class": name, "score": round(float(score), 5), "box": box, "color": color}


PLACES = {"left of": (-130, 0), "right of": (130, 0), "above": (0, -130), "below": (0, 130)}


def image_of(metadata):
    """An attempt at the prompt, with mistakes in number, color and place, and some other object."""
    detections = []
    for clause in metadata["include"]:
        count = clause["count"] + int(rng.choice([0, 0, 0, 0, 1, -1]))
        relation = clause.get("position", [None])[0]
        place = None
        if metadata["tag"] == "position":
            place = np.array(PLACES[relation] if relation and rng.random() < 0.8 else (0, 0))
        for _ in range(count):
            color = clause.get("color", pick(COLORS)[0])
            detections.append(detection(clause["class"], color if rng.random() < 0.8 else pick(COLORS)[0], place))
    if rng.random() < 0.4:
        detections.append(detection(*pick(CLASSES), *pick(COLORS)))
    order = rng.permutation(len(detections))
    return [detections[i] for i in order]


TAGS = ["single_object", "two_object", "counting", "colors", "position", "color_attr"]
cases = []
for tag in TAGS:
    for _ in range(4):
        metadata = prompt_of(tag)
        images = [image_of(metadata) for _ in range(NUM_IMAGES)]
        # More than 16 of a class.
        if tag == "single_object" and len(cases) == 0:
            images[0] = [detection(metadata["include"][0]["class"], "red") for _ in range(20)]
        verdicts = [bool(is_correct(metadata, image)) for image in images]
        cases.append({"metadata": metadata, "images": images, "isCorrect": verdicts})

means = {tag: float(np.mean([c["isCorrect"] for c in cases if c["metadata"]["tag"] == tag])) for tag in TAGS}
pairs = [[detection("dog", "red")["box"], detection("cup", "red")["box"]] for _ in range(40)]
pairs.append([pairs[0][0], pairs[0][0]])
golden = {
    "cases": cases,
    "skills": means,
    "overall": float(np.mean(list(means.values()))),
    "boxes": [{"a": a, "b": b, "relations": relations(a, b)} for a, b in pairs],
}
(OUT / "geneval.json").write_text(json.dumps(golden) + "\n")
