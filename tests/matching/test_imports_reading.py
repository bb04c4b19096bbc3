"""Sheets as people lay them out: two lines of headings, merged cells, pictures; and the reader's own process."""

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from matching.errors import UnusableFile
from matching.imports.apart import read_apart
from matching.imports.headings import find_headings
from matching.imports.sheet import Limits, Table, open_tables
from matching.imports.staging import StagedRow, read_rows, stage, staged_path
from matching.model import ListingKind
from tests.matching.import_sheets import RESULT, WRITING, stage_here, table, workbook

KIND = ListingKind.RESULT


def staged(path: Path) -> list[StagedRow]:
    found = stage_here(path, path.name, KIND, path.parent / "u")
    return read_rows(staged_path(path.parent / "u", found.digest, KIND), 0, 100)


@pytest.mark.parametrize(
    "lines",
    [
        [("成果名称", "单位名称", "联系方式", ""), ("", "", "联系人", "手机号码")],
        [("基本信息", "", "联系", ""), ("成果名称", "单位名称", "联系人", "手机号码")],
        [("序号", "成果", "", "联系", ""), ("", "成果名称", "单位名称", "联系人", "手机号码")],
        [("2026年征集表",), ("成果名称", "单位名称", "联系方式", ""), ("", "", "人", "手机号码")],
    ],
)
def test_headings_in_two_lines(lines: list[tuple[str, ...]]) -> None:
    found = find_headings([*enumerate(lines, 1), (len(lines) + 1, ("甲", "乙", "丙", "139"))], KIND)
    assert found is not None
    assert found.row == len(lines)
    targets = [each.target for each in found.columns]
    assert targets[:2] == ["title", "owner.owner"]
    assert targets[-1] == "contact.mobile"


def test_a_row_of_data_is_no_second_line_of_headings() -> None:
    rows = [(1, ("成果名称", "单位名称", "备注")), (2, ("银浆", "大学", "备注")), (3, ("成果名称", "单位名称", "备注"))]
    found = find_headings(rows, KIND)
    assert found is not None
    assert found.row == 1


def test_parts_of_a_group_that_nobody_knows_keep_its_name() -> None:
    found = find_headings([(1, ("成果名称", "成果简介", "团队", "")), (2, ("", "", "联系人", "人数"))], KIND)
    assert found is not None
    assert (found.row, found.unknown) == (2, ("团队 · 人数",))


def merged_sheet(path: Path) -> Path:
    with xlsxwriter.Workbook(path, WRITING) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, 3, "2026年成果征集表")
        for column, heading in enumerate(("成果名称", "单位名称", "成果简介")):
            sheet.merge_range(1, column, 2, column, heading)
        sheet.merge_range(1, 3, 1, 4, "知识产权")
        sheet.write_row(2, 3, ["专利号", "法律状态"])
        sheet.merge_range(3, 1, 6, 1, "江南光电大学")
        sheet.merge_range(3, 0, 4, 0, "低铝银浆")
        sheet.merge_range(3, 2, 4, 2, "两件专利的一项成果。")
        sheet.write_row(3, 3, ["ZL202310123456.7", "已授权"])
        sheet.write_row(4, 3, ["ZL202310123457.1", "已授权"])
        sheet.write(5, 0, "激光接触")
        sheet.write(5, 2, "单位在上面。")
        sheet.write(7, 0, "没有单位")
        for row in range(8, 40):
            sheet.write_blank(row, 0, None, book.add_format({"border": 1}))
    return path


def test_merged_cells_are_read_as_they_look(tmp_path: Path) -> None:
    """The owner beside all its rows; the rows of one title as one, with both patents; nothing below the table."""
    rows = staged(merged_sheet(tmp_path / "m.xlsx"))
    assert [(row.number, row.cells) for row in rows] == [
        (4, ("低铝银浆", "江南光电大学", "两件专利的一项成果。", "ZL202310123456.7\nZL202310123457.1", "已授权")),
        (6, ("激光接触", "江南光电大学", "单位在上面。", "", "")),
        (8, ("没有单位", "", "", "", "")),
    ]


def picture(path: Path) -> Path:
    """The smallest picture: one pixel."""
    path.write_bytes(
        bytes.fromhex(
            "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f64540"
            "0000000049454e44ae426082"
        )
    )
    return path


def test_pictures_are_counted_and_in_nobodys_way(tmp_path: Path) -> None:
    path = tmp_path / "p.xlsx"
    with xlsxwriter.Workbook(path, WRITING) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(table({**RESULT, "获奖情况": '=DISPIMG("ID_1",1)'})):
            sheet.write_row(at, 0, row)
        sheet.insert_image(1, 5, picture(tmp_path / "a.png"))
        sheet.embed_image(1, 4, picture(tmp_path / "b.png"))
    found = stage_here(path, "p.xlsx", KIND, tmp_path / "u")
    assert found.pictures >= 1
    (row,) = read_rows(staged_path(tmp_path / "u", found.digest, KIND), 0, 10)
    assert (row.cells[3], row.broken) == ("", {})


def everything(tables: list[Table]) -> list[tuple[object, ...]]:
    return [(each.name, list(each.rows), each.broken, each.merged, each.pictures) for each in tables]


def test_the_readers_own_process_reads_the_same(tmp_path: Path) -> None:
    path = merged_sheet(tmp_path / "m.xlsx")
    here = [(each.name, list(each.rows), each.broken, each.merged) for each in open_tables(path, path.name, Limits())]
    apart = [(each.name, list(each.rows), each.broken, each.merged) for each in read_apart(path, path.name, Limits())]
    assert here == apart
    passed_over = [each.name for each in read_apart(path, path.name, Limits())]
    assert passed_over == ["Sheet1"]


def test_a_sheet_that_is_too_long_leaves_the_others(tmp_path: Path) -> None:
    path = tmp_path / "long.xlsx"
    with xlsxwriter.Workbook(path, WRITING) as book:
        long, short = book.add_worksheet("长"), book.add_worksheet("短")
        for at in range(200):
            long.write_row(at, 0, ["甲", at])
        for at, row in enumerate(table(RESULT)):
            short.write_row(at, 0, row)
    found = stage(path, path.name, KIND, tmp_path / "u", Limits(rows=50))
    assert [(each.name, each.rows) for each in found.tables] == [("短", 1)]


def test_refusals_come_from_the_readers_own_process(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 nothing")
    for name, code in (("a.xlsx", "file_unreadable"), ("a.csv", "file_not_what_it_says"), ("a.pdf", "file_unknown_type")):
        with pytest.raises(UnusableFile) as caught:
            stage(tmp_path / "a.xlsx", name, KIND, tmp_path / "u")
        assert caught.value.code == code
    assert list((tmp_path / "u").iterdir()) == []


@pytest.mark.parametrize("limits", [{"memory": 50 << 20}, {"seconds": 0}])
def test_a_reader_over_its_limits_is_ended(tmp_path: Path, limits: dict[str, int]) -> None:
    path = workbook(tmp_path / "big.xlsx", [["成果名称", "成果简介"], *([f"成果{n}", f"{n}长" * 150] for n in range(20_000))])
    with pytest.raises(UnusableFile) as caught:
        sum(len(list(each.rows)) for each in read_apart(path, path.name, Limits(), **limits))
    assert caught.value.code == "file_too_complex"


def test_nothing_is_read_that_was_not_counted(tmp_path: Path) -> None:
    """A workbook whose sheet lies in a part of another name, which nobody has unpacked to see how large it is."""
    path, other = workbook(tmp_path / "a.xlsx", table(RESULT)), tmp_path / "b.xlsx"
    for target in ("evil.dat", "../elsewhere/sheet1.xml", "media/image1.xml"):
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                data = old.read(name)
                if name == "xl/_rels/workbook.xml.rels":
                    data = data.replace(b"worksheets/sheet1.xml", target.encode())
                new.writestr(f"xl/{target}" if name == "xl/worksheets/sheet1.xml" else name, data)
        with pytest.raises(UnusableFile) as caught:
            stage(other, "b.xlsx", KIND, tmp_path / "u")
        assert caught.value.code == "file_unreadable"
