"""Pairs kept for their result's sake: those above 无, and the shortcut to them loses none."""

from collections import Counter

from matching.pairing.batch import full, keep_best, prepare
from matching.pairing.blocks import match_blocks
from matching.pairing.score import Context
from tests.bench.synthetic import INDUSTRY, TODAY, Shape, population

CONTEXT = Context(TODAY, INDUSTRY, frozenset({"new-energy"}))
SHAPE = Shape(dimension=64, topics=12, words=3000)


def test_the_shortcut_finds_all_that_full_scoring_keeps() -> None:
    made = population(150, 40, SHAPE)
    a, b = prepare(made.needs, CONTEXT), prepare(made.results, CONTEXT)
    everything = full(made.needs, made.results, CONTEXT)
    wanted = keep_best(everything, keep=5, keep_per_result=10, result_from=CONTEXT.cuts[0])
    found = match_blocks(a, [b], CONTEXT, keep=5, keep_per_result=10, per_need=60, per_result=20, result_from=CONTEXT.cuts[0])
    assert found == wanted
    assert {pair.level for pair in wanted} >= {1, 2}


def test_below_the_floor_only_needs_keep_pairs() -> None:
    made = population(150, 40, SHAPE)
    kept = keep_best(full(made.needs, made.results, CONTEXT), keep=5, keep_per_result=10, result_from=CONTEXT.cuts[0])
    all_kept = keep_best(full(made.needs, made.results, CONTEXT), keep=5, keep_per_result=10)
    assert all(count <= 5 for count in Counter(pair.need for pair in kept if pair.level == 0).values())
    assert [pair for pair in all_kept if pair.level] == [pair for pair in kept if pair.level]
    assert len(all_kept) > len(kept)


def test_the_population_is_the_same_every_time() -> None:
    one, other = population(30, 5, SHAPE), population(30, 5, SHAPE)
    assert [side.title_terms for side in one.results] == [side.title_terms for side in other.results]
    assert all((a.passage_vectors == b.passage_vectors).all() for a, b in zip(one.needs, other.needs, strict=True))
    assert {len(side.passage_vectors) for side in one.results} == {2, 3, 4}
