"""Search over results and needs together, as the search page does it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.v1 import cursors
from api.v1.call import Public, session_of
from api.v1.cursors import Cursor, Limit
from api.v1.shapes import Listing, Shape, Writer
from matching.discovery import LONGEST_QUERY, SearchHit, SearchPage, SearchRequest
from matching.discovery.filters import FILTERS
from matching.errors import FieldError, InvalidInput
from web.messages import hit_reason, notice_text
from web.search_parameters import raw_of, takes_filters
from web.search_view import problem_text

router = APIRouter(tags=["Search"])

Span = tuple[int, int]


class Hit(Shape):
    """Spans are character offsets of the words found, from and to. `why` says in words what found it, `sentence` is the one
    of its text that is nearest in meaning."""

    listing: Listing
    title_spans: list[Span]
    snippet: str
    snippet_spans: list[Span]
    words: list[str]
    sentence: str
    is_exact: bool
    is_semantic: bool
    why: str


class Notice(Shape):
    """Search is limited for the moment: by words alone, or by words in titles alone."""

    code: str
    text: str


class Reading(Shape):
    """Something that was read otherwise than it may have been meant, and was searched as words."""

    code: str
    text: str


class Found(Shape):
    """`total` is how many are listed, page by page, at most 400; `matched` how many hold one of the words (all under the
    filters where there are none), `near` how many more are near in meaning, null where that was not counted.

    `facets` maps a filter to its values with the number that would be found with each, beside the other filters; of
    `price_from` the keys are the positions of `price_bands`.
    """

    items: list[Hit]
    next_cursor: str | None
    total: int
    matched: int
    near: int | None
    facets: dict[str, dict[str, int]]
    reading: list[Reading]
    notice: Notice | None


@router.get("/search", response_model=Found)
@takes_filters(strict=True)
def search(
    *,
    call: Public,
    q: Annotated[str, Query(max_length=LONGEST_QUERY)] = "",
    sort: Literal["relevance", "newest", "expiring"] = "relevance",
    exact: Literal["1"] | None = None,
    limit: Limit = cursors.USUAL,
    cursor: Cursor = None,
    **filters: Any,
) -> Response:
    chosen = raw_of(filters)
    if not q.strip() and not chosen:
        raise InvalidInput(FieldError("query q", "required"))
    of = cursors.list_of("search", q=q, sort=sort, exact=exact, **chosen)
    position = cursors.read(cursor, of, str, int, str)
    found = call.services.discovery.search(
        call.actor,
        SearchRequest(
            text=q,
            chosen=chosen,
            sort=sort,
            after=position[0] if position else "",
            offset=min(max(position[1], 0), 1000) if position else 0,
            kept=position[2] if position else "",
            limit=limit + 1,
            strict=True,
            literal=bool(exact),
        ),
        address=call.services.address_of(call.request),
    )
    hits, last = cursors.cut(found.hits, limit)
    with session_of(call) as session:
        writer = Writer(session)
    with call.speaking():
        answer = Found(
            items=[_hit(writer, each) for each in hits],
            next_cursor=cursors.write(of, last.content.public_id, found.start + len(hits), found.token) if last else None,
            total=found.total,
            matched=found.matched,
            near=found.near,
            facets=_facets(found),
            reading=[Reading(code=each.code, text=problem_text(found.vocabulary, each)) for each in found.asked.problems],
            notice=Notice(code=found.notice, text=notice_text(found.notice)) if found.notice else None,
        )
    return call.listed(answer)


def _facets(found: SearchPage) -> dict[str, dict[str, int]]:
    return {each.name: dict(found.counts[each.name]) for each in FILTERS if found.counts.get(each.name)}


def _hit(writer: Writer, hit: SearchHit) -> Hit:
    return Hit(
        listing=writer.listing(hit.content),
        title_spans=list(hit.title_spans),
        snippet=hit.snippet,
        snippet_spans=list(hit.snippet_spans),
        words=list(hit.words),
        sentence=hit.sentence,
        is_exact=hit.pinned,
        is_semantic=hit.is_semantic,
        why=hit_reason(hit),
    )
