"""Generations of the index: a changed recipe builds a new one beside the one that serves, from SQL, while both are written.

begin → back-fill in slices → gate → promote → the one before is kept for a while, then dropped. Which generation serves is the
engine's to say; rows (`IndexGeneration`) tell people about them, and the worker what it may do by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlmodel import Session, col, select

from matching import tasks
from matching.access import SYSTEM
from matching.gate import Findings, Gate
from matching.model import OPEN_GENERATION, OPEN_TASK, IndexGeneration, Job, Listing, Task
from matching.progress import Report
from matching.projection import Projection
from matching.store.database import Database
from matching.store.unit import UnitOfWork
from search.ports import Engine, Generation
from search.recipe import SCHEMA_VERSION
from search.text import TOKENISER_VERSION

log = structlog.get_logger("index")

SLICE: Final = 500
"""Listings brought between two looks at what else waits, where all their vectors are there."""
SLOW_SLICE: Final = 64
"""The same where texts have to be embedded: some seconds."""
KEY: Final = "now"
"""Key of the one job and task that builds a generation."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a slice came to: where to go on, how far it is, whether it embedded; `findings` once the new generation serves."""

    cursor: int
    done: int
    total: int
    embedded: bool
    findings: Findings | None = None
    vectors_changed: bool = False


class Generations:
    """Moves the engine from one generation to the next. Holds no state; a slice may die anywhere and be done again."""

    def __init__(self, database: Database, engine: Engine, projection: Projection, gate: Gate) -> None:
        self._database = database
        self._engine = engine
        self._projection = projection
        self._gate = gate

    def build(self, cursor: int, report: Report) -> Step:
        """The next slice of a generation of today's recipe: begun where none is being built, filled from where `cursor` says,
        compared with SQL, and put in the place of the one that serves."""
        ours = self._projection.fingerprint
        generation = self._engine.generation()
        if generation.building != ours:
            if self._was_promoted(generation):  # by a process that died before it could say so
                return self._settled(Findings(), total=0)
            if generation.previous == ours:  # it served before: one step, and what changed since is brought
                findings = self.back(report)
                with self._database.write() as unit:
                    changed = tasks.vectors_noted(unit, self._projection.vectors_fingerprint)
                    unit.commit()
                return Step(0, 0, 0, False, findings, changed)
            self._engine.begin(ours)
            documents = self._engine.health().documents
            with self._database.write() as unit:
                _begun(unit, self._projection, replaces=generation.fingerprint)
                for serving in unit.session.exec(select(IndexGeneration).where(IndexGeneration.state == "serving")).all():
                    serving.documents = documents
                unit.commit()
            log.info("index.begun", recipe=ours, replaces=generation.fingerprint)
            cursor = 0
        with self._database.read() as session:
            row = _newest(session, ours)
        begun = row.begun_at if row is not None else None
        filled = self._projection.fill_building(cursor, size=SLICE, slow_size=SLOW_SLICE, begun=begun)
        if not filled.is_last:
            return Step(filled.cursor, filled.done, filled.total, filled.embedded)
        findings = self._gate.run(report, building=True)
        self._engine.promote()
        return self._settled(findings, total=filled.total)

    def _was_promoted(self, generation: Generation) -> bool:
        ours = self._projection.fingerprint
        with self._database.read() as session:
            row = _newest(session, ours)
        return generation.fingerprint == ours and row is not None and row.state == "building" and row.replaces != ours

    def _settled(self, findings: Findings, *, total: int) -> Step:
        """Rows follow the engine. Gives also whether the vectors are others than before."""
        documents = self._engine.health().documents
        with self._database.write() as unit:
            now = unit.now()
            before = unit.session.exec(select(IndexGeneration).where(IndexGeneration.state == "serving")).all()
            row = _newest(unit.session, self._projection.fingerprint)
            for kept in unit.session.exec(select(IndexGeneration).where(IndexGeneration.state == "previous")).all():
                kept.state, kept.gone_at = "gone", now
            for other in (each for each in before if each is not row):
                other.state, other.left_at = "previous", now
            if row is not None:
                row.state, row.served_at, row.left_at, row.documents = "serving", now, None, documents
                row.found, row.gate_at = findings.figures(), now
                unit.audit(SYSTEM.public_id, "index.promoted", "index", row.public_id, recipe=row.fingerprint)
            changed = tasks.vectors_noted(unit, self._projection.vectors_fingerprint)
            unit.commit()
        log.info("index.promoted", recipe=self._projection.fingerprint, documents=documents)
        return Step(0, total, total, False, findings, changed)

    def back(self, report: Report) -> Findings:
        """Let the generation before serve again, in one step, and bring it what has changed since. Raises ValueError where
        none is kept."""
        self._engine.revert()
        self.observe()
        log.info("index.reverted", recipe=self._engine.generation().fingerprint)
        return self.check(report)

    def check(self, report: Report) -> Findings:
        """The gate on the generation that serves; its row keeps what was found."""
        findings = self._gate.run(report)
        self.observe()
        documents = self._engine.health().documents
        with self._database.write() as unit:
            row = unit.session.exec(select(IndexGeneration).where(IndexGeneration.state == "serving")).first()
            if row is not None:
                row.gate_at, row.found, row.documents = unit.now(), findings.figures(), documents
            unit.commit()
        return findings

    def drop(self) -> None:
        """Forget the generation before."""
        self._engine.drop()
        self.observe()

    def abort(self) -> None:
        """Drop the generation that is being built."""
        self._engine.abort()
        self.observe()

    def observe(self) -> Generation:
        """Make the rows say what the engine says."""
        generation = self._engine.generation()
        with self._database.read() as session:
            rows = _alive(session)
            is_orphaned = bool(rows["planned"]) and not _open_task(session)
        if _is_told(rows, generation) and not is_orphaned:
            return generation
        with self._database.write() as unit:
            _retell(unit, self._projection, generation)
            unit.commit()
        return generation

    def care(self, *, grace: timedelta, by_itself: bool = False) -> None:
        """What the worker looks after every hour: a generation that nobody builds any more is dropped, one that was left
        longer than `grace` ago too, and a new one is asked for where the recipe has changed.

        It is not asked for where this recipe served before and was left, or was given up by a person: then somebody wants the
        other one, or an older process still runs. `by_itself` asks nevertheless (the start of the only process there is).
        """
        generation = self.observe()
        with self._database.read() as session:
            is_open = _open_task(session)
            previous = session.exec(select(IndexGeneration).where(IndexGeneration.state == "previous")).first()
            known = _newest(session, self._projection.fingerprint)
            is_empty = self._is_empty(session)
        if generation.building is not None and not is_open:
            log.info("index.aborted", recipe=generation.building)
            self.abort()
        left_at = previous.left_at if previous is not None else None
        if generation.previous is not None and left_at is not None and left_at + grace <= self._database.clock.now():
            log.info("index.dropped", recipe=generation.previous)
            self.drop()
        is_other = generation.fingerprint != self._projection.fingerprint
        is_new = known is None or known.state in ("planned", "building", "serving")
        if not is_open and (is_empty or (is_other and (is_new or by_itself))):
            with self._database.write() as unit:
                plan(unit, self._projection)
                unit.commit()

    def _is_empty(self, session: Session) -> bool:
        """Whether the engine holds nothing though SQL has something to hold that no job is about to bring: its data are gone,
        or it is new."""
        coming = select(Job.id).where(col(Job.kind).in_(("index", "embed")), Job.key == Listing.public_id).exists()
        ever = session.exec(select(Listing.id).where(Listing.document_revision > 0, ~coming).limit(1)).first()
        return ever is not None and not self._engine.scan(limit=1)


def plan(unit: UnitOfWork, projection: Projection, *, asked_by: int | None = None) -> Task:
    """Ask for a new generation of today's recipe."""
    row = _newest(unit.session, projection.fingerprint)
    if row is None or row.state not in OPEN_GENERATION:
        unit.session.add(_row(unit, projection, "planned"))
    return tasks.open_task(unit, "reindex", KEY, asked_by=asked_by)


def _row(unit: UnitOfWork, projection: Projection, state: str) -> IndexGeneration:
    return IndexGeneration(
        fingerprint=projection.fingerprint, vectors=projection.vectors_fingerprint, tokeniser=TOKENISER_VERSION,
        schema_version=SCHEMA_VERSION, state=state, planned_at=unit.now(),
    )  # fmt: skip


def _begun(unit: UnitOfWork, projection: Projection, *, replaces: str) -> IndexGeneration:
    """The row of the generation that begins now; what was being built until now is given up."""
    now = unit.now()
    row = _newest(unit.session, projection.fingerprint)
    if row is None or row.state not in OPEN_GENERATION:
        row = _row(unit, projection, "building")
        unit.session.add(row)
    row.state, row.begun_at, row.replaces = "building", now, replaces
    for other in unit.session.exec(select(IndexGeneration).where(col(IndexGeneration.state).in_(OPEN_GENERATION))).all():
        if other is not row:
            other.state, other.gone_at = "aborted", now
    return row


def _newest(session: Session, fingerprint: str) -> IndexGeneration | None:
    query = select(IndexGeneration).where(IndexGeneration.fingerprint == fingerprint)
    return session.exec(query.order_by(col(IndexGeneration.id).desc()).limit(1)).first()


def _open_task(session: Session) -> bool:
    query = select(Task.id).where(Task.kind == "reindex", col(Task.state).in_(OPEN_TASK)).limit(1)
    return session.exec(query).first() is not None


def _alive(session: Session) -> Mapping[str, Sequence[IndexGeneration]]:
    rows = session.exec(select(IndexGeneration).order_by(col(IndexGeneration.id).desc())).all()
    return {state: [row for row in rows if row.state == state] for state in ("planned", "building", "serving", "previous")}


def _is_told(rows: Mapping[str, Sequence[IndexGeneration]], generation: Generation) -> bool:
    def one(state: str, fingerprint: str | None) -> bool:
        return [row.fingerprint for row in rows[state]] == ([fingerprint] if fingerprint is not None else [])

    return (
        one("serving", generation.fingerprint)
        and one("building", generation.building)
        and one("previous", generation.previous)
    )  # fmt: skip


def _retell(unit: UnitOfWork, projection: Projection, generation: Generation) -> None:
    now = unit.now()
    rows = _alive(unit.session)
    kept: set[int | None] = set()
    for state, fingerprint in (
        ("building", generation.building), ("serving", generation.fingerprint), ("previous", generation.previous)
    ):  # fmt: skip
        if fingerprint is None:
            continue
        order = [state, *(each for each in ("previous", "serving", "building", "planned") if each != state)]
        held = next(
            (row for each in order for row in rows[each] if row.fingerprint == fingerprint and row.id not in kept), None
        )  # fmt: skip
        if held is None:
            held = _row(unit, projection, state)
            held.fingerprint = fingerprint
            if fingerprint != projection.fingerprint:  # of another installation or an older version: its parts are not known
                held.vectors, held.tokeniser, held.schema_version = "", "", 0
            unit.session.add(held)
            unit.session.flush()
        kept.add(held.id)
        if state == "serving":
            held.served_at, held.left_at = (held.served_at if held.state == "serving" else None) or now, None
        elif state == "previous":
            held.left_at = held.left_at or now
        elif held.begun_at is None:
            held.begun_at = now
        held.state = state
    for state, over in (("building", "aborted"), ("serving", "gone"), ("previous", "gone")):
        for row in rows[state]:
            if row.id not in kept:
                row.state, row.gone_at = over, now
    if not _open_task(unit.session):
        for row in rows["planned"]:
            if row.id not in kept:
                row.state, row.gone_at = "aborted", now
