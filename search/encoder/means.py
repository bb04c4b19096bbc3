"""Frozen means, one a role, that are subtracted from the encoder's vectors: better ranking at no cost, part of the recipe."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from search.errors import EncoderFileError
from search.ports import Lane, Matrix, Role

SHIPPED: Final = Path(__file__).with_name("means.json")
FORMAT: Final = 1
_BLOCK: Final = 512


@dataclass(frozen=True, slots=True, eq=False)
class Means:
    """`vectors` have shape (d,), float32, and are not of unit length. `model` is the digest of the folder they belong to.

    `counts` says from how many texts each was taken, `command` how to take them again.
    """

    vectors: Mapping[Role, NDArray[np.float32]]
    model: str
    counts: Mapping[Role, int] = field(default_factory=dict)
    command: str = ""

    @property
    def digest(self) -> str:
        """16 hex digits over the values alone: where they came from changes no vector."""
        total = hashlib.sha256()
        for role in sorted(self.vectors):
            total.update(role.encode() + b"\0" + self.vectors[role].astype("<f4").tobytes())
        return total.hexdigest()[:16]


class UncentredEncoder(Protocol):
    """An encoder that subtracts nothing; `digest` is that of its model folder."""

    @property
    def digest(self) -> str: ...

    def encode(self, texts: Sequence[str], role: Role, *, lane: Lane = "bulk", timeout: float | None = None) -> Matrix: ...


def estimate_means(
    encoder_uncentred: UncentredEncoder, texts_by_role: Mapping[Role, Sequence[str]], *, command: str = ""
) -> Means:
    """The mean of the unit vectors of each role's texts, summed in float64. Raises ValueError for a role without texts."""
    vectors: dict[Role, NDArray[np.float32]] = {}
    for role in sorted(texts_by_role):
        texts = texts_by_role[role]
        if not texts:
            raise ValueError(f"no texts for the role {role}")
        rows = [encoder_uncentred.encode(texts[n : n + _BLOCK], role) for n in range(0, len(texts), _BLOCK)]
        vectors[role] = np.vstack(rows).mean(axis=0, dtype=np.float64).astype(np.float32)
    counts = {role: len(texts_by_role[role]) for role in vectors}
    return Means(vectors, encoder_uncentred.digest, counts, command)


def save_means(means: Means, path: Path) -> None:
    """Write them as JSON, the values in base64 (little-endian float32): equal means give equal bytes."""
    roles = {
        role: {
            "texts": means.counts.get(role, 0),
            "dimension": len(means.vectors[role]),
            "mean": base64.b64encode(means.vectors[role].astype("<f4").tobytes()).decode(),
        }
        for role in sorted(means.vectors)
    }
    content = {
        "format": FORMAT,
        "model": means.model,
        "digest": means.digest,
        "command": means.command,
        "roles": roles,
    }
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load_means(path: Path = SHIPPED) -> Means:
    """Read them. Raises `EncoderFileError` when the file is missing, damaged or of another format."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise EncoderFileError(f"The file of means {path.name} has format {content['format']}; only {FORMAT} is known.")
        vectors: dict[Role, NDArray[np.float32]] = {}
        counts: dict[Role, int] = {}
        for role, entry in content["roles"].items():
            values = np.frombuffer(base64.b64decode(entry["mean"], validate=True), "<f4").astype(np.float32)
            if len(values) != entry["dimension"] or not np.isfinite(values).all():
                raise ValueError(f"the mean of {role} is damaged")
            vectors[role], counts[role] = values, int(entry["texts"])
        means = Means(vectors, content["model"], counts, content["command"])
        if means.digest != content["digest"]:
            raise ValueError("the values do not fit their digest")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EncoderFileError(f"The file of means {path.name} cannot be read: {error}") from error
    return means


def shipped_means(digest: str) -> Means | None:
    """The means that come with ZoneMatch, if they were taken from the model with this digest; else None."""
    if not SHIPPED.is_file():
        return None
    means = load_means(SHIPPED)
    return means if means.model == digest else None
