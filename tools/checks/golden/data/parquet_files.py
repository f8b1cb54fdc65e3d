# Small Parquet files as others write them, for the tests of packages/data; from pyarrow 26.0.1, Python 3.11.
#
#   pip install pyarrow==26.0.1
#   python tools/checks/golden/data/parquet_files.py
#
# writes packages/data/src/golden/*.parquet. The image of row i is 2 x 2 pixels of color (10 i, 20, 30).
import struct
import zlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

OUT = Path(__file__).resolve().parents[4] / "packages/data/src/golden"


def png(red):
    def chunk(name, data):
        checksum = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)

    rows = (b"\0" + bytes([red, 20, 30]) * 2) * 2
    header = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


# As Hugging Face datasets stores images: a struct of the file's bytes and its path, Snappy. Row 3 has
# lost its bytes, row 4 its caption, row 5 is not an image.
images = [{"bytes": png(10 * i), "path": f"{i}.png"} for i in range(7)]
images[3] = {"bytes": None, "path": "3.png"}
images[5] = {"bytes": b"no picture", "path": "5.png"}
captions = [f"picture {i}" for i in range(7)]
captions[4] = None
struct_type = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
table = pa.table({"image": pa.array(images, struct_type), "text": captions, "unused": list(range(7))})
pq.write_table(table, OUT / "image-struct-snappy.parquet", row_group_size=3, compression="snappy")

# Plain bytes, several captions each, Zstandard.
table = pa.table(
    {
        "jpg": pa.array([png(10 * i) for i in range(3)], pa.binary()),
        "captions": pa.array([[f"first {i}", f"second {i}"] for i in range(3)], pa.list_(pa.string())),
        "raw_text": pa.array([f"bytes {i}".encode() for i in range(3)], pa.binary()),
    }
)
pq.write_table(table, OUT / "plain-bytes-zstd.parquet", compression="zstd", use_dictionary=False)
