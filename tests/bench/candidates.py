"""Candidates of a zone by the batch against one engine query a need, then scoring and reasons of the candidates of each.

Both sides get the same listings with the same terms and vectors; what is made once a listing (sides made ready, the index)
is timed by itself. A pair's score is exact on both sides, so what can differ is only which pairs are scored at all: recall
tells how many of a need's best 50 by full scoring are among them.
"""

import cProfile
import pstats
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.pairing.batch import KEEP, PER_NEED, PER_RESULT, both_ways, keep_best, prepare, score_all, score_some
from matching.pairing.prepared import Indices, Prepared
from matching.pairing.score import Context, Scored
from matching.pairing.sides import Side
from search.engines.local import LocalEngine
from search.fusion import blend
from search.ports import Filters, Kind, Query
from tests.bench.report import Report, timed
from tests.bench.synthetic import AUDIENCE, INDUSTRY, TODAY, documents, population

SIZES: Final = {"small": (1_000, 100), "full": (10_000, 1_000)}
ROUNDS: Final = 3
SAMPLE: Final = 50
_WRITTEN_AT_ONCE: Final = 1_000
_RESULTS: Final[frozenset[Kind]] = frozenset({"result"})
_FILTERS: Final = Filters(industries=frozenset({INDUSTRY}))


@dataclass(frozen=True, slots=True)
class Scoring:
    """Seconds, pairs scored, and the kept pairs."""

    seconds: float
    pairs: int
    kept: list[Scored]


def filled(results: Sequence[Side], needs: Sequence[Side]) -> LocalEngine:
    engine = LocalEngine(len(results[0].title_vector), "bench")
    every = documents([*results, *needs])
    for start in range(0, len(every), _WRITTEN_AT_ONCE):
        engine.apply(every[start : start + _WRITTEN_AT_ONCE], ())
    return engine


def by_engine(
    engine: LocalEngine, needs: Sequence[Side], places: dict[str, int], words: Callable[[Side], tuple[str, ...]]
) -> list[Indices]:
    """One query a need: its words and its title's vector, the best of each, joined as a search joins them."""
    found: list[Indices] = []
    for need in needs:
        query = Query(AUDIENCE, words(need), need.title_vector, _RESULTS, _FILTERS, PER_NEED)
        fused = blend(engine.rank(query), query.terms)
        found.append(np.array([places[each.listing] for each in fused], np.intp))
    return found


def by_batch(needs: Sequence[Side], results: Sequence[Side], context: Context, per_result: int) -> list[Indices]:
    """What `batch.match` does before it scores, from sides that are ready."""
    return both_ways(prepare(needs, context), prepare(results, context), context, per_result=per_result).by_need


def scored(needs: Prepared, results: Prepared, candidates: Sequence[Indices], context: Context) -> Scoring:
    """Scores, parts and reasons of all candidates, and the pairs worth keeping."""

    def every() -> list[Scored]:
        return keep_best(
            [pair for at, chosen in enumerate(candidates) for pair in score_some(needs, at, results, chosen, context)]
        )

    seconds, kept = timed(every)
    return Scoring(seconds, sum(len(chosen) for chosen in candidates), kept)


def recalls(
    needs: Prepared, results: Prepared, sample: Sequence[int], context: Context, routes: Sequence[Sequence[Indices]]
) -> list[float]:
    """For each route the share of the sample's best 50 by full scoring that are among its candidates."""
    hits, asked = [0] * len(routes), 0
    for at in sample:
        pairs = score_all(needs, at, results, context)
        best = set(sorted(range(len(pairs)), key=lambda which: (-pairs[which].score, pairs[which].result))[:KEEP])
        asked += len(best)
        for number, route in enumerate(routes):
            hits[number] += len(best.intersection(route[at].tolist()))
    return [hit / asked for hit in hits]


def _title(need: Side) -> tuple[str, ...]:
    return need.title_terms


def _text(need: Side) -> tuple[str, ...]:
    return need.title_terms + need.body_terms


def run(size: str, *, seed: int = 5) -> Report:
    many, few = SIZES[size]
    made = population(many, few)
    context = Context(TODAY, INDUSTRY, frozenset({"new-energy"}))
    report = Report("candidates", {"results": many, "needs": few, "dimension": len(made.needs[0].title_vector)})
    ready, (needs, results) = timed(lambda: (prepare(made.needs, context), prepare(made.results, context)))
    filling, engine = timed(lambda: filled(made.results, made.needs))
    places = {side.listing: at for at, side in enumerate(made.results)}
    routes: dict[str, Callable[[], list[Indices]]] = {
        "batch": lambda: by_batch(made.needs, made.results, context, 0),
        "engine, words of the title": lambda: by_engine(engine, made.needs, places, _title),
        "engine, all words": lambda: by_engine(engine, made.needs, places, _text),
        "batch, and of every result": lambda: by_batch(made.needs, made.results, context, PER_RESULT),
    }
    times: dict[str, list[float]] = {name: [] for name in routes}
    found: dict[str, list[Indices]] = {}
    try:
        for _ in range(ROUNDS):
            for name, route in routes.items():
                seconds, found[name] = timed(route)
                times[name].append(seconds)
    finally:
        engine.close()
    for name in list(routes)[1:3]:
        report.add(f"{name} / batch", _ratios(times[name], times["batch"]), "times", "20")
    for name, values in times.items():
        report.add(f"candidates of every need, {name}", values, "s")
    report.remarks += ["Where the batch's time goes, by function (own time):", *_profile(routes["batch"])]
    sample = sorted(random.Random(seed).sample(range(few), min(SAMPLE, few)))
    compared = list(routes)[:3]
    for name, share in zip(compared, recalls(needs, results, sample, context, [found[each] for each in compared]), strict=True):
        report.add(f"recall of the best {KEEP} of {len(sample)} needs, {name}", share)
    for name in compared:
        scoring = scored(needs, results, found[name], context)
        report.add(f"scoring and reasons, {name}", scoring.seconds, "s")
        report.add("  a pair", 1e6 * scoring.seconds / max(scoring.pairs, 1), "us")
        report.add("  pairs scored", scoring.pairs)
        report.add("  pairs kept", len(scoring.kept))
    report.add("once a listing: sides made ready", ready, "s")
    report.add("once a listing: index filled", filling, "s")
    return report


def _profile(route: Callable[[], object], most: int = 8) -> list[str]:
    """Lines of share and function."""
    profile = cProfile.Profile()
    profile.runcall(route)
    every = pstats.Stats(profile).get_stats_profile()
    rows = sorted(every.func_profiles.items(), key=lambda row: -row[1].tottime)[:most]
    return [f"  {each.tottime / every.total_tt:6.1%}  {name}" for name, each in rows]


def _ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    return [a / b for a, b in zip(above, below, strict=True)]
