"""A zone's pairs by blocks: candidates by matrix products, then the candidates in full. Pure, deterministic.

Candidates are the best by an estimate of the text score for all pairs at once: cosine of the titles and of the bodies
(dense products) joined with the weighted words in common (one sparse product, exact for words). Only the best passage is
estimated, by the direction of the whole body. A need never costs a query of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matching.pairing.parts import text_score
from matching.pairing.prepared import BODY, FOREIGN, FULL_MEANING, FULL_TERMS, UNSEEN, Indices, Prepared, Ready, closeness
from matching.pairing.score import Context, Scored, scored
from matching.pairing.sides import Side

PER_NEED: Final = 100
PER_RESULT: Final = 20
KEEP: Final = 50
KEEP_PER_RESULT: Final = 10
BLOCK: Final = 256

Estimates = NDArray[np.float32]


def prepare(sides: Sequence[Side], context: Context) -> Prepared:
    """Ready for any number of matches under the context's table; raises ValueError for mixed dimensions."""
    return Prepared(sides, context.weights)


class _Terms:
    """Both kinds as sparse matrices whose product is the mean coverage of words and characters of every pair."""

    def __init__(self, needs: Prepared, results: Prepared) -> None:
        self._columns: dict[str, int] = {}
        for each in results.ready:
            for units, kind in ((each.words, "w"), (each.characters, "c")):
                for unit in (*units.title, *sorted(units.body)):
                    self._columns.setdefault(kind + unit, len(self._columns))
        self.needs = self._matrix(needs.ready, asked_first=True)
        self.results = self._matrix(results.ready, asked_first=False).T.tocsr()

    def _matrix(self, sides: Sequence[Ready], *, asked_first: bool) -> "sparse.csr_array[np.float32]":
        """Each side twice: as the title that is to be covered, and as the text that covers."""
        width = len(self._columns)
        asked_at, held_at = (0, width) if asked_first else (width, 0)
        data: list[float] = []
        columns: list[int] = []
        ends = [0]
        known = self._columns
        for each in sides:
            for units, kind in ((each.words, "w"), (each.characters, "c")):
                share = 0.25 / (units.total + UNSEEN)  # the mean of two directions, and of words and characters
                for unit, weight in units.title.items():
                    column = known.get(kind + unit)
                    if column is not None:
                        columns += (asked_at + column, held_at + column)
                        data += (weight * share, 1.0)
                for unit in units.body:
                    column = known.get(kind + unit)
                    if column is not None:
                        columns.append(held_at + column)
                        data.append(BODY)
            ends.append(len(columns))
        matrix = sparse.csr_array(
            (np.array(data, np.float32), np.array(columns, np.int32), np.array(ends, np.int64)),
            shape=(len(sides), 2 * width),
        )
        matrix.sort_indices()
        return matrix

    def block(self, start: int, stop: int) -> Estimates:
        found: Estimates = (self.needs[start:stop] @ self.results).toarray()
        return found


def _estimates(needs: Prepared, results: Prepared, block: int) -> Iterator[tuple[int, Estimates]]:
    """Blocks of needs (first position, estimates of shape (rows, results))."""
    terms = _Terms(needs, results)
    for start in range(0, len(needs), block):
        stop = min(start + block, len(needs))
        meaning = needs.titles[start:stop] @ results.titles.T
        meaning += needs.bodies[start:stop] @ results.bodies.T
        meaning *= 0.5
        foreign = needs.foreign[start:stop, None] & results.foreign[None, :]
        if foreign.any():
            meaning[foreign] = (meaning[foreign] - FOREIGN) / (1 - FOREIGN)
        meaning /= FULL_MEANING
        np.clip(meaning, 0.0, 1.0, out=meaning)
        shared = terms.block(start, stop)
        shared /= FULL_TERMS
        np.minimum(shared, 1.0, out=shared)
        yield start, (text_score(1.0, 0.0) * meaning + text_score(0.0, 1.0) * shared).astype(np.float32)


def _best(values: Estimates, order: Indices, count: int) -> Indices:
    """Positions of the `count` highest, best first, ties by `order`."""
    count = min(count, len(values))
    if not count:
        return np.zeros(0, np.intp)
    least = np.partition(values, len(values) - count)[len(values) - count]
    found = np.flatnonzero(values >= least)
    chosen: Indices = found[np.lexsort((order[found], -values[found]))][:count]
    return chosen


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """`by_need[i]` are positions of results for the need at position i, best estimate first; `by_result` the reverse."""

    by_need: list[Indices]
    by_result: list[Indices]


def both_ways(
    needs: Prepared, results: Prepared, per_need: int = PER_NEED, per_result: int = PER_RESULT, block: int = BLOCK
) -> Candidates:
    by_need: list[Indices] = []
    held = np.full((0, len(results)), 0, np.float32)
    held_at = np.zeros((0, len(results)), np.intp)
    for start, values in _estimates(needs, results, block):
        by_need += [_best(row, results.order, per_need) for row in values]
        if per_result:
            held = np.concatenate([held, values])
            held_at = np.concatenate([held_at, np.broadcast_to(np.arange(start, start + len(values))[:, None], values.shape)])
            if len(held) > per_result:  # the best needs so far of every result; ties by listing id
                ranked = np.lexsort((needs.order[held_at], -held), axis=0)[:per_result]
                held, held_at = np.take_along_axis(held, ranked, 0), np.take_along_axis(held_at, ranked, 0)
    return Candidates(by_need, [held_at[:, column] for column in range(len(results))] if per_result else [])


def candidates(
    needs: Sequence[Side], results: Sequence[Side], context: Context, per_need: int = PER_NEED, block: int = BLOCK
) -> list[Indices]:
    """For each need the positions of its most promising results, best first."""
    return both_ways(prepare(needs, context), prepare(results, context), per_need, 0, block).by_need


def score_some(needs: Prepared, at: int, results: Prepared, chosen: Indices, context: Context) -> list[Scored]:
    """The need at position `at` with the results at `chosen`, in full, in the order of `chosen`."""
    if not len(chosen):
        return []
    close = closeness(needs, at, results, chosen)
    meaning = close.value()
    need = needs.ready[at]
    return [
        scored(need, results.ready[which], context, close, row, float(meaning[row])) for row, which in enumerate(chosen.tolist())
    ]


def score_all(needs: Prepared, at: int, results: Prepared, context: Context) -> list[Scored]:
    """One need with every result, in their order: a listing just posted."""
    return score_some(needs, at, results, np.arange(len(results)), context)


def _by_rank(pair: Scored) -> tuple[float, str]:
    return -pair.score, pair.result


def keep_best(pairs: Sequence[Scored], keep: int = KEEP, keep_per_result: int = KEEP_PER_RESULT) -> list[Scored]:
    """The best `keep` results of every need and the best `keep_per_result` needs of every result; by need, best first."""
    of_need: dict[str, list[Scored]] = {}
    of_result: dict[str, list[Scored]] = {}
    for pair in pairs:
        of_need.setdefault(pair.need, []).append(pair)
        of_result.setdefault(pair.result, []).append(pair)
    kept = {(pair.need, pair.result) for held in of_need.values() for pair in sorted(held, key=_by_rank)[:keep]}
    for held in of_result.values():
        best = sorted(held, key=lambda pair: (-pair.score, pair.need))[:keep_per_result]
        kept.update((pair.need, pair.result) for pair in best)
    return sorted(
        (pair for pair in pairs if (pair.need, pair.result) in kept), key=lambda pair: (pair.need, -pair.score, pair.result)
    )


def match_prepared(
    needs: Prepared,
    results: Prepared,
    context: Context,
    keep: int = KEEP,
    keep_per_result: int = KEEP_PER_RESULT,
    per_need: int = PER_NEED,
    per_result: int = PER_RESULT,
    block: int = BLOCK,
) -> list[Scored]:
    """Candidates both ways, each scored once in full, and of these the best of every need and of every result."""
    found = both_ways(needs, results, per_need, per_result, block)
    wanted = [set(chosen.tolist()) for chosen in found.by_need]
    for result, chosen in enumerate(found.by_result):
        for need in chosen.tolist():
            wanted[need].add(result)
    pairs = [
        pair
        for need, chosen in enumerate(wanted)
        for pair in score_some(needs, need, results, np.array(sorted(chosen), np.intp), context)
    ]
    return keep_best(pairs, keep, keep_per_result)


def match(
    needs: Sequence[Side],
    results: Sequence[Side],
    context: Context,
    keep: int = KEEP,
    keep_per_result: int = KEEP_PER_RESULT,
    per_need: int = PER_NEED,
    block: int = BLOCK,
) -> list[Scored]:
    """The pairs of a zone that are worth a row, by need id, best first. Listing ids must be distinct."""
    return match_prepared(
        prepare(needs, context), prepare(results, context), context, keep, keep_per_result, per_need, block=block
    )


def full(needs: Sequence[Side], results: Sequence[Side], context: Context) -> list[Scored]:
    """Every pair in full: to measure what the shortcut loses, and for small zones."""
    a, b = prepare(needs, context), prepare(results, context)
    return [pair for at in range(len(a)) for pair in score_all(a, at, b, context)]


def recall(needs: Sequence[Side], results: Sequence[Side], context: Context, per_need: int = PER_NEED, keep: int = KEEP) -> float:
    """Share of the best `keep` results of every need by full scoring that are among its candidates; 1 without any pair."""
    a, b = prepare(needs, context), prepare(results, context)
    found = both_ways(a, b, per_need, 0).by_need
    hit = asked = 0
    for at, chosen in enumerate(found):
        pairs = score_all(a, at, b, context)
        best = sorted(range(len(pairs)), key=lambda which: _by_rank(pairs[which]))[:keep]
        hit += len(set(best).intersection(chosen.tolist()))
        asked += len(best)
    return hit / asked if asked else 1.0
