"""Documents for the engine contract: short texts through `search.text.terms`, vectors of eight dimensions."""

import zlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from search.ports import Audience, Document, DocumentId, Hit, Kind, Passage, Vector
from search.text import terms

DIMENSION = 8
RECIPE = "recipe-1"


def unit(*values: float) -> Vector:
    """The given coordinates, filled up with zeros, at unit length."""
    vector = np.zeros(DIMENSION, dtype=np.float32)
    vector[: len(values)] = values
    return vector / np.float32(np.linalg.norm(vector))


def vector_of(name: str) -> Vector:
    """Some vector, always the same for the same name."""
    return unit(*np.random.default_rng(zlib.crc32(name.encode())).standard_normal(DIMENSION))


def identity(listing: str, audience: Audience = "public") -> DocumentId:
    return DocumentId(listing, audience)


def document(
    listing: str,
    title: str = "",
    *,
    audience: Audience = "public",
    kind: Kind = "result",
    revision: int = 1,
    zones: Iterable[str] = (),
    industries: Iterable[str] = (),
    facets: Mapping[str, Iterable[str]] | None = None,
    vectors: Sequence[Vector] | None = None,
    state_hash: str | None = None,
    **fields: str,
) -> Document:
    """A document whose fields are cut from the given texts; without `vectors` one passage of `vector_of(listing)`."""
    texts = {"title": title, **fields}
    found = [vector_of(listing)] if vectors is None else vectors
    return Document(
        id=identity(listing, audience),
        kind=kind,
        revision=revision,
        state_hash=state_hash if state_hash is not None else f"{listing}@{revision}",
        zones=frozenset(zones),
        industries=frozenset(industries),
        fields={name: terms(text) for name, text in texts.items()},
        passages=tuple(Passage(title, vector) for vector in found),
        facets={name: frozenset(values) for name, values in (facets or {}).items()},
    )


def listings(hits: Sequence[Hit]) -> list[str]:
    return [hit.listing for hit in hits]
