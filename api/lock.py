"""A process's place among others: with the embedded engine or SQLite it is the only one, with servers for both one of many.

The embedded engine's index lives in its process's memory, which nobody else can search or write to; and an SQLite file takes
writers of one machine only. One process then owns the data folder, and the database, too, where that is PostgreSQL.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from api.settings import Settings
from matching.errors import NotReady
from matching.store.together import using


@contextmanager
def place(settings: Settings) -> Iterator[None]:
    """Taken for as long as the process runs.

    Raises `NotReady`: `data_locked` and `database_taken` where others are there and the process has to be alone, or where the
    one that is there has to be.
    """
    if settings.is_shared:
        with using(settings.url, alone=False):
            yield
        return
    with DataLock(settings.lock_file), using(settings.url, alone=True):
        yield


def is_served(settings: Settings) -> bool:
    """Whether some process, this one included, does what is filed for the index."""
    if not settings.is_shared:
        return DataLock(settings.lock_file).is_held()
    try:
        with using(settings.url, alone=True):
            return False
    except NotReady:
        return True


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
