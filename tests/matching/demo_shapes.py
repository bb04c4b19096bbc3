"""The shape of the demonstration texts, one model an object, and their reading: what matching/demo/texts promises its loader."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

import matching.demo

TEXTS = Path(matching.demo.__file__ or "").parent / "texts"

# fmt: off
INDUSTRIES = (
    "new-it", "iot", "software", "new-energy", "pv", "new-materials", "special-steel", "nano", "equipment", "robotics",
    "medtech", "biopharma", "safety", "environment",
)
ZONES = (
    "nanjing", "wuxi", "changzhou", "sip", "snd", "taizhou", "xuzhou", "jiangyin", "kunshan", "nantong", "zhenjiang",
    "wujin",
)
# fmt: on
MATURITY_TRL = {"researching": (1, 3), "sample": (4, 4), "lab": (4, 5), "pilot": (6, 7), "mass": (8, 9)} | {
    "step-lab": (4, 5),
    "step-pilot": (6, 7),
    "step-mass": (8, 9),
    "step-used": (9, 9),
    **{f"gbt-{level}": (level, level) for level in range(1, 14)},
}
"""The crosswalk of the reference data: the local stages, the policy's four steps, the levels."""

Mode = Literal["00", "01", "02", "03", "04", "05", "06", "07", "20", "21"]
NeedType = Literal["00", "01", "02", "03", "04", "05", "06", "07", "10", "11", "12", "13", "99"]
Maturity = Annotated[str, Field(pattern=r"^(researching|sample|lab|pilot|mass|step-(lab|pilot|mass|used)|gbt-([1-9]|1[0-3]))$")]
Money = Annotated[float, Field(ge=0, le=100_000)]
Day = Annotated[str, Field(pattern=r"^20[012]\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
Links = Annotated[
    str, Field(pattern=r"^https://[a-z0-9.-]*example\.(com|edu\.cn)/\S+(\nhttps://[a-z0-9.-]*example\.(com|edu\.cn)/\S+)*$")
]
"""Addresses at names that nobody can register."""
Words = Annotated[str, Field(min_length=1, pattern=r"^\S[\s\S]*\S$|^\S$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class NeedIndicator(Strict):
    name: Words
    op: Literal["<=", "<", ">=", ">", "=", "range"]
    unit: str
    value: float | None = None
    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def figures_fit_the_comparator(self) -> Self:
        if self.op == "range":
            if self.value is not None or self.low is None or self.high is None or self.low >= self.high:
                raise ValueError("a range has low < high and no value")
        elif self.value is None or self.low is not None or self.high is not None:
            raise ValueError("a comparison has one value")
        return self


class ResultIndicator(NeedIndicator):
    evidence: Literal["第三方检测", "自测", "用户报告", ""]


class Ip(Strict):
    kind: Literal["invention", "utility", "design", "secret", "software", "layout", "plant", "biodrug"]
    title: Words
    number: str
    status: Literal["granted", "examining", "filed", "valid", ""]
    ipc: Annotated[str, Field(pattern=r"^([A-H]\d\d[A-Z] \d{1,4}/\d{2,6})?$")]
    filed: Day | None = None
    granted: Day | None = None
    holders: Words | None = None

    @model_validator(mode="after")
    def secrets_have_no_number(self) -> Self:
        if self.kind == "secret" and self.number:
            raise ValueError("a secret has no number")
        return self


class ResultTexts(Strict):
    summary: Words
    problem: Words | None = None
    advantage: Words | None = None
    indicators_text: Words | None = None
    application: Words | None = None
    market: Words | None = None
    awards: Words | None = None
    holder: Words | None = None
    activity: Words | None = None
    images: Links | None = None
    films: Links | None = None


class NeedTexts(Strict):
    detail: Words
    difficulty: Words | None = None
    basis: Words | None = None
    indicators_text: Words | None = None
    partners: Words | None = None
    experts: Words | None = None
    tender_overview: Words | None = None
    tender_items: Words | None = None
    tender_parameters: Words | None = None
    tender_services: Words | None = None
    activity: Words | None = None


class Tags(Strict):
    landmark: list[Literal["major", "original"]] | None = None
    technology_type: list[Literal["key-common", "frontier", "modern-engineering", "disruptive"]] | None = None
    chain: list[Literal["upstream", "midstream", "downstream"]] | None = None
    policy: list[Literal["clean", "circular", "robots", "smart-shop"]] | None = None
    overseas: list[Literal["cooperation", "foreign"]] | None = None
    languages: list[Literal["zh", "en", "ja", "de"]] | None = None


class Amounts(Strict):
    deposit: tuple[Money, Money] | None = None
    floor_price: tuple[Money, Money] | None = None
    deal_price: tuple[Money, Money] | None = None
    service_fee: tuple[Money, Money] | None = None


class Days(Strict):
    delivery_on: Annotated[int, Field(ge=30, le=720)] | None = None
    acceptance_on: Annotated[int, Field(ge=30, le=720)] | None = None


class Listing(Strict):
    key: str
    owner: str
    title: Words
    industries: Annotated[list[str], Field(min_length=1, max_length=3)]
    keywords: Words
    modes: list[Mode]
    tags: Tags | None = None
    near_duplicate_of: str | None = None


class Result(Listing):
    texts: ResultTexts
    indicators: list[ResultIndicator]
    ip: list[Ip]
    maturity: Maturity
    trl: Annotated[int, Field(ge=1, le=9)] | None
    price_wan: tuple[Money, Money] | None
    completed: Annotated[str, Field(pattern=r"^20[012]\d-(0[1-9]|1[0-2])$")] | None


class Need(Listing):
    texts: NeedTexts
    indicators: list[NeedIndicator]
    need_type: NeedType
    budget_wan: tuple[Money, Money] | None
    maturity_min: Maturity | None
    valid_days: Annotated[int, Field(ge=90, le=365)]
    amounts_wan: Amounts | None = None
    days_ahead: Days | None = None


class Organisation(Strict):
    key: str
    name: str
    name_en: str
    kind: Literal["university", "institute", "enterprise", "agency"]
    zone: str | None
    city: str


def _files(prefix: str) -> list[Path]:
    return sorted(TEXTS.glob(f"{prefix}-*.json"))


@cache
def results() -> dict[Path, list[Result]]:
    return {path: TypeAdapter(list[Result]).validate_json(path.read_bytes()) for path in _files("results")}


@cache
def needs() -> dict[Path, list[Need]]:
    return {path: TypeAdapter(list[Need]).validate_json(path.read_bytes()) for path in _files("needs")}


@cache
def organisations() -> dict[str, Organisation]:
    rows = TypeAdapter(list[Organisation]).validate_json((TEXTS / "organisations.json").read_bytes())
    assert len({row.key for row in rows}) == len(rows)
    return {row.key: row for row in rows}


def with_files() -> Iterator[tuple[Path, Result | Need]]:
    for path, some_results in results().items():
        yield from ((path, each) for each in some_results)
    for path, some_needs in needs().items():
        yield from ((path, each) for each in some_needs)


def listings() -> list[Result | Need]:
    return [each for _, each in with_files()]
