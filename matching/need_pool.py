"""The pool: open needs of owners in no zone, addressed to none. All brokers and zone staff read it with its pairs, until the
staff of a zone take a need up: that addresses it to the zone, whose matching takes over. The zone may give it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching.access import Actor, readable_layers, require, require_mark
from matching.content import Content, load, restrict
from matching.errors import FieldError, InvalidInput, NotFound
from matching.events import ListingChanged
from matching.listing_rows import touch
from matching.model import Industry, Listing, ListingState, Match, Organisation, Person, PoolTaking, Zone
from matching.pair_views import PairView, views
from matching.reference import descendants, tagged_with, zone_fields
from matching.standings import is_in_pool
from matching.store.unit import UnitOfWork
from matching.typed_text import shown

MOST_PAIRS: Final = 50


@dataclass(frozen=True, slots=True)
class PoolNeed:
    """`levels` maps a level (1 to 3) to the number of its pairs; `best` is the strongest of them."""

    need: Content
    levels: Mapping[int, int]
    best: PairView | None


@dataclass(frozen=True, slots=True)
class PoolPage:
    items: tuple[PoolNeed, ...]
    total: int


@dataclass(frozen=True, slots=True)
class TakingView:
    """A zone that holds a need which it took up from the pool."""

    zone: str
    name: str
    name_en: str
    who: str
    at: datetime


def pool(session: Session, actor: Actor, *, industry: str = "", offset: int = 0, limit: int = 20) -> PoolPage:
    """The needs that wait for a zone, the newest first; of an industry (code) and below it. Raises `MayNot`, `InvalidInput`."""
    require(actor, "pool.read", zones=actor.desk_zones)
    query = (
        sa.select(col(Listing.id)).join(Organisation, col(Organisation.id) == col(Listing.organisation_id)).where(is_in_pool())
    )
    if industry:
        id_ = session.exec(select(Industry.id).where(Industry.code == industry)).first()
        if id_ is None:
            raise InvalidInput(FieldError("industry", "unknown_code", {"value": shown(industry)}))
        query = query.where(tagged_with(descendants(session, id_)))
    total = session.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
    newest = query.order_by(col(Listing.published_at).desc(), col(Listing.id).desc()).offset(offset).limit(limit)
    ids = list(session.execute(newest).scalars())
    contents, layers = load(session, ids), readable_layers(actor)
    best = _best(session, actor, ids)
    levels = _levels(session, ids)
    items = (PoolNeed(restrict(contents[id_], layers), levels.get(id_, {}), best.get(id_)) for id_ in ids if id_ in contents)
    return PoolPage(tuple(items), total)


def pool_need(session: Session, actor: Actor, public_id: str) -> tuple[Content, tuple[PairView, ...]]:
    """One need of the pool with its pairs at 弱 or better, best first. Raises `MayNot`, `NotFound` (`pool_gone`)."""
    require(actor, "pool.read", zones=actor.desk_zones)
    row = _in_pool(session, public_id)
    content = load(session, [row.id or 0])[row.id or 0]
    query = select(Match).where(col(Match.zone_id).is_(None), Match.need_id == row.id, col(Match.level) > 0)
    rows = session.exec(query.order_by(col(Match.score).desc(), col(Match.id)).limit(MOST_PAIRS)).all()
    pairs = views(session, actor, rows, with_verdicts=False, with_words=True)
    return restrict(content, readable_layers(actor)), tuple(pairs)


def take_up(unit: UnitOfWork, actor: Actor, public_id: str, zone_code: str) -> None:
    """Address a need of the pool to a zone in whose name the actor works.

    Raises `MayNot`, `NotFound` (`pool_gone`: another zone was first, or it is closed), `InvalidInput` for a zone that is matched
    in no field: the need would be matched nowhere.
    """
    session = unit.session
    zone = session.exec(select(Zone).where(Zone.code == zone_code)).first()
    if zone is None or zone.id is None:
        require(actor, "pool.take")
        raise InvalidInput(FieldError("zone", "unknown_code", {"value": shown(zone_code)}))
    require(actor, "pool.take", zones={zone.id})
    row = _in_pool(session, public_id, for_update=True)
    require_mark(actor, "pool.take", demo=row.demo)
    if zone.id not in zone_fields(session):
        raise InvalidInput(FieldError("zone", "no_field"))
    row.addressed_zone_id = zone.id
    touch(unit, row)
    session.add(PoolTaking(listing_id=row.id or 0, zone_id=zone.id, person_id=actor.person_id or 0, taken_at=unit.now()))
    unit.audit(actor.public_id, "pool.take", "listing", row.public_id, zone=zone.code)
    unit.emit(ListingChanged(row.id or 0))


def give_back(unit: UnitOfWork, actor: Actor, public_id: str) -> None:
    """The zone's people put a need that it took up back into the pool. Raises `MayNot`, `NotFound`."""
    session = unit.session
    row = session.exec(select(Listing).where(Listing.public_id == public_id).with_for_update()).first()
    taking = _held(session, row) if row is not None else None
    if row is None or taking is None:
        raise NotFound("pool_gone", kind="need")
    require(actor, "pool.take", zones={taking.zone_id})
    require_mark(actor, "pool.take", demo=row.demo)
    row.addressed_zone_id = None
    taking.given_back_at = unit.now()
    touch(unit, row)
    unit.audit(actor.public_id, "pool.give_back", "listing", row.public_id, zone=session.get_one(Zone, taking.zone_id).code)
    if row.state == ListingState.PUBLISHED:
        unit.emit(ListingChanged(row.id or 0))


def taking(session: Session, actor: Actor, public_id: str) -> TakingView | None:
    """Which zone took the need up, for its owner and for those who read the pool; None for others, and where none did."""
    row = session.exec(select(Listing).where(Listing.public_id == public_id)).first()
    if row is None or not (row.organisation_id in actor.organisations or actor.desk_zones or actor.is_administrator):
        return None
    held = _held(session, row)
    if held is None:
        return None
    zone, person = session.get_one(Zone, held.zone_id), session.get_one(Person, held.person_id)
    return TakingView(zone.code, zone.name, zone.name_en, person.name, held.taken_at)


def is_waiting(session: Session, public_id: str) -> bool:
    """Whether the need stands in the pool."""
    return _find(session, public_id) is not None


def _find(session: Session, public_id: str, *, for_update: bool = False) -> Listing | None:
    query = select(Listing).join(Organisation, col(Organisation.id) == col(Listing.organisation_id))
    query = query.where(Listing.public_id == public_id, is_in_pool())
    return session.exec(query.with_for_update(of=Listing) if for_update else query).first()


def _in_pool(session: Session, public_id: str, *, for_update: bool = False) -> Listing:
    row = _find(session, public_id, for_update=for_update)
    if row is None:
        raise NotFound("pool_gone", kind="need")
    return row


def _held(session: Session, row: Listing) -> PoolTaking | None:
    """The taking by which the need is addressed to its zone, as long as it is."""
    query = select(PoolTaking).where(PoolTaking.listing_id == row.id, col(PoolTaking.given_back_at).is_(None))
    return session.exec(query.where(PoolTaking.zone_id == row.addressed_zone_id).order_by(col(PoolTaking.id).desc())).first()


def _levels(session: Session, ids: list[int]) -> dict[int, dict[int, int]]:
    query = select(Match.need_id, Match.level, sa.func.count()).where(
        col(Match.zone_id).is_(None), col(Match.need_id).in_(ids), col(Match.level) > 0
    )
    found: dict[int, dict[int, int]] = {}
    for need_id, level, count in session.exec(query.group_by(col(Match.need_id), col(Match.level))):
        found.setdefault(need_id, {})[level] = count
    return found


def _best(session: Session, actor: Actor, ids: list[int]) -> dict[int, PairView]:
    place = sa.func.row_number().over(partition_by=col(Match.need_id), order_by=(col(Match.score).desc(), col(Match.id)))
    ranked = (
        sa.select(col(Match.id), place.label("place"))
        .where(col(Match.zone_id).is_(None), col(Match.need_id).in_(ids), col(Match.level) > 0)
        .subquery()
    )
    rows = session.exec(select(Match).where(col(Match.id).in_(sa.select(ranked.c.id).where(ranked.c.place == 1)))).all()
    return {pair.need.id: pair for pair in views(session, actor, rows, with_verdicts=False, with_words=True)}
