"""What a text is compared by, and the keys under which texts that may be alike meet. Pure.

A text is the set of its sentences: their order says nothing. Figures are taken out of the words and compared apart, so that one
frame filled with other figures has the same words and other figures.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from matching.likeness import figures
from matching.likeness.figures import Figure
from matching.pairing.weights import FRAME, shipped
from search.text import comparison_key, is_quantity, number_key, terms

_TITLE_SHINGLE: Final = 2
_BODY_SHINGLE: Final = 3
_LOOKED_AT: Final = 4000
"""Characters of a text that count: what comes behind is alike, or not, as the beginning is."""
LEAST: Final = 16
"""Shingles below which a text is too short to be somebody's own."""
_SENTENCE: Final = re.compile(r"[^。！？；!?;\n]*[。！？；!?;\n]*")
_BANDS: Final = {"t": (6, 2), "b": (10, 3)}
"""Part of the text → groups of least hashes, and how many of them must agree."""
_MOST_NAMES: Final = 4
_SHORT_NAME: Final = 4
_FIGURES: Final = 5
"""Of so many figures, those with the least hashes, every two make a key."""
MOST_COMMON: Final = 100
"""Bare numbers up to this stand in most texts."""
_HASHES: Final = 30
_FACTORS: Final = np.random.default_rng(20_261_123).integers(1, 2**63, (2, _HASHES), dtype=np.uint64) | np.uint64(1)

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Sentence:
    """As written, and the key of its words without its figures."""

    said: str
    key: str


@dataclass(frozen=True)
class Words:
    """What is compared of a listing: its title, the parts of its body, the rows of its indicators, the numbers of its rights.

    `rows` are (name, values, unit, as shown).
    """

    title: str
    parts: tuple[str, ...] = ()
    rows: tuple[tuple[str, tuple[float, ...], str, str], ...] = ()
    numbers: frozenset[str] = frozenset()

    @cached_property
    def text(self) -> str:
        return figures.without_contacts("\n".join(self.parts))[:_LOOKED_AT]

    @cached_property
    def title_read(self) -> figures.Read:
        return figures.read(self.title)

    @cached_property
    def read(self) -> figures.Read:
        return figures.read(self.text)

    @cached_property
    def title_shingles(self) -> frozenset[str]:
        return _shingles(comparison_key(self.title_read.bare) or comparison_key(self.title), _TITLE_SHINGLE)

    @cached_property
    def subject(self) -> Mapping[str, float]:
        """The words of the title that say what it is about, with their weights."""
        return _weighed(_telling(self.title))

    @cached_property
    def vocabulary(self) -> Mapping[str, float]:
        """The same of title and text."""
        return _weighed(self._said)

    @cached_property
    def said(self) -> frozenset[str]:
        """The telling words of both, short ones of the title included."""
        return frozenset(self.vocabulary) | frozenset(self.subject)

    @cached_property
    def repeated(self) -> Mapping[str, float]:
        """Those that it says more than once: what it is about, whatever its title says. The more often the heavier."""
        return {word: weight * (n - 1) for word, n in Counter(self._said).items() if n > 1 for weight in (self.vocabulary[word],)}

    @cached_property
    def _said(self) -> list[str]:
        return [each for each in _telling(f"{self.title}\n{self.text}") if len(each) > 1]

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        found: dict[str, Sentence] = {}
        for each in _SENTENCE.findall(self.text):
            key = comparison_key(figures.read(each).bare) if each.strip() else ""
            if key:
                found.setdefault(key + str(sorted(f.measure for f in figures.read(each).figures)), Sentence(each.strip(), key))
        return tuple(found.values())

    @cached_property
    def shingles(self) -> frozenset[str]:
        return frozenset(piece for each in self.sentences for piece in _shingles(each.key, _BODY_SHINGLE))

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        rows = (each for row in self.rows for each in figures.of_row(*row))
        return (*self.title_read.figures, *self.read.figures, *rows)

    @cached_property
    def names(self) -> frozenset[str]:
        return self.title_read.names | self.read.names

    @cached_property
    def rights(self) -> frozenset[str]:
        return self.title_read.rights | self.read.rights | {number_key(each) for each in self.numbers if each}


def keys(words: Words) -> tuple[int, ...]:
    """Numbers of 62 bits of which two texts that may be alike have one in common: groups of least hashes over the title's
    and the text's shingles (MinHash with banding), groups over the figures, every right, the longest names."""
    found = {*_banded("t", words.title_shingles)}
    if len(words.shingles) >= LEAST:
        found.update(_banded("b", words.shingles))
    measures = {repr(each.measure) for each in words.figures if each.dimensions or each.value > MOST_COMMON}
    least = sorted(measures, key=lambda each: (_number("f", each), each))[:_FIGURES]
    found.update(_number("f", f"{one}|{other}") for one, other in combinations(least, 2))
    found.update(_number("r", each) for each in words.rights)
    found.update(
        _number("n", each) for each in sorted(words.names, key=lambda each: (-len(each), each))[:_MOST_NAMES] if len(each) > 4
    )
    return tuple(sorted(found))


def packed(found: Sequence[int]) -> bytes:
    return np.array(found, "<i8").tobytes()


def unpacked(held: bytes) -> tuple[int, ...]:
    return tuple(int(each) for each in np.frombuffer(held, "<i8"))


def _telling(text: str) -> list[str]:
    return [each for each in terms(text) if each not in FRAME and not is_quantity(each)]


def _weighed(words: Iterable[str]) -> dict[str, float]:
    weights = shipped()
    return {each: weights.word(each) for each in words}


def _number(part: str, text: str) -> int:
    raw = text.encode("utf-8", "replace")
    return ((zlib.crc32(part.encode() + raw) << 30) ^ zlib.crc32(raw[::-1] + part.encode())) & ((1 << 62) - 1)


def _banded(part: str, shingles: Iterable[str]) -> list[int]:
    raw = np.array([zlib.crc32(each.encode("utf-8", "replace")) for each in sorted(shingles)], np.uint64)
    if not raw.size:
        return []
    bands, rows = _BANDS[part]
    count = bands * rows
    least = ((raw[:, None] * _FACTORS[0, :count] + _FACTORS[1, :count]) >> np.uint64(32)).min(axis=0).reshape(bands, rows)
    return [_number(part + str(at), ",".join(map(str, band))) for at, band in enumerate(least.tolist())]


def _shingles(key: str, size: int) -> frozenset[str]:
    return frozenset(key[at : at + size] for at in range(max(len(key) - size + 1, 1))) if key else frozenset()
