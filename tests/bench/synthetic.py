"""Results and needs out of a seeded generator, as sides (for pairing) and as documents (for engines), at any number.

Words follow Zipf's law over the demonstration's own vocabulary (its head) and made-up words (its tail); a subject has words
of its own. Vectors are unit vectors in clusters: fields hold topics, topics hold listings, listings hold passages, as near to
one another as centred vectors of real texts. Everything is drawn with numpy in bulk: 100,000 listings take about a minute.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from matching.pairing.sides import Indicator, IpRight, Side
from matching.pairing.weights import demonstration_texts
from search.ports import Document, DocumentId, Matrix, Passage
from search.text import terms

TODAY: Final = date(2026, 11, 23)
INDUSTRY: Final = "pv"
ZONE: Final = "changzhou"
AUDIENCE: Final = "registered"
_FIGURES: Final = (("效率", ">=", "%"), ("成本", "<=", "万元"), ("寿命", ">=", "h"), ("厚度", "<=", "um"), ("温度", "<=", "℃"))
_MODES: Final = ("01", "02", "03", "06", "07")


@dataclass(frozen=True, slots=True)
class Shape:
    """What the population looks like. Cosines: a listing to its topic `near_topic`, a passage to its listing `near_listing`."""

    seed: int = 20261123
    dimension: int = 384
    fields: int = 20
    topics: int = 300
    words: int = 40_000
    own_words: int = 80
    near_field: float = 0.5
    near_topic: float = 0.7
    near_listing: float = 0.65


@dataclass(frozen=True, slots=True)
class Population:
    """`topics[i]` is the topic of listing i, results first."""

    results: tuple[Side, ...]
    needs: tuple[Side, ...]
    topics: NDArray[np.intp]


@lru_cache(maxsize=1)
def seen() -> tuple[list[str], list[str]]:
    """The demonstration's words, most frequent first, and its Han characters, repeated as often as they occur."""
    counts = Counter(word for text in demonstration_texts() for word in terms(text))
    words = [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    characters = [c for word, times in sorted(counts.items()) for c in word * times if "\u4e00" <= c <= "\u9fff"]
    return words, characters


def vocabulary(count: int, chance: np.random.Generator) -> list[str]:
    """`count` different words, most frequent first: the demonstration's own, then made-up ones of its characters."""
    words, characters = seen()
    found = dict.fromkeys(words[:count])
    while len(found) < count:
        for drawn in chance.choice(characters, (count - len(found), 3)):
            found["".join(drawn[: 2 + int(chance.random() < 0.3)])] = None
    return list(found)


class Words:
    """Draws terms: Zipf's law over all words, or evenly from a topic's own."""

    def __init__(self, shape: Shape, chance: np.random.Generator, words: list[str]) -> None:
        self._chance = chance
        self._words = words
        self._below = np.cumsum(1 / np.arange(1, len(self._words) + 1))
        tail = np.arange(min(200, len(self._words) // 10), len(self._words))
        self._own = chance.choice(tail, (shape.topics, shape.own_words))

    def draw(self, topics: NDArray[np.intp], counts: NDArray[np.intp], own_share: float) -> list[tuple[str, ...]]:
        """For each listing `counts[i]` terms, of which `own_share` are its topic's own."""
        total = int(counts.sum())
        places = np.searchsorted(self._below, self._chance.random(total) * self._below[-1])
        owners = np.repeat(topics, counts)
        is_own = self._chance.random(total) < own_share
        places[is_own] = self._own[owners[is_own], self._chance.integers(0, self._own.shape[1], int(is_own.sum()))]
        ends = np.cumsum(counts)
        drawn = [self._words[at] for at in places.tolist()]
        return [tuple(drawn[end - count : end]) for end, count in zip(ends.tolist(), counts.tolist(), strict=True)]


def unit(rows: NDArray[np.floating]) -> Matrix:
    result: Matrix = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return result


def around(centres: Matrix, cosine: float, chance: np.random.Generator) -> Matrix:
    """A random unit vector for each centre, at about this cosine to it."""
    noise = unit(chance.standard_normal(centres.shape, np.float32))
    return unit(cosine * centres + float(np.sqrt(1 - cosine**2)) * noise)


def population(results: int, needs: int, shape: Shape = Shape()) -> Population:
    """The same for the same numbers and shape, on every machine with this numpy. One to three body passages each."""
    chance = np.random.default_rng(shape.seed)
    count = results + needs
    words = Words(shape, chance, vocabulary(shape.words, chance))
    fields = unit(chance.standard_normal((shape.fields, shape.dimension), np.float32))
    centres = around(fields[chance.integers(0, shape.fields, shape.topics)], shape.near_field, chance)
    topics = chance.integers(0, shape.topics, count).astype(np.intp)
    titles = around(centres[topics], shape.near_topic, chance)
    lengths = chance.choice([1, 2, 3], count, p=[0.25, 0.5, 0.25]).astype(np.intp)
    bodies = around(np.repeat(titles, lengths, axis=0), shape.near_listing, chance)
    title_terms = words.draw(topics, chance.integers(7, 15, count).astype(np.intp), 0.5)
    body_terms = words.draw(topics, 75 * lengths + chance.integers(-20, 20, count), 0.25)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    sides = [
        _side(
            "result" if at < results else "need",
            at,
            title_terms[at],
            body_terms[at],
            np.vstack([titles[at][None], bodies[starts[at] : starts[at + 1]]]),
            chance,
        )
        for at in range(count)
    ]
    return Population(tuple(sides[:results]), tuple(sides[results:]), topics)


def _side(
    kind: Literal["result", "need"],
    at: int,
    title: tuple[str, ...],
    body: tuple[str, ...],
    passages: Matrix,
    chance: np.random.Generator,
) -> Side:
    dice = chance.random(8)
    level = int(chance.integers(3, 9))
    money = float(np.exp(chance.normal(13.5, 1.2)))
    low = round(money / 1000) * 1000 * 100
    figures = [_FIGURES[place] for place in chance.choice(len(_FIGURES), int(chance.integers(0, 4)), replace=False)]
    rights = (IpRight("invention", "granted" if dice[6] < 0.6 else "examining", True),)
    return Side(
        listing=f"{kind[0]}{at:07d}",
        kind=kind,
        title="".join(title),
        title_terms=title,
        body_terms=body,
        title_vector=passages[0],
        passage_vectors=passages,
        industries=frozenset({INDUSTRY}),
        ancestors=frozenset({INDUSTRY, "new-energy"}),
        confirmed=bool(dice[0] < 0.7),
        indicators=tuple(
            Indicator(name, "<=" if sign == "<=" else ">=", *_bounds(sign, float(np.exp(chance.normal(3, 1)))), unit)
            for name, sign, unit in figures
        ),
        trl=(level, min(level + int(dice[1] * 3), 9)) if dice[2] < 0.8 else None,
        modes=frozenset(chance.choice(_MODES, int(1 + dice[3] * 2), replace=False).tolist()) if dice[4] < 0.7 else frozenset(),
        price=(low, low * 2) if dice[5] < 0.6 else None,
        ip=rights if kind == "result" and dice[7] < 0.7 else (),
        open_until=TODAY + timedelta(days=int(chance.integers(20, 400))),
        city="常州" if dice[1] < 0.2 else "南京",
        zones=frozenset({ZONE}) if kind == "need" else frozenset(),
    )


def _bounds(sign: str, value: float) -> tuple[float | None, float | None]:
    return (None, round(value, 1)) if sign == "<=" else (round(value, 1), None)


def documents(sides: Sequence[Side]) -> list[Document]:
    """The same listings as an engine holds them: same terms, same vectors."""
    return [
        Document(
            id=DocumentId(side.listing, AUDIENCE),
            kind=side.kind,
            revision=1,
            state_hash=side.listing,
            zones=side.zones,
            industries=side.ancestors,
            fields={"title": side.title_terms, "keywords": (), "body": side.body_terms, "owner": (), "numbers": ()},
            passages=tuple(Passage("", vector) for vector in side.passage_vectors),
        )
        for side in sides
    ]
