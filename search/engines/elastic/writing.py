"""Bulk writes: cut to size, slowed down when the server asks for it, tried again document by document, refused by name."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from elasticsearch import ApiError

from search.engines.elastic.connection import Connection, reason_of, translated, unavailable
from search.engines.elastic.options import ElasticOptions
from search.errors import EngineUnavailable
from search.ports import DocumentId

_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 5.0
_BUSY: Final = (429, 503)
_BLOCKED: Final = "cluster_block_exception"
"""A full disk, with the status of a busy server: it passes when somebody makes room."""
_CONFLICT: Final = 409
_TOO_LARGE: Final = 413


@dataclass(frozen=True, slots=True)
class Operation:
    """One line or two of a bulk request. `alias` is the one its index keeps."""

    id: DocumentId
    alias: str
    lines: tuple[bytes, ...]

    @property
    def size(self) -> int:
        return sum(map(len, self.lines)) + len(self.lines)


def index_operation(id_: DocumentId, alias: str, revision: int, source: bytes) -> Operation:
    """Stale where a higher revision is held; an equal one is written again."""
    action = {"_index": alias, "_id": id_.listing, "version": revision, "version_type": "external_gte", "require_alias": True}
    return Operation(id_, alias, (orjson.dumps({"index": action}), source))


def delete_operation(id_: DocumentId, alias: str) -> Operation:
    return Operation(id_, alias, (orjson.dumps({"delete": {"_index": alias, "_id": id_.listing, "require_alias": True}}),))


class BulkWriter:
    """Thread safe; holds nothing between calls."""

    def __init__(self, connection: Connection, options: ElasticOptions) -> None:
        self._connection = connection
        self._options = options

    def write(self, operations: Sequence[Operation]) -> dict[DocumentId, str]:
        """Do all of them; the documents that the server refuses for good, each with its reason.

        Raises `EngineUnavailable` when one is neither written nor refused; others may be written by then, and all of them
        may be given again. An operation on an index that is gone is done: nobody reads it any more.
        """
        refused: dict[DocumentId, str] = {}
        until = time.monotonic() + self._options.patience
        for batch in batches(operations, self._options.bulk_documents, self._options.bulk_bytes):
            self._write(batch, refused, until)
        return refused

    def _write(self, batch: Sequence[Operation], refused: dict[DocumentId, str], until: float) -> None:
        left = list(batch)
        pause = _FIRST_PAUSE
        while left:
            again, why = self._send(left, refused, until)
            if not again:
                return
            if time.monotonic() + pause > until:
                raise why or EngineUnavailable(f"Elasticsearch is too busy to write {len(again)} documents", "slow")
            if len(again) == len(left):  # nothing got through: wait longer
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                pause = _FIRST_PAUSE
                time.sleep(pause)
            left = again

    def _send(
        self, batch: list[Operation], refused: dict[DocumentId, str], until: float
    ) -> tuple[list[Operation], EngineUnavailable | None]:
        """What is to be tried again, and why."""
        lines: list[Any] = [line for each in batch for line in each.lines]  # the client takes bytes as they are
        with translated():
            try:
                answer = self._connection.writes().bulk(operations=lines)
            except ApiError as error:
                if error.status_code == _TOO_LARGE:
                    self._halve(batch, refused, until, reason_of(error.body))
                    return [], None
                if error.status_code in _BUSY and error.error != _BLOCKED:
                    return batch, unavailable(error.status_code, reason_of(error.body), str(error.error))
                raise
        items = [next(iter(item.values())) for item in answer["items"]]
        again, why = self._sort(batch, items, refused)
        conflicts = [each for each, item in zip(batch, items, strict=True) if item["status"] == _CONFLICT]
        return again + self._purged(conflicts), why

    def _purged(self, conflicts: Sequence[Operation]) -> list[Operation]:
        """Of writes that lost against a higher revision, those that lost against nothing: the server remembers what was
        purged for about a fifth of a second, and a refresh makes it forget."""
        if not conflicts:
            return []
        with translated():
            client = self._connection.writes()
            answer = client.mget(docs=[{"_index": each.alias, "_id": each.id.listing, "_source": False} for each in conflicts])
            lost = [each for each, held in zip(conflicts, answer["docs"], strict=True) if held.get("found") is False]
            if lost:
                client.indices.refresh(index=sorted({each.alias for each in lost}), ignore_unavailable=True)
        return lost

    def _halve(self, batch: list[Operation], refused: dict[DocumentId, str], until: float, why: str) -> None:
        if len(batch) == 1:
            refused[batch[0].id] = f"it has {batch[0].size} bytes, more than the server takes: {why}"
            return
        middle = len(batch) // 2
        self._write(batch[:middle], refused, until)
        self._write(batch[middle:], refused, until)

    @staticmethod
    def _sort(
        batch: list[Operation], items: list[dict[str, Any]], refused: dict[DocumentId, str]
    ) -> tuple[list[Operation], EngineUnavailable | None]:
        again: list[Operation] = []
        why: EngineUnavailable | None = None
        for operation, item in zip(batch, items, strict=True):
            status = int(item["status"])
            kind = str(item.get("error", {}).get("type", ""))
            if status < 300 or status in (404, _CONFLICT):  # gone, document or index; a higher revision is held
                continue
            reason = reason_of(item.get("error"))
            if status in _BUSY and kind != _BLOCKED:
                again.append(operation)
                why = unavailable(status, reason, kind)
            elif status == 400:
                refused[operation.id] = f"Elasticsearch refuses it: {reason}"
            else:
                raise unavailable(status, reason, kind)
        return again, why


def batches(operations: Iterable[Operation], most: int, most_bytes: int) -> Iterator[list[Operation]]:
    """In order; none is empty, and only a single operation may be larger."""
    batch: list[Operation] = []
    size = 0
    for each in operations:
        if batch and (len(batch) >= most or size + each.size > most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += each.size
    if batch:
        yield batch
