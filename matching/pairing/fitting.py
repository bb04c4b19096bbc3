"""Learning weights and scales from judged pairs: a penalised ordinal regression (proportional odds). Pure and deterministic.

P. McCullagh, Regression models for ordinal data, J. R. Stat. Soc. B 42 (1980). Weights are held at 0 or above, so that
nothing that two texts have in common ever speaks against a pair.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.pairing.ranker import Scale

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

STEEPEST: Final = 60.0
"""Logits per unit of text: grades that never contradict each other would make the slope endless."""
_RIDGE: Final = 1e-3
"""Pairs of no kind: keeps a fit finite where the data would not."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Pairs with their grades, arrays of length n: the meaning and the terms part, what the business parts multiply them by
    (1 where none applies), the grade 0 to 3, and how much the judgement counts (1 usually)."""

    meaning: Floats
    terms: Floats
    factor: Floats
    grades: Integers
    weights: Floats

    def __len__(self) -> int:
        return len(self.grades)

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> "Judged":
        return Judged(
            self.meaning[chosen], self.terms[chosen], self.factor[chosen], self.grades[chosen], self.weights[chosen]
        )  # fmt: skip

    def texts(self, meaning: float, terms: float) -> Floats:
        """The worth of each pair under these weights, the factor in it."""
        found: Floats = (meaning * self.meaning + terms * self.terms) * self.factor
        return found


def _sigmoid(x: Floats) -> Floats:
    found: Floats = 1 / (1 + np.exp(-np.clip(x, -500, 500)))
    return found


def log_likelihood(eta: Floats, grades: Integers, bounds: Sequence[float], weights: Floats) -> float:
    """Weighted sum over the pairs; `eta` and the ascending `bounds` are in logits."""
    reached = np.vstack([np.ones_like(eta), *(_sigmoid(eta - bound) for bound in bounds), np.zeros_like(eta)])
    at = np.arange(len(eta))
    chances = np.maximum(reached[grades, at] - reached[grades + 1, at], 1e-12)
    return float(weights @ np.log(chances))


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights that add up to 1, and the scale of the pairs they were learned from."""

    meaning: float
    terms: float
    scale: Scale


def fit(judged: Judged, *, prior: Fitted | None = None, strength: float = 0.0) -> Fitted:
    """The weights and the scale under which the grades are likeliest.

    With `prior` its parameters are held near: `strength` is how many judged pairs its word is worth, so that few verdicts
    move little and many have their way. Raises ValueError without any difference in grade when there is no prior to fall
    back on.
    """
    if prior is None and len(np.unique(judged.grades)) < 2:
        raise ValueError("judged pairs of more than one grade are needed")
    start = _start(prior)
    features = np.column_stack([judged.meaning * judged.factor, judged.terms * judged.factor])
    count = max(1.0, float(judged.weights.sum()) + strength)

    def loss(x: Floats) -> float:
        told = log_likelihood(features @ x[:2], judged.grades, _bounds(x), judged.weights)
        pull = float(np.sum((x - start) ** 2 * _SCALES))
        return (-told + (strength + _RIDGE) * pull / 2) / count

    slopes = [(0.0, STEEPEST)] * 2
    found = _least(loss, start, [*slopes, (None, None), *_STEPS])
    meaning, terms = (float(each) for each in found[:2])
    slope = meaning + terms
    if slope < 1e-6:  # nothing that was learned speaks for a pair
        if prior is None:
            raise ValueError("the parts say nothing of the grades")
        return prior
    first, second, third = (bound / slope for bound in _bounds(found))
    return Fitted(meaning / slope, terms / slope, Scale(slope, (first, second, third)))


def fit_scale(fitted: Fitted, judged: Judged, *, strength: float = 0.0) -> Scale:
    """The scale of other pairs under the same weights: all pairs of zones, where those that `fitted` was learned from were
    chosen. `strength` pairs speak for the steps between levels of `fitted`."""
    texts = judged.texts(fitted.meaning, fitted.terms)
    start = np.concatenate([[fitted.scale.slope], _start(fitted)[2:]])
    count = max(1.0, float(judged.weights.sum()) + strength)

    def loss(x: Floats) -> float:
        told = log_likelihood(x[0] * texts, judged.grades, _bounds(x), judged.weights)
        pull = float(np.sum((x[2:] - start[2:]) ** 2 * _SCALES[3:]))
        return (-told + (strength + _RIDGE) * pull / 2) / count

    found = _least(loss, start, [(0.1, STEEPEST), (None, None), *_STEPS])
    slope = float(found[0])
    first, second, third = (bound / slope for bound in _bounds(found))
    return Scale(slope, (first, second, third))


def _least(loss: Callable[[Floats], float], start: Floats, bounds: Sequence[tuple[float | None, float | None]]) -> Floats:
    """Where the loss is least within the bounds, looked for from `start`."""
    from scipy.optimize import minimize  # takes a third of a second, which only who fits anything should pay

    found: Floats = minimize(loss, start, method="L-BFGS-B", bounds=bounds).x
    return found


_STEPS: Final = [(-6.0, 6.0)] * 2
_SCALES: Final = np.array([0.02, 0.02, 0.25, 0.5, 0.5])
"""How much a pair's worth of prior holds each parameter: slopes are some times larger than the distances of thresholds."""


def _start(prior: Fitted | None) -> Floats:
    """Weights in logits, the first threshold in logits, the logarithms of the steps between thresholds."""
    if prior is None:
        return np.array([4.0, 4.0, 2.0, 0.5, 0.5])
    slope = prior.scale.slope
    first, second, third = (slope * threshold for threshold in prior.scale.thresholds)
    steps = [math.log(max(step, 1e-3)) for step in (second - first, third - second)]
    return np.array([slope * prior.meaning, slope * prior.terms, first, *steps])


def _bounds(x: Floats) -> list[float]:
    """Thresholds in logits, from the last three parameters."""
    second = float(x[-3] + np.exp(x[-2]))
    return [float(x[-3]), second, second + float(np.exp(x[-1]))]


def levels(scale: Scale, texts: Floats) -> Integers:
    """0 to 3 a pair, by the chances."""
    found: Integers = np.sum([texts >= cut for cut in scale.thresholds], axis=0).astype(np.int64)
    return found


def chances(scale: Scale, texts: Floats, grade: int) -> Floats:
    """P(grade 1 to 3, or better) a pair."""
    return _sigmoid(scale.slope * (texts - scale.thresholds[grade - 1]))
