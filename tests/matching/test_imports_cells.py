"""Cells as people fill them: what they mean, and what is refused with its reason."""

from datetime import date
from typing import Any

import pytest

from matching.content import IpRight
from matching.credit_code import make
from matching.drafts import ListingDraft, validate
from matching.imports.cells import Reading, read_row
from matching.imports.headings import find_headings
from matching.imports.payload import Planned, from_json, to_json
from matching.imports.staging import StagedRow
from matching.imports.vocabulary import Vocabulary, kind_from_name
from matching.model import ListingKind
from tests.matching.world import TODAY

RESULT, NEED = ListingKind.RESULT, ListingKind.NEED


def read(words: Vocabulary, kind: ListingKind = RESULT, broken: dict[int, str] | None = None, **cells: str) -> Reading:
    title = "成果名称" if kind is RESULT else "技术需求名称"
    row = {title: "低铝银浆"} | {heading.replace("_", "/"): text for heading, text in cells.items()}
    found = find_headings([(1, tuple(row))], kind)
    assert found is not None
    assert found.unknown == ()
    return read_row(StagedRow(2, tuple(row.values()), broken or {}), found.columns, kind, words, TODAY)


def value(words: Vocabulary, name: str, **cells: str) -> Any:
    """The draft's field, where nothing was refused."""
    reading = read(words, **cells)
    assert reading.errors == []
    return getattr(reading.draft(), name)


def refused(words: Vocabulary, kind: ListingKind = RESULT, **cells: str) -> list[tuple[str, str]]:
    return [(each.field, each.code) for each in read(words, kind, **cells).errors]


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("60-120", (60, 120)),
        ("６０～１２０万元", (60, 120)),
        ("60万—1.2百万", (60, 120)),
        ("80", (80, 80)),
        ("800000元", (80, 80)),
        ("不超过80万", (None, 80)),
        ("面议", (None, None)),
        ("/", (None, None)),
    ],
)
def test_prices(words: Vocabulary, text: str, bounds: tuple[int | None, int | None]) -> None:
    draft = read(words, **{"合作价格(万元)": text}).draft()
    fen = tuple(None if each is None else each * 1_000_000 for each in bounds)
    assert (draft.price_min_fen, draft.price_max_fen) == fen


@pytest.mark.parametrize(
    ("heading", "fen"), [("价格(元)", 20_000), ("价格(万元)", 200_000_000), ("价格(亿元)", 2_000_000_000_000)]
)
def test_a_number_alone_has_the_headings_unit(words: Vocabulary, heading: str, fen: int) -> None:
    reading = read(words, **{heading: "200"})
    assert (reading.draft().price_max_fen, reading.notes) == (fen, [])


@pytest.mark.parametrize("text", ["80", "600000", "60~120", "不超过８０"])
def test_a_number_whose_unit_nothing_says_is_asked_about(words: Vocabulary, text: str) -> None:
    assert refused(words, 合作价格=text) == [("price", "unit_unclear")]


def test_a_cell_says_its_own_unit(words: Vocabulary) -> None:
    assert value(words, "price_max_fen", 合作价格="600000元") == 60_000_000


@pytest.mark.parametrize(("text", "code"), [("-5", "negative_money"), ("很多", "bad_money"), ("120-60", "min_over_max")])
def test_prices_that_are_refused(words: Vocabulary, text: str, code: str) -> None:
    assert refused(words, **{"合作价格(万元)": text}) == [("price", code)]


@pytest.mark.parametrize(
    "text", ["技术转让、许可使用", "技术转让,许可使用", "技术转让；许可使用", "01/02", "1;2", "转让 许可", "技术转让\n技术许可"]
)
def test_several_modes_in_one_cell(words: Vocabulary, text: str) -> None:
    assert value(words, "modes", 合作方式=text) == ("01", "02")


def test_unknown_modes_are_named(words: Vocabulary) -> None:
    (problem,) = read(words, 合作方式="技术转让、以物易物").errors
    assert (problem.field, problem.code, problem.params) == ("modes", "unknown_code", {"value": "以物易物"})


@pytest.mark.parametrize(
    ("text", "maturity", "trl"),
    [
        ("小试", "lab", None),
        ("通过小试", "lab", None),
        ("中试阶段", "pilot", None),
        ("可以量产", "mass", None),
        ("Pilot scale", "pilot", None),
        ("TRL 6", None, 6),
        ("trl6", None, 6),
        ("6级", None, 6),
        ("６", None, 6),
        ("4-5", "lab", None),
        ("TRL 6-7级", "pilot", None),
        ("中试（TRL 7）", "pilot", 7),
        ("中试, TRL7", "pilot", 7),
    ],
)
def test_maturity_by_name_and_by_level(words: Vocabulary, text: str, maturity: str | None, trl: int | None) -> None:
    reading = read(words, 技术成熟度=text)
    assert reading.errors == []
    assert (reading.draft().maturity, reading.draft().trl) == (maturity, trl)


@pytest.mark.parametrize("text", ["很成熟", "2-7", "TRL 几"])
def test_maturity_that_says_nothing(words: Vocabulary, text: str) -> None:
    assert refused(words, 技术成熟度=text) == [("maturity", "unknown_code")]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-06", date(2025, 6, 1)),
        ("2025年6月", date(2025, 6, 1)),
        ("2025/6/1", date(2025, 6, 1)),
        ("2025.6.15", date(2025, 6, 15)),
        ("2025年6月15日", date(2025, 6, 15)),
        ("２０２５年６月", date(2025, 6, 1)),
        ("2025-06-15 08:30", date(2025, 6, 15)),
        ("20250615", date(2025, 6, 15)),
        ("202506", date(2025, 6, 1)),
        ("45823", date(2025, 6, 15)),
    ],
)
def test_dates(words: Vocabulary, text: str, day: date) -> None:
    assert value(words, "completed_on", 成果完成时间=text) == day


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2025", "date_needs_month"),
        ("2025年", "date_needs_month"),
        ("去年", "bad_date"),
        ("2025-13", "bad_date"),
        ("2025-02-30", "bad_date"),
    ],
)
def test_dates_that_are_refused(words: Vocabulary, text: str, code: str) -> None:
    assert refused(words, 成果完成时间=text) == [("completed_on", code)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12", date(2026, 12, 31)),
        ("2026-12-05", date(2026, 12, 5)),
        ("至2026年12月31日", date(2026, 12, 31)),
        ("一年", date(2027, 3, 2)),
        ("两年", date(2028, 3, 2)),
        ("1年内", date(2027, 3, 2)),
        ("半年", date(2026, 9, 2)),
        ("6个月", date(2026, 9, 2)),
        ("十二个月", date(2027, 3, 2)),
        ("一年半", date(2027, 9, 2)),
        ("90天", date(2026, 5, 31)),
        ("两周", date(2026, 3, 16)),
    ],
)
def test_last_days_and_periods(words: Vocabulary, text: str, day: date) -> None:
    assert value(words, "valid_until", 有效期=text) == day


def test_for_ever_is_the_usual_period_and_said(words: Vocabulary) -> None:
    reading = read(words, 有效期="长期有效")
    assert reading.draft().valid_until is None
    assert [(each.field, each.code) for each in reading.notes] == [("valid_until", "default_period")]


def test_industries_by_name_alias_and_code(words: Vocabulary) -> None:
    assert value(words, "industries", 战略产业="光伏产业、物联网") == ("pv", "iot")
    assert value(words, "industries", 战略产业="new-energy；新能源") == ("new-energy",)
    assert refused(words, 战略产业="养殖") == [("industries", "unknown_code")]


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("昆山高新区", "kunshan"),
        ("昆山", "kunshan"),
        ("昆山国家高新技术产业开发区", "kunshan"),
        ("泰州医药高新区", "taizhou"),
        ("苏州工业园区", "sip"),
        ("苏州高新区", "snd"),
        ("Wuxi High-tech Zone", "wuxi"),
    ],
)
def test_zones_by_name(words: Vocabulary, text: str, zone: str) -> None:
    reading = read(words, 所属高新区=text)
    assert (reading.owner.zone, reading.errors) == (zone, [])


@pytest.mark.parametrize(("text", "code"), [("苏州", "ambiguous_name"), ("高新区", "unknown_code"), ("上海张江", "unknown_code")])
def test_zones_that_are_not_clear(words: Vocabulary, text: str, code: str) -> None:
    assert refused(words, 所属高新区=text) == [("zone", code)]


@pytest.mark.parametrize(
    ("numbers", "kinds", "states", "rights"),
    [
        ("ZL202310123456.7", "", "已授权", [("invention", "ZL202310123456.7", "granted")]),
        ("202320123456.7", "实用新型专利", "", [("utility", "202320123456.7", "")]),
        (
            "ZL202310123456.7、ZL202320123457.1",
            "发明专利、实用新型",
            "授权、实审",
            [("invention", "ZL202310123456.7", "granted"), ("utility", "ZL202320123457.1", "examining")],
        ),
        (
            "ZL 2023 1 0123456.7 ZL 2023 1 0123457.1",
            "发明专利",
            "有效",
            [("invention", "ZL 2023 1 0123456.7", "valid"), ("invention", "ZL 2023 1 0123457.1", "valid")],
        ),
        ("专利号：ZL202310123456.7", "", "", [("invention", "ZL202310123456.7", "")]),
        ("2023SR0123456；CN115000000A", "", "", [("software", "2023SR0123456", ""), ("invention", "CN115000000A", "")]),
        ("PCT/CN2023/123456", "发明", "", [("invention", "PCT/CN2023/123456", "")]),
        ("98123456.7（发明专利）", "", "", [("invention", "98123456.7", "")]),
        ("", "技术秘密、软件著作权", "", [("secret", "", ""), ("software", "", "")]),
        ("无", "无", "", [("none", "", "")]),
    ],
)
def test_rights(words: Vocabulary, numbers: str, kinds: str, states: str, rights: list[tuple[str, str, str]]) -> None:
    found = value(words, "ip", 专利号_申请号=numbers, 知识产权形式=kinds, 法律状态=states)
    assert [(each.kind, each.number, each.status) for each in found] == rights


@pytest.mark.parametrize(
    ("numbers", "kinds", "states", "problem"),
    [
        ("正在申请", "", "", ("ip", "bad_right_number")),
        ("98123456.7", "", "", ("ip_kind", "ip_kind_unclear")),
        ("ZL202310123456.7", "实用新型专利", "", ("ip_kind", "ip_kind_differs")),
        ("ZL202310123456.7、ZL202310123457.1", "", "授权、实审、有效", ("ip_status", "counts_differ")),
        ("", "专利", "", ("ip_kind", "unknown_code")),
        ("", "", "已授权", ("ip_status", "counts_differ")),
    ],
)
def test_rights_that_are_not_clear(words: Vocabulary, numbers: str, kinds: str, states: str, problem: tuple[str, str]) -> None:
    assert refused(words, 专利号_申请号=numbers, 知识产权形式=kinds, 法律状态=states) == [problem]


def test_who_holds_the_right_beside_the_organisation(words: Vocabulary) -> None:
    cells = {"成果权属人": "李某某", "单位名称": "江南光电大学", "专利号/申请号": "ZL202310123456.7"}
    reading = read(words, **cells)
    assert reading.owner.name == "江南光电大学"
    assert reading.draft().ip == (IpRight("invention", "", "ZL202310123456.7", "", "", "李某某"),)
    bare = read(words, 成果权属人="李某某", 单位名称="江南光电大学")
    assert (bare.notes, bare.draft().ip, bare.draft().texts) == ([], (), {"holder": "李某某"})
    alone = read(words, 成果权属人="江南光电大学")
    assert (alone.owner.name, alone.draft().texts) == ("江南光电大学", {"holder": "江南光电大学"})
    assert read(words, 成果权属人="江南光电大学").owner.name == "江南光电大学"


def test_the_owners_cells(words: Vocabulary) -> None:
    code = make("91320411MA1MA0QR5")
    owner = read(
        words,
        单位名称="常州新硅科技有限公司",
        统一社会信用代码=f"{code[:4]} {code[4:].lower()}",
        所属地区="江苏省常州市",
        单位性质="企业",
    ).owner
    assert owner.credit_code == code
    assert (owner.name, owner.city, owner.kind, owner.kind_is_named) == ("常州新硅科技有限公司", "常州", "enterprise", True)
    assert refused(words, 统一社会信用代码=code[:-1] + ("A" if code[-1] != "A" else "B")) == [("credit_code", "bad_credit_code")]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("江南光电大学", "university"),
        ("江大科技园有限公司", "enterprise"),
        ("中国科学院某某研究所", "institute"),
        ("常州第二机床厂", "enterprise"),
        ("某某协会", None),
    ],
)
def test_what_a_name_says(name: str, kind: str | None) -> None:
    assert kind_from_name(name) == kind


def test_contacts_are_kept_apart_and_never_repeated_in_reasons(words: Vocabulary) -> None:
    reading = read(words, NEED, 联系人="张三", 联系人电话="13900001234", 座机="/", 手机="13800005678", 电子邮箱="not an address")
    assert reading.contacts == {"person": "张三", "mobile": "13800005678；13900001234", "email": "not an address"}
    assert "13900001234" not in repr([*reading.errors, *reading.notes])


def test_two_columns_for_one_field(words: Vocabulary) -> None:
    reading = read(words, 技术指标="银耗≤70 mg", 技术参数="厚度≤30 μm")
    assert reading.draft().texts["indicators_text"] == "银耗≤70 mg\n厚度≤30 μm"
    assert refused(words, 成熟度="小试", 技术成熟度="中试") == [("maturity", "columns_differ")]
    assert value(words, "maturity", 成熟度="小试", 技术成熟度="小试") == "lab"


def test_cells_without_a_value_are_told(words: Vocabulary) -> None:
    reading = read(words, broken={1: "formula_error"}, 合作方式="")
    assert [(each.field, each.code, each.params) for each in reading.errors] == [
        ("modes", "formula_error", {"heading": "合作方式"})
    ]


@pytest.mark.parametrize("title", ["示例：低铝银浆", "（示例）低铝银浆", "【示例】", "例：某某"])
def test_examples_are_recognised(words: Vocabulary, title: str) -> None:
    found = find_headings([(1, ("成果名称",))], RESULT)
    assert found is not None
    assert read_row(StagedRow(2, (title,), {}), found.columns, RESULT, words, TODAY).left_out == "example_row"
    assert read(words).left_out == ""


def test_damaged_text_is_refused(words: Vocabulary) -> None:
    assert refused(words, 合作方式="技术\x00转让") == [("modes", "control_characters")]
    assert ("owner", "control_characters") in refused(words, 单位名称="甲\ud800")


def test_a_planned_row_comes_back_from_json_as_it_was(words: Vocabulary) -> None:
    cells = {
        "成果简介": "浆料中的铝含量压到0.3 wt%以下。", "合作价格(万元)": "60-120", "合作方式": "技术转让、许可使用",
        "战略产业": "光伏",
        "技术成熟度": "中试（TRL 7）", "成果完成时间": "2025-06", "有效期": "一年", "专利号/申请号": "ZL202310123456.7",
        "联系人": "张三", "单位名称": "江南光电大学", "所属高新区": "昆山",
    }  # fmt: skip
    reading = read(words, **cells)
    draft: ListingDraft = validate(reading.draft(), words.known, TODAY, submit=False)
    assert from_json(to_json(Planned(draft, reading.owner))) == Planned(draft, reading.owner)


def test_the_fields_of_a_tender_and_the_policy(words: Vocabulary) -> None:
    cells = {
        "质量效益方向": "清洁生产、机器换人", "产业链环节": "中游", "海外合作": "是", "工作语言": "中文；英语",
        "预算金额(万元)": "80-150", "合作价格(万元)": "60", "保证金": "2万元", "底价(万元)": "70", "交货日期": "2026-06-30",
        "验收日期": "2026年9月30日", "技术参数": "节拍≤15 s", "招标项目概述": "采购两套", "需求图片": "https://example.org/a.jpg",
        "活动id": "HD-18",
    }  # fmt: skip
    reading = read(words, ListingKind.NEED, **cells)
    assert reading.errors == []
    draft = reading.draft()
    assert draft.tags == {
        "policy": ("clean", "robots"), "chain": ("midstream",), "overseas": ("cooperation",), "languages": ("en", "zh"),
    }  # fmt: skip
    wan = 1_000_000
    sums = {"budget": (80 * wan, 150 * wan), "deposit": (2 * wan, 2 * wan), "floor_price": (70 * wan, 70 * wan)}
    assert (draft.amounts, draft.price_min_fen) == (sums, 60 * wan)
    assert draft.days == {"delivery_on": date(2026, 6, 30), "acceptance_on": date(2026, 9, 30)}
    assert draft.texts == {
        "tender_parameters": "节拍≤15 s",
        "tender_overview": "采购两套", "images": "https://example.org/a.jpg", "activity": "HD-18",
    }  # fmt: skip


def test_all_columns_of_a_right(words: Vocabulary) -> None:
    cells = {
        "专利号/申请号": "ZL202310123456.7、202310123457.1", "法律状态": "已授权、实质审查中", "专利名称": "浆料；烧结方法",
        "申请日": "2023-01-05、2023-02-06", "IPC分类号": "H01B 1/22", "专利权人": "江南光电大学、常州电池有限公司",
    }  # fmt: skip
    first, second = read(words, **cells).draft().ip
    assert (first.title, first.filed_on, first.ipc, first.holders) == ("浆料", date(2023, 1, 5), "H01B 1/22", "江南光电大学")
    assert (second.title, second.filed_on, second.status) == ("烧结方法", date(2023, 2, 6), "examining")
    uneven = read(words, **cells | {"申请日": "2023-01-05、2023-02-06、2023-02-07"})
    assert [(each.field, each.code) for each in uneven.errors] == [("ip_filed_on", "counts_differ")]


@pytest.mark.parametrize(
    ("cell", "maturity"),
    [
        ("实验室（小试）", "step-lab"),
        ("产业化(批量)", "step-mass"),
        ("已应用", "step-used"),
        ("正样级", "gbt-6"),
        ("中试", "pilot"),
    ],
)
def test_every_scale_of_maturity_is_read(words: Vocabulary, cell: str, maturity: str) -> None:
    assert read(words, 技术成熟度=cell).draft().maturity == maturity
