"""The rows of a draft (indicators and IP rights): how they are cleaned and what is refused. Pure.

An error names the field `indicators` or `ip` and carries `row` (from 1, as the person counts) and `part`, the column.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from matching.content import Indicator, IpRight
from matching.errors import FieldError
from matching.typed_text import clean_line, has_words, is_broken, shown

MAX_ROWS: Final = 60
LARGEST: Final = 1e300
COMPARATORS: Final = ("<=", "<", ">=", ">", "=", "range")
_INDICATOR_LIMITS: Final = {"name": 80, "unit": 30, "evidence": 120}
_RIGHT_LIMITS: Final = {"title": 200, "number": 60, "holders": 200, "ipc": 60}


class Problems:
    """Collects field errors, so that a person hears of all of them at once."""

    def __init__(self) -> None:
        self.found: list[FieldError] = []

    def add(self, field: str, code: str, **params: str | int) -> None:
        self.found.append(FieldError(field, code, params))

    def has(self, field: str) -> bool:
        return any(each.field == field for each in self.found)

    def fit(self, field: str, text: str, limit: int, **params: str | int) -> str:
        """The text, which is refused when it has more than `limit` characters."""
        if len(text) > limit:
            self.add(field, "too_long", limit=limit, length=len(text), **params)
        return text


def _part(field: str, row: int, part: str, typed: str, limit: int, problems: Problems) -> str:
    if is_broken(typed):
        problems.add(field, "control_characters", row=row, part=part)
    return problems.fit(field, clean_line(typed), limit, row=row, part=part)


def check_indicators(typed: tuple[Indicator, ...], problems: Problems) -> tuple[Indicator, ...]:
    """Empty rows are dropped; one value given is enough for every comparator but `range`."""
    if len(typed) > MAX_ROWS:
        problems.add("indicators", "too_many", limit=MAX_ROWS)
        return ()
    kept: list[Indicator] = []
    for row, each in enumerate(typed, 1):
        parts = {
            part: _part("indicators", row, part, getattr(each, part), limit, problems)
            for part, limit in _INDICATOR_LIMITS.items()
        }
        if not any(parts.values()) and each.low is None and each.high is None:
            continue
        if not has_words(parts["name"]):
            problems.add("indicators", "meaningless" if parts["name"] else "required", row=row, part="name")
        if each.comparator not in COMPARATORS:
            problems.add("indicators", "unknown_code", row=row, part="comparator", value=shown(each.comparator))
            continue
        low, high = _bounds(each, row, problems)
        kept.append(Indicator(parts["name"], each.comparator, low, high, parts["unit"], parts["evidence"]))
    return tuple(kept)


def _bounds(each: Indicator, row: int, problems: Problems) -> tuple[float | None, float | None]:
    """`<=` and `<` keep the high bound, `>=` and `>` the low one, `=` both alike, `range` both in order."""
    given = [value for value in (each.low, each.high) if value is not None]
    if not given or (each.comparator == "range" and len(given) < 2):
        problems.add("indicators", "required", row=row, part="value")
        return None, None
    if not all(abs(value) <= LARGEST for value in given):  # also refuses NaN
        problems.add("indicators", "bad_number", row=row, part="value")
        return None, None
    if each.comparator == "range":
        if given[0] > given[1]:
            problems.add("indicators", "min_over_max", row=row, part="value")
        return float(given[0]), float(given[1])
    if len(given) == 2 and given[0] != given[1]:
        problems.add("indicators", "one_value", row=row, part="value")
    value = float(given[0])
    return (None if each.comparator in ("<=", "<") else value), (None if each.comparator in (">=", ">") else value)


def check_rights(
    typed: tuple[IpRight, ...],
    kinds: Mapping[str, object],
    statuses: Mapping[str, object],
    today: date,
    problems: Problems,
) -> tuple[IpRight, ...]:
    """Empty rows are dropped. A number may be missing: secrets have none, and some are filed and not yet numbered."""
    if len(typed) > MAX_ROWS:
        problems.add("ip", "too_many", limit=MAX_ROWS)
        return ()
    kept: list[IpRight] = []
    for row, each in enumerate(typed, 1):
        parts = {part: _part("ip", row, part, getattr(each, part), limit, problems) for part, limit in _RIGHT_LIMITS.items()}
        if not any(parts.values()) and not each.kind and not each.status:
            continue
        if not each.kind:
            problems.add("ip", "required", row=row, part="kind")
        elif each.kind not in kinds:
            problems.add("ip", "unknown_code", row=row, part="kind", value=shown(each.kind))
        if each.status and each.status not in statuses:
            problems.add("ip", "unknown_code", row=row, part="status", value=shown(each.status))
        for part, day in (("filed_on", each.filed_on), ("granted_on", each.granted_on)):
            if day is not None and day > today:
                problems.add("ip", "date_in_future", row=row, part=part)
        if each.filed_on and each.granted_on and each.granted_on < each.filed_on:
            problems.add("ip", "granted_before_filed", row=row, part="granted_on")
        kept.append(replace(each, title=parts["title"], number=parts["number"], holders=parts["holders"], ipc=parts["ipc"]))
    return tuple(kept)
