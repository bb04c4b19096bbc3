"""Real outages of a real server: stopped, paused, killed, read-only, another password, an alien index under our name."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from tests.elastic import Elastic, ElasticServer, running
from tests.functional.living import Living, eventually, living
from tests.services import elastic_server

pytestmark = [pytest.mark.needs("elasticsearch"), pytest.mark.slow, pytest.mark.timeout(900)]

USER, PASSWORD = "zonematch", "a-password-of-this-test"
TIMEOUT = 2.0
"""Seconds that a search waits for the engine."""
DEADLINE = 8.0
"""Seconds within which a page must be there: the engine's and the encoder's deadlines, and a machine that others use, too."""
LIMITED = "搜索暂时受限"


@pytest.fixture(scope="module")
def cluster() -> Iterator[elastic_server.Cluster]:
    """A node of these tests alone, which asks for a password."""
    with running("outages", user=USER, password=PASSWORD) as cluster:
        yield cluster


@contextmanager
def served_by(cluster: elastic_server.Cluster, template: str, folder: Path, **more: Any) -> Iterator[Living]:
    own = Elastic.new(ElasticServer(cluster.urls, cluster.user, cluster.password))
    chosen: dict[str, Any] = {
        "engine": "elasticsearch", "elasticsearch_url": ",".join(cluster.urls), "elasticsearch_user": cluster.user,
        "elasticsearch_password": cluster.password, "elasticsearch_prefix": own.prefix, "elasticsearch_timeout": TIMEOUT,
        "elasticsearch_write_timeout": TIMEOUT,
    }  # fmt: skip
    with living(template, folder, **(chosen | more)) as live:
        yield live
    own.server.forget(own.prefix)


def blocked(cluster: elastic_server.Cluster, live: Living, block: str, *, on: bool) -> None:
    with Elasticsearch(list(cluster.urls), basic_auth=(USER, PASSWORD)) as client:
        names = f"{live.platform.parts.settings.elasticsearch_prefix}-*"
        client.indices.put_settings(index=names, settings={f"index.blocks.{block}": True if on else None})


Outage = Callable[[elastic_server.Cluster, Living, bool], None]


def stopped(cluster: elastic_server.Cluster, _live: Living, on: bool) -> None:
    cluster.stop() if on else cluster.start()


def paused(cluster: elastic_server.Cluster, _live: Living, on: bool) -> None:
    os.kill(cluster.pid() or 0, signal.SIGSTOP if on else signal.SIGCONT)


def killed(cluster: elastic_server.Cluster, _live: Living, on: bool) -> None:
    if on:
        os.kill(cluster.pid() or 0, signal.SIGKILL)
    else:
        eventually(lambda: cluster.pid() is None)
        cluster.start()


@pytest.mark.parametrize(("outage", "codes"), [(stopped, {"down"}), (paused, {"slow"}), (killed, {"down"})])
def test_away_and_back(cluster: elastic_server.Cluster, template: str, tmp_path: Path, outage: Outage, codes: set[str]) -> None:
    with served_by(cluster, template, tmp_path) as live:
        before = live.post("光伏银浆在先")
        assert eventually(lambda: live.settled() and live.engine() == "ok")
        assert live.found("光伏银浆") == ({before}, None)
        outage(cluster, live, True)
        try:
            posted = {live.post(f"光伏银浆其间第{at}项") for at in range(3)}
            for _ in range(3):
                text, seconds = live.page("光伏银浆")
                assert seconds < DEADLINE
            assert LIMITED in text
            assert live.found("光伏银浆") == ({before, *posted}, "titles_only")
            assert sum(live.page("光伏银浆")[1] for _ in range(20)) < DEADLINE  # nobody waits for what is known to be away
            assert eventually(lambda: live.engine() in codes)
            assert not live.settled()
        finally:
            outage(cluster, live, False)
        assert eventually(lambda: live.settled() and live.engine() == "ok")
        assert live.found("光伏银浆") == ({before, *posted}, None)
        assert live.attempts() == 0
        assert not live.platform.parts.gate.compare()


@pytest.mark.parametrize("block", ["write", "read_only_allow_delete"])
def test_an_index_that_takes_no_writes_still_answers(
    cluster: elastic_server.Cluster, template: str, tmp_path: Path, block: str
) -> None:
    with served_by(cluster, template, tmp_path) as live:
        before = live.post("光伏银浆在先")
        assert eventually(lambda: live.settled() and live.engine() == "ok")
        blocked(cluster, live, block, on=True)
        later = live.post("光伏银浆其间")
        assert eventually(lambda: live.engine() == "read_only")
        assert live.found("光伏银浆") == ({before}, None)
        assert not live.settled()
        blocked(cluster, live, block, on=False)
        assert eventually(lambda: live.settled() and live.engine() == "ok")
        assert live.found("光伏银浆") == ({before, later}, None)


def test_a_wrong_password_is_named_and_nothing_is_lost(cluster: elastic_server.Cluster, template: str, tmp_path: Path) -> None:
    with served_by(cluster, template, tmp_path, elasticsearch_password="another") as live:
        posted = live.post("光伏银浆其间")
        text, seconds = live.page("光伏银浆")
        assert seconds < DEADLINE
        assert LIMITED in text
        assert live.found("光伏银浆") == ({posted}, "titles_only")
        assert eventually(lambda: live.engine() == "refused")
        assert not live.settled()


def test_an_alien_index_under_our_name_is_named_and_left_alone(
    cluster: elastic_server.Cluster, template: str, tmp_path: Path
) -> None:
    own = Elastic.new(ElasticServer(cluster.urls, USER, PASSWORD))
    with own.server.client() as client:
        client.indices.create(index=f"{own.prefix}-public")
        client.index(index=f"{own.prefix}-public", id="1", document={"theirs": True}, refresh=True)
        with served_by(cluster, template, tmp_path, elasticsearch_prefix=own.prefix) as live:
            live.post("光伏银浆其间")
            assert LIMITED in live.page("光伏银浆")[0]
            assert eventually(lambda: live.engine() == "mapping")
            client.indices.refresh(index=f"{own.prefix}-public")
            assert client.count(index=f"{own.prefix}-public")["count"] == 1
            client.indices.delete(index=f"{own.prefix}-public")
            assert eventually(lambda: live.settled() and live.engine() == "ok")
            assert live.found("光伏银浆")[1] is None
    own.server.forget(own.prefix)
