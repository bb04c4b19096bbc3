"""One process owns the data folder while the embedded engine is in use: its index lives in that process's memory."""

import fcntl
import os
from pathlib import Path
from types import TracebackType

from matching.errors import NotReady


class DataLock:
    """An advisory lock on a file, freed by the kernel when the process dies however it dies.

    `acquire` raises `NotReady("data_locked", pid=…)` while another process holds it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip() or "?"
            os.close(descriptor)
            raise NotReady("data_locked", pid=holder) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._descriptor = descriptor

    def is_held(self) -> bool:
        """Whether some process, this one included, holds it now."""
        if self._descriptor is not None:
            return True
        try:
            self.acquire()
        except NotReady:
            return True
        self.release()
        return False

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> "DataLock":
        self.acquire()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.release()
