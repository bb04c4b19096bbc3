"""Units of indicators: two figures can be compared when their units measure the same thing. Pure.

A unit is read as a product of base units with SI prefixes (`mΩ·cm²`, `W/(m·K)`, `件/h`). What is not in the table is a
unit of its own: equal spellings can be compared, nothing is ever converted by guess.
"""

import functools
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

Dimensions = tuple[tuple[str, int], ...]
"""Base symbols and their exponents, sorted by symbol."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A figure of this unit is `figure * scale + offset` of its dimensions' own unit."""

    dimensions: Dimensions
    scale: float = 1.0
    offset: float = 0.0


_PREFIXES: Final = {"f": -15, "p": -12, "n": -9, "u": -6, "m": -3, "c": -2, "d": -1, "k": 3, "K": 3, "M": 6, "G": 9, "T": 12}

_BASES: Final[dict[str, tuple[dict[str, int], float]]] = {
    "m": ({"m": 1}, 1.0),
    "g": ({"kg": 1}, 1e-3),
    "s": ({"s": 1}, 1.0),
    "A": ({"A": 1}, 1.0),
    "L": ({"m": 3}, 1e-3),
    "l": ({"m": 3}, 1e-3),
    "N": ({"kg": 1, "m": 1, "s": -2}, 1.0),
    "Pa": ({"kg": 1, "m": -1, "s": -2}, 1.0),
    "bar": ({"kg": 1, "m": -1, "s": -2}, 1e5),
    "atm": ({"kg": 1, "m": -1, "s": -2}, 101325.0),
    "J": ({"kg": 1, "m": 2, "s": -2}, 1.0),
    "W": ({"kg": 1, "m": 2, "s": -3}, 1.0),
    "V": ({"kg": 1, "m": 2, "s": -3, "A": -1}, 1.0),
    "Ω": ({"kg": 1, "m": 2, "s": -3, "A": -2}, 1.0),
    "F": ({"kg": -1, "m": -2, "s": 4, "A": 2}, 1.0),
    "Wp": ({"Wp": 1}, 1.0),
    "Hz": ({"Hz": 1}, 1.0),
    "mol": ({"mol": 1}, 1.0),
    "eV": ({"eV": 1}, 1.0),
    "b": ({"bit": 1}, 1.0),
    "bit": ({"bit": 1}, 1.0),
    "B": ({"bit": 1}, 8.0),
    "rad": ({"rad": 1}, 1.0),
    "lm": ({"lm": 1}, 1.0),
    "lx": ({"lx": 1}, 1.0),
    "cd": ({"cd": 1}, 1.0),
    "H": ({"kg": 1, "m": 2, "s": -2, "A": -2}, 1.0),
    "T": ({"kg": 1, "s": -2, "A": -1}, 1.0),
    "Gy": ({"Gy": 1}, 1.0),
    "Sv": ({"Sv": 1}, 1.0),
    "Bq": ({"Bq": 1}, 1.0),
    "cal": ({"kg": 1, "m": 2, "s": -2}, 4.184),
}
"""Units that take SI prefixes. Hz stands apart from 1/s: rates of events and of turns are not frequencies here."""

_MINUTE, _HOUR, _DAY, _MONTH, _YEAR = 60.0, 3600.0, 86400.0, 2629800.0, 31557600.0
_ATOMS: Final[dict[str, tuple[dict[str, int], float]]] = {
    "min": ({"s": 1}, _MINUTE),
    "h": ({"s": 1}, _HOUR),
    "d": ({"s": 1}, _DAY),
    "a": ({"s": 1}, _YEAR),
    "t": ({"kg": 1}, 1e3),
    "kWh": ({"kg": 1, "m": 2, "s": -2}, 3.6e6),
    "Wh": ({"kg": 1, "m": 2, "s": -2}, 3600.0),
    "Ah": ({"A": 1, "s": 1}, 3600.0),
    "°": ({"rad": 1}, math.pi / 180),
    "′": ({"rad": 1}, math.pi / 180 / 60),
    "″": ({"rad": 1}, math.pi / 180 / 3600),
    "%": ({"ratio": 1}, 1e-2),
    "‰": ({"ratio": 1}, 1e-3),
    "ppm": ({"ratio": 1}, 1e-6),
    "ppb": ({"ratio": 1}, 1e-9),
    "dB": ({"dB": 1}, 1.0),
    "rpm": ({"r": 1, "s": -1}, 1 / 60),
    "r": ({"r": 1}, 1.0),
    "mmHg": ({"kg": 1, "m": -1, "s": -2}, 133.322387415),
    "Å": ({"m": 1}, 1e-10),
    "ha": ({"m": 2}, 1e4),
    "亩": ({"m": 2}, 10000 / 15),
    "元": ({"元": 1}, 1.0),
    "hPa": ({"kg": 1, "m": -1, "s": -2}, 100.0),
    "mM": ({"mol": 1, "m": -3}, 1.0),
    "uM": ({"mol": 1, "m": -3}, 1e-3),
    "nM": ({"mol": 1, "m": -3}, 1e-6),
    "Nm³": ({"Nm³": 1}, 1.0),
    "Nm": ({"kg": 1, "m": 2, "s": -2}, 1.0),
    "1": ({}, 1.0),
}
_TEMPERATURES: Final = {"°C": (1.0, 0.0), "℃": (1.0, 0.0), "K": (1.0, -273.15), "°F": (5 / 9, -160 / 9)}
_ALIASES: Final = {
    "秒": "s", "分钟": "min", "小时": "h", "时": "h", "天": "d", "日": "d", "周": "week", "星期": "week",
    "月": "month", "个月": "month", "年": "a", "毫米": "mm", "厘米": "cm", "微米": "um", "纳米": "nm", "米": "m", "公里": "km",
    "克": "g", "毫克": "mg", "千克": "kg", "公斤": "kg", "吨": "t", "升": "L", "毫升": "mL", "转": "r", "秒钟": "s",
    "摄氏度": "°C", "伏": "V", "瓦": "W", "千瓦": "kW", "兆帕": "MPa", "赫兹": "Hz", "sec": "s", "hr": "h", "hour": "h",
    "hours": "h", "days": "d", "day": "d", "years": "a", "year": "a", "yr": "a", "months": "month", "minutes": "min",
    "ohm": "Ω", "ml": "mL", "kw": "kW", "mw·h": "mWh", "kwh": "kWh", "hz": "Hz", "khz": "kHz", "mhz": "MHz", "ghz": "GHz",
    "db": "dB", "mpa": "MPa", "Mpa": "MPa", "Kpa": "kPa", "kpa": "kPa", "KPa": "kPa", "Gpa": "GPa", "gpa": "GPa", "wp": "Wp",
    "RPM": "rpm", "KM": "km", "KG": "kg", "Kg": "kg", "MM": "mm", "kv": "kV", "KV": "kV", "Bit": "bit", "deg": "°", "′′": "″",
    "角分": "′", "角秒": "″", "arcmin": "′", "arcsec": "″", "PPM": "ppm", "PPB": "ppb", "百分比": "%", "标方": "Nm³",
    "mg/kg": "ppm", "wt%": "%",
}  # fmt: skip
"""Other spellings; small letters only where no unit of the field is written so (`mpa` is no millipascal there)."""
_EXTRA: Final[dict[str, tuple[dict[str, int], float]]] = {"week": ({"s": 1}, 7 * _DAY), "month": ({"s": 1}, _MONTH)}

_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_POWER: Final = re.compile(r"(.*?[^\d\-^])\^?(-?\d)")
_COUNT: Final = {"万": 1e4, "亿": 1e8, "千": 1e3, "百万": 1e6}


def _clean(unit: str) -> str:
    text = unit.strip().translate(_SUPERSCRIPTS).replace("″", "\ue000").replace("′′", "\ue000").replace("′", "\ue001")
    text = unicodedata.normalize("NFKC", text).replace("\ue000", "″").replace("\ue001", "′")
    text = text.replace("μ", "u").replace("º", "°").replace("˚", "°")
    text = re.sub(r"Nm\^?3", "标方", text)  # gas at normal state, no cube of a torque
    return re.sub(r"[·•・∙⋅*×]", "·", "".join(text.split()))


def _factors(text: str) -> Iterator[tuple[str, int]]:
    """`W/(m·K)` to (W, 1), (m, -1), (K, -1); what follows a slash divides, up to the next one or the closing bracket."""
    for at, group in enumerate(re.split(r"/(?![^()]*\))", text)):
        for piece in re.split(r"[·/]", group.strip("()")):
            if not piece:
                continue
            power = _POWER.fullmatch(piece)
            symbol, exponent = (power.group(1), int(power.group(2))) if power else (piece, 1)
            yield symbol, exponent * (-1 if at else 1)


def _atom(symbol: str) -> tuple[dict[str, int], float]:
    symbol = _ALIASES.get(symbol, symbol)
    for table in (_ATOMS, _EXTRA, _BASES):
        if symbol in table:
            return table[symbol]
    for name in ("kWh", "Wh", "Ah", "eV", "t"):
        if symbol.endswith(name) and symbol[: -len(name)] in _PREFIXES:
            dimensions, scale = _ATOMS.get(name) or _BASES[name]
            return dimensions, scale * 10.0 ** _PREFIXES[symbol[: -len(name)]]
    if len(symbol) > 1 and symbol[0] in _PREFIXES and symbol[1:] in _BASES:
        dimensions, scale = _BASES[symbol[1:]]
        return dimensions, scale * 10.0 ** _PREFIXES[symbol[0]]
    for count, factor in _COUNT.items():
        if symbol.startswith(count) and len(symbol) > len(count):
            dimensions, scale = _atom(symbol[len(count) :])
            return dimensions, scale * factor
    if symbol in _COUNT:
        return {}, _COUNT[symbol]
    return {symbol.lower() if symbol.isascii() and len(symbol) > 2 else symbol: 1}, 1.0


@functools.lru_cache(maxsize=4096)
def parse(unit: str) -> Unit:
    """What `unit` measures. Never raises: an unknown or odd spelling is a unit of its own, an empty one a bare number."""
    text = _clean(unit)
    text = _ALIASES.get(text, text)
    if text in _TEMPERATURES:
        scale, offset = _TEMPERATURES[text]
        return Unit((("°C", 1),), scale, offset)
    if text.lower() in ("mbps", "kbps", "gbps", "bps"):
        text = f"{text[:-3]}b/s" if len(text) > 3 else "b/s"
    exponents: dict[str, int] = {}
    total = 1.0
    for symbol, power in _factors(text):
        dimensions, scale = _atom(symbol)
        total *= scale**power
        for name, exponent in dimensions.items():
            exponents[name] = exponents.get(name, 0) + exponent * power
    return Unit(tuple(sorted((n, e) for n, e in exponents.items() if e)), total)


def convert(value: float, source: str, target: str) -> float | None:
    """`value` given in `source`, in `target`; None where the two measure different things. Rounded to 12 digits, so that
    1000 mm are exactly 1 m."""
    a, b = parse(source), parse(target)
    if a.dimensions != b.dimensions:
        return None
    if a == b:
        return value
    if not (b.scale and math.isfinite(a.scale) and math.isfinite(b.scale)):
        return None
    converted = (value * a.scale + a.offset - b.offset) / b.scale
    return float(f"{converted:.12g}")
