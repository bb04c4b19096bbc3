"""Whether the quality score predicts good matches: on needs made so that it does, and so that it does not."""

import json
from pathlib import Path

import pytest

from matching.errors import InvalidInput
from matching.quality_evaluation import evaluate

GOOD = "泵壳衬板平均600小时磨穿，换过两家供应商没有改善。预算50万元，要求寿命1200 h、硬度500 HRC，半年内交付。"
VAGUE = "希望提高产品性能。"


def folder(where: Path, needs: list[tuple[str, int]]) -> Path:
    where.joinpath("queries.jsonl").write_text(
        "\n".join(json.dumps({"_id": f"n{at}", "title": "衬板", "text": text}) for at, (text, _) in enumerate(needs)), "utf-8"
    )
    where.joinpath("corpus.jsonl").write_text(json.dumps({"_id": "r", "title": "耐磨铸铁", "text": ""}), "utf-8")
    rows = "\n".join(f"n{at}\tr\t{grade}" for at, (_, grade) in enumerate(needs))
    where.joinpath("qrels.tsv").write_text(f"query-id\tcorpus-id\tscore\n{rows}", "utf-8")
    return where


def test_a_score_that_predicts_is_said_to(tmp_path: Path) -> None:
    report = evaluate(folder(tmp_path, [(GOOD, 3)] * 12 + [(VAGUE, 0)] * 12), samples=200)
    assert (report["needs"], report["matched"]) == (24, 12)
    assert report["quality"]["auc"] == 1
    assert report["quality"]["auc_interval"][0] > 0.5
    assert "more often" in report["says"][0]


def test_a_score_that_does_not_is_said_so_plainly(tmp_path: Path) -> None:
    needs = [(text, grade) for text in (GOOD, VAGUE) for grade in (0, 2)] * 6
    report = evaluate(folder(tmp_path, needs), samples=200)
    assert report["quality"]["auc"] == report["length"]["auc"] == 0.5
    low, high = report["quality"]["auc_interval"]
    assert low <= 0.5 <= high
    assert "contains 0.5" in report["says"][0]
    assert "no better and no worse" in report["says"][1]
    assert evaluate(tmp_path, samples=200) == report


def test_without_others_to_part_from_there_is_no_answer(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        evaluate(folder(tmp_path, [(GOOD, 2), (VAGUE, 3)]))
