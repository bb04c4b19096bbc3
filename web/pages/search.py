"""Search over results and needs together."""

from typing import Annotated, Final, get_args

from fastapi import APIRouter, Query
from starlette.responses import Response

from matching.discovery import LONGEST_QUERY, SearchPage, SearchRequest
from search.ports import Kind
from web import paths
from web.context import Context
from web.names import read_names
from web.paging import PAGE_SIZE, Paging, page_number
from web.rendering import render

router = APIRouter()

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_NOTHING: Final = SearchPage((), 0, None)
Many = Annotated[list[str] | None, Query()]


@router.get(paths.SEARCH)
def search(
    context: Context,
    q: str = "",
    kind: Many = None,
    zone: Many = None,
    industry: Many = None,
    maturity: Many = None,
    page: str = "",
) -> Response:
    """Results and needs for a text; without a text, how to write one."""
    text = q.strip()[:LONGEST_QUERY]
    number = page_number(page)
    with context.services.database.read() as session:
        names = read_names(session)
    chosen = {
        "kind": tuple(each for each in KINDS if each in (kind or ())),
        "industry": tuple(each.code for each in names.tree() if each.code in (industry or ())),
        "zone": tuple(each.code for each in names.zones if each.code in (zone or ())),
        "maturity": tuple(each for each in names.lists["maturity"] if each in (maturity or ())),
    }
    found = _NOTHING
    if text:
        request = SearchRequest(
            text=text,
            kinds=frozenset(each for each in KINDS if each in chosen["kind"]),
            zones=frozenset(chosen["zone"]),
            industries=frozenset(chosen["industry"]),
            maturity=frozenset(chosen["maturity"]),
            offset=(number - 1) * PAGE_SIZE,
            limit=PAGE_SIZE,
        )
        found = context.services.discovery.search(context.actor, request)
    paging = Paging(found.total, number, paths.SEARCH, {"q": text, **chosen})
    headers = {"HX-Push-Url": paging.href(number)} if context.is_fragment else None
    return render(
        context, "search.html", "found", headers=headers, text=text, found=found, names=names, chosen=chosen, paging=paging
    )
