"""Learning as an administrator meets it: a candidate that is no better is refused, a better one put in force and taken back."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect
from sqlmodel import col, select

from matching import people
from matching.access import SYSTEM, actor_of
from matching.model import LearnedRanker, LoginSession, Match, Membership, Note, Person, Role, Verdict, Zone
from matching.people import Grant
from tests.browser.conftest import Visit, Visitor
from tests.browser.site import Site
from tests.matching.graded import Rule, as_shipped, by_half, grade_all

LOGIN, PASSWORD = "models-boss", "管模型的-口令-2026"
ZONE = "kunshan"


@pytest.fixture
def boss(site: Site, visit: Visit) -> Iterator[Visitor]:
    """An administrator who is not of the demonstration. What the test leaves is taken out: the site is everybody's."""
    database = site.parts.database
    with database.write() as unit:
        people.add_person(
            unit, SYSTEM, login=LOGIN, name="管模型", password=PASSWORD, grants=[Grant(Role.ADMINISTRATOR)]
        )  # fmt: skip
        before = unit.session.exec(select(Verdict.id).order_by(col(Verdict.id).desc())).first() or 0
        unit.commit()
    visitor = visit()
    visitor.sign_in(LOGIN, PASSWORD)
    yield visitor
    with database.write() as unit:
        session = unit.session
        id_ = session.exec(select(Person.id).where(Person.login == LOGIN)).one()
        session.execute(sa.delete(LearnedRanker))
        session.execute(sa.delete(Verdict).where(col(Verdict.id) > before))
        session.execute(sa.delete(Note).where(col(Note.key) == "learned.verdicts"))
        for table in (LoginSession, Membership):
            session.execute(sa.delete(table).where(col(table.person_id) == id_))
        session.execute(sa.update(Person).where(col(Person.id) == id_).values(active=False))
        unit.commit()


def graded(site: Site, rule: Rule) -> None:
    """All pairs of the zone, by its staff; what was said before is forgotten."""
    database = site.parts.database
    with database.write() as unit:
        staff = actor_of(unit.session, unit.session.exec(select(Person).where(Person.login == ZONE)).one())
        zone = unit.session.exec(select(Zone.id).where(Zone.code == ZONE)).one()
        unit.session.execute(sa.delete(Verdict).where(col(Verdict.zone_id) == zone))
        unit.commit()
    assert grade_all(database, ZONE, staff, rule) > 24


def levels(site: Site) -> dict[tuple[int | None, int, int], int]:
    with site.parts.database.read() as session:
        return {(row.zone_id, row.need_id, row.result_id): row.level for row in session.exec(select(Match))}


def learn(site: Site, boss: Visitor) -> None:
    page = boss.goto("/models")
    page.get_by_role("button", name="现在学习").click()
    expect(page.locator("h1")).to_contain_text("从评判中学习")
    site.settle()
    boss.goto("/models")


def test_a_worse_candidate_is_refused_and_a_promoted_one_rolled_back(site: Site, boss: Visitor) -> None:
    before = levels(site)
    graded(site, as_shipped)
    learn(site, boss)
    page = boss.page
    expect(page.get_by_text("没有待决定的模型")).to_be_visible()
    expect(page.locator("section", has=page.locator("#past-heading"))).to_contain_text("不能确定优于现用模型")
    expect(page.get_by_text("随区业通提供的模型")).to_be_visible()

    graded(site, by_half)
    learn(site, boss)
    page.locator("section", has=page.locator("#waiting-heading")).get_by_role("link", name="全部高新区").click()
    expect(page.locator("#figures-heading")).to_be_visible()
    expect(page.locator("section", has=page.locator("#moved-heading")).locator("tbody tr").first).to_be_visible()
    assert levels(site) == before
    page.get_by_role("button", name="启用").click()
    expect(page.locator("h1")).to_contain_text("使用中")
    site.settle()
    assert levels(site) != before
    page.get_by_role("button", name="恢复此前的模型").click()
    expect(page.locator("h1")).to_contain_text("曾经使用")
    site.settle()
    assert levels(site) == before
    boss.goto("/models")
    expect(page.get_by_text("随区业通提供的模型")).to_be_visible()
    assert boss.complaints == []
