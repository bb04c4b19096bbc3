"""What holds for the whole suite: no settings of the developer's shell, marks by folder, and an account of what was not run."""

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests import databases
from tests.elastic import elastic, elasticsearch  # noqa: F401  # fixtures
from tests.engines import on_engine, on_engine_together  # noqa: F401  # fixtures
from tests.services import SERVICES

HERE = Path(__file__).parent
SLOW = "slow, run by make test-all"
"""tools/test.sh drops this line where a later call runs the slow ones."""
_slow_left_out = pytest.StashKey[int]()

# A slow machine is no reason to fail, and "make test-fuzz" asks for many.
settings.register_profile("zonematch", deadline=None, print_blob=True)
settings.register_profile("many", settings.get_profile("zonematch"), max_examples=2000)
settings.load_profile("zonematch")

# The encoder may be named, for it takes a while to build, and what the tests run on; everything else of a test is its own.
_KEPT = ("ZONEMATCH_ENCODER", "ZONEMATCH_TEST_")
for _name in [each for each in os.environ if each.startswith("ZONEMATCH_") and not each.startswith(_KEPT)]:
    del os.environ[_name]
# A server that is named is the tests' own, and not what whatever they start runs on.
for _name in [each for each in os.environ if each.startswith("ELASTICSEARCH_")]:
    os.environ[f"ZONEMATCH_TEST_{_name}"] = os.environ.pop(_name)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--not-run", metavar="FILE", help="append what was not run, a line each: count, tab, reason")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_slow_left_out] = 0


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.relative_to(HERE).parts[0] if item.path.is_relative_to(HERE) else ""
        if folder == "browser":
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.needs("chromium"))
        elif folder == "kills":
            item.add_marker(pytest.mark.slow)
        used = set(getattr(item, "fixturenames", ()))
        if "on_database" in used:
            item.add_marker(pytest.mark.on_database)
        if used & {"on_engine", "on_engine_together"}:
            item.add_marker(pytest.mark.on_engine)


@pytest.fixture(scope="session")
def on_database() -> None:
    """Whatever makes its databases by `tests.databases` asks for this: that is how tests on other combinations are chosen."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    wanted = [mark.args for mark in item.iter_markers("needs")]
    if databases.KIND == databases.POSTGRESQL:
        wanted.append(("postgresql",))
    if databases.ENGINE == "elasticsearch":
        wanted.append(("elasticsearch",))
    for names in wanted:
        for name in names:
            service = SERVICES[name]
            if service.find() is not None:
                continue
            if service.is_required and os.environ.get("REQUIRE_SERVICES") == "1":
                pytest.fail(f"REQUIRE_SERVICES=1, and {service.missing}", pytrace=False)
            pytest.skip(service.missing)


def pytest_deselected(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("slow"):
            item.config.stash[_slow_left_out] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:  # a process of xdist: it alone knows what was deselected, and all know the same
        output["slow_left_out"] = session.config.stash[_slow_left_out]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[_slow_left_out] = getattr(node, "workeroutput", {}).get("slow_left_out", 0)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    left_out = _reasons(terminalreporter.stats.get("skipped", []))
    if slow := config.stash[_slow_left_out]:
        left_out[SLOW] += slow
    if not left_out:
        return
    terminalreporter.section("not run, and why")
    for reason, count in sorted(left_out.items()):
        terminalreporter.write_line(f"{count:6}  {reason}")
    if (path := config.getoption("--not-run")) and not hasattr(config, "workerinput"):  # the processes of xdist come here too
        with Path(path).open("a", encoding="utf-8") as file:
            file.writelines(f"{count}\t{reason}\n" for reason, count in sorted(left_out.items()))


def _reasons(skipped: list[pytest.TestReport]) -> Counter[str]:
    """How many tests were left out for which reason, from the reports of tests and of files skipped as a whole."""
    told = (each.longrepr[2] if isinstance(each.longrepr, tuple) else str(each.longrepr) for each in skipped)
    return Counter(" ".join(each.removeprefix("Skipped: ").split()) for each in told)
