"""The figures of a text whatever way they are written: 0.5 mm and 500 μm are one, 300 W and 500 W are two. Pure.

A figure is a value in its dimensions' own unit with the words around it; names are what has letters and digits (models,
standards, grades); rights are patent numbers. Who can be reached, and when, is said of no matter and is taken out before.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from matching.pairing.units import parse
from search.text import comparison_key, number_key
from search.text.normal import to_simplified, visible

_BEFORE: Final = 8
"""Signs before a figure, within its clause, that say what it is a figure of."""
_PAUSE: Final = re.compile(r"[，,。；;：:、（）()\n!?！？]")
_KNOWN: Final = frozenset({"m", "kg", "s", "A", "°C", "mol", "bit", "rad", "ratio", "r", "Hz", "eV", "lm", "lx", "cd", "Wp"})
_CONTACT: Final = re.compile(
    r"(?:联系人|联系电话|联系方式|電話|聯絡人|聯繫人|电话|手机|邮箱|传真|微信|地址|E-?mail|Tel)[^。；;\n]*[。；;\n]?"
    r"|https?://\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)0\d{2,3}-\d{7,8}(?!\d)",
    re.IGNORECASE,
)
_DATE: Final = re.compile(r"(?:19|20)\d{2}\s?[-./年]\s?(?:\d{1,2}\s?(?:[-./月]\s?(?:\d{1,2}\s?日?)?)?)?(?!\d)")
_RIGHT: Final = re.compile(r"(?<![A-Za-z0-9])(?:ZL|CN)?\s?(?:19|20)\d{2}\s?[1-9]\s?\d{7}(?:\.[\dXx])?(?!\d)")
_NAME: Final = re.compile(
    r"(?<![A-Za-z0-9])(?=[A-Za-z0-9./-]*\d)[A-Za-z]{1,10}(?:[-/ .]?\d[A-Za-z0-9]*(?:[-/.][A-Za-z0-9]+)*)", re.ASCII
)
_LETTERS: Final = r"[A-Za-zΩμµ°℃%‰′″]+(?:[²³⁻¹]+|\^?-?[234](?![\d.]))?"
_HAN_UNITS: Final = (
    "平方公里|平方毫米|平方米|立方米|摄氏度|百分点|亿元|万元|万吨|万片|万件|万次|千瓦|兆瓦|兆帕|毫米|厘米|微米|纳米|奈米|公里|千米|"
    "公斤|千克|毫克|毫升|毫秒|分钟|小时|个月|米|元|吨|克|升|秒|天|日|周|月|年|度|伏|瓦|亩|台|套|件|片|个|只|人|次|条|路|级|倍|转|颗|"
    "根|层|批|家|名|圈|趟|锅|万|亿|种|户|炉|座|枚|支|轮|车"
)
_FACTOR: Final = rf"(?:\(?{_LETTERS}\)?|(?:{_HAN_UNITS})|\d{{1,4}}\s?km)"
_UNIT: Final = rf"(?:万?{_LETTERS}(?:[·/*]{_FACTOR})*|(?:{_HAN_UNITS})(?:/(?:{_LETTERS}|{_HAN_UNITS}))?)"
_NUMBER: Final = r"\d{1,3}(?:[, ]\d{3})+(?!\d)|\d+(?:\.\d+)?"
_FIGURE: Final = re.compile(
    rf"(?<![A-Za-z\d.])(?P<low>{_NUMBER})\s?(?P<first>{_UNIT})?(?:\s?[-~—–至到]\s?(?P<high>{_NUMBER}))?\s?(?P<unit>{_UNIT})?"
)
_MEASURES: Final = (
    "平方公里|平方米|立方米|摄氏度|百分点|亿元|万元|万吨|毫米|厘米|微米|纳米|公里|千米|公斤|千克|毫克|毫升|毫秒|分钟|小时|个月|"
    "米|元|吨|克|升|秒|天|年|度|伏|瓦|亩"
)
_SPOKEN: Final = re.compile(rf"(?P<number>[零一二两三四五六七八九十百千万亿]+)(?P<unit>{_MEASURES})(?![零一二三四五六七八九十])")
"""What is counted in words (两条线) is mostly said by the way; what is measured in words is meant."""
_DIGITS: Final = {sign: at for at, sign in enumerate("零一二三四五六七八九")} | {"两": 2}
_TENS: Final = {"十": 10, "百": 100, "千": 1000}
_SLIPS: Final = (
    (re.compile(r"(?<=\d)[oO](?=[\d.%]|$|\s|[^A-Za-z])"), "0"),
    (re.compile(r"(?<=\d)[lI](?=\d)|(?<![A-Za-z])[lI](?=\d)"), "1"),
)
"""Letters that a scanner read where a figure stood."""


@dataclass(frozen=True, slots=True)
class Figure:
    """`dimensions` are the base units with their exponents, none for a bare number; `value` is in them, four digits of it.
    `around` are the signs before it in its clause; `said` is the figure as the text has it."""

    dimensions: tuple[tuple[str, int], ...]
    value: float
    around: frozenset[str]
    said: str

    @property
    def measure(self) -> tuple[tuple[tuple[str, int], ...], float]:
        return self.dimensions, self.value


@dataclass(frozen=True, slots=True)
class Read:
    """What a text says in figures. `bare` is the text without them."""

    figures: tuple[Figure, ...]
    names: frozenset[str]
    rights: frozenset[str]
    bare: str


@functools.lru_cache(maxsize=4096)
def read(text: str) -> Read:
    """Figures, names and rights of a text. Never raises."""
    plain = _plain(text)
    rights = frozenset(number_key(each[0]) for each in _RIGHT.finditer(plain))
    plain = _DATE.sub(" ", _RIGHT.sub(" ", plain))
    names = frozenset(each for each in (_name(found[0]) for found in _NAME.finditer(plain)) if each)
    rest = _NAME.sub(lambda found: " " if _name(found[0]) else found[0], plain)
    found = [*_counted(rest), *_spoken(rest)]
    bare = _SPOKEN.sub(" ", _FIGURE.sub(" ", rest))
    return Read(tuple(found), names, rights, bare)


def without_contacts(text: str) -> str:
    return _CONTACT.sub("\n", text)


def _plain(text: str) -> str:
    """One width and one script, with capitals kept: MPa is not mPa."""
    folded = unicodedata.normalize("NFKC", without_contacts(to_simplified(visible(text)))).replace("−", "-").replace("～", "~")
    for slip, digit in _SLIPS:
        folded = slip.sub(digit, folded)
    return folded


def _name(found: str) -> str:
    """Its key; nothing for what is a unit (m3/h)."""
    if all(symbol in _KNOWN for symbol, _ in parse(found).dimensions):
        return ""
    key = comparison_key(found).replace("-", "").replace("/", "").replace(".", "")
    return key if 2 < len(key) <= 24 else ""


def _value(number: str) -> float:
    return float(number.replace(",", "").replace(" ", ""))


def _figure(value: float, unit: str, text: str, start: int, said: str) -> Figure:
    if len(unit) > 1 and unit[0] == "万" and unit[1] not in "元吨片件次":
        value, unit = value * 10_000, unit[1:]
    measured = parse(unit)
    before = _PAUSE.split(text[max(0, start - _BEFORE) : start])[-1]
    return Figure(measured.dimensions, float(f"{value * measured.scale + measured.offset:.4g}"), _around(before), said)


def _around(before: str) -> frozenset[str]:
    return frozenset(sign for sign in comparison_key(before) if sign.isalpha())


def _counted(text: str) -> Iterator[Figure]:
    for found in _FIGURE.finditer(text):
        unit = (found["unit"] if found["high"] or not found["first"] else found["first"]) or found["first"] or ""
        said = " ".join(found[0].split())
        for number in (found["low"], found["high"]):
            if number:
                yield _figure(_value(number), unit, text, found.start(), said)


def _spoken(text: str) -> Iterator[Figure]:
    """两千小时. One of anything is mostly an article."""
    for found in _SPOKEN.finditer(text):
        value = spoken_number(found["number"])
        if value and value > 1:
            yield _figure(value, found["unit"], text, found.start(), found[0])


def spoken_number(signs: str) -> float | None:
    """两千三百 → 2300; None for what is no number."""
    total = section = digit = 0
    for sign in signs:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        elif sign in _TENS:
            section += (digit or 1) * _TENS[sign]
            digit = 0
        elif sign in "万亿":
            total = (total + section + digit) * (10_000 if sign == "万" else 100_000_000)
            section = digit = 0
        else:
            return None
    return float(total + section + digit)


def of_row(name: str, values: Sequence[float], unit: str, said: str) -> tuple[Figure, ...]:
    """The figures of an indicator's row."""
    around = _around(name[-_BEFORE:])
    measured = parse(unit)
    return tuple(
        Figure(measured.dimensions, float(f"{each * measured.scale + measured.offset:.4g}"), around, said) for each in values
    )


@dataclass(frozen=True, slots=True)
class Clash:
    """Two figures of the same thing that are not the same."""

    one: str
    other: str


def clashes(one: Sequence[Figure], other: Sequence[Figure]) -> tuple[tuple[Clash, ...], int]:
    """Figures that only one text has, where the other has another of the same dimensions said in much the same words; and how
    many figures they share. Symmetric but for the order of each clash."""
    shared = {each.measure for each in one} & {each.measure for each in other}
    left = [each for each in _once(one) if each.measure not in shared]
    right = [each for each in _once(other) if each.measure not in shared]
    pairs = sorted(
        ((_likeness(a, b), i, j) for i, a in enumerate(left) for j, b in enumerate(right) if a.dimensions == b.dimensions),
        key=lambda each: (
            -each[0],
            *sorted((left[each[1]].value, right[each[2]].value)),
            left[each[1]].said,
            right[each[2]].said,
        ),
    )
    taken: set[int] = set()
    given: set[int] = set()
    found: list[Clash] = []
    for like, i, j in pairs:
        if like >= SAME_PLACE and i not in taken and j not in given:
            taken.add(i)
            given.add(j)
            found.append(Clash(left[i].said, right[j].said))
    return tuple(found), len(shared)


SAME_PLACE: Final = 0.5
"""From this share of common signs around them on two figures are of the same thing."""


def _likeness(one: Figure, other: Figure) -> float:
    total = len(one.around) + len(other.around)
    return 2 * len(one.around & other.around) / total if total else 1.0


def _once(figures: Sequence[Figure]) -> list[Figure]:
    return list({each.measure: each for each in reversed(figures)}.values())[::-1]
