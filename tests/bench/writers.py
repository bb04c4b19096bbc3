"""What one writer at a time costs (ADR 0015), on both databases: small commits a second by 1, 4 and 8 threads, and how long a
person's small write waits while bulk slices are written beside it."""

import tempfile
import threading
from pathlib import Path
from time import monotonic
from typing import Final

from matching.model import Base, Job
from matching.store.database import Database
from matching.store.unit import insert_all
from tests import databases
from tests.bench.report import Report, percentile, timed
from tests.services import SERVICES

SECONDS: Final = {"small": 1.0, "full": 5.0}
SLICE: Final = 500
"""Rows that one transaction of an import writes, and as many audit entries."""


def run(size: str) -> Report:
    kinds = [databases.SQLITE] + [databases.POSTGRESQL] * (SERVICES["postgresql"].find() is not None)
    report = Report("writers", {"seconds a figure": SECONDS[size], "rows a slice": SLICE})
    for kind in kinds:
        with tempfile.TemporaryDirectory(prefix="zonematch-bench-", ignore_cleanup_errors=True) as folder:
            database = Database(databases.new(Path(folder), kind))
            Base.metadata.create_all(database.engine)
            for threads in (1, 4, 8):
                waits = _write(database, SECONDS[size], threads)
                report.add(f"{kind}: commits a second, threads {threads}", len(waits) / SECONDS[size])
                report.add("  p95", percentile(waits, 0.95) * 1000, "ms")
            stop = threading.Event()
            bulk = threading.Thread(target=_slices, args=(database, stop))
            bulk.start()
            waits = _write(database, SECONDS[size], 1)
            stop.set()
            bulk.join()
            report.add(f"{kind}: a small write beside slices", percentile(waits, 0.5) * 1000, "ms")
            report.add("  p95", percentile(waits, 0.95) * 1000, "ms")
            database.close()
            databases.drop(database.url)
    if databases.POSTGRESQL not in kinds:
        report.remarks.append(SERVICES["postgresql"].missing)
    return report


def _write(database: Database, seconds: float, threads: int) -> list[float]:
    """Seconds of each write: a job asked for, and an audit entry."""
    waits: list[float] = []
    ends = monotonic() + seconds

    def writer(number: int) -> None:
        while monotonic() < ends:
            waits.append(timed(lambda: _one(database, f"{number}-{len(waits)}"))[0])

    running = [threading.Thread(target=writer, args=(number,)) for number in range(threads)]
    for each in running:
        each.start()
    for each in running:
        each.join()
    return waits


def _one(database: Database, key: str) -> None:
    with database.write() as unit:
        unit.audit("system", "bench.wrote", "bench", key)
        unit.enqueue("bench", key)
        unit.commit()


def _slices(database: Database, stop: threading.Event) -> None:
    number = 0
    while not stop.is_set():
        with database.write() as unit:
            keys = [f"bulk-{number}-{each}" for each in range(SLICE)]
            at = unit.now()
            common = {"kind": "bench", "lane": 1, "payload": {}, "created_at": at, "available_at": at}
            insert_all(unit.session, Job, [common | {"key": key, "token": key} for key in keys])
            unit.audit_all("system", "bench.wrote", "bench", {key: {} for key in keys})
            unit.commit()
        number += 1
