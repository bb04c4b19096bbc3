"""Whether two texts of one kind are the same matter written twice, and what they have in common and differ in. Pure.

The measures are symmetric; a text and itself are near. Where both texts have vectors these are weighed with the rest. Weights
and cut are chosen on pairs that we labelled ourselves (`zonematch evaluate --duplicates`); each weight has the sign that
reason gives it.
"""

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.likeness.figures import Clash, clashes
from matching.likeness.words import LEAST, Sentence, Words
from search.ports import Matrix

NAMES: Final = ("subject", "repeated", "agreement", "meaning")
"""The measures as the rule weighs them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Weights of the measures in the order of `NAMES`, and what is added: log-odds of being near duplicates, 0 the cut."""

    weights: tuple[float, ...]
    added: float


WITHOUT_VECTORS: Final = Rule((3.44, 7.91, 12.67), -21.04)
WITH_VECTORS: Final = Rule((1.51, 7.06, 14.89, 8.72), -27.98)
LEAST_WORDS: Final = 0.2
"""Below this share of common words two texts are no duplicates by what else they share, but for their titles."""
SAME_TITLE: Final = 0.85
SAME_WORDS: Final = 0.99
AGREED: Final = 0.9
"""From these on (and figures that agree so far) they are near whatever the rule says: a title used twice, a text under another
title."""


@dataclass(frozen=True, slots=True)
class Measures:
    """All in [0, 1]. `words`: the share of the shorter text's pieces of three signs that the longer has (of the titles' pieces
    where a text says next to nothing); `title`: the share of the titles' pieces; `subject`: the share of a title's telling
    words that the other text has anywhere, the lesser of both ways; `repeated`: the same of what a text says more than once,
    of the shorter where one is much shorter; `agreement`: the share of the figures of the same thing that are the same;
    `meaning`: how near each passage of one text is to the nearest of the other, None without vectors. `shares_right`: they
    name the same patent."""

    words: float
    title: float
    subject: float
    repeated: float
    agreement: float
    meaning: float | None
    shares_right: bool

    @property
    def values(self) -> tuple[float, ...]:
        known = (self.subject, self.repeated, self.agreement)
        return known if self.meaning is None else (*known, self.meaning)

    def odds(self, without: Rule = WITHOUT_VECTORS, with_: Rule = WITH_VECTORS) -> float:
        """Log-odds of being near duplicates."""
        least = 0.0 if self.agreement >= AGREED and max(self.title / SAME_TITLE, self.words / SAME_WORDS) >= 1 else -math.inf
        if self.words < LEAST_WORDS:
            return least
        rule = without if self.meaning is None else with_
        weighed = math.fsum(weight * value for weight, value in zip(rule.weights, self.values, strict=True))
        return max(least, weighed + rule.added)

    @property
    def is_near(self) -> bool:
        return self.odds() >= 0

    @property
    def percent(self) -> int:
        """How much of the words is the same, for people."""
        return min(int(100 * self.words), 99) if self.words < 1 else 100


@dataclass(frozen=True, slots=True)
class Differences:
    """What a person looks at. Sentences that only one of the two has, as written; figures of the same thing that are not the
    same; names (models, standards) that only one has; how many figures and which rights they share."""

    only_one: tuple[str, ...]
    only_other: tuple[str, ...]
    figures: tuple[Clash, ...]
    names_one: tuple[str, ...]
    names_other: tuple[str, ...]
    shared_figures: int
    shared_rights: tuple[str, ...]


def measure(one: Words, other: Words, vectors: tuple[Matrix, Matrix] | None = None) -> Measures:
    """`vectors` hold a row for each passage of the text: those of the body, or the title's where there is none."""
    a, b = one.shingles, other.shingles
    if min(len(a), len(b)) < LEAST:
        a, b = one.title_shingles, other.title_shingles
    least = min(len(a), len(b))
    found, shared = clashes(one.figures, other.figures)
    return Measures(
        words=len(a & b) / least if least else 0.0,
        title=_dice(one.title_shingles, other.title_shingles),
        subject=min(_covered(one.subject, other.said), _covered(other.subject, one.said)),
        repeated=_repeated(one, other),
        agreement=shared / (len(found) + shared) if found else 1.0,
        meaning=nearness(*vectors) if vectors else None,
        shares_right=bool(one.rights & other.rights),
    )


def differences(one: Words, other: Words) -> Differences:
    found, shared = clashes(one.figures, other.figures)
    return Differences(
        _only(one.sentences, other), _only(other.sentences, one), found,
        tuple(sorted(one.names - other.names)), tuple(sorted(other.names - one.names)),
        shared, tuple(sorted(one.rights & other.rights)),
    )  # fmt: skip


_MUCH_SHORTER: Final = 0.8
"""Share of the longer text's pieces below which a text is a shortened one."""
_SAME_SENTENCE: Final = 0.8
"""Share of a sentence's pieces that the other text has from which on it says nothing of its own."""


def _only(sentences: Sequence[Sentence], other: Words) -> tuple[str, ...]:
    found = []
    for each in sentences:
        pieces = {each.key[at : at + 3] for at in range(max(len(each.key) - 2, 1))}
        if len(pieces & other.shingles) < _SAME_SENTENCE * len(pieces):
            found.append(each.said)
    return tuple(found)


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 0.0


def _covered(wanted: Mapping[str, float], held: Container[str]) -> float:
    total = math.fsum(wanted.values())
    return math.fsum(weight for word, weight in wanted.items() if word in held) / total if total else 1.0


def _repeated(one: Words, other: Words) -> float:
    """A shortened text need not say all that the whole one repeats."""
    covered = (
        _covered(one.repeated or one.vocabulary, other.vocabulary),
        _covered(other.repeated or other.vocabulary, one.vocabulary),
    )
    sizes = (len(one.shingles), len(other.shingles))
    if min(sizes) >= _MUCH_SHORTER * max(sizes):
        return min(covered)
    return covered[0] if sizes[0] < sizes[1] else covered[1]


def nearness(one: Matrix, other: Matrix) -> float:
    """How near each row of one is to the nearest of the other, in the mean of both ways."""
    near = one.astype(np.float64) @ other.astype(np.float64).T
    return float(np.clip((near.max(axis=0).mean() + near.max(axis=1).mean()) / 2, 0.0, 1.0))
