"""What a query restricts, attribute by attribute: every engine filters and counts by the same list. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from search.engines.checks import RESERVED_FACETS
from search.ports import Interval, Phrase, Query


@dataclass(frozen=True, slots=True)
class Restriction:
    """On one attribute: a document holds one of `wanted` (where there are any) and none of `unwanted`. Both sorted."""

    attribute: str
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Restrictions:
    """All that a query restricts within its audience; equal, and hashed alike, where the same documents are eligible.

    `attributes` has each attribute once, `spans` each quantity. An interval may be open at both ends: it asks for documents
    that have the quantity. No phrase is empty. Restrictions are asked one beside the other: all of them hold.
    """

    attributes: tuple[Restriction, ...] = ()
    spans: tuple[tuple[str, Interval], ...] = ()
    phrases: tuple[Phrase, ...] = ()
    no_phrases: tuple[Phrase, ...] = ()

    def but(self, attribute: str) -> "Restrictions":
        """Without what restricts this attribute: the values of `attribute` are counted under these."""
        return replace(self, attributes=tuple(each for each in self.attributes if each.attribute != attribute))

    def but_span(self, quantity: str) -> "Restrictions":
        """Without what restricts this quantity: its bands are counted under these."""
        return replace(self, spans=tuple(each for each in self.spans if each[0] != quantity))


def restrictions_of(query: Query) -> Restrictions:
    """Raises ValueError where a facet is asked for by a name that is no facet's."""
    filters = query.filters
    if not RESERVED_FACETS.isdisjoint(filters.facets):
        raise ValueError(f"no facet is named any of {sorted(RESERVED_FACETS)}")
    wanted: dict[str, Collection[str]] = {"kind": query.kinds, "zone": filters.zones, "industry": filters.industries}
    wanted |= filters.facets
    names = [*wanted, *(name for name in filters.without if name not in wanted)]
    asked = (
        Restriction(name, tuple(sorted(wanted.get(name, ()))), tuple(sorted(filters.without.get(name, ()))))
        for name in sorted(names)
    )
    return Restrictions(
        attributes=tuple(each for each in asked if each.wanted or each.unwanted),
        spans=tuple(sorted(filters.spans.items())),
        phrases=_not_empty(query.phrases),
        no_phrases=_not_empty(query.no_phrases),
    )


def _not_empty(phrases: Collection[Phrase]) -> tuple[Phrase, ...]:
    return tuple(dict.fromkeys(each for each in phrases if each.signs))


def is_empty(interval: Interval) -> bool:
    """Whether nothing can meet it: its lowest is above its highest, or an end is no number."""
    low, high = interval
    ends = [end for end in interval if end is not None]
    return any(end != end for end in ends) or (low is not None and high is not None and low > high)
