"""Cells and lines as they come by mail: read as a person would read them, or asked about."""

from datetime import date
from pathlib import Path

import pytest

from matching.imports.vocabulary import Vocabulary
from matching.model import ListingKind, Role
from tests.matching.import_sheets import RESULT, Desk, codes, comma_file, stage_here
from tests.matching.test_imports_cells import NEED, read, refused, value
from tests.matching.world import World


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026年底", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026年度末", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026年9月底前", None, date(2026, 9, 30)),
        ("2026年上半年", date(2026, 6, 1), date(2026, 6, 30)),
        ("2026年第三季度", date(2026, 9, 1), date(2026, 9, 30)),
        ("2026Q4", date(2026, 12, 1), date(2026, 12, 31)),
        ("二〇二六年十一月", date(2026, 11, 1), date(2026, 11, 30)),
        ("二零二六年六月三十日", date(2026, 6, 30), date(2026, 6, 30)),
        ("2026年6月1日0:00:00", date(2026, 6, 1), date(2026, 6, 1)),
        ("2026.6", date(2026, 6, 1), date(2026, 6, 30)),
    ],
)
def test_parts_of_a_year_and_numbers_in_words(words: Vocabulary, text: str, first: date | None, last: date) -> None:
    if first is not None:
        assert value(words, "completed_on", 成果完成时间=text) == first
    assert value(words, "valid_until", 有效期=text) == last


@pytest.mark.parametrize(
    ("text", "code"), [("2025.1", "date_month_unclear"), ("2027年", "date_needs_month"), ("二〇二五年", "date_needs_month")]
)
def test_dates_that_are_asked_about(words: Vocabulary, text: str, code: str) -> None:
    assert refused(words, 有效期=text) == [("valid_until", code)]


@pytest.mark.parametrize(
    ("number", "kinds", "right"),
    [
        ("ZL201910123456.7（已授权）", "", ("invention", "ZL201910123456.7", "granted")),
        ("已申请发明专利：202310123456.7", "", ("invention", "202310123456.7", "")),
        ("发明专利ZL202310123456.7", "", ("invention", "ZL202310123456.7", "")),
        ("２０２３２０１２３４５６．７", "", ("utility", "202320123456.7", "")),
        ("申请中", "发明专利", ("invention", "", "filed")),
    ],
)
def test_numbers_with_remarks(words: Vocabulary, number: str, kinds: str, right: tuple[str, str, str]) -> None:
    (found,) = value(words, "ip", 专利号_申请号=number, 知识产权形式=kinds)
    assert (found.kind, found.number, found.status) == right


def test_words_that_say_nothing(words: Vocabulary) -> None:
    assert value(words, "ip", 专利号_申请号="暂无专利") == ()
    assert value(words, "modes", 合作方式="面议") == ()
    assert value(words, "maturity", 技术成熟度="六级") is None
    assert value(words, "trl", 技术成熟度="六级") == 6
    assert read(words, NEED, 要求成熟度="不限").draft().maturity is None
    assert refused(words, 专利号_申请号="发明专利3项") == [("ip", "bad_right_number")], "how many is not which"


def test_lines_below_the_table_are_left_out(desk: Desk) -> None:
    rows = desk.rows(
        desk.plan(
            RESULT,
            {"成果名称": "填表人：张三", "成果简介": "日期：2026年3月"},
            {"成果名称": "备注：以上成果均可转让"},
            RESULT | {"成果名称": "说明：这是一项成果的名称"},
        )
    )
    assert [(row.verdict, codes(row)[0][1]) for row in rows] == [
        ("new", "owner_new"), ("skip", "footer_row"), ("skip", "footer_row"), ("new", "owner_new"),
    ]  # fmt: skip


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    return Desk(world, world.person(Role.ZONE_STAFF, zone="changzhou"), tmp_path)


def test_a_right_of_unknown_kind_is_asked_about_once(desk: Desk) -> None:
    row = desk.row(desk.plan(RESULT | {"专利号/申请号": "PCT/CN2023/123456"}))
    assert codes(row) == [("ip_kind", "ip_kind_unclear")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "，"])
def test_signs_inside_texts_do_not_cut_them(tmp_path: Path, delimiter: str) -> None:
    text = "胶膜，低温交联，湿热衰减小；已在3家企业试用，成本降低，良率提高，停机减少"
    inside = text.replace("，", ",") if delimiter == "，" else text
    path = comma_file(
        tmp_path / "a.csv",
        [["2026年征集表", "", ""], ["成果名称", "单位名称", "成果简介"], *[[f"第{at}项", "某大学", inside] for at in range(9)]],
        delimiter=delimiter,
    )
    staged = stage_here(path, "a.csv", ListingKind.RESULT, tmp_path / "uploads")
    assert [each.target for each in staged.tables[0].columns] == ["title", "owner.owner", "summary"]
    assert staged.tables[0].rows == 9
