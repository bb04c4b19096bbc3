"""Two rankings to one: a weighted sum of what each hit is worth in its own list, the same for every engine (law 4). Pure.

Worth is told from scores, not from ranks: the first hit of a list counts 1 and the end of the list 0, so that a second hit
far behind the first is worth little and one close behind nearly as much. On the 1,000 papers of csl (known-item search, MRR,
abstracts as documents; `zonematch evaluate --search … --folds 5` chooses outside each fold) against what was there before:

| query | words | meaning | equal ranks | ranks, weighted by the query | scores, even | scores, weighted |
|---|---|---|---|---|---|---|
| title | 0.987 | 0.993 | 0.993 | 0.995 | 0.995 | 0.995 |
| all keywords | 0.991 | 0.993 | 0.995 | 0.995 | 0.997 | 0.997 |
| two keywords | 0.941 | 0.937 | 0.946 | 0.947 | 0.954 | 0.954 |

(With quotation marks read as plain words; since they are commands, six of the keyword lists find less, docs/bench.md.)

Tried and left out: rank constants from 1 to 60 (two keywords 0.950 at best), each list's score as a share of its best, and
the least score seen as the end instead of the floor. Scores all lie within 0.002 of one another, whatever weight between 0.4
and 0.7 meaning gets: so the rule has round numbers and nothing is fitted.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from search.ports import Hit, Rankings

WINDOW: Final = 200
"""Ranked hits that a search takes from each list: as deep as anybody pages."""
RANK_CONSTANT: Final = 60
"""The k of reciprocal rank fusion: how slowly a rank loses worth. 60 is the value of its authors (SIGIR 2009)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`floor` and `beside` say which semantic hits are near by more than chance: at least the floor, and at most so far
    behind the best one (`zonematch evaluate --floor` says how they were chosen). With `even_at` distinct terms words and
    meaning weigh the same, elsewhere at most `utmost` to one."""

    floor: float = 0.27
    beside: float = 0.22
    even_at: int = 4
    utmost: float = 1.5

    def meaning_share(self, terms: Collection[str]) -> float:
        """How much meaning weighs against words, both together 1: the more terms a query has, the more.

        One or two words are names of things, and a text that holds them is nearly always meant, while the vector of one word
        is vague. A sentence holds many words that are beside the point, and its vector says what it is about.
        """
        ratio = min(max(len(set(terms)) / self.even_at, 1 / self.utmost), self.utmost)
        return ratio / (1 + ratio)


RULE: Final = Rule()


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


def narrowed(rankings: Rankings, spread: float) -> Rankings:
    """Cosines of an encoder that spreads them otherwise than the one that the rule below was chosen for: each counts `spread`
    times."""
    if spread == 1:
        return rankings
    return replace(rankings, semantic=tuple(replace(hit, score=hit.score * spread) for hit in rankings.semantic))


def above_floor(rankings: Rankings, rule: Rule = RULE) -> Rankings:
    """Without the semantic hits that are near by chance. Again over its own answer, it takes nothing away."""
    if not rankings.semantic:
        return rankings
    floor = max(rule.floor, rankings.semantic[0].score - rule.beside)
    return replace(rankings, semantic=tuple(hit for hit in rankings.semantic if hit.score >= floor))


def blend(rankings: Rankings, terms: Collection[str], *, pinned: Sequence[str] = (), rule: Rule = RULE) -> tuple[Fused, ...]:
    """The platform's own ranking for a query of these terms: every listing of either ranking once, best first, ties by id.

    What a search page shows, and what `zonematch evaluate --search` measures. `pinned` (an exact title, number or owner
    name) come first in the given order, also where no ranking holds them: the caller has looked them up, and law 3 filters
    both alike.
    """
    kept = above_floor(rankings, rule)
    share = rule.meaning_share(terms)
    return _merged(kept, _words(kept.lexical, 1 - share), _meaning(kept.semantic, share, rule), pinned)


def by_ranks(rankings: Rankings) -> tuple[Fused, ...]:
    """Reciprocal rank fusion with equal weights, as it is usually done: what the own ranking is compared with."""
    lexical, semantic = (
        {hit.listing: 1 / (RANK_CONSTANT + rank) for rank, hit in enumerate(hits, start=1)}
        for hits in (rankings.lexical, rankings.semantic)
    )
    return _merged(rankings, lexical, semantic, ())


def _words(hits: Sequence[Hit], weight: float) -> dict[str, float]:
    """BM25 between 0 and the best. Where the list was cut, what lies beyond may be worth as much as its last hit, which
    therefore counts nothing: many texts that hold one frequent word are told apart by their length alone."""
    end = hits[-1].score if len(hits) >= WINDOW else 0.0
    return _between(hits, end, weight)


def _meaning(hits: Sequence[Hit], weight: float, rule: Rule) -> dict[str, float]:
    """Cosines between the floor, or the end of a list that was cut, and the best; a best one that is itself little above
    the floor counts little."""
    if not hits:
        return {}
    best = hits[0].score
    end = max(rule.floor, best - rule.beside)
    if len(hits) >= WINDOW:
        end = max(end, hits[-1].score)
    return _between(hits, end, weight * min(1.0, (best - rule.floor) / rule.beside))


def _between(hits: Sequence[Hit], end: float, weight: float) -> dict[str, float]:
    if not hits:
        return {}
    room = hits[0].score - end
    return {hit.listing: weight * (hit.score - end) / room if room > 0 else weight for hit in hits}


def _merged(
    rankings: Rankings, by_words: Mapping[str, float], by_meaning: Mapping[str, float], pinned: Sequence[str]
) -> tuple[Fused, ...]:
    lexical = {hit.listing: rank for rank, hit in enumerate(rankings.lexical, start=1)}
    semantic = {hit.listing: (rank, hit.passage) for rank, hit in enumerate(rankings.semantic, start=1)}

    def fused(listing: str) -> Fused:
        rank, passage = semantic.get(listing, (None, None))
        score = by_words.get(listing, 0.0) + by_meaning.get(listing, 0.0)
        return Fused(listing, score, lexical.get(listing), rank, passage)

    first = tuple(dict.fromkeys(pinned))
    rest = (lexical.keys() | semantic.keys()) - set(first)
    ranked = sorted(map(fused, rest), key=lambda item: (-item.score, item.listing))
    return (*map(fused, first), *ranked)
