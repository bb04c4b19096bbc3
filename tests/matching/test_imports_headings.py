"""Headings in the variants people write, and the kinds of sheet told apart."""

from pathlib import Path

import pytest

from matching.errors import UnusableFile
from matching.imports.headings import Headings, find_headings, guess
from matching.imports.staging import read_headings, staged_path
from matching.model import ListingKind
from tests.matching.import_sheets import stage_here, workbook

NATIONAL_RESULT = [
    "成果权属人", "权属人联系电话", "成果名称", "关键词", "成果完成时间", "资助情况", "成果应用领域", "成果获得方式",
    "技术成熟度", "获奖情况", "合作价格", "合作方式", "单位名称", "地址", "法人", "联系人", "手机号码", "座机",
    "电子邮箱", "知识产权形式", "成果简介", "技术指标", "商业分析", "成果图片", "成果视频", "备注", "活动id",
]  # fmt: skip
NATIONAL_NEED = [
    "技术需求名称", "关键字", "有效期", "需求领域", "技术需求类别", "合作方式", "合作价格", "意向合作单位",
    "意向合作专家", "技术需求详情", "技术指标", "需求图片", "需求视频", "单位名称", "地址", "法人", "联系人",
    "联系人电话", "座机", "电子邮箱", "活动id",
]  # fmt: skip
RESULT, NEED = ListingKind.RESULT, ListingKind.NEED


def targets(cells: list[str], kind: ListingKind = RESULT) -> dict[str, str]:
    found = find_headings([(1, tuple(cells))], kind)
    assert found is not None
    return {each.heading: each.target for each in found.columns}


def only(cells: list[str], kind: ListingKind = RESULT) -> Headings:
    found = find_headings([(1, tuple(cells))], kind)
    assert found is not None
    return found


@pytest.mark.parametrize(("headings", "kind"), [(NATIONAL_RESULT, RESULT), (NATIONAL_NEED, NEED)])
def test_every_heading_of_the_national_sheets_is_known(headings: list[str], kind: ListingKind) -> None:
    found = only(headings, kind)
    assert found.unknown == ()
    assert len(found.columns) + len(found.ignored) == len(headings)


def test_the_projects_own_headings_are_known() -> None:
    added = ["统一社会信用代码", "所属高新区", "战略产业"]
    assert set(targets(["成果名称", *added, "专利号/申请号", "法律状态"]).values()) == {
        "title", "owner.credit_code", "owner.zone", "industries", "ip", "ip_status",
    }  # fmt: skip
    wanted = ["拟解决的技术难题", "现有基础条件", "预算金额(万元)", "单位性质", "所属地区", "要求成熟度"]
    assert only(["技术需求名称", *added, *wanted], NEED).unknown == ()


@pytest.mark.parametrize(
    "written",
    [
        "成果名称",
        " 成果 名称 ",
        "成果名称*",
        "＊成果名称",
        "成果名称（必填）",
        "成果名称：",
        "【成果名称】",
        "成果名称(不超过50字)",
        "成果\n名称",
        "成果名稱",
        "1.成果名称",
        "（一）成果名称",
        "二、科技成果名称",
    ],
)
def test_spellings_of_one_heading(written: str) -> None:
    (column,) = only([written, "成果简介"]).columns[:1]
    assert column.target == "title"


@pytest.mark.parametrize(
    ("heading", "unit"),
    [
        ("合作价格", ""),
        ("合作价格(万元)", "万元"),
        ("合作价格（元）", "元"),
        ("合作价格【单位：万元】", "万元"),
        ("合作价格/万元", "万元"),
        ("价格(亿元)", "亿元"),
        ("合作价格（面议请注明）", ""),
    ],
)
def test_the_unit_stands_in_the_heading(heading: str, unit: str) -> None:
    found = {each.target: each for each in only(["成果名称", heading]).columns}
    assert found["price"].unit == unit


def test_unknown_headings_are_listed_and_others_kept() -> None:
    found = only(["成果名称", "内部编码", "序号", "", "成果简介"])
    assert (found.unknown, found.ignored) == (("内部编码",), ("序号",))
    assert [(each.index, each.target) for each in found.columns] == [(0, "title"), (4, "summary")]


def test_the_headings_are_found_below_banners() -> None:
    rows = [(1, ("2026年成果征集表", "")), (2, ("填表说明：名称必填", "")), (4, ("成果名称", "成果简介")), (5, ("甲", "乙"))]
    found = find_headings(rows, RESULT)
    assert found is not None
    assert found.row == 4


def test_headings_further_down_than_the_fifth_row_are_not_looked_for() -> None:
    rows = [(n, (f"说明{n}",)) for n in range(1, 6)] + [(6, ("成果名称", "成果简介"))]
    assert find_headings(rows, RESULT) is None


@pytest.mark.parametrize(("headings", "kind", "found"), [(NATIONAL_NEED, RESULT, "need"), (NATIONAL_RESULT, NEED, "result")])
def test_a_sheet_of_the_other_kind_is_told_so(headings: list[str], kind: ListingKind, found: str) -> None:
    with pytest.raises(UnusableFile) as caught:
        find_headings([(1, tuple(headings))], kind)
    assert caught.value.code == "file_other_kind"
    assert caught.value.params == {"expected": kind.value, "found": found}


def test_headings_without_a_title_are_to_be_asked_about() -> None:
    found = only(["单位名称", "成果简介", "联系人", "成果的名字"])
    assert not found.has_title
    assert guess(found.unknown[0], RESULT) == "title"


def test_no_known_heading_and_no_rows(tmp_path: Path) -> None:
    for rows, code in (([["甲", "乙"], ["丙", "丁"]], "file_no_known_column"), ([["成果名称", "成果简介"]], "file_no_rows")):
        with pytest.raises(UnusableFile) as caught:
            stage_here(workbook(tmp_path / "a.xlsx", rows), "a.xlsx", RESULT, tmp_path / "u")
        assert caught.value.code == code
        assert not list((tmp_path / "u").iterdir())


def test_staged_columns_are_those_found(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["", "成果名称", "价格（元）"], ["", "甲", "5"]])
    staged = stage_here(path, "a.xlsx", RESULT, tmp_path / "u")
    (table,) = staged.tables
    assert [(each.target, each.unit) for each in table.columns] == [("title", ""), ("price", "元")]
    assert read_headings(staged_path(tmp_path / "u", staged.digest, RESULT)) == [(0, "成果名称"), (1, "价格（元）")]
