"""While the engine is away: pages answer and say so, jobs wait without using tries up, and everything is made good afterwards."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from api.readiness import Readiness
from matching.access import VISITOR
from matching.discovery import SearchPage, SearchRequest
from matching.store.outbox import LEASE_SECONDS
from matching.work import ON_ENGINE, run_once
from search.engines import guard
from search.engines.local import LocalEngine
from search.errors import EngineUnavailable
from search.ports import Document, DocumentId, Generation, Health, Query, Rankings, Tombstone
from tests.functional.conftest import Platform, opened
from tests.matching.world import FixedClock, need
from tests.search.test_engine_guard import eventually


class AwayEngine(LocalEngine):
    """A server that is away while `problem` says so; with `read_only` it still answers."""

    problem: EngineUnavailable | None = None

    def _look(self, *, writing: bool = False) -> None:
        if self.problem is not None and (writing or self.problem.code != "read_only"):
            raise self.problem

    def rank(self, query: Query) -> Rankings:
        self._look()
        return super().rank(query)

    def generation(self) -> Generation:
        self._look()
        return super().generation()

    def apply(
        self, upserts: Sequence[Document], deletes: Sequence[Tombstone], *, building: bool = False
    ) -> Mapping[DocumentId, str]:
        self._look(writing=True)
        return super().apply(upserts, deletes, building=building)

    def health(self) -> Health:
        if self.problem is not None:
            return Health(False, "away", 0, str(self.problem), self.problem.code)
        return super().health()


@pytest.fixture
def fragile(template: str, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    monkeypatch.setattr("api.engines.LocalEngine", AwayEngine)
    monkeypatch.setattr(AwayEngine, "problem", None)
    for name in ("FIRST_PAUSE", "LONGEST_PAUSE"):
        monkeypatch.setattr(guard, name, 0.5)
    with opened(template, tmp_path, clock, engine="embedded") as platform:
        firm = platform.world.organisation("晶耀光伏", zone="changzhou")
        platform.world.published(firm, need(organisation=firm.public_id, title="光伏银浆降耗", industries=("pv",)))
        platform.work()
        yield platform


def search(platform: Platform, text: str) -> SearchPage:
    return platform.parts.discovery.search(VISITOR, SearchRequest(text))


@pytest.mark.parametrize("code", ["down", "slow", "refused", "read_only", "version", "mapping"])
def test_posted_during_an_outage_it_is_found_afterwards(fragile: Platform, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    parts, world = fragile.parts, fragile.world
    readiness = Readiness(parts.database, parts.engine, parts.encoder)
    assert readiness.report()["ready"]
    firm = world.organisation("后来光伏", zone="changzhou")
    with capture_logs() as logs:
        monkeypatch.setattr(AwayEngine, "problem", EngineUnavailable("the server is away", code))
        posted = [
            world.published(firm, need(organisation=firm.public_id, title=f"光伏焊带第{at}号", industries=("pv",))).public_id
            for at in range(3)
        ]
        fragile.work(everything=False)
        for _ in range(30):
            fragile.clock.move(minutes=1)
            fragile.work(everything=False)
        pages = [search(fragile, "光伏") for _ in range(20)]
    reads = code == "read_only"
    assert {page.notice for page in pages[2:]} == ({None} if reads else {"titles_only"})
    assert len(pages[-1].hits) == (1 if reads else 4)
    waiting = world.jobs("index")
    assert {job.key for job in waiting} == set(posted)
    assert {job.attempts for job in waiting} == {0}
    assert "the server is away" in waiting[0].last_error
    assert readiness.report() == {"ready": False, "database": "ok", "engine": code, "encoder": "ok"}
    assert [each["event"] for each in logs].count("engine.away") <= 2  # reading and writing, once each
    monkeypatch.setattr(AwayEngine, "problem", None)
    assert eventually(lambda: not parts.engine.code and not parts.runtime.is_away())
    fragile.work()
    assert fragile.jobs() == []
    assert len(search(fragile, "光伏").hits) == 4
    assert not parts.gate.compare()
    assert readiness.report()["ready"]


def test_while_it_is_known_to_be_away_jobs_are_not_even_taken(fragile: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    world, runtime = fragile.world, fragile.parts.runtime
    monkeypatch.setattr(AwayEngine, "problem", EngineUnavailable("away"))
    firm = world.organisation("后来光伏", zone="changzhou")
    for at in range(3):
        world.published(firm, need(organisation=firm.public_id, title=f"光伏焊带第{at}号"))
    assert run_once(runtime, ("interactive",))
    fragile.clock.move(seconds=LEASE_SECONDS)
    assert runtime.is_away()
    while run_once(runtime, ("interactive", "bulk")):  # what needs no engine goes on
        pass
    left = world.jobs()
    assert left
    assert {job.kind for job in left} <= ON_ENGINE
    assert {job.lease for job in left} == {None}
