"""Suggested industries of a zone's open listings, confirmed or rejected many at a time; the last decision can be taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, get_args

from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response

from matching import suggestion_reviews
from matching.errors import IllegalMove, InvalidInput, MayNot, SignInNeeded
from matching.store.unit import UnitOfWork
from matching.suggestion_reviews import Choice, Done, Group
from matching.tagging import Band
from web import paths
from web.context import Context, RequestContext, go_to
from web.names import read_names
from web.paging import Paging, page_number
from web.rendering import render
from web.typed import Typed, TypedForm, whole_number

router = APIRouter()

ROWS_A_PAGE: Final = 50
MOST_SLICES: Final = 25
"""Of one press: 5,000 suggestions, some seconds. What is left waits for the next."""
_BANDS: Final[tuple[Band, ...]] = get_args(Band)
_DEEDS: Final = {"confirm": "confirmed", "reject": "rejected"}


@dataclass(frozen=True, slots=True)
class _Place:
    """Which zone, and which of its groups."""

    zone: str
    industry: str = ""
    band: str = ""

    def href(self, **more: object) -> str:
        return paths.with_query(paths.REVIEW_INDUSTRIES, zone=self.zone, industry=self.industry, band=self.band, **more)


@router.get(paths.REVIEW_INDUSTRIES)
def waiting(
    context: Context, zone: str = "", industry: str = "", band: str = "", page: str = "", did: str = "", n: str = ""
) -> Response:
    said = (did, whole_number(n) or 0) if did in ("confirmed", "rejected", "undone") else None
    return _show(context, _Place(zone, industry, band if band in _BANDS else ""), page_number(page), said)


@router.post(paths.REVIEW_INDUSTRIES)
def decide(context: Context, typed: TypedForm) -> Response:
    place = _Place(typed.one("zone"), typed.one("industry"), typed.one("band") if typed.one("band") in _BANDS else "")
    deed = typed.one("do")
    if deed == "undo":
        try:
            count = _slices(context, lambda unit, held: suggestion_reviews.undo(unit, context.actor, place.zone, decision=held))
        except IllegalMove as refused:
            return _show(context, place, 1, refused=refused, status=409)
        return go_to(context, place.href(did="undone", n=count))
    state, _, whole = deed.partition("-")
    choice = Choice(industry=place.industry, band=place.band) if whole else Choice(picks=_picks(typed))
    try:
        count = _slices(
            context,
            lambda unit, held: suggestion_reviews.decide(
                unit, context.actor, place.zone, choice, _DEEDS.get(state, state), decision=held
            ),
        )
    except InvalidInput as refused:
        return _show(context, place, page_number(typed.one("page")), refused=refused, status=422)
    return go_to(context, place.href(did=_DEEDS[state], n=count))


def _picks(typed: Typed) -> tuple[tuple[str, str], ...]:
    pairs = (each.partition(":") for each in typed.all("pick"))
    return tuple((listing, code) for listing, _, code in pairs)


def _slices(context: RequestContext, one: Callable[[UnitOfWork, str], Done]) -> int:
    """Slice after slice, each committed by itself. Returns how many suggestions were decided."""
    count, held = 0, ""
    for _ in range(MOST_SLICES):
        with context.services.database.write() as unit:
            done = one(unit, held)
            unit.commit()
        count, held = count + done.count, done.decision
        if not done.more:
            break
    return count


def _show(
    context: RequestContext,
    place: _Place,
    page: int,
    said: tuple[str, int] | None = None,
    *,
    refused: InvalidInput | IllegalMove | None = None,
    status: int = 200,
) -> Response:
    if context.actor.is_visitor:
        raise SignInNeeded()
    with context.services.database.read() as session:
        names = read_names(session)
        zones = tuple(each for each in names.zones if context.may("review.read", zones=frozenset({each.id})))
        if not zones:
            raise MayNot(action="review.read")
        place = place if place.zone else _Place(zones[0].code, place.industry, place.band)
        groups = suggestion_reviews.groups(session, context.actor, place.zone)
        chosen = _chosen(groups, place)
        place = _Place(place.zone, chosen.industry.code if chosen else "", place.band)
        found = _items(session, context, place, page) if chosen else None
        last = suggestion_reviews.last(session, context.actor, place.zone)
    paging = Paging(
        found.total if found else 0, page, paths.REVIEW_INDUSTRIES,
        {"zone": place.zone, "industry": place.industry, "band": place.band}, size=ROWS_A_PAGE,
    )  # fmt: skip
    return render(
        context, "suggestions.html", status=status, zones=zones, place=place, groups=groups, chosen=chosen, said=said,
        items=found.items if found else (), paging=paging, last=last, names=names, bands=_BANDS, refused=refused,
        zone=names.zone(place.zone),
    )  # fmt: skip


def _chosen(groups: tuple[Group, ...], place: _Place) -> Group | None:
    """The group that is asked for; the first where it is empty by now."""
    return next((each for each in groups if each.industry.code == place.industry), groups[0] if groups else None)


def _items(session: Session, context: RequestContext, place: _Place, page: int) -> suggestion_reviews.ItemPage:
    choice = Choice(industry=place.industry, band=place.band)
    return suggestion_reviews.items(
        session, context.actor, place.zone, choice, offset=(page - 1) * ROWS_A_PAGE, limit=ROWS_A_PAGE
    )  # fmt: skip
