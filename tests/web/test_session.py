"""Signing in and out as a browser does it."""

from datetime import timedelta

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from matching import people
from matching.model import LoginSession, Note
from matching.store.database import Database
from tests.web.conftest import SignIn
from tests.web.markup import text_of
from tests.web.stock import PASSWORD
from web.context import SESSION_COOKIE


def test_signing_in_comes_back_to_the_page_and_names_the_person(client: TestClient) -> None:
    answer = client.post("/sign-in", data={"login": "STAFF", "password": PASSWORD, "next": "/zones/changzhou?x=1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/zones/changzhou?x=1")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    page = client.get("/")
    assert "staff 王" in page.text
    assert "高新区专员" in text_of(page.text)
    assert "常州高新区" in page.text[: page.text.index("<main")]
    assert page.headers["cache-control"] == "no-store"


def test_a_wrong_password_tells_nothing_and_keeps_the_account(client: TestClient) -> None:
    texts = set()
    for login in ("staff", "nobody"):
        page = client.post("/sign-in", data={"login": login, "password": "wrong", "next": "/zones"})
        assert page.status_code == 401
        assert f'value="{login}"' in page.text
        assert 'value="/zones"' in page.text
        assert "wrong" not in page.text
        texts.add(text_of(page.text))
    assert len(texts) == 1
    assert "请核对账号和密码" in texts.pop()


def test_empty_fields_are_told_at_the_field(client: TestClient) -> None:
    page = client.post("/sign-in", data={})
    assert page.status_code == 422
    assert text_of(page.text).count("请填写此项。") == 2
    assert page.text.count('aria-invalid="true"') == 2


def test_too_many_attempts_wait(client: TestClient) -> None:
    answers = [client.post("/sign-in", data={"login": "staff", "password": "wrong"}) for _ in range(6)]
    assert [each.status_code for each in answers] == [401] * 5 + [429]
    assert "尝试次数过多，请等待" in text_of(answers[-1].text)
    assert client.post("/sign-in", data={"login": "staff", "password": PASSWORD}).status_code == 429


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org/x", "/\\example.org", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(client: TestClient, target: str) -> None:
    answer = client.post("/sign-in", data={"login": "staff", "password": PASSWORD, "next": target})
    assert answer.headers["location"] == "/"


def test_signing_out_ends_the_session_everywhere(signed_in: SignIn) -> None:
    browser = signed_in("provider")
    token = browser.cookies[SESSION_COOKIE]
    answer = browser.post("/sign-out")
    assert answer.status_code == 303
    assert "已退出登录" in browser.get("/").text
    assert "已退出登录" not in browser.get("/").text
    browser.cookies.set(SESSION_COOKIE, token)
    assert "provider 王" not in browser.get("/").text


def test_an_ended_session_is_a_visitor_and_is_told_when_signing_in(client: TestClient) -> None:
    client.cookies.set(SESSION_COOKIE, "unknown-token")
    assert client.get("/").status_code == 200
    assert "登录已失效" in text_of(client.get("/sign-in").text)


def test_a_session_in_use_is_prolonged(database: Database, signed_in: SignIn) -> None:
    browser = signed_in("provider")
    token = browser.cookies[SESSION_COOKIE]
    with database.write() as unit:
        for row in unit.session.exec(select(LoginSession)).all():
            row.expires_at = unit.now() + timedelta(hours=1)
        unit.commit()
    browser.get("/")
    with database.read() as session:
        prolonged = people.session_for(session, token, database.clock.now()).expires_at
    assert prolonged is not None
    assert prolonged - database.clock.now() > timedelta(hours=11)


def test_demonstration_accounts_only_while_it_is_loaded(client: TestClient, database: Database) -> None:
    assert "demo-2026" not in client.get("/sign-in").text
    with database.write() as unit:
        unit.session.add(Note(key=people.DEMO_NOTE, value="loaded"))
        unit.commit()
    page = client.get("/sign-in").text
    assert "demo-2026" in page
    assert 'data-fill-login="gaoxiao"' in page


def test_a_forged_flash_shows_nothing(client: TestClient) -> None:
    client.cookies.set("flash", "<b>you won</b>")
    page = client.get("/")
    assert "you won" not in page.text
    assert "flash=" in page.headers["set-cookie"]
