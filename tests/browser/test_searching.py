"""The search page by keyboard alone: Tab, Space, Enter, Back and Forward; and on a narrow page without JavaScript."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, Visit


def tab_to(page: Page, selector: str, most: int = 150) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(most):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by Tab")


def test_a_search_by_keyboard_alone(visit: Visit) -> None:
    visitor = visit()
    page = visitor.goto("/search")
    page.keyboard.type("减速器 银浆")  # the box has the focus
    page.keyboard.press("Enter")
    expect(page.locator("#found mark").first).to_be_visible()
    asked = visitor.path()
    tab_to(page, "#filters input[value=need]")
    page.keyboard.press("Space")
    expect(page.locator("#found .chip")).to_have_count(1)
    assert page.evaluate("document.activeElement.value") == "need"
    assert visitor.path() == f"{asked}&kind=need"
    tab_to(page, "#found .chip")
    page.keyboard.press("Enter")
    expect(page.locator("#found .chip")).to_have_count(0)
    assert not page.locator("#filters input[value=need]").is_checked()
    assert visitor.path() == asked
    page.go_back()
    expect(page.locator("#found .chip")).to_have_count(1)
    assert page.locator("header.top").count() == 1
    page.go_forward()
    expect(page.locator("#found .chip")).to_have_count(0)
    tab_to(page, "#found .item-title a")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/(results|needs)/\w+$"))
    assert visitor.complaints == []


def test_what_was_unfolded_stays_so_when_the_hits_are_replaced(visit: Visit) -> None:
    visitor = visit()
    page = visitor.goto("/search?kind=result")
    group = page.locator("#group-owner")
    group.locator("summary").first.press("Enter")
    expect(group).to_have_attribute("open", "")
    group.locator("input").first.press("Space")
    expect(page.locator("#found .chip")).to_have_count(2)
    expect(group).to_have_attribute("open", "")
    assert visitor.complaints == []


def test_filters_fold_on_a_narrow_page_and_work_without_javascript(visit: Visit) -> None:
    visitor = visit(javascript=False, size=NARROW)
    page = visitor.goto("/search?q=银浆")
    fold = page.locator("#filters-fold")
    assert not page.locator("#filters input[value=need]").is_visible()
    fold.locator("summary").first.click()
    page.check("#filters input[value=need]")
    page.locator("#filters button").click()
    assert "kind=need" in visitor.path()
    expect(page.locator("#found .chip")).to_have_count(1)
    assert visitor.sideways() == 0
