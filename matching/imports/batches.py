"""Import batches as people meet them: begun, looked at, committed. The work itself is done by `slices`, in the bulk lane."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching import access
from matching.access import Actor
from matching.errors import FieldError, IllegalMove, InvalidInput, MayNot, NotFound, SignInNeeded
from matching.imports.staging import StagedSheet
from matching.model import ImportBatch, ImportRow, Job, Listing, ListingKind, Organisation, Person, Zone
from matching.store.unit import UnitOfWork
from matching.typed_text import shown

Verdict = Literal["new", "update", "skip", "error"]
VERDICTS: Final[tuple[Verdict, ...]] = ("new", "update", "skip", "error")
UNKNOWN: Final = ""
IGNORED: Final = "ignored"
"""What `ImportBatch.columns` says of a heading that is nobody's, and of one that is known and not kept."""
AHEAD: Final = -3600.0
"""Seconds: a batch's own jobs go before the index jobs that wait in the lane. Those take minutes, a slice takes moments,
somebody watches it, and a zone is matched once for all that was written rather than after each slice."""
_AT_ONCE: Final = 5
"""Batches of one person that may wait or run at the same time."""
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
    """One row of the plan. `number` is the row in the person's sheet; `listing` (public id) what it became or means."""

    number: int
    verdict: str
    reasons: tuple[Reason, ...]
    title: str
    owner: str
    done: bool
    listing: str | None


@dataclass(frozen=True, slots=True)
class RowPage:
    """`total` counts all rows of the asked verdict."""

    rows: tuple[RowView, ...]
    total: int


@dataclass(frozen=True, slots=True)
class BatchView:
    """True counts as of now. `wanted_rows` are those that the commit writes (new and update), `done_rows` of them settled;
    `indexing` listings written wait to be found. `columns` maps headings to targets, in the sheet's order. `is_mine`: the
    actor uploaded it, and may have its error sheet."""

    public_id: str
    kind: ListingKind
    file_name: str
    state: str
    zone: str | None
    organisation: str | None
    by: str
    created_at: datetime
    finished_at: datetime | None
    total_rows: int
    read_rows: int
    wanted_rows: int
    done_rows: int
    indexing: int
    counts: Mapping[str, int]
    columns: Mapping[str, str]
    ignored: tuple[str, ...]
    unknown: tuple[str, ...]
    problem: Reason | None
    may_commit: bool
    is_mine: bool
    demo: bool


def begin(
    unit: UnitOfWork, actor: Actor, staged: StagedSheet, *, zone: str | None = None, organisation: str | None = None
) -> str:
    """A batch of the staged sheet, and the job that plans it. Gives its public id.

    In the name of `zone` (a code; staff, the system) or of `organisation` (public id; its own people). With neither given
    the only one the actor has is meant; administrators need none. Raises `InvalidInput`, `SignInNeeded`, `MayNot`.
    """
    if actor.is_visitor:
        raise SignInNeeded()
    session = unit.session
    zone_id, organisation_id = _scope(session, actor, zone, organisation)
    access.require(actor, "import.create", organisation_id=organisation_id, zones=[zone_id] if zone_id is not None else [])
    open_ones = session.exec(
        select(sa.func.count())
        .select_from(ImportBatch)
        .where(ImportBatch.created_by_id == actor.person_id, col(ImportBatch.state).in_(("reading", "committing")))
    ).one()
    if open_ones >= _AT_ONCE and not actor.is_system:
        raise InvalidInput(FieldError("file", "too_many_imports", {"limit": _AT_ONCE}))
    batch = ImportBatch(
        kind=staged.kind.value,
        file_name=shown(staged.file_name, 200) or staged.kind.value,
        file_digest=staged.digest,
        state="reading",
        zone_id=zone_id,
        organisation_id=organisation_id,
        created_by_id=actor.person_id,
        created_at=unit.now(),
        total_rows=staged.total_rows,
        counts=dict.fromkeys(VERDICTS, 0),
        columns=staged.columns | dict.fromkeys(staged.ignored, IGNORED) | dict.fromkeys(staged.unknown, UNKNOWN),
        demo=actor.demo,
    )
    session.add(batch)
    session.flush()
    unit.audit(
        actor.public_id, "import.begin", "import", batch.public_id, kind=batch.kind, digest=staged.digest, rows=staged.total_rows
    )
    unit.enqueue("import_read", batch.public_id, lane="bulk", delay=AHEAD)
    return batch.public_id


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
    unit.session.add(batch)
    unit.audit(actor.public_id, "import.commit", "import", batch.public_id, **batch.counts)
    unit.enqueue("import_commit", batch.public_id, lane="bulk", delay=AHEAD, payload={"person": actor.person_id})


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


def _may(actor: Actor, action: str, batch: ImportBatch) -> bool:
    zones = [batch.zone_id] if batch.zone_id is not None else []
    return access.is_allowed(actor, action, organisation_id=batch.organisation_id, zones=zones)


def progress(session: Session, actor: Actor, public_id: str) -> BatchView:
    """Raises `NotFound`, `SignInNeeded`."""
    return _views(session, actor, [found_batch(session, actor, public_id, "import.read")])[0]


def recent(session: Session, actor: Actor, *, limit: int = 20) -> tuple[BatchView, ...]:
    """The newest batches that the actor may read: of his zones and organisations; all for administrators."""
    if actor.is_visitor:
        raise SignInNeeded()
    query = select(ImportBatch).order_by(col(ImportBatch.id).desc()).limit(min(limit, _MOST))
    if not (actor.is_administrator or actor.is_system):
        zone, own = col(ImportBatch.zone_id).in_(actor.staff_zones), col(ImportBatch.organisation_id).in_(actor.organisations)
        query = query.where(zone | own)
    if actor.demo:
        query = query.where(col(ImportBatch.demo))
    return _views(session, actor, session.exec(query).all())


def rows(
    session: Session, actor: Actor, public_id: str, verdict: Verdict | None = None, offset: int = 0, limit: int = 50
) -> RowPage:
    """Rows of the plan in the sheet's order, all or of one verdict. Raises `NotFound`, `SignInNeeded`, `InvalidInput`."""
    batch = found_batch(session, actor, public_id, "import.read")
    if verdict is not None and verdict not in VERDICTS:
        raise InvalidInput(FieldError("verdict", "unknown_code", {"value": shown(verdict)}))
    scope = (
        ImportRow.batch_id == batch.id if verdict is None else (ImportRow.batch_id == batch.id) & (ImportRow.verdict == verdict)
    )
    total = session.exec(select(sa.func.count()).select_from(ImportRow).where(scope)).one()
    found = session.exec(
        select(ImportRow, Listing.public_id)
        .join(Listing, col(Listing.id) == col(ImportRow.listing_id), isouter=True)
        .where(scope)
        .order_by(col(ImportRow.number))
        .offset(max(offset, 0))
        .limit(max(0, min(limit, _MOST)))
    ).all()
    return RowPage(tuple(_row(row, listing) for row, listing in found), total)


def _row(row: ImportRow, listing: str | None) -> RowView:
    reasons = tuple(reason_of(each) for each in row.reasons)
    return RowView(row.number, row.verdict, reasons, row.title, row.owner, row.done, listing)


def reason_of(stored: Mapping[str, Any]) -> Reason:
    """A reason as rows and batches store it."""
    return Reason(stored.get("level", "error"), stored.get("field", ""), stored["code"], stored.get("params", {}))


def _views(session: Session, actor: Actor, batches: Sequence[ImportBatch]) -> tuple[BatchView, ...]:
    zones = {row.id: row.code for row in session.exec(select(Zone)).all()}
    people = {each.created_by_id for each in batches} - {None}
    names = {row.id: row.name for row in session.exec(select(Person).where(col(Person.id).in_(people))).all()}
    owners = {each.organisation_id for each in batches} - {None}
    organisations = {row.id: row.name for row in session.exec(select(Organisation).where(col(Organisation.id).in_(owners))).all()}
    return tuple(
        BatchView(
            public_id=each.public_id,
            kind=ListingKind(each.kind),
            file_name=each.file_name,
            state=each.state,
            zone=zones.get(each.zone_id),
            organisation=organisations.get(each.organisation_id),
            by=names.get(each.created_by_id, ""),
            created_at=each.created_at,
            finished_at=each.finished_at,
            total_rows=each.total_rows,
            read_rows=each.read_rows,
            wanted_rows=each.counts.get("new", 0) + each.counts.get("update", 0) + each.counts.get("refused", 0),
            done_rows=each.done_rows,
            indexing=_indexing(session, each),
            counts={verdict: each.counts.get(verdict, 0) for verdict in VERDICTS},
            columns={heading: target for heading, target in each.columns.items() if target not in (IGNORED, UNKNOWN)},
            ignored=tuple(heading for heading, target in each.columns.items() if target == IGNORED),
            unknown=tuple(heading for heading, target in each.columns.items() if target == UNKNOWN),
            problem=reason_of(each.problem) if each.problem else None,
            may_commit=each.state == "planned" and _may(actor, "import.create", each),
            is_mine=each.created_by_id == actor.person_id,
            demo=each.demo,
        )
        for each in batches
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
        .where(ImportRow.batch_id == batch.id, col(ImportRow.done), Job.kind == "index")
    ).one()
