"""The search page over HTTP on both engines, as a ratio to the bare engine, at one request and at twenty at a time.

Bare is the same work without the platform: for the embedded engine the very questions that the pages put to it, called in
its own process at the same concurrency; for Elasticsearch the same msearch of both rankings and all counts, by the official
client over HTTP from another process. Pages and bare questions take turns. "New" pages carry a text that no one has asked,
so that its vector is computed; "cached" ones are those pages again. Beside them the gate and memory. What indexing costs beside
`helpers.bulk` says `elastic`.
"""

import http.client
import itertools
import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final
from urllib.parse import urlencode

import psutil
from elasticsearch import Elasticsearch

from api.boot import prepare
from api.settings import Settings
from api.wiring import make_database, make_encoder
from tests.bench import stock
from tests.bench.elastic import server
from tests.bench.report import Report, percentile, timed
from tests.bench.served import ADDRESS, PREFIX, QUERIES
from tests.elastic import ElasticServer
from tests.services import SERVICES

SIZES: Final = {"small": (2_000, 20, 2), "full": (100_000, 100, 3)}
"""Listings, queries a round, rounds."""
AT_ONCE: Final = (1, 20)
_ASKS: Final = "asks.pickle"
_SHOWN: Final = 16


class Served:
    """The serving process and what it can be told (`tests.bench.served.Bench`)."""

    def __init__(self, folder: Path, engine: str, encoder: str, found: ElasticServer | None = None) -> None:
        self.folder = folder
        named = {"URL": ",".join(found.hosts), "USER": found.user, "PASSWORD": found.password} if found is not None else {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.served", str(folder), engine, encoder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {f"ELASTICSEARCH_{name}": value for name, value in named.items()},
        )  # fmt: skip

    def __enter__(self) -> "Served":
        self.facts: dict[str, Any] = self._answer()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def tell(self, name: str, *given: object) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([name, *given]) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the serving process ended ({self._process.wait()})")
        return json.loads(line)


_numbers = itertools.count()


def pages(port: int, queries: Sequence[str], at_once: int) -> list[float]:
    """Milliseconds of each search page, over connections that stay open. Raises RuntimeError for any answer but 200."""
    idle: list[http.client.HTTPConnection] = [http.client.HTTPConnection("127.0.0.1", port) for _ in range(at_once)]

    def one(text: str) -> float:
        connection = idle.pop()
        headers = {ADDRESS: f"10.0.{next(_numbers) % 250}.1", "Accept-Language": "zh-CN"}

        def ask() -> http.client.HTTPResponse:
            connection.request("GET", "/search?" + urlencode({"q": text}), headers=headers)
            answer = connection.getresponse()
            answer.read()
            return answer

        seconds, answer = timed(ask)
        idle.append(connection)
        if answer.status != 200:
            raise RuntimeError(f"a search page answered {answer.status}")
        return 1e3 * seconds

    with ThreadPoolExecutor(at_once) as pool:
        found = list(pool.map(one, queries))
    for connection in idle:
        connection.close()
    return found


def msearches(client: Elasticsearch, asks: Sequence[list[dict[str, Any]]], at_once: int) -> list[float]:
    """Milliseconds of each page's questions as one msearch."""
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(lambda searches: 1e3 * timed(lambda: client.msearch(searches=searches))[0], asks))


def one_msearch(asks: Sequence[tuple[str, list[dict[str, Any]]]]) -> list[dict[str, Any]]:
    """All that one page asked a server, as the parts of a single msearch."""
    return [part for index, bodies in asks for body in bodies for part in (_header(index, body), body)]


def _header(index: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"index": index} if "knn" in body else {"index": index, "search_type": "dfs_query_then_fetch"}


@contextmanager
def installation(listings: int, queries: int, encoder: str, report: Report) -> Iterator[tuple[Path, list[str]]]:
    """A folder with a filled database, and texts to search for."""
    with tempfile.TemporaryDirectory(prefix="zonematch-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        settings = Settings(data=folder, encoder=encoder, demo=False, database_url="")
        prepare(settings)
        database, model = make_database(settings), make_encoder(settings)
        try:
            seconds, made = timed(lambda: stock.fill(database, model.fingerprint, model.dimension, listings))
        finally:
            model.close()
            database.close()
        asked = made.queries(queries)
        stock.save_queries(folder / QUERIES, asked)
        report.add("filling SQL", listings / seconds, "listings/s")
        yield folder, [each.text for each in asked]


def measure(report: Report, served: Served, name: str, texts: Sequence[str], rounds: int, client: Elasticsearch | None) -> None:
    """Both kinds of pages and the bare engine in turns, at each concurrency."""
    port = served.facts["port"]
    queries = iter(texts)
    size = len(texts) // (1 + rounds * len(AT_ONCE))
    first = list(itertools.islice(queries, size))
    served.tell("record")
    for text in first:
        pages(port, [text], 1)
        served.tell("page")
    served.tell("recorded", _ASKS)
    asks = [one_msearch(page) for page in pickle.loads((served.folder / _ASKS).read_bytes())]  # noqa: S301  # our own file
    for at_once in AT_ONCE:
        timed_: dict[str, list[float]] = {"new": [], "cached": [], "bare": []}
        for _ in range(rounds):
            chosen = list(itertools.islice(queries, size))
            timed_["new"] += pages(port, chosen, at_once)
            timed_["cached"] += pages(port, chosen, at_once)
            timed_["bare"] += msearches(client, asks, at_once) if client is not None else served.tell("bare", at_once, 1)
        for share in (0.5, 0.95):
            found = {kind: percentile(values, share) for kind, values in timed_.items()}
            place = f"{name}, {at_once} at a time, p{share * 100:.0f}"
            report.add(f"{place}: cached page / bare", found["cached"] / found["bare"], "times", "2")
            report.add(f"{place}: new page / bare", found["new"] / found["bare"], "times", "5")
            for kind, value in found.items():
                report.add(f"  {kind}", value, "ms")
    served.tell("sample")
    for _ in range(rounds):
        pages(port, first, 1)
    report.remarks += [f"Where the time of a cached page goes ({name}), by innermost function of ours:"]
    report.remarks += served.tell("sampled", _SHOWN)


def server_memory(url: str) -> int | None:
    """Bytes in memory of the process that listens there, where it is one of this machine."""
    port = int(url.rsplit(":", 1)[1].strip("/"))
    for each in psutil.net_connections("tcp"):
        if each.status == psutil.CONN_LISTEN and each.laddr and each.laddr.port == port and each.pid:
            return int(psutil.Process(each.pid).memory_info().rss)
    return None


def run(size: str, encoder: str, *, listings: int | None = None) -> Report:
    usual, queries, rounds = SIZES[size]
    count = listings or usual
    report = Report("search", {"listings": count, "queries a round": queries, "rounds": rounds})
    with installation(count, queries * (1 + rounds * len(AT_ONCE)), encoder, report) as (folder, texts):
        with Served(folder, "embedded", encoder) as served:
            _told(report, served, "embedded")
            measure(report, served, "embedded", texts, rounds, None)
            _ended(report, served, "embedded")
        service = SERVICES["elasticsearch"]
        if service.find() is None:
            report.remarks.append(f"Elasticsearch is left out: {service.missing}")
            return report
        with server() as found, found.client() as client:
            found.forget(PREFIX)
            try:
                with Served(folder, "elasticsearch", encoder, found) as served:
                    _told(report, served, "elasticsearch")
                    measure(report, served, "elasticsearch", texts, rounds, client)
                    _ended(report, served, "elasticsearch")
                    if (held := server_memory(found.hosts[0])) is not None:
                        report.add("elasticsearch, memory of the server", held / 1e9, "GB")
            finally:
                found.forget(PREFIX)
    return report


def _told(report: Report, served: Served, name: str) -> None:
    report.add(f"{name}, index filled from SQL", 2 * served.facts["listings"] / served.facts["fill"], "documents/s")


def _ended(report: Report, served: Served, name: str) -> None:
    found = served.tell("gate")
    report.add(f"{name}, gate", found["documents"] / found["seconds"], "documents/s")
    report.add(f"{name}, gate finds wrong", found["wrong"], "", "0")
    report.add(f"{name}, memory of the serving process", served.tell("memory") / 1e9, "GB")
