"""The account of what was not run: really run, as a suite of its own with this suite's conftest."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.services import ROOT

SUITE = {
    "test_some.py": (
        "import pytest\n"
        "def test_fine(): assert True\n"
        "@pytest.mark.slow\n"
        "def test_long(): assert True\n"
        "@pytest.mark.slow\n"
        "def test_longer(): assert True\n"
        "@pytest.mark.parametrize('n', [1, 2, 3])\n"
        "def test_elsewhere(n): pytest.skip('no such thing here')\n"
        "@pytest.mark.needs('benchmarks')\n"
        "def test_on_judged_pairs(): assert True\n"
    ),
    "browser/test_page.py": "def test_page(): assert True\n",
    "kills/test_kill.py": "def test_kill(): assert True\n",
}

HELPERS = ("conftest", "services", "databases", "postgres", "engines", "elastic")
CONFTEST = (*(f"tests/{each}.py" for each in HELPERS), "tools/elastic_server.py")
"""This suite's conftest with all that it imports."""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    here = tmp_path / "repository"
    for name, text in SUITE.items():
        (here / "tests" / name).parent.mkdir(parents=True, exist_ok=True)
        (here / "tests" / name).write_text(text, "utf-8")
    (here / "tools").mkdir()
    for name in ("pyproject.toml", *CONFTEST):
        (here / name).write_text((ROOT / name).read_text("utf-8"), "utf-8")
    for folder in ("", "browser", "kills"):
        (here / "tests" / folder / "__init__.py").touch()
    return here


def run(suite: Path, *arguments: str, **environment: str) -> tuple[int, str, dict[str, int]]:
    """Exit code, what was printed, and the account by reason. No program is on the path, so Chromium is not."""
    account = suite / "account"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--not-run={account}", *arguments],
        cwd=suite,
        env={"PATH": str(suite), "HOME": os.environ.get("HOME", str(suite)), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = account.read_text("utf-8").splitlines() if account.exists() else []
    account.unlink(missing_ok=True)
    counts: Counter[str] = Counter()
    for line in lines:
        count, reason = line.split("\t")
        counts[reason] += int(count)
    return done.returncode, done.stdout + done.stderr, dict(counts)


LEFT_OUT = {
    "slow, run by make test-all": 3,
    "no such thing here": 3,
    "the folder ../shared/benchmarks is missing": 1,
}
CHROMIUM = "Chromium is missing: apt install chromium fonts-noto-cjk"


def test_each_reason_is_counted_over_all_processes(suite: Path) -> None:
    code, printed, account = run(suite, "-n", "2", "-m", "not slow")
    assert code == 0, printed
    assert account == {**LEFT_OUT, CHROMIUM: 1}
    assert "not run, and why" in printed


def test_where_services_are_required_a_missing_one_is_a_failure(suite: Path) -> None:
    """But for what no package brings."""
    code, printed, account = run(suite, "-n", "0", "-m", "not slow", REQUIRE_SERVICES="1")
    assert code == 1
    assert f"REQUIRE_SERVICES=1, and {CHROMIUM}" in printed
    assert "1 error" in printed
    assert account == LEFT_OUT
