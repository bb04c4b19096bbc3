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
Lane = Literal["interactive", "bulk", "slow"]
"""What a person waits for overtakes bulk work and waits at most one small batch."""
Interval = tuple[float | None, float | None]
"""Lowest and highest, both included; None is an open end."""
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
    `facets` maps a facet name (`maturity`, `mode`, `ip_kind` …) to its values; `spans` a quantity (`price`, `published`,
    `expires` …) to the interval it covers, both ends included. `signs` maps a field name to its text as
    `search.text.signs` cuts it, sign by sign in reading order: what phrases are looked up in.
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
    spans: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    signs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


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
    """AND between the attributes, OR within one; an empty set does not restrict. `facets` likewise, by facet name.

    `without` maps an attribute's name (`kind`, `zone`, `industry`, a facet) to values of which a document must hold none.
    `spans` maps a quantity to an interval that the document's own must meet; None is an open end. A document without the
    quantity does not match. Every case stands in search/FILTERS.md.
    """

    zones: frozenset[str] = frozenset()
    industries: frozenset[str] = frozenset()
    facets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    without: Mapping[str, frozenset[str]] = field(default_factory=dict)
    spans: Mapping[str, Interval] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Signs (`search.text.signs`) that stand next to one another in `field`, in any one field where it is empty.

    A phrase without signs does not restrict.
    """

    signs: tuple[str, ...]
    field: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """One question to one audience. Empty `terms` gives no lexical ranking, no `vector` no semantic one.

    With neither, `rank` answers with every document under the filters, by id, as the lexical ranking (score 0).
    `related` are terms beside those asked for (synonyms), worth half as much each; they count only beside `terms`, but
    then a document that holds nothing else is found, too. One that is also asked for counts as asked for.
    `phrases` must all be held, `no_phrases` none: they restrict both rankings and the counts, and add to no score.
    """

    audience: Audience
    terms: tuple[str, ...] = ()
    vector: Vector | None = None
    kinds: frozenset[Kind] = frozenset()
    filters: Filters = Filters()
    limit: int = 100
    related: tuple[str, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    no_phrases: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """`score` is BM25 (lexical) or the best passage's cosine (semantic); `passage` is that passage's position."""

    listing: str
    score: float
    passage: int | None = None


@dataclass(frozen=True, slots=True)
class Rankings:
    """Two ranked lists, best first, ties by listing id; each has `limit` hits whenever that many exist under the filters.

    `matched` is how many documents there are in all for the lexical one, whatever the limit. Scores of the semantic one are
    exact cosines.
    """

    lexical: tuple[Hit, ...] = ()
    semantic: tuple[Hit, ...] = ()
    matched: int = 0


@dataclass(frozen=True, slots=True)
class Generation:
    """The recipe fingerprint of the generation that serves, of the one being built beside it, and of the one that served
    before, while it is kept."""

    fingerprint: str
    building: str | None = None
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """`code` names what is wrong, as `EngineUnavailable.code` does, and is empty where nothing is; `detail` is for the log."""

    ok: bool
    name: str
    documents: int
    detail: str = ""
    code: str = ""


@runtime_checkable
class Engine(Protocol):
    """An index of documents. Thread safe: any number of readers, writers are serialised inside.

    Every method may raise `EngineUnavailable`. Writes are idempotent; all are visible to reads once `apply` returns.

    What is found, how many match, counts and states are the same from every engine; so are the scores of meaning. What may
    differ: the scale of the scores of words, whose order agrees by Kendall's tau-b of at least 0.95 over the first 50; and
    where an index is too large to compare every passage, which of those far down the ranking by meaning are looked at.
    """

    def apply(
        self, upserts: Sequence[Document], deletes: Sequence[Tombstone], *, building: bool = False
    ) -> Mapping[DocumentId, str]:
        """Write documents and tombstones; whichever holds the higher revision stays, equal revisions are equal content.

        Gives the documents that are refused for good, each with the reason, in English: a vector of another dimension or
        length, text that cannot be encoded, whatever else the engine does not take. All others are written.
        While a generation is being built, writes go to both; the previous one is left as it is. One whose vectors are of
        another dimension takes documents without their passages: its recipe is another, and is asked for words alone.
        With `building`, only the one being built is written: it is filled so, and the serving one stays as it was.
        """

    def state(self, ids: Sequence[DocumentId], *, building: bool = False) -> Mapping[DocumentId, DocumentState]:
        """What is held of these documents, tombstones included; unknown ids are absent. Of the generation that serves, or of
        the one being built; nothing where none is."""

    def scan(self, after: str | None = None, limit: int = 1000, *, building: bool = False) -> tuple[DocumentState, ...]:
        """All that is held, tombstones included, ordered by `str(id)`, strictly after `after`: for the gate. Of the
        generation that serves, or of the one being built; nothing where none is."""

    def purge(self, ids: Sequence[DocumentId]) -> None:
        """Forget documents and tombstones for good. The gate calls it once no older job can exist."""

    def rank(self, query: Query) -> Rankings:
        """Both rankings under the query's audience, kinds, filters and phrases."""

    def facets(self, query: Query, bands: Mapping[str, Sequence[Interval]] | None = None) -> Mapping[str, Mapping[str, int]]:
        """Counts by `kind`, `zone`, `industry` and every facet, over the documents that hold at least one of the terms or of
        the related ones (all of them where `terms` is empty), under all restrictions but those on the attribute that is
        counted: what a person would find who chose that value beside the others.

        `bands` maps a quantity to intervals; their counts come under its name, keyed "0", "1" … in the order given,
        likewise under all restrictions but the one on that quantity. An interval counts the documents that meet it; values
        that no document holds are absent, intervals that none meets have 0.
        """

    def generation(self) -> Generation: ...

    def begin(self, fingerprint: str) -> None:
        """Start a new, empty generation beside the serving one. Aborts one that was being built."""

    def promote(self) -> None:
        """Make the generation being built the serving one, in one step for readers; what served is kept as the previous
        one, and what was kept before is dropped. Raises ValueError where none is being built."""

    def revert(self) -> None:
        """Let the previous generation serve again, as it was when it was left: the gate brings what has changed since.
        What served becomes the previous one. Raises ValueError where none is kept."""

    def drop(self) -> None:
        """Forget the previous generation; without one, nothing happens."""

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
