"""The one set of rules for taking a listing: every refusal, and that there is nothing but refusals."""

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.content import Indicator, IpRight
from matching.drafts import KnownCodes, ListingDraft, add_years, validate
from matching.errors import FieldError, InvalidInput
from matching.model import ListingKind
from tests.matching.world import TODAY, need, result

any_text = st.text(st.characters(exclude_categories=()), max_size=60)


def refusals(draft: ListingDraft, known: KnownCodes, *, submit: bool = True) -> set[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        validate(draft, known, TODAY, submit=submit)
    return {(each.field, each.code) for each in caught.value.fields}


def test_complete_drafts_pass_unchanged(known: KnownCodes) -> None:
    for draft in (need(organisation="abc"), result(organisation="abc")):
        assert validate(draft, known, TODAY, submit=True) == draft


def test_a_draft_needs_a_title_only(known: KnownCodes) -> None:
    bare = ListingDraft(ListingKind.RESULT, "银浆")
    assert validate(bare, known, TODAY, submit=False) == bare
    assert refusals(bare, known) == {("summary", "required"), ("organisation", "required")}
    assert refusals(replace(bare, title=" \n"), known, submit=False) == {("title", "required")}


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"title": ""}, ("title", "required")),
        ({"title": "👍👍👍"}, ("title", "meaningless")),
        ({"title": "2026!!"}, ("title", "meaningless")),
        ({"title": "长" * 201}, ("title", "too_long")),
        ({"title": "坏\x00了"}, ("title", "control_characters")),
        ({"title": "半个\ud83d"}, ("title", "control_characters")),
        ({"texts": {"summary": "x" * 10_001}}, ("summary", "too_long")),
        ({"texts": {"summary": "字", "awards": "a\x00"}}, ("awards", "control_characters")),
        ({"texts": {"summary": "字", "difficulty": "难"}}, ("difficulty", "not_for_kind")),
        ({"texts": {"summary": "字", "colour": "红"}}, ("colour", "unknown_field")),
        ({"maturity": "ripe"}, ("maturity", "unknown_code")),
        ({"modes": ("01", "77")}, ("modes", "unknown_code")),
        ({"industries": ("pv", "gold")}, ("industries", "unknown_code")),
        (
            {"industries": ("pv", "nano", "iot", "software", "new-it", "robotics", "safety")},
            ("industries", "too_many"),
        ),
        ({"addressed_zone": "atlantis"}, ("addressed_zone", "unknown_code")),
        ({"organisation": "../etc"}, ("organisation", "unknown_code")),
        ({"need_type": "00"}, ("need_type", "not_for_kind")),
        ({"need_type": "xx"}, ("need_type", "unknown_code")),
        ({"wanted_by": TODAY}, ("wanted_by", "not_for_kind")),
        ({"trl": 0}, ("trl", "out_of_range")),
        ({"trl": 14}, ("trl", "out_of_range")),
        ({"price_min_fen": -1}, ("price", "negative_money")),
        ({"price_min_fen": 2, "price_max_fen": 1}, ("price", "min_over_max")),
        ({"price_max_fen": 10**16}, ("price", "too_large")),
        ({"valid_until": TODAY - timedelta(days=1)}, ("valid_until", "date_in_past")),
        ({"valid_until": date(2029, 3, 3)}, ("valid_until", "too_far")),
        ({"completed_on": date(2026, 4, 1)}, ("completed_on", "date_in_future")),
        ({"completed_on": date(1899, 12, 31)}, ("completed_on", "out_of_range")),
        ({"contacts": {"fax": "1"}}, ("fax", "unknown_field")),
        ({"contacts": {"email": "not an address"}}, ("email", "bad_email")),
        ({"contacts": {"mobile": "1" * 301}}, ("mobile", "too_long")),
        ({"layers": {"colour": "public"}}, ("layers", "unknown_field")),
        ({"layers": {"summary": "secret"}}, ("layers", "unknown_code")),
        ({"layers": {"title": "registered"}}, ("layers", "always_public")),
        ({"indicators": (Indicator("", "<=", None, 1.0, "h"),)}, ("indicators", "required")),
        ({"indicators": (Indicator("寿命", "~", None, 1.0, "h"),)}, ("indicators", "unknown_code")),
        ({"indicators": (Indicator("寿命", "<=", None, None, "h"),)}, ("indicators", "required")),
        ({"indicators": (Indicator("寿命", "range", 1.0, None, "h"),)}, ("indicators", "required")),
        ({"indicators": (Indicator("寿命", "range", 3.0, 1.0, "h"),)}, ("indicators", "min_over_max")),
        ({"indicators": (Indicator("寿命", "=", float("nan"), None, "h"),)}, ("indicators", "bad_number")),
        ({"indicators": (Indicator("寿命", "=", float("inf"), None, "h"),)}, ("indicators", "bad_number")),
        ({"indicators": (Indicator("寿命", "=", 10**400, None, "h"),)}, ("indicators", "bad_number")),
        ({"indicators": (Indicator("寿命", ">=", 1.0, 2.0, "h"),)}, ("indicators", "one_value")),
        ({"indicators": (Indicator("命" * 81, ">=", 1.0, None, "h"),)}, ("indicators", "too_long")),
        ({"indicators": (Indicator("寿命", ">=", 1.0, None, "h"),) * 61}, ("indicators", "too_many")),
        ({"ip": (IpRight("", "一种浆料", "", "", ""),)}, ("ip", "required")),
        ({"ip": (IpRight("song", "", "1", "", ""),)}, ("ip", "unknown_code")),
        ({"ip": (IpRight("secret", "", "", "dead", ""),)}, ("ip", "unknown_code")),
        ({"ip": (IpRight("invention", "", "1", "", "", filed_on=date(2026, 3, 3)),)}, ("ip", "date_in_future")),
        (
            {"ip": (IpRight("invention", "", "1", "", "", "", date(2024, 1, 2), date(2024, 1, 1)),)},
            ("ip", "granted_before_filed"),
        ),
    ],
)
def test_refusals(known: KnownCodes, changes: dict[str, Any], refused: tuple[str, str]) -> None:
    assert refused in refusals(result(**{"organisation": "abc", **changes}), known)


def test_need_only_rules(known: KnownCodes) -> None:
    right = IpRight("invention", "一种浆料", "1", "", "")
    assert refusals(need(organisation="a", ip=(right,)), known) == {("ip", "not_for_kind")}
    late = need(organisation="a", wanted_by=TODAY - timedelta(days=1))
    assert refusals(late, known) == {("wanted_by", "date_in_past")}
    assert validate(late, known, TODAY, submit=False) == late


def test_all_errors_at_once(known: KnownCodes) -> None:
    draft = result(title="", maturity="ripe", price_min_fen=-1, valid_until=date(2020, 1, 1), texts={})
    assert refusals(draft, known) == {
        ("title", "required"),
        ("maturity", "unknown_code"),
        ("price", "negative_money"),
        ("valid_until", "date_in_past"),
        ("summary", "required"),
        ("organisation", "required"),
    }


def test_contact_values_are_in_no_error(known: KnownCodes) -> None:
    draft = result(organisation="a", contacts={"email": "zhang san at home", "mobile": "13900000000" * 40})
    with pytest.raises(InvalidInput) as caught:
        validate(draft, known, TODAY, submit=True)
    told = str(caught.value) + repr([dict(each.params) for each in caught.value.fields])
    assert "zhang" not in told
    assert "139" not in told


def test_cleaning(known: KnownCodes) -> None:
    draft = result(
        title=" 低铝\u200b银浆\t与<b>激光</b> ",
        organisation="abc",
        texts={"summary": "一\r\n二  ", "awards": " \u200b ", "market": "　"},
        modes=("02", "01", "02", ""),
        contacts={"person": " 王\n工 ", "email": ""},
        indicators=(Indicator(" 寿命 ", "<=", 5, None, " h "), Indicator("", "<=", None, None, "")),
        ip=(IpRight("", "", "", "", ""), IpRight("secret", " 配方 ", "", "", "")),
    )
    clean = validate(draft, known, TODAY, submit=True)
    assert clean.title == "低铝银浆 与<b>激光</b>"
    assert clean.texts == {"summary": "一\n二"}
    assert clean.modes == ("02", "01")
    assert clean.contacts == {"person": "王 工", "email": ""}
    assert clean.indicators == (Indicator("寿命", "<=", None, 5.0, "h"),)
    assert clean.ip == (IpRight("secret", "配方", "", "", ""),)


@pytest.mark.parametrize(
    ("comparator", "low", "high", "stored"),
    [
        ("<=", 3, None, (None, 3.0)),
        ("<", None, 3, (None, 3.0)),
        (">=", None, 3, (3.0, None)),
        (">", 3, None, (3.0, None)),
        ("=", None, 3, (3.0, 3.0)),
        ("=", 3, 3, (3.0, 3.0)),
        ("range", 1, 3, (1.0, 3.0)),
    ],
)
def test_indicator_bounds(
    known: KnownCodes, comparator: str, low: float | None, high: float | None, stored: tuple[float | None, float | None]
) -> None:
    clean = validate(
        need(organisation="a", indicators=(Indicator("厚度", comparator, low, high, "um"),)), known, TODAY, submit=True
    )
    assert (clean.indicators[0].low, clean.indicators[0].high) == stored


def test_row_errors_say_which_row_and_part(known: KnownCodes) -> None:
    rows = (Indicator("厚度", "=", 1, None, ""), Indicator("厚度", "?", 1, None, ""))
    with pytest.raises(InvalidInput) as caught:
        validate(need(organisation="a", indicators=rows), known, TODAY, submit=True)
    assert [dict(each.params) for each in caught.value.fields] == [{"row": 2, "part": "comparator", "value": "?"}]


def test_the_last_day_may_be_today_and_three_years_ahead(known: KnownCodes) -> None:
    for day in (TODAY, date(2029, 3, 2)):
        assert validate(need(organisation="a", valid_until=day), known, TODAY, submit=True).valid_until == day


def test_leap_days() -> None:
    assert add_years(date(2028, 2, 29), 1) == date(2029, 2, 28)
    assert add_years(date(2028, 2, 29), 4) == date(2032, 2, 29)
    assert add_years(date(9999, 1, 1), 1) == date(9999, 1, 1)


def test_the_crosswalk(known: KnownCodes) -> None:
    assert known.trl_of("pilot") == (6, 7)
    assert known.trl_of("other") is None
    assert known.trl_of(None) is None


codes = st.sampled_from(["", "pv", "01", "00", "pilot", "invention", "granted", "changzhou", "upstream", "clean"]) | any_text
layers = st.sampled_from(["registered", "own"])
money = st.none() | st.integers(-(10**20), 10**20)
days = st.none() | st.dates()
indicators = st.builds(
    Indicator,
    any_text,
    st.sampled_from(["<=", "range", "="]) | any_text,
    st.none() | st.floats(),
    st.none() | st.floats(),
    any_text,
)
rights = st.builds(IpRight, codes, any_text, any_text, codes, any_text, any_text, days, days)
drafts = st.builds(
    ListingDraft,
    kind=st.sampled_from(ListingKind),
    title=any_text,
    organisation=st.none() | any_text,
    addressed_zone=st.none() | codes,
    texts=st.dictionaries(st.sampled_from(["summary", "detail", "awards"]) | any_text, any_text, max_size=4),
    indicators=st.lists(indicators, max_size=3).map(tuple),
    ip=st.lists(rights, max_size=3).map(tuple),
    modes=st.lists(codes, max_size=3).map(tuple),
    industries=st.lists(codes, max_size=8).map(tuple),
    maturity=st.none() | codes,
    trl=st.none() | st.integers(),
    price_min_fen=money,
    price_max_fen=money,
    need_type=st.none() | codes,
    completed_on=days,
    wanted_by=days,
    valid_until=days,
    contacts=st.dictionaries(st.sampled_from(["email", "mobile"]) | any_text, any_text, max_size=3),
    layers=st.dictionaries(st.sampled_from(["summary", "title", "floor_price"]) | any_text, codes | layers, max_size=3),
    tags=st.dictionaries(st.sampled_from(["chain", "policy"]) | any_text, st.lists(codes, max_size=3).map(tuple), max_size=3),
    amounts=st.dictionaries(st.sampled_from(["budget", "deposit"]) | any_text, st.tuples(money, money), max_size=3),
    days=st.dictionaries(st.sampled_from(["delivery_on", "acceptance_on"]) | any_text, st.dates(), max_size=3),
    declined=st.lists(st.from_regex(r"[0-9a-f]{12}", fullmatch=True) | any_text, max_size=3).map(tuple),
)


def test_the_strategy_fills_every_field() -> None:
    assert {each.name for each in fields(ListingDraft)} == {
        "kind", "title", "organisation", "addressed_zone", "texts", "indicators", "ip", "modes", "industries", "maturity",
        "trl", "price_min_fen", "price_max_fen", "need_type", "completed_on", "wanted_by", "valid_until", "contacts", "layers",
        "tags", "amounts", "days", "declined",
    }  # fmt: skip


@given(drafts, st.dates(), st.booleans())
def test_nothing_but_invalid_input_is_raised_and_what_passes_passes_again(
    known: KnownCodes, draft: ListingDraft, today: date, submit: bool
) -> None:
    clean, errors = outcome(draft, known, today, submit=submit)
    if clean is None:
        assert errors
        for each in errors:
            "".join((each.field, each.code, *map(str, each.params.values()))).encode()
        return
    assert outcome(clean, known, today, submit=submit) == (clean, ())
    str(clean).encode()


def outcome(
    draft: ListingDraft, known: KnownCodes, today: date, *, submit: bool
) -> tuple[ListingDraft | None, tuple[FieldError, ...]]:
    try:
        return validate(draft, known, today, submit=submit), ()
    except InvalidInput as refused:
        return None, refused.fields
