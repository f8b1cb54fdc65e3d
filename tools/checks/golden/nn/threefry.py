# Reference values for the random numbers of packages/nn, by a second implementation in plain Python 3.11,
# which is checked against Random123's known answers and, where it is installed, against jax 0.10.2.
#
#   pip install jax==0.10.2 numpy==2.4.6    (optional)
#   python tools/checks/golden/nn/threefry.py
#
# writes packages/nn/src/golden/threefry.json.
import json
import math
import random
from pathlib import Path

OUT = Path(__file__).resolve().parents[4] / "packages" / "nn" / "src" / "golden" / "threefry.json"
MASK = 0xFFFFFFFF
ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))

# From Random123's kat_vectors: key, counter, result.
KNOWN = [
    ((0x00000000, 0x00000000), (0x00000000, 0x00000000), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
    ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
]


def threefry(key, counter):
    schedule = (key[0], key[1], key[0] ^ key[1] ^ 0x1BD11BDA)
    a, b = ((counter[i] + schedule[i]) & MASK for i in (0, 1))
    for group in range(5):
        for distance in ROTATIONS[group % 2]:
            a = (a + b) & MASK
            b = ((b << distance | b >> (32 - distance)) & MASK) ^ a
        a = (a + schedule[(group + 1) % 3]) & MASK
        b = (b + schedule[(group + 2) % 3] + group + 1) & MASK
    return a, b


def word(key, position):
    block = position // 2
    return threefry(key, (block & MASK, block >> 32))[position % 2]


def fork(key, label):
    text = str(label)
    for character in text:
        key = threefry(key, (ord(character), 0x80000000))
    return threefry(key, (len(text), 0x80000002 if isinstance(label, int) else 0x80000001))


def normals(key, count):
    result = []
    for i in range(0, count, 2):
        radius = math.sqrt(-2 * math.log((word(key, i) + 1) / 2**32))
        angle = 2 * math.pi * word(key, i + 1) / 2**32
        result += [radius * math.cos(angle), radius * math.sin(angle)]
    return result[:count]


for key, counter, expected in KNOWN:
    assert threefry(key, counter) == expected

source = random.Random(0)
pairs = [[tuple(source.getrandbits(32) for _ in range(2)) for _ in range(2)] for _ in range(20)]
try:
    import jax
    import numpy as np
    from jax.extend.random import threefry_2x32

    for key, counter in pairs:
        judged = threefry_2x32(np.array(key, np.uint32), np.array(counter, np.uint32))
        assert tuple(int(v) for v in judged) == threefry(key, counter)
    print("agrees with jax", jax.__version__)
except ImportError:
    print("jax is not installed")

SEED = 2**40 + 12345
KEY = (SEED & MASK, SEED >> 32)
result = {
    "blocks": [list(known) for known in KNOWN] + [[k, c, threefry(k, c)] for k, c in pairs],
    "seed": SEED,
    "words": [word(KEY, i) for i in range(200)],
    "far": {"position": 2**40 + 1, "words": [word(KEY, 2**40 + 1 + i) for i in range(5)]},
    "normals": normals(KEY, 7),
    "forks": [[label, fork(KEY, label)] for label in ("", "noise", "5", 5, 123456, "données")],
}
OUT.parent.mkdir(exist_ok=True)
OUT.write_text(json.dumps(result, separators=(",", ":")) + "\n")
print(OUT.name, OUT.stat().st_size)
