"""The address holds the whole search: what a page links to, and what it was asked with, are one thing."""

import io
import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import python_calamine
from starlette.testclient import TestClient

from matching.discovery.filters import FILTERS
from tests.web.conftest import SignIn
from tests.web.markup import text_of
from tests.web.stock import MARKET_SECRET, Stock

FRAGMENT = {"HX-Request": "true"}
WHOLE = {
    "q": "银浆", "kind": "need", "industry": "pv", "maturity": "pilot", "mode": "02", "price_from": "1", "price_to": "900",
    "zone": "changzhou", "region": "320400", "owner": "enterprise", "year": "2026", "sort": "newest", "view": "compact",
}  # fmt: skip


def links(markup: str) -> list[dict[str, str]]:
    """What the chips of a page lead to."""
    found = re.findall(r'class="chip" href="([^"]+)"', markup)
    return [dict(parse_qsl(urlsplit(unescape(each)).query)) for each in found]


def test_everything_that_was_asked_stands_in_the_address_and_can_be_taken_away(client: TestClient) -> None:
    page = client.get("/search", params=WHOLE, headers=FRAGMENT)
    assert dict(parse_qsl(urlsplit(page.headers["hx-push-url"]).query)) == WHOLE
    assert client.get(page.headers["hx-push-url"], headers=FRAGMENT).text == page.text
    restricting = [name for name in WHOLE if name not in ("q", "sort", "view")]
    dropped = [set(WHOLE) - set(each) for each in links(page.text)]
    assert {"price_from", "price_to"} in dropped
    assert {name for names in dropped for name in names} == set(restricting)


def test_a_command_is_a_chip_that_leaves_the_rest_of_the_text(client: TestClient) -> None:
    page = client.get("/search", params={"q": "银浆 区:常州 -激光"}).text
    assert [each["q"] for each in links(page)] == ["银浆 -激光", "银浆 区:常州"]
    assert "高新区：常州高新区" in text_of(page)
    wrong = text_of(client.get("/search", params={"q": "区:长州 机购:测试 银浆"}).text)
    assert "“高新区”中没有“长州”" in wrong
    assert "是否指：常州高新区" in wrong
    assert "没有“机购：”这一指令" in wrong


def test_a_history_entry_is_a_whole_page(client: TestClient) -> None:
    restored = client.get("/search", params=WHOLE, headers=FRAGMENT | {"HX-History-Restore-Request": "true"})
    assert "<html" in restored.text
    assert "HX-History-Restore-Request" in restored.headers["vary"]


def test_no_value_of_a_filter_breaks_the_page(client: TestClient) -> None:
    for value in ("x", "-1", "99999999999999999999999", "１２", "nan", "<b>", "\x00", "1e5", "%"):
        everything = {each.name: [value, "pv"] for each in FILTERS}
        assert client.get("/search", params={"q": "银浆"} | everything).status_code == 200, value


def test_pages_go_on_in_one_list(client: TestClient) -> None:
    first = client.get("/search", params={"q": "膜组件清洗工艺"}).text
    [following] = set(re.findall(r'href="(/search[^"]*page=2[^"]*)"', first))
    assert "list=" in following
    titles = [set(re.findall(r"膜组件清洗工艺 \d+", text_of(each))) for each in (first, client.get(unescape(following)).text)]
    assert len(titles[0]) == 20
    assert titles[1]
    assert not titles[0] & titles[1]


def test_the_sheet_holds_what_its_reader_may_see(client: TestClient, signed_in: SignIn) -> None:
    for browser in (client, signed_in("seeker")):
        answer = browser.get("/search/hits.xlsx", params={"q": "银浆 年需求"})
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
        rows = book.get_sheet_by_index(0).to_python()
        assert rows[0][2] == "名称"
        assert any("低温烧结导电银浆" in str(row[2]) for row in rows[1:])
        assert [row[9:11] for row in rows if "导电银浆" in str(row[2])] == [[600000.0, 1200000.0]]
        assert MARKET_SECRET not in str(rows)


def test_a_need_begins_with_what_was_looked_for(client: TestClient, signed_in: SignIn) -> None:
    page = client.get("/search", params={"q": "无此词量子 -激光"}).text
    assert "没有找到" in text_of(page)
    [address] = set(re.findall(r'href="(/needs/new[^"]*)"', page))
    form = signed_in("seeker").get(unescape(address)).text
    assert form.count("无此词量子") >= 2
    assert "-激光" not in form


def test_more_like_this_has_a_page_and_a_link(client: TestClient, stock: Stock) -> None:
    address = f"/results/{stock.listings['many-1']}"
    assert f"{address}/similar" in client.get(address).text
    similar = client.get(f"{address}/similar")
    assert "膜组件清洗工艺" in text_of(similar.text)
    assert client.get(f"/needs/{stock.listings['many-1']}/similar").status_code == 404
    assert client.get(f"/results/{stock.listings['draft']}/similar").status_code == 404
