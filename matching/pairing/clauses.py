"""One sentence about a pair, as clauses that other rooms put into words. Pure. Nothing is said that the parts do not carry.

Codes with their parameters, and suggested wording:

| code | parameters | Chinese | English |
|---|---|---|---|
| `same_matter` | terms | 两边都谈到{terms}，意思也接近 | both speak of {terms}, in a close sense |
| `same_words` | terms | 两边都出现{terms}，但整体意思不近 | both mention {terms}, but the texts are not close in meaning |
| `same_meaning` | | 用词不同，意思接近 | close in meaning, in different words |
| `somewhat_close` | | 意思有些接近 | somewhat close in meaning |
| `somewhat_close_terms` | terms | 意思有些接近，都提到{terms} | somewhat close in meaning, both mention {terms} |
| `far` | | 两边的内容相距较远 | the two texts are far apart |
| `industry_suggested` | | 产业标签待确认 | the industry is still to be confirmed |
| `industry_parent` | | 只属于上位产业 | belongs only to the parent industry |
| `industry_outside` | | 不在本区战略产业内 | outside the zone's industry |
| `indicator_met` | name, asked, given | {name}要求 {asked}，成果给出 {given} | {name}: {asked} asked, {given} given |
| `indicators_met` | count, asked_count | {asked_count} 项指标中 {count} 项达到 | {count} of {asked_count} figures are met |
| `indicator_failed` | name, asked, given | {name}要求 {asked}，给出 {given}，未达到 | {name}: {asked} asked, {given}, not met |
| `indicator_open` | name, asked, given | {name}要求 {asked}，给出 {given}，难判断 | {name}: {asked} asked, {given}: open |
| `indicators_missing` | names | 成果未列出指标{names} | the result lists no {names} |
| `maturity_meets` | asked, given | 成熟度 TRL {given}，满足 TRL {asked} | maturity TRL {given} meets TRL {asked} |
| `maturity_partly` | asked, given | 成熟度 TRL {given}，部分达到 TRL {asked} | TRL {given}, only part of it at TRL {asked} |
| `maturity_below` | asked, given | 成熟度 TRL {given}，低于要求的 TRL {asked} | TRL {given}, below the TRL {asked} asked |
| `maturity_unknown` | asked | 成果未说明成熟度（要求 TRL {asked}） | the result does not tell its maturity (TRL {asked} asked) |
| `cooperation_none` | asked, given | 合作方式不一致 | no mode of cooperation in common |
| `price_above` | | 报价高于预算 | the price is above the budget |
| `price_partly` | | 报价只有一部分在预算内 | the price is only partly within the budget |
| `time_short` | days | 只剩 {days} 天 | only {days} days are left |

`terms` and `names` are tuples of at most three; `asked` and `given` of maturity are texts such as `6` or `4-5` (of what is
asked, the least level); those of cooperation are tuples of JSTEC codes. `industry_*` is the weaker side's standing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from matching.pairing.score import Scored

Value = str | int | tuple[str, ...]

CLOSE: Final = 0.55
"""Meaning from which two texts are called close."""
NEAR: Final = 0.35
"""Meaning from which they are called somewhat close."""
FEW_DAYS: Final = 15
SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Clause:
    code: str
    params: Mapping[str, Value] = field(default_factory=dict)


def _text(pair: Scored) -> Clause:
    meaning = pair.part("meaning").value or 0.0
    terms = pair.shared_terms[:SHOWN]
    if meaning >= CLOSE:
        return Clause("same_matter", {"terms": terms}) if terms else Clause("same_meaning")
    if meaning >= NEAR:
        return Clause("somewhat_close_terms", {"terms": terms}) if terms else Clause("somewhat_close")
    return Clause("same_words", {"terms": terms}) if terms else Clause("far")


_STANDING: Final = {"suggested": "industry_suggested", "parent": "industry_parent", "outside": "industry_outside"}
_ORDER: Final = ("outside", "parent", "suggested")


def _industry(facts: Mapping[str, Any]) -> list[Clause]:
    for standing in _ORDER:
        if standing in (facts.get("need"), facts.get("result")):
            return [Clause(_STANDING[standing])]
    return []


def _figure(code: str, entry: Mapping[str, str]) -> Clause:
    return Clause(code, {"name": entry["name"], "asked": entry["asked"], "given": entry["given"]})


def _indicators(facts: Mapping[str, Any]) -> list[Clause]:
    met, failed, missing = facts.get("met", []), facts.get("failed", []), facts.get("missing", [])
    found: list[Clause] = []
    if len(met) == 1:
        found.append(_figure("indicator_met", met[0]))
    elif met:
        asked = sum(len(facts.get(verdict, ())) for verdict in ("met", "failed", "open", "missing"))
        found.append(Clause("indicators_met", {"count": len(met), "asked_count": asked}))
    found += [_figure("indicator_failed", entry) for entry in failed[:SHOWN]]
    found += [_figure("indicator_open", entry) for entry in facts.get("open", [])[:SHOWN]]
    if missing:
        found.append(Clause("indicators_missing", {"names": tuple(entry["name"] for entry in missing[:SHOWN])}))
    return found


def _levels(ends: list[int]) -> str:
    return str(ends[0]) if ends[0] == ends[-1] else f"{ends[0]}-{ends[-1]}"


def _maturity(facts: Mapping[str, Any]) -> list[Clause]:
    verdict = facts.get("verdict")
    if verdict == "unknown":
        return [Clause("maturity_unknown", {"asked": str(facts["asked"][0])})]
    if verdict in ("meets", "partly", "below"):
        return [Clause(f"maturity_{verdict}", {"asked": str(facts["asked"][0]), "given": _levels(facts["given"])})]
    return []


def clauses(pair: Scored) -> tuple[Clause, ...]:
    """What the texts have in common first, then what speaks for the pair and against it, in the order of the parts."""
    facts = {part.code: part.facts for part in pair.parts}
    found = [_text(pair), *_industry(facts["industry"]), *_indicators(facts["indicators"]), *_maturity(facts["maturity"])]
    if pair.part("cooperation").value == 0:
        modes = facts["cooperation"]
        found.append(Clause("cooperation_none", {"asked": tuple(modes["asked"]), "given": tuple(modes["given"])}))
    if facts["price"].get("verdict") in ("above", "partly"):
        found.append(Clause(f"price_{facts['price']['verdict']}"))
    days = facts["time"].get("days")
    if days is not None and days <= FEW_DAYS:
        found.append(Clause("time_short", {"days": days}))
    return tuple(found)
