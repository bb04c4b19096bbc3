"""Computed matches, which are disposable, and people's verdicts, which are truth."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from matching.model.base import Base, UtcDateTime


class Match(Base, table=True):
    """A projection: what the pair score said of a need and a result in a zone, rebuilt at will (law 1).

    `level` is 3 强, 2 较强, 1 弱, 0 无. `scored` is `matching.pairing`'s `Scored` as JSON.
    """

    __tablename__ = "match"
    __table_args__ = (
        sa.UniqueConstraint("zone_id", "need_id", "result_id", "audience"),
        sa.CheckConstraint("level BETWEEN 0 AND 3", name="level"),
        sa.Index("ix_match_zone_id_need_id_score", "zone_id", "need_id", "score"),
    )
    id: int | None = Field(default=None, primary_key=True)
    zone_id: int = Field(foreign_key="zone.id")
    need_id: int = Field(foreign_key="listing.id", ondelete="CASCADE", index=True)
    result_id: int = Field(foreign_key="listing.id", ondelete="CASCADE", index=True)
    audience: str = Field(default="registered", max_length=20)
    lane: str = Field(default="industry", max_length=20)
    score: float
    level: int
    scored: dict[str, object] = Field(default_factory=dict, sa_type=sa.JSON)
    need_revision: int
    result_revision: int
    computed_at: datetime = Field(sa_type=UtcDateTime)


class ZoneMatching(Base, table=True):
    """The counter by which writers of one zone's matches notice each other: read before computing, raised when writing."""

    __tablename__ = "zone_matching"
    zone_id: int = Field(foreign_key="zone.id", primary_key=True)
    version: int = 0


class Verdict(Base, table=True):
    """What a person said of a pair. Append-only: a change of mind is a new row, an undo a row that names the undone."""

    __tablename__ = "verdict"
    __table_args__ = (
        sa.CheckConstraint("(grade IS NULL) = (undoes_id IS NOT NULL)", name="grade_or_undo"),
        sa.CheckConstraint("grade IS NULL OR grade BETWEEN 0 AND 3", name="grade"),
        sa.Index("ix_verdict_pair", "zone_id", "need_id", "result_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    zone_id: int = Field(foreign_key="zone.id")
    need_id: int = Field(foreign_key="listing.id")
    result_id: int = Field(foreign_key="listing.id")
    grader_id: int = Field(foreign_key="person.id", index=True)
    source: str = Field(default="staff", max_length=20)
    audience: str = Field(default="registered", max_length=20)
    need_revision: int
    result_revision: int
    grade: int | None = None
    reason: str = Field(default="", max_length=30)
    undoes_id: int | None = Field(default=None, foreign_key="verdict.id", unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
