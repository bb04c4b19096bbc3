"""The work `learn`: rankers learned again from verdicts, for all zones and for each zone that has enough, judged on needs they
never saw. What is better waits for a person (`learned`); what is not is refused and says why. Nothing in force changes here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlmodel import Session, col, select

from matching import tasks
from matching.model import LearnedRanker, Match, Note, Verdict
from matching.pairing import fitting
from matching.pairing.fitting import Floats, Judged
from matching.pairing.ranker import Ranker, shipped, to_json
from matching.pairing.score import from_json
from matching.progress import Report
from matching.rankers import IN_FORCE, content_of, row_in_force
from matching.refitting import LEAST_NEEDS, LEAST_VERDICTS, judge, refit
from matching.side_cache import SideCache
from matching.store.database import Database
from matching.store.unit import UnitOfWork
from matching.verdict_lessons import Lesson, Material, described, lessons_of, parts_of, read

KIND: Final = "learn"
MOST_MOVED: Final = 10
MOST_PAIRS: Final = 2000
"""Of a place, the best: what is looked through for pairs that are graded otherwise."""
ENOUGH_NEW: Final = 20
"""Verdicts since the last time, from which the day's round learns again by itself."""
NOTE: Final = "learned.verdicts"


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """All zones together (None), or one. `prior` is held on to, `base` is what a candidate must beat."""

    zone_id: int | None
    lessons: tuple[Lesson, ...]
    prior: Ranker
    base: Ranker
    base_id: int | None
    known: frozenset[str]
    """Digests of what was learned from already, under the same base, and was not promoted."""


def learn(database: Database, sides: SideCache, report: Report) -> dict[str, int]:
    """How many verdicts taught, how many candidates were judged, and how many of them are better."""
    with database.read() as session:
        material = read(session, sides, database.clock.today(), report)
        newest = _newest_verdict(session)
        places = _places(session, material)
    rows: list[LearnedRanker] = []
    for at, place in enumerate(places):
        report("learning", at, len(places))
        data = described(place.lessons)
        if data["digest"] in place.known:
            continue
        rows.append(_row(database, place, material, data))
    with database.write() as unit:
        for row in rows:
            _put(unit, row)
        unit.session.merge(Note(key=NOTE, value=str(newest)))
        unit.commit()
        better = sum(row.state == "candidate" for row in rows)
    return {"verdicts": len(material.lessons), "left_out": material.left_out, "judged": len(rows), "better": better}


def ask_if_enough(unit: UnitOfWork) -> None:
    """Learn again, where people have judged a number of pairs since the last time."""
    held = unit.session.get(Note, NOTE)
    since = select(Verdict.id).where(col(Verdict.id) > int(held.value if held is not None else 0)).limit(ENOUGH_NEW)
    if len(unit.session.exec(since).all()) >= ENOUGH_NEW:
        tasks.open_task(unit, KIND)


def _newest_verdict(session: Session) -> int:
    return session.exec(select(Verdict.id).order_by(col(Verdict.id).desc()).limit(1)).first() or 0


def _places(session: Session, material: Material) -> list[_Place]:
    """All zones together, then those zones that have enough to learn from. A zone's own is held to the one in force for all."""
    common = row_in_force(session, None)
    found: list[_Place] = []
    zones = sorted({each.said.zone_id for each in material.lessons if each.said.zone_id is not None})
    for zone_id in (None, *zones):
        lessons = material.of(zone_id)
        too_few = len(lessons) < LEAST_VERDICTS or len({each.said.need_id for each in lessons}) < LEAST_NEEDS
        if not lessons or (too_few and zone_id is not None):
            continue
        base = row_in_force(session, zone_id)
        rows = session.exec(
            select(LearnedRanker).where(
                col(LearnedRanker.zone_id) == zone_id,
                col(LearnedRanker.base_id) == (base.id if base else None),
                col(LearnedRanker.state).in_(("candidate", "refused")),
                col(LearnedRanker.reason) != "overtaken",
            )
        ).all()
        prior = content_of(common) if zone_id is not None else shipped()
        known = frozenset(row.data["digest"] for row in rows)
        found.append(_Place(zone_id, lessons, prior, content_of(base), base.id if base else None, known))
    return found


def _row(database: Database, place: _Place, material: Material, data: Mapping[str, Any]) -> LearnedRanker:
    lessons = lessons_of(place.lessons, material)
    found, judgement = refit(place.prior, lessons.judged), judge(lessons, place.prior, place.base)
    with database.read() as session:
        moved = _moved(session, place.zone_id, place.base, found)
    return LearnedRanker(
        zone_id=place.zone_id,
        state="refused" if judgement.reason else "candidate",
        content=to_json(found),
        figures=dict(judgement.figures),
        data={**data, "left_out": material.left_out},
        moved=moved,
        reason=judgement.reason,
        demo=material.demo,
        base_id=place.base_id,
        created_at=database.clock.now(),
    )


def _put(unit: UnitOfWork, row: LearnedRanker) -> None:
    """The newer candidate takes the place of one that still waits."""
    waiting = select(LearnedRanker).where(
        col(LearnedRanker.zone_id) == row.zone_id, LearnedRanker.state == "candidate"
    )  # fmt: skip
    for older in unit.session.exec(waiting):
        older.state, older.reason, older.decided_at = "refused", "overtaken", unit.now()
    if row.reason:
        row.decided_at = row.created_at
    unit.session.add(row)
    unit.session.flush()
    unit.audit(
        "system", "model.learn", "model", row.public_id, state=row.state, reason=row.reason, digest=row.data["digest"]
    )  # fmt: skip


def _moved(session: Session, zone_id: int | None, base: Ranker, other: Ranker) -> list[list[int]]:
    """Pairs that the two call differently, the farthest moved first: zone id, need id, result id, level before, level after."""
    query = select(Match).where(Match.lane == "industry")
    if zone_id is not None:
        query = query.where(Match.zone_id == zone_id)
    else:  # a zone with its own model is not moved by that of all
        own = select(LearnedRanker.zone_id).where(LearnedRanker.state == IN_FORCE, col(LearnedRanker.zone_id).is_not(None))
        query = query.where(col(Match.zone_id).is_not(None), col(Match.zone_id).not_in(own))
    rows: Sequence[Match] = session.exec(query.order_by(col(Match.score).desc(), col(Match.id)).limit(MOST_PAIRS)).all()
    if not rows:
        return []
    parts = np.array([parts_of(from_json(row.scored)) for row in rows], np.float64)
    pairs = Judged(parts[:, 0], parts[:, 1], parts[:, 2], np.zeros(len(rows), np.int64), np.ones(len(rows)))
    before, after = (pairs.texts(each.meaning, each.terms) for each in (base, other))
    levels = [fitting.levels(each.zone, texts) for each, texts in ((base, before), (other, after))]
    first, then = (_expected(each, texts) for each, texts in ((base, before), (other, after)))
    order = np.argsort(-np.abs(then - first), kind="stable")
    chosen = [at for at in order.tolist() if levels[0][at] != levels[1][at]][:MOST_MOVED]
    return [
        [rows[at].zone_id or 0, rows[at].need_id, rows[at].result_id, int(levels[0][at]), int(levels[1][at])] for at in chosen
    ]


def _expected(ranker: Ranker, texts: Floats) -> Floats:
    """The grade that a pair has on average, 0 to 3."""
    found: Floats = np.sum([fitting.chances(ranker.zone, texts, grade) for grade in (1, 2, 3)], axis=0, dtype=np.float64)
    return found
