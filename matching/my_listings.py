"""An owner's own page: every listing of his organisations in any state, with what can be done to it and what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from matching import access
from matching import listing_rows as rows
from matching.access import Actor
from matching.content import Content, load
from matching.errors import SignInNeeded
from matching.listing_views import Mark, Page, moves, older_than
from matching.model import Listing, ListingKind, ListingState, Match, Organisation, Review

SOON_DAYS: Final = 30
"""A listing whose last day is this near should be renewed."""

NextStep = Literal[
    "complete", "mend", "wait", "submit_newer", "mend_newer", "wait_newer", "renew_soon", "renew", "revive", "look", "none"
]
"""What the owner should do: complete and submit a draft, mend what was sent back, wait for the staff (each also for words
newer than the published ones), renew, take up again what was withdrawn, look at the pairs, or nothing."""


@dataclass(frozen=True, slots=True)
class MyListing:
    """`may` names the moves of the listing machine that are open to the actor now. `pairs` counts its pairs at 弱 or better
    with open listings, in all zones together. `days_left` counts to the last day of a published listing."""

    content: Content
    may: frozenset[str]
    pairs: int
    days_left: int | None
    next_step: NextStep


def mine(
    session: Session,
    actor: Actor,
    kind: ListingKind,
    *,
    today: date,
    offset: int = 0,
    limit: int = 20,
    after: Mark | None = None,
) -> Page[MyListing]:
    """The newest words of all listings of the actor's organisations, and of those that he wrote for others and may still
    change (staff, administrators), last changed first, from behind `after` on. Raises `SignInNeeded`."""
    if actor.is_visitor:
        raise SignInNeeded()
    query = _mine(session, actor, kind)
    total = session.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
    order = (col(Listing.updated_at).desc(), col(Listing.id).desc())
    beyond = older_than(col(Listing.updated_at), after)
    if beyond is not None:
        query = query.where(beyond)
    ids = [
        id_ for id_ in session.execute(query.order_by(*order).offset(max(0, offset)).limit(limit)).scalars() if id_ is not None
    ]
    contents = load(session, ids, which="latest")
    listings = {row.id: row for row in session.exec(select(Listing).where(col(Listing.id).in_(ids))).all()}
    pairs, sent_back = _pairs(session, kind, ids), _sent_back(session, ids)
    items = (
        _item(session, actor, contents[id_], listings[id_], pairs.get(id_, 0), id_ in sent_back, today) for id_ in ids
    )  # fmt: skip
    return Page(tuple(items), total, offset, limit)


def counts(session: Session, actor: Actor) -> dict[ListingKind, int]:
    """How many `mine` would show of each kind."""
    return {
        kind: session.execute(sa.select(sa.func.count()).select_from(_mine(session, actor, kind).subquery())).scalar_one()
        for kind in ListingKind
    }


def _mine(session: Session, actor: Actor, kind: ListingKind) -> sa.Select[int | None]:
    theirs: sa.ColumnElement[bool] = col(Listing.organisation_id).in_(actor.organisations)
    wrote = col(Listing.created_by_id) == actor.person_id
    if actor.is_administrator:
        theirs = sa.or_(theirs, wrote)
    elif actor.staff_zones:
        theirs = sa.or_(theirs, sa.and_(wrote, access.in_charge(session, actor.staff_zones)))
    query = sa.select(col(Listing.id)).join(Organisation, col(Organisation.id) == col(Listing.organisation_id))
    query = query.where(col(Listing.kind) == kind, theirs)
    return query.where(col(Listing.demo)) if actor.demo else query


def _pairs(session: Session, kind: ListingKind, ids: Sequence[int]) -> dict[int, int]:
    own, other = (Match.need_id, Match.result_id) if kind == ListingKind.NEED else (Match.result_id, Match.need_id)
    listing, partner = aliased(Listing), aliased(Listing)
    found = session.execute(
        sa.select(col(own), sa.func.count(sa.distinct(col(other))))
        .join(listing, col(listing.id) == col(own))
        .join(partner, col(partner.id) == col(other))
        .where(col(own).in_(ids), col(Match.level) > 0, col(Match.lane) == "industry", col(Match.audience) == "registered")
        .where(col(listing.state) == ListingState.PUBLISHED, col(partner.state) == ListingState.PUBLISHED)
        .group_by(col(own))
    ).all()
    return {row[0]: row[1] for row in found}


def _sent_back(session: Session, ids: Sequence[int]) -> set[int]:
    """Those whose newest words the staff sent back."""
    found = session.exec(
        select(Review.listing_id)
        .join(Listing, col(Listing.id) == col(Review.listing_id))
        .where(col(Review.listing_id).in_(ids), Review.revision == Listing.revision, Review.decision == "sent_back")
    ).all()
    return set(found)


def _item(
    session: Session, actor: Actor, content: Content, listing: Listing, pairs: int, was_sent_back: bool, today: date
) -> MyListing:
    charge = access.zones_in_charge(session, listing) if actor.staff_zones else frozenset()
    is_open = listing.state == ListingState.PUBLISHED
    left = (listing.valid_until - today).days if is_open and listing.valid_until else None
    step = _next_step(listing, was_sent_back, pairs, left)
    return MyListing(content, moves(session, actor, listing, charge), pairs, left, step)


def _next_step(listing: Listing, was_sent_back: bool, pairs: int, days_left: int | None) -> NextStep:
    if listing.state != ListingState.PUBLISHED:
        steps: dict[ListingState, NextStep] = {
            ListingState.DRAFT: "complete",
            ListingState.SUBMITTED: "wait",
            ListingState.SENT_BACK: "mend",
            ListingState.EXPIRED: "renew",
            ListingState.WITHDRAWN: "revive",
        }
        return steps[listing.state]
    if days_left is not None and days_left <= SOON_DAYS:
        return "renew_soon"
    if listing.revision != listing.published_revision:
        return "wait_newer" if rows.is_waiting(listing) else "mend_newer" if was_sent_back else "submit_newer"
    return "look" if pairs else "none"
