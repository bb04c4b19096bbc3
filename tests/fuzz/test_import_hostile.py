"""Files made to hurt, read in the reader's own process: one clear sentence or the rows, within seconds and a bounded memory."""

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from matching.errors import UnusableFile
from matching.imports.apart import SECONDS, read_apart
from matching.imports.sheet import Limits
from matching.imports.staging import StagedSheet, stage
from matching.model import ListingKind
from web.wording.imports import FILE_TEXTS

SHEET, STRINGS, STYLES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"
Change = Callable[[bytes], bytes]


def made(path: Path, part: str, change: Change) -> Path:
    """A good workbook with one part changed."""
    whole = io.BytesIO()
    with xlsxwriter.Workbook(whole, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["成果名称", "成果简介"])
        sheet.write_row(1, 0, ["低铝银浆", "正文"])
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == part else data)
    return path


def rows(body: str) -> Change:
    return lambda xml: xml.replace(b"</sheetData>", body.encode() + b"</sheetData>")


def merges(ref: str, count: int) -> Change:
    cells = f'<mergeCells count="{count}">' + f'<mergeCell ref="{ref}"/>' * count + "</mergeCells>"
    return lambda xml: xml.replace(b"</sheetData>", b"</sheetData>" + cells.encode())


def strings(count: int) -> Change:
    return lambda xml: xml.replace(b"</sst>", b"".join(b"<si><t>%d</t></si>" % (n * 7919) for n in range(count)) + b"</sst>")


HOSTILE: dict[str, tuple[str, Change]] = {
    "bomb": (SHEET, lambda xml: xml.replace(b"</sheetData>", b" " * (40 << 20) + b"</sheetData>")),
    "far cell": (SHEET, rows('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
    "beyond all cells": (SHEET, rows('<row r="99999999999"><c r="ZZZZZZ99999999999"><v>1</v></c></row>')),
    "row below zero": (SHEET, rows('<row r="-5"><c r="A-5"><v>1</v></c></row>')),
    "huge dimension": (SHEET, lambda xml: xml.replace(b'<dimension ref="A1:B2"/>', b'<dimension ref="A1:XFD1048576"/>')),
    "many strings": (STRINGS, strings(400_000)),
    "no such string": (SHEET, rows('<row r="3"><c r="A3" t="s"><v>4000000000</v></c></row>')),
    "count of strings": (STRINGS, lambda xml: xml.replace(b'uniqueCount="4"', b'uniqueCount="4000000000"')),
    "entities": (STRINGS, lambda xml: xml.replace(b"<sst", b'<!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><sst', 1)),
    "deep nesting": (STRINGS, lambda xml: xml.replace(b"</sst>", b"<r>" * 50_000 + b"</sst>")),
    "merged all over": (SHEET, merges("A1:XFD1048576", 2000)),
    "merged columns": (SHEET, merges("A3:A1900", 2000)),
    "merged backwards": (SHEET, merges("B9:A1", 3)),
    "many styles": (STYLES, lambda xml: xml.replace(b"</cellXfs>", b'<xf numFmtId="14"/>' * 60_000 + b"</cellXfs>")),
    "date beyond time": (SHEET, rows('<row r="3"><c r="A3" s="1"><v>1e300</v></c><c r="B3" t="d"><v>99999-99-99</v></c></row>')),
    "no xml at all": (SHEET, lambda xml: b"\0" * 5000),
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_a_hostile_workbook_is_staged_or_refused_in_one_sentence(tmp_path: Path, name: str) -> None:
    part, change = HOSTILE[name]
    path = made(tmp_path / "a.xlsx", part, change)
    started = time.monotonic()
    found = attempt(path, tmp_path / "u")
    assert time.monotonic() - started < SECONDS
    if isinstance(found, UnusableFile):
        assert FILE_TEXTS[found.code]
        assert list((tmp_path / "u").iterdir()) == []
    else:
        assert found.tables[0].rows >= 1


def attempt(path: Path, uploads: Path) -> StagedSheet | UnusableFile:
    try:
        return stage(path, path.name, ListingKind.RESULT, uploads, Limits())
    except UnusableFile as refused:
        return refused


def drained(path: Path, **limit: int) -> list[int]:
    """How many rows each sheet has, every one read."""
    return [sum(1 for _ in each.rows) for each in read_apart(path, path.name, Limits(), **limit)]


def large(path: Path) -> Path:
    """Twenty thousand rows of a dozen columns, no text twice."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["成果名称", "成果简介", *(f"列{n}" for n in range(10))])
        for at in range(1, 20_001):
            sheet.write_row(at, 0, [f"成果{at}", f"正文{at}" * 20, *range(10)])
    return path


@pytest.mark.parametrize("limit", [{"memory": 32 << 20}, {"seconds": 0}], ids=str)
def test_a_reader_over_its_limits_is_ended_by_the_system(tmp_path: Path, limit: dict[str, int]) -> None:
    path = large(tmp_path / "large.xlsx")
    with pytest.raises(UnusableFile) as refused:
        drained(path, **limit)
    assert refused.value.code == "file_too_complex"


def test_the_largest_sheet_that_is_allowed_is_read_within_the_limits(tmp_path: Path) -> None:
    """In a small part of the memory and the time."""
    path = large(tmp_path / "large.xlsx")
    started = time.monotonic()
    assert drained(path) == [20_001]
    assert time.monotonic() - started < SECONDS


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a.csv", "file_not_what_it_says"),
        ("a.xls", "file_not_what_it_says"),
        ("a", "file_unknown_type"),
        ("a.xlsx.exe", "file_unknown_type"),
        ("\u202exslx.a", "file_unknown_type"),
        ("../../a.xlsx", ""),
    ],
)
def test_a_workbook_under_any_name(tmp_path: Path, name: str, code: str) -> None:
    made(tmp_path / "file", SHEET, lambda xml: xml)
    try:
        told = "" if stage(tmp_path / "file", name, ListingKind.RESULT, tmp_path / "u").tables else "nothing"
    except UnusableFile as refused:
        told = refused.code
    assert told == code
