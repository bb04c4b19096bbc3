"""From a question to ranked ids and counts: what the engine and the encoder are asked. They may be down; callers degrade."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from matching.discovery.asking import Asked
from matching.discovery.filters import EXPIRY_DAYS, FILTERS, PRICE_BANDS
from matching.money import FEN_PER_WAN, FEN_PER_YUAN
from search.errors import EncoderTimeout, EncoderUnavailable
from search.fusion import WINDOW, Fused, above_floor, blend, narrowed
from search.ports import Audience, Encoder, Engine, Interval, Query, Rankings, Vector

_CACHED_QUERIES: Final = 2048
_WAN: Final = FEN_PER_WAN / FEN_PER_YUAN
_MOST_LISTED: Final = 2000
"""Documents that are listed where no words are asked for."""
_RECENT: Final = (7, 30, 120, 365)
"""Days: how far back a list without words looks, until it is full."""

Counts = Mapping[str, Mapping[str, int]]
"""Filter → value → how many would be found with it. Of `price_from` the keys are positions in `PRICE_BANDS`."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """`matched` counts the documents that hold at least one of the words (all under the filters where there are none);
    `near` those beside them that are near in meaning, None where the list is too long to tell."""

    ranked: tuple[Fused, ...]
    matched: int
    near: int | None


class Ranker:
    """Thread safe. `deadline` is how many seconds a search waits for its query vector."""

    def __init__(self, engine: Engine, encoder: Encoder, deadline: float) -> None:
        self._engine = engine
        self._encoder = encoder
        self._deadline = deadline
        self._is_comparable: Callable[[], bool] = lambda: True
        self._spread: Callable[[], float] = lambda: 1.0
        self._vectors: OrderedDict[tuple[str, str], Vector] = OrderedDict()
        """By recipe and words: another encoder may take the place of this one."""
        self._lock = threading.Lock()

    def compare_while(self, is_comparable: Callable[[], bool], spread: Callable[[], float]) -> None:
        self._is_comparable, self._spread = is_comparable, spread

    def is_comparable(self) -> bool:
        """Whether the index has vectors of today's recipe. Raises `EngineUnavailable`."""
        return self._is_comparable()

    def vector(self, words: str) -> Vector | None:
        """The query's vector; None for no words, and where the encoder cannot make it in time."""
        if not words:
            return None
        try:
            key = self._encoder.fingerprint, words
        except EncoderUnavailable:
            return None
        with self._lock:
            if key in self._vectors:
                self._vectors.move_to_end(key)
                return self._vectors[key]
        try:
            vector: Vector = self._encoder.encode([words], "query", lane="interactive", timeout=self._deadline)[0]
        except (EncoderTimeout, EncoderUnavailable):
            return None
        with self._lock:
            self._vectors[key] = vector
            while len(self._vectors) > _CACHED_QUERIES:
                self._vectors.popitem(last=False)
        return vector

    def above_floor(self, rankings: Rankings) -> Rankings:
        return above_floor(narrowed(rankings, self._spread()))

    def rank(self, asked: Asked, audience: Audience, vector: Vector | None, *, pinned: Sequence[str], today: date) -> Ranking:
        """Raises `EngineUnavailable`."""
        if not asked.terms and vector is None:
            return self._list(asked, audience, today)
        found = self.above_floor(self._engine.rank(asked.query(audience, vector, WINDOW)))
        lexical = {hit.listing for hit in found.lexical}
        is_whole = found.matched <= len(found.lexical)
        near = sum(hit.listing not in lexical for hit in found.semantic) if is_whole else None
        return Ranking(blend(found, asked.terms, pinned=pinned), found.matched, near)

    def _list(self, asked: Asked, audience: Audience, today: date) -> Ranking:
        """Without words everything under the filters, of which the newest (those that end soonest) are wanted: engines rank
        by id here, so the span of days is widened until the list is full."""
        query = asked.query(audience, None, WINDOW)
        name, spans = _days(asked, today)
        counts = self._engine.facets(query, {name: spans}).get(name, {})
        chosen: Interval | None = next((span for at, span in enumerate(spans) if counts.get(str(at), 0) >= WINDOW), None)
        whole = self._engine.rank(replace(query, limit=1)).matched
        if chosen is not None and name not in asked.filters.spans:
            query = replace(query, filters=replace(query.filters, spans={**query.filters.spans, name: chosen}))
        hits = self._engine.rank(replace(query, limit=_MOST_LISTED)).lexical
        return Ranking(tuple(Fused(hit.listing, 0.0) for hit in hits), whole, 0)

    def count(self, query: Query) -> int:
        """How many documents hold at least one of the words under the restrictions."""
        return self._engine.rank(replace(query, vector=None, limit=1)).matched

    def nearest(self, query: Query) -> list[str]:
        """Ids by meaning alone, whatever their distance."""
        return [hit.listing for hit in self._engine.rank(replace(query, terms=(), phrases=(), no_phrases=())).semantic]

    def counts(self, asked: Asked, audience: Audience, today: date) -> Counts:
        """Under all the other filters. Raises `EngineUnavailable`."""
        bands = {"price": [_yuan(band) for band in PRICE_BANDS], "expires": [_within(today, days) for days in EXPIRY_DAYS]}
        query = asked.query(audience, None, 1)
        held = self._engine.facets(query, bands)
        found: dict[str, Mapping[str, int]] = {}
        for each in FILTERS:
            counted = held.get(each.attribute, {})
            if each.type == "days":
                found[each.name] = {str(days): counted.get(str(at), 0) for at, days in enumerate(EXPIRY_DAYS)}
            elif each.is_without:
                # Of one industry alone; beside an industry that is asked for, nobody asks what lies outside another.
                whole = 0 if query.filters.industries else self._whole(query, held)
                found[each.name] = {code: whole - count for code, count in counted.items()} if whole else {}
            elif each.name != "price_to":
                found[each.name] = counted
        return found

    def _whole(self, query: Query, held: Counts) -> int:
        """How many there are whatever their industry: one outside another is counted from these."""
        filters = query.filters
        if "industry" in filters.without:
            others = {name: values for name, values in filters.without.items() if name != "industry"}
            held = self._engine.facets(replace(query, filters=replace(filters, without=others)))
        barred = filters.without.get("kind", frozenset())
        return sum(
            count
            for kind, count in held.get("kind", {}).items()
            if kind not in barred and (not query.kinds or kind in query.kinds)
        )


def _yuan(band: tuple[int | None, int | None]) -> Interval:
    low, high = band
    return (None if low is None else low * _WAN, None if high is None else high * _WAN)


def _within(today: date, days: int) -> Interval:
    return (float(today.toordinal()), float(today.toordinal() + days))


def _days(asked: Asked, today: date) -> tuple[str, list[Interval]]:
    if asked.sort == "expiring":
        return "expires", [_within(today, days) for days in EXPIRY_DAYS]
    return "published", [(float(today.toordinal() - days), None) for days in _RECENT]
