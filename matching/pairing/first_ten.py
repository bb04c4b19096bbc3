"""The first ten of a list in another order, on request: what is new higher, what repeats the entries above it lower. Pure.

A place always holds a pair of the level that it held before, so no pair passes one of another level; no score changes. Each place
goes to the pair of its level with the least `standing`:

    where it stood - LIFTS of its age + DROP for every one above it of the same organisation or much the same title

(greedy, as in maximal marginal relevance: Carbonell & Goldstein, SIGIR 1998, counted in places). With the first alone an entry
moves up by no more than its lift, and one that were newer would stand no lower. `zonematch evaluate --first-ten` tells the cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise
from typing import Final, Literal

FIRST: Final = 10
REACH: Final = 30
"""The first ten are chosen among so many; whatever stands behind these stays."""
LIFTS: Final = ((7, 3), (30, 2), (90, 1))
"""Published within so many days: moves up by so many places."""
DROP: Final = 3
ALIKE: Final = 0.5
"""From this share of their titles' words in common on two entries are much the same (Dice)."""

Cause = Literal["new", "same_organisation", "alike"]
CAUSES: Final[tuple[Cause, ...]] = ("new", "same_organisation", "alike")
"""The first that holds is told."""


@dataclass(frozen=True, slots=True)
class Switches:
    """Both off unless asked for. `fresh` is the day on which what is new stands higher, None where it does not."""

    fresh: date | None = None
    diverse: bool = False

    @property
    def are_on(self) -> bool:
        return self.fresh is not None or self.diverse


@dataclass(frozen=True, slots=True)
class Entry:
    """What a place in the list goes by. `organisation` and `words` (of the title) may be empty: then they are like nothing."""

    level: int
    published: date | None
    organisation: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Move:
    """The entry that stood at `at` moved by so many `places`, up or (negative) down, for this cause."""

    at: int
    places: int
    cause: Cause | None
    """None where it stays, or only makes room for others."""


def reorder(entries: Sequence[Entry], switches: Switches) -> list[Move]:
    """A permutation of `entries`, which are given best first; as they are where both switches are off."""
    left = list(range(min(len(entries), REACH))) if switches.are_on else []
    lifts = [lift(entry.published, switches.fresh) for entry in entries]
    above: list[list[Cause]] = [[] for _ in entries]
    runs = [0, *accumulate(one.level != other.level for one, other in pairwise(entries))]

    def standing(at: int) -> tuple[int, int, int]:
        repeats = len(above[at])
        return at - lifts[at] + DROP * repeats, repeats, -lifts[at]

    chosen: list[int] = []
    while left and len(chosen) < FIRST:
        best = min((at for at in left if runs[at] == runs[len(chosen)]), key=standing)
        chosen.append(best)
        left.remove(best)
        for at in left if switches.diverse else ():
            above[at].extend(_shared(entries[best], entries[at]))
    order = [*chosen, *left, *range(len(chosen) + len(left), len(entries))]
    return [Move(at, at - now, _cause(at - now, lifts[at], above[at])) for now, at in enumerate(order)]


def lift(published: date | None, today: date | None) -> int:
    """By how many places an entry of this day moves up today; never by more for an older one."""
    if published is None or today is None:
        return 0
    return next((places for days, places in LIFTS if (today - published).days <= days), 0)


def _shared(one: Entry, other: Entry) -> tuple[Cause, ...]:
    """What makes the other repeat the one: one cause, or none."""
    if one.organisation and one.organisation == other.organisation:
        return ("same_organisation",)
    return ("alike",) if are_alike(one.words, other.words) else ()


def are_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    total = len(one) + len(other)
    return 0 < ALIKE * total <= 2 * len(one & other)


def _cause(places: int, lifted: int, above: Sequence[Cause]) -> Cause | None:
    if places > 0:
        return "new" if lifted else None
    return min(above, key=CAUSES.index, default=None) if places < 0 else None
