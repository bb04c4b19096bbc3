"""Queries in the server's language. Nothing here asks anything."""

from collections.abc import Iterable, Mapping
from typing import Any

from search.engines.attributes import named
from search.engines.elastic.layout import field_name
from search.engines.restrictions import Restriction, Restrictions, is_empty
from search.ports import Interval, Phrase

Body = dict[str, Any]
ALIVE: Body = {"term": {"deleted": False}}
NOTHING: Body = {"match_none": {}}


def under(restrictions: Restrictions) -> Body:
    """A filter: everything alive under the restrictions. It adds nothing to a score."""
    required: list[Body] = [ALIVE]
    forbidden: list[Body] = []
    for each in restrictions.attributes:
        required += _any_value(each, each.wanted)
        forbidden += _any_value(each, each.unwanted)
    required += [span(name, interval) for name, interval in restrictions.spans]
    required += [_phrase(each) for each in restrictions.phrases]
    forbidden += [_phrase(each) for each in restrictions.no_phrases]
    clauses: Body = {"filter": required}
    return {"bool": clauses | {"must_not": forbidden} if forbidden else clauses}


def words(weights: Mapping[str, float]) -> Body:
    """Any of the terms, each one's BM25 times its weight. The analyser cuts at spaces alone, so terms stay as they are."""
    by_weight: dict[float, list[str]] = {}
    for term, weight in weights.items():
        by_weight.setdefault(weight, []).append(term)
    clauses = [{"match": {"terms": {"query": " ".join(terms), "boost": weight}}} for weight, terms in sorted(by_weight.items())]
    return clauses[0] if len(clauses) == 1 else {"bool": {"should": clauses, "minimum_should_match": 1}}


def matching(weights: Mapping[str, float], restrictions: Restrictions) -> Body:
    """Documents with any of the words (all of them without words) under the restrictions; the score is the words'."""
    if not weights:
        return under(restrictions)
    return {"bool": {"must": [words(weights)], "filter": [under(restrictions)]}}


def span(name: str, interval: Interval) -> Body:
    """Documents whose own interval meets this one."""
    if is_empty(interval):
        return NOTHING
    field = f"spans.{field_name(name)}"
    low, high = interval
    begins: Body = {} if high is None else {"lte": _end(high)}
    ends: Body = {} if low is None else {"gte": _end(low)}
    asked: list[Body] = [{"range": {f"{field}.low": begins}}] if begins else []
    asked += [{"range": {f"{field}.high": ends}}] if ends else []
    return {"bool": {"filter": asked or [{"exists": {"field": f"{field}.low"}}]}}


def _end(value: float) -> float | str:
    """JSON has no infinity; the server reads it as a word."""
    return value if abs(value) != float("inf") else ("Infinity" if value > 0 else "-Infinity")


def _any_value(restriction: Restriction, values: Iterable[str]) -> list[Body]:
    asked = named(restriction.attribute, values)
    return [{"terms": {"attributes": asked}}] if asked else []


def _phrase(phrase: Phrase) -> Body:
    asked = " ".join(phrase.signs)
    if phrase.field:
        return {"match_phrase": {f"signs.{field_name(phrase.field)}": asked}}
    return {"multi_match": {"query": asked, "fields": ["signs.*"], "type": "phrase"}}
