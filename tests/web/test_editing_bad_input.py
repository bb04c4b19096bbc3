"""Bad input of every kind: a clear message at the field in the reader's language, and all that was typed still in the form."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from sqlmodel import col, func, select
from starlette.testclient import TestClient

from matching.errors import FieldError
from matching.model import Listing
from matching.store.database import Database
from tests.web.conftest import SignIn
from tests.web.markup import refused, text_of
from tests.web.test_editing import stored
from tests.web.writing import NEED, RESULT, Change, Sent, errors_at, form_of, public_id, send
from web import i18n
from web.messages import field_error_text

SEVEN = ["pv", "iot", "nano", "medtech", "safety", "software", "robotics"]


@dataclass(frozen=True)
class Case:
    """What is typed over a complete need (or result), where the message stands, and which error it words."""

    name: str
    typed: dict[str, Change]
    at: str
    code: str
    params: dict[str, str | int] = field(default_factory=dict)
    kind: str = "need"


CASES = (
    Case("title empty", {"title": "   "}, "title", "required"),
    Case("title of emoji", {"title": "😀😀"}, "title", "meaningless"),
    Case("title too long", {"title": "长" * 201}, "title", "too_long", {"limit": 200, "length": 201}),
    Case("text empty", {"detail": ""}, "detail", "required"),
    Case("text too long", {"detail": "长" * 10001}, "detail", "too_long", {"limit": 10000, "length": 10001}),
    Case("control character", {"detail": "银\0浆"}, "detail", "control_characters"),
    Case("negative money", {"price_min": "-5"}, "price", "negative_money"),
    Case("no money", {"price_max": "很多"}, "price", "bad_money"),
    Case("money upside down", {"price_min": "90", "price_max": "60"}, "price", "min_over_max"),
    Case("too precise", {"price_min": "0.00000001"}, "price", "too_precise"),
    Case("past last day", {"valid_until": "2020-01-01"}, "valid_until", "date_in_past"),
    Case("far last day", {"valid_until": "2999-01-01"}, "valid_until", "too_far", {"years": 3}),
    Case("no date", {"wanted_by": "明年"}, "wanted_by", "not_a_date", {"value": "明年"}),
    Case("no such day", {"wanted_by": "2027-02-30"}, "wanted_by", "not_a_date", {"value": "2027-02-30"}),
    Case("future result", {"completed_on": "2999-01"}, "completed_on", "date_in_future", kind="result"),
    Case("unknown maturity", {"maturity": "magic"}, "maturity", "unknown_code", {"value": "magic"}),
    Case("unknown mode", {"modes": ["02", "77"]}, "modes", "unknown_code", {"value": "77"}),
    Case("unknown industry", {"industries": ["alchemy"]}, "industries", "unknown_code", {"value": "alchemy"}),
    Case("too many industries", {"industries": SEVEN}, "industries", "too_many", {"limit": 6}),
    Case("both ways", {"industries": ["pv"], "rejected": ["pv"]}, "industries", "both"),
    Case("unknown zone", {"addressed_zone": "atlantis"}, "addressed_zone", "unknown_code", {"value": "atlantis"}),
    Case("level in words", {"trl": "七"}, "trl", "not_a_number", {"value": "七"}),
    Case("level out of range", {"trl": "99"}, "trl", "out_of_range", {"low": 1, "high": 13}),
    Case("figure in words", {"indicators-0-value": "六十"}, "indicators-0-value", "bad_number"),
    Case("figure missing", {"indicators-0-value": ""}, "indicators-0-value", "required"),
    Case("figure unnamed", {"indicators-0-name": ""}, "indicators-0-name", "required"),
    Case("range upside down", {"indicators-0-comparator": "range", "indicators-0-to": "5"}, "indicators-0-value", "min_over_max"),
    Case("unknown comparison", {"indicators-0-comparator": "≈"}, "indicators-0-comparator", "unknown_code", {"value": "≈"}),
    Case("unknown right", {"ip-0-kind": "royal"}, "ip-0-kind", "unknown_code", {"value": "royal"}, "result"),
    Case("right without kind", {"ip-1-filed_on": "2024-01-01"}, "ip-1-kind", "required", kind="result"),
    Case(
        "right of no day", {"ip-0-granted_on": "2024-13-01"}, "ip-0-granted_on", "not_a_date", {"value": "2024-13-01"}, "result"
    ),
    Case("granted too early", {"ip-0-granted_on": "2020-01-01"}, "ip-0-granted_on", "granted_before_filed", kind="result"),
    Case("no mail address", {"email": "wang"}, "email", "bad_email"),
)


def as_sent(page: str, wanted: Mapping[str, Change]) -> Sent:
    """These controls as they stand in the form now."""
    form = form_of(page)
    return {name: sorted(form.get(name, [])) for name in wanted}


def as_typed(typed: Mapping[str, Change]) -> Sent:
    """A NUL shows as the sign for a damaged character: no page can carry it."""
    return {
        name: sorted(each.replace("\0", "\ufffd") for each in ([value] if isinstance(value, str) else value))
        for name, value in typed.items()
    }


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_message_stands_at_the_field(
    signed_in: SignIn, database: Database, subtests: pytest.Subtests, language: i18n.Language
) -> None:
    browser = signed_in("seeker")
    browser.cookies.set("lang", language)
    forms = {kind: form_of(browser.get(f"/{kind}s/new").text) for kind in ("need", "result")}
    for case in CASES:
        with subtests.test(case.name):
            base = {**(NEED if case.kind == "need" else RESULT), **case.typed}
            with i18n.speaking(language):
                wording = field_error_text(FieldError(case.at, case.code, case.params))
            answer = send(browser, f"/{case.kind}s/new", "submit", base, form=forms[case.kind])
            assert answer.status_code == 422
            assert wording in errors_at(answer.text, case.at)
            summary = answer.text[answer.text.index('class="form-summary"') :]
            assert wording in text_of(summary[: summary.index("</ul>")])
            assert refused(answer.text) == []
            kept = {
                name: value for name, value in base.items() if name != "rejected" and (name != "detail" or name in case.typed)
            }
            assert as_sent(answer.text, kept) == as_typed(kept)
    with database.read() as session:
        assert session.exec(select(func.count()).where(col(Listing.created_by_id).is_not(None))).one() == 0


def test_all_errors_come_at_once_and_link_to_their_fields(signed_in: SignIn) -> None:
    changes = {"title": "", "detail": "", "price_min": "-1", "indicators-0-value": "x", "email": "w", "valid_until": "gestern"}
    page = send(signed_in("seeker"), "/needs/new", "submit", {**NEED, **changes}).text
    summary = page[page.index('class="form-summary"') :]
    summary = summary[: summary.index("</ul>")]
    links = [each.split('"')[0] for each in summary.split('href="#')[1:]]
    assert links == ["f-title", "f-detail", "f-indicators-0-value", "f-price_min", "f-valid_until", "f-email"]
    assert all(f'id="{each}"' in page for each in links)
    opened = {part: " open" in page.split(f'id="{part}"')[1].split(">")[0] for part in ("part-contacts", "part-extras")}
    assert opened == {"part-contacts": True, "part-extras": False}, "a folded part is open where something in it is refused"


def test_long_text_survives_a_refusal_exactly(signed_in: SignIn) -> None:
    text = "\r\n".join(["", " 第一行 <b>&amp;</b> \"引号\" '单' ", "", "繁體與简体混排：銀漿／银浆 😀‍🔥", "\t制表", "末行 ", ""])
    browser = signed_in("seeker")
    page = send(browser, "/needs/new", "submit", {**NEED, "detail": text, "title": ""})
    again = form_of(page.text)["detail"]
    assert again == [text.replace("\r\n", "\n")]
    page = send(browser, "/needs/new", "submit", {"title": ""}, form={**form_of(page.text), "detail": [text]})
    assert form_of(page.text)["detail"] == again


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script> 减速器", "雙語标题：銀漿 silver 😀", "ＴＯＰＣｏｎ　电池", 'a" onfocus="x" b']
)
def test_what_people_type_is_kept_as_it_is_and_never_markup(signed_in: SignIn, database: Database, text: str) -> None:
    seeker = signed_in("seeker")
    id_ = public_id(send(seeker, "/needs/new", "submit", {**NEED, "title": text, "detail": text, "keywords": text}))
    content = stored(database, id_)
    assert (content.title, content.texts["detail"], content.texts["keywords"]) == (text, text, text)
    page = seeker.get(f"/listings/{id_}/edit").text
    assert refused(page) == []
    assert form_of(page)["title"] == [text]


FORMS = {
    "nothing": (b"", 200),
    "no fields": (b"do=draft", 422),
    "no text": (b"do=draft&title=%ff%fe", 422),
    "two buttons": (b"do=draft&title=a&do=publish", 303),
    "unknown button": (b"title=x&do=nothing", 200),
    "far row": (b"do=draft&title=x&indicators-999-name=y&indicators-999-value=1", 303),
    "right on a need": (b"do=draft&title=x&ip-0-kind=invention", 303),
    "long token": (b"do=draft&title=x&form_token=" + b"t" * 5000, 303),
    "huge version": (b"do=draft&title=x&seen_version=9999999999999999999999", 303),
    "eighty rows": (b"&".join(b"indicators-%d-name=a" % n for n in range(80)) + b"&do=draft&title=x", 422),
    "too many fields": (b"&".join(b"x%d=1" % n for n in range(2500)), 400),
}


@pytest.mark.parametrize("name", FORMS)
def test_forms_that_no_page_sent_get_an_answer(signed_in: SignIn, name: str) -> None:
    body, status = FORMS[name]
    browser: TestClient = signed_in("seeker")
    answer = browser.post("/needs/new", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == status, text_of(answer.text)
