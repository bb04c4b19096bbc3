"""What helps while writing: the form kept as it is typed, a preview, a copy of an earlier entry, figures found in the text."""

import pytest
from starlette.testclient import TestClient

from matching.model import TypedForm
from matching.store.database import Database
from tests.web.conftest import SignIn
from tests.web.stock import Stock
from tests.web.writing import Sent, form_of, send

TEXT = "湿重已降下来。接触电阻率≤0.9 mΩ·cm²；单片银耗不超过70 mg。"


def keep(browser: TestClient, form: Sent, **changes: str) -> tuple[int, str]:
    """What the page sends while somebody types."""
    fields = form | {name: [value] for name, value in changes.items()}
    answer = browser.post(f"/forms/{form['form_key'][0]}", data=fields, headers={"HX-Request": "true"})
    return answer.status_code, answer.text


def test_a_new_form_is_kept_as_typed_and_goes_on_later(signed_in: SignIn, database: Database) -> None:
    browser = signed_in("provider")
    form = form_of(browser.get("/results/new").text)
    status, told = keep(browser, form, title="半句", price_min="六十左", summary=TEXT)
    assert (status, "保存" in told, "接触电阻率" in told) == (200, True, True)
    key = form["form_key"][0]
    assert f"/results/new?form={key}" in browser.get("/mine?kind=result").text
    again = form_of(browser.get(f"/results/new?form={key}").text)
    assert (again["title"], again["price_min"], again["form_key"]) == (["半句"], ["六十左"], [key])
    assert again["form_token"] != form["form_token"]
    assert send(browser, "/results/new", "draft", {"price_min": "60"}, form=again).status_code == 303
    with database.read() as session:
        assert session.get(TypedForm, key) is None


def test_a_form_that_was_taken_does_not_come_back(signed_in: SignIn, database: Database) -> None:
    browser = signed_in("provider")
    form = form_of(browser.get("/results/new").text)
    assert send(browser, "/results/new", "draft", {"title": "已存的草稿"}, form=form).status_code == 303
    assert keep(browser, form, title="迟到的一次")[0] == 200
    with database.read() as session:
        assert session.get(TypedForm, form["form_key"][0]) is None


def test_an_edit_is_kept_beside_the_listing_and_can_be_thrown_away(signed_in: SignIn, stock: Stock) -> None:
    browser, id_ = signed_in("seeker"), stock.listings["silver"]
    address = f"/listings/{id_}/edit"
    form = form_of(browser.get(address).text)
    assert keep(browser, form, title="改了一半")[0] == 200
    assert "改了一半" not in browser.get(f"/needs/{id_}").text
    assert form_of(browser.get(address).text)["title"] == ["改了一半"]
    assert form_of(signed_in("staff").get(address).text)["title"] == form["title"]
    assert browser.post(f"/forms/{form['form_key'][0]}/forget", data={"next": address}).status_code == 303
    assert form_of(browser.get(address).text)["title"] == form["title"]


def test_nobody_else_reads_or_keeps_a_form(signed_in: SignIn, client: TestClient, stock: Stock) -> None:
    form = form_of(signed_in("provider").get("/results/new").text)
    assert keep(signed_in("provider"), form, title="我的")[0] == 200
    key = form["form_key"][0]
    assert signed_in("seeker").get(f"/results/new?form={key}").status_code == 404
    assert keep(signed_in("seeker"), form, title="你的")[0] == 404
    assert keep(client, form, title="谁的")[0] == 401
    assert keep(signed_in("provider"), form | {"listing": [stock.listings["silver"]]}, kind="need")[0] in (403, 404)


def test_yes_makes_a_row_and_no_is_remembered(signed_in: SignIn) -> None:
    browser = signed_in("provider")
    form = form_of(browser.get("/results/new").text)
    page = send(browser, "/results/new", "look", {"title": "银浆", "summary": TEXT}, form=form).text
    yes = [each.split('"')[0] for each in page.split('value="yes:')[1:]]
    assert len(yes) == 2
    taken = send(browser, "/results/new", f"yes:{yes[0]}", {}, form=form_of(page)).text
    rows = form_of(taken)
    assert (rows["indicators-0-name"], rows["indicators-0-value"]) == (["接触电阻率"], ["0.9"])
    refused = form_of(send(browser, "/results/new", f"no:{yes[1]}", {}, form=rows).text)
    assert refused["declined"] == [yes[1]]
    saved = send(browser, "/results/new", "draft", {}, form=refused)
    stored = browser.get(saved.headers["location"]).text
    assert form_of(stored)["declined"] == [yes[1]]
    assert stored.split('value="yes:')[1:] == []


def test_a_preview_shows_the_page_and_writes_nothing(signed_in: SignIn) -> None:
    browser = signed_in("seeker")
    typed = {
        "title": "预览用的需求",
        "detail": "需要把单耗降下来",
        "floor_price_min": "70",
        "budget_min": "80",
        "policy": ["clean"],
    }
    page = send(browser, "/needs/new", "preview", typed)
    assert page.status_code == 200
    for said in ("预览用的需求", "需要把单耗降下来", "清洁生产", "预算"):
        assert said in page.text
    assert "底价" not in page.text
    assert "预览用的需求" not in browser.get("/mine?kind=need").text


@pytest.mark.parametrize("number", ["1e400", "七"])
def test_a_preview_leaves_out_what_is_no_number(signed_in: SignIn, number: str) -> None:
    typed = {"title": "预览用的需求", "indicators-0-name": "单耗", "indicators-0-value": number}
    page = send(signed_in("seeker"), "/needs/new", "preview", typed)
    assert page.status_code == 200
    assert "单耗" in page.text


def test_an_own_entry_is_copied_and_another_is_not(signed_in: SignIn, stock: Stock) -> None:
    browser = signed_in("seeker")
    source = form_of(browser.get(f"/listings/{stock.listings['silver']}/edit").text)
    copied = form_of(browser.get(f"/needs/new?from={stock.listings['silver']}").text)
    assert (copied["title"], copied["detail"]) == (source["title"], source["detail"])
    assert (copied["seen_version"], copied["valid_until"]) == ([""], [""])
    assert signed_in("provider").get(f"/needs/new?from={stock.listings['silver']}").status_code == 404
