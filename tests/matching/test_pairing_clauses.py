"""The clauses say what the parts carry, and nothing else."""

from typing import Any

from hypothesis import given, settings

from matching.pairing import clauses as module
from matching.pairing.clauses import Clause, clauses
from matching.pairing.parts import Formula, total
from matching.pairing.score import Scored, level_of, score_pair
from matching.pairing.sides import Side
from tests.matching.pairing_sides import context, sides


def pair(meaning: float, terms: tuple[str, ...] = (), **business: tuple[float, dict[str, Any]]) -> Scored:
    parts = Formula().parts({"meaning": (meaning, {}), "terms": (0.3, {"shared": list(terms)}), **business})
    return Scored("n", "r", parts, total(parts), level_of(total(parts)), terms, (0, 0), ())


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
    assert several == (Clause("indicators_met", {"count": 2, "asked_count": 3}),)


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
