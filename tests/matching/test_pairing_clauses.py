"""The clauses say what the parts carry, and nothing else."""

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from hypothesis import given, settings

from matching.pairing import clauses as module
from matching.pairing.clauses import CLOSE, NEAR, Clause, clauses
from matching.pairing.parts import total
from matching.pairing.score import Scored, score_pair
from matching.pairing.sides import Side
from tests.matching.pairing_sides import TODAY, context, sides, some


def pair(meaning: float, terms: tuple[str, ...] = (), **business: tuple[float, dict[str, Any]]) -> Scored:
    parts = context().formula.parts({"meaning": (meaning, {}), "terms": (0.3, {"shared": list(terms)}), **business})
    return Scored("n", "r", parts, total(parts), context().level(total(parts)), terms, (0, 0), ())


def test_what_the_texts_have_in_common_comes_first() -> None:
    shared = ("银浆", "烧结", "电池", "正面")
    assert clauses(pair(0.8, shared)) == (Clause("same_matter", {"terms": ("银浆", "烧结", "电池")}),)
    assert clauses(pair(0.8)) == (Clause("same_meaning"),)
    assert clauses(pair(0.4)) == (Clause("somewhat_close"),)
    assert clauses(pair(0.4, ("银浆",))) == (Clause("somewhat_close_terms", {"terms": ("银浆",)}),)
    assert clauses(pair(0.1, ("银浆",))) == (Clause("same_words", {"terms": ("银浆",)}),)
    assert clauses(pair(0.1)) == (Clause("far"),)


def test_figures_are_told_with_what_was_asked_and_given() -> None:
    met = {"name": "烧结温度", "asked": "≤ 680 ℃", "given": "= 650 ℃"}
    failed = {"name": "接触电阻率", "asked": "≤ 1.2 mΩ·cm²", "given": "≤ 1.5 mΩ·cm²"}
    missing = {"name": "单片银耗", "asked": "≤ 70 mg"}
    told = clauses(pair(0.8, indicators=(0.5, {"met": [met], "failed": [failed], "missing": [missing]})))[1:]
    assert told == (
        Clause("indicator_met", met),
        Clause("indicator_failed", failed),
        Clause("indicators_missing", {"names": ("单片银耗",)}),
    )
    several = clauses(pair(0.8, indicators=(0.8, {"met": [met, met], "open": [failed]})))[1:]
    assert several == (Clause("indicators_met", {"count": 2, "asked_count": 3}), Clause("indicator_open", failed))


def test_business_is_told_where_it_matters() -> None:
    told = clauses(
        pair(
            0.8,
            industry=(0.25, {"need": "suggested", "result": "parent"}),
            maturity=(0.375, {"asked": [6, 9], "given": [4, 5], "verdict": "below", "gap": 1}),
            cooperation=(0.0, {"shared": [], "asked": ["02"], "given": ["01"]}),
            price=(0.2, {"verdict": "above"}),
            time=(0.1, {"days": 6}),
        )
    )[1:]
    assert told == (
        Clause("industry_parent"),
        Clause("maturity_below", {"asked": "6", "given": "4-5"}),
        Clause("cooperation_none", {"asked": ("02",), "given": ("01",)}),
        Clause("price_above"),
        Clause("time_short", {"days": 6}),
    )


@settings(max_examples=60)
@given(sides("need"), sides("result"))
def test_no_clause_without_a_part_that_carries_it(need: Side, result: Side) -> None:
    scored = score_pair(need, result, context())
    codes = [clause.code for clause in clauses(scored)]
    assert len(codes) >= 1
    assert all(f"`{code}`" in (module.__doc__ or "") for code in codes)
    values = {part.code: part.value for part in scored.parts}
    for code, part, holds in (
        ("price_above", "price", lambda value: value <= 0.5),
        ("maturity_below", "maturity", lambda value: value < 0.5),
        ("maturity_meets", "maturity", lambda value: value == 1),
        ("cooperation_none", "cooperation", lambda value: value == 0),
        ("indicator_failed", "indicators", lambda value: value < 1),
        ("indicator_met", "indicators", lambda value: value > 0),
        ("industry_outside", "industry", lambda value: value == 0),
        ("time_short", "time", lambda value: value <= 0.25),
    ):
        if code in codes:
            assert values[part] is not None, code
            assert holds(values[part]), code
    if "maturity_unknown" in codes:
        assert need.trl is not None
        assert result.trl is None
    terms = clauses(scored)[0].params.get("terms", ())
    assert isinstance(terms, tuple)
    assert set(terms) <= set(scored.shared_terms)


Holds = Callable[[Mapping[str, Any], Scored, Side, Side], bool]


def _in_both(told: Mapping[str, Any], pair: Scored, need: Side, result: Side) -> bool:
    texts = ["".join((*side.title_terms, "\n", *side.body_terms)) for side in (need, result)]
    return all(term in text for term in told["terms"] for text in texts)


def _meaning(least: float, below: float = 2.0) -> Holds:
    return lambda told, pair, need, result: least <= (pair.part("meaning").value or 0.0) < below


def _figure(verdict: str) -> Holds:
    return lambda told, pair, need, result: dict(told) in pair.part("indicators").facts[verdict]


def _stands(standing: str) -> Holds:
    def holds(told: Mapping[str, Any], pair: Scored, need: Side, result: Side) -> bool:
        return standing in (pair.part("industry").facts["need"], pair.part("industry").facts["result"])

    return holds


def _trl(compare: Callable[[int, tuple[int, int]], bool]) -> Holds:
    return lambda told, pair, need, result: bool(need.trl and result.trl and compare(need.trl[0], result.trl))


def _money(compare: Callable[[int, tuple[int, int]], bool]) -> Holds:
    def holds(told: Mapping[str, Any], pair: Scored, need: Side, result: Side) -> bool:
        most = (need.price or (None, None))[1]
        low, high = result.price or (None, None)
        return most is not None and low is not None and high is not None and compare(most, (low, high))

    return holds


CLAIMS: Final[dict[str, tuple[Holds, ...]]] = {
    "same_matter": (_in_both, _meaning(CLOSE)),
    "same_words": (_in_both, _meaning(0.0, NEAR)),
    "same_meaning": (_meaning(CLOSE),),
    "somewhat_close": (_meaning(NEAR, CLOSE),),
    "somewhat_close_terms": (_in_both, _meaning(NEAR, CLOSE)),
    "far": (_meaning(0.0, NEAR), lambda told, pair, need, result: not pair.shared_terms),
    "industry_suggested": (_stands("suggested"),),
    "industry_parent": (_stands("parent"),),
    "industry_outside": (_stands("outside"),),
    "indicator_met": (_figure("met"),),
    "indicators_met": (
        lambda told, pair, need, result: told["count"] == len(pair.part("indicators").facts["met"]),
        lambda told, pair, need, result: told["asked_count"] == sum(map(len, pair.part("indicators").facts.values())),
    ),
    "indicator_failed": (_figure("failed"),),
    "indicator_open": (_figure("open"),),
    "indicators_missing": (
        lambda told, pair, need, result: {f"indicators:{name}" for name in told["names"]} <= set(pair.missing),
    ),
    "maturity_meets": (_trl(lambda least, given: given[0] >= least),),
    "maturity_partly": (_trl(lambda least, given: given[0] < least <= given[1]),),
    "maturity_below": (_trl(lambda least, given: given[1] < least),),
    "maturity_unknown": (lambda told, pair, need, result: need.trl is not None and result.trl is None,),
    "cooperation_none": (lambda told, pair, need, result: bool(need.modes and result.modes) and not need.modes & result.modes,),
    "price_above": (_money(lambda most, price: price[0] > most),),
    "price_partly": (_money(lambda most, price: price[0] <= most < price[1]),),
    "time_short": (
        lambda told, pair, need, result: any(
            max(0, (end - TODAY).days) == told["days"] for end in (need.open_until, need.wanted_by, result.open_until) if end
        ),
    ),
}
"""What each clause claims, read off the sides themselves."""


def test_every_clause_claims_what_is_so() -> None:
    assert set(CLAIMS) == set(re.findall(r"^\| `(\w+)` \|", module.__doc__ or "", flags=re.MULTILINE))
    chance, told = random.Random(8), Counter[str]()
    for _ in range(800):
        need, result = some(chance, "need"), some(chance, "result")
        pair = score_pair(need, result, context())
        for clause in clauses(pair):
            told[clause.code] += 1
            for holds in CLAIMS[clause.code]:
                assert holds(clause.params, pair, need, result), (clause, pair)
    assert set(told) >= set(CLAIMS) - {"same_meaning", "somewhat_close", "far", "price_above", "indicators_met"}, (
        "pairs that try the clauses"
    )
