"""Desk, verdicts, sheets and long work over the API: whose they are, once under a key, and in pages."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import col, func, select, update

from matching.model import ImportBatch, Listing, Match, Verdict
from matching.store.database import Database
from tests.api.v1.conftest import Asker
from tests.api.v1.conftest import secret_of as narrow_secret
from tests.api.v1.example_requests import BATCH, COMMITTED, PASTE, SHEET, SILVER
from tests.api.v1.example_world import ExampleWorld, secret_of, world
from tests.engines import Told

KEY = {"Idempotency-Key": "once"}
FILE = {"Content-Type": "application/octet-stream"}
UPLOAD = "/imports?kind=result&file_name=a.csv&zone=changzhou&unit=wan"


@pytest.fixture(scope="module")
def around(on_database: None, on_engine_together: Told) -> Iterator[ExampleWorld]:
    with world(on_engine_together) as made:
        yield made


@pytest.fixture
def app(around: ExampleWorld) -> Iterator[FastAPI]:
    with around.app() as app:
        yield app


@pytest.fixture
def database(app: FastAPI) -> Database:
    found: Database = app.state.services.database
    return found


def asker(app: FastAPI, login: str | None = None, language: str = "en") -> Asker:
    return Asker(app, secret_of(login) if login else None, language)


def count(database: Database, table: Any) -> int:
    with database.read() as session:
        return int(session.exec(select(func.count()).select_from(table)).one())


def test_a_desk_is_for_those_who_work_for_the_zone(app: FastAPI) -> None:
    for login, status in ((None, 401), ("provider", 403), ("seeker", 403)):
        for path in ("/zones/changzhou/desk", f"/zones/changzhou/desk/{SILVER}/matches"):
            asker(app, login).problem("GET", path, status)
    asker(app, "broker").problem("GET", "/zones/kunshan/desk", 403)
    asker(app, "broker").problem("GET", "/zones/atlantis/desk", 404)
    desk = asker(app, "broker").get("/zones/changzhou/desk?limit=50")
    assert SILVER in [each["need"]["id"] for each in desk["items"]]
    assert desk["total"] == len(desk["items"])
    assert asker(app, "broker").get(f"/zones/changzhou/desk/{SILVER}/matches?show=judged")["items"][0]["verdict"]["grade"] == 2


def test_the_first_ten_are_reordered_on_request_and_say_so(app: FastAPI, database: Database) -> None:
    with database.write() as unit:
        need = unit.session.exec(select(Listing.id).where(Listing.public_id == SILVER)).one()
        unit.session.execute(update(Match).where(col(Match.need_id) == need).values(level=2))
        unit.session.execute(update(Listing).values(published_at=unit.now() - timedelta(days=400)))
        unit.commit()
    desk, own = f"/zones/changzhou/desk/{SILVER}/matches", f"/needs/{SILVER}/matches"
    plain = asker(app, "broker").get(desk)["items"]
    ids = [each["result"]["id"] for each in plain]
    assert len(ids) > 1
    with database.write() as unit:
        unit.session.execute(update(Listing).where(col(Listing.public_id) == ids[-1]).values(published_at=unit.now()))
        unit.commit()
    up = min(3, len(ids) - 1)
    for login, path in (("broker", desk), ("seeker", own)):
        assert [(each["result"]["id"], each["moved"]) for each in asker(app, login).get(path)["items"]] == [
            (each, None) for each in ids
        ]
        fresh = asker(app, login).get(f"{path}?fresh=1")["items"]
        assert [each["result"]["id"] for each in fresh] == [*ids[: -1 - up], ids[-1], *ids[-1 - up : -1]]
        assert [each["moved"] for each in fresh if each["moved"]] == [{"places": up, "why": "new"}]
        diverse = asker(app, login).get(f"{path}?diverse=true")["items"]
        assert sorted(each["result"]["id"] for each in diverse) == sorted(ids)
        asker(app, login).problem("GET", f"{path}?fresh=perhaps", 422)


def test_a_verdict_is_one_under_its_key_and_can_be_taken_back(app: FastAPI, database: Database) -> None:
    broker, before = asker(app, "broker"), count(database, Verdict)
    body = {"need": SILVER, "result": PASTE, "grade": 1, "reason": "price"}
    answers = [broker("POST", "/zones/changzhou/verdicts", json=body, headers=KEY) for _ in range(2)]
    assert [each.status_code for each in answers] == [200, 200]
    assert answers[0].json()["verdict"]["grade_name"] == "Weak"
    assert count(database, Verdict) == before + 1
    assert broker("POST", "/zones/changzhou/verdicts/undo").json()["grade"] == 1
    assert broker.problem("POST", "/zones/changzhou/verdicts/undo", 409)["code"] == "illegal_move"
    wrong = broker.problem("POST", "/zones/changzhou/verdicts", 422, json=body | {"grade": 7, "reason": "mood"})
    assert {each["pointer"] for each in wrong["errors"]} == {"#/grade", "#/reason"}
    asker(app, "seeker").problem("POST", "/zones/changzhou/verdicts", 403, json=body)
    broker.problem("POST", "/zones/changzhou/verdicts", 404, json=body | {"result": "nobody"})


def test_owners_say_their_word_and_read_only_their_own(app: FastAPI) -> None:
    seeker, provider = asker(app, "seeker"), asker(app, "provider")
    said = seeker("POST", f"/needs/{SILVER}/matches/{PASTE}/word", json={"fits": False, "reason": "price"})
    assert said.json() == {"fits": False, "reason": "price"}
    own = seeker.get(f"/needs/{SILVER}/matches")["items"][0]["words"]
    assert [(each["side"], each["fits"], each["reason"]) for each in own] == [("need", False, "price")]
    assert provider.get(f"/results/{PASTE}/matches")["items"][0]["words"] == []
    provider.problem("POST", f"/needs/{SILVER}/matches/{PASTE}/word", 403, json={"fits": True})
    seeker.problem("POST", f"/needs/{SILVER}/matches/{PASTE}/word", 422, json={"fits": False})
    word = f"/needs/{SILVER}/matches/{PASTE}/word"
    seeker("POST", word, json={"fits": True})
    assert seeker("POST", word, json={"fits": None}).json() == {"fits": False, "reason": "price"}, "the word before it stands"
    assert seeker("POST", word, json={"fits": None}).json() == {"fits": None, "reason": ""}
    assert seeker.get(f"/needs/{SILVER}/matches")["items"][0]["words"] == []
    assert seeker.problem("POST", word, 409, json={"fits": None})["code"] == "nothing_to_undo"


def test_the_same_file_under_the_same_key_is_one_import(app: FastAPI, database: Database) -> None:
    staff, before = asker(app, "staff"), count(database, ImportBatch)
    first, second = (staff("POST", UPLOAD, content=SHEET.encode(), headers=KEY | FILE) for _ in range(2))
    assert (first.status_code, first.json()["id"]) == (201, second.json()["id"])
    assert count(database, ImportBatch) == before + 1
    assert staff.get(first.headers["location"].removeprefix("/api/v1"))["total_rows"] == 2
    changed = staff.problem("POST", UPLOAD, 422, content=SHEET.replace("18", "17").encode(), headers=KEY | FILE)
    assert changed["code"] == "key_reused"
    assert list(app.state.services.sheets.folder.glob("*.upload")) == []


def test_files_that_cannot_be_read_are_told_in_the_words_of_the_pages(app: FastAPI) -> None:
    staff = asker(app, "staff")
    for content, name, code in ((b"", "a.csv", "file_empty"), (b"PK\x03\x04rest", "a.xlsx", None), (b"\x00" * 9, "a.exe", None)):
        found = staff.problem("POST", f"/imports?kind=result&file_name={name}&zone=changzhou", 422, content=content, headers=FILE)
        assert found["code"].startswith("file_")
        assert code in (None, found["code"])
    assert staff.problem("POST", UPLOAD, 413, content=b"x" * ((1 << 20) + 1), headers=FILE)["code"] == "too_large"
    asker(app, "broker").problem("POST", UPLOAD, 403, content=SHEET.encode(), headers=FILE)
    assert list(app.state.services.sheets.folder.glob("*.upload")) == []


@pytest.mark.parametrize(
    ("name", "kept"), [("a%00b.csv", "ab.csv"), ("..%2Fc%0Ad.csv", "c d.csv"), ("%E2%80%AE%E6%88%90.csv", "成.csv")]
)
def test_a_file_name_keeps_neither_folders_nor_what_shows_nothing(app: FastAPI, name: str, kept: str) -> None:
    staff = asker(app, "staff")
    made = staff("POST", UPLOAD.replace("a.csv", name), content=SHEET.encode(), headers=FILE)
    assert made.json()["file_name"] == kept


@pytest.mark.parametrize("name", ["%00", "%2F", ".csv", "..", "a" * 200])
def test_a_file_name_without_an_ending_is_refused(app: FastAPI, name: str) -> None:
    found = asker(app, "staff").problem("POST", UPLOAD.replace("a.csv", name), 422, content=SHEET.encode(), headers=FILE)
    assert found["code"] == "file_unknown_type"


def test_an_import_is_read_by_rows_committed_and_kept_from_others(app: FastAPI) -> None:
    staff = asker(app, "staff", language="zh")
    rows = staff.get(f"/imports/{BATCH}/rows?limit=1")
    following = staff.get(f"/imports/{BATCH}/rows", params={"limit": 1, "cursor": rows["next_cursor"]})
    assert [each["verdict"] for each in (*rows["items"], *following["items"])] == ["new", "error"]
    assert "名称" in following["items"][0]["reasons"][0]["text"]
    assert following["next_cursor"] is None
    assert staff("GET", f"/imports/{BATCH}/errors.xlsx").content[:2] == b"PK"
    assert staff("POST", f"/imports/{BATCH}/commit").json()["state"] == "committing"
    assert staff("POST", f"/imports/{COMMITTED}/undo").json()["state"] == "undoing"
    assert [each["id"] for each in staff.get("/imports?limit=1")["items"]] == [COMMITTED]
    for login in ("provider", "seeker"):
        for path in ("", "/rows", "/errors.xlsx"):
            asker(app, login).problem("GET", f"/imports/{BATCH}{path}", 404)
    asker(app, "admin").problem("GET", f"/imports/{BATCH}/errors.xlsx", 403)


def test_long_work_goes_on_in_pages_and_ends_when_asked(app: FastAPI) -> None:
    admin = asker(app, "admin")
    seen: list[str] = []
    cursor = None
    while True:
        page = admin.get("/work", params={"limit": 1} | ({"cursor": cursor} if cursor else {}))
        seen += [each["id"] for each in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert len(seen) == len(set(seen)) == page["total"] >= 4
    begun = asker(app, "staff")("POST", "/work", json={"kind": "match_zone", "zone": "changzhou"})
    assert begun.status_code == 201
    work = begun.json()["id"]
    assert asker(app, "staff")("POST", f"/work/{work}/cancel").json()["state"] == "cancelled"
    assert asker(app, "staff").problem("POST", f"/work/{work}/cancel", 409)["detail"]
    asker(app, "staff").problem("POST", "/work", 403, json={"kind": "reindex"})
    asker(app, "seeker").problem("GET", f"/work/{work}", 404)


def test_an_import_is_ended_with_the_scope_of_imports_alone(app: FastAPI, database: Database) -> None:
    """It stands among the long work, which programs of the desk read."""
    desk, both = (
        Asker(app, narrow_secret(database, "staff", scopes), "en") for scopes in (("read", "desk"), ("read", "desk", "import"))
    )
    assert desk.get(f"/work/{BATCH}")["kind"] == "import"
    for deed in ("cancel", "retry"):
        refused = desk.problem("POST", f"/work/{BATCH}/{deed}", 403)
        assert "import" in str(refused), refused
    assert both("POST", f"/work/{BATCH}/cancel").status_code in (200, 409)
