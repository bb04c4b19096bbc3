"""The texts of the behavioural check, and what is told of them and of exposure."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from matching import behaviour_evaluation, exposure_evaluation
from matching.demo.texts import behaviour, listings
from matching.documents import body_of, passages_of
from matching.evaluation import evaluate
from matching.pairing.ranker import shipped, to_json
from matching.quality_report import markdown
from search.encoder.hashing import HashingEncoder
from tests.matching.test_evaluation import write

ENCODER = HashingEncoder(64)
DRAFTS, PAIRS = behaviour()


def test_two_hundred_pairs_over_all_industries_half_of_them_misleading() -> None:
    assert len(PAIRS) == len({(pair.need, pair.result) for pair in PAIRS}) == 200
    assert len({pair.need.split("-b")[0] for pair in PAIRS}) == 14
    assert Counter(pair.kind for pair in PAIRS)["hard_negative"] >= 100
    assert {pair.need for pair in PAIRS} | {pair.result for pair in PAIRS} == DRAFTS.keys()


def test_what_is_expected_of_a_pair_stands_in_its_texts() -> None:
    for pair in PAIRS:
        names = {each.name for each in DRAFTS[pair.need].indicators}
        told = [name for verdict in ("met", "failed", "missing") for name in pair.expect[verdict]]
        assert set(told) <= names
        assert len(told) == len(set(told))
        if pair.expect["passage"]:
            assert pair.expect["passage"] in body_of(DRAFTS[pair.result])
        assert len(pair.grades) == 2


def test_they_are_no_texts_of_the_demonstration() -> None:
    shown = {each.draft.title for each in listings(behaviour_evaluation.CONTEXT.today)}
    assert not shown & {draft.title for draft in DRAFTS.values()}


def test_what_is_told_of_them_adds_up() -> None:
    found = behaviour_evaluation.evaluate(ENCODER)
    assert sum(map(sum, found["levels"].values())) == 200
    assert found["kappa"] > 0.8
    assert found["missing_is_named"]["right"] == found["missing_is_named"]["of"]
    assert found["maturity"]["right"] == found["maturity"]["of"] > 100
    assert found["figures"]["met_for_failed_or_reverse"] <= 2
    for moved in found["neutral_body"].values():
        assert moved["of"] == 200 * len(behaviour_evaluation.NEUTRAL)
        assert moved["kept"] + moved["by_one"] + moved["by_two_or_more"] == moved["of"]
    assert json.loads(json.dumps(found)) == found


def test_a_neutral_body_is_added_and_nothing_taken_away() -> None:
    draft = DRAFTS[PAIRS[0].result]
    longer = behaviour_evaluation._with(draft, behaviour_evaluation.NEUTRAL[0])
    assert behaviour_evaluation.NEUTRAL[0] in body_of(longer)
    assert draft.texts["summary"] in body_of(longer)
    assert len(passages_of(longer)[0]) >= len(passages_of(draft)[0])


def test_a_hub_is_seen_and_corrected() -> None:
    """Ten results are everybody's; the correction lets others in."""
    random = np.random.default_rng(1)
    scores = random.random((50, 400)) * 0.5
    scores[:, :10] += 0.3
    before, after = (exposure_evaluation.exposure(exposure_evaluation.corrected(scores, strength)) for strength in (0.0, 1.0))
    assert after["exposed"] > before["exposed"]
    assert after["hubness"] < before["hubness"]
    assert after["most"] <= before["most"] <= 50


def test_exposure_is_told_with_quality_beside(tmp_path: Path) -> None:
    found = exposure_evaluation.evaluate(write(tmp_path), ENCODER)
    assert (found["needs"], found["results"]) == (4, 4)
    assert found["score"]["difference"] == 0
    assert found["score"]["exposed"] == 1.0
    assert 0 < found["plain_titles"]["ndcg@10"] <= 1


def test_the_page_says_what_the_figures_say(tmp_path: Path) -> None:
    report = evaluate(write(tmp_path), ENCODER, folds=2)
    page = markdown(report, to_json(shipped()))
    assert f"{report['ndcg@10']:.4f}" in page
    assert "4 needs and 12 pairs" in page
    worse = {**report, "gains": {**report["gains"], "plain_encoder": {"ndcg@10": 0.0, "interval": [-0.1, 0.1]}}}
    assert "cannot be told from" in markdown(worse, to_json(shipped()))


@pytest.mark.parametrize("level", ["0", "1", "2", "3"])
def test_the_page_has_every_level(tmp_path: Path, level: str) -> None:
    report = evaluate(write(tmp_path), ENCODER)
    assert f"| {['无', '弱', '较强', '强'][int(level)]} | {report['levels'][level]['pairs']} |" in markdown(
        report, to_json(shipped())
    )
