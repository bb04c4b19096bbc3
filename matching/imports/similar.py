"""How alike two entries are, cheaply: a sketch of each finds what may be alike, and the texts themselves decide. Pure.

A sketch holds keys of groups of least hashes over the shingles of a title and of a text (MinHash with banding): two texts that
share most shingles share a key almost surely, two that share few hardly ever. Ten thousand sketches are compared by a look-up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from matching.model import ListingKind
from matching.model.fields import passage_fields
from search.text import comparison_key

_BANDS: Final = 8
_ROWS: Final = 3
_TITLE_SHINGLE: Final = 2
_BODY_SHINGLE: Final = 3
_LOOKED_AT: Final = 1500
"""Characters of a text that count: what comes behind is alike, or not, as the beginning is."""
_LEAST_BODY: Final = 20
"""Characters below which a text is too short to be somebody's own."""
_FACTORS: Final = np.random.default_rng(20_261_123).integers(1, 2**63, (2, _BANDS * _ROWS), dtype=np.uint64) * np.uint64(
    2
) + np.uint64(1)
_STEPS: Final = np.array([31**3, 31**2, 31, 1], dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
NEAR_TITLE: Final = 0.8
NEAR_BODY: Final = 0.6
NEAR_BOTH: Final = (0.5, 0.35)
"""Shares of common shingles (of the title, of the text, of both at once) from which on two entries are much alike."""


@dataclass(frozen=True, slots=True)
class Words:
    """What is compared of an entry: comparison keys of its title and of the beginning of its text."""

    title: str
    body: str


def words_of(kind: ListingKind, title: str, texts: Mapping[str, str]) -> Words:
    body = "".join(texts.get(each.code, "")[:_LOOKED_AT] for each in passage_fields(kind))[: 2 * _LOOKED_AT]
    key = comparison_key(body)[:_LOOKED_AT]
    return Words(comparison_key(title), key if len(key) >= _LEAST_BODY else "")


def sketch(words: Words) -> bytes:
    """Sixteen numbers of four bytes: eight of the title, eight of the text, 0 for what is too short."""
    return np.concatenate([_bands(words.title, _TITLE_SHINGLE, 0), _bands(words.body, _BODY_SHINGLE, 1)]).astype("<u4").tobytes()


def keys(sketched: bytes) -> tuple[tuple[int, int], ...]:
    """What two alike entries have one in common of: place and number."""
    return tuple((at, int(number)) for at, number in enumerate(np.frombuffer(sketched, "<u4")) if number)


def _bands(text: str, size: int, salt: int) -> npt.NDArray[np.uint64]:
    hashes = _hashes(text, size)
    if hashes.size == 0:
        return np.zeros(_BANDS, np.uint64)
    spread = (hashes[:, None] * _FACTORS[0] + _FACTORS[1]) >> np.uint64(32)
    least: npt.NDArray[np.uint64] = spread.min(axis=0).reshape(_BANDS, _ROWS)
    mixed: npt.NDArray[np.uint64] = (least * _STEPS[1:] + np.uint64(salt)).sum(axis=1, dtype=np.uint64)
    return (mixed >> np.uint64(32)) | np.uint64(1)


def _hashes(text: str, size: int) -> npt.NDArray[np.uint64]:
    """One number a shingle; of a text shorter than one, of all of it."""
    points = np.frombuffer(text.encode("utf-32-le", "replace"), "<u4").astype(np.uint64)
    if points.size == 0:
        return points
    size = min(size, points.size)
    windows = np.lib.stride_tricks.sliding_window_view(points, size)
    return np.unique((windows * _STEPS[-size:]).sum(axis=1, dtype=np.uint64))


@dataclass(frozen=True, slots=True)
class Likeness:
    """Shares of common shingles, 0 to 1; `body` is 0 where either says too little."""

    title: float
    body: float

    @property
    def is_near(self) -> bool:
        both = self.title >= NEAR_BOTH[0] and self.body >= NEAR_BOTH[1]
        return self.title >= NEAR_TITLE or self.body >= NEAR_BODY or both

    @property
    def share(self) -> float:
        return max(self.title, self.body)


def likeness(one: Words, other: Words) -> Likeness:
    return Likeness(_share(one.title, other.title, _TITLE_SHINGLE), _share(one.body, other.body, _BODY_SHINGLE))


def _share(one: str, other: str, size: int) -> float:
    first, second = _shingles(one, size), _shingles(other, size)
    if not first or not second:
        return 0.0
    return len(first & second) / len(first | second) if size > _TITLE_SHINGLE else _dice(first, second)


def _dice(first: frozenset[str], second: frozenset[str]) -> float:
    return 2 * len(first & second) / (len(first) + len(second))


@lru_cache(maxsize=2048)
def _shingles(text: str, size: int) -> frozenset[str]:
    return frozenset(text[at : at + size] for at in range(max(len(text) - size + 1, 1))) if text else frozenset()
