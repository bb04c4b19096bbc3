"""Computed pairs with their reasons: of one's own listing, and on the desk of a zone; and the verdicts that people give."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import Session
from starlette.responses import Response

from api.v1 import cursors
from api.v1.call import Call, Reading, session_of
from api.v1.listings import detail
from api.v1.shapes import Brief, Everything, Shape, Writer
from matching import matches
from matching.model import ListingKind
from matching.pair_views import PairView
from web.messages import level_name, part_name
from web.names import Names, read_names
from web.pair_view import is_outdated
from web.reasons import reasons

router = APIRouter()


class Part(Shape):
    """One of the ten parts. `value` in [0, 1] is null where it does not apply; `points` add up to the score."""

    code: str
    name: str
    value: float | None
    weight: float
    points: float


class VerdictShape(Shape):
    """The verdict in force in the zone. `is_outdated` where a text has changed since."""

    grade: int
    grade_name: str
    reason: str
    grader: str
    at: datetime
    is_outdated: bool


class Pair(Shape):
    """A need and a result, and why. `level` is 3 (强), 2 (较强), 1 (弱) or 0 (无); `reason` says what speaks for it,
    `missing` what is missing or speaks against it, each in the language of the answer. `zone` is null in the pool
    of needs that no zone has; `lane` is `industry`, or outside it `outside_result` or `outside_need`. Owners get no `verdict`."""

    zone: str | None
    lane: str
    need: Brief
    result: Brief
    score: float
    level: int
    level_name: str
    reason: str
    missing: str
    shared_terms: list[str]
    parts: list[Part]
    verdict: VerdictShape | None


def pair_shapes(session: Session, call: Call, pairs: Sequence[PairView]) -> list[Pair]:
    writer, names = Writer(session), read_names(session)
    with call.speaking():
        return [_pair(writer, names, each) for each in pairs]


def _pair(writer: Writer, names: Names, pair: PairView) -> Pair:
    told = reasons(pair, names)
    return Pair(
        zone=pair.zone,
        lane=pair.lane,
        need=writer.brief(pair.need),
        result=writer.brief(pair.result),
        score=pair.score,
        level=pair.level,
        level_name=level_name(pair.level),
        reason=told.sentence,
        missing=told.missing,
        shared_terms=list(pair.scored.shared_terms),
        parts=[
            Part(code=each.code, name=part_name(each.code), value=each.value, weight=each.weight, points=each.points)
            for each in pair.scored.parts
        ],
        verdict=VerdictShape(
            grade=pair.verdict.grade,
            grade_name=level_name(pair.verdict.grade),
            reason=pair.verdict.reason,
            grader=pair.verdict.grader,
            at=pair.verdict.at,
            is_outdated=is_outdated(pair),
        )
        if pair.verdict
        else None,
    )


Best = Annotated[int, Query(ge=1, le=cursors.MOST)]


def _matches(call: Call, kind: ListingKind, public_id: str, limit: int) -> Response:
    with session_of(call) as session:
        detail(session, call, kind, public_id)
        pairs = matches.pairs_for_listing(session, call.actor, public_id, limit=limit)
        return call.listed(Everything(items=pair_shapes(session, call, pairs)))


@router.get("/results/{id}/matches", response_model=Everything[Pair], tags=["Matches"])
def list_result_matches(call: Reading, id: str, limit: Best = 10) -> Response:  # noqa: A002 - the name in the address
    return _matches(call, ListingKind.RESULT, id, limit)


@router.get("/needs/{id}/matches", response_model=Everything[Pair], tags=["Matches"])
def list_need_matches(call: Reading, id: str, limit: Best = 10) -> Response:  # noqa: A002 - the name in the address
    return _matches(call, ListingKind.NEED, id, limit)
