"""What makes vectors, and the indexes built from them, comparable: the recipe (law 6)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from search.ports import Role

SCHEMA_VERSION: Final = 4
"""Raise it when documents change shape, so that every index is built anew. Stored vectors stay valid."""
_LENGTH: Final = 16


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything a vector depends on but the arithmetic, which any backend may choose within cosine 0.995 of fp32.

    `digest` is of the model folder, `means` of the frozen means ("" where nothing is subtracted). `tokeniser` is what
    `search.text.tokeniser_version()` gives; like `schema` it concerns the index and not the vectors.
    """

    model: str
    digest: str
    dimension: int
    prompts: Mapping[Role, str]
    max_tokens: int
    means: str = ""
    tokeniser: str = ""
    schema: int = SCHEMA_VERSION

    @property
    def vectors(self) -> str:
        """16 hex digits: equal where vectors may be compared. The key under which they are stored; the name of the model
        and the versions of tokeniser and schema are not in it, so that no such change makes texts be embedded again."""
        prompts = [[role, self.prompts[role]] for role in sorted(self.prompts)]
        return _digest([self.digest, self.dimension, prompts, self.max_tokens, self.means])

    @property
    def fingerprint(self) -> str:
        """16 hex digits: equal where an index may go on serving."""
        return index_fingerprint(self.vectors, self.tokeniser, self.schema)


def index_fingerprint(encoder: str, tokeniser: str, schema: int = SCHEMA_VERSION) -> str:
    """The recipe fingerprint of an index, from `Encoder.fingerprint` and `search.text.tokeniser_version()`."""
    return _digest([encoder, tokeniser, schema])


def _digest(content: list[Any]) -> str:
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]
