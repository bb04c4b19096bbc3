"""Pages of a list: which there are, which to show, and their addresses."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from web.paths import with_query

PAGE_SIZE = 20
LAST_PAGE = 500
"""Nobody pages further; an address may."""


@dataclass(frozen=True, slots=True)
class Paging:
    """`page` counts from 1. `parameters` are the rest of the query, kept in every address."""

    total: int
    page: int
    path: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    size: int = PAGE_SIZE

    @property
    def count(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.size

    @property
    def first(self) -> int:
        return min(self.offset + 1, self.total)

    @property
    def last(self) -> int:
        return min(self.offset + self.size, self.total)

    @property
    def shown(self) -> tuple[int | None, ...]:
        """The first, the last and those around this one; None where some are left out."""
        near = {1, self.count, *range(self.page - 1, self.page + 2)}
        pages: list[int | None] = []
        for page in sorted(each for each in near if 1 <= each <= self.count):
            if pages and isinstance(pages[-1], int) and page - pages[-1] > 1:
                pages.append(page - 1 if page - pages[-1] == 2 else None)
            pages.append(page)
        return tuple(pages)

    def href(self, page: int) -> str:
        return with_query(self.path, **{**self.parameters, "page": page if page > 1 else None})


def page_number(value: str | None) -> int:
    """The page an address asks for; 1 for anything that is none."""
    return min(int(value), LAST_PAGE) if value and value.isascii() and value.isdigit() and int(value) >= 1 else 1
