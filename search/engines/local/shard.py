"""One audience of one generation: what is held of each listing, its words and its vectors, in step with each other."""

import weakref
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Final, NamedTuple

import numpy as np
import tantivy

from search.engines.attributes import attributes_of
from search.engines.fields import term_weights
from search.engines.local.attributes import AttributeStore, AttributeView
from search.engines.local.counting import Bands, Counts, counts
from search.engines.local.lexical import LexicalIndex, best_slots, every_slot, how_many
from search.engines.local.questions import Names, question, to_tantivy
from search.engines.local.rows import NO_SLOT, Mask
from search.engines.local.vectors import RowNumbers, VectorStore, VectorView
from search.engines.restrictions import Restrictions, restrictions_of
from search.ports import Audience, Document, DocumentId, DocumentState, Hit, Query, Rankings, Tombstone, Vector

_MOST_CACHED: Final = 16


class _Held(NamedTuple):
    revision: int
    state_hash: str
    slot: int
    """`NO_SLOT` for a tombstone."""


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class _Snapshot:
    """All that a reader needs, of one moment; it changes for nobody who holds it."""

    searcher: tantivy.Searcher
    vectors: VectorView
    attributes: AttributeView
    listings: list[str]
    """By slot. Shared and growing, but the entry of a slot that is alive here stays as it is."""
    names: Names
    alive: Mask
    eligible: dict[Restrictions, tuple[Mask, RowNumbers]] = field(default_factory=dict)
    """Filled by readers."""

    def under(self, restrictions: Restrictions) -> tuple[Mask, RowNumbers]:
        """Mask of slots and rows of passages under the restrictions."""
        found = self.eligible.get(restrictions)
        if found is None:
            mask = self._mask(restrictions)
            found = mask, self.vectors.eligible(mask)
            if len(self.eligible) < _MOST_CACHED:
                self.eligible[restrictions] = found
        return found

    def _mask(self, restrictions: Restrictions) -> Mask:
        """Attributes are looked up here, ten times as fast as by tantivy; spans and phrases are in tantivy alone."""
        if not (restrictions.spans or restrictions.phrases or restrictions.no_phrases):
            return self.attributes.mask(self.alive, restrictions.attributes)
        mask = np.zeros_like(self.alive)
        mask[every_slot(self.searcher, question({}, restrictions, self.names))] = True
        return mask

    def rank(self, query: Query) -> Rankings:
        if not self.searcher.num_docs:
            return Rankings()
        restrictions = restrictions_of(query)
        semantic = () if query.vector is None else self._by_meaning(query.vector, restrictions, query.limit)
        words = term_weights(query)
        if words:
            asked = question(words, restrictions, self.names)
            return Rankings(self._by_words(asked, query.limit), semantic, how_many(self.searcher, asked))
        if query.vector is not None:
            return Rankings(semantic=semantic)
        mask, _ = self.under(restrictions)
        return Rankings(self._by_id(mask, query.limit), matched=int(mask.sum()))

    def _by_words(self, asked: tantivy.Query, limit: int) -> tuple[Hit, ...]:
        hits = [(-score, self.listings[slot]) for slot, score in best_slots(self.searcher, asked, limit)]
        return tuple(Hit(listing, -score) for score, listing in sorted(hits)[:limit])

    def _by_meaning(self, vector: Vector, restrictions: Restrictions, limit: int) -> tuple[Hit, ...]:
        if limit < 1:
            return ()
        _, rows = self.under(restrictions)
        found = self.vectors.best(vector, rows, limit)
        hits = sorted((-score, self.listings[slot], passage) for slot, score, passage in found)
        return tuple(Hit(listing, -score, passage) for score, listing, passage in hits[:limit])

    def _by_id(self, mask: Mask, limit: int) -> tuple[Hit, ...]:
        listings = (self.listings[slot] for slot in np.flatnonzero(mask))
        return tuple(Hit(listing, 0.0) for listing in nsmallest(limit, listings))

    def facets(self, query: Query, bands: Bands) -> Counts:
        return counts(self.searcher, term_weights(query), restrictions_of(query), bands, self.names)


class Shard:
    """Writers hold the engine's lock; readers take `snapshot` and hold nothing.

    A version of a document has a slot. Slots and matrix rows of replaced versions are used again once no reader holds a
    snapshot from before the replacement.
    """

    def __init__(self, audience: Audience, dimension: int, names: Names) -> None:
        """`names` have met every document that is written."""
        self._audience: Final = audience
        self._names: Final = names
        self._held: dict[str, _Held] = {}
        self._words = LexicalIndex()
        self._vectors = VectorStore(dimension)
        self._attributes = AttributeStore()
        self._listings: list[str] = [""]  # NO_SLOT
        self._free_slots: list[int] = []
        self._retired: deque[tuple[weakref.ref[_Snapshot], list[int]]] = deque()
        self.snapshot = self._seen_with(np.zeros(2, dtype=np.bool_))
        self.changes_of_ids = 0

    def apply(self, writes: Iterable[Document | Tombstone]) -> None:
        winners: dict[str, Document | Tombstone] = {}
        for write in writes:
            listing = write.id.listing
            held = winners.get(listing) or self._held.get(listing)
            if held is None or write.revision >= held.revision:
                winners[listing] = write
        if not winners:
            return
        documents = [write for write in winners.values() if isinstance(write, Document)]
        slot_of = self._replace(winners, documents)
        for listing, write in winners.items():
            self.changes_of_ids += listing not in self._held
            state_hash = write.state_hash if isinstance(write, Document) else ""
            self._held[listing] = _Held(write.revision, state_hash, slot_of.get(listing, NO_SLOT))

    def forget(self, listings: Iterable[str]) -> None:
        known = [listing for listing in dict.fromkeys(listings) if listing in self._held]
        if known:
            self._replace(known, ())
            for listing in known:
                del self._held[listing]
            self.changes_of_ids += 1

    def _replace(self, listings: Iterable[str], documents: Sequence[Document]) -> dict[str, int]:
        """Take what is indexed of `listings` out and `documents` in, in one step for readers; the new slots."""
        self._reclaim()
        old = [held.slot for held in map(self._held.get, listings) if held is not None and held.slot != NO_SLOT]
        slot_of = dict(zip((d.id.listing for d in documents), self._new_slots(), strict=False))
        ready = {slot_of[d.id.listing]: to_tantivy(d, slot_of[d.id.listing], self._names) for d in documents}
        alive = self._alive_with(old, slot_of.values())
        if old or ready:
            self._words.write(old, ready, int(alive.sum()))
        self._take_slots(slot_of)
        self._vectors.add([(slot_of[d.id.listing], [p.vector for p in d.passages]) for d in documents])
        self._attributes.add([(slot_of[d.id.listing], attributes_of(d)) for d in documents])
        before = weakref.ref(self.snapshot)
        self.snapshot = self._seen_with(alive)
        self._retired.append((before, old))
        return slot_of

    def _seen_with(self, alive: Mask) -> _Snapshot:
        vectors, attributes = self._vectors.view(), self._attributes.view()
        return _Snapshot(self._words.searcher, vectors, attributes, self._listings, self._names, alive)

    def _new_slots(self) -> Iterator[int]:
        """Slots that may be taken, without taking them: a failed write leaves them free."""
        yield from reversed(self._free_slots)
        slot = len(self._listings)
        while True:
            yield slot
            slot += 1

    def _take_slots(self, slot_of: Mapping[str, int]) -> None:
        reused = min(len(slot_of), len(self._free_slots))
        del self._free_slots[len(self._free_slots) - reused :]
        for listing, slot in slot_of.items():
            if slot < len(self._listings):
                self._listings[slot] = listing
            else:
                self._listings.append(listing)

    def _alive_with(self, old: Sequence[int], new: Iterable[int]) -> Mask:
        added = list(new)
        before = self.snapshot.alive
        alive = np.zeros(max(len(before), max(added, default=0) + 2), dtype=np.bool_)
        alive[: len(before)] = before
        alive[old] = False
        alive[added] = True
        return alive

    def _reclaim(self) -> None:
        while self._retired and self._retired[0][0]() is None:
            _, freed = self._retired.popleft()
            self._vectors.reclaim(freed)
            self._attributes.reclaim(freed)
            self._free_slots.extend(freed)

    @property
    def documents(self) -> int:
        """How many can be found."""
        return int(self.snapshot.searcher.num_docs)

    @property
    def trouble(self) -> str:
        """Why the last write failed; empty when it did not."""
        return self._words.trouble

    def state(self, listing: str) -> DocumentState | None:
        held = self._held.get(listing)
        if held is None:
            return None
        return DocumentState(DocumentId(listing, self._audience), held.revision, held.state_hash, held.slot == NO_SLOT)

    def ids(self) -> list[DocumentId]:
        """All that is held, tombstones included, in no order."""
        return [DocumentId(listing, self._audience) for listing in list(self._held)]
