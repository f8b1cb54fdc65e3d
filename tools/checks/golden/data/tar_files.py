# WebDataset shards in three tar formats, for the tests of packages/data; from tarfile of Python 3.11.
#
#   python tools/checks/golden/data/tar_files.py
#
# writes packages/data/src/golden/{ustar,gnu,pax}.tar. The images are 1 x 1 GIFs, black.
import base64
import io
import json
import tarfile
from pathlib import Path

OUT = Path(__file__).resolve().parents[4] / "packages/data/src/golden"
GIF = base64.b64decode("R0lGODdhAQABAIAAAAAAAAAAACwAAAAAAQABAAACAkQBADs=")

# Longer than the 100 bytes of a name; in ustar it is split at a slash, and has to fit.
LONG = "shard/" + "x" * 90 + "/" + "y" * 60
# With letters beyond ASCII, which pax writes into a header of its own.
NAMED = "shard/Käse"

for name, form in [("ustar", tarfile.USTAR_FORMAT), ("gnu", tarfile.GNU_FORMAT), ("pax", tarfile.PAX_FORMAT)]:
    with tarfile.open(OUT / f"{name}.tar", "w", format=form) as tar:

        def add(path, data=b"", kind=tarfile.REGTYPE, link=""):
            info = tarfile.TarInfo(path)
            info.size, info.type, info.linkname = len(data), kind, link
            tar.addfile(info, io.BytesIO(data))

        add("shard", kind=tarfile.DIRTYPE)
        add(f"{LONG}.gif", GIF)
        add(f"{LONG}.txt", b"a long name\n")
        add(f"{NAMED}.GIF", GIF)
        add(f"{NAMED}.json", json.dumps({"caption": ["cheese", "kaas"], "width": 1}).encode())
        add("shard/link.gif", kind=tarfile.SYMTYPE, link=f"{NAMED}.GIF")
        add("shard/bare.seg.gif", GIF)
        add("shard/empty.gif")
        add("shard/empty.txt", b"an empty image")
        add("shard/mute.gif", GIF)
        add("shard/mute.json", b'{"key": "mute"}')
        add("shard/broken.gif", GIF)
        add("shard/broken.json", b"{")
