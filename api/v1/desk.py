"""What brokers and staff of a zone work with: its desk, the verdicts they give, the texts that wait for them."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from sqlmodel import Session
from starlette.responses import Response

from api.v1 import cursors
from api.v1.call import Call, Desking, IdempotencyKey, made, session_of
from api.v1.commands import VerdictIn
from api.v1.cursors import Cursor, Limit
from api.v1.pairs import Pair, first_ten, pair_shapes
from api.v1.shapes import Everything, Listing, Page, Shape, Writer
from matching import listing_views, matches, verdicts
from matching.model import ListingKind, MatchLane
from matching.pair_views import PairFilter, in_order
from matching.store.answers import Answered
from matching.store.unit import UnitOfWork
from matching.verdicts import GradePair
from web import pair_view
from web.pair_view import Asked

router = APIRouter(tags=["Desk"])

Lane = Annotated[MatchLane, Query()]
Level = Annotated[Literal["0", "1", "2", "3"] | None, Query()]
Show = Annotated[Literal["waiting", "judged"] | None, Query()]
Age = Annotated[Literal["1", "7", "30", "older"] | None, Query()]


class DeskNeed(Shape):
    """A need on the desk. `pairs` counts those that the filters leave, `waiting` those that nobody has judged, `best` is the
    best level."""

    need: Listing
    pairs: int
    waiting: int
    best: int


class DeskPage(Page[DeskNeed]):
    """`total` needs are left by the filters out of `all_needs` in the lane; `lanes` counts pairs by lane."""

    zone: str
    lane: str
    all_needs: int
    results: int
    waiting: int
    judged: int
    pairs: int
    lanes: dict[str, int]


class Undone(Shape):
    """The verdict that was taken back."""

    need: str
    result: str
    grade: int
    reason: str


class Waiting(Shape):
    listing: Listing
    version: int
    submitted_at: datetime


def _filter(call: Call, zone: str, lane: MatchLane, level: str | None, show: str | None, age: str | None) -> PairFilter:
    asked = Asked(zone, show=show or "", level=level or "", age=age or "", lane=lane)
    return asked.filter(call.services.database.clock.now())


@router.get("/zones/{zone}/desk", response_model=DeskPage)
def read_desk(
    call: Desking,
    zone: str,
    lane: Lane = "industry",
    level: Level = None,
    show: Show = None,
    age: Age = None,
    limit: Limit = cursors.USUAL,
    cursor: Cursor = None,
) -> Response:
    of = cursors.list_of("desk", zone=zone, lane=lane, level=level, show=show, age=age)
    position = cursors.read(cursor, of, str, int)
    after, offset = position or ("", 0)
    with session_of(call) as session:
        found = matches.desk(
            session, call.actor, zone, _filter(call, zone, lane, level, show, age), after=after,
            offset=min(max(offset, 0), 10**6), limit=limit + 1,
        )  # fmt: skip
        rows, last = cursors.cut(found.needs, limit)
        writer = Writer(session)
    return call.listed(
        DeskPage(
            items=[
                DeskNeed(need=writer.listing(each.need), pairs=each.pairs, waiting=each.waiting, best=each.best) for each in rows
            ],
            next_cursor=cursors.write(of, last.need.public_id, offset + limit) if last else None,
            total=found.found,
            zone=found.zone.code,
            lane=lane,
            all_needs=found.total_needs,
            results=found.results,
            waiting=found.waiting,
            judged=found.judged,
            pairs=found.pairs,
            lanes={str(lane): count for lane, count in found.lanes.items()},
        )
    )


@router.get("/zones/{zone}/desk/{need}/matches", response_model=Everything[Pair])
def list_desk_matches(
    call: Desking,
    zone: str,
    need: str,
    lane: Lane = "industry",
    level: Level = None,
    show: Show = None,
    age: Age = None,
    fresh: bool = False,
    diverse: bool = False,
) -> Response:
    wanted = _filter(call, zone, lane, level, show, age)
    with session_of(call) as session:
        pairs = [each for each in matches.desk_pairs(session, call.actor, zone, need, lane) if wanted.lets(each)]
        ordered = in_order(pairs, ListingKind.RESULT, first_ten(call, fresh, diverse))
        return call.listed(Everything(items=pair_shapes(session, call, ordered)))


def _pair(session: Session, call: Call, zone: str, need: str, result: str) -> Pair:
    return pair_shapes(session, call, [pair_view.pair_of(session, call.actor, zone, need, result)])[0]


@router.post("/zones/{zone}/verdicts", response_model=Pair)
def give_verdict(call: Desking, zone: str, body: VerdictIn, idempotency_key: IdempotencyKey = None) -> Response:
    def job(unit: UnitOfWork) -> Answered:
        pair_view.pair_of(unit.session, call.actor, zone, body.need, body.result)
        verdicts.give(unit, call.actor, GradePair(zone, body.need, body.result, body.grade, body.reason))
        return made(_pair(unit.session, call, zone, body.need, body.result))

    return call.once(job)


@router.post("/zones/{zone}/verdicts/undo", response_model=Undone)
def undo_verdict(call: Desking, zone: str, idempotency_key: IdempotencyKey = None) -> Response:
    def job(unit: UnitOfWork) -> Answered:
        taken = verdicts.undo_last(unit, call.actor, zone)
        return made(Undone(need=taken.need, result=taken.result, grade=taken.grade, reason=taken.reason))

    return call.once(job)


@router.get("/review", response_model=Page[Waiting])
def list_waiting(call: Desking, limit: Limit = cursors.USUAL, cursor: Cursor = None) -> Response:
    of = cursors.list_of("review")
    after = cursors.day_and_id(cursors.read(cursor, of, str, int))
    with session_of(call) as session:
        found = listing_views.waiting(session, call.actor, limit=limit + 1, after=after)
        items, last = cursors.cut(found.items, limit)
        writer = Writer(session)
    following = cursors.write(of, last.submitted_at.isoformat(), last.content.id) if last else None
    waiting = [
        Waiting(listing=writer.listing(each.content), version=each.content.version, submitted_at=each.submitted_at)
        for each in items
    ]
    return call.listed(Page(items=waiting, next_cursor=following, total=found.total))
