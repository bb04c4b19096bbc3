"""Confirming and rejecting industries: in place for htmx, by redirect without a script, and only by those who may."""

from starlette.testclient import TestClient

from matching.model import ListingState
from matching.store.database import Database
from tests.web.conftest import SignIn
from tests.web.markup import refused, text_of
from tests.web.stock import Stock
from tests.web.test_editing import stored
from tests.web.writing import NEED, public_id, send

FRAGMENT = {"HX-Request": "true"}


def states(database: Database, id_: str) -> dict[str, str]:
    return {each.code: each.state.value for each in stored(database, id_).industries}


def test_box_is_replaced_in_place_and_says_so(signed_in: SignIn, database: Database, stock: Stock) -> None:
    provider = signed_in("provider")
    id_ = stock.listings["suggested"]
    box = provider.get(f"/listings/{id_}/industries", headers=FRAGMENT)
    assert "<html" not in box.text
    assert refused(box.text) == []
    assert "文中写有“粉尘”。" in text_of(box.text)
    assert 'name="confirm" value="safety"' in box.text
    answer = provider.post(f"/listings/{id_}/industries", data={"confirm": "safety"}, headers=FRAGMENT)
    assert answer.status_code == 200
    assert f'id="industries-{id_}"' in answer.text
    assert "待确认" not in answer.text
    assert "产业已保存" in text_of(answer.text)
    assert states(database, id_) == {"safety": "confirmed"}
    assert "<html" not in provider.post(f"/listings/{id_}/industries", data={"reject": "safety"}, headers=FRAGMENT).text
    assert states(database, id_) == {"safety": "rejected"}


def test_without_a_script_the_page_comes_back(signed_in: SignIn, database: Database, stock: Stock) -> None:
    provider = signed_in("provider")
    id_ = stock.listings["suggested"]
    answer = provider.post(f"/listings/{id_}/industries", data={"reject": "safety", "next": f"/results/{id_}"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/results/{id_}")
    assert states(database, id_) == {"safety": "rejected"}
    away = provider.post(f"/listings/{id_}/industries", data={"confirm": "iot", "next": "//example.org"})
    assert away.headers["location"] == "/"
    assert provider.get(f"/listings/{id_}/industries").headers["location"] == f"/results/{id_}"


def test_only_those_in_charge_decide(signed_in: SignIn, client: TestClient, database: Database, stock: Stock) -> None:
    id_ = stock.listings["suggested"]
    for browser, status in ((signed_in("seeker"), 403), (signed_in("staff"), 403), (client, 401)):
        assert browser.post(f"/listings/{id_}/industries", data={"confirm": "safety"}).status_code == status
    assert signed_in("admin").post(f"/listings/{id_}/industries", data={"confirm": "alchemy"}).status_code == 422
    assert states(database, id_) == {"safety": "suggested"}


def test_box_waits_for_suggestions_that_are_being_made(signed_in: SignIn, database: Database) -> None:
    seeker = signed_in("seeker")
    id_ = public_id(send(seeker, "/needs/new", "submit", NEED))
    assert stored(database, id_).state == ListingState.SUBMITTED
    first = seeker.get(f"/listings/{id_}/industries", headers=FRAGMENT).text
    assert "几秒后显示" in text_of(first)
    assert f'hx-get="/listings/{id_}/industries?after=1"' in first
    last = seeker.get(f"/listings/{id_}/industries?after=5", headers=FRAGMENT).text
    assert "hx-get" not in last


def test_owner_finds_the_box_on_the_listing_s_page_and_readers_do_not(
    signed_in: SignIn, client: TestClient, stock: Stock
) -> None:
    address = f"/results/{stock.listings['suggested']}"
    page = signed_in("provider").get(address).text
    assert refused(page) == []
    assert 'name="confirm" value="safety"' in page
    assert f'name="next" value="{address}"' in page
    for browser in (signed_in("seeker"), client):
        shown = browser.get(address).text
        assert 'name="confirm"' not in shown
        assert "安全装备" in shown
