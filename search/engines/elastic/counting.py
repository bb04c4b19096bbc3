"""How many documents hold each value and meet each band, each under all restrictions but its own: one request."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from search.engines.attributes import named, split
from search.engines.elastic.asking import Asking
from search.engines.elastic.questions import Body, matching, span
from search.engines.fields import term_weights
from search.engines.restrictions import Restrictions, restrictions_of
from search.ports import Interval, Query

Bands = Mapping[str, Sequence[Interval]]
Counts = dict[str, dict[str, int]]
_MOST_VALUES: Final = 60_000
"""The server refuses an aggregation of more than 65,536 buckets."""
_VALUES: Final = "values"
_SPECIAL: Final = frozenset('.?+*|{}[]()"\\#@&<>~')


class Counter:
    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def count(self, query: Query, bands: Bands, index: str) -> Counts:
        """As `Engine.facets` says. `index` is the alias of the query's audience."""
        weights, restrictions = term_weights(query), restrictions_of(query)
        under: dict[Restrictions, Body] = {restrictions: {_VALUES: _by_value()}}
        for each in restrictions.attributes:
            under.setdefault(restrictions.but(each.attribute), {})[f"{_VALUES} {each.attribute}"] = _by_value(each.attribute)
        for quantity, intervals in bands.items():
            if intervals:
                under.setdefault(restrictions.but_span(quantity), {})[f"band {quantity}"] = _by_band(quantity, intervals)
        bodies = [
            {"query": matching(weights, each), "size": 0, "track_total_hits": False, "aggs": a} for each, a in under.items()
        ]
        return _put_together(restrictions, bands, self._asking.ask(index, bodies))


def _put_together(restrictions: Restrictions, bands: Bands, answers: Sequence[Mapping[str, Any]]) -> Counts:
    found: dict[str, Mapping[str, Any]] = {}
    for answer in answers:
        found |= answer.get("aggregations", {})
    result = _values(found[_VALUES])
    for each in restrictions.attributes:
        result[each.attribute] = _values(found[f"{_VALUES} {each.attribute}"]).get(each.attribute, {})
    for quantity, intervals in bands.items():
        if intervals:
            buckets = found[f"band {quantity}"]["buckets"]
            result[quantity] = {str(position): int(buckets[str(position)]["doc_count"]) for position in range(len(intervals))}
    return {name: of_value for name, of_value in result.items() if of_value}


def _by_value(attribute: str | None = None) -> Body:
    """Of one attribute, or of all."""
    asked: Body = {"field": "attributes", "size": _MOST_VALUES, "shard_size": _MOST_VALUES}
    if attribute is not None:
        asked["include"] = f"{_literally(named(attribute, [''])[0])}.*"
    return {"terms": asked}


def _literally(text: str) -> str:
    """Text in the server's regular expressions."""
    return "".join(f"\\{each}" if each in _SPECIAL else each for each in text)


def _by_band(quantity: str, intervals: Sequence[Interval]) -> Body:
    return {"filters": {"filters": {str(position): span(quantity, each) for position, each in enumerate(intervals)}}}


def _values(aggregation: Mapping[str, Any]) -> Counts:
    result: Counts = {}
    for bucket in aggregation["buckets"]:
        name, value = split(bucket["key"])
        result.setdefault(name, {})[value] = int(bucket["doc_count"])
    return result
