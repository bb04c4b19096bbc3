"""A PostgreSQL server for one run of the tests: started empty as an unprivileged user, thrown away at the end.

ZONEMATCH_TEST_POSTGRES names a running one instead (a URL whose user may create databases). Nothing survives a power cut
here, and nothing has to: it does not wait for the disk.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import psycopg
import sqlalchemy as sa

ENVIRONMENT = "ZONEMATCH_TEST_POSTGRES"
_OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "listen_addresses": "",
}
_START_SECONDS = 60
_ROOM = 2 << 30
"""Bytes: some hundred databases, more than stand at any moment."""


def programs() -> Path | None:
    """The folder of `initdb` and `postgres`."""
    if path := shutil.which("initdb"):
        return Path(path).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: int(each.parts[-3].partition(".")[0]))
    return found[-1].parent if found else None


class PostgresServer:
    """Makes databases in one server. `url` of a database is SQLAlchemy's."""

    def __init__(self, root: sa.URL) -> None:
        self._root = root

    @cached_property
    def _version(self) -> int:
        with self._connected() as connection:
            return connection.info.server_version // 10_000

    def url(self, name: str) -> str:
        return self._root.set(database=name).render_as_string(hide_password=False)

    def create(self, template: str = "template0", *, encoding: str = "UTF8") -> str:
        """The name of a new database, a copy of `template`, whose sessions are ended."""
        name = f"zonematch_{secrets.token_hex(6)}"
        self._run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{template}'")
        # Copying files beats writing them to the log, which the server does by itself from 15 on: 0.04 s against 0.08 s.
        copying = " STRATEGY FILE_COPY" if self._version >= 15 else ""
        other = copying if encoding == "UTF8" else f" ENCODING '{encoding}' LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'"
        self._run(f'CREATE DATABASE {name} TEMPLATE "{template}"{other}')
        return name

    def drop(self, name: str) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        with self._connected() as connection:
            connection.execute(statement)

    def _connected(self) -> "psycopg.Connection[tuple[object, ...]]":
        url = self._root.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(url, autocommit=True)


def servers_folder(room: int) -> Path:
    """Where a server of the tests keeps its files: in memory where so many bytes are free there, for every change waits for
    the disk elsewhere. Copying a database takes a twentieth of the time."""
    memory = Path("/dev/shm")  # noqa: S108  # each run makes folders of its own below it
    has_room = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > room
    return memory if has_room else Path(tempfile.gettempdir())


@contextmanager
def server() -> Iterator[PostgresServer]:
    if given := os.environ.get(ENVIRONMENT):
        yield PostgresServer(sa.make_url(given).set(drivername="postgresql+psycopg"))
        return
    found = programs()
    assert found is not None
    # In a short path of its own: a socket's name has 107 bytes, and pytest's folders are open to their owner alone.
    folder = Path(tempfile.mkdtemp(prefix="zonematch-postgres-", dir=servers_folder(_ROOM)))
    user = _unprivileged()
    if user:
        shutil.chown(folder, user)
    process = None
    try:
        subprocess.run(
            [
                found / "initdb", "-D", folder / "data", "-U", "zonematch", "-A", "trust", "-E", "UTF8", "--no-sync",
                "--locale=C", "--locale-provider=icu", "--icu-locale=zh",  # not as SQLite sorts: nothing may depend on it
            ],
            check=True, capture_output=True, user=user, cwd=folder,
        )  # fmt: skip
        options = [word for name, value in _OPTIONS.items() for word in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [found / "postgres", "-D", folder / "data", "-k", folder, *options],
                stdout=log, stderr=log, user=user, cwd=folder,
            )  # fmt: skip
        made = PostgresServer(sa.make_url(f"postgresql+psycopg://zonematch@/postgres?host={folder}"))
        _wait(made, process, folder / "log")
        yield made
    finally:
        if process is not None:
            process.send_signal(2)  # fast shutdown: open sessions are ended
            process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> str | None:
    """PostgreSQL refuses root. The user that Debian's package makes, or nobody."""
    if os.geteuid() != 0:
        return None
    known = {each.pw_name for each in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _wait(made: PostgresServer, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while True:
        try:
            made._run("SELECT 1")
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > until:
                raise AssertionError(log.read_text("utf-8", "replace")) from None
            time.sleep(0.05)
        else:
            return
