"""The command line as an operator uses it: real processes on a real data folder, with the hashing encoder."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.api.serving import Serving


def run(data: Path, *arguments: str, typed: str = "", expect: int = 0) -> str:
    """Run `zonematch`; standard output, or standard error where it is expected to refuse."""
    done = subprocess.run(
        [sys.executable, "-m", "api", *arguments],
        env=os.environ | {"ZONEMATCH_DATA": str(data), "ZONEMATCH_ENCODER": "hashing"},
        input=typed, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == expect, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout if expect in (0, 1) else done.stderr


def answer(data: Path, *arguments: str, typed: str = "", expect: int = 0) -> Any:
    return json.loads(run(data, *arguments, "--json", typed=typed, expect=expect))


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demonstration loaded and indexed by a real `serve`, which has stopped."""
    data = tmp_path_factory.mktemp("demonstration")
    with Serving(data, demo=True) as serving:
        serving.wait_until_quiet()
    return data


def count(data: Path, query: str) -> int:
    connection = sqlite3.connect(data / "zonematch.db")
    try:
        found: int = connection.execute(query).fetchone()[0]
    finally:
        connection.close()
    return found


def test_search_finds_on_a_copy_built_from_sql(demonstration: Path) -> None:
    report = answer(demonstration, "search", "谐波减速器", "--limit", "3")
    assert report["notice"] is None
    assert any("减速器" in hit["title"] or "减速器" in hit["words"] for hit in report["hits"])


def test_match_previews_a_zone_and_writes_nothing(demonstration: Path) -> None:
    before = count(demonstration, "SELECT count(*) FROM match")
    report = answer(demonstration, "match", "--zone", "changzhou", "--limit", "5")
    assert report["pairs"] >= len(report["best"]) > 0
    assert count(demonstration, "SELECT count(*) FROM match") == before > 0


def test_the_doctor_names_what_is_wrong(demonstration: Path, tmp_path: Path) -> None:
    report = answer(demonstration, "doctor", expect=1)
    assert report["database"]["ok"]
    assert not report["encoder"]["ok"]
    assert "ZONEMATCH_ENCODER" in report["encoder"]["detail"]
    empty = answer(tmp_path, "doctor", expect=1)
    assert "zonematch migrate" in empty["database"]["detail"]
    assert "zonematch migrate" in run(tmp_path, "work", "list", expect=2)


def test_the_first_administrator_of_a_real_zone(tmp_path: Path) -> None:
    assert answer(tmp_path, "migrate")["changed"]
    assert not answer(tmp_path, "migrate")["changed"]
    refused = run(tmp_path, "user", "add", "admin", "--json", typed="demo-2026\n", expect=2)
    assert "password" in refused
    made = answer(tmp_path, "user", "add", "admin", "--name", "管理员", typed="a-long-sentence-9\n")
    assert made["roles"] == ["administrator"]
    assert count(tmp_path, "SELECT count(*) FROM audit_entry WHERE action = 'person.add'") == 1


def test_removing_the_demonstration_leaves_everything_else(demonstration: Path, tmp_path: Path) -> None:
    data = tmp_path / "copy"
    shutil.copytree(demonstration, data)
    run(data, "user", "add", "real", "--json", typed="a-long-sentence-9\n")
    real = {"person": "SELECT count(*) FROM person WHERE NOT demo", "zone": "SELECT count(*) FROM zone"}
    before = {name: count(data, query) for name, query in real.items()}
    removed = answer(data, "demo", "remove")["removed"]
    assert removed["results"] >= 120
    assert removed["needs"] >= 90
    for table in ("listing", "organisation", "person"):
        assert count(data, f"SELECT count(*) FROM {table} WHERE demo") == 0
    assert {name: count(data, query) for name, query in real.items()} == before == {"person": 1, "zone": 12}
    assert count(data, "SELECT count(*) FROM match") == 0
    loaded = answer(data, "demo", "load")["loaded"]
    assert loaded == {"organisations": 37, "results": removed["results"], "needs": removed["needs"]}


@pytest.mark.parametrize("command", [("gate",), ("reindex",), ("reindex", "--back")])
def test_without_a_serving_process_the_index_commands_say_so(tmp_path: Path, command: tuple[str, ...]) -> None:
    assert "zonematch serve" in run(tmp_path, *command, expect=2)


GATE = {"missing": 0, "stale": 0, "misplaced": 0, "extra": 0, "suggestions": 0}


def test_the_gate_and_reindex_are_done_by_the_serving_process(demonstration: Path, tmp_path: Path) -> None:
    data = tmp_path / "copy"
    shutil.copytree(demonstration, data)
    with Serving(data, demo=True) as serving:
        serving.wait_until_quiet()
        assert answer(data, "gate") | {"at": ""} == GATE | {"at": "", "expected": 458}
        assert answer(data, "reindex")["written"] == 229
    newest, before = answer(data, "work", "list", "--limit", "2")
    assert [(each["kind"], each["state"]) for each in (newest, before)] == [("reindex", "done"), ("gate", "done")]
    assert newest["id"] in run(data, "work", "list", "--kind", "reindex")
    assert answer(data, "work", "show", before["id"])["figures"]["expected"] == 458
    assert answer(data, "work", "list", "--active") == []


def test_long_work_is_cancelled_and_done_again_from_the_command_line(demonstration: Path, tmp_path: Path) -> None:
    data = tmp_path / "copy"
    shutil.copytree(demonstration, data)
    with sqlite3.connect(data / "zonematch.db") as connection:
        connection.execute(
            "INSERT INTO task (public_id, kind, key, state, stage, done, total, cursor, attempts, asked_at, figures, problem) "
            "VALUES ('waits', 'gate', 'now', 'waiting', '', 0, 0, 0, 0, '2026-11-23 00:00:00', '{}', '')"
        )
    connection.close()
    assert answer(data, "work", "cancel", "waits")["state"] == "cancelled"
    again = answer(data, "work", "retry", "waits")["id"]
    assert [each["id"] for each in answer(data, "work", "list", "--active")] == [again]
    refused = run(data, "work", "cancel", "waits", expect=2)
    assert refused.strip()
    assert run(data, "work", "show", "nothing", expect=2).strip()


def test_a_second_serve_and_a_worker_refuse(demonstration: Path) -> None:
    with Serving(demonstration, demo=True) as serving:
        refused = run(demonstration, "serve", "--port", "0", expect=2)
        assert str(serving.process.pid) in refused
        assert "serve" in run(demonstration, "worker", expect=2)


def test_evaluate_prints_the_measures(tmp_path: Path) -> None:
    (tmp_path / "queries.jsonl").write_text('{"_id": "q", "title": "光伏银浆降耗", "text": "正面银浆"}\n', "utf-8")
    rows = ("光伏银浆", "机器人减速器", "银浆降耗方法")
    lines = [json.dumps({"_id": f"d{at}", "title": title, "text": ""}, ensure_ascii=False) for at, title in enumerate(rows)]
    (tmp_path / "corpus.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\td0\t2\nq\td1\t0\nq\td2\t3\n", "utf-8")
    report = answer(tmp_path, "evaluate", str(tmp_path))
    assert (report["needs"], report["pairs"]) == (1, 3)
    assert {"ndcg@10", "auc", "spearman", "score_1_over_1_plus_mae"} <= set(report)
    assert report["auc"] == 1.0


def test_evaluate_is_asked_for_one_measure_and_what_goes_with_it(tmp_path: Path) -> None:
    for asked in (("--floor", "--behaviour"), ("--behaviour", "--folds", "3"), ("--floor", "--train", ".")):
        assert "--floor" in run(tmp_path, "evaluate", *asked, expect=2) or "--train" in asked


def test_evaluate_search_prints_the_own_figures_and_what_is_missing(tmp_path: Path) -> None:
    papers = {"低温烧结银浆": ["银浆", "烧结"], "柔轮的疲劳": ["柔轮", "疲劳"], "废水除氟": ["除氟"]}
    rows = [
        json.dumps({"_id": str(at), "title": title, "abstract": f"本文研究{title}。", "keywords": words}, ensure_ascii=False)
        for at, (title, words) in enumerate(papers.items())
    ]
    (tmp_path / "papers.jsonl").write_text("\n".join(rows), "utf-8")
    report = answer(tmp_path, "evaluate", "--search", str(tmp_path))
    assert [report[kind]["mrr"] for kind in ("title", "keywords", "two_keywords")] == [1.0, 1.0, 1.0]
    assert report["title"]["recall@1"] == 1.0
    printed = run(tmp_path, "evaluate", "--search", str(tmp_path))
    assert "1.0000 (1.000)" in printed
    assert "directory" in run(tmp_path, "evaluate", "--search", str(tmp_path / "nowhere"), expect=2)
    run(tmp_path, "evaluate", expect=2)
