"""A small encoder for unit tests: no model, no file, the same vectors on every machine."""

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from search.errors import EncoderUnavailable
from search.ports import Health, Lane, Matrix, Role

_GRAMS: Final = (1, 2, 3)


class HashingEncoder:
    """Character n-grams hashed into one space for all roles, of unit length: texts that share letters are near.

    Implements `search.ports.Encoder`; it knows spelling, not meaning, and settings refuse it for serving.
    """

    def __init__(self, dimension: int = 256) -> None:
        if dimension < 2:
            raise ValueError("dimension must be at least 2")
        self._dimension = dimension
        self._closed = False

    @property
    def fingerprint(self) -> str:
        return f"hashing-{self._dimension}-1"

    @property
    def dimension(self) -> int:
        return self._dimension

    def encode(self, texts: Sequence[str], role: Role, *, lane: Lane = "bulk", timeout: float | None = None) -> Matrix:
        """As the port says; the role, the lane and the timeout make no difference."""
        if self._closed:
            raise EncoderUnavailable("The encoder was closed.")
        rows = np.zeros((len(texts), self._dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            self._fill(row, text)
        return rows

    def health(self) -> Health:
        return Health(not self._closed, "hashing", 0, "for tests only" if not self._closed else "closed")

    def close(self) -> None:
        self._closed = True

    def _fill(self, row: np.ndarray[tuple[int], np.dtype[np.float32]], text: str) -> None:
        letters = f" {' '.join(text.lower().split())} "
        for size in _GRAMS:
            for start in range(len(letters) - size + 1):
                gram = letters[start : start + size].encode("utf-8", "replace")
                number = int.from_bytes(hashlib.blake2b(gram, digest_size=8).digest(), "little")
                sign = 1.0 if number >> 63 else -1.0
                row[number % self._dimension] += sign * size
        length = float(np.linalg.norm(row))
        if length == 0:  # the n-grams of a rare text may cancel out
            row[0] = length = 1.0
        row /= length
