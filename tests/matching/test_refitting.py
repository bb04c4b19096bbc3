"""Learning again from verdicts, and the judgement on needs that were not seen."""

from dataclasses import replace

import numpy as np
import pytest

from matching.pairing.fitting import Fitted, Judged
from matching.pairing.ranker import Ranker, Scale, shipped
from matching.refitting import DISTANCE, LOG_LIKELIHOOD, NDCG, Lessons, judge, refit
from tests.matching.test_pairing_fitting import TRUE, made

PER_NEED = 8
TRUTH = Ranker(TRUE.meaning, TRUE.terms, TRUE.scale, shipped().judged)
OTHER = Ranker(0.5, 0.5, Scale(10.0, (0.35, 0.45, 0.6)), shipped().judged)


def lessons(judged: Judged, places: int = 1) -> Lessons:
    needs = np.arange(len(judged)) // PER_NEED
    return Lessons(
        judged,
        [f"need{need}" for need in needs],
        [f"result{at}" for at in range(len(judged))],
        [f"zone{need % places}" for need in needs],
        needs % 5,
    )


def test_what_people_say_otherwise_is_learned_and_found_better() -> None:
    told = lessons(made(640))
    found = judge(told, OTHER, OTHER)
    assert found.reason == ""
    assert (found.figures["needs"], found.figures["verdicts"]) == (80, 640)
    measures = found.figures["measures"]
    assert measures[LOG_LIKELIHOOD]["low"] > 0
    assert measures[LOG_LIKELIHOOD]["before"] < measures[LOG_LIKELIHOOD]["after"] < 0
    assert measures[NDCG]["before"] < measures[NDCG]["after"] <= 1
    assert measures[DISTANCE]["after"] < measures[DISTANCE]["before"]


def test_where_nothing_is_to_be_learned_the_candidate_is_refused() -> None:
    """Graded just as the one in force expects: another can only be worse by chance."""
    told = lessons(made(320))
    found = judge(told, TRUTH, TRUTH)
    assert found.reason == "not_better"
    assert found.figures["measures"][LOG_LIKELIHOOD]["low"] <= 0


def test_too_few_needs_say_nothing() -> None:
    assert judge(lessons(made(7 * PER_NEED)), OTHER, OTHER).reason == "too_few"
    assert judge(lessons(made(7 * PER_NEED)), OTHER, OTHER).figures["needs"] == 7


def test_what_helps_on_the_whole_is_refused_where_a_zone_suffers() -> None:
    """Nine zones grade one way, the tenth as the one in force expects."""
    judged = made(2000)
    told = lessons(judged, places=10)
    settled = np.array([place == "zone9" for place in told.places])
    as_expected = made(2000, Fitted(OTHER.meaning, OTHER.terms, OTHER.zone), seed=3)
    told = replace(told, judged=replace(judged, grades=np.where(settled, as_expected.grades, judged.grades)))
    found = judge(told, OTHER, OTHER)
    assert found.figures["measures"][LOG_LIKELIHOOD]["low"] > 0
    assert found.figures["places"]["zone9"][LOG_LIKELIHOOD]["high"] < 0
    assert found.reason == "worse_somewhere"


def test_a_refit_keeps_the_scale_of_chosen_pairs_and_moves_with_the_number_of_verdicts() -> None:
    few, many = refit(OTHER, made(16)), refit(OTHER, made(4000))
    assert few.judged == many.judged == OTHER.judged
    assert abs(few.meaning - OTHER.meaning) < abs(many.meaning - OTHER.meaning)
    assert many.meaning == pytest.approx(TRUE.meaning, abs=0.05)
    assert refit(OTHER, made(4000)) == many
