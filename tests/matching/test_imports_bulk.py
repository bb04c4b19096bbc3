"""What writes many rows at once does what is done for one."""

import pytest
from sqlmodel import select

from matching.model import AuditEntry
from matching.store.receipts import next_number, next_numbers
from matching.store.unit import UnitOfWork, audit_digest
from tests.matching.world import World


def test_many_jobs_join_those_that_wait(world: World) -> None:
    def ask(unit: UnitOfWork) -> None:
        unit.enqueue("index", "a", lane="interactive", payload={"old": 1})
        unit.enqueue("index", "b", lane="bulk", delay=60)
        unit.enqueue_all("index", ["a", "b", "c", "c"], lane="bulk")

    world.do(ask)
    now = world.clock.now()
    assert [(job.key, job.lane, job.available_at == now, job.payload) for job in world.jobs()] == [
        ("a", 0, True, {}),
        ("b", 1, True, {}),
        ("c", 1, True, {}),
    ]


def test_many_audit_entries_are_those_of_one(world: World) -> None:
    def write(unit: UnitOfWork) -> None:
        unit.audit("p1", "listing.create", "listing", "x", kind="result")
        unit.audit_all("p1", "listing.create", "listing", {"x": {"kind": "result"}, "y": {"kind": "need"}})
        unit.audit_all("p1", "listing.create", "listing", {})

    world.do(write)
    with world.database.read() as session:
        one, same, other = session.exec(select(AuditEntry).where(AuditEntry.subject_kind == "listing")).all()
    assert one.model_dump(exclude={"id"}) == same.model_dump(exclude={"id"})
    assert other.digest == audit_digest(world.clock.now(), "p1", "listing.create", "listing", "y", {"kind": "need"})


def test_a_block_of_numbers_follows_the_last_one(world: World) -> None:
    assert world.do(next_numbers, "R", 3) == ["R-2026-0001", "R-2026-0002", "R-2026-0003"]
    assert world.do(next_number, "R") == "R-2026-0004"
    assert world.do(next_numbers, "N", 1) == ["N-2026-0001"]
    with pytest.raises(ZeroDivisionError):
        world.do(lambda unit: (next_numbers(unit, "R", 5), 1 // 0))
    assert world.do(next_number, "R") == "R-2026-0005"
