"""The pages of the reference data: who sees what, forms that keep what was typed, history, and a zone's decision."""

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from matching.access import SYSTEM
from matching.model import Job, ReferenceChange
from matching.records import editor
from matching.reference import codes, zones
from matching.store.database import Database
from tests.web.conftest import SignIn
from tests.web.markup import text_of


def version_in(page: str) -> str:
    return page.split('name="seen_version" value="')[1].split('"')[0]


def test_a_visitor_signs_in_first(client: TestClient) -> None:
    for path in ("/reference", "/reference/zones", "/reference/zones/nantong", "/zones/nantong/decide"):
        answer = client.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=")
    assert client.get("/reference/zones/nantong", headers={"HX-Request": "true"}).status_code == 401


@pytest.mark.parametrize("login", ["provider", "broker", "staff", "admin"])
def test_everybody_who_is_signed_in_reads(signed_in: SignIn, login: str) -> None:
    browser = signed_in(login)
    assert "代码表" in text_of(browser.get("/reference").text)
    for path, words in (
        ("/reference/zones", "苏州工业园区"),
        ("/reference/industries?q=钙钛矿", "光伏"),
        ("/reference/regions", "江阴市"),
        ("/reference/groupings/park-taicang", "太仓"),
        ("/reference/codes.maturity/pilot", "中试"),
        ("/reference/codes.clause/3-undecided", "尽快确定产业发展主攻点"),
    ):
        page = browser.get(path)
        assert page.status_code == 200
        assert words in page.text
        assert ('class="record-form"' in page.text) == (login == "admin" and path.count("/") == 3)
    assert ("管理</a>" in browser.get("/zones").text) == (login in ("staff", "admin"))


def test_unknown_kinds_and_records_are_not_there(signed_in: SignIn) -> None:
    browser = signed_in("admin")
    for path in ("/reference/stars", "/reference/codes.stars", "/reference/zones/atlantis", "/reference/stars/-new"):
        assert browser.get(path).status_code == 404
    assert browser.post("/reference/zones/sip/burn").status_code == 404


def test_a_change_is_kept_shown_and_taken_back(signed_in: SignIn, database: Database) -> None:
    browser = signed_in("admin")
    page = browser.get("/reference/codes.decline_reason/price")
    sent = {"name": "价格不合适", "name_en": "Price", "shown": "teaches", "teaches": "yes", "seen_version": version_in(page.text)}
    answer = browser.post("/reference/codes.decline_reason/price", data=sent)
    assert answer.status_code == 303
    with database.read() as session:
        reason = codes(session, "decline_reason")["price"]
        made = session.exec(select(ReferenceChange.id)).one()
    assert (reason.name, reason.facts) == ("价格不合适", {"teaches": True})
    shown = text_of(browser.get("/reference/codes.decline_reason/price").text)
    assert "admin 王" in shown
    assert "用于改进匹配：否 → 是" in shown
    assert browser.post("/reference/codes.decline_reason/price/undo", data={"change": made}).status_code == 303
    with database.read() as session:
        assert codes(session, "decline_reason")["price"].name == "价格不合"
    again = browser.post("/reference/codes.decline_reason/price/undo", data={"change": made}, follow_redirects=True)
    assert "无法撤销" in again.text


def test_what_is_refused_stands_in_the_form_as_typed(signed_in: SignIn) -> None:
    browser = signed_in("admin")
    sent = {"code": "光", "name": "光伏", "name_en": "", "keywords": "钙钛矿，叠层", "parent": "pv"}
    page = browser.post("/reference/industries/-new", data=sent)
    assert page.status_code == 422
    text = text_of(page.text)
    assert "以字母或数字开头" in text
    assert "已被" in text
    assert "钙钛矿，叠层" in page.text
    assert '<option value="pv" selected>' in page.text


def test_a_form_sent_twice_makes_one_record(signed_in: SignIn, database: Database) -> None:
    browser = signed_in("admin")
    token = browser.get("/reference/groupings/-new").text.split('name="form_token" value="')[1].split('"')[0]
    sent = {"form_token": token, "code": "park-h2", "kind": "park", "name": "氢能国际园", "name_en": "Hydrogen Park"}
    first, second = (browser.post("/reference/groupings/-new", data=sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"] == "/reference/groupings/park-h2"
    with database.read() as session:
        assert len(session.exec(select(ReferenceChange).where(ReferenceChange.key == "park-h2")).all()) == 1


def test_who_saves_an_older_version_sees_the_newer_and_loses_nothing(signed_in: SignIn, database: Database) -> None:
    browser = signed_in("admin")
    held = browser.get("/reference/regions/320500").text
    with database.write() as unit:
        editor.change(unit, SYSTEM, "regions", "320500", {"source": "GB/T 2260-2007"})
        unit.commit()
    sent = {"name": "姑苏市", "name_en": "Suzhou", "parent": "320000", "source": "GB/T 2260", "position": "9"}
    seen = version_in(held)
    page = browser.post("/reference/regions/320500", data={**sent, "seen_version": seen})
    assert page.status_code == 409
    assert 'value="姑苏市"' in page.text
    assert 'value="GB/T 2260-2007"' in page.text, "a field left alone takes the newer value"
    assert "期间已有他人修改" in page.text
    sent |= {"source": "GB/T 2260-2007", "seen_version": version_in(page.text)}
    assert browser.post("/reference/regions/320500", data=sent).status_code == 303


def test_a_session_that_ended_keeps_the_form(client: TestClient, signed_in: SignIn) -> None:
    page = client.post("/reference/regions/320500", data={"name": "姑苏市", "seen_version": "1"})
    assert page.status_code == 401
    assert 'name="name" value="姑苏市"' in page.text
    again = client.post(
        "/reference/regions/320500",
        data={"name": "姑苏市", "seen_version": "1", "login": "admin", "password": "correct horse 9", "do": "sign_in"},
    )
    assert again.status_code == 200
    assert 'value="姑苏市"' in again.text


def test_staff_write_their_own_zone_alone(signed_in: SignIn) -> None:
    browser = signed_in("staff")
    assert 'class="record-form"' in browser.get("/reference/zones/changzhou").text
    assert 'class="record-form"' not in browser.get("/reference/zones/kunshan").text
    assert browser.post("/reference/zones/kunshan", data={"city": "x", "seen_version": "1"}).status_code == 403
    assert browser.get("/reference/zones/-new").status_code == 403
    assert browser.post("/reference/zones/changzhou", data={"city": "常州市", "seen_version": "1"}).status_code == 303


def test_retired_values_are_offered_no_more(signed_in: SignIn) -> None:
    browser = signed_in("admin")
    seen = {"seen_version": "1"}
    assert browser.post("/reference/codes.cooperation/21/retire", data=seen).status_code == 303
    assert "股权融资" not in browser.get("/results/new").text
    assert "股权融资" not in browser.get("/reference/codes.cooperation").text
    assert "股权融资" in browser.get("/reference/codes.cooperation?show=all").text
    browser.post("/reference/codes.cooperation/21/restore", data={"seen_version": "2"})
    assert "股权融资" in browser.get("/results/new").text


def test_an_undecided_zone_says_so_and_decides(signed_in: SignIn, client: TestClient, database: Database) -> None:
    admin = signed_in("admin")
    sent = {"name": "南通高新区", "name_en": "Nantong High-tech Zone", "candidate": "software", "seen_version": "1"}
    assert admin.post("/reference/zones/nantong", data=sent).status_code == 303
    for path in ("/", "/zones", "/zones/nantong"):
        shown = text_of(client.get(path).text)
        assert "候选产业，尚未确定" in shown, path
    page = admin.get("/zones/nantong/decide").text
    assert "重点在高端装备制造、高端软件" in page, "the clause is quoted"
    assert page.count('type="radio" name="industry"') == 6
    assert "已以此为特色：泰州医药高新区" in text_of(page)
    refused = admin.post(
        "/zones/nantong/decide", data={"industry": "equipment", "decided_on": "soon", "source": "", "seen_version": "2"}
    )
    assert refused.status_code == 422
    assert 'value="equipment" checked' in refused.text.replace(' id="f-industry"', "")
    decision = {"industry": "equipment", "decided_on": "2026-01-05", "source": "通政发〔2026〕1号", "seen_version": "2"}
    assert admin.post("/zones/nantong/decide", data=decision).headers["location"] == "/zones/nantong"
    with database.read() as session:
        zone = next(each for each in zones(session) if each.code == "nantong")
        assert session.exec(select(Job.key).where(Job.kind == "match_zone")).all() == ["nantong"]
    assert zone.industry is not None
    assert zone.industry.code == "equipment"
    assert "通政发〔2026〕1号" in admin.get("/zones/nantong/decide").text
    assert signed_in("staff").post("/zones/wujin/decide", data=decision).status_code == 403
    assert admin.post("/zones/nantong/decide", data=decision).status_code in (409, 422)


def test_both_languages(signed_in: SignIn) -> None:
    browser = signed_in("admin")
    browser.cookies.set("lang", "en")
    for path in ("/reference", "/reference/zones", "/reference/codes.undecided_choice", "/zones/nantong/decide"):
        page = browser.get(path)
        assert page.status_code == 200
        assert "Administration" in page.text
    assert "choosing mainly among strategic emerging industries" in page.text
