"""What the handlers of the worker's jobs need, wired once, and how they end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path

from matching.encoder_learning import Teaching
from matching.gate import Gate
from matching.generations import Generations
from matching.matcher import Matcher
from matching.projection import Projection
from matching.store.database import Database
from matching.store.outbox import Claimed, settle
from matching.tasks import Tracker
from search.ports import Engine


@dataclass(frozen=True, slots=True)
class IndexCare:
    """How long a generation that was left is kept, and from which time of the day in Shanghai the gate runs."""

    grace: timedelta = timedelta(days=7)
    gate_at: time = time(3, 30)


@dataclass(frozen=True, slots=True)
class Runtime:
    """What handlers need. `uploads` is the folder of sheets waiting to be read. `is_away` says that the engine takes no writes
    just now, as the last tries found; `is_filled` that it has been brought up where it starts empty."""

    database: Database
    engine: Engine
    projection: Projection
    matcher: Matcher
    uploads: Path
    embed: Callable[[Sequence[Claimed]], None] | None = None
    """Makes what listings lack of vectors; None where others do (`matching.embedding`)."""
    care: IndexCare = IndexCare()
    is_away: Callable[[], bool] = lambda: False
    is_filled: Callable[[], bool] = lambda: True
    adopt: Callable[[], None] = lambda: None
    """Takes up the encoder that SQL names, before a job: another process may have been told of it first."""
    teaching: Teaching | None = None
    """None where the encoder cannot be taught."""

    @property
    def generations(self) -> Generations:
        gate = Gate(self.database, self.engine, self.projection)
        return Generations(self.database, self.engine, self.projection, gate)


def finish(runtime: Runtime, tracker: Tracker, **figures: int) -> None:
    with runtime.database.write() as unit:
        tracker.finish(unit, **figures)
        unit.commit()


def settle_all(runtime: Runtime, jobs: Sequence[Claimed]) -> None:
    with runtime.database.write() as unit:
        settle(unit.session, jobs)
        unit.commit()
