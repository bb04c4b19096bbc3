"""The business parts: small monotone rules with a value in [0, 1], 1/2 neutral, None where a side says nothing. Pure.

Each gives its value and its facts: what may be said about it, in JSON values, codes instead of words.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from matching.pairing import indicators
from matching.pairing.indicators import Figure
from matching.pairing.sides import IpRight, Range, Side

Outcome = tuple[float | None, Mapping[str, Any]]

_NOTHING: Final[Outcome] = (None, {})


def indicators_part(asked: tuple[Figure, ...], given: tuple[Figure, ...]) -> Outcome:
    """Mean over the asked figures: met 1, failed 0, not given or not decidable 1/2. None when the result gives none of them;
    which ones are missing is told all the same."""
    findings = indicators.compare(asked, given)
    if not findings:
        return _NOTHING
    facts: dict[str, list[dict[str, str]]] = {}
    for each in findings:
        entry = {"name": each.name, "asked": each.asked}
        if each.verdict != "missing":
            entry["given"] = each.given
        facts.setdefault(each.verdict, []).append(entry)
    return indicators.value(findings), facts


STANDING: Final[Mapping[str, float]] = {"in": 1.0, "suggested": 0.75, "parent": 0.25, "outside": 0.0}


def standing(side: Side, industry: str, above: frozenset[str]) -> str:
    """`in` the industry (tagged with it or a descendant), the same but only `suggested`, in its `parent`, or `outside`."""
    if industry in side.industries or industry in side.ancestors:
        return "in" if side.confirmed else "suggested"
    return "parent" if side.industries & above else "outside"


def industry_part(need: Side, result: Side, industry: str | None, above: frozenset[str]) -> Outcome:
    """With a zone's industry: the weaker standing of the two. Without: do they share a tag (1), a line (1/2), nothing (0)."""
    if not need.industries or not result.industries:
        return _NOTHING
    if industry is not None:
        need_is, result_is = standing(need, industry, above), standing(result, industry, above)
        return min(STANDING[need_is], STANDING[result_is]), {"industry": industry, "need": need_is, "result": result_is}
    shared = sorted(need.industries & result.industries)
    if shared:
        return (1.0 if need.confirmed and result.confirmed else 0.75), {"shared": shared}
    line = sorted((need.industries | need.ancestors) & (result.industries | result.ancestors))
    return (0.5 if line else 0.0), {"shared": [], "line": line}


def maturity_part(asked: tuple[int, int] | None, given: tuple[int, int] | None) -> Outcome:
    """TRL ranges by overlap. All that is given lies at or above the least asked: 1. In part: 1/2 to 1 by the share that
    does. Below: 1/8 less than 1/2 a level. More mature than asked is no fault."""
    if asked is None or given is None:
        return None, ({"asked": list(asked), "verdict": "unknown"} if asked else {})
    least = asked[0]
    facts: dict[str, Any] = {"asked": list(asked), "given": list(given)}
    if given[0] >= least:
        return 1.0, {**facts, "verdict": "meets"}
    if given[1] >= least:
        return 0.5 + 0.5 * (given[1] - least + 1) / (given[1] - given[0] + 1), {**facts, "verdict": "partly"}
    gap = least - given[1]
    return max(0.0, 0.5 - 0.125 * gap), {**facts, "verdict": "below", "gap": gap}


_RIGHTS: Final[Mapping[str, float]] = {"granted": 0.9, "valid": 0.9, "examining": 0.7, "filed": 0.6}


def _right(right: IpRight) -> float:
    return _RIGHTS.get(right.status, 0.5) + (0.1 if right.number_given else 0.0)


def ip_part(rights: tuple[IpRight, ...]) -> Outcome:
    """The best right of the result by its state, a little more with a number that can be looked up. None tells nothing."""
    if not rights:
        return _NOTHING
    best = max(rights, key=_right)
    return round(_right(best), 6), {"rights": len(rights), "kind": best.kind, "status": best.status, "number": best.number_given}


_OTHER_MODE: Final = "05"


def cooperation_part(need: frozenset[str], result: frozenset[str]) -> Outcome:
    """Modes both can live with: none 0, one 0.8, more 1; 1/2 where one side is open to others (05) and none is shared."""
    if not need or not result:
        return None, ({"asked": sorted(need)} if need else {})
    shared = sorted(need & result - {_OTHER_MODE})
    facts = {"shared": shared, "asked": sorted(need), "given": sorted(result)}
    if shared:
        return (0.8 if len(shared) == 1 else 1.0), facts
    return (0.5 if _OTHER_MODE in need | result else 0.0), facts


def price_part(budget: Range | None, price: Range | None) -> Outcome:
    """All of the price within the budget 1; in part 1/2 to 1 by the share within; the least price above it falls from 1/2
    to 0 at twice the budget."""
    if budget is None or price is None:
        return _NOTHING
    facts: dict[str, Any] = {"budget": list(budget), "price": list(price)}
    most, least, dearest = budget[1], price[0] or 0, price[1]
    if most is None:
        return 1.0, {**facts, "verdict": "within"}
    if least > most:
        return max(0.0, 0.5 * (2 - least / most)) if most > 0 else 0.0, {**facts, "verdict": "above"}
    if dearest is not None and max(least, dearest) <= most:
        return 1.0, {**facts, "verdict": "within"}
    share = 0.0 if dearest is None else (most - least) / (dearest - least)
    return 0.5 + 0.5 * share, {**facts, "verdict": "partly"}


ENOUGH_DAYS: Final = 60


def time_part(need: Side, result: Side, today: date) -> Outcome:
    """Days for which both stay open and which the need leaves: 60 and more 1, none 0."""
    ends = {"wanted": need.wanted_by, "need": need.open_until, "result": result.open_until}
    known = [(end, which) for which, end in ends.items() if end is not None]
    if not known:
        return _NOTHING
    end, which = min(known, key=lambda each: each[0])
    days = max(0, (end - today).days)
    return min(1.0, days / ENOUGH_DAYS), {"until": end.isoformat(), "days": days, "by": which}


def region_part(need: Side, result: Side) -> Outcome:
    """Near is a small plus, far costs nothing: same zone 1, same city 0.8, elsewhere 1/2."""
    if need.zones and result.zones and need.zones & result.zones:
        return 1.0, {"near": "zone", "zones": sorted(need.zones & result.zones)}
    if need.city and result.city:
        same = need.city == result.city
        return (0.8 if same else 0.5), {"near": "city" if same else "", "need": need.city, "result": result.city}
    return _NOTHING
