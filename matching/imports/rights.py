"""Intellectual property columns: numbers, kinds and states of several rights in three cells, joined without guessing. Pure."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from matching.content import IpRight
from matching.errors import FieldError
from matching.imports.dates import NotADate, read_date
from matching.typed_text import clean_line, shown

_SEPARATORS: Final = re.compile(r"[、，,;；\n|]+|(?<![A-Za-z])/(?![A-Za-z])|\s和\s|\s{2,}")
_APPLICATION: Final = re.compile(r"(?:ZL|CN)?[:：.\s]*((?:19|20)\d{2})\s?([123589])\s?(\d{7})\s?[.．]?\s?([\dXx])?(?!\d)")
_NUMBER: Final = re.compile(r"(?=.*\d.*\d.*\d.*\d)[A-Za-z0-9][A-Za-z0-9 .\-/:()]{3,58}")
_KIND_BY_DIGIT: Final = {"1": "invention", "8": "invention", "2": "utility", "9": "utility", "3": "design"}
"""The fifth digit of a Chinese application number: 8 and 9 are those that came by the international way."""
_PUBLISHED: Final = re.compile(r"CN\s?\d{7,9}\s?([ABCUSY])\d?", re.IGNORECASE)
_KIND_BY_LETTER: Final = {"A": "invention", "B": "invention", "C": "invention", "U": "utility", "Y": "utility", "S": "design"}
_INTERNATIONAL: Final = re.compile(r"PCT/[A-Z]{2}\d{2,4}/\d{5,6}", re.IGNORECASE)
_SLASH: Final = "\u2215"
"""Stands for the slashes inside an international number while the cell is cut at the others."""
_SOFTWARE: Final = re.compile(r"(?:软著登字第?)?\d{4}SR\w+号?", re.IGNORECASE)
_LABEL: Final = re.compile(
    r"^(?:已|正在)?(?:中国|国家)?(?:发明|实用新型|外观设计|专利|申请|授权|公开|公告|登记)+号?[:：\s]*|^第|号$"
)
_IN_BRACKETS: Final = re.compile(r"[(（]([^)）]*)[)）]")

_FACTS: Final = {
    "ip_title": "title", "ip_filed_on": "filed_on", "ip_granted_on": "granted_on", "ip_holders": "holders", "ip_ipc": "ipc",
}  # fmt: skip
"""Column → part of a right."""
_BETWEEN_FACTS: Final = re.compile(r"[、；;\n|]+")
"""Titles have commas in them, and classes slashes."""

Named = Callable[[str, str], str | None]
"""(list, what is written) → code: `Vocabulary.code`."""


def split_cell(text: str) -> list[str]:
    """The parts of a cell that holds several values, in order, without empty ones."""
    return [part for part in (clean_line(each) for each in _SEPARATORS.split(text)) if part]


def read_rights(cells: Mapping[str, str], code_of: Named, errors: list[FieldError]) -> tuple[IpRight, ...]:
    """The rights that the cells name (`ip` holds the numbers, the others go by their field). What does not join
    unambiguously goes to `errors`.

    A number's own kind (its fifth digit, its letter) counts most; else the kinds join one by one, or one stands for all.
    """
    count = len(errors)
    numbers, status = cells.get("ip", ""), cells.get("ip_status", "")
    if not status and cells.get("ip_kind") and code_of("ip_status", clean_line(numbers)):
        numbers, status = "", numbers  # 申请中: there is no number yet, and the kind stands beside it
    found = [_number(part, code_of, errors) for part in _numbers(numbers)]
    named = _codes(cells.get("ip_kind", ""), "ip_kind", code_of, errors)
    stated = _codes(status, "ip_status", code_of, errors)
    if len(errors) > count:
        return ()
    rights = _with_numbers(found, named, stated, errors) if found else _without_numbers(named, stated, errors)
    return _with_facts(rights, cells, errors)


def _with_facts(rights: tuple[IpRight, ...], cells: Mapping[str, str], errors: list[FieldError]) -> tuple[IpRight, ...]:
    """Titles, dates, holders and classes: one for each right, or one for all."""
    for code, part in _FACTS.items():
        text = cells.get(code, "")
        values = [value for each in _BETWEEN_FACTS.split(text) if (value := clean_line(each))]
        if not values or not rights:
            continue
        if part == "holders" and len(values) != len(rights):
            values = [clean_line(text)]  # those who hold it together
        joined = _join(values, len(rights))
        if joined is None:
            errors.append(FieldError(code, "counts_differ", {"numbers": len(rights), "values": len(values)}))
        elif part in ("filed_on", "granted_on"):
            rights = _dated(rights, code, part, joined, errors)
        else:
            rights = tuple(
                right if right.kind == "none" else _told(right, part, clean_line(value))
                for right, value in zip(rights, joined, strict=True)
            )
    return rights


def _dated(rights: tuple[IpRight, ...], code: str, part: str, values: list[str], errors: list[FieldError]) -> tuple[IpRight, ...]:
    try:
        days = [read_date(value, end_of_month=False) for value in values]
    except NotADate as refused:
        errors.append(FieldError(code, str(refused.args[0]), {"value": shown(" ".join(values))}))
        return rights
    return tuple(_told(right, part, day) for right, day in zip(rights, days, strict=True))


def _told(right: IpRight, part: str, value: Any) -> IpRight:
    return replace(right, **{part: value})


def _with_numbers(
    found: list[tuple[str, str, str, str]], named: list[str], stated: list[str], errors: list[FieldError]
) -> tuple[IpRight, ...]:
    joined = _join(named, len(found))
    states_joined = _join(stated, len(found))
    if stated and states_joined is None:
        errors.append(FieldError("ip_status", "counts_differ", {"numbers": len(found), "values": len(stated)}))
    rights: list[IpRight] = []
    for place, (number, own, in_brackets, state) in enumerate(found):
        kind = own or in_brackets or (joined[place] if joined else "")
        if not kind:
            errors.append(FieldError("ip_kind", "ip_kind_unclear", {"value": shown(number)}))
        elif named and kind not in named and not in_brackets:
            errors.append(FieldError("ip_kind", "ip_kind_differs", {"value": shown(number)}))
        rights.append(IpRight(kind, "", number, (states_joined[place] if states_joined else "") or state, ""))
    return tuple(rights)


def _without_numbers(named: list[str], stated: list[str], errors: list[FieldError]) -> tuple[IpRight, ...]:
    kinds = list(dict.fromkeys(named))
    states = _join(stated, len(kinds)) if kinds else []
    if stated and not states:
        errors.append(FieldError("ip_status", "counts_differ", {"numbers": len(kinds), "values": len(stated)}))
        return ()
    return tuple(IpRight(kind, "", "", states[place] if states else "", "") for place, kind in enumerate(kinds))


def _join(values: list[str], count: int) -> list[str] | None:
    """One value for all, or one each; None where neither fits (or there is none)."""
    if len(values) == count:
        return values
    return values * count if len(set(values)) == 1 else None


def _codes(text: str, list_code: str, code_of: Named, errors: list[FieldError]) -> list[str]:
    found: list[str] = []
    for part in split_cell(text):
        code = code_of(list_code, part)
        if code is None:
            errors.append(FieldError(list_code, "unknown_code", {"value": shown(part)}))
        else:
            found.append(code)
    return found


def _numbers(text: str) -> list[str]:
    """Parts of the numbers' cell; several application numbers with only a space between them are cut, too."""
    parts: list[str] = []
    guarded = _INTERNATIONAL.sub(lambda found: found[0].replace("/", _SLASH), text)
    for part in (each.replace(_SLASH, "/") for each in split_cell(guarded)):
        whole = list(_APPLICATION.finditer(part))
        rest = _APPLICATION.sub("", part)
        if len(whole) > 1 and not any(character.isalnum() for character in rest):
            parts += [each[0].strip() for each in whole]
        else:
            parts.append(part)
    return parts


def _number(part: str, code_of: Named, errors: list[FieldError]) -> tuple[str, str, str, str]:
    """Number, the kind that the number itself tells, kind and state written in brackets behind it."""
    plain = unicodedata.normalize("NFKC", part)
    behind = {name: _in_brackets(plain, name, code_of) for name in ("ip_kind", "ip_status")}
    if any(behind.values()):
        plain = _IN_BRACKETS.sub("", plain)
    plain = _LABEL.sub("", plain.strip()).strip()
    own = ""
    if application := _APPLICATION.fullmatch(plain):
        own = _KIND_BY_DIGIT.get(application[2], "")
    elif _SOFTWARE.fullmatch(plain):
        own = "software"
    elif published := _PUBLISHED.fullmatch(plain):
        own = _KIND_BY_LETTER[published[1].upper()]
    elif not _NUMBER.fullmatch(plain):
        errors.append(FieldError("ip", "bad_right_number", {"value": shown(part)}))
    return plain, own, behind["ip_kind"], behind["ip_status"]


def _in_brackets(text: str, list_code: str, code_of: Named) -> str:
    return next((code for each in _IN_BRACKETS.findall(text) if (code := code_of(list_code, each))), "")
