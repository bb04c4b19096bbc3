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
SURE, BESIDE, AT_MOST = 0.45, 0.15, 3
"""Suggest the best; and others that reach SURE, or lie within BESIDE of the best, up to AT_MOST."""


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
    """Suggestions, best first; never empty where there is an industry at all.

    `vectors` are the listing's passages (title first), `centres` the vectors of `industry_text` by industry id.
    """
    head, rest = normalise(title), normalise(body)
    scored: list[Suggestion] = []
    for id_, node in nodes.items():
        in_title = [word for word in node.keywords if _word(word) in head]
        in_body = [word for word in node.keywords if word not in in_title and _word(word) in rest]
        words = min(TITLE_WORD * len(in_title) + WORD * len(in_body), WORDS_CAP)
        near = max((float(np.dot(vector, centres[id_])) for vector in vectors), default=0.0) if id_ in centres else 0.0
        scored.append(Suggestion(id_, round(max(near, 0.0) + words, 4), tuple(in_title + in_body), round(near, 4)))
    scored.sort(key=lambda each: (-each.confidence, each.industry_id))
    if not scored:
        return ()
    best = scored[0].confidence
    chosen = [each for each in scored if each.confidence >= min(SURE, best) or each.confidence >= best - BESIDE][:AT_MOST]
    by_code = {node.code: id_ for id_, node in nodes.items()}
    parents = {by_code[code] for each in chosen if (code := nodes[each.industry_id].parent) is not None}
    # A child says all that its parent says; the parent beside it would add nothing ("in" counts descendants).
    return tuple(each for each in chosen if each.industry_id not in parents)
