"""How many documents hold each value and meet each band, each counted under all restrictions but its own."""

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from math import inf, nextafter
from typing import Any, Final

import tantivy

from search.engines.attributes import split
from search.engines.local.questions import Names, Words, broken, high_of, low_of, question
from search.engines.restrictions import Restrictions, is_empty
from search.ports import Interval

Bands = Mapping[str, Sequence[Interval]]
Counts = dict[str, dict[str, int]]
_MOST_BUCKETS: Final = 60_000
"""tantivy refuses an aggregation of more than 65,000 buckets."""


def counts(searcher: tantivy.Searcher, words: Words, restrictions: Restrictions, bands: Bands, names: Names) -> Counts:
    """As `Engine.facets` says.

    The documents for one attribute's counts are those under all restrictions and those that only its own keeps out. These
    sets do not overlap, whatever the attribute, so that all counts together cost no more than those of the words alone.
    """
    restricted = dict(restrictions.spans)
    result = _by_value(searcher, question(words, restrictions, names))
    for each in restrictions.attributes:
        kept_out = broken(words, each, restrictions.but(each.attribute), names)
        of_value = result.setdefault(each.attribute, {})
        for value, count in _by_value(searcher, kept_out).get(each.attribute, {}).items():
            of_value[value] = of_value.get(value, 0) + count
    for quantity, intervals in bands.items():
        under = restrictions.but_span(quantity) if quantity in restricted else restrictions
        column = names.quantities.get(quantity)
        found = [0] * len(intervals) if column is None else _by_band(searcher, question(words, under, names), column, intervals)
        result[quantity] = {str(position): count for position, count in enumerate(found)}
    return {name: of_value for name, of_value in result.items() if of_value}


def _by_value(searcher: tantivy.Searcher, query: tantivy.Query) -> Counts:
    asked = {"a": {"terms": {"field": "attributes", "size": _MOST_BUCKETS, "segment_size": _MOST_BUCKETS}}}
    result: Counts = {}
    for bucket in searcher.aggregate(query, asked)["a"]["buckets"]:
        name, value = split(bucket["key"])
        result.setdefault(name, {})[value] = bucket["doc_count"]
    return result


def _by_band(searcher: tantivy.Searcher, query: tantivy.Query, column: int, intervals: Sequence[Interval]) -> list[int]:
    """All documents but those that end before the interval begins and those that begin after it ends."""
    starts = sorted({float(low) for low, _ in intervals if low is not None})
    ends = sorted({nextafter(high, inf) for _, high in intervals if high is not None})
    asked = {
        "all": {"value_count": {"field": low_of(column)}},
        **({"end": _parted(high_of(column), starts)} if starts else {}),
        **({"begin": _parted(low_of(column), ends)} if ends else {}),
    }
    found = searcher.aggregate(query, asked)
    having = int(found["all"]["value"])
    ending_before = _below(found["end"], starts) if starts else {}
    beginning_before = _below(found["begin"], ends) if ends else {}

    def meeting(low: float | None, high: float | None) -> int:
        beginning = having if high is None else beginning_before[nextafter(high, inf)]
        return beginning - (0 if low is None else ending_before[float(low)])

    return [0 if is_empty(each) else meeting(*each) for each in intervals]


def _parted(field: str, borders: Sequence[float]) -> dict[str, Any]:
    between = [{"from": low, "to": high} for low, high in pairwise(borders)]
    return {"range": {"field": field, "ranges": [{"to": borders[0]}, *between, {"from": borders[-1]}]}}


def _below(found: Mapping[str, Any], borders: Sequence[float]) -> dict[float, int]:
    """How many lie below each border. An index without documents has no buckets at all."""
    sums = accumulate(int(bucket["doc_count"]) for bucket in found["buckets"])
    return dict.fromkeys(borders, 0) | dict(zip(borders, sums, strict=False))
