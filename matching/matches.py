"""Reading computed matches: for the two owners, for the desk of a zone, and as mere counts for everyone else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching.access import Actor, is_allowed, readable_layers, require
from matching.content import Content, load, restrict
from matching.errors import NotFound
from matching.model import Listing, ListingKind, ListingState, Match, Verdict
from matching.pairing.score import Scored, from_json
from matching.pool import open_ids
from matching.reference import ZoneView, zones
from matching.verdicts import VerdictView, in_force


@dataclass(frozen=True, slots=True)
class PairView:
    """An explained pair. `verdict` is the one in force in that zone; owners are not shown it."""

    zone: str
    need: Content
    result: Content
    score: float
    level: int
    scored: Scored
    verdict: VerdictView | None


@dataclass(frozen=True, slots=True)
class NeedRow:
    """A need on the desk's list. `waiting` counts its pairs at 弱 or better that nobody has judged."""

    need: Content
    pairs: int
    waiting: int
    best: int


@dataclass(frozen=True, slots=True)
class Desk:
    """A zone's desk: its needs by how many pairs wait for a verdict, and the totals in its head."""

    zone: ZoneView
    needs: tuple[NeedRow, ...]
    total_needs: int
    results: int
    waiting: int
    judged: int


def pairs_for_listing(session: Session, actor: Actor, public_id: str, *, limit: int = 10) -> tuple[PairView, ...]:
    """The listing's pairs at 弱 or better, best first, in all zones together, for its owner, and for the desks of each zone.

    Empty for everybody else, who is not told whether there are any. Raises `NotFound` for an unknown listing.
    """
    listing = session.exec(select(Listing).where(Listing.public_id == public_id)).first()
    if listing is None:
        raise NotFound(kind="listing")
    side = Match.need_id if listing.kind == ListingKind.NEED else Match.result_id
    query = select(Match).where(side == listing.id, col(Match.level) > 0).order_by(col(Match.score).desc(), col(Match.id))
    is_owner = is_allowed(actor, "match.read", organisation_id=listing.organisation_id)
    if not is_owner:
        if not actor.desk_zones:
            return ()
        query = query.where(col(Match.zone_id).in_(actor.desk_zones))
    rows: list[Match] = []
    seen: set[tuple[int, int]] = set()
    for row in session.exec(query.limit(limit * 4)):
        # The same pair may stand in two zones (an addressed need); an owner wants to read it once.
        if (row.need_id, row.result_id) not in seen and len(rows) < limit:
            seen.add((row.need_id, row.result_id))
            rows.append(row)
    return tuple(_views(session, actor, rows, with_verdicts=not is_owner))


def strongest(session: Session, actor: Actor, zone_code: str, *, limit: int = 5) -> tuple[PairView, ...]:
    """The zone's best pairs for those who may see its desk; empty for everybody else."""
    zone = _zone(session, zone_code)
    if not is_allowed(actor, "desk.read", zones={zone.id}):
        return ()
    rows = session.exec(
        select(Match)
        .where(Match.zone_id == zone.id, col(Match.level) >= 2)
        .order_by(col(Match.score).desc(), col(Match.id))
        .limit(limit)
    ).all()
    return tuple(_views(session, actor, rows, with_verdicts=True))


def desk(session: Session, actor: Actor, zone_code: str, *, offset: int = 0, limit: int = 50) -> Desk:
    """The needs of the zone, most waiting pairs first. Raises `MayNot` for those who do not work for the zone."""
    zone = _zone(session, zone_code)
    require(actor, "desk.read", zones={zone.id})
    judged = set(in_force(session, zone.id))
    need_ids = open_ids(session, ListingKind.NEED, zone.industry.id, zone_id=zone.id) if zone.industry else []
    totals: dict[int, list[int]] = {id_: [0, 0, 0] for id_ in need_ids}
    for need_id, result_id, level in session.exec(
        select(Match.need_id, Match.result_id, Match.level).where(Match.zone_id == zone.id)
    ):
        if need_id in totals:
            row = totals[need_id]
            row[0] += level > 0
            row[1] += level > 0 and (need_id, result_id) not in judged
            row[2] = max(row[2], level)
    order = sorted(totals, key=lambda id_: (-totals[id_][1], -totals[id_][2], id_))
    contents = load(session, order[offset : offset + limit])
    layers = readable_layers(actor)
    return Desk(
        zone=zone,
        needs=tuple(
            NeedRow(restrict(contents[id_], layers), *totals[id_]) for id_ in order[offset : offset + limit] if id_ in contents
        ),
        total_needs=len(order),
        results=len(open_ids(session, ListingKind.RESULT, zone.industry.id)) if zone.industry else 0,
        waiting=sum(row[1] for row in totals.values()),
        judged=len(judged),
    )


def desk_pairs(session: Session, actor: Actor, zone_code: str, need: str, *, level: int | None = None) -> tuple[PairView, ...]:
    """All kept pairs of one need on the zone's desk, best first; those at 无 only when judged or asked for by level."""
    zone = _zone(session, zone_code)
    require(actor, "desk.read", zones={zone.id})
    listing = session.exec(select(Listing).where(Listing.public_id == need, Listing.kind == ListingKind.NEED)).first()
    if listing is None:
        raise NotFound(kind="need")
    query = select(Match).where(Match.zone_id == zone.id, Match.need_id == listing.id)
    if level is not None:
        query = query.where(Match.level == level)
    else:
        judged = select(Verdict.result_id).where(Verdict.zone_id == zone.id, Verdict.need_id == listing.id)
        query = query.where(sa.or_(col(Match.level) > 0, col(Match.result_id).in_(judged)))
    rows = session.exec(query.order_by(col(Match.score).desc(), col(Match.id))).all()
    return tuple(_views(session, actor, rows, with_verdicts=True))


def one_pair(session: Session, actor: Actor, zone_code: str, need: str, result: str) -> PairView:
    """One pair on the desk. Raises `NotFound` when it is not, or not any more, among the zone's pairs."""
    for pair in _find(session, actor, zone_code, need, result):
        return pair
    raise NotFound(kind="pair")


def _find(session: Session, actor: Actor, zone_code: str, need: str, result: str) -> Iterable[PairView]:
    zone = _zone(session, zone_code)
    require(actor, "desk.read", zones={zone.id})
    ids = {
        row[0]: row[1]
        for row in session.exec(select(Listing.public_id, Listing.id).where(col(Listing.public_id).in_([need, result])))
    }
    rows = session.exec(
        select(Match).where(Match.zone_id == zone.id, Match.need_id == ids.get(need), Match.result_id == ids.get(result))
    ).all()
    return _views(session, actor, rows, with_verdicts=True)


def _views(session: Session, actor: Actor, rows: Sequence[Match], *, with_verdicts: bool) -> Iterable[PairView]:
    contents = load(session, {id_ for row in rows for id_ in (row.need_id, row.result_id)})
    codes = {zone.id: zone.code for zone in zones(session)}
    verdicts = {
        zone_id: in_force(session, zone_id, {row.need_id for row in rows if row.zone_id == zone_id})
        for zone_id in ({row.zone_id for row in rows} if with_verdicts else ())
    }
    layers = readable_layers(actor)
    for row in rows:
        need, result = contents.get(row.need_id), contents.get(row.result_id)
        # Law 3 for matches too: what was withdrawn a moment ago is not shown because a row still lies here.
        if need is None or result is None or {need.state, result.state} != {ListingState.PUBLISHED}:
            continue
        yield PairView(
            zone=codes[row.zone_id],
            need=restrict(need, layers),
            result=restrict(result, layers),
            score=row.score,
            level=row.level,
            scored=from_json(row.scored),
            verdict=verdicts.get(row.zone_id, {}).get((row.need_id, row.result_id)),
        )


def _zone(session: Session, code: str) -> ZoneView:
    for zone in zones(session):
        if zone.code == code:
            return zone
    raise NotFound(kind="zone")
