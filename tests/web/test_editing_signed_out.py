"""A form sent after the session has ended goes through the sign-in and comes back filled; it never writes by itself."""

import re

import pytest
from sqlmodel import func, select
from starlette.testclient import TestClient

from matching import people
from matching.model import Listing
from matching.store.database import Database
from tests.web.conftest import SignIn
from tests.web.markup import refused, text_of
from tests.web.stock import PASSWORD, Stock
from tests.web.test_editing import stored
from tests.web.writing import NEED, Sent, form_of, public_id, send

TYPED = {**NEED, "title": '会话过期前写的 "需求" <b>', "detail": "第一行\r\n\r\n 第三行 &amp; 😀", "mobile": "13900001111"}


def listings(database: Database) -> int:
    with database.read() as session:
        return session.exec(select(func.count()).select_from(Listing)).one()


def expired(browser: TestClient, database: Database) -> None:
    """The session ends on the server; the browser still sends its cookie."""
    with database.write() as unit:
        people.sign_out(unit, browser.cookies["zonematch_session"])
        unit.commit()


def replay(browser: TestClient, page: str, **fields: str) -> Sent:
    """What the sign-in form of that page sends."""
    sent = form_of(re.sub(r"<form(?=[^>]*action=\"/(?:sign-out|search))[^>]*>.*?</form>", "", page, flags=re.DOTALL), None)
    return {**sent, **{name: [value] for name, value in fields.items()}, "do": ["sign_in"]}


@pytest.mark.parametrize("do", ["draft", "submit"])
def test_everything_typed_comes_back_after_signing_in(signed_in: SignIn, database: Database, do: str) -> None:
    seeker = signed_in("seeker")
    form = form_of(seeker.get("/needs/new").text)
    before = listings(database)
    expired(seeker, database)
    page = send(seeker, "/needs/new", do, TYPED, form=form)
    assert page.status_code == 401
    assert page.headers["cache-control"] == "no-store"
    assert "登录已过期" in text_of(page.text)
    assert refused(page.text) == []
    sent = replay(seeker, page.text, login="seeker", password=PASSWORD)
    back = seeker.post("/needs/new", data=sent)
    assert back.status_code == 200
    filled = form_of(back.text)
    assert filled["title"] == [TYPED["title"]]
    assert filled["detail"] == ["第一行\n\n 第三行 &amp; 😀"]
    assert (filled["modes"], filled["mobile"], filled["indicators-0-value"]) == (["02", "03"], ["13900001111"], ["60"])
    assert PASSWORD not in back.text
    assert listings(database) == before
    assert "尚未保存" in text_of(back.text)
    saved = send(seeker, "/needs/new", do, {}, form=filled)
    assert stored(database, public_id(saved)).texts["detail"] == "第一行\n\n第三行 &amp; 😀"


def test_wrong_password_keeps_what_was_typed_and_shows_no_password(client: TestClient, database: Database) -> None:
    page = send(client, "/needs/new", "submit", {"title": "没登录就写", "detail": "内容"}, form={"kind": ["need"]})
    assert page.status_code == 401
    sent = replay(client, page.text, login="seeker", password="wrong horse 9")
    again = client.post("/needs/new", data=sent)
    assert again.status_code == 401
    assert "wrong horse 9" not in again.text
    kept = replay(client, again.text)
    assert (kept["title"], kept["detail"], kept["login"], kept["password"]) == (["没登录就写"], ["内容"], ["seeker"], [""])
    empty = client.post("/needs/new", data={**kept, "password": ""})
    assert empty.status_code == 422
    assert replay(client, empty.text)["title"] == ["没登录就写"]


def test_an_edit_comes_back_too_and_another_person_may_not_save_it(signed_in: SignIn, database: Database, stock: Stock) -> None:
    provider = signed_in("provider")
    address = f"/listings/{stock.listings['draft']}/edit"
    form = form_of(provider.get(address).text)
    expired(provider, database)
    page = send(provider, address, "submit", {"title": "过期的修改", "summary": "写到一半"}, form=form)
    assert page.status_code == 401
    back = provider.post(address, data=replay(provider, page.text, login="seeker", password=PASSWORD))
    assert back.status_code == 200
    assert form_of(back.text)["summary"] == ["写到一半"]
    assert "尚未写完的成果" not in text_of(back.text)  # the stranger is shown his typing, and nothing of the listing
    refusal = send(provider, address, "submit", {}, form=form_of(back.text))
    assert refusal.status_code == 404
    assert form_of(refusal.text)["title"] == ["过期的修改"]
    assert stored(database, stock.listings["draft"]).title == "尚未写完的成果"


def test_control_characters_do_not_break_the_page(client: TestClient) -> None:
    page = client.post("/results/new", data={"title": "a\0b", "do": "draft"})
    assert page.status_code == 401
    assert "\0" not in page.text
    assert "a\ufffdb" in page.text
