"""The first page: one search box, the zones with their industries, and what is new."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from matching.listing_counts import ZoneCounts, counts, zone_counts
from matching.listing_views import newest
from matching.model import ListingKind
from matching.reference import ZoneView
from web import paths
from web.context import Context
from web.names import read_names
from web.rendering import render

router = APIRouter()


@dataclass(frozen=True, slots=True)
class ZoneTile:
    zone: ZoneView
    counts: ZoneCounts


@router.get(paths.HOME)
def home(context: Context) -> Response:
    with context.services.database.read() as session:
        names, numbers = read_names(session), zone_counts(session)
        values: dict[str, Any] = {
            "names": names,
            "tiles": [ZoneTile(zone, numbers[zone.code]) for zone in names.zones],
            "counts": counts(session),
            "results": newest(session, ListingKind.RESULT, limit=6),
            "needs": newest(session, ListingKind.NEED, limit=6),
        }
    return render(context, "home.html", **values)
