"""An index as anybody would make one, for comparing with: none of our mapping, ranking and fusion is in it."""

import secrets
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, Final, Self

from search.engines.elastic.connection import Connection, translated, unavailable
from search.engines.elastic.options import ElasticOptions
from search.errors import EngineUnavailable
from search.ports import Hit, Matrix, Vector

_AT_ONCE: Final = 50


class PlainIndex:
    """Three kinds of search over the same texts: words cut by the server's `standard` analyser, words cut by us, nearest
    vectors. A context; the index is there inside it alone. Raises `EngineUnavailable` like an engine."""

    def __init__(self, options: ElasticOptions, dimension: int) -> None:
        self._connection = Connection(options)
        self._dimension = dimension
        self._name = f"{options.prefix}-compared-{secrets.token_hex(4)}"

    def __enter__(self) -> Self:
        properties = {
            "id": {"type": "keyword"},
            "text": {"type": "text", "analyzer": "standard"},
            "tokens": {"type": "text", "analyzer": "whitespace"},
            # As good as vectors alone can be: every one is looked at, and nothing is rounded.
            "passages": {
                "type": "nested",
                "properties": {
                    "vector": {
                        "type": "dense_vector", "dims": self._dimension, "similarity": "cosine", "index": True,
                        "index_options": {"type": "flat"},
                    }
                },
            },
        }  # fmt: skip
        try:
            with translated():
                self._connection.writes().indices.create(
                    index=self._name,
                    settings={"number_of_shards": 1, "number_of_replicas": 0},
                    mappings={"properties": properties},
                )
        except EngineUnavailable:
            self._connection.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            with translated():
                self._connection.writes().indices.delete(index=self._name, ignore_unavailable=True)
        finally:
            self._connection.close()

    def add(self, documents: Iterable[tuple[str, str, Sequence[str], Matrix]]) -> None:
        """Id, text, our terms of it, and the vectors of its passages."""
        operations: list[dict[str, Any]] = []
        for id_, text, terms, vectors in documents:
            passages = [{"vector": vector.tolist()} for vector in vectors]
            operations += [{"index": {"_id": id_}}, {"id": id_, "text": text, "tokens": " ".join(terms), "passages": passages}]
        client = self._connection.writes()
        with translated():
            for start in range(0, len(operations), 1000):
                answer = client.bulk(index=self._name, operations=operations[start : start + 1000])
                if answer["errors"]:
                    raise EngineUnavailable("the server refused a document of the comparison", "mapping")
            client.indices.refresh(index=self._name)

    def by_standard(self, texts: Sequence[str], limit: int) -> list[tuple[Hit, ...]]:
        return self._ask([{"query": {"match": {"text": text}}} for text in texts], limit)

    def by_tokens(self, terms: Sequence[Sequence[str]], limit: int) -> list[tuple[Hit, ...]]:
        return self._ask([{"query": {"match": {"tokens": " ".join(each)}}} for each in terms], limit)

    def by_vectors(self, vectors: Sequence[Vector], limit: int) -> list[tuple[Hit, ...]]:
        """By the nearest passage of each document."""
        nested: dict[str, Any] = {"field": "passages.vector", "k": limit, "num_candidates": max(limit, 1000)}
        return self._ask([{"knn": nested | {"query_vector": vector.tolist()}} for vector in vectors], limit)

    def _ask(self, bodies: Sequence[dict[str, Any]], limit: int) -> list[tuple[Hit, ...]]:
        found: list[tuple[Hit, ...]] = []
        # The id comes with the order: to read it from what is stored would cost many times the search.
        order = {"size": limit, "_source": False, "stored_fields": "_none_", "sort": [{"_score": "desc"}, {"id": "asc"}]}
        for start in range(0, len(bodies), _AT_ONCE):
            searches = [part for body in bodies[start : start + _AT_ONCE] for part in ({"index": self._name}, body | order)]
            with translated():
                answers = self._connection.writes().msearch(searches=searches)["responses"]
            for answer in answers:
                if "error" in answer:
                    raise unavailable(int(answer["status"]), str(answer["error"].get("reason", "")))
                found.append(tuple(Hit(str(hit["sort"][1]), float(hit["sort"][0])) for hit in answer["hits"]["hits"]))
        return found


def forget(options: ElasticOptions) -> None:
    """Remove every index whose name begins with the prefix of these options."""
    connection = Connection(options)
    try:
        with translated():
            client = connection.writes()
            held = list(client.indices.get(index=f"{options.prefix}-*", allow_no_indices=True))
            if held:
                client.indices.delete(index=held, ignore_unavailable=True)
    finally:
        connection.close()
