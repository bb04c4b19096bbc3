"""Claiming and settling: once each, by lane and age, back when a lease ends, and only while the lease is one's own."""

import threading
from collections import Counter
from datetime import timedelta

import pytest

from matching.store.outbox import LEASE_SECONDS, MAX_BACKOFF_SECONDS, Claimed, claim, extend, next_due, recover, release, settle
from matching.store.unit import UnitOfWork
from tests.matching.world import World


def ask(world: World, *keys: str, kind: str = "index", lane: str = "interactive", delay: float = 0) -> None:
    with world.database.write() as unit:
        for key in keys:
            unit.enqueue(kind, key, lane=lane, delay=delay, payload={"of": key})
        unit.commit()


def keys(jobs: list[Claimed]) -> list[str]:
    return [job.key for job in jobs]


def done(world: World, jobs: list[Claimed]) -> int:
    return world.do(lambda unit: settle(unit.session, jobs))


def test_an_empty_queue(world: World) -> None:
    assert claim(world.database) == []
    assert next_due(world.database) is None


def test_a_claim_carries_the_work(world: World) -> None:
    ask(world, "a")
    (job,) = claim(world.database)
    assert (job.kind, job.key, job.lane, job.payload, job.attempts) == ("index", "a", 0, {"of": "a"}, 1)
    assert claim(world.database) == []
    assert done(world, [job]) == 1
    assert world.jobs() == []


def test_people_overtake_bulk_and_older_goes_first(world: World) -> None:
    ask(world, "bulk1", "bulk2", lane="bulk")
    world.clock.move(seconds=1)
    ask(world, "quick1")
    world.clock.move(seconds=1)
    ask(world, "quick2")
    assert next_due(world.database) == ("index", "interactive")
    assert keys(claim(world.database, limit=10)) == ["quick1", "quick2"]
    assert claim(world.database, lanes=["interactive"]) == []
    assert next_due(world.database, ["interactive"]) is None
    assert next_due(world.database) == ("index", "bulk")
    assert keys(claim(world.database, limit=1)) == ["bulk1"]
    assert keys(claim(world.database, limit=10)) == ["bulk2"]


def test_one_kind_a_claim(world: World) -> None:
    ask(world, "a")
    ask(world, "z", kind="match")
    ask(world, "b")
    assert keys(claim(world.database, limit=10)) == ["a", "b"]
    assert keys(claim(world.database, limit=10)) == ["z"]
    ask(world, "c")
    assert claim(world.database, kinds=["match"]) == []
    assert keys(claim(world.database, kinds=["match", "index"])) == ["c"]


def test_delayed_work_waits(world: World) -> None:
    ask(world, "a", delay=60)
    assert claim(world.database) == []
    assert next_due(world.database) is None
    world.clock.move(seconds=60)
    assert keys(claim(world.database)) == ["a"]


def test_a_killed_workers_jobs_come_back(world: World) -> None:
    ask(world, "a")
    (first,) = claim(world.database)
    world.clock.move(seconds=LEASE_SECONDS)
    assert claim(world.database) == []
    world.clock.move(seconds=1)
    (second,) = claim(world.database)
    assert (second.id, second.attempts) == (first.id, 2)
    assert second.lease != first.lease


def test_only_the_holder_settles(world: World) -> None:
    ask(world, "a")
    (late,) = claim(world.database)
    world.clock.move(seconds=LEASE_SECONDS + 1)
    (holder,) = claim(world.database)
    assert done(world, [late]) == 0
    release(world.database, [late], "too late")
    assert [job.lease for job in world.jobs()] == [holder.lease]
    assert done(world, [holder]) == 1


def test_settling_is_part_of_the_transaction(world: World) -> None:
    ask(world, "a")
    jobs = claim(world.database)
    with world.database.write() as unit:
        assert settle(unit.session, jobs) == 1
    assert len(world.jobs()) == 1


def test_long_work_extends_its_lease(world: World) -> None:
    ask(world, "a")
    jobs = claim(world.database)
    world.clock.move(seconds=LEASE_SECONDS - 1)
    world.do(extend, jobs)
    world.clock.move(seconds=LEASE_SECONDS)
    assert claim(world.database) == []
    assert done(world, jobs) == 1


def test_failures_wait_longer_each_time(world: World) -> None:
    ask(world, "a")
    pauses = []
    for _ in range(12):
        jobs = claim(world.database)
        release(world.database, jobs, "the engine is down " * 60)
        (row,) = world.jobs()
        pauses.append((row.available_at - world.clock.now()).total_seconds())
        assert (row.lease, row.leased_until, len(row.last_error)) == (None, None, 500)
        assert claim(world.database) == []
        world.clock.at = row.available_at
    assert pauses == [min(2.0**n, MAX_BACKOFF_SECONDS) for n in range(1, 13)]


def test_a_start_frees_all_leases(world: World) -> None:
    ask(world, "a", "b", "c")
    claim(world.database, limit=2)
    assert recover(world.database) == 2
    assert keys(claim(world.database, limit=3)) == ["a", "b", "c"]


def test_a_change_while_the_work_is_done_is_not_lost(world: World) -> None:
    ask(world, "a")
    first = claim(world.database)
    ask(world, "a")
    assert done(world, first) == 1
    second = claim(world.database)
    assert keys(second) == ["a"]
    assert done(world, second) == 1
    assert world.jobs() == []


def test_released_work_asked_for_again_does_not_wait(world: World) -> None:
    ask(world, "a")
    release(world.database, claim(world.database), "down")
    ask(world, "a")
    assert keys(claim(world.database, limit=5)) == ["a"]


@pytest.mark.parametrize("limit", [1, 7])
def test_four_threads_never_claim_the_same(world: World, limit: int) -> None:
    ask(world, *(f"k{number:03d}" for number in range(120)))
    taken: list[Claimed] = []
    failures: list[BaseException] = []

    def work() -> None:
        try:
            while jobs := claim(world.database, limit=limit):
                taken.extend(jobs)
                with world.database.write() as unit:
                    assert settle(unit.session, jobs) == len(jobs)
                    unit.commit()
        except BaseException as failure:
            failures.append(failure)
            raise

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert Counter(job.key for job in taken) == Counter(f"k{number:03d}" for number in range(120))
    assert world.jobs() == []


def test_writers_that_read_first_wait_for_each_other(world: World) -> None:
    """BEGIN IMMEDIATE: a plain BEGIN loses updates or fails with "database is locked" here."""
    world.do(UnitOfWork.enqueue, "count", "a", payload={"n": 0})
    (job,) = world.jobs()

    def add() -> None:
        for _ in range(10):
            with world.database.write() as unit:
                row = unit.session.get_one(type(job), job.id)
                row.payload = {"n": row.payload["n"] + 1}  # type: ignore[operator]  # the payload is JSON
                unit.commit()

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert world.jobs()[0].payload == {"n": 40}


def test_leases_end_by_the_clock_of_the_database_object(world: World) -> None:
    ask(world, "a")
    claim(world.database)
    (row,) = world.jobs()
    assert row.leased_until == world.clock.now() + timedelta(seconds=LEASE_SECONDS)
