"""Three nodes with security on: a wrong password, the contract's core on several shards, and a node killed during a load."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from search.engines.elastic import ElasticEngine, ElasticOptions
from search.errors import EngineUnavailable
from search.ports import Filters, Query
from search.text import terms
from tests.elastic import running
from tests.search.engine_contract_data import DIMENSION, RECIPE, document, listings, unit
from tests.services import elastic_server

pytestmark = [pytest.mark.needs("elasticsearch"), pytest.mark.slow, pytest.mark.timeout(900)]

USER, PASSWORD = "zonematch", "correct-horse"


@pytest.fixture(scope="module")
def cluster() -> Iterator["elastic_server.Cluster"]:
    with running("cluster", nodes=3, user=USER, password=PASSWORD) as cluster:
        yield cluster


@pytest.fixture
def options(cluster: "elastic_server.Cluster") -> ElasticOptions:
    return ElasticOptions(cluster.urls, USER, PASSWORD, prefix="three", shards=3, replicas="1-2", read_timeout=30)


def test_a_wrong_password_is_refused_and_says_so(options: ElasticOptions) -> None:
    for wrong in (replace(options, password="wrong"), replace(options, user="", password="")):
        engine = ElasticEngine(wrong, DIMENSION, RECIPE)
        with pytest.raises(EngineUnavailable) as caught:
            engine.rank(Query("public"))
        assert caught.value.code == "refused"
        assert engine.health().code == "refused"
        assert PASSWORD not in str(caught.value)
        engine.close()


def test_one_of_three_nodes_is_killed_and_no_answer_is_lost(cluster: "elastic_server.Cluster", options: ElasticOptions) -> None:
    engine = ElasticEngine(options, DIMENSION, RECIPE)
    every = [document(f"{n:04d}", "电池", zones=[str(n % 4)], vectors=[unit(1, n), unit(n, 1)]) for n in range(600)]
    assert engine.apply(every, ()) == {}
    expected = {str(zone): [f"{n:04d}" for n in range(zone, 600, 4)] for zone in range(4)}
    stop = threading.Event()

    def search(number: int) -> int:
        asked = 0
        while not stop.is_set():
            zone = str((number + asked) % 4)
            query = Query("public", terms("电池"), unit(1, number), filters=Filters(frozenset({zone})), limit=200)
            found = engine.rank(query)
            assert sorted(listings(found.lexical)) == expected[zone]
            assert sorted(listings(found.semantic)) == expected[zone]
            asked += 1
        return asked

    with ThreadPoolExecutor(4) as pool:
        searching = [pool.submit(search, number) for number in range(4)]
        time.sleep(3)
        pid = cluster.pid(2)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        time.sleep(12)
        stop.set()
        assert min(each.result() for each in searching) > 3
    assert cluster.pid(2) is None
    assert engine.apply([document("0000", "轴承", revision=2, zones=["0"])], ()) == {}
    assert listings(engine.rank(Query("public", terms("轴承"))).lexical) == ["0000"]
    assert cluster.start()
    assert engine.health().documents == 600
    engine.close()
