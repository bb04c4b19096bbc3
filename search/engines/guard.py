"""`GuardedEngine`: an engine behind a circuit breaker, so that one that is down or slow costs one try and not every request.

Reading and writing are two circuits: an index that is read-only still answers. An open reading circuit is closed by a thread
that asks for the engine's health now and then, so that no person pays for the try; an open writing circuit lets the worker try
again after a pause that grows.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, Literal

from search.errors import EngineUnavailable
from search.ports import (
    Document,
    DocumentId,
    DocumentState,
    Engine,
    Generation,
    Health,
    Interval,
    Query,
    Rankings,
    Tombstone,
)

Part = Literal["reading", "writing"]
Told = Callable[[Part, str, str], None]
"""Called once when a part goes (its code, and the detail) and once when it is back (an empty code)."""

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 15.0
SLOW_IN_A_ROW: Final = 2
"""Answers that came too late, one after the other, before the engine counts as away: one alone may be one hard question."""
_TOLD_FOR: Final = 2.0
"""Seconds for which the generation that serves is taken as known, when people search."""
_FOR_WRITES_ALONE: Final = frozenset({"read_only"})


class _Circuit:
    """Open after a failure; `code` and `detail` say which. Thread safe."""

    def __init__(self, part: Part, told: Told, now: Callable[[], float]) -> None:
        self._part: Final[Part] = part
        self._told = told
        self._now = now
        self._lock = threading.Lock()
        self._slow = 0
        self._pause = FIRST_PAUSE
        self._until = 0.0
        self.code = ""
        self.detail = ""

    @property
    def is_open(self) -> bool:
        return bool(self.code)

    @property
    def is_resting(self) -> bool:
        """Whether not even a try is due."""
        return self.is_open and self._now() < self._until

    def failed(self, problem: EngineUnavailable) -> bool:
        """Whether this opened it."""
        with self._lock:
            if problem.code == "slow" and not self.code:
                self._slow += 1
                if self._slow < SLOW_IN_A_ROW:
                    return False
            was, self.code, self.detail = self.code, problem.code, str(problem)
            self._until = self._now() + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        if was != problem.code:
            self._told(self._part, problem.code, str(problem))
        return not was

    def worked(self) -> None:
        if not self.code and not self._slow:
            return
        with self._lock:
            was, self.code, self.detail = self.code, "", ""
            self._slow, self._pause = 0, FIRST_PAUSE
        if was:
            self._told(self._part, "", "")


class GuardedEngine:
    """The port `Engine` on another engine, which it owns.

    `fingerprint` gives the recipe of the documents and queries of this process, which may change. While `filled` is not set,
    questions are refused with the code `filling`. `told` hears of every change of state once.
    """

    def __init__(
        self,
        engine: Engine,
        fingerprint: Callable[[], str],
        told: Told = lambda *_: None,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._fingerprint = fingerprint
        self._now = now
        self._reading = _Circuit("reading", told, now)
        self._writing = _Circuit("writing", told, now)
        self._known: tuple[float, str] | None = None
        self._closed = threading.Event()
        self.filled = threading.Event()
        self.filled.set()

    @property
    def is_away(self) -> bool:
        """Whether writes fail and it is not yet time to try again: the worker leaves them alone."""
        return self._writing.is_resting

    @property
    def code(self) -> str:
        """Why questions cannot be answered now; empty when they can."""
        return self._reading.code or ("" if self.filled.is_set() else "filling")

    def is_comparable(self) -> bool:
        """Whether the generation that serves has vectors of this process's recipe. Known for some seconds at a time, so that
        not every search asks. A question like `rank`: raises `EngineUnavailable`."""
        known = self._known
        if known is None or self._now() - known[0] >= _TOLD_FOR:
            with self._question():
                known = self._known = self._now(), self._engine.generation().fingerprint
        return known[1] == self._fingerprint()

    def rank(self, query: Query) -> Rankings:
        with self._question():
            return self._engine.rank(query)

    def facets(self, query: Query, bands: Mapping[str, Sequence[Interval]] | None = None) -> Mapping[str, Mapping[str, int]]:
        with self._question():
            return self._engine.facets(query, bands)

    def apply(
        self, upserts: Sequence[Document], deletes: Sequence[Tombstone], *, building: bool = False
    ) -> Mapping[DocumentId, str]:
        with self._write():
            return self._engine.apply(upserts, deletes, building=building)

    def purge(self, ids: Sequence[DocumentId]) -> None:
        with self._write():
            self._engine.purge(ids)

    def state(self, ids: Sequence[DocumentId], *, building: bool = False) -> Mapping[DocumentId, DocumentState]:
        with self._look():
            return self._engine.state(ids, building=building)

    def scan(self, after: str | None = None, limit: int = 1000, *, building: bool = False) -> tuple[DocumentState, ...]:
        with self._look():
            return self._engine.scan(after, limit, building=building)

    def generation(self) -> Generation:
        with self._look():
            generation = self._engine.generation()
        self._known = self._now(), generation.fingerprint
        return generation

    def begin(self, fingerprint: str) -> None:
        with self._write():
            self._engine.begin(fingerprint)

    def promote(self) -> None:
        with self._write():
            self._engine.promote()
        self._known = None

    def revert(self) -> None:
        with self._write():
            self._engine.revert()
        self._known = None

    def drop(self) -> None:
        with self._write():
            self._engine.drop()

    def abort(self) -> None:
        with self._write():
            self._engine.abort()

    def health(self) -> Health:
        """As the engine says, but for what writing has run into lately."""
        health = self._engine.health()
        if health.ok and self._writing.is_open:
            return Health(False, health.name, health.documents, self._writing.detail, self._writing.code)
        return health

    def close(self) -> None:
        self._closed.set()
        self._engine.close()

    @contextmanager
    def _question(self) -> Iterator[None]:
        """What a person waits for: refused at once while the circuit is open."""
        if not self.filled.is_set():
            raise EngineUnavailable("the index is being brought up", "filling")
        if self._reading.is_open:
            raise EngineUnavailable(self._reading.detail, self._reading.code)
        try:
            yield
        except EngineUnavailable as problem:
            if problem.code not in _FOR_WRITES_ALONE and self._reading.failed(problem) and problem.code != "closed":
                threading.Thread(target=self._probe, name="engine-probe", daemon=True).start()
            raise
        self._reading.worked()

    @contextmanager
    def _write(self) -> Iterator[None]:
        try:
            yield
        except EngineUnavailable as problem:
            self._writing.failed(problem)
            raise
        self._writing.worked()

    @contextmanager
    def _look(self) -> Iterator[None]:
        """What the worker reads before and after it writes: it tells nothing of whether writes pass, but that they do not."""
        try:
            yield
        except EngineUnavailable as problem:
            self._writing.failed(problem)
            raise

    def _probe(self) -> None:
        """Until the engine is well again: on a thread of its own."""
        pause = FIRST_PAUSE
        while not self._closed.wait(pause):
            try:
                health = self._engine.health()
            except EngineUnavailable as problem:
                health = Health(False, "", 0, str(problem), problem.code)
            if health.ok or health.code in _FOR_WRITES_ALONE:
                self._reading.worked()
                return
            pause = min(2 * pause, LONGEST_PAUSE)
