"""Sides made ready for scoring many pairs, and what two texts have in common. Pure.

What depends on one side alone is worked out once. The text part is computed in float64 and rounded to six digits, so
that a pair gets the same value alone, in a block, and on another machine.
"""

import math
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from matching.pairing import indicators
from matching.pairing.indicators import Figure
from matching.pairing.sides import Side
from matching.pairing.weights import FRAME_WEIGHT, TermWeights, has_han
from search.ports import Matrix

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Sparse = tuple[NDArray[np.int32], NDArray[np.float32]]
"""Columns and values of one row of a sparse matrix."""

DIGITS: Final = 6
BODY: Final = 0.5
"""A word of one title counts so much when the other listing has it in its body only."""
UNSEEN: Final = 2.0
"""Added to the weight of every title: as if it held two more rare words. So one word in common is not a full match."""
FULL_MEANING: Final = 0.6
FULL_TERMS: Final = 0.5
"""Cosine and coverage from which a part is full: about what two titles of the same work reach."""
FOREIGN: Final = 0.4
"""Cosine that two texts in a foreign language reach for that alone, since the means that are subtracted are of Chinese
texts (demonstration listings: 0.48 for unrelated titles in English, 0.08 in Chinese). It is taken off."""
SHOWN_TERMS: Final = 12
COLUMNS: Final = 1 << 20
"""Words are hashed into so many columns for estimates; two that fall together only blur an estimate."""
TELLING: Final = 0.15
"""Lighter words are left out of estimates: they stand in most listings, cost most and tell least."""


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """The distinct words (or characters) of a listing: those of the title with their weights, and those only in the body."""

    title: Mapping[str, float]
    body: frozenset[str]
    total: float

    def covered_by(self, other: "Units") -> float:
        """Share of this title's weight that the other listing has, in [0, 1)."""
        both = self.title.keys() & other.title.keys()
        beside = self.title.keys() & other.body
        title = self.title
        found = math.fsum([title[unit] for unit in both]) + BODY * math.fsum([title[unit] for unit in beside])
        return found / (self.total + UNSEEN)


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """What depends on one side's words and the table: worked out once as long as the side is held."""

    words: Units
    characters: Units
    title_joined: frozenset[str]
    body_joined: frozenset[str]
    figures: tuple[Figure, ...]
    foreign: bool
    asked: Sparse
    held: Sparse


def _units(title: Collection[str], body: Collection[str], weights: Mapping[str, float]) -> Units:
    held = {unit: weights[unit] for unit in sorted(title)}
    return Units(held, frozenset(body) - held.keys(), math.fsum(held.values()))


def _sparse(units: Units, prefix: str, share: float) -> tuple[Sparse, Sparse]:
    """The listing as the title that is to be covered and as the text that covers: the product of one side's first with the
    other's second is `share` times `covered_by`."""
    body = [zlib.crc32((prefix + unit).encode()) % COLUMNS for unit in sorted(units.body)]
    telling = [unit for unit, weight in units.title.items() if weight >= TELLING]
    title = [zlib.crc32((prefix + unit).encode()) % COLUMNS for unit in units.title]
    asked = [zlib.crc32((prefix + unit).encode()) % COLUMNS for unit in telling]
    weights = np.array([units.title[unit] for unit in telling], np.float32) * np.float32(share / (units.total + UNSEEN))
    worth = np.concatenate([np.ones(len(title), np.float32), np.full(len(body), BODY, np.float32)])
    return (np.array(asked, np.int32), weights), (np.array(title + body, np.int32), worth)


def _joined(first: Sparse, second: Sparse) -> Sparse:
    return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])


def joined_characters(words: Sequence[str]) -> frozenset[str]:
    """Neighbours that were cut into single characters, put together again: a word of the field (银浆) that no dictionary
    has. Only for showing."""
    return frozenset(a + b for a, b in pairwise(words) if len(a) == len(b) == 1 and not (a + b).isascii())


def _made_ready(side: Side, weights: TermWeights) -> Ready:
    title, body = frozenset(side.title_terms), frozenset(side.body_terms)
    title_signs, body_signs = weights.signs(title), weights.signs(body)
    words = _units(title, body, {word: weights.word(word) for word in title})
    signs = _units(title_signs, body_signs, {c: weights.character(c) for c in title_signs})
    share = 0.25 if signs.title else 0.5  # the mean of two directions, and of words and characters
    (asked, held), (asked_signs, held_signs) = _sparse(words, "w", share), _sparse(signs, "c", share)
    return Ready(
        words,
        signs,
        joined_characters(side.title_terms),
        joined_characters(side.body_terms),
        tuple(indicators.figure(each) for each in side.indicators),
        not has_han(side.title_terms),
        _joined(asked, asked_signs),
        _joined(held, held_signs),
    )


_made: Final[WeakKeyDictionary[TermWeights, WeakKeyDictionary[Side, Ready]]] = WeakKeyDictionary()


def ready(side: Side, weights: TermWeights) -> Ready:
    """The side made ready under this table; remembered while both are held by somebody."""
    known = _made.get(weights)
    if known is None:
        known = _made[weights] = WeakKeyDictionary()
    found = known.get(side)
    if found is None:
        found = known[side] = _made_ready(side, weights)
    return found


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the need's title the result has, and the reverse; means over words and, where both titles have Chinese
    characters, over these. `value` is in [0, 1]."""

    need: float
    result: float

    @property
    def value(self) -> float:
        return min(1.0, (self.need + self.result) / 2 / FULL_TERMS)


def coverage(need: Ready, result: Ready) -> Coverage:
    """Symmetric: exchanging the sides exchanges the two shares."""
    of_need, of_result = need.words.covered_by(result.words), result.words.covered_by(need.words)
    if need.characters.title and result.characters.title:
        of_need = (of_need + need.characters.covered_by(result.characters)) / 2
        of_result = (of_result + result.characters.covered_by(need.characters)) / 2
    return Coverage(round(of_need, DIGITS), round(of_result, DIGITS))


def shared_terms(need: Ready, result: Ready) -> tuple[str, ...]:
    """The words that the terms part rests on, the weightiest first, at most `SHOWN_TERMS`: in a title of one side and
    anywhere in the other. Frame words, single characters and words inside a longer shared one are left out."""
    a, b = need.words, result.words
    worth = {word: a.title[word] for word in a.title.keys() & b.title.keys()}
    worth.update({word: BODY * a.title[word] for word in a.title.keys() & b.body})
    worth.update({word: BODY * b.title[word] for word in b.title.keys() & a.body})
    kept = [word for word in worth if len(word) > 1 and (a.title.get(word) or b.title[word]) > FRAME_WEIGHT]
    in_titles = need.title_joined & result.title_joined
    beside = (need.title_joined & result.body_joined) | (need.body_joined & result.title_joined)
    worth.update(dict.fromkeys(beside, BODY) | dict.fromkeys(in_titles, 1.0))
    kept += (in_titles | beside) - set(kept)
    outer = [word for word in kept if not any(word != other and word in other for other in kept)]
    return tuple(sorted(outer, key=lambda word: (-worth[word], -len(word), word))[:SHOWN_TERMS])


@dataclass(frozen=True, slots=True, eq=False)
class Closeness:
    """One need against m results, arrays of length m: cosine of the titles; cosine of the need's body and the result's closest
    passage, its title among them; the position of the need's passage that is closest to that one, and that one's; whether
    both are in a foreign language."""

    titles: Floats
    passages: Floats
    need_passage: Indices
    result_passage: Indices
    foreign: NDArray[np.bool_]

    def value(self, spread: float = 1.0) -> Floats:
        """The meaning part, in [0, 1]; a cosine counts `spread` times."""
        cosine = spread * (self.titles + self.passages) / 2
        cosine = np.where(self.foreign, (cosine - FOREIGN) / (1 - FOREIGN), cosine)
        return np.clip(cosine / FULL_MEANING, 0.0, 1.0).round(DIGITS)


class Prepared:
    """Sides of one kind in the order given. Raises ValueError when their vectors differ in dimension."""

    def __init__(self, sides: Sequence[Side], weights: TermWeights, made: Sequence[Ready] | None = None) -> None:
        """`made` are the sides' `Ready`, where the caller has them."""
        self.weights: Final = weights
        self.sides: Final = tuple(sides)
        self.ready: Final = tuple(ready(side, weights) for side in sides) if made is None else tuple(made)
        dimensions = {len(side.title_vector) for side in sides}
        if len(dimensions) > 1:
            raise ValueError(f"vectors of different dimensions: {sorted(dimensions)}")
        width = dimensions.pop() if dimensions else 0
        lengths = [len(side.passage_vectors) for side in sides]
        self.starts: Final = np.concatenate([[0], np.cumsum(lengths, dtype=np.intp)]).astype(np.intp)
        self.passages: Final[Matrix] = (
            np.concatenate([side.passage_vectors for side in sides]).astype(np.float32, copy=False)
            if sides
            else np.zeros((0, width), np.float32)
        )

    def __len__(self) -> int:
        return len(self.ready)

    @cached_property
    def lengths(self) -> Indices:
        """How many passages each side has."""
        return np.diff(self.starts)

    @cached_property
    def foreign(self) -> NDArray[np.bool_]:
        """Which titles hold no Chinese character."""
        return np.array([each.foreign for each in self.ready], np.bool_)

    @cached_property
    def order(self) -> Indices:
        """Rank of each side by its listing's id: what breaks ties."""
        ids = [side.listing for side in self.sides]
        ranks = np.empty(len(ids), np.intp)
        ranks[sorted(range(len(ids)), key=lambda at: (ids[at], at))] = np.arange(len(ids))
        return ranks

    @cached_property
    def bodies(self) -> Matrix:
        """What each side's body says as a whole, shape (n, d): the mean direction of its passages, the title's own where there
        is no body. One passage of many that happens to resemble a result says less than all of them."""
        found = self.passages[self.starts[:-1]].copy()
        for at in np.flatnonzero(self.lengths > 1).tolist():
            total = self.rows(at)[1:].sum(axis=0, dtype=np.float64)
            length = float(np.linalg.norm(total))
            if length:
                found[at] = total / length
        return found

    def take(self, chosen: Indices) -> "Prepared":
        """Some of the sides, in the order of `chosen`."""
        places = chosen.tolist()
        return Prepared([self.sides[at] for at in places], self.weights, [self.ready[at] for at in places])

    def rows(self, at: int) -> Matrix:
        """The passages of one side."""
        return self.passages[self.starts[at] : self.starts[at + 1]]


def _unique(values: Floats, starts: Indices, best: Floats) -> Indices:
    """The first position in each segment of `values` that holds the segment's best."""
    lengths = np.diff(np.append(starts, len(values)))
    hits = np.flatnonzero(values == np.repeat(best, lengths))
    first: Indices = hits[np.searchsorted(hits, starts)]
    return first


def closeness(needs: Prepared, at: int, results: Prepared, chosen: Indices) -> Closeness:
    """The need at position `at` against the results at positions `chosen` (at least one)."""
    lengths = results.starts[chosen + 1] - results.starts[chosen]
    firsts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.intp)
    rows = np.repeat(results.starts[chosen] - firsts, lengths) + np.arange(int(lengths.sum()))
    passages = results.passages[rows].astype(np.float64)
    titles = needs.rows(at)[0].astype(np.float64) @ passages[firsts].T
    columns = passages @ needs.bodies[at].astype(np.float64)
    best = np.maximum.reduceat(columns, firsts)
    where = _unique(columns, firsts, best)
    products = needs.rows(at).astype(np.float64) @ passages[where].T
    if len(products) > 1:
        products[0] = -2.0  # a need with a body is quoted from it
    return Closeness(
        titles.round(DIGITS),
        best.round(DIGITS),
        products.argmax(axis=0),
        where - firsts,
        results.foreign[chosen] & needs.foreign[at],
    )
