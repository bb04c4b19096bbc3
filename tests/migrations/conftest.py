"""The two fixtures pytest-alembic asks for: our configuration, which needs no ini file, and an empty SQLite file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config

from matching.store.migrate import alembic_config as configuration


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'zonematch.db'}"


@pytest.fixture
def alembic_config(url: str) -> Config:
    return configuration(url)


@pytest.fixture
def alembic_engine(url: str) -> Iterator[sa.Engine]:
    """Foreign keys stay off in migrations, as in `matching/migrations/env.py`."""
    engine = sa.create_engine(url)
    yield engine
    engine.dispose()
