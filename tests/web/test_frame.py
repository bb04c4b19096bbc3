"""What every page does: language, fragments, Vary, caching, escaping, errors."""

import re

from starlette.testclient import TestClient

FRAGMENT = {"HX-Request": "true"}


def test_chinese_comes_first_whatever_the_browser_asks(client: TestClient) -> None:
    page = client.get("/", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert page.status_code == 200
    assert '<html lang="zh-CN">' in page.text
    assert "区业通" in page.text


def test_switch_of_language_is_kept_and_comes_back(client: TestClient) -> None:
    switch = client.get("/language?to=en&next=/results%3Fzone%3Dsip")
    assert (switch.status_code, switch.headers["location"]) == (303, "/results?zone=sip")
    page = client.get("/")
    assert '<html lang="en">' in page.text
    assert page.headers["content-language"] == "en"
    assert "区业通" not in page.text


def test_switch_leads_nowhere_else(client: TestClient) -> None:
    for target in ("https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)", "/a\nb"):
        assert client.get("/language", params={"to": "en", "next": target}).headers["location"] == "/"


def test_every_page_varies_and_a_visitor_is_asked_again(client: TestClient) -> None:
    for headers in ({}, FRAGMENT):
        answer = client.get("/", headers=headers)
        assert answer.headers["vary"] == "HX-Request, HX-History-Restore-Request, Cookie"
        assert answer.headers["cache-control"] == "private, no-cache"


def test_unknown_address_is_a_calm_page(client: TestClient) -> None:
    page = client.get("/nothing-here")
    assert page.status_code == 404
    assert "没有这个页面" in page.text
    assert "<header" in page.text


def test_unknown_address_answers_htmx_with_the_note_alone(client: TestClient) -> None:
    note = client.get("/nothing-here", headers=FRAGMENT)
    assert note.status_code == 404
    assert "<html" not in note.text
    assert 'role="alert"' in note.text
    restored = client.get("/nothing-here", headers={**FRAGMENT, "HX-History-Restore-Request": "true"})
    assert "<html" in restored.text


def test_markup_keeps_the_content_security_policy(client: TestClient) -> None:
    for path in ("/", "/nothing-here"):
        page = client.get(path).text
        assert not re.search(r"<[^>]+\sstyle=", page)
        assert not re.search(r"<[^>]+\son\w+=", page)
        assert "<style" not in page
        assert not re.search(r"<script(?![^>]*\ssrc=)", page)
