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

from matching.errors import NotReady
from matching.store.database import WRITERS, is_shared, open_engine


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
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def migrate(url: str) -> bool:
    """Upgrade to `head`. False when it was there already.

    An SQLite file is first copied to `<file>.before-<revision>`. On PostgreSQL the upgrade is one transaction that holds the
    writers' lock: of two processes that start at once the second finds the work done, and one that fails leaves nothing.
    Raises `NotReady("database_encoding")` for a PostgreSQL database that cannot hold every text.
    """
    before = current(url)
    if before == head():
        return False
    if is_shared(url):
        return _migrate_together(url)
    path = sa.make_url(url).database
    if before is not None and path and Path(path).exists():
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy2(path, f"{path}.before-{head()}")
    command.upgrade(alembic_config(url), "head")
    return True


def _migrate_together(url: str) -> bool:
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
            if encoding != "UTF8":
                raise NotReady("database_encoding", encoding=encoding)
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS})")
            if MigrationContext.configure(connection).get_current_revision() == head():
                return False
            config = alembic_config(url)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            return True
    finally:
        engine.dispose()
