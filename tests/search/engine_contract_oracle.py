"""What the port promises of restrictions and counts, in plain Python over a list of documents."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from search.engines.fields import term_weights, weighted_terms
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


def bm25(documents: Sequence[Document], query: Query) -> dict[str, float]:
    """By listing, with k1 = 1.2, b = 0.75 and lengths as Lucene and tantivy keep them."""
    held = {each.id.listing: Counter(weighted_terms(each.fields)) for each in documents}
    mean = sum(counted.total() for counted in held.values()) / len(held)
    scores: dict[str, float] = {}
    for term, weight in term_weights(query).items():
        df = sum(term in counted for counted in held.values())
        idf = math.log(1 + (len(held) - df + 0.5) / (df + 0.5))
        for listing, counted in held.items():
            if tf := counted[term]:
                worth = idf * 2.2 * tf / (tf + 1.2 * (0.25 + 0.75 * _kept(counted.total()) / mean))
                scores[listing] = scores.get(listing, 0.0) + weight * worth
    return scores


def _kept(length: int) -> int:
    """A length in a byte: from 24 on four significant bits of what is above 24."""
    above = length - 24
    lost = max(0, above.bit_length() - 4)
    return length if above < 0 else 24 + (above >> lost << lost)


def tau_b(one: Sequence[float], other: Sequence[float]) -> float:
    """Kendall's: 1 where both order alike, ties in one of them counting half."""
    pairs = [(_sign(a - c), _sign(b - d)) for (a, b), (c, d) in combinations(zip(one, other, strict=True), 2)]
    agreed = sum(a * b for a, b in pairs)
    return agreed / math.sqrt(sum(a != 0 for a, _ in pairs) * sum(b != 0 for _, b in pairs))


def _sign(value: float) -> int:
    return (value > 1e-9) - (value < -1e-9)
