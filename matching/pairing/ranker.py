"""What was learned from judged pairs: how much each text part weighs, and from which score on a pair is called what. Pure.

An ordinal regression (proportional odds) of the grades 0 to 3 on the text parts of the score. With `text` the worth of a
pair's texts in [0, 1], the chance that a person grades it `k` or better is

    P(grade >= k) = s(slope * (text - thresholds[k - 1])),    s(x) = 1 / (1 + exp(-x))

and a pair has the highest level that it reaches with a chance of one half. Slope and thresholds depend on where pairs come from:
`zone` holds for all pairs of a zone with their full texts, `judged` for pairs that were chosen beforehand and judged by bare
titles, as those of a benchmark are. `zonematch fit` computes the shipped file again.
"""

import functools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Final

FORMAT: Final = 1
FILE: Final = "ranker.json"
GRADES: Final = (1, 2, 3)
DIGITS: Final = 4
"""What is shipped is rounded: no figure of a fit means more."""


@dataclass(frozen=True, slots=True)
class Scale:
    """`slope` is above 0, in logits per unit of text; `thresholds` ascend. Raises ValueError for anything else."""

    slope: float
    thresholds: tuple[float, float, float]
    """Worths of the texts from which grades 1, 2, 3 are as likely as not."""

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (self.slope, *self.thresholds))) or self.slope <= 0:
            raise ValueError("the slope must be above 0")
        if list(self.thresholds) != sorted(self.thresholds):
            raise ValueError("the thresholds must ascend")

    def chance(self, text: float, grade: int) -> float:
        """That a pair of this worth is graded `grade` (1 to 3) or better. For a score give `score / formula.scale`, which
        counts what the business parts add or take away as worth of the texts."""
        logit = self.slope * (text - self.thresholds[grade - 1])
        return 1 / (1 + math.exp(-logit)) if logit > -700 else 0.0


@dataclass(frozen=True, slots=True)
class Ranker:
    """`meaning` and `terms` are at least 0 and add up to 1. `provenance` says how it was learned, in JSON values. Raises
    ValueError for anything else."""

    meaning: float
    terms: float
    zone: Scale
    judged: Scale
    provenance: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if not min(self.meaning, self.terms) >= 0 or not abs(self.meaning + self.terms - 1) <= 1e-9:
            raise ValueError("the weights must be at least 0 and add up to 1")


def to_json(ranker: Ranker) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "weights": {"meaning": ranker.meaning, "terms": ranker.terms},
        "zone": {"slope": ranker.zone.slope, "thresholds": list(ranker.zone.thresholds)},
        "judged": {"slope": ranker.judged.slope, "thresholds": list(ranker.judged.thresholds)},
        "provenance": dict(ranker.provenance),
    }


def from_json(content: Mapping[str, Any]) -> Ranker:
    """Raises KeyError, TypeError or ValueError for anything that `to_json` did not make."""
    if content["format"] != FORMAT:
        raise ValueError(f"format {content['format']} of a ranker is not known")
    weights = content["weights"]
    return Ranker(
        float(weights["meaning"]),
        float(weights["terms"]),
        _scale(content["zone"]),
        _scale(content["judged"]),
        dict(content["provenance"]),
    )


def _scale(content: Mapping[str, Any]) -> Scale:
    first, second, third = map(float, content["thresholds"])
    return Scale(float(content["slope"]), (first, second, third))


def rounded(ranker: Ranker) -> Ranker:
    """The same to `DIGITS` digits."""
    meaning = round(ranker.meaning, DIGITS)
    return Ranker(
        meaning, round(1 - meaning, DIGITS), _rounded(ranker.zone), _rounded(ranker.judged), ranker.provenance
    )  # fmt: skip


def _rounded(scale: Scale) -> Scale:
    first, second, third = (round(each, DIGITS) for each in scale.thresholds)
    return Scale(round(scale.slope, DIGITS), (first, second, third))


@functools.lru_cache(maxsize=1)
def shipped() -> Ranker:
    """The one that comes with ZoneMatch: it holds until a zone has verdicts of its own."""
    return from_json(json.loads(resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8")))
