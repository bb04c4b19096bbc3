"""Every long work as people meet it: imports and tasks side by side, how far they are, what may be done about them.

One's own, those of one's zones, all for administrators. Imports keep their own rows and rules (`matching.imports`); this
reads them and hands cancel and retry on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching import access, tasks
from matching.access import Actor
from matching.errors import FieldError, IllegalMove, InvalidInput, MayNot, NotFound, SignInNeeded
from matching.imports import batches
from matching.imports.batches import BatchView
from matching.model import OPEN_TASK, ImportBatch, IndexGeneration, Job, Pace, Person, Task, Zone
from matching.progress import Remaining, remaining
from matching.store.unit import LANES, UnitOfWork
from matching.typed_text import shown

TASK_KINDS: Final = ("match_zone", "reindex", "gate", "reindex_back", "learn", "teach")
BESIDE: Final = frozenset({"teach"})
"""Kinds that go on beside all others, in the slow lane."""
KINDS: Final = ("import", *TASK_KINDS)
ACTIVE: Final = ("waiting", "running", "cancelling")
"""States of a work that goes on by itself. Besides: done, failed, cancelled; of imports `planned` (one waits for a person),
`undone`, `replaced` (a newer plan of the sheet took its place)."""
MOST: Final = 200
_IMPORTING: Final = ("reading", "committing", "undoing")
_REPEATABLE: Final = ("failed", "cancelled")
_INDEXED_WITHIN: Final = timedelta(days=1)
_UNITS: Final = {
    "scoring": "needs",
    "writing": "needs",
    "filling": "listings",
    "comparing": "listings",
    "embedding": "listings",
    "reading_pairs": "pairs",
    "teaching": "steps",
}


@dataclass(frozen=True, slots=True)
class WorkView:
    """One long work as of now.

    `title` is an import's file name, `zone` a code. `done` of `total` count `unit` (rows, needs, listings) in this `stage`,
    0 of 0 where that is not known; `remaining` is about the stage, None where nobody knows yet. `ahead` works go first while
    it waits. `figures` are its outcome by name, `problem` the code of why it failed or has to be tried again.
    """

    public_id: str
    kind: str
    state: str
    asked_at: datetime
    title: str = ""
    zone: str | None = None
    by: str = ""
    is_mine: bool = False
    stage: str = ""
    unit: str = ""
    done: int = 0
    total: int = 0
    remaining: Remaining | None = None
    ahead: int = 0
    attempts: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    figures: Mapping[str, int] = field(default_factory=dict)
    problem: str = ""
    may_cancel: bool = False
    may_retry: bool = False

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def seconds(self) -> float | None:
        """How long it took, from its start to its end; None before that."""
        return (self.finished_at - self.started_at).total_seconds() if self.started_at and self.finished_at else None


@dataclass(frozen=True, slots=True)
class WorkPage:
    """`total` counts all that the actor may read, at most `MOST` of imports and of tasks each."""

    items: tuple[WorkView, ...]
    total: int


def running(session: Session, actor: Actor, now: datetime) -> tuple[WorkView, ...]:
    """What goes on right now and is the actor's to see, the oldest first; cheap where nothing does."""
    if actor.is_visitor:
        return ()
    open_tasks = session.exec(select(Task).where(col(Task.state).in_(OPEN_TASK), _readable(actor))).all()
    found = [*_tasks(session, actor, open_tasks, now), *_running_imports(session, actor, now)]
    return tuple(sorted(found, key=lambda each: (each.state == "waiting", each.asked_at)))


def _running_imports(session: Session, actor: Actor, now: datetime) -> list[WorkView]:
    ids = list(session.exec(select(ImportBatch.public_id).where(col(ImportBatch.state).in_(_IMPORTING)).limit(MOST)))
    if _index_queue(session):
        written = select(ImportBatch.public_id).where(
            ImportBatch.state == "done", col(ImportBatch.finished_at) > now - _INDEXED_WITHIN
        )
        ids += session.exec(written.order_by(col(ImportBatch.id).desc()).limit(5)).all()
    found: list[WorkView] = []
    for public_id in ids:
        try:
            found.append(_of_import(session, batches.progress(session, actor, public_id), now))
        except NotFound:
            continue
    return [each for each in found if each.is_active]


def history(session: Session, actor: Actor, now: datetime, *, kind: str = "", offset: int = 0, limit: int = 20) -> WorkPage:
    """All long works that the actor may read, of one kind or any, the newest first. Raises `SignInNeeded`."""
    if actor.is_visitor:
        raise SignInNeeded()
    rows: list[Task] = []
    imports: Sequence[BatchView] = ()
    if kind != "import":
        query = select(Task).where(_readable(actor))
        query = query.where(Task.kind == kind) if kind else query
        rows = list(session.exec(query.order_by(col(Task.asked_at).desc(), col(Task.id).desc()).limit(MOST)))
    if kind in ("", "import") and _may_import(actor):
        imports = batches.recent(session, actor, limit=MOST)
    order: list[tuple[datetime, str, Task | BatchView]] = [(row.asked_at, row.public_id, row) for row in rows]
    order += [(each.created_at, each.public_id, each) for each in imports]
    order.sort(key=lambda each: each[:2], reverse=True)
    chosen = [each[2] for each in order[max(offset, 0) : max(offset, 0) + max(0, min(limit, MOST))]]
    told = {each.public_id: each for each in _tasks(session, actor, [row for row in chosen if isinstance(row, Task)], now)}
    items = [told[each.public_id] if isinstance(each, Task) else _of_import(session, each, now) for each in chosen]
    return WorkPage(tuple(items), len(order))


def show(session: Session, actor: Actor, public_id: str, now: datetime) -> WorkView:
    """Raises `SignInNeeded`, `NotFound`."""
    if actor.is_visitor:
        raise SignInNeeded()
    task = session.exec(select(Task).where(Task.public_id == public_id, _readable(actor))).first()
    if task is not None:
        return _tasks(session, actor, [task], now)[0]
    if session.exec(select(ImportBatch.id).where(ImportBatch.public_id == public_id)).first() is None:
        raise NotFound(kind="work")
    return _of_import(session, batches.progress(session, actor, public_id), now)


def begin(unit: UnitOfWork, actor: Actor, kind: str, *, zone: str = "") -> str:
    """Ask for a zone's re-match (its staff, administrators), a new index, the gate, the index before, or learning
    (administrators). One that is open already is joined. Gives its public id.

    Raises `InvalidInput`, `SignInNeeded`, `MayNot`, and `IllegalMove` where no index before is kept.
    """
    zone_id: int | None = None
    if kind == "match_zone":
        zone_id = unit.session.exec(select(Zone.id).where(Zone.code == zone)).first()
        if zone_id is None:
            raise InvalidInput(FieldError("zone", "unknown_code", {"value": shown(zone)}))
    elif kind not in TASK_KINDS:
        raise InvalidInput(FieldError("kind", "unknown_code", {"value": shown(kind)}))
    access.require(actor, "work.write", zones=[zone_id] if zone_id is not None else [])
    if kind == "reindex_back":
        access.require_mark(actor, "work.write", demo=False)
        _require_kept(unit.session)
    task = tasks.open_task(unit, kind, zone or "now", zone_id=zone_id, asked_by=actor.person_id, lane=_lane(kind))
    unit.audit(actor.public_id, "work.begin", "work", task.public_id, kind=kind, key=task.key)
    return task.public_id


def _lane(kind: str) -> str:
    return "slow" if kind in BESIDE else "bulk"


def _require_kept(session: Session) -> None:
    """Raises `IllegalMove` where no generation of the index is kept to go back to."""
    if session.exec(select(IndexGeneration.id).where(IndexGeneration.state == "previous")).first() is None:
        raise IllegalMove("no_previous_index")


def cancel(unit: UnitOfWork, actor: Actor, public_id: str) -> None:
    """Ask a work to end: at once while it waits, else with its next slice. Asking twice changes nothing.

    Raises `SignInNeeded`, `NotFound`, `MayNot`, `IllegalMove` for what has ended or cannot be ended.
    """
    task = _for_write(unit, actor, public_id)
    if task is None:
        batches.cancel(unit, actor, public_id)
        return
    if task.state not in OPEN_TASK:
        raise IllegalMove("work_ended")
    if task.cancel_asked_at is not None:
        return
    task.cancel_asked_at, task.cancel_asked_by_id = unit.now(), actor.person_id
    unit.session.add(task)
    unit.audit(actor.public_id, "work.cancel", "work", task.public_id, kind=task.kind, key=task.key)
    if task.state == "waiting":
        waiting = sa.delete(Job).where(col(Job.kind) == task.kind, col(Job.key) == task.key, col(Job.lease).is_(None))
        unit.session.execute(waiting)
        if task.kind == "reindex":
            unit.enqueue("index_care", "hourly", lane="bulk")  # drops what was built so far
        tasks.end_task(unit, task, "cancelled", actor=actor.public_id)


def retry(unit: UnitOfWork, actor: Actor, public_id: str) -> str:
    """The same work again, as a row of its own, after it failed or was cancelled; what is done in slices goes on where it
    stopped. Of an import the sheet is planned anew; an undo that failed goes on. Gives its public id.
    Raises `SignInNeeded`, `NotFound`, `MayNot`, `IllegalMove`, `InvalidInput`."""
    task = _for_write(unit, actor, public_id)
    if task is None:
        return _retry_import(unit, actor, public_id)
    if task.state not in _REPEATABLE or task.problem == "overtaken":
        raise IllegalMove("work_not_repeatable")
    again = tasks.open_task(
        unit, task.kind, task.key, zone_id=task.zone_id, asked_by=actor.person_id, retry_of=task.id, lane=_lane(task.kind)
    )  # fmt: skip
    again.cursor = again.cursor or task.cursor
    unit.audit(actor.public_id, "work.retry", "work", again.public_id, kind=task.kind, key=task.key, of=task.public_id)
    return again.public_id


def _retry_import(unit: UnitOfWork, actor: Actor, public_id: str) -> str:
    batch = batches.progress(unit.session, actor, public_id)
    if batch.state not in _REPEATABLE:
        raise IllegalMove("work_not_repeatable")
    if not batch.is_half_undone:
        return batches.retry(unit, actor, public_id)
    batches.undo(unit, actor, public_id)
    return public_id


def _for_write(unit: UnitOfWork, actor: Actor, public_id: str) -> Task | None:
    """The task, locked, if the actor may do something about it; None for an import that the actor may read."""
    view = show(unit.session, actor, public_id, unit.now())
    if view.kind == "import":
        return None
    task = unit.session.exec(select(Task).where(Task.public_id == public_id).with_for_update()).one()
    if not _may_write(actor, task):
        raise MayNot(action="work.write")
    return task


def _may_import(actor: Actor) -> bool:
    return access.is_allowed(actor, "import.read", organisation_id=next(iter(actor.organisations), None), zones=actor.staff_zones)


def _readable(actor: Actor) -> sa.ColumnElement[bool]:
    """SQL predicate on `Task`: the actor's own, those of the actor's zones, all for administrators."""
    if access.is_allowed(actor, "work.read"):
        return sa.true()
    zones = [each for each in actor.desk_zones if access.is_allowed(actor, "work.read", zones=[each])]
    return sa.or_(col(Task.asked_by_id) == actor.person_id, col(Task.zone_id).in_(zones))


def _may_write(actor: Actor, task: Task) -> bool:
    """A demonstration account, whose password everybody knows, ends only what it began."""
    mine = task.asked_by_id is not None and task.asked_by_id == actor.person_id
    zones = [task.zone_id] if task.zone_id is not None else []
    return mine or (not actor.demo and access.is_allowed(actor, "work.write", zones=zones))


def _index_queue(session: Session) -> bool:
    waiting = select(Job.id).where(Job.kind == "index", Job.lane == LANES["bulk"]).limit(1)
    return session.exec(waiting).first() is not None


def _pace(
    session: Session, key: str, stage: str, now: datetime, done: int, total: int, *, grows: bool = False
) -> Remaining | None:
    """`grows`: the marks count all that was ever done, and `done` and `total` only say how much is left."""
    pace = session.get(Pace, key)
    if pace is None or pace.stage != stage or not pace.marks:
        return None
    at = (now - pace.since).total_seconds()
    left = max(0, total - done)
    ever = int(pace.marks[-1][1]) if grows else done
    return remaining(pace.marks, at, ever, ever + left)


def _ahead(session: Session, asked_at: datetime) -> int:
    """How many works go before a task: the one that goes on, those asked for earlier, and imports, which overtake. The bulk
    lane does one at a time."""
    before = sa.and_(
        sa.or_(col(Task.state) == "running", col(Task.asked_at) < asked_at), col(Task.kind).not_in(BESIDE)
    )  # fmt: skip
    open_tasks = session.exec(select(sa.func.count()).select_from(Task).where(col(Task.state).in_(OPEN_TASK), before)).one()
    importing = select(sa.func.count()).select_from(ImportBatch).where(col(ImportBatch.state).in_(_IMPORTING))
    return open_tasks + session.exec(importing).one()


def _ahead_of_import(session: Session) -> int:
    """Imports take turns with one another; they wait for what goes on already."""
    waits_for = sa.and_(col(Task.state) == "running", col(Task.kind).not_in(BESIDE))
    return session.exec(select(sa.func.count()).select_from(Task).where(waits_for)).one()


def _tasks(session: Session, actor: Actor, rows: Sequence[Task], now: datetime) -> list[WorkView]:
    people = {each.asked_by_id for each in rows} - {None}
    names = {row.id: row.name for row in session.exec(select(Person).where(col(Person.id).in_(people))).all()} if people else {}
    zones = {row.id: row.code for row in session.exec(select(Zone)).all()} if rows else {}
    return [_of_task(session, actor, row, names.get(row.asked_by_id, ""), zones.get(row.zone_id), now) for row in rows]


def _of_task(session: Session, actor: Actor, row: Task, by: str, zone: str | None, now: datetime) -> WorkView:
    may = _may_write(actor, row)
    is_open, is_asked = row.state in OPEN_TASK, row.cancel_asked_at is not None
    return WorkView(
        public_id=row.public_id,
        kind=row.kind,
        state="cancelling" if is_open and is_asked else row.state,
        asked_at=row.asked_at,
        zone=zone,
        by=by,
        is_mine=row.asked_by_id is not None and row.asked_by_id == actor.person_id,
        stage=row.stage if is_open else "",
        unit=_UNITS.get(row.stage, ""),
        done=row.done,
        total=row.total,
        remaining=_pace(session, row.public_id, row.stage, now, row.done, row.total) if row.state == "running" else None,
        ahead=_ahead(session, row.asked_at) if row.state == "waiting" and row.kind not in BESIDE else 0,
        attempts=row.attempts,
        started_at=row.started_at,
        finished_at=row.finished_at,
        figures=row.figures,
        problem=row.problem,
        may_cancel=may and is_open and not is_asked,
        may_retry=may and row.state in _REPEATABLE and row.problem != "overtaken",
    )


_IMPORT_STATES: Final = {"asking": "planned", "reading": "running", "committing": "running", "undoing": "running"}
_IMPORT_STAGES: Final = {"reading": "import_read", "committing": "import_commit", "undoing": "import_undo"}


def _of_import(session: Session, batch: BatchView, now: datetime) -> WorkView:
    """What the sheet's batch says, in the words of long work; made findable counts as part of it."""
    state, stage = _IMPORT_STATES.get(batch.state, batch.state), _IMPORT_STAGES.get(batch.state, "")
    done, total = (batch.done, batch.total) if stage else (batch.done_rows, batch.wanted_rows)
    left: Remaining | None = None
    ahead = 0
    if stage:
        left = _pace(session, batch.public_id, stage, now, done, total)
        if not done:
            ahead = _ahead_of_import(session)
            state = "waiting" if ahead else state
    elif batch.state == "done" and batch.indexing:
        state, stage, done, total = "running", "indexing", max(0, batch.done_rows - batch.indexing), batch.done_rows
        left = _pace(session, "index", "", now, done, total, grows=True)
    return WorkView(
        public_id=batch.public_id,
        kind="import",
        state=state,
        asked_at=batch.created_at,
        title=batch.file_name,
        zone=batch.zone,
        by=batch.by,
        is_mine=batch.is_mine,
        stage=stage,
        unit="listings" if stage == "indexing" else "rows",
        done=done,
        total=total,
        remaining=left,
        ahead=ahead,
        started_at=batch.started_at,
        finished_at=batch.finished_at,
        figures=_figures(batch),
        problem=batch.problem.code if batch.problem else "",
        may_cancel=batch.may_cancel,
        may_retry=batch.state in _REPEATABLE and (batch.may_undo if batch.is_half_undone else batch.may_retry),
    )


def _figures(batch: BatchView) -> dict[str, int]:
    """What the plan says until it is done; of what stopped, what had been written."""
    if batch.state == "undone":
        figures: Mapping[str, int] = {"undone": batch.undone_rows - batch.kept_rows, "kept": batch.kept_rows}
    elif batch.state in _REPEATABLE:
        figures = {"written": batch.written_rows, "undone": batch.undone_rows - batch.kept_rows, "kept": batch.kept_rows}
    else:
        figures = batch.counts if batch.state != "replaced" else {}
    return {name: count for name, count in figures.items() if count}
