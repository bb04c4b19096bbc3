"""Search over results and needs: the index proposes ids, SQL under today's access decides, the page shows why.

It never fails for the engine's or the encoder's sake (law 7): without a query vector it goes by words, without an engine
by the newest titles in SQL, and `notice` says so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching.access import Actor, audience_of, readable, readable_layers
from matching.content import load, restrict
from matching.discovery import keeping
from matching.discovery.advice import Advice, advise
from matching.discovery.asking import Asked, understand
from matching.discovery.exact import exact_hits, fits
from matching.discovery.filters import Vocabulary, read_chosen, read_vocabulary
from matching.discovery.hits import SearchHit, hit_of
from matching.discovery.ranking import Counts, Ranker
from matching.documents import passages_of
from matching.errors import InvalidInput
from matching.model import PUBLISHED_WORDS, Listing, ListingKind, ListingState, Revision
from matching.store.database import Database
from matching.surroundings import read_surroundings
from matching.vectors import VectorStore
from search.errors import EncoderUnavailable, EngineUnavailable
from search.fusion import WINDOW, Fused, blend
from search.ports import Encoder, Engine, Query, Rankings, Vector
from search.text import comparison_key, terms

FEW: Final = 3
"""Hits from which on nobody needs advice."""
_CHUNK: Final = 500
"""Ids in one IN list."""
_PASSAGES_ALIKE: Final = 3
"""Title and first passages, by which a listing is compared with others."""


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """`text` may be words, a sentence, a pasted paragraph, a number, and commands (`matching.discovery.language`).

    `chosen` are filters as they came, name → values: what means nothing is passed over, or refused where the request is
    `strict`. `kept` is the token of an earlier page, which goes on in
    its ranking while that is kept; `after` the last hit that was shown (public id), else `offset` counts. A `limit` of 0 asks
    how it is read, and for the counts alone.
    """

    text: str
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sort: str = "relevance"
    literal: bool = False
    offset: int = 0
    limit: int = 20
    after: str = ""
    kept: str = ""
    strict: bool = False


@dataclass(frozen=True, slots=True)
class SearchPage:
    """`total` is how many are listed, page by page; `matched` how many documents there are that hold one of the words, `near`
    how many beside them are near in meaning (None: not counted). `counts` are empty where the engine is away.

    `notice` is None, `words_only` (no query vector), `index_rebuilding` (no vectors of today's recipe in the index: by words,
    too) or `titles_only` (no engine). `token` keeps this ranking for the pages
    that follow; empty where there are none. `start` is the place of the first hit in the list.
    """

    asked: Asked
    vocabulary: Vocabulary
    hits: tuple[SearchHit, ...] = ()
    total: int = 0
    matched: int = 0
    near: int | None = 0
    start: int = 0
    counts: Counts = field(default_factory=dict)
    notice: str | None = None
    token: str = ""
    advice: Advice | None = None


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
        self._database = database
        self._engine = engine
        self._ranker = Ranker(engine, encoder, deadline)
        self._stored = VectorStore(database, encoder)

    def compare_while(self, is_comparable: Callable[[], bool], spread: Callable[[], float] = lambda: 1.0) -> None:
        """Meaning is asked for only while `is_comparable` says that the index has vectors of today's recipe. It may raise
        `EngineUnavailable`. `spread` is how often a cosine of today's encoder counts."""
        self._ranker.compare_while(is_comparable, spread)

    def search(self, actor: Actor, request: SearchRequest, *, address: str = "") -> SearchPage:
        """One page of hits. `address` is where the request came from: searches are counted by it and by person, and a list
        of several pages is kept under it. Raises `TooManyAttempts`, and of a strict request `InvalidInput`."""
        keeping.require_within_limits(self._database, actor, address)
        today = self._database.clock.today()
        with self._database.read() as session:
            vocabulary = read_vocabulary(session)
            chosen, problems = read_chosen(vocabulary, request.chosen)
            if problems and request.strict:
                raise InvalidInput(*problems)
            asked = understand(vocabulary, request.text, chosen, today, request.sort, literal=request.literal)
            kept = keeping.recall(session, actor, asked, request.kept, self._database) if request.kept else None
        audience = audience_of(actor)
        try:
            is_new = kept is None
            vector, notice = self._vector(asked) if is_new and request.limit else (None, None)
            counts = self._ranker.counts(asked, audience, today)
            if asked.is_empty or not request.limit:
                return SearchPage(asked, vocabulary, counts=counts)
            if kept is None:
                kept = self._rank(actor, asked, vector, notice, today)
            page = self._page(actor, request, asked, vocabulary, kept, counts)
            if is_new and page.total <= FEW and not page.start:
                advice = self._advise(actor, asked, vocabulary, vector, page, today)
                page = _with(page, advice=advice)
        except EngineUnavailable:
            keeping.note(self._database, actor, address, asked, None)
            with self._database.read() as session:
                return self._titles_only(session, actor, request, asked, vocabulary)
        is_long = page.total > request.limit
        noted = keeping.note(self._database, actor, address, asked, kept if is_new and is_long else None)
        return _with(page, token=kept.token if is_long and (noted or not is_new) else "")

    def _vector(self, asked: Asked) -> tuple[Vector | None, str | None]:
        """The query's vector, and what to say where there is none. Raises `EngineUnavailable`."""
        comparable = self._ranker.is_comparable()
        if not asked.words:
            return None, None
        if not comparable:
            return None, "index_rebuilding"
        vector = self._ranker.vector(asked.words)
        return vector, "words_only" if vector is None else None

    def _rank(self, actor: Actor, asked: Asked, vector: Vector | None, notice: str | None, today: date) -> keeping.Kept:
        """The whole list in its order, as this reader may see it now."""
        with self._database.read() as session:
            pinned = exact_hits(session, actor, asked) if asked.exact else []
        ranking = self._ranker.rank(asked, audience_of(actor), vector, pinned=pinned, today=today)
        sort = asked.sort if asked.words or asked.sort == "expiring" else "newest"
        if sort == "relevance":
            return keeping.kept_of(ranking.ranked, pinned, ranking.matched, ranking.near, notice)
        with self._database.read() as session:
            rows = _visible(session, actor, [each.listing for each in ranking.ranked])
        seen = [each for each in ranking.ranked if each.listing in rows]
        seen.sort(key=lambda each: rows[each.listing].order(sort))
        return keeping.kept_of(seen[: 2 * WINDOW], pinned, ranking.matched, ranking.near, notice)

    def _page(
        self, actor: Actor, request: SearchRequest, asked: Asked, vocabulary: Vocabulary, kept: keeping.Kept, counts: Counts
    ) -> SearchPage:
        with self._database.read() as session:
            rows = _visible(session, actor, [each.listing for each in kept.ranked])
            visible = [each for each in kept.ranked if each.listing in rows]
            start = _start([each.listing for each in visible], request)
            shown = visible[start : start + request.limit]
            contents = load(session, [rows[each.listing].id for each in shown])
        hits = tuple(
            hit_of(
                actor, contents[rows[each.listing].id], each, asked.terms,
                pinned=each.listing in kept.pinned, asked=asked.words, quoted=asked.quoted, related=asked.related,
            )
            for each in shown
            if rows[each.listing].id in contents
        )  # fmt: skip
        matched, near = kept.matched, kept.near
        if near is not None and matched <= len(kept.ranked):  # all of them stand here: what this reader may see is counted
            near = sum(each.lexical_rank is None and each.semantic_rank is not None for each in visible)
            matched = len(visible) - near
        return SearchPage(asked, vocabulary, hits, len(visible), matched, near, start, counts, kept.notice, kept.token)

    def _advise(
        self, actor: Actor, asked: Asked, vocabulary: Vocabulary, vector: Vector | None, page: SearchPage, today: date
    ) -> Advice:
        advice, nearest = advise(self._ranker, actor, asked, vocabulary, vector, page.matched, today, with_nearest=not page.hits)
        if not nearest:
            return advice
        with self._database.read() as session:
            rows = _visible(session, actor, nearest)
            contents = load(session, [row.id for row in rows.values()])
        found = [Fused(each, 0.0, None, 1, None) for each in nearest if each in rows and rows[each].id in contents][:FEW]
        hits = (hit_of(actor, contents[rows[each.listing].id], each, asked.terms, asked=asked.words) for each in found)
        return Advice(advice.reliefs, advice.unknown, tuple(hits))

    def similar(self, actor: Actor, public_id: str, *, limit: int = 10) -> tuple[SearchHit, ...]:
        """Published listings of the same kind that are like a published one, by what this reader may read of it, the best
        first. None where the engine or the encoder is away, or the listing has been withdrawn meanwhile."""
        with self._database.read() as session:
            rows = _visible(session, actor, [public_id])
            content = load(session, [row.id for row in rows.values()]).get(rows[public_id].id) if rows else None
            if content is None:
                return ()
            seen = restrict(content, readable_layers(actor))
            keys = passages_of(seen)[1][:_PASSAGES_ALIKE]
            vectors = self._stored.stored(session, keys)
        words = terms(f"{seen.title} {seen.texts.get('keywords', '')}")
        try:
            if not self._ranker.is_comparable():
                return ()
            query = Query(
                audience=audience_of(actor), terms=words, vector=_middle([vectors[key] for key in keys if key in vectors]),
                kinds=frozenset({seen.kind.value}), limit=limit + 20,
            )  # fmt: skip
            found = self._engine.rank(query)
        except (EngineUnavailable, EncoderUnavailable):
            return ()
        # Without itself, which is nearest to itself by far, and would put all others below the floor.
        lexical, semantic = (tuple(hit for hit in hits if hit.listing != public_id) for hits in (found.lexical, found.semantic))
        ranked = blend(self._ranker.above_floor(Rankings(lexical, semantic, found.matched)), words, pinned=())
        others = [each for each in ranked if each.semantic_rank is not None]
        with self._database.read() as session:
            rows = _visible(session, actor, [each.listing for each in others])
            shown = [each for each in others if each.listing in rows][:limit]
            contents = load(session, [rows[each.listing].id for each in shown])
        return tuple(
            hit_of(actor, contents[rows[each.listing].id], each, words, asked=seen.title)
            for each in shown
            if rows[each.listing].id in contents
        )

    def _titles_only(
        self, session: Session, actor: Actor, request: SearchRequest, asked: Asked, vocabulary: Vocabulary
    ) -> SearchPage:
        """The newest published listings whose title holds the words: what SQL can do alone."""
        if asked.is_empty:
            return SearchPage(asked, vocabulary, notice="titles_only")
        keys = [key for key in (comparison_key(word) for word in asked.words.split()[:8]) if key]
        query = select(Listing.id).join(Revision, PUBLISHED_WORDS).where(readable(actor), Listing.state == ListingState.PUBLISHED)
        for key in keys:
            query = query.where(col(Revision.title_key).contains(key, autoescape=True))
        if asked.kinds:
            query = query.where(col(Listing.kind).in_([ListingKind(kind) for kind in asked.kinds]))
        newest = session.execute(
            query.add_columns(col(Listing.public_id)).order_by(col(Listing.published_at).desc()).limit(WINDOW)
        ).all()
        found = [(id_, public_id) for id_, public_id in newest if id_ is not None]
        if asked.restricts:
            layers, around = readable_layers(actor), read_surroundings(session)
            all_of = load(session, [id_ for id_, _ in found])
            found = [each for each in found if each[0] in all_of and fits(asked, restrict(all_of[each[0]], layers), around)]
        start = _start([public_id for _, public_id in found], request)
        contents = load(session, [id_ for id_, _ in found[start : start + request.limit]])
        hits = tuple(
            hit_of(actor, contents[id_], Fused(public_id, 0.0), asked.terms, quoted=asked.quoted)
            for id_, public_id in found
            if id_ in contents
        )
        return SearchPage(asked, vocabulary, hits, len(found), len(found), None, start, {}, "titles_only")


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    published_at: datetime | None
    valid_until: date | None

    def order(self, sort: str) -> tuple[float, int]:
        """Sorts ascending: the newest, or what ends soonest, first; what has no such day last."""
        if sort == "expiring":
            return (float(self.valid_until.toordinal()) if self.valid_until else float("inf"), self.id)
        return (-self.published_at.timestamp() if self.published_at else float("inf"), -self.id)


def _with(page: SearchPage, **changes: object) -> SearchPage:
    return replace(page, **changes)  # type: ignore[arg-type]  # names and types are the dataclass's own


def _start(order: Sequence[str], request: SearchRequest) -> int:
    """Where the asked page begins in a ranking of public ids."""
    return order.index(request.after) + 1 if request.after in order else request.offset


def _middle(vectors: Sequence[Vector]) -> Vector | None:
    """The direction that all of them share."""
    if not vectors:
        return None
    middle = np.mean(np.stack(vectors), axis=0)
    length = float(np.linalg.norm(middle))
    return np.asarray(middle / length, dtype=np.float32) if length else None


def _visible(session: Session, actor: Actor, public_ids: Sequence[str]) -> Mapping[str, _Row]:
    """Law 3: public id → those that are published and that the actor may read today."""
    found: dict[str, _Row] = {}
    for start in range(0, len(public_ids), _CHUNK):
        query = sa.select(col(Listing.public_id), col(Listing.id), col(Listing.published_at), col(Listing.valid_until)).where(
            col(Listing.public_id).in_(public_ids[start : start + _CHUNK]),
            readable(actor),
            col(Listing.state) == ListingState.PUBLISHED,
        )
        rows = session.connection().execute(query).all()  # below the ORM: hundreds of rows a page
        found.update({public_id: _Row(id_, at, until) for public_id, id_, at, until in rows if id_ is not None})
    return found
