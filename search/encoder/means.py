"""Frozen means, one a role, that are subtracted from the encoder's vectors: better ranking at no cost, part of the recipe.

And the direction of language, which is taken out of queries: an English query lies near whatever is English, a Chinese one
near whatever is Chinese, before either lies near what it is about. A product without that part of the query's vector has no
part of it at all, so nothing that is stored changes, and it is no part of the recipe.
"""

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

    `counts` says from how many texts each was taken, `command` how to take them again. `language` has unit length and points
    from Chinese to English among centred queries, as `pairs` of words of the same meaning show it; None where nobody asked.
    """

    vectors: Mapping[Role, NDArray[np.float32]]
    model: str
    counts: Mapping[Role, int] = field(default_factory=dict)
    command: str = ""
    language: NDArray[np.float32] | None = None
    pairs: int = 0

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
    encoder_uncentred: UncentredEncoder,
    texts_by_role: Mapping[Role, Sequence[str]],
    *,
    pairs: Sequence[tuple[str, str]] = (),
    command: str = "",
) -> Means:
    """The mean of the unit vectors of each role's texts, summed in float64. Raises ValueError for a role without texts.

    `pairs` are the same in Chinese and in English: the mean of their differences as queries is the direction of language.
    """
    vectors: dict[Role, NDArray[np.float32]] = {}
    for role in sorted(texts_by_role):
        texts = texts_by_role[role]
        if not texts:
            raise ValueError(f"no texts for the role {role}")
        rows = [encoder_uncentred.encode(texts[n : n + _BLOCK], role) for n in range(0, len(texts), _BLOCK)]
        vectors[role] = np.vstack(rows).mean(axis=0, dtype=np.float64).astype(np.float32)
    counts = {role: len(texts_by_role[role]) for role in vectors}
    language = _direction(encoder_uncentred, vectors["query"], pairs) if pairs else None
    return Means(vectors, encoder_uncentred.digest, counts, command, language, len(pairs))


def _direction(encoder: UncentredEncoder, mean: NDArray[np.float32], pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
    chinese, english = (unit(encoder.encode([pair[at] for pair in pairs], "query") - mean) for at in (0, 1))
    found: NDArray[np.float32] = unit((english - chinese).mean(axis=0, dtype=np.float64)[None])[0].astype(np.float32)
    return found


def unit(rows: Matrix) -> Matrix:
    """Rows of unit length; a row without a direction stays without one."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    result: Matrix = (rows / np.maximum(lengths, np.finfo(np.float32).tiny)).astype(np.float32)
    return result


def save_means(means: Means, path: Path) -> None:
    """Write them as JSON, the values in base64 (little-endian float32): equal means give equal bytes."""
    roles = {
        role: {
            "texts": means.counts.get(role, 0),
            "dimension": len(means.vectors[role]),
            "mean": _written(means.vectors[role]),
        }
        for role in sorted(means.vectors)
    }
    content: dict[str, Any] = {
        "format": FORMAT,
        "model": means.model,
        "digest": means.digest,
        "command": means.command,
        "roles": roles,
    }
    if means.language is not None:
        content["language"] = {"pairs": means.pairs, "direction": _written(means.language)}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _written(values: NDArray[np.float32]) -> str:
    return base64.b64encode(values.astype("<f4").tobytes()).decode()


def _read(text: str) -> NDArray[np.float32]:
    values = np.frombuffer(base64.b64decode(text, validate=True), "<f4").astype(np.float32)
    if not np.isfinite(values).all():
        raise ValueError("its values are damaged")
    return values


def load_means(path: Path = SHIPPED) -> Means:
    """Read them. Raises `EncoderFileError` when the file is missing, damaged or of another format."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise EncoderFileError(f"The file of means {path.name} has format {content['format']}; only {FORMAT} is known.")
        vectors: dict[Role, NDArray[np.float32]] = {}
        counts: dict[Role, int] = {}
        for role, entry in content["roles"].items():
            values = _read(entry["mean"])
            if len(values) != entry["dimension"]:
                raise ValueError(f"the mean of {role} is damaged")
            vectors[role], counts[role] = values, int(entry["texts"])
        spoken = content.get("language")
        language = _read(spoken["direction"]) if spoken else None
        if language is not None and (language.shape != vectors["query"].shape or abs(np.linalg.norm(language) - 1) > 1e-3):
            raise ValueError("the direction of language is damaged")
        pairs = int(spoken["pairs"]) if spoken else 0
        means = Means(vectors, content["model"], counts, content["command"], language, pairs)
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
