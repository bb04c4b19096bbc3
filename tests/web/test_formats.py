"""Money, dates, numbers, marked text and addresses as readers of either language get them."""

from datetime import UTC, date, datetime

import pytest

from matching.content import Indicator
from web import formats, i18n
from web.paging import Paging, page_number
from web.paths import safe_return, with_query

WAN = 1_000_000
"""Fen in 10,000 yuan."""


@pytest.mark.parametrize(
    ("low", "high", "chinese", "english"),
    [
        (None, None, "面议", "negotiable"),
        (60 * WAN, 120 * WAN, "60–120 万元", "CNY 600,000–1,200,000"),
        (80 * WAN, 80 * WAN, "80 万元", "CNY 800,000"),
        (None, 180 * WAN, "180 万元以内", "up to CNY 1,800,000"),
        (10_000, None, "0.01 万元起", "from CNY 100"),
        (1, None, "0.000001 万元起", "from CNY 0.01"),
        (0, 12_345_678_900, "0–12,345.68 万元", "CNY 0–123,456,789"),
        (250_000, None, "0.25 万元起", "from CNY 2,500"),
    ],
)
def test_money(low: int | None, high: int | None, chinese: str, english: str) -> None:
    assert formats.money_text(low, high) == chinese
    with i18n.speaking("en"):
        assert formats.money_text(low, high) == english


def test_exact_yuan_stand_in_the_title() -> None:
    assert formats.money(12_345_678_912, None) == '<span class="num" title="即 123,456,789.12 元">12,345.68 万元起</span>'
    assert formats.money(None, None) == "面议"


def test_money_in_a_form_is_exact_and_bare() -> None:
    assert formats.money_field(123_456_789) == "123.456789"
    assert formats.money_field(1_200_000 * 100) == "120"
    assert formats.money_field(None) == ""


def test_days_are_those_of_shanghai() -> None:
    assert formats.day_text(datetime(2026, 11, 22, 16, 0, tzinfo=UTC)) == "2026-11-23"
    assert formats.day_text(date(2026, 1, 2)) == "2026-01-02"
    assert "2026-11-23 00:30" in formats.moment(datetime(2026, 11, 22, 16, 30, tzinfo=UTC))
    assert formats.day(None) == ""


@pytest.mark.parametrize(
    ("value", "text"), [(15000.0, "15,000"), (0.1, "0.1"), (1e-7, "0.0000001"), (1234.5, "1,234.5"), (-3, "-3"), (100.0, "100")]
)
def test_numbers(value: float, text: str) -> None:
    assert formats.number(value) == text


@pytest.mark.parametrize(
    ("comparator", "low", "high", "unit", "text"),
    [
        ("<=", None, 680.0, "℃", "≤ 680 ℃"),
        (">", 60.0, None, "", "> 60"),
        ("range", 60.0, 120.0, "mg", "60–120 mg"),
        ("=", 8.0, 8.0, "″", "8″"),
        ("<", 8.0, None, "h", "< 8 h"),
        ("=", None, None, "h", ""),
    ],
)
def test_indicators(comparator: str, low: float | None, high: float | None, unit: str, text: str) -> None:
    shown = formats.indicator_value(Indicator("x", comparator, low, high, unit))
    assert shown.replace(formats.NARROW_SPACE, " ") == text


def test_marked_text_is_escaped_and_bad_spans_are_left_out() -> None:
    assert formats.marked("a<b>c", ((1, 4),)) == "a<mark>&lt;b&gt;</mark>c"
    assert formats.marked("abc", ((2, 3), (0, 1), (1, 99))) == "ab<mark>c</mark>"
    assert formats.marked("") == ""


def test_composed_sentences_space_chinese_and_latin() -> None:
    assert formats.spaced("都提到TOPCon、银浆，含5%的水") == "都提到 TOPCon、银浆，含 5% 的水"


def test_pages_around_the_current_one() -> None:
    paging = Paging(total=195, page=5, path="/results", parameters={"zone": "sip", "industry": None})
    assert (paging.count, paging.offset, paging.first, paging.last) == (10, 80, 81, 100)
    assert paging.shown == (1, None, 4, 5, 6, None, 10)
    assert Paging(60, 1, "/").shown == (1, 2, 3)
    assert Paging(100, 4, "/").shown == (1, 2, 3, 4, 5)
    assert paging.href(1) == "/results?zone=sip"
    assert paging.href(6) == "/results?zone=sip&page=6"
    assert Paging(0, 1, "/").count == 1


@pytest.mark.parametrize(("typed", "page"), [("3", 3), ("", 1), (None, 1), ("-1", 1), ("x", 1), ("²", 1), ("9" * 30, 500)])
def test_page_numbers(typed: str | None, page: int) -> None:
    assert page_number(typed) == page


def test_addresses() -> None:
    assert with_query("/search", q="银 浆&", kind=("result", "need"), page=None, zone="") == (
        "/search?q=%E9%93%B6+%E6%B5%86%26&kind=result&kind=need"
    )
    assert safe_return("/results?a=b#c") == "/results?a=b#c"
    for bad in (None, "", "results", "//x", "/\\x", "http://x", "/a\r\nb", "/" + "x" * 3000):
        assert safe_return(bad) == "/"
