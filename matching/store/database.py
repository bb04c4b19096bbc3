"""The database: one engine, sessions that read, and the unit of work that writes. SQLite and PostgreSQL behave alike.

On both, writers come one after another and readers see one snapshot and wait for nobody (ADR 0015). SQLite needs three
things done by hand (traps §1): foreign keys and WAL by pragma, our own BEGIN, and BEGIN IMMEDIATE for writers, because a
transaction that reads first and writes later fails with "database is locked" under load. PostgreSQL's writers take one
advisory lock first, which is what BEGIN IMMEDIATE is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine as SqlEngine
from sqlmodel import Session

from matching.held import Held
from matching.store.clock import Clock, SystemClock
from matching.store.unit import UnitOfWork

Reaction = Callable[[UnitOfWork, Any], None]
"""What one job sets off in another, run in the same transaction. `matching.reactions` lists them all."""

_POOL = 48
"""Sessions at once: the server's 40 worker threads, the workers and some air (a smaller pool gave errors 500)."""
WRITERS: Final = 0x5A4D
"""The advisory lock that PostgreSQL's writers hold until they commit: every installation has a database of its own."""
_PATIENCE: Final = 20
"""Seconds that a writer waits for the one before it."""
_ABANDONED: Final = 120
"""Seconds after which PostgreSQL ends a transaction whose process says nothing more: stopped, or on a host that is gone."""


def _prepare_sqlite(engine: SqlEngine) -> None:
    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "foreign_keys=ON",
            "journal_mode=WAL",
            "synchronous=NORMAL",
            f"busy_timeout={_PATIENCE * 1000}",
            "cache_size=-65536",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        patience = _patience_of(connection)
        if patience is None:
            connection.exec_driver_sql("BEGIN" if _only_reads(connection) else "BEGIN IMMEDIATE")
            return
        connection.exec_driver_sql(f"PRAGMA busy_timeout={int(patience * 1000)}")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={_PATIENCE * 1000}")


def _prepare_postgresql(engine: SqlEngine) -> None:
    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        connection.autocommit = True
        connection.execute(
            f"SET lock_timeout = '{_PATIENCE}s'; SET idle_in_transaction_session_timeout = '{_ABANDONED}s'; SET TIME ZONE 'UTC'"
        )
        connection.autocommit = False

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def _without_nul(
        _connection: sa.Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, _is_many: bool
    ) -> tuple[str, Any]:
        if isinstance(parameters, list):  # one set for each of many executions
            return statement, [_replaced(each) for each in parameters]
        return statement, _replaced(parameters)

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        patience = _patience_of(connection)
        if patience is not None:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{int(patience * 1000)}ms'")
        if not _only_reads(connection):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS})")


def _replaced(parameters: Any) -> Any:
    """With U+FFFD for NUL, which PostgreSQL takes in no text: whoever asks for it finds nothing, as on SQLite."""
    if not isinstance(parameters, dict) or not any(isinstance(each, str) and "\0" in each for each in parameters.values()):
        return parameters
    return {name: each.replace("\0", "\ufffd") if isinstance(each, str) else each for name, each in parameters.items()}


def _only_reads(connection: sa.Connection) -> bool:
    return bool(connection.get_execution_options().get("read_only", False))


def _patience_of(connection: sa.Connection) -> float | None:
    """Seconds that this transaction waits for another writer, where it does not wait as long as all."""
    patience: float | None = connection.get_execution_options().get("patience")
    return patience


def is_shared(url: str) -> bool:
    """Whether the URL names a database that several processes may use, on several hosts: PostgreSQL."""
    return not url.startswith("sqlite")


def with_password(url: str, password: str) -> str:
    return sa.make_url(url).set(password=password).render_as_string(hide_password=False)


def open_engine(url: str, **pool: int) -> SqlEngine:
    """SQLAlchemy's engine with the driver this project uses: `postgres://` and `postgresql://` mean psycopg 3."""
    if not is_shared(url):
        return sa.create_engine(url, **pool)
    made = sa.make_url(url)
    if made.drivername in ("postgres", "postgresql"):
        made = made.set(drivername="postgresql+psycopg")
    return sa.create_engine(
        made,
        # For writers: each statement sees all that was committed before the lock was given.
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        connect_args={"connect_timeout": 10, "application_name": "zonematch", "client_encoding": "utf8"},
        **pool,
    )


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
        self.is_shared = is_shared(url)
        """Whether other processes, on other hosts too, may use the same database."""
        self.engine = open_engine(url, pool_size=_POOL, max_overflow=16)
        reading: dict[str, Any] = {}
        if self.is_shared:
            _prepare_postgresql(self.engine)
            reading = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        else:
            _prepare_sqlite(self.engine)
        self._reader = self.engine.execution_options(read_only=True, **reading)
        self._held = Held()

    def describe(self) -> Mapping[str, str]:
        """What the server says of itself: `product`, and on PostgreSQL `encoding`, `collation`, `connections` (how many it
        takes)."""
        with self.read() as session:
            if not self.is_shared:
                return {"product": f"SQLite {session.execute(sa.text('SELECT sqlite_version()')).scalar_one()}"}
            row = session.execute(
                sa.text(
                    "SELECT current_setting('server_version'), current_setting('server_encoding'), datcollate,"
                    " current_setting('max_connections') FROM pg_database WHERE datname = current_database()"
                )
            ).one()
        return {"product": f"PostgreSQL {row[0]}", "encoding": row[1], "collation": row[2], "connections": row[3]}

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only reads: one consistent snapshot, no lock. What it returned stays readable after it."""
        with Session(self._reader, expire_on_commit=False, info={**self._held.info()}) as session:
            yield session

    @contextmanager
    def write(self, *, patience: float | None = None) -> Iterator[UnitOfWork]:
        """A unit of work, while no other writes. The edge calls `commit()` once; leaving without it, or by an exception,
        rolls back. With `patience` it waits no longer than so many seconds for another writer and then raises
        SQLAlchemy's `OperationalError`: for what is better left out than waited for."""
        engine = self.engine if patience is None else self.engine.execution_options(patience=patience)
        with Session(engine, expire_on_commit=False) as session:
            unit = UnitOfWork(session, self.clock, self._reactions)
            try:
                yield unit
            finally:
                session.rollback()

    def close(self) -> None:
        self.engine.dispose()
