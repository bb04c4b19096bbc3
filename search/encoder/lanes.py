"""One thread that owns the model, behind a queue with two lanes.

Texts are cut into small batches, the longest first and alike in length, on a heap: interactive ones come before all bulk
ones, and so wait for one small batch at most. Small calls of the same lane and prompt share a batch.
"""

import heapq
import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from search.errors import EncoderTimeout, EncoderUnavailable
from search.ports import Lane

ModelFunction = Callable[[list[str], str], NDArray[np.float32]]
"""(texts, prompt) -> shape (len(texts), d). Called by the owner thread only."""
State = Literal["idle", "loading", "ready", "failed", "closed"]

TYPICAL_LENGTH: Final = 320
"""Characters of a typical passage: a batch of `batch` texts holds `batch` such passages, or four times as many titles."""
_RANK: Final[dict[Lane, int]] = {"interactive": 0, "bulk": 1, "slow": 2}


@dataclass(eq=False)
class _Call:
    """What one caller waits for. `rows` is filled by the owner thread; `given_up` tells it not to bother."""

    texts: Sequence[str]
    prompt: str
    lane: Lane
    rows: list[NDArray[np.float32] | None]
    left: int
    error: Exception | None = None
    given_up: bool = False
    done: threading.Event = field(default_factory=threading.Event)

    def fail(self, error: Exception) -> None:
        if not self.done.is_set():
            self.error = error
            self.given_up = True
            self.done.set()


@dataclass(order=True)
class _Batch:
    rank: int
    number: int
    call: _Call = field(compare=False)
    indices: list[int] = field(compare=False)
    longest: int = field(compare=False)


class ModelThread:
    """Runs a model function for any number of threads. It loads at the first call, or at `start()`."""

    def __init__(self, load: Callable[[], ModelFunction], *, batch: int = 8) -> None:
        """`load` runs on the owner thread; what it raises is told to every caller from then on."""
        if batch < 1:
            raise ValueError("batch must be at least 1")
        self._load = load
        self._budget = batch * TYPICAL_LENGTH
        self._most = batch * 4
        self._heap: list[_Batch] = []
        self._running: list[_Batch] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._state: State = "idle"
        self._reason = ""

    @property
    def state(self) -> State:
        return self._state

    @property
    def reason(self) -> str:
        """Why the state is `failed` or `closed`."""
        return self._reason

    def start(self) -> None:
        """Begin to load, without waiting for it. Raises `EncoderUnavailable` after a failure or `close`."""
        with self._changed:
            self._begin()

    def run(self, texts: Sequence[str], prompt: str, lane: Lane, timeout: float | None) -> list[NDArray[np.float32]]:
        """One row a text, in the order given. Raises `EncoderTimeout` and `EncoderUnavailable`, as the port says."""
        if not texts:
            return []
        call = _Call(texts, prompt, lane, [None] * len(texts), len(texts))
        with self._changed:
            self._begin()
            for indices, longest in self._cut(texts):
                heapq.heappush(self._heap, _Batch(_RANK[lane], next(self._numbers), call, indices, longest))
            self._changed.notify_all()
        try:
            call.done.wait(timeout)
        finally:
            call.given_up = True
        if call.error is not None:
            raise call.error
        if not call.done.is_set():
            raise EncoderTimeout(f"The encoder did not answer within {timeout} s.")
        return [row for row in call.rows if row is not None]

    def close(self, timeout: float = 60.0) -> None:
        """Fail whoever waits and end the thread after the batch it is at. May be called again."""
        with self._changed:
            if self._state != "failed":
                self._state, self._reason = "closed", "The encoder was closed."
            self._fail_all(self._reason)
            self._changed.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def _begin(self) -> None:
        if self._state in ("failed", "closed"):
            raise EncoderUnavailable(self._reason)
        if self._thread is None:
            self._state = "loading"
            # A daemon, so that a program that forgets to close it can still end.
            self._thread = threading.Thread(target=self._own, name="encoder", daemon=True)
            self._thread.start()

    def _cut(self, texts: Sequence[str]) -> list[tuple[list[int], int]]:
        """Small batches with the length of their longest text. Padding costs as much as text, so length sorts."""
        order = sorted(range(len(texts)), key=lambda n: -len(texts[n]))
        batches: list[tuple[list[int], int]] = []
        start = 0
        while start < len(order):
            longest = max(1, len(texts[order[start]]))
            end = start + self._room(longest)
            batches.append((order[start:end], longest))
            start = end
        return batches

    def _room(self, longest: int) -> int:
        return max(1, min(self._most, self._budget // longest))

    def _fail_all(self, reason: str) -> None:
        for batch in itertools.chain(self._heap, self._running):
            batch.call.fail(EncoderUnavailable(reason))
        self._heap.clear()

    def _own(self) -> None:
        """The owner thread, from loading to the end. Whatever ends it, nobody is left waiting."""
        try:
            model = self._load()
            with self._changed:
                if self._state == "loading":
                    self._state = "ready"
            while self._next():
                self._compute(model)
        except BaseException as error:
            reason = str(error) if isinstance(error, EncoderUnavailable) else f"The encoder cannot run: {_named(error)}"
            with self._changed:
                if self._state != "closed":
                    self._state, self._reason = "failed", reason
                self._fail_all(self._reason)

    def _next(self) -> bool:
        """Wait for work and take one batch of it into `_running`. False once closed."""
        with self._changed:
            self._running.clear()
            while True:
                while self._heap and self._heap[0].call.given_up:
                    heapq.heappop(self._heap)
                if self._state == "closed":
                    return False
                if self._heap:
                    break
                self._changed.wait()
            first = heapq.heappop(self._heap)
            self._running.append(first)
            count, longest = len(first.indices), first.longest
            while self._heap:
                other = self._heap[0]
                if not other.call.given_up:
                    longest, count = max(longest, other.longest), count + len(other.indices)
                    if (other.rank, other.call.prompt) != (first.rank, first.call.prompt) or count > self._room(longest):
                        break
                    self._running.append(other)
                heapq.heappop(self._heap)
            return True

    def _compute(self, model: ModelFunction) -> None:
        """Run `_running` through the model. An error of the model fails these callers and nobody else."""
        places = [(batch.call, index) for batch in self._running for index in batch.indices]
        try:
            rows = model([call.texts[index] for call, index in places], places[0][0].prompt)
            if len(rows) != len(places):
                raise ValueError(f"{len(rows)} vectors for {len(places)} texts")
        except Exception as error:
            for call, _ in places:
                call.fail(EncoderUnavailable(f"The encoder failed on a batch: {_named(error)}"))
            return
        for (call, index), row in zip(places, rows, strict=True):
            call.rows[index] = row
            call.left -= 1
            if call.left == 0:
                call.done.set()


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
