"""The ten parts of a pair's score (law 9) and how they add up. Pure.

`text = 0.6 * meaning + 0.4 * terms` is what the two listings say, in [0, 1]. Every business part has a value in [0, 1] in
which 1/2 is neutral (what an unknown counts as), and shifts the text's worth by at most half its weight:

    score = text * (1 + sum of weight * (value - 1/2)) / (1 + 1/2 * sum of all business weights)

So the score lies in [0, 1], each business part is monotone, none can lift a pair whose texts have nothing to do with each
other, and none hides one. A part's `points` is its own summand; the points add up to the score exactly (`math.fsum`).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

CODES: Final = (
    "meaning", "terms", "indicators", "industry", "maturity", "ip", "cooperation", "price", "time", "region",
)  # fmt: skip
"""语义, 共有词, 指标, 产业, 成熟度, 知识产权, 合作方式, 价格, 期限, 地域: always these, always in this order."""

TEXT_WEIGHTS: Final[Mapping[str, float]] = {"meaning": 0.6, "terms": 0.4}
BUSINESS_WEIGHTS: Final[Mapping[str, float]] = {
    "indicators": 0.14,
    "industry": 0.06,
    "maturity": 0.10,
    "ip": 0.03,
    "cooperation": 0.06,
    "price": 0.06,
    "time": 0.03,
    "region": 0.02,
}
"""Sum 0.5: all business parts together move a score by at most a quarter up or down."""

NEUTRAL: Final = 0.5


@dataclass(frozen=True, slots=True)
class Part:
    """`value` is None where the part does not apply; its points are then 0. `facts` holds JSON values only and everything
    that may be said about the part."""

    code: str
    value: float | None
    weight: float
    points: float
    facts: Mapping[str, Any] = field(default_factory=dict)


Measured = Mapping[str, tuple[float | None, Mapping[str, Any]]]
"""Value and facts by code; codes that are absent do not apply."""


def text_score(meaning: float, terms: float) -> float:
    return TEXT_WEIGHTS["meaning"] * meaning + TEXT_WEIGHTS["terms"] * terms


def assemble(measured: Measured, business: Mapping[str, float] = BUSINESS_WEIGHTS) -> tuple[Part, ...]:
    """All ten parts in order. `business` holds a weight of at least 0 for each business part; a sum above 1 raises
    ValueError, since the score could then turn negative."""
    total = math.fsum(business.values())
    if not 0 <= total <= 1 or min(business.values(), default=0.0) < 0:
        raise ValueError("business weights must be at least 0 and add up to at most 1")
    scale = 1 / (1 + NEUTRAL * total)
    text = math.fsum(TEXT_WEIGHTS[code] * (measured[code][0] or 0.0) for code in TEXT_WEIGHTS)
    parts: list[Part] = []
    for code in CODES:
        value, facts = measured.get(code, (None, {}))
        if code in TEXT_WEIGHTS:
            weight = TEXT_WEIGHTS[code]
            points = 0.0 if value is None else scale * weight * value
        else:
            weight = business.get(code, 0.0)
            points = 0.0 if value is None else scale * text * weight * (value - NEUTRAL)
        parts.append(Part(code, value, weight, points, facts))
    return tuple(parts)


def total(parts: tuple[Part, ...]) -> float:
    """The score: the exact sum of the points, rounded once."""
    return math.fsum(part.points for part in parts)
