"""Metrics against values worked out by hand, and nDCG against ranx."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import evaluate

GRADES = {"q": {"a": 3, "b": 2, "c": 0, "d": 1}}


def run(**scores: float) -> dict[str, dict[str, float]]:
    return {"q": scores}


def test_ndcg_has_gain_2_to_the_grade_minus_1() -> None:
    """Order c, a, d, b: gains 0, 7, 1, 3."""
    found = evaluate.ndcg(run(c=4, a=3, d=2, b=1), GRADES)
    dcg = 7 / math.log2(3) + 1 / math.log2(4) + 3 / math.log2(5)
    ideal = 7 + 3 / math.log2(3) + 1 / math.log2(4)
    assert found == pytest.approx(dcg / ideal)
    assert evaluate.ndcg(run(a=4, b=3, d=2, c=1), GRADES) == 1.0


def test_ndcg_looks_at_the_first_k_alone() -> None:
    found = evaluate.ndcg(run(c=4, b=3, a=2, d=1), GRADES, k=2)
    assert found == pytest.approx((3 / math.log2(3)) / (7 + 3 / math.log2(3)))


def test_equal_scores_go_by_id_and_unscored_documents_come_last() -> None:
    assert evaluate.ranked({"b": 1.0, "a": 1.0}, GRADES["q"]) == ("a", "b", "c", "d")
    assert evaluate.ranked({"d": -5.0}, GRADES["q"]) == ("d", "a", "b", "c")
    assert evaluate.ndcg({}, GRADES) == evaluate.ndcg(run(a=1, b=1, c=1, d=1), GRADES)


def test_scores_of_unjudged_documents_count_for_nothing() -> None:
    assert evaluate.ndcg(run(a=4, b=3, d=2, c=1, zz=99), GRADES) == 1.0


def test_queries_without_any_grade_above_0_are_left_out() -> None:
    grades = {**GRADES, "empty": {"x": 0, "y": 0}}
    perfect = {"q": {"a": 4.0, "b": 3.0, "d": 2.0}, "empty": {"x": 1.0}}
    assert evaluate.ndcg(perfect, grades) == 1.0
    assert set(evaluate.ndcg_by_query(perfect, grades)) == {"q"}
    assert math.isnan(evaluate.ndcg({}, {"empty": {"x": 0}}))


def test_auc_counts_the_pairs_in_the_right_order() -> None:
    """Good: a, b. Bad: c, d. Right: a>c, a>d, b>d; b and c are equal."""
    assert evaluate.auc(run(a=4, b=2, c=2, d=1), GRADES) == pytest.approx(3.5 / 4)
    assert evaluate.auc(run(a=1, b=2, c=3, d=4), GRADES) == 0.0
    assert math.isnan(evaluate.auc(run(a=1), {"q": {"a": 3}}))


def test_spearman() -> None:
    assert evaluate.spearman(run(a=9, b=5, d=3, c=1), GRADES) == pytest.approx(1.0)
    assert evaluate.spearman(run(a=1, b=3, d=5, c=9), GRADES) == pytest.approx(-1.0)
    # ranks of the scores 4, 1, 2.5, 2.5, of the grades 4, 3, 1, 2: 1.5 * 1.5 - 1.5 * 0.5 over their lengths
    assert evaluate.spearman(run(a=9, b=1, c=5, d=5), GRADES) == pytest.approx(1.5 / math.sqrt(4.5 * 5))
    assert math.isnan(evaluate.spearman(run(a=1, b=1, c=1, d=1), GRADES))


def test_area_and_rank_correlation_of_one_set_of_values() -> None:
    scores = np.array([1.0, 2.0, 2.0, 3.0])
    assert evaluate.area(scores, np.array([False, False, True, True])) == 0.875
    assert math.isnan(evaluate.area(scores, np.zeros(4, np.bool_)))
    assert evaluate.rank_correlation(scores, scores) == pytest.approx(1)
    assert math.isnan(evaluate.rank_correlation(np.ones(4), scores))


def test_the_interval_of_a_share_is_wilsons() -> None:
    assert evaluate.share_interval(6, 50) == pytest.approx((0.0562, 0.2380), abs=1e-4)
    assert evaluate.share_interval(0, 20) == pytest.approx((0, 0.1611), abs=1e-4)
    assert evaluate.share_interval(20, 20) == pytest.approx((0.8389, 1), abs=1e-4)
    assert evaluate.share_interval(0, 0) == (0, 1)


def test_averages_are_over_queries() -> None:
    grades = {"p": {"a": 2, "b": 0}, "q": {"a": 2, "b": 0}}
    assert evaluate.auc({"p": {"a": 2, "b": 1}, "q": {"a": 1, "b": 2}}, grades) == 0.5


def test_levels_and_mean_absolute_error() -> None:
    cuts = (0.2, 0.4, 0.6)
    assert [evaluate.levels(score, cuts) for score in (0.1, 0.2, 0.5, 0.6)] == [0, 1, 2, 3]
    # levels 2, 2, 1, 0 against 3, 2, 0, 1: errors 1, 0, 1, 1
    scores = run(a=0.5, b=0.59, c=0.3, d=0.1)
    assert evaluate.score_1_over_1_plus_mae(scores, GRADES, cuts) == pytest.approx(1 / 1.75)


def test_mrr_and_recall_look_at_the_whole_run() -> None:
    scores = {"q": {"x": 9.0, "c": 8.0, "b": 7.0, "a": 6.0, "d": 5.0}}
    assert evaluate.mrr(scores, GRADES) == pytest.approx(1 / 3)
    assert evaluate.mrr(scores, GRADES, k=2) == 0.0
    assert evaluate.recall(scores, GRADES, k=4) == pytest.approx(2 / 3)
    assert evaluate.recall({}, GRADES) == 0.0
    assert math.isnan(evaluate.mrr(scores, {"q": {"c": 0}}))


def test_ndcg_is_that_of_ranx() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ranx and numba warn of their own dependencies
        import ranx

        grades = {
            "p": {"a": 3, "b": 0, "c": 1, "d": 2, "e": 0},
            "q": {f"d{n:02}": n % 4 for n in range(15)},
            "r": {"a": 1, "b": 0},
        }
        scores = {
            "p": {"a": 0.3, "b": 0.9, "c": 0.5, "d": 0.4, "e": 0.1},
            "q": {f"d{n:02}": math.sin(n * 1.7) for n in range(15)},
            "r": {"a": 0.2, "b": 0.1},
        }
        expected = ranx.evaluate(ranx.Qrels(grades), ranx.Run(scores), "ndcg_burges@10")
    assert evaluate.ndcg(scores, grades) == pytest.approx(float(expected), abs=1e-9)


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(st.integers(0, 3), st.floats(-5, 5)), min_size=1))
def test_metrics_lie_in_their_ranges(rows: dict[str, tuple[int, float]]) -> None:
    grades = {"q": {document: grade for document, (grade, _) in rows.items()}}
    scores = {"q": {document: score for document, (_, score) in rows.items()}}
    for low, value in (
        (0, evaluate.ndcg(scores, grades)),
        (0, evaluate.auc(scores, grades)),
        (-1, evaluate.spearman(scores, grades)),
        (0, evaluate.mrr(scores, grades)),
        (0, evaluate.recall(scores, grades, 3)),
        (0.25, evaluate.score_1_over_1_plus_mae(scores, grades, (0, 1, 2))),
    ):
        assert math.isnan(value) or low - 1e-9 <= value <= 1 + 1e-9
