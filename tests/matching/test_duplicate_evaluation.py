"""The labelled pairs, and what the shipped rule makes of them without vectors."""

from collections import Counter

import pytest

from matching.duplicate_evaluation import evaluate, fit, read_pairs
from matching.errors import InvalidInput
from matching.likeness.verdict import WITHOUT_VECTORS, measure
from matching.likeness.words import Words, keys
from search.encoder.hashing import HashingEncoder


def test_the_pairs_are_three_hundred_and_half_are_hard() -> None:
    pairs = read_pairs()
    labels = Counter(same for _, _, same, *_ in pairs)
    assert len(pairs) >= 300
    assert 0.4 < labels[False] / len(pairs) < 0.6
    assert len({base for base, *_ in pairs}) >= 60
    assert all(left != right and all(left) and all(right) for *_, left, right in pairs)


def test_the_shipped_rule_is_the_one_that_the_pairs_choose() -> None:
    pairs = read_pairs()
    words = [(Words(left[0], (left[1],)), Words(right[0], (right[1],))) for *_, left, right in pairs]
    measured = [measure(one, other) for one, other in words]
    labels = [same for _, _, same, *_ in pairs]
    chosen = fit(measured, labels)
    assert chosen.weights == pytest.approx(WITHOUT_VECTORS.weights, abs=0.3)
    told = [each.is_near for each in measured]
    right = sum(a and b for a, b in zip(told, labels, strict=True))
    assert right / sum(told) > 0.88
    assert right / sum(labels) > 0.92
    met = [bool(set(keys(one)) & set(keys(other))) for (one, other), same in zip(words, labels, strict=True) if same]
    assert sum(met) / len(met) > 0.95


def test_a_report_says_how_sure_it_is() -> None:
    with pytest.raises(InvalidInput):
        evaluate(HashingEncoder(), folds=1)
    report = evaluate(HashingEncoder(), folds=2)
    for name in ("with_vectors", "without_vectors"):
        told = report[name]["cross_validated"]
        low, high = told["intervals"]["recall"]
        assert low <= told["recall"] <= high
