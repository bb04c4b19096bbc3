"""One side of a pair: everything the pair score needs of a listing, and nothing else. Immutable and pure."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

import numpy as np

from search.ports import Matrix, Vector

Op = Literal["<=", "<", ">=", ">", "=", "range"]
Range = tuple[int | None, int | None]
"""Money in fen, least and most; None leaves that end open."""

OPS: Final[frozenset[str]] = frozenset({"<=", "<", ">=", ">", "=", "range"})


@dataclass(frozen=True, slots=True)
class Indicator:
    """A figure that is asked (need) or given (result). `range` uses `low` and `high` (one may be open); every other `op`
    has its one value in either of them. Without a value it names something to be stated and is never compared."""

    name: str
    op: Op
    low: float | None
    high: float | None
    unit: str
    evidence: str = ""

    @property
    def value(self) -> float | None:
        return self.low if self.low is not None else self.high


@dataclass(frozen=True, slots=True)
class IpRight:
    """`status` is granted, valid, examining, filed or empty (not told)."""

    kind: str
    status: str
    number_given: bool


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Side:
    """A result or a need, as one audience may read it. Equal only to itself.

    `title_terms` and `body_terms` are what `search.text.terms` gives, in order and repeated as they occur. The rows of
    `passage_vectors` (n, d) are the title, equal to `title_vector` (d,), and then the passages of the body, in order.
    `ancestors` are those of the tagged `industries`; `confirmed` is false while the tags are only suggested. `trl` is what
    a need asks and what a result has. `price` is a need's budget and a result's price, None when open (面议) or not given.
    `modes` holds JSTEC cooperation codes. `zones` are those of the owner and the one the listing is addressed to.
    """

    listing: str
    kind: Literal["result", "need"]
    title: str
    title_terms: tuple[str, ...]
    body_terms: tuple[str, ...]
    title_vector: Vector
    passage_vectors: Matrix
    industries: frozenset[str] = frozenset()
    ancestors: frozenset[str] = frozenset()
    confirmed: bool = True
    indicators: tuple[Indicator, ...] = ()
    trl: tuple[int, int] | None = None
    modes: frozenset[str] = frozenset()
    price: Range | None = None
    ip: tuple[IpRight, ...] = ()
    open_until: date | None = None
    wanted_by: date | None = None
    city: str | None = None
    zones: frozenset[str] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        """Raises ValueError when the vectors are no title and passages of one dimension."""
        if self.title_vector.ndim != 1 or self.passage_vectors.ndim != 2:
            raise ValueError(f"{self.listing}: title_vector must have shape (d,) and passage_vectors (n, d)")
        if self.passage_vectors.shape[1] != len(self.title_vector) or not len(self.passage_vectors):
            raise ValueError(f"{self.listing}: the title is the first of the passages, all of one dimension")


def without_body(title_vector: Vector) -> Matrix:
    """The passages of a listing that has only a title."""
    return np.asarray(title_vector, np.float32).reshape(1, -1)
