"""Results and needs: the lists with their filters, and the page of one."""

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from matching import listing_views, matches, need_pool
from matching.content import Content
from matching.errors import NotFound
from matching.model import ListingKind, ListingState
from matching.pairing.first_ten import Switches
from web import first_ten, paths, quality_view
from web.context import Context, RequestContext
from web.names import Names, read_names
from web.paging import PAGE_SIZE, Paging, page_number
from web.rendering import render

router = APIRouter()

_PAIRS: Final = 10
_ALIKE: Final = 4


def _chosen(names: Names, zone: str, industry: str, maturity: str) -> dict[str, str | None]:
    """The filters that mean something today; an address with codes of yesterday shows the list without them."""
    return {
        "industry": industry if names.industry(industry) else None,
        "zone": zone if names.zone(zone) else None,
        "maturity": maturity if maturity in names.lists["maturity"] else None,
    }


def _list(context: RequestContext, kind: ListingKind, typed: Mapping[str, str]) -> Response:
    with context.services.database.read() as session:
        names = read_names(session)
        chosen = _chosen(names, typed["zone"], typed["industry"], typed["maturity"])
        number = page_number(typed["page"])
        found = listing_views.browse(
            session, context.actor, kind, zone=chosen["zone"], industry=chosen["industry"], maturity=chosen["maturity"],
            offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE
        )  # fmt: skip
    path = paths.listing_list(kind)
    paging = Paging(found.total, number, path, chosen)
    return render(
        context, "listings.html", "found", headers=_pushed(context, paging.href(number)),
        kind=kind, names=names, items=found.items, paging=paging, chosen=chosen, path=path,
    )  # fmt: skip


def _pushed(context: RequestContext, address: str) -> dict[str, str]:
    """The address a fragment is known by: without the empty filters that a form sends."""
    return {"HX-Push-Url": address} if context.is_fragment else {}


@router.get(paths.RESULTS)
def results(context: Context, zone: str = "", industry: str = "", maturity: str = "", page: str = "") -> Response:
    return _list(context, ListingKind.RESULT, {"zone": zone, "industry": industry, "maturity": maturity, "page": page})


@router.get(paths.NEEDS)
def needs(context: Context, zone: str = "", industry: str = "", maturity: str = "", page: str = "") -> Response:
    return _list(context, ListingKind.NEED, {"zone": zone, "industry": industry, "maturity": maturity, "page": page})


def _page(context: RequestContext, kind: ListingKind, public_id: str, typed: Mapping[str, str]) -> Response:
    switches = first_ten.switches_of(lambda name: typed[name], context.today)
    with context.services.database.read() as session:
        names = read_names(session)
        page = listing_views.page(session, context.actor, public_id)
        if page.content.kind != kind:
            raise NotFound(kind="listing")
        pairs = matches.pairs_for_listing(session, context.actor, public_id, limit=_PAIRS, switches=switches)
        outside = matches.pairs_for_listing(session, context.actor, public_id, limit=_PAIRS, outside=True, switches=switches)
        taking = need_pool.taking(session, context.actor, public_id)
        in_pool = page.is_own and need_pool.is_waiting(session, public_id)
    content = page.content
    is_open = content.state == ListingState.PUBLISHED
    alike = context.services.discovery.similar(context.actor, public_id, limit=_ALIKE) if is_open else ()
    return render(
        context, "listing.html", page=page, content=content, names=names, pairs=pairs,
        quality=_quality(page), outside=outside, taking=taking, in_pool=in_pool, alike=alike, is_open=is_open,
        path=paths.listing_list(kind), switches=switches, switch_hrefs=_switch_hrefs(content, switches),
    )  # fmt: skip


def _switch_hrefs(content: Content, switches: Switches) -> dict[str, str]:
    """Of each switch of the first ten: the page with it turned the other way, at its pairs."""
    page = paths.listing(content.kind, content.public_id)
    return {name: f"{paths.with_query(page, **first_ten.toggled(switches, name))}#first-ten" for name in first_ten.NAMES}


def _quality(page: listing_views.ListingPage) -> quality_view.Shown | None:
    """Of one's own listing, and of one that the reader decides on."""
    return quality_view.of_content(page.content, page.asks) if page.is_own or page.in_charge else None


@router.get(paths.RESULTS + "/{public_id}")
def result(context: Context, public_id: str, fresh: str = "", diverse: str = "") -> Response:
    return _page(context, ListingKind.RESULT, public_id, {"fresh": fresh, "diverse": diverse})


@router.get(paths.NEEDS + "/{public_id}")
def need(context: Context, public_id: str, fresh: str = "", diverse: str = "") -> Response:
    return _page(context, ListingKind.NEED, public_id, {"fresh": fresh, "diverse": diverse})
