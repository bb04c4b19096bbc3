"""Needs and results that people have judged: a folder in the BEIR layout, read, made sides, and scored.

`queries.jsonl` (the needs) and `corpus.jsonl` (the results) hold an `_id`, a `title` and a `text` a line; `qrels.tsv`
(or `qrels/test.tsv`) holds need id, result id and grade 0 to 3 under one line of headings. Only texts are there, so only
the text parts of the score speak.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Literal

import numpy as np

from matching.errors import FieldError, InvalidInput
from matching.pairing.batch import prepare, score_some
from matching.pairing.score import Context, Scored
from matching.pairing.sides import Side
from search.encoder.means import Means
from search.encoder.transformer import centred
from search.encoder.tuning import Lesson
from search.ports import Encoder, Matrix
from search.text import chunks, comparison_key, terms

Grades = dict[str, dict[str, int]]
Kind = Literal["need", "result"]

CONTEXT: Final = Context(today=date(2026, 1, 1))
"""No date is compared here; any would do."""

TAUGHT: Final = 300
"""Characters of a need's text that an encoder is taught with."""
SAME_TITLE: Final = 0.5
"""Needs whose titles share this much of their character pairs (Jaccard) stand in one fold."""


@dataclass(frozen=True, slots=True)
class Text:
    id: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """Judged needs and results by id, and the grades: need to result to 0..3. `digest` is of the three files, 16 hex digits."""

    needs: Mapping[str, Text]
    results: Mapping[str, Text]
    grades: Grades
    digest: str

    def of(self, needs: Collection[str]) -> "Dataset":
        """These needs, and the results that were judged for them."""
        grades = {id_: rows for id_, rows in self.grades.items() if id_ in needs}
        judged = sorted({result for rows in grades.values() for result in rows})
        return Dataset({id_: self.needs[id_] for id_ in grades}, {id_: self.results[id_] for id_ in judged}, grades, self.digest)


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
    qrels = nested if nested.is_file() and not flat.is_file() else flat
    grades = _grades(qrels, needs, results)
    judged = sorted({result for rows in grades.values() for result in rows})
    total = hashlib.sha256()
    for file in (directory / "queries.jsonl", directory / "corpus.jsonl", qrels):
        total.update(file.read_bytes())
    return Dataset(
        {id_: needs[id_] for id_ in sorted(grades)}, {id_: results[id_] for id_ in judged}, grades, total.hexdigest()[:16]
    )


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """A set's texts in the encoder's own space, nothing subtracted, unit length. By kind: `passages` (n, d), the title of each
    text followed by the titled chunks of its body, `lengths` how many each has; `plain` the titles and, second, title with
    whole text, shape (texts, d)."""

    passages: Mapping[Kind, Matrix]
    lengths: Mapping[Kind, tuple[int, ...]]
    plain: Mapping[Kind, tuple[Matrix, Matrix]]

    def means(self) -> Means:
        """Of these very texts, as the platform's are of its demonstration."""
        return Means({kind: rows.mean(axis=0, dtype=np.float64).astype(np.float32) for kind, rows in self.passages.items()}, "")


def embed(data: Dataset, encoder: Encoder) -> Embedded:
    """Each text as the platform would store it, under its role; and as it stands. Encoder errors as the port says."""
    passages: dict[Kind, Matrix] = {}
    lengths: dict[Kind, tuple[int, ...]] = {}
    plain: dict[Kind, tuple[Matrix, Matrix]] = {}
    for kind, texts in _kinds(data):
        pieces = [(each.title, *(f"{each.title}\n{chunk}" for chunk in chunks(each.body))) for each in texts]
        lengths[kind] = tuple(map(len, pieces))
        passages[kind] = encoder.encode([piece for own in pieces for piece in own], kind)
        first = np.cumsum([0, *lengths[kind][:-1]])
        titles = passages[kind][first]
        wholes = titles.copy()
        bodied = [at for at, each in enumerate(texts) if each.body.strip()]
        if bodied:
            wholes[bodied] = encoder.encode([f"{texts[at].title}\n{texts[at].body}" for at in bodied], kind)
        plain[kind] = titles, wholes
    return Embedded(passages, lengths, plain)


def _kinds(data: Dataset) -> tuple[tuple[Kind, list[Text]], tuple[Kind, list[Text]]]:
    return ("need", list(data.needs.values())), ("result", list(data.results.values()))


def sides(data: Dataset, embedded: Embedded, means: Means | None) -> tuple[list[Side], list[Side]]:
    """Needs and results, their vectors centred as the platform's are."""
    found: dict[Kind, list[Side]] = {"need": [], "result": []}
    for kind, texts in _kinds(data):
        rows = centred(embedded.passages[kind], means.vectors.get(kind) if means is not None else None)
        start = 0
        for each, length in zip(texts, embedded.lengths[kind], strict=True):
            own = rows[start : start + length]
            found[kind].append(Side(each.id, kind, each.title, terms(each.title), terms(each.body), own[0], own))
            start += length
    return found["need"], found["result"]


def score_judged(data: Dataset, needs: Sequence[Side], results: Sequence[Side], context: Context = CONTEXT) -> list[Scored]:
    """Every judged pair under the platform's own score, by need and result id."""
    asked, given = prepare(needs, context), prepare(results, context)
    places = {id_: at for at, id_ in enumerate(data.results)}
    return [
        pair
        for at, need in enumerate(data.needs)
        for pair in score_some(asked, at, given, np.array([places[r] for r in sorted(data.grades[need])]), context)
    ]


def lessons(data: Dataset) -> list[Lesson]:
    """Each need in two wordings, its title and its title with the beginning of its text, with the results judged for it."""
    found: list[Lesson] = []
    for id_, need in data.needs.items():
        judged = sorted(data.grades[id_].items())
        wordings = (need.title, f"{need.title}\n{need.body[:TAUGHT]}") if need.body.strip() else (need.title,)
        found.append(Lesson(wordings, tuple(data.results[result].title for result, _ in judged), tuple(g for _, g in judged)))
    return found


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
