"""What would raise a pair: each edit is scored, asks for nothing that is so already, and reaches what it says."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from matching.pairing import raising as module
from matching.pairing.business import price_part
from matching.pairing.raising import LEAST, Edit, Raising, candidates, raising
from matching.pairing.score import score_pair
from matching.pairing.sides import Indicator, IpRight, Side
from tests.matching.pairing_sides import TODAY, context, need, result, sides

HOT = Indicator("烧结温度", "<=", None, 680, "℃")


def raised(a: Side, b: Side) -> Raising:
    return raising(a, b, context(), score_pair(a, b, context()))


def codes(found: Raising, side: str) -> set[str]:
    return {each.code for each in found.of(side)}


def one(found: Raising, side: str, code: str) -> Edit:
    (edit,) = (each for each in found.of(side) if each.code == code)
    return edit


def pair(need_has: dict[str, Any], result_has: dict[str, Any]) -> Raising:
    a = need("TOPCon 正面银浆低温烧结", "烧结温度要低。", **need_has)
    b = result("低温烧结银浆", "铅碲玻璃粉。", **result_has)
    return raised(a, b)


def test_what_the_result_does_not_say_is_asked_of_its_owner() -> None:
    found = pair(
        {"indicators": (HOT,), "trl": (6, 9), "modes": frozenset({"02"}), "price": (None, 5_000_000)},
        {"industries": frozenset({"pv"}), "confirmed": False},
    )
    asked = codes(found, "result")
    assert {"state_maturity", "add_mode", "state_price", "state_right", "give_figure"} <= asked
    assert one(found, "result", "state_maturity").params == {"trl": 6}
    assert one(found, "result", "give_figure").params == {
        "name": "烧结温度", "asked": "≤ 680 ℃", "unit": "℃", "comparator": "<=",
    }  # fmt: skip
    assert one(found, "result", "add_mode").params == {"modes": ("02",)}
    assert codes(found, "need") == {"tag_industry"}, "a need without a tag stands in no zone's industry"


def test_what_falls_short_is_a_question_to_both_sides() -> None:
    found = pair(
        {"indicators": (HOT,), "trl": (8, 9), "price": (None, 5_000_000), "modes": frozenset({"02"})},
        {
            "indicators": (Indicator("烧结温度", "=", 700, 700, "℃"),), "trl": (4, 5), "price": (8_000_000, 9_000_000),
            "modes": frozenset({"01"}),
        },
    )  # fmt: skip
    assert one(found, "need", "accept_figure").params == {"name": "烧结温度", "asked": "≤ 680 ℃", "given": "≤ 700 ℃"}
    assert one(found, "need", "accept_maturity").params == {"trl": 4}
    assert one(found, "need", "state_budget").params["high"] == 8_000_000, "the least price first"
    assert one(found, "result", "state_maturity").params == {"trl": 8}
    assert one(found, "result", "state_price").params["high"] == 5_000_000
    assert "give_figure" not in codes(found, "result"), "a figure that fails is no gap in what was said"


def test_industry_rights_and_time() -> None:
    found = pair(
        {"industries": frozenset({"pv"}), "wanted_by": date(2026, 12, 1)},
        {
            "industries": frozenset({"nano"}), "ip": (IpRight("invention", "granted", False),),
            "open_until": date(2026, 12, 10),
        },
    )  # fmt: skip
    assert one(found, "result", "tag_industry").params == {"industry": "pv"}
    assert {"give_number", "tag_industry"} <= codes(found, "result")
    assert "wait_longer" in codes(found, "need")
    suggested = pair({"industries": frozenset({"pv"})}, {"industries": frozenset({"pv"}), "confirmed": False})
    assert "confirm_industry" in codes(suggested, "result")


def test_a_pair_that_lacks_nothing_is_told_nothing() -> None:
    full = {
        "indicators": (HOT,), "trl": (6, 9), "modes": frozenset({"02", "03"}), "price": (None, 5_000_000),
        "industries": frozenset({"pv"}), "open_until": date(2028, 1, 1),
    }  # fmt: skip
    given_ = full | {"ip": (IpRight("invention", "granted", True),), "price": (None, 4_000_000)}
    assert pair(full, given_) == Raising()


def test_several_small_changes_together_reach_the_next_level() -> None:
    found = pair(
        {"indicators": (HOT,), "trl": (6, 9), "modes": frozenset({"02"}), "price": (None, 5_000_000)},
        {"modes": frozenset({"01"}), "trl": (3, 4)},
    )
    for each in found.together:
        assert len(each.edits) >= 2
        assert all(edit.side == each.side for edit in each.edits)
        assert each.score > max(edit.score for edit in each.edits)


def test_nobody_is_asked_about_texts_that_have_nothing_in_common() -> None:
    a = need("员工食堂排烟", "油烟异味扰民。", indicators=(HOT,), trl=(6, 9), modes=frozenset({"02"}))
    b = result("谐波减速器柔轮齿形优化", "回差小。", modes=frozenset({"01"}))
    assert score_pair(a, b, context()).level == 0
    assert raised(a, b) == Raising()


@settings(max_examples=80)
@given(sides("need"), sides("result"))
def test_every_edit_raises_the_pair_to_what_it_says(a: Side, b: Side) -> None:
    before = score_pair(a, b, context())
    found = raising(a, b, context(), before)
    tried = {(each.side, each.code, str(each.params)): each for each in candidates(a, b, context())}
    assert [edit.effort for edit in found.edits] == sorted(edit.effort for edit in found.edits), "smallest first"
    for edit in found.edits:
        assert f"`{edit.code}`" in (module.__doc__ or "")
        change = tried[edit.side, edit.code, str(edit.params)]
        then = score_pair(change.apply(a), b, context()) if edit.side == "need" else score_pair(a, change.apply(b), context())
        assert (then.score, then.level) == (pytest.approx(edit.score), edit.level)
        assert edit.score >= before.score + LEAST
    for group in found.together:
        assert group.level > before.level
        assert all(edit.level <= before.level for edit in found.of(group.side)), "one edit would have been enough"


@settings(max_examples=80)
@given(sides("need"), sides("result"))
def test_nobody_is_asked_to_say_what_is_said(a: Side, b: Side) -> None:
    for edit in raised(a, b).edits:
        own, other = (a, b) if edit.side == "need" else (b, a)
        if edit.code == "add_mode":
            modes = edit.params["modes"]
            assert isinstance(modes, tuple)
            assert set(modes) <= other.modes - own.modes
        elif edit.code == "state_maturity":
            assert a.trl is not None
            assert b.trl is None or b.trl[0] < a.trl[0] == edit.params["trl"]
        elif edit.code == "confirm_industry":
            assert not own.confirmed
        elif edit.code == "tag_industry":
            assert "pv" not in own.industries | own.ancestors
        elif edit.code in ("state_price", "state_budget"):
            assert price_part(a.price, b.price)[0] != 1
        elif edit.code == "stay_open":
            assert own.open_until is not None
            assert (own.open_until - TODAY).days < 60
