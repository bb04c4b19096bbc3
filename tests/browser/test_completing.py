"""The search box by keyboard alone, as the ARIA combobox has it, with the mouse, and for who writes Chinese by an editor."""

from contextlib import suppress

import pytest
from playwright.sync_api import Error, Locator, Page, Route, expect

from tests.browser.conftest import NARROW, Visit
from tests.browser.site import Site

OPEN = "[role=listbox]:visible [role=option]"


@pytest.fixture(scope="module", autouse=True)
def brought(site: Site) -> None:
    site.settle()


def box(page: Page) -> Locator:
    return page.locator("main input[role=combobox]")


def chosen(page: Page) -> str | None:
    """The text of the option that a screen reader is told is active."""
    id_ = box(page).get_attribute("aria-activedescendant")
    if id_ is None:
        return None
    option = page.locator(f"#{id_}")
    assert option.get_attribute("aria-selected") == "true"
    assert page.locator(f"{OPEN}[aria-selected=true]").count() == 1
    return option.inner_text()


def test_by_keyboard_from_typing_to_the_page(visit: Visit) -> None:
    visitor = visit()
    page = visitor.goto("/")
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("jsq", delay=30)
    expect(page.locator(OPEN).first).to_be_visible()
    expect(box(page)).to_have_attribute("aria-expanded", "true")
    count = page.locator(OPEN).count()
    expect(page.locator("main [role=status][aria-live=polite]").first).to_have_text(f"{count} 条联想，用上下键选择")
    assert chosen(page) is None
    page.keyboard.press("ArrowDown")
    first = chosen(page)
    page.keyboard.press("ArrowDown")
    assert chosen(page) not in (first, None)
    page.keyboard.press("ArrowUp")
    assert chosen(page) == first
    page.keyboard.press("ArrowUp")
    assert chosen(page) is None, "none is chosen between the last and the first: Enter would search for what was typed"
    page.keyboard.press("ArrowUp")
    last = page.locator(OPEN).last
    assert chosen(page) == last.inner_text()
    href = last.get_attribute("data-href")
    expect(box(page)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{href}")
    assert visitor.complaints == []


def test_escape_closes_and_keeps_what_was_typed_and_enter_searches_for_it(visit: Visit) -> None:
    visitor = visit(language="en")
    page = visitor.goto("/")
    box(page).focus()
    page.keyboard.type("jiqiren")
    expect(page.locator(OPEN).first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.locator(OPEN)).to_have_count(0)
    expect(box(page)).to_have_value("jiqiren")
    assert chosen(page) is None
    page.keyboard.press("ArrowDown")
    expect(page.locator(OPEN).first).to_be_visible()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=jiqiren")
    assert visitor.complaints == []


def test_the_mouse_chooses_and_looking_elsewhere_closes(visit: Visit) -> None:
    visitor = visit(size=NARROW)
    page = visitor.goto("/search")
    box(page).fill("银浆")
    option = page.locator(OPEN, has_text="银浆").first
    expect(option).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".foot span").first.click()
    expect(page.locator(OPEN)).to_have_count(0)
    box(page).focus()
    page.keyboard.press("ArrowDown")
    href = page.locator(OPEN).first.get_attribute("data-href")
    page.locator(OPEN).first.click()
    page.wait_for_url(f"**{href}")
    assert visitor.complaints == []


def test_a_late_answer_is_dropped(visit: Visit) -> None:
    """The answer to the first letters comes after that to the whole word: the list shows the whole word's."""
    visitor = visit()
    page = visitor.goto("/")
    asked: list[str] = []
    held: list[Route] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        if route.request.url.endswith("q=ji"):
            held.append(route)
        else:
            route.continue_()

    page.route("**/search/suggest?*", answer)
    box(page).focus()
    page.keyboard.type("ji")
    page.wait_for_timeout(300)
    assert len(held) == 1
    page.keyboard.type("ansuqi")
    expect(page.locator(OPEN, has_text="减速器").first).to_be_visible()
    shown = page.locator(OPEN).all_inner_texts()
    for each in held:
        with suppress(Error):  # the browser has given it up already, and does not wait for it
            each.continue_()
    page.wait_for_timeout(300)
    assert page.locator(OPEN).all_inner_texts() == shown
    assert len(asked) <= 3, "typed quickly, it is asked once"


def test_nothing_is_asked_while_an_input_method_composes(visit: Visit) -> None:
    visitor = visit()
    page = visitor.goto("/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/search/suggest" in request.url else None)
    box(page).focus()
    client = visitor.context.new_cdp_session(page)
    client.send("Input.imeSetComposition", {"text": "jian'su", "selectionStart": 7, "selectionEnd": 7})
    page.wait_for_timeout(300)
    assert asked == []
    page.keyboard.insert_text("减速")
    expect(page.locator(OPEN, has_text="减速").first).to_be_visible()
    assert visitor.complaints == []
