"""Teaching in a process of its own, at a low priority: whoever searches or posts meanwhile does not notice.

`Workshop.run` starts the process, hands its progress on, and ends it when told to. What a round has made stays in the folder:
work that was cut off goes on after the last finished round.
"""

import contextlib
import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from search.encoder.means import estimate_means, save_means
from search.encoder.transformer import TransformerEncoder
from search.encoder.tuning import Lesson, Recipe, Report, tune
from search.errors import EncoderUnavailable
from search.ports import Matrix, Role

NICE: Final = 10
"""A tenth of what a process gets that people wait for, where both want all."""
_SPEC: Final = "rounds.json"
STAGE: Final = "teaching"
"""What is reported, in percents of a round."""
_SHARES: Final[Mapping[str, tuple[float, float]]] = {
    "reading": (0.0, 0.1),
    "tuning": (0.1, 0.7),
    "means": (0.7, 0.75),
    "embedding_judged": (0.75, 1.0),
}
"""Which part of a round each stage takes, about."""
_SAID: Final = "@"
"""Begins a line of progress: libraries print lines of their own."""


@dataclass(frozen=True, slots=True)
class Round:
    """Teach with `lessons`, then embed `texts` by role. With `keep` the taught folder stays, and its means are taken from
    `means_of`, and the direction of language from `pairs` (Chinese, English)."""

    lessons: tuple[Lesson, ...]
    texts: Mapping[Role, Sequence[str]] = field(default_factory=dict)
    keep: bool = False
    means_of: Mapping[Role, Sequence[str]] = field(default_factory=dict)
    pairs: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """`vectors` by role have unit length and nothing subtracted, shape (texts, d). `folder` and `means` are files of a round that
    keeps."""

    vectors: Mapping[Role, Matrix]
    folder: Path
    means: Path


class Workshop:
    """`folder` is the work's own; it is made where it is not there."""

    def __init__(self, folder: Path, source: Path, recipe: Recipe | None = None, *, nice: int = NICE) -> None:
        self._nice = nice
        self._folder = folder.resolve()
        self._source = source.resolve()
        self._recipe = recipe or Recipe(threads=1)

    def run(self, rounds: Sequence[Round], report: Report) -> list[Made]:
        """All rounds, in order. What `report` raises ends the process and is raised on. Raises `EncoderUnavailable` with what
        the process said last when it failed."""
        self._folder.mkdir(parents=True, exist_ok=True)
        spec = self._folder / _SPEC
        held = {
            "source": str(self._source),
            "recipe": dataclasses.asdict(self._recipe),
            "rounds": [dataclasses.asdict(each) for each in rounds],
        }
        text = json.dumps(held, ensure_ascii=False)
        if not spec.is_file() or spec.read_text(encoding="utf-8") != text:  # other work: what is there is of no use to it
            shutil.rmtree(self._folder)
            self._folder.mkdir()
            spec.write_text(text, encoding="utf-8")
        self._process(report, len(rounds))
        return [self._made(at, each) for at, each in enumerate(rounds)]

    def _process(self, report: Report, total: int) -> None:
        command = [sys.executable, "-m", "search.encoder.workshop", str(self._folder), str(self._nice)]
        here = Path(__file__).parents[2]  # where the module is found
        with subprocess.Popen(  # noqa: S603  # our own module
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.PIPE, text=True, cwd=here
        ) as process:
            said: list[str] = []
            try:
                for line in process.stdout or ():
                    if line.startswith(_SAID):
                        at, stage, done, of = line[1:].split()
                        low, high = _SHARES[stage]
                        report(STAGE, int(100 * (int(at) + low + (high - low) * int(done) / max(1, int(of)))), total * 100)
                    elif line.strip():
                        said = [*said, line.strip()][-3:]
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            raise EncoderUnavailable(f"Teaching an encoder failed ({process.returncode}): {' / '.join(said)}")

    def _made(self, at: int, round_: Round) -> Made:
        with np.load(_vectors(self._folder, at)) as held:
            vectors: dict[Role, Matrix] = {role: held[role] for role in round_.texts}
        return Made(vectors, _taught(self._folder, at), _means(self._folder, at))

    def forget(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _taught(folder: Path, at: int) -> Path:
    return folder / f"taught-{at}"


def _means(folder: Path, at: int) -> Path:
    return folder / f"means-{at}.json"


def _vectors(folder: Path, at: int) -> Path:
    return folder / f"vectors-{at}.npz"


def _read(held: Mapping[str, Any]) -> Round:
    lessons = tuple(Lesson(tuple(each["questions"]), tuple(each["answers"]), tuple(each["grades"])) for each in held["lessons"])
    return Round(lessons, held["texts"], held["keep"], held["means_of"], [(a, b) for a, b in held["pairs"]])


def work(folder: Path, say: Callable[[int, str, int, int], None] = lambda *_: None) -> None:
    """All rounds of a folder that are not done yet; `say` hears round, stage, done, total."""
    spec = json.loads((folder / _SPEC).read_text(encoding="utf-8"))
    recipe = Recipe(**spec["recipe"])
    for at, held in enumerate(spec["rounds"]):
        if not _vectors(folder, at).is_file():
            _round(folder, at, _read(held), Path(spec["source"]), recipe, lambda *told, at=at: say(at, *told))


def _round(folder: Path, at: int, round_: Round, source: Path, recipe: Recipe, report: Report) -> None:
    taught = _taught(folder, at)
    shutil.rmtree(taught, ignore_errors=True)
    tune(source, taught, round_.lessons, recipe, report=report)
    encoder = TransformerEncoder(taught, threads=recipe.threads)
    try:
        if round_.means_of:
            report("means", 0, 1)
            save_means(estimate_means(encoder, round_.means_of, pairs=round_.pairs, command="work"), _means(folder, at))
        total = sum(len(texts) for texts in round_.texts.values())
        found: dict[str, Matrix] = {}
        done = 0
        for role, texts in round_.texts.items():
            rows: list[Matrix] = []
            for start in range(0, len(texts), 64):
                report("embedding_judged", done, total)
                rows.append(encoder.encode(texts[start : start + 64], role))
                done += len(rows[-1])
            found[role] = np.vstack(rows) if rows else np.empty((0, encoder.dimension), np.float32)
    finally:
        encoder.close()
    if not round_.keep:
        shutil.rmtree(taught)
    part = _vectors(folder, at).with_suffix(".part.npz")
    np.savez(part, **found)  # type: ignore[arg-type]  # arrays by name
    part.rename(_vectors(folder, at))  # the round is done


def _end_with_parent() -> None:
    """Who started this holds the other end of its standard input; that it is gone is told by its end."""

    def wait() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 1):
                pass
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def main(folder: str, nice: str) -> None:
    os.nice(int(nice))
    _end_with_parent()

    def say(at: int, stage: str, done: int, total: int) -> None:
        sys.stdout.write(f"{_SAID}{at} {stage} {done} {total}\n")
        sys.stdout.flush()

    work(Path(folder), say)


if __name__ == "__main__":
    main(*sys.argv[1:])
