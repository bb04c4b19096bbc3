"""How well the pair score ranks needs and results that people have judged: a folder in the BEIR layout, read and scored.

`queries.jsonl` (the needs) and `corpus.jsonl` (the results) hold an `_id`, a `title` and a `text` a line; `qrels.tsv`
(or `qrels/test.tsv`) holds need id, result id and grade 0 to 3 under one line of headings. Only texts are there, so only
the text parts of the score speak.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from matching.errors import FieldError, InvalidInput
from matching.pairing.batch import prepare, score_some
from matching.pairing.parts import text_score
from matching.pairing.score import CUTS, Context, Scored
from matching.pairing.sides import Side
from search import evaluate as metrics
from search.ports import Encoder
from search.text import chunks, comparison_key, terms

Grades = dict[str, dict[str, int]]

CONTEXT: Final = Context(today=date(2026, 1, 1))
"""No date is compared here; any would do."""

MEANING_WEIGHTS: Final = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""What cross-validation may choose the weight of the meaning part from; the rest is the terms part's."""

SAME_TITLE: Final = 0.5
"""Needs whose titles share this much of their character pairs (Jaccard) stand in one fold."""


@dataclass(frozen=True, slots=True)
class Text:
    id: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """Judged needs and results by id, and the grades: need to result to 0..3."""

    needs: Mapping[str, Text]
    results: Mapping[str, Text]
    grades: Grades


def _refuse(code: str, file: Path, line: int = 0) -> InvalidInput:
    return InvalidInput(FieldError("directory", code, {"file": file.name, "line": line}))


def _lines(file: Path) -> Iterable[tuple[int, str]]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _refuse("dataset_file_unreadable", file) from error
    return ((at, line) for at, line in enumerate(text.split("\n"), 1) if line.strip())


def _texts(file: Path) -> dict[str, Text]:
    found: dict[str, Text] = {}
    for at, line in _lines(file):
        try:
            row = json.loads(line)
            text = Text(str(row["_id"]), str(row.get("title") or ""), str(row.get("text") or ""))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _refuse("dataset_line_wrong", file, at) from error
        found[text.id] = text
    return found


def _grades(file: Path, needs: Mapping[str, Text], results: Mapping[str, Text]) -> Grades:
    grades: Grades = {}
    for at, line in _lines(file):
        fields = line.split("\t")
        if at == 1 and not fields[-1].strip().isdigit():
            continue
        try:
            need, result, grade = fields[0], fields[1], int(fields[2])
        except (IndexError, ValueError) as error:
            raise _refuse("dataset_line_wrong", file, at) from error
        if need not in needs or result not in results or not 0 <= grade <= 3:
            raise _refuse("dataset_line_wrong", file, at)
        grades.setdefault(need, {})[result] = grade
    if not grades:
        raise _refuse("dataset_without_judgements", file)
    return grades


def read(directory: Path) -> Dataset:
    """The judged part of a folder. Raises `InvalidInput` that names the file, and the line where one is wrong."""
    needs, results = _texts(directory / "queries.jsonl"), _texts(directory / "corpus.jsonl")
    flat, nested = directory / "qrels.tsv", directory / "qrels" / "test.tsv"
    grades = _grades(nested if nested.is_file() and not flat.is_file() else flat, needs, results)
    judged = sorted({result for rows in grades.values() for result in rows})
    return Dataset({id_: needs[id_] for id_ in sorted(grades)}, {id_: results[id_] for id_ in judged}, grades)


def sides(texts: Iterable[Text], kind: Literal["need", "result"], encoder: Encoder) -> list[Side]:
    """Each text as the platform would store it: the title and the titled chunks of its body embedded under its role."""
    held = list(texts)
    pieces = [(each.title, *(f"{each.title}\n{chunk}" for chunk in chunks(each.body))) for each in held]
    vectors = encoder.encode([piece for own in pieces for piece in own], kind)
    found: list[Side] = []
    start = 0
    for each, own in zip(held, pieces, strict=True):
        rows = vectors[start : start + len(own)]
        found.append(Side(each.id, kind, each.title, terms(each.title), terms(each.body), rows[0], rows))
        start += len(own)
    return found


def score_judged(data: Dataset, encoder: Encoder, context: Context = CONTEXT) -> list[Scored]:
    """Every judged pair under the platform's own score, by need and result id."""
    needs = prepare(sides(data.needs.values(), "need", encoder), context)
    results = prepare(sides(data.results.values(), "result", encoder), context)
    places = {id_: at for at, id_ in enumerate(data.results)}
    return [
        pair
        for at, need in enumerate(data.needs)
        for pair in score_some(needs, at, results, np.array([places[r] for r in sorted(data.grades[need])]), context)
    ]


def _summary(run: metrics.Run, grades: Grades, error: float) -> dict[str, Any]:
    return {
        "needs": len(grades),
        "pairs": sum(map(len, grades.values())),
        "ndcg@10": round(metrics.ndcg(run, grades), 4),
        "auc": round(metrics.auc(run, grades), 4),
        "spearman": round(metrics.spearman(run, grades), 4),
        "score_1_over_1_plus_mae": round(error, 4),
    }


def evaluate(directory: Path, encoder: Encoder, *, folds: int | None = None) -> dict[str, Any]:
    """`needs`, `pairs`, `ndcg@10`, `auc`, `spearman`, `score_1_over_1_plus_mae` of the shipped score.

    With `folds` the two things that were settled on such data, the weight of the meaning part and the thresholds of the
    levels, are instead chosen anew for each fold on the needs outside it; `chosen` lists them. Near-same titles share a
    fold. Raises `InvalidInput` for an unusable folder or number of folds; encoder errors as the port says.
    """
    data = read(directory)
    if folds is not None and not 2 <= folds <= len(data.needs):
        raise InvalidInput(FieldError("folds", "folds_out_of_range", {"most": len(data.needs)}))
    pairs = score_judged(data, encoder)
    if folds is None:
        run = _run((pair, pair.score) for pair in pairs)
        return _summary(run, data.grades, metrics.score_1_over_1_plus_mae(run, data.grades, CUTS))
    return _cross_validated(data, pairs, folds)


def _run(rows: Iterable[tuple[Scored, float]]) -> dict[str, dict[str, float]]:
    run: dict[str, dict[str, float]] = {}
    for pair, score in rows:
        run.setdefault(pair.need, {})[pair.result] = score
    return run


def _mixed(pair: Scored, weight: float) -> float:
    """The pair's text score, were the meaning part's weight `weight`."""
    return weight * (pair.part("meaning").value or 0.0) + (1 - weight) * (pair.part("terms").value or 0.0)


def fit_cuts(scores: NDArray[np.float64], grades: NDArray[np.int64]) -> tuple[float, ...]:
    """The thresholds that make the fewest errors, one a grade: the mean absolute error is the sum of theirs."""
    order = np.argsort(scores, kind="stable")
    ordered, judged = scores[order], grades[order]
    cuts: list[float] = []
    for grade in (1, 2, 3):
        good = judged >= grade
        # with the cut before position i: good ones before it are missed, others from it on are overrated
        errors = np.concatenate([[0], np.cumsum(good)]) + (~good).sum() - np.concatenate([[0], np.cumsum(~good)])
        at = int(errors.argmin())
        cuts.append(float(ordered[at]) if at < len(ordered) else math.nextafter(float(ordered[-1]), math.inf))
    return tuple(np.maximum.accumulate(cuts).tolist())


def _cross_validated(data: Dataset, pairs: Sequence[Scored], folds: int) -> dict[str, Any]:
    fold = fold_of(data.needs, folds)
    run: dict[str, dict[str, float]] = {}
    errors: list[float] = []
    chosen: list[dict[str, Any]] = []
    for number in range(folds):
        known = {need: rows for need, rows in data.grades.items() if fold[need] != number}
        held = [pair for pair in pairs if fold[pair.need] == number]
        if not held or not known:
            continue
        runs = {w: _run((p, _mixed(p, w)) for p in pairs if p.need in known) for w in MEANING_WEIGHTS}
        weight = max(MEANING_WEIGHTS, key=lambda w: (metrics.ndcg(runs[w], known), -abs(w - text_score(1.0, 0.0))))
        flat = [(runs[weight][need][result], grade) for need, rows in known.items() for result, grade in rows.items()]
        cuts = fit_cuts(np.array([score for score, _ in flat]), np.array([grade for _, grade in flat]))
        for pair in held:
            score = _mixed(pair, weight)
            run.setdefault(pair.need, {})[pair.result] = score
            errors.append(float(abs(metrics.levels(score, cuts) - data.grades[pair.need][pair.result])))
        chosen.append({"fold": number, "meaning": round(weight, 4), "cuts": [round(cut, 4) for cut in cuts]})
    return {**_summary(run, data.grades, 1 / (1 + metrics.mean(errors))), "folds": folds, "chosen": chosen}


def fold_of(needs: Mapping[str, Text], folds: int) -> dict[str, int]:
    """Need id to fold: needs with near-same titles together, the groups dealt out by size, then by id."""
    ids = sorted(needs)
    pairs = [_character_pairs(needs[id_].title) for id_ in ids]
    group = list(range(len(ids)))
    for at, own in enumerate(pairs):
        for before in range(at):
            if len(own & pairs[before]) >= SAME_TITLE * len(own | pairs[before]):
                old, new = group[at], group[before]
                group = [new if number == old else number for number in group]
    sizes = Counter(group)
    load = [0] * folds
    fold: dict[int, int] = {}
    for number, size in sorted(sizes.items(), key=lambda each: (-each[1], each[0])):
        fold[number] = min(range(folds), key=lambda at: (load[at], at))
        load[fold[number]] += size
    return {id_: fold[number] for id_, number in zip(ids, group, strict=True)}


def _character_pairs(title: str) -> frozenset[str]:
    key = comparison_key(title)
    return frozenset(key[at : at + 2] for at in range(max(1, len(key) - 1)))
