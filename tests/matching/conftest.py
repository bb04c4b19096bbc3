"""A database of its own for every test, copied from one that is made once: tables, zones, industries, code lists."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from matching.drafts import KnownCodes, known_codes
from matching.imports.vocabulary import Vocabulary, read_vocabulary
from matching.model import Base
from matching.reactions import REACTIONS
from matching.seed import load_reference
from matching.store.database import Database
from tests import databases
from tests.matching.world import FixedClock, World


@pytest.fixture(scope="session")
def template(on_database: None, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The database that every test's is a copy of. Closed, and nobody may hold it open while one is made."""
    url = databases.new(tmp_path_factory.mktemp("template"))
    database = Database(url, clock=FixedClock())
    Base.metadata.create_all(database.engine)
    with database.write() as unit:
        load_reference(unit)
        unit.commit()
    database.close()
    return url


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def database(template: str, tmp_path: Path, clock: FixedClock) -> Iterator[Database]:
    opened = Database(databases.copied(template, tmp_path), clock=clock, reactions=REACTIONS)
    yield opened
    opened.close()
    databases.drop(opened.url)


@pytest.fixture
def world(database: Database, clock: FixedClock) -> World:
    return World(database, clock)


@pytest.fixture(scope="session")
def known(template: str) -> KnownCodes:
    """The seeded code lists. Immutable, so one for all tests."""
    database = Database(template, clock=FixedClock())
    with database.read() as session:
        codes = known_codes(session)
    database.close()
    return codes


@pytest.fixture(scope="session")
def words(template: str) -> Vocabulary:
    """What sheets may say of the seeded records. Immutable, so one for all tests."""
    database = Database(template, clock=FixedClock())
    with database.read() as session:
        found = read_vocabulary(session)
    database.close()
    return found
