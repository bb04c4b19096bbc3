"""The ten parts of a pair's score (law 9) and how they add up. Pure.

`text = meaning weight * meaning + terms weight * terms` is what the two listings say, in [0, 1], with weights that are
learned and add up to 1 (`ranker`). Every business part has a value in [0, 1] in
which 1/2 is neutral (what an unknown counts as), and shifts the text's worth by at most half its weight:

    score = text * (1 + sum of weight * (value - 1/2)) / (1 + 1/2 * sum of all business weights)

So the score lies in [0, 1], each business part is monotone, none can lift a pair whose texts have nothing to do with each
other, and none hides one. A part's `points` is its own summand; the points add up to the score exactly (`math.fsum`).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

CODES: Final = (
    "meaning", "terms", "indicators", "industry", "maturity", "ip", "cooperation", "price", "time", "region",
)  # fmt: skip
"""语义, 共有词, 指标, 产业, 成熟度, 知识产权, 合作方式, 价格, 期限, 地域: always these, always in this order."""

TEXT_PARTS: Final = CODES[:2]
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


class Part(NamedTuple):
    """`value` is None where the part does not apply; its points are then 0. `facts` holds JSON values only and everything
    that may be said about the part."""

    code: str
    value: float | None
    weight: float
    points: float
    facts: Mapping[str, Any]


Measured = Mapping[str, tuple[float | None, Mapping[str, Any]]]
"""Value and facts by code; codes that are absent do not apply."""


@dataclass(frozen=True, slots=True, eq=False)
class Formula:
    """The weights: `meaning` and `terms` of the texts, which add up to 1, and those of the business parts; absent ones weigh
    nothing. Raises ValueError for an unknown code, a negative weight, or a sum of the latter above 1, with which a score could
    turn negative. `scale` is the score of full texts when all business parts are neutral."""

    meaning: float
    terms: float
    business: Mapping[str, float] = field(default_factory=lambda: BUSINESS_WEIGHTS)
    scale: float = field(init=False)

    def __post_init__(self) -> None:
        total = math.fsum(self.business.values())
        if total > 1 or any(weight < 0 or code not in BUSINESS_WEIGHTS for code, weight in self.business.items()):
            raise ValueError("business weights must be known, at least 0, and add up to at most 1")
        object.__setattr__(self, "scale", 1 / (1 + NEUTRAL * total))

    def parts(self, measured: Measured) -> tuple[Part, ...]:
        """All ten in order."""
        meaning, terms = measured["meaning"][0] or 0.0, measured["terms"][0] or 0.0
        worth = self.scale * (self.meaning * meaning + self.terms * terms)
        found = [
            Part("meaning", meaning, self.meaning, self.scale * self.meaning * meaning, measured["meaning"][1]),
            Part("terms", terms, self.terms, self.scale * self.terms * terms, measured["terms"][1]),
        ]
        for code in CODES[2:]:
            value, facts = measured.get(code, _NOTHING)
            weight = self.business.get(code, 0.0)
            found.append(Part(code, value, weight, 0.0 if value is None else worth * weight * (value - NEUTRAL), facts))
        return tuple(found)


_NOTHING: Final[tuple[None, Mapping[str, Any]]] = (None, {})


def total(parts: tuple[Part, ...]) -> float:
    """The score: the exact sum of the points, rounded once."""
    return math.fsum([part.points for part in parts])
