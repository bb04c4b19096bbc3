"""Units: what converts into what, and what never does."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.pairing.units import convert, parse

SAME = [
    (680, "℃", 953.15, "K"),
    (25, "°C", 25, "℃"),
    (77, "°F", 25, "℃"),
    (1000, "mm", 1, "m"),
    (15, "μm", 0.015, "mm"),
    (15, "µm", 15000, "nm"),
    (0.1, "毫米", 100, "微米"),
    (1.5, "mΩ·cm²", 0.0015, "Ω·cm2"),
    (1.5, "mΩ*cm^2", 1.5, "mΩ·cm²"),
    (90, "min", 1.5, "h"),
    (1, "小时", 60, "分钟"),
    (6, "个月", 0.5, "年"),
    (14, "天", 2, "周"),
    (70, "mg", 0.07, "g"),
    (2, "t", 2000, "公斤"),
    (1, "GPa", 1000, "MPa"),
    (3, "kPa", 3000, "Pa"),
    (0.1, "MPa", 1, "bar"),
    (2, "atm", 0.20265, "MPa"),
    (5, "mg/kg", 5, "ppm"),
    (28, "wt%", 28, "%"),
    (3, "Mpa", 3, "MPa"),
    (5, "MW", 5000, "kW"),
    (5, "mW", 0.005, "W"),
    (1, "kWh", 3.6, "MJ"),
    (10, "V", 10000, "mV"),
    (1, "GHz", 1000, "MHz"),
    (20, "kHz", 20000, "Hz"),
    (5, "%", 50, "‰"),
    (3, "ppm", 0.0003, "%"),
    (40, "″", 2 / 3, "′"),
    (60, "′", 1, "°"),
    (2, "万次", 20000, "次"),
    (1, "万元/吨", 10000, "元/t"),
    (3600, "件/h", 1, "件/s"),
    (3000, "r/min", 3000, "rpm"),
    (1, "W/(m·K)", 1, "W/m·K"),
    (100, "mAh/g", 100, "Ah/kg"),
    (1, "mg/L", 1, "μg/mL"),
    (2, "g/cm³", 2000, "kg/m³"),
    (10, "nM", 0.01, "μM"),
    (4, "N.m", 4, "N.m"),
    (4, "N·m", 4, "Nm"),
    (7, "HRC", 7, "HRC"),
]  # fmt: skip

APART = [
    ("℃", "%"), ("mm", "mm2"), ("MPa", "MPa·s"), ("mW", "mV"), ("dB", "dBm"), ("s", "m"), ("Hz", "r/min"), ("Nm³/h", "m³/h"),
    ("", "%"), ("次", "个"), ("HRC", "HBW"), ("kg", "kg/h"), ("W", "Wp"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "source", "expected", "target"), SAME)
def test_converts_both_ways(value: float, source: str, expected: float, target: str) -> None:
    assert convert(value, source, target) == pytest.approx(expected, rel=1e-9)
    assert convert(expected, target, source) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(("source", "target"), APART)
def test_never_converts_what_measures_something_else(source: str, target: str) -> None:
    assert convert(1.0, source, target) is None
    assert convert(1.0, target, source) is None


def test_round_figures_stay_round() -> None:
    """A bound given in another unit must meet exactly the bound asked."""
    assert convert(0.3, "mm", "μm") == 300.0
    assert convert(1.1, "g", "mg") == 1100.0
    assert convert(90, "min", "h") == 1.5


@given(st.text(max_size=30), st.text(max_size=30), st.floats(-1e9, 1e9))
def test_any_spelling_is_a_unit(source: str, target: str, value: float) -> None:
    assert parse(source) == parse(source)
    assert convert(value, source, source) == value
    converted = convert(value, source, target)
    assert converted is None or not math.isnan(converted)
