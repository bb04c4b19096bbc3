"""What the columns of a sheet are taken for: found by their headings, said by a person, remembered for the next time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from sqlmodel import Session, col, select

from matching.imports.headings import TITLE, Column
from matching.imports.staging import StagedTable
from matching.model import ImportAnswer, ListingKind
from matching.store.unit import UnitOfWork
from search.text import comparison_key

UNITS: Final = ("万元", "元")
"""What a person may answer for a column of bare amounts."""
_KEY_LIMIT: Final = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """`target` as `Column.target`, `ignored` included."""

    target: str
    unit: str = ""


def key_of(heading: str) -> str:
    """As `ImportAnswer.heading_key` holds it."""
    return comparison_key(heading)[:_KEY_LIMIT]


def unit_is_open(column: Column, bare: Iterable[int]) -> bool:
    """Whether amounts stand there and nothing says in what."""
    return column.is_money and not column.unit and column.index in bare


def is_open(table: StagedTable) -> bool:
    """Whether a person is to be asked: what a heading means, or what its amounts are in."""
    return not table.has_title or any(not each.target or unit_is_open(each, table.bare) for each in table.columns)


def has_title(columns: Iterable[Column]) -> bool:
    return any(each.target == TITLE for each in columns)


def remembered(session: Session, scope: str, kind: ListingKind) -> dict[str, Answer]:
    """Heading key → what whoever imports in this name said of it the last time."""
    rows = session.exec(select(ImportAnswer).where(ImportAnswer.scope == scope, ImportAnswer.kind == kind.value)).all()
    return {row.heading_key: Answer(row.target, row.unit) for row in rows}


def remember(unit: UnitOfWork, scope: str, kind: ListingKind, answers: Mapping[str, Answer]) -> None:
    """Heading → answer, in the place of earlier ones."""
    session = unit.session
    keyed = {key_of(heading): answer for heading, answer in answers.items()}
    held = session.exec(
        select(ImportAnswer).where(
            ImportAnswer.scope == scope, ImportAnswer.kind == kind.value, col(ImportAnswer.heading_key).in_(keyed)
        )
    ).all()
    for row in held:
        answer = keyed.pop(row.heading_key)
        row.target, row.unit = answer.target, answer.unit
        session.add(row)
    for key, answer in keyed.items():
        session.add(ImportAnswer(scope=scope, kind=kind.value, heading_key=key, target=answer.target, unit=answer.unit))


def applied(table: StagedTable, answers: Mapping[int, Answer]) -> tuple[Column, ...]:
    """The columns as answered: targets of those that had none, units of those that lack one. By column index."""
    found: list[Column] = []
    for column in table.columns:
        answer = answers.get(column.index)
        if answer is not None and not column.target:
            column = replace(column, target=answer.target, rank=_LAST)
        if answer is not None and unit_is_open(column, table.bare):
            column = replace(column, unit=answer.unit)
        found.append(column)
    return tuple(found)


_LAST: Final = 99
"""Rank of a column that only its answer names: the known headings of a target count before it."""


def to_json(columns: Iterable[Column]) -> list[dict[str, object]]:
    return [asdict(each) for each in columns]


def from_json(stored: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    return tuple(Column(**each) for each in stored)


def table_to_json(table: StagedTable) -> dict[str, object]:
    return {"name": table.name, "rows": table.rows, "columns": to_json(table.columns), "bare": list(table.bare)}


def table_from_json(stored: Mapping[str, Any]) -> StagedTable:
    return StagedTable(stored["name"], stored["rows"], from_json(stored["columns"]), tuple(stored["bare"]))
