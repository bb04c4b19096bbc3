"""Whatever is typed into any form, by whomever: an answer, and never a defect.

The forms are those that the pages show (`found_forms`), and every route that takes a form must be among them: a new one cannot
be forgotten. Few examples by default; `--hypothesis-profile many` asks for more.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.records.kinds import FIXED_KINDS
from tests.api.v1.example_requests import BATCH, COMMITTED, FAILED_WORK, IDS, PASTE, SHEET, SILVER, WAITING_WORK
from tests.api.v1.example_world import LOGINS, world
from tests.engines import Told
from tests.fuzz.found_forms import Control, post_routes, read, route_of
from tests.fuzz.typists import Typists
from tests.services import ROOT
from tests.web.writing import NEED, RESULT

LISTINGS: Final = [*IDS.values(), "nobody"]
PLACES: Final[dict[str, list[str]]] = {
    "public_id": [*LISTINGS, BATCH, COMMITTED, WAITING_WORK, FAILED_WORK, "{person}", "{organisation}"],
    "zone": ["changzhou", "wujin", "atlantis"],
    "code": ["changzhou", "wujin", "atlantis"],
    "kind": [*FIXED_KINDS, "codes.maturity", "codes.lists", "nothing"],
    "key": ["changzhou", "pv", "pilot", "k" * 32, "x"],
    "job": ["retire", "restore", "undo", "activate", "deactivate", "grant", "revoke", "password", "rename", "fly"],
    "deed": ["cancel", "retry", "promote", "refuse", "back", "fly"],
    "one": LISTINGS,
    "other": LISTINGS,
}
"""Path parameter → what is put in for it."""

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
WRITTEN: Final = st.sampled_from(
    [each for each in VALUES if each.isprintable() and len(each) < 2000] + ["x" * 3000, "一行\n二行"]
)
EXTRA: Final = (Control("do", False, ("undo", "confirm", "fly"), ()),)
EXAMPLES: Final = max(8, settings().max_examples // 8)


@pytest.fixture(scope="module")
def typists(on_database: None, on_engine_together: Told) -> Iterator[Typists]:
    with world(on_engine_together) as around, around.app() as app:
        yield Typists(app)


def test_the_pages_lead_to_every_form_and_every_form_somewhere(typists: Typists) -> None:
    """A form that no page of this world shows is not tried as its page would send it: show it (`typists._stir`)."""
    assert post_routes() - {each.route for each in typists.forms} == set()
    assert [(each.page, each.action) for each in typists.forms if not each.route] == []


@pytest.mark.parametrize("path", sorted(post_routes()))
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_form_fails(typists: Typists, path: str, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from([each for each in typists.forms if each.route == path]), label="form")
    address, login = form.action, form.login
    if data.draw(st.booleans(), label="elsewhere"):
        address = path
        for name in re.findall(r"{(\w+)}", path):
            place = data.draw(st.one_of(st.sampled_from(PLACES[name]), st.text("abz-.%", min_size=1, max_size=8)), label=name)
            address = address.replace("{" + name + "}", typists.known.get(place) or place)
        login = data.draw(st.sampled_from(["", *LOGINS]), label="login")
    fields: dict[str, Any] = dict(data.draw(st.sampled_from([form.fields(), {}, NEED, RESULT]), label="whole"))
    for control in data.draw(st.lists(st.sampled_from([*form.controls.values(), *EXTRA]), max_size=4), label="changed"):
        fields[control.name] = data.draw(st.one_of(TEXT, st.sampled_from(control.values or ("",))), label=control.name)
    fields |= data.draw(FIELDS, label="fields")
    if form.buttons:
        name, value = data.draw(st.sampled_from(form.buttons), label="button")
        fields[name or "do"] = value
    sent: dict[str, Any] = {"data": fields}
    if path == "/imports" and data.draw(st.booleans(), label="file"):
        sent["files"] = {"file": (data.draw(st.sampled_from(["a.csv", "a.xlsx", "", "../b"])), SHEET.encode())}
    if data.draw(st.booleans(), label="fragment"):
        sent["headers"] = {"HX-Request": "true"}
    answer = typists.browser(login).post(address, **sent)
    assert answer.status_code < 500, answer.text[:2000]


@settings(max_examples=EXAMPLES * 4, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_was_typed_is_kept(typists: Typists, data: st.DataObject) -> None:
    """Whatever a person writes into a form as it stands: where it is refused, all of it stands there again. What is left empty
    may come back with a proposal (the one-time password of a new person)."""
    with_text = [each for each in typists.forms if any(control.is_typed for control in each.controls.values())]
    form = data.draw(st.sampled_from(with_text), label="form")
    written = {name: data.draw(WRITTEN, label=name) for name, each in form.controls.items() if each.is_typed}
    pressed = dict([data.draw(st.sampled_from(form.buttons), label="button")]) if form.buttons else {}
    answer = typists.browser(form.login).post(form.action, data=form.fields() | written | pressed)
    assert answer.status_code < 500, answer.text[:2000]
    if answer.status_code != 422:
        return
    forms = [each for each in read(answer.text, form.page)[0] if route_of(each.action, "POST") == form.route]
    shown = {name: control.sent for each in forms for name, control in each.controls.items()}
    lost = {name: (text, shown.get(name)) for name, text in written.items() if text and not _is_kept(text, shown.get(name))}
    assert lost == {}, f"{form.action} of {form.page} by {form.login or 'a visitor'}"


def _is_kept(text: str, shown: tuple[str, ...] | None) -> bool:
    """White space aside."""
    return text.split() == " ".join(shown or ()).split()
