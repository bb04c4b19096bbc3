"""Sheets of results and needs as universities and zones send them: national headings, realistic words and lengths."""

import json
import random
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from matching.model import ListingKind
from tests.bench.texts import Source, body, sources

RESULT_HEADINGS: Final = (
    "成果名称", "单位名称", "成果简介", "创新点", "技术指标", "应用领域", "关键词", "战略产业", "技术成熟度", "合作方式",
    "合作价格(万元)", "专利号/申请号", "知识产权形式", "法律状态", "联系人", "手机号码",
)  # fmt: skip
NEED_HEADINGS: Final = (
    "技术需求名称", "企业名称", "所属高新区", "技术需求详情", "拟解决的技术难题", "现有基础条件", "关键词", "战略产业",
    "需求类型", "要求成熟度", "合作方式", "预算金额(万元)", "联系人", "手机号码",
)  # fmt: skip
TAGGED: Final = 0.5
"""Share of rows that name their industries; the others get suggestions."""
UNIVERSITIES, FIRMS = 40, 10

Cells = tuple[str, ...]


def result_row(chance: random.Random, at: int) -> Cells:
    source = _pick(chance, ListingKind.RESULT)
    first, second, third = _split(_length(chance, source), 0.65, 0.2)
    return (
        title(chance, source, at),
        f"测试第{at % UNIVERSITIES}理工大学",
        body(chance, source.sentences, first),
        body(chance, source.sentences, second),
        body(chance, source.sentences, third),
        "、".join(chance.sample(source.keywords, min(2, len(source.keywords)))),
        "；".join(source.keywords),
        _industry(chance, source),
        chance.choice(("正在研发", "已有样品", "小试", "中试", "可以量产")),
        chance.choice(("技术转让", "许可使用", "合作开发", "合作开发、技术服务")),
        chance.choice(("面议", "50", "120-300", "30", "500")),
        f"20{chance.randint(18, 25)}1{at:07d}" if chance.random() < 0.7 else "",
        "发明专利",
        chance.choice(("已授权", "审中")),
        "测试联系人",
        f"139{at:08d}",
    )


def need_row(chance: random.Random, at: int) -> Cells:
    source = _pick(chance, ListingKind.NEED)
    zone = _zone(chance, source)
    first, second, third = _split(_length(chance, source), 0.6, 0.25)
    return (
        title(chance, source, at),
        f"测试{zone}第{at % FIRMS}制造有限公司",
        zone,
        body(chance, source.sentences, first),
        body(chance, source.sentences, second),
        body(chance, source.sentences, third),
        "；".join(source.keywords),
        _industry(chance, source),
        "关键技术研发",
        chance.choice(("已有样品", "小试", "中试")),
        chance.choice(("合作开发", "技术服务", "技术转让")),
        chance.choice(("面议", "80", "100-200")),
        "测试联系人",
        f"138{at:08d}",
    )


def title(chance: random.Random, source: Source, at: int) -> str:
    """A title of usual length that no other row has: key words of the source, part of its own title, a number."""
    words = "".join(chance.sample(source.keywords, min(2, len(source.keywords))))
    return f"{words}{source.title[: chance.randint(8, 22)]}{at}号"[:60]


def write(path: Path, kind: ListingKind, rows: int, *, seed: int = 7) -> Path:
    """An XLSX of so many rows, no two alike."""
    chance = random.Random(seed)
    is_result = kind is ListingKind.RESULT
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("导入")
        sheet.write_row(0, 0, RESULT_HEADINGS if is_result else NEED_HEADINGS)
        for at in range(rows):
            sheet.write_row(at + 1, 0, result_row(chance, at) if is_result else need_row(chance, at))
    return path


def split_rows(rows: int) -> Iterator[tuple[ListingKind, int]]:
    """Nine results for every need, as a province has them."""
    needs = max(1, rows // 10)
    yield ListingKind.NEED, needs
    yield ListingKind.RESULT, rows - needs


def _pick(chance: random.Random, kind: ListingKind) -> Source:
    return chance.choice([each for each in sources() if each.kind is kind])


def _length(chance: random.Random, source: Source) -> int:
    return max(80, round(source.length * chance.uniform(0.7, 1.3)))


def _split(length: int, *shares: float) -> Sequence[int]:
    first = [round(length * share) for share in shares]
    return [*first, length - sum(first)]


def _zone(chance: random.Random, source: Source) -> str:
    """Where firms of that industry sit; any zone where it is no zone's own."""
    zones = _reference()["zones"]
    return str(chance.choice([each for each in zones if each["industry"] in source.industries] or zones)["name"])


def _industry(chance: random.Random, source: Source) -> str:
    names = {each["code"]: each["name"] for each in _reference()["industries"]}
    return "、".join(names[code] for code in source.industries) if chance.random() < TAGGED else ""


@lru_cache(maxsize=1)
def _reference() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(files("matching.data").joinpath("reference.json").read_text("utf-8"))
    return content
