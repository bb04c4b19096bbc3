"""Import batches as people move them: begun, asked about, committed, cancelled, undone, planned anew. The work itself is done by
`slices` and `undoing`, in the bulk lane; `views` shows where it stands."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching import access
from matching.access import Actor
from matching.errors import FieldError, IllegalMove, InvalidInput, MayNot, SignInNeeded, UnusableFile
from matching.imports import layout
from matching.imports.layout import UNITS, Answer
from matching.imports.staging import StagedSheet
from matching.imports.views import (
    CANCELLABLE,
    KEPT_DAYS,
    REPLANNABLE,
    VERDICTS,
    BatchView,
    Reason,
    RowView,
    Verdict,
    found_batch,
    is_undoable,
    progress,
    recent,
    rows,
)
from matching.model import ImportBatch, ImportRow, Organisation, Zone
from matching.store.unit import UnitOfWork
from matching.typed_text import shown

__all__ = [
    "AHEAD", "EXISTING", "SIMILAR", "VERDICTS", "BatchView", "Reason", "RowView", "Verdict", "begin", "cancel", "change_policy",
    "commit", "found_batch", "progress", "recent", "retry", "rows", "scope_of", "start_reading", "undo",
]  # fmt: skip

EXISTING: Final = ("update", "skip")
SIMILAR: Final = ("take", "leave")
"""The policy: what becomes of rows that mean an entry, and of new rows that are much like something that is there."""
AHEAD: Final = -3600.0
"""Seconds: a batch's own jobs go before the index jobs that wait in the lane. Those take minutes, a slice takes moments,
somebody watches it, and a zone is matched once for all that was written rather than after each slice."""
_AT_ONCE: Final = 5
"""Batches of one person that may wait or run at the same time."""
_NO_COUNTS: Final = dict.fromkeys((*VERDICTS, "flagged"), 0)


def begin(
    unit: UnitOfWork,
    actor: Actor,
    staged: StagedSheet,
    *,
    zone: str | None = None,
    organisation: str | None = None,
    ask: bool = True,
    unit_of_money: str = "",
) -> str:
    """A batch of the staged file. Gives its public id.

    In the name of `zone` (a code; staff, the system) or of `organisation` (public id; its own people). With neither given
    the only one the actor has is meant; administrators need none. Where a person must say which sheet is meant, what a
    heading means or what amounts are in, it waits for `mapping.answer`, else it is planned at once. With `ask=False` it never
    waits: the first sheet counts, headings mean what was said of them the last time or are passed over, and bare amounts are
    in `unit_of_money` (元, 万元) or, without one, errors of their rows.
    Raises `InvalidInput`, `SignInNeeded`, `MayNot`, `UnusableFile` (`file_no_title`, where nobody can be asked).
    """
    if actor.is_visitor:
        raise SignInNeeded()
    session = unit.session
    zone_id, organisation_id = _scope(session, actor, zone, organisation)
    access.require(actor, "import.create", organisation_id=organisation_id, zones=[zone_id] if zone_id is not None else [])
    _require_room(session, actor)
    tables = staged.tables
    batch = ImportBatch(
        kind=staged.kind.value,
        file_name=staged.file_name,
        file_digest=staged.digest,
        state="asking",
        zone_id=zone_id,
        organisation_id=organisation_id,
        created_by_id=actor.person_id,
        created_at=unit.now(),
        total_rows=tables[0].rows,
        counts=dict(_NO_COUNTS),
        columns=layout.to_json(tables[0].columns),
        sheets=[layout.table_to_json(each) for each in tables],
        pictures=staged.pictures,
        demo=actor.demo,
    )
    session.add(batch)
    session.flush()
    unit.audit(
        actor.public_id, "import.begin", "import", batch.public_id, kind=batch.kind, digest=staged.digest, rows=batch.total_rows
    )
    if not ask:
        _answer_alone(session, batch, staged, unit_of_money)
    if not ask or (len(tables) == 1 and not layout.is_open(tables[0])):
        start_reading(unit, batch)
    return batch.public_id


def _answer_alone(session: Session, batch: ImportBatch, staged: StagedSheet, unit_of_money: str) -> None:
    if unit_of_money and unit_of_money not in UNITS:
        raise InvalidInput(FieldError("unit", "unknown_code", {"value": shown(unit_of_money)}))
    known = layout.remembered(session, scope_of(session, batch), staged.kind)
    table = staged.tables[0]
    answers: Mapping[int, Answer] = {
        each.index: Answer(said.target if said else "", (said.unit if said else "") or unit_of_money)
        for each in table.columns
        for said in (known.get(layout.key_of(each.heading)),)
    }
    columns = layout.applied(table, answers)
    if not layout.has_title(columns):
        raise UnusableFile("file_no_title")
    batch.columns = layout.to_json(columns)


def start_reading(unit: UnitOfWork, batch: ImportBatch) -> None:
    """Nothing is left to be asked: the plan is made."""
    batch.state = "reading"
    unit.session.add(batch)
    unit.enqueue("import_read", batch.public_id, lane="bulk", delay=AHEAD)


def scope_of(session: Session, batch: ImportBatch) -> str:
    """In whose name, as `ImportAnswer.scope` holds it."""
    if batch.organisation_id is not None:
        return f"organisation:{session.get_one(Organisation, batch.organisation_id).public_id}"
    return f"zone:{session.get_one(Zone, batch.zone_id).code}" if batch.zone_id is not None else ""


def _require_room(session: Session, actor: Actor) -> None:
    running = col(ImportBatch.state).in_(("reading", "committing", "undoing"))
    count = session.exec(
        select(sa.func.count()).select_from(ImportBatch).where(ImportBatch.created_by_id == actor.person_id, running)
    ).one()
    if count >= _AT_ONCE and not actor.is_system:
        raise InvalidInput(FieldError("file", "too_many_imports", {"limit": _AT_ONCE}))


def _scope(session: Session, actor: Actor, zone: str | None, organisation: str | None) -> tuple[int | None, int | None]:
    if organisation:
        owner = session.exec(select(Organisation).where(Organisation.public_id == organisation)).first()
        if owner is None:
            raise InvalidInput(FieldError("organisation", "unknown_code", {"value": shown(organisation)}))
        return None, owner.id
    if zone:
        row = session.exec(select(Zone).where(Zone.code == zone)).first()
        if row is None:
            raise InvalidInput(FieldError("zone", "unknown_code", {"value": shown(zone)}))
        return row.id, None
    if actor.is_administrator or actor.is_system:
        return None, None
    if len(actor.staff_zones) == 1 and not actor.organisations:
        return next(iter(actor.staff_zones)), None
    if len(actor.organisations) == 1 and not actor.staff_zones:
        return None, next(iter(actor.organisations))
    if not actor.staff_zones and not actor.organisations:
        raise MayNot(action="import.create")
    raise InvalidInput(FieldError("zone" if actor.staff_zones else "organisation", "required"))


def commit(unit: UnitOfWork, actor: Actor, public_id: str) -> None:
    """Do what the plan says, slice by slice, in the actor's name. Asking again while it runs changes nothing.

    Raises `NotFound`, `SignInNeeded`, `MayNot`, `IllegalMove` for a batch that has no plan (yet).
    """
    batch = found_batch(unit.session, actor, public_id, "import.create", lock=True)
    if batch.state in ("committing", "done"):
        return
    if batch.state != "planned":
        raise IllegalMove(move="commit", state=batch.state)
    batch.state = "committing"
    batch.committed_at = unit.now()
    batch.undo_until = unit.now() + timedelta(days=KEPT_DAYS)
    unit.session.add(batch)
    unit.audit(actor.public_id, "import.commit", "import", batch.public_id, **batch.counts)
    unit.enqueue("import_commit", batch.public_id, lane="bulk", delay=AHEAD, payload={"person": actor.person_id})


def cancel(unit: UnitOfWork, actor: Actor, public_id: str) -> None:
    """Go no further: what is written stays, and can be undone; what is not written never will be. Asking again changes nothing.

    A slice that is under way is finished first. Raises `NotFound`, `SignInNeeded`, `MayNot`, `IllegalMove`.
    """
    batch = found_batch(unit.session, actor, public_id, "import.create", lock=True)
    if batch.state == "cancelled":
        return
    if batch.state not in CANCELLABLE:
        raise IllegalMove(move="cancel", state=batch.state)
    unit.audit(actor.public_id, "import.cancel", "import", batch.public_id, state=batch.state, written=batch.written_rows)
    close(unit, batch, "cancelled")


def close(unit: UnitOfWork, batch: ImportBatch, state: str) -> None:
    """Nothing more of it is read or written: rows that wait keep no payload, and so no contact data."""
    batch.state = state
    batch.finished_at = unit.now()
    unit.session.add(batch)
    unit.session.flush()
    unit.session.execute(
        sa.update(ImportRow)
        .where(col(ImportRow.batch_id) == batch.id, ~col(ImportRow.done))
        .values(payload={})
        .execution_options(synchronize_session=False)
    )


def undo(unit: UnitOfWork, actor: Actor, public_id: str) -> None:
    """Take back what the batch wrote, slice by slice, in the actor's name: new entries go, changed ones are as they were, and
    organisations made for it go where nothing else belongs to them. What people have touched since stays and is listed.

    Asking again changes nothing. Raises `NotFound`, `SignInNeeded`, `MayNot`, `IllegalMove` where nothing can be undone.
    """
    batch = found_batch(unit.session, actor, public_id, "import.create", lock=True)
    if batch.state in ("undoing", "undone"):
        return
    if not is_undoable(batch):
        raise IllegalMove(move="undo", state=batch.state)
    batch.state = "undoing"
    batch.undo_at, batch.finished_at = unit.now(), None
    unit.session.add(batch)
    unit.audit(actor.public_id, "import.undo", "import", batch.public_id, written=batch.written_rows)
    unit.enqueue("import_undo", batch.public_id, lane="bulk", delay=AHEAD, payload={"person": actor.person_id})


def retry(unit: UnitOfWork, actor: Actor, public_id: str) -> str:
    """The same sheet once more, as a new plan in the same name and with the same answers: rows written meanwhile mean what they
    became. Gives the new batch's public id; asking again gives the same. Raises `NotFound`, `SignInNeeded`, `MayNot`,
    `IllegalMove`, `InvalidInput`."""
    batch = found_batch(unit.session, actor, public_id, "import.create", lock=True)
    if batch.replaced_by:
        return batch.replaced_by
    return _anew(unit, actor, batch, batch.existing, batch.similar)


def change_policy(unit: UnitOfWork, actor: Actor, public_id: str, *, existing: str, similar: str) -> str:
    """Another policy is another plan, for a plan is never changed: gives the public id of the new batch, which takes the place
    of this one; this one's where nothing changes. Raises as `retry`."""
    problems = [
        FieldError(name, "unknown_code", {"value": shown(value)})
        for name, value, known in (("existing", existing, EXISTING), ("similar", similar, SIMILAR))
        if value not in known
    ]
    if problems:
        raise InvalidInput(*problems)
    batch = found_batch(unit.session, actor, public_id, "import.create", lock=True)
    if batch.state == "replaced":
        return batch.replaced_by
    if (batch.existing, batch.similar) == (existing, similar):
        return batch.public_id
    if batch.state != "planned":
        raise IllegalMove(move="change_policy", state=batch.state)
    return _anew(unit, actor, batch, existing, similar)


def _anew(unit: UnitOfWork, actor: Actor, batch: ImportBatch, existing: str, similar: str) -> str:
    if batch.state not in REPLANNABLE:
        raise IllegalMove(move="retry", state=batch.state)
    _require_room(unit.session, actor)
    access.require_mark(actor, "import.create", demo=batch.demo)
    again = ImportBatch(
        **batch.model_dump(
            include={
                "kind", "file_name", "file_digest", "zone_id", "organisation_id", "created_by_id", "sheets", "sheet", "pictures",
                "total_rows", "columns", "demo",
            }
        ),
        state="reading", created_at=unit.now(), counts=dict(_NO_COUNTS), existing=existing, similar=similar,
    )  # fmt: skip
    unit.session.add(again)
    unit.session.flush()
    if batch.state == "planned":
        close(unit, batch, "replaced")
    batch.replaced_by = again.public_id
    unit.session.add(batch)
    unit.audit(actor.public_id, "import.retry", "import", again.public_id, of=batch.public_id, existing=existing, similar=similar)
    start_reading(unit, again)
    return again.public_id
