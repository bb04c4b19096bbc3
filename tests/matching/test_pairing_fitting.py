"""Learning weights and scales: what was put into made-up grades is found again, and a prior holds where little is known."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.pairing import ranker as module
from matching.pairing.fitting import Fitted, Judged, chances, fit, fit_scale, levels
from matching.pairing.ranker import Ranker, Scale, from_json, rounded, shipped, to_json

TRUE = Fitted(0.7, 0.3, Scale(12.0, (0.3, 0.5, 0.65)))


def made(count: int, truth: Fitted = TRUE, seed: int = 3) -> Judged:
    """Pairs graded by chance as `truth` has it."""
    random = np.random.default_rng(seed)
    meaning, terms, factor = random.random(count), random.random(count), random.uniform(0.8, 1.2, count)
    blank = Judged(meaning, terms, factor, np.zeros(count, np.int64), np.ones(count))
    texts, drawn = blank.texts(truth.meaning, truth.terms), random.random(count)
    grades = np.sum([drawn < chances(truth.scale, texts, grade) for grade in (1, 2, 3)], axis=0)
    return replace(blank, grades=grades.astype(np.int64))


def test_what_the_grades_were_made_of_is_found_again() -> None:
    found = fit(made(6000))
    assert found.meaning == pytest.approx(0.7, abs=0.03)
    assert found.meaning + found.terms == pytest.approx(1)
    assert found.scale.slope == pytest.approx(12, rel=0.08)
    assert found.scale.thresholds == pytest.approx((0.3, 0.5, 0.65), abs=0.02)


def test_chances_are_those_of_the_grades() -> None:
    judged = made(6000, seed=5)
    found = fit(made(6000))
    texts = judged.texts(found.meaning, found.terms)
    for grade in (1, 2, 3):
        said, happened = chances(found.scale, texts, grade), judged.grades >= grade
        for low in (0.0, 0.25, 0.5, 0.75):
            some = (said >= low) & (said < low + 0.25)
            assert said[some].mean() == pytest.approx(happened[some].mean(), abs=0.06)


def test_a_level_is_a_grade_that_is_as_likely_as_not() -> None:
    texts = np.linspace(0, 1, 101)
    by_chance = sum((chances(TRUE.scale, texts, grade) >= 0.5).astype(int) for grade in (1, 2, 3))
    assert levels(TRUE.scale, texts).tolist() == by_chance.tolist()  # type: ignore[union-attr]  # arrays add up to an array


def test_a_part_that_speaks_against_the_grades_weighs_nothing() -> None:
    judged = made(2000)
    found = fit(replace(judged, terms=1 - judged.terms))
    assert found.terms == pytest.approx(0, abs=1e-3)


def test_without_verdicts_the_prior_stands_and_many_have_their_way() -> None:
    other = Fitted(0.4, 0.6, Scale(8.0, (0.2, 0.6, 0.8)))
    nothing = made(0)
    assert fit(nothing, prior=other, strength=100).scale.thresholds == pytest.approx(other.scale.thresholds, abs=1e-3)
    nothing_known, some, many = (abs(fit(made(count), prior=other, strength=200).meaning - 0.7) for count in (0, 100, 5000))
    assert nothing_known > some > many
    assert many < 0.05


def test_judgements_count_as_their_weight_says() -> None:
    judged = made(400)
    twice = judged.take(np.repeat(np.arange(400), 2))
    heavy = fit(replace(judged, weights=np.full(400, 2.0)))
    assert fit(twice).scale.thresholds == pytest.approx(heavy.scale.thresholds, abs=2e-3)


def test_a_scale_of_other_pairs_keeps_the_weights() -> None:
    steep = Fitted(0.7, 0.3, Scale(20.0, (0.4, 0.5, 0.6)))
    found = fit_scale(TRUE, made(4000, steep))
    assert found.slope == pytest.approx(20, rel=0.1)
    assert found.thresholds == pytest.approx((0.4, 0.5, 0.6), abs=0.02)


def test_grades_that_never_differ_teach_nothing() -> None:
    judged = made(50)
    with pytest.raises(ValueError, match="more than one grade"):
        fit(replace(judged, grades=np.ones(50, np.int64)))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.integers(0, 3)), max_size=12))
def test_any_handful_of_verdicts_gives_a_usable_ranker(rows: list[tuple[float, float, int]]) -> None:
    judged = Judged(
        np.array([row[0] for row in rows], np.float64),
        np.array([row[1] for row in rows], np.float64),
        np.ones(len(rows)),
        np.array([row[2] for row in rows], np.int64),
        np.ones(len(rows)),
    )
    found = fit(judged, prior=TRUE, strength=20)
    assert min(found.meaning, found.terms) >= 0
    assert list(found.scale.thresholds) == sorted(found.scale.thresholds)
    assert found.scale.slope > 0


def test_the_shipped_ranker_says_where_it_comes_from() -> None:
    held = shipped()
    assert held.provenance["needs"] == 141
    assert held.provenance["share_interval"][0] < held.provenance["share_of_good_pairs_assumed_in_a_zone"]
    assert from_json(json.loads(json.dumps(to_json(held)))) == held
    assert rounded(held) == held
    assert held.zone.chance(held.zone.thresholds[1], 2) == pytest.approx(0.5)
    assert held.zone.chance(0, 1) < 0.02
    assert held.zone.chance(1, 3) > 0.98


@pytest.mark.parametrize(
    "change",
    [
        {"format": 9},
        {"weights": {"meaning": 0.9, "terms": 0.3}},
        {"weights": {"meaning": -0.1, "terms": 1.1}},
        {"weights": {"meaning": float("nan"), "terms": 1.0}},
        {"zone": {"slope": 0, "thresholds": [0.1, 0.2, 0.3]}},
        {"zone": {"slope": 5, "thresholds": [0.3, 0.2, 0.3]}},
        {"judged": {"slope": 5, "thresholds": [0.1, 0.2]}},
    ],
)
def test_a_ranker_that_cannot_be_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must|format|unpack"):
        from_json({**to_json(shipped()), **change})


def test_rankers_are_compared_by_what_they_do() -> None:
    held = shipped()
    assert held == Ranker(held.meaning, held.terms, held.zone, held.judged)
    assert module.FORMAT == 1
