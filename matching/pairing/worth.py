"""Which pairs are worth grading: those whose verdicts would make the ordinal regression of `fitting` surest. Pure, deterministic.

What a verdict teaches is the Fisher information of its pair about the five parameters (two weights, three thresholds). It is
known before the verdict is: it depends on the pair's parts and on the parameters held now, never on the grade. Pairs are chosen
one after the other, each as the one that makes the predictions for all others surest (V-optimal: V. V. Fedorov, Theory of Optimal
Experiments, 1972). `zonematch evaluate --queue` tells what this gains over a random order, and over other rules.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matching.pairing.fitting import Fitted, Floats, Integers

A_NEED: Final = 2
A_RESULT: Final = 1
"""At most so many pairs of one need, and of one result, in what is chosen at once, as long as others are left."""
BY_CHANCE: Final = 0.5
"""Of a queue, drawn from all alike: what shares of good pairs can be told by, and what keeps a wrong model from
choosing only what it is wrong about."""
WEIGHED: Final = 1_000
"""Pairs that are weighed against one another; of more, so many by chance."""
_BEFORE: Final = np.diag([0.02, 0.02, 0.25, 0.25, 0.25])
"""Known of the parameters before any verdict, about as much as one tells: so that the first choice is defined."""

Matrix = NDArray[np.float64]
Gain = Callable[[Matrix, Matrix, Matrix], Floats]
"""The covariance of what is known (5, 5), roots (n, 5, 4), the mean information of all pairs (5, 5): what each pair would add."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Pairs that may be asked for, arrays of length n: both text parts with the business factor in them (`Judged`), and which
    need and which result each is of, as numbers."""

    meaning: Floats
    terms: Floats
    needs: Integers
    results: Integers

    def __len__(self) -> int:
        return len(self.needs)


def reached(fitted: Fitted, meaning: Floats, terms: Floats) -> Matrix:
    """P(grade >= 0), ..., P(grade >= 4), shape (n, 5): the first column is 1, the last 0."""
    slope, thresholds = fitted.scale.slope, np.array(fitted.scale.thresholds)
    logits = slope * (fitted.meaning * meaning + fitted.terms * terms)[:, None] - slope * thresholds
    inner = 1 / (1 + np.exp(-np.clip(logits, -500, 500)))
    return np.pad(inner, ((0, 0), (1, 1)), constant_values=((0, 0), (1, 0)))


def roots(fitted: Fitted, meaning: Floats, terms: Floats) -> Matrix:
    """Of each pair's information about (weight of meaning, weight of terms, three thresholds), in logits, a square root:
    shape (n, 5, 4); `root @ root.T` is the information."""
    at_least = reached(fitted, meaning, terms)
    steep = at_least * (1 - at_least)  # of P(grade >= k) by its own logit
    change = np.zeros((len(meaning), 5, 4))
    along = steep[:, :-1] - steep[:, 1:]
    change[:, 0], change[:, 1] = along * meaning[:, None], along * terms[:, None]
    for k in range(3):  # a higher threshold makes the grade below it likelier, and the one from it on less likely
        change[:, 2 + k, k] = steep[:, k + 1]
        change[:, 2 + k, k + 1] = -steep[:, k + 1]
    chances = np.maximum(at_least[:, :-1] - at_least[:, 1:], 1e-9)
    found: Matrix = change / np.sqrt(chances)[:, None, :]
    return found


def information(fitted: Fitted, meaning: Floats, terms: Floats) -> Matrix:
    """Of these pairs together, shape (5, 5), symmetric, never negative."""
    held = roots(fitted, meaning, terms)
    found: Matrix = np.asarray(np.einsum("nij,nkj->ik", held, held), np.float64)
    return found


def within(known: Matrix, held: Matrix) -> Matrix:
    """1 + root.T @ covariance @ root a pair, shape (n, 4, 4)."""
    found: Matrix = np.eye(4) + held.transpose(0, 2, 1) @ (known @ held)
    return found


def foresight(known: Matrix, held: Matrix, wanted: Matrix) -> Floats:
    """By how much each pair would shrink the expected loss of log-likelihood of a prediction: half the trace of the mean
    information times the covariance."""
    seen = known @ held
    needed = seen.transpose(0, 2, 1) @ (wanted @ seen)
    found: Floats = np.einsum("nii->n", np.linalg.solve(within(known, held), needed)) / 2
    return found


class Spread:
    """Keeps to `A_NEED` and `A_RESULT`, loosened by one each time nothing else is left."""

    def __init__(self, pairs: Candidates) -> None:
        self._pairs = pairs
        self._of_need = np.zeros(int(pairs.needs.max(initial=-1)) + 1, np.int64)
        self._of_result = np.zeros(int(pairs.results.max(initial=-1)) + 1, np.int64)
        self._slack = 0
        self._left = np.ones(len(pairs), np.bool_)

    def open(self) -> NDArray[np.intp]:
        """Places that may be chosen next; empty once all are."""
        while True:
            free = (
                self._left
                & (self._of_need[self._pairs.needs] < A_NEED + self._slack)
                & (self._of_result[self._pairs.results] < A_RESULT + self._slack)
            )
            if free.any() or not self._left.any():
                return np.flatnonzero(free)
            self._slack += 1

    def take(self, at: int) -> None:
        self._left[at] = False
        self._of_need[self._pairs.needs[at]] += 1
        self._of_result[self._pairs.results[at]] += 1


def choose(pairs: Candidates, fitted: Fitted, known: Matrix, count: int, gain: Gain = foresight) -> list[int]:
    """Places of at most `count` pairs, the most worth first, ties by place. `known` is the information of what is judged."""
    held = roots(fitted, pairs.meaning, pairs.terms)
    wanted = information(fitted, pairs.meaning, pairs.terms) / max(1, len(pairs))
    spread, chosen = Spread(pairs), list[int]()
    total: Matrix = known + _BEFORE
    while len(chosen) < min(count, len(pairs)):
        open_ = spread.open()
        covariance = np.asarray(np.linalg.inv(total), np.float64)
        at = int(open_[np.argmax(gain(covariance, held[open_], wanted))])
        chosen.append(at)
        spread.take(at)
        total = total + held[at] @ held[at].T
    return chosen


def lots(waiting: int, count: int, chance: np.random.Generator) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Of so many pairs that wait: the places that chance alone puts into a queue of `count`, and those that are weighed for the
    rest of it."""
    order = chance.permutation(waiting)
    drawn = min(waiting, round(count * BY_CHANCE))
    return order[:drawn], order[drawn : drawn + WEIGHED]
