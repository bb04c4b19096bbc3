"""What was learned from verdicts, and what administrators set of the score: rows, so that every step can be taken back."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from matching.model.base import Base, UtcDateTime, new_public_id


class _Learned(Base):
    """What was learned from verdicts, and who decided on it.

    `state`: candidate (waits for a person), refused, in_force, retired. `figures` is how it did on needs it never saw, `data`
    what it was learned from, `moved` the pairs that it grades otherwise (ids and levels, no text). `reason` is the code of why
    it was refused. `demo`: learned from the demonstration's verdicts.
    """

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, max_length=20, unique=True)
    state: str = Field(default="candidate", max_length=20, index=True)
    figures: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    data: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    moved: list[list[int]] = Field(default_factory=list, sa_type=sa.JSON)
    reason: str = Field(default="", max_length=30)
    demo: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")


class LearnedRanker(_Learned, table=True):
    """A ranker learned from verdicts, for one zone or, without one, for all zones that have none of their own; at most one of a
    zone is in force.

    `content` is `pairing.ranker.to_json`. `base_id` is what held in its place when it was judged, and what it takes the place
    of: None for the shipped one.
    """

    __tablename__ = "learned_ranker"
    __table_args__ = (
        sa.CheckConstraint("state IN ('candidate', 'refused', 'in_force', 'retired')", name="state"),
        sa.Index(
            "uq_learned_ranker_zone",
            "zone_id",
            unique=True,
            sqlite_where=sa.text("state = 'in_force'"),
            postgresql_where=sa.text("state = 'in_force'"),
        ),
        # A unique index lets rows with a NULL repeat; that of all zones is one.
        sa.Index(
            "uq_learned_ranker_common",
            "state",
            unique=True,
            sqlite_where=sa.text("state = 'in_force' AND zone_id IS NULL"),
            postgresql_where=sa.text("state = 'in_force' AND zone_id IS NULL"),
        ),
    )
    zone_id: int | None = Field(default=None, foreign_key="zone.id")
    content: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    base_id: int | None = Field(default=None, foreign_key="learned_ranker.id")


class ZoneWeights(Base, table=True):
    """How much each business part counts in a zone, by its code; a zone without a row has `pairing.parts.BUSINESS_WEIGHTS`."""

    __tablename__ = "zone_weights"
    zone_id: int = Field(foreign_key="zone.id", primary_key=True)
    weights: dict[str, float] = Field(default_factory=dict, sa_type=sa.JSON)
    version: int = 1
    changed_at: datetime = Field(sa_type=UtcDateTime)
    changed_by_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")


class LearnedEncoder(_Learned, table=True):
    """An encoder that was taught with verdicts; at most one is in force.

    `folder` is its name among the taught ones of the data folder, empty where it was refused; `base_digest` is of the model
    that it was taught from, `recipe` of its vectors (`Encoder.fingerprint`). Its cosines are wider spread than those of its
    base, and `spread` brings them back: a cosine counts so many times. `base_id` is what held when it was judged, None for the
    encoder of the settings.
    """

    __tablename__ = "learned_encoder"
    __table_args__ = (
        sa.CheckConstraint("state IN ('candidate', 'refused', 'in_force', 'retired')", name="state"),
        sa.Index(
            "uq_learned_encoder_in_force",
            "state",
            unique=True,
            sqlite_where=sa.text("state = 'in_force'"),
            postgresql_where=sa.text("state = 'in_force'"),
        ),
    )
    folder: str = Field(default="", max_length=40)
    base_digest: str = Field(default="", max_length=64)
    recipe: str = Field(default="", max_length=40)
    spread: float = 1.0
    base_id: int | None = Field(default=None, foreign_key="learned_encoder.id")


class ShadowPair(Base, table=True):
    """What a waiting encoder would say on a zone's desk: the best pairs of each need, `rank` from 1. Gone once it is decided."""

    __tablename__ = "shadow_pair"
    encoder_id: int = Field(foreign_key="learned_encoder.id", primary_key=True, ondelete="CASCADE")
    zone_id: int = Field(foreign_key="zone.id", primary_key=True)
    need_id: int = Field(foreign_key="listing.id", primary_key=True, ondelete="CASCADE")
    result_id: int = Field(foreign_key="listing.id", primary_key=True, ondelete="CASCADE")
    rank: int
    score: float
    level: int
