"""The business parts: their tables, and that more of what is wanted never lowers a value."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.pairing import business
from matching.pairing.sides import IpRight, Range
from tests.matching.pairing_sides import TODAY, levels, need, result

WAN = 1_000_000
"""Fen in 万元."""


@pytest.mark.parametrize(
    ("asked", "have", "expected", "verdict"),
    [
        ((6, 9), (7, 7), 1.0, "meets"),
        ((6, 9), (6, 8), 1.0, "meets"),
        ((4, 6), (8, 9), 1.0, "meets"),
        ((6, 9), (5, 6), 0.75, "partly"),
        ((6, 9), (4, 6), 0.5 + 0.5 / 3, "partly"),
        ((6, 9), (4, 5), 0.375, "below"),
        ((6, 9), (2, 2), 0.0, "below"),
        ((9, 9), (1, 1), 0.0, "below"),
    ],
)
def test_maturity(asked: tuple[int, int], have: tuple[int, int], expected: float, verdict: str) -> None:
    value, facts = business.maturity_part(asked, have)
    assert value == pytest.approx(expected)
    assert facts["verdict"] == verdict
    assert facts["asked"] == list(asked)


def test_maturity_not_asked_or_not_told() -> None:
    assert business.maturity_part(None, (4, 5)) == (None, {})
    assert business.maturity_part((6, 9), None) == (None, {"asked": [6, 9], "verdict": "unknown"})


@given(levels(), levels(), st.integers(0, 4), st.integers(0, 4))
def test_more_mature_is_never_worse(asked: tuple[int, int], have: tuple[int, int], up: int, further: int) -> None:
    before, _ = business.maturity_part(asked, have)
    after, _ = business.maturity_part(asked, (have[0] + up, have[1] + max(up, further)))
    assert before is not None
    assert after is not None
    assert after >= before


@pytest.mark.parametrize(
    ("rights", "expected"),
    [
        ((), None),
        ((IpRight("invention", "granted", True),), 1.0),
        ((IpRight("invention", "granted", False),), 0.9),
        ((IpRight("invention", "filed", True), IpRight("invention", "examining", True)), 0.8),
        ((IpRight("secret", "", False),), 0.5),
    ],
)
def test_ip(rights: tuple[IpRight, ...], expected: float | None) -> None:
    assert business.ip_part(rights)[0] == expected


@pytest.mark.parametrize(
    ("asked", "offered", "expected"),
    [
        ({"01"}, set(), None),
        ({"01"}, {"02"}, 0.0),
        ({"01"}, {"01", "02"}, 0.8),
        ({"01", "02", "03"}, {"01", "02"}, 1.0),
        ({"05"}, {"02"}, 0.5),
        ({"05"}, {"05"}, 0.5),
        ({"01", "05"}, {"01", "05"}, 0.8),
    ],
)
def test_cooperation(asked: set[str], offered: set[str], expected: float | None) -> None:
    value, _ = business.cooperation_part(frozenset(asked), frozenset(offered))
    assert value == expected


MODES = st.frozensets(st.sampled_from(("00", "01", "02", "03", "05", "07")), min_size=1)


@given(MODES, MODES, st.sampled_from(("00", "01", "02", "05")))
def test_another_mode_is_never_worse_on_either_side(asked: frozenset[str], offered: frozenset[str], mode: str) -> None:
    before, _ = business.cooperation_part(asked, offered)
    assert before is not None
    for wider in (
        business.cooperation_part(asked | {mode}, offered),
        business.cooperation_part(asked, offered | {mode}),
    ):
        assert wider[0] is not None
        assert wider[0] >= before


@pytest.mark.parametrize(
    ("budget", "price", "expected"),
    [
        (None, (1, 2), None),
        ((0, 100), None, None),
        ((50, 150), (60, 120), 1.0),
        ((50, 150), (10, 20), 1.0),
        ((50, None), (900, 1000), 1.0),
        ((None, 150), (100, 200), 0.75),
        ((None, 150), (150, 150), 1.0),
        ((None, 150), (150, None), 0.5),
        ((None, 100), (150, 200), 0.25),
        ((None, 100), (200, 300), 0.0),
        ((None, 100), (900, 900), 0.0),
        ((0, 0), (1, 1), 0.0),
        ((0, 0), (0, 0), 1.0),
        ((None, 100), (None, 100), 1.0),
    ],
)
def test_price(budget: Range | None, price: Range | None, expected: float | None) -> None:
    def fen(ends: Range | None) -> Range | None:
        low, high = ends if ends is not None else (None, None)
        return None if ends is None else (None if low is None else low * WAN, None if high is None else high * WAN)

    value, _ = business.price_part(fen(budget), fen(price))
    assert value == (None if expected is None else pytest.approx(expected))


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_cheaper_and_a_larger_budget_are_never_worse(budget: int, low: int, width: int, change: int) -> None:
    before, _ = business.price_part((None, budget), (low, low + width))
    larger, _ = business.price_part((None, budget + change), (low, low + width))
    off = min(change, low)
    cheaper, _ = business.price_part((None, budget), (low - off, low + width - off))
    assert before is not None
    assert larger is not None
    assert cheaper is not None
    assert larger >= before - 1e-12
    assert cheaper >= before - 1e-12


@pytest.mark.parametrize(("days", "expected"), [(-5, 0.0), (0, 0.0), (15, 0.25), (60, 1.0), (600, 1.0)])
def test_time(days: int, expected: float) -> None:
    end = TODAY + timedelta(days=days)
    asked = need("甲", open_until=date(2030, 1, 1), wanted_by=end)
    value, facts = business.time_part(asked, result("乙", open_until=date(2031, 1, 1)), TODAY)
    assert value == expected
    assert facts == {"until": end.isoformat(), "days": max(0, days), "by": "wanted"}


def test_time_without_dates_does_not_apply() -> None:
    assert business.time_part(need("甲"), result("乙"), TODAY) == (None, {})


def test_region() -> None:
    here = need("甲", city="苏州", zones=frozenset({"sip", "snd"}))
    assert business.region_part(here, result("乙", city="苏州", zones=frozenset({"sip"})))[0] == 1.0
    assert business.region_part(here, result("乙", city="苏州", zones=frozenset({"kunshan"})))[0] == 0.8
    assert business.region_part(here, result("乙", city="南京"))[0] == 0.5
    assert business.region_part(here, result("乙"))[0] is None


ABOVE = frozenset({"new-energy"})


@pytest.mark.parametrize(
    ("industries", "ancestors", "confirmed", "expected"),
    [
        ({"pv"}, set(), True, "in"),
        ({"perovskite"}, {"pv", "new-energy"}, True, "in"),
        ({"pv"}, set(), False, "suggested"),
        ({"new-energy"}, set(), True, "parent"),
        ({"robotics"}, {"equipment"}, True, "outside"),
    ],
)
def test_industry_of_a_zone(industries: set[str], ancestors: set[str], confirmed: bool, expected: str) -> None:
    inside = need("甲", industries=frozenset({"pv"}))
    other = result("乙", industries=frozenset(industries), ancestors=frozenset(ancestors), confirmed=confirmed)
    assert business.standing(other, "pv", ABOVE) == expected
    value, facts = business.industry_part(inside, other, "pv", ABOVE)
    assert value == business.STANDING[expected]
    assert facts == {"industry": "pv", "need": "in", "result": expected}
    assert business.industry_part(replace(inside, industries=frozenset()), other, "pv", ABOVE) == (None, {})


def test_industry_without_a_zone() -> None:
    a = need("甲", industries=frozenset({"pv"}), ancestors=ABOVE)
    nothing: frozenset[str] = frozenset()
    assert business.industry_part(a, result("乙", industries=frozenset({"pv", "nano"})), None, nothing)[0] == 1.0
    wind = result("乙", industries=frozenset({"wind"}), ancestors=ABOVE)
    assert business.industry_part(a, wind, None, nothing)[0] == 0.5
    assert business.industry_part(a, result("乙", industries=frozenset({"nano"})), None, nothing)[0] == 0.0
