"""What holds for every operation of the API, whichever it is: tried on all of them, as their examples ask."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from sqlmodel import select

from api.v1.app import operations
from matching.model import ApiToken, Contact, Listing, Organisation, Person
from matching.model.fields import CONTACTS
from matching.store.database import Database
from matching.tokens import SCOPES
from tests.api.v1.conftest import Asker
from tests.api.v1.example_requests import BATCH, NEED, REQUESTS, RESULT, SHEET
from tests.api.v1.example_world import LOGINS, NOW, ExampleWorld, address, secret_of, send, world
from tests.engines import Told

OWN_CONTACTS: Final = {"read_result_contacts": "provider", "read_need_contacts": "seeker"}
FILE: Final = {"Content-Type": "application/octet-stream"}
UPLOAD: Final = "/imports?kind=result&file_name=a.csv&zone=changzhou&unit=wan"


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


def asker(app: FastAPI, login: str | None) -> Asker:
    return Asker(app, secret_of(login) if login else None)


def _give_contacts(database: Database) -> list[str]:
    """Contact data to every entry and organisation; its values."""
    values = {each.code: f"机密的{each.code}" for each in CONTACTS}
    with database.write() as unit:
        unit.session.execute(sa.delete(Contact))
        for kind, value in values.items():
            unit.session.add_all(
                Contact(listing_id=each, kind=kind, value=value) for each in unit.session.exec(select(Listing.id))
            )
            owners = unit.session.exec(select(Organisation.id))
            unit.session.add_all(Contact(organisation_id=each, kind=kind, value=value) for each in owners)
        unit.commit()
    return list(values.values())


def test_contact_data_leaves_to_its_owner_and_to_nobody_else(app: FastAPI, database: Database) -> None:
    secrets = _give_contacts(database)
    answered = 0
    for name, request in REQUESTS.items():
        writes = address(name, request.get("path", {}))[0] != "GET"
        sent = request | {"headers": {"If-Match": "*"} if "If-Match" in request.get("headers", {}) else {}}
        for login in [request["as"]] if writes else (None, *LOGINS):
            answer = send(app, name, sent | {"as": login})
            answered += answer.status_code < 300
            if OWN_CONTACTS.get(name) == login and login:
                assert set(answer.json()["contacts"].values()) == set(secrets), name
            else:
                assert [each for each in secrets if each in answer.text or each in str(answer.headers)] == [], (name, login)
    assert answered > 100


def test_contact_data_finds_nothing(app: FastAPI, database: Database) -> None:
    secret = _give_contacts(database)[0]
    found = asker(app, "staff").get("/search", params={"q": secret})
    assert [each["listing"]["id"] for each in found["items"] if each["is_exact"] or each["words"]] == []


def test_no_operation_is_open_to_a_token_without_its_scope(app: FastAPI, database: Database) -> None:
    with database.write() as unit:
        person = unit.session.exec(select(Person).where(Person.login == "admin")).one()
        for scope in SCOPES:
            unit.session.add(
                ApiToken(
                    digest=hashlib.sha256(f"all but {scope}".encode()).hexdigest(), person_id=person.id or 0, name="narrow",
                    scopes=[each for each in SCOPES if each != scope], created_at=NOW, expires_at=NOW + timedelta(days=1),
                )
            )  # fmt: skip
        unit.commit()
    for (path, method), needs in operations().items():
        filled = path.format_map(defaultdict(lambda: "x"))
        narrow = Asker(app, f"all but {needs.scope}").problem(method.upper(), filled, 403)
        assert narrow["code"] == "scope_needed", path
        if not needs.visitors:
            assert asker(app, None).problem(method.upper(), filled, 401)["code"] == "token_needed"


def _published(app: FastAPI, kind: str, login: str, body: dict[str, Any]) -> None:
    made = asker(app, login)("POST", f"/{kind}s", json=body | {"then": "submit"}).json()
    assert asker(app, "staff")("POST", f"/{kind}s/{made['id']}/publish", headers={"If-Match": "*"}).status_code == 200


def _named(item: dict[str, Any]) -> Any:
    inner = item.get("listing") or item.get("need") or item
    return inner.get("id") or inner["number"]


LISTS: Final[dict[str, tuple[str, Any]]] = {
    "/results": ("provider", lambda app: _published(app, "result", "provider", RESULT)),
    "/needs": ("seeker", lambda app: _published(app, "need", "seeker", NEED)),
    "/my/results": ("provider", lambda app: asker(app, "provider")("POST", "/results", json=RESULT)),
    "/my/needs": ("seeker", lambda app: asker(app, "seeker")("POST", "/needs", json=NEED)),
    "/review": ("staff", lambda app: asker(app, "seeker")("POST", "/needs", json=NEED | {"then": "submit"})),
    "/search": ("provider", lambda app: _published(app, "result", "provider", RESULT)),
    "/zones/{zone}/desk": ("broker", lambda app: _published(app, "need", "seeker", NEED)),
    "/imports": ("staff", lambda app: asker(app, "staff")("POST", UPLOAD, content=SHEET.encode(), headers=FILE)),
    "/imports/{batch}/rows": ("staff", lambda app: asker(app, "staff")("POST", f"/imports/{BATCH}/commit")),
    "/work": ("admin", lambda app: asker(app, "admin")("POST", "/work", json={"kind": "reindex"})),
}
"""List → who reads it, and what is added to it meanwhile."""


def test_every_list_goes_on_where_it_was_though_things_are_added(app: FastAPI) -> None:
    document = asker(app, None).get("/openapi.json")["paths"]
    parameters = {path: [found["name"] for found in each.get("get", {}).get("parameters", ())] for path, each in document.items()}
    assert {path for path, names in parameters.items() if "cursor" in names} == set(LISTS)
    for template, (login, add) in LISTS.items():
        reader, path = asker(app, login), template.format(zone="changzhou", batch=BATCH)
        query = {"q": "膜组件清洗工艺"} if path == "/search" else {}
        whole = [_named(each) for each in reader.get(path, params=query | {"limit": 50})["items"]]
        seen: list[Any] = []
        cursor = None
        step = max(1, len(whole) // 3)
        while True:
            page = reader.get(path, params=query | {"limit": step} | ({"cursor": cursor} if cursor else {}))
            seen += [_named(each) for each in page["items"]]
            if cursor is None:
                add(app)
            if (cursor := page["next_cursor"]) is None:
                break
        assert [each for each in seen if each in whole] == whole, path
        assert len(seen) == len(set(seen)), path
        for wrong in ("zzz", "W10", reader.get("/results?limit=1&maturity=lab")["next_cursor"]):
            found = reader.problem("GET", path, 422, params=query | {"cursor": wrong})
            assert [(each["parameter"], each["code"]) for each in found["errors"]] == [("cursor", "bad_cursor")]
        assert reader.problem("GET", path, 422, params=query | {"limit": 51})["errors"][0]["parameter"] == "limit"
