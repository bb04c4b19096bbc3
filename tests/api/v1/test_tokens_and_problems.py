"""Who may ask: tokens, scopes, no cookies; and how the API refuses, in both languages."""

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.v1.app import create_api
from api.v1.problems import STATUS, wanted_language
from api.v1.refusals import REFUSALS
from matching import tokens
from matching.access import Actor
from matching.discovery import SearchPage, SearchRequest
from matching.store.database import Database
from tests.api.v1.conftest import Asking
from tests.web.stock import PASSWORD, Stock
from web import i18n
from web.messages import error_text, error_title
from web.services import Services, WebSettings
from web.wording import errors as wording


class Broken:
    """A search with a defect."""

    def search(self, actor: Actor, request: SearchRequest, *, address: str = "") -> SearchPage:
        raise RuntimeError("secret detail")


def test_a_wrong_token_is_told_so_even_where_visitors_may_read(app: FastAPI) -> None:
    for header in ("Bearer zm_nobody", "Bearer", "Basic eDp5", "zm_x", "Bearer " + "x" * 5000):
        client = TestClient(app, headers={"Authorization": header}, raise_server_exceptions=False)
        answer = client.get("/api/v1/zones")
        assert answer.status_code == 401
        assert answer.json()["code"] == "bad_token"
        assert answer.headers["www-authenticate"] == 'Bearer realm="ZoneMatch", error="invalid_token"'


def test_who_sends_none_is_told_how(asking: Asking) -> None:
    answer = asking()("GET", "/my/results")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_needed")
    assert answer.headers["www-authenticate"] == 'Bearer realm="ZoneMatch"'
    assert "令牌" in asking(language="zh").problem("GET", "/my/results", 401)["detail"]


def test_a_revoked_token_stops_at_once(asking: Asking, database: Database) -> None:
    provider = asking("provider", "read")
    provider.get("/my/results")
    with database.write() as unit:
        held = tokens.holder(unit.session, provider.secret or "", unit.now())
        assert held is not None
        assert held.is_due is False, "the use was noted"
        mine = tokens.mine(unit.session, held.actor, unit.now())
        tokens.revoke(unit, held.actor, mine[0].public_id)
        unit.commit()
    assert provider.problem("GET", "/my/results", 401)["code"] == "bad_token"


def test_scopes_narrow(asking: Asking) -> None:
    found = asking("provider", "write").problem("GET", "/my/results", 403)
    assert (found["code"], found["detail"]) == ("scope_needed", "This needs a token with the scope “read”.")
    challenge = asking("provider", "write")("GET", "/my/results").headers["www-authenticate"]
    assert challenge.endswith('error="insufficient_scope", scope="read"')
    chinese = asking("provider", "write", language="zh").problem("GET", "/zones", 403)
    assert "范围" in chinese["detail"]


def test_cookies_are_no_authority_here(app: FastAPI, stock: Stock) -> None:
    browser = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
    assert browser.post("/sign-in", data={"login": "provider", "password": PASSWORD}).status_code == 303
    assert browser.get("/mine").status_code == 200
    assert browser.get("/api/v1/my/results").status_code == 401
    assert browser.get(f"/api/v1/results/{stock.listings['draft']}").status_code == 404


def test_wrong_addresses_and_methods_are_problems_too(asking: Asking) -> None:
    visitor = asking()
    assert visitor.problem("GET", "/nothing", 404)["title"] == "There is no such page"
    for path in ("/zones/", "/zones/a%0Ab"):
        assert visitor.problem("GET", path, 404)["code"] == "not_found"
    assert visitor.problem("DELETE", "/zones", 405)["code"] == "no_such_method"
    assert visitor("DELETE", "/zones").headers["allow"] == "GET"
    assert visitor.problem("POST", "/zones", 403, headers={"Origin": "http://elsewhere.example"})["code"] == "cross_site"
    assert visitor.problem("POST", "/zones", 413, content=b"x" * (1024 * 1024 + 1))["code"] == "too_large"


def test_pages_keep_their_own_errors(app: FastAPI) -> None:
    client = TestClient(app, raise_server_exceptions=False)
    assert "<html" in client.get("/nothing-here").text
    assert client.post("/sign-in", data={}, headers={"Sec-Fetch-Site": "cross-site"}).text == "cross-site request refused\n"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh_CN"),
        ("en", "en"),
        ("en-GB,zh;q=0.9", "en"),
        ("zh-TW;q=0.8, en;q=0.7", "zh_CN"),
        ("fr, en;q=0.1", "en"),
        ("fr", "zh_CN"),
        ("en;q=0", "zh_CN"),
        ("en;q=x, ,;;,*", "zh_CN"),
    ],
)
def test_the_language_is_what_the_header_likes_best(header: str | None, language: str) -> None:
    assert wanted_language(header) == language


def test_every_refusal_of_the_edge_is_worded_and_has_a_status() -> None:
    for kind in REFUSALS:
        assert kind in STATUS
        assert kind.__name__ in wording.TITLES
        assert kind.code in wording.TEXTS
        for language in i18n.LANGUAGES:
            with i18n.speaking(language):
                error = kind(scope="read", limit=1, media="application/json")
                assert "–" not in error_text(error)
                assert error_title(error)


def test_defects_tell_nothing(database: Database) -> None:
    api = create_api(Services(database=database, settings=WebSettings(), discovery=Broken()))
    answer = TestClient(api, raise_server_exceptions=False).get("/search?q=x", headers={"Accept-Language": "en"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "internal"
    assert "secret detail" not in answer.text


def test_single_things_carry_a_tag(asking: Asking, stock: Stock) -> None:
    path = f"/results/{stock.listings['paste']}"
    answer = asking()("GET", path)
    tag = answer.headers["etag"]
    assert answer.headers["vary"] == "Authorization, Accept-Language"
    assert answer.headers["content-language"] == "en"
    again = asking()("GET", path, headers={"If-None-Match": tag})
    assert (again.status_code, again.text) == (304, "")
    for known in (f"W/{tag}", f'"x", {tag}', "*"):
        assert asking()("GET", path, headers={"If-None-Match": known}).status_code == 304
    assert asking()("GET", path, headers={"If-None-Match": '"x"'}).status_code == 200
    own = asking("provider")("GET", path)
    assert own.headers["etag"].startswith(f'"{own.json()["inside"]["version"]}-')
    assert own.headers["cache-control"] == "no-store"
    assert asking()("GET", "/zones/changzhou").headers["etag"]
