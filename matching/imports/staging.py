"""From an upload to a staged file: checked, the headings of its sheets found, their rows on disk as text, one a line.

What is wrong with the file as a whole is said here, before anything is written to the database. The staged file holds
contact data as the upload did: it lies in the uploads folder only, readable by the service alone, as long as it is needed.
"""

import contextlib
import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path, PurePath
from typing import Any, Final

from matching.errors import NotReady, UnusableFile
from matching.imports.apart import read_apart
from matching.imports.headings import HEADING_ROWS, TITLE, Column, Headings, find_headings
from matching.imports.sheet import Limits, Row, Table, Tables
from matching.model import ListingKind
from matching.typed_text import clean_line

FILE_NAME_LIMIT: Final = 200
_BLOCK: Final = 1 << 20
_BARE: Final = re.compile(r"[<>≤≥约~\s]*\d[\d.,，\s]*(?:[-~至到—–]+\s*\d[\d.,，\s]*)?(?:以上|以下|以内|左右)?")
"""An amount without a unit, as `money` reads it."""


@dataclass(frozen=True, slots=True)
class StagedTable:
    """One sheet that could be meant. `bare` are the columns (indexes) where numbers stand without a unit."""

    name: str
    rows: int
    columns: tuple[Column, ...]
    bare: tuple[int, ...]

    @property
    def has_title(self) -> bool:
        return any(each.target == TITLE for each in self.columns)


@dataclass(frozen=True, slots=True)
class StagedSheet:
    """What `batches.begin` needs to know of an upload: at least one table, the likeliest first."""

    kind: ListingKind
    file_name: str
    digest: str
    tables: tuple[StagedTable, ...]
    pictures: int = 0


@dataclass(frozen=True, slots=True)
class StagedRow:
    """`broken` maps a column index to why its cell holds no value though it should."""

    number: int
    cells: Row
    broken: dict[int, str]


Reader = Callable[[Path, str, Limits], Tables]


def stage(
    path: Path, file_name: str, kind: ListingKind, uploads: Path, limits: Limits | None = None, *, read: Reader = read_apart
) -> StagedSheet:
    """Check the upload at `path` and lay its rows into `uploads`. Idempotent; the upload itself stays the caller's.

    `file_name` is as the sender gave it: folders and what shows nothing are left out.

    Raises `UnusableFile` with one of: those of `apart.read_apart`, `file_no_known_column`, `file_other_kind`, `file_no_rows`.
    Nothing is left behind then.
    """
    limits = limits or Limits()
    file_name = clean_line(PurePath(file_name).name)
    digest = _digest(path)
    uploads.mkdir(parents=True, exist_ok=True)
    parts: list[Path] = []
    try:
        tables, pictures = _lay(read(path, file_name, limits), kind, parts, uploads / f"{digest}-{kind.value}", limits)
        for at, (_, part) in enumerate(tables):
            part.replace(staged_path(uploads, digest, kind, at))
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
    return StagedSheet(kind, file_name[:FILE_NAME_LIMIT], digest, tuple(table for table, _ in tables), pictures)


def _lay(
    tables: Tables, kind: ListingKind, parts: list[Path], stem: Path, limits: Limits
) -> tuple[list[tuple[StagedTable, Path]], int]:
    """Write the rows below the headings of every sheet that has any; those with a title's heading, where there are such."""
    problem: UnusableFile | None = None
    is_empty = True
    pictures = 0
    found: list[tuple[StagedTable, Path]] = []
    with contextlib.closing(tables):  # which ends the reader's process
        for table in tables:
            pictures = table.pictures
            try:
                top = list(islice(table.rows, HEADING_ROWS))
                is_empty = is_empty and not top
                headings = find_headings(top, kind)
                if headings is not None:
                    parts.append(stem.with_name(f"{stem.name}.{secrets.token_hex(4)}.part"))
                    found.append((_write(parts[-1], headings, table, top, limits), parts[-1]))
            except UnusableFile as refused:
                is_empty = False
                problem = problem or refused
    titled = [each for each in found if each[0].has_title]
    if not found:
        raise problem or UnusableFile("file_empty" if is_empty else "file_no_known_column")
    return titled or found, pictures


def _write(part: Path, found: Headings, table: Table, top: Sequence[tuple[int, Row]], limits: Limits) -> StagedTable:
    count = 0
    broken: dict[int, dict[int, str]] = {}
    for (row, column), code in table.broken.items():
        broken.setdefault(row, {})[column] = code
    watched = [each.index for each in found.every if (each.is_money and not each.unit) or not each.target]
    bare: set[int] = set()
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(json.dumps([[each.index, each.heading] for each in found.every]) + "\n")
        rows = chain((each for each in top if each[0] > found.row), table.rows)
        for number, cells in _whole(rows, table, found):
            count += 1
            if count > limits.rows:
                raise UnusableFile("file_too_many_rows", limit=limits.rows)
            bare.update(at for at in watched if at < len(cells) and _BARE.fullmatch(cells[at][:60]))
            # half a surrogate pair cannot be written as UTF-8 and is refused later, by its escape
            file.write(json.dumps([number, cells, broken.get(number, {})]) + "\n")
        file.flush()
        os.fsync(file.fileno())
    if not count:
        raise UnusableFile("file_no_rows")
    return StagedTable(table.name, count, found.every, tuple(sorted(bare)))


def _whole(rows: Iterator[tuple[int, Row]], table: Table, found: Headings) -> Iterator[tuple[int, Row]]:
    """Rows whose title is one merged cell are one: what the further lines add stands below it in each cell."""
    title = next((each.index for each in found.every if each.target == TITLE), -1)
    held: tuple[int, Row] | None = None
    for number, cells in rows:
        first = table.merged.get((number, title))
        if held is not None and first is not None and first <= held[0]:
            held = (held[0], tuple(_below(one, other) for one, other in zip(held[1], cells, strict=False)))
            continue
        if held is not None:
            yield held
        held = (number, cells)
    if held is not None:
        yield held


def _below(one: str, other: str) -> str:
    return one if not other or other in one.split("\n") else f"{one}\n{other}" if one else other


def staged_path(uploads: Path, digest: str, kind: ListingKind, sheet: int = 0) -> Path:
    return uploads / (f"{digest}-{kind.value}.rows" if not sheet else f"{digest}-{kind.value}-{sheet}.rows")


def read_headings(path: Path) -> list[tuple[int, str]]:
    """Index and heading of every column. Raises `NotReady` (`import_file_gone`) when the staged file is not there any more."""
    with _open(path) as lines:
        return [(each[0], each[1]) for each in json.loads(next(lines))]


def read_rows(path: Path, start: int, count: int) -> list[StagedRow]:
    """Up to `count` rows from the `start`-th (from 0) on. Raises as `read_headings`."""
    with _open(path) as lines:
        found: Iterator[Any] = (json.loads(line) for line in islice(lines, start + 1, start + 1 + count))
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
