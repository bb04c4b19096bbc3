"""A database of its own for every test, copied from one that is made once: tables, zones, industries, code lists."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from matching.drafts import KnownCodes, known_codes
from matching.model import Base
from matching.reactions import REACTIONS
from matching.seed import load_reference
from matching.store.database import Database
from tests.matching.world import FixedClock, World


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that every test's database is a copy of. Closed, so that nothing of it is left in a journal."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite"
    database = Database(f"sqlite:///{path}", clock=FixedClock())
    Base.metadata.create_all(database.engine)
    with database.write() as unit:
        load_reference(unit)
        unit.commit()
    database.close()
    return path


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def database(template: Path, tmp_path: Path, clock: FixedClock) -> Iterator[Database]:
    path = tmp_path / "test.sqlite"
    shutil.copyfile(template, path)
    opened = Database(f"sqlite:///{path}", clock=clock, reactions=REACTIONS)
    yield opened
    opened.close()


@pytest.fixture
def world(database: Database, clock: FixedClock) -> World:
    return World(database, clock)


@pytest.fixture(scope="session")
def known(template: Path) -> KnownCodes:
    """The seeded code lists. Immutable, so one for all tests."""
    database = Database(f"sqlite:///{template}", clock=FixedClock())
    with database.read() as session:
        codes = known_codes(session)
    database.close()
    return codes
