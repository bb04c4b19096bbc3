"""A zone's batch as results grow: a hundred needs with ten thousand, a hundred thousand and a million results, in blocks.

Each size has a process of its own, so that its peak of memory is its own. Results are made a block at a time, and gone when
the block is: what `SideCache` builds from SQL for those it does not hold. Seconds of the processor tell what the work is,
those on the clock what a busy machine makes of it. "One new need" is what `Matcher.match_listing` does in the industry's
lane when all sides are held: it puts the results' vectors together and estimates and scores one need with them.
"""

import gc
import json
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from time import perf_counter, process_time
from typing import Any, Final

import numpy as np

from matching.pairing.batch import prepare, score_all
from matching.pairing.blocks import RESULTS, match_blocks
from matching.pairing.prepared import Prepared
from matching.pairing.score import Context
from matching.pairing.sides import Side
from matching.side_cache import MOST_HELD
from matching.vector_file import VectorFile
from tests.bench.embedded import resident
from tests.bench.report import Report
from tests.bench.synthetic import INDUSTRY, TODAY, around, population

SIZES: Final = {"small": (1_000, 10_000), "full": (10_000, 100_000, 1_000_000)}
NEEDS: Final = 100
_CONTEXT: Final = Context(TODAY, INDUSTRY, frozenset({"new-energy"}))
_NEAR: Final = 0.8
_NEIGHBOURS: Final = 9


class _Clock:
    """Seconds of the processor by what they were spent on."""

    def __init__(self) -> None:
        self.spent = dict.fromkeys(("made", "ready", "one need", "one result"), 0.0)
        self._since = 0.0

    def start(self) -> None:
        self._since = process_time()

    def stop(self, name: str) -> None:
        self.spent[name] += process_time() - self._since


def _variants(models: Sequence[Side], turn: int, chance: np.random.Generator, file: VectorFile) -> list[Side]:
    """As many other results: near the models in meaning, with the words of another of the same subject in the body."""
    lengths = [len(each.passage_vectors) for each in models]
    rows = around(np.concatenate([each.passage_vectors for each in models]), _NEAR, chance)
    ends = np.cumsum(lengths)
    found: list[Side] = []
    for at, (model, end, length) in enumerate(zip(models, ends.tolist(), lengths, strict=True)):
        vectors = file.keep(rows[end - length : end])
        body = models[(at + 1 + turn % _NEIGHBOURS) % len(models)].body_terms
        name = f"r{turn * len(models) + at:08d}"
        found.append(replace(model, listing=name, body_terms=body, title_vector=vectors[0], passage_vectors=vectors))
    return found


def measure(results: int, needs: int) -> dict[str, float]:
    """One size, in this process."""
    made = population(min(RESULTS, results), needs)
    by_subject = np.argsort(made.topics[: len(made.results)], kind="stable").tolist()
    models = [made.results[at] for at in by_subject]
    asking, newcomer = prepare(made.needs, _CONTEXT), prepare(made.needs[:1], _CONTEXT)
    chance, file, clock = np.random.default_rng(7), VectorFile(len(models[0].title_vector)), _Clock()
    start_memory = resident()

    def blocks() -> Iterator[Prepared]:
        for turn in range(-(-results // len(models))):
            clock.start()
            sides = _variants(models[: results - turn * len(models)], turn, chance, file)
            clock.stop("made")
            clock.start()
            ready = prepare(sides, _CONTEXT)
            clock.stop("ready")
            clock.start()
            match_blocks(newcomer, [prepare(sides, _CONTEXT)], _CONTEXT, keep_per_result=0, per_result=0)
            clock.stop("one need")
            yield ready
            del sides, ready
            file.let_go()

    begun, worked = perf_counter(), process_time()
    kept = match_blocks(asking, blocks(), _CONTEXT, result_from=_CONTEXT.cuts[0])
    clock_seconds, seconds = perf_counter() - begun, process_time() - worked
    newest = prepare(models[:1], _CONTEXT)
    clock.start()
    match_blocks(asking, [newest], _CONTEXT, keep=0, per_need=0)
    clock.stop("one result")
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "share": seconds / clock_seconds,
        "matching": seconds - clock.spent["made"] - clock.spent["ready"] - clock.spent["one need"],
        **{name: spent for name, spent in clock.spent.items() if name != "made"},
        "kept": len(kept),
        "start": start_memory,
        "peak": peak,
    } | (_by_the_way(models, asking) if results <= min(SIZES["full"]) else {})


def _by_the_way(models: Sequence[Side], asking: Prepared) -> dict[str, float]:
    """What does not depend on the size: how fast pairs are scored, and what a side that is held takes."""
    ready = prepare(models, _CONTEXT)
    begun, pairs = process_time(), 0
    while process_time() - begun < 1:
        pairs += len(score_all(asking, pairs % len(asking), ready, _CONTEXT))
    speed = pairs / (process_time() - begun)
    file = VectorFile(len(models[0].title_vector))
    gc.collect()
    before = resident()
    sides = _variants(models, 1, np.random.default_rng(1), file)
    held = prepare(sides, _CONTEXT).ready
    file.let_go()
    gc.collect()
    return {"speed": speed, "side": (resident() - before) / len(held)}


def _of(results: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.growth", str(results), str(NEEDS)]
    told: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return told


def run(size: str, *, rows: int | None = None) -> Report:
    """With `rows`, that many are the most."""
    most = rows or SIZES[size][-1]
    sizes = [*(each for each in SIZES[size] if each < most), most]
    found = {each: _of(each) for each in sizes}
    report = Report("growth", {"needs": NEEDS, "results in a block": RESULTS, "sides held at most": MOST_HELD})
    for results, told in found.items():
        report.add(f"{results:,} results: candidates, scores and what is kept", told["matching"], "s")
        report.add("  sides made ready", told["ready"], "s")
        report.add("  peak of memory", told["peak"] / 1e9, "GB")
        report.add("  before the first block", told["start"] / 1e9, "GB")
        report.add("  pairs kept", told["kept"])
        report.add("  one new need, all sides held", 1000 * told["one need"], "ms")
        report.add("  one new result", 1000 * told["one result"], "ms")
        report.add("  seconds of the processor / on the clock", told["share"])
    for few, many in pairwise(sizes):
        a, b, more = found[few], found[many], many / few
        report.add(f"{few:,} to {many:,}: time / results", b["matching"] / a["matching"] / more, "times", "at most 1")
        report.add("  made ready / results", b["ready"] / a["ready"] / more, "times", "at most 1")
        report.add("  one new need / results", b["one need"] / a["one need"] / more, "times", "at most 1")
        report.add("  peak of memory", b["peak"] / a["peak"], "times")
    report.add("pairs scored with all reasons", found[sizes[0]]["speed"], "pairs/s")
    report.add("memory of a side that is held", found[sizes[0]]["side"] / 1000, "kB")
    report.remarks.append("Seconds are those of the processor.")
    return report


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
