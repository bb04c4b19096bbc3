"""Pairs by the titles of their sides, for readers of models, who are told of a pair only by titles that they may open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from matching.access import Actor, is_allowed, readable
from matching.content import load
from matching.model import Listing, ListingState
from matching.reference import zones


@dataclass(frozen=True, slots=True)
class Named:
    """A pair by the titles of its sides; ids are public. `zone` is a code."""

    zone: str
    need: str
    need_title: str
    result: str
    result_title: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A pair that a model calls otherwise than the one it was judged beside."""

    pair: Named
    before: int
    after: int


class PairNames:
    def __init__(self, session: Session, actor: Actor) -> None:
        self._session = session
        self._actor = actor
        self.codes = {each.id: each.code for each in zones(session)}

    def moved(self, rows: Sequence[Sequence[int]]) -> tuple[Moved, ...]:
        """Of (zone id, need id, result id, level before, level after)."""
        named = self.named([(each[0], each[1], each[2]) for each in rows])
        return tuple(
            Moved(named[each[0], each[1], each[2]], each[3], each[4]) for each in rows if (each[0], each[1], each[2]) in named
        )  # fmt: skip

    def named(self, pairs: Sequence[tuple[int, int, int]]) -> dict[tuple[int, int, int], Named]:
        """Those of (zone id, need id, result id) that stand on a desk which the reader may open, and whose two texts the
        reader may read."""
        open_ = [each for each in pairs if is_allowed(self._actor, "desk.read", zones={each[0]})]
        held = self._titles({id_ for each in open_ for id_ in each[1:]})
        return {
            each: Named(self.codes[each[0]], *held[each[1]], *held[each[2]])
            for each in open_
            if each[1] in held and each[2] in held and each[0] in self.codes
        }

    def _titles(self, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Public id and title, which is everyone's, of those that are open today and that the reader may read."""
        wanted = sorted(ids)
        is_open = (Listing.state == ListingState.PUBLISHED, readable(self._actor))
        may = set(self._session.exec(select(Listing.id).where(col(Listing.id).in_(wanted), *is_open)))
        contents = load(self._session, [id_ for id_ in wanted if id_ in may])
        return {id_: (content.public_id, content.title) for id_, content in contents.items()}
