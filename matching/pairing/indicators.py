"""Figures asked against figures given, by meaning: same thing named, units that convert, interval against interval. Pure."""

import functools
import math
import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

from matching.pairing.sides import Indicator
from matching.pairing.units import convert
from search.text import is_quantity, normalise, terms

Verdict = Literal["met", "failed", "open", "missing"]
"""`open`: both name it, but what is given decides nothing (a lower bound where an upper one is asked). `missing`: the result
does not give it."""

CREDIT: Final[Mapping[Verdict, float]] = {"met": 1.0, "open": 0.5, "missing": 0.5, "failed": 0.0}
"""What each asked figure adds to the part's mean: not knowing is neutral."""

SAME_NAME: Final = 0.6
"""From this likeness on two names mean the same figure: a wrong claim is worse than one named as missing."""


_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")


class Figure(NamedTuple):
    """An indicator ready for comparison: the interval it allows or claims, the words of its name, and the numbers in the
    name, which are conditions (冲击功 at -20 ℃, loss at 77 GHz)."""

    indicator: Indicator
    shown: str
    words: frozenset[str]
    conditions: frozenset[str]
    low: float
    high: float
    low_open: bool
    high_open: bool


class Finding(NamedTuple):
    """One asked figure and what was found for it. Both are `display`ed; `given` is empty where nothing was."""

    name: str
    verdict: Verdict
    asked: str
    given: str = ""


def figure(indicator: Indicator) -> Figure:
    low, high, value = -math.inf, math.inf, indicator.value
    low_open = high_open = False
    if indicator.op == "range":
        low = low if indicator.low is None else indicator.low
        high = high if indicator.high is None else indicator.high
        low, high = min(low, high), max(low, high)
    elif value is not None:
        if indicator.op != "<=" and indicator.op != "<":
            low, low_open = value, indicator.op == ">"
        if indicator.op != ">=" and indicator.op != ">":
            high, high_open = value, indicator.op == "<"
    conditions = frozenset(_NUMBER.findall(normalise(indicator.name)))
    return Figure(indicator, display(indicator), _words(indicator.name), conditions, low, high, low_open, high_open)


def _words(name: str) -> frozenset[str]:
    """The words of a name and their characters: 比接触电阻 and 接触电阻率 share most of theirs. Numbers with their units are
    conditions and no part of the name."""
    found = [term for term in terms(name) if not is_quantity(term)]
    return frozenset(found).union(c for word in found for c in word if not c.isascii())


@functools.lru_cache(maxsize=1 << 16)
def likeness(a: frozenset[str], b: frozenset[str]) -> float:
    """Share of two names' words that they have in common (Dice), longer words counting more."""
    total = sum(map(len, a)) + sum(map(len, b))
    return 2.0 * sum(map(len, a & b)) / total if total else 0.0


def number(value: float) -> str:
    return f"{value:.10g}"


_SIGNS: Final = {"<=": "≤", ">=": "≥", "=": "="}


def display(indicator: Indicator) -> str:
    """`≤ 680 ℃`, `6–14 月`, in no language; without a value only the unit."""
    value = ""
    low, high = indicator.low, indicator.high
    if indicator.op == "range" and low is not None and high is not None:
        value = f"{number(low)}–{number(high)}"
    elif indicator.op == "range" and indicator.value is not None:
        value = f"≤ {number(indicator.value)}" if low is None else f"≥ {number(indicator.value)}"
    elif indicator.value is not None:
        value = f"{_SIGNS.get(indicator.op, indicator.op)} {number(indicator.value)}"
    return " ".join(part for part in (value, indicator.unit) if part)


def _in_unit(given: Figure, unit: str) -> Figure | None:
    """`given` in another unit; None where it measures something else."""
    source = given.indicator.unit
    if source == unit:
        return given
    ends = [end if math.isinf(end) else convert(end, source, unit) for end in (given.low, given.high)]
    low, high = ends
    if low is None or high is None or convert(1.0, source, unit) is None:
        return None
    return given._replace(low=low, high=high)


def judge(asked: Figure, given: Figure) -> Verdict:
    """Both in one unit. Met when every claimed value is allowed; a bound of the same direction that is too weak fails.
    Figures under different conditions decide nothing."""
    if asked.conditions and given.conditions and asked.conditions != given.conditions:
        return "open"
    if given.low > asked.high or given.high < asked.low:
        return "failed"
    if (given.low == asked.high and (given.low_open or asked.high_open)) or (
        given.high == asked.low and (given.high_open or asked.low_open)
    ):
        return "failed"
    above = given.low > asked.low or (given.low == asked.low and (given.low_open or not asked.low_open))
    below = given.high < asked.high or (given.high == asked.high and (given.high_open or not asked.high_open))
    if above and below:
        return "met"
    if asked.indicator.op == "range" and given.indicator.op == "range":
        return "met" if given.low <= asked.low and given.high >= asked.high else "open"
    one_sided = math.isinf(asked.low) != math.isinf(asked.high)
    if one_sided and math.isinf(given.low) == math.isinf(asked.low) and math.isinf(given.high) == math.isinf(asked.high):
        return "failed"
    return "open"


def compare(asked: Sequence[Figure], given: Sequence[Figure]) -> tuple[Finding, ...]:
    """One finding an asked figure that has a value, in order. Each takes the likest given figure that it can be compared
    with; of equally like ones the first."""
    findings: list[Finding] = []
    for want in asked:
        if math.isinf(want.low) and math.isinf(want.high):
            continue
        best, best_likeness = None, SAME_NAME
        for have in given:
            alike = likeness(want.words, have.words)
            if alike < best_likeness or (alike == best_likeness and best is not None):
                continue
            if not (math.isinf(have.low) and math.isinf(have.high)):
                converted = _in_unit(have, want.indicator.unit)
                if converted is not None:
                    best, best_likeness = converted, alike
        name = want.indicator.name
        if best is None:
            findings.append(Finding(name, "missing", want.shown))
        else:
            findings.append(Finding(name, judge(want, best), want.shown, best.shown))
    return tuple(findings)


def value(findings: Sequence[Finding]) -> float | None:
    """Mean credit, None where nothing is asked or nothing of it is given: then there is nothing to compare."""
    if all(each.verdict == "missing" for each in findings):
        return None
    return math.fsum(CREDIT[each.verdict] for each in findings) / len(findings)
