"""How well near duplicates are told from other texts: `matching.likeness` on pairs that we made and labelled ourselves.

`data/duplicate_pairs.json` holds texts (demonstration needs, and some short ones) and pairs of a text and a variant of it.
Near duplicates are the same matter typed again, told in other words by hand, in traditional characters, with sentences in
another order, shortened, as a scanner reads it, with contact lines, with other units. The others are hard: another product
or trade in the same words, the same frame with other figures, two machines asked for by one firm in one frame, a neighbouring
matter. Most variants are made by rules of ours, so the figures say how far the rule sees through these changes, no more.

Every pair is judged by weights that were fitted without its base text, and neither its neighbours' variants.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from matching.errors import FieldError, InvalidInput
from matching.likeness.verdict import NAMES, WITH_VECTORS, WITHOUT_VECTORS, Measures, Rule, measure
from matching.likeness.words import Words, keys
from search.evaluate import share_interval
from search.ports import Encoder
from search.text import chunks

FOLDS: Final = 10
_PULL: Final = 1e-4
"""How strongly weights are pulled towards 0."""


@dataclass(frozen=True, slots=True)
class Pair:
    """`how` says how the second text came about; `is_met`: the keys of both have one in common."""

    base: str
    how: str
    same: bool
    with_vectors: Measures
    without: Measures
    is_met: bool


def read_pairs() -> list[tuple[str, str, bool, tuple[str, str], tuple[str, str]]]:
    """Base, how, label, and title and text of both sides."""
    held: dict[str, Any] = json.loads(files("matching").joinpath("data/duplicate_pairs.json").read_text("utf-8"))

    def side(each: Mapping[str, str]) -> tuple[str, str]:
        return each["title"], each["text"]

    return [
        (each["base"], each["how"], each["same"], side(each.get("left") or held["bases"][each["base"]]), side(each["right"]))
        for each in held["pairs"]
    ]


def _passages(side: tuple[str, str]) -> list[str]:
    return [f"{side[0]}\n{piece}" for piece in chunks(side[1])] or [side[0]]


def pairs(encoder: Encoder) -> list[Pair]:
    read = read_pairs()
    texts = sorted({text for _, _, _, *sides in read for side in sides for text in _passages(side)})
    vectors = dict(zip(texts, encoder.encode(texts, "need"), strict=True))
    found = []
    for base, how, same, left, right in read:
        one, other = Words(left[0], (left[1],)), Words(right[0], (right[1],))
        rows = tuple(np.stack([vectors[text] for text in _passages(side)]) for side in (left, right))
        met = bool(set(keys(one)) & set(keys(other)))
        found.append(Pair(base, how, same, measure(one, other, (rows[0], rows[1])), measure(one, other), met))
    return found


def fit(held: Sequence[Measures], same: Sequence[bool]) -> Rule:
    """Logistic regression with weights that are never below 0, each class weighing the same."""
    values = np.array([each.values for each in held])
    labels = np.array(same, np.float64)
    share = labels.mean()
    worth = np.where(labels == 1, 0.5 / max(share, 1e-9), 0.5 / max(1 - share, 1e-9))

    def loss(at: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        odds = values @ at[:-1] + at[-1]
        wrong = worth * (1 / (1 + np.exp(-np.clip(odds, -500, 500))) - labels) / len(labels)
        cost = float((worth * (np.logaddexp(0, odds) - labels * odds)).mean() + _PULL * (at[:-1] @ at[:-1]) / 2)
        return cost, np.append(values.T @ wrong + _PULL * at[:-1], wrong.sum())

    bounds = [(0.0, None)] * values.shape[1] + [(None, None)]
    found = minimize(loss, np.zeros(values.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 2000}).x
    return Rule(tuple(round(float(each), 2) for each in found[:-1]), round(float(found[-1]), 2))


def _judged(held: Sequence[Pair], rule: Rule, *, vectors: bool) -> list[bool]:
    return [_of(each, vectors).odds(rule, rule) >= 0 for each in held]


def _of(pair: Pair, vectors: bool) -> Measures:
    return pair.with_vectors if vectors else pair.without


def _outside(held: Sequence[Pair], folds: int, *, vectors: bool) -> list[bool]:
    bases = sorted({each.base for each in held})
    fold = {base: at % folds for at, base in enumerate(bases)}
    told = [False] * len(held)
    for number in range(folds):
        known = [each for each in held if fold[each.base] != number]
        rule = fit([_of(each, vectors) for each in known], [each.same for each in known])
        for at, each in enumerate(held):
            if fold[each.base] == number:
                told[at] = _of(each, vectors).odds(rule, rule) >= 0
    return told


def _interval(hits: int, total: int) -> list[float]:
    return [round(end, 4) for end in share_interval(hits, total)]


def _told(held: Sequence[Pair], told: Sequence[bool]) -> dict[str, Any]:
    right = sum(each.same and is_told for each, is_told in zip(held, told, strict=True))
    asked, same = sum(told), sum(each.same for each in held)
    return {
        "precision": round(right / asked, 4) if asked else 0.0,
        "recall": round(right / same, 4) if same else 0.0,
        "intervals": {"precision": _interval(right, asked), "recall": _interval(right, same)},
    }


def _by_kind(held: Sequence[Pair], told: Sequence[bool]) -> dict[str, dict[str, int]]:
    """How → pairs, and those judged wrongly."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: {"pairs": 0, "wrong": 0})
    for each, is_told in zip(held, told, strict=True):
        kind = found[("same: " if each.same else "other: ") + each.how.partition("+")[0]]
        kind["pairs"] += 1
        kind["wrong"] += each.same != is_told
    return dict(sorted(found.items()))


def evaluate(encoder: Encoder, *, folds: int | None = None) -> dict[str, Any]:
    """Precision and recall of the shipped rule, and of rules fitted outside each fold of base texts (`cross_validated`); the
    rule that all pairs choose; how many near duplicates the keys find. With vectors and without. Raises `InvalidInput` for an
    unusable number of folds; errors of the encoder as its port says."""
    held = pairs(encoder)
    folds = folds or FOLDS
    bases = len({each.base for each in held})
    if not 2 <= folds <= bases:
        raise InvalidInput(FieldError("folds", "folds_out_of_range", {"most": bases}))
    same = [each for each in held if each.same]
    report: dict[str, Any] = {
        "pairs": {"near_duplicates": len(same), "others": len(held) - len(same), "base_texts": bases, "folds": folds},
        "found_by_keys": {
            "recall": round(sum(each.is_met for each in same) / len(same), 4),
            "interval": _interval(sum(each.is_met for each in same), len(same)),
        },
    }
    for name, vectors, shipped in (("with_vectors", True, WITH_VECTORS), ("without_vectors", False, WITHOUT_VECTORS)):
        outside = _outside(held, folds, vectors=vectors)
        found = [is_told and each.is_met for each, is_told in zip(held, outside, strict=True)]
        chosen = fit([_of(each, vectors) for each in held], [each.same for each in held])
        report[name] = {
            "cross_validated": _told(held, outside),
            "cross_validated_among_found": _told(held, found),
            "shipped": _told(held, _judged(held, shipped, vectors=vectors)),
            "wrong_by_kind": _by_kind(held, outside),
            "chosen": {**dict(zip(NAMES, chosen.weights, strict=False)), "added": chosen.added},
        }
    return report
