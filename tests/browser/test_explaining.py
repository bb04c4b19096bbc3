"""Two journeys in a real browser: why a result and a need are no pair, and what would raise a pair that is weak."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, select

from matching import listings, reviews
from matching.access import SYSTEM
from matching.content import Indicator
from matching.drafts import ListingDraft
from matching.model import Job, Listing, ListingKind, Match, Organisation
from matching.pairing.parts import TEXT_PARTS
from matching.pairing.score import Scored, from_json
from tests.browser.conftest import NARROW, Visit
from tests.browser.every_page import CELLS, UNIVERSITY
from tests.browser.site import PATIENCE, Site

BROKER, STAFF, PROVIDER, FIRM = "jingjiren", "changzhou", "gaoxiao", "qiye"
ELSEWHERE = "谐波减速器柔轮齿形的疲劳寿命优化"


@dataclass(frozen=True, slots=True)
class Made:
    need: str
    result: str
    elsewhere: str


@pytest.fixture
def made(site: Site) -> Iterator[Made]:
    """A need and a result in photovoltaics that nearly answers it, and a result of another industry; withdrawn afterwards."""
    with site.parts.database.write() as unit:
        owners = {row.name: row.public_id for row in unit.session.exec(select(Organisation))}

        def post(kind: ListingKind, title: str, text: str, **more: object) -> str:
            is_need = kind is ListingKind.NEED
            draft = ListingDraft(
                kind, title, organisation=owners[CELLS if is_need else UNIVERSITY],
                texts={"detail" if is_need else "summary": text}, **more,  # type: ignore[arg-type]  # fields of a draft
            )  # fmt: skip
            public_id = listings.save(unit, SYSTEM, draft).public_id
            reviews.publish(unit, SYSTEM, public_id)
            return public_id

        found = Made(
            post(
                ListingKind.NEED, "叠瓦组件导电胶低温固化与返修", "叠瓦组件导电胶固化温度高，返修时电池片易裂。",
                industries=("pv",), indicators=(Indicator("固化温度", "<=", None, 110, "℃"),), maturity="pilot", modes=("02",),
            ),
            post(
                ListingKind.RESULT, "叠瓦组件用低温固化导电胶", "导电胶低温固化，返修时可加热剥离。", industries=("pv",),
                modes=("01",),
            ),
            post(ListingKind.RESULT, ELSEWHERE, "柔轮齿形优化后寿命提高。", industries=("robotics",)),
        )  # fmt: skip
        unit.commit()
    matched(site, found, 1)
    yield found
    with site.parts.database.write() as unit:
        for each in (found.need, found.result, found.elsewhere):
            listings.withdraw(unit, SYSTEM, each)
        unit.commit()


def number_of(site: Site, public_id: str) -> str:
    with site.parts.database.read() as session:
        return session.exec(select(Listing.number).where(Listing.public_id == public_id)).one() or ""


def matched(site: Site, made: Made, revision: int) -> Scored:
    """Need and result as scored, once the worker has matched this revision of the result: its own pairs come at once, while the
    zone's batch may wait for long on a busy machine. Its other pages are read once it is embedded, too."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with site.parts.database.read() as session:
            ids = {row.public_id: row.id for row in session.exec(select(Listing))}
            row = session.exec(
                select(Match).where(
                    Match.need_id == ids[made.need], Match.result_id == ids[made.result], Match.result_revision == revision
                )
            ).first()
            waiting = session.exec(select(Job).where(Job.kind == "index", col(Job.key).in_(ids))).first()
        if row is not None and waiting is None:
            return from_json(row.scored)
        time.sleep(0.2)
    raise TimeoutError("the pair is not matched")


def texts(pair: Scored) -> float:
    """The points of what the two texts have in common: what the business parts multiply."""
    return sum(part.points for part in pair.parts if part.code in TEXT_PARTS)


def gain_of(page: Page, words: str) -> float:
    """The points that an edit promises."""
    told = page.locator(".edits li", has_text=words).locator("b").first.inner_text()
    found = re.match(r"\+(\d+\.\d)", told)
    assert found is not None, told
    return float(found[1])


@pytest.mark.parametrize("javascript", [True, False])
def test_why_not_is_asked_on_the_desk_and_answered_by_the_rule(visit: Visit, site: Site, made: Made, javascript: bool) -> None:
    broker = visit(BROKER, javascript=javascript)
    page = broker.goto(f"/desk/changzhou?need={made.need}")
    page.get_by_text("为什么没有某项成果？拿来比对").click()
    page.get_by_label("成果：编号或网址").fill(number_of(site, made.elsewhere).lower())
    page.get_by_role("button", name="比对").click()
    page.wait_for_url("**/compare?*")
    answer = page.locator(".apart")
    expect(answer).to_contain_text("为什么没有配对")
    expect(answer).to_contain_text("成果不在光伏产业内")
    expect(page.locator(".compare-side").nth(1)).to_contain_text(ELSEWHERE)
    assert broker.complaints == []
    # The address can be passed on: to a colleague, and to the owner of a side, who each read it under their own access.
    colleague = visit(STAFF, size=NARROW, language="en")
    passed_on = colleague.goto(broker.path())
    expect(passed_on.locator(".apart")).to_contain_text("The result is not in the industry")
    assert colleague.sideways() == 0
    visitor = visit()
    visitor.goto(broker.path())
    assert "/sign-in" in visitor.path()


def test_a_wrong_number_is_said_at_the_field(visit: Visit, made: Made) -> None:
    owner = visit(PROVIDER, size=NARROW)
    page = owner.goto(f"/results/{made.result}")
    page.get_by_text("为什么没有某条需求？拿来比对").click()
    page.get_by_label("需求：编号或网址").fill("N-1999-0001")
    page.get_by_role("button", name="比对").click()
    expect(page.locator(".has-error")).to_contain_text("没有这个编号或网址的内容")
    expect(page.get_by_label("需求：编号或网址")).to_have_value("N-1999-0001")
    page.get_by_label("需求：编号或网址").fill(f"{owner.site.base}/needs/{made.need}")
    page.get_by_role("button", name="比对").click()
    expect(page.locator("h1")).to_contain_text("并排对照")
    assert owner.sideways() == 0
    assert owner.complaints == []


def test_what_would_raise_a_pair_is_stated_and_raises_it(visit: Visit, site: Site, made: Made) -> None:
    before = matched(site, made, 1)
    owner = visit(PROVIDER)
    page = owner.goto(f"/results/{made.result}")
    pair = page.locator(f"#pair-{made.need}")
    pair.locator("summary", has_text="怎样能匹配得更好").click()
    question = pair.locator(".edits li", has_text="固化温度")
    expect(question).to_contain_text("如能达到，请列出这项指标")
    gain = gain_of(page, "固化温度")
    question.get_by_role("link", name="打开表单填写").click()
    # The form says why one is here; the row has a name and a unit, and the figure is for whoever knows it.
    expect(page.get_by_role("status").filter(has_text="只填属实的内容")).to_be_visible()
    row = page.locator(".row-line", has=page.locator('[name="indicators-0-name"]'))
    expect(row.locator('[name="indicators-0-name"]')).to_have_value("固化温度")
    expect(row.locator('[name="indicators-0-name"]')).to_be_in_viewport()
    expect(row.locator('[name="indicators-0-unit"]')).to_have_value("℃")
    expect(row.locator('[name="indicators-0-value"]')).to_have_value("")
    row.locator('[name="indicators-0-value"]').fill("110")
    page.locator("button[name=do][value=submit]").last.click()
    expect(page.locator("h1")).to_contain_text("叠瓦组件用低温固化导电胶")
    assert owner.complaints == []
    staff = visit(STAFF)
    desk = staff.goto(f"/review/{made.result}")
    desk.locator("button[value=publish]").click()
    desk.wait_for_url(lambda address: not address.endswith(f"/review/{made.result}"))
    after = matched(site, made, 2)
    # Promised is what the figure does to the pair as its texts were; with one more line the texts are others, too.
    assert after.score > before.score
    assert (texts(before) * after.score / texts(after) - before.score) * 100 == pytest.approx(gain, abs=0.06)
    expect(owner.goto(f"/results/{made.result}").locator(f"#pair-{made.need}")).to_contain_text("固化温度要求")
