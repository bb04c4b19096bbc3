"""Whether the queue of pairs worth grading teaches more than a random order does: simulated on pairs that people have judged.

A fifth of the needs is held out; from the pairs of the others verdicts are taken in batches, in the queue's order or at random,
and the regression is learned anew after each, from a weak prior that no data of the set went into. How well it then does on the
needs held out is told by the mean log-likelihood of a verdict, the calibration error, 1/(1+MAE) and nDCG@10. Repeated with other
needs held out and other luck, the same for every order.

Intervals are 95 % bootstrap intervals over the repeats. These share the needs of one set, so that they tell what luck does, not
what another set would. The rule was chosen among those told under `rivals` in the same simulation with another seed.
"""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matching.evaluation import GOOD, SEED, Pairs, code_digest, error_score, pairs_of
from matching.judged_pairs import CONTEXT, embed, fold_of, read
from matching.pairing import fitting, worth
from matching.pairing.fitting import Fitted, Floats
from matching.pairing.ranker import Scale
from matching.pairing.worth import Candidates, Matrix, Spread
from search import evaluate as metrics
from search.encoder.means import Means
from search.ports import Encoder

REPEATS: Final = 100
RIVALS_REPEATS: Final = 20
"""The other rules are compared in the first of them only."""
CHECKED: Final = (25, 50, 100, 200, 400, 800)
BATCHES: Final = (25, 50, 75, 100, 150, 200, 300, 400, 600, 800)
"""After so many verdicts the regression is learned anew."""
GROUPS, HELD_OUT = 20, 4
"""Needs with near-same titles stand in one group; of so many groups, so many are held out."""
PRIOR: Final = Fitted(0.5, 0.5, Scale(8.0, (0.25, 0.45, 0.65)))
STRENGTH: Final = 10.0
"""Both weights alike and evenly spaced thresholds, worth ten verdicts."""
_STRATA: Final = 5

Places = NDArray[np.intp]
Order = Callable[[Candidates, Fitted, Matrix, int, np.random.Generator], Sequence[int]]
"""Places of the next `count` among the candidates, from what is held and known now."""
_Figures = dict[str, float]


def _queue(pairs: Candidates, held: Fitted, known: Matrix, count: int, chance: np.random.Generator) -> Sequence[int]:
    return _weighed(pairs, held, known, count, chance, worth.foresight)


def _weighed(
    pairs: Candidates, held: Fitted, known: Matrix, count: int, chance: np.random.Generator, gain: worth.Gain
) -> Sequence[int]:
    drawn, rest = worth.lots(len(pairs), count, chance)
    some = Candidates(pairs.meaning[rest], pairs.terms[rest], pairs.needs[rest], pairs.results[rest])
    return [*drawn.tolist(), *rest[worth.choose(some, held, known, count - len(drawn), gain)].tolist()]


def _random(pairs: Candidates, held: Fitted, known: Matrix, count: int, chance: np.random.Generator) -> Sequence[int]:
    found: list[int] = chance.permutation(len(pairs))[:count].tolist()
    return found


def _determinant(pairs: Candidates, held: Fitted, known: Matrix, count: int, chance: np.random.Generator) -> Sequence[int]:
    """As the queue, but for the parameters as such (D-optimal)."""

    def gain(covariance: Matrix, roots: Matrix, _: Matrix) -> Floats:
        found: Floats = np.linalg.slogdet(worth.within(covariance, roots))[1]
        return found

    return _weighed(pairs, held, known, count, chance, gain)


def _open_grade(pairs: Candidates, held: Fitted, known: Matrix, count: int, chance: np.random.Generator) -> Sequence[int]:
    """Those whose grade is most open: the highest entropy."""
    chances = np.maximum(-np.diff(worth.reached(held, pairs.meaning, pairs.terms), axis=1), 1e-300)
    return _spread(pairs, -np.sum(chances * np.log(chances), axis=1), count)


def _strata(pairs: Candidates, held: Fitted, known: Matrix, count: int, chance: np.random.Generator) -> Sequence[int]:
    """As many of each stretch of the score, at random in each."""
    texts = held.meaning * pairs.meaning + held.terms * pairs.terms
    low, high = float(texts.min(initial=1)), float(texts.max(initial=0))
    stretch = np.minimum(((texts - low) / max(high - low, 1e-9) * _STRATA).astype(np.int64), _STRATA - 1)
    luck, turn = chance.random(len(pairs)), np.zeros(len(pairs))
    for each in range(_STRATA):
        own = np.flatnonzero(stretch == each)
        turn[own[np.argsort(luck[own])]] = np.arange(len(own))
    return _spread(pairs, -(turn + luck / 2), count)


def _spread(pairs: Candidates, value: Floats, count: int) -> Sequence[int]:
    spread, chosen = Spread(pairs), list[int]()
    while len(chosen) < min(count, len(pairs)):
        open_ = spread.open()
        chosen.append(int(open_[np.argmax(value[open_])]))
        spread.take(chosen[-1])
    return chosen


RIVALS: Final[Mapping[str, Order]] = {"determinant": _determinant, "open_grade": _open_grade, "strata": _strata}
BETTER: Final = {"log_likelihood": 1, "calibration_error": -1, "score_1_over_1_plus_mae": 1, "ndcg@10": 1}


class _Simulation:
    def __init__(self, pairs: Pairs) -> None:
        self._pairs = pairs
        needs = {id_: at for at, id_ in enumerate(pairs.data.needs)}
        results = {id_: at for at, id_ in enumerate(pairs.data.results)}
        judged = pairs.judged
        self._all = Candidates(
            judged.meaning * judged.factor,
            judged.terms * judged.factor,
            np.array([needs[each] for each in pairs.needs]),
            np.array([results[each] for each in pairs.results]),
        )
        group = fold_of(pairs.data.needs, min(GROUPS, len(needs)))
        self._group = np.array([group[each] for each in pairs.needs])

    def held_out(self, repeat: int) -> NDArray[np.bool_]:
        count = int(self._group.max()) + 1
        some = np.random.default_rng([SEED, repeat]).permutation(count)[: max(1, count * HELD_OUT // GROUPS)]
        return np.isin(self._group, some)

    def figures(self, held: Fitted, test: NDArray[np.bool_]) -> _Figures:
        """On the pairs of the needs held out."""
        judged = self._pairs.judged.take(test)
        texts = judged.texts(held.meaning, held.terms)
        slope, bounds = held.scale.slope, [held.scale.slope * cut for cut in held.scale.thresholds]
        run: dict[str, dict[str, float]] = {}
        for at, score in zip(np.flatnonzero(test), texts.tolist(), strict=True):
            run.setdefault(self._pairs.needs[at], {})[self._pairs.results[at]] = score
        errors = np.abs(fitting.levels(held.scale, texts) - judged.grades)
        return {
            "log_likelihood": fitting.log_likelihood(slope * texts, judged.grades, bounds, judged.weights) / len(judged),
            "calibration_error": metrics.calibration_error(fitting.chances(held.scale, texts, GOOD), judged.grades >= GOOD),
            "score_1_over_1_plus_mae": error_score(errors),
            "ndcg@10": metrics.ndcg(run, {need: self._pairs.data.grades[need] for need in run}),
        }

    def course(self, order: Order, repeat: int, test: NDArray[np.bool_]) -> dict[int, _Figures]:
        """What is reached after each of `CHECKED`, as far as there are verdicts."""
        chance = np.random.default_rng([SEED, repeat, 1])
        pool, judged = np.flatnonzero(~test), np.zeros(0, np.intp)
        held, every = PRIOR, self._all
        found: dict[int, _Figures] = {}
        for count in BATCHES:
            if count > len(pool):
                break
            left = np.setdiff1d(pool, judged)
            known = worth.information(held, every.meaning[judged], every.terms[judged])
            some = Candidates(every.meaning[left], every.terms[left], every.needs[left], every.results[left])
            judged = np.concatenate([judged, left[order(some, held, known, count - len(judged), chance)]])
            held = fitting.fit(self._pairs.judged.take(judged), prior=PRIOR, strength=STRENGTH)
            if count in CHECKED:
                found[count] = self.figures(held, test)
        return found

    def everything(self, test: NDArray[np.bool_]) -> _Figures:
        """What all verdicts outside the needs held out reach."""
        return self.figures(fitting.fit(self._pairs.judged.take(~test), prior=PRIOR, strength=STRENGTH), test)


def evaluate(directory: Path, encoder: Encoder, *, means: Means | None = None, repeats: int = REPEATS) -> dict[str, Any]:
    """By number of verdicts the means of `random` and `queue`, and by how much the queue is `better` with its interval; the same
    gain of the `rivals`; what `all_verdicts` reach; how many random ones the queue's are `worth`, by two of the figures; and
    `says`, in words.

    `encoder` subtracts nothing, `means` as in `evaluation`. Raises `InvalidInput` for an unusable folder; encoder errors as the
    port says.
    """
    data = read(directory)
    pairs = pairs_of(data, embed(data, encoder), means, CONTEXT)
    simulation = _Simulation(pairs)
    courses: dict[str, list[dict[int, _Figures]]] = {}
    every: list[_Figures] = []
    orders: Mapping[str, Order] = {"random": _random, "queue": _queue, **RIVALS}
    for repeat in range(repeats):
        test = simulation.held_out(repeat)
        every.append(simulation.everything(test))
        for name, order in orders.items():
            if name in RIVALS and repeat >= RIVALS_REPEATS:
                continue
            courses.setdefault(name, []).append(simulation.course(order, repeat, test))
    counts = [count for count in CHECKED if all(count in course for course in courses["random"])]
    table = {
        str(count): {
            "random": _means([course[count] for course in courses["random"]]),
            "queue": _means([course[count] for course in courses["queue"]]),
            "better": _gains(courses["queue"], courses["random"], count),
        }
        for count in counts
    }
    return {
        "needs": len(data.needs),
        "pairs": len(pairs.needs),
        "repeats": repeats,
        "verdicts": table,
        "all_verdicts": _means(every),
        "worth": {name: _worths(table, name) for name in ("log_likelihood", "score_1_over_1_plus_mae")},
        "rivals": {
            name: {str(count): _gains(courses[name], courses["random"], count) for count in counts} for name in RIVALS
        },
        "says": says(table),
        "data": data.digest,
        "code": code_digest(),
        "settings": {"encoder": encoder.fingerprint, "seed": SEED, "by_chance": worth.BY_CHANCE, "prior_strength": STRENGTH},
    }  # fmt: skip


def _means(held: Sequence[_Figures]) -> _Figures:
    return {name: round(metrics.mean([each[name] for each in held if not math.isnan(each[name])]), 4) for name in BETTER}


def _gains(own: Sequence[Mapping[int, _Figures]], other: Sequence[Mapping[int, _Figures]], count: int) -> dict[str, Any]:
    """Above 0 is better, of every figure; with the interval over repeats."""
    found: dict[str, Any] = {}
    for name, sign in BETTER.items():
        apart = [sign * (a[count][name] - b[count][name]) for a, b in zip(own, other, strict=False)]  # the rivals have fewer
        apart = [each for each in apart if not math.isnan(each)]
        if apart:
            low, high = metrics.paired_interval(apart, seed=SEED)
            found[name] = {"mean": round(metrics.mean(apart), 4), "interval": [round(low, 4), round(high, 4)]}
    return found


def _worths(table: Mapping[str, Any], name: str) -> dict[str, int | None]:
    """Verdicts of the queue → how many at random do as well by a figure, between two counts along the logarithm of the number;
    None for more than were tried."""
    at_random = [(int(count), BETTER[name] * row["random"][name]) for count, row in table.items()]
    found: dict[str, int | None] = {}
    for count, row in table.items():
        reached = BETTER[name] * row["queue"][name]
        found[count] = at_random[0][0] if at_random[0][1] >= reached else None
        for (few, low), (many, high) in itertools.pairwise(at_random):
            if low < reached <= high:
                found[count] = round(few * (many / few) ** ((reached - low) / (high - low)))
                break
    return found


def says(table: Mapping[str, Any]) -> list[str]:
    """Of every figure plainly where the queue wins, where it loses, and where it cannot be told from luck."""
    told: list[str] = []
    for name in BETTER:
        intervals = {count: row["better"][name]["interval"] for count, row in table.items() if name in row["better"]}
        wins = [count for count, (low, _) in intervals.items() if low > 0]
        loses = [count for count, (_, high) in intervals.items() if high < 0]
        even = [count for count in intervals if count not in wins and count not in loses]
        kinds = (("better", wins), ("worse", loses), ("not to be told from luck", even))
        told.append(f"{name}: " + "; ".join(f"{word} after {', '.join(counts)}" for word, counts in kinds if counts))
    return told
