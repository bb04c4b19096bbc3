"""The journey of a text that is there already: asked about on the form, told to the reviewer, decided side by side."""

import re

from playwright.sync_api import expect

from matching import listings, reviews
from matching.access import SYSTEM
from matching.model import Organisation
from search.text import comparison_key
from tests.browser.conftest import NARROW, Visit
from tests.browser.site import Site
from tests.matching.world import need

TITLE = "镀膜后硅片隐裂在线检测"
TEXT = "钝化膜沉积以后硅片隐裂要在线检出，节拍0.5 s一片，漏检率低于0.02%，误报不超过1%，不碰片面。"


def _held(site: Site) -> str:
    with site.parts.database.write() as unit:
        name = "演示徐州镀膜设备有限公司"
        owner = Organisation(name=name, name_key=comparison_key(name), kind="enterprise", demo=True, created_at=unit.now())
        unit.session.add(owner)
        unit.session.flush()
        made = listings.save(unit, SYSTEM, need(organisation=owner.public_id, title=TITLE, texts={"detail": TEXT}))
        reviews.publish(unit, SYSTEM, made.public_id)
        unit.commit()
    site.settle()
    return made.public_id


def test_a_text_that_is_there_already_is_asked_about_and_decided(visit: Visit, site: Site) -> None:
    held = _held(site)
    firm = visit("qiye", size=NARROW)
    page = firm.goto("/needs/new")
    page.fill("[name=title]", "镀膜之后硅片隐裂的在线检测")
    page.fill("[name=detail]", TEXT.replace("0.5 s", "500 ms") + "最好能区分隐裂和脏污。")
    page.locator("button[value=submit]").click()
    asked = page.locator(".twins-asked")
    expect(asked).to_contain_text("是否已经发布过？")
    expect(asked).to_be_focused()
    expect(page.locator("[name=detail]")).to_have_value(re.compile("500 ms"))
    assert firm.sideways() == 0
    asked.locator(f"[name=twin-{held}][value=different]").check()
    page.locator("button[value=submit]").click()
    page.wait_for_url("**/needs/*")
    found = re.search(r"/needs/([a-z0-9]{12})", page.url)
    assert found is not None

    staff = visit("changzhou")
    desk = staff.goto(f"/review/{found[1]}")
    expect(desk.locator(".alike-box")).to_contain_text("不是一件事")
    desk.locator(".alike-box a[href^='/duplicates/']").click()
    expect(desk.locator("mark", has_text="最好能区分隐裂和脏污")).to_have_count(1)
    expect(desk.locator(".compare-why")).to_contain_text("没有不一致的")
    desk.locator("button[value=same]").click()
    expect(desk.locator(".flash")).to_contain_text("是同一件事")
    assert all("409 (Conflict)" in each for each in firm.complaints), "a form that is asked about is no error of the page"
    assert staff.complaints == []
