"""The filters of a search as parameters of an address: declared from their one definition, for the page and the API."""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, TypeVar

from fastapi import Query

from matching.discovery.filters import FILTERS, MOST_VALUES

F = TypeVar("F", bound=Callable[..., Any])

Raw = Mapping[str, list[str] | None]
"""Filter → its values as they came."""
LONGEST_VALUE: Final = 40
_LENIENT: Final = Annotated[list[str] | None, Query()]
_STRICT: Final = Annotated[list[Annotated[str, Query(max_length=LONGEST_VALUE)]] | None, Query(max_length=MOST_VALUES)]
"""A page passes over what it cannot read; the API refuses it."""


def takes_filters(*, strict: bool) -> Callable[[F], F]:
    """The endpoint's `**filters` become one declared parameter for each filter: its values, or None."""

    def declare(endpoint: F) -> F:
        signature = inspect.signature(endpoint)
        own = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
        declared = [
            inspect.Parameter(each.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_STRICT if strict else _LENIENT)
            for each in FILTERS
        ]
        keyword_only = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own]
        endpoint.__signature__ = signature.replace(parameters=[*keyword_only, *declared])  # type: ignore[attr-defined]  # PEP 362
        return endpoint

    return declare


def raw_of(filters: Raw) -> dict[str, list[str]]:
    return {name: values for name, values in filters.items() if values}
