"""Weighted kappa against values worked out by hand, and against its own extremes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.agreement import weighted_kappa

GRADES = st.lists(st.integers(0, 3), min_size=1, max_size=30)


def test_a_value_worked_out_by_hand() -> None:
    """Observed disagreement (0 + 1 + 0 + 1) / 4; that of chance, over all 16 combinations, 2."""
    assert weighted_kappa([0, 1, 2, 3], [0, 2, 2, 2]) == pytest.approx(1 - 0.5 / 2)


def test_opposite_grades_are_worse_than_chance() -> None:
    assert weighted_kappa([0, 3, 0, 3], [3, 0, 3, 0]) == pytest.approx(-1)


@given(GRADES)
def test_full_agreement_is_one(grades: list[int]) -> None:
    found = weighted_kappa(grades, grades)
    assert math.isnan(found) if len(set(grades)) == 1 else found == 1


@given(st.data(), GRADES)
def test_it_is_symmetric_and_at_most_one(data: st.DataObject, first: list[int]) -> None:
    second = data.draw(st.lists(st.integers(0, 3), min_size=len(first), max_size=len(first)))
    a, b = weighted_kappa(first, second), weighted_kappa(second, first)
    assert (math.isnan(a) and math.isnan(b)) or (a == pytest.approx(b) and a <= 1)


def test_without_pairs_there_is_no_agreement() -> None:
    assert math.isnan(weighted_kappa([], []))
    with pytest.raises(ValueError, match="argument"):
        weighted_kappa([1], [])
