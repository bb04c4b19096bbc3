"""The matching desk in a real browser: graded by keys, undone, counted, and nothing jumps or loses the focus."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlmodel import select

from matching.access import actor_of
from matching.errors import IllegalMove
from matching.model import Match, Person, Zone
from matching.verdicts import undo_last
from tests.browser.conftest import NARROW, Visit
from tests.browser.site import Site
from web.pair_view import PAIRS_A_STEP

DESK = "/desk/changzhou"
BROKER, STAFF = "jingjiren", "changzhou"


@pytest.fixture
def need(site: Site) -> str:
    """The need with most pairs that stand on the desk without being asked for, none of them graded."""
    with site.parts.database.read() as session:
        zone = session.exec(select(Zone).where(Zone.code == "changzhou")).one()
        pairs = [
            row.need_id
            for row in session.exec(select(Match).where(Match.zone_id == zone.id))
            if row.level > 0 and row.lane == "industry"
        ]
    busiest = max(set(pairs), key=pairs.count)
    assert pairs.count(busiest) > 1
    with site.parts.database.read() as session:
        number = str(session.connection().exec_driver_sql("SELECT public_id FROM listing WHERE id = ?", (busiest,)).scalar_one())
    take_back(site)
    return number


def head(page: Page) -> dict[str, int]:
    """The numbers at the top: waiting and graded."""
    found = {name: page.locator(f'#desk-counts a[href$="show={name}"] b').inner_text() for name in ("waiting", "judged")}
    return {name: int(text.replace(",", "")) for name, text in found.items()}


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def pair(page: Page, at: int) -> Locator:
    return page.locator("[data-pair]").nth(at)


def pressed(article: Locator) -> Locator:
    return article.locator('button.grade[aria-pressed="true"]')


def take_back(site: Site) -> None:
    """Take back every grade in the zone, whoever gave it: tests share one site and run in any order."""
    with site.parts.database.read() as session:
        graders = [actor_of(session, each) for each in session.exec(select(Person)) if each.login in (BROKER, STAFF)]
    for grader in graders:
        try:
            while True:
                with site.parts.database.write() as unit:
                    undo_last(unit, grader, "changzhou")
        except IllegalMove:
            continue


def test_grading_by_keys_is_counted_and_undone(visit: Visit, site: Site, need: str) -> None:
    visitor = visit(BROKER)
    page = visitor.goto(f"{DESK}?need={need}")
    before = head(page)
    waiting = page.locator(f"#waiting-{need}")
    told = waiting.inner_text()
    page.keyboard.press("j")
    first = str(pair(page, 0).get_attribute("id"))
    assert focused(page) == first
    page.keyboard.press("j")
    second = str(pair(page, 1).get_attribute("id"))
    assert focused(page) == second
    expect(pair(page, 1)).to_have_attribute("aria-current", "true")
    page.keyboard.press("k")
    assert focused(page) == first
    page.keyboard.press("k")
    assert focused(page) == first, "there is none before the first"

    at = page.evaluate("scrollY")
    top = pair(page, 0).bounding_box()
    page.keyboard.press("2")
    expect(pressed(pair(page, 0))).to_have_text(re.compile("较强"))
    expect(pair(page, 0).locator(".verdict")).to_contain_text("评为较强")
    assert focused(page) in (first, str(pressed(pair(page, 0)).get_attribute("id")))
    assert page.evaluate("scrollY") == at
    after = pair(page, 0).bounding_box()
    assert top is not None
    assert after is not None
    assert (after["y"], after["height"]) == (top["y"], top["height"]), "nothing jumps"
    assert head(page) == {"waiting": before["waiting"] - 1, "judged": before["judged"] + 1}
    assert waiting.inner_text() != told
    expect(pair(page, 0)).to_have_attribute("aria-current", "true")
    assert visitor.path() == f"{DESK}?need={need}"

    page.keyboard.press("z")
    expect(page.locator("#desk-note")).to_contain_text("已撤销")
    expect(page.locator("#desk-note")).to_contain_text("较强")
    expect(pressed(pair(page, 0))).to_have_count(0)
    expect(pair(page, 0).locator(".verdict")).to_contain_text("已撤销，此配对重新待评")
    assert head(page) == before
    assert waiting.inner_text() == told
    page.reload()
    assert head(page) == before
    assert visitor.complaints == []


def test_keys_do_nothing_while_somebody_types(visit: Visit, need: str) -> None:
    visitor = visit(BROKER)
    page = visitor.goto(f"{DESK}?need={need}")
    before = head(page)
    page.focus(".top-search input")
    page.keyboard.type("1z4j")
    assert page.locator(".top-search input").input_value() == "1z4j"
    pair(page, 0).locator("select").focus()
    page.keyboard.press("3")
    page.keyboard.press("Control+1")
    page.wait_for_timeout(300)
    assert head(page) == before
    assert pressed(pair(page, 0)).count() == 0


def test_a_reason_is_kept_and_the_focus_stays_where_the_hand_is(visit: Visit, need: str) -> None:
    page = visit(STAFF).goto(f"{DESK}?need={need}")
    button = pair(page, 1).locator('button[value="0"]')
    button.click()
    expect(pressed(pair(page, 1))).to_have_attribute("value", "0")
    assert focused(page) == button.get_attribute("id")
    select_box = pair(page, 1).locator("select")
    select_box.focus()
    select_box.select_option(label="指标不达")
    expect(pair(page, 1).locator(".verdict")).to_contain_text("指标不达")
    assert focused(page) == select_box.get_attribute("id")
    page.reload()
    expect(pair(page, 1).locator(".verdict")).to_contain_text("指标不达")
    page.keyboard.press("z")
    page.keyboard.press("z")
    expect(pressed(pair(page, 1))).to_have_count(0)


def test_a_lost_network_is_said(visit: Visit, need: str) -> None:
    visitor = visit(BROKER)
    page = visitor.goto(f"{DESK}?need={need}")
    before = head(page)
    visitor.context.set_offline(True)
    page.keyboard.press("1")
    expect(page.locator("#desk-note")).to_contain_text("网络不通")
    visitor.context.set_offline(False)
    page.reload()
    assert head(page) == before


def test_an_expired_session_is_said_and_the_pair_stays(visit: Visit, need: str) -> None:
    visitor = visit(BROKER)
    page = visitor.goto(f"{DESK}?need={need}")
    visitor.context.clear_cookies(name="zonematch_session")
    shown = page.locator("[data-pair]").count()
    page.keyboard.press("1")
    expect(page.locator("#desk-note")).to_contain_text("请先登录")
    assert page.locator("[data-pair]").count() == shown


def test_filters_change_the_address_and_back_undoes_them(visit: Visit, need: str) -> None:
    visitor = visit(BROKER)
    page = visitor.goto(f"{DESK}?need={need}")
    total = page.locator("[data-pair]").count()
    page.click("#show-0")
    expect(page.locator("#show-0")).to_have_attribute("aria-current", "true")
    assert visitor.path() == f"{DESK}?need={need}&level=0"
    assert page.locator("[data-pair]").count() == min(PAIRS_A_STEP, int(page.locator("#show-0 b").inner_text()))
    page.go_back()
    expect(page.locator("#show-all")).to_have_attribute("aria-current", "true")
    assert page.locator("[data-pair]").count() == total
    assert page.locator("header.top").count() == 1, "a page, not a fragment"


def test_narrow_is_list_then_pair(visit: Visit) -> None:
    visitor = visit(BROKER, size=NARROW)
    page = visitor.goto(DESK)
    assert page.locator(".need-list").is_visible()
    assert not page.locator("[data-pair]").first.is_visible()
    title = page.locator(".need-row strong").nth(1).inner_text()
    page.locator(".need-row").nth(1).click()
    expect(page.locator("#need-title")).to_contain_text(title)
    assert page.locator("#need-title").is_visible()
    assert not page.locator(".need-list").is_visible()
    assert page.evaluate("document.getElementById('need-title').getBoundingClientRect().top < innerHeight / 2")
    assert visitor.sideways() <= 0
    page.locator(".desk-back").click()
    expect(page.locator(".need-list")).to_be_visible()
    assert visitor.path() == DESK


def test_everything_works_without_javascript(visit: Visit, need: str) -> None:
    visitor = visit(STAFF, javascript=False)
    page = visitor.goto(f"{DESK}?need={need}")
    before = head(page)
    article: Any = pair(page, 0)
    name = article.get_attribute("id")
    article.locator('button[value="3"]').click()
    assert visitor.path() == f"{DESK}?need={need}#{name}"
    assert pressed(pair(page, 0)).get_attribute("value") == "3"
    assert head(page)["judged"] == before["judged"] + 1
    page.click("#undo")
    assert "已撤销" in page.locator("#desk-note").inner_text()
    assert head(page) == before
