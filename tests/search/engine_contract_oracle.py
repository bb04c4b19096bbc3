"""What the port promises of restrictions and counts, in plain Python over a list of documents."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from search.ports import Document, Interval, Phrase, Query


def attributes(document: Document) -> dict[str, frozenset[str]]:
    held = {"kind": frozenset({document.kind}), "zone": document.zones, "industry": document.industries}
    return held | dict(document.facets)


def meets(span: tuple[float, float] | None, interval: Interval) -> bool:
    low, high = interval
    if span is None or (low is not None and high is not None and low > high):
        return False
    return (high is None or span[0] <= high) and (low is None or span[1] >= low)


def holds_phrase(document: Document, phrase: Phrase) -> bool:
    wanted, size = phrase.signs, len(phrase.signs)
    texts = document.signs if not phrase.field else {phrase.field: document.signs.get(phrase.field, ())}
    return any(text[at : at + size] == wanted for text in texts.values() for at in range(len(text) - size + 1))


def is_eligible(document: Document, query: Query, *, but: str = "", but_span: str = "") -> bool:
    """Under all restrictions, but those on the attribute `but` and on the quantity `but_span`."""
    filters = query.filters
    wanted = {"kind": query.kinds, "zone": filters.zones, "industry": filters.industries, **filters.facets}
    held = attributes(document)
    return (
        document.id.audience == query.audience
        and all(held.get(name, frozenset()) & values for name, values in wanted.items() if values and name != but)
        and not any(held.get(name, frozenset()) & values for name, values in filters.without.items() if name != but)
        and all(meets(document.spans.get(name), each) for name, each in filters.spans.items() if name != but_span)
        and all(holds_phrase(document, phrase) for phrase in query.phrases if phrase.signs)
        and not any(holds_phrase(document, phrase) for phrase in query.no_phrases if phrase.signs)
    )


def has_a_word(document: Document, query: Query) -> bool:
    """Of the terms or of what is related to them; true where no terms are asked for."""
    wanted = {*query.terms, *query.related} if query.terms else set()
    return not wanted or any(not wanted.isdisjoint(terms) for terms in document.fields.values())


def matching(documents: Iterable[Document], query: Query) -> list[Document]:
    return [each for each in documents if is_eligible(each, query) and has_a_word(each, query)]


def counts(
    documents: Sequence[Document], query: Query, bands: Mapping[str, Sequence[Interval]] | None = None
) -> dict[str, dict[str, int]]:
    found = [each for each in documents if has_a_word(each, query)]
    result: dict[str, dict[str, int]] = {}
    for name in {name for each in found for name in attributes(each)}:
        under = (each for each in found if is_eligible(each, query, but=name))
        counted = Counter(value for each in under for value in attributes(each).get(name, ()))
        if counted:
            result[name] = dict(counted)
    for quantity, intervals in (bands or {}).items():
        under = [each for each in found if is_eligible(each, query, but_span=quantity)]
        result[quantity] = {
            str(at): sum(meets(each.spans.get(quantity), interval) for each in under) for at, interval in enumerate(intervals)
        }
    return result
