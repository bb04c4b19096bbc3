"""Search over results and needs together, as the search page does it."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.v1 import cursors
from api.v1.call import Public, session_of
from api.v1.cursors import Cursor, Limit
from api.v1.shapes import Listing, Shape, Writer
from matching.discovery import LONGEST_QUERY, SearchHit, SearchRequest
from matching.errors import FieldError, InvalidInput
from matching.reference import codes, industries, zones
from search.ports import Kind
from web.messages import hit_reason, notice_text

router = APIRouter(tags=["Search"])

Span = tuple[int, int]


class Hit(Shape):
    """Spans are character offsets of the words found, from and to. `why` says in words what found it."""

    listing: Listing
    title_spans: list[Span]
    snippet: str
    snippet_spans: list[Span]
    words: list[str]
    is_exact: bool
    is_semantic: bool
    why: str


class Notice(Shape):
    """Search is limited for the moment: by words alone, or by words in titles alone."""

    code: str
    text: str


class Found(Shape):
    """`total` counts what was ranked, at most 400."""

    items: list[Hit]
    next_cursor: str | None
    total: int
    notice: Notice | None


@router.get("/search", response_model=Found)
def search(
    call: Public,
    q: Annotated[str, Query(min_length=1, max_length=LONGEST_QUERY)],
    kind: Annotated[list[Kind] | None, Query(max_length=2)] = None,
    industry: Annotated[list[str] | None, Query(max_length=40)] = None,
    zone: Annotated[list[str] | None, Query(max_length=40)] = None,
    maturity: Annotated[list[str] | None, Query(max_length=20)] = None,
    limit: Limit = cursors.USUAL,
    cursor: Cursor = None,
) -> Response:
    chosen = {"industry": industry or [], "zone": zone or [], "maturity": maturity or []}
    of = cursors.list_of("search", q=q, kind=kind, **chosen)
    position = cursors.read(cursor, of, str, int)
    with session_of(call) as session:
        known = {
            "industry": {each.code for each in industries(session).values()},
            "zone": {each.code for each in zones(session)},
            "maturity": set(codes(session, "maturity")),
        }
        writer = Writer(session)
    unknown = [
        FieldError(name, "unknown_code", {"value": each[:40]})
        for name, values in chosen.items()
        for each in values
        if each not in known[name]
    ]
    if unknown:
        raise InvalidInput(*unknown)
    found = call.services.discovery.search(
        call.actor,
        SearchRequest(
            text=q,
            kinds=frozenset(kind or ()),
            zones=frozenset(chosen["zone"]),
            industries=frozenset(chosen["industry"]),
            maturity=frozenset(chosen["maturity"]),
            after=position[0] if position else "",
            offset=min(max(position[1], 0), 1000) if position else 0,
            limit=limit + 1,
        ),
    )
    hits, last = cursors.cut(found.hits, limit)
    shown = (position[1] if position else 0) + len(hits)
    with call.speaking():
        notice = Notice(code=found.notice, text=notice_text(found.notice)) if found.notice else None
        items = [_hit(writer, each) for each in hits]
    following = cursors.write(of, last.content.public_id, shown) if last else None
    return call.listed(Found(items=items, next_cursor=following, total=found.total, notice=notice))


def _hit(writer: Writer, hit: SearchHit) -> Hit:
    return Hit(
        listing=writer.listing(hit.content),
        title_spans=list(hit.title_spans),
        snippet=hit.snippet,
        snippet_spans=list(hit.snippet_spans),
        words=list(hit.words),
        is_exact=hit.pinned,
        is_semantic=hit.is_semantic,
        why=hit_reason(hit),
    )
