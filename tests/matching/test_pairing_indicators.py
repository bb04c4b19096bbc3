"""Figures asked against figures given."""

import pytest

from matching.pairing.indicators import Verdict, compare, display, figure, likeness, value
from matching.pairing.sides import Indicator, Op


def _indicator(name: str, op: Op, low: float | None, high: float | None, unit: str) -> Indicator:
    return Indicator(name, op, low, high, unit)


def at_most(limit: float, unit: str = "℃", name: str = "烧结温度") -> Indicator:
    return _indicator(name, "<=", None, limit, unit)


def between(low: float | None, high: float | None, unit: str = "℃") -> Indicator:
    return _indicator("烧结温度", "range", low, high, unit)


def plain(op: Op, limit: float, unit: str = "℃") -> Indicator:
    return _indicator("烧结温度", op, limit, None, unit)


CASES: list[tuple[Indicator, Indicator, Verdict]] = [
    (at_most(680), plain("=", 650), "met"),
    (at_most(680), at_most(650), "met"),
    (at_most(680), at_most(680), "met"),
    (plain("<", 680), at_most(680), "failed"),
    (plain("<", 680), plain("<", 680), "met"),
    (plain("<", 680), plain("=", 680), "failed"),
    (at_most(680), at_most(700), "failed"),
    (at_most(680), plain("=", 953.15, "K"), "met"),
    (at_most(680), plain("=", 1000, "K"), "failed"),
    (at_most(680), between(600, 660), "met"),
    (at_most(680), between(600, 700), "open"),
    (at_most(680), between(690, 700), "failed"),
    (at_most(680), plain(">=", 600), "open"),
    (at_most(680), plain(">=", 700), "failed"),
    (at_most(680), plain(">", 680), "failed"),
    (plain(">=", 10), plain(">=", 15), "met"),
    (plain(">=", 10), plain(">=", 8), "failed"),
    (plain(">", 10), plain("=", 10), "failed"),
    (plain("=", 10), plain("=", 10), "met"),
    (plain("=", 10), plain("=", 11), "failed"),
    (plain("=", 10), between(5, 20), "open"),
    (between(6, 14), plain("=", 10), "met"),
    (between(6, 14), between(8, 12), "met"),
    (between(6, 14), between(5, 20), "met"),
    (between(6, 14), between(10, 20), "open"),
    (between(6, 14), between(15, 20), "failed"),
    (between(6, 14), at_most(10), "open"),
    (between(None, 14), at_most(10), "met"),
    (between(14, 6), plain("=", 10), "met"),
]


@pytest.mark.parametrize(("asked", "given", "verdict"), CASES)
def test_intervals_are_compared_with_their_ends(asked: Indicator, given: Indicator, verdict: Verdict) -> None:
    (finding,) = compare([figure(asked)], [figure(given)])
    assert finding.verdict == verdict
    assert finding.asked == display(asked)
    assert finding.given == display(given)


def test_a_figure_that_the_result_does_not_give_is_missing() -> None:
    silver = _indicator("单片银耗", "<=", None, 70, "mg")
    (finding,) = compare([figure(silver)], [figure(at_most(650))])
    assert (finding.name, finding.verdict, finding.asked, finding.given) == ("单片银耗", "missing", "≤ 70 mg", "")


def test_the_same_name_in_a_unit_of_another_kind_is_missing() -> None:
    (finding,) = compare([figure(at_most(680))], [figure(at_most(5, "%"))])
    assert finding.verdict == "missing"


def test_the_likest_name_is_taken() -> None:
    wanted = _indicator("正面接触电阻率", "<=", None, 1.5, "mΩ·cm²")
    near = _indicator("接触电阻率", "<=", None, 2.0, "mΩ·cm²")
    nearest = _indicator("正面接触电阻率", "<=", None, 1.2, "mΩ·cm²")
    (finding,) = compare([figure(wanted)], [figure(near), figure(nearest)])
    assert (finding.verdict, finding.given) == ("met", "≤ 1.2 mΩ·cm²")


def test_other_conditions_in_the_name_decide_nothing() -> None:
    asked = _indicator("冲击功（-40 ℃）", ">=", 27, None, "J")
    given = _indicator("冲击功（-20 ℃）", ">=", 40, None, "J")
    (finding,) = compare([figure(asked)], [figure(given)])
    assert finding.verdict == "open"


def test_an_indicator_without_value_asks_nothing() -> None:
    asked = _indicator("烧结温度", "<=", None, None, "℃")
    assert compare([figure(asked)], [figure(at_most(650))]) == ()
    (finding,) = compare([figure(at_most(680))], [figure(asked)])
    assert finding.verdict == "missing"


def test_names_that_share_only_the_head_noun_stay_apart() -> None:
    apart = likeness(figure(at_most(1, name="固化温度")).words, figure(at_most(1, name="使用温度")).words)
    alike = likeness(figure(at_most(1, name="疲劳寿命")).words, figure(at_most(1, name="柔轮疲劳寿命")).words)
    assert apart < 0.6 < alike


def test_the_value_is_the_mean_credit() -> None:
    silver = _indicator("单片银耗", "<=", None, 70, "mg")
    found = compare([figure(at_most(680)), figure(silver)], [figure(at_most(650))])
    assert value(found) == 0.75
    assert value(compare([figure(at_most(680))], [figure(at_most(700))])) == 0.0
    assert value(()) is None


@pytest.mark.parametrize(
    ("indicator", "shown"),
    [
        (at_most(680), "≤ 680 ℃"),
        (plain("<", 1.5, "mm"), "< 1.5 mm"),
        (plain("=", 0.0035, ""), "= 0.0035"),
        (between(6, 14), "6–14 ℃"),
        (between(None, 14), "≤ 14 ℃"),
        (between(6, None), "≥ 6 ℃"),
        (_indicator("寿命", ">=", 15000.0, None, "h"), "≥ 15000 h"),
        (_indicator("寿命", ">=", None, None, "h"), "h"),
    ],
)
def test_display(indicator: Indicator, shown: str) -> None:
    assert display(indicator) == shown
