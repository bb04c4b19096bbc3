"""The words of one audience: a tantivy index in memory, written and searched.

A document is known here by its slot, a number of the shard. Nothing is stored: hits come back as slots from a fast field.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import tantivy

from search.engines.local.questions import SCHEMA
from search.errors import EngineUnavailable

_HEAP: Final = 64_000_000
_SCORE_DIGITS: Final = 4
"""Scores that agree this far are ties. Addition in another order gives another last bit of a float32."""


class LexicalIndex:
    """Owner of the one writer. `write` only under the shard's lock; searchers are snapshots, for any thread."""

    def __init__(self) -> None:
        self._index = tantivy.Index(SCHEMA)
        self._index.config_reader("manual", 0)
        self._writer = self._index.writer(_HEAP, 1)
        self.searcher = self._index.searcher()
        self.trouble = ""
        """Why the last write failed; empty when it did not."""

    def write(self, removed: Sequence[int], added: Mapping[int, tantivy.Document], expected: int) -> tantivy.Searcher:
        """Remove and add by slot in one commit; gives the searcher that sees it, which holds `expected` documents.

        An error of the commit, or documents lost without one, is healed by rolling back and writing the batch again.
        Raises `EngineUnavailable` when that fails too; nothing of the batch is visible then.
        """
        self.trouble = ""
        try:
            self._commit(removed, added, expected)
        except (ValueError, RuntimeError, OSError):
            try:
                self._writer.rollback()
                self._commit([*removed, *added], added, expected)  # what a half-lost commit wrote goes first
            except (ValueError, RuntimeError, OSError) as error:
                self._writer.rollback()
                self.trouble = f"the index in memory does not take documents: {error}"
                raise EngineUnavailable(self.trouble, "read_only") from error
        return self.searcher

    def _commit(self, removed: Sequence[int], added: Mapping[int, tantivy.Document], expected: int) -> None:
        for slot in removed:
            self._writer.delete_documents_by_term("slot", slot)
        for document in added.values():
            self._writer.add_document(document)
        self._writer.commit()
        self._index.reload()
        searcher = self._index.searcher()
        if searcher.num_docs != expected:
            raise RuntimeError(f"the commit left {searcher.num_docs} documents, not {expected}")
        self.searcher = searcher


def best_slots(searcher: tantivy.Searcher, query: tantivy.Query, limit: int) -> list[tuple[int, float]]:
    """At least the `limit` best (slot, score), best first, with everything that ties with the last of them."""
    most = searcher.num_docs
    fetch = min(limit + 32, most) if limit > 0 else 0
    while fetch:
        hits = _search(searcher, query, fetch)
        if len(hits) < fetch or fetch == most or hits[-1][1] < hits[limit - 1][1]:
            return hits
        fetch = min(fetch * 8, most)
    return []


def _search(searcher: tantivy.Searcher, query: tantivy.Query, limit: int) -> list[tuple[int, float]]:
    hits = searcher.search(query, limit, count=False).hits  # limit 0 would panic
    found = searcher.fast_field_values("slot", [address for _, address in hits])
    return [(int(slot or 0), round(score, _SCORE_DIGITS)) for slot, (score, _) in zip(found, hits, strict=True)]


def every_slot(searcher: tantivy.Searcher, query: tantivy.Query) -> list[int]:
    """The slots of all that match, in no order: a quarter of a microsecond each."""
    if not searcher.num_docs:
        return []
    hits = searcher.search(query, searcher.num_docs, count=False).hits
    return [int(slot or 0) for slot in searcher.fast_field_values("slot", [address for _, address in hits])]


def how_many(searcher: tantivy.Searcher, query: tantivy.Query) -> int:
    """A metric and not `search`, which would score each of them."""
    return int(searcher.aggregate(query, {"n": {"value_count": {"field": "slot"}}})["n"]["value"])
