"""What was changed in the reference data, by whom and when: append-only rows, and which of them can be taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from matching.access import Actor
from matching.model import Person, ReferenceChange
from matching.store.unit import UnitOfWork

Values = Mapping[str, Any]
"""Field name → its value as JSON: records by their keys, days as 2026-11-23."""

UNDOABLE: Final = ("create", "change", "retire", "restore")
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Difference:
    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class ChangeView:
    """`by` is empty where the system did it. `undoes` names the change that this one took back, `undone` that this one was
    taken back; `may_undo` that nothing newer stands on it."""

    id: int
    at: datetime
    by: str
    action: str
    differences: tuple[Difference, ...]
    note: str
    undoes: int | None
    undone: bool
    may_undo: bool


def write_change(
    unit: UnitOfWork,
    actor: Actor,
    record: str,
    key: str,
    action: str,
    before: Values,
    after: Values,
    *,
    undoes_id: int | None = None,
    note: str = "",
) -> ReferenceChange:
    """Only what differs is kept; an audit entry goes with it."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    row = ReferenceChange(
        at=unit.now(),
        person_id=actor.person_id,
        record=record,
        key=key,
        action=action,
        before={name: before[name] for name in names if name in before},
        after={name: after[name] for name in names if name in after},
        undoes_id=undoes_id,
        note=note,
    )
    unit.session.add(row)
    unit.session.flush()
    unit.audit(actor.public_id, f"reference.{action}", record, key[:40], change=row.id, fields=names)
    return row


def changes_of(session: Session, record: str, key: str) -> tuple[ChangeView, ...]:
    """The newest first."""
    query = (
        select(ReferenceChange, Person.name)
        .outerjoin(Person, col(Person.id) == col(ReferenceChange.person_id))
        .where(ReferenceChange.record == record, ReferenceChange.key == key)
        .order_by(col(ReferenceChange.id).desc())
        .limit(_MOST)
    )
    rows = session.exec(query).all()
    undone = {row.undoes_id for row, _ in rows if row.undoes_id is not None}
    top = standing(session, record, key)
    return tuple(
        ChangeView(
            id=row.id or 0,
            at=row.at,
            by=name or "",
            action=row.action,
            differences=tuple(
                Difference(each, row.before.get(each), row.after.get(each)) for each in {**row.before, **row.after}
            ),
            note=row.note,
            undoes=row.undoes_id,
            undone=row.id in undone,
            may_undo=top is not None and row.id == top.id and row.action in UNDOABLE,
        )
        for row, name in rows
    )


def standing(session: Session, record: str, key: str) -> ReferenceChange | None:
    """The newest change that nobody took back: the only one that can be, for the others carry it."""
    taken_back = select(ReferenceChange.undoes_id).where(col(ReferenceChange.undoes_id).is_not(None))
    return session.exec(
        select(ReferenceChange)
        .where(
            ReferenceChange.record == record,
            ReferenceChange.key == key,
            col(ReferenceChange.undoes_id).is_(None),
            col(ReferenceChange.id).not_in(taken_back),
        )
        .order_by(col(ReferenceChange.id).desc())
        .limit(1)
    ).first()


def last_changes(session: Session, record: str, keys: list[str]) -> dict[str, tuple[datetime, str]]:
    """Key → when it was last changed and by whom; nothing for records that stand as they were seeded."""
    query = (
        select(ReferenceChange.key, ReferenceChange.at, Person.name)
        .outerjoin(Person, col(Person.id) == col(ReferenceChange.person_id))
        .where(ReferenceChange.record == record, col(ReferenceChange.key).in_(keys))
        .order_by(col(ReferenceChange.id))
    )
    return {key: (at, name or "") for key, at, name in session.exec(query).all()}
