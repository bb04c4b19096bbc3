"""The work of a batch, a slice at a time, each in one transaction with its cursor: killed anywhere, it goes on there.

Planning reads in a session that locks nothing and writes its rows in a moment; a commit holds the lock for one slice.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching.access import SYSTEM, Actor, actor_of
from matching.content import OrganisationRef
from matching.drafts import known_codes
from matching.errors import NotReady
from matching.imports import batches, layout
from matching.imports.outcome import Outcome, Wish
from matching.imports.owners import Scope
from matching.imports.payload import from_json, reason, without_contacts
from matching.imports.plan import Planner, Policy
from matching.imports.posting import Poster
from matching.imports.staging import read_rows, staged_path
from matching.imports.views import KEPT_DAYS
from matching.imports.vocabulary import read_vocabulary
from matching.model import (
    AuditEntry,
    ImportBatch,
    ImportContact,
    ImportRow,
    ListingKind,
    Organisation,
    Person,
)
from matching.store.database import Database
from matching.store.unit import UnitOfWork, insert_all

READ_SLICE: Final = 500
COMMIT_SLICE: Final = 200
UPDATE_COST: Final = 2
"""New rows that take as long as one update: a slice holds the database's lock for moments either way."""
_WANTED: Final = ("new", "update")

Also = Callable[[UnitOfWork, bool], None]
"""What else belongs into the slice's transaction; it hears whether there is more to do."""


def nothing(_unit: UnitOfWork, _more: bool) -> None:
    """Nothing else."""


def locked_batch(session: Session, public_id: str) -> ImportBatch | None:
    """The batch, held until the transaction ends where the database locks rows."""
    return session.exec(select(ImportBatch).where(ImportBatch.public_id == public_id).with_for_update()).first()


def actor_for(session: Session, person_id: int | None) -> Actor:
    """The person with today's rights; nobody is the machine's own command line. Raises `NotReady` for one who has gone."""
    if person_id is None:
        return SYSTEM
    person = session.get(Person, person_id)
    if person is None or not person.active:
        raise NotReady("import_person_gone")
    return actor_of(session, person)


def _scope(session: Session, batch: ImportBatch) -> Scope:
    row = session.get(Organisation, batch.organisation_id) if batch.organisation_id is not None else None
    own = (
        OrganisationRef(row.id or 0, row.public_id, row.name, row.name_en, row.kind, row.city, row.zone_id, row.demo)
        if row is not None
        else None
    )
    return Scope(ListingKind(batch.kind), batch.zone_id, own)


def read_slice(database: Database, uploads: Path, public_id: str, *, size: int = READ_SLICE, also: Also = nothing) -> bool:
    """Plan the next rows of a batch. True while there are more; False when it is planned, failed, or not to be read."""
    with database.read() as session:
        batch = session.exec(select(ImportBatch).where(ImportBatch.public_id == public_id)).first()
        start = batch.read_rows if batch is not None else 0
        rows: list[dict[str, object]] = []
        problem: str | None = None
        if batch is not None and batch.state == "reading":
            try:
                rows = _planned(_planner(database, session, batch), batch, uploads, size)
            except NotReady as refused:
                problem = refused.code
    with database.write() as unit:
        more = _keep(unit, public_id, start, rows, problem)
        also(unit, more)
        unit.commit()
    return more


def _planner(database: Database, session: Session, batch: ImportBatch) -> Planner:
    actor = actor_for(session, batch.created_by_id)
    policy = Policy(batch.existing, batch.similar)
    return Planner(session, actor, _scope(session, batch), read_vocabulary(session), database.clock.today(), policy)


def _planned(planner: Planner, batch: ImportBatch, uploads: Path, size: int) -> list[dict[str, object]]:
    staged = read_rows(staged_path(uploads, batch.file_digest, ListingKind(batch.kind), batch.sheet), batch.read_rows, size)
    if not staged and batch.read_rows < batch.total_rows:
        raise NotReady("import_file_gone")
    return planner.plan(batch.id or 0, staged, [each for each in layout.from_json(batch.columns) if each.is_read])


def _keep(unit: UnitOfWork, public_id: str, start: int, rows: list[dict[str, object]], problem: str | None) -> bool:
    """Write the slice unless somebody else did: the cursor tells."""
    batch = locked_batch(unit.session, public_id)
    if batch is None or batch.state != "reading":
        return False
    if problem is not None:
        fail(unit, batch, problem)
        return False
    if batch.read_rows != start:
        return True
    insert_all(unit.session, ImportRow, rows)
    counts = dict(batch.counts)
    for row in rows:
        counts[str(row["verdict"])] = counts.get(str(row["verdict"]), 0) + 1
        counts["flagged"] = counts.get("flagged", 0) + bool(row["flagged"])
    batch.counts = counts
    batch.read_rows += len(rows)
    if batch.read_rows >= batch.total_rows:
        batch.state = "planned"
        batch.read_at = unit.now()
    unit.session.add(batch)
    return batch.state == "reading"


def fail(unit: UnitOfWork, batch: ImportBatch, code: str) -> None:
    """Nothing more will be done; what was written stays, and the counts say what it was."""
    batch.problem = {"code": code, "params": {}}
    unit.audit(SYSTEM.public_id, "import.fail", "import", batch.public_id, code=code)
    batches.close(unit, batch, "failed")


def give_up(database: Database, public_id: str, *, also: Also = nothing) -> None:
    """For a batch whose slice fails again and again for a reason that no rule foresaw."""
    with database.write() as unit:
        batch = locked_batch(unit.session, public_id)
        if batch is not None and batch.state in ("reading", "committing", "undoing"):
            fail(unit, batch, "import_undo_failed" if batch.state == "undoing" else "import_failed")
        also(unit, False)
        unit.commit()


def taken_up(unit: UnitOfWork, public_id: str, state: str, person_id: int | None) -> tuple[ImportBatch | None, Actor | None]:
    """The batch, locked, and in whose name it is worked; without either where it is in another state by now, or the person
    may not any more, by which the batch fails."""
    batch = locked_batch(unit.session, public_id)
    if batch is None or batch.state != state:
        return None, None
    try:
        return batch, actor_for(unit.session, person_id)
    except NotReady as refused:
        fail(unit, batch, refused.code)
        return batch, None


def commit_slice(
    database: Database, public_id: str, person_id: int | None, *, size: int = COMMIT_SLICE, also: Also = nothing
) -> bool:
    """Write the next rows in the name of the person (None: the machine's own operator). True while there are more."""
    with database.write() as unit:
        more = _commit(unit, public_id, person_id, size)
        also(unit, more)
        unit.commit()
    return more


def _commit(unit: UnitOfWork, public_id: str, person_id: int | None, size: int) -> bool:
    session = unit.session
    batch, actor = taken_up(unit, public_id, "committing", person_id)
    if batch is None or actor is None:
        return False
    waiting = session.exec(
        select(ImportRow)
        .where(ImportRow.batch_id == batch.id, col(ImportRow.verdict).in_(_WANTED), ~col(ImportRow.done))
        .order_by(col(ImportRow.number))
        .limit(size)
    ).all()
    rows = _affordable(waiting, size)
    poster = Poster(unit, actor, ListingKind(batch.kind), known_codes(session), publish=batch.organisation_id is None)
    outcome = poster.post([Wish(row.id or 0, from_json(row.payload), row.listing_id, row.base_version) for row in rows])
    _settle(session, batch, rows, outcome)
    if len(rows) == len(waiting) < size:
        batch.state = "done"
        batch.finished_at = unit.now()
        unit.audit(actor.public_id, "import.done", "import", batch.public_id, **batch.counts)
    return batch.state == "committing"


def _affordable(rows: Sequence[ImportRow], size: int) -> Sequence[ImportRow]:
    """The first rows that together cost no more than `size` new ones, at least one."""
    left = size
    for count, row in enumerate(rows):
        left -= UPDATE_COST if row.verdict == "update" else 1
        if left < 0 and count:
            return rows[:count]
    return rows


def _settle(session: Session, batch: ImportBatch, rows: Sequence[ImportRow], outcome: Outcome) -> None:
    """What became of the rows, and the batch's counts with them. Contact data has gone where it belongs."""
    session.flush()
    mark = session.exec(select(sa.func.max(col(AuditEntry.id)))).one()
    counts = dict(batch.counts)
    values: list[dict[str, object]] = []
    for row in rows:
        refused = outcome.refused.get(row.id or 0)
        value: dict[str, object] = {"id": row.id, "done": True, "payload": without_contacts(row.payload), "mark": mark}
        value |= {
            "revision": outcome.revisions.get(row.id or 0),
            "before": dict(outcome.before.get(row.id or 0, {})),
            "made_id": outcome.made.get(row.id or 0),
        }
        if refused is None:
            value |= {"listing_id": outcome.written[row.id or 0], "verdict": row.verdict, "reasons": row.reasons}
            batch.written_rows += 1
        else:
            counts[row.verdict] -= 1
            counts["error"] += 1
            counts["refused"] = counts.get("refused", 0) + 1
            reasons = [reason(each) for each in refused] + row.reasons
            value |= {"listing_id": row.listing_id, "verdict": "error", "reasons": reasons, "payload": {}}
        values.append(value)
    if values:
        session.execute(sa.update(ImportRow), values)
    batch.counts = counts
    batch.done_rows += len(values)
    session.add(batch)


def forget_old(database: Database, uploads: Path) -> int:
    """Contact data is kept no longer than it is needed: fail the sheets and plans that nobody answered or committed in time,
    close the time for undoing, and remove the staged files that no young batch needs. Returns the files removed."""
    with database.write() as unit:
        limit = unit.now() - timedelta(days=KEPT_DAYS)
        waiting = col(ImportBatch.state).in_(("asking", "reading", "planned"))
        for batch in unit.session.exec(select(ImportBatch).where(waiting, ImportBatch.created_at < limit)).all():
            fail(unit, batch, "import_lapsed")
        for batch in unit.session.exec(select(ImportBatch).where(col(ImportBatch.undo_until) < unit.now())).all():
            _forget_undo(unit.session, batch)
        young = unit.session.exec(select(ImportBatch).where(ImportBatch.created_at >= limit)).all()
        kept = {path for each in young if _needs_file(each) for path in staged_paths(uploads, each)}
        settled = (unit.now() - timedelta(days=1)).timestamp()  # a file of today may be staged for a batch not yet begun
        unit.commit()
    removed = 0
    for path in uploads.glob("*.rows"):
        if path not in kept and path.stat().st_mtime < settled:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _forget_undo(session: Session, batch: ImportBatch) -> None:
    """What the undo would need goes, unless it is under way."""
    if batch.state == "undoing":
        return
    batch.undo_until = None
    session.add(batch)
    rows = select(ImportRow.id).where(ImportRow.batch_id == batch.id)
    session.execute(sa.delete(ImportContact).where(col(ImportContact.row_id).in_(rows)))
    session.execute(sa.update(ImportRow).where(col(ImportRow.batch_id) == batch.id).values(before={}))


def _needs_file(batch: ImportBatch) -> bool:
    """As long as it may be read, planned anew, or give back its error rows."""
    return batch.state not in ("done", "replaced") or batch.counts.get("error", 0) > 0


def staged_paths(uploads: Path, batch: ImportBatch) -> list[Path]:
    """The files of the batch: of all sheets while it is open which is meant."""
    sheets = range(len(batch.sheets)) if batch.state == "asking" else (batch.sheet,)
    return [staged_path(uploads, batch.file_digest, ListingKind(batch.kind), each) for each in sheets]
