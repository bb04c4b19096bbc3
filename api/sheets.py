"""A sheet imported from the command line: the pages' own plan and commit, run to their end in this process."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from api.settings import Settings
from api.wiring import make_database
from matching.access import SYSTEM
from matching.errors import FieldError, InvalidInput, UnusableFile
from matching.imports import batches
from matching.imports.batches import BatchView
from matching.imports.sheet import Limits
from matching.imports.slices import commit_slice, read_slice
from matching.imports.staging import stage
from matching.store.database import Database
from web.import_view import KINDS, reason_text

MOST_ERRORS: Final = 1000
"""Error rows told in words; the counts are of all."""
_PAGE: Final = 200


def import_file(
    settings: Settings,
    kind: str,
    file: Path,
    zone: str,
    *,
    commit: bool,
    progress: Callable[[int, int], None],
    unit_of_money: str = "",
) -> dict[str, Any]:
    """Plan the sheet `file` of `kind` (`results`, `needs`) in the name of a zone (its code) and, with `commit`, write it.

    The operator of the machine acts as the system. `progress` hears rows done and rows in all, from 0 again for the commit.
    Gives batch, state, rows, counts by verdict, rows written, headings not kept, and the error rows with their reasons. A
    process that serves meanwhile may do some of the slices; it also indexes and matches what was written. Nobody is asked:
    what was answered on the pages for the same zone counts here too, and amounts whose unit nothing says are in
    `unit_of_money` (元, 万元), else errors of their rows.

    Raises `UnusableFile` and `InvalidInput`; then nothing was written.
    """
    if kind not in KINDS:
        raise InvalidInput(FieldError("kind", "unknown_code", {"value": kind}))
    if not file.is_file():
        raise UnusableFile("file_missing")
    limits = Limits(upload_bytes=settings.upload_limit, rows=settings.row_limit)
    staged = stage(file, file.name, KINDS[kind], settings.uploads, limits)
    database = make_database(settings)
    try:
        with database.write() as unit:
            batch = batches.begin(unit, SYSTEM, staged, zone=zone, ask=False, unit_of_money=unit_of_money)
            unit.commit()
        progress(0, staged.tables[0].rows)
        while read_slice(database, settings.uploads, batch):
            progress(_view(database, batch).read_rows, staged.tables[0].rows)
        if commit and _view(database, batch).state == "planned":
            _commit(database, batch, progress)
        return _report(database, batch)
    finally:
        database.close()


def _commit(database: Database, batch: str, progress: Callable[[int, int], None]) -> None:
    with database.write() as unit:
        batches.commit(unit, SYSTEM, batch)
        unit.commit()
    while commit_slice(database, batch, None):
        view = _view(database, batch)
        progress(view.done_rows, view.wanted_rows)


def _view(database: Database, batch: str) -> BatchView:
    with database.read() as session:
        return batches.progress(session, SYSTEM, batch)


def _report(database: Database, batch: str) -> dict[str, Any]:
    view = _view(database, batch)
    return {
        "batch": view.public_id,
        "state": view.state,
        "rows": view.total_rows,
        "counts": dict(view.counts),
        "written": view.counts["new"] + view.counts["update"] if view.state == "done" else 0,
        "sheet": view.sheet,
        "columns": dict(view.columns),
        "ignored": [*view.ignored, *view.unknown],
        "errors": _errors(database, view),
    }


def _errors(database: Database, view: BatchView) -> dict[int, str]:
    """Row number → its reasons in words."""
    found: dict[int, str] = {}
    with database.read() as session:
        for start in range(0, min(view.counts["error"], MOST_ERRORS), _PAGE):
            for row in batches.rows(session, SYSTEM, view.public_id, "error", start, _PAGE).rows:
                found[row.number] = "; ".join(reason_text(each, view.kind) for each in row.reasons if each.level == "error")
    return found
