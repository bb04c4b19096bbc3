"""Known-item search over abstracts: what is read, what is measured, and what stands beside it."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from matching.errors import InvalidInput
from matching.search_evaluation import (
    QUERIES,
    Abstract,
    abstracts,
    asked,
    blended,
    cross_validated,
    difference,
    evaluate,
    fill,
    lines,
    own_ranking,
    places,
    read,
    summary,
)
from search.encoder.hashing import HashingEncoder
from search.engines.local import LocalEngine
from search.evaluate import paired_interval, reciprocal_ranks
from search.fusion import Rule, blend
from search.ports import Hit, Vector

ENCODER = HashingEncoder(64)
PAPERS = {
    "p1": ("低温烧结银浆的导电性", "研究银浆在低温烧结下的电阻率。粒径越小，电阻率越低。", ["银浆", "烧结", "电阻率"]),
    "p2": ("柔轮的疲劳寿命", "谐波减速器柔轮在交变应力下断裂，喷丸延长寿命。", ["谐波减速器", "柔轮", "疲劳"]),
    "p3": ("含氟废水的处理", "树脂吸附使出水氟化物低于限值。", ["除氟", "吸附"]),
    "p4": ("红薯脱毒", "脱毒红薯的产量与品质都有提高。", ["红薯"]),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [
        json.dumps({"_id": id_, "title": title, "abstract": abstract, "keywords": words}, ensure_ascii=False)
        for id_, (title, abstract, words) in PAPERS.items()
    ]
    (tmp_path / "papers.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def engine() -> Iterator[LocalEngine]:
    made = LocalEngine(ENCODER.dimension, ENCODER.fingerprint)
    yield made
    made.close()


class Fixed:
    """Baselines that always answer alike: by words nothing, by meaning the papers in the order of the file."""

    def by_standard(self, texts: Sequence[str], limit: int) -> list[tuple[Hit, ...]]:
        return [() for _ in texts]

    def by_tokens(self, terms: Sequence[Sequence[str]], limit: int) -> list[tuple[Hit, ...]]:
        return [() for _ in terms]

    def by_vectors(self, vectors: Sequence[Vector], limit: int) -> list[tuple[Hit, ...]]:
        return [tuple(Hit(id_, 1.0 - at / 10, 0) for at, id_ in enumerate(PAPERS)) for _ in vectors]


def test_the_abstracts_alone_are_the_documents(folder: Path, engine: LocalEngine) -> None:
    papers = read(folder)
    held = abstracts(papers, ENCODER)
    fill(engine, held)
    assert [each.id for each in held] == list(PAPERS)
    words = {word for each in held for word in each.terms}
    assert "喷丸" in words
    assert "处理" not in words, "a word of a title alone must not be among the documents"
    assert "除氟" not in words, "nor one of the keywords alone"


def test_title_all_keywords_and_the_first_two_are_the_queries(folder: Path) -> None:
    paper = read(folder)[0]
    assert {kind: text(paper) for kind, text in QUERIES.items()} == {
        "title": "低温烧结银浆的导电性",
        "keywords": "银浆 烧结 电阻率",
        "two_keywords": "银浆 烧结",
    }
    assert [each.text for each in asked(read(folder), ENCODER, "two_keywords")][3] == "红薯"


def test_every_column_is_told_and_nothing_is_compared_without_a_server(folder: Path, engine: LocalEngine) -> None:
    report = evaluate(folder, ENCODER, engine, lambda _: None)
    for kind in QUERIES:
        assert set(report[kind]) == {"mrr", "recall@1"}
        assert 0.5 < report[kind]["recall@1"] <= report[kind]["mrr"] <= 1
    assert (report["documents"], report["engine"]) == (4, "local")
    assert report["baselines"] == report["differences"] == report["aim_met"] == {}
    assert "own" in "\n".join(lines(report))


def test_baselines_stand_beside_it_with_the_interval_of_each_difference(folder: Path, engine: LocalEngine) -> None:
    given: list[Abstract] = []

    def compare(held: Sequence[Abstract]) -> Fixed:
        given.extend(held)
        return Fixed()

    report = evaluate(folder, ENCODER, engine, compare)
    assert [each.id for each in given] == list(PAPERS)
    assert list(report["baselines"]) == ["bm25_standard", "bm25_tokens", "vectors", "equal_fusion"]
    assert report["baselines"]["bm25_tokens"]["title"] == {"mrr": 0.0, "recall@1": 0.0}
    of_order = (1 + 1 / 2 + 1 / 3 + 1 / 4) / 4
    assert report["baselines"]["vectors"]["title"] == {"mrr": round(of_order, 4), "recall@1": 0.25}
    assert report["baselines"]["equal_fusion"] == report["baselines"]["vectors"]
    beside = report["differences"]["bm25_standard"]["keywords"]
    assert beside["mrr"] == report["keywords"]["mrr"]
    assert 0 < beside["low"] <= beside["mrr"] <= beside["high"]
    assert report["aim_met"] == dict.fromkeys(QUERIES, True)
    assert len(lines(report)) == 1 + 5 + 4 + 1


def test_the_own_ranking_is_the_pages(folder: Path, engine: LocalEngine) -> None:
    papers = read(folder)
    fill(engine, abstracts(papers, ENCODER))
    queries = asked(papers, ENCODER, "title")
    rankings = [own_ranking(engine, each) for each in queries]
    orders = blended(rankings, queries)
    assert orders[1] == tuple(each.listing for each in blend(rankings[1], queries[1].read.terms))
    found = places(queries, orders)
    assert set(found) == set(PAPERS)
    for order, paper in zip(orders, PAPERS, strict=True):
        assert found[paper] == (1 / (order.index(paper) + 1) if paper in order else 0)


def test_a_rule_is_chosen_outside_each_fold(folder: Path, engine: LocalEngine) -> None:
    report = evaluate(folder, ENCODER, engine, lambda _: None, folds=2)
    held = report["cross_validated"]
    assert [each["fold"] for each in held["chosen"]] == [0, 1]
    assert set(held) == {*QUERIES, "chosen"}
    assert "by folds" in "\n".join(lines(report))
    with pytest.raises(InvalidInput, match="folds_out_of_range"):
        evaluate(folder, ENCODER, engine, lambda _: None, folds=5)


def test_each_fold_gets_what_is_best_on_the_others(folder: Path) -> None:
    papers = read(folder)
    good, bad = Rule(utmost=1), Rule(utmost=2)
    even = {"p1": 1.0, "p2": 0.0, "p3": 1.0, "p4": 0.0}
    odd = {id_: 1 - place for id_, place in even.items()}
    held = cross_validated(papers, {good: dict.fromkeys(QUERIES, even), bad: dict.fromkeys(QUERIES, odd)}, 2)
    assert [each["utmost"] for each in held["chosen"]] == [2, 1], "fold 0 holds p1 and p3, where the first rule is right"
    assert held["title"] == {"mrr": 0.0, "recall@1": 0.0}


def test_figures_of_places() -> None:
    found = {"a": 1.0, "b": 0.5, "c": 0.0}
    assert summary(found) == {"mrr": 0.5, "recall@1": round(1 / 3, 4)}
    assert difference(found, found) == {"mrr": 0.0, "low": 0.0, "high": 0.0}
    worse = difference({"a": 0.0, "b": 0.0, "c": 0.0}, dict.fromkeys(found, 1.0))
    assert worse == {"mrr": -1.0, "low": -1.0, "high": -1.0}


def test_a_place_beyond_the_hundredth_counts_nothing() -> None:
    run = {"q": {f"d{at:03}": -float(at) for at in range(150)}}
    assert reciprocal_ranks(run, {"q": {"d099": 1}}) == {"q": 0.01}
    assert reciprocal_ranks(run, {"q": {"d100": 1}}) == {"q": 0.0}


def test_the_interval_is_that_of_the_mean_and_the_same_every_time() -> None:
    low, high = paired_interval([0.0, 1.0] * 500)
    assert (low, high) == paired_interval([0.0, 1.0] * 500)
    assert low == pytest.approx(0.5 - 1.96 * 0.5 / 1000**0.5, abs=0.005)
    assert high == pytest.approx(0.5 + 1.96 * 0.5 / 1000**0.5, abs=0.005)
    narrow = paired_interval([0.0, 1.0] * 500, level=0.5)
    assert low < narrow[0] < narrow[1] < high


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"_id": "x", "title": "t", "abstract": "a"}',
        '{"_id": "x", "title": " ", "abstract": "a", "keywords": ["k"]}',
        '{"_id": "x", "title": "t", "abstract": "a", "keywords": []}',
    ],
)
def test_a_wrong_line_is_named(folder: Path, line: str) -> None:
    with (folder / "papers.jsonl").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(InvalidInput) as caught:
        read(folder)
    assert caught.value.fields[0].code == "dataset_line_wrong"
    assert caught.value.fields[0].params == {"file": "papers.jsonl", "line": 5}


def test_a_folder_without_papers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="dataset_file_unreadable"):
        read(tmp_path)
    (tmp_path / "papers.jsonl").write_text("\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="dataset_file_unreadable"):
        read(tmp_path)
