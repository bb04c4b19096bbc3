"""Dates and periods as sheets hold them. Pure: `today` is given."""

import calendar
import re
import unicodedata
from datetime import date, timedelta
from typing import Final

from matching.drafts import add_years

_SERIAL_EPOCH: Final = date(1899, 12, 30)
_SERIALS: Final = range(20_000, 80_000)
"""Days since the epoch of spreadsheets, 1954 to 2119, as a date cell formatted as a number shows them."""
_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[t ]?\d{1,2}:\d{2}(?::\d{2})?)?")
_MONTH: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})月?")
_SOLID: Final = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})?")
_YEAR: Final = re.compile(r"(?:19|20)\d{2}年?")
_PERIOD: Final = re.compile(r"(半|[0-9]{1,4}|[一二两三四五六七八九十]{1,3})个?(年半|年|月|季度|周|星期|天|日)(?:内|以内|有效)?")
_PART: Final = re.compile(r"(\d{4})年?(?:[年度]*(底|末)|(上|下)半年|第?([一二三四1-4])季度?|q([1-4]))")
_MONTH_END: Final = re.compile(r"(?<=月)(?:底|末|下旬)$")
_DROPPED_ZERO: Final = re.compile(r"\d{4}\.1")
"""January, or October in a cell of numbers, which keeps no zero at its end."""
_COUNT: Final = "[一二三四五六七八九十]{1,3}"
_IN_WORDS: Final = re.compile(rf"([〇零○一二三四五六七八九]{{4}})年(?:({_COUNT})月)?(?:({_COUNT})[日号])?(底|末)?")
_DIGITS: Final = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNTIL: Final = re.compile(r"^(?:截止|截至|有效期至|有效期|至|到)+[::]?|(?:前|止|截止|之前|以前)$")


class NotADate(ValueError):
    """`args[0]` is the reason's code: `bad_date`, `date_needs_month` for a year alone, `date_month_unclear` for 2025.1."""


def read_date(text: str, *, end_of_month: bool) -> date:
    """`2025-06-01`, `2025/6/1`, `2025.6`, `2025年6月`, `二〇二五年六月`, `20250601`, `202506`, an Excel serial; `2025年底`,
    `2025年上半年`, `2025年第三季度` are their last month. A month alone is its first day, or its last. Raises `NotADate`."""
    plain = _MONTH_END.sub("", _in_digits("".join(unicodedata.normalize("NFKC", text).lower().split())))
    if _DROPPED_ZERO.fullmatch(plain):
        raise NotADate("date_month_unclear")
    day = _DAY.fullmatch(plain)
    if day:
        return _made(int(day[1]), int(day[2]), int(day[3]))
    month = _MONTH.fullmatch(plain)
    if month:
        return _month(int(month[1]), int(month[2]), end_of_month)
    if plain.isascii() and plain.isdigit() and len(plain) == 5 and int(plain) in _SERIALS:
        return _SERIAL_EPOCH + timedelta(days=int(plain))
    part = _PART.fullmatch(plain)
    if part:
        quarter = part[4] or part[5]
        last = 3 * int(_DIGITS.get(quarter, quarter)) if quarter else 6 if part[3] == "上" else 12
        return _month(int(part[1]), last, end_of_month)
    solid = _SOLID.fullmatch(plain)
    if solid:
        year, number = int(solid[1]), int(solid[2])
        return _made(year, number, int(solid[3])) if solid[3] else _month(year, number, end_of_month)
    raise NotADate("date_needs_month" if _YEAR.fullmatch(plain) else "bad_date")


def _in_digits(text: str) -> str:
    """二〇二五年六月 → 2025年6月."""
    found = _IN_WORDS.fullmatch(text)
    if found is None:
        return text
    year = "".join(str(_DIGITS.get(sign, 0)) for sign in found[1])
    month, day = (f"{_chinese(part)}{sign}" if part else "" for part, sign in ((found[2], "月"), (found[3], "日")))
    return f"{year}年{month}{day}{found[4] or ''}"


def read_until(text: str, today: date) -> date:
    """A last day: a date, or a period from today (`一年`, `6个月`, `90天`, `半年`). Raises `NotADate`."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    period = _PERIOD.fullmatch(plain)
    if period and not _YEAR.fullmatch(plain):
        return _after(today, period[1], period[2])
    return read_date(_UNTIL.sub("", plain), end_of_month=True)


def _after(today: date, count: str, unit: str) -> date:
    if count == "半":
        if unit != "年":
            raise NotADate("bad_date")
        return _add_months(today, 6)
    number = int(count) if count.isdigit() else _chinese(count)
    if unit == "年":
        return add_years(today, number)
    months = {"年半": number * 12 + 6, "月": number, "季度": number * 3}.get(unit)
    if months is not None:
        return _add_months(today, months)
    return today + timedelta(days=number * (7 if unit in ("周", "星期") else 1))


def _chinese(count: str) -> int:
    """一 to 九十九."""
    tens, ten, ones = count.partition("十")
    if not ten:
        if len(count) > 1:
            raise NotADate("bad_date")
        return _DIGITS[count]
    if len(tens) > 1 or len(ones) > 1:
        raise NotADate("bad_date")
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def _add_months(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = min(day.year + years, date.max.year)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _month(year: int, month: int, end: bool) -> date:
    first = _made(year, month, 1)
    return first.replace(day=calendar.monthrange(first.year, month)[1]) if end else first


def _made(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as problem:
        raise NotADate("bad_date") from problem
