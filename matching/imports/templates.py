"""Sheets to fill in: the headings of the national sheets that are kept here, the names that code columns take, one example.

Pictures and films are kept as the addresses where they stand.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import xlsxwriter
from sqlmodel import Session

from matching.harmless import WRITING, harmless
from matching.model import ListingKind
from matching.model.fields import FIELDS, fields_of
from matching.reference import codes, industries, zones

_RESULT: Final = (
    "成果名称", "单位名称", "统一社会信用代码", "单位性质", "所属高新区", "所属地区", "战略产业", "关键词",
    "成果简介", "解决的问题", "创新点", "技术指标", "成果应用领域", "商业分析", "技术成熟度", "合作方式", "合作价格(万元)",
    "知识产权形式", "专利号/申请号", "专利名称", "法律状态", "申请日", "授权日", "专利权人", "IPC分类号", "成果权属人",
    "成果完成时间", "资助情况", "成果获得方式", "获奖情况", "标志性成果", "技术类型", "产业链环节", "质量效益方向", "海外合作",
    "工作语言", "有效期", "成果图片", "成果视频", "备注", "活动id", "联系人", "手机号码", "座机", "电子邮箱", "地址", "法人",
    "权属人联系电话",
)  # fmt: skip
_NEED: Final = (
    "技术需求名称", "单位名称", "统一社会信用代码", "单位性质", "所属高新区", "所属地区", "战略产业", "关键字",
    "技术需求详情", "拟解决的技术难题", "现有基础条件", "技术指标", "需求领域", "技术需求类别", "要求成熟度", "合作方式",
    "预算金额(万元)", "合作价格(万元)", "意向合作单位", "意向合作专家", "期望完成时间", "有效期", "技术类型", "产业链环节",
    "质量效益方向", "海外合作", "工作语言", "招标项目概述", "招标项目清单", "技术参数", "服务内容", "保证金(万元)", "底价(万元)",
    "交货日期", "验收日期", "成交价格(万元)", "受让方", "服务费(万元)", "需求图片", "需求视频", "活动id", "联系人", "联系人电话",
    "座机", "电子邮箱", "地址", "法人",
)  # fmt: skip
HEADINGS: Final[Mapping[ListingKind, Sequence[str]]] = {ListingKind.RESULT: _RESULT, ListingKind.NEED: _NEED}

_EXAMPLES: Final[Mapping[ListingKind, Mapping[str, str]]] = {
    ListingKind.RESULT: {
        "成果名称": "示例：低铝银浆与激光辅助接触（本行导入时自动跳过）",
        "单位名称": "某某大学",
        "战略产业": "光伏",
        "关键词": "银浆、激光、金属化",
        "成果简介": "说明做了什么、怎么做、在哪里验证过。建议两百字以上。",
        "技术指标": "银耗≤70 mg/片；接触电阻率≤1 mΩ·cm²",
        "技术成熟度": "中试",
        "合作方式": "技术转让、许可使用",
        "合作价格(万元)": "60-120",
        "知识产权形式": "发明专利",
        "专利号/申请号": "202310123456.7、202310123457.1",
        "法律状态": "已授权",
        "技术类型": "关键共性",
        "产业链环节": "中游",
        "成果完成时间": "2025-06",
        "有效期": "一年",
    },
    ListingKind.NEED: {
        "技术需求名称": "示例：电池片正面银浆单耗再降三成（本行导入时自动跳过）",
        "单位名称": "某某有限公司",
        "所属高新区": "常州高新区",
        "战略产业": "光伏",
        "技术需求详情": "说明现状、要达到什么、不能改变什么。建议两百字以上。",
        "技术指标": "银耗≤70 mg/片",
        "技术需求类别": "关键技术研发",
        "合作方式": "合作开发",
        "预算金额(万元)": "80-150",
        "质量效益方向": "清洁生产、循环利用",
        "有效期": "2026-12-31",
    },
}
_LISTS: Final[Mapping[ListingKind, Mapping[str, str]]] = {
    kind: {
        **{
            heading: each.code_list
            for heading in HEADINGS[kind]
            for each in fields_of(kind)
            if each.code_list and heading in each.headings
        },
        "单位性质": "organisation_kind",
    }
    for kind in ListingKind
}
"""Heading → the code list that its cells take."""
_SEVERAL: Final = frozenset(
    ("知识产权形式", "战略产业", "法律状态", *(name for each in FIELDS if each.type == "codes" for name in each.headings))
)
"""Columns that take several values, so that a drop-down of one would mislead."""
_OFFERED_ROWS: Final = 2000


@dataclass(frozen=True, slots=True)
class TemplateWords:
    """What a template says beside the agreed headings and the names that cells take: the names of its two sheets, the rules,
    and in `meanings` what the headings are called by readers of another language (the first pair heads the two columns)."""

    sheet: str
    guide: str
    lines: Sequence[str]
    meanings: Sequence[tuple[str, str]] = ()


def template(session: Session, kind: ListingKind, words: TemplateWords) -> bytes:
    """An XLSX workbook: the sheet to fill in, and a guide with the rules and today's names of all lists."""
    headings = HEADINGS[kind]
    names = _names(session, kind)
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, WRITING) as book:
        sheet = book.add_worksheet(words.sheet)
        guide = book.add_worksheet(words.guide)
        heading = book.add_format({"bold": True, "bg_color": "#E7EEF8", "border": 1})
        text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        grey = book.add_format({"num_format": "@", "font_color": "#777777", "text_wrap": True, "valign": "top"})
        sheet.freeze_panes(1, 1)
        for column, name in enumerate(headings):
            sheet.set_column(column, column, max(14, 2 * len(name) + 2), text)
            sheet.write_string(0, column, name, heading)
            sheet.write_string(1, column, _example(kind, name, names), grey)
        _write_names(guide, names, words, heading, text)
        for name in (each for each in names if each in headings and each not in _SEVERAL):
            _offer(sheet, words.guide, headings.index(name), list(names).index(name) + 1, len(names[name]))
    return target.getvalue()


def _names(session: Session, kind: ListingKind) -> dict[str, list[str]]:
    """Heading → the names that its cells take."""
    found = {heading: [each.name for each in codes(session, list_code).values()] for heading, list_code in _LISTS[kind].items()}
    found["战略产业"] = [each.name for each in industries(session).values() if not each.retired]
    found["所属高新区"] = [each.name for each in zones(session) if not each.retired]
    return found


def _example(kind: ListingKind, heading: str, names: Mapping[str, Sequence[str]]) -> str:
    """What stands in the example row: of a list only what it has now, else its first name."""
    text, offered = _EXAMPLES[kind].get(heading, ""), names.get(heading)
    if not text or offered is None or set(text.split("、")) <= set(offered):
        return text
    return offered[0] if offered else ""


def _write_names(sheet: Any, names: Mapping[str, Sequence[str]], words: TemplateWords, heading: Any, text: Any) -> None:
    sheet.set_column(0, 0, 70, text)
    sheet.set_column(1, len(names), 22)
    sheet.write_string(0, 0, words.guide, heading)
    for row, line in enumerate(words.lines, 1):
        sheet.write_string(row, 0, line, text)
    for column, (name, values) in enumerate(names.items(), 1):
        sheet.write_string(0, column, name, heading)
        for row, value in enumerate(values, 1):
            sheet.write_string(row, column, harmless(value))
    for row, pair in enumerate(words.meanings):
        for column, value in enumerate(pair, len(names) + 2):
            sheet.write_string(row, column, value, text if row else heading)


def _offer(sheet: Any, guide: str, column: int, names_column: int, count: int) -> None:
    """A drop-down that helps and does not forbid: TRL levels and other spellings are read, too."""
    letter = xlsxwriter.utility.xl_col_to_name(names_column, True)
    source = f"='{guide}'!{letter}$2:{letter}${count + 1}"
    sheet.data_validation(1, column, _OFFERED_ROWS, column, {"validate": "list", "source": source, "show_error": False})
