"""Matching in blocks: the outcome of one block with all results in it, however they are cut and in whatever order they come."""

import random
from dataclasses import replace
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.pairing.batch import full, keep_best, prepare
from matching.pairing.blocks import match_blocks
from matching.pairing.score import Context, Scored
from matching.pairing.sides import Side
from tests.bench.synthetic import INDUSTRY, TODAY, Shape, population
from tests.matching.pairing_sides import context, sides

CONTEXT = Context(TODAY, INDUSTRY, frozenset({"new-energy"}))
FEW = partial(match_blocks, keep=3, keep_per_result=2, per_need=6, per_result=3)
"""So few candidates that most are pushed out by later blocks."""
POPULATION = population(90, 12, Shape(dimension=64, topics=6, words=3000))


def _cut(results: list[Side], size: int, within: Context) -> list[Scored]:
    blocks = (prepare(results[start : start + size], within) for start in range(0, len(results), size))
    return FEW(prepare(POPULATION.needs, within), blocks, within, result_from=within.cuts[0])


@settings(max_examples=12, deadline=None)
@given(size=st.integers(1, 100), order=st.randoms(use_true_random=False))
def test_neither_the_size_of_the_blocks_nor_their_order_changes_what_is_kept(size: int, order: random.Random) -> None:
    whole = _cut(list(POPULATION.results), 90, CONTEXT)
    shuffled = list(POPULATION.results)
    order.shuffle(shuffled)
    assert _cut(shuffled, size, CONTEXT) == whole
    assert 12 <= len(whole) < 12 * 90


def test_a_candidate_that_is_pushed_out_leaves_nothing_behind() -> None:
    """Scored in its block, it would be kept for its result's sake; in the whole it is no candidate."""
    one = partial(match_blocks, keep=1, keep_per_result=12, per_need=1, per_result=0)
    needs = prepare(POPULATION.needs, CONTEXT)
    single = [prepare([each], CONTEXT) for each in POPULATION.results]
    kept = one(needs, single, CONTEXT)
    assert len(kept) == 12
    assert kept == one(needs, [prepare(POPULATION.results, CONTEXT)], CONTEXT)


@settings(max_examples=20, deadline=None)
@given(st.lists(sides("need"), max_size=4), st.lists(sides("result"), max_size=6), st.integers(1, 6))
def test_with_room_for_all_blocks_lose_nothing_against_full_scoring(needs: list[Side], results: list[Side], size: int) -> None:
    needs = [replace(each, listing=f"n{at}") for at, each in enumerate(needs)]
    results = [replace(each, listing=f"r{at}") for at, each in enumerate(results)]
    blocks = [prepare(results[start : start + size], context()) for start in range(0, len(results), size)]
    found = match_blocks(prepare(needs, context()), blocks, context(), keep=2, keep_per_result=1)
    assert found == keep_best(full(needs, results, context()), 2, 1)


def test_it_tells_how_many_results_are_done() -> None:
    told: list[float] = []
    results = POPULATION.results
    blocks = [prepare(results[:60], CONTEXT), prepare(results[60:], CONTEXT)]
    match_blocks(prepare(POPULATION.needs, CONTEXT), blocks, CONTEXT, done=told.append)
    assert told == sorted(told)
    assert len(told) == 24
    assert (told[11], told[-1]) == (60, 90)
