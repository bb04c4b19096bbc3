"""The simulation of the queue: on made-up judgements it runs, is the same again, and says what its intervals say."""

import json
from pathlib import Path

import numpy as np
import pytest

from matching.errors import InvalidInput
from matching.queue_evaluation import BETTER, RIVALS, _worths, evaluate, says
from search.encoder.hashing import HashingEncoder

WORDS = ("银浆", "减速器", "涂层", "隐裂", "轴承", "催化剂", "电解液", "隔膜", "刀具", "芯片")


def folder(where: Path) -> Path:
    """Twelve needs with sixteen judged results each: the more words they share, the better the grade."""
    chance = np.random.default_rng(4)
    needs, results, rows = [], [], []
    for n in range(12):
        asked = chance.choice(WORDS, 3, replace=False)
        needs.append({"_id": f"n{n:02}", "title": f"{asked[0]}第{n}项{chr(0x4E00 + 97 * n)}", "text": " ".join(asked)})
        for r in range(16):
            grade = int(chance.integers(0, 4))
            given = [*asked[:grade], *chance.choice(WORDS, 3 - grade)]
            results.append({"_id": f"r{n:02}-{r:02}", "title": " ".join(given), "text": ""})
            rows.append(f"n{n:02}\tr{n:02}-{r:02}\t{grade}")
    for name, held in (("queries", needs), ("corpus", results)):
        where.joinpath(f"{name}.jsonl").write_text("\n".join(map(json.dumps, held)), "utf-8")
    where.joinpath("qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + "\n".join(rows), "utf-8")
    return where


def test_the_report_compares_the_same_needs_and_is_the_same_again(tmp_path: Path) -> None:
    report = evaluate(folder(tmp_path), HashingEncoder(), repeats=3)
    assert (report["needs"], report["pairs"], report["repeats"]) == (12, 192, 3)
    assert list(report["verdicts"]) == ["25", "50", "100"], "as far as there are verdicts"
    for row in report["verdicts"].values():
        for name, sign in BETTER.items():
            gain = row["better"][name]
            assert gain["mean"] == pytest.approx(sign * (row["queue"][name] - row["random"][name]), abs=2e-4)
            assert gain["interval"][0] <= gain["mean"] <= gain["interval"][1]
    assert set(report["rivals"]) == set(RIVALS)
    assert report["all_verdicts"]["log_likelihood"] > report["verdicts"]["25"]["random"]["log_likelihood"]
    assert report == evaluate(tmp_path, HashingEncoder(), repeats=3)


def row(low: float, high: float) -> dict[str, object]:
    return {"better": {name: {"interval": [low, high]} for name in BETTER}}


def test_what_is_said_follows_the_intervals() -> None:
    told = says({"25": row(0.01, 0.02), "50": row(-0.01, 0.02), "100": row(-0.02, -0.01), "200": row(0.0, 0.1)})
    assert told[0] == "log_likelihood: better after 25; worse after 100; not to be told from luck after 50, 200"
    assert len(told) == len(BETTER)


def test_verdicts_of_the_queue_are_worth_so_many_at_random() -> None:
    reached = {"25": (-1.0, -0.9), "100": (-0.9, -0.85), "400": (-0.8, -0.7)}
    table = {count: {"random": {"log_likelihood": a}, "queue": {"log_likelihood": b}} for count, (a, b) in reached.items()}
    assert _worths(table, "log_likelihood") == {"25": 100, "100": 200, "400": None}


def test_an_unusable_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        evaluate(tmp_path, HashingEncoder())
