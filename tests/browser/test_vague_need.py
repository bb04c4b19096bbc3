"""The journey of a vague need: what it lacks while it is typed, sent back with questions, answered, published, matched."""

import re

from playwright.sync_api import expect
from sqlmodel import select

from matching.model import Listing, Match
from tests.browser.conftest import NARROW, Visit
from tests.browser.site import Site


def test_a_vague_need_is_questioned_mended_and_matched(visit: Visit, site: Site) -> None:
    firm = visit("qiye")
    page = firm.goto("/needs/new")
    page.fill("[name=title]", "提高光伏组件耐候性")
    score = page.locator("#quality .quality-score")
    page.fill("[name=detail]", "希望进一步提高组件耐候性，降低成本，具体面谈。")
    expect(page.locator("#quality")).to_contain_text("“提高光伏组件耐候性”要到多少才算达到？")
    expect(page.locator("#quality meter")).to_have_count(8)
    expect(page.locator("#quality-said")).to_contain_text("还有 4 个问题")
    before = int(score.inner_text())
    assert before < 45
    page.locator("#quality a[href='#f-basis']").click()  # folded until somebody wants it
    expect(page.locator("[name=basis]")).to_be_in_viewport()
    page.fill("[name=title]", "提高双玻光伏组件耐候性")
    expect(page.locator("#quality")).to_contain_text("“提高双玻光伏组件耐候性”")
    page.locator("button[value=submit]").click()
    page.wait_for_url("**/needs/*")
    found = re.search(r"/needs/([a-z0-9]{12})", page.url)
    assert found is not None
    id_ = found[1]
    site.settle()

    staff = visit("changzhou")
    desk = staff.goto(f"/review/{id_}")
    expect(desk.locator(".quality-below")).to_contain_text("低于常州高新区的门槛")
    reason = desk.locator("[name=reason-indicators]")
    expect(reason).to_be_visible()
    expect(reason).to_have_value(re.compile("要到多少才算达到"))
    desk.locator("[name=reason-difficulty]").fill("边缘发黑占多少？在什么气候下？")
    desk.locator("button[value=send_back]").click()
    expect(desk.locator(".flash")).to_contain_text("已退回")
    site.settle()

    page = firm.goto(f"/listings/{id_}/edit")
    expect(page.locator(".asked-all")).to_contain_text("边缘发黑占多少")
    expect(page.locator(".form-row", has=page.locator("[name=difficulty]")).locator(".asked")).to_contain_text("边缘发黑占多少")
    page.fill("[name=difficulty]", "海边电站运行四年后焊带边缘 8 cm 发黑，绝缘不合格，估计因为胶膜水解，占返修件的 20%。")
    page.fill("[name=detail]", "双玻组件封装，出口东南亚海边电站，盐雾高湿环境。")
    page.fill("[name=basis]", "现用三层共挤胶膜，DH 3000 h 后功率掉 7%；换过 POE，成本太高。")
    page.fill("[name='indicators-0-name']", "湿热 3000 h 后功率衰减")
    page.locator("[name='indicators-0-comparator']").select_option("<=")
    page.fill("[name='indicators-0-value']", "3")
    page.fill("[name='indicators-0-unit']", "%")
    page.fill("[name=budget_max]", "80")
    page.locator("[name=modes][value='03']").check()
    expect(score).not_to_have_text(str(before))
    expect(page.locator("#quality .quality-below")).to_have_count(0)
    page.locator("button[value=submit]").click()
    page.wait_for_url("**/needs/*")
    site.settle()

    desk = staff.goto(f"/review/{id_}")
    expect(desk.locator(".quality-below")).to_have_count(0)
    desk.locator(".decide button[value=publish]").click()
    expect(desk.locator(".flash")).to_contain_text("已发布")
    site.settle()
    with site.parts.database.read() as session:
        row = session.exec(select(Listing).where(Listing.public_id == id_)).one()
        assert session.exec(select(Match.id).where(Match.need_id == row.id)).first() is not None
    assert firm.complaints == []
    assert staff.complaints == []


def test_without_a_script_the_score_stands_there_after_saving(visit: Visit) -> None:
    visitor = visit("qiye", size=NARROW, language="en", javascript=False)
    page = visitor.goto("/needs/new")
    page.fill("[name=title]", "提高安全帽档次")
    page.locator(".act-bar button[value=draft]").click()
    page.wait_for_url("**/listings/*/edit")
    expect(page.locator("#quality")).to_contain_text("“提高安全帽档次”: how much would do?")
    page.locator("#quality a[href='#f-indicators']").click()
    expect(page.locator("[name='indicators-0-name']")).to_be_in_viewport()
    assert visitor.sideways() <= 0
