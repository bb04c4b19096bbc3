"""A ranker learned again from people's verdicts, and whether it is better on needs that it never saw. Pure, deterministic.

The one that holds in its place has an advantage: it may have learned from the very needs that the candidate is denied. A
candidate that wins all the same is better.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matching.pairing import fitting
from matching.pairing.fitting import Fitted, Judged
from matching.pairing.ranker import Ranker, rounded
from search.evaluate import ndcg_by_query, paired_interval

STRENGTH: Final = 100.0
"""How many verdicts the word of the ranker above (shipped, or of all zones) is worth."""
FOLDS: Final = 5
LEAST_NEEDS, LEAST_VERDICTS = 8, 24
LEAST_NEEDS_OF_ENCODER, LEAST_VERDICTS_OF_ENCODER = 12, 60
"""Below, nothing can be said of needs that were not seen."""
LOG_LIKELIHOOD, NDCG, DISTANCE = "log_likelihood", "ndcg_at_10", "distance"
MEASURES: Final = (LOG_LIKELIHOOD, NDCG, DISTANCE)
"""Means over needs: the logarithm of the chance that was given to each verdict; the order of the first ten; by how many levels
a pair's level misses its verdict (less is better)."""


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """Judged pairs, arrays and lists of equal length: the need (with its place, where several) and the result of each, the
    place it was judged at, and the fold its need stands in."""

    judged: Judged
    needs: Sequence[str]
    results: Sequence[str]
    places: Sequence[str]
    folds: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.judged)


@dataclass(frozen=True, slots=True)
class Judgement:
    """`figures` are JSON values: `needs`, `verdicts`, `folds`, `measures` (`MEASURES`: before, after, low, high of the
    difference at 95 %), and of several places the same in `places`. `reason` is why it is refused, empty where it is better."""

    figures: Mapping[str, Any]
    reason: str


def refit(prior: Ranker, judged: Judged) -> Ranker:
    """Weights and levels as the verdicts would have them, held near the prior's. How chosen pairs with bare titles are graded
    is none of their business."""
    fitted = fitting.fit(judged, prior=Fitted(prior.meaning, prior.terms, prior.zone), strength=STRENGTH)
    return rounded(Ranker(fitted.meaning, fitted.terms, fitted.scale, prior.judged))


def judge(lessons: Lessons, prior: Ranker, base: Ranker) -> Judgement:
    """What `refit(prior, …)` comes to on folds that it did not see, beside `base`."""
    needs = len(set(lessons.needs))
    told = {"needs": needs, "verdicts": len(lessons), "folds": FOLDS}
    if needs < LEAST_NEEDS or len(lessons) < LEAST_VERDICTS:
        return Judgement(told, "too_few")
    before = _by_need(lessons, np.arange(len(lessons)), base)
    after: dict[str, dict[str, float]] = {measure: {} for measure in MEASURES}
    for fold in sorted(set(lessons.folds.tolist())):
        unseen = lessons.folds == fold
        found = _by_need(lessons, np.flatnonzero(unseen), refit(prior, lessons.judged.take(~unseen)))
        for measure in MEASURES:
            after[measure] |= found[measure]
    figures, measures, places = _beside(before, after, lessons)
    return Judgement(told | figures, _reason(measures, places))


def is_enough(lessons: Lessons) -> bool:
    """Whether anything can be said of an encoder that is taught with these."""
    return len(set(lessons.needs)) >= LEAST_NEEDS_OF_ENCODER and len(lessons) >= LEAST_VERDICTS_OF_ENCODER


def compare(before: Lessons, after: Lessons, rankers: Mapping[str, Ranker]) -> Judgement:
    """The same verdicts by two encoders, `after` by ones that saw none of these needs, each under the ranker of its place. An
    encoder is there for the order: that must be better. How far cosines are spread, which moves the levels, is no merit."""
    needs = len(set(before.needs))
    told = {"needs": needs, "verdicts": len(before), "folds": FOLDS}
    found: list[dict[str, dict[str, float]]] = []
    for lessons in (before, after):
        held: dict[str, dict[str, float]] = {measure: {} for measure in MEASURES}
        for place, ranker in rankers.items():
            own = _by_need(lessons, np.flatnonzero(np.array(lessons.places) == place), ranker)
            for measure in MEASURES:
                held[measure] |= own[measure]
        found.append(held)
    figures, measures, places = _beside(found[0], found[1], before)
    reason = ""
    if not measures[NDCG].get("low", 0.0) > 0:
        reason = "not_better"
    elif measures[LOG_LIKELIHOOD].get("high", 0.0) < 0:
        reason = "worse_levels"
    elif any(each[name].get("high", 0.0) < 0 for each in places.values() for name in (LOG_LIKELIHOOD, NDCG)):
        reason = "worse_somewhere"
    return Judgement(told | figures, reason)


def _beside(
    before: Mapping[str, Mapping[str, float]], after: Mapping[str, Mapping[str, float]], lessons: Lessons
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """What a judgement tells; and of it the measures, and those of each place."""
    place_of = dict(zip(lessons.needs, lessons.places, strict=True))
    measures = _measured(before, after, sorted(place_of))
    places = {
        place: _measured(before, after, [need for need in sorted(place_of) if place_of[need] == place])
        for place in sorted(set(place_of.values()))
    }
    return {"measures": measures} | ({"places": places} if len(places) > 1 else {}), measures, places


def _reason(measures: Mapping[str, Any], places: Mapping[str, Any]) -> str:
    if not measures[LOG_LIKELIHOOD]["low"] > 0:
        return "not_better"
    if measures[NDCG] and measures[NDCG]["high"] < 0:
        return "worse_order"
    if any(each[LOG_LIKELIHOOD]["high"] < 0 for each in places.values() if "high" in each[LOG_LIKELIHOOD]):
        return "worse_somewhere"
    return ""


def _by_need(lessons: Lessons, rows: NDArray[np.intp], ranker: Ranker) -> dict[str, dict[str, float]]:
    """Measure → need → its value."""
    judged = lessons.judged.take(rows)
    texts = judged.texts(ranker.meaning, ranker.terms)
    levels = fitting.levels(ranker.zone, texts)
    bounds = [ranker.zone.slope * cut for cut in ranker.zone.thresholds]
    run: dict[str, dict[str, float]] = {}
    grades: dict[str, dict[str, int]] = {}
    places: dict[str, list[int]] = {}
    for at, row in enumerate(rows.tolist()):
        need, result = lessons.needs[row], lessons.results[row]
        run.setdefault(need, {})[result] = float(texts[at])
        grades.setdefault(need, {})[result] = int(judged.grades[at])
        places.setdefault(need, []).append(at)
    likely: dict[str, float] = {}
    distance: dict[str, float] = {}
    for need, held in places.items():
        own = judged.take(np.array(held, np.intp))
        weight = float(own.weights.sum())
        told = fitting.log_likelihood(ranker.zone.slope * texts[held], own.grades, bounds, own.weights)
        likely[need] = told / weight
        distance[need] = float(own.weights @ np.abs(levels[held] - own.grades)) / weight
    return {LOG_LIKELIHOOD: likely, NDCG: ndcg_by_query(run, grades), DISTANCE: distance}


def _measured(
    before: Mapping[str, Mapping[str, float]], after: Mapping[str, Mapping[str, float]], needs: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Empty for a measure that no need defines; without interval for one that a single need does."""
    found: dict[str, dict[str, float]] = {}
    for measure in MEASURES:
        told = [need for need in needs if need in before[measure] and need in after[measure]]
        found[measure] = {}
        if told:
            first, then = ([side[measure][need] for need in told] for side in (before, after))
            found[measure] = {"before": _mean(first), "after": _mean(then)}
        if len(told) > 1:
            low, high = paired_interval([b - a for a, b in zip(first, then, strict=True)])
            found[measure] |= {"low": round(low, 4), "high": round(high, 4)}
    return found


def _mean(values: Sequence[float]) -> float:
    return round(math.fsum(values) / len(values), 4)
