"""Search over results and needs: the index proposes ids, SQL under today's access decides, the page shows why.

It never fails for the engine's or the encoder's sake (law 7): without a query vector it goes by words, without an engine
by the newest titles in SQL, and `notice` says so.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from matching.access import Actor, audience_of, readable, readable_layers
from matching.content import Content, load, restrict
from matching.documents import body_of, levels_of, name_key, passages_of
from matching.model import Listing, ListingKind, ListingState, Organisation, Revision, RevisionIp
from matching.reference import bounds_of, codes
from matching.store.database import Database
from search.errors import EncoderTimeout, EncoderUnavailable, EngineUnavailable
from search.fusion import WINDOW, Fused, above_floor, blend
from search.ports import Encoder, Engine, Filters, Kind, Query, Vector
from search.text import comparison_key, number_key, snippet, spans, terms

LONGEST_QUERY = 5000
_CACHED_QUERIES = 2048


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """`text` may be words, a sentence, a pasted paragraph or a number. Empty sets do not restrict; codes, not ids."""

    text: str
    kinds: frozenset[Kind] = frozenset()
    zones: frozenset[str] = frozenset()
    industries: frozenset[str] = frozenset()
    maturity: frozenset[str] = frozenset()
    offset: int = 0
    limit: int = 20
    after: str = ""
    """The last hit that was shown (public id): the page behind it, where it still stands in the ranking; else by `offset`."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """`content` is narrowed to what the reader may see. Spans are character offsets into `content.title` and `snippet`.

    `words` are those of the query that were found; `is_semantic` says that meaning found it, too or alone.
    """

    content: Content
    title_spans: tuple[tuple[int, int], ...]
    snippet: str
    snippet_spans: tuple[tuple[int, int], ...]
    words: tuple[str, ...]
    is_semantic: bool
    pinned: bool


@dataclass(frozen=True, slots=True)
class SearchPage:
    """`notice` is None, `words_only` (no query vector), `index_rebuilding` (no vectors of today's recipe in the index: by words,
    too) or `titles_only` (no engine)."""

    hits: tuple[SearchHit, ...]
    total: int
    notice: str | None


class Discovery:
    """Thread safe. `deadline` is how many seconds a search waits for its query vector."""

    def __init__(
        self,
        database: Database,
        engine: Engine,
        encoder: Encoder,
        *,
        deadline: float = 1.5,
    ) -> None:
        self._is_comparable: Callable[[], bool] = lambda: True
        self._database = database
        self._engine = engine
        self._encoder = encoder
        self._deadline = deadline
        self._vectors: OrderedDict[str, Vector] = OrderedDict()
        self._lock = threading.Lock()

    def compare_while(self, is_comparable: Callable[[], bool]) -> None:
        """Meaning is asked for only while `is_comparable` says that the index has vectors of today's recipe. It may raise
        `EngineUnavailable`."""
        self._is_comparable = is_comparable

    def _maturity(self, wanted: frozenset[str]) -> frozenset[str]:
        """The values asked for, and every level that they reach on the common scale."""
        if not wanted:
            return wanted
        with self._database.read() as session:
            values = codes(session, "maturity")
        return wanted.union(*(levels_of(bounds_of(values.get(each))) for each in wanted))

    def search(self, actor: Actor, request: SearchRequest) -> SearchPage:
        text = request.text.strip()[:LONGEST_QUERY]
        wanted = terms(text)
        try:
            comparable = self._is_comparable()
        except EngineUnavailable:
            with self._database.read() as session:
                return self._titles_only(session, actor, request, text)
        vector, notice = (None, "index_rebuilding") if not comparable else self._vector(text) if text else (None, None)
        query = Query(
            audience=audience_of(actor),
            terms=wanted,
            vector=vector,
            kinds=request.kinds,
            filters=Filters(request.zones, request.industries, {"maturity": self._maturity(request.maturity)}),
            limit=WINDOW,
        )
        try:
            rankings = above_floor(self._engine.rank(query))
        except EngineUnavailable:
            with self._database.read() as session:
                return self._titles_only(session, actor, request, text)
        with self._database.read() as session:
            pinned = _pinned(session, text, request) if text else []
            if request.zones or request.industries or request.maturity:
                # The rankings know the filters; an exact hit outside them is not what was asked for.
                ranked = {hit.listing for hit in (*rankings.lexical, *rankings.semantic)}
                pinned = [each for each in pinned if each in ranked]
            fused = blend(rankings, wanted, pinned=pinned)
            ids = _visible(session, actor, [each.listing for each in fused])
            visible = [each for each in fused if each.listing in ids]
            start = _start([each.listing for each in visible], request)
            shown = visible[start : start + request.limit]
            contents = load(session, [ids[each.listing] for each in shown])
        hits = tuple(
            _hit(actor, contents[ids[each.listing]], each, wanted, each.listing in pinned)
            for each in shown
            if ids[each.listing] in contents
        )
        return SearchPage(hits, len(visible), notice)

    def _vector(self, text: str) -> tuple[Vector | None, str | None]:
        with self._lock:
            if text in self._vectors:
                self._vectors.move_to_end(text)
                return self._vectors[text], None
        try:
            vector = self._encoder.encode([text], "query", lane="interactive", timeout=self._deadline)[0]
        except (EncoderTimeout, EncoderUnavailable):
            return None, "words_only"
        with self._lock:
            self._vectors[text] = vector
            while len(self._vectors) > _CACHED_QUERIES:
                self._vectors.popitem(last=False)
        return vector, None

    def _titles_only(self, session: Session, actor: Actor, request: SearchRequest, text: str) -> SearchPage:
        """The newest published listings whose title holds the words: what SQL can do alone."""
        keys = [key for key in (comparison_key(word) for word in text.split()[:8]) if key]
        query = (
            select(Listing.id)
            .join(
                Revision,
                (col(Revision.listing_id) == col(Listing.id)) & (col(Revision.number) == col(Listing.published_revision)),
            )
            .where(readable(actor), Listing.state == ListingState.PUBLISHED)
        )
        for key in keys:
            query = query.where(col(Revision.title_key).contains(key, autoescape=True))
        if request.kinds:
            query = query.where(col(Listing.kind).in_([ListingKind(kind) for kind in request.kinds]))
        newest = session.execute(
            query.add_columns(col(Listing.public_id)).order_by(col(Listing.published_at).desc()).limit(WINDOW)
        ).all()
        ids = [id_ for id_, _ in newest if id_ is not None]
        start = _start([public_id for _, public_id in newest], request)
        contents = load(session, ids[start : start + request.limit])
        hits = tuple(
            _hit(actor, contents[id_], Fused(contents[id_].public_id, 0.0, None, None, None), terms(text), False)
            for id_ in ids
            if id_ in contents
        )
        return SearchPage(hits, len(ids), "titles_only")


def _start(order: Sequence[str], request: SearchRequest) -> int:
    """Where the asked page begins in a ranking of public ids."""
    return order.index(request.after) + 1 if request.after in order else request.offset


def _pinned(session: Session, text: str, request: SearchRequest) -> list[str]:
    """Listings whose number, patent number, title or owner is exactly what was typed; public ids, newest first."""
    key, number = name_key(text), number_key(text)
    conditions: list[sa.ColumnElement[bool]] = [col(Listing.number) == text.upper()]
    if key:
        conditions += [col(Revision.title_key) == key, col(Organisation.name_key) == key]
    if number:
        rights = select(RevisionIp.revision_id).where(RevisionIp.number_key == number)
        conditions.append(col(Revision.id).in_(rights))
    query = (
        select(Listing.public_id)
        .join(Revision, (col(Revision.listing_id) == col(Listing.id)) & (col(Revision.number) == col(Listing.published_revision)))
        .join(Organisation, col(Organisation.id) == col(Listing.organisation_id))
        .where(Listing.state == ListingState.PUBLISHED, or_(*conditions))
    )
    if request.kinds:
        query = query.where(col(Listing.kind).in_([ListingKind(kind) for kind in request.kinds]))
    return list(session.exec(query.order_by(col(Listing.published_at).desc(), col(Listing.id)).limit(50)).all())


def _visible(session: Session, actor: Actor, public_ids: Sequence[str]) -> dict[str, int]:
    """Law 3: public id → id of those that are published and that the actor may read today."""
    if not public_ids:
        return {}
    rows = session.exec(
        select(Listing.public_id, Listing.id).where(
            col(Listing.public_id).in_(public_ids), readable(actor), Listing.state == ListingState.PUBLISHED
        )
    ).all()
    return {public_id: id_ for public_id, id_ in rows if id_ is not None}


def _hit(actor: Actor, content: Content, fused: Fused, wanted: Sequence[str], pinned: bool) -> SearchHit:
    seen = restrict(content, readable_layers(actor))
    passages, _ = passages_of(seen)
    body = body_of(seen)
    held = set(terms("\n".join((seen.title, seen.texts.get("keywords", ""), body))))
    words = tuple(dict.fromkeys(word for word in wanted if word in held))
    chosen = fused.passage if fused.lexical_rank is None else None
    source = passages[chosen] if chosen is not None and 0 < chosen < len(passages) else body
    text, text_spans = snippet(source, words)
    return SearchHit(
        content=seen,
        title_spans=spans(seen.title, words),
        snippet=text,
        snippet_spans=text_spans,
        words=longest_only(words),
        is_semantic=fused.semantic_rank is not None,
        pinned=pinned,
    )


def longest_only(words: Sequence[str]) -> tuple[str, ...]:
    """Words that are not part of a longer one among them: 减速器 goes where 谐波减速器 stays."""
    return tuple(word for word in words if not any(word != other and word in other for other in words))
