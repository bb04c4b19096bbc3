"""What a sentence-transformers folder says of itself, read without torch: dimension, prompts, tokens, digest."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from search.errors import EncoderUnavailable

MOST_TOKENS: Final = 512
"""Longest input by default: passages are far shorter, and long-context models would stall the lanes on a stray text."""
_WHOLE: Final = 32 * 1024 * 1024
_SAMPLES: Final = 64
_SAMPLE: Final = 64 * 1024
_CONTENT: Final = (".json", ".txt", ".model", ".safetensors", ".bin")


@dataclass(frozen=True, slots=True)
class FolderInfo:
    """`prompts` by the folder's own names (`query`, `document`, `passage` …), empty where it has none."""

    name: str
    dimension: int
    max_tokens: int
    prompts: Mapping[str, str]
    digest: str

    @property
    def query_prompt(self) -> str:
        return self.prompts.get("query", "")

    @property
    def passage_prompt(self) -> str:
        return self.prompts.get("passage", self.prompts.get("document", ""))


def read_folder(folder: Path, *, max_tokens: int | None = None) -> FolderInfo:
    """Describe the folder, in some 30 ms. Raises `EncoderUnavailable`, saying how to mend it, if it is none."""
    try:
        modules = _json(folder / "modules.json")
        config = _json(folder / "config.json")
        places = [folder / module["path"] for module in modules]
        dimension = int(config.get("hidden_size") or 0)
        for place in places[1:]:
            described = _json(place / "config.json", optional=True)
            for key in ("out_features", "embedding_dimension", "word_embedding_dimension"):
                if key in described:
                    dimension = int(described[key])
                    break
        own = _json(folder / "config_sentence_transformers.json", optional=True)
        dimension = int(own.get("truncate_dim") or dimension)
        transformer = _json(folder / "sentence_bert_config.json", optional=True)
        tokens = int(transformer.get("max_seq_length") or config.get("max_position_embeddings") or MOST_TOKENS)
        prompts = {str(name): str(prompt) for name, prompt in (own.get("prompts") or {}).items()}
        name = str(_json(folder / "zonematch.json", optional=True).get("name") or config.get("model_type", "model"))
        digest = _digest(folder, {folder, *places})
    except FileNotFoundError as error:
        missing = Path(str(error.filename)).name
        raise EncoderUnavailable(
            f"{folder} is not a sentence-transformers folder ({missing} is missing): build the embedded one, "
            "or set the path of yours."
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EncoderUnavailable(f"The encoder's folder {folder} cannot be read: {error}") from error
    if dimension < 1:
        raise EncoderUnavailable(f"The encoder's folder {folder} does not say the dimension of its vectors.")
    return FolderInfo(name, dimension, min(tokens, max_tokens or MOST_TOKENS), prompts, digest)


def _json(path: Path, *, optional: bool = False) -> Any:
    if optional and not path.is_file():
        return {}
    return json.loads(path.read_text(encoding="utf-8"))


def _digest(folder: Path, places: set[Path]) -> str:
    """SHA-256 over names and contents of configuration, tokeniser and weights; not over the folder's own name.

    Of files over 32 MB the length and 64 evenly spread samples are taken: training changes every part of the weights,
    so this finds it, without reading gigabytes at each start.
    """
    total = hashlib.sha256()
    present = (place for place in places if place.is_dir())  # a module without settings has no folder
    files = {path for place in present for path in place.iterdir() if path.is_file() and path.suffix in _CONTENT}
    for path in sorted(files):
        size = path.stat().st_size
        content = hashlib.sha256()
        with path.open("rb") as stream:
            if size <= _WHOLE:
                content.update(stream.read())
            else:
                for n in range(_SAMPLES):
                    stream.seek((size - _SAMPLE) * n // (_SAMPLES - 1))
                    content.update(stream.read(_SAMPLE))
        total.update(f"{path.relative_to(folder).as_posix()}\0{size}\0{content.hexdigest()}\n".encode())
    return total.hexdigest()
