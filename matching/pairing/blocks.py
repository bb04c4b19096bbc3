"""A zone's pairs by blocks of results: memory for one block, whatever the number of results. Pure, deterministic.

Every need keeps its best candidates so far by estimate; a result's best needs are known as soon as its block is, since all
needs are at hand. What is a candidate in its block is scored there, while its texts are held. A need's candidate that a
later block pushes out is forgotten with its score, so that the outcome is that of one block with all results in it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from matching.pairing.batch import BLOCK, KEEP, KEEP_PER_RESULT, PER_NEED, PER_RESULT, both_ways, keep_best, prepare, score_some
from matching.pairing.prepared import Prepared
from matching.pairing.score import Context, Scored
from matching.pairing.sides import Side

RESULTS: Final = 4096
"""Results in a block: so many that what is done once a block, of the needs, costs next to nothing beside the products."""


@dataclass(slots=True)
class _Need:
    """What is held of one need: the candidates it has so far (negated estimate and result's id, best first) with their pairs,
    and the best pairs among those that are candidates of their result for certain."""

    order: list[tuple[float, str]] = field(default_factory=list)
    pairs: dict[str, Scored] = field(default_factory=dict)
    certain: list[Scored] = field(default_factory=list)

    def narrow(self, found: Sequence[tuple[float, str]], most: int) -> set[str]:
        """Take the candidates of a block in, drop those that are no longer among the best `most`. The ids that are new."""
        before = self.pairs.keys()
        self.order = sorted([*self.order, *found])[:most]
        names = {name for _, name in self.order}
        for name in before - names:
            del self.pairs[name]
        return names - before


def _best(pairs: Iterable[Scored], most: int) -> list[Scored]:
    return sorted(pairs, key=lambda pair: (-pair.score, pair.result))[:most]


def match_blocks(
    needs: Prepared,
    blocks: Iterable[Prepared],
    context: Context,
    keep: int = KEEP,
    keep_per_result: int = KEEP_PER_RESULT,
    per_need: int = PER_NEED,
    per_result: int = PER_RESULT,
    block: int = BLOCK,
    result_from: float = 0.0,
    need_from: float = 0.0,
    done: Callable[[float], None] = lambda _: None,
) -> list[Scored]:
    """Candidates both ways, each scored in full, and of these the best of every need, which score at least `need_from`, and
    of every result; pairs that are kept for their result's sake alone score at least `result_from`. By need, best first.

    Every result stands in one block; neither their order nor the blocks' size changes the outcome. A block is let go before
    the next one is asked for. `done` hears after each need of a block how many results are done, and may raise.
    """
    held = [_Need() for _ in range(len(needs))]
    for_results: list[Scored] = []
    before = 0
    for results in blocks:
        found = both_ways(needs, results, context, per_need, per_result, block, result_from, need_from)
        certain: list[set[int]] = [set() for _ in held]
        for at, asking in enumerate(found.by_result):
            for need in asking.tolist():
                certain[need].add(at)
        of_result: dict[str, list[Scored]] = {}
        for need, each in enumerate(held):
            places = {results.sides[at].listing: at for at in found.by_need[need].tolist()}
            new = each.narrow(list(zip((-found.worth[need]).tolist(), places, strict=True)), per_need)
            wanted = sorted(certain[need].union(places[name] for name in new))
            own = []
            for at, pair in zip(wanted, score_some(needs, need, results, np.array(wanted, np.intp), context), strict=True):
                if pair.result in new:
                    each.pairs[pair.result] = pair
                if at in certain[need]:
                    own.append(pair)
                    if pair.score >= result_from:
                        of_result.setdefault(pair.result, []).append(pair)
            each.certain = _best([*each.certain, *own], keep)
            done(before + len(results) * (need + 1) / len(held))
        for pairs in of_result.values():
            for_results += sorted(pairs, key=lambda pair: (-pair.score, pair.need))[:keep_per_result]
        before += len(results)
        del results
    every = {(pair.need, pair.result): pair for pair in for_results}
    for each in held:
        every.update({(pair.need, pair.result): pair for pair in (*each.pairs.values(), *each.certain)})
    return keep_best(list(every.values()), keep, keep_per_result, result_from, need_from)


def match(
    needs: Sequence[Side],
    results: Sequence[Side],
    context: Context,
    keep: int = KEEP,
    keep_per_result: int = KEEP_PER_RESULT,
    per_need: int = PER_NEED,
    block: int = BLOCK,
) -> list[Scored]:
    """The pairs of a zone that are worth a row, all results in one block. Listing ids must be distinct."""
    return match_blocks(
        prepare(needs, context), [prepare(results, context)], context, keep, keep_per_result, per_need, block=block
    )
