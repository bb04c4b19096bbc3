"""The measure of the industry gate: the labels, the arithmetic, and (slow) the figures themselves."""

import json
from pathlib import Path

import pytest

from matching.errors import InvalidInput
from matching.industry_evaluation import BENCHMARK, Counts, counted, evaluate, fields_of, labelled, read_labels
from matching.reference import IndustryNode, industries
from matching.tagging import RULE, Rule, Suggestion, choose
from search.encoder.hashing import HashingEncoder
from search.encoder.means import shipped_means
from search.encoder.transformer import TransformerEncoder
from tests.matching.world import World
from tests.services import ROOT, benchmarks


@pytest.fixture
def nodes(world: World) -> dict[int, IndustryNode]:
    with world.database.read() as session:
        return industries(session)


def test_the_labels_are_of_known_industries_and_hold_no_text(nodes: dict[int, IndustryNode]) -> None:
    labels = read_labels()
    assert {source: len(rows) for source, rows in labels.items()} == {"own": 227, BENCHMARK: 90}
    used = {code for rows in labels.values() for codes in rows.values() for code in codes}
    assert used == {node.code for node in nodes.values()}
    assert all(key.isascii() and len(key) < 40 for rows in labels.values() for key in rows)
    assert sum(not codes for codes in labels[BENCHMARK].values()) >= 10


def test_a_text_is_in_its_industries_and_in_those_above(nodes: dict[int, IndustryNode]) -> None:
    assert fields_of(["pv"], nodes) == {"pv", "new-energy"}
    assert fields_of(["new-energy", "medtech"], nodes) == {"new-energy", "medtech"}
    assert fields_of([], nodes) == frozenset()


def test_recall_and_precision_count_pairs_of_text_and_industry() -> None:
    found = counted(frozenset({"pv", "new-energy"}), frozenset({"new-energy", "nano"}))
    assert found == {"pv": Counts(missed=1), "new-energy": Counts(both=1), "nano": Counts(surplus=1)}
    total = sum(found.values(), Counts())
    assert (total.recall, total.precision) == (0.5, 0.5)
    assert total.told() == {"recall": 0.5, "precision": 0.5, "in": 2, "suggested": 2}
    assert (Counts().recall, Counts().precision) == (1.0, 1.0)


def test_the_rule_keeps_the_best_the_sure_and_the_near(nodes: dict[int, IndustryNode]) -> None:
    ids = {node.code: id_ for id_, node in nodes.items()}
    found = [
        Suggestion(ids[code], confidence, (), 0.0)
        for code, confidence in (("pv", 0.4), ("medtech", 0.36), ("safety", 0.3), ("nano", 0.1))
    ]
    for rule, kept in (
        (Rule(0.5, 0.05, 3), ["pv", "medtech"]),
        (Rule(0.3, 0.0, 3), ["pv", "medtech", "safety"]),
        (Rule(0.5, 0.5, 2), ["pv", "medtech"]),
        (Rule(0.9, 0.0, 3), ["pv"]),
    ):
        assert [nodes[each.industry_id].code for each in choose(found, nodes, rule)] == kept
    assert choose([], nodes) == ()


def test_without_the_benchmarks_it_says_so_and_uses_its_own(nodes: dict[int, IndustryNode], tmp_path: Path) -> None:
    for folder in (None, tmp_path):
        report = evaluate(folder, nodes, HashingEncoder())
        assert report["texts"] == {"own": 227}
        assert report["left_out"] == [BENCHMARK]
        assert 0 < report["overall"]["recall"] <= 1
        assert set(report["by_industry"]) == {node.code for node in nodes.values()}
    with pytest.raises(InvalidInput):
        evaluate(None, nodes, HashingEncoder(), folds=1)


def test_a_folder_that_lacks_a_labelled_text_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / BENCHMARK
    folder.mkdir()
    for name in ("queries", "corpus"):
        row = {"_id": "x", "title": "t", "text": ""}
        (folder / f"{name}.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    with pytest.raises(InvalidInput):
        labelled(tmp_path)


@pytest.mark.slow
def test_the_gate_reaches_its_figures_with_the_real_encoder(nodes: dict[int, IndustryNode]) -> None:
    """In and out of fold; with its own texts alone where the benchmarks are absent, which the report says."""
    folder = ROOT / "var" / "encoder"
    if not folder.is_dir():
        pytest.skip("the encoder folder var/encoder is not built")
    plain = TransformerEncoder(folder)
    encoder = TransformerEncoder(folder, means=shipped_means(plain.digest))
    try:
        report = evaluate(benchmarks(), nodes, encoder, folds=5)
    finally:
        encoder.close()
        plain.close()
    assert report["overall"]["recall"] >= 0.88
    assert report["overall"]["precision"] >= 0.33
    if not report["left_out"]:
        assert report["out_of_fold"]["recall"] >= 0.88
        assert report["best"] == {"sure": RULE.sure, "beside": RULE.beside, "at_most": RULE.at_most}
