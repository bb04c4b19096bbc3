"""Brings a database to the newest schema. A failed SQLite migration stays half done, so the file is copied first."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory


def alembic_config(url: str) -> Config:
    """Alembic's configuration without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def head() -> str:
    """The newest schema revision this code knows."""
    return ScriptDirectory.from_config(alembic_config("sqlite://")).get_current_head() or ""


def current(url: str) -> str | None:
    """The database's schema revision; None where nothing was ever migrated."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def migrate(url: str) -> bool:
    """Upgrade to `head`. False when it was there already. An SQLite file is first copied to `<file>.before-<revision>`."""
    before = current(url)
    if before == head():
        return False
    path = sa.make_url(url).database
    if before is not None and url.startswith("sqlite") and path and Path(path).exists():
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy2(path, f"{path}.before-{head()}")
    command.upgrade(alembic_config(url), "head")
    return True
