"""A sampling profile of threads by name: where the time of an import goes, at next to no cost."""

import sys
import threading
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Final

EVERY: Final = 0.01
_ROOT: Final = Path(__file__).resolve().parent.parent.parent
_ROOMS: Final = tuple(str(_ROOT / room) for room in ("api", "web", "matching", "search"))
_LOOP: Final = ("run_once", "_do", "_loop", "__enter__", "__exit__")


class Sampler:
    """Use as a context. `stages` counts samples by job handler, `places` by the innermost function of ours."""

    def __init__(self, *threads: str) -> None:
        self._names = threads
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)
        self.stages: Counter[str] = Counter()
        self.places: Counter[str] = Counter()
        self.samples = 0

    def __enter__(self) -> "Sampler":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(EVERY):
            frames = sys._current_frames()
            self.samples += 1
            for thread in threading.enumerate():
                if thread.name in self._names and thread.ident in frames:
                    self._count(thread.name, frames[thread.ident])

    def _count(self, name: str, frame: FrameType) -> None:
        ours: list[str] = []
        at: FrameType | None = frame
        while at is not None:
            code = at.f_code
            if code.co_filename.startswith(_ROOMS):
                ours.append(f"{Path(code.co_filename).stem}.{code.co_name}")
            at = at.f_back
        if not ours:
            return
        handlers = [each.partition(".")[2] for each in reversed(ours) if each.startswith("work.")]
        stage = next((each for each in handlers if each not in _LOOP), "look")
        self.stages[f"{name} {stage.strip('_')}"] += 1
        if not ours[0].startswith("worker."):
            self.places[f"{name} {ours[0]}"] += 1

    def shares(self, counts: "Counter[str]", most: int) -> list[str]:
        """Lines of name and share of the time that was sampled."""
        total = max(self.samples, 1)
        return [f"  {times / total:6.1%}  {name}" for name, times in counts.most_common(most)]
