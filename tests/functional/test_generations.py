"""Generations end to end: a changed recipe builds a new index beside the one that serves, and nothing is lost on the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlmodel import col, select

from api.wiring import Parts, assemble
from matching import generations, listings, long_work, search_index, tasks
from matching.access import SYSTEM, VISITOR
from matching.discovery import SearchRequest
from matching.errors import IllegalMove
from matching.index_work import CARE_AT_START
from matching.model import IndexGeneration, Job, Note, Role, Task
from matching.store.outbox import claim, recover
from matching.work import run_once
from search.encoder.hashing import HashingEncoder
from tests.functional.conftest import Platform
from tests.matching.world import need, result


class OtherEncoder(HashingEncoder):
    """The same, made by another recipe."""

    @property
    def fingerprint(self) -> str:
        return "other" + super().fingerprint[:30]


@pytest.fixture
def stocked(platform: Platform) -> Platform:
    """Four needs and three results, indexed; the recipe of their vectors is noted, as a start does."""
    firm = platform.world.organisation("晶耀光伏", zone="changzhou")
    for at in range(4):
        platform.world.published(firm, need(organisation=firm.public_id, title=f"光伏银浆降耗第{at}号", industries=("pv",)))
    for at in range(3):
        platform.world.published(firm, result(organisation=firm.public_id, title=f"光伏银浆配方第{at}号", industries=("pv",)))
    platform.work()
    platform.world.drop_jobs()
    platform.world.do(tasks.vectors_noted, platform.parts.encoder.fingerprint)
    platform.world.do(lambda unit: unit.session.merge(Note(key="gate.day", value=unit.today().isoformat())))
    platform.parts.runtime.generations.observe()
    return platform


@contextmanager
def restarted(platform: Platform) -> Iterator[Platform]:
    """The same installation after a restart with another encoder: the embedded engine filled, the generations looked at."""
    with assemble(platform.parts.settings, clock=platform.clock, encoder=OtherEncoder()) as parts:
        parts.projection.fill()
        again = Platform(parts, platform.clock)
        care(again)
        yield again


def care(platform: Platform, key: str = CARE_AT_START) -> None:
    with platform.parts.database.write() as unit:
        unit.enqueue("index_care", key, lane="bulk")
        unit.commit()
    do(platform, "index_care")


def do(platform: Platform, kind: str, *, times: int = 100) -> None:
    """The jobs of one kind, also those that wait for later, and nothing else."""
    for _ in range(times):
        jobs = platform.world.jobs(kind)
        if not jobs:
            return
        with platform.parts.database.write() as unit:
            for row in unit.session.exec(select(Job).where(Job.kind != kind)).all():
                row.available_at += timedelta(days=1)
            for row in unit.session.exec(select(Job).where(Job.kind == kind)).all():
                row.available_at = unit.now()
            unit.commit()
        run_once(platform.parts.runtime, ("interactive", "bulk"))


def found(parts: Parts, text: str) -> tuple[list[str], str | None]:
    page = parts.discovery.search(VISITOR, SearchRequest(text))
    return [hit.content.title for hit in page.hits], page.notice


def states(parts: Parts) -> dict[str, list[str]]:
    """State → fingerprints, the newest first."""
    with parts.database.read() as session:
        rows = session.exec(select(IndexGeneration).order_by(col(IndexGeneration.id).desc())).all()
    told: dict[str, list[str]] = {}
    for row in rows:
        told.setdefault(row.state, []).append(row.fingerprint)
    return told


def open_tasks(parts: Parts) -> list[str]:
    with parts.database.read() as session:
        return [row.kind for row in session.exec(select(Task).where(col(Task.state).in_(("waiting", "running"))))]


def test_a_changed_recipe_is_built_beside_what_serves_and_nothing_posted_meanwhile_is_lost(
    stocked: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generations, "SLOW_SLICE", 3)
    before = stocked.parts.engine.generation().fingerprint
    with restarted(stocked) as again:
        parts, ours = again.parts, again.parts.projection.fingerprint
        assert before != ours == states(parts)["planned"][0]
        assert parts.engine.generation().fingerprint == before
        titles, notice = found(parts, "光伏银浆")
        assert (len(titles), notice) == (7, "index_rebuilding")
        do(again, "reindex", times=1)
        assert parts.engine.generation().building == ours
        firm = again.world.organisation("后来光伏", zone="changzhou")
        late = again.world.published(firm, need(organisation=firm.public_id, title="光伏银浆后来的需求"))
        do(again, "index")
        assert "光伏银浆后来的需求" in found(parts, "后来的需求")[0]
        with parts.database.read() as session:
            work = long_work.running(session, SYSTEM, again.clock.now())[0]
        assert (work.kind, work.stage, work.unit, work.done, work.total) == ("reindex", "embedding", "listings", 3, 7)
        claim(parts.database, kinds=["reindex"])
        recover(parts.database)  # killed with the second slice in hand
        do(again, "reindex", times=1)
        with parts.database.read() as session:
            assert long_work.running(session, SYSTEM, again.clock.now())[0].done == 6
        gone = again.world.published(firm, need(organisation=firm.public_id, title="光伏银浆撤回的需求"))
        do(again, "index")
        again.world.do(listings.withdraw, SYSTEM, gone.public_id)
        do(again, "index")
        do(again, "reindex")
        generation = parts.engine.generation()
        assert (generation.fingerprint, generation.building, generation.previous) == (ours, None, before)
        assert (states(parts)["serving"], states(parts)["previous"]) == ([ours], [before])
        assert not parts.gate.compare()
        titles, notice = found(parts, "光伏银浆")
        assert (len(titles), notice) == (8, None)
        assert late.public_id in {each.id.listing for each in parts.engine.scan()}
        assert {job.key for job in again.world.jobs("match_zone")} > {"changzhou", "kunshan"}
        with parts.database.read() as session:
            assert tasks.noted_vectors(session) == parts.encoder.fingerprint


def test_a_changed_schema_alone_embeds_nothing(stocked: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = stocked.parts
    monkeypatch.setattr("matching.projection.SCHEMA_VERSION", 99)
    ours = parts.projection.fingerprint
    assert parts.engine.generation().fingerprint != ours
    monkeypatch.setattr(parts.encoder, "encode", None)  # whoever calls it fails
    care(stocked, "hourly")
    do(stocked, "reindex")
    assert parts.engine.generation().fingerprint == ours
    assert not parts.gate.compare()
    assert stocked.world.jobs("match_zone") == []


def test_back_in_one_step_and_then_the_gate_brings_what_changed(stocked: Platform) -> None:
    parts, administrator = stocked.parts, stocked.world.person(Role.ADMINISTRATOR)
    with pytest.raises(IllegalMove):
        stocked.world.do(long_work.begin, administrator, "reindex_back")
    stocked.world.do(long_work.begin, administrator, "reindex")
    do(stocked, "reindex")
    firm = stocked.world.organisation("后来光伏", zone="changzhou")
    late = stocked.world.published(firm, need(organisation=firm.public_id, title="光伏银浆后来的需求"))
    do(stocked, "index")
    serving = parts.engine.scan(limit=100)
    asked = stocked.world.do(long_work.begin, administrator, "reindex_back")
    do(stocked, "reindex_back")
    with parts.database.read() as session:
        figures = long_work.show(session, SYSTEM, asked, stocked.clock.now()).figures
    assert (figures["missing"], figures["stale"], figures["expected"]) == (2, 0, 16)
    assert parts.engine.scan(limit=100) == serving
    assert found(parts, "后来的需求")[0][0] == "光伏银浆后来的需求"
    assert late.public_id in {each.id.listing for each in serving}
    stocked.world.do(search_index.drop_previous, administrator)
    do(stocked, "index_drop")
    assert parts.engine.generation().previous is None
    with parts.database.read() as session:
        assert not search_index.show(session, administrator).may_go_back


def test_an_index_of_another_recipe_that_was_returned_to_is_left_alone(stocked: Platform) -> None:
    with restarted(stocked) as again:
        parts = again.parts
        do(again, "reindex")
        again.world.do(long_work.begin, SYSTEM, "reindex_back")
        do(again, "reindex_back")
        assert parts.engine.generation().previous == parts.projection.fingerprint
        care(again, "hourly")
        assert open_tasks(parts) == []
        titles, notice = found(parts, "光伏银浆")
        assert (len(titles), notice) == (7, "index_rebuilding")
        firm = again.world.organisation("后来光伏", zone="changzhou")
        again.world.published(firm, need(organisation=firm.public_id, title="光伏银浆后来的需求"))
        do(again, "index")
        assert len(found(parts, "光伏银浆")[0]) == 8
        assert not parts.gate.compare()
        again.world.do(long_work.begin, SYSTEM, "reindex")
        do(again, "reindex")
        assert found(parts, "光伏银浆")[1] is None
        assert not parts.gate.compare()


def test_cancelled_it_is_gone_and_not_begun_again_by_itself(stocked: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "SLOW_SLICE", 3)
    with restarted(stocked) as again:
        do(again, "reindex", times=1)
        with again.parts.database.read() as session:
            work = long_work.running(session, SYSTEM, again.clock.now())[0]
        again.world.do(long_work.cancel, SYSTEM, work.public_id)
        do(again, "reindex")
        assert again.parts.engine.generation().building is None
        assert states(again.parts)["aborted"] == [again.parts.projection.fingerprint]
        care(again, "hourly")
        assert open_tasks(again.parts) == []
        again.world.do(long_work.retry, SYSTEM, work.public_id)
        do(again, "reindex")
        assert again.parts.engine.generation().fingerprint == again.parts.projection.fingerprint
        assert not again.parts.gate.compare()


def test_cancelled_while_it_waits_what_was_built_is_dropped(stocked: Platform) -> None:
    parts = stocked.parts
    asked = stocked.world.do(long_work.begin, SYSTEM, "reindex")
    parts.engine.begin(parts.projection.fingerprint)
    stocked.world.do(long_work.cancel, SYSTEM, asked)
    do(stocked, "index_care")
    assert parts.engine.generation().building is None


def test_what_was_left_is_dropped_after_its_time(stocked: Platform) -> None:
    stocked.world.do(long_work.begin, SYSTEM, "reindex")
    do(stocked, "reindex")
    stocked.clock.move(days=6, hours=23)
    care(stocked, "hourly")
    assert stocked.parts.engine.generation().previous is not None
    stocked.clock.move(hours=1)
    care(stocked, "hourly")
    assert stocked.parts.engine.generation().previous is None
    assert set(states(stocked.parts)) == {"serving", "gone"}


def test_an_index_that_lost_everything_is_built_anew(stocked: Platform) -> None:
    parts = stocked.parts
    parts.engine.purge([each.id for each in parts.engine.scan()])
    care(stocked, "hourly")
    do(stocked, "reindex")
    assert not parts.gate.compare()
    assert len(found(parts, "光伏银浆")[0]) == 7


def test_promoted_by_a_process_that_died_before_it_said_so(stocked: Platform) -> None:
    with restarted(stocked) as again:
        parts = again.parts
        parts.engine.begin(parts.projection.fingerprint)
        parts.runtime.generations.observe()
        with parts.database.write() as unit:
            row = unit.session.exec(select(IndexGeneration).where(IndexGeneration.state == "building")).one()
            row.replaces = parts.engine.generation().fingerprint
            unit.commit()
        parts.projection.fill_building(0, size=500, slow_size=500)
        parts.engine.promote()
        do(again, "reindex")
        assert parts.engine.generation().building is None
        assert states(parts)["serving"] == [parts.projection.fingerprint]
        assert not parts.gate.compare()


def test_every_night_once(stocked: Platform) -> None:
    stocked.clock.move(hours=14)  # 02:30 of the next day in Shanghai
    care(stocked, "hourly")
    assert open_tasks(stocked.parts) == []
    stocked.clock.move(hours=1)
    care(stocked, "hourly")
    assert open_tasks(stocked.parts) == ["gate"]
    do(stocked, "gate")
    stocked.clock.move(hours=1)
    care(stocked, "hourly")
    assert open_tasks(stocked.parts) == []
    with stocked.parts.database.read() as session:
        assert search_index.show(session, SYSTEM).generations[0].found["expected"] == 14
