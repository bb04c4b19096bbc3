"""Rows of a sheet as text, whatever the file: XLSX (as values, formulas calculated) and CSV in the encodings people use."""

import codecs
import contextlib
import csv
import io
import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path, PurePath
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from matching.errors import UnusableFile
from matching.harmless import as_meant
from matching.imports.container import DAMAGE, OLE_MAGIC, ZIP_MAGIC, check_archive, refuse_ole, sheet_parts

Row = tuple[str, ...]

WORKBOOK_NAMES: Final = (".xlsx", ".xlsm")
TEXT_NAMES: Final = (".csv", ".txt", ".tsv")
OLD_NAMES: Final = (".xls",)
_DELIMITERS: Final = (",", ";", "\t", "，", "；")
_SAMPLE: Final = 20
"""Lines that are looked at for the sign between cells."""
_DAMAGE: Final = (CalamineError, *DAMAGE)
_MAX_SHEETS: Final = 20
_PICTURE: Final = re.compile(r"=?(?:_xlfn\.)?(?:DISPIMG|IMAGE)\(", re.IGNORECASE)
"""A picture inside a cell, as the two programs people use write it: no text of the row."""
_LONGEST_MERGE: Final = 2000
"""Rows of a merged cell that are followed: longer ones are frames, not values."""
_MOST_MERGED: Final = 200_000
_FAR: Final = timedelta(days=20)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one upload may be. `rows` are filled ones below the headings."""

    upload_bytes: int = 20 * 2**20
    rows: int = 20_000
    columns: int = 200


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet. `rows` give (number as the person's program shows it, cells); rows without any text are left out.

    A cell that is merged over several rows stands in each of them. `merged` maps (row number, column index from 0) of the
    others to the first row; `broken` maps the same to why the cell holds no value though it should. `pictures` are the file's.
    """

    name: str
    rows: Iterator[tuple[int, Row]]
    broken: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: dict[tuple[int, int], int] = field(default_factory=dict)
    pictures: int = 0


Tables = Generator[Table, None, None]


def open_tables(path: Path, file_name: str, limits: Limits) -> Tables:
    """The visible sheets in order, each read when it is asked for. `file_name` says what the file claims to be.

    Raises `UnusableFile`, here and while rows are read, and nothing else: `file_empty`, `file_too_large`,
    `file_not_what_it_says`, `file_unknown_type`, `file_old_excel`, `file_encrypted`, `file_too_many_rows`,
    `file_too_many_columns`, `file_unreadable`.
    """
    size = path.stat().st_size
    if size == 0:
        raise UnusableFile("file_empty")
    if size > limits.upload_bytes:
        raise UnusableFile("file_too_large", limit_mb=limits.upload_bytes >> 20)
    with path.open("rb") as file:
        head = file.read(8)
    suffix = PurePath(file_name).suffix.lower()
    if suffix not in WORKBOOK_NAMES + TEXT_NAMES + OLD_NAMES:
        raise UnusableFile("file_unknown_type")
    if head == OLE_MAGIC:
        if suffix in TEXT_NAMES:
            raise UnusableFile("file_not_what_it_says")
        raise refuse_ole(path)
    if suffix in OLD_NAMES or head.startswith(ZIP_MAGIC) != (suffix in WORKBOOK_NAMES):
        raise UnusableFile("file_not_what_it_says")
    return _workbook(path, limits) if suffix in WORKBOOK_NAMES else _text(path, limits)


def _workbook(path: Path, limits: Limits) -> Tables:
    archive = check_archive(path, limits.rows)
    parts = sheet_parts(path)
    with _reading(), CalamineWorkbook.from_path(path) as book:
        shown = [
            each.name
            for each in book.sheets_metadata
            if each.typ == SheetTypeEnum.WorkSheet and each.visible == SheetVisibleEnum.Visible
        ]
        for name in shown[:_MAX_SHEETS]:
            scan = archive.scans.get(parts.get(name, ""))
            if scan is None:  # the workbook points elsewhere: nothing is read that was not counted
                raise UnusableFile("file_unreadable")
            sheet = book.get_sheet_by_name(name)
            first_column = sheet.start[1] if sheet.start else 0
            if first_column + sheet.width > limits.columns:
                yield Table(name, _refused(UnusableFile("file_too_many_columns", limit=limits.columns)))
                continue
            broken = {(row, column - 1 - first_column): code for (row, column), code in scan.broken.items()}
            merged = _merged(sheet.merged_cell_ranges or [], first_column, limits)
            yield Table(name, _filled(sheet.iter_rows(), merged, limits), broken, merged, archive.pictures)


def _refused(problem: UnusableFile) -> Iterator[tuple[int, Row]]:
    """The rows of a sheet that cannot be read while others of the file can."""
    yield from ()
    raise problem


def _merged(
    ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]], first_column: int, limits: Limits
) -> dict[tuple[int, int], int]:
    """The cells below the first of every range that goes over rows → its first row; numbered as `Table` does."""
    found: dict[tuple[int, int], int] = {}
    for (top, left), (bottom, _) in ranges:
        if bottom - top <= _LONGEST_MERGE and 0 <= left - first_column < limits.columns:
            found |= {(row + 1, left - first_column): top + 1 for row in range(top + 1, bottom + 1)}
        if len(found) > _MOST_MERGED:
            raise UnusableFile("file_unreadable")
    return found


def _filled(rows: Iterable[Sequence[object]], merged: Mapping[tuple[int, int], int], limits: Limits) -> Iterator[tuple[int, Row]]:
    with _reading():
        yield from _limited(_spread(rows, merged), limits)


def _spread(rows: Iterable[Sequence[object]], merged: Mapping[tuple[int, int], int]) -> Iterator[tuple[int, Row]]:
    """Rows as text; what is merged over rows that hold anything stands in each of them."""
    columns = {column for _, column in merged}
    held: dict[int, str] = {}
    for number, row in enumerate(rows, 1):
        cells = [cell_text(cell) for cell in row]
        is_filled = any(cells)
        for column in columns:
            if column >= len(cells):
                continue
            if (number, column) not in merged:
                held[column] = cells[column]
            elif is_filled:
                cells[column] = held.get(column, "")
        yield number, tuple(cells)


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    """Whatever the reader dies of is the file's fault. A panic of its Rust code is no `Exception` and has no public name."""
    try:
        yield
    except _DAMAGE as problem:
        raise UnusableFile("file_unreadable") from problem
    except BaseException as problem:
        if type(problem).__name__ == "PanicException":
            raise UnusableFile("file_unreadable") from problem
        raise


def _limited(rows: Iterator[tuple[int, Row]], limits: Limits) -> Iterator[tuple[int, Row]]:
    """Rows with text in them; some more than the limit, for banners, headings and examples are none of the person's rows."""
    count = 0
    for number, row in rows:
        if any(row):
            count += 1
            if count > limits.rows + 10:
                raise UnusableFile("file_too_many_rows", limit=limits.rows)
            yield number, row


def cell_text(value: object) -> str:
    """A cell's value as a person would write it down: ISO dates, numbers without `.0`, 是 and 否."""
    if isinstance(value, str):
        text = as_meant(value.strip())
        return "" if _PICTURE.match(text) else text
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, timedelta):
        return number_text(value / timedelta(hours=1)) if abs(value) < _FAR else number_text(value / timedelta(days=1))
    return str(value)


def number_text(value: float) -> str:
    """The number's own digits, 15 of them as spreadsheets keep: no exponent, no trailing zeros."""
    if value != value or abs(value) == float("inf"):
        return ""
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    short = format(value, ".15g")
    if "e" not in short or abs(value) >= 1e21:
        return short
    return format(value, ".15f").rstrip("0").rstrip(".") if abs(value) < 1 else str(round(value))


def _text(path: Path, limits: Limits) -> Tables:
    text = decode(path.read_bytes())
    if "\0" in text:
        raise UnusableFile("file_not_what_it_says")
    yield Table("", _limited(_records(text), limits))


def decode(data: bytes) -> str:
    """UTF-16 by its mark, then UTF-8, then GB18030; nothing is guessed from statistics."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnusableFile("file_unreadable")


def _records(text: str) -> Iterator[tuple[int, Row]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        for number, record in enumerate(reader, 1):
            yield number, tuple(as_meant(cell.strip()) for cell in record)
    except csv.Error as problem:
        raise UnusableFile("file_unreadable", line=reader.line_num) from problem


def _delimiter(text: str) -> str:
    """The sign that cuts the headings and most of the first lines into the same number of cells; a comma where none does. Signs
    that only cut the texts below come into the count later than the headings."""
    sample = text[:50_000]

    def fits(sign: str) -> tuple[int, int, int, int]:
        widths: list[int] = []
        with contextlib.suppress(csv.Error):
            widths += (len(each) for each in islice(csv.reader(io.StringIO(sample, newline=""), delimiter=sign), _SAMPLE))
        usual = Counter(each for each in widths if each > 1).most_common(1)
        if not usual:
            return -_SAMPLE, 0, 0, -_DELIMITERS.index(sign)
        ((width, lines),) = usual
        return -widths.index(width), lines, width, -_DELIMITERS.index(sign)

    return max(_DELIMITERS, key=fits)
