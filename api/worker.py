"""The worker: threads that take jobs from the outbox until told to stop.

One thread serves only the lane that people wait for, one serves both: a posted listing never waits behind an import. A third
one waits, most of the time, for what takes minutes in a process of its own.
"""

import itertools
import sys
import threading
from collections.abc import Callable, Sequence

import structlog

from search.ports import Lane

log = structlog.get_logger("worker")

_THREADS: tuple[tuple[str, tuple[Lane, ...]], ...] = (
    ("interactive", ("interactive",)),
    ("bulk", ("interactive", "bulk")),
    ("slow", ("slow",)),
)
BULK_TURN = 2
"""Of so many batches the thread that serves both lanes takes one from the bulk lane first: under people who never stop posting
an import or a new index would else never end. The other thread is theirs alone."""
IDLE_SECONDS = 0.15
"""Pause between looks at an empty queue: part of "visible and matched within two seconds"."""
SWITCH_SECONDS = 0.0005
"""How long one thread may compute in Python while another waits for the interpreter. The model asks for it after each of
its some two hundred products; with Python's own 5 ms a query beside a matching zone took three times as long."""


class Worker:
    """`look` takes one batch of these lanes and does it; False when nothing was due."""

    def __init__(self, look: Callable[[Sequence[Lane]], bool]) -> None:
        self._look = look
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._loop, args=(lanes,), name=f"worker-{name}", daemon=True) for name, lanes in _THREADS
        ]

    def start(self) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 30) -> None:
        """Finish the batches in hand, then end. What is left stays in the outbox."""
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout)

    def _loop(self, lanes: Sequence[Lane]) -> None:
        for turn in itertools.count(1):
            if self._stop.is_set():
                return
            try:
                is_bulks = turn % BULK_TURN == 0 and "bulk" in lanes
                busy = (is_bulks and self._look(("bulk",))) or self._look(lanes)
            except Exception:
                # The database itself may be away for a while: the worker outlives it.
                log.exception("worker.look_failed")
                busy = False
            if not busy:
                self._stop.wait(IDLE_SECONDS)
