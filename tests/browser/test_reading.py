"""The reading pages in a real browser: what moves in place, and Back works."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import NARROW, Visit


def test_a_filter_changes_the_list_in_place_and_back_undoes_it(visit: Visit) -> None:
    visitor = visit()
    page = visitor.goto("/results")
    total = page.locator(".list-count").inner_text()
    page.focus("[name=industry]")
    page.select_option("[name=industry]", "pv")
    expect(page.locator("#found .chip")).to_contain_text("光伏")
    assert visitor.path() == "/results?industry=pv"
    assert page.locator("[name=industry]").evaluate("element => element === document.activeElement")
    assert page.locator(".list-count").inner_text() != total
    page.go_back()
    expect(page.locator(".list-count")).to_have_text(total)
    assert page.locator("header.top").count() == 1
    page.go_forward()
    expect(page.locator("#found .chip")).to_contain_text("光伏")
    assert page.locator("header.top").count() == 1
    assert visitor.complaints == []


def test_paging_stays_on_the_page_and_shows_its_beginning(visit: Visit) -> None:
    visitor = visit(size=NARROW)
    page = visitor.goto("/results")
    first = page.locator(".item-title a").first.inner_text()
    page.locator(".pages a", has_text="2").click()
    expect(page.locator(".item-title a").first).not_to_have_text(first)
    assert visitor.path() == "/results?page=2"
    expect(page.locator(".list-count")).to_be_in_viewport()


def test_search_filters_replace_the_hits(visit: Visit) -> None:
    visitor = visit()
    page = visitor.goto("/search")
    page.fill("#search [name=q]", "银浆")
    page.press("#search [name=q]", "Enter")
    expect(page.locator("#found mark").first).to_be_visible()
    page.check("#filters [value=need]")
    expect(page.locator("#found .chip")).to_contain_text("需求")
    assert page.locator("#search [name=q]").input_value() == "银浆"
    assert re.search(r"kind=need", visitor.path())
    kinds = page.locator("#found .item-title .badge-plain").all_inner_texts()
    assert kinds
    assert set(kinds) == {"需求"}
    assert visitor.complaints == []


def test_everything_is_read_without_javascript(visit: Visit) -> None:
    visitor = visit(javascript=False, size=NARROW)
    page = visitor.goto("/")
    page.fill("main [name=q]", "减速器")
    page.press("main [name=q]", "Enter")
    assert page.locator("#found .item").count() > 0
    page.locator("summary", has_text="筛选").click()
    page.check("[value=result]")
    page.locator("#filters button").click()
    assert "kind=result" in visitor.path()
    page.locator("summary", has_text="菜单").click()
    page.locator(".menu-body a", has_text="成果").first.click()
    assert visitor.path() == "/results"
    page.select_option("[name=industry]", "robotics")
    page.locator(".filter-bar button").click()
    assert page.locator(".chip", has_text="机器人").is_visible()


def test_the_language_switch_comes_back_to_the_same_page(visit: Visit) -> None:
    visitor = visit()
    page = visitor.goto("/needs?zone=kunshan")
    page.locator("header a", has_text="English").locator("visible=true").click()
    assert visitor.path() == "/needs?zone=kunshan"
    expect(page.locator("h1")).to_have_text("Needs")
    assert page.locator("html").get_attribute("lang") == "en"


def test_the_navigation_folds_and_closes(visit: Visit) -> None:
    page = visit(size=NARROW).goto("/")
    assert not page.locator(".top-nav").is_visible()
    menu = page.locator("details.narrow-only")
    menu.locator("summary").click()
    expect(menu.locator("a", has_text="高新区")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu.locator("a", has_text="高新区")).not_to_be_visible()
    menu.locator("summary").click()
    page.mouse.click(20, 400)
    expect(menu.locator("a", has_text="高新区")).not_to_be_visible()


def test_a_demonstration_account_signs_in_with_one_press(visit: Visit) -> None:
    visitor = visit()
    page = visitor.goto("/sign-in?next=/zones/changzhou")
    page.locator(".demo-account", has_text="经纪人").click()
    page.wait_for_url("**/zones/changzhou")
    assert "经纪人" in page.locator("header").inner_text()
    expect(page.locator(".pair").first).to_be_visible()
    assert page.locator(".pair").first.locator(".why li").count() == 10


def test_the_keyboard_reaches_search_and_content(visit: Visit) -> None:
    page = visit().goto("/zones")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
