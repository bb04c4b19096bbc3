"""What the worker does for imports: a slice a job, each asking for the next in its own transaction."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from sqlmodel import select

from matching import tasks
from matching.imports.batches import AHEAD
from matching.imports.slices import commit_slice, give_up, read_slice
from matching.imports.undoing import undo_slice
from matching.model import ImportBatch
from matching.store.database import Database
from matching.store.outbox import Claimed, settle
from matching.store.unit import UnitOfWork

IMPORT_ATTEMPTS: Final = 20
"""Tries of one slice, an hour with their pauses: then the batch is failed and says so, rather than tried for ever."""


def read(database: Database, uploads: Path, jobs: Sequence[Claimed]) -> None:
    """One slice of a sheet's plan; the next is a job of its own, so that nothing waits long behind a sheet."""
    for job in jobs:
        if job.attempts > IMPORT_ATTEMPTS:
            give_up(database, job.key, also=_next_slice(job))
        else:
            read_slice(database, uploads, job.key, also=_next_slice(job))


def commit(database: Database, jobs: Sequence[Claimed]) -> None:
    for job in jobs:
        if job.attempts > IMPORT_ATTEMPTS:
            give_up(database, job.key, also=_next_slice(job))
        else:
            commit_slice(database, job.key, _person(job), also=_next_slice(job))


def undo(database: Database, jobs: Sequence[Claimed]) -> None:
    for job in jobs:
        if job.attempts > IMPORT_ATTEMPTS:
            give_up(database, job.key, also=_next_slice(job))
        else:
            undo_slice(database, job.key, _person(job), also=_next_slice(job))


def _person(job: Claimed) -> int | None:
    person = job.payload.get("person")
    return person if isinstance(person, int) else None


def _next_slice(job: Claimed) -> Callable[[UnitOfWork, bool], None]:
    """In the slice's own transaction: this job is done, and what is left is asked for, ahead of the index jobs."""

    def also(unit: UnitOfWork, more: bool) -> None:
        settle(unit.session, [job])
        batch = unit.session.exec(select(ImportBatch).where(ImportBatch.public_id == job.key)).first()
        if batch is not None:
            counted = {"import_read": batch.read_rows, "import_commit": batch.done_rows, "import_undo": batch.undone_rows}
            tasks.mark(unit, batch.public_id, job.kind, counted[job.kind])
        if more:
            unit.enqueue(job.kind, job.key, lane="bulk", delay=AHEAD, payload=job.payload)

    return also
