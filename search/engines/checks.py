"""What every engine refuses, checked before anything is written."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from search.errors import DocumentRejected
from search.ports import Document, Vector

NORM_TOLERANCE: Final = 1e-3
"""Elasticsearch takes 0.9995 for unit length and refuses 0.998; the same documents must pass on every engine."""

RESERVED_FACETS: Final = frozenset({"kind", "zone", "industry"})
"""Names under which `facets` counts the attributes that are not facets."""


def check_documents(documents: Sequence[Document], dimension: int) -> None:
    """Raises `DocumentRejected`, naming the first document with a vector that is not of shape (dimension,) and unit
    length, with a facet of a reserved name, or with text that has no UTF-8 (lone surrogates)."""
    for document in documents:
        if not RESERVED_FACETS.isdisjoint(document.facets):
            raise DocumentRejected(f"{document.id}: a facet cannot be named any of {sorted(RESERVED_FACETS)}")
        for position, passage in enumerate(document.passages):
            why = why_not_a_vector(passage.vector, dimension)
            if why:
                raise DocumentRejected(f"{document.id}: vector of passage {position} {why}")
        try:
            " ".join(_texts(document)).encode()
        except UnicodeEncodeError as error:
            raise DocumentRejected(f"{str(document.id)!a}: text that cannot be encoded, {error.reason}") from error


def _texts(document: Document) -> Iterator[str]:
    yield document.id.listing
    yield from document.zones
    yield from document.industries
    for terms in document.fields.values():
        yield from terms
    for name, values in document.facets.items():
        yield name
        yield from values


def why_not_a_vector(vector: Vector, dimension: int) -> str:
    """Why `vector` cannot be compared under this recipe; empty when it can."""
    if vector.shape != (dimension,):
        return f"has shape {vector.shape}, not ({dimension},)"
    squared = float(np.dot(vector, vector))
    if not abs(squared**0.5 - 1) <= NORM_TOLERANCE:  # written so that NaN fails
        return f"has length {squared**0.5:.4f}, not 1"
    return ""
