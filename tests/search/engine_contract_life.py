"""Engine contract: large batches, generations, threads, closing."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from search.errors import EngineUnavailable
from search.ports import Engine, Filters, Generation, Query, Tombstone
from search.text import terms
from tests.search.engine_contract_data import RECIPE, document, identity, listings, unit, vector_of


def everything(engine: Engine) -> list[str]:
    return listings(engine.rank(Query("public")).lexical)


class LifeContract:
    def test_a_batch_of_ten_thousand(self, engine: Engine) -> None:
        batch = [
            document(f"{n:05d}", "电池", zones=[str(n % 10)], vectors=[unit(1, n), unit(n, 1)], body=f"编号{n}")
            for n in range(10_000)
        ]
        engine.apply(batch, ())
        assert engine.health().documents == 10_000
        assert listings(engine.rank(Query("public", ("7777",))).lexical) == ["07777"]
        hits = engine.rank(Query("public", vector=unit(1, 42), filters=Filters(zones=frozenset({"2"})), limit=1)).semantic
        assert listings(hits) == ["00042"]
        assert engine.facets(Query("public", terms("电池")))["zone"] == {str(n): 1000 for n in range(10)}
        engine.apply((), [Tombstone(identity(f"{n:05d}"), 2) for n in range(9_990)])
        assert everything(engine) == [f"{n:05d}" for n in range(9_990, 10_000)]

    def test_a_new_generation_is_empty_and_out_of_sight_until_promoted(self, engine: Engine) -> None:
        engine.apply([document("old", "电池"), document("both", "电池")], ())
        engine.begin("recipe-2")
        assert engine.generation() == Generation(RECIPE, "recipe-2")
        assert everything(engine) == ["both", "old"]
        engine.apply([document("both", "电池")], ())
        engine.promote()
        assert engine.generation() == Generation("recipe-2", previous=RECIPE)
        assert everything(engine) == ["both"]
        assert engine.state([identity("old")]) == {}

    def test_the_way_back_finds_what_was_left(self, engine: Engine) -> None:
        engine.apply([document("old", "电池"), document("both", "电池")], ())
        engine.begin("recipe-2")
        engine.apply([document("both", "电池", revision=2)], ())
        engine.promote()
        engine.apply([document("new", "电池")], [Tombstone(identity("both"), 3)])
        engine.purge([identity("old")])
        assert everything(engine) == ["new"]
        engine.revert()
        assert engine.generation() == Generation(RECIPE, previous="recipe-2")
        assert everything(engine) == ["both", "old"]
        assert engine.state([identity("both")])[identity("both")].revision == 2
        engine.apply([document("later", "电池")], ())
        engine.revert()
        assert engine.generation() == Generation("recipe-2", previous=RECIPE)
        assert everything(engine) == ["new"]

    def test_the_way_back_leaves_a_generation_being_built(self, engine: Engine) -> None:
        engine.begin("recipe-2")
        engine.promote()
        engine.begin("recipe-3")
        engine.apply([document("a", "电池")], ())
        engine.revert()
        assert engine.generation() == Generation(RECIPE, "recipe-3", "recipe-2")
        assert everything(engine) == []
        engine.apply([document("b", "电池")], ())
        engine.promote()
        assert engine.generation() == Generation("recipe-3", previous=RECIPE)
        assert everything(engine) == ["a", "b"]
        engine.revert()
        assert everything(engine) == ["b"]

    def test_only_one_previous_generation_is_kept_and_it_can_be_dropped(self, engine: Engine) -> None:
        for recipe in ("recipe-2", "recipe-3"):
            engine.begin(recipe)
            engine.promote()
        assert engine.generation() == Generation("recipe-3", previous="recipe-2")
        engine.apply([document("a", "电池")], ())
        engine.drop()
        assert engine.generation() == Generation("recipe-3")
        assert everything(engine) == ["a"]
        engine.drop()
        with pytest.raises(ValueError, match="no previous generation"):
            engine.revert()

    def test_an_old_recipe_may_be_built_anew(self, engine: Engine) -> None:
        """A generation is more than its recipe: the same one again is another, empty one."""
        engine.apply([document("old", "电池")], ())
        engine.begin(RECIPE)
        assert engine.generation() == Generation(RECIPE, RECIPE)
        assert everything(engine) == ["old"]
        engine.promote()
        assert engine.generation() == Generation(RECIPE, previous=RECIPE)
        assert everything(engine) == []
        engine.begin(RECIPE)
        engine.promote()
        engine.revert()
        engine.drop()
        assert everything(engine) == []

    def test_writes_while_building_go_to_both(self, engine: Engine) -> None:
        engine.apply([document("a", "电池", revision=1), document("gone", "电池")], ())
        engine.begin("recipe-2")
        engine.apply([document("a", "轴承", revision=3), document("new", "轴承")], [Tombstone(identity("gone"), 2)])
        assert everything(engine) == ["a", "new"]
        engine.apply([document("a", "电池", revision=2), document("gone", "电池", revision=1)], ())  # back-fill, stale
        engine.promote()
        assert everything(engine) == ["a", "new"]
        assert listings(engine.rank(Query("public", terms("轴承"))).lexical) == ["a", "new"]
        assert engine.rank(Query("public", terms("电池"))).lexical == ()
        assert engine.state([identity("gone")])[identity("gone")].deleted

    def test_the_one_being_built_is_filled_and_looked_at_alone(self, engine: Engine) -> None:
        engine.apply([document("a", "电池", revision=2), document("b", "电池")], ())
        assert engine.state([identity("a")], building=True) == {}
        assert engine.scan(building=True) == ()
        with pytest.raises(ValueError, match="no generation"):
            engine.apply([document("a", "电池")], (), building=True)
        engine.begin("recipe-2")
        engine.apply([document("a", "轴承", revision=2), document("c", "轴承")], [Tombstone(identity("d"), 1)], building=True)
        assert everything(engine) == ["a", "b"]
        assert listings(engine.rank(Query("public", terms("电池"))).lexical) == ["a", "b"]
        assert engine.state([identity("c")]) == {}
        assert set(engine.state([identity(each) for each in "abcd"], building=True)) == {identity(each) for each in "acd"}
        assert [str(each.id) for each in engine.scan(building=True)] == ["a:public", "c:public", "d:public"]
        assert [str(each.id) for each in engine.scan("a:public", 1, building=True)] == ["c:public"]
        engine.apply([document("e", "轴承")], ())
        assert [str(each.id) for each in engine.scan("c:public", building=True)] == ["d:public", "e:public"]
        engine.promote()
        assert everything(engine) == ["a", "c", "e"]

    def test_an_aborted_generation_leaves_the_serving_one(self, engine: Engine) -> None:
        engine.apply([document("a", "电池")], ())
        engine.begin("recipe-2")
        engine.apply([document("b", "电池")], ())
        engine.abort()
        assert engine.generation() == Generation(RECIPE)
        assert everything(engine) == ["a", "b"]
        engine.abort()
        with pytest.raises(ValueError, match="no generation"):
            engine.promote()

    def test_begin_again_starts_from_nothing(self, engine: Engine) -> None:
        engine.begin("recipe-2")
        engine.apply([document("a", "电池")], ())
        engine.begin("recipe-3")
        assert engine.generation() == Generation(RECIPE, "recipe-3")
        engine.promote()
        assert everything(engine) == []

    def test_purge_reaches_the_generation_being_built(self, engine: Engine) -> None:
        engine.begin("recipe-2")
        engine.apply([document("a", "电池")], ())
        engine.purge([identity("a")])
        engine.promote()
        assert engine.scan() == ()

    def test_readers_and_writers_at_once(self, engine: Engine) -> None:
        """Documents keep their vectors' best and their common word while passages come and go: any reader, at any
        moment, must see all of them with exactly their scores, and the documents that flicker either whole or not."""
        size, seconds = 40, 1.2
        names = [f"{n:02d}" for n in range(size)]
        stop = threading.Event()
        written, rounds_of = [1, 1], [0, 0, 0]

        def write(part: int) -> int:
            revision = 1
            while not stop.is_set():
                revision += 1
                own = names[part::2]
                many = revision % 3
                engine.apply(
                    [
                        document(name, "电池", revision=revision, vectors=[*[-vector_of(name)] * many, vector_of(name)])
                        for name in own[revision % 5 :: 5]
                    ],
                    [Tombstone(identity(f"flicker{part}"), revision)] if revision % 2 else (),
                )
                if not revision % 2:
                    engine.apply([document(f"flicker{part}", "轴承", revision=revision, zones=["wuxi"])], ())
                written[part] = revision
            return revision

        def read(number: int) -> int:
            rounds = 0
            while not stop.is_set():
                name = names[(number + rounds) % size]
                both = engine.rank(Query("public", terms("电池"), vector_of(name), limit=size + 5))
                assert sorted(listings(both.lexical)) == names
                seen = {hit.listing: hit.score for hit in both.semantic}
                assert set(seen) >= set(names)
                for other in names:
                    cosine = float(vector_of(name) @ vector_of(other))
                    assert any(seen[other] == pytest.approx(value, abs=1e-5) for value in (cosine, abs(cosine)))
                assert seen[name] == pytest.approx(1, abs=1e-5)
                in_wuxi = engine.rank(Query("public", vector=vector_of(name), filters=Filters(zones=frozenset({"wuxi"}))))
                assert set(listings(in_wuxi.semantic)) <= {"flicker0", "flicker1"}
                assert engine.facets(Query("public", terms("电池")))["kind"] == {"result": size}
                assert len(engine.scan()) >= size
                rounds += 1
                rounds_of[number] = rounds
            return rounds

        def is_enough() -> bool:
            """A busy machine may take longer for as much."""
            return time.monotonic() > end and min(written) > 3 and min(rounds_of) > 1

        engine.apply([document(name, "电池", vectors=[vector_of(name)]) for name in names], ())
        with ThreadPoolExecutor(5) as pool:
            writers = [pool.submit(write, part) for part in range(2)]
            readers = [pool.submit(read, number) for number in range(3)]
            end = time.monotonic() + seconds
            while not is_enough() and not any(future.done() for future in (*writers, *readers)):
                stop.wait(0.05)
            stop.set()
            assert min(future.result() for future in writers) > 3
            assert min(future.result() for future in readers) > 1

    def test_closed_is_unavailable(self, engine: Engine) -> None:
        engine.apply([document("a", "电池")], ())
        engine.close()
        engine.close()
        calls: list[Callable[[], object]] = [
            lambda: engine.apply([document("b")], ()),
            lambda: engine.purge([identity("a")]),
            lambda: engine.state([identity("a")]),
            lambda: engine.scan(),
            lambda: engine.rank(Query("public")),
            lambda: engine.facets(Query("public")),
            lambda: engine.generation(),
            lambda: engine.begin("recipe-2"),
            lambda: engine.promote(),
            lambda: engine.revert(),
            lambda: engine.drop(),
            lambda: engine.abort(),
        ]
        for call in calls:
            with pytest.raises(EngineUnavailable) as raised:
                call()
            assert raised.value.code == "closed"
        assert (engine.health().ok, engine.health().code) == (False, "closed")
