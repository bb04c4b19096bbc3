"""Which industries a text belongs to: a suggestion with its reason, made of key words and nearness of meaning. Pure.

When unsure it includes: a suggestion too many costs one click, one too few hides every pair of the listing.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from matching.reference import IndustryNode
from search.ports import Vector
from search.text import normalise

WORD, TITLE_WORD, WORDS_CAP = 0.05, 0.10, 0.30
"""Worth of a key word in the body and in the title, and the most that words can give."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Suggest the best; and others that reach `sure`, or lie within `beside` of the best, up to `at_most`."""

    sure: float = 0.4
    beside: float = 0.25
    at_most: int = 4


RULE: Final = Rule()
"""Chosen by cross-validation for recall (`matching.industry_evaluation`)."""


Band = Literal["sure", "likely", "doubtful"]
BANDS: Final[dict[Band, float]] = {"sure": 0.65, "likely": 0.5, "doubtful": -1.0}
"""How sure a suggestion is, from this confidence on, the surest first."""

_word = functools.lru_cache(maxsize=4096)(normalise)
"""Key words are the same for every listing."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`words` are the industry's key words found in the text, `near` the cosine to the industry's description."""

    industry_id: int
    confidence: float
    words: tuple[str, ...]
    near: float


def industry_text(node: IndustryNode) -> str:
    """What stands for an industry in the encoder's space."""
    return f"{node.name}：{node.description}\n{'、'.join(node.keywords)}"


def suggest(
    title: str,
    body: str,
    vectors: Sequence[Vector],
    nodes: Mapping[int, IndustryNode],
    centres: Mapping[int, Vector],
) -> tuple[Suggestion, ...]:
    """Suggestions, best first; never empty where there is an industry at all."""
    return choose(scored(title, body, vectors, nodes, centres), nodes)


def scored(
    title: str,
    body: str,
    vectors: Sequence[Vector],
    nodes: Mapping[int, IndustryNode],
    centres: Mapping[int, Vector],
) -> list[Suggestion]:
    """How much the text speaks of each industry that is in use, best first.

    `vectors` are the listing's passages (title first), `centres` the vectors of `industry_text` by industry id.
    """
    head, rest = normalise(title), normalise(body)
    found: list[Suggestion] = []
    for id_, node in nodes.items():
        if node.retired:
            continue
        in_title = [word for word in node.keywords if _word(word) in head]
        in_body = [word for word in node.keywords if word not in in_title and _word(word) in rest]
        words = min(TITLE_WORD * len(in_title) + WORD * len(in_body), WORDS_CAP)
        near = max((float(np.dot(vector, centres[id_])) for vector in vectors), default=0.0) if id_ in centres else 0.0
        found.append(Suggestion(id_, round(max(near, 0.0) + words, 4), tuple(in_title + in_body), round(near, 4)))
    return sorted(found, key=lambda each: (-each.confidence, each.industry_id))


def choose(found: Sequence[Suggestion], nodes: Mapping[int, IndustryNode], rule: Rule = RULE) -> tuple[Suggestion, ...]:
    """Of all industries, best first, those that are suggested."""
    if not found:
        return ()
    best = found[0].confidence
    least = min(rule.sure, best, best - rule.beside)
    chosen = [each for each in found if each.confidence >= least][: rule.at_most]
    by_code = {node.code: id_ for id_, node in nodes.items()}
    parents = {by_code[code] for each in chosen if (code := nodes[each.industry_id].parent) is not None}
    # A child says all that its parent says; the parent beside it would add nothing ("in" counts descendants).
    return tuple(each for each in chosen if each.industry_id not in parents)
