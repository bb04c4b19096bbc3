"""Every named reason is worth what it is said to be: the pair is scored again without it."""

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from matching.pairing.barriers import TEXTS, held_back_by
from matching.pairing.indicators import display
from matching.pairing.reasons import PARTS, Reason, reasons, without_term
from matching.pairing.score import Scored, score_pair
from matching.pairing.sides import Indicator, Side
from tests.matching.pairing_sides import context, need, result, sides, some

FIELDS = {
    "indicators": ({"indicators": ()}, {}),
    "industry": ({"industries": frozenset(), "ancestors": frozenset()}, {"industries": frozenset(), "ancestors": frozenset()}),
    "maturity": ({"trl": None}, {"trl": None}),
    "ip": ({}, {"ip": ()}),
    "cooperation": ({"modes": frozenset()}, {"modes": frozenset()}),
    "price": ({"price": None}, {"price": None}),
    "time": ({"open_until": None, "wanted_by": None}, {"open_until": None, "wanted_by": None}),
    "region": ({"city": None, "zones": frozenset()}, {"city": None, "zones": frozenset()}),
}


def cut(words: tuple[str, ...], term: str) -> tuple[str, ...]:
    """Without any neighbours that spell the term, by brute force."""
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            if "".join(words[start:end]) == term:
                return cut(words[:start] + words[end:], term)
    return words


def taken_away(a: Side, b: Side, reason: Reason, pair: Scored) -> tuple[Side, Side]:
    if reason.kind == "term":
        a = replace(a, title_terms=cut(a.title_terms, reason.name), body_terms=cut(a.body_terms, reason.name))
        b = replace(b, title_terms=cut(b.title_terms, reason.name), body_terms=cut(b.body_terms, reason.name))
    elif reason.kind == "figure":
        kept = [each for each in a.indicators if not (each.name == reason.name and display(each) == reason.asked)]
        a = replace(a, indicators=tuple(kept))
    elif reason.kind == "passage":
        at = pair.best_passages[0 if reason.name == "need" else 1]
        rows = (a if reason.name == "need" else b).passage_vectors
        fewer = np.concatenate([rows[:at], rows[at + 1 :]])
        a, b = (replace(a, passage_vectors=fewer), b) if reason.name == "need" else (a, replace(b, passage_vectors=fewer))
    else:
        of_need, of_result = FIELDS[reason.name]
        a, b = replace(a, **of_need), replace(b, **of_result)  # type: ignore[arg-type]  # fields of a side
    return a, b


def is_gone(reason: Reason, pair: Scored, rest: Scored, shorter: tuple[Side, Side]) -> bool:
    if reason.kind == "term":
        return reason.name not in rest.shared_terms
    if reason.kind == "figure":
        told = [each for entries in rest.part("indicators").facts.values() for each in entries]
        return all((each["name"], each["asked"]) != (reason.name, reason.asked) for each in told)
    if reason.kind == "passage":
        return len(shorter[0 if reason.name == "need" else 1].passage_vectors) >= 1
    return rest.part(reason.name).value is None and pair.part(reason.name).value is not None


def test_each_named_reason_taken_away_changes_the_score_as_stated() -> None:
    chance, kinds = random.Random(6), Counter[str]()
    for _ in range(1000):
        a, b = some(chance, "need"), some(chance, "result")
        pair = score_pair(a, b, context())
        for reason in reasons(a, b, context(), pair):
            shorter = taken_away(a, b, reason, pair)
            rest = score_pair(*shorter, context())
            assert reason.change == pytest.approx(pair.score - rest.score, abs=1e-12), reason
            assert reason.level == rest.level
            assert is_gone(reason, pair, rest, shorter), reason
            kinds[reason.kind] += 1
    assert min(kinds[kind] for kind in ("term", "figure", "passage", "part")) > 500, "pairs that try every kind"


@settings(max_examples=50)
@given(sides("need"), sides("result"))
def test_all_that_a_pair_rests_on_is_named(a: Side, b: Side) -> None:
    pair = score_pair(a, b, context())
    named = {(each.kind, each.name) for each in reasons(a, b, context(), pair)}
    assert {term for kind, term in named if kind == "term"} == set(pair.shared_terms)
    assert {code for kind, code in named if kind == "part"} == {part.code for part in pair.parts[2:] if part.value is not None}
    told = {entry["name"] for entries in pair.part("indicators").facts.values() for entry in entries}
    assert told <= {name for kind, name in named if kind == "figure"}
    assert set(PARTS) == {part.code for part in pair.parts[2:]}


def test_a_word_cut_into_characters_is_taken_out_whole() -> None:
    assert without_term(("低温", "银", "浆", "烧结", "银", "膜"), "银浆") == ("低温", "烧结", "银", "膜")
    assert without_term(("银", "银", "浆", "浆"), "银浆") == ()
    assert without_term(("银浆料", "浆"), "银浆") == ("银浆料", "浆")
    assert without_term(("topcon", "topcon"), "topcon") == ()


def test_what_speaks_against_a_pair_has_a_negative_change() -> None:
    asked = need(
        "低温银浆烧结",
        indicators=(Indicator("烧结温度", "<=", None, 680, "℃"), Indicator("接触电阻", "<=", None, 1, "mΩ")),
        trl=(8, 9),
        price=(None, 100),
    )
    given_ = result(
        "低温银浆烧结技术",
        indicators=(Indicator("烧结温度", "=", 650, 650, "℃"), Indicator("接触电阻", "=", 3, 3, "mΩ")),
        trl=(3, 3),
        price=(50, 80),
    )
    pair = score_pair(asked, given_, context())
    found = {(each.kind, each.name): each for each in reasons(asked, given_, context(), pair)}
    assert found["figure", "烧结温度"].change > 0
    assert found["figure", "烧结温度"].verdict == "met"
    assert found["figure", "接触电阻"].change < 0
    assert found["figure", "接触电阻"].verdict == "failed"
    assert found["part", "maturity"].change < 0
    assert found["part", "price"].change > 0
    assert found["term", "银浆"].change > 0


def test_only_texts_hold_back_what_has_nothing_in_common() -> None:
    a, b = need("员工食堂排烟", "油烟异味扰民。"), result("硅片隐裂激光检测装置", "激光扫描硅片边缘。")
    pair = score_pair(a, b, context())
    assert pair.level == 0
    assert set(held_back_by(a, b, context(), pair)) == set(TEXTS)


@settings(max_examples=60)
@given(sides("need"), sides("result"))
def test_what_holds_a_pair_back_is_so(a: Side, b: Side) -> None:
    pair = score_pair(a, b, context())
    found = held_back_by(a, b, context(), pair)
    assert bool(found) is (pair.level == 0)
    if found and not set(found) & set(TEXTS):
        x, y = a, b
        for code in found:
            of_need, of_result = FIELDS[code]
            x, y = replace(x, **of_need), replace(y, **of_result)  # type: ignore[arg-type]  # fields of a side
        assert score_pair(x, y, context()).level > 0
