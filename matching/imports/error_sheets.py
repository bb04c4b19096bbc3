"""The rows that could not be taken, as a sheet with their reasons: corrected, it can be imported again as it is."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import xlsxwriter
from sqlmodel import Session, col, select

from matching.access import Actor
from matching.errors import MayNot
from matching.harmless import WRITING, harmless
from matching.imports.headings import NUMBER_HEADINGS, REASONS_HEADINGS
from matching.imports.staging import StagedRow, read_headings, read_rows, staged_path
from matching.imports.views import Reason, found_batch, reason_of
from matching.model import ImportRow, ListingKind

_BLOCK: Final = 1000


def error_sheet(
    session: Session,
    actor: Actor,
    public_id: str,
    uploads: Path,
    worded: Callable[[Reason], str],
    heads: tuple[str, str] = (NUMBER_HEADINGS[0], REASONS_HEADINGS[0]),
) -> bytes:
    """XLSX of the error rows: all their own columns as they were, and before them row number and reasons in words.
    `heads` name these two columns: of `NUMBER_HEADINGS` and `REASONS_HEADINGS`, which an import knows again.

    It holds the contact data of the upload, so only whoever uploaded it gets it. Raises `NotFound`, `SignInNeeded`,
    `MayNot`, `NotReady` (`import_file_gone`: the upload is not kept any more).
    """
    batch = found_batch(session, actor, public_id, "import.read")
    if batch.created_by_id != actor.person_id:
        raise MayNot(action="import.read")
    path = staged_path(uploads, batch.file_digest, ListingKind(batch.kind), batch.sheet)
    columns = [each for each in read_headings(path) if each[1] not in (*NUMBER_HEADINGS, *REASONS_HEADINGS)]
    failed = session.exec(
        select(ImportRow.number, ImportRow.reasons)
        .where(ImportRow.batch_id == batch.id, ImportRow.verdict == "error")
        .order_by(col(ImportRow.number))
    ).all()
    reasons = {
        number: "\n".join(worded(reason_of(each)) for each in stored if each.get("level") == "error") for number, stored in failed
    }
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {**WRITING, "constant_memory": True}) as book:
        sheet = book.add_worksheet(heads[1])
        text = book.add_format({"num_format": "@"})
        for at, heading in enumerate((*heads, *(heading for _, heading in columns))):
            sheet.write_string(0, at, harmless(heading))
        line = 0
        for row in _rows(path, batch.total_rows):
            if row.number in reasons:
                line += 1
                cells = [row.cells[at] if at < len(row.cells) else "" for at, _ in columns]
                for at, cell in enumerate((str(row.number), reasons[row.number], *cells)):
                    sheet.write_string(line, at, harmless(cell), text)
    return target.getvalue()


def _rows(path: Path, total: int) -> Iterator[StagedRow]:
    for start in range(0, total, _BLOCK):
        yield from read_rows(path, start, _BLOCK)
