"""A real Elasticsearch for tests: the one of ELASTICSEARCH_URL, or a small node of our own, one for the whole run.

Fixtures: `elasticsearch` (session) starts the node once for all processes of the run; `elastic` (function) is how to reach
it, with an index prefix of the test's own, whose indices are removed afterwards. The node ends with the run, however that
ends: a process beside it waits for the run's to be gone.
"""

import fcntl
import json
import os
import secrets
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from search.engines.elastic import ElasticOptions
from tests.postgres import servers_folder
from tests.services import ROOT, elastic_server

ROOM = 2 * 1024**3
TOOL = ROOT / "tools" / "elastic_server.py"


@dataclass(frozen=True, slots=True)
class ElasticServer:
    """How to reach it."""

    hosts: tuple[str, ...]
    user: str = ""
    password: str = field(default="", repr=False)

    def options(self, prefix: str) -> ElasticOptions:
        """Patient: the machine may be busy with other tests."""
        return ElasticOptions(self.hosts, self.user, self.password, prefix=prefix, read_timeout=60)

    def client(self) -> Elasticsearch:
        """To look at the server behind the engine's back; the caller closes it."""
        return Elasticsearch(list(self.hosts), basic_auth=(self.user, self.password) if self.user else None)

    def forget(self, prefix: str) -> None:
        """Remove every index whose name begins so."""
        with self.client() as client:
            found = list(client.indices.get(index=f"{prefix}-*", features=["settings"], filter_path="*.settings.index.uuid").body)
            if found:
                client.indices.delete(index=found, ignore_unavailable=True)


def free_ports(count: int = 1, apart: int = elastic_server.TRANSPORT_APART) -> tuple[int, ...]:
    """Neighbours, each free together with the one that the node talks to others on."""
    for _ in range(200):
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            first: int = held.getsockname()[1]
        wanted = [port + step for port in range(first, first + count) for step in (0, apart)]
        if max(wanted) < 65536 and all(_is_free(port) for port in wanted):
            return tuple(range(first, first + count))
    raise AssertionError("no ports are free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def ended_with(cluster: Any, pid: int) -> None:
    """Have the cluster (`Cluster` of tools/elastic_server.py) stopped and its folder removed once this process is gone."""
    nothing = os.open(os.devnull, os.O_RDWR)
    arguments = [
        sys.executable, str(TOOL), "guard", "--folder", str(cluster.folder), "--of", str(pid),
        "--port", str(cluster.ports[0]), "--nodes", str(len(cluster.ports)),
    ]  # fmt: skip
    # Not by `subprocess`, which wants to see its children end: this one ends after us.
    os.posix_spawn(
        sys.executable, arguments, os.environ, setsid=True,
        file_actions=[(os.POSIX_SPAWN_DUP2, nothing, descriptor) for descriptor in (0, 1, 2)],
    )  # fmt: skip
    os.close(nothing)


def own_folder(name: str) -> Path:
    """Where the unprivileged user may come, too: pytest's own folders are closed to others."""
    folder = servers_folder(ROOM) / f"zonematch-elastic-{name}"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    return folder


def given() -> ElasticServer | None:
    """The server that the environment names; within tests by another name, see tests/conftest.py."""

    def named(name: str) -> str:
        return os.environ.get(f"ZONEMATCH_TEST_ELASTICSEARCH_{name}") or os.environ.get(f"ELASTICSEARCH_{name}", "")

    urls = tuple(each.strip() for each in named("URL").split(",") if each.strip())
    return ElasticServer(urls, named("USER"), named("PASSWORD")) if urls else None


@contextmanager
def running(name: str = "own", *, nodes: int = 1, user: str = "", password: str = "") -> Iterator[Any]:
    """A cluster (`Cluster` of tools/elastic_server.py) that nobody else uses, stopped and removed at the end."""
    cluster = elastic_server.Cluster(
        own_folder(f"{name}-{secrets.token_hex(4)}"), free_ports(nodes), user=user, password=password
    )
    ended_with(cluster, os.getpid())
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(cluster.folder, ignore_errors=True)


@pytest.fixture(scope="session")
def elasticsearch() -> ElasticServer:
    """Shared by all processes of this run, and by no other run."""
    if server := given():
        return server
    folder = own_folder(os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid()))
    run = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    told = folder / "hosts.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            cluster = elastic_server.Cluster(folder, free_ports())
            ended_with(cluster, run)
            cluster.start()
            told.write_text(json.dumps(cluster.urls))
        return ElasticServer(tuple(json.loads(told.read_text())))


@dataclass(frozen=True, slots=True)
class Elastic:
    """A server and a prefix of the test's own on it."""

    server: ElasticServer
    prefix: str

    @classmethod
    def new(cls, server: ElasticServer) -> "Elastic":
        return cls(server, f"test-{secrets.token_hex(5)}")

    @property
    def options(self) -> ElasticOptions:
        return self.server.options(self.prefix)

    def beside(self, name: str) -> "Elastic":
        """Another prefix, removed with this one."""
        return replace(self, prefix=f"{self.prefix}-{name}")


@pytest.fixture
def elastic(elasticsearch: ElasticServer) -> Iterator[Elastic]:
    own = Elastic.new(elasticsearch)
    yield own
    elasticsearch.forget(own.prefix)
