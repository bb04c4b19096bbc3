"""Reading a folder of judged pairs, scoring it, and choosing constants by cross-validation."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from matching.errors import InvalidInput
from matching.evaluation import evaluate
from matching.judged_pairs import CONTEXT, Text, embed, fold_of, lessons, read, score_judged, sides
from matching.pairing.score import score_pair
from search.encoder.hashing import HashingEncoder
from search.encoder.tuning import Lesson

ENCODER = HashingEncoder(64)
NEEDS = {
    "n1": ("银浆低温烧结", "希望在 680 ℃ 以下烧结。"),
    "n2": ("减速器柔轮疲劳寿命", ""),
    "n3": ("银浆低温烧结工艺", "银耗再降。"),
    "n4": ("废水除氟", "出水氟化物低于 1 mg/L。"),
}
RESULTS = {
    "a": ("低温烧结导电银浆", ""),
    "b": ("谐波减速器柔轮喷丸", "疲劳寿命 15000 h。"),
    "c": ("镧锆树脂深度除氟", "用于电池废水。"),
    "d": ("心电图监测", ""),
}
GRADES = {
    "n1": {"a": 3, "b": 0, "c": 0, "d": 0},
    "n2": {"a": 0, "b": 3, "d": 1},
    "n3": {"a": 2, "c": 0},
    "n4": {"c": 2, "d": 0, "b": 1},
}


def write(folder: Path, *, qrels: str = "qrels.tsv", lines: list[str] | None = None) -> Path:
    for name, texts in (("queries.jsonl", NEEDS), ("corpus.jsonl", RESULTS)):
        rows = [json.dumps({"_id": id_, "title": title, "text": body}) for id_, (title, body) in texts.items()]
        (folder / name).write_text("\n".join(rows) + "\n", encoding="utf-8")
    judged = [f"{need}\t{result}\t{grade}" for need, rows in GRADES.items() for result, grade in rows.items()]
    path = folder / qrels
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(["query-id\tcorpus-id\tscore", *(judged if lines is None else lines)]), encoding="utf-8")
    return folder


FIGURES = ["ndcg@10", "auc", "spearman", "score_1_over_1_plus_mae", "calibration_error"]


def test_the_judged_pairs_of_a_folder_are_ranked(tmp_path: Path) -> None:
    found = evaluate(write(tmp_path), ENCODER)
    assert list(found)[:7] == ["needs", "pairs", *FIGURES]
    assert (found["needs"], found["pairs"]) == (4, 12)
    assert found["ndcg@10"] == 1.0
    assert found["auc"] == 1.0
    assert 0.25 <= found["score_1_over_1_plus_mae"] <= 1
    assert 0 <= found["calibration_error"] <= 1
    assert json.loads(json.dumps(found)) == found
    assert found == evaluate(tmp_path, ENCODER)


def test_an_encoder_is_judged_on_the_needs_that_it_was_not_taught(tmp_path: Path) -> None:
    taught: list[set[str]] = []

    @contextmanager
    def teach(given: Sequence[Lesson]) -> Iterator[HashingEncoder]:
        taught.append({lesson.questions[0] for lesson in given})
        yield HashingEncoder(64)

    write(tmp_path)
    plain, found = evaluate(tmp_path, ENCODER, folds=2), evaluate(tmp_path, ENCODER, folds=2, teach=teach)
    titles = {title for title, _ in NEEDS.values()}
    assert len(taught) == 2
    assert (taught[0] | taught[1], taught[0] & taught[1]) == (titles, set())
    assert found["baselines"]["untaught"]["ndcg@10"] == plain["ndcg@10"]
    assert found["settings"]["taught"] is True
    assert "taught" not in plain["settings"]
    # The same encoder again, but for the means, which are of the other fold's texts.
    assert found["gains"]["untaught"]["ndcg@10"] == pytest.approx(found["ndcg@10"] - plain["ndcg@10"], abs=2e-4)


def test_figures_come_with_intervals_and_stand_beside_baselines(tmp_path: Path) -> None:
    found = evaluate(write(tmp_path), ENCODER)
    assert list(found["intervals"]) == FIGURES
    assert all(low <= found[name] <= high for name, (low, high) in found["intervals"].items() if name != "calibration_error")
    assert list(found["baselines"]) == ["random", "bm25", "plain_encoder"]
    assert found["baselines"]["bm25"]["auc"] > found["baselines"]["random"]["auc"]
    for name, gain in found["gains"].items():
        assert gain["ndcg@10"] == pytest.approx(found["ndcg@10"] - found["baselines"][name]["ndcg@10"], abs=2e-4)
        assert gain["interval"][0] <= gain["ndcg@10"] <= gain["interval"][1]
    assert sum(each["pairs"] for each in found["levels"].values()) == 12
    assert [sum(column) for column in zip(*(each["grades"] for each in found["levels"].values()), strict=True)] == [6, 2, 2, 2]


def test_what_a_result_rests_on_is_told(tmp_path: Path) -> None:
    first = evaluate(write(tmp_path), ENCODER)
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nn1\ta\t3\nn1\tb\t0\n", "utf-8")
    second = evaluate(tmp_path, ENCODER)
    assert first["data"] != second["data"]
    assert first["code"] == second["code"]
    assert first["settings"]["weights"] == "shipped"
    assert first["settings"]["encoder"] == ENCODER.fingerprint


def test_the_layout_with_a_folder_of_judgements_is_read_too(tmp_path: Path) -> None:
    assert evaluate(write(tmp_path, qrels="qrels/test.tsv"), ENCODER)["pairs"] == 12


def test_the_score_is_the_platforms_own(tmp_path: Path) -> None:
    data = read(write(tmp_path))
    needs, results = sides(data, embed(data, ENCODER), None)
    pairs = {(pair.need, pair.result): pair for pair in score_judged(data, needs, results)}
    assert list(pairs) == [(need, result) for need in sorted(GRADES) for result in sorted(GRADES[need])]
    need, result = needs[list(data.needs).index("n1")], results[list(data.results).index("a")]
    assert len(need.passage_vectors) == 2
    assert pairs["n1", "a"] == score_pair(need, result, CONTEXT)


def test_cross_validation_reports_on_needs_it_did_not_choose_by(tmp_path: Path) -> None:
    found = evaluate(write(tmp_path), ENCODER, folds=3)
    assert found["settings"]["folds"] == 3
    assert found["pairs"] == 12
    assert [each["fold"] for each in found["chosen"]] == [0, 1, 2]
    assert sum(each["pairs"] for each in found["chosen"]) == 12
    assert all(sorted(each["thresholds"]) == each["thresholds"] for each in found["chosen"])
    assert found == evaluate(tmp_path, ENCODER, folds=3)


def test_weights_are_learned_on_another_set_alone(tmp_path: Path) -> None:
    for name in ("asked", "known"):
        (tmp_path / name).mkdir()
        write(tmp_path / name)
    before = evaluate(tmp_path / "asked", ENCODER, train=tmp_path / "known")
    assert before["settings"]["train"] == read(tmp_path / "known").digest
    judged = tmp_path / "asked" / "qrels.tsv"
    judged.write_text(judged.read_text("utf-8").replace("n1\tb\t0", "n1\tb\t3"), "utf-8")
    after = evaluate(tmp_path / "asked", ENCODER, train=tmp_path / "known")
    assert after["chosen"] == before["chosen"]
    assert after["ndcg@10"] < before["ndcg@10"]


def test_a_lesson_is_a_need_with_what_was_judged_for_it(tmp_path: Path) -> None:
    told = {lesson.questions[0]: lesson for lesson in lessons(read(write(tmp_path)))}
    assert len(told) == len(NEEDS)
    both = told[NEEDS["n1"][0]]
    assert both.questions[1] == "\n".join(NEEDS["n1"])
    assert dict(zip(both.answers, both.grades, strict=True)) == {RESULTS[id_][0]: grade for id_, grade in GRADES["n1"].items()}
    assert len(told[NEEDS["n2"][0]].questions) == 1


@pytest.mark.parametrize("folds", [0, 1, 5, -3])
def test_a_number_of_folds_that_cannot_be_is_refused(tmp_path: Path, folds: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        evaluate(write(tmp_path), ENCODER, folds=folds)
    assert refused.value.fields[0].code == "folds_out_of_range"


def test_near_same_titles_stand_in_one_fold() -> None:
    texts = {id_: Text(id_, title, body) for id_, (title, body) in NEEDS.items()}
    texts |= {f"x{n}": Text(f"x{n}", f"{chr(0x4E00 + n * 7)}{chr(0x5E00 + n * 11)}{chr(0x6E00 + n)}", "") for n in range(8)}
    for folds in (2, 3, 5):
        fold = fold_of(texts, folds)
        assert fold["n1"] == fold["n3"]
        sizes = [list(fold.values()).count(number) for number in range(folds)]
        assert sum(sizes) == len(texts)
        assert max(sizes) - min(sizes) <= 2
        assert fold == fold_of(dict(reversed(texts.items())), folds)


@pytest.mark.parametrize(
    ("name", "content", "code", "line"),
    [
        ("queries.jsonl", '{"_id": "n1"', "dataset_line_wrong", 1),
        ("corpus.jsonl", '{"title": "x"}', "dataset_line_wrong", 1),
        ("corpus.jsonl", "[1]", "dataset_line_wrong", 1),
        ("qrels.tsv", "query-id\tcorpus-id\tscore\nn1\ta\t7", "dataset_line_wrong", 2),
        ("qrels.tsv", "query-id\tcorpus-id\tscore\nn1\ta\tvery", "dataset_line_wrong", 2),
        ("qrels.tsv", "query-id\tcorpus-id\tscore\nn1\tnobody\t1", "dataset_line_wrong", 2),
        ("qrels.tsv", "query-id\tcorpus-id\tscore\nn1", "dataset_line_wrong", 2),
        ("qrels.tsv", "query-id\tcorpus-id\tscore\n", "dataset_without_judgements", 0),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, name: str, content: str, code: str, line: int) -> None:
    (write(tmp_path) / name).write_text(content, encoding="utf-8")
    with pytest.raises(InvalidInput) as refused:
        read(tmp_path)
    (field,) = refused.value.fields
    assert (field.code, field.params["file"], field.params["line"]) == (code, name, line)


def test_a_missing_or_undecodable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(tmp_path)
    assert refused.value.fields[0].params["file"] == "queries.jsonl"
    (write(tmp_path) / "corpus.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInput) as refused:
        read(tmp_path)
    assert refused.value.fields[0].code == "dataset_file_unreadable"


def test_windows_line_ends_and_blank_lines_do_no_harm(tmp_path: Path) -> None:
    write(tmp_path)
    for name in ("queries.jsonl", "corpus.jsonl", "qrels.tsv"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        (tmp_path / name).write_bytes(text.replace("\n", "\r\n\r\n").encode())
    assert evaluate(tmp_path, ENCODER)["pairs"] == 12
