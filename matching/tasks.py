"""Long works as rows: asked for, worked on with their progress, ended. What the worker and the use-cases share.

The outbox stays what makes things happen: a task stands beside its job (same kind, same key) and says to people how far it
is. A zone's re-match that nobody asked for becomes a task only once it has taken a while: most take a moment.
"""

from collections.abc import Mapping
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching.access import SYSTEM
from matching.model import OPEN_TASK, Note, Pace, Task, Zone
from matching.progress import marked
from matching.store.database import Database
from matching.store.outbox import Claimed, extend, settle
from matching.store.unit import UnitOfWork
from matching.vectors import VectorsAwaited
from search.errors import EncoderTimeout, EncoderUnavailable, EngineUnavailable

AHEAD: Final = -3600.0
"""Seconds: goes before the index jobs that wait in the bulk lane, which may take an hour."""
TICK_SECONDS: Final = 1.0
"""Progress is written no more often than this, however often it is reported."""
QUIET_SECONDS: Final = 3.0
"""What nobody asked for is told of from here on."""
MOST_ATTEMPTS: Final = 8
"""Tries of one work, some ten minutes with their pauses: then it has failed and says so."""
KEPT_DAYS: Final = 400
"""The history of a year and a bit."""
RECIPE_NOTE: Final = "encoder.recipe"


OUTAGES: Final = (EngineUnavailable, EncoderUnavailable, EncoderTimeout, VectorsAwaited)
"""Nobody's fault in the work itself: tried again until it is over, however long that takes."""


class Cancelled(Exception):
    """Somebody asked for the work to end; raised from the report that notices it."""


def open_task(
    unit: UnitOfWork,
    kind: str,
    key: str = "now",
    *,
    zone_id: int | None = None,
    asked_by: int | None = None,
    retry_of: int | None = None,
    delay: float = AHEAD,
    lane: str = "bulk",
) -> Task:
    """The open task of this kind and key, made where there is none, and its job."""
    task = _open(unit.session, kind, key)
    if task is None:
        task = Task(
            kind=kind, key=key, zone_id=zone_id, asked_by_id=asked_by, asked_at=unit.now(), retry_of_id=retry_of
        )  # fmt: skip
        unit.session.add(task)
        unit.session.flush()
    unit.enqueue(kind, key, lane=lane, delay=delay)
    return task


def _open(session: Session, kind: str, key: str) -> Task | None:
    return session.exec(select(Task).where(Task.kind == kind, Task.key == key, col(Task.state).in_(OPEN_TASK))).first()


def end_task(
    unit: UnitOfWork,
    task: Task,
    state: str,
    *,
    actor: str = SYSTEM.public_id,
    problem: str = "",
    figures: Mapping[str, int] | None = None,
) -> None:
    """`state` is done, failed or cancelled. Its pace is forgotten."""
    task.state = state
    task.finished_at = unit.now()
    task.problem = problem[:200]
    task.figures = dict(figures or {})
    unit.session.add(task)
    unit.session.execute(sa.delete(Pace).where(col(Pace.key) == task.public_id))
    unit.audit(actor, f"work.{state}", "work", task.public_id, kind=task.kind, key=task.key, **task.figures)


def mark(unit: UnitOfWork, key: str, stage: str, done: int) -> None:
    """Note how far a work is now, for its pace. A new stage has a pace of its own."""
    now = unit.now()
    pace = unit.session.get(Pace, key)
    if pace is None or pace.stage != stage:
        fresh = Pace(key=key, stage=stage, since=now, marks=[[0.0, float(done)]])
        unit.session.merge(fresh)
        return
    pace.marks = marked(pace.marks, (now - pace.since).total_seconds(), done)
    unit.session.add(pace)


def mark_more(unit: UnitOfWork, key: str, more: int) -> None:
    """`mark` for what only ever grows: so many more are done."""
    pace = unit.session.get(Pace, key)
    mark(unit, key, "", more + (int(pace.marks[-1][1]) if pace is not None and pace.marks else 0))


def forget_old(unit: UnitOfWork) -> None:
    limit = unit.now() - timedelta(days=KEPT_DAYS)
    unit.session.execute(sa.delete(Task).where(col(Task.state).not_in(OPEN_TASK), col(Task.finished_at) < limit))
    unit.session.execute(sa.delete(Pace).where(col(Pace.since) < limit))


def vectors_noted(unit: UnitOfWork, fingerprint: str) -> bool:
    """Keep by which recipe the vectors of the serving index were made; whether it was another one until now."""
    held = unit.session.get(Note, RECIPE_NOTE)
    if held is not None and held.value == fingerprint:
        return False
    unit.session.merge(Note(key=RECIPE_NOTE, value=fingerprint))
    return held is not None


def noted_vectors(session: Session) -> str | None:
    """The recipe of the vectors of the index that serves, or served last; None before the first start."""
    held = session.get(Note, RECIPE_NOTE)
    return held.value if held is not None else None


class Tracker:
    """A job's work on its task: a context that is reported to (`matching.progress.Report`) and settles the job at its end.

    Reports are cheap. One a `TICK_SECONDS` writes the progress, prolongs the job's lease, and raises `Cancelled` when
    somebody asked for that. A failure leaves the job to `release`, until it has had its tries.
    """

    def __init__(self, database: Database, job: Claimed, *, zone: str | None = None) -> None:
        self._database = database
        self._job = job
        self._zone = zone
        self._began = database.clock.now()
        self._wrote = self._began
        self._task: int | None = None
        self.cursor = 0
        """Where a work in slices goes on."""

    def __enter__(self) -> Self:
        with self._database.read() as session:
            held = _open(session, self._job.kind, self._job.key)
        if held is not None:
            with self._database.write() as unit:
                self._take(unit)
                unit.commit()
        return self

    def _take(self, unit: UnitOfWork) -> Task:
        """The row, made where there is none yet; running from now on."""
        if self._task is not None:
            return unit.session.get_one(Task, self._task)
        task = _open(unit.session, self._job.kind, self._job.key)
        if task is None:
            zone = unit.session.exec(select(Zone.id).where(Zone.code == self._zone)).first() if self._zone else None
            task = Task(kind=self._job.kind, key=self._job.key, zone_id=zone, asked_at=self._began)
        task.state, task.problem = "running", ""
        task.attempts = self._job.attempts
        task.started_at = task.started_at or self._began
        self.cursor = task.cursor
        unit.session.add(task)
        unit.session.flush()
        self._task = task.id
        return task

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = self._database.clock.now()
        if (now - self._wrote).total_seconds() < TICK_SECONDS:
            return
        if self._task is None and (now - self._began).total_seconds() < QUIET_SECONDS:
            return
        self._wrote = now
        with self._database.write() as unit:
            task = self._advance(unit, stage, done, total)
            extend(unit, [self._job])
            unit.commit()
        if task.cancel_asked_at is not None:
            raise Cancelled()

    def _advance(self, unit: UnitOfWork, stage: str, done: int, total: int) -> Task:
        task = self._take(unit)
        if task.state not in OPEN_TASK:  # ended by somebody else: overtaken by another of its kind
            raise Cancelled()
        task.stage, task.done, task.total = stage, min(done, total), total
        mark(unit, task.public_id, stage, done)
        return task

    def check(self) -> None:
        """Raises `Cancelled` when somebody asked for that: before a slice."""
        with self._database.read() as session:
            task = session.get(Task, self._task) if self._task is not None else None
        if task is not None and task.cancel_asked_at is not None:
            raise Cancelled()

    def finish(self, unit: UnitOfWork, **figures: int) -> None:
        """In the caller's transaction: the job is done, and its task with it. A work too short to be told of leaves no row."""
        settle(unit.session, [self._job])
        task = unit.session.get(Task, self._task) if self._task is not None else None
        if task is not None and task.state in OPEN_TASK:
            task.done = task.total
            end_task(unit, task, "done", figures=figures)

    def go_on(self, unit: UnitOfWork, cursor: int, stage: str, done: int, total: int) -> None:
        """In the caller's transaction: this slice is done, the next is a job of its own."""
        settle(unit.session, [self._job])
        task = self._advance(unit, stage, done, total)
        task.cursor = cursor
        unit.enqueue(self._job.kind, self._job.key, lane="bulk", delay=AHEAD)

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> bool:
        if isinstance(problem, Cancelled):
            with self._database.write() as unit:
                settle(unit.session, [self._job])
                task = self._take(unit)
                if task.state in OPEN_TASK:
                    end_task(unit, task, "cancelled")
                unit.commit()
            return True
        if isinstance(problem, Exception) and self._task is not None:
            self._stumble(problem)
        return False

    def fail(self, unit: UnitOfWork, problem: str) -> None:
        """In the caller's transaction: it cannot be done, and will not be tried again."""
        settle(unit.session, [self._job])
        end_task(unit, self._take(unit), "failed", problem=problem)

    def _stumble(self, problem: Exception) -> None:
        with self._database.write() as unit:
            task = self._take(unit)
            if self._job.attempts >= MOST_ATTEMPTS and not isinstance(problem, OUTAGES):
                settle(unit.session, [self._job])
                end_task(unit, task, "failed", problem=type(problem).__name__)
            else:
                task.state, task.problem = "waiting", type(problem).__name__
            unit.commit()
