"""The local engine: the contract, and what only it can promise."""

import gc
import weakref

import tantivy

from search.engines.local import LocalEngine
from search.ports import Engine, Filters, Query, Tombstone
from search.text import terms
from tests.search.engine_contract import EngineContract
from tests.search.engine_contract_data import DIMENSION, RECIPE, document, identity, listings, unit, vector_of


class TestLocalEngine(EngineContract):
    def new_engine(self) -> Engine:
        return LocalEngine(DIMENSION, RECIPE)


def a_local_engine() -> LocalEngine:
    return LocalEngine(DIMENSION, RECIPE)


def test_a_commit_that_fails_is_rolled_back_and_written_again() -> None:
    """A wrongly typed document in tantivy's writer makes the commit raise once and lose the whole batch."""
    engine = a_local_engine()
    engine.apply([document("before", "电池")], ())
    writer = engine._generations.serving.shards["public"]._words._writer
    writer.add_document(tantivy.Document(slot="not a number"))
    engine.apply([document("a", "电池"), document("b", "电池")], [Tombstone(identity("before"), 2)])
    assert set(listings(engine.rank(Query("public", terms("电池"))).lexical)) == {"a", "b"}
    engine.apply([document("c", "电池")], ())
    assert engine.health().ok
    assert engine.health().documents == 3


def test_a_reader_keeps_the_moment_it_began_at() -> None:
    """Also while rows that were free at that moment go to documents, and slots, that came after it."""
    engine = a_local_engine()
    names = [f"{n:02d}" for n in range(30)]
    engine.apply([document(f"gone{n}", vectors=[unit(1, 2, 3)] * 40) for n in range(10)], ())
    engine.apply((), [Tombstone(identity(f"gone{n}"), 2) for n in range(10)])
    engine.apply([document(name, "电池", vectors=[vector_of(name)] * 3, zones=["wuxi"]) for name in names], ())
    snapshot = engine._generations.serving.shards["public"].snapshot
    query = Query("public", terms("电池"), unit(1, 2, 3))
    before = snapshot.rank(query)
    for revision in range(2, 12):
        engine.apply([document(name, "轴承", revision=revision, vectors=[unit(revision)] * 2) for name in names[::2]], ())
        engine.apply((), [Tombstone(identity(name), revision) for name in names[1::2]])
        engine.apply([document(f"{revision}-{name}", "电池") for name in names], ())
    snapshot.eligible.clear()
    assert snapshot.rank(query) == before
    assert engine.rank(query) != before


def test_room_is_used_again() -> None:
    engine = a_local_engine()
    for revision in range(1, 60):
        engine.apply([document(f"{n:02d}", "电池", revision=revision, vectors=[unit(1, n)] * 4) for n in range(20)], ())
    shard = engine._generations.serving.shards["public"]
    assert shard._vectors.view().used <= 3 * 20 * 4
    assert len(shard._listings) <= 3 * 20 + 1
    assert shard._attributes.view().used <= 3 * 20


def test_ids_with_odd_characters_and_values_with_separators() -> None:
    engine = a_local_engine()
    engine.apply([document("a b:c", "电池", zones=["x y", "k=v;w", ""], facets={"tag": ["a:b", "c\x1fd"]})], ())
    assert engine.facets(Query("public"))["zone"] == {"x y": 1, "k=v;w": 1, "": 1}
    assert engine.facets(Query("public"))["tag"] == {"a:b": 1, "c\x1fd": 1}


def test_quantities_are_refused_from_the_seventeenth_on() -> None:
    """Columns are fixed when an index is made; documents that bring no new quantity are taken all the same."""
    engine = a_local_engine()
    assert engine.apply([document("a", spans={f"q{n}": (n, n) for n in range(15)})], ()) == {}
    refused = engine.apply([document("b", spans={"q15": (1, 1), "q16": (1, 1)}), document("c", spans={"q15": (1, 1)})], ())
    assert refused == {identity("b"): "it brings the quantities to more than 16"}
    assert engine.apply([document("d", spans={"q0": (7, 7), "q15": (7, 7)})], ()) == {}
    query = Query("public", filters=Filters(spans={"q15": (1, 9)}))
    assert listings(engine.rank(query).lexical) == ["c", "d"]


def test_memory_of_a_dropped_generation_is_given_back() -> None:
    engine = a_local_engine()
    engine.apply([document("a", "电池")], ())
    left = weakref.ref(engine._generations.serving)
    engine.begin("recipe-2")
    engine.promote()
    gc.collect()
    assert left() is not None
    engine.drop()
    gc.collect()
    assert left() is None
