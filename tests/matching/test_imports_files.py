"""What a file must be to be read, and what its cells become."""

import datetime as dt
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from matching.errors import UnusableFile
from matching.imports.sheet import Limits, cell_text, open_tables
from matching.imports.staging import read_rows, staged_path
from matching.model import ListingKind
from tests.matching.import_sheets import RESULT, WRITING, comma_file, stage_here, table, workbook

HEADINGS = ["成果名称", "单位名称", "成果简介"]


def read(path: Path, name: str = "") -> list[tuple[int, tuple[str, ...]]]:
    return [row for each in open_tables(path, name or path.name, Limits()) for row in each.rows]


def refusal(path: Path, name: str = "", limits: Limits | None = None, kind: ListingKind = ListingKind.RESULT) -> UnusableFile:
    """Why the file is not taken; and that nothing of it is left."""
    uploads = path.parent / "uploads"
    with pytest.raises(UnusableFile) as caught:
        stage_here(path, name or path.name, kind, uploads, limits)
    assert not uploads.exists() or not list(uploads.iterdir())
    return caught.value


def test_cells_of_a_workbook_become_text(tmp_path: Path) -> None:
    path = tmp_path / "cells.xlsx"
    with xlsxwriter.Workbook(path, WRITING) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["00123", 202310123456.7, 60, 0.1 + 0.2, True, False, "  空白  ", 1e-7, 123456789012345])
        sheet.write_datetime(0, 9, dt.datetime(2025, 6, 1), day)
        sheet.write_datetime(0, 10, dt.datetime(2025, 6, 1, 8, 30), day)
        sheet.write_formula(0, 11, "=A1&B1", None, "合并")
        sheet.write_formula(0, 12, "=1+1", None, 42)
    (row,) = read(path)
    assert row == (
        1,
        (
            "00123", "202310123456.7", "60", "0.3", "是", "否", "空白", "0.0000001", "123456789012345",
            "2025-06-01", "2025-06-01 08:30", "合并", "42",
        ),
    )  # fmt: skip


def test_times_and_odd_numbers_become_text() -> None:
    assert cell_text(dt.time(8, 30)) == "08:30"
    assert cell_text(dt.timedelta(hours=36)) == "36"
    assert cell_text(float("nan")) == ""
    assert cell_text(-0.5) == "-0.5"
    assert cell_text(None) == "None"


def test_row_numbers_are_the_persons_own(tmp_path: Path) -> None:
    path = workbook(tmp_path / "gaps.xlsx", [["2026年成果征集表"], [], HEADINGS, [], ["甲", "乙", "丙"], [" "]])
    assert [number for number, _ in read(path)] == [1, 3, 5]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_files_in_the_encodings_and_signs_people_use(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [HEADINGS, ["银浆，低铝", "江南光电大学", '两行\n"文字"，一、二']]
    path = comma_file(tmp_path / "sheet.csv", rows, encoding=encoding, delimiter=delimiter)
    assert read(path) == [(1, tuple(HEADINGS)), (2, tuple(rows[1]))]


def test_characters_beyond_the_basic_plane_survive_gb18030(tmp_path: Path) -> None:
    path = comma_file(tmp_path / "rare.csv", [HEADINGS, ["𠮷镕合金", "江南光电大学", "㎡ 与 μm"]], encoding="gb18030")
    assert read(path)[1][1][0] == "𠮷镕合金"


def test_a_workbook_and_a_text_file_stage_the_same_rows(tmp_path: Path) -> None:
    rows = table(RESULT, {**RESULT, "成果名称": "另一项"})
    one = stage_here(workbook(tmp_path / "a.xlsx", rows), "a.xlsx", ListingKind.RESULT, tmp_path / "u")
    two = stage_here(comma_file(tmp_path / "a.csv", rows, encoding="gb18030"), "a.csv", ListingKind.RESULT, tmp_path / "u")
    first, second = (read_rows(staged_path(tmp_path / "u", each.digest, each.kind), 0, 10) for each in (one, two))
    assert first == second
    assert [row.number for row in first] == [2, 3]
    assert [each.rows for each in one.tables] == [2]
    assert one.tables[0].columns == two.tables[0].columns
    assert staged_path(tmp_path / "u", one.digest, one.kind).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("cell", "broken"),
    [
        (b'<c r="A2" t="e"><f>NA()</f><v>#N/A</v></c>', {0: "formula_error"}),
        (b'<c r="A2"><f>B1</f><v></v></c>', {0: "formula_without_value"}),
        (b'<c r="A2"><f>B1</f></c>', {0: "formula_without_value"}),
        (b'<c r="A2" t="str"><f>IF(1,"","x")</f><v></v></c>', {}),
        (b'<c r="A2" s="1"/>', {}),
    ],
)
def test_formulas_without_a_value_are_told(tmp_path: Path, cell: bytes, broken: dict[int, str]) -> None:
    path = workbook(tmp_path / "a.xlsx", [HEADINGS, ["甲", "江南光电大学", "文"]])
    before = b'<c r="A2" t="s"><v>3</v></c>'
    other = _rewritten(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(before, cell))
    staged = stage_here(other, "f.xlsx", ListingKind.RESULT, tmp_path / "u")
    (row,) = read_rows(staged_path(tmp_path / "u", staged.digest, staged.kind), 0, 10)
    assert row.broken == broken
    assert row.cells == ("", "江南光电大学", "文")


def test_broken_cells_keep_their_column_where_the_table_begins_further_right(tmp_path: Path) -> None:
    path = tmp_path / "right.xlsx"
    with xlsxwriter.Workbook(path, WRITING) as book:
        sheet = book.add_worksheet()
        sheet.write_row(3, 2, HEADINGS)
        sheet.write_row(4, 2, ["甲", None, "文"])
        sheet.write_formula(4, 3, "=NA()", None, "#N/A")
    staged = stage_here(path, "f.xlsx", ListingKind.RESULT, tmp_path / "u")
    (row,) = read_rows(staged_path(tmp_path / "u", staged.digest, staged.kind), 0, 10)
    assert (row.number, row.broken) == (5, {1: "formula_error"})


def _rewritten(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    target = path.with_name("rewritten.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry.filename, change(data) if entry.filename == part else data)
    return target


def test_empty(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").touch()
    assert refusal(tmp_path / "a.xlsx").code == "file_empty"
    assert refusal(workbook(tmp_path / "b.xlsx", [])).code == "file_empty"
    (tmp_path / "c.csv").write_text("\n,,\n")
    assert refusal(tmp_path / "c.csv").code == "file_empty"


def test_too_large(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", table(RESULT))
    refused = refusal(path, limits=Limits(upload_bytes=3000))
    assert refused.code == "file_too_large"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", b"just text"),
        ("a.csv", b"PK\x03\x04 zip inside"),
        ("a.csv", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)),
        ("a.xls", b"<html><table></table></html>"),
        ("a.csv", b"a\0b\0c\0"),
    ],
)
def test_a_file_that_is_not_what_it_says(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert refusal(tmp_path / name).code == "file_not_what_it_says"


def test_another_office_file_under_the_name_of_a_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert refusal(tmp_path / "a.xlsx").code == "file_not_what_it_says"


def test_types_that_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    assert refusal(tmp_path / "a.pdf").code == "file_unknown_type"


def test_old_and_encrypted_workbooks_are_told_apart(tmp_path: Path) -> None:
    magic = bytes.fromhex("d0cf11e0a1b11ae1")
    (tmp_path / "old.xls").write_bytes(magic + bytes(2000) + "Workbook".encode("utf-16-le"))
    (tmp_path / "locked.xlsx").write_bytes(magic + bytes(2000) + "EncryptedPackage".encode("utf-16-le"))
    assert refusal(tmp_path / "old.xls").code == "file_old_excel"
    assert refusal(tmp_path / "locked.xlsx").code == "file_encrypted"


def test_encrypted_archive_entries(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", table(RESULT))
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")  # the first entry's flags in the central directory
    data[at + 8] |= 1
    path.write_bytes(data)
    assert refusal(path).code == "file_encrypted"


def test_truncated_and_damaged_archives(tmp_path: Path) -> None:
    whole = workbook(tmp_path / "a.xlsx", table(RESULT)).read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(whole[: len(whole) // 2])
    assert refusal(tmp_path / "cut.xlsx").code == "file_unreadable"
    broken = _rewritten(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml", lambda xml: xml[: len(xml) // 2])
    assert refusal(broken).code == "file_unreadable"


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = _rewritten(workbook(tmp_path / "a.xlsx", table(RESULT)), "xl/sharedStrings.xml", lambda xml: xml + b" " * (8 << 20))
    assert bomb.stat().st_size < 40_000
    assert refusal(bomb).code == "file_too_large"


def test_an_archive_that_lies_about_its_sizes(tmp_path: Path) -> None:
    bomb = _rewritten(workbook(tmp_path / "a.xlsx", table(RESULT)), "xl/sharedStrings.xml", lambda xml: xml + b" " * (8 << 20))
    data = bytearray(bomb.read_bytes())
    at = data.index(b"xl/sharedStrings.xml", data.index(b"PK\x01\x02")) - 46
    struct.pack_into("<I", data, at + 24, 500)
    bomb.write_bytes(data)
    assert refusal(bomb).code == "file_unreadable"


def test_entities_are_refused(tmp_path: Path) -> None:
    declared = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'
    path = _rewritten(
        workbook(tmp_path / "a.xlsx", table(RESULT)),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"<worksheet", declared + b"<worksheet", 1),
    )
    assert refusal(path).code == "file_unreadable"


def test_a_far_cell_does_not_take_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(path, WRITING) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        sheet.write(1_000_000, 100, "x")
    assert refusal(path).code == "file_too_many_rows"


def test_empty_formatted_rows_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "formatted.xlsx"
    with xlsxwriter.Workbook(path, WRITING) as book:
        sheet = book.add_worksheet()
        style = book.add_format({"bold": True})
        for at, row in enumerate(table(RESULT)):
            sheet.write_row(at, 0, row)
        for at in range(2, 30_000, 7):
            sheet.write_blank(at, 0, None, style)
    assert stage_here(path, "f.xlsx", ListingKind.RESULT, tmp_path / "u").tables[0].rows == 1


def test_row_and_column_limits(tmp_path: Path) -> None:
    rows = table(*({**RESULT, "成果名称": f"成果{n}"} for n in range(31)))
    assert refusal(workbook(tmp_path / "a.xlsx", rows), limits=Limits(rows=30)).code == "file_too_many_rows"
    assert refusal(workbook(tmp_path / "e.xlsx", rows), limits=Limits(rows=10)).code == "file_too_many_rows"
    assert (
        stage_here(workbook(tmp_path / "b.xlsx", rows), "b.xlsx", ListingKind.RESULT, tmp_path / "u", Limits(rows=31))
        .tables[0]
        .rows
        == 31
    )
    wide = [[*HEADINGS, *(f"列{n}" for n in range(300))], ["甲", "乙", "丙"]]
    assert refusal(workbook(tmp_path / "c.xlsx", wide)).code == "file_too_many_columns"


def test_hidden_sheets_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "hidden.xlsx"
    with xlsxwriter.Workbook(path, WRITING) as book:
        book.add_worksheet("说明").write(0, 0, "请填写下表")
        hidden = book.add_worksheet("旧表")
        hidden.write_row(0, 0, HEADINGS)
        hidden.write_row(1, 0, ["旧", "旧", "旧"])
        hidden.hide()
        sheet = book.add_worksheet("新表")
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ["新成果", "江南光电大学", "文"])
    staged = stage_here(path, "h.xlsx", ListingKind.RESULT, tmp_path / "u")
    assert [(each.name, each.rows) for each in staged.tables] == [("新表", 1)]


def test_unclosed_quotes_and_wrong_bytes(tmp_path: Path) -> None:
    (tmp_path / "quote.csv").write_text('成果名称,单位名称,成果简介\n甲,乙,"' + "长" * 200_000, encoding="utf-8")
    refused = refusal(tmp_path / "quote.csv")
    assert refused.code == "file_unreadable"
    (tmp_path / "bytes.csv").write_bytes("成果名称,单位名称\n".encode() + b"\xff\xfe\xff\xff,\x81\n")
    assert refusal(tmp_path / "bytes.csv").code == "file_unreadable"
