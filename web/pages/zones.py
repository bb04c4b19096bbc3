"""The zones: all of them, and each with its industry, the policy sentence, counts, what is new and its strongest pairs."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from matching import matches
from matching.errors import NotFound
from matching.listing_counts import zone_counts
from matching.listing_views import newest
from matching.model import ListingKind
from matching.records.groups import groups_of
from web import i18n, paths
from web.context import Context
from web.names import read_names
from web.pages.home import ZoneTile
from web.policy import LIST, quotation
from web.rendering import render

router = APIRouter()


@router.get(paths.ZONES)
def zone_list(context: Context) -> Response:
    with context.services.database.read() as session:
        names, numbers = read_names(session), zone_counts(session)
        tiles = [ZoneTile(zone, numbers[zone.code]) for zone in names.zones]
    return render(context, "zones.html", tiles=tiles, names=names)


@router.get(paths.ZONES + "/{code}")
def zone_page(context: Context, code: str) -> Response:
    with context.services.database.read() as session:
        names = read_names(session)
        zone = names.zone(code)
        if zone is None:
            raise NotFound(kind="zone")
        industry = zone.field.code if zone.field else None
        may_see_pairs = context.may("desk.read", zones=frozenset({zone.id}))
        values: dict[str, Any] = {
            "zone": zone,
            "names": names,
            "counts": zone_counts(session)[code],
            "needs": newest(session, ListingKind.NEED, zone=code, limit=5),
            "results": newest(session, ListingKind.RESULT, industry=industry, limit=5) if industry else (),
            "own_results": newest(session, ListingKind.RESULT, zone=code, limit=5) if not industry else (),
            "pairs": matches.strongest(session, context.actor, code, limit=5) if may_see_pairs else (),
            "may_see_pairs": may_see_pairs,
            "groups": groups_of(session, zone),
            "may_read_record": context.may("reference.read"),
        }
    with i18n.speaking(context.language):
        quoted = quotation(names.lists.get(LIST, {}), zone)
    return render(context, "zone.html", quoted=quoted, **values)
