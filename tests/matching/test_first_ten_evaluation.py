"""What is told of the switches of the first ten: off is the list as it stands, drawn days and organisations are told as drawn."""

from pathlib import Path

import pytest

from matching import first_ten_evaluation
from matching.exposure_evaluation import evaluate as evaluate_exposure
from matching.first_ten_evaluation import evaluate
from search.encoder.hashing import HashingEncoder
from tests.matching.test_queue_evaluation import folder


def test_every_switch_is_told_beside_the_list_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_ten_evaluation, "DRAWS", 3)
    data, encoder = folder(tmp_path), HashingEncoder()
    report = evaluate(data, encoder)
    assert report == evaluate(data, encoder), "the same again"
    off, score = report["off"], evaluate_exposure(data, encoder)["score"]
    assert {name: off[name] for name in ("exposed", "most", "hubness", "ndcg@10")} == {
        name: score[name] for name in ("exposed", "most", "hubness", "ndcg@10")
    }
    assert (off["difference"], off["interval"], off["changed"]) == (0, [0, 0], 0)
    for name, counted, sign in (
        ("diverse_titles", "alike", -1), ("diverse_drawn_organisations", "organisations", 1), ("fresh_drawn_days", "new", 1),
    ):  # fmt: skip
        told = report[name]
        before, after = told[counted]
        assert sign * (after - before) > 0, name
        low, high = told["interval"]
        assert low <= told["difference"] <= high
        assert told["difference"] == pytest.approx(told["ndcg@10"] - off["ndcg@10"], abs=2e-4)
        assert 0 < told["changed"] <= 1
    assert set(report["both_drawn"]) >= {"alike", "organisations", "new"}
