"""Engine contract: applying, stale writes, deletes, purging, rejection, state and scan."""

from dataclasses import replace

import numpy as np
import pytest

from search.ports import Document, DocumentState, Engine, Query, Tombstone, Vector
from search.text import terms
from tests.search.engine_contract_data import DIMENSION, document, identity, listings, unit, vector_of


def found(engine: Engine, text: str) -> list[str]:
    return listings(engine.rank(Query("public", terms=terms(text))).lexical)


def near(engine: Engine, vector: Vector) -> list[str]:
    return listings(engine.rank(Query("public", vector=vector)).semantic)


def everything(engine: Engine) -> list[str]:
    return listings(engine.rank(Query("public")).lexical)


class WriteContract:
    def test_what_is_applied_is_found_and_its_state_is_known(self, engine: Engine) -> None:
        engine.apply([document("a", "谐波减速器", revision=3, state_hash="x")], ())
        assert found(engine, "减速器") == ["a"]
        assert near(engine, vector_of("a")) == ["a"]
        assert engine.state([identity("a")]) == {identity("a"): DocumentState(identity("a"), 3, "x", deleted=False)}

    def test_an_empty_apply_changes_nothing(self, engine: Engine) -> None:
        engine.apply([document("a", "电池")], ())
        engine.apply((), ())
        assert everything(engine) == ["a"]

    def test_upserts_are_idempotent(self, engine: Engine) -> None:
        for _ in range(3):
            engine.apply([document("a", "电池", zones=["nanjing"])], ())
        assert found(engine, "电池") == near(engine, vector_of("a")) == everything(engine) == ["a"]
        assert engine.facets(Query("public"))["zone"] == {"nanjing": 1}
        assert engine.health().documents == 1

    def test_a_newer_revision_replaces_words_vectors_and_attributes(self, engine: Engine) -> None:
        engine.apply([document("a", "电池", zones=["nanjing"], vectors=[unit(1), unit(0, 1)])], ())
        engine.apply([document("a", "轴承", zones=["wuxi"], revision=2, vectors=[unit(0, 0, 1)])], ())
        assert found(engine, "电池") == []
        assert found(engine, "轴承") == ["a"]
        assert engine.rank(Query("public", vector=unit(1))).semantic[0].score == pytest.approx(0, abs=1e-6)
        assert engine.facets(Query("public"))["zone"] == {"wuxi": 1}

    def test_a_stale_write_loses(self, engine: Engine) -> None:
        engine.apply([document("a", "轴承", revision=5)], ())
        engine.apply([document("a", "电池", revision=4)], ())
        assert found(engine, "轴承") == ["a"]
        assert found(engine, "电池") == []
        assert engine.state([identity("a")])[identity("a")].revision == 5

    def test_a_delete_takes_the_document_out_of_every_answer(self, engine: Engine) -> None:
        engine.apply([document("a", "电池", zones=["nanjing"]), document("b", "电池")], ())
        engine.apply((), [Tombstone(identity("a"), 2)])
        assert found(engine, "电池") == near(engine, vector_of("a")) == everything(engine) == ["b"]
        assert "zone" not in engine.facets(Query("public"))
        assert engine.state([identity("a")]) == {identity("a"): DocumentState(identity("a"), 2, "", deleted=True)}
        assert engine.health().documents == 1

    def test_a_late_write_after_a_delete_loses(self, engine: Engine) -> None:
        engine.apply([document("a", "电池", revision=1)], ())
        engine.apply((), [Tombstone(identity("a"), 3)])
        engine.apply([document("a", "电池", revision=2)], ())
        assert everything(engine) == []
        assert engine.state([identity("a")])[identity("a")].deleted

    def test_a_newer_write_after_a_delete_comes_back(self, engine: Engine) -> None:
        engine.apply((), [Tombstone(identity("a"), 3)])
        engine.apply([document("a", "电池", revision=4)], ())
        assert found(engine, "电池") == ["a"]
        assert not engine.state([identity("a")])[identity("a")].deleted

    def test_a_stale_delete_loses(self, engine: Engine) -> None:
        engine.apply([document("a", "电池", revision=4)], ())
        engine.apply((), [Tombstone(identity("a"), 3)])
        assert found(engine, "电池") == ["a"]

    def test_a_delete_of_an_unknown_document_holds_against_older_writes(self, engine: Engine) -> None:
        engine.apply((), [Tombstone(identity("a"), 2)])
        engine.apply([document("a", "电池", revision=1)], ())
        assert everything(engine) == []
        assert engine.state([identity("a")])[identity("a")].revision == 2

    def test_deletes_are_idempotent(self, engine: Engine) -> None:
        engine.apply([document("a", "电池")], ())
        for _ in range(3):
            engine.apply((), [Tombstone(identity("a"), 2)])
        assert everything(engine) == []
        assert len(engine.scan()) == 1

    def test_within_one_call_the_highest_revision_wins(self, engine: Engine) -> None:
        engine.apply(
            [document("a", "轴承", revision=3), document("a", "电池", revision=2), document("b", "轴承", revision=1)],
            [Tombstone(identity("a"), 1), Tombstone(identity("b"), 2)],
        )
        assert found(engine, "轴承") == ["a"]
        assert found(engine, "电池") == []

    def test_purge_forgets_documents_and_tombstones(self, engine: Engine) -> None:
        engine.apply([document("a", "电池", revision=7), document("c", "电池")], [Tombstone(identity("b"), 7)])
        engine.purge([identity("a"), identity("b"), identity("unknown")])
        assert engine.state([identity("a"), identity("b")]) == {}
        assert everything(engine) == near(engine, vector_of("a")) == ["c"]
        engine.apply([document("a", "电池", revision=1), document("b", "电池", revision=1)], ())
        assert everything(engine) == ["a", "b", "c"]

    def test_purge_forgets_only_in_the_audience_named(self, engine: Engine) -> None:
        engine.apply([document("a", "电池"), document("a", "电池", audience="registered")], ())
        engine.purge([identity("a", "registered")])
        assert everything(engine) == ["a"]
        assert set(engine.state([identity("a"), identity("a", "registered")])) == {identity("a")}

    @pytest.mark.parametrize(
        "vector",
        [
            np.ones(DIMENSION + 1, dtype=np.float32) / 3,
            np.ones(DIMENSION - 1, dtype=np.float32),
            np.zeros(DIMENSION, dtype=np.float32),
            unit(1) * np.float32(0.998),
            unit(1) * np.float32(2),
            np.full(DIMENSION, np.nan, dtype=np.float32),
            unit(1).reshape(1, DIMENSION),
        ],
        ids=["longer", "shorter", "zero", "almost unit", "twice unit", "nan", "matrix"],
    )
    def test_a_bad_vector_is_refused_and_all_others_are_written(self, engine: Engine, vector: Vector) -> None:
        good, bad = document("good", "电池"), document("bad", "电池", vectors=[unit(1), vector])
        refused = engine.apply([bad, good], [Tombstone(identity("gone"), 1)])
        assert list(refused) == [identity("bad")]
        assert refused[identity("bad")].startswith("vector of passage 1 has ")
        assert everything(engine) == ["good"]
        assert [str(state.id) for state in engine.scan()] == ["gone:public", "good:public"]

    @pytest.mark.parametrize(
        "bad",
        [
            document("bad", zones=["\ud800"]),
            document("bad", facets={"tag": ["a\udfff"]}),
            document("bad", facets={"kind": ["result"]}),
            document("bad", facets={"zone": ["wuxi"]}),
            replace(document("bad"), fields={"body": ("\ud800",)}),
            replace(document("bad"), signs={"body": ("\ud800",)}),
            replace(document("bad"), fields={"body": ("长" * 11_000,)}),
            document("bad", zones=["长" * 11_000]),
            document("bad" * 200),
            document("bad\ud800"),
            document("bad", spans={"price": (2, 1)}),
            document("bad", spans={"price": (float("nan"), 1)}),
            document("bad", spans={"price": (0, float("inf"))}),
        ],
        ids=[
            *("zone", "facet value", "facet named kind", "facet named zone", "term", "sign", "long term", "long value"),
            *("long id", "id", "span from high to low", "span from no number", "span without end"),
        ],
    )
    def test_what_no_engine_can_hold_is_refused_by_document(self, engine: Engine, bad: Document) -> None:
        refused = engine.apply([document("good", audience="registered"), bad, document("good")], ())
        assert set(refused) == {bad.id}
        assert refused[bad.id]
        assert [str(state.id) for state in engine.scan()] == ["good:public", "good:registered"]

    def test_refusals_name_each_document_and_its_reason(self, engine: Engine) -> None:
        every = [document(f"{n}", vectors=[unit(1) * np.float32(1 + n % 2)], revision=2) for n in range(10)]
        refused = engine.apply([*every, document("0", revision=1)], [Tombstone(identity("\ud800"), 1)])
        assert set(refused) == {identity(name) for name in ("1", "3", "5", "7", "9", "\ud800")}
        assert "length 2.0000" in refused[identity("9")]
        assert "encoded" in refused[identity("\ud800")]
        assert everything(engine) == ["0", "2", "4", "6", "8"]

    def test_what_is_refused_leaves_what_is_held(self, engine: Engine) -> None:
        engine.apply([document("a", "电池")], ())
        assert engine.apply([document("a", "轴承", revision=2, spans={"price": (2, 1)})], ())
        assert found(engine, "电池") == ["a"]
        assert engine.state([identity("a")])[identity("a")].revision == 1
        assert engine.apply([document("a", "轴承", revision=2, spans={"price": (1, 2)})], ()) == {}
        assert found(engine, "轴承") == ["a"]

    def test_a_length_within_the_tolerance_is_taken(self, engine: Engine) -> None:
        engine.apply([document("a", vectors=[unit(1) * np.float32(0.9995)])], ())
        assert near(engine, unit(1)) == ["a"]

    def test_a_document_without_passages_or_without_words(self, engine: Engine) -> None:
        engine.apply([document("a", "电池", vectors=[]), document("b")], ())
        assert found(engine, "电池") == ["a"]
        assert near(engine, vector_of("b")) == ["b"]
        assert everything(engine) == ["a", "b"]

    def test_state_leaves_unknown_documents_out(self, engine: Engine) -> None:
        engine.apply([document("a")], ())
        assert set(engine.state([identity("a"), identity("a", "registered"), identity("z")])) == {identity("a")}
        assert engine.state(()) == {}

    def test_scan_pages_through_all_that_is_held_by_the_text_of_the_id(self, engine: Engine) -> None:
        names = ["b", "a", "a-1", "a0", "ä", "区"]
        engine.apply([document(name, audience=a) for name in names for a in ("public", "registered")], ())
        engine.apply((), [Tombstone(identity("b"), 9), Tombstone(identity("new"), 9)])
        expected = sorted([f"{n}:{a}" for n in names for a in ("public", "registered")] + ["new:public"])
        seen: list[DocumentState] = []
        while page := engine.scan(str(seen[-1].id) if seen else None, limit=4):
            assert len(page) <= 4
            seen.extend(page)
        assert [str(state.id) for state in seen] == expected
        assert {str(state.id) for state in seen if state.deleted} == {"b:public", "new:public"}
        assert engine.scan("区:registered") == ()
        assert [str(state.id) for state in engine.scan("a-2", limit=1)] == ["a0:public"]
