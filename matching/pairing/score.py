"""One pair scored: parts, score, level, reasons. A pure function of the two sides, the context and the shipped table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from matching.pairing import business
from matching.pairing.parts import BUSINESS_WEIGHTS, Formula, Part, total
from matching.pairing.prepared import Closeness, Prepared, Ready, closeness, coverage, shared_terms
from matching.pairing.ranker import Ranker
from matching.pairing.ranker import shipped as shipped_ranker
from matching.pairing.sides import Side
from matching.pairing.weights import TermWeights, shipped


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """What a pair is judged in. `industry` is the zone's strategic industry with its `ancestors`, None outside any zone.

    A cosine counts `spread` times: encoders spread them differently, and the ranker knows those of the shipped one. `ranker` and
    `business` weigh the parts; `cuts` are the scores from which a pair is 弱 (1), 较强 (2), 强 (3), below the
    first it is 无 (0).
    """

    today: date
    industry: str | None = None
    ancestors: frozenset[str] = frozenset()
    weights: TermWeights = field(default_factory=shipped)
    ranker: Ranker = field(default_factory=shipped_ranker)
    spread: float = 1.0
    business: Mapping[str, float] = field(default_factory=lambda: BUSINESS_WEIGHTS)
    formula: Formula = field(init=False)
    cuts: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        formula = Formula(self.ranker.meaning, self.ranker.terms, self.business)
        object.__setattr__(self, "formula", formula)
        object.__setattr__(self, "cuts", tuple(formula.scale * cut for cut in self.ranker.zone.thresholds))

    def level(self, score: float) -> int:
        return sum(score >= cut for cut in self.cuts)


@dataclass(frozen=True, slots=True)
class Scored:
    """`need` and `result` are listing ids. `parts` are the ten of `parts.CODES`; their points add up to `score` in [0, 1].

    `level` is 0 to 3 (无 弱 较强 强). `shared_terms` are those the terms part rests on, the weightiest first.
    `best_passages` are positions among the need's and the result's passages, (0, 0) where both are only titles.
    `missing` names what the need asks and the result does not tell: `indicators:<name>`, or a part's code.
    """

    need: str
    result: str
    parts: tuple[Part, ...]
    score: float
    level: int
    shared_terms: tuple[str, ...]
    best_passages: tuple[int, int]
    missing: tuple[str, ...]

    def part(self, code: str) -> Part:
        return next(part for part in self.parts if part.code == code)


def _missing(need: Side, result: Side, facts: Mapping[str, Any]) -> tuple[str, ...]:
    found = [f"indicators:{each['name']}" for each in facts.get("missing", ())]
    if need.trl is not None and result.trl is None:
        found.append("maturity")
    if not result.ip:
        found.append("ip")
    if need.modes and not result.modes:
        found.append("cooperation")
    return tuple(found)


def _measured(a: Side, b: Side, asked: Ready, given: Ready, context: Context) -> dict[str, business.Outcome]:
    """The business parts."""
    return {
        "indicators": business.indicators_part(asked.figures, given.figures),
        "industry": business.industry_part(a, b, context.industry, context.ancestors),
        "maturity": business.maturity_part(a.trl, b.trl),
        "ip": business.ip_part(b.ip),
        "cooperation": business.cooperation_part(a.modes, b.modes),
        "price": business.price_part(a.price, b.price),
        "time": business.time_part(a, b, context.today),
        "region": business.region_part(a, b),
    }


def scored(
    needs: Prepared, need: int, results: Prepared, result: int, context: Context, close: Closeness, row: int, meaning: float
) -> Scored:
    """The pair at these positions, whose closeness is row `row` of `close`, `meaning` that row of its value."""
    a, b, asked, given = needs.sides[need], results.sides[result], needs.ready[need], results.ready[result]
    measured = _measured(a, b, asked, given, context)
    at = (int(close.need_passage[row]), int(close.result_passage[row]))
    measured["meaning"] = (
        meaning,
        {"titles": float(close.titles[row]), "passages": float(close.passages[row]), "at": list(at)},
    )
    words, common = coverage(asked, given), shared_terms(asked, given)
    measured["terms"] = words.value, {"shared": list(common), "need": words.need, "result": words.result}
    parts = context.formula.parts(measured)
    score = total(parts)
    missing = _missing(a, b, measured["indicators"][1])
    return Scored(a.listing, b.listing, parts, score, context.level(score), common, at, missing)


def score_pair(need: Side, result: Side, context: Context) -> Scored:
    """Score one pair on its own. For many use `batch`, which gives the same.

    Raises ValueError unless one is a need and the other a result with vectors of the same dimension.
    """
    if need.kind != "need" or result.kind != "result":
        raise ValueError("a pair is a need and a result")
    if len(need.title_vector) != len(result.title_vector):
        raise ValueError("vectors of different dimensions")
    needs, results = Prepared([need], context.weights), Prepared([result], context.weights)
    close = closeness(needs, 0, results, np.zeros(1, np.intp))
    return scored(needs, 0, results, 0, context, close, 0, float(close.value(context.spread)[0]))


def to_json(pair: Scored) -> dict[str, Any]:
    """JSON values only; `from_json` gives an equal `Scored` back, also after a round through JSON text."""
    return {
        "need": pair.need,
        "result": pair.result,
        "score": pair.score,
        "level": pair.level,
        "parts": [[part.code, part.value, part.weight, part.points, dict(part.facts)] for part in pair.parts],
        "terms": list(pair.shared_terms),
        "passages": list(pair.best_passages),
        "missing": list(pair.missing),
    }


def from_json(content: Mapping[str, Any]) -> Scored:
    """Raises KeyError, TypeError or ValueError for anything that `to_json` did not make."""
    need_passage, result_passage = content["passages"]
    return Scored(
        content["need"],
        content["result"],
        tuple(Part(*part) for part in content["parts"]),
        content["score"],
        content["level"],
        tuple(content["terms"]),
        (need_passage, result_passage),
        tuple(content["missing"]),
    )
