"""Fusion: what a hit is worth, what meaning weighs, and which hits are noise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.fusion import RANK_CONSTANT, RULE, WINDOW, Fused, Rule, above_floor, blend, by_ranks, narrowed
from search.ports import Hit, Rankings
from search.text import terms

EVEN = ("a", "b", "c", "d")
"""As many terms as make words and meaning weigh the same."""


def rankings(lexical: str = "", semantic: str = "") -> Rankings:
    """One hit a character; passages count from 0."""
    return Rankings(
        tuple(Hit(listing, 9.0 - rank) for rank, listing in enumerate(lexical)),
        tuple(Hit(listing, 0.9 - rank / 100, rank) for rank, listing in enumerate(semantic)),
    )


def order(fused: tuple[Fused, ...]) -> str:
    return "".join(item.listing for item in fused)


def words(*scores: float) -> Rankings:
    return Rankings(lexical=tuple(Hit(f"w{at}", score) for at, score in enumerate(scores)))


def test_the_best_of_each_list_is_worth_its_weight() -> None:
    fused = blend(Rankings((Hit("w", 7.0),), (Hit("m", 0.9, 2),)), EVEN)
    assert fused == (Fused("m", 0.5, semantic_rank=1, passage=2), Fused("w", 0.5, lexical_rank=1))


def test_worth_is_told_from_scores_not_ranks() -> None:
    near, far = blend(words(10, 9.5), EVEN), blend(words(10, 1), EVEN)
    assert [each.score for each in near] == pytest.approx([0.5, 0.475])
    assert [each.score for each in far] == pytest.approx([0.5, 0.05])


def test_what_both_lists_hold_adds_up() -> None:
    half = 0.9 - RULE.beside / 2
    best = blend(Rankings((Hit("w", 8.0), Hit("both", 4.0)), (Hit("m", 0.9, 0), Hit("both", half, 3))), EVEN)
    both = next(each for each in best if each.listing == "both")
    assert both.score == pytest.approx(0.25 + 0.25)
    assert (both.lexical_rank, both.semantic_rank, both.passage) == (2, 2, 3)


def test_a_list_that_was_cut_ends_at_its_last_hit() -> None:
    cut = blend(words(*(10 - at / WINDOW for at in range(WINDOW))), EVEN)
    assert cut[0].score == 0.5
    assert cut[-1].score == 0
    whole = blend(words(*(10 - at / WINDOW for at in range(WINDOW - 1))), EVEN)
    assert whole[-1].score > 0.45


def test_meaning_that_is_hardly_above_the_floor_counts_little() -> None:
    faint = Rankings((Hit("w", 1.0), Hit("v", 0.5)), (Hit("m", RULE.floor + RULE.beside / 10, 0),))
    assert {each.listing: round(each.score, 3) for each in blend(faint, EVEN)} == {"w": 0.5, "v": 0.25, "m": 0.05}


def test_equal_scores_are_worth_the_same_and_come_by_listing() -> None:
    fused = blend(Rankings((Hit("b", 0.0), Hit("a", 0.0))), ())
    assert [each.listing for each in fused] == ["a", "b"]
    assert fused[0].score == fused[1].score


def test_pinned_come_first_in_their_order_also_unranked_ones() -> None:
    fused = blend(rankings("abcd", "dcba"), EVEN, pinned=["d", "new", "b", "d"])
    assert [item.listing for item in fused][:3] == ["d", "new", "b"]
    assert sorted(order(fused[3:])) == ["a", "c"]
    assert fused[1] == Fused("new", 0.0)
    assert fused[0].lexical_rank == 4


def test_equal_ranks_are_the_usual_reciprocal_fusion() -> None:
    a, b, c = by_ranks(rankings("ab", "ca"))
    assert (a.listing, a.lexical_rank, a.semantic_rank, a.passage) == ("a", 1, 2, 1)
    assert a.score == pytest.approx(1 / (RANK_CONSTANT + 1) + 1 / (RANK_CONSTANT + 2))
    assert (c.listing, b.listing) == ("b", "c")
    assert c.score == pytest.approx(1 / (RANK_CONSTANT + 2))
    assert order(by_ranks(rankings("bd", "ac"))) == "abcd"


def test_nothing_to_fuse() -> None:
    assert blend(Rankings(), ()) == by_ranks(Rankings()) == ()


def near(*scores: float) -> Rankings:
    return Rankings(semantic=tuple(Hit(f"m{at}", score) for at, score in enumerate(scores)))


def test_meaning_below_the_floor_is_noise() -> None:
    low = RULE.floor - 0.01
    assert above_floor(near(low, low / 2)).semantic == ()
    assert above_floor(near(RULE.floor, low)).semantic == near(RULE.floor).semantic


def test_cosines_that_are_wider_spread_are_brought_back_before_the_floor() -> None:
    found = near(1.2 * RULE.floor, 0.9 * RULE.floor)
    assert narrowed(found, 1.0) is found
    assert [hit.listing for hit in above_floor(narrowed(found, 0.9)).semantic] == ["m0"]
    assert above_floor(narrowed(found, 0.8)).semantic == ()
    assert narrowed(found, 0.8).lexical == found.lexical


def test_meaning_far_behind_the_best_is_noise() -> None:
    best = 0.9
    kept = above_floor(near(best, best - RULE.beside + 0.01, best - RULE.beside - 0.01))
    assert [hit.listing for hit in kept.semantic] == ["m0", "m1"]
    assert above_floor(kept) == kept


def test_the_floor_leaves_words_alone() -> None:
    given = Rankings((Hit("w", 0.1),), (Hit("m", 0.0),))
    assert above_floor(given) == Rankings((Hit("w", 0.1),))
    assert [each.listing for each in blend(given, ("w",))] == ["w"]


scores = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.floats(0, 1)), unique_by=lambda each: each[0])


def listed(scored: list[tuple[str, float]]) -> tuple[Hit, ...]:
    return tuple(Hit(listing, score, 0) for listing, score in sorted(scored, key=lambda each: (-each[1], each[0])))


@given(scores, scores, st.lists(st.sampled_from("abcxyz"), max_size=3), st.integers(0, 12))
def test_every_listing_once_and_better_scores_never_lose(
    lexical: list[tuple[str, float]], semantic: list[tuple[str, float]], pinned: list[str], count: int
) -> None:
    given_, asked = Rankings(listed(lexical), listed(semantic)), [str(at) for at in range(count)]
    fused = blend(given_, asked, pinned=pinned)
    kept = above_floor(given_)
    held = {hit.listing for hit in (*kept.lexical, *kept.semantic)}
    assert sorted(order(fused)) == sorted({*held, *pinned})
    rest = [item for item in fused if item.listing not in pinned]
    assert rest == sorted(rest, key=lambda item: (-item.score, item.listing))
    by_words, by_meaning = dict(lexical), {hit.listing: hit.score for hit in kept.semantic}
    for better in rest:
        assert 0 <= better.score <= 1.000001
        for worse in rest:
            if all(of.get(better.listing, -1) >= of.get(worse.listing, -1) for of in (by_words, by_meaning)):
                assert better.score >= worse.score - 1e-9


@pytest.mark.parametrize(
    ("query", "share"),
    [("轴承", 0.4), ("316L", 0.4), ("", 0.4), ("轴承 电池 薄膜 芯片", 0.5), ("轴承 电池 薄膜 芯片 光伏", 5 / 9)],
)
def test_the_weight_of_meaning_grows_with_the_query(query: str, share: float) -> None:
    assert RULE.meaning_share(terms(query)) == pytest.approx(share)


def test_a_paragraph_weighs_meaning_most_and_repeating_adds_nothing() -> None:
    text = "我们需要一种在高温高湿环境下长期稳定工作的质子交换膜材料，用于车载氢燃料电池"
    assert RULE.meaning_share(terms(text)) == pytest.approx(0.6)
    assert RULE.meaning_share(terms("轴承" * 50)) == RULE.meaning_share(terms("轴承"))
    assert Rule(utmost=1).meaning_share(terms(text)) == 0.5
