"""The pages of organisations and people: who sees them, what they refuse, and the password for one use."""

import re

from sqlmodel import col, select
from starlette.testclient import TestClient

from matching.model import Organisation, Person
from matching.store.database import Database
from tests.web.conftest import SignIn
from tests.web.markup import text_of
from tests.web.stock import PASSWORD, Stock
from tests.web.writing import form_of

GIVEN, CHOSEN = "given out once 7", "chosen by herself 8"


def test_who_may_see_them(client: TestClient, signed_in: SignIn) -> None:
    assert client.get("/people").headers["location"].startswith("/sign-in")
    provider, staff, admin = (signed_in(each) for each in ("provider", "staff", "admin"))
    assert provider.get("/organisations").status_code == 403
    assert provider.get("/people").status_code == 403
    assert staff.get("/people").status_code == 403
    assert "昆山测试机器人" not in staff.get("/organisations").text
    assert "常州测试光伏" in staff.get("/organisations").text
    assert "昆山测试机器人" in admin.get("/organisations?q=机器人").text
    assert "provider 王" in admin.get("/people?q=prov").text
    admin.cookies.set("lang", "en")
    assert "Add a person" in admin.get("/people").text


def test_an_organisation_is_added_changed_and_closed(signed_in: SignIn, database: Database, stock: Stock) -> None:
    admin = signed_in("admin")
    refused = admin.post("/organisations/-new", data={"name": "", "kind": "enterprise", "credit_code": "123", "city": "南通"})
    assert refused.status_code == 422
    assert 'value="南通"' in refused.text
    made = admin.post("/organisations/-new", data={"name": "南通某公司", "kind": "enterprise", "zone": "nantong", "city": "南通"})
    assert made.status_code == 303
    here = made.headers["location"]
    sent = {"name": "南通某某公司", "kind": "enterprise", "zone": "nantong", "city": "南通", "seen_version": "1"}
    assert admin.post(here, data=sent).status_code == 303
    late = admin.post(here, data=sent | {"name": "晚了一步"})
    assert late.status_code == 409
    assert 'value="晚了一步"' in late.text
    cells = f"/organisations/{stock.organisations['cells']}"
    assert signed_in("staff").post(f"{cells}/deactivate").status_code == 303
    assert "已停用" in text_of(admin.get(cells).text)
    assert signed_in("seeker").get("/needs/new").status_code == 403
    assert admin.post(f"{cells}/activate").status_code == 303
    assert signed_in("seeker").get("/needs/new").status_code == 200
    with database.read() as session:
        assert session.exec(select(Organisation.name).where(Organisation.city == "南通")).all() == ["南通某某公司"]


def test_a_person_comes_in_with_a_password_for_one_use(signed_in: SignIn, client: TestClient, database: Database) -> None:
    admin = signed_in("admin")
    form = admin.get("/people/-new").text
    assert re.search(r'name="password"[^>]*value="[2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4}"', form)
    sent = {"login": "nova", "name": "新 同事", "password": GIVEN, "role": "zone_staff", "zone": ""}
    refused = admin.post("/people/-new", data=sent)
    assert refused.status_code == 422
    assert 'value="nova"' in refused.text
    made = admin.post("/people/-new", data=sent | {"zone": "nantong", "organisation": "leftover"})
    assert made.status_code == 303
    assert client.post("/sign-in", data={"login": "nova", "password": GIVEN}).status_code == 303
    for path in ("/", "/reference", "/people"):
        assert client.get(path).headers["location"] == "/password"
    assert client.post("/zones/nantong/decide", data={}).headers["location"] == "/password"
    assert "一次性密码" in client.get("/password").text
    shown = admin.get(made.headers["location"]).text
    assert re.search(r"<details><summary>重新设置一次性密码", shown), "another password is not taken for the one that was given"
    wrong = client.post("/password", data={"password": CHOSEN, "password_again": "x"})
    assert wrong.status_code == 422
    assert CHOSEN not in wrong.text
    assert client.post("/password", data={"password": CHOSEN, "password_again": CHOSEN}).status_code == 303
    assert 'class="record-form"' in client.get("/reference/zones/nantong").text
    here = made.headers["location"]
    with database.read() as session:
        assert not session.exec(select(Person).where(Person.login == "nova")).one().one_time_password
    assert admin.post(f"{here}/deactivate").status_code == 303
    assert client.get("/reference").headers["location"].startswith("/sign-in"), "signed out at once"


def test_roles_begin_and_end_and_one_administrator_stays(signed_in: SignIn, database: Database) -> None:
    admin = signed_in("admin")
    with database.read() as session:
        ids = {row.login: row.public_id for row in session.exec(select(Person)).all()}
    staff = f"/people/{ids['staff']}"
    assert admin.post(f"{staff}/join", data={"role": "broker", "zone": "kunshan"}).status_code == 303
    page = admin.get(staff).text
    assert "昆山高新区" in page
    held = re.findall(r'name="membership" value="(\d+)"', page)
    assert admin.post(f"{staff}/end", data={"membership": held[-1]}).status_code == 303
    assert admin.get(staff).text.count('name="membership"') == len(held) - 1
    missing = admin.post(f"{staff}/join", data={"role": "seeker"})
    assert missing.status_code == 422
    own = f"/people/{ids['admin']}"
    [last] = re.findall(r'name="membership" value="(\d+)"', admin.get(own).text)
    for job, sent in (("end", {"membership": last}), ("deactivate", {})):
        answer = admin.post(f"{own}/{job}", data=sent, follow_redirects=True)
        assert "最后一名管理员" in answer.text
    assert admin.post(f"{own}/burn").status_code == 404


def test_a_session_that_ended_keeps_these_forms(client: TestClient, signed_in: SignIn, stock: Stock, database: Database) -> None:
    admin = signed_in("admin")
    person = f"/people/{_public_id(database, 'broker')}"
    for address, sent, kept in (
        ("/organisations/-new", {"name": "断线前填的单位", "kind": "institute", "city": "镇江"}, ["断线前填的单位", "镇江"]),
        (f"/organisations/{stock.organisations['cells']}", {"name": "断线前改的名", "seen_version": "1"}, ["断线前改的名"]),
        ("/people/-new", {"login": "newcomer", "name": "断线前填的人", "password": GIVEN}, ["newcomer", "断线前填的人"]),
        (f"{person}/change", {"login": "renamed", "name": "改名"}, ["renamed", "改名"]),
    ):
        asked = client.post(address, data=sent)
        assert asked.status_code == 401, address
        assert "登录后继续" in asked.text
        assert GIVEN not in asked.text, "a password rides in no hidden field"
        carried = form_of(asked.text, None)
        again = TestClient(admin.app, follow_redirects=False).post(
            address, data={**carried, "login": "admin", "password": PASSWORD, "do": "sign_in"}
        )
        assert again.status_code == 200, address
        for each in kept:
            assert f'value="{each}"' in again.text, (address, each)
        assert 'value="admin"' not in again.text, "the account that signed in is not the one that was typed"
    with database.read() as session:
        assert not session.exec(select(Organisation).where(col(Organisation.name).contains("断线前"))).all()
        assert not session.exec(select(Person).where(col(Person.login).in_(["newcomer", "renamed"]))).all()


def test_who_writes_over_a_newer_version_sees_it_first(signed_in: SignIn, stock: Stock, database: Database) -> None:
    admin = signed_in("admin")
    here = f"/organisations/{stock.organisations['cells']}"
    form = form_of(admin.get(here).text, None)
    assert admin.post(here, data={**form, "city": ["常州新北"]}).status_code == 303
    late = admin.post(here, data={**form, "name_en": ["Cells of Changzhou"]})
    assert late.status_code == 409
    assert "城市：常州新北" in text_of(late.text)
    again = form_of(late.text, None)
    assert (again["city"], again["name_en"]) == (["常州新北"], ["Cells of Changzhou"]), "both words are kept"
    assert admin.post(here, data=again).status_code == 303
    person = f"/people/{_public_id(database, 'broker')}"
    seen = {"seen-login": "broker", "seen-name": "broker 王"}
    assert admin.post(f"{person}/change", data={**seen, "login": "broker", "name": "王一"}).status_code == 303
    late = admin.post(f"{person}/change", data={**seen, "login": "broker", "name": "王二"})
    assert late.status_code == 409
    assert "（您填写的是：王二）" in text_of(late.text)
    assert 'value="王二"' in late.text


def test_a_refusal_keeps_what_was_typed(signed_in: SignIn, stock: Stock) -> None:
    staff = signed_in("staff")
    here = f"/organisations/{stock.organisations['cells']}"
    form = form_of(staff.get(here).text, None)
    refused = staff.post(here, data={**form, "zone": ["kunshan"], "name_en": ["Moved away"]})
    assert refused.status_code == 403
    assert 'value="Moved away"' in refused.text
    assert (
        staff.post("/organisations/-new", data={"name": "越区新增", "kind": "enterprise", "zone": "kunshan"}).status_code == 403
    )


def _public_id(database: Database, login: str) -> str:
    with database.read() as session:
        return session.exec(select(Person.public_id).where(Person.login == login)).one()
