"""Rows of a sheet as text, whatever the file: XLSX (as values, formulas calculated) and CSV in the encodings people use."""

import codecs
import contextlib
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
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
_DAMAGE: Final = (CalamineError, *DAMAGE)
_MAX_SHEETS: Final = 20
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

    `broken` maps (row number, column index from 0) to why the cell holds no value though it should.
    """

    name: str
    rows: Iterator[tuple[int, Row]]
    broken: dict[tuple[int, int], str] = field(default_factory=dict)


def open_tables(path: Path, file_name: str, limits: Limits) -> Iterator[Table]:
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
    return _workbook(path, limits) if suffix in WORKBOOK_NAMES else iter([_text(path, limits)])


def _workbook(path: Path, limits: Limits) -> Iterator[Table]:
    scans = check_archive(path, limits.rows)
    parts = sheet_parts(path)
    with _reading(), CalamineWorkbook.from_path(path) as book:
        shown = [
            each.name
            for each in book.sheets_metadata
            if each.typ == SheetTypeEnum.WorkSheet and each.visible == SheetVisibleEnum.Visible
        ]
        for name in shown[:_MAX_SHEETS]:
            sheet = book.get_sheet_by_name(name)
            first_column = sheet.start[1] if sheet.start else 0
            if first_column + sheet.width > limits.columns:
                raise UnusableFile("file_too_many_columns", limit=limits.columns)
            scan = scans.get(parts.get(name, ""))
            broken = {(row, column - 1 - first_column): code for (row, column), code in scan.broken.items()} if scan else {}
            yield Table(name, _filled(sheet.iter_rows(), limits), broken)


def _filled(rows: Iterable[Sequence[object]], limits: Limits) -> Iterator[tuple[int, Row]]:
    with _reading():
        yield from _limited(((number, tuple(cell_text(cell) for cell in row)) for number, row in enumerate(rows, 1)), limits)


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
        return as_meant(value.strip())
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
    return short if "e" not in short else format(value, ".15f").rstrip("0").rstrip(".") if abs(value) < 1 else short


def _text(path: Path, limits: Limits) -> Table:
    text = decode(path.read_bytes())
    if "\0" in text:
        raise UnusableFile("file_not_what_it_says")
    return Table("", _limited(_records(text), limits))


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
    """The sign that cuts the first lines into most cells; a comma where none does."""
    sample = text[:20_000].splitlines()[:5]

    def width(sign: str) -> int:
        try:
            return max((len(record) for record in csv.reader(sample, delimiter=sign)), default=0)
        except csv.Error:
            return 0

    return max(_DELIMITERS, key=lambda sign: (width(sign), -_DELIMITERS.index(sign)))
