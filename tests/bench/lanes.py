"""What the two lanes outside a zone's field cost beside the field's own batch: the same needs with as many results again from
outside, and half as many needs again from outside with all results. As the zone's batch computes them, from sides made ready.

Seconds on the clock and seconds of the processor: a busy machine stretches the first alone.
"""

from dataclasses import replace
from functools import partial
from time import process_time
from typing import Final

from matching.pairing.batch import prepare
from matching.pairing.blocks import match_blocks
from matching.pairing.prepared import Prepared
from matching.pairing.score import Context
from matching.pairing.sides import Side
from tests.bench.candidates import SIZES
from tests.bench.report import Report, timed
from tests.bench.synthetic import INDUSTRY, TODAY, population

ELSEWHERE: Final = "robotics"
ROUNDS: Final = 2


def _outside(side: Side) -> Side:
    return replace(side, industries=frozenset({ELSEWHERE}), ancestors=frozenset({ELSEWHERE}))


def run(size: str) -> Report:
    many, few = SIZES[size]
    made = population(2 * many, few + few // 2)
    context = Context(TODAY, INDUSTRY, frozenset({"new-energy"}))
    results = (*made.results[:many], *map(_outside, made.results[many:]))
    needs = (*made.needs[:few], *map(_outside, made.needs[few:]))
    own, all_results = needs[:few], prepare(results, context)
    lanes: dict[str, tuple[Prepared, Prepared, float]] = {
        "industry": (prepare(own, context), prepare(results[:many], context), 0.0),
        "outside_result": (prepare(own, context), prepare(results[many:], context), context.cuts[0]),
        "outside_need": (prepare(needs[few:], context), all_results, context.cuts[0]),
    }
    report = Report("lanes", {"results in the field": many, "and outside": many, "needs": few, "and outside ": few // 2})
    clock: dict[str, list[float]] = {name: [] for name in lanes}
    work: dict[str, list[float]] = {name: [] for name in lanes}
    kept = dict.fromkeys(lanes, 0)
    for _ in range(ROUNDS):
        for name, (some, others, need_from) in lanes.items():
            begun = process_time()
            lane = partial(match_blocks, some, [others], context, result_from=context.cuts[0], need_from=need_from)
            seconds, found = timed(lane)
            clock[name].append(seconds)
            work[name].append(process_time() - begun)
            kept[name] = len(found)
    for name in lanes:
        report.add(f"lane {name}", clock[name], "s")
        report.add("  of the processor", work[name], "s")
        report.add("  pairs kept", kept[name])
    every = [sum(each) for each in zip(*work.values(), strict=True)]
    report.add("all three / the field's own", [all_ / own for all_, own in zip(every, work["industry"], strict=True)], "times")
    return report
