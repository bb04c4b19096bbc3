"""Jobs that look after the generations of the index."""

from collections.abc import Sequence

from matching import completions, tasks
from matching.model import Note
from matching.runtime import Runtime, finish, settle_all
from matching.standings import places
from matching.store.clock import SHANGHAI
from matching.store.outbox import Claimed, settle
from matching.tasks import Tracker
from search.errors import EngineUnavailable

CARE_AT_START = "start"
"""Key of the look at the generations that the only process there is asks for when it starts."""


def gate(runtime: Runtime, jobs: Sequence[Claimed]) -> None:
    """Compare and repair."""
    for job in jobs:
        with Tracker(runtime.database, job) as tracker:
            findings = runtime.generations.check(tracker)
            finish(runtime, tracker, **findings.figures(), suggestions=completions.check_all(runtime.database))


def reindex(runtime: Runtime, jobs: Sequence[Claimed]) -> None:
    """A slice of a new generation; the next is a job of its own. Where vectors are others than before, the zones are matched
    again at the end."""
    for job in jobs:
        with Tracker(runtime.database, job) as tracker:
            try:
                tracker.check()
                step = runtime.generations.build(tracker.cursor, tracker)
            except tasks.Cancelled:
                runtime.generations.abort()
                raise
            with runtime.database.write() as unit:
                if step.findings is None:
                    stage = "embedding" if step.embedded else "filling"
                    tracker.go_on(unit, step.cursor, stage, step.done, step.total)
                else:
                    if step.vectors_changed:
                        unit.enqueue_all("match_zone", places(unit.session), lane="bulk")
                    tracker.finish(unit, written=step.total, **step.findings.figures())
                unit.commit()


def reindex_back(runtime: Runtime, jobs: Sequence[Claimed]) -> None:
    for job in jobs:
        with Tracker(runtime.database, job) as tracker:
            if runtime.engine.generation().previous is None:
                with runtime.database.write() as unit:
                    tracker.fail(unit, "no_previous")
                    unit.commit()
                continue
            finish(runtime, tracker, **runtime.generations.back(tracker).figures())


def index_drop(runtime: Runtime, jobs: Sequence[Claimed]) -> None:
    runtime.generations.drop()
    settle_all(runtime, jobs)


def index_care(runtime: Runtime, jobs: Sequence[Claimed]) -> None:
    """Every hour and at a start: what became of the generations, and whether it is time for the day's gate."""
    if not runtime.is_filled():
        raise EngineUnavailable("the index is being brought up", "filling")
    runtime.generations.care(grace=runtime.care.grace, by_itself=any(job.key == CARE_AT_START for job in jobs))
    with runtime.database.write() as unit:
        local = unit.now().astimezone(SHANGHAI)
        today, checked = local.date().isoformat(), unit.session.get(Note, "gate.day")
        if local.time() >= runtime.care.gate_at and (checked is None or checked.value != today):
            unit.session.merge(Note(key="gate.day", value=today))
            tasks.open_task(unit, "gate")
        settle(unit.session, jobs)
        unit.commit()
