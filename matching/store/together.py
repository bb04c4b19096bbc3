"""What processes on one PostgreSQL agree upon: who prepares it, and whether one of them has it to itself.

Advisory locks of a connection that is kept for it, freed by the server when the process or its host is gone. On SQLite there
is one process, by the lock of the data folder.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa

from matching.errors import NotReady
from matching.store.database import is_shared, open_engine

_PREPARING: Final = 0x5A50
_USING: Final = 0x5A55


@contextmanager
def preparing(url: str) -> Iterator[None]:
    """One process at a time brings schema, reference data and demonstration in; the others wait and find them there."""
    with _connection(url) as connection:
        if connection is not None:
            connection.exec_driver_sql(f"SELECT pg_advisory_lock({_PREPARING})")
        yield


@contextmanager
def using(url: str, *, alone: bool) -> Iterator[None]:
    """For as long as a process works on the database. `alone` is one whose index lives in its memory.

    Raises `NotReady("database_taken")` where another process is there that wants to be alone, or is there at all.
    """
    with _connection(url) as connection:
        if connection is not None:
            function = "pg_try_advisory_lock" if alone else "pg_try_advisory_lock_shared"
            if not connection.exec_driver_sql(f"SELECT {function}({_USING})").scalar_one():
                raise NotReady("database_taken")
        yield


@contextmanager
def _connection(url: str) -> Iterator[sa.Connection | None]:
    """A connection outside transactions, whose locks end with it; None on SQLite."""
    if not is_shared(url):
        yield None
        return
    engine = open_engine(url)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection
    finally:
        engine.dispose()
