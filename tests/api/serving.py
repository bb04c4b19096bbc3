"""A real `zonematch serve` on a free port, stopped at the end."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import sqlalchemy as sa

from matching.store.database import open_engine
from tests.databases import FILE

START_SECONDS = 90


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
    return port


def environment_of(data: Path, *, demo: bool, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a process is told, with the hashing encoder and SQLite where `more` says nothing else."""
    told = {"ZONEMATCH_DATA": str(data), "ZONEMATCH_ENCODER": "hashing", "ZONEMATCH_DEMO": "1" if demo else "0"}
    return {**os.environ, **told, **(more or {})}


def wait_until_quiet(url: str, seconds: float) -> None:
    """Until the outbox of the database holds nothing but the hourly job."""
    engine = open_engine(url)
    query = sa.select(sa.func.count()).select_from(sa.table("job")).where(sa.column("kind") != "expire")
    until = time.monotonic() + seconds
    try:
        while time.monotonic() < until:
            with engine.connect() as connection:
                if connection.execute(query).scalar_one() == 0:
                    return
            time.sleep(0.2)
    finally:
        engine.dispose()
    raise AssertionError("the workers do not come to an end")


class Serving:
    """`process` is the server; `address` its root. Leaves the data folder as a stopped server leaves it."""

    def __init__(self, data: Path, *, demo: bool, more: Mapping[str, str] | None = None, arguments: Sequence[str] = ()) -> None:
        self.data = data
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._environment = environment_of(data, demo=demo, more=more)
        self._arguments = arguments

    def __enter__(self) -> "Serving":
        self.process = subprocess.Popen(
            [sys.executable, "-m", "api", "serve", "--port", str(self.port), *self._arguments],
            env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise AssertionError(self.process.communicate()[1])
            try:
                if self.ready()["ready"]:
                    return self
            except OSError:
                pass
            time.sleep(0.1)
        self.process.kill()
        raise AssertionError(self.process.communicate()[1])

    def ready(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as response:
            report: dict[str, Any] = json.load(response)
        return report

    def wait_until_quiet(self) -> None:
        wait_until_quiet(f"sqlite:///{self.data / FILE}", START_SECONDS)

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.process.terminate()
        _, errors = self.process.communicate(timeout=60)
        assert "Traceback" not in errors, errors
