"""An owner's own page: every listing of his organisations in any state, with what can be done to it and what to do next."""

from collections.abc import Mapping, Sequence
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
from matching.model import NEWEST_WORDS, Listing, ListingKind, ListingState, Match, Organisation, PairLook, Review, Revision
from matching.store.unit import UnitOfWork

SOON_DAYS: Final = 30
"""A listing whose last day is this near should be renewed."""

NextStep = Literal[
    "complete", "mend", "wait", "submit_newer", "mend_newer", "wait_newer", "renew_soon", "renew", "revive", "look", "none"
]
"""What the owner should do: complete and submit a draft, mend what was sent back, wait for the staff (each also for words
newer than the published ones), renew, take up again what was withdrawn, look at new pairs, or nothing."""


@dataclass(frozen=True, slots=True)
class MyListing:
    """`may` names the moves of the listing machine that are open to the actor now. `pairs` counts its pairs at 弱 or better
    with open listings, in all zones together, `new_pairs` those that the actor has not looked at. `days_left` counts to the
    last day of a published listing. `reasons` are what the staff ask to be changed, by field, where they sent it back."""

    content: Content
    may: frozenset[str]
    pairs: int
    new_pairs: int
    days_left: int | None
    next_step: NextStep
    reasons: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """An own listing that a new one may begin as a copy of."""

    public_id: str
    title: str


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
    looked = _looked(session, actor, ids)
    items = (
        _item(
            session, actor, contents[id_], listings[id_], pairs.get(id_, frozenset()), looked.get(id_, frozenset()),
            sent_back.get(id_), today,
        )
        for id_ in ids
    )  # fmt: skip
    return Page(tuple(items), total, offset, limit)


def sources(session: Session, actor: Actor, kind: ListingKind, *, limit: int = 30) -> tuple[Source, ...]:
    """Listings of `mine` to copy from, last changed first, by their newest titles."""
    query = _mine(session, actor, kind).order_by(col(Listing.updated_at).desc(), col(Listing.id).desc()).limit(limit)
    rows = session.exec(
        select(Listing.public_id, Revision.title)
        .join(Revision, NEWEST_WORDS)
        .where(col(Listing.id).in_(query))
        .order_by(col(Listing.updated_at).desc(), col(Listing.id).desc())
    ).all()
    return tuple(Source(public_id, title) for public_id, title in rows)


def look(unit: UnitOfWork, actor: Actor, public_id: str) -> None:
    """The actor looks at the pairs of a listing of his: none of today's is new to him any more. Raises `SignInNeeded`,
    `NotFound`, `MayNot`."""
    row, _ = rows.for_write(unit, actor, public_id, "listing.write", None)
    seen = _pairs(unit.session, row.kind, [row.id or 0]).get(row.id or 0, frozenset())
    held = unit.session.get(PairLook, (actor.person_id, row.id))
    held = held or PairLook(person_id=actor.person_id or 0, listing_id=row.id or 0, looked_at=unit.now())
    held.seen, held.looked_at = sorted(seen), unit.now()
    unit.session.add(held)
    unit.audit(actor.public_id, "pairs.look", "listing", public_id, pairs=len(seen))


def _looked(session: Session, actor: Actor, ids: Sequence[int]) -> dict[int, frozenset[int]]:
    found = session.exec(select(PairLook).where(PairLook.person_id == actor.person_id, col(PairLook.listing_id).in_(ids))).all()
    return {row.listing_id: frozenset(row.seen) for row in found}


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


def _pairs(session: Session, kind: ListingKind, ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """Listing → the open listings it is paired with."""
    own, other = (Match.need_id, Match.result_id) if kind == ListingKind.NEED else (Match.result_id, Match.need_id)
    listing, partner = aliased(Listing), aliased(Listing)
    found = session.execute(
        sa.select(col(own), col(other))
        .join(listing, col(listing.id) == col(own))
        .join(partner, col(partner.id) == col(other))
        .where(col(own).in_(ids), col(Match.level) > 0, col(Match.lane) == "industry", col(Match.audience) == "registered")
        .where(col(listing.state) == ListingState.PUBLISHED, col(partner.state) == ListingState.PUBLISHED)
        .distinct()
    ).all()
    pairs: dict[int, set[int]] = {}
    for id_, partner_id in found:
        pairs.setdefault(id_, set()).add(partner_id)
    return {id_: frozenset(partners) for id_, partners in pairs.items()}


def _sent_back(session: Session, ids: Sequence[int]) -> dict[int, Mapping[str, str]]:
    """Those whose newest words the staff sent back → their reasons."""
    found = session.exec(
        select(Review.listing_id, Review.reasons)
        .join(Listing, col(Listing.id) == col(Review.listing_id))
        .where(col(Review.listing_id).in_(ids), Review.revision == Listing.revision, Review.decision == "sent_back")
    ).all()
    return {row[0]: row[1] for row in found}


def _item(
    session: Session,
    actor: Actor,
    content: Content,
    listing: Listing,
    pairs: frozenset[int],
    looked: frozenset[int],
    reasons: Mapping[str, str] | None,
    today: date,
) -> MyListing:
    charge = access.zones_in_charge(session, listing) if actor.staff_zones else frozenset()
    is_open = listing.state == ListingState.PUBLISHED
    left = (listing.valid_until - today).days if is_open and listing.valid_until else None
    new = len(pairs - looked)
    step = _next_step(listing, reasons is not None, new, left)
    asked = reasons if reasons is not None and step in ("mend", "mend_newer") else {}
    return MyListing(content, moves(session, actor, listing, charge), len(pairs), new, left, step, asked)


def _next_step(listing: Listing, was_sent_back: bool, new_pairs: int, days_left: int | None) -> NextStep:
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
    return "look" if new_pairs else "none"
