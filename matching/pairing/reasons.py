"""What each named reason of a pair is worth: the score once more, with that thing taken off both sides. Pure.

A part's points already add up to the score; here stands what they rest on. A term is taken out of title and body of both
sides, a figure out of what the need asks, a passage out of its side's body, a part's facts off both sides. Meaning stays
as it is when a word is taken away: the vectors are of the whole text, so the change told is the word's own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from matching.pairing.indicators import compare, display, figure
from matching.pairing.score import Context, Scored, score_pair
from matching.pairing.sides import Side

Kind = Literal["term", "figure", "passage", "part"]
Sides = tuple[Side, Side]
Change = Callable[[Side, Side], Sides]

PARTS: Final[dict[str, Change]] = {
    "indicators": lambda need, result: (replace(need, indicators=()), result),
    "industry": lambda need, result: (
        replace(need, industries=frozenset(), ancestors=frozenset()),
        replace(result, industries=frozenset(), ancestors=frozenset()),
    ),
    "maturity": lambda need, result: (replace(need, trl=None), replace(result, trl=None)),
    "ip": lambda need, result: (need, replace(result, ip=())),
    "cooperation": lambda need, result: (replace(need, modes=frozenset()), replace(result, modes=frozenset())),
    "price": lambda need, result: (replace(need, price=None), replace(result, price=None)),
    "time": lambda need, result: (
        replace(need, open_until=None, wanted_by=None),
        replace(result, open_until=None, wanted_by=None),
    ),
    "region": lambda need, result: (
        replace(need, city=None, zones=frozenset()),
        replace(result, city=None, zones=frozenset()),
    ),
}
"""How each business part is made not to apply."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One named thing. `name` is the term, the figure's name, the part's code, or the side (`need`, `result`) of a passage.

    `change` is what the score has by it: the score less the score without it, negative where it speaks against the pair.
    `level` is the level without it. Of a figure `verdict` is what `indicators.compare` found and `asked` what is asked.
    """

    kind: Kind
    name: str
    change: float
    level: int
    verdict: str = ""
    asked: str = ""


def reasons(need: Side, result: Side, context: Context, pair: Scored) -> tuple[Reason, ...]:
    """Of the pair as scored: shared terms, figures, closest passages, then the parts, each in its own order."""
    found: list[Reason] = []
    for kind, name, verdict, asked, change in _named(need, result, pair):
        rest = score_pair(*change(need, result), context)
        found.append(Reason(kind, name, pair.score - rest.score, rest.level, verdict, asked))
    return tuple(found)


def _named(need: Side, result: Side, pair: Scored) -> Iterator[tuple[Kind, str, str, str, Change]]:
    for term in pair.shared_terms:
        yield "term", term, "", "", _term_away(term)
    told: set[tuple[str, str]] = set()
    for each in compare([figure(one) for one in need.indicators], [figure(one) for one in result.indicators]):
        if (each.name, each.asked) not in told:
            told.add((each.name, each.asked))
            yield "figure", each.name, each.verdict, each.asked, _figure_away(each.name, each.asked)
    for side, at in (("need", pair.best_passages[0]), ("result", pair.best_passages[1])):
        if at > 0:  # the title cannot be taken away: a listing is found by it
            yield "passage", side, "", "", _passage_away(side, at)
    for part in pair.parts:
        if part.code in PARTS and part.value is not None:
            yield "part", part.code, "", "", PARTS[part.code]


def without_term(words: tuple[str, ...], term: str) -> tuple[str, ...]:
    """The words without every run of neighbours that spells the term: itself, or characters that were cut apart (银 浆)."""
    left = list(words)
    at = 0
    while at < len(left):
        length = _spelt(left, at, term)
        if length:
            del left[at : at + length]
            at = max(0, at - len(term))  # what stood around it are neighbours now
        else:
            at += 1
    return tuple(left)


def _spelt(words: list[str], at: int, term: str) -> int:
    """How many words from `at` on spell the term; 0 where they do not."""
    spelt = ""
    for length, word in enumerate(words[at : at + len(term)], 1):
        spelt += word
        if spelt == term:
            return length
        if not term.startswith(spelt):
            return 0
    return 0


def _term_away(term: str) -> Change:
    def away(side: Side) -> Side:
        return replace(side, title_terms=without_term(side.title_terms, term), body_terms=without_term(side.body_terms, term))

    return lambda need, result: (away(need), away(result))


def _figure_away(name: str, asked: str) -> Change:
    def away(need: Side, result: Side) -> Sides:
        kept = tuple(each for each in need.indicators if (each.name, display(each)) != (name, asked))
        return replace(need, indicators=kept), result

    return away


def _passage_away(which: str, at: int) -> Change:
    def away(need: Side, result: Side) -> Sides:
        side = need if which == "need" else result
        shorter = replace(side, passage_vectors=np.delete(side.passage_vectors, at, axis=0))
        return (shorter, result) if which == "need" else (need, shorter)

    return away
