"""The options under the search box over HTTP: what they say, where they lead, who is offered what."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from matching import completions
from matching.store.database import Database
from tests.web.conftest import SignIn
from tests.web.markup import refused, text_of
from tests.web.stock import Stock

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def brought(database: Database) -> None:
    """What the worker would have done."""
    completions.check_all(database)


def asked(client: TestClient, typed: str) -> str:
    answer = client.get("/search/suggest", params={"q": typed}, headers=FRAGMENT)
    assert answer.status_code == 200
    assert refused(answer.text) == []
    return answer.text


def options(markup: str) -> dict[str, str]:
    """What an option says → where it leads."""
    found = re.findall(r'<div role="option"[^>]* data-href="([^"]*)">(.*?)</div>', markup, flags=re.DOTALL)
    return {text_of(text): unescape(href) for href, text in found}


def test_a_title_leads_to_its_page_and_says_kind_and_owner(client: TestClient, stock: Stock) -> None:
    found = options(asked(client, "TOPCon 电池"))
    [(text, href)] = [each for each in found.items() if each[1].startswith("/needs/")]
    assert text.startswith("需求 TOPCon")
    assert client.get(href).status_code == 200
    assert "<mark>TOPCon 电池</mark>" in asked(client, "TOPCon 电池")


def test_an_organisation_leads_to_what_it_has_posted(client: TestClient, stock: Stock) -> None:
    title = text_of(client.get(f"/results/{stock.listings['paste']}").text)
    found = options(asked(client, "大学"))
    named = {href for text, href in found.items() if href.startswith("/search?")}
    assert named
    for href in named:
        page = client.get(href)
        assert page.status_code == 200
        assert "没有找到" not in page.text
    assert any(parse_qs(urlsplit(href).query)["q"][0].removeprefix('机构:"').removesuffix('"') in title for href in named)


def test_an_industrys_word_leads_to_the_search(client: TestClient) -> None:
    found = options(asked(client, "gfnb"))
    assert found == {"光伏逆变器 光伏": "/search?q=%E5%85%89%E4%BC%8F%E9%80%86%E5%8F%98%E5%99%A8"}
    client.cookies.set("lang", "en")
    english = options(asked(client, "photov"))
    assert english["Photovoltaics"] == "/search?q=Photovoltaics"


@pytest.mark.parametrize(("language", "told"), [("zh_CN", "条联想，用上下键选择"), ("en", "suggestions, arrow keys choose")])
def test_the_count_is_told_in_the_readers_language(client: TestClient, language: str, told: str) -> None:
    client.cookies.set("lang", language)
    markup = asked(client, "银浆")
    assert f'data-told="{len(options(markup))} {told}"' in markup
    assert 'data-told=""' in asked(client, "")
    assert options(asked(client, "没有这样的标题")) == {}


def test_what_waits_for_the_staff_is_offered_to_nobody(client: TestClient, signed_in: SignIn, stock: Stock) -> None:
    hidden = set(stock.listings.values()) - {
        href.rpartition("/")[2] for href in re.findall(r'href="(/(?:results|needs)/[^"/]+)"', client.get("/results").text)
    }
    for browser in (client, signed_in("admin"), signed_in("provider")):
        for typed in ("银", "电", "gf", "to", "高"):
            for href in options(asked(browser, typed)).values():
                assert browser.get(href).status_code == 200
                assert client.get(href).status_code == 200, (typed, href, hidden)


def test_whoever_asks_for_a_page_gets_the_search(client: TestClient) -> None:
    answer = client.get("/search/suggest", params={"q": "银浆"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/search?q=%E9%93%B6%E6%B5%86")


@pytest.mark.parametrize("path", ["/", "/search", "/results"])
def test_every_search_box_works_as_a_form_and_names_the_address_of_its_suggestions(client: TestClient, path: str) -> None:
    markup = client.get(path).text
    [box] = re.findall(r"<input[^>]*data-suggest[^>]*>", markup)
    assert 'name="q"' in box
    assert 'data-suggest="/search/suggest"' in box
    assert 'autocomplete="off"' in box
    assert "role=" not in box, "a plain text box, until the script is there to make it more"
