"""A platform that lives: pages over HTTP, real workers, the real clock; people who post and people who search beside one
another."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlmodel import col, select
from starlette.testclient import TestClient

from api.app import Application, create_app
from api.boot import bring_up
from api.cli.serving import services_for
from api.readiness import Readiness
from api.worker import Worker
from matching import listings, long_work
from matching.access import SYSTEM, VISITOR
from matching.discovery import SearchRequest
from matching.long_work import WorkView
from matching.model import Job, Organisation, Task
from matching.store.clock import SystemClock
from matching.work import run_once
from search.errors import EngineUnavailable
from tests.functional.conftest import Platform, opened
from tests.matching.world import need

PATIENCE = 120.0
ON_THE_WAY = ("index", "match", "suggest", "gate", "reindex")


@dataclass(slots=True)
class Living:
    platform: Platform
    client: TestClient
    firm: Organisation

    def post(self, title: str) -> str:
        draft = need(organisation=self.firm.public_id, title=title, industries=("pv",))
        return self.platform.world.published(self.firm, draft).public_id

    def withdraw(self, public_id: str) -> None:
        self.platform.world.do(listings.withdraw, SYSTEM, public_id)

    def found(self, text: str) -> tuple[set[str], str | None]:
        page = self.platform.parts.discovery.search(VISITOR, SearchRequest(text, limit=400))
        return {hit.content.public_id for hit in page.hits}, page.notice

    def page(self, text: str) -> tuple[str, float]:
        """The page of a search, and how long it took."""
        began = time.monotonic()
        answer = self.client.get("/search", params={"q": text})
        assert answer.status_code == 200
        return answer.text, time.monotonic() - began

    def engine(self) -> str:
        return str(self.client.get("/readyz").json()["engine"])

    def settled(self) -> bool:
        """Whether nothing is on its way to the index."""
        with self.platform.parts.database.read() as session:
            return session.exec(select(Job.id).where(col(Job.kind).in_(ON_THE_WAY)).limit(1)).first() is None

    def begin(self, kind: str) -> str:
        return self.platform.world.do(long_work.begin, SYSTEM, kind)

    def work(self, public_id: str) -> WorkView:
        parts = self.platform.parts
        with parts.database.read() as session:
            return long_work.show(session, SYSTEM, public_id, parts.database.clock.now())

    def attempts(self) -> int:
        with self.platform.parts.database.read() as session:
            return max(session.exec(select(Job.attempts).where(Job.kind == "index")).all(), default=0)

    def task_problems(self) -> set[str]:
        with self.platform.parts.database.read() as session:
            return set(session.exec(select(Task.problem)).all())


@contextmanager
def living(template: str, folder: Path, **chosen: Any) -> Iterator[Living]:
    """Served and worked for, with an organisation that posts."""
    with opened(template, folder, SystemClock(), **chosen) as platform:
        parts = platform.parts
        readiness = Readiness(parts.database, parts.engine, parts.encoder)
        app = create_app(Application(services_for(parts), readiness, parts.settings.upload_limit))
        worker = Worker(partial(run_once, parts.runtime))
        bring_up(parts).join()
        worker.start()
        try:
            with TestClient(app) as client:
                yield Living(platform, client, platform.world.organisation("晶耀光伏", zone="changzhou"))
        finally:
            worker.stop()


def eventually(is_true: Callable[[], bool], patience: float = PATIENCE) -> bool:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if is_true():
            return True
        time.sleep(0.1)
    return is_true()


@dataclass(slots=True)
class Crowd:
    """People beside the test: what they did, and what went wrong for them."""

    searches: int = 0
    limited: list[str] = field(default_factory=list)
    problems: list[BaseException] = field(default_factory=list)
    posted: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def crowd(live: Living, *, posters: int, searchers: int, text: str = "光伏银浆", pause: float = 0.2) -> Iterator[Crowd]:
    """Posters post and now and then withdraw, searchers search, until the block ends."""
    done = Crowd()

    def posting(who: int) -> None:
        at = 0
        while not done.over.is_set():
            public_id = live.post(f"光伏银浆{who}人第{at}项")
            done.posted.append(public_id)
            if at % 5 == 4:
                live.withdraw(public_id)
                done.withdrawn.append(public_id)
            at += 1
            done.over.wait(pause)

    def searching(_who: int) -> None:
        while not done.over.is_set():
            _, notice = live.found(text)
            done.searches += 1
            if notice is not None:
                done.limited.append(notice)
            done.over.wait(pause / 10)

    def guarded(deed: Callable[[int], None], who: int) -> None:
        try:
            deed(who)
        except (Exception, EngineUnavailable) as problem:
            done.problems.append(problem)

    threads = [threading.Thread(target=guarded, args=(posting, who)) for who in range(posters)]
    threads += [threading.Thread(target=guarded, args=(searching, who)) for who in range(searchers)]
    for thread in threads:
        thread.start()
    try:
        yield done
    finally:
        done.over.set()
        for thread in threads:
            thread.join(60)
    assert not done.problems
