"""Documents for the engine contract: short texts through `search.text.terms`, vectors of eight dimensions."""

import zlib
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from search.ports import Audience, Document, DocumentId, Engine, Hit, Kind, Passage, Vector
from search.text import signs as signs_of
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
    return unit(*np.random.default_rng(zlib.crc32(name.encode("utf-8", "surrogatepass"))).standard_normal(DIMENSION))


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
    spans: Mapping[str, tuple[float, float]] | None = None,
    signs: Mapping[str, str] | None = None,
    vectors: Sequence[Vector] | None = None,
    state_hash: str | None = None,
    **fields: str,
) -> Document:
    """A document whose fields are cut from the given texts, and its signs, if no other texts are given for them; without
    `vectors` it has one passage, of `vector_of(listing)`."""
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
        spans=spans or {},
        signs={name: signs_of(text) for name, text in (texts if signs is None else signs).items()},
    )


def listings(hits: Sequence[Hit]) -> list[str]:
    return [hit.listing for hit in hits]


class NewEngine:
    """What every part of the contract builds on."""

    @abstractmethod
    def new_engine(self) -> Engine:
        """An empty engine for vectors of `DIMENSION` and the fingerprint `RECIPE`."""


def filled(contract: type[NewEngine], documents: Sequence[Document]) -> Iterator[Engine]:
    """One engine for all tests of a class that only read: an index costs a server more than a question."""
    engine = contract().new_engine()
    assert engine.apply(documents, ()) == {}
    yield engine
    engine.close()
