"""Estimates of the score of all pairs of two sets at once: what candidates are chosen by. Pure.

Text: cosines of the titles and of the best passages (dense products), the words and characters in common (one sparse
product, without the most common ones). Business parts: those that are plain arithmetic, by the rules of `business` written
over arrays; indicators and region count as neutral.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matching.pairing import business
from matching.pairing.parts import NEUTRAL
from matching.pairing.prepared import COLUMNS, FOREIGN, FULL_MEANING, FULL_TERMS, Indices, Prepared, Ready
from matching.pairing.score import Context
from matching.pairing.sides import Side
from search.ports import Matrix

if TYPE_CHECKING:
    from scipy import sparse

Estimates = NDArray[np.float32]
Row = NDArray[np.float32]


@lru_cache(maxsize=4096)
def _mode(code: str) -> int:
    """A bit a mode; JSTEC's codes are two digits. Others share bits, which only blurs an estimate."""
    return 1 << (int(code) % 62 if code.isdecimal() and code.isascii() else 62)


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The business figures of many sides, arrays of length n; nan where a side says nothing, 0 for no modes."""

    industry: Row
    trl_low: Row
    trl_high: Row
    modes: NDArray[np.int64]
    price_low: Row
    price_high: Row
    ip: Row
    end: Row
    """Days from today."""


def _standing(side: Side, context: Context) -> float:
    if not side.industries or context.industry is None:
        return np.nan
    return business.STANDING[business.standing(side, context.industry, context.ancestors)]


def columns(sides: Sequence[Side], context: Context) -> Columns:
    def floats(values: list[float | None]) -> Row:
        return np.array([np.nan if value is None else value for value in values], np.float32)

    today = context.today.toordinal()
    days = [[day.toordinal() - today for day in (side.open_until, side.wanted_by) if day] for side in sides]
    return Columns(
        floats([_standing(side, context) for side in sides]),
        floats([side.trl and side.trl[0] for side in sides]),
        floats([side.trl and side.trl[1] for side in sides]),
        np.array([sum(_mode(code) for code in side.modes) for side in sides], np.int64),
        floats([side.price and float(side.price[0] or 0) for side in sides]),
        floats([side.price and (np.inf if side.price[1] is None else float(side.price[1])) for side in sides]),
        floats([business.ip_part(side.ip)[0] for side in sides]),
        floats([min(each, default=None) for each in days]),
    )


def _maturity(least: float, low: Row, high: Row) -> Row:
    share = (high - np.float32(least) + 1) / (high - low + 1)
    partly = np.where(high >= least, 0.5 + 0.5 * share, np.maximum(0.5 - 0.125 * (least - high), 0))
    return np.where(low >= least, np.float32(1), partly).astype(np.float32)


def _cooperation(asked: int, given: NDArray[np.int64]) -> Row:
    other = _mode("05")
    shared = given & (asked & ~other)
    several = (shared & (shared - 1)) != 0
    open_to_others = ((given | asked) & other) != 0
    value = np.where(shared != 0, np.where(several, 1.0, 0.8), np.where(open_to_others, 0.5, 0.0))
    return np.where(given != 0, value, np.nan).astype(np.float32)


def _price(most: float, low: Row, high: Row) -> Row:
    if np.isinf(most):
        return np.where(np.isnan(low), np.nan, np.float32(1)).astype(np.float32)
    width = np.where(high > low, high - low, np.float32(1))
    partly = 0.5 + 0.5 * np.where(np.isinf(high), 0, (most - low) / width)
    above = np.maximum(1 - 0.5 * low / most, 0) if most > 0 else np.zeros_like(low)
    value = np.where(low > most, above, np.where(high <= most, np.float32(1), partly))
    return np.where(np.isnan(low), np.nan, value).astype(np.float32)


class Factors:
    """What the worth of the texts is multiplied by, for each need and every result."""

    def __init__(self, needs: Sequence[Side], results: Sequence[Side], context: Context) -> None:
        self._needs, self._results = columns(needs, context), columns(results, context)
        self._weights = context.formula.business
        self._scale = np.float32(context.formula.scale)
        self._known: dict[tuple[float, float, int], Row] = {}

    def _shift(self, code: str, value: Row) -> Row:
        """The part's summand; nan, which does not apply, gives 0."""
        shift: Row = np.float32(self._weights.get(code, 0.0)) * (value - np.float32(NEUTRAL))
        np.copyto(shift, np.float32(0), where=np.isnan(shift))
        return shift

    def _common(self, standing: float, least: float, modes: int) -> Row:
        """The parts in which many needs are alike."""
        given = self._results
        total = 1 + self._shift("ip", given.ip)
        if not np.isnan(standing):
            total += self._shift("industry", np.minimum(given.industry, np.float32(standing)))
        if not np.isnan(least):
            total += self._shift("maturity", _maturity(least, given.trl_low, given.trl_high))
        if modes:
            total += self._shift("cooperation", _cooperation(modes, given.modes))
        return total

    def of(self, at: int) -> Row:
        """For the need at this position; its array is its own."""
        need = self._needs
        standing, least, modes = float(need.industry[at]), float(need.trl_low[at]), int(need.modes[at])
        key = (np.nan_to_num(standing, nan=-1.0), np.nan_to_num(least, nan=-1.0), modes)
        common = self._known.get(key)
        if common is None:
            common = self._known[key] = self._common(standing, least, modes)
        days = np.fmin(self._results.end, need.end[at]) / np.float32(business.ENOUGH_DAYS)
        total: Row = common + self._shift("time", np.clip(days, 0, 1))
        if not np.isnan(need.price_low[at]):
            total += self._shift("price", _price(float(need.price_high[at]), self._results.price_low, self._results.price_high))
        total *= self._scale
        return total


def _matrix(ready: Sequence[Ready], *, asked_first: bool, scale: float) -> "sparse.csr_array[np.float32]":
    """Each side's two sparse rows side by side; with the other kind's the other way round their product is the coverage."""
    from scipy import sparse  # a fifth of a second, which only who matches should pay

    rows = [(each.asked, each.held) if asked_first else (each.held, each.asked) for each in ready]
    ends = np.cumsum([0, *(len(a[0]) + len(b[0]) for a, b in rows)])
    nothing = np.zeros(0, np.int32), np.zeros(0, np.float32)
    flat = [part for a, b in rows for part in ((a[0], a[1]), (b[0] + COLUMNS, b[1]))] or [nothing]
    return sparse.csr_array(
        (np.concatenate([part[1] for part in flat]) * np.float32(scale), np.concatenate([part[0] for part in flat]), ends),
        shape=(len(rows), 2 * COLUMNS),
    )


def _levels(sides: Prepared) -> list[Matrix]:
    """The titles of all sides, the second passages of those that have one, and so on. The sides come longest first."""
    counts = [int((sides.lengths > level).sum()) for level in range(int(sides.lengths.max(initial=0)))]
    return [sides.passages[sides.starts[:count] + level] for level, count in enumerate(counts)]


class _Room:
    """Memory that every block uses again: fresh pages cost nearly as much as the product that is written into them."""

    def __init__(self, needs: int, results: int) -> None:
        self._held = [np.empty((needs, results), np.float32) for _ in range(3)]

    def of(self, needs: int, results: int) -> Iterator[Estimates]:
        for each in self._held:
            yield each.reshape(-1)[: needs * results].reshape(needs, results)


def _meaning(titles: Matrix, bodies: Matrix, results: list[Matrix], room: _Room) -> Estimates:
    """Mean cosine of the titles and of the need's body with the closest passage, as `prepared.closeness` has it, shape (needs,
    results)."""
    best, product, _ = room.of(len(titles), len(results[0]))
    np.matmul(bodies, results[0].T, out=best)
    for other in results[1:]:
        part = best[:, : len(other)]
        _, _, more = room.of(len(bodies), len(other))
        np.matmul(bodies, other.T, out=more)
        np.maximum(part, more, out=part)
    np.matmul(titles, results[0].T, out=product)
    best += product
    best *= np.float32(0.5)
    return best


def estimates(needs: Prepared, results: Prepared, context: Context, block: int) -> Iterator[tuple[int, Estimates]]:
    """Blocks of needs: the first one's position, and estimates of shape (needs in the block, results), which hold until
    the next block is asked for.

    Results come with their longest listings first (`longest_first`).
    """
    terms = _matrix(needs.ready, asked_first=True, scale=context.formula.terms / FULL_TERMS)
    covering = _matrix(results.ready, asked_first=False, scale=1.0).T.tocsr()
    factors = Factors(needs.sides, results.sides, context)
    titles, bodies, other = needs.passages[needs.starts[:-1]], needs.bodies, _levels(results)
    room = _Room(min(block, len(needs)), len(results))
    for start in range(0, len(needs), block):
        stop = min(start + block, len(needs))
        values = _meaning(titles[start:stop], bodies[start:stop], other, room)
        if context.spread != 1:
            values *= np.float32(context.spread)
        foreign = needs.foreign[start:stop, None] & results.foreign[None, :]
        if foreign.any():
            values[foreign] = (values[foreign] - FOREIGN) / (1 - FOREIGN)
        values *= np.float32(context.formula.meaning / FULL_MEANING)
        values += (terms[start:stop] @ covering).toarray()
        for row in range(stop - start):
            values[row] *= factors.of(start + row)
        yield start, values


def longest_first(sides: Prepared) -> Indices:
    """Positions by number of passages, most first."""
    return np.argsort(-sides.lengths, kind="stable")
