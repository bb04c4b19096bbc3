"""Prices as people write them, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.errors import InvalidInput
from matching.money import FEN_PER_WAN, MAX_FEN, PriceRange, format_wan, parse

WAN = FEN_PER_WAN


def refusal(text: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        parse(text)
    (field,) = caught.value.fields
    assert field.field == "price"
    return field.code


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("60-120万", 60 * WAN, 120 * WAN),
        ("60万元", 60 * WAN, 60 * WAN),
        ("600000元", 60 * WAN, 60 * WAN),
        ("￥60,000.50", 6_000_050, 6_000_050),
        ("¥6万", 6 * WAN, 6 * WAN),
        ("６０～１２０万", 60 * WAN, 120 * WAN),
        ("60 至 120 万元", 60 * WAN, 120 * WAN),
        ("60—120万元", 60 * WAN, 120 * WAN),
        ("60万-1.2亿", 60 * WAN, 12_000 * WAN),
        ("8000元到1.5万元", 80 * 10_000, 15_000 * 100),
        ("人民币60万元", 60 * WAN, 60 * WAN),
        ("约60万", 60 * WAN, 60 * WAN),
        ("1,200,000.00元", 120 * WAN, 120 * WAN),
        ("60", 60 * WAN, 60 * WAN),
        ("0.5", WAN // 2, WAN // 2),
        ("0", 0, 0),
        ("300w", 300 * WAN, 300 * WAN),
        ("2百万", 200 * WAN, 200 * WAN),
    ],
)
def test_amounts_and_ranges(text: str, low: int, high: int) -> None:
    assert parse(text) == PriceRange(low, high)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("不超过80万", None, 80 * WAN),
        ("80万以内", None, 80 * WAN),
        ("≤80万", None, 80 * WAN),
        ("60万以上", 60 * WAN, None),
        ("不低于60万元", 60 * WAN, None),
        ("60万起", 60 * WAN, None),
    ],
)
def test_open_bounds(text: str, low: int | None, high: int | None) -> None:
    assert parse(text) == PriceRange(low, high)


@pytest.mark.parametrize("text", ["面议", " 面 议 ", "双方协商", "待定", "价格面议", "可议", "", "　", "/", "--", "N/A"])
def test_by_negotiation_is_no_range(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("-5万", "negative_money"),
        ("-60-120", "negative_money"),
        ("120-60万", "min_over_max"),
        ("1.2345678万", "too_precise"),
        ("0.001元", "too_precise"),
        ("1000000亿", "too_large"),
        ("abc", "bad_money"),
        ("50-", "bad_money"),
        ("1,0万", "bad_money"),
        ("100万/年", "bad_money"),
        ("六十万", "bad_money"),
        ("1" * 500, "bad_money"),
        ("5万万", "bad_money"),
    ],
)
def test_what_is_no_price_is_refused(text: str, code: str) -> None:
    assert refusal(text) == code


def test_a_bare_number_can_be_yuan() -> None:
    assert parse("600000", bare="yuan") == PriceRange(60 * WAN, 60 * WAN)
    assert parse("60万", bare="yuan") == PriceRange(60 * WAN, 60 * WAN)


@pytest.mark.parametrize(
    ("fen", "text"),
    [(60 * WAN, "60"), (6_000_050, "6.00005"), (1, "0.000001"), (0, "0"), (123_456_789, "123.456789"), (-WAN // 2, "-0.5")],
)
def test_format(fen: int, text: str) -> None:
    assert format_wan(fen) == text


def test_format_grouped() -> None:
    assert format_wan(1_234_567 * WAN + 500_000, grouped=True) == "1,234,567.5"


@given(st.integers(0, MAX_FEN))
def test_what_is_formatted_is_read_back_exactly(fen: int) -> None:
    assert parse(format_wan(fen)) == PriceRange(fen, fen)
    assert parse(f"{fen // 100}.{fen % 100:02d}元") == PriceRange(fen, fen)


@given(st.integers(0, MAX_FEN), st.integers(0, MAX_FEN))
def test_a_range_keeps_its_bounds(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert parse(f"{format_wan(low)}～{format_wan(high)}万元") == PriceRange(low, high)


@given(st.text(st.characters(exclude_categories=()), max_size=80) | st.text("0123456789.,-~万元亿至以上¥+", max_size=30))
def test_any_text_is_a_price_or_refused(text: str) -> None:
    try:
        found = parse(text)
    except InvalidInput:
        return
    assert found is None or all(each is None or 0 <= each <= MAX_FEN for each in (found.low, found.high))
