"""The two ports of the search room, `Engine` and `Encoder`, and the values that cross them.

Everything here is immutable and free of SQL, HTTP, clock and random. Vectors are numpy float32 of shape (d,), unit length,
where d is the recipe's dimension. Terms are what `search.text.terms` gives: engines never cut text themselves (law 4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
"""Shape (d,), unit length."""
Matrix = NDArray[np.float32]
"""Shape (n, d), rows of unit length."""

Audience = Literal["public", "registered"]
"""Each audience is an index of its own, so that not even document frequencies carry over from one to the other."""
Kind = Literal["result", "need"]
Lane = Literal["interactive", "bulk"]
"""What a person waits for overtakes bulk work and waits at most one small batch."""
Role = Literal["query", "result", "need"]
"""What a text is to the encoder: it selects the prompt and the mean that is subtracted."""


@dataclass(frozen=True, slots=True)
class DocumentId:
    """One document a listing and audience. `listing` is the listing's public id."""

    listing: str
    audience: Audience

    def __str__(self) -> str:
        return f"{self.listing}:{self.audience}"


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """A piece of a document with its vector. `text` is what a snippet may show to this audience."""

    text: str
    vector: Vector


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """What one audience may find of one listing.

    `revision` is the document's own counter: it is raised in the transaction that enqueues the indexing job, so equal
    revisions carry equal content and a lower one is stale. `state_hash` digests the content (`projection` makes it).
    `industries` holds the tagged industries and all their ancestors, so that "in I" is one membership test.
    `fields` maps a field name to its terms; `title`, `keywords`, `body`, `owner` and `numbers` are the names in use.
    `facets` maps a facet name (`maturity`, `mode`, `ip_kind` …) to its values.
    """

    id: DocumentId
    kind: Kind
    revision: int
    state_hash: str
    zones: frozenset[str]
    industries: frozenset[str]
    fields: Mapping[str, tuple[str, ...]]
    passages: tuple[Passage, ...]
    facets: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A delete that carries its revision, so that a late write of an older revision loses against it."""

    id: DocumentId
    revision: int


@dataclass(frozen=True, slots=True)
class DocumentState:
    """What the engine holds of one document; `state_hash` is empty where it is deleted."""

    id: DocumentId
    revision: int
    state_hash: str
    deleted: bool


@dataclass(frozen=True, slots=True)
class Filters:
    """AND between the attributes, OR within one; an empty set does not restrict. `facets` likewise, by facet name."""

    zones: frozenset[str] = frozenset()
    industries: frozenset[str] = frozenset()
    facets: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """One question to one audience. Empty `terms` gives no lexical ranking, no `vector` no semantic one.

    With neither, `rank` answers with every document under the filters, by id, as the lexical ranking (score 0).
    """

    audience: Audience
    terms: tuple[str, ...] = ()
    vector: Vector | None = None
    kinds: frozenset[Kind] = frozenset()
    filters: Filters = Filters()
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Hit:
    """`score` is BM25 (lexical) or the best passage's cosine (semantic); `passage` is that passage's position."""

    listing: str
    score: float
    passage: int | None = None


@dataclass(frozen=True, slots=True)
class Rankings:
    """Two ranked lists, best first, ties by listing id; each has `limit` hits whenever that many exist under the filters."""

    lexical: tuple[Hit, ...] = ()
    semantic: tuple[Hit, ...] = ()


@dataclass(frozen=True, slots=True)
class Generation:
    """An index generation: the recipe fingerprint it was built with, and the one being built beside it, if any."""

    fingerprint: str
    building: str | None = None


@dataclass(frozen=True, slots=True)
class Health:
    ok: bool
    name: str
    documents: int
    detail: str = ""


@runtime_checkable
class Engine(Protocol):
    """An index of documents. Thread safe: any number of readers, writers are serialised inside.

    Every method may raise `EngineUnavailable`. Writes are idempotent; all are visible to reads once `apply` returns.
    """

    def apply(self, upserts: Sequence[Document], deletes: Sequence[Tombstone]) -> None:
        """Write documents and tombstones; whichever holds the higher revision stays, equal revisions are equal content.

        Raises `DocumentRejected` before anything is written when a vector has the wrong dimension or length.
        While a generation is being built, writes go to both.
        """

    def state(self, ids: Sequence[DocumentId]) -> Mapping[DocumentId, DocumentState]:
        """What is held of these documents, tombstones included; unknown ids are absent."""

    def scan(self, after: str | None = None, limit: int = 1000) -> tuple[DocumentState, ...]:
        """All that is held, tombstones included, ordered by `str(id)`, strictly after `after`: for the gate."""

    def purge(self, ids: Sequence[DocumentId]) -> None:
        """Forget documents and tombstones for good. The gate calls it once no older job can exist."""

    def rank(self, query: Query) -> Rankings:
        """Both rankings under the query's audience, kinds and filters."""

    def facets(self, query: Query) -> Mapping[str, Mapping[str, int]]:
        """Counts by `kind`, `zone`, `industry` and every facet, over the documents under the filters that hold at least
        one of the terms (all of them where `terms` is empty)."""

    def generation(self) -> Generation: ...

    def begin(self, fingerprint: str) -> None:
        """Start a new, empty generation beside the serving one. Aborts one that was being built."""

    def promote(self) -> None:
        """Make the generation being built the serving one and drop the old one."""

    def abort(self) -> None:
        """Drop the generation being built; without one, nothing happens."""

    def health(self) -> Health: ...

    def close(self) -> None: ...


@runtime_checkable
class Encoder(Protocol):
    """Texts to vectors. Thread safe; the model itself runs on one thread."""

    @property
    def fingerprint(self) -> str:
        """Digest of model, dimension, prompts, pooling, means and normalisation: the recipe (law 6)."""

    @property
    def dimension(self) -> int: ...

    def encode(self, texts: Sequence[str], role: Role, *, lane: Lane = "bulk", timeout: float | None = None) -> Matrix:
        """Unit-length float32 of shape (len(texts), d), also for no texts at all.

        Raises `EncoderTimeout` after `timeout` seconds and `EncoderUnavailable` when the model cannot be loaded.
        """

    def health(self) -> Health: ...

    def close(self) -> None: ...
