"""Import batches as people see them: where they stand, and row by row what was planned and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching import access
from matching.access import Actor
from matching.errors import FieldError, InvalidInput, MayNot, NotFound, SignInNeeded
from matching.imports.headings import IGNORED
from matching.model import ImportBatch, ImportRow, Job, Listing, ListingKind, Organisation, Person, Zone
from matching.typed_text import shown

Verdict = Literal["new", "update", "skip", "error"]
VERDICTS: Final[tuple[Verdict, ...]] = ("new", "update", "skip", "error")
Choice = Literal["new", "update", "skip", "error", "flagged", "kept"]
"""Which rows one may ask for: those of a verdict, those like something else, those that an undo left in place."""
CHOICES: Final[tuple[Choice, ...]] = (*VERDICTS, "flagged", "kept")
KEPT_DAYS: Final = 30
"""Staged files, plans that nobody commits, and what an undo needs are kept this long: they hold contact data."""
CANCELLABLE: Final = ("asking", "reading", "planned", "committing")
UNDOABLE: Final = ("done", "cancelled", "failed")
REPLANNABLE: Final = ("planned", "failed", "cancelled", "undone")
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Reason:
    """`level` is `error`, `skip` or `note`; wording by `code` and `params`, as for `FieldError`."""

    level: str
    field: str
    code: str
    params: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of the plan. `number` is the row in the person's sheet; `listing` (public id) what it became or means;
    `flagged`: something like it is there; `outcome` what an undo made of it: removed, restored, kept."""

    number: int
    verdict: str
    reasons: tuple[Reason, ...]
    title: str
    owner: str
    done: bool
    listing: str | None
    flagged: bool
    outcome: str


@dataclass(frozen=True, slots=True)
class RowPage:
    """`total` counts all rows of the asked choice."""

    rows: tuple[RowView, ...]
    total: int


@dataclass(frozen=True, slots=True)
class BatchView:
    """True counts as of now. `done` of `total` rows are through the step that is under way since `started_at` (reading,
    committing, undoing); both 0 where none is. `wanted_rows` are those that the commit writes (new and update), `done_rows` of
    them settled, `written_rows` of those written; `undone_rows` settled by the undo, `kept_rows` of them left in place.
    `flagged_rows` are much like something that is there; `indexing` listings written wait to be found. `columns` maps headings
    to targets, in the sheet's order. `sheet` is the chosen sheet's name. `is_mine`: the actor uploaded it, and may have its
    error sheet. `started_at` is that of the last step, when none is under way; `is_half_undone`: it was an undo that failed."""

    public_id: str
    kind: ListingKind
    file_name: str
    sheet: str
    state: str
    zone: str | None
    organisation: str | None
    by: str
    created_at: datetime
    started_at: datetime
    finished_at: datetime | None
    undo_until: datetime | None
    done: int
    total: int
    total_rows: int
    read_rows: int
    wanted_rows: int
    done_rows: int
    written_rows: int
    undone_rows: int
    indexing: int
    counts: Mapping[str, int]
    flagged_rows: int
    kept_rows: int
    columns: Mapping[str, str]
    ignored: tuple[str, ...]
    unknown: tuple[str, ...]
    pictures: int
    existing: str
    similar: str
    replaced_by: str
    problem: Reason | None
    may_answer: bool
    may_commit: bool
    may_cancel: bool
    may_undo: bool
    may_retry: bool
    is_half_undone: bool
    is_mine: bool
    demo: bool


def found_batch(session: Session, actor: Actor, public_id: str, action: str, *, lock: bool = False) -> ImportBatch:
    """The batch, if the actor may do `action` with it; who may not even read it hears that there is none."""
    if actor.is_visitor:
        raise SignInNeeded()
    query = select(ImportBatch).where(ImportBatch.public_id == public_id)
    batch = session.exec(query.with_for_update() if lock else query).first()
    if batch is None or not _may(actor, "import.read", batch) or (actor.demo and not batch.demo):
        raise NotFound(kind="import")
    if not _may(actor, action, batch):
        raise MayNot(action=action)
    return batch


def is_undoable(batch: ImportBatch) -> bool:
    """Whether it has written what can still be taken back."""
    return batch.state in UNDOABLE and batch.written_rows > 0 and batch.undo_until is not None


def _is_half_undone(batch: ImportBatch) -> bool:
    return batch.state == "failed" and batch.undo_at is not None


def _may(actor: Actor, action: str, batch: ImportBatch) -> bool:
    zones = [batch.zone_id] if batch.zone_id is not None else []
    return access.is_allowed(actor, action, organisation_id=batch.organisation_id, zones=zones)


def progress(session: Session, actor: Actor, public_id: str) -> BatchView:
    """Raises `NotFound`, `SignInNeeded`."""
    return _views(session, actor, [found_batch(session, actor, public_id, "import.read")])[0]


def recent(session: Session, actor: Actor, *, limit: int = 20, after: str = "") -> tuple[BatchView, ...]:
    """The newest batches that the actor may read, or those behind `after` (public id): of his zones and organisations; all
    for administrators."""
    if actor.is_visitor:
        raise SignInNeeded()
    query = select(ImportBatch).order_by(col(ImportBatch.id).desc()).limit(min(limit, _MOST))
    if not (actor.is_administrator or actor.is_system):
        zone, own = col(ImportBatch.zone_id).in_(actor.staff_zones), col(ImportBatch.organisation_id).in_(actor.organisations)
        query = query.where(zone | own)
    if actor.demo:
        query = query.where(col(ImportBatch.demo))
    if after:
        shown_last = select(ImportBatch.id).where(ImportBatch.public_id == after).scalar_subquery()
        query = query.where(col(ImportBatch.id) < shown_last)
    return _views(session, actor, session.exec(query).all())


def rows(
    session: Session,
    actor: Actor,
    public_id: str,
    choice: Choice | None = None,
    offset: int = 0,
    limit: int = 50,
    after: int = 0,
) -> RowPage:
    """Rows of the plan in the sheet's order behind row `after`, all or of one choice.

    Raises `NotFound`, `SignInNeeded`, `InvalidInput`."""
    batch = found_batch(session, actor, public_id, "import.read")
    if choice is not None and choice not in CHOICES:
        raise InvalidInput(FieldError("verdict", "unknown_code", {"value": shown(choice)}))
    scope = col(ImportRow.batch_id) == batch.id
    if choice == "flagged":
        scope &= col(ImportRow.flagged)
    elif choice == "kept":
        scope &= col(ImportRow.outcome) == "kept"
    elif choice is not None:
        scope &= col(ImportRow.verdict) == choice
    total = session.exec(select(sa.func.count()).select_from(ImportRow).where(scope)).one()
    found = session.exec(
        select(ImportRow, Listing.public_id)
        .join(Listing, col(Listing.id) == col(ImportRow.listing_id), isouter=True)
        .where(scope, col(ImportRow.number) > after)
        .order_by(col(ImportRow.number))
        .offset(max(offset, 0))
        .limit(max(0, min(limit, _MOST)))
    ).all()
    return RowPage(tuple(_row(row, listing) for row, listing in found), total)


def _row(row: ImportRow, listing: str | None) -> RowView:
    reasons = tuple(reason_of(each) for each in row.reasons)
    return RowView(row.number, row.verdict, reasons, row.title, row.owner, row.done, listing, row.flagged, row.outcome)


def reason_of(stored: Mapping[str, Any]) -> Reason:
    """A reason as rows and batches store it."""
    return Reason(stored.get("level", "error"), stored.get("field", ""), stored["code"], stored.get("params", {}))


def _views(session: Session, actor: Actor, batches: Sequence[ImportBatch]) -> tuple[BatchView, ...]:
    zones = {row.id: row.code for row in session.exec(select(Zone)).all()}
    people = {each.created_by_id for each in batches} - {None}
    names = {row.id: row.name for row in session.exec(select(Person).where(col(Person.id).in_(people))).all()}
    owners = {each.organisation_id for each in batches} - {None}
    organisations = {row.id: row.name for row in session.exec(select(Organisation).where(col(Organisation.id).in_(owners))).all()}
    return tuple(_view(session, actor, each, zones, people_names=names, owner_names=organisations) for each in batches)


def _view(
    session: Session,
    actor: Actor,
    batch: ImportBatch,
    zones: Mapping[int | None, str],
    *,
    people_names: Mapping[int | None, str],
    owner_names: Mapping[int | None, str],
) -> BatchView:
    counts = batch.counts
    wanted = counts.get("new", 0) + counts.get("update", 0) + counts.get("refused", 0)
    done, total = {
        "reading": (batch.read_rows, batch.total_rows),
        "committing": (batch.done_rows, wanted),
        "undoing": (batch.undone_rows, batch.written_rows),
    }.get(batch.state, (0, 0))
    may = _may(actor, "import.create", batch) and (batch.demo or not actor.demo)
    sheet = batch.sheets[batch.sheet]["name"] if batch.sheet < len(batch.sheets) else ""
    return BatchView(
        public_id=batch.public_id,
        kind=ListingKind(batch.kind),
        file_name=batch.file_name,
        sheet=str(sheet),
        state=batch.state,
        zone=zones.get(batch.zone_id),
        organisation=owner_names.get(batch.organisation_id),
        by=people_names.get(batch.created_by_id, ""),
        created_at=batch.created_at,
        started_at=batch.undo_at or batch.committed_at or batch.created_at,
        finished_at=batch.finished_at,
        undo_until=batch.undo_until,
        done=done,
        total=total,
        total_rows=batch.total_rows,
        read_rows=batch.read_rows,
        wanted_rows=wanted,
        done_rows=batch.done_rows,
        written_rows=batch.written_rows,
        undone_rows=batch.undone_rows,
        indexing=_indexing(session, batch),
        counts={name: counts.get(name, 0) for name in VERDICTS},
        flagged_rows=counts.get("flagged", 0),
        kept_rows=counts.get("kept", 0),
        columns={str(each["heading"]): str(each["target"]) for each in batch.columns if each["target"] not in ("", IGNORED)},
        ignored=tuple(str(each["heading"]) for each in batch.columns if each["target"] == IGNORED),
        unknown=tuple(str(each["heading"]) for each in batch.columns if not each["target"]),
        pictures=batch.pictures,
        existing=batch.existing,
        similar=batch.similar,
        replaced_by=batch.replaced_by,
        problem=reason_of(batch.problem) if batch.problem else None,
        may_answer=batch.state == "asking" and may and batch.created_by_id == actor.person_id,
        may_commit=batch.state == "planned" and may,
        may_cancel=batch.state in CANCELLABLE and may,
        may_undo=may and is_undoable(batch),
        may_retry=batch.state in REPLANNABLE and may and not batch.replaced_by and not _is_half_undone(batch),
        is_half_undone=_is_half_undone(batch),
        is_mine=batch.created_by_id == actor.person_id,
        demo=batch.demo,
    )


def _indexing(session: Session, batch: ImportBatch) -> int:
    """How many of the batch's listings still wait for the index."""
    if batch.state not in ("committing", "done"):
        return 0
    return session.exec(
        select(sa.func.count())
        .select_from(ImportRow)
        .join(Listing, col(Listing.id) == col(ImportRow.listing_id))
        .join(Job, col(Job.key) == col(Listing.public_id))
        .where(ImportRow.batch_id == batch.id, col(ImportRow.done), col(Job.kind).in_(("embed", "index")))
    ).one()
