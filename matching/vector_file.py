"""Vectors of listings in a file that is mapped into memory: what the process holds does not grow with the passages.

A cache of one process: the file has no name, so that nobody else reads it and the system removes it with the process. What
is in it can be read from SQL again.
"""

import mmap
import os
import tempfile
import threading
import weakref
from collections import deque
from pathlib import Path
from typing import Final

import numpy as np

from search.ports import Matrix

_FIRST: Final = 1 << 20
_MOST: Final = 1 << 24
"""Bytes by which the file grows: at first, and at most."""

Run = tuple[mmap.mmap, int, int]
"""Part of the file, first row in it, number of rows."""


class VectorFile:
    """Thread safe. `folder` is where the file is made, None for the system's own temporary one."""

    def __init__(self, dimension: int, folder: Path | None = None) -> None:
        self._dimension = dimension
        self._folder = folder
        self._file: int | None = None
        self._size = 0
        self._parts: list[mmap.mmap] = []
        self._free: dict[int, list[Run]] = {}
        self._given_back: deque[Run] = deque()
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self._size

    def keep(self, rows: Matrix) -> Matrix:
        """The same rows, shape (n, dimension), float32, read-only and in the file. Their place is used again when nobody holds
        them or a part of them any longer. When the disk is full, or for more rows than a part of the file has, they stay in
        memory."""
        wanted = np.ascontiguousarray(rows, np.float32)
        if not wanted.size or wanted.nbytes > _MOST:
            return wanted
        with self._lock:
            try:
                run = self._take(len(wanted))
            except OSError:
                return wanted
        view: Matrix = np.ndarray(wanted.shape, np.float32, buffer=run[0], offset=run[1] * 4 * self._dimension)
        view[:] = wanted
        view.flags.writeable = False
        # A finaliser may run at any moment, also while this thread holds the lock: it only leaves a note.
        weakref.finalize(view, self._given_back.append, run).atexit = False
        return view

    def let_go(self) -> None:
        """Take the file's pages out of the process's memory; whoever reads them next gets them back."""
        with self._lock:
            for part in self._parts:
                part.madvise(mmap.MADV_DONTNEED)

    def _take(self, rows: int) -> Run:
        """Free rows. Raises OSError when the disk has none."""
        while self._given_back:
            self._put_back(self._given_back.popleft())
        fitting = [length for length in self._free if length >= rows and self._free[length]]
        if not fitting:
            self._put_back(self._grown(rows))
            return self._take(rows)
        part, start, length = self._free[min(fitting)].pop()
        if length > rows:
            self._put_back((part, start + rows, length - rows))
        return part, start, rows

    def _put_back(self, run: Run) -> None:
        self._free.setdefault(run[2], []).append(run)

    def _grown(self, rows: int) -> Run:
        if self._file is None:
            with tempfile.TemporaryFile(dir=self._folder) as made:
                self._file = os.dup(made.fileno())
            weakref.finalize(self, os.close, self._file)
        width = 4 * self._dimension
        bytes_ = max(
            min(max(_FIRST, self._size), _MOST), -(-rows * width // mmap.ALLOCATIONGRANULARITY) * mmap.ALLOCATIONGRANULARITY
        )
        os.posix_fallocate(self._file, self._size, bytes_)  # a full disk is told here, and not by a signal when it is written
        part = mmap.mmap(self._file, bytes_, offset=self._size)
        self._size += bytes_
        self._parts.append(part)
        return part, 0, bytes_ // width


__all__ = ["VectorFile"]
