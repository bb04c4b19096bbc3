"""A zone moves in: nothing of the demonstration, a first administrator from the command line, and then everything that a zone
does in its first days, in a browser: people, its industry, its two sheets with their mistakes, its desk, the pool, an undo."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser import sheets, steps
from tests.browser.conftest import Visit, Visitor, windows
from tests.browser.moved import Moved
from tests.browser.sheets import LEFT_OUT, UNKNOWN
from tests.browser.site import Site, serving

RESULTS: Final = 2_000
NEEDS: Final = 300
ZONE: Final = "南通高新区"
INDUSTRY: Final = "高端装备制造"
PATIENCE: Final = 60_000
"""Milliseconds that a step waits for what it needs, on a machine that others use too."""
CLAUSE: Final = "重点在高端装备制造、高端软件、新能源、新材料、生物医药、节能环保等战略性新兴产业中选择"
FIRM: Final = "盐城滩涂风电运维有限公司"
POOLED: Final = "海上风机塔筒法兰螺栓预紧力在线监测"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """As `make run DEMO=0` starts it for the first time."""
    with serving(tmp_path / "data", demo=False) as site:
        yield site


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Visit]:
    expect.set_options(timeout=PATIENCE)
    with windows(browser, site, patience=PATIENCE) as open_window:
        yield open_window
    expect.set_options(timeout=5_000)


@pytest.mark.timeout(900)
def test_a_zone_moves_in(visit: Visit, site: Site, tmp_path: Path) -> None:
    moved = Moved(site)
    steps.first_administrator(site, "chen", "陈管理")
    admin = visit()
    admin.sign_in("chen", steps.OWN_PASSWORD)
    steps.add_organisation(admin, FIRM, "企业", "盐城")
    staff = steps.enter(visit(), "li", steps.add_person(admin, "李专员", "li", "高新区专员", zone=ZONE))
    firm = steps.enter(visit(), "zhou", steps.add_person(admin, "周总", "zhou", "需求方", organisation=FIRM))

    decide_on_the_industry(staff)
    moved.check_decision("equipment")

    results, needs = sheets.results(RESULTS), sheets.needs(NEEDS)
    page = steps.upload(staff, "成果", results.write(tmp_path / "成果汇总.xlsx"))
    steps.answer(page, {UNKNOWN: "解决什么问题", LEFT_OUT: "不导入此列"}, unit="万元")
    steps.planned(page)
    good = RESULTS - len(results.right) - 1
    assert [steps.rows_of(page, each) for each in ("all", "new", "skip", "error")] == [RESULTS, good, 1, len(results.right)]
    steps.commit(page, good)
    again = steps.corrected(page, results, tmp_path / "成果改正.xlsx")
    page = steps.upload(staff, "成果", again)
    expect(page.get_by_label(f"“{UNKNOWN}”列的内容").locator("option:checked")).to_have_text("解决什么问题")
    expect(page.get_by_role("radio", name="万元", exact=True)).to_be_checked()
    steps.answer(page, {})  # what was said of the first sheet is remembered
    steps.planned(page)
    assert [steps.rows_of(page, each) for each in ("new", "error")] == [len(results.right), 0]
    steps.commit(page, len(results.right))

    page = steps.upload(staff, "需求", needs.write(tmp_path / "需求汇总.xlsx"))
    steps.answer(page, {LEFT_OUT: "不导入此列"})
    steps.planned(page)
    steps.commit(page, NEEDS - len(needs.right))
    page = steps.upload(staff, "需求", steps.corrected(page, needs, tmp_path / "需求改正.xlsx"))
    steps.answer(page, {})
    steps.planned(page)
    steps.commit(page, len(needs.right))
    page = staff.goto("/work")
    for name in ("成果汇总.xlsx", "需求改正.xlsx"):
        expect(page.locator("main")).to_contain_text(name)
    site.settle()
    moved.check_listings(results, needs)

    confirm_industries(staff, moved)
    grade_outside(staff, moved)
    take_from_the_pool(firm, staff, moved)
    kept = undo_the_wrong_batch(staff, moved, sheets.wrong(results).write(tmp_path / "成果旧表.xlsx"))
    moved.check_listings(results, needs, POOLED, *kept)
    moved.check_undone(*kept)
    for visitor in (admin, staff, firm):
        assert visitor.complaints == []


def decide_on_the_industry(staff: Visitor) -> None:
    """From the empty desk to the screen with the clause; without the document of the decision there is none."""
    page = staff.goto("/desk")
    expect(page.locator("h1")).to_have_text("战略产业未明确")
    page.get_by_role("link", name="确定特色战略产业").click()
    expect(page.locator("main")).to_contain_text(CLAUSE)
    expect(page.get_by_role("radio")).to_have_count(6)
    page.get_by_role("radio", name=re.compile(INDUSTRY)).check()
    page.get_by_role("button", name="确定", exact=True).click()
    expect(page.locator(".form-summary")).to_contain_text("出处")
    assert [each for each in staff.complaints if "422" not in each] == []  # Chromium's own word for a refused form
    staff.complaints.clear()
    expect(page.get_by_role("radio", name=re.compile(INDUSTRY))).to_be_checked()
    page.get_by_label("出处").fill("通高新管〔2026〕12号")
    page.get_by_role("button", name="确定", exact=True).click()
    expect(page).to_have_url(re.compile("/zones/nantong$"))
    expect(page.locator("h1")).to_contain_text(INDUSTRY)


def confirm_industries(staff: Visitor, moved: Moved) -> None:
    """All that waits in the zone's own field with one press a group; the first taken back, and done again; three others
    rejected by hand."""
    page = staff.goto("/review")
    page.get_by_role("link", name="批量确认在架条目的产业").click()
    groups = page.locator(".group", has_text="本区领域")
    confirmed = 0
    for turn in range(groups.count()):
        groups.first.click()
        waiting = int(groups.first.locator(".num").inner_text().replace(",", ""))
        confirm = page.get_by_role("button", name=f"全部确认（{waiting}）")
        confirm.click()
        expect(page.locator(".flash")).to_have_text(f"已确认 {waiting} 条建议。")
        if turn == 0:
            page.get_by_role("button", name="撤回").click()
            expect(page.locator(".flash")).to_have_text(f"{waiting} 条建议重新待确认。")
            confirm.click()
            expect(page.locator(".flash")).to_have_text(f"已确认 {waiting} 条建议。")
        confirmed += waiting
    page.get_by_role("link", name=re.compile("^生物医药")).click()
    for box in page.locator(".pick-list").get_by_role("checkbox").all()[:3]:
        box.check()
    page.get_by_role("button", name="否决所选").click()
    expect(page.locator(".flash")).to_have_text("已否决 3 条建议。")
    moved.settle()
    moved.check_industries(confirmed, 3)


def grade(pair: Locator, level: str) -> None:
    pair.get_by_role("button", name=re.compile(f"^{level}")).click()
    expect(pair.locator(".verdict")).to_contain_text(f"{level}")
    expect(pair.locator("button[aria-pressed=true]")).to_have_count(1)


def grade_outside(staff: Visitor, moved: Moved) -> None:
    """The desk of the industry, then both lanes outside it; a pair there is graded."""
    page = staff.goto("/")
    page.locator(".top-nav").get_by_role("link", name="撮合台").click()
    expect(page.locator("h1")).to_contain_text(INDUSTRY)
    expect(page.locator(".need-row").first).to_be_visible()
    switch = page.get_by_role("switch", name=re.compile("产业外"))
    expect(switch).to_have_attribute("aria-checked", "false")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(page.locator("[data-pair]").first).to_be_visible()
    page.get_by_role("link", name=re.compile("^产业外需求")).click()
    pair = page.locator("[data-pair]").first
    expect(pair).to_contain_text("不在本区战略产业内")
    grade(pair, "较强")
    moved.check_graded("outside_need", 2)


def take_from_the_pool(firm: Visitor, staff: Visitor, moved: Moved) -> None:
    """A firm in no zone posts a need; a zone whose industry it is publishes it, and one takes it up from the pool."""
    page = firm.goto("/")
    page.locator(".top-nav").get_by_role("link", name="我的").click()
    page.locator("main").get_by_role("link", name="发布需求").first.click()
    page.get_by_role("textbox", name=re.compile("^名称")).fill(POOLED)
    page.get_by_role("textbox", name=re.compile("^需求详情")).fill(
        "海上风机塔筒法兰有一百二十颗螺栓，出海检修一次四万元。要求在线监测预紧力，误差不大于 5%，电池供电五年。"
    )
    steps.unfold(page, "industries")
    page.get_by_role("checkbox", name=INDUSTRY).check()
    page.get_by_role("button", name="提交发布").click()
    expect(page.locator("h1")).to_contain_text(POOLED)
    staff.goto("/review")
    staff.page.get_by_role("link", name=POOLED).click()
    staff.page.get_by_role("button", name="发布", exact=True).click()
    expect(staff.page.locator(".flash")).to_contain_text("已发布")
    moved.settle()
    expect(firm.goto("/needs?q=").locator("main")).to_contain_text(POOLED)
    page = staff.goto("/desk")
    page.get_by_role("link", name="需求池").first.click()
    page.get_by_role("link", name=POOLED).click()
    expect(page.locator(".pair").first).to_contain_text("法兰")
    page.get_by_role("button", name=f"由{ZONE}认领").click()
    expect(page.locator("main")).to_contain_text(f"{ZONE}已于")
    moved.settle()
    moved.check_taken(POOLED)
    page = staff.goto("/pool")
    expect(page.locator("main")).to_contain_text("需求池是空的")


def undo_the_wrong_batch(staff: Visitor, moved: Moved, path: Path) -> tuple[str, str]:
    """Last time's sheet is imported by mistake. Before anybody notices, one of its entries is edited and another graded: these
    two stay and are listed, the rest goes, and prices that it changed are what they were. Gives the titles of the two."""
    page = steps.upload(staff, "成果", path)
    steps.answer(page, {})
    steps.planned(page)
    assert [steps.rows_of(page, each) for each in ("new", "update", "error")] == [sheets.WRONG_NEW, sheets.WRONG_UPDATES, 0]
    steps.commit(page, sheets.WRONG_NEW + sheets.WRONG_UPDATES)
    batch = staff.path()
    moved.settle()
    need, result, graded = moved.pair_of_the_wrong_batch()
    page = staff.goto(f"/desk/nantong?need={need}&top=200")
    grade(page.locator(f"#pair-{result}"), "强")
    page = staff.goto(batch)
    row = page.locator("tr[id^=row-]").filter(has=page.get_by_role("link")).filter(has_not_text=graded).first
    row.get_by_role("link").first.click()
    edited = page.locator("h1").inner_text().strip()
    page.get_by_role("link", name="修改", exact=True).click()
    steps.unfold(page, "keywords")
    page.get_by_role("textbox", name=re.compile("^关键词")).fill("旧稿；待核实")
    steps.send_anyway(staff, page, "发布改动")
    expect(page.locator(".flash")).to_be_visible()
    staff.goto(batch)
    steps.undo(page)
    expect(page.locator(".batch-now")).to_contain_text(f"已撤回 {sheets.WRONG_NEW + sheets.WRONG_UPDATES - 2} 条。")
    page.get_by_role("link", name="查看保留的条目").click()
    kept = page.locator("tr[id^=row-]")
    expect(kept).to_have_count(2)
    for title, why in ((edited, "有人修改过"), (graded, "作过评级")):
        expect(kept.filter(has_text=title)).to_contain_text(why)
    moved.settle()
    return edited, graded
