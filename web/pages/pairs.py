"""Pairs beside the desk: two texts compared, why they are a pair or none, and the desk's pairs as a sheet."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from matching import comparisons, matches
from matching.access import is_allowed, is_allowed_anywhere, require
from matching.comparisons import MOST_TYPED, Comparison
from matching.errors import InvalidInput, NotFound
from web import i18n, paths
from web.context import Context, RequestContext
from web.forms import FormState
from web.names import Names, read_names
from web.pair_sheet import MOST_ROWS, XLSX, pair_sheet
from web.pair_texts import side_texts
from web.pair_view import asked_of
from web.rendering import render

router = APIRouter()


@router.get(paths.COMPARE)
def explain(context: Context, need: str = "", result: str = "", zone: str = "") -> Response:
    """Any need and any result, named by id, number or address; without both the form that asks for them."""
    typed = FormState({"need": need[:MOST_TYPED], "result": result[:MOST_TYPED], "zone": zone})
    if not (need.strip() and result.strip()):
        if not is_allowed_anywhere(context.actor, "match.read"):
            require(context.actor, "match.read")
        return render(context, "compare_form.html", form=typed)
    with context.services.database.read() as session, i18n.speaking(context.language):
        names = read_names(session)
        try:
            seen = comparisons.compare(
                session, context.actor, context.services.sides, need, result, place=zone, today=context.today
            )
        except InvalidInput as refused:
            return render(context, "compare_form.html", form=typed.with_errors(refused))
    return _page(context, seen, names)


@router.get(paths.DESK + "/{zone}/compare")
def compare(context: Context, zone: str, need: str = "", result: str = "") -> Response:
    """Both texts of a pair of the desk, the shared terms marked in both and the closest passages pointed out."""
    with context.services.database.read() as session, i18n.speaking(context.language):
        names = read_names(session)
        found = names.zone(zone)
        require(context.actor, "desk.read", zones={found.id} if found else ())
        try:
            seen = comparisons.compare(
                session, context.actor, context.services.sides, need, result, place=zone, today=context.today
            )
        except InvalidInput as refused:
            raise NotFound("pair_gone") from refused
    return _page(context, seen, names)


def _page(context: RequestContext, seen: Comparison, names: Names) -> Response:
    """The whole page, or what would raise the pair alone, where a page with many pairs asks for it."""
    with i18n.speaking(context.language):
        sides = side_texts(seen)
    zone = seen.zone
    back = ""
    if zone is not None and seen.pair is not None and seen.is_desk:
        lane = seen.pair.lane
        asked = asked_of(zone.code, lambda name: {"need": seen.need.public_id, "lane": lane}.get(name, ""))
        back = asked.pair_href(seen.need.public_id, seen.result.public_id)
    may_grade = zone is not None and is_allowed(context.actor, "verdict.give", zones={zone.id})
    return render(
        context, "compare.html", "raising", seen=seen, pair=seen.pair, names=names, sides=sides, zone=zone, back=back,
        may_grade=may_grade,
    )  # fmt: skip


@router.get(paths.DESK + "/{zone}/export")
def export(request: Request, context: Context, zone: str) -> Response:
    """XLSX of the pairs that the address's filters leave, all needs together."""
    wanted = asked_of(zone, lambda name: request.query_params.get(name, "")).filter(context.services.database.clock.now())
    with context.services.database.read() as session, i18n.speaking(context.language):
        total = matches.desk(session, context.actor, zone, wanted, limit=0).pairs
        pairs = matches.filtered_pairs(session, context.actor, zone, wanted, most=MOST_ROWS)
        content = pair_sheet(pairs, total, read_names(session))
    name = f"pairs-{zone}-{context.today.isoformat()}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=XLSX, headers=headers)
