"""Fingerprints change with everything that makes vectors or indexes incomparable, and with nothing else."""

from dataclasses import replace

import pytest

from search.recipe import Recipe, index_fingerprint

RECIPE = Recipe(
    model="e5",
    digest="d1",
    dimension=384,
    prompts={"query": "query: ", "result": "passage: ", "need": "passage: "},
    max_tokens=512,
    means="m1",
    tokeniser="terms-1",
    schema=1,
)


def test_fingerprints_are_stable() -> None:
    assert RECIPE.vectors == VECTORS
    assert RECIPE.fingerprint == FINGERPRINT


VECTORS = "21dd8027a79a2b0c"
FINGERPRINT = "1ebcea8ae071d0cc"
"""Written down once: a release in which they differ makes every installation embed all its texts again."""


@pytest.mark.parametrize(
    "other",
    [
        replace(RECIPE, digest="d2"),
        replace(RECIPE, dimension=256),
        replace(RECIPE, prompts={**RECIPE.prompts, "need": "query: "}),
        replace(RECIPE, max_tokens=256),
        replace(RECIPE, means=""),
    ],
)
def test_what_changes_vectors_changes_both(other: Recipe) -> None:
    assert other.vectors != RECIPE.vectors
    assert other.fingerprint != RECIPE.fingerprint


@pytest.mark.parametrize("other", [replace(RECIPE, tokeniser="terms-2"), replace(RECIPE, schema=2)])
def test_what_changes_the_index_leaves_vectors_valid(other: Recipe) -> None:
    assert other.vectors == RECIPE.vectors
    assert other.fingerprint != RECIPE.fingerprint


def test_name_and_order_of_prompts_are_nothing() -> None:
    prompts = dict(reversed(RECIPE.prompts.items()))
    assert replace(RECIPE, model="multilingual-e5-small", prompts=prompts).fingerprint == RECIPE.fingerprint


def test_index_fingerprint_is_made_from_the_encoders() -> None:
    assert index_fingerprint(RECIPE.vectors, "terms-1", 1) == RECIPE.fingerprint
    assert index_fingerprint("hashing-256-1", "terms-1", 1) != RECIPE.fingerprint
