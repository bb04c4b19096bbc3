"""The thread that owns the model: order of the lanes, batches, deadlines, failures, the end. Real threads and queue."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from search.encoder.lanes import TYPICAL_LENGTH, ModelThread
from search.errors import EncoderTimeout, EncoderUnavailable

PASSAGE = "x" * TYPICAL_LENGTH


class Model:
    """A tiny model: a text's vector is (its length, its first character). It writes down what it is given."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.prompts: list[str] = []
        self.threads: set[int] = set()
        self.entered = threading.Semaphore(0)
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, texts: list[str], prompt: str) -> NDArray[np.float32]:
        self.batches.append(texts)
        self.prompts.append(prompt)
        self.threads.add(threading.get_ident())
        self.entered.release()
        assert self.gate.wait(20)
        if "poison" in texts:
            raise ArithmeticError("no vector for that")
        return np.array([[len(text), ord(text[0])] for text in texts], np.float32)


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def worker(model: Model) -> ModelThread:
    return ModelThread(lambda: model, batch=2)


@pytest.fixture(autouse=True)
def closing(worker: ModelThread, model: Model) -> object:
    yield
    model.gate.set()
    worker.close()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def queued(worker: ModelThread, count: int) -> Callable[[], bool]:
    return lambda: len(worker._heap) >= count


def test_rows_come_in_the_order_of_the_texts(worker: ModelThread, model: Model) -> None:
    texts = [chr(97 + n % 26) * (1 + n * 37 % 500) for n in range(300)]
    rows = worker.run(texts, "p", "bulk", None)
    assert [(row[0], row[1]) for row in rows] == [(len(text), ord(text[0])) for text in texts]
    assert len(model.threads) == 1
    assert threading.get_ident() not in model.threads


def test_bulk_is_cut_into_small_batches_sorted_by_length(worker: ModelThread, model: Model) -> None:
    worker.run(["y" * (1 + n % 300) for n in range(5000)], "p", "bulk", None)
    assert max(len(batch) * len(max(batch, key=len)) for batch in model.batches) <= 2 * TYPICAL_LENGTH
    assert max(len(batch) for batch in model.batches) == 8
    lengths = [len(text) for batch in model.batches for text in batch]
    assert lengths == sorted(lengths, reverse=True)


def test_text_longer_than_a_batch_goes_alone(worker: ModelThread, model: Model) -> None:
    assert worker.run(["z" * 5000, "z" * 5000], "p", "bulk", None)[1][0] == 5000
    assert [len(batch) for batch in model.batches] == [1, 1]


def test_interactive_overtakes_bulk_and_waits_for_one_batch(worker: ModelThread, model: Model) -> None:
    model.gate.clear()
    with ThreadPoolExecutor(2) as pool:
        bulk = pool.submit(worker.run, [PASSAGE] * 40, "p", "bulk", None)
        assert model.entered.acquire(timeout=10)  # the first batch of the bulk call is in the model
        quick = pool.submit(worker.run, ["query"], "q", "interactive", None)
        until(queued(worker, 20))
        model.gate.set()
        assert quick.result(10)[0].tolist() == [5, ord("q")]
        assert len(bulk.result(10)) == 40
    assert [batch for batch in model.batches if "query" in batch] == [["query"]]
    assert model.batches.index(["query"]) == 1


def test_small_calls_share_a_batch_within_lane_and_prompt(worker: ModelThread, model: Model) -> None:
    model.gate.clear()
    with ThreadPoolExecutor(8) as pool:
        waiting: list[Future[list[NDArray[np.float32]]]] = [pool.submit(worker.run, ["first"], "p", "bulk", None)]
        assert model.entered.acquire(timeout=10)
        for n, (prompt, text) in enumerate([("q", "aa"), ("q", "bbb"), ("q", "c"), ("p", "dd")]):
            waiting.append(pool.submit(worker.run, [text], prompt, "interactive", None))
            until(queued(worker, n + 1))
        model.gate.set()
        assert [future.result(10)[0][0] for future in waiting] == [5, 2, 3, 1, 2]
    assert model.batches == [["first"], ["aa", "bbb", "c"], ["dd"]]
    assert model.prompts == ["p", "q", "p"]


def test_deadline_is_kept_and_the_work_dropped(worker: ModelThread, model: Model) -> None:
    model.gate.clear()
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(worker.run, ["other"], "p", "bulk", None)
        assert model.entered.acquire(timeout=10)
        begun = time.monotonic()
        with pytest.raises(EncoderTimeout, match=r"0\.05 s"):
            worker.run(["late"] * 50, "p", "interactive", 0.05)
        assert time.monotonic() - begun < 5
        model.gate.set()
        other.result(10)
    assert worker.run(["next"], "p", "bulk", 10)[0][0] == 4
    assert [batch for batch in model.batches if "late" in batch] == []


def test_deadline_holds_while_the_model_is_still_loading() -> None:
    ready = threading.Event()
    model = Model()

    def load() -> Model:
        assert ready.wait(20)
        return model

    worker = ModelThread(load)
    with pytest.raises(EncoderTimeout):
        worker.run(["early"], "p", "interactive", 0.02)
    assert worker.state == "loading"
    ready.set()
    assert worker.run(["later"], "p", "interactive", 10)[0][0] == 5
    assert worker.state == "ready"
    assert model.batches == [["later"]]
    worker.close()


def test_failed_load_is_told_to_every_caller_and_never_hangs() -> None:
    begun, go = threading.Barrier(5), threading.Event()
    loads = []

    def load() -> Model:
        loads.append(1)
        assert go.wait(20)
        raise OSError("the disk is gone")

    worker = ModelThread(load)

    def call() -> str:
        begun.wait(10)
        with pytest.raises(EncoderUnavailable) as told:
            worker.run(["text"], "p", "bulk", 20)
        return str(told.value)

    with ThreadPoolExecutor(4) as pool:
        callers = [pool.submit(call) for _ in range(4)]
        begun.wait(10)
        go.set()
        reasons = {caller.result(10) for caller in callers}
    assert reasons == {"The encoder cannot run: OSError: the disk is gone"}
    with pytest.raises(EncoderUnavailable, match="the disk is gone"):
        worker.run(["text"], "p", "bulk", None)
    assert (worker.state, len(loads)) == ("failed", 1)
    worker.close()
    assert worker.state == "failed"


def test_failing_batch_fails_its_callers_only(worker: ModelThread) -> None:
    with pytest.raises(EncoderUnavailable, match="ArithmeticError: no vector for that"):
        worker.run(["fine", "poison"], "p", "bulk", 10)
    assert worker.run(["fine"], "p", "bulk", 10)[0][0] == 4


def test_model_that_loses_rows_is_an_error() -> None:
    worker = ModelThread(lambda: lambda texts, _prompt: np.zeros((len(texts) - 1, 2), np.float32))
    with pytest.raises(EncoderUnavailable, match="1 vectors for 2 texts"):
        worker.run(["a", "b"], "p", "bulk", 10)
    worker.close()


def test_death_of_the_thread_is_told() -> None:
    def die(_texts: list[str], _prompt: str) -> NDArray[np.float32]:
        raise SystemExit(3)

    worker = ModelThread(lambda: die)
    with pytest.raises(EncoderUnavailable, match="SystemExit"):
        worker.run(["text"], "p", "bulk", 10)
    with pytest.raises(EncoderUnavailable, match="SystemExit"):
        worker.run(["text"], "p", "bulk", 10)


def test_close_fails_those_who_wait_and_ends_the_thread(worker: ModelThread, model: Model) -> None:
    before = set(threading.enumerate())  # the real encoder of other tests may be among them
    model.gate.clear()
    with ThreadPoolExecutor(3) as pool:
        running = pool.submit(worker.run, ["running"], "p", "bulk", None)
        assert model.entered.acquire(timeout=10)
        waiting = pool.submit(worker.run, ["waiting"] * 9, "p", "bulk", None)
        until(queued(worker, 2))
        closing = pool.submit(worker.close)
        for future in (running, waiting):
            with pytest.raises(EncoderUnavailable, match="closed"):
                future.result(10)
        model.gate.set()
        closing.result(10)
    assert "encoder" not in {thread.name for thread in set(threading.enumerate()) - before}
    with pytest.raises(EncoderUnavailable, match="closed"):
        worker.run(["after"], "p", "bulk", None)
    with pytest.raises(EncoderUnavailable, match="closed"):
        worker.start()
    worker.close()


def test_nothing_asked_starts_nothing(worker: ModelThread) -> None:
    assert worker.run([], "p", "bulk", None) == []
    assert worker.state == "idle"


def test_batch_of_none_is_refused(model: Model) -> None:
    with pytest.raises(ValueError, match="batch"):
        ModelThread(lambda: model, batch=0)


def test_eight_threads_get_their_own_rows(worker: ModelThread) -> None:
    def call(n: int) -> bool:
        texts = [chr(97 + n) * (1 + (k * 13 + n) % 90) for k in range(50)]
        rows = worker.run(texts, "p", "interactive" if n % 2 else "bulk", 20)
        return [row.tolist() for row in rows] == [[len(text), 97 + n] for text in texts]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(call, range(8))) == [True] * 8
