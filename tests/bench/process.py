"""The process as `serve` has it, without pages: database, engine, encoder and worker on a folder of its own."""

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from sqlmodel import col, select

from api.boot import prepare
from api.settings import Settings
from api.wiring import Parts, assemble
from api.worker import Worker
from matching.access import SYSTEM
from matching.imports import batches, staging
from matching.model import ImportBatch, Job, ListingKind
from matching.work import run_once
from tests.bench import sheets

LOOK: Final = 0.25
"""Seconds between looks at the outbox."""
LONGEST: Final = 4 * 3600
HOURLY: Final = "expire"
"""The job that always waits."""


@contextmanager
def serving(encoder: str, *, demo: bool) -> Iterator[Parts]:
    """Parts with a running worker and an encoder that has loaded. Everything is gone afterwards."""
    # A database may leave its journal a moment longer than its last connection.
    with tempfile.TemporaryDirectory(prefix="zonematch-bench-", ignore_cleanup_errors=True) as folder:
        settings = Settings(data=Path(folder), encoder=encoder, demo=demo, database_url="", row_limit=1_000_000)
        prepare(settings)
        with assemble(settings) as parts:
            parts.encoder.encode(["预热"], "query", lane="interactive")
            parts.projection.fill()
            worker = Worker(partial(run_once, parts.runtime))
            worker.start()
            try:
                yield parts
            finally:
                worker.stop()


def waiting(parts: Parts, *kinds: str) -> Counter[str]:
    """Jobs in the outbox by kind, but for the hourly one."""
    query = select(Job.kind).where(Job.kind != HOURLY)
    with parts.database.read() as session:
        return Counter(session.exec(query.where(col(Job.kind).in_(kinds)) if kinds else query))


def until_empty(parts: Parts) -> None:
    """Wait until the worker has done everything. Raises RuntimeError when it never does."""
    ends = time.monotonic() + LONGEST
    while left := waiting(parts):
        if time.monotonic() > ends:
            raise RuntimeError(f"the outbox is still not empty: {dict(left)}")
        time.sleep(LOOK)


def planned(parts: Parts, kind: ListingKind, rows: int, zone: str) -> str:
    """A generated sheet, staged and planned in the name of the zone; the batch's public id."""
    path = sheets.write(parts.settings.data / f"{kind.value}.xlsx", kind, rows)
    staged = staging.stage(path, path.name, kind, parts.settings.uploads)
    with parts.database.write() as unit:
        batch = batches.begin(unit, SYSTEM, staged, zone=zone)
        unit.commit()
    while state_of(parts, batch).state == "reading":
        time.sleep(LOOK)
    found = state_of(parts, batch)
    if found.state != "planned" or found.counts.get("new") != rows:
        raise RuntimeError(f"the sheet was not understood: {found.state} {found.counts} {found.problem}")
    return batch


def commit(parts: Parts, batch: str) -> None:
    with parts.database.write() as unit:
        batches.commit(unit, SYSTEM, batch)
        unit.commit()


def state_of(parts: Parts, batch: str) -> ImportBatch:
    with parts.database.read() as session:
        return session.exec(select(ImportBatch).where(ImportBatch.public_id == batch)).one()
