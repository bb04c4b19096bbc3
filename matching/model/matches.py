"""Computed matches, which are disposable, and people's verdicts, which are truth."""

from datetime import datetime
from typing import Final, Literal

import sqlalchemy as sa
from sqlmodel import Field

from matching.model.base import Base, UtcDateTime

MatchLane = Literal["industry", "outside_result", "outside_need"]
MATCH_LANES: Final[tuple[MatchLane, ...]] = ("industry", "outside_result", "outside_need")
"""Need and result in the zone's industry; a need in it with a result outside; a need outside it with any result."""


class Match(Base, table=True):
    """A projection: what the pair score said of a need and a result in a zone, rebuilt at will (law 1).

    Without a zone it stands in the pool: the need is nobody's yet. `lane` is one of `MATCH_LANES`. `level` is 3 强, 2 较强,
    1 弱, 0 无. `scored` is `matching.pairing`'s `Scored` as JSON. `found_at` is when these two texts first came together
    here, `computed_at` when anything of the score last changed (the days that are left change every day).
    """

    __tablename__ = "match"
    __table_args__ = (
        sa.UniqueConstraint("zone_id", "need_id", "result_id", "audience"),
        # A unique constraint lets rows with a NULL repeat; the pool's own index does not.
        sa.Index(
            "uq_match_pool",
            "need_id",
            "result_id",
            "audience",
            unique=True,
            sqlite_where=sa.text("zone_id IS NULL"),
            postgresql_where=sa.text("zone_id IS NULL"),
        ),
        sa.CheckConstraint("level BETWEEN 0 AND 3", name="level"),
        sa.CheckConstraint("lane IN ('industry', 'outside_result', 'outside_need')", name="lane"),
        sa.CheckConstraint("zone_id IS NOT NULL OR lane = 'industry'", name="pool_lane"),
        sa.Index("ix_match_zone_id_need_id_score", "zone_id", "need_id", "score"),
    )
    id: int | None = Field(default=None, primary_key=True)
    zone_id: int | None = Field(default=None, foreign_key="zone.id")
    need_id: int = Field(foreign_key="listing.id", ondelete="CASCADE", index=True)
    result_id: int = Field(foreign_key="listing.id", ondelete="CASCADE", index=True)
    audience: str = Field(default="registered", max_length=20)
    lane: str = Field(default="industry", max_length=20)
    score: float
    level: int
    scored: dict[str, object] = Field(default_factory=dict, sa_type=sa.JSON)
    need_revision: int
    result_revision: int
    found_at: datetime = Field(sa_type=UtcDateTime)
    computed_at: datetime = Field(sa_type=UtcDateTime)


class MatchingVersion(Base, table=True):
    """The counter by which writers of one place's matches notice each other: read before computing, raised when writing.

    `place` is a zone's code, or `*` for the pool."""

    __tablename__ = "matching_version"
    place: str = Field(max_length=30, primary_key=True)
    version: int = 0


class Verdict(Base, table=True):
    """What a person said of a pair. Append-only: a change of mind is a new row, an undo a row that names the undone.

    Staff speak in a zone. An owner (`source` is `owner`) speaks for the organisation that owns one of the two texts, of the
    pair wherever it stands: `grade` 2 fits, 0 does not, and then `reason` says why.
    """

    __tablename__ = "verdict"
    __table_args__ = (
        sa.CheckConstraint("(grade IS NULL) = (undoes_id IS NOT NULL)", name="grade_or_undo"),
        sa.CheckConstraint("grade IS NULL OR grade BETWEEN 0 AND 3", name="grade"),
        sa.CheckConstraint(
            "(source = 'staff' AND zone_id IS NOT NULL AND organisation_id IS NULL)"
            " OR (source = 'owner' AND zone_id IS NULL AND organisation_id IS NOT NULL)",
            name="speaker",
        ),
        sa.CheckConstraint("source <> 'owner' OR grade IS NULL OR grade IN (0, 2)", name="owner_grade"),
        sa.Index("ix_verdict_pair", "zone_id", "need_id", "result_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    zone_id: int | None = Field(default=None, foreign_key="zone.id")
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
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


class PoolTaking(Base, table=True):
    """A zone took a need up from the pool, who for it and when; `given_back_at` where it went back into the pool."""

    __tablename__ = "pool_taking"
    id: int | None = Field(default=None, primary_key=True)
    listing_id: int = Field(foreign_key="listing.id", ondelete="CASCADE", index=True)
    zone_id: int = Field(foreign_key="zone.id")
    person_id: int = Field(foreign_key="person.id")
    taken_at: datetime = Field(sa_type=UtcDateTime)
    given_back_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
