"""The reading pages as a visitor, an owner and the zone's staff get them."""

import re

import pytest
from starlette.testclient import TestClient

from tests.web.conftest import SignIn
from tests.web.markup import refused, text_of
from tests.web.stock import BASIS_SECRET, HOSTILE, MANY, MARKET_SECRET, Stock

FRAGMENT = {"HX-Request": "true"}
PARTS = ("语义", "共有词", "指标", "产业", "成熟度", "知识产权", "合作方式", "价格", "期限", "地域")


def addresses(stock: Stock) -> list[str]:
    results = [f"/results/{stock.listings[each]}" for each in ("paste", "hostile", "suggested")]
    needs = [f"/needs/{stock.listings[each]}" for each in ("silver", "joint")]
    return [
        "/", "/zones", "/zones/changzhou", "/zones/wujin", "/results", "/results?industry=pv&zone=&maturity=pilot", "/needs",
        "/needs?zone=changzhou", "/search", "/search?q=低温银浆", "/search?q=银浆&kind=need&industry=pv", "/about", "/sign-in",
        "/results?page=2", *results, *needs,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("who", "language"),
    [(None, "zh_CN"), (None, "en"), ("provider", "zh_CN"), ("seeker", "en"), ("staff", "zh_CN"), ("admin", "en")],
)
def test_every_page_answers_in_both_languages(
    client: TestClient, signed_in: SignIn, stock: Stock, who: str | None, language: str
) -> None:
    browser = signed_in(who) if who else client
    browser.cookies.set("lang", language)
    for address in addresses(stock):
        page = browser.get(address)
        if address == "/sign-in" and who:
            assert page.status_code == 303
            continue
        assert page.status_code == 200, address
        assert refused(page.text) == [], address
        assert len(re.findall(r"<h1\b", page.text)) == 1, address
        assert f'<html lang="{language.replace("_", "-")}">' in page.text
        assert "text/html" in page.headers["content-type"]
        assert page.headers["cache-control"] == ("no-store" if who else "private, no-cache")


def test_english_pages_carry_no_chinese_of_ours(client: TestClient, stock: Stock) -> None:
    """Reference data has English names; what people wrote stays as they wrote it."""
    client.cookies.set("lang", "en")
    for address in ("/zones", "/about", "/sign-in", "/search"):
        text = text_of(client.get(address).text).replace("中文", "")
        assert not re.search(r"[\u4e00-\u9fff]", text), address


def test_a_title_is_escaped_wherever_it_stands(client: TestClient, stock: Stock) -> None:
    for address in (f"/results/{stock.listings['hostile']}", "/results?industry=robotics", "/search?q=减速器", "/"):
        markup = client.get(address).text
        assert "<script>alert" not in markup
        assert "<b>精度</b>" not in markup
    page = client.get(f"/results/{stock.listings['hostile']}").text
    assert HOSTILE in text_of(page).replace("”", '"')
    assert "&lt;script&gt;" in page


def test_what_visitors_may_not_read_is_named_and_not_told(client: TestClient, signed_in: SignIn, stock: Stock) -> None:
    for address, secret, name in (
        (f"/results/{stock.listings['paste']}", MARKET_SECRET, "商业分析"),
        (f"/needs/{stock.listings['silver']}", BASIS_SECRET, "现有基础条件"),
    ):
        visitor = client.get(address).text
        assert secret not in visitor
        seal = re.search(r'<div class="seal">(.*?)</div>', visitor, flags=re.DOTALL)
        assert seal is not None
        assert name in seal[1]
        assert "/sign-in?next=" in seal[1]
        reader = signed_in("broker").get(address).text
        assert secret in reader
        assert "登录可见" in reader
        assert 'class="seal"' not in reader


def test_a_result_shows_figures_rights_and_price(client: TestClient, stock: Stock) -> None:
    markup = client.get(f"/results/{stock.listings['paste']}").text
    text = text_of(markup)
    assert "≤\u202f1.2\u202fmΩ·cm²" in markup
    assert "第三方检测" in text
    assert "ZL202310123456.7" in text
    assert "60–120 万元" in text
    assert 'title="即 600,000–1,200,000 元"' in markup
    assert "中试 · TRL 6–7" in text
    assert "许可使用、合作开发" in text
    assert "发明专利（已授权）" in text
    assert re.search(r"R-\d{4}-\d{4}", text)


def test_a_suggested_industry_is_marked_until_it_is_confirmed(client: TestClient, stock: Stock) -> None:
    page = text_of(client.get(f"/results/{stock.listings['suggested']}").text)
    assert "安全装备 待确认" in page
    assert "待确认" not in text_of(client.get(f"/results/{stock.listings['paste']}").text)
    assert "待确认" in text_of(client.get("/results?industry=safety").text)


def test_a_draft_is_nobodys_but_its_owners(client: TestClient, signed_in: SignIn, stock: Stock) -> None:
    address = f"/results/{stock.listings['draft']}"
    assert client.get(address).status_code == 404
    assert signed_in("seeker").get(address).status_code == 404
    own = signed_in("provider").get(address)
    assert own.status_code == 200
    assert "草稿" in text_of(own.text)
    assert "只有本单位可见" in text_of(own.text)


def test_a_listing_answers_under_its_own_kind_only(client: TestClient, stock: Stock) -> None:
    assert client.get(f"/needs/{stock.listings['paste']}").status_code == 404
    assert client.get("/results/nosuchlisting").status_code == 404
    assert client.get("/zones/atlantis").status_code == 404


def test_pairs_are_for_the_two_owners_and_the_zone(client: TestClient, signed_in: SignIn, stock: Stock) -> None:
    need, result = f"/needs/{stock.listings['silver']}", f"/results/{stock.listings['paste']}"
    for login, address in (("seeker", need), ("provider", result), ("staff", need), ("broker", result)):
        text = text_of(signed_in(login).get(address).text)
        assert "可能对接的" in text, (login, address)
        assert all(part in text for part in PARTS)
        assert re.search(r"两边都(谈到|出现)|意思有些接近", text)
    for browser, address in (
        (client, need),
        (client, result),
        (signed_in("provider"), need),
        (signed_in("admin"), "/zones/kunshan"),
    ):
        assert "可能对接的" not in text_of(browser.get(address).text)


def test_a_pair_says_what_is_missing(signed_in: SignIn, stock: Stock) -> None:
    markup = signed_in("seeker").get(f"/needs/{stock.listings['silver']}").text
    missing = re.search(r'<span class="missing">(.*?)</span>', markup)
    assert missing is not None
    assert "单片银耗" in missing[1]
    assert '<progress max="1" value="' in markup
    assert "<mark>" in markup


def test_owner_without_pairs_is_told_when_they_come(signed_in: SignIn, stock: Stock) -> None:
    provider = signed_in("provider")
    assert "还没有配对" in text_of(provider.get(f"/results/{stock.listings['suggested']}").text)
    assert "发布之前没有配对" in text_of(provider.get(f"/results/{stock.listings['draft']}").text)


def test_a_zone_quotes_the_policy_and_counts(client: TestClient, signed_in: SignIn) -> None:
    page = client.get("/zones/changzhou").text
    assert "<mark>常州高新区光伏</mark>" in page
    assert "第三条" in page
    assert 'href="/needs?zone=changzhou&amp;industry=pv"' in page
    assert "只对双方单位、本区经纪人和专员显示" in text_of(page)
    assert 'class="pair"' not in page
    assert 'class="pair"' in signed_in("staff").get("/zones/changzhou").text
    undecided = text_of(client.get("/zones/wujin").text)
    assert "战略产业未明确" in undecided
    assert "尽快确定产业发展主攻点" in undecided


def test_lists_filter_and_forget_codes_of_yesterday(client: TestClient) -> None:
    photovoltaics = text_of(client.get("/results?industry=pv").text)
    assert "1 项成果" in photovoltaics
    assert "银浆" in photovoltaics
    assert "膜组件" not in photovoltaics
    unknown = text_of(client.get("/results?industry=alchemy&zone=atlantis&maturity=ripe&page=-3").text)
    assert f"{MANY + 3} 项成果" in unknown


def test_lists_page_and_keep_the_filters(client: TestClient) -> None:
    first = client.get("/results?industry=environment").text
    assert 'href="/results?industry=environment&amp;page=2"' in first
    second = text_of(client.get("/results?industry=environment&page=2").text)
    assert f"{MANY} 项成果" in second
    assert second.count("膜组件清洗工艺") == MANY - 20


def test_a_list_answers_htmx_with_the_list_alone(client: TestClient) -> None:
    fragment = client.get("/results?industry=pv&zone=&maturity=&page=", headers=FRAGMENT)
    assert fragment.text.lstrip().startswith('<div id="found"')
    assert "<html" not in fragment.text
    assert fragment.headers["hx-push-url"] == "/results?industry=pv"
    assert "HX-Request" in fragment.headers["vary"]
    restored = client.get("/results?industry=pv", headers={**FRAGMENT, "HX-History-Restore-Request": "true"})
    assert "<html" in restored.text
    assert "hx-push-url" not in restored.headers


def test_empty_platform_teaches(empty_client: TestClient) -> None:
    for address, words in (
        ("/", "还没有公开的需求"),
        ("/results", "还没有公开的成果"),
        ("/needs", "还没有公开的需求"),
        ("/zones/changzhou", "还没有找到配对"),
        ("/results?industry=pv", "没有符合这些条件的内容"),
        ("/search?q=银浆", "没有找到"),
    ):
        page = empty_client.get(address)
        assert page.status_code == 200
        assert words in text_of(page.text)
        assert refused(page.text) == []
