"""Zone-wide matching: the shortcut against scoring everything, and what is kept."""

import json
from collections import Counter
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.pairing.batch import (
    candidates,
    full,
    keep_best,
    prepare,
    recall,
    score_all,
    score_some,
)
from matching.pairing.blocks import match
from matching.pairing.estimate import Factors
from matching.pairing.score import Scored, score_pair
from matching.pairing.sides import Indicator, Side
from tests.matching.pairing_sides import context, need, result, side, sides

TRL = {
    code: (more["trl_low"], more["trl_high"])
    for code, _, _, more in json.loads(resources.files("matching.data").joinpath("reference.json").read_text("utf-8"))["codes"][
        "maturity"
    ]["values"]
    if "trl_low" in more
}


def _side(listing: dict[str, Any]) -> Side:
    is_need = "modes" in listing and "valid_days" in listing
    indicators = tuple(
        Indicator(each["name"], each["op"], each.get("low", each.get("value")), each.get("high"), each["unit"])
        for each in listing["indicators"]
    )
    price = listing["budget_wan" if is_need else "price_wan"]
    maturity = listing["maturity_min" if is_need else "maturity"]
    return side(
        listing["key"],
        "need" if is_need else "result",
        listing["title"],
        "\n".join(listing["texts"].values()),
        industries=frozenset(listing["industries"]),
        indicators=indicators,
        trl=None if maturity is None else (TRL[maturity][0], 9) if is_need else TRL[maturity],
        modes=frozenset(listing["modes"]),
        price=None if price is None else (int(price[0] * 1e6), int(price[1] * 1e6)),
    )


@cache
def demonstration() -> tuple[tuple[Side, ...], tuple[Side, ...]]:
    """Needs and results of the demonstration: texts as people write them."""
    folder = resources.files("matching.demo").joinpath("texts")
    found = [
        _side(listing)
        for file in sorted(folder.iterdir(), key=lambda each: each.name)
        if file.name.startswith(("needs-", "results-"))
        for listing in json.loads(file.read_text(encoding="utf-8"))
    ]
    return tuple(each for each in found if each.kind == "need"), tuple(each for each in found if each.kind == "result")


def test_the_shortcut_loses_next_to_nothing_against_full_scoring() -> None:
    needs, results = demonstration()
    found = recall(needs, results, context(), per_need=40, keep=20)
    assert len(results) > 100
    assert found >= 0.99, f"recall {found:.4f}"


def test_with_room_for_all_a_match_is_full_scoring() -> None:
    needs, results = demonstration()
    some, others = needs[:12], results[:30]
    everything = full(some, others, context())
    assert len(everything) == 12 * 30
    matched = match(some, others, context(), keep=30, keep_per_result=12)
    assert matched == sorted(everything, key=lambda pair: (pair.need, -pair.score, pair.result))


def test_a_block_scores_as_one_pair_does() -> None:
    needs, results = demonstration()
    for pair, other in zip(full(needs[:3], results[:20], context()), _each(needs[:3], results[:20]), strict=True):
        assert pair == other


def _each(needs: tuple[Side, ...], results: tuple[Side, ...]) -> list[Scored]:
    return [score_pair(a, b, context()) for a in needs for b in results]


def test_neither_blocks_nor_the_order_of_the_listings_change_a_match() -> None:
    needs, results = (each[:40] for each in demonstration())
    first = match(needs, results, context(), keep=5, keep_per_result=3)
    assert match(needs, results, context(), keep=5, keep_per_result=3, block=7) == first
    assert match(needs[::-1], results[::-1], context(), keep=5, keep_per_result=3) == first


def test_the_best_of_every_need_and_of_every_result_are_kept() -> None:
    needs, results = demonstration()
    some, others = needs[:30], results[:40]
    everything = full(some, others, context())
    kept = keep_best(everything, keep=3, keep_per_result=2)
    pairs = {(pair.need, pair.result) for pair in kept}
    for listing in some:
        own = sorted((p for p in everything if p.need == listing.listing), key=lambda p: (-p.score, p.result))
        assert {(p.need, p.result) for p in own[:3]} <= pairs
    for listing in others:
        own = sorted((p for p in everything if p.result == listing.listing), key=lambda p: (-p.score, p.need))
        assert {(p.need, p.result) for p in own[:2]} <= pairs
    assert len(kept) <= 3 * len(some) + 2 * len(others)
    assert min(Counter(pair.result for pair in kept).values()) >= 2
    assert kept == sorted(kept, key=lambda pair: (pair.need, -pair.score, pair.result))


def test_equal_pairs_are_told_apart_by_listing_id() -> None:
    asked = need("银浆烧结", "低温烧结的银浆")
    twins = [result("银浆烧结", "低温烧结的银浆", listing=listing) for listing in ("c", "a", "d", "b")]
    found = candidates([asked], twins, context(), per_need=2)
    assert [twins[at].listing for at in found[0].tolist()] == ["a", "b"]
    assert [pair.result for pair in match([asked], twins, context(), keep=3, keep_per_result=0)] == ["a", "b", "c"]


def test_candidates_are_positions_best_first() -> None:
    needs, results = demonstration()
    for at, chosen in enumerate(candidates(needs, results, context(), per_need=10)):
        assert len(set(chosen.tolist())) == 10
        pairs = score_some(prepare(needs, context()), at, prepare(results, context()), chosen[[0, 9]], context())
        assert pairs[0].need == needs[at].listing
        if at < 20:
            assert pairs[0].score >= pairs[1].score - 0.05


def test_nothing_matches_nothing() -> None:
    assert match([], [], context()) == []
    assert match([need("甲")], [], context()) == []
    assert match([], [result("乙")], context()) == []
    assert full([], [], context()) == []
    assert recall([], [result("乙")], context()) == 1.0
    assert [each.tolist() for each in candidates([need("甲")], [], context())] == [[]]


def test_one_new_need_against_all_results() -> None:
    needs, results = demonstration()
    ready = prepare(results, context())
    pairs = score_all(prepare(needs[:1], context()), 0, ready, context())
    assert [pair.result for pair in pairs] == [each.listing for each in results]
    assert pairs[5] == score_pair(needs[0], results[5], context())


def test_vectors_of_different_dimensions_are_refused() -> None:
    odd = np.ones((1, 3), np.float32)
    with pytest.raises(ValueError, match="dimensions"):
        prepare([need("甲"), replace(need("乙", listing="m"), title_vector=odd[0], passage_vectors=odd)], context())


@settings(max_examples=30)
@given(st.lists(sides("need"), min_size=1, max_size=4), st.lists(sides("result"), min_size=1, max_size=6))
def test_estimated_factors_are_those_of_the_score(needs: list[Side], results: list[Side]) -> None:
    """But for indicators and region, which the estimate leaves out."""
    plain = [replace(each, indicators=(), city=None, zones=frozenset()) for each in needs]
    others = [replace(each, city=None, zones=frozenset()) for each in results]
    factors = Factors(plain, others, context())
    for at, asked in enumerate(plain):
        for factor, offered in zip(factors.of(at), others, strict=True):
            pair = score_pair(asked, offered, context())
            weights = context().formula
            text = weights.meaning * (pair.part("meaning").value or 0) + weights.terms * (pair.part("terms").value or 0)
            if text > 0.01:
                assert pair.score / text == pytest.approx(float(factor), abs=2e-3)


@settings(max_examples=20)
@given(st.lists(sides("need"), max_size=6), st.lists(sides("result"), max_size=6))
def test_any_listings_can_be_matched(needs: list[Side], results: list[Side]) -> None:
    needs = [replace(each, listing=f"n{at}") for at, each in enumerate(needs)]
    results = [replace(each, listing=f"r{at}") for at, each in enumerate(results)]
    pairs = match(needs, results, context(), keep=2, keep_per_result=1, block=2)
    assert len(pairs) >= min(2, len(results)) * len(needs)
    assert {pair.result for pair in pairs} == ({each.listing for each in results} if needs else set())
