"""Whether an XLSX file may be opened at all: looked at before the reader that would trust it does.

The reader unpacks what the archive holds and keeps a dense block up to the last filled cell, so a small file could take
any amount of memory. Here every part it would read is unpacked once, counted, and forgotten.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final
from xml.parsers import expat

from matching.errors import UnusableFile

OLE_MAGIC: Final = bytes.fromhex("d0cf11e0a1b11ae1")
ZIP_MAGIC: Final = b"PK\x03\x04"

WORKBOOK: Final = "xl/workbook.xml"
MEDIA: Final = "xl/media/"
MAX_ENTRIES: Final = 5000
MAX_UNPACKED: Final = 128 * 2**20
"""Bytes of all XML parts together: more than 20 MiB of a sheet that people wrote unpacks to."""
MAX_RATIO: Final = 250
"""Unpacked to packed, for parts above a mebibyte. Sheets people make stay below a hundred."""
MAX_CELLS: Final = 4_500_000
"""Rows times columns up to the last filled cell: the reader takes some 32 bytes for each, filled or not."""
DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, struct.error, EOFError, OSError, RuntimeError, ValueError, LookupError,
)  # fmt: skip
"""What the standard library raises at a broken archive or part (NotImplementedError is a RuntimeError)."""
_BLOCK: Final = 1 << 18
_SMALL: Final = 1 << 20
_ENCRYPTED: Final = ("EncryptedPackage".encode("utf-16-le"), "EncryptionInfo".encode("utf-16-le"))


@dataclass(frozen=True, slots=True)
class SheetScan:
    """One worksheet's extent (one-based, filled cells only) and the cells that hold no value though they should:
    (row, column) → `formula_error` (#N/A and its like) or `formula_without_value` (never calculated)."""

    filled_rows: int
    last_row: int
    last_column: int
    broken: dict[tuple[int, int], str]


def refuse_ole(path: Path) -> UnusableFile:
    """The reason for a file in the old container: an encrypted new workbook, or a workbook of the old kind."""
    with path.open("rb") as file:
        head = file.read(1 << 20)
    if any(name in head for name in _ENCRYPTED):
        return UnusableFile("file_encrypted")
    return UnusableFile("file_old_excel")


@dataclass(frozen=True, slots=True)
class Archive:
    """`scans`: part name → scan of every worksheet. `pictures` are files of pictures, which nobody reads here."""

    scans: dict[str, SheetScan]
    pictures: int


def check_archive(path: Path, row_limit: int) -> Archive:
    """Raises `UnusableFile`."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            return _check(file, archive.infolist(), row_limit)
    except DAMAGE as problem:
        raise UnusableFile("file_unreadable") from problem


def _check(file: BinaryIO, entries: list[zipfile.ZipInfo], row_limit: int) -> Archive:
    if len(entries) > MAX_ENTRIES:
        raise UnusableFile("file_too_large", unpacked_mb=MAX_UNPACKED >> 20)
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnusableFile("file_encrypted")
    names = [entry.filename.lower() for entry in entries]
    if WORKBOOK not in names:
        raise UnusableFile("file_not_what_it_says")
    if len(set(names)) != len(names):  # two parts of one name: which one the reader takes nobody knows
        raise UnusableFile("file_unreadable")
    parts = [entry for entry, name in zip(entries, names, strict=True) if name.endswith((".xml", ".rels"))]
    if sum(entry.file_size for entry in parts) > MAX_UNPACKED:
        raise UnusableFile("file_too_large", unpacked_mb=MAX_UNPACKED >> 20)
    scans: dict[str, SheetScan] = {}
    for entry in parts:
        if entry.file_size > _SMALL and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise UnusableFile("file_too_large", unpacked_mb=MAX_UNPACKED >> 20)
        blocks = _unpacked(file, entry)
        if entry.filename.lower().startswith("xl/worksheets/") and entry.filename.endswith(".xml"):
            scan = _scan(blocks)
            if scan.last_row * scan.last_column > MAX_CELLS:
                raise UnusableFile("file_too_many_rows", limit=row_limit)
            scans[entry.filename] = scan
        else:
            for _ in blocks:
                pass
    return Archive(scans, sum(name.startswith(MEDIA) for name in names))


def _unpacked(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The entry's content in blocks. The sizes that an archive states are checked against what is really there, because
    the reader believes the data, not the statement."""
    file.seek(entry.header_offset)
    header = file.read(30)
    if header[:4] != ZIP_MAGIC:
        raise zipfile.BadZipFile("local header")
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    file.seek(name_length + extra_length, 1)
    left, total = entry.compress_size, 0
    if entry.compress_type == zipfile.ZIP_STORED:
        inflate = None
    elif entry.compress_type == zipfile.ZIP_DEFLATED:
        inflate = zlib.decompressobj(-15)
    else:
        raise NotImplementedError(str(entry.compress_type))
    while left:
        packed = file.read(min(left, _BLOCK))
        if not packed:
            raise EOFError(entry.filename)
        left -= len(packed)
        while packed:
            block = packed if inflate is None else inflate.decompress(packed, _BLOCK)
            packed = b"" if inflate is None else inflate.unconsumed_tail
            total += len(block)
            if total > entry.file_size:
                raise zipfile.BadZipFile("more than stated")
            if block:
                yield block
    if inflate is not None:
        rest = inflate.flush()
        total += len(rest)
        yield rest
    if total != entry.file_size:
        raise zipfile.BadZipFile("less than stated")


class _Scanner:
    """Callbacks of the XML parser over one worksheet. Holds one cell at a time."""

    def __init__(self) -> None:
        self.row = self.column = 0
        self.filled_rows = self.last_row = self.last_column = 0
        self.broken: dict[tuple[int, int], str] = {}
        self._counted_row = 0
        self._type = ""
        self._has_value = self._has_formula = self._is_in_value = False
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse

    def _refuse(self, *_: object) -> None:
        raise ValueError("a worksheet has no document type")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "c":
            self.column = _column(attributes["r"]) if "r" in attributes else self.column + 1
            self._type = "" if "vm" in attributes else attributes.get("t", "")  # a picture in a cell is stored as an error
            self._has_value = self._has_formula = False
        elif name == "row":
            self.row = int(attributes["r"]) if "r" in attributes else self.row + 1
            self.column = 0
        elif name in ("v", "t"):
            self._is_in_value = True
        elif name == "f":
            self._has_formula = True

    def _text(self, _text: str) -> None:
        self._has_value = self._has_value or self._is_in_value

    def _end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name in ("v", "t"):
            self._is_in_value = False
        elif name == "c":
            self._finish_cell()

    def _finish_cell(self) -> None:
        if self._has_value:
            if self._type == "e":
                self._note("formula_error")
            self.last_row = max(self.last_row, self.row)
            self.last_column = max(self.last_column, self.column)
            if self.row != self._counted_row:
                self._counted_row = self.row
                self.filled_rows += 1
        elif self._has_formula and self._type != "str":  # a calculated empty text is a value
            self._note("formula_without_value")

    def _note(self, code: str) -> None:
        if len(self.broken) < MAX_CELLS // 8:
            self.broken[(self.row, self.column)] = code


def _column(reference: str) -> int:
    """AB12 → 28."""
    number = 0
    for character in reference:
        if not character.isalpha():
            break
        number = number * 26 + ord(character.upper()) - 64
        if number > 1 << 20:
            raise ValueError(reference)
    return number


def sheet_parts(path: Path) -> dict[str, str]:
    """Sheet name → part name, of a file that `check_archive` has passed. Raises `UnusableFile`."""
    try:
        with zipfile.ZipFile(path) as archive:
            sheets = _elements(archive, WORKBOOK, "sheet")
            relations = _elements(archive, "xl/_rels/workbook.xml.rels", "Relationship")
    except DAMAGE as problem:
        raise UnusableFile("file_unreadable") from problem
    targets = {each.get("Id", ""): each.get("Target", "") for each in relations}
    found: dict[str, str] = {}
    for each in sheets:
        relation = next((value for name, value in each.items() if name.rpartition(":")[2] == "id"), "")
        target = targets.get(relation, "").lstrip("/")
        part = target if target.startswith("xl/") else f"xl/{target}"
        # Only parts of XML were counted, and of two sheets with one name nobody knows which is read.
        if not part.lower().endswith(".xml") or each.get("name", "") in found:
            raise UnusableFile("file_unreadable")
        found[each.get("name", "")] = part
    return found


def _elements(archive: zipfile.ZipFile, part: str, tag: str) -> list[dict[str, str]]:
    """The attributes of every element of that name."""
    found: list[dict[str, str]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: found.append(attributes) if name.rpartition(":")[2] == tag else None
    parser.Parse(archive.read(part), True)
    return found


def _scan(blocks: Iterator[bytes]) -> SheetScan:
    scanner = _Scanner()
    for block in blocks:
        scanner.parser.Parse(block, False)
    scanner.parser.Parse(b"", True)
    return SheetScan(scanner.filled_rows, scanner.last_row, scanner.last_column, scanner.broken)
