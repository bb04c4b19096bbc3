"""What both databases promise alike: writers one after another, readers that see one snapshot and wait for nobody."""

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

from matching.model import AuditEntry, Base, Job, Note
from matching.store.database import Database
from matching.store.outbox import claim, settle
from matching.store.receipts import next_number
from tests import databases

PATIENCE = 20.0


@pytest.fixture(params=[databases.SQLITE, pytest.param(databases.POSTGRESQL, marks=pytest.mark.needs("postgresql"))])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    opened = Database(databases.new(tmp_path, request.param))
    Base.metadata.create_all(opened.engine)
    yield opened
    opened.close()
    databases.drop(opened.url)


def at_once(count: int, job: Callable[[int], None]) -> None:
    """Run it in so many threads; an exception in one is the test's."""
    problems: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            job(number)
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not problems, problems
    assert not any(thread.is_alive() for thread in threads)


def test_what_is_read_before_it_is_written_is_never_lost(database: Database) -> None:
    """A counter kept by reading and writing it: without any lock of its own."""
    with database.write() as unit:
        unit.session.add(Note(key="count", value="0"))
        unit.commit()

    def add(_: int) -> None:
        for _ in range(15):
            with database.write() as unit:
                row = unit.session.get_one(Note, "count")
                row.value = str(int(row.value) + 1)
                unit.commit()

    at_once(4, add)
    with database.read() as session:
        assert session.get_one(Note, "count").value == "60"


def test_what_is_made_where_nothing_is_found_is_made_once(database: Database) -> None:
    """No constraint helps here: the decision stands on rows that are not there."""

    def make(number: int) -> None:
        with database.write() as unit:
            if not unit.session.exec(select(AuditEntry)).all():
                unit.audit("system", "made", "thing", str(number))
            unit.commit()

    at_once(6, make)
    with database.read() as session:
        assert len(session.exec(select(AuditEntry)).all()) == 1


def test_numbers_have_neither_gaps_nor_twins(database: Database) -> None:
    given: list[str] = []

    def number(_: int) -> None:
        for _ in range(5):
            with database.write() as unit:
                given.append(next_number(unit, "R"))
                unit.commit()

    at_once(4, number)
    assert sorted(int(each[-4:]) for each in given) == list(range(1, 21))


def test_ids_are_given_in_the_order_of_commits(database: Database) -> None:
    """What an undo and a cursor go by: a row that is seen has no lower one that appears later."""
    seen: list[list[int]] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            with database.read() as session:
                seen.append(sorted(id_ for id_ in session.exec(select(AuditEntry.id)) if id_ is not None))

    watcher = threading.Thread(target=look)
    watcher.start()

    def write(number: int) -> None:
        for _ in range(10):
            with database.write() as unit:
                unit.audit("system", "wrote", "thing", str(number))
                unit.commit()

    at_once(4, write)
    stop.set()
    watcher.join(PATIENCE)
    assert len(seen[-1]) <= 40
    for before, after in itertools.pairwise(seen):
        assert after[: len(before)] == before


def test_work_asked_for_while_its_job_is_claimed_is_done_again(database: Database) -> None:
    """A request that finds its job waiting, and a worker that takes it before the request has committed."""
    with database.write() as unit:
        unit.session.add(Note(key="text", value="old"))
        unit.enqueue("index", "a")
        unit.commit()
    read: list[str] = []
    claiming = threading.Event()

    def work() -> None:
        claiming.set()
        while jobs := claim(database, kinds=["index"]):
            with database.read() as session:
                read.append(session.get_one(Note, "text").value)
            with database.write() as unit:
                settle(unit.session, jobs)
                unit.commit()

    worker = threading.Thread(target=work)
    with database.write() as unit:
        unit.session.get_one(Note, "text").value = "new"
        unit.enqueue("index", "a")  # finds the waiting job and leaves it as it is
        worker.start()
        claiming.wait(PATIENCE)
        worker.join(0.3)  # the worker waits for this transaction, or will do the job again
        unit.commit()
    worker.join(PATIENCE)
    assert read[-1] == "new"
    with database.read() as session:
        assert session.exec(select(Job)).all() == []


def test_a_reader_sees_one_snapshot_and_waits_for_nobody(database: Database) -> None:
    with database.write() as unit:
        unit.session.add(Note(key="text", value="before"))
        unit.commit()
    query = sa.select(sa.column("value")).select_from(sa.table("note"))
    with database.read() as session:
        assert session.execute(query).scalar_one() == "before"
        with database.write() as unit:
            unit.session.get_one(Note, "text").value = "after"
            unit.session.flush()
            with database.read() as beside:
                assert beside.execute(query).scalar_one() == "before"
            unit.commit()
        assert session.execute(query).scalar_one() == "before"
    with database.read() as session:
        assert session.execute(query).scalar_one() == "after"


def test_nul_is_asked_for_and_not_found(database: Database) -> None:
    """No text of ours holds it, and no address may break a page by it."""
    with database.write() as unit:
        unit.session.add_all(Note(key=f"k{number}", value="a\0b") for number in range(3))
        unit.commit()
    with database.read() as session:
        assert session.get(Note, "\0") is None
        assert session.exec(select(Note.key).where(Note.value == "ab")).all() == []
        assert len(session.exec(select(Note.key).where(Note.value == "a\0b")).all()) == 3


@pytest.mark.parametrize("name", ["a\x01b", "键", "A" * 500])
def test_what_was_kept_comes_back_unchanged(database: Database, name: str) -> None:
    with database.write() as unit:
        unit.session.add(Job(kind="k", key="k", token="t", payload={"z": name, "a": [1.5, None, True]}, created_at=unit.now(),
                             available_at=unit.now()))  # fmt: skip
        at = unit.now()
        unit.commit()
    with database.read() as session:
        row = session.exec(select(Job)).one()
    assert list(row.payload.items()) == [("z", name), ("a", [1.5, None, True])], "in the order of its keys"
    assert row.created_at.utcoffset() is not None
    assert abs((row.created_at - at).total_seconds()) < 5
