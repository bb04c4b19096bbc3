"""Many pairs at once: candidates by matrix products, candidates in full, and which are kept. Pure, deterministic.

Candidates are the best by an estimate of the whole score for all pairs at once (`estimate`), vectors and weighted terms
joined. A need never costs a query of its own. `blocks` matches a whole zone with these.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.pairing.estimate import Estimates, estimates, longest_first
from matching.pairing.prepared import Indices, Prepared, closeness
from matching.pairing.score import Context, Scored, scored
from matching.pairing.sides import Side

PER_NEED: Final = 100
PER_RESULT: Final = 20
KEEP: Final = 50
KEEP_PER_RESULT: Final = 10
BLOCK: Final = 256
_NEAR: Final = 0.8
"""An estimate leaves out indicators, region and the commonest words: a pair below this share of a score hardly reaches it."""
_NONE: Final[Indices] = np.zeros(0, np.intp)
_NOTHING: Final[Estimates] = np.zeros(0, np.float32)


def prepare(sides: Sequence[Side], context: Context) -> Prepared:
    """Ready for any number of matches under the context's table; raises ValueError for mixed dimensions."""
    return Prepared(sides, context.weights)


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
    """`by_need[i]` are positions of results for the need at position i, best estimate first, and `worth[i]` these estimates;
    `by_result[j]` positions of needs for the result at position j, in no order."""

    by_need: list[Indices]
    worth: list[Estimates]
    by_result: list[Indices]


def both_ways(
    needs: Prepared,
    results: Prepared,
    context: Context,
    per_need: int = PER_NEED,
    per_result: int = PER_RESULT,
    block: int = BLOCK,
    result_from: float = 0.0,
    need_from: float = 0.0,
) -> Candidates:
    """Candidates of every need, those that may score `need_from`, and, unless `per_result` is 0, of every result: those that
    may score `result_from`."""
    need_at, result_at = longest_first(needs), longest_first(results)
    a, b = needs.take(need_at), results.take(result_at)
    by_need, worth = [_NONE] * len(a), [_NOTHING] * len(a)
    by_result = [_NONE] * len(b) if per_result else []
    if not len(a) or not len(b):
        return Candidates(by_need, worth, by_result)
    held = np.zeros((0, len(b)), np.float32)
    places = np.zeros((0, len(b)), np.intp)
    for start, values in estimates(a, b, context, block):
        for row, need in zip(values, need_at[start:], strict=False):
            best = _best(row, b.order, per_need)
            best = best[row[best] >= _NEAR * need_from] if need_from else best
            by_need[need], worth[need] = result_at[best], row[best]
        if per_result:  # the best needs so far of every result
            rows = np.broadcast_to(need_at[start : start + len(values), None], values.shape)
            held, places = np.concatenate([held, values]), np.concatenate([places, rows])
            if len(held) > per_result:
                chosen = np.argpartition(held, len(held) - per_result, axis=0)[-per_result:]
                held, places = np.take_along_axis(held, chosen, 0), np.take_along_axis(places, chosen, 0)
    if per_result:
        may = held >= _NEAR * result_from
        for result, own, chosen in zip(result_at, places.T, may.T, strict=True):
            by_result[result] = own[chosen]
    return Candidates(by_need, worth, by_result)


def candidates(
    needs: Sequence[Side], results: Sequence[Side], context: Context, per_need: int = PER_NEED, block: int = BLOCK
) -> list[Indices]:
    """For each need the positions of its most promising results, best first."""
    return both_ways(prepare(needs, context), prepare(results, context), context, per_need, 0, block).by_need


def score_some(needs: Prepared, at: int, results: Prepared, chosen: Indices, context: Context) -> list[Scored]:
    """The need at position `at` with the results at `chosen`, in full, in the order of `chosen`."""
    if not len(chosen):
        return []
    close = closeness(needs, at, results, chosen)
    meaning = close.value(context.spread).tolist()
    return [scored(needs, at, results, which, context, close, row, meaning[row]) for row, which in enumerate(chosen.tolist())]


def score_all(needs: Prepared, at: int, results: Prepared, context: Context) -> list[Scored]:
    """One need with every result, in their order: a listing just posted."""
    return score_some(needs, at, results, np.arange(len(results)), context)


def _by_rank(pair: Scored) -> tuple[float, str]:
    return -pair.score, pair.result


def keep_best(
    pairs: Sequence[Scored],
    keep: int = KEEP,
    keep_per_result: int = KEEP_PER_RESULT,
    result_from: float = 0.0,
    need_from: float = 0.0,
) -> list[Scored]:
    """The best `keep` results of every need from a score of `need_from`, and the best `keep_per_result` needs of every result
    from a score of `result_from`; by need, best first."""
    of_need: dict[str, list[Scored]] = {}
    of_result: dict[str, list[Scored]] = {}
    for pair in pairs:
        of_need.setdefault(pair.need, []).append(pair)
        of_result.setdefault(pair.result, []).append(pair)
    best_of_needs = (pair for held in of_need.values() for pair in sorted(held, key=_by_rank)[:keep])
    kept = {(pair.need, pair.result) for pair in best_of_needs if pair.score >= need_from}
    for held in of_result.values():
        best = sorted(held, key=lambda pair: (-pair.score, pair.need))[:keep_per_result]
        kept.update((pair.need, pair.result) for pair in best if pair.score >= result_from)
    return sorted(
        (pair for pair in pairs if (pair.need, pair.result) in kept), key=lambda pair: (pair.need, -pair.score, pair.result)
    )


def full(needs: Sequence[Side], results: Sequence[Side], context: Context) -> list[Scored]:
    """Every pair in full: to measure what the shortcut loses, and for small zones."""
    a, b = prepare(needs, context), prepare(results, context)
    return [pair for at in range(len(a)) for pair in score_all(a, at, b, context)]


def recall(needs: Sequence[Side], results: Sequence[Side], context: Context, per_need: int = PER_NEED, keep: int = KEEP) -> float:
    """Share of the best `keep` results of every need by full scoring that are among its candidates; 1 without any pair."""
    a, b = prepare(needs, context), prepare(results, context)
    found = both_ways(a, b, context, per_need, 0).by_need
    hit = asked = 0
    for at, chosen in enumerate(found):
        pairs = score_all(a, at, b, context)
        best = sorted(range(len(pairs)), key=lambda which: _by_rank(pairs[which]))[:keep]
        hit += len(set(best).intersection(chosen.tolist()))
        asked += len(best)
    return hit / asked if asked else 1.0
