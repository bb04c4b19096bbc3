"""Where several people of a zone graded the same pair: how well they agree, and which pairs they see so differently that
somebody should look again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, pairwise
from math import isnan
from typing import Final

from sqlmodel import Session, col, select

from matching.agreement import weighted_kappa
from matching.model import Person, Verdict

FAR: Final = 2
"""Levels apart from which two verdicts contradict each other."""
_STAFF: Final = "staff"

Key = tuple[int, int]
"""Ids of a need and a result."""


@dataclass(frozen=True, slots=True)
class Word:
    grader_id: int
    grader: str
    grade: int
    at: datetime


@dataclass(frozen=True, slots=True)
class SecondLook:
    """A pair whose newest verdict contradicts another person's before it. Any verdict after it settles that."""

    pair: Key
    before: Word
    newest: Word


@dataclass(frozen=True, slots=True)
class Agreement:
    """`pairs` were graded by more than one person; `kappa` is the weighted kappa over them, None where it says nothing."""

    pairs: int
    graders: int
    kappa: float | None


def second_looks(session: Session, zone_id: int) -> tuple[SecondLook, ...]:
    """The newest first."""
    found: list[SecondLook] = []
    for pair, words in _words(session, zone_id):
        open_: SecondLook | None = None
        for before, word in pairwise(words):
            contradicts = before.grader_id != word.grader_id and abs(before.grade - word.grade) >= FAR
            open_ = SecondLook(pair, before, word) if contradicts and open_ is None else None
        if open_ is not None:
            found.append(open_)
    return tuple(sorted(found, key=lambda each: each.newest.at, reverse=True))


def agreement(session: Session, zone_id: int) -> Agreement:
    """Each person's newest verdict on a pair counts; of more than two people, every two."""
    first: list[int] = []
    second: list[int] = []
    graders: set[int] = set()
    pairs = 0
    for _, words in _words(session, zone_id):
        newest = {word.grader_id: word.grade for word in words}
        if len(newest) > 1:
            pairs += 1
            graders |= newest.keys()
            for a, b in combinations(sorted(newest), 2):
                first.append(newest[a])
                second.append(newest[b])
    kappa = weighted_kappa(first, second)
    return Agreement(pairs, len(graders), None if isnan(kappa) else kappa)


def _words(session: Session, zone_id: int) -> Iterator[tuple[Key, list[Word]]]:
    """What staff said of each pair and nobody took back, the oldest first."""
    rows = session.exec(
        select(Verdict, Person.name)
        .join(Person, col(Person.id) == col(Verdict.grader_id))
        .where(Verdict.zone_id == zone_id, Verdict.source == _STAFF)
        .order_by(col(Verdict.id))
    ).all()
    undone = {row.undoes_id for row, _ in rows if row.undoes_id is not None}
    found: dict[Key, list[Word]] = {}
    for row, name in rows:
        if row.grade is not None and row.id not in undone:
            word = Word(row.grader_id, name, row.grade, row.created_at)
            found.setdefault((row.need_id, row.result_id), []).append(word)
    yield from found.items()
