"""Computed pairs with their reasons: of one's own listing, and on the desk of a zone; and the verdicts that people give."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import Session
from starlette.responses import Response

from api.v1 import cursors
from api.v1.call import Call, IdempotencyKey, Reading, Writing, made, session_of
from api.v1.commands import WordIn
from api.v1.listings import detail
from api.v1.shapes import Brief, Everything, Shape, Writer
from matching import listing_views, matches, verdicts
from matching.model import ListingKind
from matching.pair_views import PairView
from matching.pairing.first_ten import Switches
from matching.store.answers import Answered
from matching.store.unit import UnitOfWork
from matching.verdicts import SayFits
from web.messages import level_name, part_name
from web.names import Names, read_names
from web.pair_view import is_outdated
from web.reasons import reasons

router = APIRouter(tags=["Matches"])


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


class Word(Shape):
    """What the owner of a side (`need` or `result`) says of a pair. `reason` is a code of the list `decline_reason`."""

    side: str
    fits: bool
    reason: str
    at: datetime


class Moved(Shape):
    """Where the order of the first ten is changed on request: `places` up, or negative down, and why: `new`,
    `same_organisation` as a pair above, or `alike`, a title much like one above."""

    places: int
    why: str


class Pair(Shape):
    """A need and a result, and why. `level` is 3 (强), 2 (较强), 1 (弱) or 0 (无); `reason` says what speaks for it,
    `missing` what is missing or speaks against it, each in the language of the answer. `zone` is null in the pool of needs
    that no zone has; `lane` is `industry`, or outside it `outside_result` or `outside_need`. `is_current`: computed from the
    texts as they are. Owners get no `verdict`, and of `words` (what owners said of it) only their own. `moved` is
    null where a pair stands by its score, or only makes room for others."""

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
    found_at: datetime
    is_current: bool
    verdict: VerdictShape | None
    words: list[Word]
    moved: Moved | None


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
        found_at=pair.found_at,
        is_current=pair.is_current,
        words=[Word(side=each.side.value, fits=each.fits, reason=each.reason, at=each.at) for each in pair.words],
        moved=Moved(places=pair.move.places, why=pair.move.cause) if pair.move and pair.move.cause else None,
    )


Best = Annotated[int, Query(ge=1, le=cursors.MOST)]


def first_ten(call: Call, fresh: bool, diverse: bool) -> Switches:
    return Switches(call.services.database.clock.today() if fresh else None, diverse)


def _matches(call: Call, kind: ListingKind, public_id: str, limit: int, outside: bool, switches: Switches) -> Response:
    with session_of(call) as session:
        detail(session, call, kind, public_id)
        pairs = matches.pairs_for_listing(session, call.actor, public_id, limit=limit, outside=outside, switches=switches)
        return call.listed(Everything(items=pair_shapes(session, call, pairs)))


@router.get("/results/{listing}/matches", response_model=Everything[Pair])
def list_result_matches(
    call: Reading, listing: str, limit: Best = 10, outside: bool = False, fresh: bool = False, diverse: bool = False
) -> Response:
    return _matches(call, ListingKind.RESULT, listing, limit, outside, first_ten(call, fresh, diverse))


@router.get("/needs/{listing}/matches", response_model=Everything[Pair])
def list_need_matches(
    call: Reading, listing: str, limit: Best = 10, outside: bool = False, fresh: bool = False, diverse: bool = False
) -> Response:
    return _matches(call, ListingKind.NEED, listing, limit, outside, first_ten(call, fresh, diverse))


class Said(Shape):
    """Your word on the pair as it stands now; `fits` is null where there is none."""

    fits: bool | None
    reason: str


def _say(call: Call, kind: ListingKind, public_id: str, other: str, body: WordIn) -> Response:
    def job(unit: UnitOfWork) -> Answered:
        detail(unit.session, call, kind, public_id)
        listing_views.page(unit.session, call.actor, other)
        fits, reason = verdicts.say(unit, call.actor, SayFits(public_id, other, body.fits, body.reason, said=None))
        return made(Said(fits=fits, reason=reason))

    return call.once(job)


@router.post("/results/{listing}/matches/{other}/word", response_model=Said)
def say_of_result(call: Writing, listing: str, other: str, body: WordIn, idempotency_key: IdempotencyKey = None) -> Response:
    return _say(call, ListingKind.RESULT, listing, other, body)


@router.post("/needs/{listing}/matches/{other}/word", response_model=Said)
def say_of_need(call: Writing, listing: str, other: str, body: WordIn, idempotency_key: IdempotencyKey = None) -> Response:
    return _say(call, ListingKind.NEED, listing, other, body)
