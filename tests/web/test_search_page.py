"""The search page: hits with their reasons, filters, fragments, and what it says when the machinery is down."""

import re
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from matching.discovery import Discovery
from matching.projection import Projection, index_recipe
from matching.store.database import Database
from matching.vectors import VectorStore
from search.encoder.hashing import HashingEncoder
from search.engines.local import LocalEngine
from tests.web.conftest import SignIn, build_app
from tests.web.markup import refused, text_of
from tests.web.stock import MARKET_SECRET, Stock

FRAGMENT = {"HX-Request": "true"}


def titles(markup: str) -> list[str]:
    return [text_of(each) for each in re.findall(r'<h2 class="item-title">.*?<a [^>]*>(.*?)</a>', markup, flags=re.DOTALL)]


def test_a_hit_is_marked_and_says_why(client: TestClient, stock: Stock) -> None:
    page = client.get("/search?q=" + quote("低温烧结银浆"))
    assert "<mark>" in page.text
    assert "命中：" in text_of(page.text)
    assert any("银浆" in each for each in titles(page.text)[:2])
    assert f"/results/{stock.listings['paste']}" in page.text


def test_both_kinds_are_found_and_told_apart(client: TestClient) -> None:
    text = text_of(client.get("/search?q=" + quote("TOPCon 银浆")).text)
    assert "成果 含铅碲玻璃粉" in text
    assert "需求 TOPCon" in text
    results = client.get("/search?kind=result&q=" + quote("TOPCon 银浆")).text
    assert not any(each.startswith("TOPCon 电池正面") for each in titles(results))


def test_filters_restrict_and_can_be_taken_away(client: TestClient) -> None:
    page = client.get("/search?industry=robotics&industry=alchemy&q=" + quote("减速器 回差")).text
    assert titles(page)
    assert all("银浆" not in each for each in titles(page))
    assert re.search(r'value="robotics" checked', page)
    assert 'class="chip" href="/search?q=' in page
    assert "alchemy" not in page[page.index("<main") :]


def test_a_number_stands_first(client: TestClient, stock: Stock) -> None:
    page = client.get("/search?q=ZL202310123456.7")
    assert titles(page.text)[0].startswith("含铅碲玻璃粉")
    assert "与所输入的完全一致" in text_of(page.text)


def test_a_visitor_never_finds_a_sealed_text(client: TestClient, signed_in: SignIn) -> None:
    address = "/search?q=" + quote("年需求约三千吨")
    assert MARKET_SECRET not in client.get(address).text
    assert "年需求" not in re.sub(r"<(title|input|form).*?>", "", text_of(client.get(address).text).split("找到")[1])


def test_htmx_gets_the_hits_alone_with_a_clean_address(client: TestClient) -> None:
    fragment = client.get("/search?q=%20" + quote("银浆") + "&kind=result&page=", headers=FRAGMENT)
    assert fragment.text.lstrip().startswith('<div id="found"')
    assert fragment.headers["hx-push-url"] == "/search?q=" + quote("银浆") + "&kind=result"


def test_without_a_text_it_tells_what_to_write(client: TestClient) -> None:
    for address in ("/search", "/search?q=%20%20", "/search?zone=atlantis"):
        assert "可以怎么写" in text_of(client.get(address).text)
    assert titles(client.get("/search?zone=changzhou").text) == ["TOPCon 电池正面银浆低温烧结与降耗"]


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "\"' onmouseover=x", "a:b AND (", "%00\x07", "银" * 6000, "😀 C++", "\u202e\u200b"]
)
def test_whatever_is_typed_comes_back_harmless(client: TestClient, text: str) -> None:
    page = client.get("/search", params={"q": text})
    assert page.status_code == 200
    assert refused(page.text) == []
    assert "<script>alert(1)" not in page.text


def test_page_numbers_of_any_kind(client: TestClient) -> None:
    for page in ("0", "-1", "x", "99999999999", "２"):
        assert client.get("/search", params={"q": "膜组件", "page": page}).status_code == 200


def _down(database: Database, *, encoder_too: bool) -> TestClient:
    encoder = HashingEncoder()
    engine = LocalEngine(encoder.dimension, index_recipe(encoder.fingerprint))
    Projection(database, engine, VectorStore(database, encoder)).fill()
    discovery = Discovery(database, engine, encoder)
    if encoder_too:
        engine.close()
    encoder.close()
    return TestClient(build_app(database, discovery))


def test_without_the_encoder_it_goes_by_words_and_says_so(database: Database) -> None:
    text = text_of(_down(database, encoder_too=False).get("/search?q=" + quote("银浆")).text)
    assert "暂时只按字面搜索" in text
    assert "含铅碲玻璃粉" in text


def test_without_the_engine_it_finds_titles_and_says_so(database: Database) -> None:
    text = text_of(_down(database, encoder_too=True).get("/search?q=" + quote("导电银浆")).text)
    assert "只查标题中的词" in text
    assert "含铅碲玻璃粉" in text
