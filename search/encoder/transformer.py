"""The encoder that serves: a sentence-transformers folder behind the `Encoder` port."""

import os
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from search.encoder.folder import FolderInfo, read_folder
from search.encoder.lanes import ModelFunction, ModelThread
from search.encoder.means import Means
from search.encoder.model import Backend, load_model
from search.errors import EncoderUnavailable
from search.ports import Health, Lane, Matrix, Role
from search.recipe import Recipe

_ROLES: Final[tuple[Role, ...]] = ("query", "result", "need")
_CHARACTERS_A_TOKEN: Final = 16
"""No piece of a vocabulary is longer; what lies beyond this many characters can only be cut off by the model."""


class TransformerEncoder:
    """Implements `search.ports.Encoder`. Making one is cheap and never fails: torch is imported, and the folder loaded, on
    a thread of its own at the first `encode`, or at `start()`. A folder that cannot be used is told by every call.

    Texts are cut after the model's longest input; callers cut long ones into passages themselves (`search.text.chunks`).
    """

    def __init__(
        self,
        folder: Path,
        *,
        means: Means | None = None,
        backend: Backend = "auto",
        threads: int | None = None,
        batch: int = 8,
        prompts: Mapping[Role, str] | None = None,
        max_tokens: int | None = None,
        nice: int = 0,
    ) -> None:
        """`means` must belong to this folder's model; None subtracts nothing. `prompts` overrides the folder's own, by
        role. `threads` is torch's number of threads, `batch` how many passages are computed at a time (8 to 16).
        `nice` lowers the priority of its thread, where the system knows such a thing."""
        self._folder = folder
        self._means = means
        self._backend = backend
        self._threads = threads
        self._prompts = dict(prompts or {})
        self._max_tokens = max_tokens
        self._nice = nice
        self._info: FolderInfo | None = None
        self._used = ""
        self._worker = ModelThread(self._load, batch=batch)

    @property
    def recipe(self) -> Recipe:
        """What the vectors depend on. Raises `EncoderUnavailable` if the folder cannot be read, like all below."""
        info = self._described()
        return Recipe(
            model=info.name,
            digest=info.digest,
            dimension=info.dimension,
            prompts={role: self._prompt(info, role) for role in _ROLES},
            max_tokens=info.max_tokens,
            means=self._means.digest if self._means is not None else "",
        )

    @property
    def fingerprint(self) -> str:
        return self.recipe.vectors

    @property
    def dimension(self) -> int:
        return self._described().dimension

    @property
    def digest(self) -> str:
        """Digest of the model folder: what means are tied to."""
        return self._described().digest

    @property
    def backend(self) -> str:
        """`bf16` or `fp32` once loaded, before that empty."""
        return self._used

    def start(self) -> None:
        """Begin to load, without waiting, so that the first person need not wait for it."""
        self._worker.start()

    def encode(self, texts: Sequence[str], role: Role, *, lane: Lane = "bulk", timeout: float | None = None) -> Matrix:
        """As the port says. Characters that are no Unicode text (lone surrogates) count as question marks."""
        info = self._described()
        longest = info.max_tokens * _CHARACTERS_A_TOKEN
        clean = [text[:longest].encode("utf-8", "replace").decode() for text in texts]
        rows = self._worker.run(clean, self._prompt(info, role), lane, timeout)
        if not rows:
            return np.empty((0, info.dimension), np.float32)
        if self._means is None:
            return centred(np.vstack(rows), None)
        found = centred(np.vstack(rows), self._means.vectors.get(role))
        return without(found, self._means.language) if role == "query" and self._means.language is not None else found

    def health(self) -> Health:
        """Not ok when the folder is unusable, loading failed, or it was closed; idle and loading are well."""
        try:
            info = self._described()
        except EncoderUnavailable as error:
            return Health(False, "encoder", 0, str(error))
        state = self._worker.state
        if state in ("failed", "closed"):
            return Health(False, info.name, 0, self._worker.reason)
        return Health(True, info.name, 0, self._used if state == "ready" else "not loaded yet")

    def close(self) -> None:
        """End the thread. Whoever waits gets `EncoderUnavailable`, and so does every later call."""
        self._worker.close()

    def _described(self) -> FolderInfo:
        if self._info is None:  # a failure is not kept: the folder may be built later
            info = read_folder(self._folder, max_tokens=self._max_tokens)
            if self._means is not None:
                _check(self._means, info)
            self._info = info
        return self._info

    def _prompt(self, info: FolderInfo, role: Role) -> str:
        return self._prompts.get(role, info.query_prompt if role == "query" else info.passage_prompt)

    def _load(self) -> ModelFunction:
        if self._nice and sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), self._nice)
        try:
            model, self._used = load_model(self._folder, self._described(), backend=self._backend, threads=self._threads)
        except EncoderUnavailable:
            raise
        except Exception as error:
            raise EncoderUnavailable(
                f"The encoder in {self._folder} cannot be loaded ({type(error).__name__}: {error}). Remove the folder "
                "and build it again, or set the path of another."
            ) from error
        return model


def _check(means: Means, info: FolderInfo) -> None:
    if means.model != info.digest:
        raise EncoderUnavailable("The means were taken from another model: estimate them again, or set none.")
    held = [*means.vectors.values(), *([means.language] if means.language is not None else [])]
    if any(vector.shape != (info.dimension,) for vector in held):
        raise EncoderUnavailable(f"The means do not have the model's {info.dimension} dimensions: estimate them again.")


def centred(rows: Matrix, mean: np.ndarray[tuple[int], np.dtype[np.float32]] | None) -> Matrix:
    """Rows of unit length, minus `mean`, of unit length again, in float32 whatever the model computed in.

    A row that equals the mean has no direction left and stays as it was.
    """
    unit = _unit(np.asarray(rows, np.float32))
    if mean is None:
        return unit
    moved = unit - mean
    lengths = np.linalg.norm(moved, axis=1)
    moved[lengths < 1e-6] = unit[lengths < 1e-6]
    return _unit(moved)


def without(rows: Matrix, direction: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Matrix:
    """Rows of unit length without their part along `direction`, of unit length again. One that has no other part stays."""
    left = rows - np.outer(rows @ direction, direction)
    lengths = np.linalg.norm(left, axis=1)
    left[lengths < 1e-3] = rows[lengths < 1e-3]
    return _unit(left)


def _unit(rows: Matrix) -> Matrix:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or (lengths == 0).any():
        raise EncoderUnavailable("The encoder gave a vector without a direction: its weights are damaged.")
    result: Matrix = (rows / lengths).astype(np.float32)
    return result
