"""Pairs beside the desk: two texts compared, and the desk's pairs as a sheet."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from matching import matches
from web import i18n, pair_view, paths
from web.context import Context
from web.names import read_names
from web.pair_sheet import MOST_ROWS, XLSX, pair_sheet
from web.pair_texts import side_texts
from web.pair_view import asked_of
from web.rendering import render

router = APIRouter()


@router.get(paths.DESK + "/{zone}/compare")
def compare(context: Context, zone: str, need: str = "", result: str = "") -> Response:
    """Both texts of a pair, the shared terms marked in both and the closest passages pointed out."""
    with context.services.database.read() as session, i18n.speaking(context.language):
        names = read_names(session)
        pair = pair_view.pair_of(session, context.actor, zone, need, result)
        sides = side_texts(pair)
    asked = asked_of(zone, lambda name: {"need": need, "lane": pair.lane}.get(name, ""))
    return render(
        context, "compare.html", "content", pair=pair, names=names, sides=sides, zone=names.zone(zone),
        back=asked.pair_href(need, result),
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
