"""The words of one audience: a tantivy index in memory. The only module that knows tantivy.

A document is known here by its slot, a number of the shard. Nothing is stored: hits come back as slots from a fast field.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import tantivy

from search.engines.fields import weighted_terms
from search.engines.local.attributes import attributes_of, split, wanted
from search.errors import EngineUnavailable
from search.ports import Document, Filters, Kind

_HEAP: Final = 64_000_000
_SCORE_DIGITS: Final = 4
"""Scores that agree this far are ties. Addition in another order gives another last bit of a float32."""
_MOST_BUCKETS: Final = 60_000
"""tantivy refuses an aggregation of more than 65,000 buckets."""


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    # Signed: on an unsigned field `delete_documents_by_term` with a Python int deletes nothing, silently (0.27).
    builder.add_integer_field("slot", indexed=True, fast=True)
    builder.add_text_field("terms", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("attributes", tokenizer_name="raw", index_option="basic", fast=True)
    return builder.build()


_SCHEMA: Final = _schema()


def to_tantivy(document: Document, slot: int) -> tantivy.Document:
    """Checked against the schema at once: a wrong type found by the commit would cost the whole batch."""
    values = {
        "slot": slot,
        "terms": [" ".join(weighted_terms(document.fields))],
        "attributes": list(attributes_of(document)),
    }
    return tantivy.Document.from_dict(values, _SCHEMA)


def question(terms: Sequence[str], kinds: frozenset[Kind], filters: Filters) -> tantivy.Query:
    """Documents with any of `terms` (all where there are none) under the filters; score is BM25 over the terms alone."""
    clauses = [(tantivy.Occur.Must, _any_of(group)) for group in wanted(kinds, filters)]
    if terms:
        clauses.append((tantivy.Occur.Must, _words(terms)))
    return tantivy.Query.boolean_query(clauses) if clauses else tantivy.Query.all_query()


def _any_of(attributes: Sequence[str]) -> tantivy.Query:
    return tantivy.Query.const_score_query(tantivy.Query.term_set_query(_SCHEMA, "attributes", attributes), 0.0)


def _words(terms: Sequence[str]) -> tantivy.Query:
    clauses = []
    for term, times in Counter(terms).items():
        query = tantivy.Query.term_query(_SCHEMA, "terms", term, "freq")
        clauses.append((tantivy.Occur.Should, tantivy.Query.boost_query(query, float(times)) if times > 1 else query))
    return tantivy.Query.boolean_query(clauses)


class LexicalIndex:
    """Owner of the one writer. `write` only under the shard's lock; searchers are snapshots, for any thread."""

    def __init__(self) -> None:
        self._index = tantivy.Index(_SCHEMA)
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
                raise EngineUnavailable(self.trouble) from error
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
    fetch = min(limit + 32, most)
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


def counts(searcher: tantivy.Searcher, query: tantivy.Query) -> dict[str, dict[str, int]]:
    """How many matching documents hold each value, by attribute name; values that none holds are absent."""
    asked = {"a": {"terms": {"field": "attributes", "size": _MOST_BUCKETS, "segment_size": _MOST_BUCKETS}}}
    result: dict[str, dict[str, int]] = {}
    for bucket in searcher.aggregate(query, asked)["a"]["buckets"]:
        name, value = split(bucket["key"])
        result.setdefault(name, {})[value] = bucket["doc_count"]
    return result
