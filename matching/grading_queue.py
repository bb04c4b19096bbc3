"""Worth grading: the pairs of a zone that staff are asked to grade on a day, chosen for what their verdicts teach.

A day's queue is drawn once, at the first look, and stays. Some of it is drawn by chance alone from all pairs that nobody has
graded: what share of those is good can be told from these without bias. Verdicts go through `verdicts.give`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from matching.access import SYSTEM, Actor, require
from matching.content import Content
from matching.errors import NotFound
from matching.model import GradingDraw, Listing, ListingState, Match, Verdict
from matching.pair_views import PairView, views, zone_by_code
from matching.pairing import worth
from matching.pairing.fitting import Fitted
from matching.pairing.score import from_json
from matching.pairing.worth import WEIGHED, Candidates
from matching.rankers import ranker_in_force
from matching.reference import ZoneView
from matching.store.unit import UnitOfWork, insert_all
from matching.verdict_lessons import parts_of
from matching.verdicts import STAFF, in_force
from search.evaluate import GOOD, share_interval

PAIRS_A_DAY: Final = 20
_CHUNK: Final = 400


@dataclass(frozen=True, slots=True)
class Blind:
    """A pair as a grader is shown it before grading: two texts, and nothing of what was computed of them."""

    need: Content
    result: Content
    scored: None = None
    is_current: bool = True


@dataclass(frozen=True, slots=True)
class QueueRow:
    place: int
    pair: PairView

    @property
    def is_graded(self) -> bool:
        return self.pair.verdict is not None

    @property
    def blind(self) -> Blind:
        return Blind(self.pair.need, self.pair.result)


@dataclass(frozen=True, slots=True)
class GoodShare:
    """Of `graded` pairs that were drawn by chance, `good` were graded 较强 or 强. `interval` holds the share, 95 %."""

    graded: int
    good: int

    @property
    def share(self) -> float:
        return self.good / self.graded

    @property
    def interval(self) -> tuple[float, float]:
        return share_interval(self.good, self.graded)


@dataclass(frozen=True, slots=True)
class Queue:
    """A zone's queue of a day: the rows that the reader can grade and that are still open to be, by place."""

    zone: ZoneView
    rows: tuple[QueueRow, ...]

    @property
    def done(self) -> int:
        return sum(row.is_graded for row in self.rows)

    def at(self, place: int) -> QueueRow | None:
        return next((row for row in self.rows if row.place == place), None)

    def after(self, place: int) -> QueueRow | None:
        """The first row behind the place that nobody has graded; behind the last one those before, which were skipped."""
        waiting = [row for row in self.rows if not row.is_graded]
        return next((row for row in waiting if row.place > place), waiting[0] if waiting else None)

    def row_of(self, need: str, result: str) -> QueueRow | None:
        return next(
            (each for each in self.rows if (each.pair.need.public_id, each.pair.result.public_id) == (need, result)), None
        )


def queue(session: Session, actor: Actor, zone_code: str, day: date) -> Queue:
    """What was drawn for the day, if anything was. Pairs with a listing that is no longer open, and for a demonstration account
    those that it may not grade, are left out. Raises `NotFound`, `SignInNeeded`, `MayNot`."""
    zone = _zone(session, actor, zone_code)
    drawn = session.exec(
        select(GradingDraw).where(GradingDraw.zone_id == zone.id, GradingDraw.day == day).order_by(col(GradingDraw.place))
    ).all()
    places = {(each.need_id, each.result_id): each.place for each in drawn}
    kept = select(Match).where(Match.zone_id == zone.id, col(Match.need_id).in_({need for need, _ in places}))
    rows = [row for row in session.exec(kept) if (row.need_id, row.result_id) in places]
    found = [
        QueueRow(places[pair.need.id, pair.result.id], pair)
        for pair in views(session, actor, rows, with_verdicts=True, with_words=True)
        if not actor.demo or (pair.need.demo and pair.result.demo)
    ]
    return Queue(zone, tuple(sorted(found, key=lambda row: row.place)))


def row(session: Session, actor: Actor, zone_code: str, day: date, need: str, result: str) -> QueueRow:
    """Raises `NotFound("pair_gone")` for a pair that is not in the queue of the day."""
    found = queue(session, actor, zone_code, day).row_of(need, result)
    if found is None:
        raise NotFound("pair_gone")
    return found


def _zone(session: Session, actor: Actor, code: str) -> ZoneView:
    zone = zone_by_code(session, code)
    require(actor, "verdict.give", zones={zone.id})
    return zone


def draw(unit: UnitOfWork, actor: Actor, zone_code: str) -> None:
    """Draw today's queue, unless it is drawn. The same pairs, scores and verdicts give the same queue."""
    session, day = unit.session, unit.today()
    zone = _zone(session, actor, zone_code)
    taken = select(GradingDraw.place).where(GradingDraw.zone_id == zone.id, GradingDraw.day == day)
    if session.exec(taken.limit(1)).first() is not None:
        return
    waiting = _waiting(session, zone.id, day)
    if not waiting:
        return
    seed = hashlib.sha256(f"{zone.code} {day.isoformat()}".encode()).digest()
    chance = np.random.default_rng(int.from_bytes(seed[:8]))
    drawn, rest = ([waiting[at] for at in places] for places in worth.lots(len(waiting), PAIRS_A_DAY, chance))
    ranker = ranker_in_force(session, zone.id)
    fitted = Fitted(ranker.meaning, ranker.terms, ranker.zone)
    judged = _candidates(session, _judged(session, zone.id))
    known = worth.information(fitted, judged.meaning, judged.terms)
    chosen = worth.choose(_candidates(session, rest), fitted, known, PAIRS_A_DAY - len(drawn))
    pairs = [(pair, "chance") for pair in drawn] + [(rest[at], "worth") for at in chosen]
    order = chance.permutation(len(pairs))  # nobody can tell by the place what a pair was drawn for
    now = unit.now()
    insert_all(
        session,
        GradingDraw,
        [
            {
                "zone_id": zone.id, "day": day, "place": place, "need_id": pairs[at][0][1], "result_id": pairs[at][0][2],
                "drawn_by": pairs[at][1], "out_of": len(waiting), "created_at": now,
            }
            for place, at in enumerate(order, 1)
        ],
    )  # fmt: skip
    unit.audit(SYSTEM.public_id, "grading.draw", "zone", zone.code, pairs=len(pairs), by_chance=len(drawn), out_of=len(waiting))


_Pair = tuple[int, int, int]
"""Ids of match, need and result."""


def _waiting(session: Session, zone_id: int, day: date) -> list[_Pair]:
    """The zone's open pairs that staff of no zone have graded and that no other zone was given today, by match id."""
    need, result = aliased(Listing), aliased(Listing)
    query = (
        select(Match.id, Match.need_id, Match.result_id)
        .join(need, col(need.id) == col(Match.need_id))
        .join(result, col(result.id) == col(Match.result_id))
        .where(
            Match.zone_id == zone_id,
            col(need.state) == ListingState.PUBLISHED,
            col(result.state) == ListingState.PUBLISHED,
            ~sa.exists().where(
                col(GradingDraw.day) == day,
                col(GradingDraw.need_id) == col(Match.need_id),
                col(GradingDraw.result_id) == col(Match.result_id),
            ),
        )
        .order_by(col(Match.id))
    )
    undone = select(Verdict.undoes_id).where(col(Verdict.undoes_id).is_not(None))
    said = select(Verdict.need_id, Verdict.result_id).where(
        Verdict.source == STAFF, col(Verdict.grade).is_not(None), col(Verdict.id).not_in(undone)
    )
    graded = set(session.exec(said).all())
    return [(id_ or 0, a, b) for id_, a, b in session.exec(query) if (a, b) not in graded]


def _judged(session: Session, zone_id: int) -> list[_Pair]:
    """The pairs of the zone that are graded there and still stand, the newest verdicts first, at most `WEIGHED`."""
    given = in_force(session, zone_id)
    rows = session.exec(select(Match.id, Match.need_id, Match.result_id).where(Match.zone_id == zone_id)).all() if given else []
    held = [(id_ or 0, a, b) for id_, a, b in rows if (a, b) in given]
    return sorted(held, key=lambda each: -given[each[1], each[2]].id)[:WEIGHED]


def _candidates(session: Session, pairs: Sequence[_Pair]) -> Candidates:
    """Their text parts as they were computed, with what the business parts made of them."""
    ids = [each[0] for each in pairs]
    parts: dict[int, tuple[float, float]] = {}
    for start in range(0, len(ids), _CHUNK):
        query = select(Match.id, Match.scored).where(col(Match.id).in_(ids[start : start + _CHUNK]))
        for id_, scored in session.exec(query):
            meaning, terms, factor = parts_of(from_json(scored))
            parts[id_ or 0] = meaning * factor, terms * factor
    values = np.array([parts[id_] for id_ in ids], np.float64).reshape(-1, 2)
    numbers = np.array([each[1:] for each in pairs], np.int64).reshape(-1, 2)
    return Candidates(values[:, 0], values[:, 1], numbers[:, 0], numbers[:, 1])


def good_share(session: Session, actor: Actor, zone_code: str) -> GoodShare:
    """Of the pairs that chance alone drew in the zone on any day and that staff have graded, how many are good."""
    zone = _zone(session, actor, zone_code)
    rows = session.exec(
        select(GradingDraw.need_id, GradingDraw.result_id)
        .where(GradingDraw.zone_id == zone.id, GradingDraw.drawn_by == "chance")
        .distinct()
    )
    given = in_force(session, zone.id)
    grades = [given[pair].grade for pair in rows if pair in given]
    return GoodShare(len(grades), sum(grade >= GOOD for grade in grades))
