"""What was typed into a listing's form as a draft: figures, dates and money read as a person would read them.

Reading never fails: what cannot be read is a field error, and the draft goes on without it. The rules for a draft are
`matching.drafts`; here are only those that a text has before it is a figure.
"""

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Final

from matching.content import Indicator, IpRight, Sum
from matching.drafts import ListingDraft
from matching.errors import FieldError, InvalidInput
from matching.model import ListingKind
from matching.model.fields import BY_CODE, stored_as
from matching.money import PriceRange, parse
from matching.typed_text import shown
from web.listing_form import CONTACT_KINDS, ListingForm, layered_codes, row_count, text_codes

_NUMBER: Final = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?(?:e[-+]?\d{1,3})?|[-+]?\.\d+(?:e[-+]?\d{1,3})?")
_POWER: Final = re.compile(r"(?:(?P<factor>[-+]?\d+(?:\.\d*)?)[×x*])?10\^(?P<power>[-+]?\d{1,3})")
_DATE: Final = re.compile(r"(\d{4})[-./年](\d{1,2})(?:[-./月](\d{1,2})日?|月)?|(\d{4})(\d{2})(\d{2})|(\d{4})年?")


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text.replace("\0", "?")).split())


def read_number(text: str) -> float | None:
    """`1,000`, `0.5`, full-width digits, `1e6`, `10^6`, `3×10^5`. None for nothing, NaN for what is no number."""
    plain = _plain(text).lower().replace("−", "-")
    if not plain:
        return None
    power = _POWER.fullmatch(plain)
    if power:
        return float(power["factor"] or 1) * 10.0 ** int(power["power"]) if abs(int(power["power"])) <= 300 else math.nan
    return float(plain.replace(",", "")) if _NUMBER.fullmatch(plain) else math.nan


def read_date(text: str, *, as_month: bool = False) -> date | None:
    """`2026-11-23`, `2026.11.23`, `2026年11月23日`, `20261123`; of a month also `2026-11`, and of a year its first month.

    None for nothing. Raises ValueError.
    """
    plain = _plain(text)
    if not plain:
        return None
    found = _DATE.fullmatch(plain)
    if found is None:
        raise ValueError(plain)
    year, month, day = (found[1] or found[4] or found[7], found[2] or found[5], found[3] or found[6])
    if not as_month and day is None:
        raise ValueError(plain)
    return date(int(year), int(month or 1), int(day or 1))


class _Reader:
    def __init__(self, form: ListingForm) -> None:
        self.form = form
        self.errors: list[FieldError] = []

    def text(self, name: str) -> str:
        """Not `form.value`, which shows a NUL as another character."""
        value = self.form.values.get(name, "")
        return value if isinstance(value, str) else ""

    def line(self, name: str) -> str | None:
        return self.text(name).strip() or None

    def many(self, name: str) -> tuple[str, ...]:
        return self.form.chosen(name)

    def day(self, name: str, *, as_month: bool = False, row: int | None = None, part: str = "") -> date | None:
        typed = self.text(f"{name}-{row}-{part}" if row is not None else name)
        try:
            return read_date(typed, as_month=as_month)
        except ValueError:
            params: dict[str, str | int] = {"value": shown(typed)}
            self.errors.append(
                FieldError(name, "not_a_date", params | ({"row": row + 1, "part": part} if row is not None else {}))
            )
            return None

    def trl(self) -> int | None:
        value = read_number(self.text("trl"))
        if value is None:
            return None
        if not value.is_integer():
            self.errors.append(FieldError("trl", "not_a_number", {"value": shown(self.text("trl"))}))
            return None
        return int(value)

    def sum(self, code: str) -> Sum:
        """Two boxes; a range or a bound in words (`60-120`, `不超过80`) may stand in one of them alone."""
        names = f"{code}_min", f"{code}_max"
        low, high = (self._money(each) for each in names)
        first, second = (self.text(each).strip() for each in names)
        if low is not None and low.low != low.high and not second:
            return low.low, low.high
        if high is not None and high.low != high.high and not first:
            return high.low, high.high
        for name, found in zip(names, (low, high), strict=True):
            if found is not None and found.low != found.high:
                self.errors.append(FieldError(name, "bad_money"))
                return None, None
        return (low.low if low else None), (high.high if high else None)

    def _money(self, name: str) -> PriceRange | None:
        try:
            return parse(self.text(name), field=name)
        except InvalidInput as refused:
            self.errors.extend(refused.fields)
            return None

    def indicators(self) -> tuple[Indicator, ...]:
        def one(at: int) -> Indicator:
            part = self._part("indicators", at)
            return Indicator(
                part("name"), part("comparator") or ">=", read_number(part("value")), read_number(part("to")), part("unit"),
                part("evidence"),
            )  # fmt: skip

        return tuple(one(at) for at in range(row_count(self.form.values, "indicators")))

    def rights(self) -> tuple[IpRight, ...]:
        def one(at: int) -> IpRight:
            part = self._part("ip", at)
            filed, granted = (self.day("ip", row=at, part=name) for name in ("filed_on", "granted_on"))
            right = IpRight(
                part("kind"), part("title"), part("number"), part("status"), part("ipc"), part("holders"), filed, granted
            )  # fmt: skip
            if (filed or granted) and right == IpRight("", "", "", "", "", "", filed, granted):
                self.errors.append(FieldError("ip", "required", {"row": at + 1, "part": "kind"}))
            return right

        return tuple(one(at) for at in range(row_count(self.form.values, "ip")))

    def _part(self, name: str, at: int) -> Callable[[str], str]:
        return lambda part: self.text(f"{name}-{at}-{part}")


def read_draft(form: ListingForm) -> tuple[ListingDraft, list[FieldError]]:
    """The draft, and what could not be read into it. `organisation` is what the form sent, resolved by the caller."""
    read = _Reader(form)
    is_result = form.kind == ListingKind.RESULT
    low, high = read.sum("price")
    days = {each.code: read.day(each.code) for each in stored_as("days", form.kind)}
    draft = ListingDraft(
        kind=form.kind,
        title=read.text("title"),
        organisation=read.line("organisation"),
        addressed_zone=read.line("addressed_zone"),
        texts={code: text for code in text_codes(form.kind) if (text := read.text(code))},
        indicators=read.indicators(),
        ip=read.rights() if is_result else (),
        modes=read.many("modes"),
        industries=read.many("industries"),
        maturity=read.line("maturity"),
        trl=read.trl(),
        price_min_fen=low,
        price_max_fen=high,
        need_type=None if is_result else read.line("need_type"),
        completed_on=read.day("completed_on", as_month=True) if is_result else None,
        wanted_by=None if is_result else read.day("wanted_by"),
        valid_until=read.day("valid_until"),
        contacts={kind: read.text(kind) for kind in CONTACT_KINDS if kind in form.values},
        layers={code: layer for code in layered_codes(form.kind) if (layer := form.layer(code)) != BY_CODE[code].layer.value},
        tags={each.code: chosen for each in stored_as("tags", form.kind) if (chosen := read.many(each.code))},
        amounts={
            each.code: amount for each in stored_as("amounts", form.kind) if (amount := read.sum(each.code)) != (None, None)
        },
        days={code: day for code, day in days.items() if day is not None},
        declined=read.many("declined"),
    )
    return draft, read.errors
