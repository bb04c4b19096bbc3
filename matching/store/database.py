"""The database: one engine, sessions that read, and the unit of work that writes.

SQLite needs three things done by hand (traps §1): foreign keys and WAL by pragma, our own BEGIN, and BEGIN IMMEDIATE for
writers, because a transaction that reads first and writes later fails with "database is locked" under load. Readers say
`read_only` and never wait for a writer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine as SqlEngine
from sqlmodel import Session

from matching.store.clock import Clock, SystemClock
from matching.store.unit import UnitOfWork

Reaction = Callable[[UnitOfWork, Any], None]
"""What one job sets off in another, run in the same transaction. `matching.reactions` lists them all."""

_POOL = 48
"""Sessions at once: the server's 40 worker threads, the workers and some air (a smaller pool gave errors 500)."""


def _prepare_sqlite(engine: SqlEngine) -> None:
    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=20000", "cache_size=-65536"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        read_only = connection.get_execution_options().get("read_only", False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


class Database:
    """Opens sessions on `url` (an SQLAlchemy URL). Thread safe. `reactions` maps an event's type to its reactions."""

    def __init__(
        self,
        url: str,
        *,
        clock: Clock | None = None,
        reactions: Mapping[type, Sequence[Reaction]] | None = None,
    ) -> None:
        self.url = url
        self.clock: Clock = clock or SystemClock()
        self._reactions = reactions or {}
        self.engine = sa.create_engine(url, pool_size=_POOL, max_overflow=16, pool_pre_ping=not url.startswith("sqlite"))
        if self.engine.dialect.name == "sqlite":
            _prepare_sqlite(self.engine)
        self._reader = self.engine.execution_options(read_only=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only reads: one consistent snapshot, no lock. What it returned stays readable after it."""
        with Session(self._reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[UnitOfWork]:
        """A unit of work. The edge calls `commit()` once; leaving without it, or by an exception, rolls back."""
        with Session(self.engine, expire_on_commit=False) as session:
            unit = UnitOfWork(session, self.clock, self._reactions)
            try:
                yield unit
            finally:
                session.rollback()

    def close(self) -> None:
        self.engine.dispose()
