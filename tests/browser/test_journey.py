"""The main job, end to end in a real browser: a firm's need, fifty results from a sheet, pairs on the desk, verdicts kept."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.site import Site, serving

TITLE = "钙钛矿组件封装胶膜的水汽阻隔与黄变"
DETAIL = "一平方米钙钛矿组件用的封装胶膜，湿热一千小时后边缘水汽渗入、发黄。要求水汽透过率不高于 0.001 g/(m²·d)，黄变指数低于 2。"
THINGS = ("封装胶膜", "水汽阻隔膜", "组件背板", "边缘密封胶", "焊带", "减反镀膜", "接线盒", "清洗机", "支架", "层压机")
DEEDS = ("湿热老化后的黄变控制", "水汽透过率测量", "低温固化配方", "连续涂布工艺", "回收再利用")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One of its own: which pair is best depends on what else there is, and other tests import and post too."""
    with serving(tmp_path_factory.mktemp("journey")) as site:
        yield site


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """Fifty results as a university's office sends them."""
    path = tmp_path / "成果汇总.xlsx"
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
    page = book.add_worksheet("成果")
    page.write_row(0, 0, ["成果名称", "单位名称", "战略产业", "成果简介", "技术成熟度", "合作方式", "合作价格(万元)"])
    rows = [(thing, deed) for thing in THINGS for deed in DEEDS]
    for at, (thing, deed) in enumerate(rows, 1):
        told = f"钙钛矿组件用{thing}，做了{deed}，编号第{at}批样品湿热{at * 40}小时，水汽透过率 {at / 1000} g/(m²·d)。"
        page.write_row(
            at, 0, [f"{thing}{deed}", "演示江南工业大学", "光伏", told, "中试", "许可使用、合作开发", f"{at}-{at + 50}"]
        )
    book.close()
    return path


def waiting(page: Page) -> int:
    return int(page.locator('#desk-counts a[href$="show=waiting"] b').inner_text().replace(",", ""))


def judged(page: Page) -> int:
    return int(page.locator('#desk-counts a[href$="show=judged"] b').inner_text().replace(",", ""))


@pytest.mark.timeout(600)
def test_from_a_need_and_a_sheet_to_verdicts_that_are_kept(visit: Visit, site: Site, sheet: Path) -> None:
    # A firm posts its need.
    firm = visit("qiye")
    page = firm.goto("/needs/new")
    page.fill("#f-title", TITLE)
    page.fill("#f-detail", DETAIL)
    page.locator('input[name=industries][value="pv"]').evaluate("box => box.closest('details')?.setAttribute('open', '')")
    page.check('input[name=industries][value="pv"]')
    page.click('button[name=do][value=submit]:not([aria-hidden="true"])')
    expect(page.locator("#main")).to_contain_text(TITLE)

    # The zone's staff publish it.
    staff = visit("changzhou")
    page = staff.goto("/review")
    page.get_by_role("link", name=TITLE).first.click()
    page.click("button[name=do][value=publish]")
    page.wait_for_load_state()
    assert TITLE not in staff.goto("/review").locator("#main").inner_text()

    # They import fifty results.
    page = staff.goto("/imports")
    page.set_input_files("input[type=file]", sheet)
    page.click(".import-form button[type=submit]")
    page.get_by_role("button", name=re.compile("提交 50 行")).click(timeout=60_000)
    expect(page.locator("#now-heading")).to_have_text("导入完成", timeout=120_000)
    site.settle()

    # The pairs stand on the desk, explained.
    page = staff.goto("/desk/changzhou")
    page.get_by_role("link", name=re.compile(TITLE)).first.click()
    expect(page.locator("h2", has_text=TITLE)).to_be_visible()
    pairs = page.locator("[data-pair]")
    assert pairs.count() >= 3
    best = pairs.first
    expect(best).to_contain_text("胶膜")
    for part in ("语义", "共有词", "指标", "产业", "成熟度", "知识产权", "合作方式", "价格", "期限", "地域"):
        expect(best).to_contain_text(part)
    before = waiting(page), judged(page)

    # Three are graded, one is undone.
    page.keyboard.press("j")
    for key in ("1", "2", "4"):
        page.keyboard.press(key)
        expect(page.locator('[data-pair][aria-current="true"] button.grade[aria-pressed="true"]')).to_have_count(1)
        page.keyboard.press("j")
    expect(page.locator('#desk-counts a[href$="show=judged"] b')).to_have_text(str(before[1] + 3))
    page.keyboard.press("z")
    expect(page.locator('#desk-counts a[href$="show=judged"] b')).to_have_text(str(before[1] + 2))

    # They are kept: after a reload, for another person of the zone, and through a new computation.
    site.parts.matcher.match_zone("changzhou")
    for who in ("changzhou", "jingjiren"):
        page = visit(who).goto("/desk/changzhou")
        assert (waiting(page), judged(page)) == (before[0] - 2, before[1] + 2)
    page.get_by_role("link", name=re.compile(TITLE)).first.click()
    expect(page.locator("h2", has_text=TITLE)).to_be_visible()
    expect(page.locator('button.grade[aria-pressed="true"]')).to_have_count(2)
    assert staff.complaints == []
    assert firm.complaints == []
