"""Writing over the API: the moves of the pages, versions that were seen, keys that make a post happen once."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import func, select

from api.v1.commands import ListingIn
from api.v1.shapes import Listing as Shown
from matching.content import Content
from matching.discovery import Discovery
from matching.drafts import ListingDraft
from matching.errors import FieldError
from matching.model import AuditEntry, Listing, ListingKind
from matching.reactions import REACTIONS
from matching.store.database import Database
from search.engines.local import LocalEngine
from tests.api.v1.conftest import Asker, Asking, build_app
from tests.web.stock import Stock
from web import i18n
from web.messages import field_error_text

RESULT: dict[str, Any] = {
    "title": "低铝银浆与激光辅助接触",
    "texts": {"summary": "浆料中的铝含量压到 0.3 wt% 以下，随后用激光沿栅线扫描。", "market": "年需求约三百吨。"},
    "indicators": [{"name": "单片银耗", "comparator": "<=", "high": 60, "unit": "mg"}],
    "ip": [{"kind": "invention", "number": "ZL202310123456.7", "title": "一种低铝银浆", "filed_on": "2023-02-01"}],
    "modes": ["02"],
    "industries": ["pv"],
    "maturity": "pilot",
    "price_min_fen": 60_000_000,
    "contacts": {"mobile": "13800000000"},
}
NEED: dict[str, Any] = {
    "title": "电池片正面银浆单耗再降三成",
    "texts": {"detail": "单片银耗 88 mg。"},
    "amounts": {"budget": {"max_fen": 90_000_000}},
    "days": {"delivery_on": "2027-01-31"},
    "tags": {"chain": ["upstream"]},
}


def count(database: Database) -> int:
    with database.read() as session:
        return session.exec(select(func.count()).select_from(Listing)).one()


def test_a_result_from_draft_to_published_and_back(asking: Asking, database: Database) -> None:
    provider, staff = asking("provider"), asking("staff")
    created = provider("POST", "/results", json=RESULT)
    assert created.status_code == 201
    made = created.json()
    path = created.headers["location"].removeprefix("/api/v1")
    assert path == f"/results/{made['id']}"
    assert (made["state"], made["trl"], made["industries"][0]["state"]) == ("draft", {"low": 6, "high": 7}, "confirmed")
    assert "13800000000" not in created.text
    assert provider("GET", path).headers["etag"] == created.headers["etag"]
    assert provider.get(f"{path}/contacts")["contacts"] == {"mobile": "13800000000"}
    submitted = provider("POST", f"{path}/submit", headers={"If-Match": created.headers["etag"]})
    assert submitted.json()["state"] == "submitted"
    waiting = staff.get("/review")["items"]
    assert [each["listing"]["id"] for each in waiting] == [made["id"]]
    seen = f'"{waiting[0]["version"]}"'
    back = staff("POST", f"{path}/send-back", json={"reasons": {"summary": "请写明温度"}}, headers={"If-Match": seen})
    assert back.json()["inside"]["reviews"][0]["reasons"] == {"summary": "请写明温度"}
    tag = provider("GET", path).headers["etag"]
    again = provider("PUT", path, json=RESULT | {"title": "新标题的低铝银浆", "then": "submit"}, headers={"If-Match": tag})
    assert (again.json()["title"], again.json()["state"]) == ("新标题的低铝银浆", "submitted")
    published = staff("POST", f"{path}/publish", headers={"If-Match": again.headers["etag"]})
    assert (published.status_code, published.json()["state"]) == (200, "published")
    assert asking().get(path)["number"].startswith("R-")
    renewed = provider("POST", f"{path}/renew", json={}, headers={"If-Match": "*"})
    gone = provider("POST", f"{path}/withdraw", headers={"If-Match": renewed.headers["etag"]})
    assert gone.json()["state"] == "withdrawn"
    asking().problem("GET", path, 404)
    with database.read() as session:
        actions = session.exec(select(AuditEntry.action).where(AuditEntry.subject_id == made["id"])).all()
    assert {"listing.create", "listing.submit", "listing.send_back", "listing.publish", "listing.withdraw"} <= set(actions)


def test_a_need_with_everything_of_its_own(asking: Asking) -> None:
    seeker = asking("seeker", "write", "read")
    made = seeker("POST", "/needs", json=NEED | {"then": "submit"})
    assert made.status_code == 201, made.text
    found = made.json()
    assert found["amounts"] == {"budget": {"min_fen": None, "max_fen": 90_000_000}}
    assert (found["days"], found["tags"]) == ({"delivery_on": "2027-01-31"}, {"chain": ["upstream"]})
    staff = asking("staff")
    tag = staff("GET", f"/needs/{found['id']}").headers["etag"]
    decided = staff("POST", f"/needs/{found['id']}/industries", json={"confirmed": ["pv"]}, headers={"If-Match": tag})
    assert [each["code"] for each in decided.json()["industries"]] == ["pv"]


def test_who_may_not_is_told_so_or_knows_nothing(asking: Asking, stock: Stock) -> None:
    paste, draft = stock.listings["paste"], stock.listings["draft"]
    any_version = {"If-Match": "*"}
    asking().problem("POST", "/results", 401, json=RESULT)
    asking("provider", "read").problem("POST", "/results", 403, json=RESULT)
    asking("broker").problem("POST", "/results", 403, json=RESULT | {"organisation": stock.organisations["university"]})
    asking("seeker").problem("POST", f"/results/{draft}/submit", 404, headers=any_version)
    asking("seeker").problem("POST", f"/results/{paste}/withdraw", 403, headers=any_version)
    asking("provider").problem("POST", f"/needs/{paste}/withdraw", 404, headers=any_version)
    asking("provider").problem("POST", f"/results/{draft}/publish", 403, headers=any_version)
    found = asking("staff").problem("PUT", f"/results/{paste}", 403, json=RESULT, headers=any_version)
    assert found["code"] == "may_not"


def test_a_version_must_be_seen(asking: Asking, stock: Stock) -> None:
    provider, path = asking("provider"), f"/results/{stock.listings['paste']}"
    for method, address in (("PUT", path), ("POST", f"{path}/withdraw")):
        found = provider.problem(method, address, 428, **({"json": RESULT} if method == "PUT" else {}))
        assert found["code"] == "version_needed"
    tag = provider("GET", path).headers["etag"]
    provider("PUT", path, json=RESULT, headers={"If-Match": tag})
    for stale in (tag, "W/" + tag, '"0"', "nonsense", '"999999999999"'):
        found = provider.problem("PUT", path, 412, json=RESULT, headers={"If-Match": stale})
        assert found["code"] == "stale_revision"
    fresh = provider("GET", path, params={"latest": True}).headers["etag"]
    assert provider("PUT", path, json=RESULT, headers={"If-Match": fresh}).status_code == 200
    illegal = asking("provider").problem(
        "POST", f"/results/{stock.listings['draft']}/renew", 409, json={}, headers={"If-Match": "*"}
    )
    assert illegal["code"] == "illegal_move"


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_error_points_into_the_body_in_the_words_of_the_pages(asking: Asking, language: i18n.Language) -> None:
    wrong = {
        "title": "",
        "texts": {"summary": "长" * 10001, "nonsense": "x"},
        "indicators": [{"name": "厚度", "comparator": "<="}],
        "ip": [{"kind": "royal", "filed_on": "2099-01-01"}],
        "modes": ["77"],
        "price_min_fen": -1,
        "contacts": {"email": "wang"},
        "tags": {"chain": ["sideways"]},
        "valid_until": "2020-01-01",
    }
    asker = asking("provider", language="zh" if language == "zh_CN" else "en")
    found = asker.problem("POST", "/results", 422, json=wrong)
    by_pointer = {each["pointer"]: each for each in found["errors"]}
    expected = {
        "#/title": "required", "#/texts/summary": "too_long", "#/indicators/0/low": "required", "#/ip/0/kind": "unknown_code",
        "#/ip/0/filed_on": "date_in_future", "#/modes": "unknown_code", "#/price_min_fen": "negative_money",
        "#/contacts/email": "bad_email", "#/tags/chain": "unknown_code", "#/valid_until": "date_in_past",
    }  # fmt: skip
    assert {pointer: by_pointer[pointer]["code"] for pointer in expected} == expected
    with i18n.speaking(language):
        assert by_pointer["#/title"]["detail"] == field_error_text(FieldError("title", "required"))
        assert by_pointer["#/texts/summary"]["detail"] == field_error_text(
            FieldError("summary", "too_long", {"limit": 10000, "length": 10001})
        )


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"title": 5}, "#/title", "wrong_type"),
        ({"title": "x", "trl": "7"}, "#/trl", "wrong_type"),
        ({"title": "x", "trl": True}, "#/trl", "wrong_type"),
        ({"title": "x", "unknown": 1}, "#/unknown", "unknown_field"),
        ({"title": "x", "then": "fly"}, "#/then", "unknown_code"),
        ({"title": "x", "valid_until": "31.12.2026"}, "#/valid_until", "not_a_date"),
        ({"title": "x", "valid_until": 20261231}, "#/valid_until", "wrong_type"),
        ({"title": "x", "days": {"delivery_on": "2026-02-30"}}, "#/days/delivery_on", "not_a_date"),
        ({"title": "x", "indicators": [{"name": "a"}]}, "#/indicators/0/comparator", "required"),
        ({"title": "\ud800"}, "#/title", "control_characters"),
        ({"title": "x", "organisation": "\ud800"}, "#/organisation", "control_characters"),
        ({}, "#/title", "required"),
        ([], "#", "wrong_type"),
    ],
)
def test_types_are_strict(asking: Asking, body: Any, pointer: str, code: str) -> None:

    provider = asking("provider")
    sent = {"content": json.dumps(body).encode(), "headers": {"Content-Type": "application/json"}}
    found = provider.problem("POST", "/results", 422, **sent)
    assert (pointer, code) in {(each["pointer"], each["code"]) for each in found["errors"]}


def test_bodies_that_are_no_json(asking: Asking) -> None:
    provider = asking("provider")
    json_type = {"Content-Type": "application/json"}
    for content in (b"{", b"\xff\xfe", b'{"title": NaN,}', b"[" * 100_000):
        answer = provider("POST", "/results", content=content, headers=json_type)
        assert answer.status_code in (400, 422), content[:20]
        assert answer.json()["errors"][0]["code"] == "not_json"
    assert (
        provider.problem("POST", "/results", 415, content=b"x", headers={"Content-Type": "text/plain"})["code"] == "wrong_media"
    )


def test_a_key_makes_a_post_happen_once(asking: Asking, database: Database) -> None:
    provider = asking("provider")
    before = count(database)
    keyed = {"Idempotency-Key": "nightly-1"}
    first, second = (provider("POST", "/results", json=RESULT, headers=keyed) for _ in range(2))
    assert (first.status_code, second.status_code, first.text) == (201, 201, second.text)
    assert (second.headers["idempotency-replayed"], second.headers["etag"]) == ("true", first.headers["etag"])
    assert count(database) == before + 1
    other = provider.problem("POST", "/results", 422, json=RESULT | {"title": "别的标题"}, headers=keyed)
    assert other["code"] == "key_reused"
    assert asking("seeker")("POST", "/needs", json=NEED, headers=keyed).status_code == 201
    provider.problem("POST", "/results", 422, json=RESULT, headers={"Idempotency-Key": "k" * 201})


def test_a_key_outlives_the_process(
    asking: Asking, database: Database, discovery: Discovery, engine: LocalEngine, tmp_path: Path
) -> None:
    provider, keyed = asking("provider"), {"Idempotency-Key": "over-night"}
    first = provider("POST", "/results", json=RESULT, headers=keyed)
    before = count(database)
    restarted = Asker(
        build_app(Database(str(database.engine.url), reactions=REACTIONS), discovery, engine, tmp_path), provider.secret
    )
    again = restarted("POST", "/results", json=RESULT, headers=keyed)
    assert (again.text, again.headers["idempotency-replayed"]) == (first.text, "true")
    assert count(database) == before
    restarted.client.app.state.services.database.close()  # type: ignore[attr-defined]  # the application is one of ours


def test_a_refused_post_gives_its_key_back(asking: Asking, database: Database) -> None:
    provider, keyed, before = asking("provider"), {"Idempotency-Key": "again"}, count(database)
    provider.problem("POST", "/results", 422, json=RESULT | {"title": ""}, headers=keyed)
    assert provider("POST", "/results", json=RESULT, headers=keyed).status_code == 201
    assert count(database) == before + 1


def test_many_at_once_under_one_key_make_one(asking: Asking, database: Database) -> None:
    provider, before = asking("provider"), count(database)
    statuses: list[int] = []

    def post(asker: Asker) -> None:
        statuses.append(asker("POST", "/results", json=RESULT, headers={"Idempotency-Key": "at-once"}).status_code)

    threads = [threading.Thread(target=post, args=(provider,)) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert count(database) == before + 1


def test_what_fails_after_the_words_leaves_nothing(asking: Asking, database: Database) -> None:
    before = count(database)
    asking("seeker").problem("POST", "/needs", 422, json={"title": "只有标题的需求", "then": "submit"})
    asking("seeker").problem("POST", "/needs", 403, json=NEED | {"then": "publish"})
    assert count(database) == before


def test_every_field_of_a_draft_can_be_sent_and_of_a_content_be_read() -> None:
    drafted = set(ListingDraft.__dataclass_fields__)
    assert drafted - {"kind"} == set(ListingIn.model_fields) - {"then"}
    inside = {"version", "revision", "published_revision", "layers", "declined", "submitted_at", "updated_at"}
    of_the_machine = {"id", "public_id", "latest_revision", "document_revision", "addressed_zone_id"}
    told = set(Shown.model_fields) | inside | of_the_machine
    assert set(Content.__dataclass_fields__) - told == set()
    assert ListingIn(title="x").draft(ListingKind.NEED) == ListingDraft(ListingKind.NEED, "x")
