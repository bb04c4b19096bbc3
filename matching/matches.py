"""Reading computed matches: for the two owners, for the desk of a zone, and as mere counts for everyone else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching.access import Actor, is_allowed, readable_layers, require
from matching.content import Content, load, restrict
from matching.errors import NotFound
from matching.model import MATCH_LANES, Listing, ListingKind, Match, MatchLane
from matching.pair_views import EVERYTHING, PairFilter, PairView, in_order, views, zone_by_code
from matching.pairing.first_ten import REACH, Switches
from matching.reference import ZoneView, zone_fields
from matching.standings import count_results, lane_needs
from matching.verdicts import in_force

_BLOCK: Final = 500
AS_SCORED: Final = Switches()


@dataclass(frozen=True, slots=True)
class NeedRow:
    """A need on the desk's list. `pairs` counts those that the filter lets, `waiting` those at 弱 or better of its lane that
    nobody has judged."""

    need: Content
    pairs: int
    waiting: int
    best: int


@dataclass(frozen=True, slots=True)
class Desk:
    """A zone's desk in one lane. `needs` are those of a page, most waiting pairs first, out of `found` that the filter leaves
    and `total_needs` in the lane; `pairs` counts the pairs that the filter lets, `lanes` those at 弱 or better of each lane."""

    zone: ZoneView
    needs: tuple[NeedRow, ...]
    found: int
    total_needs: int
    results: int
    waiting: int
    judged: int
    pairs: int
    lanes: Mapping[MatchLane, int]


def pairs_for_listing(
    session: Session,
    actor: Actor,
    public_id: str,
    *,
    limit: int = 10,
    outside: bool = False,
    switches: Switches = AS_SCORED,
) -> tuple[PairView, ...]:
    """The listing's pairs at 弱 or better, best first, in all zones together, for its owner; for the desks of each zone those of
    the zone, and those in the pool. With `outside` those of the lanes outside the industry that stand in no industry's lane.
    The first ten stand as the switches want them.

    Empty for everybody else, who is not told whether there are any. Raises `NotFound` for an unknown listing.
    """
    listing = session.exec(select(Listing).where(Listing.public_id == public_id)).first()
    if listing is None:
        raise NotFound(kind="listing")
    side = Match.need_id if listing.kind == ListingKind.NEED else Match.result_id
    is_owner = is_allowed(actor, "match.read", organisation_id=listing.organisation_id)
    if not is_owner and not actor.desk_zones:
        return ()
    query = select(Match).where(side == listing.id, col(Match.level) > 0)
    if not is_owner:
        query = query.where(sa.or_(col(Match.zone_id).in_(actor.desk_zones), col(Match.zone_id).is_(None)))
    seen: set[tuple[int, int]] = set()
    if outside:
        inside = query.where(Match.lane == "industry").with_only_columns(col(Match.need_id), col(Match.result_id))
        seen = {(need_id, result_id) for need_id, result_id in session.execute(inside)}
        query = query.where(Match.lane != "industry")
    else:
        query = query.where(Match.lane == "industry")
    rows: list[Match] = []
    for row in session.exec(query.order_by(col(Match.score).desc(), col(Match.id))):
        # The same pair may stand in two zones (an addressed need); an owner wants to read it once.
        if (row.need_id, row.result_id) not in seen:
            seen.add((row.need_id, row.result_id))
            rows.append(row)
        if len(rows) == (max(limit, REACH) if switches.are_on else limit):
            break
    pairs = tuple(views(session, actor, rows, with_verdicts=not is_owner, with_words=not is_owner))
    other = ListingKind.RESULT if listing.kind == ListingKind.NEED else ListingKind.NEED
    return in_order(pairs, other, switches)[:limit]


def strongest(session: Session, actor: Actor, zone_code: str, *, limit: int = 5) -> tuple[PairView, ...]:
    """The zone's best pairs in its industry for those who may see its desk; empty for everybody else."""
    zone = zone_by_code(session, zone_code)
    if not is_allowed(actor, "desk.read", zones={zone.id}):
        return ()
    rows = session.exec(
        select(Match)
        .where(Match.zone_id == zone.id, Match.lane == "industry", col(Match.level) >= 2)
        .order_by(col(Match.score).desc(), col(Match.id))
        .limit(limit)
    ).all()
    return tuple(views(session, actor, rows, with_verdicts=True, with_words=True))


def desk(
    session: Session,
    actor: Actor,
    zone_code: str,
    wanted: PairFilter = EVERYTHING,
    *,
    offset: int = 0,
    limit: int = 50,
    after: str = "",
) -> Desk:
    """The needs of the zone in a lane; with a narrow filter those of them that have a pair it lets. They begin behind the need
    `after` (public id), where it still stands on the desk, else at `offset`.

    Raises `MayNot` for those who do not work for the zone.
    """
    zone = _desk_zone(session, actor, zone_code)
    industry_id = zone_fields(session).get(zone.id)
    judged = set(in_force(session, zone.id))
    need_ids = lane_needs(session, zone.id, industry_id, wanted.lane) if industry_id else []
    totals = {id_: [0, 0, 0] for id_ in need_ids}
    graded = 0
    for need_id, result_id, level, found_at in _lane_rows(session, zone.id, wanted.lane):
        if need_id in totals:
            row = totals[need_id]
            is_judged = (need_id, result_id) in judged
            graded += is_judged
            row[0] += wanted.passes(level, is_judged, found_at)
            row[1] += level > 0 and not is_judged
            row[2] = max(row[2], level)
    order = sorted(
        (id_ for id_ in totals if totals[id_][0] or not wanted.is_narrow), key=lambda id_: (-totals[id_][1], -totals[id_][2], id_)
    )
    last = session.exec(select(Listing.id).where(Listing.public_id == after)).first() if after else None
    offset = order.index(last) + 1 if last in order else offset
    contents = load(session, order[offset : offset + limit])
    layers = readable_layers(actor)
    return Desk(
        zone=zone,
        needs=tuple(
            NeedRow(restrict(contents[id_], layers), *totals[id_]) for id_ in order[offset : offset + limit] if id_ in contents
        ),
        found=len(order),
        total_needs=len(totals),
        results=count_results(session, industry_id) if industry_id else 0,
        waiting=sum(row[1] for row in totals.values()),
        judged=graded,
        pairs=sum(row[0] for row in totals.values()),
        lanes=_lane_counts(session, zone.id),
    )


def _lane_rows(session: Session, zone_id: int, lane: MatchLane) -> Iterator[tuple[int, int, int, datetime]]:
    query = select(Match.need_id, Match.result_id, Match.level, Match.found_at)
    yield from session.exec(query.where(Match.zone_id == zone_id, Match.lane == lane))


def _lane_counts(session: Session, zone_id: int) -> dict[MatchLane, int]:
    query = select(Match.lane, sa.func.count()).where(Match.zone_id == zone_id, col(Match.level) > 0).group_by(col(Match.lane))
    held = dict(session.exec(query).all())
    return {lane: held.get(lane, 0) for lane in MATCH_LANES}


def desk_pairs(session: Session, actor: Actor, zone_code: str, need: str, lane: MatchLane = "industry") -> tuple[PairView, ...]:
    """All kept pairs of one need on the zone's desk in a lane, those at 无 too, best first."""
    zone = _desk_zone(session, actor, zone_code)
    listing = session.exec(select(Listing).where(Listing.public_id == need, Listing.kind == ListingKind.NEED)).first()
    if listing is None:
        raise NotFound(kind="need")
    query = select(Match).where(Match.zone_id == zone.id, Match.need_id == listing.id, Match.lane == lane)
    rows = session.exec(query.order_by(col(Match.score).desc(), col(Match.id))).all()
    return tuple(views(session, actor, rows, with_verdicts=True, with_words=True))


def filtered_pairs(session: Session, actor: Actor, zone_code: str, wanted: PairFilter, *, most: int) -> Iterator[PairView]:
    """The pairs of the zone that the filter lets, best first, at most `most`, read in blocks: for an export."""
    zone = _desk_zone(session, actor, zone_code)
    judged = set(in_force(session, zone.id))
    columns = (Match.id, Match.need_id, Match.result_id, Match.level, Match.found_at)
    rows = session.execute(
        sa.select(*map(col, columns))
        .where(col(Match.zone_id) == zone.id, col(Match.lane) == wanted.lane)
        .order_by(col(Match.score).desc(), col(Match.id))
    )
    ids = [id_ for id_, need, result, level, found_at in rows if wanted.passes(level, (need, result) in judged, found_at)][:most]
    for start in range(0, len(ids), _BLOCK):
        block = session.exec(select(Match).where(col(Match.id).in_(ids[start : start + _BLOCK]))).all()
        ordered = sorted(block, key=lambda row: (-row.score, row.id))
        yield from views(session, actor, ordered, with_verdicts=True, with_words=True)


def one_pair(session: Session, actor: Actor, zone_code: str, need: str, result: str) -> PairView:
    """One pair on the desk. Raises `NotFound` when it is not, or not any more, among the zone's pairs."""
    zone = _desk_zone(session, actor, zone_code)
    ids = {
        row[0]: row[1]
        for row in session.exec(select(Listing.public_id, Listing.id).where(col(Listing.public_id).in_([need, result])))
    }
    rows = session.exec(
        select(Match).where(Match.zone_id == zone.id, Match.need_id == ids.get(need), Match.result_id == ids.get(result))
    ).all()
    for pair in views(session, actor, rows, with_verdicts=True, with_words=True):
        return pair
    raise NotFound(kind="pair")


def _desk_zone(session: Session, actor: Actor, code: str) -> ZoneView:
    zone = zone_by_code(session, code)
    require(actor, "desk.read", zones={zone.id})
    return zone
