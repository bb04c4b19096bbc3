"""An entry that names what is no longer offered: its form shows it, keeps it, and says so; nobody takes it anew."""

from starlette.testclient import TestClient

from matching import listing_views
from matching.access import SYSTEM
from matching.content import Content
from matching.store.database import Database
from tests.web.conftest import SignIn
from tests.web.markup import text_of
from tests.web.writing import NEED, RESULT, errors_at, form_of, public_id, send

VALUES = ("codes.maturity/pilot", "codes.cooperation/02", "codes.ip_kind/invention", "codes.landmark/major", "industries/pv")
SENT = {**RESULT, "maturity": "pilot", "modes": ["02", "03"], "landmark": ["major"], "industries": ["pv"]}


def stored(database: Database, public_id: str) -> Content:
    with database.read() as session:
        return listing_views.page(session, SYSTEM, public_id, latest=True).content


def retire(admin: TestClient, *records: str) -> None:
    for each in records:
        assert admin.post(f"/reference/{each}/retire", data={"seen_version": "1"}).status_code == 303, each


def test_what_stands_in_an_entry_stays_and_is_marked(signed_in: SignIn, database: Database) -> None:
    browser = signed_in("provider")
    made = public_id(send(browser, "/results/new", "draft", SENT))
    retire(signed_in("admin"), *VALUES)
    page = browser.get(f"/listings/{made}/edit").text
    form = form_of(page)
    assert [form["maturity"], form["modes"], form["landmark"], form["industries"], form["ip-0-kind"]] == [
        ["pilot"], ["02", "03"], ["major"], ["pv"], ["invention"],
    ]  # fmt: skip
    shown = text_of(page)
    for name in ("中试", "许可使用", "发明专利", "重大", "光伏"):
        assert f"{name}（已停用）" in shown, name
    before = stored(database, made)
    saved = send(browser, f"/listings/{made}/edit", "submit", {"title": "换了标题，其余不动"})
    assert saved.status_code == 303, errors_at(saved.text, "maturity")
    after = stored(database, made)
    assert after.title == "换了标题，其余不动"
    assert (after.maturity, after.trl, after.modes, after.tags, after.ip) == (
        before.maturity, (6, 7), before.modes, before.tags, before.ip,
    )  # fmt: skip
    assert [each.code for each in after.industries] == ["pv"]


def test_nobody_takes_it_anew(signed_in: SignIn) -> None:
    browser = signed_in("provider")
    form = form_of(browser.get("/results/new").text)
    retire(signed_in("admin"), *VALUES)
    assert "（已停用）" not in browser.get("/results/new").text
    refused = send(browser, "/results/new", "draft", SENT, form=form)
    assert refused.status_code == 422
    for field in ("maturity", "modes", "landmark", "industries", "ip-0-kind"):
        assert any("已停用，请另选一项" in each for each in errors_at(refused.text, field)), field
    assert form_of(refused.text)["maturity"] == ["pilot"], "what was typed stands"


def test_an_addressed_zone_that_closed_stays(signed_in: SignIn, database: Database) -> None:
    browser = signed_in("seeker")
    made = public_id(send(browser, "/needs/new", "draft", {**NEED, "addressed_zone": "kunshan"}))
    retire(signed_in("admin"), "zones/kunshan")
    assert "昆山高新区（已停用）" in browser.get(f"/listings/{made}/edit").text
    assert send(browser, f"/listings/{made}/edit", "draft", {"title": "又一版"}).status_code == 303
    assert stored(database, made).addressed_zone_id is not None
    again = send(browser, "/needs/new", "draft", {**NEED, "addressed_zone": "kunshan"})
    assert again.status_code == 422
