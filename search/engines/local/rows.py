"""Growing columns whose rows belong to slots: the storage under vectors and attributes."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
"""By slot; the last element is False and stands for every slot beyond."""
Numbers = NDArray[np.int32]

NO_SLOT: Final = 0
"""The slot of rows in nobody's use; never given to a document."""
_FIRST_CAPACITY: Final = 1024


class Rows:
    """Rows of slot and columns. Written under the engine's lock; read by views, which are just the arrays of a moment.

    Rows of a slot never change before `reclaim`, so whoever holds a view may read those of all slots that are alive to
    him, while other rows change under him: he masks them out.
    """

    def __init__(self, **columns: NDArray[Any]) -> None:
        """`columns` are empty arrays that give dtype and trailing shape."""
        self.slots: Numbers = np.zeros(_FIRST_CAPACITY, dtype=np.int32)
        self.columns = {name: _resized(like, _FIRST_CAPACITY) for name, like in columns.items()}
        self.used = 0
        self._free: list[int] = []
        self._rows_of: dict[int, list[int]] = {}

    def add(self, slots: Sequence[int], **values: Any) -> None:
        """One row for each of `slots`, which may repeat, with its value of every column."""
        if not slots:
            return
        rows = self._take(len(slots))
        for name, column in self.columns.items():
            column[rows] = values[name]
        self.slots[rows] = slots
        for slot, row in zip(slots, rows, strict=True):
            self._rows_of.setdefault(slot, []).append(row)

    def reclaim(self, slots: Iterable[int]) -> None:
        """The rows of these slots may be used again: no reader has one of the slots alive any more."""
        rows = [row for slot in slots for row in self._rows_of.pop(slot, ())]
        self.slots[rows] = NO_SLOT
        self._free.extend(rows)

    def _take(self, count: int) -> list[int]:
        reused = [self._free.pop() for _ in range(min(count, len(self._free)))]
        start, self.used = self.used, self.used + count - len(reused)
        if self.used > len(self.slots):
            capacity = max(self.used, 2 * len(self.slots))
            self.slots = _resized(self.slots, capacity)
            self.columns = {name: _resized(column, capacity) for name, column in self.columns.items()}
        return reused + list(range(start, self.used))


def _resized(column: NDArray[Any], capacity: int) -> NDArray[Any]:
    """A longer copy; views keep the old one. Memory that no row has touched yet costs nothing."""
    longer = np.zeros((capacity, *column.shape[1:]), dtype=column.dtype)
    longer[: len(column)] = column
    return longer
