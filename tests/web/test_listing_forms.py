"""The pure parts of the form: figures and dates as people write them, merging two people's changes, marking differences."""

import math
import time
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.content import Indicator, IpRight
from matching.draft_rows import Problems, check_indicators
from matching.drafts import ListingDraft
from matching.model import ListingKind
from web.differences import Spans, differences
from web.listing_form import ListingForm, from_draft, from_typed, values_of
from web.listing_merge import merge
from web.listing_typed import read_date, read_draft, read_number
from web.typed import Typed

NEED = ListingDraft(
    ListingKind.NEED,
    "电池片正面银浆单耗再降三成",
    texts={"detail": "两条线", "basis": "已有两条线"},
    indicators=(Indicator("单片银耗", "<=", None, 60.0, "mg"), Indicator("拉力", "range", 1.5, 2.5, "N", "拉力机")),
    modes=("02", "03"),
    industries=("pv",),
    maturity="pilot",
    trl=6,
    price_min_fen=80_000_000,
    need_type="00",
    wanted_by=date(2027, 1, 31),
    valid_until=date(2027, 6, 30),
    addressed_zone="kunshan",
    layers={"price": "registered"},
)
RESULT = ListingDraft(
    ListingKind.RESULT,
    "低铝银浆",
    ip=(IpRight("invention", "一种银浆", "ZL1", "granted", "H01B", "某大学", date(2023, 2, 1), None),),
    completed_on=date(2025, 6, 1),
)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("", None), ("  ", None), ("60", 60.0), ("１，０００", 1000.0), ("1,234,567.5", 1234567.5), ("-0.5", -0.5), ("−3", -3.0),
        (".5", 0.5), ("5.", 5.0), ("1e6", 1e6), ("10^6", 1e6), ("3×10^5", 3e5), ("1.5*10^-3", 1.5e-3), ("+2", 2.0),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(typed: str, value: float | None) -> None:
    assert read_number(typed) == (pytest.approx(value) if value is not None else None)


@pytest.mark.parametrize("typed", ["六十", "60mg", "1,00", "1 0 0 a", "--5", "nan", "inf", "0x10", "10^999", "1e9999999", "六\0"])
def test_what_is_no_number(typed: str) -> None:
    value = read_number(typed)
    assert value is not None
    assert math.isnan(value)


@pytest.mark.parametrize(
    ("typed", "as_month", "day"),
    [
        ("2026-11-23", False, date(2026, 11, 23)), ("2026.1.3", False, date(2026, 1, 3)),
        ("2026年11月23日", False, date(2026, 11, 23)), ("20261123", False, date(2026, 11, 23)),
        ("２０２６／１１／２３", False, date(2026, 11, 23)), ("2025-06", True, date(2025, 6, 1)),
        ("2025年6月", True, date(2025, 6, 1)), ("2025", True, date(2025, 1, 1)), ("2025-06-30", True, date(2025, 6, 30)),
    ],
)  # fmt: skip
def test_dates_as_people_write_them(typed: str, as_month: bool, day: date) -> None:
    assert read_date(typed, as_month=as_month) == day


@pytest.mark.parametrize("typed", ["明年", "2026-13-01", "2026-02-30", "2026-11", "26-11-23", "2026-11-23-1", "0000-00-00"])
def test_what_is_no_date(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_date(typed)


@given(st.text(max_size=40))
def test_reading_never_fails_in_another_way(typed: str) -> None:
    assert read_number(typed) is None or isinstance(read_number(typed), float)
    for as_month in (False, True):
        try:
            found = read_date(typed, as_month=as_month)
        except ValueError:
            continue
        assert found is None or isinstance(found, date)


def sent(form: ListingForm) -> Typed:
    """The pairs that a browser would send of this form."""
    pairs: list[tuple[str, str]] = []
    for name, value in form.values.items():
        pairs += [(name, each) for each in ((value,) if isinstance(value, str) else value)]
    return Typed(tuple(pairs))


@pytest.mark.parametrize("draft", [NEED, RESULT], ids=["need", "result"])
def test_form_of_a_draft_sends_the_same_draft(draft: ListingDraft) -> None:
    again, errors = read_draft(from_typed(draft.kind, sent(from_draft(draft))))
    assert errors == []
    assert replace(again, indicators=check_indicators(again.indicators, Problems())) == draft


@given(st.floats(allow_nan=False, allow_infinity=False, width=64), st.integers(0, 10**15))
def test_figures_and_money_come_back_exactly(value: float, fen: int) -> None:
    draft = replace(NEED, indicators=(Indicator("量", ">=", value, None, ""),), price_min_fen=fen, price_max_fen=None)
    again, errors = read_draft(from_typed(draft.kind, sent(from_draft(draft))))
    assert errors == []
    assert again.indicators[0].low == value
    assert again.price_min_fen == fen


def test_rows_with_gaps_are_numbered_anew_and_keep_their_order() -> None:
    pairs = (("indicators-7-name", "乙"), ("indicators-2-name", "甲"), ("indicators-2-value", "1"), ("indicators-9-unit", "mg"))
    form = from_typed(ListingKind.NEED, Typed(pairs))
    assert [form.value(f"indicators-{n}-name") for n in range(3)] == ["甲", "乙", ""]
    assert form.value("indicators-2-unit") == "mg"
    assert form.rows("indicators") == range(4)
    assert form.with_more_rows("indicators").rows("indicators") == range(7)


def typed(**changes: str | tuple[str, ...]) -> ListingForm:
    return ListingForm({**values_of(NEED), "seen_version": "1", **changes}, kind=NEED.kind)


def test_merge_takes_what_only_the_other_changed_and_keeps_the_rest() -> None:
    theirs = values_of(replace(NEED, title="别人的名称", maturity="mass", indicators=NEED.indicators[:1], modes=("07",)))
    mine = typed(title="我的名称", detail="我的详情", **{"indicators-0-value": "60"})
    merged = merge(mine, values_of(NEED), theirs | {"seen_version": "2"})
    assert merged.conflicts == ("title",)
    assert set(merged.taken) == {"maturity", "indicators", "modes"}
    assert (merged.form.value("title"), merged.form.value("detail"), merged.form.value("maturity")) == (
        "我的名称",
        "我的详情",
        "mass",
    )
    assert merged.form.chosen("modes") == ("07",)
    assert merged.form.value("indicators-1-name") == ""
    assert merged.form.value("seen_version") == "2"
    after, errors = read_draft(merged.form)
    assert errors == []
    assert check_indicators(after.indicators, Problems()) == NEED.indicators[:1]


def test_white_space_and_order_are_no_changes() -> None:
    mine = typed(detail=" 两条线 \r\n", modes=("03", "02"))
    merged = merge(mine, values_of(NEED), values_of(replace(NEED, texts={"detail": "三条线"})))
    assert merged.conflicts == ()
    assert merged.form.value("detail") == "三条线"
    assert merged.form.chosen("modes") == ("03", "02")


def test_without_what_was_seen_every_difference_is_a_conflict() -> None:
    merged = merge(typed(title="我的名称"), None, values_of(replace(NEED, maturity="mass")))
    assert merged.taken == ()
    assert set(merged.conflicts) == {"title", "maturity"}
    assert (merged.form.value("title"), merged.form.value("maturity")) == ("我的名称", "pilot")


def without(text: str, spans: Spans) -> str:
    kept = list(text)
    for start, end in reversed(spans):
        del kept[start:end]
    return "".join(kept)


@given(st.text("甲乙丙。；ab1 \n", max_size=80), st.text("甲乙丙。；ab1 \n", max_size=80))
def test_what_is_left_beside_the_differences_is_the_same(old: str, new: str) -> None:
    gone, come = differences(old, new)
    assert without(old, gone) == without(new, come)
    for text, spans in ((old, gone), (new, come)):
        ends = [0, *(each for span in spans for each in span), len(text)]
        assert ends == sorted(ends)
        assert all(start < end for start, end in spans)
    if old == new:
        assert (gone, come) == ((), ())


def test_only_the_changed_words_are_marked() -> None:
    old, new = "单片银耗 88 mg。印五百片。\n附图。", "单片银耗 86 mg。印五百片。\n另附图。"
    gone, come = differences(old, new)
    assert [old[start:end] for start, end in gone] == ["88"]
    assert [new[start:end] for start, end in come] == ["86", "另"]


@pytest.mark.parametrize("old", ["a\n" * 5000, "甲" * 10000, "".join(chr(0x4E00 + n % 5000) for n in range(10000))])
def test_longest_texts_are_compared_at_once(old: str) -> None:
    new = "乙" + old[::-1] + "丙"
    began = time.process_time()
    gone, come = differences(old, new)
    assert without(old, gone) == without(new, come)
    assert time.process_time() - began < 2
