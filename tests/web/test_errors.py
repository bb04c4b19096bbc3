"""The error tree as pages: status, wording in both languages, and no way to fail twice."""

import ast
import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

import matching
from matching import errors
from matching.access import TABLE
from matching.errors import FieldError, ZoneMatchError
from tests.web.markup import refused, text_of
from web import i18n
from web.errors import status_of
from web.messages import action_name, error_text, error_title, field_error_text
from web.wording import errors as wording

COMMAND_LINE = ("dataset_", "folds_")
"""Codes of `zonematch evaluate`, which no page can raise."""

EXAMPLES: dict[type[ZoneMatchError], tuple[ZoneMatchError, int, str]] = {
    errors.InvalidInput: (errors.InvalidInput(FieldError("title", "required")), 422, "尚未保存"),
    errors.NotFound: (errors.NotFound(kind="listing"), 404, "没有这个页面"),
    errors.MayNot: (errors.MayNot(action="verdict.give"), 403, "您的账号不能在本区评级"),
    errors.BadCredentials: (errors.BadCredentials(), 401, "请核对账号和密码"),
    errors.TooManyAttempts: (errors.TooManyAttempts(minutes=7), 429, "7 分钟"),
    errors.StaleRevision: (errors.StaleRevision(seen=2, current=3), 409, "第 3 版"),
    errors.IllegalMove: (errors.IllegalMove(move="publish", state="withdrawn"), 409, "已撤回"),
    errors.UnusableFile: (errors.UnusableFile("no_such_code"), 422, "没有改动任何数据"),
    errors.NotReady: (errors.NotReady("no_such_code", folder="x"), 503, "请一分钟后再试"),
}


@pytest.fixture
def failing(app: FastAPI) -> TestClient:
    """The pages with one more address, which raises what it is told to."""

    def fail(name: str) -> None:
        if name == "defect":
            raise RuntimeError("secret detail of the defect")
        if name == "SignInNeeded":
            raise errors.SignInNeeded()
        raise EXAMPLES[getattr(errors, name)][0]

    app.add_api_route("/fail/{name}", fail, methods=["GET", "POST"])
    return TestClient(app, follow_redirects=False, raise_server_exceptions=False)


@pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.__name__)
def test_each_decision_has_its_page(failing: TestClient, kind: type[ZoneMatchError]) -> None:
    error, status, words = EXAMPLES[kind]
    page = failing.get(f"/fail/{kind.__name__}")
    assert page.status_code == status == status_of(error)
    assert words in text_of(page.text)
    assert "<header" in page.text
    assert refused(page.text) == []
    note = failing.post(f"/fail/{kind.__name__}", headers={"HX-Request": "true"})
    assert note.status_code == status
    assert "<html" not in note.text
    assert words in text_of(note.text)
    failing.cookies.set("lang", "en")
    english = failing.get(f"/fail/{kind.__name__}").text
    assert not re.search(r"[\u4e00-\u9fff]", text_of(english[english.index("<main") :]))


def test_waiting_is_told_to_machines_too(failing: TestClient) -> None:
    assert failing.get("/fail/TooManyAttempts").headers["retry-after"] == "420"
    assert failing.get("/fail/NotReady").headers["retry-after"] == "60"


def test_a_defect_is_calm_and_tells_no_details(failing: TestClient) -> None:
    page = failing.get("/fail/defect")
    assert page.status_code == 500
    assert "这是系统的故障" in text_of(page.text)
    assert "secret detail" not in page.text


def test_a_visitor_is_sent_to_sign_in_and_back(failing: TestClient) -> None:
    answer = failing.get("/fail/SignInNeeded?a=1&b=2")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Ffail%2FSignInNeeded%3Fa%3D1%26b%3D2"
    note = failing.get("/fail/SignInNeeded", headers={"HX-Request": "true"})
    assert note.status_code == 401
    assert "/sign-in?next=" in note.text


def test_a_form_sent_too_late_is_not_lost(failing: TestClient) -> None:
    page = failing.post("/fail/SignInNeeded")
    assert page.status_code == 401
    assert "填写的内容还在" in text_of(page.text)
    assert 'target="_blank"' in page.text


def test_the_wrong_method_is_a_page_too(client: TestClient) -> None:
    page = client.post("/about")
    assert page.status_code == 404
    assert "没有这个页面" in text_of(page.text)


def test_every_class_of_the_tree_is_worded() -> None:
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, ZoneMatchError)]
    assert len(kinds) >= 10
    for kind in kinds:
        assert kind.code in wording.TEXTS
        assert kind is ZoneMatchError or kind.__name__ in wording.TITLES


def raised_in(room: Path) -> tuple[set[str], set[str]]:
    """The codes that the sources of a room give to field errors, and to errors of the tree."""
    kinds = {name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, ZoneMatchError)}
    field_codes: set[str] = set()
    codes: set[str] = set()
    for path in room.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            function = ast.unparse(call.func)
            if function == "FieldError" or function.endswith(("problems.add", "_refuse")):
                given = call.args[1:2] if not function.endswith("_refuse") else call.args[:1]
                # a choice between two codes is an expression whose branches are constants
                found = [each for arg in given for each in ([arg.body, arg.orelse] if isinstance(arg, ast.IfExp) else [arg])]
                field_codes |= {each.value for each in found if isinstance(each, ast.Constant) and isinstance(each.value, str)}
            if function in kinds and call.args and isinstance(call.args[0], ast.Constant):
                codes.add(str(call.args[0].value))
    return field_codes, codes


def test_every_code_that_the_business_raises_is_worded() -> None:
    field_codes, codes = raised_in(Path(matching.__file__).parent)
    assert len(field_codes) > 40
    assert len(codes) > 8
    assert {each for each in field_codes if each not in wording.FIELD_TEXTS and not each.startswith(COMMAND_LINE)} == set()
    assert {each for each in codes if each not in wording.TEXTS} == set()


def test_every_action_of_the_access_table_is_worded() -> None:
    with i18n.speaking("en"):
        general = action_name("no.such.action")
        assert {action for action in TABLE if action_name(action) == general} == set()


def test_a_wording_without_its_values_still_stands() -> None:
    with i18n.speaking("en"):
        assert error_text(errors.StaleRevision()) == wording.TEXTS["stale_revision"] % {"seen": "–", "current": "–"}
        assert field_error_text(FieldError("title", "too_long")) == "At most – characters; you wrote –."
        assert field_error_text(FieldError("title", "no_such_code")) == wording.GENERAL_FIELD_TEXT
        assert error_title(ZoneMatchError("anything")) == wording.GENERAL_TITLE
