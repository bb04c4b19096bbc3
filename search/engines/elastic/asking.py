"""Several searches in one request, each of which must be answered in full."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from search.engines.elastic.connection import Connection, reason_of, translated, unavailable
from search.engines.elastic.questions import Body

_LOST: Final = (502, 503)
"""A shard was lost on the way: a node went away while it answered."""
_PAUSES: Final = (0.02, 0.2, 0.5)
"""Seconds before each further attempt. Another copy of the shard, where there is one, answers at once."""


class Asking:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ask(self, index: str, bodies: Sequence[Body]) -> list[Mapping[str, Any]]:
        """The answers in the order of the bodies. Raises `EngineUnavailable` where a shard does not answer, too: a part of
        the hits is not an answer. Term weights are those of all shards together."""
        answers: dict[int, Mapping[str, Any]] = {}
        for pause in (*_PAUSES, None):
            left = [number for number in range(len(bodies)) if number not in answers]
            found = self._ask(index, [bodies[number] for number in left])
            answers |= {number: each for number, each in zip(left, found, strict=True) if "error" not in each}
            failed = [each for each in found if "error" in each]
            if not failed:
                break
            if pause is None or any(each["status"] not in _LOST for each in failed):
                raise unavailable(failed[0]["status"], reason_of(failed[0]), str(failed[0]["error"].get("type", "")))
            time.sleep(pause)
        return [answers[number] for number in range(len(bodies))]

    def _ask(self, index: str, bodies: Sequence[Body]) -> list[Mapping[str, Any]]:
        if not bodies:
            return []
        searches = [part for body in bodies for part in (_header(index, body), body)]
        with translated():
            answer = self._connection.reads().msearch(searches=searches, max_concurrent_searches=len(bodies))
        return list(answer["responses"])


def _header(index: str, body: Body) -> Body:
    header: Body = {"index": index, "allow_partial_search_results": False}
    # Neighbours are always collected over all shards first, and the server wants it said for nothing else.
    return header if "knn" in body else header | {"search_type": "dfs_query_then_fetch"}


def hits_of(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(answer["hits"]["hits"])


def total_of(answer: Mapping[str, Any]) -> int:
    return int(answer["hits"]["total"]["value"])
