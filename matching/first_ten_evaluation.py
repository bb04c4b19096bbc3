"""What the switches of the first ten cost on a set of judged needs and results, and what they give.

The set has titles, but no days and no organisations. So only that much alike titles stand apart is measured as it is. Days and
organisations are drawn at random, `DRAWS` times: nothing can be gained by them, and their figures are the price in a list where
being new, or of another organisation, says nothing about quality.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matching.evaluation import SEED, code_digest
from matching.exposure_evaluation import all_scores, exposure_of
from matching.judged_pairs import CONTEXT, Dataset, embed, read, sides
from matching.pairing.batch import prepare
from matching.pairing.first_ten import ALIKE, DROP, FIRST, LIFTS, REACH, Entry, Switches, are_alike, reorder
from search import evaluate as metrics
from search.encoder.means import Means
from search.ports import Encoder
from search.text import terms

DRAWS: Final = 20
ORGANISATIONS: Final = 40
"""Drawn by Zipf's law: the largest has about a quarter of the results."""
DAYS: Final = 365
"""Before today: any is as likely as the other to be the day of publication."""

Facts = Sequence[Entry]
"""By result in the order of the set; their level is nobody's."""
Ranking = list[tuple[list[int], list[int]]]
"""By need: positions of results, best first, and their levels."""


def evaluate(directory: Path, encoder: Encoder, *, means: Means | None = None) -> dict[str, Any]:
    """By switch: nDCG@10 on the judged pairs and its difference to the list as it stands, with a 95 % interval over needs; the
    exposure of `exposure_evaluation` among all results; `changed`, the share of first tens with something moved; and the mean of
    what the switch is for, before and after: titles `alike` one above, different `organisations`, entries of the last 30 days
    (`new`). Raises what `judged_pairs.read` and the encoder raise."""
    data = read(directory)
    needs, results = sides(data, embed(data, encoder), means)
    scores = all_scores(prepare(needs, CONTEXT), prepare(results, CONTEXT))
    best = np.argsort(-scores, axis=1, kind="stable")[:, :REACH]
    shown = _ranking(scores, list(best))
    places = {id_: at for at, id_ in enumerate(data.results)}
    judged = [np.array([places[id_] for id_ in sorted(data.grades[need])]) for need in data.needs]
    rows = zip(scores, judged, strict=True)
    graded = _ranking(scores, [own[np.argsort(-row[own], kind="stable")] for row, own in rows])

    chance = np.random.default_rng(SEED)
    words = [frozenset(terms(each.title)) for each in data.results.values()]
    titles = [Entry(0, None, "", own) for own in words]
    without = [_drawn(chance, [frozenset[str]()] * len(words)) for _ in range(DRAWS)]
    everything = [_drawn(chance, words) for _ in range(DRAWS)]
    trials: dict[str, tuple[Switches, list[list[Entry]], tuple[str, ...]]] = {
        "off": (Switches(), [titles], ("alike",)),
        "diverse_titles": (Switches(diverse=True), [titles], ("alike",)),
        "diverse_drawn_organisations": (Switches(diverse=True), without, ("organisations",)),
        "fresh_drawn_days": (Switches(fresh=CONTEXT.today), without, ("new",)),
        "both_drawn": (Switches(fresh=CONTEXT.today, diverse=True), everything, tuple(COUNTS)),
    }
    report: dict[str, Any] = {"needs": len(data.needs), "results": len(data.results)}
    for name, (switches, draws, counts) in trials.items():
        report[name] = _measured(data, graded, shown, switches, draws, counts)
    return {
        **report,
        "data": data.digest,
        "code": code_digest(),
        "settings": {
            "encoder": encoder.fingerprint, "first": FIRST, "reach": REACH, "lifts": LIFTS, "drop": DROP, "alike": ALIKE,
            "draws": DRAWS, "organisations": ORGANISATIONS, "days": DAYS,
        },
    }  # fmt: skip


def _ranking(scores: NDArray[np.float64], rows: Sequence[NDArray[np.intp]]) -> Ranking:
    return [(row.tolist(), [CONTEXT.level(score) for score in own[row]]) for own, row in zip(scores, rows, strict=True)]


def _drawn(chance: np.random.Generator, words: Sequence[frozenset[str]]) -> list[Entry]:
    shares = 1 / np.arange(1, ORGANISATIONS + 1)
    owners = chance.choice(ORGANISATIONS, len(words), p=shares / shares.sum())
    days = chance.integers(0, DAYS, len(words))
    return [
        Entry(0, CONTEXT.today - timedelta(days=day), str(owner), own)
        for own, owner, day in zip(words, owners.tolist(), days.tolist(), strict=True)
    ]


def _reordered(ranking: Ranking, facts: Facts, switches: Switches) -> list[list[int]]:
    found = []
    for row, levels in ranking:
        entries = [
            Entry(level, facts[at].published, facts[at].organisation, facts[at].words)
            for at, level in zip(row, levels, strict=True)
        ]
        found.append([row[move.at] for move in reorder(entries, switches)])
    return found


def _measured(
    data: Dataset, graded: Ranking, shown: Ranking, switches: Switches, draws: Sequence[Facts], counts: Sequence[str]
) -> dict[str, Any]:
    before = _ndcg(data, [row for row, _ in graded])
    quality, exposed, counted, changed = [], [], [], []
    for facts in draws:
        quality.append(_ndcg(data, _reordered(graded, facts, switches)))
        rows = _reordered(shown, facts, switches)
        first = [row[:FIRST] for row in rows]
        exposed.append(exposure_of(np.array(first, np.intp), len(data.results)))
        changed.append(np.mean([own != row[:FIRST] for own, (row, _) in zip(first, shown, strict=True)]))
        old = [row[:FIRST] for row, _ in shown]
        counted.append({name: [_mean(COUNTS[name], each, facts) for each in (old, first)] for name in counts})
    after = {need: metrics.mean([each[need] for each in quality]) for need in before}
    differences = [after[need] - before[need] for need in before]
    return {
        "ndcg@10": round(metrics.mean(list(after.values())), 4),
        "difference": round(metrics.mean(differences), 4) + 0.0,  # never -0.0
        "interval": [round(end, 4) + 0.0 for end in metrics.paired_interval(differences, seed=SEED)],
        **{name: round(metrics.mean([each[name] for each in exposed]), 4) for name in exposed[0]},
        "changed": round(float(np.mean(changed)), 3),
        **{name: [round(float(np.mean([each[name][when] for each in counted])), 2) for when in (0, 1)] for name in counts},
    }


def _ndcg(data: Dataset, rows: Sequence[Sequence[int]]) -> dict[str, float]:
    ids = list(data.results)
    run = {need: {ids[at]: -float(place) for place, at in enumerate(row)} for need, row in zip(data.needs, rows, strict=True)}
    return metrics.ndcg_by_query(run, data.grades)


def _mean(count: Callable[[Facts], int], rows: Sequence[Sequence[int]], facts: Facts) -> float:
    return float(np.mean([count([facts[at] for at in row]) for row in rows]))


def _alike(first: Facts) -> int:
    return sum(any(are_alike(own.words, one.words) for one in first[:at]) for at, own in enumerate(first))


COUNTS: Final[dict[str, Callable[[Facts], int]]] = {
    "alike": _alike,
    "organisations": lambda first: len({each.organisation for each in first}),
    "new": lambda first: sum(each.published is not None and (CONTEXT.today - each.published).days <= 30 for each in first),
}
