"""Explained pairs as values, under access: what desk, owners and the pool read of computed matches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, Protocol

from sqlmodel import Session

from matching.access import Actor, readable_layers
from matching.content import Content, load, restrict
from matching.errors import NotFound
from matching.model import ListingKind, ListingState, Match, MatchLane
from matching.pairing.first_ten import REACH, Entry, Move, Switches, reorder
from matching.pairing.score import Scored, from_json
from matching.reference import ZoneView, zones
from matching.store.clock import SHANGHAI
from matching.verdicts import OwnerWord, VerdictView, in_force, owner_words
from search.text import terms

Show = Literal["", "waiting", "judged"]


class Explained(Protocol):
    """A need and a result, and why, as far as that is known."""

    @property
    def need(self) -> Content: ...
    @property
    def result(self) -> Content: ...
    @property
    def scored(self) -> Scored | None: ...
    @property
    def is_current(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class PairView:
    """An explained pair. `zone` is None in the pool. `verdict` is the staff's in force in that zone; owners are not shown it.
    `words` are what owners said of it; an owner is shown only the own organisation's."""

    zone: str | None
    lane: MatchLane
    need: Content
    result: Content
    score: float
    level: int
    scored: Scored
    found_at: datetime
    verdict: VerdictView | None
    words: tuple[OwnerWord, ...]
    is_current: bool
    """Whether it was computed from the texts as they are."""
    move: Move | None = None
    """Where switches of the first ten are on, by how much and why it stands elsewhere than by its score."""

    @property
    def broader(self) -> frozenset[str]:
        """Which sides (`need`, `result`) are tagged only with what the zone's industry is part of."""
        facts = self.scored.part("industry").facts
        return frozenset(side for side in ("need", "result") if facts.get(side) == "parent")


@dataclass(frozen=True, slots=True)
class PairFilter:
    """Which pairs of a zone: one lane, and of it a level, those that staff have not judged (or have), and those found in a
    stretch of time. Pairs at 无 are shown only when judged or asked for by level."""

    lane: MatchLane = "industry"
    level: int | None = None
    show: Show = ""
    since: datetime | None = None
    before: datetime | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether it leaves out any pair of the lane that is shown without it."""
        return self.level is not None or bool(self.show) or self.since is not None or self.before is not None

    def passes(self, level: int, is_judged: bool, found_at: datetime) -> bool:
        if level != self.level and (self.level is not None or (level == 0 and not is_judged)):
            return False
        if self.show and is_judged is not (self.show == "judged"):
            return False
        return (self.since is None or found_at >= self.since) and (self.before is None or found_at < self.before)

    def lets(self, pair: PairView) -> bool:
        return self.passes(pair.level, pair.verdict is not None, pair.found_at)


EVERYTHING: Final = PairFilter()


def views(session: Session, actor: Actor, rows: Sequence[Match], *, with_verdicts: bool, with_words: bool) -> Iterator[PairView]:
    """The pairs of these rows, in their order, restricted to the actor's layers. Those with a listing that is not open any more
    are left out. Without `with_words` the actor reads only what the own organisations said."""
    contents = load(session, {id_ for row in rows for id_ in (row.need_id, row.result_id)})
    codes = {zone.id: zone.code for zone in zones(session)}
    verdicts = {
        zone_id: in_force(session, zone_id, {row.need_id for row in rows if row.zone_id == zone_id})
        for zone_id in ({row.zone_id for row in rows} - {None} if with_verdicts else ())
        if zone_id is not None
    }
    said = owner_words(session, {row.need_id for row in rows})
    layers = readable_layers(actor)
    for row in rows:
        need, result = contents.get(row.need_id), contents.get(row.result_id)
        # Law 3 for matches too: what was withdrawn a moment ago is not shown because a row still lies here.
        if need is None or result is None or {need.state, result.state} != {ListingState.PUBLISHED}:
            continue
        key = (row.need_id, row.result_id)
        yield PairView(
            zone=codes[row.zone_id] if row.zone_id is not None else None,
            lane=lane_of(row),
            need=restrict(need, layers),
            result=restrict(result, layers),
            score=row.score,
            level=row.level,
            scored=from_json(row.scored),
            found_at=row.found_at,
            verdict=verdicts.get(row.zone_id, {}).get(key) if row.zone_id is not None else None,
            words=tuple(each for each in said.get(key, ()) if with_words or each.organisation_id in actor.organisations),
            is_current=(row.need_revision, row.result_revision) == (need.published_revision, result.published_revision),
        )


def in_order(pairs: Sequence[PairView], side: ListingKind, switches: Switches) -> tuple[PairView, ...]:
    """Pairs of one listing, given best first, with their first ten as the switches want them; `side` is the other listing's."""
    if not switches.are_on:
        return tuple(pairs)
    entries = []
    for pair in pairs[:REACH]:
        other = pair.need if side == ListingKind.NEED else pair.result
        day = other.published_at.astimezone(SHANGHAI).date() if other.published_at else None
        entries.append(Entry(pair.level, day, other.organisation.public_id, frozenset(terms(other.title))))
    return (*(replace(pairs[move.at], move=move) for move in reorder(entries, switches)), *pairs[REACH:])


def lane_of(row: Match) -> MatchLane:
    lanes: dict[str, MatchLane] = {
        "industry": "industry", "outside_result": "outside_result", "outside_need": "outside_need",
    }  # fmt: skip
    return lanes[row.lane]


def zone_by_code(session: Session, code: str) -> ZoneView:
    """Raises `NotFound`."""
    for zone in zones(session):
        if zone.code == code:
            return zone
    raise NotFound(kind="zone")
