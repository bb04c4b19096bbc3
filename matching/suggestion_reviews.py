"""Suggested industries, decided by staff many at a time: what waits in a zone, confirm or reject, take the last back.

A decision is done in slices, each a transaction of its own; what is decided no longer waits, so a slice that is asked for
again goes on where the last one stopped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from matching import access
from matching import listing_values as values
from matching.access import Actor
from matching.content import Content, IndustryTag, load
from matching.errors import FieldError, IllegalMove, InvalidInput
from matching.events import ListingsChanged
from matching.model import (
    BulkDecision,
    BulkDecisionItem,
    Industry,
    Listing,
    ListingIndustry,
    ListingState,
    Organisation,
    TagState,
    Zone,
)
from matching.reference import IndustryNode, ancestors_by_id, industries, zone_fields
from matching.store.unit import UnitOfWork, insert_all
from matching.tagging import BANDS, Band
from matching.typed_text import shown

Decision = Literal["confirmed", "rejected"]
DECISIONS: Final[tuple[Decision, ...]] = ("confirmed", "rejected")
SLICE: Final = 200
MOST_PICKS: Final = 500
_MOST: Final = 200
_Tag: Final = aliased(ListingIndustry)
"""The suggestion that is asked about: whose charge a listing is in asks for its other tags."""


@dataclass(frozen=True, slots=True)
class Group:
    """Suggestions of one industry that wait; `in_field`: the zone is matched in it (or it lies below what the zone is
    matched in), so that rejecting them takes listings out of the zone's field. `by_band` counts by confidence."""

    industry: IndustryNode
    in_field: bool
    count: int
    by_band: dict[Band, int]


@dataclass(frozen=True, slots=True)
class Item:
    """A listing and the one suggestion of it that is asked about. `is_last`: without it the listing leaves the field."""

    content: Content
    tag: IndustryTag
    band: Band
    is_last: bool


@dataclass(frozen=True, slots=True)
class ItemPage:
    items: tuple[Item, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Choice:
    """Which suggestions: those picked (listing's public id, industry's code), or all of an industry and, if given, a band."""

    picks: tuple[tuple[str, str], ...] = ()
    industry: str = ""
    band: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What a slice did: `decision` goes into the next, `more` says whether there is one."""

    decision: str
    count: int
    more: bool


@dataclass(frozen=True, slots=True)
class Last:
    """The actor's last decision in the zone that can be taken back; `industry` is the code of the first that it is about."""

    state: str
    count: int
    industry: str


def groups(session: Session, actor: Actor, zone: str) -> tuple[Group, ...]:
    """What waits in the zone, those of its own field first, then by number. Raises `SignInNeeded`, `MayNot`, `InvalidInput`."""
    zone_id = _zone(session, actor, zone)
    band = _band_of(col(_Tag.confidence))
    rows = session.execute(
        _waiting(session, actor, zone_id, col(_Tag.industry_id), band, sa.func.count()).group_by(col(_Tag.industry_id), band)
    ).all()
    field = _field(session, zone_id)
    nodes = industries(session)
    counted: dict[int, dict[Band, int]] = {}
    for industry_id, name, count in rows:
        counted.setdefault(industry_id, {})[name] = count
    found = [
        Group(nodes[industry_id], industry_id in field, sum(by.values()), by) for industry_id, by in counted.items()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: (not each.in_field, -each.count, each.industry.code)))


def items(session: Session, actor: Actor, zone: str, choice: Choice, *, offset: int = 0, limit: int = 50) -> ItemPage:
    """Of one industry (and band), the surest first. Raises as `groups`."""
    zone_id = _zone(session, actor, zone)
    query = _chosen(session, _waiting(session, actor, zone_id, col(Listing.id), col(_Tag.industry_id)), choice)
    total = session.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
    rows = session.execute(
        query.order_by(col(_Tag.confidence).desc(), col(Listing.id)).offset(max(0, offset)).limit(max(0, min(limit, _MOST)))
    ).all()
    contents = load(session, [listing for listing, _ in rows])
    field = _field(session, zone_id)
    found: list[Item] = []
    for listing_id, industry_id in rows:
        content = contents[listing_id]
        tag = next(each for each in content.industries if each.id == industry_id)
        others = {each.id for each in content.used_industries} - {industry_id}
        found.append(Item(content, tag, _band(tag.confidence), industry_id in field and not others & field))
    return ItemPage(tuple(found), total)


def decide(
    unit: UnitOfWork, actor: Actor, zone: str, choice: Choice, state: str, *, decision: str = "", size: int = SLICE
) -> Done:
    """One slice of the choice. What somebody else decided meanwhile, and what is not the zone's, is passed over.

    Raises `SignInNeeded`, `MayNot`, `InvalidInput` (nothing chosen, unknown state, industry or band).
    """
    session = unit.session
    zone_id = _zone(session, actor, zone)
    if state not in DECISIONS:
        raise InvalidInput(FieldError("decision", "unknown_code", {"value": shown(state)}))
    if not choice.picks and not choice.industry:
        raise InvalidInput(FieldError("pick", "required"))
    if len(choice.picks) > MOST_PICKS:
        raise InvalidInput(FieldError("pick", "too_many", {"limit": MOST_PICKS}))
    waiting = _waiting(
        session, actor, zone_id, col(Listing.id), col(_Tag.industry_id), col(Listing.public_id), col(Industry.code)
    ).join(Industry, col(Industry.id) == col(_Tag.industry_id))
    rows = session.execute(_chosen(session, waiting, choice).order_by(col(Listing.id)).limit(size)).all()
    whole = _whole(unit, actor, zone_id, state, decision)
    if rows:
        tag = values.tag(actor, None, TagState(state), whole.created_at)
        _set(session, [(row[0], row[1]) for row in rows], tag)
        insert_all(
            session,
            BulkDecisionItem,
            [{"decision_id": whole.id, "listing_id": listing, "industry_id": industry} for listing, industry, _, _ in rows],
        )
        whole.count += len(rows)
        session.add(whole)
        _changed(unit, actor, [(row[0], row[2], row[3]) for row in rows], "listing.industries", state)
    return Done(whole.public_id, len(rows), len(rows) == size)


def last(session: Session, actor: Actor, zone: str) -> Last | None:
    """The decision that `undo` would take back."""
    row = _last(session, actor, _zone(session, actor, zone))
    if row is None:
        return None
    decided = select(Industry.code).join(BulkDecisionItem, col(BulkDecisionItem.industry_id) == col(Industry.id))
    first = session.exec(decided.where(BulkDecisionItem.decision_id == row.id).order_by(col(Industry.position)).limit(1)).first()
    return Last(row.state, row.count, first or "")


def undo(unit: UnitOfWork, actor: Actor, zone: str, *, decision: str = "", size: int = SLICE) -> Done:
    """One slice of taking back the actor's last decision in the zone: the suggestions wait again. What a person decided
    after it stays. Raises `IllegalMove` when there is none."""
    session = unit.session
    zone_id = _zone(session, actor, zone)
    if decision:
        whole = session.exec(select(BulkDecision).where(BulkDecision.public_id == decision)).first()
    else:
        whole = _last(session, actor, zone_id)
    if whole is None or whole.person_id != actor.person_id or whole.undone_at is not None:
        raise IllegalMove("nothing_to_undo")
    items = session.exec(
        select(BulkDecisionItem)
        .where(BulkDecisionItem.decision_id == whole.id)
        .order_by(col(BulkDecisionItem.listing_id), col(BulkDecisionItem.industry_id))
        .limit(size)
    ).all()
    still = {
        (listing, industry): (public_id, code)
        for listing, industry, public_id, code in session.execute(
            sa.select(
                col(ListingIndustry.listing_id), col(ListingIndustry.industry_id), col(Listing.public_id), col(Industry.code)
            )
            .join(Listing, col(Listing.id) == col(ListingIndustry.listing_id))
            .join(Industry, col(Industry.id) == col(ListingIndustry.industry_id))
            .where(
                col(ListingIndustry.listing_id).in_([each.listing_id for each in items]),
                col(ListingIndustry.state) == TagState(whole.state),
                col(ListingIndustry.decided_at) == whole.created_at,
                col(ListingIndustry.decided_by_id) == whole.person_id,
            )
        )
    }
    pairs = [(each.listing_id, each.industry_id) for each in items if (each.listing_id, each.industry_id) in still]
    _set(session, pairs, {"state": TagState.SUGGESTED, "source": "suggestion", "decided_by_id": None, "decided_at": None})
    for each in items:
        session.delete(each)
    more = len(items) == size
    if not more:
        whole.undone_at = unit.now()
        session.add(whole)
    _changed(unit, actor, [(pair[0], *still[pair]) for pair in pairs], "listing.industries_undo", TagState.SUGGESTED)
    return Done(whole.public_id, len(pairs), more)


def _zone(session: Session, actor: Actor, code: str) -> int:
    zone_id = session.exec(select(Zone.id).where(Zone.code == code)).first()
    access.require(actor, "review.read", zones=[zone_id] if zone_id is not None else [])
    if zone_id is None:
        raise InvalidInput(FieldError("zone", "unknown_code", {"value": shown(code)}))
    return zone_id


def _field(session: Session, zone_id: int) -> frozenset[int]:
    """The industries that count as the zone's own: what it is matched in, and everything below."""
    own = zone_fields(session).get(zone_id)
    return frozenset(each for each, line in ancestors_by_id(session).items() if own in line)


def _waiting(session: Session, actor: Actor, zone_id: int, *columns: Any) -> "sa.Select[Any]":
    """Suggestions of published listings in the charge of the zone."""
    query = (
        sa.select(*columns)
        .select_from(_Tag)
        .join(Listing, col(Listing.id) == col(_Tag.listing_id))
        .join(Organisation, col(Organisation.id) == col(Listing.organisation_id))
        .where(
            col(_Tag.state) == TagState.SUGGESTED,
            col(Listing.state) == ListingState.PUBLISHED,
            access.in_charge(session, [zone_id]),
        )
    )
    return query.where(col(Listing.demo)) if actor.demo else query


def _chosen(session: Session, query: "sa.Select[Any]", choice: Choice) -> "sa.Select[Any]":
    known = {code: id_ for id_, code in session.exec(select(Industry.id, Industry.code)).all()}
    for code in {*filter(None, (choice.industry,)), *(code for _, code in choice.picks)}:
        if code not in known:
            raise InvalidInput(FieldError("industry", "unknown_code", {"value": shown(code)}))
    if choice.picks:
        wanted = [
            sa.and_(col(Listing.public_id) == public_id, col(_Tag.industry_id) == known[code]) for public_id, code in choice.picks
        ]
        return query.where(sa.or_(*wanted))
    if choice.industry:
        query = query.where(col(_Tag.industry_id) == known[choice.industry])
    if choice.band:
        if choice.band not in BANDS:
            raise InvalidInput(FieldError("band", "unknown_code", {"value": shown(choice.band)}))
        query = query.where(_band_of(col(_Tag.confidence)) == choice.band)
    return query


def _band(confidence: float) -> Band:
    return next(name for name, least in BANDS.items() if confidence >= least)


def _band_of(confidence: Any) -> sa.ColumnElement[str]:
    """`_band` in SQL."""
    *named, (lowest, _) = BANDS.items()
    return sa.case(*((confidence >= least, name) for name, least in named), else_=lowest)


def _whole(unit: UnitOfWork, actor: Actor, zone_id: int, state: str, decision: str) -> BulkDecision:
    """The decision that this slice belongs to, begun where it is the first."""
    if decision:
        held = unit.session.exec(select(BulkDecision).where(BulkDecision.public_id == decision)).first()
        if held is not None and held.person_id == actor.person_id and held.zone_id == zone_id and held.state == state:
            return held
    whole = BulkDecision(person_id=actor.person_id, zone_id=zone_id, state=state, created_at=unit.now())
    unit.session.add(whole)
    unit.session.flush()
    return whole


def _last(session: Session, actor: Actor, zone_id: int) -> BulkDecision | None:
    query = select(BulkDecision).where(
        BulkDecision.person_id == actor.person_id, BulkDecision.zone_id == zone_id, BulkDecision.count > 0
    )
    newest = session.exec(query.order_by(col(BulkDecision.id).desc()).limit(1)).first()
    return newest if newest is not None and newest.undone_at is None else None


def _set(session: Session, pairs: Sequence[tuple[int, int]], tag: values.Values) -> None:
    by_industry: dict[int, list[int]] = {}
    for listing, industry in pairs:
        by_industry.setdefault(industry, []).append(listing)
    for industry, listings in by_industry.items():
        session.execute(
            sa.update(ListingIndustry)
            .where(col(ListingIndustry.industry_id) == industry, col(ListingIndustry.listing_id).in_(listings))
            .values(tag)
            .execution_options(synchronize_session=False)
        )


def _changed(unit: UnitOfWork, actor: Actor, rows: Sequence[tuple[int, str, str]], action: str, state: str) -> None:
    """Versions raised, audited listing by listing, documents made anew. `rows` are id, public id and industry's code."""
    ids = sorted({id_ for id_, _, _ in rows})
    if not ids:
        return
    unit.session.execute(
        sa.update(Listing)
        .where(col(Listing.id).in_(ids))
        .values(version=col(Listing.version) + 1, updated_at=unit.now())
        .execution_options(synchronize_session=False)
    )
    decided: dict[str, list[str]] = {}
    for _, public_id, code in rows:
        decided.setdefault(public_id, []).append(code)
    unit.audit_all(actor.public_id, action, "listing", {each: {state: sorted(codes)} for each, codes in decided.items()})
    unit.emit(ListingsChanged(tuple(ids), "bulk"))
