"""The Elasticsearch engine and a server that is busy, away, slow, another one, or shared by several processes."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from search.engines.elastic import ElasticEngine, ElasticOptions
from search.engines.elastic.writing import Operation, batches
from search.errors import EngineUnavailable
from search.ports import Document, Generation, Query, Tombstone
from search.text import terms
from tests.elastic import Elastic, free_ports
from tests.search.elastic_proxy import Proxy, proxy_before
from tests.search.engine_contract_data import DIMENSION, RECIPE, document, identity, listings, unit, vector_of

pytestmark = pytest.mark.needs("elasticsearch")


@pytest.fixture
def proxy(elastic: Elastic) -> Iterator[Proxy]:
    with proxy_before(elastic.server.hosts[0]) as proxy:
        yield proxy


def engine_on(options: ElasticOptions) -> ElasticEngine:
    return ElasticEngine(options, DIMENSION, RECIPE)


def through(proxy: Proxy, elastic: Elastic, **more: Any) -> ElasticEngine:
    return engine_on(replace(elastic.options, hosts=(proxy.address,), **more))


def everything(engine: ElasticEngine) -> list[str]:
    return listings(engine.rank(Query("public")).lexical)


def many(count: int, **more: Any) -> list[Document]:
    return [document(f"{number:03d}", "电池", **more) for number in range(count)]


def test_bulk_requests_are_cut_by_documents_and_by_bytes(proxy: Proxy, elastic: Elastic) -> None:
    engine = through(proxy, elastic, bulk_documents=7)
    engine.apply(many(30), ())
    assert [documents for documents, _ in proxy.bulks] == [7, 7, 7, 7, 2]
    proxy.bulks.clear()
    narrow = through(proxy, elastic, bulk_bytes=4000)
    narrow.apply(many(30, revision=2), ())
    assert sum(documents for documents, _ in proxy.bulks) == 30
    assert len(proxy.bulks) > 3
    assert max(size for _, size in proxy.bulks) <= 4000
    assert everything(engine) == [f"{number:03d}" for number in range(30)]
    engine.close()
    narrow.close()


def test_a_single_operation_may_be_larger_than_a_batch() -> None:
    sizes = [10, 10, 500, 10, 90, 10]
    operations = [Operation(identity(str(n)), "i", (b"x" * (size - 1),)) for n, size in enumerate(sizes)]
    assert [[each.size for each in batch] for batch in batches(operations, 2, 100)] == [[10, 10], [500], [10, 90], [10]]
    assert list(batches([], 2, 100)) == []


def test_a_busy_server_is_asked_again_after_a_pause(proxy: Proxy, elastic: Elastic) -> None:
    engine = through(proxy, elastic)
    engine.apply(many(1), ())
    proxy.busy_bulks, started = 3, time.monotonic()
    assert engine.apply(many(5, revision=2), ()) == {}
    assert time.monotonic() - started > 0.05 + 0.1 + 0.2
    assert len(everything(engine)) == 5
    engine.close()


def test_of_a_bulk_that_fails_in_part_only_that_part_is_sent_again(proxy: Proxy, elastic: Elastic) -> None:
    engine = through(proxy, elastic)
    engine.apply(many(1), ())
    proxy.bulks.clear()
    proxy.busy_documents = {"003": 1, "007": 2}
    assert engine.apply(many(10, revision=2), [Tombstone(identity("gone"), 2)]) == {}
    assert [documents for documents, _ in proxy.bulks] == [11, 2, 1]
    assert everything(engine) == [f"{number:03d}" for number in range(10)]
    assert {state.revision for state in engine.scan()} == {2}
    engine.close()


def test_a_server_that_stays_busy_is_slow_and_nothing_is_refused(proxy: Proxy, elastic: Elastic) -> None:
    engine = through(proxy, elastic, patience=0.5)
    engine.apply(many(1), ())
    proxy.busy_documents = {"001": 1000}
    with pytest.raises(EngineUnavailable, match="queue is full") as caught:
        engine.apply(many(3, revision=2), ())
    assert caught.value.code == "slow"
    proxy.busy_documents = {}
    assert engine.apply(many(3, revision=2), ()) == {}
    assert len(everything(engine)) == 3
    engine.close()


def test_a_body_too_long_is_halved_and_a_document_too_long_refused(proxy: Proxy, elastic: Elastic) -> None:
    engine = through(proxy, elastic)
    engine.apply(many(1), ())
    size = proxy.bulks[-1][1]
    proxy.most_bytes = 3 * size
    huge = document("huge", "电池 " * size, revision=2)
    refused = engine.apply([*many(10, revision=2), huge], ())
    assert list(refused) == [identity("huge")]
    assert "more than the server takes" in refused[identity("huge")]
    assert everything(engine) == [f"{number:03d}" for number in range(10)]
    engine.close()


def test_poison_is_refused_by_name_with_a_reason_and_the_rest_is_written(elastic: Elastic) -> None:
    """More fields than a mapping may have: nothing that could be seen before the server is asked."""
    engine = engine_on(elastic.options)
    poison = document("poison", "电池", signs={f"field{number}": "电" for number in range(1100)})
    refused = engine.apply([document("a", "电池"), poison, document("b", "电池", audience="registered")], ())
    assert list(refused) == [identity("poison")]
    assert "fields" in refused[identity("poison")]
    assert everything(engine) == ["a"]
    assert [str(state.id) for state in engine.scan()] == ["a:public", "b:registered"]
    engine.close()


def test_what_was_purged_may_be_written_again_at_once(elastic: Elastic) -> None:
    """Elasticsearch remembers a delete for a while, and would take an older revision for stale."""
    engine = engine_on(elastic.options)
    for _ in range(8):
        assert engine.apply([document("a", "电池", revision=9)], ()) == {}
        engine.purge([identity("a")])
        assert engine.apply([document("a", "电池", revision=1)], ()) == {}
        assert engine.state([identity("a")])[identity("a")].revision == 1
        engine.purge([identity("a")])
    engine.close()


def test_a_full_disk_is_said_at_once(elastic: Elastic) -> None:
    """The server answers as if it were busy, and would for hours."""
    engine = engine_on(elastic.options)
    engine.apply(many(1), ())
    blocks: dict[str, Any] = {"index.blocks.read_only_allow_delete": True}
    with elastic.server.client() as client:
        client.indices.put_settings(index=f"{elastic.prefix}-public", settings=blocks)
        started = time.monotonic()
        with pytest.raises(EngineUnavailable, match="read-only") as caught:
            engine.apply(many(1, revision=2), ())
        assert caught.value.code == "read_only"
        assert time.monotonic() - started < elastic.options.patience / 2
        assert everything(engine) == ["000"]
        client.indices.put_settings(index=f"{elastic.prefix}-public", settings=dict.fromkeys(blocks))
    assert engine.apply(many(1, revision=2), ()) == {}
    engine.close()


@pytest.mark.parametrize(
    ("status", "kind", "reason", "code"),
    [
        (401, "security_exception", "unable to authenticate user", "refused"),
        (403, "security_exception", "action is unauthorized for user", "refused"),
        (403, "cluster_block_exception", "index blocked by: [FORBIDDEN/12/index read-only / allow delete (api)]", "read_only"),
        (
            429,
            "cluster_block_exception",
            "TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, read-only",
            "read_only",
        ),
        (429, "circuit_breaking_exception", "data too large", "slow"),
        (400, "media_type_header_exception", "invalid media-type value", "version"),
        (400, "query_shard_exception", "failed to find nested object under path [passages]", "mapping"),
        (503, "cluster_block_exception", "SERVICE_UNAVAILABLE/1/state not recovered / initialized", "down"),
        (503, "no_shard_available_action_exception", "no shard is available", "down"),
        (500, "exception", "something broke", "down"),
    ],
)
def test_what_the_server_answers_has_a_code(
    proxy: Proxy, elastic: Elastic, status: int, kind: str, reason: str, code: str
) -> None:
    engine = through(proxy, elastic)
    proxy.answer = status, {"error": {"type": kind, "reason": reason, "root_cause": []}, "status": status}
    with pytest.raises(EngineUnavailable, match=kind) as caught:
        engine.rank(Query("public", terms("电池")))
    assert caught.value.code == code
    health = engine.health()
    assert (health.ok, health.code) == (False, code)
    assert kind in health.detail
    engine.close()


def test_a_server_of_another_version_is_not_trusted(proxy: Proxy, elastic: Elastic) -> None:
    engine = through(proxy, elastic)
    proxy.answer = 200, {"nodes": {"x": {"version": "7.17.0"}}}
    with pytest.raises(EngineUnavailable, match=r"7\.17\.0") as caught:
        engine.apply(many(1), ())
    assert caught.value.code == "version"
    proxy.answer = None
    assert engine.apply(many(1), ()) == {}
    engine.close()


def test_a_server_that_does_not_answer_in_time_is_slow(proxy: Proxy, elastic: Elastic) -> None:
    engine = through(proxy, elastic, read_timeout=0.3)
    proxy.delay = 1.0
    started = time.monotonic()
    with pytest.raises(EngineUnavailable) as caught:
        engine.rank(Query("public"))
    assert caught.value.code == "slow"
    assert time.monotonic() - started < 0.9, "not tried again: whoever waits has a deadline"
    engine.close()


def test_nobody_at_the_address_is_down_and_found_out_only_when_asked(elastic: Elastic) -> None:
    (port,) = free_ports()
    engine = engine_on(replace(elastic.options, hosts=(f"http://127.0.0.1:{port}",)))
    health = engine.health()
    assert (health.ok, health.code) == (False, "down")
    with pytest.raises(EngineUnavailable) as caught:
        engine.generation()
    assert caught.value.code == "down"
    engine.close()


def test_of_several_hosts_one_that_answers_is_enough(proxy: Proxy, elastic: Elastic) -> None:
    ports = free_ports(2)
    hosts = (*(f"http://127.0.0.1:{port}" for port in ports), proxy.address)
    engine = engine_on(replace(elastic.options, hosts=hosts))
    assert engine.apply(many(3), ()) == {}
    for _ in range(12):
        assert len(everything(engine)) == 3
    assert proxy.asked
    engine.close()


def test_two_engines_share_one_server(elastic: Elastic) -> None:
    """As two processes do: whatever one begins, promotes or writes, the next call of the other knows."""
    one, other = engine_on(elastic.options), engine_on(elastic.options)
    one.apply([document("a", "电池")], ())
    assert everything(other) == ["a"]
    one.begin("recipe-2")
    other.apply([document("b", "电池", vectors=[unit(1)])], ())
    assert other.generation() == Generation(RECIPE, "recipe-2")
    assert everything(one) == ["a", "b"]
    other.promote()
    assert one.generation() == Generation("recipe-2", previous=RECIPE)
    assert everything(one) == everything(other) == ["b"]
    one.apply([document("c", "电池")], ())
    assert [str(state.id) for state in other.scan()] == ["b:public", "c:public"]
    other.revert()
    assert one.generation() == Generation(RECIPE, previous="recipe-2")
    assert everything(one) == ["a", "b"]
    one.drop()
    assert other.generation() == Generation(RECIPE)
    one.close()
    assert everything(other) == ["a", "b"]
    other.close()


def test_engines_that_come_at_the_same_moment_make_one_index(elastic: Elastic) -> None:
    engines = [engine_on(elastic.options) for _ in range(2)]
    for number, engine in enumerate(engines):
        engine.apply([document(str(number), "电池")], ())
    with elastic.server.client() as client:
        assert len(client.indices.get(index=f"{elastic.prefix}-*", features=["aliases"]).body) == 2
    for engine in engines:
        assert everything(engine) == ["0", "1"]
        engine.close()


def test_a_lost_index_is_made_anew_and_no_write_makes_one_by_mistake(elastic: Elastic) -> None:
    engine = engine_on(elastic.options)
    engine.apply([document("a", "电池"), document("a", "电池", audience="registered")], ())
    with elastic.server.client() as client:
        client.indices.delete(index=f"{elastic.prefix}-public-first")
        assert engine.apply([document("b", "电池", vectors=[vector_of("b")])], ()) == {}
        assert everything(engine) == ["b"]
        assert [str(state.id) for state in engine.scan()] == ["a:registered", "b:public"]
        mapping = client.indices.get_mapping(index=f"{elastic.prefix}-public").body
    assert all(each["mappings"]["dynamic"] == "strict" for each in mapping.values())
    engine.close()


def test_a_generation_of_another_dimension_answers_by_words(elastic: Elastic) -> None:
    """The encoder was changed: what served before goes on serving, without meaning, until the new one is filled."""
    before = ElasticEngine(elastic.options, DIMENSION + 4, "recipe-0")
    assert before.generation() == Generation("recipe-0")
    engine = engine_on(elastic.options)
    engine.begin(RECIPE)
    assert engine.apply([document("a", "电池")], ()) == {}
    found = engine.rank(Query("public", terms("电池"), vector_of("a")))
    assert (listings(found.lexical), found.semantic) == (["a"], ())
    engine.promote()
    assert listings(engine.rank(Query("public", vector=vector_of("a"))).semantic) == ["a"]
    for each in (before, engine):
        each.close()


def test_an_index_that_is_not_ours_is_named(elastic: Elastic) -> None:
    with elastic.server.client() as client:
        client.indices.create(index=f"{elastic.prefix}-public")
    engine = engine_on(elastic.options)
    with pytest.raises(EngineUnavailable) as caught:
        engine.apply(many(1), ())
    assert caught.value.code == "mapping"
    engine.close()


@pytest.mark.parametrize("address", ["", "ftp://host", "http://user:secret@host:9200", "http://"])
def test_a_mistyped_address_is_said_at_once(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        ElasticOptions(hosts=(address,))


def test_addresses_may_leave_out_what_is_usual() -> None:
    options = ElasticOptions(hosts=("search", "https://other:443", "[::1]:9201"), password="secret")
    assert options.hosts == ("http://search:9200", "https://other:443", "http://[::1]:9201")
    assert "secret" not in repr(options)
