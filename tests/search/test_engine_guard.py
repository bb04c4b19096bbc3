"""The circuit breaker: one failure is told once, costs nobody else a wait, and ends by itself."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence

import pytest

from search.engines.guard import FIRST_PAUSE, GuardedEngine
from search.engines.local import LocalEngine
from search.errors import EngineUnavailable
from search.ports import Document, DocumentId, Health, Query, Rankings, Tombstone

WORDS = Query("public", terms=("银浆",))


class FlakyEngine(LocalEngine):
    """Raises what it is told to raise, in reading, in writing, or in both, and counts how often it was asked."""

    def __init__(self) -> None:
        super().__init__(4, "f")
        self.reading: EngineUnavailable | None = None
        self.writing: EngineUnavailable | None = None
        self.asked = 0

    def rank(self, query: Query) -> Rankings:
        self.asked += 1
        if self.reading:
            raise self.reading
        return super().rank(query)

    def apply(
        self, upserts: Sequence[Document], deletes: Sequence[Tombstone], *, building: bool = False
    ) -> Mapping[DocumentId, str]:
        if self.writing:
            raise self.writing
        return super().apply(upserts, deletes, building=building)

    def health(self) -> Health:
        return Health(False, "flaky", 0, str(self.reading), self.reading.code) if self.reading else super().health()


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def engine() -> FlakyEngine:
    return FlakyEngine()


def guarded(engine: FlakyEngine, told: list[tuple[str, str]], clock: Clock | None = None) -> GuardedEngine:
    return GuardedEngine(engine, lambda: "f", lambda part, code, _: told.append((part, code)), now=clock or Clock())


def codes(times: int, ask: Callable[[], object]) -> list[str]:
    found: list[str] = []
    for _ in range(times):
        try:
            ask()
            found.append("")
        except EngineUnavailable as problem:
            found.append(problem.code)
    return found


def eventually(is_true: Callable[[], bool]) -> bool:
    until = time.monotonic() + 20
    while not is_true() and time.monotonic() < until:
        time.sleep(0.05)
    return is_true()


@pytest.mark.parametrize("code", ["down", "refused", "version", "mapping"])
def test_one_failure_is_told_once_and_nobody_else_waits_for_it(engine: FlakyEngine, code: str) -> None:
    told: list[tuple[str, str]] = []
    guard = guarded(engine, told)
    engine.reading = EngineUnavailable("away", code)
    assert codes(20, lambda: guard.rank(WORDS)) == [code] * 20
    assert (engine.asked, told, guard.code) == (1, [("reading", code)], code)
    engine.reading = None
    assert eventually(lambda: not guard.code)
    assert codes(1, lambda: guard.rank(WORDS)) == [""]
    assert told == [("reading", code), ("reading", "")]
    guard.close()


def test_one_late_answer_may_be_one_hard_question_two_in_a_row_are_an_engine_that_is_slow(engine: FlakyEngine) -> None:
    told: list[tuple[str, str]] = []
    guard = guarded(engine, told)
    slow = EngineUnavailable("no answer in time", "slow")
    for reading in (slow, None, slow, None):
        engine.reading = reading
        codes(1, lambda: guard.rank(WORDS))
    assert told == []
    engine.reading = slow
    codes(10, lambda: guard.rank(WORDS))
    assert (engine.asked, told) == (6, [("reading", "slow")])
    guard.close()


def test_an_index_that_is_read_only_still_answers(engine: FlakyEngine) -> None:
    told: list[tuple[str, str]] = []
    clock = Clock()
    guard = guarded(engine, told, clock)
    engine.writing = EngineUnavailable("index blocked", "read_only")
    assert codes(3, lambda: guard.apply((), ())) == ["read_only"] * 3
    assert codes(1, lambda: guard.rank(WORDS)) == [""]
    assert (guard.is_away, guard.code, guard.health().code) == (True, "", "read_only")
    clock.at += 100
    assert not guard.is_away  # time for the worker to try again
    engine.writing = None
    assert codes(1, lambda: guard.apply((), ())) == [""]
    assert guard.health().ok
    assert told == [("writing", "read_only"), ("writing", "")]


def test_pauses_between_tries_grow_and_begin_anew_when_it_is_well(engine: FlakyEngine) -> None:
    clock = Clock()
    guard = guarded(engine, [], clock)
    pauses: list[float] = []
    engine.writing = EngineUnavailable("away")
    for _ in range(7):
        codes(1, lambda: guard.apply((), ()))
        began = clock.at
        while guard.is_away:
            clock.at += FIRST_PAUSE / 2
        pauses.append(clock.at - began)
    assert pauses == [1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0]
    engine.writing = None
    codes(1, lambda: guard.apply((), ()))
    engine.writing = EngineUnavailable("away")
    codes(1, lambda: guard.apply((), ()))
    clock.at += FIRST_PAUSE
    assert not guard.is_away


def test_an_index_of_another_recipe_is_not_compared_with(engine: FlakyEngine) -> None:
    clock = Clock()
    guard = GuardedEngine(engine, lambda: "f", now=clock)
    assert guard.is_comparable()
    guard.begin("g")
    guard.promote()
    assert not guard.is_comparable()
    engine.revert()  # by another process
    assert not guard.is_comparable()
    clock.at += 5
    assert guard.is_comparable()


def test_until_it_is_filled_questions_are_refused_and_writes_pass(engine: FlakyEngine) -> None:
    guard = guarded(engine, [])
    guard.filled.clear()
    assert codes(1, lambda: guard.rank(WORDS)) == ["filling"]
    assert codes(1, lambda: guard.apply((), ())) == [""]
    guard.filled.set()
    assert codes(1, lambda: guard.rank(WORDS)) == [""]


def test_a_closed_engine_leaves_no_thread_behind(engine: FlakyEngine) -> None:
    guard = guarded(engine, [])
    engine.reading = EngineUnavailable("away")
    codes(1, lambda: guard.rank(WORDS))
    guard.close()
    assert eventually(lambda: "engine-probe" not in {thread.name for thread in threading.enumerate()})
