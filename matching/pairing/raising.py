"""What would raise a pair: small changes on either side, each found by scoring the pair again with it. Pure.

An edit is a question to a side's owner, never advice to write it: "if the result has reached TRL 6, state it". What is
offered is what the other side asks or gives, so that whoever answers knows what it would take.

| code | side | field | parameters | the pair is scored again as if |
|---|---|---|---|---|
| `state_maturity` | result | maturity | trl | the least TRL asked were reached (it says none, or less) |
| `accept_maturity` | need | maturity | trl | the TRL that the result has were enough |
| `give_figure` | result | indicators | name, asked, unit, comparator | it gave what is asked (it gives none, or leaves it open) |
| `accept_figure` | need | indicators | name, asked, given | the figure that the result gives were enough |
| `add_mode` | either | modes | modes | one of the other side's ways of cooperation were possible, too |
| `confirm_industry` | either | industries | | its suggested industry were confirmed |
| `tag_industry` | either | industries | industry | it were tagged with the zone's industry |
| `state_price` | result | price | low, high (fen, None open) | it cost what the budget allows (it says nothing, or more) |
| `state_budget` | need | budget | low, high (fen, None open) | the budget covered the price |
| `state_right` | result | ip | | a granted right with its number were listed |
| `give_number` | result | ip | | its rights were listed with their numbers |
| `stay_open` | either | valid_until | until (ISO day) | it stayed open until then |
| `wait_longer` | need | wanted_by | until (ISO day) | it were wanted by then only |
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import combinations
from typing import Final, Literal

from matching.pairing.business import ENOUGH_DAYS, standing
from matching.pairing.indicators import Figure, Verdict, compare, display, figure
from matching.pairing.score import Context, Scored, score_pair
from matching.pairing.sides import Indicator, IpRight, Side
from matching.pairing.units import convert

Which = Literal["need", "result"]
Value = str | int | None | tuple[str, ...]
Apply = Callable[[Side], Side]

STATE, WIDEN, ALTER = 1, 2, 3
"""How small a change is: to state what is so, to accept or offer more, to do something otherwise."""
LEAST: Final = 0.0005
"""A change by less than this would be told as 0.0 points."""
MOST_TOGETHER: Final = 3
_OTHER_MODE: Final = "05"
_HIGHEST: Final = 3


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one side, with the `score` and the `level` that the pair would reach by it alone. `field_code`
    is of the field catalogue."""

    side: Which
    code: str
    field_code: str
    params: Mapping[str, Value]
    effort: int
    score: float
    level: int


@dataclass(frozen=True, slots=True)
class Together:
    """The fewest edits of one side by which the pair reaches a higher level."""

    side: Which
    edits: tuple[Edit, ...]
    score: float
    level: int


@dataclass(frozen=True, slots=True)
class Raising:
    """`edits` are the single changes that raise the score, smallest first, and of equally small ones the most telling first.
    `together` has at most one entry a side."""

    edits: tuple[Edit, ...] = ()
    together: tuple[Together, ...] = ()

    def of(self, side: str) -> tuple[Edit, ...]:
        return tuple(each for each in self.edits if each.side == side)


@dataclass(frozen=True, slots=True)
class Candidate:
    side: Which
    code: str
    field_code: str
    effort: int
    apply: Apply
    params: Mapping[str, Value] = field(default_factory=dict)


def raising(need: Side, result: Side, context: Context, pair: Scored) -> Raising:
    """For the pair as scored. Nothing for a pair at 无 that stays there whatever one side says: its texts have too little in
    common, and nobody should be asked about it. Costs a few scorings a side; more where several edits must come together."""
    tried: list[tuple[Edit, Candidate]] = []
    for each in candidates(need, result, context):
        then = _scored([each], need, result, context)
        if then.score - pair.score >= LEAST:
            edit = Edit(each.side, each.code, each.field_code, each.params, each.effort, then.score, then.level)
            tried.append((edit, each))
    tried.sort(key=lambda one: (one[0].effort, -one[0].score, one[0].side, one[0].code))
    sides: tuple[Which, ...] = ("need", "result")
    groups = (_together([one for one in tried if one[0].side == side], need, result, context, pair) for side in sides)
    found = Raising(tuple(edit for edit, _ in tried), tuple(each for each in groups if each is not None))
    return found if pair.level or found.together or any(edit.level for edit in found.edits) else Raising()


def _scored(chosen: Sequence[Candidate], need: Side, result: Side, context: Context) -> Scored:
    for each in chosen:
        if each.side == "need":
            need = each.apply(need)
        else:
            result = each.apply(result)
    return score_pair(need, result, context)


def _together(
    tried: Sequence[tuple[Edit, Candidate]], need: Side, result: Side, context: Context, pair: Scored
) -> Together | None:
    """None where one edit alone is enough, or all of them are not."""
    everything = [candidate for _, candidate in tried]
    if pair.level == _HIGHEST or any(edit.level > pair.level for edit, _ in tried):
        return None
    if _scored(everything, need, result, context).level <= pair.level:
        return None
    for size in range(2, MOST_TOGETHER + 1):
        found: list[tuple[int, float, tuple[Edit, ...], Scored]] = []
        for chosen in combinations(tried, size):
            then = _scored([candidate for _, candidate in chosen], need, result, context)
            if then.level > pair.level:
                edits = tuple(edit for edit, _ in chosen)
                found.append((sum(edit.effort for edit in edits), -then.score, edits, then))
        if found:
            _, _, edits, then = min(found, key=lambda each: each[:2])
            return Together(edits[0].side, edits, then.score, then.level)
    return None


def candidates(need: Side, result: Side, context: Context) -> Iterator[Candidate]:
    """Every edit that this pair gives reason to ask about, whether or not it raises the score."""
    yield from _maturity(need, result)
    yield from _figures(need, result)
    yield from _modes("need", need, result)
    yield from _modes("result", result, need)
    yield from _industry("need", need, context)
    yield from _industry("result", result, context)
    yield from _money(need, result)
    yield from _rights(result)
    yield from _time(need, result, context)


def _maturity(need: Side, result: Side) -> Iterator[Candidate]:
    asked, given = need.trl, result.trl
    if asked is not None and (given is None or given[0] < asked[0]):
        least, then = asked[0], (asked[0], max(asked[0], given[1] if given else 0))
        effort = STATE if given is None else ALTER
        yield Candidate("result", "state_maturity", "maturity", effort, lambda side: replace(side, trl=then), {"trl": least})
    if given is not None and (asked is None or given[0] < asked[0]):
        enough = (given[0], max(given[0], asked[1] if asked else 9))
        effort = STATE if asked is None else WIDEN
        yield Candidate("need", "accept_maturity", "maturity", effort, lambda side: replace(side, trl=enough), {"trl": given[0]})


def _figures(need: Side, result: Side) -> Iterator[Candidate]:
    given = [figure(each) for each in result.indicators]
    for at, asked in enumerate(need.indicators):
        found = compare([figure(asked)], given)
        if not found or found[0].verdict == "met":
            continue
        verdict, shown = found[0].verdict, found[0].asked
        used = next((each for each in given if each.shown == found[0].given and _finds(asked, each, verdict)), None)
        if verdict in ("missing", "open"):
            params: dict[str, Value] = {"name": asked.name, "asked": shown, "unit": asked.unit, "comparator": asked.op}
            yield Candidate("result", "give_figure", "indicators", STATE, _giving(asked, used), params)
        elif used is not None:
            enough = _widened(asked, used)
            if enough is not None:
                yield Candidate(
                    "need", "accept_figure", "indicators", WIDEN, _asking(at, enough),
                    {"name": asked.name, "asked": shown, "given": display(enough)},
                )  # fmt: skip


def _finds(asked: Indicator, given: Figure, verdict: Verdict) -> bool:
    return [each.verdict for each in compare([figure(asked)], [given])] == [verdict]


def _giving(asked: Indicator, used: Figure | None) -> Apply:
    given = replace(asked, evidence="")

    def apply(side: Side) -> Side:
        kept = tuple(each for each in side.indicators if used is None or each != used.indicator)
        return replace(side, indicators=(*kept, given))

    return apply


def _asking(at: int, wanted: Indicator) -> Apply:
    return lambda side: replace(side, indicators=(*side.indicators[:at], wanted, *side.indicators[at + 1 :]))


def _widened(asked: Indicator, given: Figure) -> Indicator | None:
    """A bound as far as what is given, in the unit asked; None for what has no one bound."""
    if asked.op not in ("<=", "<", ">=", ">"):
        return None
    end = given.high if asked.op in ("<=", "<") else given.low
    value = convert(end, given.indicator.unit, asked.unit) if abs(end) != float("inf") else None
    if value is None:
        return None
    return replace(asked, op="<=" if asked.op in ("<=", "<") else ">=", low=None, high=value)


def _modes(which: Which, own: Side, other: Side) -> Iterator[Candidate]:
    more = sorted(other.modes - own.modes - {_OTHER_MODE})
    if more:
        effort = WIDEN if own.modes else STATE
        modes: Mapping[str, Value] = {"modes": tuple(more)}
        yield Candidate(
            which, "add_mode", "modes", effort, lambda side: replace(side, modes=side.modes | {more[0]}), modes
        )  # fmt: skip


def _industry(which: Which, own: Side, context: Context) -> Iterator[Candidate]:
    where = standing(own, context.industry, context.ancestors) if context.industry is not None else ""
    if own.industries and not own.confirmed and where in ("", "suggested"):
        yield Candidate(which, "confirm_industry", "industries", STATE, lambda side: replace(side, confirmed=True))
    if context.industry is not None and where in ("parent", "outside"):
        code = context.industry

        def tagged(side: Side) -> Side:
            return replace(
                side, industries=side.industries | {code}, ancestors=side.ancestors | context.ancestors, confirmed=True
            )

        yield Candidate(which, "tag_industry", "industries", STATE, tagged, {"industry": code})


def _money(need: Side, result: Side) -> Iterator[Candidate]:
    budget, price = need.price, result.price
    most = budget[1] if budget is not None else None
    dearest = None if price is None else price[1] if price[1] is not None else price[0]
    is_within = most is not None and price is not None and price[1] is not None and max(price[0] or 0, price[1]) <= most
    if most is not None and not is_within:
        low = price[0] if price is not None and price[0] is not None and price[0] <= most else None
        effort = STATE if price is None else ALTER
        yield Candidate(
            "result", "state_price", "price", effort, lambda side: replace(side, price=(low, most)), {"low": None, "high": most}
        )
    if dearest is not None and (budget is None or (most is not None and dearest > most)):
        # What lies above the budget is asked to be reached at its least first: the smaller change.
        is_above = most is not None and price is not None and price[0] is not None and price[0] > most
        reached = price[0] if is_above and price is not None else dearest
        covering = (budget[0] if budget is not None else None, reached)
        yield Candidate(
            "need", "state_budget", "budget", STATE if budget is None else ALTER, lambda side: replace(side, price=covering),
            {"low": None, "high": reached},
        )  # fmt: skip


def _rights(result: Side) -> Iterator[Candidate]:
    if not result.ip:
        granted = (IpRight("", "granted", True),)
        yield Candidate("result", "state_right", "ip", STATE, lambda side: replace(side, ip=granted))
    elif not all(each.number_given for each in result.ip):
        numbered = tuple(replace(each, number_given=True) for each in result.ip)
        yield Candidate("result", "give_number", "ip", STATE, lambda side: replace(side, ip=numbered))


def _time(need: Side, result: Side, context: Context) -> Iterator[Candidate]:
    until = context.today + timedelta(days=ENOUGH_DAYS)
    params = {"until": until.isoformat()}
    sides: tuple[tuple[Which, Side], ...] = (("need", need), ("result", result))
    for which, own in sides:
        if own.open_until is not None and own.open_until < until:
            yield Candidate(which, "stay_open", "valid_until", WIDEN, lambda side: replace(side, open_until=until), params)
    if need.wanted_by is not None and need.wanted_by < until:
        yield Candidate("need", "wait_longer", "wanted_by", ALTER, lambda side: replace(side, wanted_by=until), params)
