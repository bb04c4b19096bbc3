"""Rules of the house that no linter holds: what stands where, what is only read in one place, and how long a file may be."""

import ast
import importlib.util
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.settings import Settings
from tests.services import ROOT

ROOMS = ("api", "web", "matching", "search")
MAX_LINES = 400
PURE = ("matching/pairing", "matching/stages.py", "search/fusion.py", "search/text")
CLOCKS = {"now", "utcnow", "today", "localtime", "monotonic", "perf_counter"}
TOLD = ("Makefile", "Dockerfile", "docker-compose.yml", "README.md", "docs", "tools", ".ci")
CHECKS = re.compile(r"raises|warns|assert|expect|check|verify")


def files(*below: str, ending: str = ".py") -> list[Path]:
    """Files at or below these paths, new ones included; without any, all Python files."""
    found: list[Path] = []
    for each in below or (*ROOMS, "tests", "tools"):
        path = ROOT / each
        found += [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    return [each for each in found if each.name.endswith(ending) and "__pycache__" not in each.parts]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def comments(path: Path) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


@pytest.mark.parametrize("room", [*ROOMS, "tests"])
def test_each_room_resolves_inside_the_repository(room: str) -> None:
    """The names are not namespaced: another package of that name, or tests/search without its parent, would shadow them."""
    spec = importlib.util.find_spec(room)
    assert spec is not None
    assert spec.origin == str(ROOT / room / "__init__.py")


def test_starting_loads_no_scipy() -> None:
    """Its parts take longer to load than all of ours: a function that needs one imports it."""
    program = "import sys, api.app, api.cli, api.wiring, api.worker; print(*(each for each in sys.modules if each == 'scipy'))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""


def test_every_folder_of_python_files_is_a_package() -> None:
    folders = {each.parent for each in files(*ROOMS, "tests")}
    assert [name(each) for each in sorted(folders) if not (each / "__init__.py").exists() and each.name != "versions"] == []


def test_no_python_file_is_longer_than_400_lines() -> None:
    """But for migrations: alembic writes them, and nobody reads one for pleasure."""
    lengths = {name(each): len(each.read_text("utf-8").splitlines()) for each in files()}
    assert {path: n for path, n in lengths.items() if n > MAX_LINES and "/migrations/versions/" not in path} == {}


def reads_environment(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in {"environ", "environb", "getenv", "putenv"} and ast.unparse(node.value) == "os"
    return (
        isinstance(node, ast.ImportFrom)
        and node.module == "os"
        and any(each.name in {"environ", "getenv"} for each in node.names)
    )


def test_the_environment_is_read_in_settings_alone() -> None:
    found = [
        f"{name(each)}:{node.lineno}"
        for each in files(*ROOMS)
        for node in ast.walk(tree(each))
        if reads_environment(node) and isinstance(node, ast.expr | ast.stmt)
    ]
    assert [each for each in found if not each.startswith("api/settings.py")] == []


def test_pure_files_read_no_clock() -> None:
    """The import contracts hold the rest; datetime itself they need, for dates that are given to them."""
    found = [
        f"{name(each)}:{node.lineno} {ast.unparse(node)}"
        for each in files(*PURE)
        for node in ast.walk(tree(each))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS
    ]
    assert files(*PURE)
    assert found == []


def called(function: ast.AST) -> Iterator[str]:
    """Last names of what is called: `check_page` of `browser.check_page(...)`."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            yield node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)


def hollow_tests(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Tests that neither assert nor call what checks: by its name, or because it asserts, in this file."""
    functions = [each for each in ast.walk(module) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    checking = {each.name for each in functions if any(isinstance(node, ast.Assert) for node in ast.walk(each))}
    for each in functions:
        is_checked = each.name in checking or any(call in checking or CHECKS.search(call) for call in called(each))
        if each.name.startswith("test_") and not is_checked:
            yield each


def test_every_test_checks_something() -> None:
    assert [f"{name(path)}:{each.lineno} {each.name}" for path in files("tests") for each in hollow_tests(tree(path))] == []


@pytest.mark.parametrize(
    ("body", "is_hollow"),
    [
        ("work()", True),
        ("assert work()", False),
        ("with pytest.raises(ValueError): work()", False),
        ("page.check_title()", False),
        ("helper()", False),
        ("other()", True),
    ],
)
def test_a_test_without_a_check_is_found(body: str, is_hollow: bool) -> None:
    module = ast.parse(f"def helper(): assert work()\ndef other(): work()\ndef test_it():\n    {body}")
    assert bool(list(hollow_tests(module))) is is_hollow


def test_waived_checks_say_why_and_nothing_is_left_for_later() -> None:
    waiver = re.compile(r"#\s*(?:type:\s*ignore(?:\[[\w\-, ]+\])?|noqa(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?)\s*$")
    later = re.compile(r"\b(?:TODO|FIXME|HACK)\b")
    found = [
        f"{name(each)}:{line} {comment}"
        for each in files()
        for line, comment in comments(each)
        if waiver.search(comment) or later.search(comment)
    ]
    assert found == []


@pytest.mark.parametrize(
    "file", [*sorted(each.name for each in ROOT.glob("requirements*")), "pyproject.toml", "Makefile", "Dockerfile", ".ci/run"]
)
def test_no_address_and_no_path_of_a_machine_in_what_installs(file: str) -> None:
    text = (ROOT / file).read_text("utf-8")
    assert re.findall(r"(?:https?|git\+\w+|file)://\S+|--(?:extra-)?index-url \S+", text) == []
    assert re.findall(r"(?<![\w.])/(?:work|root|home|tmp|opt|Users)/\S*", text) == []


def pins(lock: str) -> dict[str, str]:
    """Package and marker to version."""
    lines = (ROOT / lock).read_text("utf-8").splitlines()
    found = (re.match(r"([\w.\-\[\]]+)==([^\s;]+)(?:\s*;\s*([^\\]+))?", line) for line in lines)
    return {f"{each[1]} {(each[3] or '').strip()}".strip(): each[2] for each in found if each}


def test_the_locks_agree() -> None:
    """Installing the tools of development never changes what the runtime lock has put there."""
    runtime, development, base = (pins(f"requirements{each}.lock") for each in ("", "-dev", "-uv"))
    assert len(runtime) > 50
    # What the runtime needs on some machines only, development may need on all.
    assert {each: development.get(each) or development.get(each.split(" ")[0]) for each in runtime} == runtime
    assert {each: version for each, version in base.items() if development.get(each, version) != version} == {}


def test_every_pin_has_a_hash() -> None:
    for lock in sorted(ROOT.glob("requirements*.lock")):
        entries = re.split(r"^(?=[\w.\-\[\]]+==)", lock.read_text("utf-8"), flags=re.MULTILINE)[1:]
        assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == [], lock.name


def settings_named_in(path: Path) -> set[str]:
    return set(re.findall(r"ZONEMATCH_([A-Z][A-Z_]*[A-Z])", path.read_text("utf-8")))


def test_every_setting_that_files_name_exists() -> None:
    known = {each.upper() for each in Settings.model_fields} | {"TEST_ON", "TEST_POSTGRES"}  # the tests' own
    told = [each for each in files(*TOLD, ending="") if each.suffix != ".png"]
    assert {name(each): unknown for each in told if (unknown := settings_named_in(each) - known)} == {}
    assert "DATA" in settings_named_in(ROOT / "docker-compose.yml")
