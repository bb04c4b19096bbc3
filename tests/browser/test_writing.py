"""The pages on which people write, in a real browser: by keyboard, without a script, in both widths, and clean for axe."""

import re

from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import NARROW, Visit, Visitor
from tests.browser.site import Site

CELLS = "演示常州晶曜光伏有限公司"
NEED_PAGE = re.compile(r"/needs/[a-z0-9]{12}$")


def tab_to(page: Page, name: str, *, most: int = 80) -> None:
    """Press Tab until the input or button of that name has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("[document.activeElement.name, document.activeElement.value].join(' ')").strip().startswith(name):
            return
    raise AssertionError(f"Tab does not reach {name}")


def listing_in(visitor: Visitor) -> str:
    found = re.search(r"/(?:listings|needs|results|review)/([a-z0-9]{12})", visitor.path())
    assert found is not None, visitor.path()
    return found[1]


def test_a_firm_posts_a_need_by_keyboard_and_the_staff_publish_it(visit: Visit, site: Site) -> None:
    firm = visit("qiye")
    page = firm.goto("/needs/new")
    expect(page.locator("[name=title]")).to_be_focused()
    page.keyboard.type("接线盒灌封胶在湿热试验后脱粘")
    tab_to(page, "detail")
    page.keyboard.type("灌封胶与背板界面在 DH1000 后脱粘，批次不良 2%。")
    page.keyboard.press("Enter")
    page.keyboard.type("希望换胶或换底涂，产线节拍不变。")
    tab_to(page, "indicators-0-name")
    page.keyboard.type("剥离强度")
    tab_to(page, "indicators-0-value")
    page.keyboard.type("40")
    tab_to(page, "indicators-0-unit")
    page.keyboard.type("N/cm")
    tab_to(page, "do more-indicators")
    page.keyboard.press("Enter")  # a new row is added in place, and has the focus
    expect(page.locator("[name='indicators-3-name']")).to_be_focused()
    page.keyboard.type("湿热时间")
    page.locator("[name='indicators-3-value']").focus()
    page.keyboard.type("1000")
    tab_to(page, "price_max")
    page.keyboard.type("50")
    tab_to(page, "do submit")
    page.keyboard.press("Enter")
    expect(page).to_have_url(NEED_PAGE)
    id_ = listing_in(firm)
    expect(page.locator(".flash")).to_contain_text("已提交")
    site.settle()

    staff = visit("changzhou")
    desk = staff.goto("/review")
    desk.locator(f".waiting-item a[href='/review/{id_}']").focus()
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/review/{id_}")
    expect(desk.locator(".review-text")).to_contain_text("希望换胶或换底涂")
    expect(desk.locator(".review-text .sheet")).to_contain_text("湿热时间")
    desk.locator(".tag-box [name=confirm]").first.focus()
    desk.keyboard.press("Enter")  # an industry is confirmed in place
    expect(desk.locator(".tag-box .tag-note")).to_have_text("产业已保存。")
    expect(desk.locator(".tag-box .tag-note")).to_be_focused()
    desk.locator("button[value=publish]").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(".flash")).to_contain_text("已发布")
    site.settle()

    page = firm.goto("/mine?kind=need")
    entry = page.locator(".mine", has=page.locator(f"a[href='/needs/{id_}']"))
    expect(entry).to_contain_text("已发布")
    expect(entry).to_contain_text("N-20")
    public = visit().goto(f"/needs/{id_}")
    expect(public.locator("h1")).to_contain_text("接线盒灌封胶在湿热试验后脱粘")
    assert firm.complaints == []
    assert staff.complaints == []


def test_writing_works_without_a_script(visit: Visit) -> None:
    visitor = visit("gaoxiao", size=NARROW, javascript=False)
    page = visitor.goto("/results/new")
    page.fill("[name=title]", "无脚本也能写的成果")
    page.fill("[name='indicators-0-name']", "寿命")
    page.locator("button[value=more-indicators]").click()
    assert page.locator("[name='indicators-5-name']").count() == 1
    assert page.input_value("[name=title]") == "无脚本也能写的成果"
    page.fill("[name='indicators-5-name']", "第六行")
    page.fill("[name='indicators-5-value']", "很久")
    page.locator("button[value=submit]").click()
    summary = page.locator(".form-summary")
    expect(summary).to_contain_text("成果简介")
    summary.get_by_role("link", name="第 6 行").click()
    expect(page.locator("[name='indicators-5-value']")).to_be_in_viewport()
    page.fill("[name=summary]", "做法与数据")
    for n, value in ((0, "10"), (5, "20")):
        page.fill(f"[name='indicators-{n}-value']", value)
    page.locator(".act-bar button[value=draft]").click()
    page.wait_for_url("**/listings/*/edit")
    id_ = listing_in(visitor)
    visitor.goto("/mine?kind=result")
    page.locator(f"a[href='/listings/{id_}/withdraw']").click()
    page.locator("button.btn-danger").click()
    page.wait_for_url("**/mine?kind=result")
    expect(page.locator(".mine", has=page.locator(f"a[href='/results/{id_}']"))).to_contain_text("已撤回")
    assert visitor.sideways() <= 0


def test_errors_and_folded_parts_are_reached_from_the_list_on_top(visit: Visit) -> None:
    page = visit("qiye").goto("/needs/new")
    page.fill("[name=title]", "有错的需求")
    page.locator("#part-contacts > summary").click()
    page.fill("[name=email]", "wang")
    page.locator("#part-contacts > summary").click()
    page.locator(".act-bar button[value=draft]").click()
    summary = page.locator(".form-summary")
    expect(summary).to_be_focused()
    expect(page.locator("#part-contacts")).to_have_attribute("open", "")
    page.locator("#part-contacts > summary").click()
    summary.get_by_role("link", name="电子邮箱").click()
    expect(page.locator("[name=email]")).to_be_focused()
    assert page.input_value("[name=email]") == "wang"


def test_typed_text_is_not_left_by_accident(visit: Visit) -> None:
    page = visit("qiye").goto("/needs/new")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.fill("[name=title]", "写到一半")
    page.locator(".top-nav a").first.click()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    assert page.input_value("[name=title]") == "写到一半"
    page.locator(".act-bar button[value=draft]").click()
    page.wait_for_url("**/listings/*/edit")
    assert asked == ["beforeunload"]


def test_what_is_typed_is_kept_without_pressing_anything(visit: Visit, site: Site) -> None:
    visitor = visit("qiye", size=NARROW)
    page = visitor.goto("/needs/new")
    page.locator("[name=title]").press_sequentially("写着写着就走开的需求")
    page.locator("#more-what > summary").click()
    page.locator("[name=keywords]").fill("灌封胶；湿热")
    expect(page.locator("#saved-at")).to_contain_text("已于", timeout=20_000)
    assert page.locator("#saved-at .missing").count() == 0
    page.goto(site.base + "/mine?kind=need")  # kept, so nothing asks before leaving
    page.get_by_role("link", name="写着写着就走开的需求").click()
    expect(page.locator("[name=title]")).to_have_value("写着写着就走开的需求")
    expect(page.locator("[name=keywords]")).to_have_value("灌封胶；湿热")
    assert visitor.complaints == []

    visitor.context.clear_cookies(name="zonematch_session")
    page.locator("[name=detail]").press_sequentially("会话已经结束")
    expect(page.locator("#saved-at .missing")).to_be_visible(timeout=20_000)
    assert page.input_value("[name=detail]") == "会话已经结束"


def test_steps_stay_in_sight_and_lead_on(visit: Visit) -> None:
    visitor = visit("qiye", size=NARROW)
    page = visitor.goto("/needs/new")
    assert page.locator(".step-nav a[aria-current]").inner_text() == "是什么"
    page.locator("#step-what .step-next a").click()
    expect(page.locator(".step-nav a[aria-current]")).to_have_text("指标")
    expect(page.locator(".step-nav")).to_be_in_viewport()
    page.locator("#step-terms .step-next a").click()
    expect(page.locator("#part-extras")).to_have_attribute("open", "")
    assert visitor.sideways() <= 0


def test_ended_session_brings_the_form_back(visit: Visit) -> None:
    visitor = visit("qiye")
    page = visitor.goto("/needs/new")
    page.fill("[name=title]", "会话中断前写的需求")
    page.fill("[name=detail]", "第一行\n\n第三行")
    visitor.context.clear_cookies(name="zonematch_session")
    page.locator(".act-bar button[value=submit]").click()
    page.fill("[name=login]", "qiye")
    page.fill("[name=password]", "demo-2026")
    page.keyboard.press("Enter")
    expect(page.locator("[name=detail]")).to_have_value("第一行\n\n第三行")
    page.locator(".act-bar button[value=submit]").click()
    expect(page).to_have_url(NEED_PAGE)
