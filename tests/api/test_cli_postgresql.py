"""The command line on PostgreSQL with the embedded engine: one process, which says so to any other."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import databases
from tests.api.serving import Serving, environment_of

pytestmark = pytest.mark.needs("postgresql")


def run(data: Path, url: str, *arguments: str, expect: int = 0) -> str:
    """Standard output, or standard error where it is expected to refuse."""
    done = subprocess.run(
        [sys.executable, "-m", "api", *arguments],
        env=environment_of(data, demo=False, more={"ZONEMATCH_DATABASE_URL": url}),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == expect, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout if expect != 2 else done.stderr


def test_one_process_serves_and_others_are_told(tmp_path: Path) -> None:
    url = databases.new(tmp_path, databases.POSTGRESQL).replace("postgresql+psycopg:", "postgresql:")
    run(tmp_path, url, "migrate")
    report = json.loads(run(tmp_path, url, "doctor", "--json", expect=1))["database"]
    assert report["ok"], report
    assert report["detail"].startswith("PostgreSQL 1")
    assert "collation" in report["detail"]
    with Serving(tmp_path, demo=False, more={"ZONEMATCH_DATABASE_URL": url}):
        assert "one only" in run(tmp_path / "another", url, "serve", "--port", "0", expect=2)
        assert "inside" in run(tmp_path, url, "worker", expect=2)
    assert "--no-worker" in run(tmp_path, url, "serve", "--no-worker", expect=2)
    assert "PostgreSQL" in run(tmp_path, "", "worker", "--embed", expect=2)
    databases.drop(url)
