"""The passages of one audience as rows of one matrix; exact cosine over all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.engines.local.rows import Mask, Numbers, Rows
from search.ports import Matrix, Vector

RowNumbers = NDArray[np.int64]

_COSINE_DIGITS: Final = 6
"""Cosines that agree this far are ties. The same vector in another row may give another last bit."""
_GATHER_BELOW: Final = 0.25
"""Where fewer of the rows are eligible, copying them out costs less than multiplying all."""


class SlotScore(NamedTuple):
    slot: int
    score: float
    passage: int


@dataclass(frozen=True, slots=True)
class VectorView:
    """The rows at one moment (see `Rows`)."""

    matrix: Matrix
    slots: Numbers
    passages: Numbers
    used: int

    def eligible(self, mask: Mask) -> RowNumbers:
        """The rows whose slot is in the mask."""
        return np.flatnonzero(np.take(mask, self.slots[: self.used], mode="clip"))

    def best(self, vector: Vector, rows: RowNumbers, limit: int) -> list[SlotScore]:
        """At least the `limit` best slots by their best row among `rows`, with all that tie with the last of them.

        The passage is the first of the slot's best ones. In no particular order.
        """
        if not len(rows):
            return []
        few = len(rows) < self.used * _GATHER_BELOW
        scores = self.matrix[rows] @ vector if few else (self.matrix[: self.used] @ vector)[rows]
        scores = np.round(scores, _COSINE_DIGITS)
        owners = self.slots[rows]
        by_slot = np.full(int(owners.max()) + 1, -np.inf, dtype=np.float32)
        np.maximum.at(by_slot, owners, scores)
        found = by_slot[by_slot > -np.inf]
        least = np.partition(found, -limit)[-limit] if len(found) > limit else -np.inf
        winners = (scores >= least) & (scores == by_slot[owners])
        won = zip(owners[winners], scores[winners], self.passages[rows[winners]], strict=True)
        result: dict[int, SlotScore] = {}
        for slot, score, passage in sorted((int(s), float(x), int(p)) for s, x, p in won):
            result.setdefault(slot, SlotScore(slot, score, passage))
        return list(result.values())


class VectorStore:
    """Owner of the matrix."""

    def __init__(self, dimension: int) -> None:
        self._rows = Rows(matrix=np.empty((0, dimension), dtype=np.float32), passages=np.empty(0, dtype=np.int32))
        self.reclaim = self._rows.reclaim

    def add(self, vectors_of: Sequence[tuple[int, Sequence[Vector]]]) -> None:
        """The vectors of each slot; they become visible with the next `view`."""
        vectors = [vector for _, of_slot in vectors_of for vector in of_slot]
        if vectors:
            self._rows.add(
                [slot for slot, of_slot in vectors_of for _ in of_slot],
                matrix=np.stack(vectors),
                passages=[position for _, of_slot in vectors_of for position in range(len(of_slot))],
            )

    def view(self) -> VectorView:
        rows = self._rows
        return VectorView(rows.columns["matrix"], rows.slots, rows.columns["passages"], rows.used)
