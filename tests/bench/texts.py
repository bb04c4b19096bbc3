"""Chinese texts of realistic words and lengths, made of the demonstration's sentences. Seeded: the same on every machine."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from matching.demo.texts import listings
from matching.model import ListingKind
from matching.model.fields import passage_fields

PASSAGE: Final = 300
"""Characters of the passages that encoder figures are given for."""
_SENTENCE: Final = re.compile(r"[^。；\n]+[。；]?")


@dataclass(frozen=True, slots=True)
class Source:
    """What one demonstration listing lends: its sentences, the pieces of its title, and how long its body is."""

    kind: ListingKind
    industries: tuple[str, ...]
    title: str
    sentences: tuple[str, ...]
    keywords: tuple[str, ...]
    length: int


@lru_cache(maxsize=1)
def sources() -> tuple[Source, ...]:
    found = []
    for each in listings(date(2026, 1, 1)):
        draft = each.draft
        body = "\n".join(draft.texts.get(field.code, "") for field in passage_fields(draft.kind))
        found.append(
            Source(
                draft.kind,
                draft.industries,
                draft.title,
                tuple(sentence.strip() for sentence in _SENTENCE.findall(body) if len(sentence.strip()) > 5),
                tuple(word.strip() for word in re.split("[；;、]", draft.texts.get("keywords", "")) if word.strip()),
                len(body),
            )
        )
    return tuple(found)


def body(chance: random.Random, sentences: Sequence[str], length: int) -> str:
    """Sentences in random order until `length` characters; the last one is cut there."""
    text = ""
    while len(text) < length:
        text += chance.choice(sentences)
    return text[:length]


def passages(count: int, *, seed: int = 1, length: int = PASSAGE) -> list[str]:
    """Texts of `length` characters, each from the sentences of one listing and a few others, no two alike."""
    chance = random.Random(seed)
    pool = [sentence for source in sources() for sentence in source.sentences]
    return [body(chance, [*chance.choice(sources()).sentences, *chance.sample(pool, 5)], length) for _ in range(count)]


def queries(count: int, *, seed: int = 2) -> list[str]:
    """What people type: one to three key words, or a title."""
    chance = random.Random(seed)
    words = sorted({word for source in sources() for word in source.keywords})
    return [
        chance.choice(sources()).title if chance.random() < 0.3 else " ".join(chance.sample(words, chance.randint(1, 3)))
        for _ in range(count)
    ]
