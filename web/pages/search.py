"""Search over results and needs together, what is like one of them, and hits as a sheet."""

from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from matching import listing_views, organisation_search
from matching.discovery import SearchPage, SearchRequest
from matching.discovery.filters import SORTS
from matching.errors import NotFound
from matching.model import ListingKind, ListingState
from matching.organisation_search import KIND, OrganisationHits
from web import i18n, paths
from web.context import Context, RequestContext
from web.hit_sheet import MOST_ROWS, XLSX, hit_sheet
from web.names import Names, read_names
from web.paging import PAGE_SIZE, page_number
from web.rendering import render
from web.search_parameters import Raw, raw_of, takes_filters
from web.search_view import VIEWS, View

router = APIRouter()

COMPACT_SIZE: Final = 50
Kept = Annotated[str, Query(alias="list")]


def _search(context: RequestContext, q: str, filters: Raw, sort: str, **paging: Any) -> SearchPage:
    request = SearchRequest(q, raw_of(filters), sort if sort in SORTS else SORTS[0], **paging)
    return context.services.discovery.search(context.actor, request, address=context.address)


@router.get(paths.SEARCH)
@takes_filters(strict=False)
def search(
    *,
    context: Context,
    q: str = "",
    sort: str = "",
    view: str = "",
    exact: str = "",
    kept: Kept = "",
    page: str = "",
    **filters: Any,
) -> Response:
    """Results and needs for a text and filters; without either, how to write one. `list` goes on in an earlier ranking."""
    number, chosen_view = page_number(page), view if view in VIEWS else VIEWS[0]
    size = COMPACT_SIZE if chosen_view == "compact" else PAGE_SIZE
    kinds, offset = filters.get("kind") or [], (number - 1) * size
    alone = KIND in kinds and not {*kinds}.intersection(ListingKind)
    found = _search(context, q, filters, sort, offset=offset, limit=0 if alone else size, kept=kept, literal=bool(exact))
    found, organisations = _organisations(context, found, offset, size, alone=alone)
    shown = View(found, found.asked.sort, chosen_view, number, size, organisations, KIND in kinds, alone)
    address = shown.paging.href(number) if number > 1 or kept else shown.href()  # a new list's address needs no token
    headers = {"HX-Push-Url": address} if context.is_fragment else None
    return render(
        context, "search.html", "found", headers=headers, found=found, view=shown, asked=found.asked,
        names=Names(found.vocabulary.lists, found.vocabulary.zones, found.vocabulary.industries),
    )  # fmt: skip


def _organisations(
    context: RequestContext, found: SearchPage, offset: int, size: int, *, alone: bool
) -> tuple[SearchPage, OrganisationHits]:
    """Those for above the hits; or a page of them alone, of which then the filters' counts are."""
    with context.services.database.read() as session:
        if not alone:
            return found, organisation_search.beside(session, context.actor, found.asked)
        hits = organisation_search.alone(session, context.actor, found.asked, offset=offset, limit=size)
    counts = {"kind": found.counts.get("kind", {}), "zone": hits.zones, "owner": hits.kinds}
    return replace(found, counts=counts, notice=None), hits


@router.get(paths.SEARCH_SHEET)
@takes_filters(strict=False)
def sheet(*, context: Context, q: str = "", sort: str = "", exact: str = "", **filters: Any) -> Response:
    """All listed hits as a workbook: what this reader may see of them."""
    found = _search(context, q, filters, sort, limit=MOST_ROWS, literal=bool(exact))
    names = Names(found.vocabulary.lists, found.vocabulary.zones, found.vocabulary.industries)
    with i18n.speaking(context.language):
        content = hit_sheet(found, names)
    headers = {"Content-Disposition": 'attachment; filename="zonematch-search.xlsx"', "Cache-Control": "no-store"}
    return Response(content, headers=headers, media_type=XLSX)


def _similar(context: RequestContext, kind: ListingKind, public_id: str) -> Response:
    with context.services.database.read() as session:
        names = read_names(session)
        content = listing_views.page(session, context.actor, public_id).content
    if content.kind != kind or content.state != ListingState.PUBLISHED:
        raise NotFound(kind="listing")
    hits = context.services.discovery.similar(context.actor, public_id, limit=PAGE_SIZE)
    return render(context, "similar.html", hits=hits, content=content, names=names)


@router.get(paths.RESULTS + "/{public_id}/similar")
def similar_results(context: Context, public_id: str) -> Response:
    return _similar(context, ListingKind.RESULT, public_id)


@router.get(paths.NEEDS + "/{public_id}/similar")
def similar_needs(context: Context, public_id: str) -> Response:
    return _similar(context, ListingKind.NEED, public_id)
