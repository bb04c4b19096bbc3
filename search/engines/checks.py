"""What every engine refuses, each document by itself, before anything is written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

import numpy as np

from search.ports import Document, DocumentId, Tombstone, Vector

NORM_TOLERANCE: Final = 1e-3
"""Elasticsearch takes 0.9995 for unit length and refuses 0.998; the same documents must pass on every engine."""

RESERVED_FACETS: Final = frozenset({"kind", "zone", "industry"})
"""Names under which `facets` counts the attributes that are not facets."""

LONGEST_ID: Final = 512
"""Bytes of `str(id)` that Elasticsearch takes for an id."""
LONGEST_VALUE: Final = 32_000
"""Bytes of one term or value; Lucene takes 32,766, and engines put a name before it."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """What may be written, and why the rest may not."""

    upserts: tuple[Document, ...]
    deletes: tuple[Tombstone, ...]
    refused: dict[DocumentId, str]


def sort_out(upserts: Sequence[Document], deletes: Sequence[Tombstone], dimension: int) -> Sorted:
    """Part what an engine for vectors of this dimension takes from what it refuses for good."""
    refused: dict[DocumentId, str] = {}
    good: list[Document] = []
    dead: list[Tombstone] = []
    for document in upserts:
        if why := why_refused(document, dimension):
            refused[document.id] = why
        else:
            good.append(document)
    for tombstone in deletes:
        if why := _why_not_an_id(tombstone.id):
            refused[tombstone.id] = why
        else:
            dead.append(tombstone)
    return Sorted(tuple(good), tuple(dead), refused)


def why_refused(document: Document, dimension: int) -> str:
    """Why no engine takes this document, in English; empty when all do."""
    if why := _why_not_an_id(document.id):
        return why
    if not RESERVED_FACETS.isdisjoint(document.facets):
        return f"a facet cannot be named any of {sorted(RESERVED_FACETS)}"
    for position, passage in enumerate(document.passages):
        if why := why_not_a_vector(passage.vector, dimension):
            return f"vector of passage {position} {why}"
    for quantity, (low, high) in document.spans.items():
        if not (isfinite(low) and isfinite(high) and low <= high):
            return f"span {quantity!a} does not go from one number to a higher one: {low} to {high}"
    texts = list(_texts(document))
    try:
        " ".join(texts).encode()
    except UnicodeEncodeError as error:
        return f"text that cannot be encoded, {error.reason}"
    if max(map(len, texts)) > LONGEST_VALUE // 4 and max(len(text.encode()) for text in texts) > LONGEST_VALUE:
        return f"a term or value of more than {LONGEST_VALUE} bytes"
    return ""


def _why_not_an_id(id_: DocumentId) -> str:
    try:
        size = len(str(id_).encode())
    except UnicodeEncodeError as error:
        return f"an id that cannot be encoded, {error.reason}"
    return f"an id of more than {LONGEST_ID} bytes" if size > LONGEST_ID else ""


def _texts(document: Document) -> Iterator[str]:
    yield document.state_hash
    yield from document.zones
    yield from document.industries
    for listed in (document.fields, document.signs):
        for name, terms in listed.items():
            yield name
            yield from terms
    for name, values in document.facets.items():
        yield name
        yield from values
    yield from document.spans


def why_not_a_vector(vector: Vector, dimension: int) -> str:
    """Why `vector` cannot be compared under this recipe; empty when it can."""
    if vector.shape != (dimension,):
        return f"has shape {vector.shape}, not ({dimension},)"
    squared = float(np.dot(vector, vector))
    if not abs(squared**0.5 - 1) <= NORM_TOLERANCE:  # written so that NaN fails
        return f"has length {squared**0.5:.4f}, not 1"
    return ""
