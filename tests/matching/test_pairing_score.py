"""One pair: the parts and their sum, text of every shape, the round through JSON."""

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.pairing.parts import BUSINESS_WEIGHTS, CODES, Formula, Part
from matching.pairing.score import Context, Scored, from_json, score_pair, to_json
from matching.pairing.sides import Side, without_body
from tests.matching.pairing_sides import TODAY, context, need, result, sides

PASTE = "TOPCon 电池正面银浆低温烧结与降耗"
PASTE_BODY = "现用正面银浆需 760 ℃ 以上烧结，损伤钝化层；希望在 680 ℃ 以下烧结，单片银耗降到 70 mg 以下。"
ANSWER = "含铅碲玻璃粉的低温烧结导电银浆及其接触机理"
ANSWER_BODY = "面向 TOPCon 电池正面金属化，650 ℃ 烧结，接触电阻率 1.1 mΩ·cm²。"

FORMULA = Formula(0.6, 0.4)


@settings(max_examples=40)
@given(sides("need"), sides("result"))
def test_the_points_add_up_to_the_score_exactly(a: Side, b: Side) -> None:
    pair = score_pair(a, b, context())
    assert tuple(part.code for part in pair.parts) == CODES
    assert math.fsum(part.points for part in pair.parts) == pair.score
    assert 0 <= pair.score <= 1
    assert pair.level == context().level(pair.score)
    for part in pair.parts:
        assert part.value is None or 0 <= part.value <= 1
        if part.value is None:
            assert part.points == 0


@settings(max_examples=40)
@given(sides("need"), sides("result"))
def test_a_part_taken_away_changes_the_score_by_its_points(a: Side, b: Side) -> None:
    """The business parts: scored again with nothing known of one, the score moves by just what it said."""
    pair = score_pair(a, b, context())
    measured = {part.code: (part.value, part.facts) for part in pair.parts}
    for part in pair.parts[2:]:
        without = context().formula.parts({**measured, part.code: (None, {})})
        assert math.fsum(each.points for each in without) == pytest.approx(pair.score - part.points, abs=1e-12)


@settings(max_examples=40)
@given(sides("need"), sides("result"))
def test_a_round_through_json_text_gives_an_equal_value(a: Side, b: Side) -> None:
    pair = score_pair(a, b, context())
    assert from_json(json.loads(json.dumps(to_json(pair), ensure_ascii=False, allow_nan=False))) == pair


@settings(max_examples=40)
@given(sides("need"), sides("result"))
def test_scoring_again_gives_the_same(a: Side, b: Side) -> None:
    """Also of sides that are equal in content and not the same objects."""
    assert score_pair(a, b, context()) == score_pair(replace(a), replace(b), Context(today=TODAY, **_zone()))


def _zone() -> dict[str, Any]:
    return {"industry": context().industry, "ancestors": context().ancestors}


@settings(max_examples=40)
@given(sides("need"), sides("result"))
def test_words_and_titles_count_alike_whichever_side_they_stand_on(a: Side, b: Side) -> None:
    pair = score_pair(a, b, context())
    turned = score_pair(replace(b, kind="need"), replace(a, kind="result"), context())
    assert pair.part("terms").value == turned.part("terms").value
    assert pair.part("meaning").facts["titles"] == turned.part("meaning").facts["titles"]


@settings(max_examples=40)
@given(sides("need"), sides("result"), st.integers(0, 3))
def test_another_passage_never_makes_a_result_farther(a: Side, b: Side, turned: int) -> None:
    """And counts only where it is the closest: a result that treats of many things is not worse for it."""
    passage = np.roll(a.title_vector, turned)
    longer = replace(b, passage_vectors=np.vstack([b.passage_vectors, passage]))
    before, after = score_pair(a, b, context()).part("meaning"), score_pair(a, longer, context()).part("meaning")
    assert after.facts["passages"] >= before.facts["passages"]
    if after.facts["passages"] > before.facts["passages"]:
        assert after.facts["at"][1] == len(b.passage_vectors)
    else:
        assert after.value == before.value


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("", ""),
        ("，。", ""),
        ("电池", ""),
        ("提高产品性能", ""),
        ("Sintering paste for TOPCon cells", "Contact resistivity below 1.5 mΩ·cm²."),
        ("電池正面銀漿", "低溫燒結"),
        ("银浆" * 200, "烧结。" * 2_000),
        ("🙂\x00<b>银浆</b>", "\n\t"),
    ],
)
def test_text_of_every_shape_is_scored(title: str, body: str) -> None:
    for pair in (
        score_pair(need(title, body), result(ANSWER, ANSWER_BODY), context()),
        score_pair(need(PASTE, PASTE_BODY), result(title, body), context()),
        score_pair(need(title, body), result(title, body), context()),
    ):
        assert 0 <= pair.score <= 1
        assert math.fsum(part.points for part in pair.parts) == pair.score


def test_traditional_characters_share_the_words_of_simplified_ones() -> None:
    pair = score_pair(need("電池正面銀漿低溫燒結"), result("电池正面银浆低温烧结"), context())
    assert {"银浆", "烧结", "低温"} <= set(pair.shared_terms)


def test_frame_words_and_units_are_no_reason() -> None:
    pair = score_pair(need("关键技术研究与应用 10 mm"), result("一种系统的研究与应用关键技术 10 mm"), context())
    assert pair.shared_terms == ()
    told = score_pair(need("银浆烧结关键技术研究"), result("银浆烧结系统"), context())
    assert (told.part("terms").value or 0) > (pair.part("terms").value or 0)


def test_a_word_inside_a_longer_shared_word_is_not_shown_twice() -> None:
    pair = score_pair(need("谐波减速器寿命"), result("谐波减速器润滑"), context())
    assert "减速器" in " ".join(pair.shared_terms)
    assert not any(a != b and a in b for a in pair.shared_terms for b in pair.shared_terms)


def test_one_common_word_of_one_word_titles_is_no_full_match() -> None:
    pair = score_pair(need("电池"), result("电池"), context())
    longer = score_pair(need("钙钛矿叠层电池蒸镀封装"), result("钙钛矿叠层电池蒸镀封装"), context())
    assert (pair.part("terms").value or 0) < (longer.part("terms").value or 0)


def _foreign(title: str) -> Side:
    row = np.array([1.0, 0.0], np.float32)
    return replace(need(title), title_vector=row, passage_vectors=without_body(row))


def test_being_in_the_same_foreign_language_is_no_closeness() -> None:
    """A cosine that unrelated English texts reach through their language alone counts as none."""
    angle = math.acos(0.4)
    row = np.array([math.cos(angle), math.sin(angle)], np.float32)
    english = replace(result("Fibre sensing"), title_vector=row, passage_vectors=without_body(row))
    chinese = replace(english, title_terms=("光纤",))
    assert score_pair(_foreign("Anode carbon"), english, context()).part("meaning").value == pytest.approx(0, abs=1e-5)
    assert (score_pair(_foreign("Anode carbon"), chinese, context()).part("meaning").value or 0) > 0.6


@pytest.mark.parametrize(("score", "level"), [(0, 0), *zip(context().cuts, (1, 2, 3), strict=True), (1, 3)])
def test_levels(score: float, level: int) -> None:
    assert context().level(score) == level
    assert context().level(math.nextafter(score, -1)) == max(0, level - 1) if 0 < score < 1 else True


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.sampled_from(sorted(BUSINESS_WEIGHTS)))
def test_every_part_is_monotone(text: float, low: float, high: float, code: str) -> None:
    low, high = sorted((low, high))
    for values in ({code: (low, {})}, {code: (high, {})}):
        assert sum(part.points for part in FORMULA.parts({"meaning": (text, {}), "terms": (text, {}), **values})) <= 1 + 1e-12
    a, b = (FORMULA.parts({"meaning": (text, {}), "terms": (0.5, {}), code: (value, {})}) for value in (low, high))
    assert math.fsum(part.points for part in b) >= math.fsum(part.points for part in a)


def test_weights_must_leave_the_text_in_charge() -> None:
    for wrong in ({"price": 1.2}, {"price": -0.1}, {"luck": 0.1}, {"price": 0.6, "ip": 0.6}):
        with pytest.raises(ValueError, match="business weights"):
            Formula(0.6, 0.4, wrong)
    free = Formula(0.6, 0.4, {})
    parts = free.parts({"meaning": (1.0, {}), "terms": (1.0, {}), "price": (0.0, {})})
    assert math.fsum(part.points for part in parts) == pytest.approx(1)


def test_a_pair_is_a_need_and_a_result() -> None:
    with pytest.raises(ValueError, match="a need and a result"):
        score_pair(result("甲"), need("乙"), context())
    row = np.ones(1, np.float32)
    with pytest.raises(ValueError, match="dimensions"):
        score_pair(need("甲"), replace(result("乙"), title_vector=row, passage_vectors=without_body(row)), context())
    with pytest.raises(ValueError, match="title is the first"):
        replace(result("乙"), title_vector=row)
    with pytest.raises(ValueError, match="shape"):
        replace(result("乙"), passage_vectors=row)


def test_what_json_cannot_be_is_refused() -> None:
    pair = to_json(score_pair(need("甲"), result("乙"), context()))
    del pair["level"]
    with pytest.raises(KeyError):
        from_json(pair)
    assert isinstance(Part("ip", None, 0.0, 0.0, {}), tuple)
    assert Scored.__hash__ is not None
