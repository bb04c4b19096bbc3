"""The whole platform below the pages, wired by the real composition root on a real file, with the hashing encoder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from api.settings import Settings
from api.wiring import Parts, assemble
from matching.model import Job
from matching.store.clock import SystemClock
from matching.work import run_once
from search.encoder.hashing import HashingEncoder
from tests import databases
from tests.engines import Told
from tests.matching.conftest import template  # noqa: F401  # the seeded database, made once
from tests.matching.world import FixedClock, World


class Platform:
    """The parts, a small world to write in, and the worker by hand: nothing happens until `work` is called."""

    def __init__(self, parts: Parts, clock: FixedClock | SystemClock) -> None:
        self.parts = parts
        self.clock = clock if isinstance(clock, FixedClock) else FixedClock()
        self.world = World(parts.database, clock)

    def work(self, *, everything: bool = True) -> int:
        """Do what is due; with `everything`, also what waits for a later time. Returns how many batches were done."""
        for done in range(200):
            if everything:
                with self.parts.database.write() as unit:
                    unit.session.execute(sa.update(Job).values(available_at=unit.now()))
                    unit.commit()
            if not run_once(self.parts.runtime, ("interactive", "bulk", "slow")):
                return done
        raise AssertionError(f"the worker does not come to an end: {self.jobs()}")

    def jobs(self) -> list[tuple[str, str, str]]:
        with self.parts.database.read() as session:
            return [(row.kind, row.key, row.last_error) for row in session.exec(select(Job))]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@contextmanager
def opened(
    template: str,  # noqa: F811  # the fixture
    folder: Path,
    clock: FixedClock | SystemClock,
    told: Told | None = None,
    **more: Any,
) -> Iterator[Platform]:
    """A platform on a copy of the seeded database, on the embedded engine where nothing else is `told`, with `more` settings."""
    url = databases.copied(template, folder)
    chosen: dict[str, Any] = {"data": folder, "database_url": url, "encoder": "hashing", "demo": False, **(told or {}), **more}
    settings = Settings(**chosen)
    with assemble(settings, clock=clock, encoder=HashingEncoder()) as parts:
        yield Platform(parts, clock)
    databases.drop(url)


@pytest.fixture
def platform(template: str, tmp_path: Path, clock: FixedClock, on_engine: Told) -> Iterator[Platform]:  # noqa: F811  # the fixture
    with opened(template, tmp_path, clock, on_engine) as platform:
        yield platform
