"""Two rankings to one: weighted reciprocal rank fusion, the same for every engine (law 4). Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from search.ports import Rankings

RANK_CONSTANT: Final = 60
"""The k of reciprocal rank fusion: how slowly a rank loses worth. 60 is the value of its authors (SIGIR 2009)."""

WINDOW: Final = 200
"""Ranked hits that a search takes from each list: as deep as anybody pages."""
MEANING_FLOOR: Final = 0.22
MEANING_BESIDE: Final = 0.14
"""A semantic hit must reach the floor and lie this near the best one: below, nearness is noise."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What one rank in each ranking is worth; only their ratio matters to the order."""

    lexical: float = 1.0
    semantic: float = 1.0


_EVEN_AT: Final = 4
"""Distinct terms of a query at which words and meaning weigh the same."""
_UTMOST: Final = 2.0
"""How many times as much as the other one ranking may weigh."""


def query_weights(terms: Collection[str]) -> Weights:
    """What words and meaning weigh for a query of these terms: the longer it is, the more meaning weighs.

    One or two words are names of things, and a text that holds them is nearly always meant, while the vector of one word
    is vague. A sentence holds many words that are beside the point, and its vector says what it is about. Known-item
    search on the 1,000 papers of csl (MRR, abstracts as documents, centred e5-small) shows both:

    | query (median of distinct terms) | words | 2 : 1 | 1 : 1 | 1 : 2 | meaning |
    |---|---|---|---|---|---|
    | one keyword (3) | 0.818 | 0.829 | 0.823 | 0.813 | 0.780 |
    | two keywords (5) | 0.941 | 0.948 | 0.948 | 0.950 | 0.943 |
    | title (10) | 0.987 | 0.991 | 0.993 | 0.994 | 0.993 |
    | title and keywords (15) | 0.997 | 0.998 | 0.999 | 1.000 | 0.999 |

    So the ratio goes from 2 : 1 at two terms over 1 : 1 at four to 1 : 2 at eight; the steps are round numbers, not a fit.
    """
    ratio = len(set(terms)) / _EVEN_AT
    return Weights(semantic=min(max(ratio, 1 / _UTMOST), _UTMOST))


@dataclass(frozen=True, slots=True)
class Fused:
    """One listing of the fused ranking. Ranks are 1-based, None where that ranking does not hold it.

    `passage` is the position of the passage nearest in meaning, None where meaning did not find the listing.
    """

    listing: str
    score: float
    lexical_rank: int | None = None
    semantic_rank: int | None = None
    passage: int | None = None


def fuse(rankings: Rankings, *, weights: Weights = Weights(), pinned: Sequence[str] = ()) -> tuple[Fused, ...]:
    """Every listing of either ranking once, best first, ties by listing id.

    The score is the sum of weight / (60 + rank) over the rankings that hold the listing; a missing one adds nothing.
    `pinned` (an exact title, number or owner name) come first in the given order, also where no ranking holds them:
    the caller has looked them up, and law 3 filters both alike.
    """
    lexical = _ranks([hit.listing for hit in rankings.lexical])
    semantic = _ranks([hit.listing for hit in rankings.semantic])
    passages = {hit.listing: hit.passage for hit in rankings.semantic}

    def fused(listing: str) -> Fused:
        by_words, by_meaning = lexical.get(listing), semantic.get(listing)
        score = _worth(weights.lexical, by_words) + _worth(weights.semantic, by_meaning)
        return Fused(listing, score, by_words, by_meaning, passages.get(listing))

    first = tuple(dict.fromkeys(pinned))
    rest = (lexical.keys() | semantic.keys()) - set(first)
    ranked = sorted(map(fused, rest), key=lambda item: (-item.score, item.listing))
    return (*map(fused, first), *ranked)


def above_floor(rankings: Rankings) -> Rankings:
    """Without the semantic hits that are near by chance. Again over its own answer, it takes nothing away."""
    if not rankings.semantic:
        return rankings
    floor = max(MEANING_FLOOR, rankings.semantic[0].score - MEANING_BESIDE)
    return replace(rankings, semantic=tuple(hit for hit in rankings.semantic if hit.score >= floor))


def blend(rankings: Rankings, terms: Collection[str], *, pinned: Sequence[str] = ()) -> tuple[Fused, ...]:
    """The platform's own ranking for a query of these terms: floor, weights by the query, fusion. What a search page shows,
    and what `zonematch evaluate --search` measures."""
    return fuse(above_floor(rankings), weights=query_weights(terms), pinned=pinned)


def _ranks(listings: Sequence[str]) -> dict[str, int]:
    return {listing: rank for rank, listing in enumerate(listings, start=1)}


def _worth(weight: float, rank: int | None) -> float:
    return 0.0 if rank is None else weight / (RANK_CONSTANT + rank)
