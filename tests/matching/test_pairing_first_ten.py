"""The first ten in another order: a permutation that keeps levels, moves by bounded places, and says why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.pairing.first_ten import DROP, FIRST, LIFTS, REACH, Entry, Switches, are_alike, lift, reorder

TODAY = date(2026, 11, 24)
FRESH, DIVERSE, BOTH = Switches(fresh=TODAY), Switches(diverse=True), Switches(TODAY, True)
MOST = max(places for _, places in LIFTS)

words = st.frozensets(st.sampled_from("银浆烧结低温检测激光"), max_size=5)
days = st.none() | st.integers(-3, 200).map(lambda ago: TODAY - timedelta(days=ago))
entry = st.builds(Entry, st.integers(0, 3), days, st.sampled_from(["", "a", "b", "c", "d"]), words)
in_any_order = st.lists(entry, max_size=REACH + 8)
best_first = in_any_order.map(lambda rows: sorted(rows, key=lambda each: -each.level))
lists = best_first | in_any_order
switches = st.sampled_from([Switches(), FRESH, DIVERSE, BOTH])


def order(rows: list[Entry], wanted: Switches) -> list[int]:
    return [move.at for move in reorder(rows, wanted)]


def row(level: int = 2, ago: int | None = None, organisation: str = "", title: str = "") -> Entry:
    return Entry(level, None if ago is None else TODAY - timedelta(days=ago), organisation, frozenset(title))


@given(lists, switches)
def test_it_is_a_permutation_in_which_every_place_keeps_its_level(rows: list[Entry], wanted: Switches) -> None:
    moves = reorder(rows, wanted)
    assert sorted(move.at for move in moves) == list(range(len(rows)))
    assert [rows[move.at].level for move in moves] == [each.level for each in rows]
    assert [move.at - now for now, move in enumerate(moves)] == [move.places for move in moves]
    assert moves == reorder(rows, wanted), "the same twice"


@given(lists)
def test_both_off_nothing_is_touched(rows: list[Entry]) -> None:
    assert [(move.at, move.places, move.cause) for move in reorder(rows, Switches())] == [
        (at, 0, None) for at in range(len(rows))
    ]


@given(lists, switches)
def test_behind_the_first_ten_everything_stands_as_it_stood(rows: list[Entry], wanted: Switches) -> None:
    found = order(rows, wanted)
    assert found[FIRST:] == sorted(found[FIRST:])
    assert found[REACH:] == list(range(len(rows)))[REACH:]
    assert order(rows[:REACH], wanted) == found[:REACH]


@given(lists, switches)
def test_entries_that_differ_in_nothing_keep_their_order(rows: list[Entry], wanted: Switches) -> None:
    alone = [replace(each, published=None, organisation="", words=frozenset[str]()) for each in rows]
    assert order(alone, wanted) == list(range(len(rows)))
    same = [replace(each, published=TODAY, organisation="a") for each in rows]
    assert order(same, FRESH) == list(range(len(rows)))


@given(lists)
def test_what_is_new_moves_up_by_no_more_than_its_lift_and_down_by_no_more_than_the_greatest(rows: list[Entry]) -> None:
    for move in reorder(rows, FRESH):
        assert -MOST <= move.places <= lift(rows[move.at].published, TODAY)
        assert move.cause == ("new" if move.places > 0 else None)


@given(lists, st.data())
def test_a_newer_entry_never_stands_lower(rows: list[Entry], data: st.DataObject) -> None:
    if not rows:
        return
    at = data.draw(st.integers(0, len(rows) - 1))
    newer = [*rows[:at], replace(rows[at], published=TODAY), *rows[at + 1 :]]
    assert order(newer, FRESH).index(at) <= order(rows, FRESH).index(at)


@given(lists)
def test_a_cause_is_true_of_what_stands_above(rows: list[Entry]) -> None:
    moves = reorder(rows, BOTH)
    for now, move in enumerate(moves):
        own, above = rows[move.at], [rows[each.at] for each in moves[:now]]
        if move.cause == "new":
            assert move.places > 0
            assert lift(own.published, TODAY) > 0
        elif move.cause == "same_organisation":
            assert move.places < 0
            assert own.organisation in {each.organisation for each in above} - {""}
        elif move.cause == "alike":
            assert move.places < 0
            assert any(are_alike(own.words, each.words) for each in above)


def test_new_ones_pass_older_ones_by_the_places_of_their_age() -> None:
    assert [lift(row(ago=ago).published, TODAY) for ago in (-1, 0, 7, 8, 30, 31, 90, 91)] == [3, 3, 3, 2, 2, 1, 1, 0]
    rows = [*(row(ago=400) for _ in range(5)), row(ago=1), row(level=1, ago=0)]
    assert order(rows, FRESH) == [0, 1, 5, 2, 3, 4, 6], "three places, and never into another level"
    assert [move.cause for move in reorder(rows, FRESH)] == [None, None, "new", None, None, None, None]


def test_the_second_of_an_organisation_lets_others_pass() -> None:
    rows = [row(organisation=each) for each in "aaabcde"]
    found = reorder(rows, DIVERSE)
    assert "".join(rows[move.at].organisation for move in found) == "abcadea"
    assert [(move.at, move.places, move.cause) for move in found if move.cause] == [
        (1, -2, "same_organisation"),
        (2, -4, "same_organisation"),
    ]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("低温银浆", "低温银浆", True),
        ("低温银浆", "低温焊带", True),
        ("低温银浆", "高效背板", False),
        ("", "", False),
        ("银", "", False),
    ],
)
def test_titles_are_alike_from_half_their_words_on(one: str, other: str, expected: bool) -> None:
    assert are_alike(frozenset(one), frozenset(other)) is expected
    rows = [row(title=one), row(title=other), *(row(title=each) for each in "甲乙丙")]
    assert (order(rows, DIVERSE) == [0, 2, 3, 4, 1]) is expected


def test_what_stands_beyond_the_first_ten_may_come_in() -> None:
    crowd = [row(organisation="a") for _ in range(11)]
    found = order([*crowd, row(organisation="b")], DIVERSE)
    assert found.index(11) == 11 // (DROP + 1) + 1, "each further one of the crowd counts as so many places"


@pytest.mark.parametrize("make", [lambda: [], lambda: [row()]])
def test_nothing_and_one(make: Callable[[], list[Entry]]) -> None:
    assert order(make(), BOTH) == list(range(len(make())))
