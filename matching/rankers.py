"""Which ranker and which business weights hold where: those of the zone, else those of all zones, else the shipped ones. And
which encoder holds."""

from collections.abc import Mapping
from typing import Final

from sqlmodel import Session, col, select

from matching.model import LearnedEncoder, LearnedRanker, ZoneWeights
from matching.pairing.parts import BUSINESS_WEIGHTS
from matching.pairing.ranker import Ranker, from_json, shipped

IN_FORCE: Final = "in_force"


def row_in_force(session: Session, zone_id: int | None, *, own: bool = False) -> LearnedRanker | None:
    """The row that holds in a zone, or in all that have none of their own; None where the shipped one does. With `own` that of
    the zone itself alone."""
    places = [zone_id] if own or zone_id is None else [zone_id, None]
    for place in places:
        query = select(LearnedRanker).where(LearnedRanker.state == IN_FORCE, col(LearnedRanker.zone_id) == place)
        row = session.exec(query).first()
        if row is not None:
            return row
    return None


def encoder_in_force(session: Session) -> LearnedEncoder | None:
    """The taught one that holds; None where that of the settings does."""
    return session.exec(select(LearnedEncoder).where(LearnedEncoder.state == IN_FORCE)).first()


def spread_in_force(session: Session) -> float:
    """How often a cosine counts today."""
    row = encoder_in_force(session)
    return row.spread if row is not None else 1.0


def content_of(row: LearnedRanker | None) -> Ranker:
    return from_json(row.content) if row is not None else shipped()


def ranker_in_force(session: Session, zone_id: int | None) -> Ranker:
    """None stands for all zones, and for the pool."""
    return content_of(row_in_force(session, zone_id))


def business_weights(session: Session, zone_id: int | None) -> Mapping[str, float]:
    row = session.get(ZoneWeights, zone_id) if zone_id is not None else None
    return row.weights if row is not None else BUSINESS_WEIGHTS
