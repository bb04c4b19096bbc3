"""What some tests need besides Python packages, where it is on this machine, and how to get it.

`@pytest.mark.needs("chromium")` leaves a test out where it is missing, and the last lines say so; with REQUIRE_SERVICES=1
a missing one that a package can bring is a failure instead. Tests below tests/browser need Chromium without saying it.
"""

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from tests import postgres

ROOT = Path(__file__).resolve().parent.parent


def tool(name: str) -> ModuleType:
    """A program of tools/ as a module; they are no package."""
    spec = importlib.util.spec_from_file_location(f"zonematch_{name}", ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


elastic_server = tool("elastic_server")


@dataclass(frozen=True, slots=True)
class Service:
    """`find` gives the path, None where it is missing. `is_required`: REQUIRE_SERVICES=1 insists on it."""

    find: Callable[[], Path | None]
    missing: str
    is_required: bool = True


def chromium() -> Path | None:
    """The system's Chromium: the browsers that playwright would download itself are not used."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return Path(path)
    return None


def curl() -> Path | None:
    path = shutil.which("curl")
    return Path(path) if path else None


def postgresql() -> Path | None:
    """The server's programs, or a running server that was named."""
    return Path(os.environ[postgres.ENVIRONMENT]) if postgres.ENVIRONMENT in os.environ else postgres.programs()


def benchmarks() -> Path | None:
    """The folder of judged pairs and papers, which is not part of the repository and may lie beside it."""
    folder = ROOT.parent / "shared" / "benchmarks"
    return folder if folder.is_dir() else None


def elasticsearch() -> Path | None:
    """The server that is named, or what starts one: Java, and its archive or who fetches it."""
    if os.environ.get("ZONEMATCH_TEST_ELASTICSEARCH_URL"):
        return ROOT
    java, maven = shutil.which("java"), shutil.which("mvn")
    return Path(java) if java and (maven or elastic_server.artefact_here()) else None


SERVICES = {
    "chromium": Service(chromium, "Chromium is missing: apt install chromium fonts-noto-cjk"),
    "curl": Service(curl, "curl is missing: apt install curl"),
    "postgresql": Service(postgresql, "PostgreSQL is missing: apt install postgresql"),
    "elasticsearch": Service(elasticsearch, "Java or Maven is missing: apt install default-jre-headless maven"),
    "benchmarks": Service(benchmarks, "the folder ../shared/benchmarks is missing", is_required=False),
}
