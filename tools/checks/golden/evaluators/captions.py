# Reference values for captions, from pycocoevalcap 1.2 (COCO's evaluation: its BLEU and CIDEr-D), numpy 2.4.6,
# Python 3.11. Its Java tokenizer is not used: captions are given as words in lower case, and commas removed.
#
#   pip install pycocoevalcap==1.2 numpy==2.4.6
#   python tools/checks/golden/evaluators/captions.py
#   npx prettier --write packages/evaluators/src/golden
#
# writes packages/evaluators/src/golden/captions.json: sets of captions with several references, their CIDEr-D
# (mean, and per caption) and BLEU-1 to BLEU-4 (of the set by its sums, and per caption).
import json
from pathlib import Path

from pycocoevalcap.bleu.bleu_scorer import BleuScorer
from pycocoevalcap.cider.cider_scorer import CiderScorer

OUT = Path(__file__).resolve().parents[4] / "packages" / "evaluators" / "src" / "golden"

CAPTIONS = [
    (
        "a red heart in the style of noto",
        ["a red heart in the style of noto", "a heart, drawn by noto", "noto red heart"],
    ),
    ("a yellow yellow yellow yellow star", ["a yellow star", "a star in the sky"]),
    ("the grinning face with big eyes", ["grinning face with big eyes in fluent style"]),
    ("cat", ["a cat face with tears of joy", "joyful cat"]),
    ("nothing of it fits", ["a dog on the grass", "a dog face"]),
    ("a dog on a very long and winding road to the green grass", ["a dog on the grass", "dog on grass"]),
    ("", ["an empty caption"]),
]

# References of two lengths that are equally close (the shorter one counts), n-grams that several references share
# (the largest count clips), captions that are too long and too short.
SEVERAL_REFERENCES = [
    ("a dog runs on the grass", ["a dog runs", "a brown dog is running on the green grass", "the dog runs on grass"]),
    ("the the the cat the mat", ["the cat is on the mat", "there is a cat on the mat", "the cat the mat the"]),
    ("two people ride a bike down the street", ["two people ride a bike down the road", "people ride bikes"]),
    ("a man", ["a man in a hat stands near a red car", "a man with a hat", "man and car", "one man near one car"]),
    ("a plate of food with rice and beans on it", ["a plate with rice and beans", "food on a plate", "rice"]),
]


def words(captions):
    return [(candidate, [r.replace(",", "") for r in references]) for candidate, references in captions]


def case(captions):
    cider = CiderScorer(n=4, sigma=6.0)
    bleu = BleuScorer(n=4)
    for candidate, references in words(captions):
        cider += (candidate, references)
        bleu += (candidate, references)
    mean, scores = cider.compute_score()
    corpus, per_caption = bleu.compute_score(option="closest")
    return {
        "samples": [{"candidate": c, "references": r} for c, r in captions],
        "mean": float(mean),
        "scores": [float(score) for score in scores],
        "bleu": {"corpus": corpus, "captions": per_caption},
    }


cases = [case(CAPTIONS), case(CAPTIONS[:2]), case(SEVERAL_REFERENCES), case(SEVERAL_REFERENCES[:3])]
(OUT / "captions.json").write_text(json.dumps(cases, ensure_ascii=False) + "\n")
