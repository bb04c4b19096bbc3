"""Vectors live in SQL, keyed by content hash and recipe (law 1): an index is rebuilt without embedding anything again."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching.model import StoredVector
from matching.store.database import Database
from search.errors import EncoderUnavailable
from search.ports import Encoder, Lane, Matrix, Role, Vector

Key = tuple[Role, str]
"""A text and what it is to the encoder."""
K = TypeVar("K")

_CHUNK = 500
_BLOCK = 256
"""Texts embedded between two savings: what a stop or a kill may lose, and enough to sort by length."""


def content_hash(key: Key) -> str:
    """40 hexadecimal digits over role and text."""
    return hashlib.sha256(f"{key[0]}\0{key[1]}".encode()).hexdigest()[:40]


class VectorsAwaited(Exception):
    """SQL does not hold them yet, and another process is to make them."""


class VectorStore:
    """Answers with vectors, embedding only what SQL does not hold yet. No connection is held while text is encoded.

    With `elsewhere` it embeds nothing: others do (`matching.embedding`)."""

    def __init__(self, database: Database, encoder: Encoder, *, elsewhere: bool = False) -> None:
        self._database = database
        self._encoder = encoder
        self._elsewhere = elsewhere

    @property
    def fingerprint(self) -> str:
        return self._encoder.fingerprint

    @property
    def dimension(self) -> int:
        return self._encoder.dimension

    def get(self, keys: Iterable[Key], *, lane: Lane) -> dict[Key, Vector]:
        """A vector for every key; new ones are stored. Raises `EncoderUnavailable` when one is missing and cannot be made,
        `VectorsAwaited` when others are to make it."""
        wanted = list(dict.fromkeys(keys))
        with self._database.read() as session:
            found = self.stored(session, wanted)
        missing = [key for key in wanted if key not in found]
        if not missing:
            return found
        if self._elsewhere:
            raise VectorsAwaited(f"{len(missing)} vectors")
        for role in sorted({key[0] for key in missing}):
            texts = [key[1] for key in missing if key[0] == role]
            for start in range(0, len(texts), _BLOCK):
                block = texts[start : start + _BLOCK]
                recipe = self._encoder.fingerprint
                vectors = self._encoder.encode(block, role, lane=lane)
                made: dict[Key, Vector] = {(role, text): vector for text, vector in zip(block, vectors, strict=True)}
                if self._encoder.fingerprint != recipe:
                    raise EncoderUnavailable("another encoder took its place meanwhile")
                self._save(made, recipe)
                found |= made
        return found

    def stored(self, session: Session, keys: Sequence[Key]) -> dict[Key, Vector]:
        """Those of the keys that SQL holds under today's recipe."""
        recipe = self._encoder.fingerprint
        hashes = {content_hash(key): key for key in keys}
        order = list(hashes)
        found: dict[Key, Vector] = {}
        for start in range(0, len(order), _CHUNK):
            rows = session.exec(
                select(StoredVector.content_hash, StoredVector.vector).where(
                    col(StoredVector.content_hash).in_(order[start : start + _CHUNK]),
                    StoredVector.recipe == recipe,
                )
            )
            for hash_, blob in rows:
                found[hashes[hash_]] = np.frombuffer(blob, dtype="<f4").astype(np.float32, copy=False)
        return found

    def stacked(self, session: Session, wanted: Mapping[K, Sequence[Key]]) -> Iterator[tuple[K, Matrix]]:
        """Each one's vectors, a row a key in their order (of one key at least); who lacks one is left out. All are read at once,
        and stacked one after another."""
        held = self.stored(session, [key for keys in wanted.values() for key in keys])
        for each, keys in wanted.items():
            if all(key in held for key in keys):
                yield each, np.stack([held[key] for key in keys])

    def _save(self, made: dict[Key, Vector], recipe: str) -> None:
        with self._database.write() as unit:
            hashes = {content_hash(key): vector for key, vector in made.items()}
            held: set[str] = set()
            order = list(hashes)
            for start in range(0, len(order), _CHUNK):
                held |= set(
                    unit.session.exec(
                        select(StoredVector.content_hash).where(
                            col(StoredVector.content_hash).in_(order[start : start + _CHUNK]), StoredVector.recipe == recipe
                        )
                    )
                )
            rows = [
                {"content_hash": each, "recipe": recipe, "vector": np.ascontiguousarray(vector, dtype="<f4").tobytes()}
                for each, vector in hashes.items()
                if each not in held
            ]
            if rows:
                unit.session.execute(sa.insert(StoredVector), rows)
            unit.commit()
