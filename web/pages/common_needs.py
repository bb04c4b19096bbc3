"""Needs of several firms of a zone that ask for the same thing, for the zone's staff."""

from fastapi import APIRouter
from starlette.responses import Response

from matching import common_needs
from matching.errors import FieldError, InvalidInput, MayNot, SignInNeeded
from web import paths
from web.context import Context, RequestContext, go_to
from web.names import read_names
from web.rendering import render
from web.typed import TypedForm

router = APIRouter()


@router.get(paths.COMMON_NEEDS)
def offered(context: Context, zone: str = "") -> Response:
    return _show(context, zone)


@router.post(paths.COMMON_NEEDS + "/{zone}/{public_id}")
def decide(context: Context, zone: str, public_id: str, typed: TypedForm) -> Response:
    try:
        with context.services.database.write() as unit:
            made = ""
            if typed.one("do") == "accept":
                made = common_needs.accept(unit, context.actor, zone, public_id, typed.one("organisation"))
            elif typed.one("do") == "dismiss":
                common_needs.dismiss(unit, context.actor, zone, public_id)
            else:
                raise InvalidInput(FieldError("do", "unknown_code"))
            unit.commit()
    except InvalidInput as refused:
        return _show(context, zone, refused=refused, status=422)
    if made:
        return go_to(context, paths.edit(made), flash="common_accepted")
    return go_to(context, paths.with_query(paths.COMMON_NEEDS, zone=zone), flash="common_dismissed")


def _show(context: RequestContext, zone: str, *, refused: InvalidInput | None = None, status: int = 200) -> Response:
    if context.actor.is_visitor:
        raise SignInNeeded()
    with context.services.database.read() as session:
        names = read_names(session)
        zones = tuple(each for each in names.zones if context.may("common.decide", zones=frozenset({each.id})))
        if not zones:
            raise MayNot(action="common.decide")
        chosen = zone or zones[0].code
        items = common_needs.of_zone(session, context.actor, chosen)
        owners = common_needs.owners(session, context.actor, chosen)
    return render(
        context, "common_needs.html", status=status, items=items, owners=owners, zones=zones, names=names,
        zone=names.zone(chosen), refused=refused,
    )  # fmt: skip
