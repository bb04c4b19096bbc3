"""Units as people write them: 5 μm, 5um and 5微米 are one quantity. Works on the normal form (`search.text.normal`)."""

import re
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

_HAN: Final = "\u4e00-\u9fff"
_WRITTEN: Final[dict[str, tuple[str, ...]]] = {
    "°c": ("摄氏度",),
    "nm": ("纳米",),
    "um": ("微米",),
    "mm": ("毫米",),
    "cm": ("厘米",),
    "m": ("米",),
    "km": ("千米", "公里"),
    "m2": ("平方米", "平米", "m^2"),
    "m3": ("立方米", "m^3"),
    "ml": ("毫升",),
    "l": ("升",),
    "mg": ("毫克",),
    "g": ("克",),
    "kg": ("千克", "公斤"),
    "t": ("吨",),
    "w": ("瓦",),
    "kw": ("千瓦",),
    "mw": ("兆瓦",),
    "kwh": ("千瓦时", "kw·h"),
    "mwh": ("兆瓦时", "mw·h"),
    "v": ("伏",),
    "kv": ("千伏",),
    "ma": ("毫安",),
    "mah": ("毫安时", "ma·h"),
    "ah": ("安时", "a·h"),
    "hz": ("赫兹",),
    "khz": ("千赫", "千赫兹"),
    "mhz": ("兆赫", "兆赫兹"),
    "ghz": ("吉赫", "吉赫兹"),
    "kpa": ("千帕",),
    "mpa": ("兆帕",),
    "gpa": ("吉帕",),
    "kn": ("千牛",),
    "db": ("分贝",),
    "rpm": ("转/分", "转每分", "r/min"),
    "min": ("分钟",),
}
"""By the spelling that terms use. Case is folded before, so that mW and MW are one here as everywhere."""
_ADJECTIVES: Final = frozenset({"纳米", "微米"})
"""Said of materials more often than of lengths: only with a number before them are they units."""

_SPELLINGS: Final = frozenset(spelling for others in _WRITTEN.values() for spelling in others)
HAN_UNITS: Final = frozenset(each for each in _SPELLINGS if len(each) > 1 and each.isalpha() and not each.isascii())
"""What the cutter must know as words."""
_UNIT_OF: Final = {spelling: unit for unit, others in _WRITTEN.items() for spelling in (unit, *others)}


def _pattern(spelling: str) -> str:
    """A unit ends where its word ends; a single Han character is one only where no other follows (3升级, 2克拉)."""
    if spelling.isascii() or not spelling[-1] > "\u4e00":
        return re.escape(spelling) + r"(?![a-z\d])"
    return spelling if len(spelling) > 1 else rf"{spelling}(?![{_HAN}])"


_ANY: Final = "|".join(_pattern(each) for each in sorted(_UNIT_OF, key=lambda each: (-len(each), each)))
_NUMBER: Final = r"\d{1,12}(?:\.\d{1,12})?"
_FREE: Final = r"(?<![a-z\d])(?<!\d[.,])(?<!\d )"
"""Where a number begins, and no longer one goes on."""
_QUANTITY: Final = re.compile(rf"{_FREE}(?P<number>\d{{1,3}}(?:,\d{{3}}){{1,4}}|{_NUMBER}) ?(?P<unit>{_ANY})")
_COMPACT: Final = re.compile(rf"({_NUMBER})({'|'.join(map(re.escape, _WRITTEN))})")


class Quantity(NamedTuple):
    """`term` is number and unit in the one spelling that terms use; `end` is where it ends in the text."""

    term: str
    end: int


def quantities(normal: str) -> Iterator[Quantity]:
    """Every number with a unit behind it in a text in normal form, in reading order."""
    for found in _QUANTITY.finditer(normal):
        yield Quantity(found["number"].replace(",", "") + _UNIT_OF[found["unit"]], found.end())


def quantity_pattern(term: str) -> re.Pattern[str] | None:
    """What finds the quantity that `term` is in a normal form, in every spelling; None where it is none."""
    found = _COMPACT.fullmatch(term)
    if not found:
        return None
    number, unit = found.groups()
    whole, point, rest = number.partition(".")
    digits = "".join(f"{digit},?" if (len(whole) - at) % 3 == 1 else digit for at, digit in enumerate(whole)).removesuffix(",?")
    spellings = "|".join(_pattern(each) for each in (unit, *_WRITTEN[unit]))
    return re.compile(rf"{_FREE}{digits}{re.escape(point + rest)} ?(?:{spellings})")


def is_quantity(term: str) -> bool:
    """Whether a term is a number with its unit and nothing else."""
    return _COMPACT.fullmatch(term) is not None


def unit_spellings(terms: Collection[str]) -> tuple[str, ...]:
    """Other spellings of the units among the terms of a query, to be asked for beside them as related: 千瓦 for kw.

    Numbers with a unit need none: `terms` gives them one spelling. Units of one letter have none without their number.
    """
    others: dict[str, None] = {}
    for term in terms:
        unit = _UNIT_OF.get(term)
        if unit is None or len(unit) < 2 or term in _ADJECTIVES:
            continue
        for spelling in (unit, *_WRITTEN[unit]):
            if spelling not in _ADJECTIVES and spelling not in terms and (spelling in HAN_UNITS or spelling == unit):
                others[spelling] = None
    return tuple(others)
