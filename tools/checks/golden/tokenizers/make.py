# Reference values for packages/modality-text, from tokenizers 0.23.3, Python 3.11: small tokenizers of the
# kinds that loadTokenizer reads, and what the reference library does with them.
#
#   pip install tokenizers==0.23.3
#   python tools/checks/golden/tokenizers/make.py
#   npx prettier --write packages/modality-text/src/golden

import json
from pathlib import Path

from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

OUT = Path(__file__).parents[4] / "packages/modality-text/src/golden"

TEXTS = [
    "The ferry leaves the harbour at seven, and the harbour wakes when the ferry leaves.",
    "We're told that it'll rain; they've said it's raining already, but I'd rather look than be told.",
    "She counted 12 boats on Monday, 120 on Tuesday and 1,204 by the end of the year 2024.",
    "for (let i = 0; i < lines.length; i++) {\n    total += lines[i].length;\n\n    print(total);\n}\n",
    "Über den Dächern läuft der Kater, über die Brücke läuft der Fährmann.",
    "Le café était déjà fermé; l’été, il est fermé à midi.",
    "Паром уходит из гавани в семь, и гавань просыпается, когда уходит паром.",
    "العبارة تغادر الميناء في السابعة، والميناء يستيقظ حين تغادر العبارة.",
    "渡船七点离开港口，渡船离开的时候，港口醒来。",
    "船は七時に港を出る。港は船が出るときに目を覚ます。",
    "배는 일곱 시에 항구를 떠난다.",
    "🚢 leaves, 🚢 returns 😀😀 and the harbour 🌊🌊 sleeps.",
    "the the the theory of other weather, there and then, rather than gather together",
    "  indented twice\n\tand once by a tab\r\n\r\n   and by three spaces   ",
    # Both differ from JavaScript's \s: U+FEFF is not white space, U+0085 is.
    "mark \ufeff mark \ufeffmark\u0085mark \u0085mark",
]

CASES = [
    "",
    " ",
    "  ",
    "\n",
    "a",
    "the harbour",
    " the harbour",
    "   the harbour   ",
    "The ferry leaves at seven.",
    "they've told us it'll rain, WE'RE sure it's not I'd",
    "weather gather other theory",
    "1,204 boats in 2024, 1234567 in all",
    "x = lines[i].length; // ok?!",
    "line\nline\n\n  line\r\nline\t\tend \n",
    "\n\n\n   \n x",
    "Über die Brücke",
    "café",
    "cafe\u0301 and e\u0301\u0302",
    "l’été à midi — déjà",
    "Паром уходит",
    "Ёжик ўзбек",
    "العبارة تغادر الميناء",
    "مَرْحَبًا",
    "渡船离开港口",
    "龘靐",
    "港を出る。",
    "배는 떠난다",
    "हिन्दी में",
    "😀",
    "🚢🌊 the 😀 end",
    "👨‍👩‍👧‍👦 🏳️‍🌈 👍🏽",
    "𝒳𝓎 𐍈",
    "½ ² ٣ ⅷ 3rd",
    "zero\u200bwidth and nb\u00a0space",
    "next\u0085line \u0085 x",
    "\ufeffbom \ufeff inside \ufeff\u0085 \u0085x \ufeffx",
    "null\u0000and\u007fbell\u0007",
    "\ufffd replaced",
    "▁lower block ▁",
    "<0x0A> is not a newline",
    "Ġtokens Ċ of another kind",
    "<|end|>",
    "one<|end|>two <|end|> three",
    "<s>[INST] hi [/INST]</s>",
    "<tool>hammer</tool>",
    "<|begin|><|begin|",
]


def case(tokenizer, text):
    def encode(special):
        tokenizer.encode_special_tokens = not special
        return tokenizer.encode(text, add_special_tokens=False).ids

    ids, special_ids = encode(False), encode(True)
    return {
        "text": text,
        "ids": ids,
        "decoded": tokenizer.decode(ids, skip_special_tokens=True),
        "specialIds": special_ids,
        "specialDecoded": tokenizer.decode(special_ids, skip_special_tokens=False),
        "specialSkipped": tokenizer.decode(special_ids, skip_special_tokens=True),
    }


def save(name, tokenizer, **more):
    golden = {**more, "cases": [case(tokenizer, text) for text in CASES]}
    tokenizer.encode_special_tokens = False
    golden["tokenizer"] = json.loads(tokenizer.to_str())
    (OUT / f"{name}.json").write_text(json.dumps(golden, ensure_ascii=True) + "\n")


def byte_level_trainer(vocab_size, min_frequency, special_tokens):
    return trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=min_frequency,
        special_tokens=special_tokens,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )


def gpt2():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(TEXTS, byte_level_trainer(420, 2, ["<|end|>"]))
    return tokenizer


def llama3():
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    pattern = (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
        r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(TEXTS, byte_level_trainer(400, 2, []))
    tokenizer.add_special_tokens(["<|begin|>", "<|end|>"])
    tokenizer.add_tokens([AddedToken("<tool>", normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<|begin|> $A", special_tokens=[("<|begin|>", tokenizer.token_to_id("<|begin|>"))]
    )
    return tokenizer


def llama2():
    control = ["<unk>", "<s>", "</s>"]
    teacher = Tokenizer(models.BPE())
    teacher.pre_tokenizer = pre_tokenizers.Metaspace()
    fallback = [f"<0x{byte:02X}>" for byte in range(256)]
    teacher.train_from_iterator(
        TEXTS,
        trainers.BpeTrainer(
            vocab_size=620, special_tokens=control + fallback, limit_alphabet=120, show_progress=False
        ),
    )
    model = json.loads(teacher.to_str())["model"]
    tokenizer = Tokenizer(
        models.BPE(
            vocab=model["vocab"],
            merges=[tuple(merge) for merge in model["merges"]],
            unk_token="<unk>",
            fuse_unk=True,
            byte_fallback=True,
        )
    )
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(content=" ", left=1, right=0),
        ]
    )
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in control])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return tokenizer


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    save("gpt2", gpt2(), texts=TEXTS, vocabSize=420, minFrequency=2)
    save("llama3", llama3())
    save("llama2", llama2())
