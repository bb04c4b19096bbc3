"""Verdicts on all pairs of a zone's desk, by a rule: what learning is tried with."""

from collections.abc import Callable
from datetime import datetime

import numpy as np
from sqlmodel import Session, col, select

from matching.access import Actor
from matching.model import LearnedEncoder, LearnedRanker, Listing, Match, ShadowPair, Verdict, Zone
from matching.pairing.fitting import Floats
from matching.pairing.ranker import Ranker, Scale, shipped, to_json
from matching.pairing.score import from_json
from matching.store.database import Database
from matching.verdict_lessons import parts_of

Rule = Callable[[Floats], list[int]]
"""Worths of the pairs' texts under the shipped weights → their grades."""


def as_shipped(texts: Floats) -> list[int]:
    """People who grade as the shipped levels have it, by chance as these have it: nothing is to be learned from them."""
    drawn = np.random.default_rng(4).random(len(texts))
    return [
        sum(bool(shipped().zone.chance(text, grade) > each) for grade in (1, 2, 3))
        for text, each in zip(texts, drawn, strict=True)
    ]


def by_half(texts: Floats) -> list[int]:
    """People who find the better half of the pairs good, and the others not at all."""
    middle = float(np.median(texts))
    return [3 if text > middle else 0 for text in texts]


def grade_all(database: Database, zone: str, actor: Actor, rule: Rule) -> int:
    """The person says of every pair of the zone what the rule says. Returns how many."""
    with database.write() as unit:
        session = unit.session
        zone_id = session.exec(select(Zone.id).where(Zone.code == zone)).one()
        rows = session.exec(select(Match).where(Match.zone_id == zone_id).order_by(Match.need_id, Match.result_id)).all()  # type: ignore[arg-type]  # columns of the class
        parts = np.array([parts_of(from_json(row.scored)) for row in rows])
        texts = (shipped().meaning * parts[:, 0] + shipped().terms * parts[:, 1]) * parts[:, 2]
        for row, grade in zip(rows, rule(texts), strict=True):
            need, result = session.get_one(Listing, row.need_id), session.get_one(Listing, row.result_id)
            session.add(
                Verdict(
                    zone_id=zone_id,
                    need_id=row.need_id,
                    result_id=row.result_id,
                    grader_id=actor.person_id or 0,
                    need_revision=need.published_revision or 0,
                    result_revision=result.published_revision or 0,
                    grade=grade,
                    created_at=unit.now(),
                )
            )
        unit.commit()
    return len(rows)


_MEASURES = {
    "log_likelihood": {"before": -1.31, "after": -1.12, "low": 0.08, "high": 0.3},
    "ndcg_at_10": {"before": 0.7, "after": 0.71, "low": -0.01, "high": 0.03},
    "distance": {},
}
_FIGURES = {
    "needs": 31, "verdicts": 240, "folds": 5, "measures": _MEASURES, "places": {"changzhou": _MEASURES, "": _MEASURES},
}  # fmt: skip
_DATA = {
    "verdicts": 240, "needs": 31, "sources": {"staff": 236, "owner": 4}, "graders": 7, "zones": 2,
    "grades": [120, 70, 30, 20], "first": "2026-02-01", "last": "2026-03-01", "digest": "0f3a5c7e9b1d2f40", "left_out": 3,
}  # fmt: skip


def waiting_encoder(session: Session, now: datetime) -> LearnedEncoder:
    """A taught encoder as the work leaves it, which calls the strongest pair otherwise and puts it second."""
    pair = session.exec(select(Match).where(col(Match.zone_id) > 0).order_by(col(Match.score).desc())).first()
    row = LearnedEncoder(
        folder="2f40a6c8e0b1d3f5",
        base_digest="0" * 64,
        recipe="9c1e3a5b7d9f0246",
        spread=0.83,
        figures=_FIGURES,
        data=_DATA,
        moved=[[pair.zone_id or 0, pair.need_id, pair.result_id, pair.level, 1]] if pair is not None else [],
        created_at=now,
    )
    session.add(row)
    session.flush()
    if pair is not None:
        session.add(
            ShadowPair(
                encoder_id=row.id or 0, zone_id=pair.zone_id or 0, need_id=pair.need_id, result_id=pair.result_id,
                rank=2, score=0.2, level=1,
            )
        )  # fmt: skip
    session.flush()
    return row


def waiting_model(session: Session, now: datetime) -> LearnedRanker:
    """A candidate for all zones as the work leaves it, with the strongest pair among those that move."""
    pair = session.exec(select(Match).where(col(Match.zone_id) > 0).order_by(col(Match.score).desc())).first()
    row = LearnedRanker(
        content=to_json(Ranker(0.6, 0.4, Scale(9.0, (0.3, 0.45, 0.6)), shipped().judged)),
        figures=_FIGURES,
        data=_DATA,
        moved=[[pair.zone_id or 0, pair.need_id, pair.result_id, 2, 3]] if pair is not None else [],
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row
