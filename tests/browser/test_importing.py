"""Importing in a real browser: a sheet goes in, its progress is seen, its plan is read and committed, and polling ends."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, WIDE, Visit
from tests.browser.messy import messy
from tests.browser.site import Site

STAFF = "changzhou"
SHEET = """成果名称,单位名称,战略产业,成果简介,合作价格(万元),导师意见
浏览器测试用封装胶膜,演示江南工业大学,光伏,"共挤胶膜，135 ℃ 交联，湿热 2000 h 衰减小于 2 %。",80-120,很好
,演示江南工业大学,光服,没有名称的一行。,很多钱,
浏览器测试用除氟剂,演示江南工业大学,光伏,"镧改性吸附剂，出水氟低于 0.8 mg/L。",,
"""


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "成果.csv"
    path.write_bytes(SHEET.encode("gb18030"))
    return path


def test_a_sheet_goes_in_and_the_page_follows_by_itself(visit: Visit, site: Site, sheet: Path) -> None:
    visitor = visit(STAFF)
    page = visitor.goto("/imports")
    page.set_input_files("input[type=file]", sheet)
    page.click(".import-form button[type=submit]")
    page.wait_for_url(re.compile(r"/imports/\w+/columns$"))
    assert "导师意见" in page.locator(".mapping").inner_text()
    page.select_option(".mapping select", "ignored")
    page.get_by_role("button", name="继续，查看预览").click()
    page.wait_for_url(re.compile(r"/imports/\w+$"))
    expect(page.locator("#now-heading")).to_have_text(re.compile("预览"), timeout=60_000)
    assert page.locator("#rows-all b").inner_text() == "3"
    assert page.locator("tr[id^=row-]").count() == 3
    page.click("#rows-error")
    expect(page.locator("tr[id^=row-]")).to_have_count(1)
    assert visitor.path().endswith("?verdict=error")
    assert page.evaluate("document.activeElement.id") == "rows-error"
    page.go_back()
    expect(page.locator("tr[id^=row-]")).to_have_count(3)
    page.get_by_role("button", name=re.compile("提交 2 行")).click()
    expect(page.locator("#now-heading")).to_have_text("导入完成", timeout=60_000)
    page.locator("#rows-new").click()
    links = page.locator("tr[id^=row-] a")
    expect(links).to_have_count(2)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/imports/" in request.url else None)
    page.wait_for_timeout(2500)
    assert asked == [], "nothing is asked for once it is done"
    links.first.click()
    expect(page.locator("h1")).to_contain_text("浏览器测试用封装胶膜")
    assert visitor.complaints == []
    site.settle()


def test_a_file_that_is_too_large_is_refused_before_it_travels(visit: Visit, tmp_path: Path) -> None:
    large = tmp_path / "大.csv"
    with large.open("wb") as file:
        file.truncate(21 * 1024 * 1024)
    page = visit(STAFF).goto("/imports")
    page.set_input_files("input[type=file]", large)
    assert "太大" in str(page.locator("input[type=file]").evaluate("element => element.validationMessage"))
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.click(".import-form button[type=submit]")
    page.wait_for_timeout(300)
    assert sent == []


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_import_pages_hold_in_both_widths_and_languages(
    visit: Visit, site: Site, tmp_path: Path, language: str, size: tuple[int, int]
) -> None:
    """A sheet as it comes by mail: asked about, planned, written, and taken back."""
    visitor = visit(STAFF, size=size, language=language)

    def check(*addresses: str) -> None:
        for address in addresses:
            page = visitor.goto(address)
            assert visitor.sideways() <= 0, address
            if (language == "en") == (size == WIDE):
                found = Axe().run(page)
                assert found.violations_count == 0, f"{address}: {found.generate_report()}"

    page = visitor.goto("/imports")
    page.set_input_files("input[type=file]", messy(tmp_path / "汇总.xlsx"))
    page.click(".import-form button[type=submit]")
    page.wait_for_url(re.compile(r"/imports/\w+/columns$"))
    batch = visitor.path().removesuffix("/columns")
    check(f"{batch}/columns", f"{batch}/columns?sheet=1")
    page = visitor.goto(f"{batch}/columns")
    page.select_option("#f-column-12", "ignored")
    page.check("#f-unit-6")
    page.click(".mapping .btn-primary")
    page.wait_for_url(re.compile(r"/imports/\w+$"))
    expect(page.locator("tr[id^=row-]")).to_have_count(50, timeout=60_000)
    check(batch, f"{batch}?verdict=flagged", f"{batch}?verdict=error", "/imports")
    page = visitor.goto(batch)
    page.click(".batch-now .btn-primary")
    expect(page.locator(".batch-next")).to_be_visible(timeout=60_000)
    written = int(page.locator("#rows-new b").inner_text())
    page.click(".undo summary")
    page.click(".undo button")
    site.settle()
    check(batch)
    assert str(written) in visitor.goto(batch).locator(".batch-now").inner_text()
    assert visitor.goto(batch).locator("tr[id^=row-] td:not(.row-reasons) a[href^='/results/']").count() == 0
    assert visitor.complaints == []
