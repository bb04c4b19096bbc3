"""Writing a slice's rows, all together: new listings here, updates by `updating`.

A row that today's rules, rights or rows refuse becomes an error with its reason; the others are written all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel, col, select

from matching import access, stages
from matching import listing_values as values
from matching.access import Actor
from matching.content import OrganisationRef
from matching.drafts import KnownCodes, ListingDraft, validate
from matching.errors import FieldError, InvalidInput, ZoneMatchError
from matching.events import ListingsChanged, TextsSubmitted
from matching.imports.outcome import Outcome, Wish, reasons_of
from matching.imports.owners import settle
from matching.imports.targets import Identity, load_targets, numbers_of
from matching.imports.updating import Updater, revision_ids
from matching.model import (
    Contact,
    Listing,
    ListingIndustry,
    ListingKind,
    ListingState,
    Organisation,
    Review,
    Revision,
    TagState,
    new_public_id,
)
from matching.store.receipts import next_numbers
from matching.store.unit import UnitOfWork, insert_all


@dataclass(frozen=True, slots=True)
class _New:
    """A row that passed. `public_id` is given here, so that everything below can name it before it has an id."""

    row_id: int
    draft: ListingDraft
    owner: OrganisationRef
    public_id: str


class Poster:
    """Writes for one actor in one unit of work. `publish`: what staff bring is published, what others bring is submitted."""

    def __init__(self, unit: UnitOfWork, actor: Actor, kind: ListingKind, known: KnownCodes, *, publish: bool) -> None:
        self._unit = unit
        self._actor = actor
        self._kind = kind
        self._known = known
        self._publish = publish
        self._allowed: dict[tuple[int, str | None], ZoneMatchError | None] = {}

    def post(self, wishes: Sequence[Wish]) -> Outcome:
        outcome = Outcome()
        owners = self._owners(wishes, outcome)
        self._insert(self._checked([each for each in wishes if each.listing_id is None], owners, outcome), outcome)
        updater = Updater(self._unit, self._actor, self._kind, self._known, publish=self._publish)
        updater.update([each for each in wishes if each.listing_id is not None], outcome)
        return outcome

    def _owners(self, wishes: Sequence[Wish], outcome: Outcome) -> dict[str, OrganisationRef]:
        """Owner key → organisation; those that the plan said would be made are made now."""
        named = sorted({each.planned.draft.organisation for each in wishes if each.planned.draft.organisation})
        found: dict[str, OrganisationRef] = {}
        for row in self._unit.session.exec(select(Organisation).where(col(Organisation.public_id).in_(named))).all():
            found[row.public_id] = OrganisationRef(
                row.id or 0, row.public_id, row.name, row.name_en, row.kind, row.city, row.zone_id, row.demo
            )
        for wish in wishes:
            key = _owner_key(wish)
            if wish.planned.draft.organisation is None and key not in found:
                try:
                    found[key], is_made = settle(self._unit, self._actor, wish.planned.owner)
                    if is_made:
                        outcome.made[wish.row_id] = found[key].id
                except ZoneMatchError as refused:
                    outcome.refused[wish.row_id] = reasons_of(refused)
        return found

    def _checked(self, wishes: Sequence[Wish], owners: dict[str, OrganisationRef], outcome: Outcome) -> list[_New]:
        """Those that may be written now: access, today's rules, and no such listing meanwhile."""
        passed: list[_New] = []
        for wish in wishes:
            owner = owners.get(_owner_key(wish))
            if owner is None:
                outcome.refused.setdefault(wish.row_id, (FieldError("owner", "owner_gone"),))
                continue
            draft = replace(wish.planned.draft, organisation=owner.public_id)
            refused = self._refusal(owner, draft)
            if refused is not None:
                outcome.refused[wish.row_id] = reasons_of(refused)
                continue
            try:
                clean = validate(draft, self._known, self._unit.today(), submit=True)
            except InvalidInput as problem:
                outcome.refused[wish.row_id] = problem.fields
                continue
            passed.append(_New(wish.row_id, clean, owner, new_public_id()))
        return self._without_existing(passed, outcome)

    def _refusal(self, owner: OrganisationRef, draft: ListingDraft) -> ZoneMatchError | None:
        """Why the actor may not post this for the owner; asked once for an owner and a zone."""
        key = (owner.id, draft.addressed_zone)
        if key not in self._allowed:
            zones = access.zones_of(self._unit.session, owner.zone_id, self._known.zones.get(draft.addressed_zone or ""), ())
            self._allowed[key] = None
            try:
                for action in ("listing.create", "listing.publish") if self._publish else ("listing.create",):
                    access.require(self._actor, action, organisation_id=owner.id, zones=zones)
                access.require_mark(self._actor, "listing.create", demo=owner.demo)
            except ZoneMatchError as refused:
                self._allowed[key] = refused
        return self._allowed[key]

    def _without_existing(self, rows: list[_New], outcome: Outcome) -> list[_New]:
        """A listing of that name and numbers that somebody made since the plan is his, not ours to make again. Others of
        the name may be rows of this very sheet, planned side by side."""
        identities = [
            Identity(row.owner.id, values.title_key(row.draft.title), numbers_of(each.number for each in row.draft.ip))
            for row in rows
        ]
        targets = load_targets(self._unit.session, self._kind, set(identities))
        free: list[_New] = []
        for row, identity in zip(rows, identities, strict=True):
            held = targets.get((identity.owner, identity.title), [])
            same = next((each for each in held if each.numbers == identity.numbers), None)
            if same is None:
                free.append(row)
            else:
                outcome.refused[row.row_id] = (FieldError("title", "made_since_plan", {"number": same.number or ""}),)
        return free

    def _insert(self, rows: list[_New], outcome: Outcome) -> None:
        """All tables in a fixed number of statements, whatever the number of rows."""
        if not rows:
            return
        unit, now = self._unit, self._unit.now()
        ids = self._insert_listings(rows)
        insert_all(
            unit.session,
            Revision,
            [values.revision(self._actor, id_, 1, row.draft, self._known, now) for row, id_ in zip(rows, ids, strict=True)],
        )
        revisions = revision_ids(unit.session, dict.fromkeys(ids, 1))
        below: dict[type[SQLModel], list[values.Values]] = {}
        for row, id_ in zip(rows, ids, strict=True):
            for table, each in values.below_revision(revisions[id_], row.draft):
                below.setdefault(table, []).append(each)
            for kind, value in row.draft.contacts.items():
                if value:
                    below.setdefault(Contact, []).append({"listing_id": id_, "kind": kind, "value": value})
            confirmed = values.tag(self._actor, row.owner.id, TagState.CONFIRMED, now)
            for code in row.draft.industries:
                tag = {"listing_id": id_, "industry_id": self._known.industries[code], "confidence": 1.0, **confirmed}
                below.setdefault(ListingIndustry, []).append(tag)
            if self._publish:
                below.setdefault(Review, []).append(values.review(self._actor, id_, 1, "published", {}, now))
        for table, every in below.items():
            insert_all(unit.session, table, every)
        outcome.written |= {row.row_id: id_ for row, id_ in zip(rows, ids, strict=True)}
        outcome.revisions |= dict.fromkeys((row.row_id for row in rows), 1)
        if self._publish:
            unit.emit(ListingsChanged(tuple(ids)))  # its job suggests industries where there are none
        else:
            untagged = [id_ for row, id_ in zip(rows, ids, strict=True) if not row.draft.industries]
            unit.emit(TextsSubmitted(tuple(untagged)))

    def _insert_listings(self, rows: list[_New]) -> list[int]:
        """Created and at once published or submitted: two steps of the machine in one row, both in the audit trail."""
        unit, now, actor = self._unit, self._unit.now(), self._actor
        numbers = next_numbers(unit, values.SERIES[self._kind], len(rows)) if self._publish else [""] * len(rows)
        listing_values: list[values.Values] = []
        for row, number in zip(rows, numbers, strict=True):
            made = values.new_listing(
                actor, row.draft, self._known, organisation_id=row.owner.id, demo=row.owner.demo, now=now
            ) | {"public_id": row.public_id, "revision": 1, "version": 2}
            if self._publish:
                made |= values.publication(
                    number, 1, published_at=None, valid_until=row.draft.valid_until, now=now, today=unit.today()
                )
            else:
                made |= {"state": ListingState(stages.LISTING.target("submit", made["state"])), "submitted_at": now}
            listing_values.append(made)
        insert_all(unit.session, Listing, listing_values)
        found = self._ids(col(Listing.public_id), col(Listing.id), [row.public_id for row in rows])
        created = {row.public_id: values.create_details(self._kind.value, row.owner.public_id) for row in rows}
        unit.audit_all(actor.public_id, "listing.create", "listing", created)
        if self._publish:
            published = {
                row.public_id: values.publish_details(1, number, first=True) for row, number in zip(rows, numbers, strict=True)
            }
            unit.audit_all(actor.public_id, "listing.publish", "listing", published)
        else:
            unit.audit_all(actor.public_id, "listing.submit", "listing", {row.public_id: {"revision": 1} for row in rows})
        return [found[row.public_id] for row in rows]

    def _ids(self, key: Any, id_: Any, keys: Sequence[object]) -> dict[Any, int]:
        """Key → id of rows just inserted: asked for by one SELECT, because SQLite returns ids in order only row by row."""
        rows = self._unit.session.execute(sa.select(key, id_).where(key.in_(keys)))
        return {row[0]: row[1] for row in rows}


def _owner_key(wish: Wish) -> str:
    return wish.planned.draft.organisation or repr(wish.planned.owner)
