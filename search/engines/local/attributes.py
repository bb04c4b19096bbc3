"""What filters ask for: kind, zones, industries, facets. As terms for tantivy, as numbers for masks over the vectors."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from search.engines.local.rows import Mask, Numbers, Rows
from search.ports import Document, Filters, Kind

_SEPARATOR: Final = "\x1f"


def attributes_of(document: Document) -> Iterator[str]:
    """One text for each value of each attribute; `split` takes it apart."""
    yield f"kind{_SEPARATOR}{document.kind}"
    yield from (f"zone{_SEPARATOR}{zone}" for zone in document.zones)
    yield from (f"industry{_SEPARATOR}{industry}" for industry in document.industries)
    for name, values in document.facets.items():
        yield from (f"{name}{_SEPARATOR}{value}" for value in values)


def wanted(kinds: frozenset[Kind], filters: Filters) -> tuple[tuple[str, ...], ...]:
    """The restricting attributes, each as the values of which a document must have one. Hashable, order fixed."""
    asked: list[tuple[str, Iterable[str]]] = [("kind", kinds), ("zone", filters.zones), ("industry", filters.industries)]
    asked.extend(sorted(filters.facets.items()))
    return tuple(tuple(f"{name}{_SEPARATOR}{value}" for value in sorted(values)) for name, values in asked if values)


def split(attribute: str) -> tuple[str, str]:
    """Name and value."""
    name, _, value = attribute.partition(_SEPARATOR)
    return name, value


@dataclass(frozen=True, slots=True)
class AttributeView:
    """The rows at one moment (see `Rows`)."""

    code_of: Mapping[str, int]
    """Shared and growing; no code ever changes."""
    slots: Numbers
    codes: Numbers
    used: int

    def mask(self, alive: Mask, groups: Iterable[Sequence[str]]) -> Mask:
        """The slots alive that have, of every group, at least one attribute."""
        mask = alive
        last = len(alive) - 1
        for group in groups:
            codes = [self.code_of[attribute] for attribute in group if attribute in self.code_of]
            is_wanted = np.zeros(max(codes, default=0) + 2, dtype=np.bool_)  # the last one for all codes beyond
            is_wanted[codes] = True
            rows = np.flatnonzero(np.take(is_wanted, self.codes[: self.used], mode="clip"))
            has_one = np.zeros_like(alive)
            has_one[np.minimum(self.slots[rows], last)] = True
            mask = mask & has_one
        return mask


class AttributeStore:
    """Which slot has which attributes."""

    def __init__(self) -> None:
        self._code_of: dict[str, int] = {}
        self._rows = Rows(codes=np.empty(0, dtype=np.int32))
        self.reclaim = self._rows.reclaim

    def add(self, attributes: Sequence[tuple[int, Iterable[str]]]) -> None:
        pairs = [(slot, self._code_of.setdefault(a, len(self._code_of))) for slot, of_slot in attributes for a in of_slot]
        self._rows.add([slot for slot, _ in pairs], codes=[code for _, code in pairs])

    def view(self) -> AttributeView:
        return AttributeView(self._code_of, self._rows.slots, self._rows.columns["codes"], self._rows.used)
