"""What a verdict would teach: the information is the curvature of the likelihood, and the choice spreads and does not waver."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.pairing.fitting import Fitted, log_likelihood
from matching.pairing.ranker import Scale
from matching.pairing.worth import A_NEED, BY_CHANCE, Candidates, choose, foresight, information, lots, reached, roots

HELD = Fitted(0.7, 0.3, Scale(12.0, (0.3, 0.5, 0.65)))


def candidates(count: int, *, needs: int = 30, results: int = 500, seed: int = 1) -> Candidates:
    chance = np.random.default_rng(seed)
    return Candidates(
        chance.random(count), chance.random(count), chance.integers(0, needs, count), chance.integers(0, results, count)
    )  # fmt: skip


def told(x: np.ndarray, meaning: float, terms: float, grade: int) -> float:
    """Log-likelihood of one grade by the five parameters in logits."""
    eta = np.array([x[0] * meaning + x[1] * terms])
    return log_likelihood(eta, np.array([grade]), x[2:].tolist(), np.ones(1))


def test_the_information_is_the_expected_curvature_of_the_likelihood() -> None:
    slope = HELD.scale.slope
    x = np.array([slope * HELD.meaning, slope * HELD.terms, *(slope * cut for cut in HELD.scale.thresholds)])
    meaning, terms, step = 0.55, 0.4, 1e-3
    some = np.array([meaning]), np.array([terms])
    chances = -np.diff(reached(HELD, *some), axis=1)[0]
    expected = np.zeros((5, 5))
    for i in range(5):
        for j in range(5):
            a, b = np.eye(5)[i] * step, np.eye(5)[j] * step
            for grade in range(4):
                bend = sum(
                    sign * told(x + p * a + q * b, meaning, terms, grade)
                    for p, q, sign in ((1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1))
                )
                expected[i, j] -= chances[grade] * bend / (4 * step * step)
    assert information(HELD, *some) == pytest.approx(expected, abs=1e-4)


def test_foresight_is_what_the_predictions_gain() -> None:
    pairs = candidates(40)
    held, wanted = roots(HELD, pairs.meaning, pairs.terms), information(HELD, pairs.meaning, pairs.terms) / 40
    before = np.eye(5)
    for at, gain in enumerate(foresight(np.linalg.inv(before), held, wanted)):
        after = before + held[at] @ held[at].T
        assert gain == pytest.approx(np.trace(wanted @ (np.linalg.inv(before) - np.linalg.inv(after))) / 2)


def test_a_pair_like_those_judged_is_worth_less_than_one_unlike_them() -> None:
    pairs = Candidates(np.array([0.5, 0.5]), np.array([0.9, 0.1]), np.arange(2), np.arange(2))
    for same, other in ((0, 1), (1, 0)):
        known = 200 * information(HELD, pairs.meaning[[same]], pairs.terms[[same]])
        assert choose(pairs, HELD, known, 2)[0] == other


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 60), st.integers(1, 30), st.integers(1, 12), st.integers(0, 5))
def test_what_is_chosen_is_spread_and_the_same_again(waiting: int, count: int, needs: int, seed: int) -> None:
    pairs = candidates(waiting, needs=needs, seed=seed)
    chosen = choose(pairs, HELD, np.zeros((5, 5)), count)
    assert len(chosen) == len(set(chosen)) == min(count, waiting)
    assert chosen == choose(pairs, HELD, np.zeros((5, 5)), count)
    free_needs = {int(each) for each in pairs.needs}
    if len(chosen) <= len(free_needs) and len({int(each) for each in pairs.results}) == waiting:
        assert max(np.bincount(pairs.needs[chosen]), default=0) <= A_NEED


@given(st.integers(0, 3000), st.integers(1, 40))
def test_the_lots_of_chance_do_not_meet_what_is_weighed(waiting: int, count: int) -> None:
    drawn, rest = lots(waiting, count, np.random.default_rng(waiting))
    assert len(drawn) == min(waiting, round(count * BY_CHANCE))
    both = [*drawn.tolist(), *rest.tolist()]
    assert len(both) == len(set(both)) <= waiting
    assert len(both) >= min(waiting, count)


def test_chance_draws_all_alike() -> None:
    often = np.zeros(40)
    for seed in range(2000):
        often[lots(40, 20, np.random.default_rng(seed))[0]] += 1
    assert often.sum() == 2000 * 10
    assert np.abs(often - 500).max() < 97  # five standard deviations
