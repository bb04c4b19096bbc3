"""Whatever is typed into any form, by whomever: an answer, and never a defect.

Every POST route of the pages must stand in `FORMS`; a new one fails until it does. Few examples by default;
`--hypothesis-profile many` asks for more.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any, Final

import pytest
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select
from starlette.testclient import TestClient

from matching.model import LoginSession, Organisation, Person
from matching.store.database import Database
from tests.api.v1.example_requests import BATCH, COMMITTED, FAILED_WORK, IDS, PASTE, SHEET, SILVER, WAITING_WORK
from tests.api.v1.example_world import LOGINS, NOW, world
from tests.services import ROOT
from tests.web.writing import NEED, RESULT
from web.app import PAGES

LISTINGS: Final = [*IDS.values(), "nobody"]
KINDS: Final = ["zones", "industries", "codes.maturity", "codes.lists", "alliances", "nothing"]
PLACES: Final[dict[str, list[str]]] = {
    "public_id": [*LISTINGS, BATCH, COMMITTED, WAITING_WORK, FAILED_WORK, "{person}", "{organisation}"],
    "zone": ["changzhou", "wujin", "atlantis"],
    "code": ["changzhou", "wujin", "atlantis"],
    "kind": KINDS,
    "key": ["changzhou", "pv", "pilot", "k" * 32, "x"],
    "job": ["retire", "restore", "undo", "activate", "deactivate", "grant", "revoke", "password", "rename", "fly"],
    "deed": ["cancel", "retry", "fly"],
}
"""Path parameter → what is put in for it."""

FORMS: Final = frozenset({
    "/results/new", "/needs/new", "/listings/{public_id}/edit", "/forms/{key}", "/forms/{key}/forget",
    "/listings/{public_id}/submit", "/listings/{public_id}/withdraw", "/listings/{public_id}/renew", "/listings/{public_id}/look",
    "/review/industries", "/review/{public_id}", "/listings/{public_id}/industries", "/sign-in", "/sign-out",
    "/zones/{code}/decide", "/reference/{kind}/-new", "/reference/{kind}/-paste", "/reference/{kind}/{key}",
    "/reference/{kind}/{key}/{job}",
    "/organisations/-new", "/organisations/{public_id}", "/organisations/{public_id}/{job}", "/people/-new",
    "/people/{public_id}/{job}", "/password", "/pool/{public_id}/take", "/pool/{public_id}/give-back",
    "/listings/{public_id}/word", "/desk/{zone}/verdicts", "/desk/{zone}/undo", "/imports", "/imports/{public_id}/columns",
    "/imports/{public_id}/commit", "/imports/{public_id}/cancel", "/imports/{public_id}/undo", "/imports/{public_id}/retry",
    "/imports/{public_id}/policy", "/work", "/work/{public_id}/{deed}", "/tokens", "/tokens/{public_id}/revoke",
})  # fmt: skip
"""The forms whose fields and values are made up here: what their pages' inputs are called is read from the templates."""

NAMES: Final = sorted(
    {
        name
        for path in (ROOT / "web" / "templates").rglob("*.html")
        for name in re.findall(r'name="([\w.-]+)"', path.read_text("utf-8"))
    }
    | {
        *NEED,
        *RESULT,
        "do",
        "text",
        "source",
        "form_token",
        "seen_version",
        "seen_revision",
        "grade",
        "grants",
        "reason-title",
        "reason-general",
    }
    | {"indicators-0-name", "indicators-99999-name", "ip-0-filed_on", "layer-title", "layer-market", "column-0", "unit-0"}
)
VALUES: Final = (
    "", " ", "0", "1", "-1", "3", "99999999999999999999", "１２", "²", "٣", "1e400", "NaN", "\x00", "\u202e", "𠮷",
    "<script>", "'; --", "%00", "../..", "a" * 300, "长" * 11000, "2026-02-30", "9999-12-31", "0001-01-01", "on", "draft",
    "submit",
    "publish", "send_back", "sign_in", "undo", "more-indicators", "confirm", "reject", "confirm-page", "result", "need",
    "results",
    "match_zone", "gate", "pv", "changzhou", "zone:changzhou", "organisation:x", "price", "pilot", "industry", "outside_need",
    "//evil.example", "/mine", "provider", "administrator", "read", "90", "update", "take", "万元", PASTE, SILVER, BATCH,
)  # fmt: skip
TEXT: Final = st.one_of(st.sampled_from(VALUES), st.text(max_size=30))
NAME: Final = st.one_of(st.sampled_from(NAMES), st.text(min_size=1, max_size=12))
FIELDS: Final = st.dictionaries(NAME, st.one_of(TEXT, st.lists(TEXT, max_size=3)), max_size=14)
WHOLE: Final = st.sampled_from([{}, NEED, RESULT])
"""What a form may begin with, so that more than its first check is reached."""
EXAMPLES: Final = max(8, settings().max_examples // 8)


def routes() -> set[str]:
    found = (each for name in PAGES for each in import_module(f"web.pages.{name}").router.routes)
    return {each.path for each in found if isinstance(each, APIRoute) and "POST" in (each.methods or ())}


def test_every_form_of_the_pages_is_covered() -> None:
    assert routes() == FORMS


class Typist:
    """Browsers in which the people of the world are signed in, and one in which nobody is."""

    def __init__(self, app: Any, database: Database) -> None:
        self._app, self._database = app, database
        with database.read() as session:
            self.known = {
                "{person}": session.exec(select(Person.public_id).where(Person.login == "seeker")).one(),
                "{organisation}": session.exec(select(Organisation.public_id).where(Organisation.kind == "enterprise")).first(),
            }

    def browser(self, login: str) -> TestClient:
        """Signed in afresh: an earlier form may have ended the session, the account, or the right to anything."""
        client = TestClient(self._app, follow_redirects=False, raise_server_exceptions=False)
        if login:
            token = f"session-of-{login}"
            with self._database.write() as unit:
                person = unit.session.exec(select(Person).where(Person.login == login)).one()
                person.active, person.one_time_password = True, False
                unit.session.merge(
                    LoginSession(
                        token_digest=hashlib.sha256(token.encode()).hexdigest(), person_id=person.id or 0, created_at=NOW,
                        expires_at=NOW + timedelta(hours=12),
                    )
                )  # fmt: skip
                unit.commit()
            client.cookies.set("zonematch_session", token)
        return client


@pytest.fixture(scope="module")
def typist() -> Iterator[Typist]:
    with world() as around, around.app() as app:
        yield Typist(app, app.state.services.database)


@pytest.mark.parametrize("path", sorted(FORMS))
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_form_fails(typist: Typist, path: str, data: st.DataObject) -> None:
    address = path
    for name in re.findall(r"{(\w+)}", path):
        place = data.draw(st.one_of(st.sampled_from(PLACES[name]), st.text("abz-.%", min_size=1, max_size=8)), label=name)
        address = address.replace("{" + name + "}", typist.known.get(place) or place)
    fields: dict[str, Any] = {**data.draw(WHOLE, label="whole"), **data.draw(FIELDS, label="fields")}
    browser = typist.browser(data.draw(st.sampled_from(["", *LOGINS]), label="login"))
    sent: dict[str, Any] = {"data": fields}
    if path == "/imports" and data.draw(st.booleans(), label="file"):
        sent["files"] = {"file": (data.draw(st.sampled_from(["a.csv", "a.xlsx", "", "../b"])), SHEET.encode())}
    if data.draw(st.booleans(), label="fragment"):
        sent["headers"] = {"HX-Request": "true"}
    answer = browser.post(address, **sent)
    assert answer.status_code < 500, answer.text[:2000]
