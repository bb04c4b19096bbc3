"""What a document holds that filters ask for, kind, zones, industries, facets, as one list of texts. For every engine."""

from collections.abc import Iterable, Iterator
from typing import Final

from search.ports import Document

_SEPARATOR: Final = "\x1f"


def attributes_of(document: Document) -> Iterator[str]:
    """One text for each value of each attribute; `split` takes it apart."""
    yield f"kind{_SEPARATOR}{document.kind}"
    yield from named("zone", document.zones)
    yield from named("industry", document.industries)
    for name, values in document.facets.items():
        yield from named(name, values)


def named(attribute: str, values: Iterable[str]) -> list[str]:
    return [f"{attribute}{_SEPARATOR}{value}" for value in values]


def split(attribute: str) -> tuple[str, str]:
    """Name and value."""
    name, _, value = attribute.partition(_SEPARATOR)
    return name, value
