"""Writing a slice's updates all together: what `listings.save` with `reviews.publish`, or `listings.submit`, do for one.

A test holds that both ways leave the same rows. Besides, what each listing was like before is kept for the undo.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from matching import access, stages
from matching import listing_values as values
from matching.access import Actor
from matching.drafts import KnownCodes, ListingDraft, validate
from matching.errors import FieldError, InvalidInput, ZoneMatchError
from matching.events import ListingsChanged, TextsSubmitted
from matching.imports.outcome import Outcome, Wish, reasons_of
from matching.model import (
    Contact,
    ImportContact,
    Listing,
    ListingIndustry,
    ListingKind,
    ListingState,
    Organisation,
    Review,
    Revision,
    TagState,
)
from matching.store.receipts import next_numbers
from matching.store.unit import UnitOfWork, insert_all

BEFORE = ("revision", "published_revision", "state", "number", "addressed_zone_id", "valid_until", "published_at", "submitted_at")
"""What an undo puts back of a listing itself."""
TAG_BEFORE = ("industry_id", "state", "source", "confidence", "decided_by_id", "decided_at")
"""And of each of its industries."""


@dataclass(frozen=True, slots=True)
class _Change:
    """A row that passed. `revised` is the state after the edit, before it is published or submitted."""

    wish: Wish
    listing: Listing
    owner: Organisation
    draft: ListingDraft
    revised: ListingState

    @property
    def revision(self) -> int:
        return self.listing.revision + 1

    @property
    def id(self) -> int:
        return self.listing.id or 0


class Updater:
    """Writes for one actor in one unit of work. `publish` as for `Poster`."""

    def __init__(self, unit: UnitOfWork, actor: Actor, kind: ListingKind, known: KnownCodes, *, publish: bool) -> None:
        self._unit = unit
        self._actor = actor
        self._kind = kind
        self._known = known
        self._publish = publish
        self._zones: dict[tuple[int | None, int | None, frozenset[int]], frozenset[int]] = {}

    def update(self, wishes: Sequence[Wish], outcome: Outcome) -> None:
        """Fills `outcome`: written with its revision and what was before, or refused with its reasons."""
        if not wishes:
            return
        session = self._unit.session
        ids = [wish.listing_id for wish in wishes]
        listings = session.exec(select(Listing).where(col(Listing.id).in_(ids)).with_for_update()).all()
        owner_ids = {each.organisation_id for each in listings}
        owners = {each.id: each for each in session.exec(select(Organisation).where(col(Organisation.id).in_(owner_ids))).all()}
        tags: dict[int, list[ListingIndustry]] = {}
        for tag in session.exec(select(ListingIndustry).where(col(ListingIndustry.listing_id).in_(ids))).all():
            tags.setdefault(tag.listing_id, []).append(tag)
        held = {each.id: each for each in listings}
        changes: list[_Change] = []
        for wish in wishes:
            listing = held.get(wish.listing_id)
            if listing is None:
                outcome.refused[wish.row_id] = (FieldError("title", "target_gone"),)
                continue
            try:
                changes.append(self._change(wish, listing, owners[listing.organisation_id], tags.get(listing.id or 0, ())))
            except ZoneMatchError as refused:
                outcome.refused[wish.row_id] = reasons_of(refused)
        self._write(changes, tags, outcome)

    def _change(self, wish: Wish, listing: Listing, owner: Organisation, tags: Iterable[ListingIndustry]) -> _Change:
        zones = self._zones_of(owner.zone_id, listing.addressed_zone_id, tags)
        for action in ("listing.write", "listing.publish") if self._publish else ("listing.write",):
            access.require(self._actor, action, organisation_id=owner.id, zones=zones)
        access.require_mark(self._actor, "listing.write", demo=listing.demo)
        draft = wish.planned.draft
        if wish.base_version != listing.version or draft.kind != listing.kind or draft.organisation != owner.public_id:
            raise InvalidInput(FieldError("title", "changed_since_plan"))
        revised = stages.LISTING.target("revise", listing.state.value)
        stages.LISTING.target("publish" if self._publish else "submit", revised)
        known = self._known.keeping(draft)  # what is new in it was looked at when it was planned
        clean = validate(draft, known, self._unit.today(), submit=True)
        return _Change(wish, listing, owner, clean, ListingState(revised))

    def _zones_of(self, owner_zone: int | None, addressed: int | None, tags: Iterable[ListingIndustry]) -> frozenset[int]:
        """`access.zones_in_charge`, asked once for those that are alike."""
        used = frozenset() if owner_zone or addressed else frozenset(t.industry_id for t in tags if t.state != TagState.REJECTED)
        key = (owner_zone, addressed, used)
        if key not in self._zones:
            self._zones[key] = access.zones_of(self._unit.session, owner_zone, addressed, used)
        return self._zones[key]

    def _write(self, changes: list[_Change], tags: Mapping[int, list[ListingIndustry]], outcome: Outcome) -> None:
        if not changes:
            return
        unit, session = self._unit, self._unit.session
        for each in changes:
            held = [{name: values.plain(getattr(tag, name)) for name in TAG_BEFORE} for tag in tags.get(each.id, ())]
            before = {name: values.plain(getattr(each.listing, name)) for name in BEFORE}
            outcome.before[each.wish.row_id] = {**before, "tags": held}
            outcome.revisions[each.wish.row_id] = each.revision
            outcome.written[each.wish.row_id] = each.id
        now = unit.now()
        insert_all(
            session,
            Revision,
            [values.revision(self._actor, each.id, each.revision, each.draft, self._known, now) for each in changes],
        )
        revisions = revision_ids(session, {each.id: each.revision for each in changes})
        below: dict[type[SQLModel], list[values.Values]] = {}
        for each in changes:
            for table, row in values.below_revision(revisions[each.id], each.draft):
                below.setdefault(table, []).append(row)
            if self._publish:
                row = values.review(self._actor, each.id, each.revision, "published", {}, now)
                below.setdefault(Review, []).append(row)
        for table, rows in below.items():
            insert_all(session, table, rows)
        retagged = self._name_tags(changes, tags)
        self._put_contacts(changes)
        self._tell(changes, self._move(changes), retagged, tags)

    def _name_tags(self, changes: list[_Change], tags: Mapping[int, list[ListingIndustry]]) -> set[int]:
        """`listing_rows.name_tags` of all. Gives the listings whose industries changed."""
        now = self._unit.now()
        added: list[values.Values] = []
        changed: list[values.Values] = []
        retagged: set[int] = set()
        for each in changes:
            held = {tag.industry_id: tag for tag in tags.get(each.id, ())}
            named = [self._known.industries[code] for code in each.draft.industries]
            dropped = [id_ for id_, tag in held.items() if tag.state == TagState.CONFIRMED and id_ not in named]
            for wanted, state in ((named, TagState.CONFIRMED), (dropped, TagState.REJECTED)):
                decided = values.tag(self._actor, each.owner.id, state, now)
                for at, industry in enumerate(wanted):
                    row = {"listing_id": each.id, "industry_id": industry, **decided}
                    if industry not in held:
                        added.append({**row, "confidence": 1.0 - at / 100, "reason": {}})
                    elif held[industry].state != state:
                        changed.append(row)
                    else:
                        continue
                    retagged.add(each.id)
        insert_all(self._unit.session, ListingIndustry, added)
        if changed:
            self._unit.session.execute(sa.update(ListingIndustry), changed)
        return retagged

    def _put_contacts(self, changes: list[_Change]) -> None:
        """`listing_rows.put_contacts` of all; what was there is kept for the undo."""
        session = self._unit.session
        spoken = [each for each in changes if each.draft.contacts]
        ids = [each.id for each in spoken]
        held: dict[int, dict[str, Contact]] = {}
        for row in session.exec(select(Contact).where(col(Contact.listing_id).in_(ids))).all():
            held.setdefault(row.listing_id or 0, {})[row.kind] = row
        kept: list[values.Values] = []
        for each in spoken:
            rows = held.get(each.id, {})
            for kind, value in each.draft.contacts.items():
                before = rows[kind].value if kind in rows else ""
                if before != value:
                    kept.append({"row_id": each.wish.row_id, "kind": kind, "value": before})
        insert_all(session, ImportContact, kept)
        put_contacts(session, {each.id: each.draft.contacts for each in spoken}, held)

    def _move(self, changes: list[_Change]) -> dict[int, values.Values]:
        """State, revision and version of the listings: two steps of the machine in one row. Gives the new rows by id."""
        unit, now = self._unit, self._unit.now()
        unnumbered = [each.id for each in changes if self._publish and each.listing.number is None]
        numbers = dict(zip(unnumbered, next_numbers(unit, values.SERIES[self._kind], len(unnumbered)), strict=True))
        rows: list[values.Values] = []
        for each in changes:
            listing, revised = each.listing, each.revised
            is_open = revised == ListingState.PUBLISHED
            row: values.Values = {
                "id": each.id,
                "revision": each.revision,
                "version": listing.version + 2,
                "updated_at": now,
                "addressed_zone_id": self._known.zones.get(each.draft.addressed_zone or ""),
                "valid_until": each.draft.valid_until or (listing.valid_until if is_open else None),
            }
            if self._publish:
                row |= values.publication(
                    listing.number or numbers[each.id], each.revision, published_at=listing.published_at,
                    valid_until=row["valid_until"], now=now, today=unit.today(),
                )  # fmt: skip
            else:
                waited = None if revised == ListingState.DRAFT else listing.submitted_at
                row |= {
                    "state": ListingState(stages.LISTING.target("submit", revised)),
                    "submitted_at": waited or now,
                    "number": listing.number,
                    "published_revision": listing.published_revision,
                    "published_at": listing.published_at,
                }
            rows.append(row)
        unit.session.execute(sa.update(Listing), rows)
        return {row["id"]: row for row in rows}

    def _tell(
        self,
        changes: list[_Change],
        moved: Mapping[int, values.Values],
        retagged: set[int],
        tags: Mapping[int, list[ListingIndustry]],
    ) -> None:
        unit, actor = self._unit, self._actor
        saved = {each.listing.public_id: {"revision": each.revision, "state": each.revised.value} for each in changes}
        unit.audit_all(actor.public_id, "listing.save", "listing", saved)
        if self._publish:
            published = {
                each.listing.public_id: values.publish_details(
                    each.revision, moved[each.id]["number"], first=each.listing.number is None
                )
                for each in changes
            }
            unit.audit_all(actor.public_id, "listing.publish", "listing", published)
            unit.emit(ListingsChanged(tuple(each.id for each in changes)))  # its job suggests industries where there are none
            return
        submitted = {each.listing.public_id: {"revision": each.revision} for each in changes}
        unit.audit_all(actor.public_id, "listing.submit", "listing", submitted)
        # An open listing keeps its old words; its industries, its zone and its time are no words.
        is_open = [each for each in changes if moved[each.id]["state"] == ListingState.PUBLISHED]
        changed = [each.id for each in is_open if each.id in retagged or _is_moved(each, moved[each.id])]
        if changed:
            unit.emit(ListingsChanged(tuple(changed)))
        unit.emit(TextsSubmitted(tuple(each.id for each in changes if each.id not in tags and each.id not in retagged)))


def _is_moved(change: _Change, row: values.Values) -> bool:
    return any(row[name] != getattr(change.listing, name) for name in ("addressed_zone_id", "valid_until"))


def revision_ids(session: Session, numbers: Mapping[int, int]) -> dict[int, int]:
    """Listing id → id of its revision of that number."""
    rows = session.execute(
        sa.select(col(Revision.listing_id), col(Revision.number), col(Revision.id)).where(col(Revision.listing_id).in_(numbers))
    )
    return {listing: id_ for listing, number, id_ in rows if numbers[listing] == number}


def put_contacts(session: Session, wanted: Mapping[int, Mapping[str, str]], held: Mapping[int, Mapping[str, Contact]]) -> None:
    """Insert, replace or (empty value) remove contact data of listings by kind; other kinds stay."""
    added: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    gone: list[int | None] = []
    for listing, contacts in wanted.items():
        for kind, value in contacts.items():
            row = held.get(listing, {}).get(kind)
            if row is None and value:
                added.append({"listing_id": listing, "kind": kind, "value": value})
            elif row is not None and not value:
                gone.append(row.id)
            elif row is not None and row.value != value:
                changed.append({"id": row.id, "value": value})
    insert_all(session, Contact, added)
    if changed:
        session.execute(sa.update(Contact), changed)
    if gone:
        session.execute(sa.delete(Contact).where(col(Contact.id).in_(gone)))
