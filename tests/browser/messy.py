"""A sheet as it comes by mail: a banner, two lines of headings, merged cells, odd headings, mistakes, repetitions; 60 rows."""

import tempfile
from pathlib import Path
from typing import Final

import xlsxwriter
from sqlmodel import select

from matching.access import actor_of
from matching.imports import batches
from matching.imports.slices import commit_slice, read_slice
from matching.imports.staging import stage
from matching.imports.undoing import undo_slice
from matching.model import ListingKind, Person
from tests.browser.site import Site

OWNER: Final = "演示江南工业大学"
THINGS: Final = (
    "封装胶膜", "除氟吸附剂", "焊带", "减速器", "导电银浆", "检测相机", "储能电池包", "钢渣微粉", "病理切片机",
    "气体传感器", "石墨烯导热膜", "消防机器人", "药物缓释微球", "边缘网关", "光伏支架", "热泵机组", "超声探头",
    "铝合金型材", "污泥干化机", "数控转台",
)  # fmt: skip
PLAIN: Final = (
    ("光伏组件封装胶膜", "用于双玻光伏组件，交联温度低，湿热老化后功率衰减小。"),
    ("工业机器人减速器", "谐波减速器用于六轴机器人关节，回差小于一弧分。"),
    ("储能电池包", "磷酸铁锂电池储能系统，液冷，循环八千次。"),
    ("医用超声探头", "用于腹部超声诊断的相控阵探头，带宽大。"),
)
WAYS: Final = ("低温共挤", "免喷涂", "高镍无钴", "双面清洗", "在线监测", "真空渗碳")
HEADS: Final = (
    ("序号", 0), ("成果名称", 0), ("单位名称", 0), ("成果简介", 0), ("战略产业", 0), ("技术成熟度", 0), ("合作价格", 0),
    ("成果的完成日期", 0), ("知识产权", 2), ("联系方式", 2), ("导师意见", 0),
)  # fmt: skip
BELOW: Final = {"知识产权": ("专利号", "法律状态"), "联系方式": ("联系人", "手机号码")}
ROWS: Final = 60


def messy(path: Path) -> Path:
    """An XLSX of results of the demonstration's university, in the name of Changzhou."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.add_worksheet("填报说明").write(0, 0, "请按下表填写，每行一项。")
        sheet = book.add_worksheet("成果汇总")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.merge_range(0, 0, 0, 12, "2026年科技成果征集汇总表")
        at = 0
        for heading, parts in HEADS:
            if parts:
                sheet.merge_range(1, at, 1, at + parts - 1, heading)
                sheet.write_row(2, at, BELOW[heading])
            else:
                sheet.merge_range(1, at, 2, at, heading)
            at += parts or 1
        sheet.merge_range(3, 2, 6, 2, OWNER)
        for number in range(ROWS):
            _row(sheet, number, day)
        sheet.write(ROWS + 3, 1, "合计")
        second = book.add_worksheet("去年")
        second.write_row(0, 0, ["成果名称", "单位名称", "成果简介"])
        second.write_row(1, 0, ["去年的一项", OWNER, "旧的文字"])
    return path


def _row(sheet: object, number: int, day: object) -> None:
    thing, way = THINGS[number % 20], WAYS[(number * 7 + number // 20) % 6]
    title = f"{way}{thing}"
    text = f"{title}：在{number + 3}家企业试用，{way}使成本下降{number + 5}%，{thing}寿命达到{number * 40 + 900}小时。"
    cells: list[object] = [
        number + 1, title, OWNER if number > 3 else None, text, "光伏", ("小试", "中试", "TRL 7", "６级")[number % 4],
        (60, "８０～１２０", "面议", "50万元")[number % 4], 45_823 if number % 3 else "2025年6月", None, None, "张工",
        f"139{number:08d}", "同意推荐" if number % 2 else "",
    ]  # fmt: skip
    if number % 9 == 5:
        cells[4] = "光服"
    if number % 17 == 8:
        cells[6] = "很多钱"
    if number == 20:
        cells[1] = ""
    if number in (30, 31):
        cells[1] = "钢坯表面双面清洗机" if number == 30 else "钢坯表面用双面清洗机"
        cells[3] = f"双面清洗，耗水减{number - 25}成，已用于两条线的批量生产，刷辊一年一换。"
    if number in (33, 34):
        cells[8], cells[9] = "ZL202310123456.7", "已授权"
    if number == 40:
        cells[1], cells[3] = "低温共挤封装胶膜", "同名的另一行。"
    sheet.write_row(number + 3, 0, cells)  # type: ignore[attr-defined]  # a Worksheet


def imports(site: Site, login: str) -> tuple[str, str]:
    """The sheet in the name of the account twice: a batch that asks, and one that is planned (public ids)."""
    database = site.parts.database
    with tempfile.TemporaryDirectory() as folder, database.write() as unit:
        actor = actor_of(unit.session, unit.session.exec(select(Person).where(Person.login == login)).one())
        staged = stage(messy(Path(folder) / "a.xlsx"), "汇总.xlsx", ListingKind.RESULT, site.parts.runtime.uploads)
        asking = batches.begin(unit, actor, staged)
        planned = batches.begin(unit, actor, staged, ask=False, unit_of_money="万元")
        unit.commit()
    site.settle()
    return asking, planned


def untagged(site: Site, login: str) -> tuple[str, str]:
    """Results that name no industry, in the name of the account: a batch that is done, whose entries get suggestions, and one
    that was undone (public ids). The slices are done here, beside the worker's other work."""
    database, uploads = site.parts.database, site.parts.runtime.uploads
    found: list[str] = []
    for year in ("2025", "2026"):
        with tempfile.TemporaryDirectory() as folder, database.write() as unit:
            actor = actor_of(unit.session, unit.session.exec(select(Person).where(Person.login == login)).one())
            path = Path(folder) / "a.csv"
            rows = [f"{year}款{WAYS[at]}{thing},{OWNER},{text}" for at, (thing, text) in enumerate(PLAIN)]
            path.write_text("\n".join(["成果名称,单位名称,成果简介", *rows]), encoding="utf-8")
            found.append(batches.begin(unit, actor, stage(path, f"{year}.csv", ListingKind.RESULT, uploads), ask=False))
            unit.commit()
        while read_slice(database, uploads, found[-1]):
            pass
        with database.write() as unit:
            batches.commit(unit, actor, found[-1])
            unit.commit()
        while commit_slice(database, found[-1], actor.person_id):
            pass
    with database.write() as unit:
        batches.undo(unit, actor, found[1])
        unit.commit()
    while undo_slice(database, found[1], actor.person_id):
        pass
    site.settle()
    return found[0], found[1]
