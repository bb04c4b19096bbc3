"""From an upload to a staged sheet: checked, its headings found, its rows on disk as text, one a line.

What is wrong with the file as a whole is said here, before anything is written to the database. The staged file holds
contact data as the upload did: it lies in the uploads folder only, readable by the service alone, until its batch is done.
"""

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from matching.errors import NotReady, UnusableFile
from matching.imports.headings import HEADING_ROWS, Column, Headings, find_headings
from matching.imports.sheet import Limits, Row, Table, open_tables
from matching.model import ListingKind

FILE_NAME_LIMIT: Final = 200
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class StagedSheet:
    """What `batches.begin` needs to know of an upload. `columns` maps headings to their targets, in the sheet's order."""

    kind: ListingKind
    file_name: str
    digest: str
    sheet: str
    total_rows: int
    columns: dict[str, str]
    ignored: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StagedRow:
    """`broken` maps a column index to why its cell holds no value though it should."""

    number: int
    cells: Row
    broken: dict[int, str]


def stage(path: Path, file_name: str, kind: ListingKind, uploads: Path, limits: Limits | None = None) -> StagedSheet:
    """Check the upload at `path` and lay its rows into `uploads`. Idempotent; the upload itself stays the caller's.

    Raises `UnusableFile` with one of: those of `sheet.open_tables`, `file_no_known_column`, `file_no_title`,
    `file_other_kind`, `file_no_rows`. Nothing is left behind then.
    """
    limits = limits or Limits()
    digest = _digest(path)
    uploads.mkdir(parents=True, exist_ok=True)
    part = uploads / f"{digest}-{kind.value}.{secrets.token_hex(4)}.part"
    try:
        found, name, rows = _lay(path, file_name, kind, part, limits)
        part.replace(staged_path(uploads, digest, kind))
    finally:
        part.unlink(missing_ok=True)
    columns = {each.heading: each.target for each in found.columns}
    return StagedSheet(kind, file_name[:FILE_NAME_LIMIT], digest, name, rows, columns, found.ignored, found.unknown)


def _lay(path: Path, file_name: str, kind: ListingKind, part: Path, limits: Limits) -> tuple[Headings, str, int]:
    """Write the rows below the headings of the first sheet that has any. Gives headings, sheet name, number of rows."""
    other: UnusableFile | None = None
    is_empty = True
    for table in open_tables(path, file_name, limits):
        top = list(islice(table.rows, HEADING_ROWS))
        is_empty = is_empty and not top
        try:
            found = find_headings(top, kind)
        except UnusableFile as refused:
            other = other or refused
            continue
        if found is not None:
            return found, table.name, _write(part, found, table, top, limits)
    raise other or UnusableFile("file_empty" if is_empty else "file_no_known_column")


def _write(part: Path, found: Headings, table: Table, top: list[tuple[int, Row]], limits: Limits) -> int:
    count = 0
    broken: dict[int, dict[int, str]] = {}
    for (row, column), code in table.broken.items():
        broken.setdefault(row, {})[column] = code
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(json.dumps([[each.index, each.heading, each.target, each.rank, each.unit] for each in found.columns]) + "\n")
        for rows in ([each for each in top if each[0] > found.row], table.rows):
            for number, cells in rows:
                count += 1
                if count > limits.rows:
                    raise UnusableFile("file_too_many_rows", limit=limits.rows)
                # half a surrogate pair cannot be written as UTF-8 and is refused later, by its escape
                file.write(json.dumps([number, cells, broken.get(number, {})]) + "\n")
        file.flush()
        os.fsync(file.fileno())
    if not count:
        raise UnusableFile("file_no_rows")
    return count


def staged_path(uploads: Path, digest: str, kind: ListingKind) -> Path:
    return uploads / f"{digest}-{kind.value}.rows"


def read_columns(path: Path) -> tuple[Column, ...]:
    """Raises `NotReady` (`import_file_gone`) when the staged file is not there any more."""
    with _open(path) as lines:
        return tuple(Column(*each) for each in json.loads(next(lines)))


def read_rows(path: Path, start: int, count: int) -> list[StagedRow]:
    """Up to `count` rows from the `start`-th (from 0) on. Raises as `read_columns`."""
    with _open(path) as lines:
        found = (json.loads(line) for line in islice(lines, start + 1, start + 1 + count))
        return [
            StagedRow(number, tuple(cells), {int(at): code for at, code in broken.items()}) for number, cells, broken in found
        ]


@contextlib.contextmanager
def _open(path: Path) -> Iterator[Iterator[str]]:
    try:
        with path.open(encoding="utf-8") as file:
            yield file
    except FileNotFoundError as problem:
        raise NotReady("import_file_gone") from problem


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
