"""Several searches in one request, each of which must be answered in full."""

from collections.abc import Mapping, Sequence
from typing import Any

from search.engines.elastic.connection import Connection, IndexMissing, reason_of, translated, unavailable
from search.engines.elastic.questions import Body


class Asking:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ask(self, index: str, bodies: Sequence[Body]) -> list[Mapping[str, Any]]:
        """The answers in the order of the bodies. Raises `EngineUnavailable` where a shard does not answer, too: a part of
        the hits is not an answer. Term weights are those of all shards together."""
        if not bodies:
            return []
        searches = [part for body in bodies for part in (_header(index, body), body)]
        with translated():
            answer = self._connection.reads().msearch(searches=searches, max_concurrent_searches=len(bodies))
        for each in answer["responses"]:
            if "error" in each:
                raise unavailable(int(each["status"]), reason_of(each), str(each["error"].get("type", "")))
            if each["_shards"]["total"] == 0:  # an alias that is not there, seen through a wildcard
                raise IndexMissing(f"{index} is not there")
        return list(answer["responses"])


def _header(index: str, body: Body) -> Body:
    header: Body = {"index": index, "allow_partial_search_results": False}
    # Neighbours are always collected over all shards first, and the server wants it said for nothing else.
    return header if "knn" in body else header | {"search_type": "dfs_query_then_fetch"}


def hits_of(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(answer["hits"]["hits"])


def total_of(answer: Mapping[str, Any]) -> int:
    return int(answer["hits"]["total"]["value"])
