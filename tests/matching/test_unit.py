"""One transaction for row, audit entry, job and reactions; the audit's digest; work asked for twice."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from matching import events
from matching.model import AuditEntry, Job, Note
from matching.reactions import REACTIONS
from matching.store.database import Database
from matching.store.outbox import claim
from matching.store.unit import UnitOfWork, audit_digest, fresh_token
from tests.matching.world import FixedClock, World


class Happened:
    """An event of this test's own."""


def react(unit: UnitOfWork, _happened: Happened) -> None:
    unit.session.add(Note(key="reaction", value="ran"))
    unit.enqueue("index", "x")


@pytest.fixture
def reacting(database: Database, clock: FixedClock) -> Iterator[Database]:
    opened = Database(database.url, clock=clock, reactions={Happened: (react,)})
    yield opened
    opened.close()


SEEDED = {"reference", "reference_version"}
"""Notes that the first filling with reference data leaves."""


def rows(database: Database, table: Any) -> list[Any]:
    with database.read() as session:
        return list(session.exec(select(table)).all())


def test_everything_commits_together(reacting: Database) -> None:
    with reacting.write() as unit:
        unit.audit("somebody", "test", "thing", "1")
        unit.emit(Happened())
        assert (len(rows(reacting, AuditEntry)), len(rows(reacting, Job))) == (1, 0)
        unit.commit()
    assert {row.key for row in rows(reacting, Note)} - SEEDED == {"reaction"}
    assert [(row.kind, row.key) for row in rows(reacting, Job)] == [("index", "x")]
    assert rows(reacting, AuditEntry)[-1].action == "test"


@pytest.mark.parametrize("fails", [True, False])
def test_without_a_commit_nothing_stays(reacting: Database, fails: bool) -> None:
    def job() -> None:
        with reacting.write() as unit:
            unit.audit("somebody", "test", "thing", "1")
            unit.emit(Happened())
            if fails:
                raise RuntimeError("on the way")

    if fails:
        with pytest.raises(RuntimeError, match="on the way"):
            job()
    else:
        job()
    assert rows(reacting, Job) == []
    assert [row.action for row in rows(reacting, AuditEntry)] == ["reference.load"]
    assert {row.key for row in rows(reacting, Note)} == SEEDED


def test_a_reaction_that_fails_fails_the_job(database: Database) -> None:
    def fail(_unit: UnitOfWork, _happened: Happened) -> None:
        raise RuntimeError("the reaction")

    failing = Database(database.url, reactions={Happened: (fail,)})
    with failing.write() as unit:
        unit.audit("somebody", "test", "thing", "1")
        with pytest.raises(RuntimeError, match="the reaction"):
            unit.emit(Happened())
    failing.close()
    assert [row.action for row in rows(database, AuditEntry)] == ["reference.load"]


def test_every_event_has_its_row_of_reactions() -> None:
    named = {each for each in vars(events).values() if isinstance(each, type) and each.__module__ == events.__name__}
    assert set(REACTIONS) == named
    assert all(name.__name__ in ("VerdictGiven",) or REACTIONS[name] for name in named)


def test_reactions_of_a_zone(world: World) -> None:
    world.do(lambda unit: unit.emit(events.ZoneIndustryDecided(world.zone_id("nantong"))))
    world.do(lambda unit: unit.emit(events.VerdictGiven(1, 2, 3)))
    assert [(job.kind, job.key, job.lane) for job in world.jobs()] == [("match_zone", "nantong", 1)]


def test_a_reader_sees_one_snapshot_and_never_waits(database: Database) -> None:
    with database.read() as session, database.write() as unit:
        before = session.exec(select(Note.key)).all()
        unit.session.add(Note(key="new", value=""))
        unit.commit()
        assert session.exec(select(Note.key)).all() == before
    assert "new" in {row.key for row in rows(database, Note)}


def test_values_stay_readable_after_the_session(database: Database) -> None:
    with database.write() as unit:
        row = Note(key="new", value="v")
        unit.session.add(row)
        unit.commit()
    assert row.value == "v"


def test_the_digest_fits_the_stored_entry_and_no_other(database: Database, clock: FixedClock) -> None:
    with database.write() as unit:
        unit.audit("p1", "listing.publish", "listing", "abc", number="N-2026-0001", fields=["标题"], count=2, none=None)
        unit.commit()
    entry = next(row for row in rows(database, AuditEntry) if row.actor == "p1")
    stored = (entry.at, entry.actor, entry.action, entry.subject_kind, entry.subject_id, entry.details)
    assert audit_digest(*stored) == entry.digest
    others = (entry.at + timedelta(microseconds=1), "p2", "listing.save", "person", "abd", {**entry.details, "count": 3})
    for place, other in enumerate(others):
        changed = [*stored[:place], other, *stored[place + 1 :]]
        assert audit_digest(*changed) != entry.digest


def test_work_asked_for_twice_is_one_job(world: World, clock: FixedClock) -> None:
    world.do(UnitOfWork.enqueue, "index", "a", lane="bulk", delay=60, payload={"n": 1})
    world.do(UnitOfWork.enqueue, "index", "a", lane="interactive", payload={"n": 2})
    world.do(UnitOfWork.enqueue, "index", "a", lane="bulk", delay=3600, payload={"n": 3})
    (job,) = world.jobs()
    assert (job.lane, job.available_at, job.payload) == (0, clock.now(), {"n": 3})
    world.do(UnitOfWork.enqueue, "index", "b")
    world.do(UnitOfWork.enqueue, "match", "a")
    assert [(job.kind, job.key) for job in world.jobs()] == [("index", "a"), ("index", "b"), ("match", "a")]


def test_twice_in_one_transaction(world: World) -> None:
    with world.database.write() as unit:
        unit.enqueue("index", "a", lane="bulk")
        unit.enqueue("index", "a")
        unit.commit()
    assert [job.lane for job in world.jobs()] == [0]


def test_work_asked_for_while_it_is_done_is_done_again(world: World) -> None:
    world.do(UnitOfWork.enqueue, "index", "a")
    (claimed,) = claim(world.database)
    world.do(UnitOfWork.enqueue, "index", "a")
    world.do(UnitOfWork.enqueue, "index", "a")
    assert [job.id == claimed.id for job in world.jobs()] == [True, False]


def test_tokens_are_long_and_differ() -> None:
    tokens = {fresh_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {32}
