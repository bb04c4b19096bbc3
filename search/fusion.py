"""Two rankings to one: weighted reciprocal rank fusion, the same for every engine (law 4). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from search.ports import Rankings

RANK_CONSTANT: Final = 60
"""The k of reciprocal rank fusion: how slowly a rank loses worth. 60 is the value of its authors (SIGIR 2009)."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What one rank in each ranking is worth; only their ratio matters to the order."""

    lexical: float = 1.0
    semantic: float = 1.0


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


def _ranks(listings: Sequence[str]) -> dict[str, int]:
    return {listing: rank for rank, listing in enumerate(listings, start=1)}


def _worth(weight: float, rank: int | None) -> float:
    return 0.0 if rank is None else weight / (RANK_CONSTANT + rank)
