"""The page of tokens: made once, shown once, ended by one press, each person's own."""

import re

from starlette.testclient import TestClient

from tests.web.conftest import SignIn
from tests.web.markup import refused, text_of
from tests.web.writing import form_of

SECRET = re.compile(r"zm_[\w-]{32}")


def make(browser: TestClient, **changes: str | list[str]) -> tuple[int, str, dict[str, list[str]]]:
    form = form_of(browser.get("/tokens").text, "token-form") | {"name": ["夜间同步"], "days": ["30"]}
    form |= {name: [value] if isinstance(value, str) else value for name, value in changes.items()}
    answer = browser.post("/tokens", data=form)
    return answer.status_code, answer.text, form


def test_visitors_sign_in_first(client: TestClient) -> None:
    assert client.get("/tokens").headers["location"] == "/sign-in?next=%2Ftokens"
    assert client.post("/tokens", data={"name": "x", "scopes": "read", "days": "7"}).status_code == 401


def test_a_secret_is_shown_once_and_its_form_makes_one_token(signed_in: SignIn) -> None:
    browser = signed_in("provider")
    assert "还没有令牌" in text_of(browser.get("/tokens").text)
    status, page, form = make(browser, scopes=["read", "write"])
    assert status == 200
    assert refused(page) == []
    assert len(SECRET.findall(page)) == 1
    assert not SECRET.search(browser.get("/tokens").text)
    again = browser.post("/tokens", data=form)
    assert (again.status_code, again.headers["location"]) == (303, "/tokens")
    page = browser.get("/tokens").text
    assert page.count("/revoke") == 1
    assert "查阅" in page


def test_what_is_wrong_stands_at_its_field_and_all_is_kept(signed_in: SignIn) -> None:
    status, page, _ = make(signed_in("provider"), name="!!", scopes=[], days="8")
    assert status == 422
    assert page.count('class="error"') == 3
    assert 'value="!!"' in page
    assert not SECRET.search(page)


def test_one_press_ends_it_and_nobody_elses(signed_in: SignIn) -> None:
    owner, other = signed_in("provider"), signed_in("seeker")
    make(owner)
    address = re.search(r'action="(/tokens/\w+/revoke)"', owner.get("/tokens").text)
    assert address is not None
    assert other.post(address[1]).status_code == 404
    assert owner.post(address[1]).headers["location"] == "/tokens"
    page = owner.get("/tokens").text
    assert "已吊销" in text_of(page)
    assert "/revoke" not in page


def test_in_english(signed_in: SignIn) -> None:
    browser = signed_in("broker")
    browser.cookies.set("lang", "en")
    assert "Your tokens" in browser.get("/tokens").text
    assert "Copy it now" in make(browser, name="nightly")[1]
