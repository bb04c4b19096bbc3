"""`LocalEngine`: the port `search.ports.Engine` in the memory of one process."""

import threading
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple, get_args

from search.engines.checks import sort_out, why_not_a_vector
from search.engines.local.questions import MOST_QUANTITIES, Names
from search.engines.local.shard import Shard
from search.errors import EngineUnavailable
from search.ports import (
    Audience,
    Document,
    DocumentId,
    DocumentState,
    Generation,
    Health,
    Interval,
    Query,
    Rankings,
    Tombstone,
)

AUDIENCES: Final[tuple[Audience, ...]] = get_args(Audience)


class _Order(NamedTuple):
    """The ids held, by their text, as of one count of changes."""

    changes: int
    keys: list[str]
    ids: list[DocumentId]


class _Built:
    """One generation."""

    def __init__(self, fingerprint: str, dimension: int, names: Names) -> None:
        self.fingerprint: Final = fingerprint
        self.shards: Final[Mapping[Audience, Shard]] = {name: Shard(name, dimension, names) for name in AUDIENCES}
        self._order = _Order(0, [], [])

    def ordered(self) -> _Order:
        """Made anew only when an id has come or gone since the last call."""
        changes = sum(shard.changes_of_ids for shard in self.shards.values())
        order = self._order
        if order.changes != changes:
            ids = sorted((held for shard in self.shards.values() for held in shard.ids()), key=str)
            order = self._order = _Order(changes, [str(held) for held in ids], ids)
        return order


class _Generations(NamedTuple):
    """Put in place whole, so that no reader sees half a turn."""

    serving: _Built
    building: _Built | None = None
    previous: _Built | None = None


class LocalEngine:
    """An engine for one process, empty at its start and filled from SQL; good to about 200,000 listings.

    Each takes about 13 kB for each audience (`python -m tests.bench embedded`), so as many need 5 GB, and every passage of an
    audience is compared with a query that no filter narrows.

    Readers take a snapshot and never wait; writers wait for one another. Every generation has the dimension given here.
    """

    def __init__(self, dimension: int, fingerprint: str) -> None:
        """`dimension` of the vectors and `fingerprint` of the recipe that the documents will be built with."""
        self._dimension: Final = dimension
        self._lock = threading.Lock()
        self._closed = False
        self._names = Names()
        self._generations = _Generations(_Built(fingerprint, dimension, self._names))

    def apply(
        self, upserts: Sequence[Document], deletes: Sequence[Tombstone], *, building: bool = False
    ) -> Mapping[DocumentId, str]:
        """Refuses also what brings more than 16 different quantities into the engine."""
        taken = sort_out(upserts, deletes, self._dimension)
        writes: dict[Audience, list[Document | Tombstone]] = {}
        with self._lock:
            self._require_open()
            for document in taken.upserts:
                if self._names.meet(document):
                    writes.setdefault(document.id.audience, []).append(document)
                else:
                    taken.refused[document.id] = f"it brings the quantities to more than {MOST_QUANTITIES}"
            for tombstone in taken.deletes:
                writes.setdefault(tombstone.id.audience, []).append(tombstone)
            for built in self._written(building=building):
                for audience, of_audience in writes.items():
                    built.shards[audience].apply(of_audience)
        return taken.refused

    def purge(self, ids: Sequence[DocumentId]) -> None:
        with self._lock:
            self._require_open()
            for built in self._written():
                for audience, shard in built.shards.items():
                    shard.forget(i.listing for i in ids if i.audience == audience)

    def state(self, ids: Sequence[DocumentId], *, building: bool = False) -> Mapping[DocumentId, DocumentState]:
        built = self._asked(building=building)
        if built is None:
            return {}
        found = ((document, built.shards[document.audience].state(document.listing)) for document in ids)
        return {document: state for document, state in found if state is not None}

    def scan(self, after: str | None = None, limit: int = 1000, *, building: bool = False) -> tuple[DocumentState, ...]:
        built = self._asked(building=building)
        if built is None:
            return ()
        order = built.ordered()
        start = 0 if after is None else bisect_right(order.keys, after)
        result: list[DocumentState] = []
        for document in islice(order.ids, start, None):
            if len(result) >= limit:
                break
            state = built.shards[document.audience].state(document.listing)
            if state is not None:  # purged since the order was made
                result.append(state)
        return tuple(result)

    def rank(self, query: Query) -> Rankings:
        """Raises ValueError for a query vector of another dimension or not of unit length."""
        built = self._require_open()
        why = "" if query.vector is None else why_not_a_vector(query.vector, self._dimension)
        if why:
            raise ValueError(f"the query's vector {why}")
        return built.shards[query.audience].snapshot.rank(query)

    def facets(self, query: Query, bands: Mapping[str, Sequence[Interval]] | None = None) -> Mapping[str, Mapping[str, int]]:
        return self._require_open().shards[query.audience].snapshot.facets(query, bands or {})

    def generation(self) -> Generation:
        self._require_open()
        serving, building, previous = self._generations
        return Generation(
            serving.fingerprint, building.fingerprint if building else None, previous.fingerprint if previous else None
        )

    def begin(self, fingerprint: str) -> None:
        with self._lock:
            self._require_open()
            building = _Built(fingerprint, self._dimension, self._names)
            self._generations = self._generations._replace(building=building)

    def promote(self) -> None:
        """Raises ValueError when no generation is being built."""
        with self._lock:
            self._require_open()
            serving, building, _ = self._generations
            if building is None:
                raise ValueError("no generation is being built")
            self._generations = _Generations(building, previous=serving)

    def revert(self) -> None:
        with self._lock:
            self._require_open()
            serving, building, previous = self._generations
            if previous is None:
                raise ValueError("no previous generation is kept")
            self._generations = _Generations(previous, building, serving)

    def drop(self) -> None:
        with self._lock:
            self._require_open()
            self._generations = self._generations._replace(previous=None)

    def abort(self) -> None:
        with self._lock:
            self._require_open()
            self._generations = self._generations._replace(building=None)

    def health(self) -> Health:
        """Not ok when closed, and when the last write failed: a restart builds the engine anew."""
        shards = self._generations.serving.shards.values()
        trouble = "closed" if self._closed else "; ".join(shard.trouble for shard in shards if shard.trouble)
        code = "closed" if self._closed else "read_only" if trouble else ""
        return Health(not trouble, "local", sum(shard.documents for shard in shards), trouble, code)

    def close(self) -> None:
        """Free the memory. Idempotent; whatever is asked afterwards raises `EngineUnavailable`, but `health`."""
        with self._lock:
            self._closed = True
            self._generations = _Generations(_Built(self._generations.serving.fingerprint, self._dimension, self._names))

    def _require_open(self) -> _Built:
        serving = self._generations.serving  # before the look at the flag: `close` sets it first
        if self._closed:
            raise EngineUnavailable("the local engine is closed", "closed")
        return serving

    def _asked(self, *, building: bool) -> _Built | None:
        serving = self._require_open()
        return self._generations.building if building else serving

    def _written(self, *, building: bool = False) -> tuple[_Built, ...]:
        """Those that writes go to. Raises ValueError where only the one being built is meant and there is none."""
        serving, being_built, _ = self._generations
        if building and being_built is None:
            raise ValueError("no generation is being built")
        found = (being_built,) if building else (serving, being_built)
        return tuple(each for each in found if each is not None)
