"""`ElasticEngine`: the port `search.ports.Engine` on Elasticsearch servers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final, TypeVar

from search.engines.checks import sort_out, why_not_a_vector
from search.engines.elastic.asking import Asking
from search.engines.elastic.connection import Connection, IndexMissing, translated
from search.engines.elastic.counting import Counter
from search.engines.elastic.generations import AUDIENCES, Built, Generations, Role
from search.engines.elastic.layout import KEY, source, state_of
from search.engines.elastic.options import ElasticOptions
from search.engines.elastic.questions import ALIVE
from search.engines.elastic.ranking import Ranker
from search.engines.elastic.writing import BulkWriter, Operation, delete_operation, index_operation
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

_Answer = TypeVar("_Answer")
_PAGE: Final = 1000


class ElasticEngine:
    """An engine for any number of processes. Made without asking the server anything; its indices are made on first need.

    All state is the server's: what another process begins, promotes or writes is seen by the next call. A generation of
    another dimension than this engine's (one that served before the encoder changed) is written without vectors and answers
    by words alone.
    """

    def __init__(self, options: ElasticOptions, dimension: int, fingerprint: str) -> None:
        """`dimension` of the vectors and `fingerprint` of the recipe that the documents will be built with."""
        self._dimension: Final = dimension
        self._connection = Connection(options)
        self._generations = Generations(self._connection, options, dimension, fingerprint)
        self._writer = BulkWriter(self._connection, options)
        asking = Asking(self._connection)
        self._ranker = Ranker(asking, options)
        self._counter = Counter(asking)

    def apply(
        self, upserts: Sequence[Document], deletes: Sequence[Tombstone], *, building: bool = False
    ) -> Mapping[DocumentId, str]:
        """Raises ValueError when only the generation being built is meant and there is none."""
        taken = sort_out(upserts, deletes, self._dimension)
        self._connection.reads()
        latest: dict[DocumentId, Document | Tombstone] = {}
        writes: tuple[Document | Tombstone, ...] = (*taken.upserts, *taken.deletes)
        for write in writes:
            held = latest.get(write.id)
            if held is None or write.revision >= held.revision:
                latest[write.id] = write
        if not latest:
            return taken.refused

        def operations(built: Built) -> Iterable[Operation]:
            with_vectors = built.dimension == self._dimension
            for id_, write in latest.items():
                body = source(write, with_vectors=with_vectors)
                yield index_operation(id_, built.writes(id_.audience), write.revision, body)

        refused = self._write_everywhere(operations, {each.audience for each in latest}, building=building)
        return {**taken.refused, **refused}

    def purge(self, ids: Sequence[DocumentId]) -> None:
        wanted = list(dict.fromkeys(ids))
        self._connection.reads()
        if wanted:
            self._write_everywhere(
                lambda built: (delete_operation(each, built.writes(each.audience)) for each in wanted),
                {each.audience for each in wanted},
            )

    def _write_everywhere(
        self, operations: Callable[[Built], Iterable[Operation]], audiences: Iterable[Audience], *, building: bool = False
    ) -> dict[DocumentId, str]:
        """To the serving generation and to the one being built, also where another process began it meanwhile: whoever
        fills that one reads SQL after its beginning, and so has what was written before."""
        refused: dict[DocumentId, str] = {}
        written: set[str] = set()
        while left := [each for each in self._generations.written(building=building) if each.token not in written]:
            for built in left:
                refused |= self._writer.write(list(operations(built)))
                written.add(built.token)
        if not building:  # what is being built is refreshed when it is looked at
            serving = self._generations.layout().serving
            self._refresh([serving.index(each) for each in sorted(set(audiences))])
        return refused

    def _refresh(self, indices: Sequence[str]) -> None:
        with translated():
            self._connection.writes().indices.refresh(index=list(indices), ignore_unavailable=True)

    def state(self, ids: Sequence[DocumentId], *, building: bool = False) -> Mapping[DocumentId, DocumentState]:
        wanted = list(dict.fromkeys(ids))
        found: dict[DocumentId, DocumentState] = {}
        self._connection.reads()
        if building and self._generations.fresh().building is None:
            return {}
        role: Role = "building" if building else "serving"
        for start in range(0, len(wanted), _PAGE):
            found |= self._again(partial(self._state, wanted[start : start + _PAGE], role))
        return {each: found[each] for each in wanted if each in found}

    def _state(self, ids: Sequence[DocumentId], role: Role) -> dict[DocumentId, DocumentState]:
        asked = [{"_index": self._generations.alias(each.audience, role), "_id": each.listing} for each in ids]
        with translated():
            answer = self._connection.reads().mget(docs=asked)
        found: dict[DocumentId, DocumentState] = {}
        for id_, held in zip(ids, answer["docs"], strict=True):
            if "error" in held:
                raise IndexMissing(str(held["error"].get("reason", "")))
            if held["found"]:
                found[id_] = state_of(held["_source"], id_.audience)
        return found

    def scan(self, after: str | None = None, limit: int = 1000, *, building: bool = False) -> tuple[DocumentState, ...]:
        found: list[DocumentState] = []
        self._connection.reads()
        if building:
            built = self._generations.fresh().building
            if built is None:
                return ()
            self._refresh(built.indices)
        while len(found) < limit:
            page = self._again(partial(self._scan, after, min(limit - len(found), 10 * _PAGE), building))
            if not page:
                break
            found += page
            after = str(page[-1].id)
        return tuple(found)

    def _scan(self, after: str | None, limit: int, building: bool) -> list[DocumentState]:
        layout = self._generations.layout()
        built = layout.building if building else layout.serving
        audience_of = {built.index(each): each for each in AUDIENCES} if built is not None else {}
        role: Role = "building" if building else "serving"
        with translated():
            answer = self._connection.reads().search(
                index=[self._generations.alias(each, role) for each in AUDIENCES],
                sort=[{KEY: "asc"}],
                size=limit,
                search_after=None if after is None else [after],
                track_total_hits=False,
                allow_partial_search_results=False,
            )
        hits = answer["hits"]["hits"]
        if any(hit["_index"] not in audience_of for hit in hits):
            raise IndexMissing("another generation has taken its place since a moment")
        return [state_of(hit["_source"], audience_of[hit["_index"]]) for hit in hits]

    def rank(self, query: Query) -> Rankings:
        """Raises ValueError for a query vector of another dimension or not of unit length."""
        why = "" if query.vector is None else why_not_a_vector(query.vector, self._dimension)
        if why:
            raise ValueError(f"the query's vector {why}")
        index = self._generations.alias(query.audience)
        return self._again(lambda: self._ranker.rank(query, index, self._generations.layout().serving.dimension))

    def facets(self, query: Query, bands: Mapping[str, Sequence[Interval]] | None = None) -> Mapping[str, Mapping[str, int]]:
        index = self._generations.alias(query.audience)

        def count() -> Mapping[str, Mapping[str, int]]:
            self._generations.layout()
            return self._counter.count(query, bands or {}, index)

        return self._again(count)

    def _again(self, ask: Callable[[], _Answer]) -> _Answer:
        """Ask, and once more with what the server says now where an index is not what it was a second ago."""
        try:
            return ask()
        except IndexMissing:
            self._generations.fresh()
            return ask()

    def generation(self) -> Generation:
        return self._generations.told()

    def begin(self, fingerprint: str) -> None:
        self._generations.begin(fingerprint)

    def promote(self) -> None:
        """Raises ValueError when no generation is being built."""
        self._generations.promote()

    def revert(self) -> None:
        self._generations.revert()

    def drop(self) -> None:
        self._generations.drop()

    def abort(self) -> None:
        self._generations.abort()

    def health(self) -> Health:
        """Never raises, makes nothing. Not ok when the server does not answer, or an index of ours lacks a shard."""
        try:
            aliases = [self._generations.alias(each) for each in AUDIENCES]
            if not self._generations.are_there():
                return Health(True, "elasticsearch", 0, "no index yet")
            with translated():
                client = self._connection.reads()
                status = client.cluster.health(index=aliases)["status"]
                if status == "red":
                    return Health(False, "elasticsearch", 0, "a shard of the index is missing on every node", "down")
                documents = int(client.count(index=aliases, query=ALIVE)["count"])
        except EngineUnavailable as problem:
            return Health(False, "elasticsearch", 0, str(problem), problem.code)
        return Health(True, "elasticsearch", documents)

    def close(self) -> None:
        """Idempotent; whatever is asked afterwards raises `EngineUnavailable`, but `health`."""
        self._connection.close()
