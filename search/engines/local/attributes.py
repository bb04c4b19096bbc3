"""Which documents hold what filters ask for (see `search.engines.attributes`), as masks by slot."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from search.engines.attributes import named
from search.engines.local.rows import Mask, Numbers, Rows
from search.engines.restrictions import Restriction


@dataclass(frozen=True, slots=True)
class AttributeView:
    """The rows at one moment (see `Rows`)."""

    code_of: Mapping[str, int]
    """Shared and growing; no code ever changes."""
    slots: Numbers
    codes: Numbers
    used: int

    def mask(self, alive: Mask, restrictions: Iterable[Restriction]) -> Mask:
        """The slots alive under all of the restrictions."""
        mask = alive
        for each in restrictions:
            if each.wanted:
                mask = mask & self._having(alive, named(each.attribute, each.wanted))
            if each.unwanted:
                mask = mask & ~self._having(alive, named(each.attribute, each.unwanted))
        return mask

    def _having(self, alive: Mask, attributes: Sequence[str]) -> Mask:
        """The slots with at least one of these, dead ones among them; the length of `alive`."""
        codes = [self.code_of[attribute] for attribute in attributes if attribute in self.code_of]
        is_wanted = np.zeros(max(codes, default=0) + 2, dtype=np.bool_)  # the last one for all codes beyond
        is_wanted[codes] = True
        rows = np.flatnonzero(np.take(is_wanted, self.codes[: self.used], mode="clip"))
        has_one = np.zeros_like(alive)
        has_one[np.minimum(self.slots[rows], len(alive) - 1)] = True
        return has_one


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
