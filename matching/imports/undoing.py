"""Taking back what a batch wrote, a slice at a time, each in one transaction with its cursor (`ImportRow.outcome`).

A listing that the batch made goes; one that it changed gets its old words back, as a new revision, and its old state. What
people have touched since stays as it is and says why.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select

from matching import access
from matching.access import Actor
from matching.errors import FieldError
from matching.events import ListingsChanged
from matching.imports.payload import reason
from matching.imports.slices import Also, nothing, taken_up
from matching.imports.updating import put_contacts, revision_ids
from matching.model import (
    AuditEntry,
    Base,
    Contact,
    ImportBatch,
    ImportContact,
    ImportRow,
    Job,
    Listing,
    ListingIndustry,
    ListingState,
    Match,
    Organisation,
    Revision,
    TagState,
    Verdict,
    Zone,
)
from matching.store.database import Database
from matching.store.unit import UnitOfWork, insert_all

UNDO_SLICE: Final = 200
SETTLE_DELAY: Final = 2.0
"""Seconds that the zones' matching waits for the next slice."""
_WRITTEN: Final = ("new", "update")
_DAYS: Final = ("valid_until",)
_INSTANTS: Final = ("published_at", "submitted_at")


def undo_slice(
    database: Database, public_id: str, person_id: int | None, *, size: int = UNDO_SLICE, also: Also = nothing
) -> bool:
    """Take back the next rows, the last first, in the name of the person (None: the machine's own operator). True while there
    are more."""
    with database.write() as unit:
        more = _undo(unit, public_id, person_id, size)
        also(unit, more)
        unit.commit()
    return more


def _undo(unit: UnitOfWork, public_id: str, person_id: int | None, size: int) -> bool:
    session = unit.session
    batch, actor = taken_up(unit, public_id, "undoing", person_id)
    if batch is None or actor is None:
        return False
    rows = session.exec(
        select(ImportRow)
        .where(ImportRow.batch_id == batch.id, col(ImportRow.done), ImportRow.outcome == "", col(ImportRow.verdict).in_(_WRITTEN))
        .order_by(col(ImportRow.number).desc())
        .limit(size)
    ).all()
    _Undoer(unit, actor, batch).undo(rows)
    if len(rows) < size:
        _remove_organisations(unit, actor, batch)
        batch.state = "undone"
        batch.finished_at = unit.now()
        batch.undo_until = None
        unit.audit(
            actor.public_id, "import.undone", "import", batch.public_id, rows=batch.undone_rows, kept=batch.counts.get("kept", 0)
        )
    session.add(batch)
    return batch.state == "undoing"


class _Undoer:
    """One slice."""

    def __init__(self, unit: UnitOfWork, actor: Actor, batch: ImportBatch) -> None:
        self._unit = unit
        self._session = unit.session
        self._actor = actor
        self._batch = batch

    def undo(self, rows: Sequence[ImportRow]) -> None:
        ids = [row.listing_id for row in rows if row.listing_id is not None]
        held = {
            each.id: each for each in self._session.exec(select(Listing).where(col(Listing.id).in_(ids)).with_for_update()).all()
        }
        here = [(row, held[row.listing_id]) for row in rows if row.listing_id in held]
        kept = self._touched(here)
        free = [(row, listing) for row, listing in here if row.id not in kept]
        kept |= self._remove([(row, listing) for row, listing in free if row.verdict == "new"])
        self._restore([(row, listing) for row, listing in free if row.verdict == "update"])
        self._settle(rows, kept)

    def _touched(self, here: Sequence[tuple[ImportRow, Listing]]) -> dict[int | None, str]:
        """Row id → why it stays. One SELECT a question; what comes in later work (interest) is one more."""
        ids = [listing.id for _, listing in here]
        names = [listing.public_id for _, listing in here]
        first = min((row.mark or 0 for row, _ in here), default=0)
        edits: dict[str, int] = {}
        for subject, newest in self._session.execute(
            sa.select(col(AuditEntry.subject_id), sa.func.max(col(AuditEntry.id)))
            .where(
                col(AuditEntry.subject_kind) == "listing",
                col(AuditEntry.subject_id).in_(names),
                col(AuditEntry.id) > first,
                col(AuditEntry.actor) != access.SYSTEM.public_id,
            )
            .group_by(col(AuditEntry.subject_id))
        ):
            edits[subject] = newest
        judged: dict[int, int] = {}
        for listing_id, revision in (
            (col(Verdict.need_id), col(Verdict.need_revision)),
            (col(Verdict.result_id), col(Verdict.result_revision)),
        ):
            for id_, newest in self._session.execute(
                sa.select(listing_id, sa.func.max(revision)).where(listing_id.in_(ids)).group_by(listing_id)
            ):
                judged[id_] = newest
        owners = self._owner_zones({listing.organisation_id for _, listing in here})
        found: dict[int | None, str] = {}
        for row, listing in here:
            is_edited = listing.revision != row.revision or edits.get(listing.public_id, 0) > (row.mark or 0)
            if is_edited:
                found[row.id] = "kept_edited"
            elif judged.get(listing.id or 0, 0) >= (row.revision or 1):
                found[row.id] = "kept_judged"
            elif not self._may_write(listing, owners[listing.organisation_id]):
                found[row.id] = "kept_not_yours"
        return found

    def _owner_zones(self, ids: Collection[int]) -> dict[int, int | None]:
        rows = self._session.execute(
            sa.select(col(Organisation.id), col(Organisation.zone_id)).where(col(Organisation.id).in_(ids))
        )
        return {row[0]: row[1] for row in rows}

    def _may_write(self, listing: Listing, owner_zone: int | None) -> bool:
        """Whoever imports in nobody's name, or for himself, may write anyway; in a zone's name what is in its charge, or came
        there by this batch."""
        zones = {each for each in (owner_zone, listing.addressed_zone_id) if each is not None}
        if not zones and self._batch.zone_id is not None:
            zones = {self._batch.zone_id}
        return access.is_allowed(self._actor, "listing.write", organisation_id=listing.organisation_id, zones=zones)

    def _remove(self, pairs: Sequence[tuple[ImportRow, Listing]]) -> dict[int | None, str]:
        """Delete what the batch made, and ask for its documents and matches to go. Gives those that something else holds."""
        if not pairs:
            return {}
        unit, session = self._unit, self._session
        zones = self._matched_zones([listing.id or 0 for _, listing in pairs])
        held: dict[int | None, str] = {}
        if not _deleted(session, Listing, [listing.id or 0 for _, listing in pairs]):
            held = {row.id: "kept_in_use" for row, listing in pairs if not _deleted(session, Listing, [listing.id or 0])}
        gone = [listing.public_id for row, listing in pairs if row.id not in held]
        session.execute(
            sa.delete(Job)
            .where(col(Job.key).in_(gone), col(Job.leased_until).is_(None))
            .execution_options(synchronize_session=False)
        )
        unit.enqueue_all("forget", gone, lane="interactive")
        unit.enqueue_all("match_zone", zones, lane="bulk", delay=SETTLE_DELAY)
        details = {"import": self._batch.public_id}
        unit.audit_all(self._actor.public_id, "listing.remove", "listing", dict.fromkeys(gone, details))
        return held

    def _matched_zones(self, ids: Sequence[int]) -> list[str]:
        pairs = sa.or_(col(Match.need_id).in_(ids), col(Match.result_id).in_(ids))
        found = self._session.exec(
            select(Zone.code).where(col(Zone.id).in_(select(Match.zone_id).where(pairs))).order_by(col(Zone.position))
        )
        return list(found.all())

    def _restore(self, pairs: Sequence[tuple[ImportRow, Listing]]) -> None:
        """The old words as a new revision, the old state, industries and contacts."""
        if not pairs:
            return
        unit, session = self._unit, self._session
        before: dict[int, dict[str, Any]] = {listing.id or 0: dict(row.before) for row, listing in pairs}
        copy_revisions(
            session, {listing.id or 0: (int(before[listing.id or 0]["revision"]), listing.revision + 1) for _, listing in pairs},
            created_by_id=self._actor.person_id, created_at=unit.now(),
        )  # fmt: skip
        session.execute(sa.update(Listing), [_listing_before(each, before[each.id or 0], unit.now()) for _, each in pairs])
        self._restore_tags({id_: held["tags"] for id_, held in before.items()})
        self._restore_contacts({row.id or 0: listing.id or 0 for row, listing in pairs})
        details = {
            each.public_id: {
                "import": self._batch.public_id,
                "revision": each.revision + 1,
                "of": before[each.id or 0]["revision"],
            }
            for _, each in pairs
        }
        unit.audit_all(self._actor.public_id, "listing.restore", "listing", details)
        unit.emit(ListingsChanged(tuple(listing.id or 0 for _, listing in pairs)))

    def _restore_tags(self, before: Mapping[int, Sequence[Mapping[str, Any]]]) -> None:
        session = self._session
        wanted = {(id_, tag["industry_id"]): tag for id_, tags in before.items() for tag in tags}
        rows = session.exec(select(ListingIndustry).where(col(ListingIndustry.listing_id).in_(before))).all()
        for row in rows:
            tag = wanted.get((row.listing_id, row.industry_id))
            if tag is None:
                session.delete(row)
                continue
            row.state, row.source, row.confidence = TagState(tag["state"]), tag["source"], tag["confidence"]
            row.decided_by_id, row.decided_at = tag["decided_by_id"], _instant(tag["decided_at"])
            session.add(row)
        session.flush()

    def _restore_contacts(self, listings: Mapping[int, int]) -> None:
        session = self._session
        wanted: dict[int, dict[str, str]] = {}
        for each in session.exec(select(ImportContact).where(col(ImportContact.row_id).in_(listings))).all():
            wanted.setdefault(listings[each.row_id], {})[each.kind] = each.value
        held: dict[int, dict[str, Contact]] = {}
        for contact in session.exec(select(Contact).where(col(Contact.listing_id).in_(wanted))).all():
            held.setdefault(contact.listing_id or 0, {})[contact.kind] = contact
        put_contacts(session, wanted, held)

    def _settle(self, rows: Sequence[ImportRow], kept: Mapping[int | None, str]) -> None:
        session, batch = self._session, self._batch
        settled: list[dict[str, object]] = []
        for row in rows:
            code = kept.get(row.id)
            outcome = "kept" if code else "restored" if row.verdict == "update" else "removed"
            reasons = [reason(FieldError("title", code), "kept"), *row.reasons] if code else row.reasons
            listing_id = None if outcome == "removed" else row.listing_id
            settled.append({"id": row.id, "outcome": outcome, "reasons": reasons, "before": {}, "listing_id": listing_id})
        if settled:
            session.execute(sa.update(ImportRow), settled)
            session.execute(sa.delete(ImportContact).where(col(ImportContact.row_id).in_([row.id for row in rows])))
        batch.counts = {**batch.counts, "kept": batch.counts.get("kept", 0) + len(kept)}
        batch.undone_rows += len(rows)


def _deleted(session: Session, table: type[SQLModel], ids: Sequence[int]) -> bool:
    """Delete the rows, and by the database what hangs on them; False, and nothing done, where something else names one."""
    try:
        with session.begin_nested():
            key = table.metadata.tables[str(table.__tablename__)].c.id
            session.execute(sa.delete(table).where(key.in_(ids)).execution_options(synchronize_session=False))
    except IntegrityError:
        return False
    return True


def _listing_before(listing: Listing, before: Mapping[str, Any], now: datetime) -> dict[str, object]:
    """The row as it was, with its words in a revision of their own. What was published then is published now."""
    revision = listing.revision + 1
    was_latest = before["published_revision"] == before["revision"]
    return {
        "id": listing.id,
        "revision": revision,
        "version": listing.version + 1,
        "updated_at": now,
        "published_revision": revision if was_latest else before["published_revision"],
        "state": ListingState(before["state"]),
        "number": before["number"],
        "addressed_zone_id": before["addressed_zone_id"],
        **{name: date.fromisoformat(before[name]) if before[name] else None for name in _DAYS},
        **{name: _instant(before[name]) for name in _INSTANTS},
    }


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def copy_revisions(session: Session, numbers: Mapping[int, tuple[int, int]], **changes: object) -> None:
    """Listing id → (from, to): the one revision once more under the other number, with all that hangs on it."""
    tables = Base.metadata.tables
    revision = tables[str(Revision.__tablename__)]
    sources = revision_ids(session, {listing: old for listing, (old, _) in numbers.items()})
    rows = session.execute(sa.select(revision).where(revision.c.id.in_(sources.values()))).mappings().all()
    insert_all(
        session, Revision,
        [{**_without_id(row), **changes, "number": numbers[row["listing_id"]][1]} for row in rows],
    )  # fmt: skip
    targets = revision_ids(session, {listing: new for listing, (_, new) in numbers.items()})
    renamed = {old: targets[listing] for listing, old in sources.items()}
    for table in tables.values():
        key = next((each for each in table.columns if any(fk.column is revision.c.id for fk in each.foreign_keys)), None)
        if key is None:
            continue
        below = session.execute(sa.select(table).where(key.in_(renamed))).mappings().all()
        if below:
            copies = [{**_without_id(row), key.name: renamed[row[key.name]]} for row in below]
            session.connection().execute(sa.insert(table), copies)


def _without_id(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items() if str(name) != "id"}


def _remove_organisations(unit: UnitOfWork, actor: Actor, batch: ImportBatch) -> None:
    """Those made for the batch that nobody claimed or changed and nothing else belongs to."""
    session = unit.session
    made = session.exec(
        select(Organisation, ImportRow.mark)
        .join(ImportRow, col(ImportRow.made_id) == col(Organisation.id))
        .where(ImportRow.batch_id == batch.id, col(Organisation.shadow))
    ).all()
    for row, mark in made:
        changed = select(AuditEntry.id).where(
            AuditEntry.subject_kind == "organisation", AuditEntry.subject_id == row.public_id, col(AuditEntry.id) > (mark or 0)
        )
        if session.exec(changed.limit(1)).first() is None and _deleted(session, Organisation, [row.id or 0]):
            unit.audit(actor.public_id, "organisation.remove", "organisation", row.public_id, **{"import": batch.public_id})
