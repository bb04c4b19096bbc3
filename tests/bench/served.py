"""`python -m tests.bench.served FOLDER ENGINE ENCODER`: pages on a filled database, told by lines of JSON what to do beside.

The same parts as `zonematch serve` puts together, with two differences: the encoder computes what it is asked and then gives
a vector that belongs to the generated listings, and searches are counted by the address that a request names, for all of
them come from one machine. Ends with its standard input.
"""

import json
import pickle
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import uvicorn

from api.app import Application, create_app
from api.cli.serving import services_for
from api.readiness import Readiness
from api.settings import Settings
from api.wiring import Parts, assemble, make_encoder
from matching.gate import Gate
from search.engines.elastic.asking import Asking
from search.engines.elastic.questions import Body
from search.engines.guard import GuardedEngine
from search.ports import Encoder, Health, Interval, Lane, Matrix, Query, Rankings, Role
from tests.bench.embedded import resident
from tests.bench.report import timed
from tests.bench.sampler import Sampler
from tests.bench.stock import load_queries

QUERIES: Final = "queries.npz"
ADDRESS: Final = "x-bench-address"
PREFIX: Final = "zonematch-bench"
_SERVING: Final = "AnyIO worker thread"

Call = tuple[str, tuple[Any, ...]]


class Planted:
    """An encoder whose answers to the generated queries are their vectors. It takes as long as the one inside."""

    def __init__(self, inner: Encoder, folder: Path) -> None:
        self._inner = inner
        self._known = {each.text: each.vector for each in load_queries(folder / QUERIES)}

    @property
    def fingerprint(self) -> str:
        return self._inner.fingerprint

    @property
    def dimension(self) -> int:
        return self._inner.dimension

    def encode(self, texts: Sequence[str], role: Role, *, lane: Lane = "bulk", timeout: float | None = None) -> Matrix:
        rows = self._inner.encode(texts, role, lane=lane, timeout=timeout)
        for at, text in enumerate(texts):
            rows[at] = self._known.get(text, rows[at])
        return rows

    def health(self) -> Health:
        return self._inner.health()

    def close(self) -> None:
        self._inner.close()


class Recording:
    """What pages ask the engine, and what the engine asks a server, while this context is open."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.asks: list[tuple[str, list[Body]]] = []

    def __enter__(self) -> "Recording":
        calls, asks = self.calls, self.asks
        self._kept: tuple[Any, Any, Any] = (GuardedEngine.rank, GuardedEngine.facets, Asking.ask)
        rank, facets, ask = self._kept

        def ranked(engine: GuardedEngine, query: Query) -> Rankings:
            calls.append(("rank", (query,)))
            found: Rankings = rank(engine, query)
            return found

        def counted(engine: GuardedEngine, query: Query, bands: dict[str, Sequence[Interval]] | None = None) -> object:
            calls.append(("facets", (query, bands)))
            return facets(engine, query, bands)

        def asked(asking: Asking, index: str, bodies: Sequence[Body]) -> object:
            asks.append((index, list(bodies)))
            return ask(asking, index, bodies)

        self._put(ranked, counted, asked)
        return self

    def __exit__(self, *_: object) -> None:
        self._put(*self._kept)

    @staticmethod
    def _put(rank: Any, facets: Any, ask: Any) -> None:
        GuardedEngine.rank, GuardedEngine.facets, Asking.ask = rank, facets, ask  # type: ignore[method-assign]  # watched while it is open


class Bench:
    """What the lines ask for. Every answer is one value of JSON."""

    def __init__(self, parts: Parts, folder: Path) -> None:
        self._parts = parts
        self._folder = folder
        self._recording: Recording | None = None
        self._sampler: Sampler | None = None
        self._pages: list[list[Call]] = []
        self._asks: list[list[tuple[str, list[Body]]]] = []

    def record(self) -> None:
        self._recording = Recording().__enter__()

    def page(self) -> None:
        """The page that was just asked for is whole."""
        if self._recording is not None and self._recording.calls:
            self._pages.append(list(self._recording.calls))
            self._asks.append(list(self._recording.asks))
            self._recording.calls.clear()
            self._recording.asks.clear()

    def recorded(self, file: str) -> int:
        """Write what a server was asked, page by page; keep what the engine was asked. The number of pages."""
        if self._recording is not None:
            self._recording.__exit__()
            (self._folder / file).write_bytes(pickle.dumps(self._asks))
        return len(self._pages)

    def bare(self, at_once: int, rounds: int) -> list[float]:
        """The same questions to the engine, in milliseconds a page."""
        work = self._pages * rounds

        def one(calls: list[Call]) -> float:
            return 1e3 * timed(lambda: [getattr(self._parts.engine, name)(*given) for name, given in calls])[0]

        with ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(one, work))

    def gate(self) -> dict[str, float]:
        gate = Gate(self._parts.database, self._parts.engine, self._parts.projection)
        seconds, difference = timed(gate.compare)
        return {"seconds": seconds, "documents": difference.expected, "wrong": len(difference.all)}

    def memory(self) -> int:
        return resident()

    def sample(self) -> None:
        self._sampler = Sampler(_SERVING).__enter__()

    def sampled(self, most: int) -> list[str]:
        assert self._sampler is not None
        self._sampler.__exit__()
        return self._sampler.shares(self._sampler.places, most)


def main(folder: Path, engine: str, encoder: str) -> None:
    told = {"data": folder, "encoder": encoder, "engine": engine, "elasticsearch_prefix": PREFIX}
    settings = Settings(**told, demo=False, database_url="", query_deadline=10)  # type: ignore[arg-type]  # from a command line
    inner = make_encoder(settings)
    with assemble(settings, encoder=Planted(inner, folder)) as parts:
        before = resident()
        seconds, listings = timed(parts.projection.fill)
        parts.encoder.encode(["预热"], "query")
        readiness = Readiness(parts.database, parts.engine, parts.encoder)
        services = replace(services_for(parts), address_of=lambda request: request.headers.get(ADDRESS, ""))
        app = create_app(Application(services, readiness, settings.upload_limit))
        held = socket.socket()
        held.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [held]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        bench = Bench(parts, folder)
        say({"port": held.getsockname()[1], "fill": seconds, "listings": listings, "engine_bytes": resident() - before})
        for line in sys.stdin:
            name, *given = json.loads(line)
            job: Callable[..., Any] = getattr(bench, name)
            say(job(*given))
        server.should_exit = True
        thread.join(10)
    inner.close()


def say(value: Any) -> None:
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
