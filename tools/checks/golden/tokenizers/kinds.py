# Reference values for packages/modality-text, from tokenizers 0.23.3 and sentencepiece 0.2.3, Python 3.11: each kind of
# tokenizer.json on 300 texts, ids and decoding; and each step of one on some of them.
#
#   pip install tokenizers==0.23.3 sentencepiece==0.2.3 protobuf
#   python tools/checks/golden/tokenizers/kinds.py
#   npx prettier --write packages/modality-text/src/golden

import io
import json
import random

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    trainers,
)

from make import CASES, OUT, TEXTS, byte_level_trainer

PIECES = (
    "the harbour|ferry|boat|boats|xboat|boat_|a boat.|river|it's|it\u0085's|WE'RE|don't|do not |1|23|1,204|2024|²|Ⅷ|٣"
    "|é|e\u0301|É|Ångström|ﬁ|ﬂ|ｆｕｌｌ|ß|İ|ΣΑΣ|Σ|ё|Й|渡船|離|𠮷|港を|배|한국|हिन्दी|مَرْحَبًا|😀|👨‍👩‍👧|🏳️‍🌈|👍🏽|🇫🇷|𝒳|\u200b|\ufeff|\u0085|\u00a0"
    "|\u3000|\u2028|\u00ad|\ufffd|\u0000|\u0007|\t|\n|\n\n|\r\n| |  |    |▁|▁▁|Ġ|_|-|--|.|...|,|!|?|(|)|[|]|{|}|'|\"|#|@|$|€|+|=|<|>|&|/|\\"
    "|<mask>|<s>|</s>|<unk>|<pad>|[CLS]|[SEP]|[UNK]|[MASK]|<tool>|<0x0A>|<|end|>|~"
).replace("<|end|>", "<END>").split("|")
PIECES = [piece.replace("<END>", "<|end|>") for piece in PIECES if piece != "<END>"] + ["<|end|>", "|"]


def make_texts():
    chosen = random.Random(19)
    texts = list(CASES)
    while len(texts) < 300:
        count = chosen.randint(1, 6)
        texts.append("".join(chosen.choice(PIECES) + chosen.choice(["", "", " "]) for _ in range(count)))
    return texts


ALL = make_texts()


def record(tokenizer):
    ids, decoded, special_ids, special_decoded = [], [], [], []
    for text in ALL:
        tokenizer.encode_special_tokens = True
        ids.append(tokenizer.encode(text, add_special_tokens=False).ids)
        decoded.append(tokenizer.decode(ids[-1], skip_special_tokens=True))
        tokenizer.encode_special_tokens = False
        special_ids.append(tokenizer.encode(text, add_special_tokens=False).ids)
        special_decoded.append(tokenizer.decode(special_ids[-1], skip_special_tokens=False))
    # null stands for what is the same as in the list before.
    return {
        "tokenizer": json.loads(tokenizer.to_str()),
        "ids": ids,
        "decoded": differing(decoded, ALL),
        "specialIds": differing(special_ids, ids),
        "specialDecoded": differing(special_decoded, decoded),
    }


def differing(values, others):
    return [None if value == other else value for value, other in zip(values, others)]


def byte_level_bpe(prefix):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(TEXTS, byte_level_trainer(330, 2, []))
    return tokenizer


def single_word():
    tokenizer = byte_level_bpe(False)
    tokenizer.add_tokens(
        [
            AddedToken("boat", single_word=True),
            AddedToken("river"),
            AddedToken("boats", single_word=True),
            AddedToken("it", single_word=True, normalized=False),
            AddedToken("ferry", single_word=True, lstrip=True),
            AddedToken("2024", lstrip=True, rstrip=True),
        ]
    )
    tokenizer.add_special_tokens([AddedToken("<|end|>", rstrip=True), AddedToken("<s>", single_word=True)])
    return tokenizer


def roberta():
    tokenizer = byte_level_bpe(True)
    tokenizer.add_special_tokens(["<s>", "</s>", AddedToken("<mask>", lstrip=True)])
    return tokenizer


def normalized_tokens():
    tokenizer = byte_level_bpe(False)
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.add_tokens(["WE'RE", AddedToken("Harbour", normalized=False), AddedToken("ﬁ", single_word=True)])
    tokenizer.add_special_tokens(["<tool>"])
    return tokenizer


def split_steps():
    tokenizer = byte_level_bpe(False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"[\r\n]"), "isolated"),
            pre_tokenizers.Split(Regex(r"\s?\p{L}+"), "merged_with_next"),
            pre_tokenizers.Split(Regex(r"\p{N}{1,3}(?=(?:\p{N}{3})*\b)"), "contiguous"),
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.Punctuation("merged_with_previous"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return tokenizer


def sentencepiece_bpe(control):
    teacher = Tokenizer(models.BPE())
    teacher.pre_tokenizer = pre_tokenizers.Metaspace()
    fallback = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=480, special_tokens=control + fallback, limit_alphabet=90, show_progress=False
    )
    teacher.train_from_iterator(TEXTS, trainer)
    model = json.loads(teacher.to_str())["model"]
    merges = [tuple(merge) for merge in model["merges"]]
    return models.BPE(
        vocab=model["vocab"], merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True
    )


def gemma3():
    control = ["<pad>", "<eos>", "<bos>", "<unk>"]
    tokenizer = Tokenizer(sentencepiece_bpe(control))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in control])
    tokenizer.add_tokens([AddedToken(token, normalized=False) for token in ["\n\n", "▁▁", "▁▁▁▁", "<tool>"]])
    return tokenizer


def sentencepiece_decoder():
    """Undoes the prefix and the spaces of SentencePiece, and decodes bytes."""
    return decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(content=" ", left=1, right=0),
        ]
    )


def mistral():
    control = ["<unk>", "<s>", "</s>"]
    tokenizer = Tokenizer(sentencepiece_bpe(control))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    tokenizer.decoder = sentencepiece_decoder()
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in control])
    return tokenizer


def metaspace_bpe(scheme, split):
    control = ["<unk>", "<s>", "</s>"]
    tokenizer = Tokenizer(sentencepiece_bpe(control))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=split)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme=scheme)
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in control])
    return tokenizer


def charsmap():
    """A small table of SentencePiece's own making: the whole one has 240 KB."""
    rules = {"ﬁ": "fi", "ﬂ": "fl", "É": "é", "\u3000": " ", "\u00a0": " ", "²": "2", "Ⅷ": "VIII", "\u00ad": ""}
    rules.update({chr(0xFF01 + i): chr(0x21 + i) for i in range(94)})
    rules.update({"e\u0301": "é", "\u200b": " ", "\u0007": "", "🇫🇷": "France"})
    lines = "".join(
        f"{' '.join(f'{ord(c):X}' for c in key)}\t{' '.join(f'{ord(c):X}' for c in value)}\n"
        for key, value in rules.items()
    )
    with open("/tmp/rules.tsv", "w") as file:
        file.write(lines)
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS),
        model_writer=model,
        vocab_size=200,
        hard_vocab_limit=False,
        normalization_rule_tsv="/tmp/rules.tsv",
        minloglevel=2,
    )
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model.getvalue())
    return proto.normalizer_spec.precompiled_charsmap


def unigram(control, byte_fallback=False):
    teacher = Tokenizer(models.Unigram())
    teacher.pre_tokenizer = pre_tokenizers.Metaspace()
    teacher.train_from_iterator(
        TEXTS,
        trainers.UnigramTrainer(
            vocab_size=260, special_tokens=control, unk_token="<unk>", show_progress=False
        ),
    )
    model = json.loads(teacher.to_str())["model"]
    vocab = [(piece, round(score, 4)) for piece, score in model["vocab"]]
    if byte_fallback:
        vocab += [(f"<0x{byte:02X}>", -20.0) for byte in range(256)]
    return models.Unigram(vocab, control.index("<unk>"), byte_fallback)


def t5():
    control = ["<pad>", "</s>", "<unk>"]
    tokenizer = Tokenizer(unigram(control))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(charsmap()), normalizers.Strip(left=False, right=True), normalizers.Replace(Regex(" {2,}"), "▁")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in control])
    return tokenizer


def unigram_bytes():
    control = ["<unk>", "<s>", "</s>"]
    tokenizer = Tokenizer(unigram(control, True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = sentencepiece_decoder()
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in control])
    return tokenizer


def bert(lowercase):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    control = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(
        TEXTS, trainers.WordPieceTrainer(vocab_size=330, special_tokens=control, show_progress=False)
    )
    tokenizer.decoder = decoders.WordPiece(cleanup=lowercase)
    return tokenizer


NORMALIZERS = {
    "NFC": normalizers.NFC(),
    "NFD": normalizers.NFD(),
    "NFKC": normalizers.NFKC(),
    "NFKD": normalizers.NFKD(),
    "Lowercase": normalizers.Lowercase(),
    "StripAccents": normalizers.StripAccents(),
    "Strip": normalizers.Strip(),
    "Strip right": normalizers.Strip(left=False, right=True),
    "Prepend": normalizers.Prepend("▁"),
    "Replace": normalizers.Replace("a", "$&"),
    "Replace Regex": normalizers.Replace(Regex(r"\s+"), " "),
    "ByteLevel": normalizers.ByteLevel(),
    "BERT": normalizers.BertNormalizer(),
    "BERT cased": normalizers.BertNormalizer(lowercase=False),
    "BERT accents": normalizers.BertNormalizer(clean_text=False, strip_accents=False),
    "Precompiled": normalizers.Precompiled(charsmap()),
}
PRE_TOKENIZERS = {
    "ByteLevel": pre_tokenizers.ByteLevel(),
    "ByteLevel without prefix": pre_tokenizers.ByteLevel(add_prefix_space=False),
    "Metaspace": pre_tokenizers.Metaspace(),
    "Metaspace never": pre_tokenizers.Metaspace(prepend_scheme="never"),
    "Metaspace whole": pre_tokenizers.Metaspace(split=False),
    "Whitespace": pre_tokenizers.Whitespace(),
    "WhitespaceSplit": pre_tokenizers.WhitespaceSplit(),
    "Punctuation": pre_tokenizers.Punctuation(),
    "Punctuation removed": pre_tokenizers.Punctuation("removed"),
    "Digits": pre_tokenizers.Digits(),
    "Digits alone": pre_tokenizers.Digits(individual_digits=True),
    "BERT": pre_tokenizers.BertPreTokenizer(),
    "CharDelimiterSplit": pre_tokenizers.CharDelimiterSplit("a"),
    **{
        f"Split {behavior}{' inverted' if invert else ''}": pre_tokenizers.Split(Regex(r"\s"), behavior, invert)
        for behavior in ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]
        for invert in [False, True]
    },
}


def save(name, value):
    (OUT / f"{name}.json").write_text(json.dumps(value, ensure_ascii=True) + "\n")


SOME = ALL[::5]
probe = Tokenizer(models.BPE())


def step_of(part, field):
    setattr(probe, field, part)
    return json.loads(probe.to_str())[field]


if __name__ == "__main__":
    save("texts", ALL)
    makers = {
        "single-word": single_word,
        "roberta": roberta,
        "normalized-tokens": normalized_tokens,
        "split-steps": split_steps,
        "gemma3": gemma3,
        "mistral": mistral,
        "metaspace": lambda: metaspace_bpe("always", True),
        "metaspace-never": lambda: metaspace_bpe("never", False),
        "t5": t5,
        "unigram-bytes": unigram_bytes,
        "bert": lambda: bert(True),
        "bert-cased": lambda: bert(False),
    }
    for name, maker in makers.items():
        save(f"kinds/{name}", record(maker()))
    save(
        "steps",
        {
            "texts": SOME,
            "normalizers": {
                name: {"step": step_of(part, "normalizer"), "outputs": [part.normalize_str(text) for text in SOME]}
                for name, part in NORMALIZERS.items()
            },
            "preTokenizers": {
                name: {
                    "step": step_of(part, "pre_tokenizer"),
                    "outputs": [[piece for piece, _ in part.pre_tokenize_str(text)] for text in SOME],
                }
                for name, part in PRE_TOKENIZERS.items()
            },
        },
    )
