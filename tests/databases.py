"""Databases for tests: an empty one, or a copy of one that was filled once, on what ZONEMATCH_TEST_ON names.

`embedded-sqlite` is a file in the test's folder, `…-postgresql` a database of one throw-away server a process. What is
handed about is the database's URL; nothing may be going on in one that is copied.
"""

import atexit
import os
import shutil
import sqlite3
from contextlib import ExitStack, closing
from functools import cache
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from matching.store.database import is_shared
from tests import postgres

SQLITE, POSTGRESQL = "sqlite", "postgresql"
COMBINATIONS: Final = {
    "embedded-sqlite": ("embedded", SQLITE),
    "embedded-postgresql": ("embedded", POSTGRESQL),
    "elasticsearch-postgresql": ("elasticsearch", POSTGRESQL),
}
ON: Final = os.environ.get("ZONEMATCH_TEST_ON") or "embedded-sqlite"
if ON not in COMBINATIONS:
    raise SystemExit(f"ZONEMATCH_TEST_ON is one of {', '.join(COMBINATIONS)}, not {ON}")
ENGINE, KIND = COMBINATIONS[ON]
FILE: Final = "zonematch.db"
"""Where an installation has its SQLite file, in its data folder."""


@cache
def _server() -> postgres.PostgresServer:
    opened = ExitStack()
    atexit.register(opened.close)
    return opened.enter_context(postgres.server())


def new(folder: Path, kind: str = KIND, *, encoding: str = "UTF8") -> str:
    """An empty database; SQLite's in this folder, PostgreSQL's in this encoding."""
    if kind == POSTGRESQL:
        return _server().url(_server().create(encoding=encoding))
    return f"sqlite:///{folder / FILE}"


def copied(url: str, folder: Path) -> str:
    """A copy of the database, SQLite's in this folder. Who has it open on PostgreSQL is thrown out, and comes back."""
    if is_shared(url):
        return _server().url(_server().create(_name(url)))
    source = _name(url)
    with closing(sqlite3.connect(source)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copyfile(source, folder / FILE)
    return f"sqlite:///{folder / FILE}"


def drop(url: str) -> None:
    """Make room on the server; files go with their folder."""
    if is_shared(url):
        _server().drop(_name(url))


def _name(url: str) -> str:
    return sa.make_url(url).database or ""
