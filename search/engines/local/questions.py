"""How documents and queries look to tantivy: the schema, and restrictions as clauses that add nothing to a score."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import tantivy

from search.engines.attributes import attributes_of, named
from search.engines.fields import weighted_terms
from search.engines.restrictions import Restriction, Restrictions, is_empty
from search.ports import Document, Interval, Phrase

MOST_QUANTITIES: Final = 16
"""tantivy's columns are fixed when an index is made, so there are this many for whatever quantities come."""
_BETWEEN: Final = "\x1f"

Words = Mapping[str, float]
"""What each term's score is multiplied by; empty for no question of words."""
Clause = tuple[tantivy.Occur, tantivy.Query]


def low_of(column: int) -> str:
    return f"low{column}"


def high_of(column: int) -> str:
    return f"high{column}"


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    # Signed: on an unsigned field `delete_documents_by_term` with a Python int deletes nothing, silently (0.27).
    builder.add_integer_field("slot", indexed=True, fast=True)
    builder.add_text_field("terms", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("signs", tokenizer_name="whitespace", index_option="position")
    builder.add_text_field("attributes", tokenizer_name="raw", index_option="basic", fast=True)
    for column in range(MOST_QUANTITIES):
        builder.add_float_field(low_of(column), fast=True)
        builder.add_float_field(high_of(column), fast=True)
    return builder.build()


SCHEMA: Final = _schema()


class Names:
    """Numbers for the names of fields and quantities, in the order they were met; no number ever changes.

    Written under the engine's lock; readers see names that are on their way in, which no document of theirs has.
    """

    def __init__(self) -> None:
        self.fields: dict[str, int] = {}
        self.quantities: dict[str, int] = {}

    def meet(self, document: Document) -> bool:
        """Learn the document's names. False, and nothing learnt, where it has one quantity too many."""
        if len(self.quantities | dict(document.spans)) > MOST_QUANTITIES:
            return False
        for known, names in ((self.fields, document.signs), (self.quantities, document.spans)):
            for name in names:
                known.setdefault(name, len(known))
        return True


def to_tantivy(document: Document, slot: int, names: Names) -> tantivy.Document:
    """Checked against the schema at once: a wrong type found by the commit would cost the whole batch.

    `names` have met the document. Each sign carries its field, so that no phrase runs from one field into another.
    """
    values: dict[str, int | float | list[str]] = {
        "slot": slot,
        "terms": [" ".join(weighted_terms(document.fields))],
        "signs": [" ".join(_signs(names.fields[name], signs)) for name, signs in document.signs.items()],
        "attributes": list(attributes_of(document)),
    }
    for name, (low, high) in document.spans.items():
        values[low_of(names.quantities[name])] = float(low)
        values[high_of(names.quantities[name])] = float(high)
    return tantivy.Document.from_dict(values, SCHEMA)


def _signs(field: int, signs: Iterable[str]) -> list[str]:
    return [f"{field}{_BETWEEN}{sign}" for sign in signs]


def question(words: Words, restrictions: Restrictions, names: Names) -> tantivy.Query:
    """Documents with any of `words` (all where there are none) under the restrictions; score is BM25 over the words alone."""
    clauses = [clause for each in restrictions.attributes for clause in _of_attribute(each)]
    clauses += [(tantivy.Occur.Must, _of_span(names.quantities.get(name), interval)) for name, interval in restrictions.spans]
    clauses += [(tantivy.Occur.Must, _of_phrase(phrase, names)) for phrase in restrictions.phrases]
    clauses += [(tantivy.Occur.MustNot, _of_phrase(phrase, names)) for phrase in restrictions.no_phrases]
    if words:
        clauses.append((tantivy.Occur.Must, _of_words(words)))
    return _all_of(clauses)


def broken(words: Words, restriction: Restriction, others: Restrictions, names: Names) -> tantivy.Query:
    """Documents that `question` would find under the others, and that this one keeps out."""
    kept = _all_of(_of_attribute(restriction))
    return _all_of([(tantivy.Occur.Must, question(words, others, names)), (tantivy.Occur.MustNot, kept)])


def _all_of(clauses: Sequence[Clause]) -> tantivy.Query:
    """Clauses that only forbid find nothing by themselves."""
    if not any(occur == tantivy.Occur.Must for occur, _ in clauses):
        clauses = [*clauses, (tantivy.Occur.Must, _unscored(tantivy.Query.all_query()))]
    return tantivy.Query.boolean_query(clauses)


def _unscored(query: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.const_score_query(query, 0.0)


def _of_attribute(restriction: Restriction) -> list[Clause]:
    asked = ((tantivy.Occur.Must, restriction.wanted), (tantivy.Occur.MustNot, restriction.unwanted))
    return [
        (occur, _unscored(tantivy.Query.term_set_query(SCHEMA, "attributes", named(restriction.attribute, values))))
        for occur, values in asked
        if values
    ]


def _of_span(column: int | None, interval: Interval) -> tantivy.Query:
    if column is None or is_empty(interval):
        return tantivy.Query.empty_query()
    low, high = interval
    number = tantivy.FieldType.Float
    clauses = [(tantivy.Occur.Must, tantivy.Query.exists_query(low_of(column)))]
    if high is not None:
        clauses.append((tantivy.Occur.Must, tantivy.Query.range_query(SCHEMA, low_of(column), number, None, float(high))))
    if low is not None:
        clauses.append((tantivy.Occur.Must, tantivy.Query.range_query(SCHEMA, high_of(column), number, float(low), None)))
    return _unscored(tantivy.Query.boolean_query(clauses))


def _of_phrase(phrase: Phrase, names: Names) -> tantivy.Query:
    fields = names.fields.values() if not phrase.field else [names.fields.get(phrase.field, -1)]
    standing = [_standing(_signs(field, phrase.signs)) for field in list(fields)]
    return _unscored(tantivy.Query.boolean_query([(tantivy.Occur.Should, each) for each in standing]))


def _standing(signs: list[str]) -> tantivy.Query:
    if len(signs) == 1:
        return tantivy.Query.term_query(SCHEMA, "signs", signs[0], "basic")
    return tantivy.Query.phrase_query(SCHEMA, "signs", list(signs))


def _of_words(words: Words) -> tantivy.Query:
    clauses = []
    for term, weight in words.items():
        query = tantivy.Query.term_query(SCHEMA, "terms", term, "freq")
        clauses.append((tantivy.Occur.Should, tantivy.Query.boost_query(query, weight) if weight != 1 else query))
    return tantivy.Query.boolean_query(clauses)
