"""tools/environment.py: what it finds wrong with a machine, and that an installation is done once, whole or anew."""

import fcntl
import importlib.util
import os
import shutil
import socket
import stat
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import ModuleType

import pytest

from tests.services import ROOT


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("zonematch_environment", ROOT / "tools" / "environment.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


tool = load()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository as far as the tool looks: its locks, which it may change, and no .venv."""
    for name in (*tool.LOCKS["dev"], "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def finish(root: Path, *kinds: str) -> None:
    """What a finished installation leaves behind."""
    environment = tool.Environment(root)
    environment.python.parent.mkdir(parents=True)
    environment.python.symlink_to(sys.executable)
    environment.installing.parent.mkdir()
    for kind in kinds:
        environment.marker(kind).write_text(environment.digest(kind), "utf-8")
    (environment.installing.parent / "place").write_text(str(root), "utf-8")


def test_ready_is_what_the_marker_of_these_locks_says(root: Path) -> None:
    environment = tool.Environment(root)
    assert not environment.is_ready("runtime")
    finish(root, "runtime")
    assert environment.is_ready("runtime")
    assert not environment.is_ready("dev")


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-uv.lock", "pyproject.toml"])
def test_a_changed_file_makes_it_install_again_in_place(root: Path, name: str) -> None:
    finish(root, "runtime", "dev")
    (root / name).write_text((root / name).read_text("utf-8") + "\n", "utf-8")
    environment = tool.Environment(root)
    assert not environment.is_ready("runtime")
    assert not environment.is_ready("dev")
    assert environment.is_usable()


def test_a_changed_development_lock_leaves_the_runtime_alone(root: Path) -> None:
    finish(root, "runtime", "dev")
    (root / "requirements-dev.lock").write_text("", "utf-8")
    environment = tool.Environment(root)
    assert environment.is_ready("runtime")
    assert not environment.is_ready("dev")


def test_what_was_cut_off_is_neither_ready_nor_usable(root: Path) -> None:
    finish(root, "runtime")
    environment = tool.Environment(root)
    environment.installing.touch()
    assert not environment.is_ready("runtime")
    assert not environment.is_usable()


def test_a_folder_that_moved_is_made_anew(root: Path) -> None:
    finish(root, "runtime")
    moved = root.with_name(root.name + "-moved")
    root.rename(moved)
    assert not tool.Environment(moved).is_ready("runtime")
    assert not tool.Environment(moved).is_usable()


def test_a_python_that_was_removed_since_is_noticed(root: Path) -> None:
    finish(root, "runtime")
    environment = tool.Environment(root)
    environment.python.unlink()
    environment.python.symlink_to(root / "no-python-any-more")
    assert not environment.is_ready("runtime")
    assert not environment.is_usable()


def test_a_failed_installation_is_not_ready_and_the_next_one_starts_anew(root: Path) -> None:
    """Really run, with a lock that pip refuses before it asks any index."""
    finish(root)
    (root / "requirements-uv.lock").write_text("no-such-file-either @ file:///nowhere --hash=sha256:00\n", "utf-8")
    environment = tool.Environment(root)
    with pytest.raises(subprocess.CalledProcessError):
        environment.install("runtime")
    assert not environment.is_ready("runtime")
    assert not environment.is_usable()


def test_too_little_room_is_said_with_both_figures(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    (told,) = tool.disk_problems({tmp_path / "not" / "there": free, tmp_path: 10 * tool.GB})
    assert f"{(free + 10 * tool.GB) / tool.GB:.0f} GB are needed" in told
    assert list(tool.disk_problems({tmp_path: 1})) == []


def test_a_taken_port_is_said_with_another_one_to_take() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        (told,) = tool.port_problems(port, "127.0.0.1")
    assert f"Port {port}" in told
    assert "make run PORT=" in told
    assert list(tool.port_problems(port, "127.0.0.1")) == []


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("", "utf-8")
    assert len(list(tool.data_problems(tmp_path / "data" / "zone"))) == 1
    assert list(tool.data_problems(tmp_path / "new" / "zone")) == []


def test_nothing_is_asked_of_the_disk_once_all_is_there(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool, "VENV_BYTES", 10**18)
    monkeypatch.setattr(tool, "ENCODER_BYTES", 10**18)
    environment = tool.Environment(root)
    data = root / "var"
    (first,) = tool.problems(environment, "runtime", data, None)
    assert "are needed" in first
    finish(root, "runtime")
    (data / "encoder").mkdir(parents=True)
    (data / "encoder" / "modules.json").write_text("[]", "utf-8")
    assert tool.problems(environment, "runtime", data, None) == []


def test_installations_wait_for_one_another(tmp_path: Path) -> None:
    with tool.alone(tmp_path):
        other = os.open(tmp_path, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(other)
    with tool.alone(tmp_path):
        assert tmp_path.is_dir()


def shell(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """find-python.sh with nothing on its path but what `tmp_path` holds and the shell's own tools."""
    return subprocess.run(
        ["/bin/sh", str(ROOT / "tools" / "find-python.sh")],
        env={"PATH": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def program(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


BASE_PYTHON = Path(sysconfig.get_config_var("BINDIR")) / f"python3.{sys.version_info.minor}"


def test_a_name_that_does_not_start_is_passed_over(tmp_path: Path) -> None:
    """As pyenv's shims do for versions that are not chosen."""
    program(tmp_path / "python3.11", "#!/bin/sh\nexit 127\n")
    (tmp_path / "python3").symlink_to(BASE_PYTHON)
    found = shell(tmp_path)
    assert found.returncode == 0, found.stderr
    assert Path(found.stdout.strip()).samefile(BASE_PYTHON)


def test_without_a_new_enough_python_it_says_what_to_install(tmp_path: Path) -> None:
    program(tmp_path / "python3", '#!/bin/sh\n[ "$1" != --version ] || echo Python 3.9.2\nexit 1\n')
    found = shell(tmp_path)
    assert found.returncode == 1
    assert found.stdout == ""
    assert "apt install python3" in found.stderr


def test_a_python_named_by_hand_is_the_only_one_tried(tmp_path: Path) -> None:
    (tmp_path / "python3").symlink_to(BASE_PYTHON)
    assert shell(tmp_path, PYTHON=str(tmp_path / "missing")).returncode == 1
    assert shell(tmp_path, PYTHON=str(BASE_PYTHON)).returncode == 0
