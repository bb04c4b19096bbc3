"""Fusion and query weights."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.fusion import MEANING_BESIDE, MEANING_FLOOR, RANK_CONSTANT, Fused, Weights, above_floor, blend, fuse, query_weights
from search.ports import Hit, Rankings
from search.text import terms


def rankings(lexical: str = "", semantic: str = "") -> Rankings:
    """One hit a character; passages count from 0."""
    return Rankings(
        tuple(Hit(listing, 9.0 - rank) for rank, listing in enumerate(lexical)),
        tuple(Hit(listing, 0.9 - rank / 100, rank) for rank, listing in enumerate(semantic)),
    )


def order(fused: tuple[Fused, ...]) -> str:
    return "".join(item.listing for item in fused)


def test_the_score_is_the_sum_of_reciprocal_ranks() -> None:
    a, b, c = fuse(rankings("ab", "ca"))
    assert (a.listing, a.lexical_rank, a.semantic_rank, a.passage) == ("a", 1, 2, 1)
    assert a.score == pytest.approx(1 / (RANK_CONSTANT + 1) + 1 / (RANK_CONSTANT + 2))
    assert (c.listing, b.listing) == ("b", "c")
    assert c.score == pytest.approx(1 / (RANK_CONSTANT + 2))


def test_what_one_ranking_misses_scores_nothing_there() -> None:
    only_words, only_meaning = fuse(rankings("x", "")), fuse(rankings("", "x"))
    assert only_words == (Fused("x", 1 / (RANK_CONSTANT + 1), lexical_rank=1),)
    assert only_meaning == (Fused("x", 1 / (RANK_CONSTANT + 1), semantic_rank=1, passage=0),)


def test_ties_come_by_listing_id() -> None:
    assert order(fuse(rankings("b", "a"))) == "ab"
    assert order(fuse(rankings("bd", "ac"))) == "abcd"


def test_weights_decide_between_words_and_meaning() -> None:
    both = rankings("abc", "xyz")
    assert order(fuse(both, weights=Weights(2, 1)))[:3] == "abc"
    assert order(fuse(both, weights=Weights(1, 2)))[:3] == "xyz"
    assert order(fuse(both)) == "axbycz"


def test_pinned_come_first_in_their_order_also_unranked_ones() -> None:
    fused = fuse(rankings("abcd", "dcba"), pinned=["d", "new", "b", "d"])
    assert [item.listing for item in fused] == ["d", "new", "b", "a", "c"]
    assert fused[1] == Fused("new", 0.0)
    assert fused[0].lexical_rank == 4


def test_nothing_to_fuse() -> None:
    assert fuse(Rankings()) == ()
    assert blend(Rankings(), ()) == ()


def near(*scores: float) -> Rankings:
    return Rankings(semantic=tuple(Hit(f"m{at}", score) for at, score in enumerate(scores)))


def test_meaning_below_the_floor_is_noise() -> None:
    low = MEANING_FLOOR - 0.01
    assert above_floor(near(low, low / 2)).semantic == ()
    assert above_floor(near(MEANING_FLOOR, low)).semantic == near(MEANING_FLOOR).semantic


def test_meaning_far_behind_the_best_is_noise() -> None:
    best = 0.9
    kept = above_floor(near(best, best - MEANING_BESIDE + 0.01, best - MEANING_BESIDE - 0.01))
    assert [hit.listing for hit in kept.semantic] == ["m0", "m1"]
    assert above_floor(kept) == kept


def test_the_floor_leaves_words_alone() -> None:
    given = Rankings((Hit("w", 0.1),), (Hit("m", 0.0),))
    assert above_floor(given) == Rankings((Hit("w", 0.1),))
    assert [each.listing for each in blend(given, ("w",))] == ["w"]


@given(
    st.lists(st.sampled_from("abcdefgh"), unique=True),
    st.lists(st.sampled_from("abcdefgh"), unique=True),
    st.lists(st.sampled_from("abcxyz"), max_size=3),
    st.floats(0.1, 10),
)
def test_every_listing_once_and_better_ranks_never_lose(
    words: list[str], meaning: list[str], pinned: list[str], weight: float
) -> None:
    fused = fuse(rankings("".join(words), "".join(meaning)), weights=Weights(weight), pinned=pinned)
    assert sorted(order(fused)) == sorted({*words, *meaning, *pinned})
    rest = [item for item in fused if item.listing not in pinned]
    assert rest == sorted(rest, key=lambda item: (-item.score, item.listing))
    for better in rest:
        for worse in rest:
            ranks = [(better.lexical_rank, worse.lexical_rank), (better.semantic_rank, worse.semantic_rank)]
            if all((a or 99) <= (b or 99) for a, b in ranks):
                assert better.score >= worse.score


@pytest.mark.parametrize(
    ("query", "ratio"),
    [("轴承", 0.5), ("316L", 0.5), ("", 0.5), ("轴承 电池 薄膜 芯片", 1.0), ("轴承 电池 薄膜 芯片 光伏 激光", 1.5)],
)
def test_the_weight_of_meaning_grows_with_the_query(query: str, ratio: float) -> None:
    weights = query_weights(terms(query))
    assert weights.semantic / weights.lexical == ratio


def test_a_paragraph_weighs_meaning_twice_and_repeating_adds_nothing() -> None:
    text = "我们需要一种在高温高湿环境下长期稳定工作的质子交换膜材料，用于车载氢燃料电池"
    weights = query_weights(terms(text))
    assert weights.semantic / weights.lexical == 2
    assert query_weights(terms("轴承" * 50)) == query_weights(terms("轴承"))
