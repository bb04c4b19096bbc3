"""Reading listings under access: what a page shows, as values. Text that the reader may not see is not in them.

Visitors read the public layer of published listings, signed-in people every layer, owners everything of their own.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, Literal, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from matching import access, stages
from matching import listing_rows as rows
from matching.access import VISITOR, Actor
from matching.content import Content, load, restrict
from matching.errors import FieldError, InvalidInput, NotFound
from matching.model import (
    PUBLISHED_WORDS,
    Contact,
    Industry,
    Layer,
    Listing,
    ListingKind,
    ListingState,
    Organisation,
    Person,
    Review,
    Revision,
    SetAside,
    Zone,
)
from matching.reference import ZoneView, bounds_of, codes, descendants, tagged_with, zones
from matching.typed_text import shown

T = TypeVar("T")
_Ids = sa.Select[int | None]
MOST_ITEMS: Final = 100
Mark = tuple[datetime, int]
"""Where a list goes on: instant and id of the last listing shown."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `total` counts all of it."""

    items: tuple[T, ...]
    total: int
    offset: int
    limit: int


@dataclass(frozen=True, slots=True)
class ReviewView:
    """What the staff said of a revision: `published`, or `sent_back` with reasons by field (or `general`)."""

    revision: int
    decision: str
    reasons: Mapping[str, str]
    reviewer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ListingPage:
    """`in_charge` says that the reader's zone decides on it, `in_nobodys_charge` that no zone does and so the administrators.

    `may` names the moves of the listing machine that this reader can make now (`revise`, `submit`, `publish`,
    `send_back`, `withdraw`, `renew`), and `industries` (confirm them) and `contacts` (read them).

    `waiting_revision` is a newer revision than the published one, for those who may read it; `is_waiting` says that it
    was submitted. `reviews`, newest first, are for the owner, the staff in charge and administrators.
    """

    content: Content
    owner_zone: ZoneView | None
    addressed_zone: ZoneView | None
    reviews: tuple[ReviewView, ...]
    may: frozenset[str]
    is_own: bool
    in_charge: bool
    in_nobodys_charge: bool
    waiting_revision: int | None
    is_waiting: bool
    asks: ZoneView | None = None
    """Of a need the zone in charge that asks most of its text (`ZoneView.need_quality`); of staff, their own zone."""
    is_set_aside: bool = False
    """The index would not take it, so that nobody finds it: told to those who may do something about it."""


def page(session: Session, actor: Actor, public_id: str, *, latest: bool = False, revision: int | None = None) -> ListingPage:
    """The published words; the newest where nothing is published, and with `latest` (what an edit form and the staff's
    review show); those of `revision` (what a form was made from before others changed it). Raises `NotFound` for what this
    reader may not know of, other words than the published ones included.
    """
    listing = session.exec(select(Listing).where(Listing.public_id == public_id)).first()
    if listing is None:
        raise NotFound(kind="listing")
    owner_id, charge = listing.organisation_id, access.zones_in_charge(session, listing)
    is_own = owner_id in actor.organisations
    is_theirs = listing.demo or not actor.demo
    inside = is_theirs and access.is_allowed(actor, "listing.read_unpublished", organisation_id=owner_id, zones=charge)
    is_open = listing.state == ListingState.PUBLISHED
    if not inside and (latest or revision is not None or not is_open):
        raise NotFound(kind="listing")
    newest_or_open: Literal["published", "latest"] = "published" if is_open and not latest else "latest"
    content = load(session, [listing.id or 0], which=newest_or_open if revision is None else revision).get(listing.id or 0)
    if content is None:
        raise NotFound(kind="revision")
    by_id = {zone.id: zone for zone in zones(session)}
    newer = listing.revision if listing.revision != listing.published_revision else None
    return ListingPage(
        content=restrict(content, access.readable_layers(actor, organisation_id=owner_id if is_theirs else None, zones=charge)),
        owner_zone=by_id.get(content.organisation.zone_id or 0),
        addressed_zone=by_id.get(content.addressed_zone_id or 0),
        reviews=_reviews(session, listing) if inside else (),
        may=moves(session, actor, listing, charge),
        is_own=is_own,
        in_charge=bool(actor.staff_zones & charge),
        in_nobodys_charge=not charge,
        waiting_revision=newer if inside else None,
        is_waiting=inside and rows.is_waiting(listing),
        asks=_asking(by_id, (charge & actor.staff_zones) or charge) if listing.kind == ListingKind.NEED else None,
        is_set_aside=is_open and access.is_allowed(actor, "set_aside.read", zones=charge) and _is_set_aside(session, listing),
    )


def _asking(by_id: Mapping[int, ZoneView], charge: Collection[int]) -> ZoneView | None:
    """The strictest, the first of those that ask the same; None where none asks for anything."""
    asking = [zone for id_, zone in by_id.items() if id_ in charge and zone.need_quality]
    return max(asking, key=lambda zone: zone.need_quality, default=None)


def _is_set_aside(session: Session, listing: Listing) -> bool:
    refused = select(SetAside.at).where(SetAside.listing_id == listing.id, SetAside.revision == listing.document_revision)
    return session.exec(refused).first() is not None


def moves(session: Session, actor: Actor, listing: Listing, charge: frozenset[int]) -> frozenset[str]:
    """`ListingPage.may` of a listing in the charge of these zones."""

    def lets(action: str) -> bool:
        return access.is_allowed(actor, action, organisation_id=listing.organisation_id, zones=charge)

    if actor.is_visitor or (actor.demo and not listing.demo):
        return frozenset()
    open_now = {
        each.name
        for each in stages.LISTING.open_moves(listing.state.value)
        if each.deadline is None and lets(each.action) and rows.refusal(session, actor, listing, each.name) is None
    }
    if rows.is_waiting(listing):
        open_now.discard("submit")
    extra = {name for name, action in (("industries", "listing.industries"), ("contacts", "contact.read")) if lets(action)}
    return frozenset(open_now | extra)


def _reviews(session: Session, listing: Listing) -> tuple[ReviewView, ...]:
    found = session.exec(
        select(Review, Person.name)
        .join(Person, col(Person.id) == col(Review.reviewer_id), isouter=True)
        .where(Review.listing_id == listing.id)
        .order_by(col(Review.id).desc())
    ).all()
    return tuple(ReviewView(row.revision, row.decision, row.reasons, name or "", row.created_at) for row, name in found)


def contacts(session: Session, actor: Actor, public_id: str) -> dict[str, str]:
    """Contact data by kind, for those whose own it is. Raises `SignInNeeded`, `MayNot`, `NotFound`."""
    shown_page = page(session, actor, public_id)
    access.require(actor, "contact.read", organisation_id=shown_page.content.organisation.id)
    found = session.exec(select(Contact).where(Contact.listing_id == shown_page.content.id)).all()
    return {row.kind: row.value for row in found}


def browse(
    session: Session,
    actor: Actor,
    kind: ListingKind,
    *,
    zone: str | None = None,
    industry: str | None = None,
    maturity: str | None = None,
    offset: int = 0,
    limit: int = 20,
    after: Mark | None = None,
) -> Page[Content]:
    """Published listings, newest first, restricted to the reader's layers. Filters are codes; an industry holds its
    descendants, a zone what its firms own and what is addressed to it. Raises `InvalidInput` for an unknown zone or
    industry. A field that the reader may not see does not answer its filter either. `after` begins behind a listing, which
    what is published meanwhile does not shift."""
    query = _published(session, kind, zone, industry)
    if maturity:
        query = query.where(_as_mature(session, maturity))
        if actor.is_visitor:
            query = query.where(col(Revision.layers)["maturity"].as_string() == Layer.PUBLIC.value)
    order = (col(Listing.published_at).desc(), col(Listing.id).desc())
    ids, total = _slice(session, query, order, offset, limit, older_than(col(Listing.published_at), after))
    found = load(session, ids)
    return Page(tuple(restrict(found[id_], access.readable_layers(actor)) for id_ in ids), total, offset, limit)


def _as_mature(session: Session, maturity: str) -> sa.ColumnElement[bool]:
    """Said in these words, or on another scale at a level that overlaps."""
    said = col(Revision.maturity) == maturity
    bounds = bounds_of(codes(session, "maturity").get(maturity))
    if bounds is None:
        return said
    return sa.or_(said, sa.and_(col(Revision.trl_low) <= bounds[1], col(Revision.trl_high) >= bounds[0]))


def newest(
    session: Session, kind: ListingKind, *, industry: str | None = None, zone: str | None = None, limit: int = 5
) -> tuple[Content, ...]:
    """The last published, in their public layer: for pages that everyone sees alike."""
    return browse(session, VISITOR, kind, zone=zone, industry=industry, limit=limit).items


def _published(session: Session, kind: ListingKind, zone: str | None, industry: str | None) -> _Ids:
    query = (
        sa.select(col(Listing.id))
        .join(Organisation, col(Organisation.id) == col(Listing.organisation_id))
        .join(Revision, PUBLISHED_WORDS)
        .where(col(Listing.kind) == kind, col(Listing.state) == ListingState.PUBLISHED)
    )
    if zone:
        zone_id = _id_of(session, Zone, "zone", zone)
        query = query.where(sa.or_(col(Organisation.zone_id) == zone_id, col(Listing.addressed_zone_id) == zone_id))
    if industry:
        query = query.where(tagged_with(descendants(session, _id_of(session, Industry, "industry", industry))))
    return query


def _id_of(session: Session, table: type[Zone] | type[Industry], field: str, code: str) -> int:
    found = session.exec(select(table.id).where(table.code == code)).first()
    if found is None:
        raise InvalidInput(FieldError(field, "unknown_code", {"value": shown(code)}))
    return found


def _slice(
    session: Session,
    query: _Ids,
    order: Sequence[sa.ColumnElement[Any] | Mapped[Any]],
    offset: int,
    limit: int,
    beyond: sa.ColumnElement[bool] | None = None,
) -> tuple[list[int], int]:
    total = session.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
    limit = max(1, min(limit, MOST_ITEMS))
    if beyond is not None:
        query = query.where(beyond)
    found = session.execute(query.order_by(*order).offset(max(0, offset)).limit(limit)).scalars()
    return [id_ for id_ in found if id_ is not None], total


def older_than(at: Any, after: Mark | None) -> sa.ColumnElement[bool] | None:
    """Behind a listing in a list by this instant, the newest first."""
    if after is None:
        return None
    return sa.or_(at < after[0], sa.and_(at == after[0], col(Listing.id) < after[1]))


@dataclass(frozen=True, slots=True)
class WaitingItem:
    content: Content
    submitted_at: datetime

    def days(self, now: datetime) -> int:
        """Whole days that it has waited."""
        return max(0, (now - self.submitted_at).days)


def waiting(
    session: Session,
    actor: Actor,
    *,
    unzoned: bool = False,
    offset: int = 0,
    limit: int = 20,
    after: Mark | None = None,
) -> Page[WaitingItem]:
    """Texts that wait for the actor's zones (for an administrator: all), the longest waiting first, from behind `after` on.
    With `unzoned` only those in no zone's charge, which are the administrators' own.

    Raises `SignInNeeded`, `MayNot`.
    """
    access.require(actor, "review.read", zones=actor.staff_zones)
    query = (
        sa.select(col(Listing.id))
        .join(Organisation, col(Organisation.id) == col(Listing.organisation_id))
        .where(
            col(Listing.submitted_at).is_not(None),
            col(Listing.state).in_((ListingState.SUBMITTED, ListingState.PUBLISHED)),
        )
    )
    if not (actor.is_administrator or actor.is_system):
        query = query.where(access.in_charge(session, actor.staff_zones))
    if unzoned:
        query = query.where(access.in_nobodys_charge(session))
    if actor.demo:
        query = query.where(col(Listing.demo))
    since, order = col(Listing.submitted_at), (col(Listing.submitted_at), col(Listing.id))
    beyond = sa.or_(since > after[0], sa.and_(since == after[0], col(Listing.id) > after[1])) if after else None
    ids, total = _slice(session, query, order, offset, limit, beyond)
    found = load(session, ids, which="latest")
    items = (WaitingItem(found[id_], at) for id_ in ids if (at := found[id_].submitted_at) is not None)
    return Page(tuple(items), total, offset, limit)
