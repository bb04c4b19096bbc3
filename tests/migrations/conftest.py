"""The fixtures pytest-alembic asks for: our configuration, which needs no ini file, and an empty database of each kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config

from matching.store.database import open_engine
from matching.store.migrate import alembic_config as configuration
from tests import databases

BOTH = [databases.SQLITE, pytest.param(databases.POSTGRESQL, marks=pytest.mark.needs("postgresql"))]


@pytest.fixture(params=BOTH)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def url(kind: str, tmp_path: Path) -> Iterator[str]:
    url = databases.new(tmp_path, kind)
    yield url
    databases.drop(url)


@pytest.fixture
def url_of_models(kind: str, tmp_path: Path) -> Iterator[str]:
    """Another empty database, for what the models say."""
    (tmp_path / "models").mkdir()
    url = databases.new(tmp_path / "models", kind)
    yield url
    databases.drop(url)


@pytest.fixture
def alembic_config(url: str) -> Config:
    return configuration(url)


@pytest.fixture
def alembic_engine(url: str) -> Iterator[sa.Engine]:
    """Foreign keys stay off in migrations, as in `matching/migrations/env.py`."""
    engine = open_engine(url)
    yield engine
    engine.dispose()
