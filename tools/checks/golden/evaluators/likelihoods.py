# Reference values of likelihoods, perplexity and multiple choice, from lm_eval 0.4.13, transformers 5.23.0,
# tokenizers 0.23.3, torch 2.15.0, Python 3.11.
#
#   pip install torch==2.15.0 transformers==5.23.0 tokenizers==0.23.3 "lm_eval[hf]==0.4.13"
#   python tools/checks/golden/evaluators/likelihoods.py
#   npx prettier --write packages/pipelines/src/golden packages/evaluators/src/golden
#
# writes packages/pipelines/src/golden/lm-eval.json: a LlamaForCausalLM of random weights (matrices transposed to
# [in, out]) with its tokenizer, and likelihoods by `HFLM`; and packages/evaluators/src/golden/lm-eval-tasks.json: the
# requests and scores of lm_eval's own tasks, over a few documents of their formats. BOS precedes each context
# (`add_bos_token`); rolling likelihoods add it themselves.
import json
import tempfile
from pathlib import Path

import torch
import lm_eval
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

PACKAGES = Path(__file__).resolve().parents[4] / "packages"
TASKS = Path(lm_eval.__file__).parent / "tasks"
torch.manual_seed(7)

CORPUS = [
    "The sun rises in the east and sets in the west. A cat sat on the mat, and the dog sat by the door.",
    "Question: what is water made of? Answer: water is made of hydrogen and oxygen.",
    "Она читает книгу. 猫が好きです。 Ein Vogel singt im Garten – früh am Morgen.",
]


def tokenizer_of(corpus):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=310, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(corpus, trainer)
    written = json.loads(tokenizer.to_str())
    size = tokenizer.get_vocab_size()
    tokenizer.add_special_tokens(["<s>", "</s>"])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", size)])
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>")
    assert (fast.bos_token_id, fast.eos_token_id) == (size, size + 1)
    return written, fast


written_tokenizer, tokenizer = tokenizer_of(CORPUS)
config = LlamaConfig(
    vocab_size=len(tokenizer),
    hidden_size=16,
    intermediate_size=24,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=256,
    rms_norm_eps=1e-5,
    rope_parameters={"rope_type": "default", "rope_theta": 10_000.0},
    tie_word_embeddings=False,
    bos_token_id=tokenizer.bos_token_id,
    eos_token_id=tokenizer.eos_token_id,
)
model = LlamaForCausalLM(config).eval()
weights = {}
with torch.no_grad():
    for name, parameter in model.named_parameters():
        scale, center = (0.2, 1) if "norm" in name else (0.5, 0)
        # Rounded, so that what is written is what was used.
        parameter.copy_((torch.randn_like(parameter) * scale + center).mul(100).round() / 100)
        is_matrix = name.endswith("proj.weight") or name == "lm_head.weight"
        values = parameter.T if is_matrix else parameter
        weights[name] = {"shape": list(values.shape), "data": [round(v, 2) for v in values.reshape(-1).tolist()]}


def hflm(add_bos_token, max_length=256):
    return HFLM(
        pretrained=model,
        tokenizer=tokenizer,
        device="cpu",
        dtype="float32",
        batch_size=1,
        max_length=max_length,
        add_bos_token=add_bos_token,
    )


def score(request_type, arguments, lm):
    requests = [Instance(request_type, {}, args, i) for i, args in enumerate(arguments)]
    return getattr(lm, request_type)(requests)


PAIRS = [
    ("The cat sat on the", " mat"),
    ("The cat sat on the", " door, and the dog by it"),
    ("The cat sat on the ", "mat"),
    ("The cat sat on the \n", "mat"),
    ("", "The sun"),
    ("The s", "un rises"),
    ("Question: what is water made of?\nAnswer:", " oxygen"),
    ("Question: what is water made of?\nAnswer:", " 水"),
    ("猫が", "好きです。"),
]
LONG = " ".join(CORPUS * 2)


def likelihoods(pairs, max_length=256):
    lm = hflm(True, max_length)
    results = []
    for (context, continuation), (log_prob, is_greedy) in zip(pairs, score("loglikelihood", pairs, lm)):
        request = {"context": context, "continuation": continuation, "maxLength": max_length}
        results.append({**request, "logProb": log_prob, "isGreedy": bool(is_greedy)})
    return results


def greedy_pair():
    """A continuation of the most likely tokens, so that one is."""
    context = "A cat"
    ids = tokenizer(context)["input_ids"]
    for _ in range(200):
        with torch.no_grad():
            best = model(torch.tensor([ids])).logits[0, -1].argmax().item()
        text = tokenizer.decode(ids[1:] + [best])
        if tokenizer(text)["input_ids"] == ids + [best]:
            return (tokenizer.decode(ids[1:]), text[len(tokenizer.decode(ids[1:])) :])
        ids.append(ids[len(ids) % 7 + 1])
    raise RuntimeError("found no greedy continuation")


def rolling(texts, max_length):
    results = score("loglikelihood_rolling", [(text,) for text in texts], hflm(False, max_length))
    sizes = [len(tokenizer(text, add_special_tokens=False)["input_ids"]) for text in texts]
    return [
        {"text": text, "maxLength": max_length, "logProb": log_prob, "numTokens": size}
        for text, log_prob, size in zip(texts, results, sizes)
    ]


# Documents in the form of each data set.
DOCS = {
    "hellaswag": [
        {"ind": 1, "activity_label": "Making tea", "ctx_a": "A man fills a kettle.", "ctx_b": "then he",
         "ctx": "", "endings": ["pours the water.", "eats the kettle [substeps] at once.", "sings  aloud.", "sleeps."],
         "label": "0"},
        {"ind": 2, "activity_label": "How to tie a knot", "ctx_a": "[header] How to tie a knot [title] Take a rope. ",
         "ctx_b": "", "ctx": "", "endings": ["Cut it.", "Make a loop.", "Throw it away.", "Wash it."], "label": "1"},
    ],
    "piqa": [
        {"goal": "Open a jar.", "sol1": "Turn the lid.", "sol2": "Turn the table over.", "label": 0},
        {"goal": "Dry a shirt", "sol1": "Put it in a lake.", "sol2": "Hang it in the sun.", "label": 1},
    ],
    "social_iqa": [
        {"context": "Sam lent Kim a book.", "question": "Why?", "answerA": "to be kind", "answerB": "to sell it",
         "answerC": "to forget it", "label": "1"},
        {"context": "Lee ran home.", "question": "What next?", "answerA": "run away", "answerB": "drink water",
         "answerC": "sing", "label": "2"},
    ],
    "winogrande": [
        {"sentence": "The cup did not fit the bag because _ was too big.", "option1": "the cup", "option2": "the bag",
         "answer": "1"},
        {"sentence": "Ann thanked Eve because _ had helped.", "option1": "Ann", "option2": "Eve", "answer": "2"},
    ],
    "arc_easy": [
        {"id": "a", "question": "What do plants need?", "choices": {"text": ["light", "shoes", "paper", "salt"],
         "label": ["A", "B", "C", "D"]}, "answerKey": "A"},
        {"id": "b", "question": "What is ice?", "choices": {"text": ["fire", "water", "wood"],
         "label": ["1", "2", "3"]}, "answerKey": "2"},
    ],
    "arc_challenge": [
        {"id": "c", "question": "Which is a metal?", "choices": {"text": ["iron", "air", "a dog", "milk"],
         "label": ["A", "B", "C", "D"]}, "answerKey": "A"},
    ],
    "boolq": [
        {"question": "is water wet", "passage": "Water is a liquid that wets many surfaces.", "label": 1},
        {"question": "is the sun cold", "passage": "The sun is a star. It is hot.", "label": 0},
    ],
    "corpus": [{"text": CORPUS[0]}, {"text": CORPUS[2] + "\n\n" + CORPUS[1]}, {"text": "Tea."}],
}
OWN = {
    "hellaswag": "hellaswag/hellaswag.yaml",
    "piqa": "piqa/piqa.yaml",
    "social_iqa": "siqa/siqa.yaml",
    "winogrande": "winogrande/default.yaml",
    "arc_easy": "arc/arc_easy.yaml",
    "arc_challenge": "arc/arc_challenge.yaml",
    "boolq": "super_glue/boolq/default.yaml",
}
CORPUS_TASK = """output_type: loglikelihood_rolling
doc_to_text: ""
doc_to_target: "{{text}}"
metric_list:
  - metric: word_perplexity
  - metric: byte_perplexity
  - metric: bits_per_byte
metadata:
  version: 1.0
"""
METRICS = "metric_list:\n  - metric: acc\n  - metric: acc_norm\n  - metric: acc_bytes\n"
FEWSHOT = "num_fewshot: 1\nfewshot_split: train\nfewshot_config:\n  sampler: first_n\n"


def evaluate(folder):
    """Scores the documents by lm_eval's tasks; those of few-shot tasks follow the last document, with its answer."""
    names = []
    for name, docs in DOCS.items():
        (folder / f"{name}.json").write_text("\n".join(json.dumps(doc) for doc in docs))
        (folder / f"{name}_train.json").write_text("\n".join(json.dumps(doc) for doc in docs[::-1]))
        own = CORPUS_TASK if name == "corpus" else f"include: {TASKS / OWN[name]}\n{METRICS}"
        data = "dataset_path: json\ndataset_name: null\ntest_split: null\ntraining_split: train\nvalidation_split: validation\n"
        files = f"dataset_kwargs:\n  data_files:\n    validation: {folder / name}.json\n    train: {folder / name}_train.json\n"
        (folder / f"golden_{name}.yaml").write_text(f"{own}task: golden_{name}\n{data}{files}")
        names.append(f"golden_{name}")
        if name in ["piqa", "winogrande"]:
            text = f"{own}task: golden_{name}_fewshot\n{data}{files}{FEWSHOT}"
            (folder / f"golden_{name}_fewshot.yaml").write_text(text)
            names.append(f"golden_{name}_fewshot")
    manager = TaskManager(include_path=str(folder), include_defaults=False)
    choices = [name for name in names if name != "golden_corpus"]
    run = lambda lm, tasks: lm_eval.simple_evaluate(
        model=lm, tasks=tasks, task_manager=manager, bootstrap_iters=0, log_samples=True
    )
    outcomes = [run(hflm(True), choices), run(hflm(False, 32), ["golden_corpus"])]
    tasks = {}
    for outcome in outcomes:
        for name, samples in outcome["samples"].items():
            metrics = {key.split(",")[0]: value for key, value in outcome["results"][name].items() if ",none" in key}
            metrics = {key: value for key, value in metrics.items() if "stderr" not in key}
            tasks[name.removeprefix("golden_")] = {"metrics": metrics, "samples": [sample_of(s) for s in samples]}
    return tasks


def sample_of(sample):
    # The results of a request are (log-likelihood, is greedy), or a log-likelihood alone.
    replies = [reply[0] for reply in sample["resps"]]
    first = lambda reply: float(reply[0] if isinstance(reply, (list, tuple)) else reply)
    arguments = sample["arguments"]
    arguments = list(arguments.values()) if isinstance(arguments, dict) else arguments
    arguments = [list(args.values()) if isinstance(args, dict) else list(args) for args in arguments]
    kept = {key: sample[key] for key in ["acc", "acc_norm", "acc_bytes"] if key in sample}
    return {"doc": sample["doc_id"], "arguments": arguments, "logProbs": [first(r) for r in replies], **kept}


def main():
    pairs = PAIRS + [greedy_pair()]
    with tempfile.TemporaryDirectory() as folder:
        tasks = evaluate(Path(folder))
    asked = [tuple(args) for name, task in tasks.items() if name != "corpus" for s in task["samples"] for args in s["arguments"]]
    written = {
        "config": {"numHeads": 4, "numKvHeads": 2, "modelDim": 16, "ffnDim": 24, "numLayers": 2,
                   "ropeTheta": 10_000.0, "rmsNormEpsilon": 1e-5, "qkNorm": False},
        "tokenizer": written_tokenizer,
        "weights": weights,
        "likelihoods": likelihoods(pairs) + likelihoods([("".join(CORPUS), " The end of it."), (LONG, " mat")], 24)
        + likelihoods(asked),
        "rolling": rolling([CORPUS[0], CORPUS[2], "A"], 256) + rolling([LONG, CORPUS[1]], 24)
        + rolling([doc["text"] for doc in DOCS["corpus"]], 32),
    }
    write(PACKAGES / "pipelines" / "src" / "golden" / "lm-eval.json", written)
    docs = {name: rows for name, rows in DOCS.items()}
    write(PACKAGES / "evaluators" / "src" / "golden" / "lm-eval-tasks.json", {"docs": docs, "tasks": tasks})


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False) + "\n")


main()
