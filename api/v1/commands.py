"""What may be sent to the API: bodies, whose types are checked strictly here and whose rules are the use-cases' own."""

import re
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from matching.content import Indicator, IpRight
from matching.drafts import ListingDraft
from matching.model import ListingKind
from matching.typed_text import is_broken

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def _day(value: Any) -> Any:
    """A day is written as 2026-11-23 and in no other way: numbers would be read as seconds."""
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise PydanticCustomError("date_from_datetime_parsing", "2026-11-23")
    if value is not None and not isinstance(value, str):
        raise PydanticCustomError("string_type", "a day as text")
    return value


Day = Annotated[date | None, Field(strict=False), BeforeValidator(_day)]


def _sound(value: str) -> str:
    """What names something goes into queries, which carry neither NUL nor half a surrogate pair."""
    if is_broken(value):
        raise PydanticCustomError("control_characters", "control characters")
    return value


Name = Annotated[str, AfterValidator(_sound)]
Number = Annotated[float | None, Field(allow_inf_nan=False)]


class Command(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class IndicatorIn(Command):
    """`comparator` is one of `<=`, `<`, `>=`, `>`, `=` and `range`; one of the bounds is enough for all but `range`."""

    name: str
    comparator: str
    low: Number = None
    high: Number = None
    unit: str = ""
    evidence: str = ""


class IpRightIn(Command):
    kind: str
    title: str = ""
    number: str = ""
    status: str = ""
    ipc: str = ""
    holders: str = ""
    filed_on: Day = None
    granted_on: Day = None


class SumIn(Command):
    min_fen: int | None = None
    max_fen: int | None = None


class ListingIn(Command):
    """The whole entry as its owner wants it. `organisation` is the owner's id (without it the only one you act for),
    `addressed_zone` a zone's code, `maturity`, `modes`, `need_type`, `industries` and `tags` codes of lists. `layers` says who
    may read a field where that differs from the usual. `contacts` stay as they are where they are left out; an empty text
    removes one."""

    title: str
    organisation: Name | None = None
    addressed_zone: str | None = None
    texts: dict[str, str] = {}
    indicators: list[IndicatorIn] = []
    ip: list[IpRightIn] = []
    modes: list[str] = []
    industries: list[str] = []
    maturity: str | None = None
    trl: int | None = None
    price_min_fen: int | None = None
    price_max_fen: int | None = None
    need_type: str | None = None
    completed_on: Day = None
    wanted_by: Day = None
    valid_until: Day = None
    contacts: dict[str, str] = {}
    layers: dict[str, str] = {}
    tags: dict[str, list[str]] = {}
    amounts: dict[str, SumIn] = {}
    days: dict[str, Day] = {}
    declined: list[str] = []
    then: Literal["submit", "publish"] | None = None

    def draft(self, kind: ListingKind) -> ListingDraft:
        """The draft that the form of a page would make of the same words. Every field of it comes from here."""
        taken = {name: getattr(self, name) for name in type(self).model_fields if name != "then"}
        return ListingDraft(
            kind=kind,
            **taken
            | {
                "indicators": tuple(Indicator(**each.model_dump()) for each in self.indicators),
                "ip": tuple(IpRight(**each.model_dump()) for each in self.ip),
                "modes": tuple(self.modes),
                "industries": tuple(self.industries),
                "tags": {code: tuple(chosen) for code, chosen in self.tags.items()},
                "amounts": {code: (each.min_fen, each.max_fen) for code, each in self.amounts.items()},
                "days": {code: day for code, day in self.days.items() if day is not None},
                "declined": tuple(self.declined),
            },
        )


class ReasonsIn(Command):
    """Code of a field, or `general` → what the owner should change."""

    reasons: dict[str, str]


class RenewIn(Command):
    until: Day = None


class IndustriesIn(Command):
    confirmed: list[str] = []
    rejected: list[str] = []


class VerdictIn(Command):
    """`reason` is a code of the list `decline_reason`, or empty."""

    need: Name
    result: Name
    grade: int
    reason: Name = ""


class PolicyIn(Command):
    """What becomes of rows that mean an entry (`existing`: `update` or `skip`), and of new rows that are much like something
    that is there (`similar`: `take` or `leave`)."""

    existing: Name
    similar: Name


class WordIn(Command):
    """What you say of a pair of yours: it fits, it does not fit because of `reason` (a code of the list `decline_reason`), or
    null to take your last word back (the one before it then stands again)."""

    fits: bool | None
    reason: Name = ""
