"""The demonstration's texts as drafts. The files are data; this is the only reader of their form."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

from matching.content import Indicator, IpRight
from matching.drafts import ListingDraft
from matching.model import ListingKind

_FEN_A_WAN = 1_000_000


@dataclass(frozen=True, slots=True)
class DemoOrganisation:
    key: str
    name: str
    name_en: str
    kind: str
    zone: str | None
    city: str


@dataclass(frozen=True, slots=True)
class DemoListing:
    """`draft.organisation` is still empty: the loader knows the owner's id. `duplicate_of` marks an intended near duplicate."""

    key: str
    owner: str
    draft: ListingDraft
    duplicate_of: str | None


def organisations() -> list[DemoOrganisation]:
    rows = json.loads(files("matching.demo").joinpath("texts/organisations.json").read_text("utf-8"))
    return [DemoOrganisation(**row) for row in rows]


def listings(today: date) -> list[DemoListing]:
    """All results and needs, industry by industry. Periods of validity count from `today`."""
    found: list[DemoListing] = []
    folder = files("matching.demo").joinpath("texts")
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        kind = entry.name.partition("-")[0]
        if kind in ("results", "needs"):
            make = _result if kind == "results" else _need
            found += [
                DemoListing(row["key"], row["owner"], make(row, today), row.get("near_duplicate_of"))
                for row in json.loads(entry.read_text("utf-8"))
            ]
    return found


@dataclass(frozen=True, slots=True)
class BehaviourPair:
    """A pair of texts that were written to see what full texts do to the pair score. `kind` is match, partial or
    hard_negative. `expect` says which figures asked are met, failed or missing, how the maturity compares (or None), and a
    phrase of the result that answers the need best (or None). `grades` were given blind, by graders who saw the texts alone."""

    need: str
    result: str
    kind: str
    expect: Mapping[str, Any]
    grades: tuple[int, ...]


def behaviour() -> tuple[dict[str, ListingDraft], list[BehaviourPair]]:
    """Texts by key and the pairs, industry by industry. Never shown to anybody, and nothing is learned from them."""
    drafts: dict[str, ListingDraft] = {}
    pairs: list[BehaviourPair] = []
    for entry in sorted(files("matching.demo").joinpath("behaviour").iterdir(), key=lambda each: each.name):
        content = json.loads(entry.read_text("utf-8"))
        drafts |= {row["key"]: _need(row, date.min) for row in content["needs"]}
        drafts |= {row["key"]: _result(row, date.min) for row in content["results"]}
        pairs += [
            BehaviourPair(row["need"], row["result"], row["kind"], row["expect"], tuple(row["grades"]))
            for row in content["pairs"]
        ]
    return drafts, pairs


def _result(row: dict[str, Any], today: date) -> ListingDraft:
    low, high = _money(row["price_wan"])
    month = row.get("completed")
    return ListingDraft(
        kind=ListingKind.RESULT,
        title=row["title"],
        texts={**row["texts"], "keywords": row["keywords"]},
        indicators=_indicators(row),
        ip=tuple(_right(each) for each in row["ip"]),
        tags=_tags(row),
        modes=tuple(row["modes"]),
        industries=tuple(row["industries"]),
        maturity=row["maturity"],
        trl=row.get("trl"),
        price_min_fen=low,
        price_max_fen=high,
        completed_on=date.fromisoformat(f"{month}-01") if month else None,
        valid_until=today + timedelta(days=365),
    )


def _need(row: dict[str, Any], today: date) -> ListingDraft:
    low, high = _money(row["budget_wan"])
    return ListingDraft(
        kind=ListingKind.NEED,
        title=row["title"],
        texts={**row["texts"], "keywords": row["keywords"]},
        indicators=_indicators(row),
        modes=tuple(row["modes"]),
        industries=tuple(row["industries"]),
        maturity=row.get("maturity_min"),
        tags=_tags(row),
        amounts=({"budget": (low, high)} if row["budget_wan"] else {})
        | {code: _money(bounds) for code, bounds in row.get("amounts_wan", {}).items()},
        days={code: today + timedelta(days=ahead) for code, ahead in row.get("days_ahead", {}).items()},
        need_type=row["need_type"],
        valid_until=today + timedelta(days=row["valid_days"]),
    )


def _right(row: dict[str, Any]) -> IpRight:
    kind, title, number, status, ipc, holders = (
        str(row.get(part, "")) for part in ("kind", "title", "number", "status", "ipc", "holders")
    )
    filed, granted = (date.fromisoformat(row[part]) if part in row else None for part in ("filed", "granted"))
    return IpRight(kind, title, number, status, ipc, holders, filed, granted)


def _tags(row: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return {code: tuple(codes) for code, codes in row.get("tags", {}).items()}


def _money(bounds: list[float] | None) -> tuple[int | None, int | None]:
    if bounds is None:
        return None, None
    low, high = (round(each * _FEN_A_WAN) if each is not None else None for each in bounds)
    return low, high


def _indicators(row: dict[str, Any]) -> tuple[Indicator, ...]:
    return tuple(_indicator(each) for each in row["indicators"])


def _indicator(row: dict[str, Any]) -> Indicator:
    op, value = row["op"], row.get("value")
    low = row.get("low") if op == "range" else value if op in (">=", ">", "=") else None
    high = row.get("high") if op == "range" else value if op in ("<=", "<", "=") else None
    return Indicator(row["name"], op, low, high, row["unit"], row.get("evidence", ""))
