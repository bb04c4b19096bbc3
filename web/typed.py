"""A posted form as it arrived: names and texts in order, nothing checked, nothing dropped."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request

MOST_FIELDS: Final = 2000
"""A listing with sixty indicators and sixty rights has about nine hundred."""


@dataclass(frozen=True, slots=True)
class Typed:
    pairs: tuple[tuple[str, str], ...] = ()

    def __contains__(self, name: str) -> bool:
        return any(each == name for each, _ in self.pairs)

    def one(self, name: str) -> str:
        """The first text of that name, or nothing."""
        return next((value for each, value in self.pairs if each == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Every text of that name that is not empty, each once."""
        return tuple(dict.fromkeys(value for each, value in self.pairs if each == name and value))

    def number(self, name: str) -> int:
        """A version that a hidden input carries; 0, which is older than all, for what is none."""
        return whole_number(self.one(name)) or 0

    def without(self, *names: str) -> Iterator[tuple[str, str]]:
        """The pairs that another form can carry on in hidden fields."""
        return ((name, value) for name, value in self.pairs if name not in names)


def whole_number(text: str) -> int | None:
    """Digits as a number; None for anything else, and for more digits than any counter of ours has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


async def _read(request: Request) -> Typed:
    form = await request.form(max_files=0, max_fields=MOST_FIELDS)
    return Typed(tuple((name, value) for name, value in form.multi_items() if isinstance(value, str)))


TypedForm = Annotated[Typed, Depends(_read)]
"""Reads the body before the endpoint runs, so that the endpoint can be a plain function (law 8)."""
