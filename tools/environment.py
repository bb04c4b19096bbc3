"""Prepares .venv for `make`: looks at the machine first, then installs what a lock names, once.

Usage: python tools/environment.py runtime|dev [--data FOLDER] [--port N]

Standard library only, Python 3.11: it runs before anything is installed. A marker in .venv names what was installed
(digest of the locks, of pyproject.toml and of the place), so that a second call does nothing. While an installation runs
another marker says so: where that one is found, the last installation was cut off, and .venv is made anew. What was
downloaded by then is in the cache of uv, so that this costs seconds.
"""

import argparse
import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GB = 10**9
VENV_BYTES, ENCODER_BYTES = 7 * GB, 1 * GB
"""Measured: 6.1 GB for requirements.lock and 6.8 GB with the tools of development; the encoder folder takes 0.24 GB."""
LOCKS = {
    "runtime": ("requirements-uv.lock", "requirements.lock"),
    "dev": ("requirements-uv.lock", "requirements.lock", "requirements-dev.lock"),
}
"""The last one of each is installed. requirements-dev.lock holds all of requirements.lock, in the same versions."""


@dataclass(frozen=True, slots=True)
class Environment:
    """The .venv of the repository at `root`."""

    root: Path

    @property
    def folder(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def _markers(self) -> Path:
        return self.folder / ".zonematch"

    @property
    def installing(self) -> Path:
        return self._markers / "installing"

    def marker(self, kind: str) -> Path:
        return self._markers / kind

    def digest(self, kind: str) -> str:
        """What a marker of that kind says when nothing is left to do."""
        text = hashlib.sha256(str(self.root).encode())
        for name in (*LOCKS[kind], "pyproject.toml"):
            text.update(b"\0" + (self.root / name).read_bytes())
        return text.hexdigest()

    def is_ready(self, kind: str) -> bool:
        marker = self.marker(kind)
        # exists() follows the link to the Python it was made with, which may have been removed since
        return self.python.exists() and not self.installing.exists() and _text(marker) == self.digest(kind)

    def is_usable(self) -> bool:
        """Whether an installation may go on in it: it works, stands where it was made, and none was cut off in it."""
        place = _text(self._markers / "place")
        return self.python.exists() and not self.installing.exists() and place in (None, str(self.root))

    def install(self, kind: str) -> None:
        """Fill .venv from the lock. Raises `subprocess.CalledProcessError` when a step fails."""
        if not self.is_usable() and self.folder.exists():
            say("The last installation was cut off, or the folder has moved: starting .venv anew.")
            shutil.rmtree(self.folder)
        self._markers.mkdir(parents=True, exist_ok=True)
        self.installing.touch()
        for name in LOCKS:
            self.marker(name).unlink(missing_ok=True)
        _write(self._markers / "place", str(self.root))
        if not self.python.exists():
            say(f"Creating .venv with Python {sys.version.split()[0]}")
            venv.create(self.folder, with_pip=True)
        lock = LOCKS[kind][-1]
        say(f"Installing what {lock} names (a first time about 3 GB of downloads)")
        pip = [str(self.python), "-m", "pip", "--disable-pip-version-check", "--quiet"]
        self._run(*pip, "install", "--require-hashes", "--no-deps", "-r", LOCKS[kind][0])
        uv = [str(self.folder / "bin" / "uv"), "pip", "install", "--python", str(self.python)]
        self._run(*uv, "--require-hashes", "-r", lock, env=self._mirror(pip))
        self._run(*uv, "--no-deps", "--no-build-isolation", "--offline", "-e", ".")
        # The tools of development hold the runtime too; not the other way round.
        for name in ("runtime", "dev") if kind == "dev" else ("runtime",):
            _write(self.marker(name), self.digest(name))
        self.installing.unlink()

    def _run(self, *command: str, env: Mapping[str, str] | None = None) -> None:
        subprocess.run(command, cwd=self.root, check=True, env={**os.environ, **(env or {})})

    def _mirror(self, pip: Sequence[str]) -> dict[str, str]:
        """uv does not read pip's settings: a package mirror named there is handed on, unless uv has its own."""
        if any(os.environ.get(name) for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX")):
            return {}
        told = os.environ.get("PIP_INDEX_URL", "")
        if not told:
            asked = subprocess.run([*pip, "config", "get", "global.index-url"], capture_output=True, text=True, check=False)
            told = asked.stdout.strip()
        return {"UV_DEFAULT_INDEX": told} if told else {}


def say(text: str) -> None:
    print(f"[zonematch] {text}", flush=True)


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except OSError:
        return None


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.write_text(text, "utf-8")
    unfinished.replace(path)


def _existing(path: Path) -> Path:
    """The path, or the nearest folder above it that is there."""
    return path if path.exists() else _existing(path.parent)


def disk_problems(needs: Mapping[Path, int]) -> Iterator[str]:
    """One sentence for each file system that lacks room for the bytes needed below these folders."""
    devices: dict[int, list[tuple[Path, int]]] = {}
    for path, size in needs.items():
        folder = _existing(path.absolute())
        devices.setdefault(folder.stat().st_dev, []).append((folder, size))
    for found in devices.values():
        needed = sum(size for _, size in found)
        free = shutil.disk_usage(found[0][0]).free
        if free < needed:
            yield (
                f"{found[0][0]} has {free / GB:.1f} GB free, and {needed / GB:.0f} GB are needed: "
                "make room there, or clone the repository onto a larger disk."
            )


def port_problems(port: int, host: str) -> Iterator[str]:
    """A sentence when the server could not listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: not held up by closed connections
        try:
            listener.bind((host, port))
            listener.listen(1)  # with SO_REUSEADDR, bind alone does not notice every listener
        except OSError as problem:
            yield (
                f"Port {port} on {host} cannot be used ({problem.strerror}; perhaps ZoneMatch is running already): "
                f"stop what uses it, or take another port: make run PORT={port + 1 if port < 65535 else 8001}"
            )


def data_problems(data: Path) -> Iterator[str]:
    """A sentence when the data folder cannot be written."""
    folder = _existing(data.absolute())
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        yield f"The data folder {data} cannot be written: take another one, as in  make run DATA=$HOME/zonematch-data"


def venv_problems() -> Iterator[str]:
    """A sentence when this Python cannot make a virtual environment."""
    probe = "import ensurepip, venv"
    if subprocess.run([sys.executable, "-c", probe], capture_output=True, check=False).returncode:
        yield "Python's module ensurepip is missing. On Debian: sudo apt install python3-venv"


def problems(environment: Environment, kind: str, data: Path | None, port: int | None) -> list[str]:
    """All that stands in the way, each with what to do about it. Nothing is downloaded or written yet."""
    found: list[str] = []
    needs: dict[Path, int] = {}
    if not environment.is_ready(kind):
        found += venv_problems()
        fresh = not environment.python.exists() or not environment.is_usable()
        needs[environment.folder] = VENV_BYTES if fresh else GB
    if data is not None:
        found += data_problems(data)
        if not os.environ.get("ZONEMATCH_ENCODER") and not (data / "encoder" / "modules.json").exists():
            needs[data] = ENCODER_BYTES
    found += disk_problems(needs)
    if port:  # 0 lets the system choose
        found += port_problems(port, os.environ.get("ZONEMATCH_HOST") or "127.0.0.1")
    return found


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """One installation at a time; the kernel frees the lock however the process ends."""
    descriptor = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another make is installing here: waiting for it.")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Prepare .venv.")
    parser.add_argument("kind", choices=sorted(LOCKS))
    parser.add_argument("--data", type=Path)
    parser.add_argument("--port", type=int)
    given = parser.parse_args(arguments)
    environment = Environment(ROOT)
    found = problems(environment, given.kind, given.data, given.port)
    if found:
        print("ZoneMatch cannot start yet:", *(f"  - {each}" for each in found), sep="\n", file=sys.stderr)
        return 1
    if environment.is_ready(given.kind):
        return 0
    again = "Run the same command again: it goes on with what was downloaded."
    try:
        with alone(ROOT):
            if not environment.is_ready(given.kind):
                environment.install(given.kind)
    except KeyboardInterrupt:
        print(f"\nInterrupted. {again}", file=sys.stderr)
        return 130
    except subprocess.CalledProcessError as problem:
        print(f"\nThat step failed: {' '.join(problem.cmd)}\nThe reason stands above. {again}", file=sys.stderr)
        return 1
    say("Installed.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
