"""A real `zonematch serve` on a free port, stopped at the end."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

START_SECONDS = 90


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
    return port


class Serving:
    """`process` is the server; `address` its root. Leaves the data folder as a stopped server leaves it."""

    def __init__(self, data: Path, *, demo: bool) -> None:
        self.data = data
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._environment = os.environ | {
            "ZONEMATCH_DATA": str(data),
            "ZONEMATCH_ENCODER": "hashing",
            "ZONEMATCH_DEMO": "1" if demo else "0",
        }

    def __enter__(self) -> "Serving":
        self.process = subprocess.Popen(
            [sys.executable, "-m", "api", "serve", "--port", str(self.port)],
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
        """Until the outbox holds nothing but the hourly job."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            connection = sqlite3.connect(self.data / "zonematch.db", timeout=20)
            try:
                left = connection.execute("SELECT count(*) FROM job WHERE kind <> 'expire'").fetchone()[0]
            finally:
                connection.close()
            if left == 0:
                return
            time.sleep(0.2)
        raise AssertionError("the worker does not come to an end")

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.process.terminate()
        _, errors = self.process.communicate(timeout=60)
        assert "Traceback" not in errors, errors
