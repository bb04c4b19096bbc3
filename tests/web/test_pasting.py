"""Values pasted into a code list: seen first, taken exactly as seen, each with its history."""

import re

import pytest
from starlette.testclient import TestClient

from matching.records.kinds import code_lists
from matching.reference import Code, codes
from matching.store.database import Database
from tests.web.conftest import SignIn
from tests.web.markup import text_of
from tests.web.stock import PASSWORD
from tests.web.writing import form_of

HERE = "/reference/codes.plan_source/-paste"
ROWS = "01\t国家计划\n0101\t国家重点研发计划\tNational key R&D programme\t01\n99\t计划外\n"
SENT = {"text": ROWS, "source": "某办法附表", "version": "2020", "do": "look"}


def plan_in(page: str) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


def values(database: Database, code_list: str) -> dict[str, Code]:
    with database.read() as session:
        return codes(session, code_list)


def test_an_empty_list_is_filled(signed_in: SignIn, database: Database) -> None:
    admin = signed_in("admin")
    assert HERE in admin.get("/reference/codes.plan_source").text, "an empty list leads here"
    seen = admin.post(HERE, data=SENT)
    assert seen.status_code == 200
    assert "新增 3 项" in text_of(seen.text)
    assert values(database, "plan_source") == {}, "looking writes nothing"
    taken = admin.post(HERE, data={**SENT, "do": "take", "digest": plan_in(seen.text)})
    assert taken.status_code == 303
    held = values(database, "plan_source")
    assert [(each.code, each.name, each.name_en, each.source) for each in held.values()] == [
        ("01", "国家计划", "", "某办法附表"),
        ("0101", "国家重点研发计划", "National key R&D programme", "某办法附表"),
        ("99", "计划外", "", "某办法附表"),
    ]
    assert held["0101"].facts == {"parent": "01"}, "a row may name one that is pasted with it"
    shown = text_of(admin.get("/reference/codes.plan_source/0101").text)
    assert "admin 王" in shown
    assert "2020" in shown
    admin.cookies.set("lang", "en")
    assert "国家计划" in admin.get("/reference/codes.plan_source").text, "the Chinese name where no English is known"


def test_headings_order_the_columns_and_only_differences_are_written(signed_in: SignIn, database: Database) -> None:
    admin = signed_in("admin")
    text = "名称,代码,英文名称\n技术转让,01,\n许可（含独占）,02,Licence\n新方式,30,New way\n"
    seen = admin.post("/reference/codes.cooperation/-paste", data={"text": text, "source": "新版", "do": "look"})
    assert "新增 1 项，修改 1 项，不变 1 项" in text_of(seen.text)
    sent = {"text": text, "source": "新版", "do": "take", "digest": plan_in(seen.text)}
    assert admin.post("/reference/codes.cooperation/-paste", data=sent).status_code == 303
    held = values(database, "cooperation")
    assert (held["02"].name, held["30"].name, held["30"].source) == ("许可（含独占）", "新方式", "新版")
    assert held["01"].name_en == "Technology transfer", "an empty cell says nothing"
    again = admin.post("/reference/codes.cooperation/-paste", data=sent)
    assert again.status_code == 409, "pressed twice it is another plan, which writes nothing"


def test_wrong_rows_are_told_and_nothing_is_stored(signed_in: SignIn, database: Database) -> None:
    admin = signed_in("admin")
    text = "01\t甲\n01\t乙\n两字\t丙\n04\t\n05\t戊\t\t77\n"
    answer = admin.post(HERE, data={**SENT, "text": text})
    assert answer.status_code == 422
    shown = text_of(answer.text)
    for told in ("需改正 4 项", "“77”不在列表中"):
        assert told in shown
    assert form_of(answer.text, None)["text"][0].strip() == text.strip(), "what was pasted stands"
    assert 'value="take"' not in answer.text
    assert admin.post(HERE, data={**SENT, "text": text, "do": "take", "digest": "0" * 32}).status_code == 422
    assert admin.post(HERE, data={**SENT, "source": ""}).status_code == 422, "nothing without a source"
    assert admin.post(HERE, data={**SENT, "text": " \n"}).status_code == 422
    assert values(database, "plan_source") == {}


def test_what_changed_meanwhile_is_shown_first(signed_in: SignIn, database: Database) -> None:
    admin = signed_in("admin")
    seen = admin.post(HERE, data=SENT)
    other = {"code": "99", "name": "另有", "name_en": "", "source": "x", "version": "1"}
    assert admin.post("/reference/codes.plan_source/-new", data=other).status_code == 303
    late = admin.post(HERE, data={**SENT, "do": "take", "digest": plan_in(seen.text)})
    assert late.status_code == 409
    assert "新增 2 项，修改 1 项" in text_of(late.text)
    assert list(values(database, "plan_source")) == ["99"]


def test_who_may_and_where(signed_in: SignIn, client: TestClient, database: Database) -> None:
    for login in ("staff", "broker"):
        browser = signed_in(login)
        assert browser.get(HERE).status_code == 403
        assert browser.post(HERE, data=SENT).status_code == 403
    admin = signed_in("admin")
    for kind in ("zones", "codes.code_list", "codes.nothing"):
        assert admin.get(f"/reference/{kind}/-paste").status_code == 404
    asked = client.post(HERE, data=SENT)
    assert asked.status_code == 401
    again = client.post(HERE, data={**form_of(asked.text, None), "login": "admin", "password": PASSWORD, "do": "sign_in"})
    assert "国家重点研发计划" in again.text, "what was pasted comes back"
    assert values(database, "plan_source") == {}


@pytest.mark.parametrize("text", ['"', 'a,b\n"c', "\t\t\t", "01 一项", "x" * 400, "01\t=1+1\t<b>"])
def test_whatever_is_pasted_has_an_answer(signed_in: SignIn, text: str) -> None:
    answer = signed_in("admin").post(HERE, data={**SENT, "text": text})
    assert answer.status_code in (200, 422)
    assert "<b>" not in answer.text.split("</textarea>")[-1]


def test_every_list_can_be_opened_in_both_languages(signed_in: SignIn, database: Database) -> None:
    admin = signed_in("admin")
    with database.read() as session:
        lists = code_lists(session)
    assert len(lists) > 45
    for language in ("zh_CN", "en"):
        admin.cookies.set("lang", language)
        index = text_of(admin.get("/reference").text)
        assert "Kinds of technology contract" in index if language == "en" else "技术合同类型" in index
        for each in lists[:: 1 if language == "en" else 7]:
            page = admin.get(f"/reference/codes.{each}")
            assert page.status_code == 200, each
