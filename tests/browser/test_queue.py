"""The journey "grading queue": a zone's staff grade today's pairs one by one, by keys and by hand, and are told afterwards."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, delete, select

from matching.access import actor_of
from matching.errors import IllegalMove
from matching.model import GradingDraw, Person
from matching.verdicts import undo_last
from tests.browser.conftest import NARROW, Visit
from tests.browser.site import Site

QUEUE = "/desk/changzhou/queue"
STAFF = "changzhou"


@pytest.fixture(autouse=True)
def fresh(site: Site) -> None:
    """Tests share one site and run in any order: today's queue is drawn anew, without this person's grades."""
    with site.parts.database.write() as unit:
        unit.session.exec(delete(GradingDraw).where(col(GradingDraw.place) > 0))
        unit.commit()
    with site.parts.database.read() as session:
        grader = actor_of(session, session.exec(select(Person).where(Person.login == STAFF)).one())
    try:
        while True:
            with site.parts.database.write() as unit:
                undo_last(unit, grader, "changzhou")
                unit.commit()
    except IllegalMove:
        pass


def graded(page: Page) -> tuple[int, int]:
    found = re.findall(r"\d+", page.locator(".queue-progress label").inner_text())
    return int(found[0]), int(found[1])


def asked(page: Page) -> str:
    return "|".join(page.locator(".queue .compare-side h2").all_inner_texts())


def test_a_day_is_graded_by_keys_and_nothing_is_told_before(visit: Visit) -> None:
    visitor = visit(STAFF)
    page = visitor.goto("/desk/changzhou")
    page.get_by_role("link", name="值得评的配对").click()
    expect(page.locator("h1")).to_have_text("值得评的配对")
    done, total = graded(page)
    assert (done, total) == (0, 20)
    assert page.locator("main .level, main mark, main .why, .queue-told").count() == 0
    first = asked(page)
    page.keyboard.press("2")
    expect(page.locator(".queue-told")).to_contain_text("已评为较强")
    expect(page.locator(".queue-told .level")).to_have_count(1)
    expect(page.locator(".queue-told .pair-why")).not_to_be_empty()
    assert graded(page) == (1, total)
    second = asked(page)
    assert second != first
    assert page.evaluate("document.activeElement.id") == "need-title", "a reader by ear hears which pair is next"

    page.keyboard.press("s")
    expect(page.locator(".queue-told")).to_have_count(0)
    assert asked(page) not in (first, second)
    assert graded(page) == (1, total)

    page.keyboard.press("z")
    expect(page.locator(".queue > .seal")).to_contain_text("“较强”已撤销")
    assert graded(page) == (0, total)
    assert asked(page) == first, "asked again"

    for at in range(total):
        page.keyboard.press("4")
        expect(page.locator("#queue-done")).to_have_attribute("value", str(at + 1))
    expect(page.locator("#need-title")).to_contain_text("今日配对已全部评完")
    page.reload()
    assert graded(page) == (total, total), "the same queue all day"
    assert visitor.complaints == []


def test_it_works_without_javascript_on_a_phone(visit: Visit) -> None:
    visitor = visit(STAFF, size=NARROW, javascript=False)
    page = visitor.goto(QUEUE)
    assert page.locator("main .level").count() == 0
    first, (_, total) = asked(page), graded(page)
    page.locator("#skip").click()
    assert asked(page) != first
    page.locator('button.grade[value="0"]').click()
    expect(page.locator(".queue-told")).to_contain_text("已评为无")
    assert graded(page) == (1, total)
    page.locator("#undo").click()
    expect(page.locator(".queue > .seal")).to_contain_text("已撤销")
    assert graded(page) == (0, total)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_nothing_runs_over_the_side_and_the_grades_stay_in_reach(visit: Visit, language: str) -> None:
    for size in (NARROW, (1440, 900)):
        visitor = visit(STAFF, size=size, language=language)
        page = visitor.goto(QUEUE)
        assert visitor.sideways() == 0
        expect(page.locator('button.grade[value="3"]')).to_be_in_viewport()
        page.locator('button.grade[value="1"]').click()
        expect(page.locator(".queue-told")).to_be_visible()
        assert visitor.sideways() == 0
        page.locator("#undo").click()
        expect(page.locator(".queue > .seal")).to_be_visible()
