"""The matching desk: is this pair good? Needs at the left, the chosen one with its pairs at the right, graded one by one."""

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from matching import learned_encoders, matches, verdicts
from matching.access import require
from matching.errors import IllegalMove, NotFound
from matching.matches import Desk
from matching.pair_views import PairView
from matching.reference import ZoneView
from matching.store.unit import fresh_token
from matching.verdicts import STAFF_GRADES, GradePair
from web import i18n, pair_view, paths, typed_grades
from web.context import Context, RequestContext, go_to
from web.names import Names, read_names
from web.pair_view import PAIRS_A_STEP, Asked, asked_of
from web.policy import LIST, quotation
from web.rendering import render
from web.typed import TypedForm

router = APIRouter()

_UNDONE: Final = "undone"
"""A flash of the desk's own: `undone.<grade>.<need>.<result>`."""
NOTHING_TO_UNDO: Final = "nothing_to_undo"


@dataclass(frozen=True, slots=True)
class Undone:
    """A verdict just taken back. `pair` is None where the desk no longer has it."""

    grade: int
    need: str
    result: str
    pair: PairView | None


@dataclass(frozen=True, slots=True)
class ZoneRow:
    zone: ZoneView
    desk: Desk


@router.get(paths.DESK)
def own_desk(context: Context) -> Response:
    """The desk of the zone that the actor works for; a choice for those who work for several, and for administrators."""
    zones = context.own_zones
    if len(zones) == 1:
        return go_to(context, paths.desk(zones[0].code))
    with context.services.database.read() as session:
        if not zones:
            require(context.actor, "desk.read")
            zones = read_names(session).zones
        rows = [ZoneRow(zone, matches.desk(session, context.actor, zone.code, limit=0)) for zone in zones if not zone.retired]
    return render(context, "desk_zones.html", rows=rows)


@router.get(paths.DESK + "/{zone}")
def desk(request: Request, context: Context, zone: str) -> Response:
    asked = asked_of(zone, lambda name: request.query_params.get(name, ""))
    with context.services.database.read() as session:
        names = read_names(session)
        view = pair_view.read_desk(session, context.actor, asked, context.services.database.clock.now())
        undone = _undone(context, session, asked.zone)
        encoder_waits = learned_encoders.waiting(session)
    with i18n.speaking(context.language):
        quoted = quotation(names.lists.get(LIST, {}), view.desk.zone)
    return render(
        context, "desk.html", "desk", names=names, view=view, zone=view.desk.zone, quoted=quoted, undone=undone,
        encoder_waits=encoder_waits, nothing_to_undo=context.flash == NOTHING_TO_UNDO,
        fresh_token=fresh_token, PAIRS_A_STEP=PAIRS_A_STEP,
    )  # fmt: skip


def _undone(context: RequestContext, session: Session, zone: str) -> Undone | None:
    """What the flash of an undo without JavaScript says; None for any other flash."""
    name, *parts = (context.flash or "").split(".")
    if name != _UNDONE or len(parts) != 3 or parts[0] not in {str(each) for each in STAFF_GRADES}:
        return None
    return _read_undone(context, session, GradePair(zone, parts[1], parts[2], int(parts[0])))


def _read_undone(context: RequestContext, session: Session, taken: GradePair) -> Undone:
    try:
        pair = pair_view.pair_of(session, context.actor, taken.zone, taken.need, taken.result)
    except NotFound:
        return Undone(taken.grade, taken.need, taken.result, None)
    return Undone(taken.grade, taken.need, taken.result, pair)


@router.post(paths.DESK + "/{zone}/verdicts")
def give(context: Context, zone: str, typed: TypedForm) -> Response:
    """Grade a pair. The same form sent twice is one verdict; sent again with another grade it is a change of mind."""
    asked = asked_of(zone, typed.one)
    need, result = typed.one("need"), typed.one("result")
    with context.services.database.write() as unit:
        pair_view.pair_of(unit.session, context.actor, zone, need, result)
        typed_grades.give_once(unit, context.actor, zone, typed)
        unit.commit()
    if not context.is_fragment:
        return go_to(context, asked.pair_href(need, result))
    with context.services.database.read() as session:
        pair = pair_view.pair_of(session, context.actor, zone, need, result)
        return _answer(context, session, asked, pair, undone=None)


@router.post(paths.DESK + "/{zone}/undo")
def undo(context: Context, zone: str, typed: TypedForm) -> Response:
    """Take back the actor's last grade in the zone, and say which it was."""
    asked = asked_of(zone, typed.one)
    need = asked.need
    try:
        with context.services.database.write() as unit:
            taken = verdicts.undo_last(unit, context.actor, zone)
            unit.commit()
    except IllegalMove:
        if not context.is_fragment:
            return go_to(context, asked.href(), flash=NOTHING_TO_UNDO)
        with context.services.database.read() as session:
            return _answer(context, session, asked, None, undone=None)
    if not context.is_fragment:
        flash = f"{_UNDONE}.{taken.grade}.{taken.need}.{taken.result}"
        return go_to(context, _at(context, asked, taken).pair_href(taken.need, taken.result), flash=flash)
    with context.services.database.read() as session:
        undone = _read_undone(context, session, taken)
        is_shown = undone.pair is not None and taken.need == need and undone.pair.lane == asked.match_lane
        return _answer(context, session, asked, undone.pair if is_shown else None, undone=undone)


def _at(context: RequestContext, asked: Asked, taken: GradePair) -> Asked:
    """Where the pair stands: as asked for, where that shows its need in its lane, else all of its need."""
    with context.services.database.read() as session:
        pair = _read_undone(context, session, taken).pair
    lane = "" if pair is None or pair.lane == "industry" else pair.lane
    if taken.need == asked.need and lane == asked.lane:
        return asked
    return Asked(asked.zone, taken.need, lane=lane, fresh=asked.fresh, diverse=asked.diverse)


def _answer(context: RequestContext, session: Session, asked: Asked, pair: PairView | None, *, undone: Undone | None) -> Response:
    """The touched pair, and beside it (out of band) the counts that changed and one line on what was done."""
    names: Names = read_names(session)
    now = context.services.database.clock.now()
    desk = matches.desk(session, context.actor, asked.zone, asked.filter(now), limit=0)
    touched = undone.need if undone else asked.need
    lane = undone.pair.lane if undone and undone.pair else asked.match_lane
    every = matches.desk_pairs(session, context.actor, asked.zone, touched, lane) if pair or undone else ()
    is_here = bool(every) and touched == asked.need and lane == asked.match_lane
    # The order of the list may be another at the next look, so the address names the need that the hand is on.
    headers = {"HX-Replace-Url": asked.href()} if asked.need else {}
    return render(
        context, "desk_answer.html", headers=headers, names=names, asked=asked, desk=desk, pair=pair, undone=undone,
        counts=pair_view.counts_of(every, asked, now) if is_here else {}, touched=touched if every else "",
        waiting=pair_view.count_waiting(every), fresh_token=fresh_token,
    )  # fmt: skip
