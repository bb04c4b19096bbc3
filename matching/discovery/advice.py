"""What to say when a search found little or nothing: which filter or command costs the hits, which word nobody uses."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from matching.access import Actor, audience_of
from matching.discovery.asking import Asked, Part, without_all, without_filter, without_part
from matching.discovery.filters import Vocabulary
from matching.discovery.hits import SearchHit, longest_only
from matching.discovery.ranking import Ranker
from search.ports import Query, Vector

_MOST_ASKED: Final = 8
"""Queries that advice may cost."""
_NEAREST: Final = 12


@dataclass(frozen=True, slots=True)
class Relief:
    """A filter (by name) or a command without which `matched` documents hold one of the words; neither: without any."""

    matched: int
    filter: str = ""
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """`reliefs` the most helpful first. `unknown` are words that no document holds. `nearest` is what lies nearest in
    meaning without any filter, however far."""

    reliefs: tuple[Relief, ...] = ()
    unknown: tuple[str, ...] = ()
    nearest: tuple[SearchHit, ...] = field(default=())

    @property
    def is_useful(self) -> bool:
        return bool(self.reliefs or self.unknown or self.nearest)


def advise(
    ranker: Ranker,
    actor: Actor,
    asked: Asked,
    vocabulary: Vocabulary,
    vector: Vector | None,
    matched: int,
    today: date,
    *,
    with_nearest: bool,
) -> tuple[Advice, list[str]]:
    """Also the ids nearest in meaning, which the caller looks up. Raises `EngineUnavailable`."""
    audience = audience_of(actor)
    reliefs: list[Relief] = []
    names = list(dict.fromkeys("price_from" if each.startswith("price") else each for each in asked.chosen))
    for name in names[: _MOST_ASKED // 2]:
        reliefs.append(Relief(ranker.count(without_filter(asked, name, vocabulary, today).query(audience, None, 1)), filter=name))
    for part in asked.parts[: _MOST_ASKED - len(reliefs)]:
        reliefs.append(Relief(ranker.count(without_part(asked, part, vocabulary, today).query(audience, None, 1)), part=part))
    helpful = sorted((each for each in reliefs if each.matched > matched), key=lambda each: -each.matched)
    if len(reliefs) > 1 and not helpful:
        whole = ranker.count(without_all(asked).query(audience, None, 1))
        helpful = [Relief(whole)] if whole > matched else []
    words = tuple(each for each in longest_only(tuple(dict.fromkeys(asked.terms))) if len(each) > 1)
    unknown = [each for each in words if not ranker.count(Query(audience, (each,)))] if len(words) <= _MOST_ASKED else []
    nearest: list[str] = []
    if with_nearest and vector is not None:
        nearest = ranker.nearest(without_all(asked).query(audience, vector, _NEAREST))
    return Advice(tuple(helpful), tuple(unknown)), nearest
