"""What was drawn for grading on a day, so that it stays the same all day, and says later what was drawn by chance alone."""

from datetime import date, datetime
from typing import Final, Literal

import sqlalchemy as sa
from sqlmodel import Field

from matching.model.base import Base, UtcDateTime

DrawnBy = Literal["chance", "worth"]
DRAWN_BY: Final[tuple[DrawnBy, ...]] = ("chance", "worth")


class GradingDraw(Base, table=True):
    """A pair of a zone's queue of a day (Shanghai's). `place` counts from 1. Drawn by `chance` from all `out_of` pairs that
    nobody had graded, or for what its verdict would be `worth`."""

    __tablename__ = "grading_draw"
    __table_args__ = (
        sa.CheckConstraint("drawn_by IN ('chance', 'worth')", name="drawn_by"),
        sa.UniqueConstraint("zone_id", "day", "need_id", "result_id"),
    )
    zone_id: int = Field(foreign_key="zone.id", primary_key=True)
    day: date = Field(primary_key=True)
    place: int = Field(primary_key=True)
    need_id: int = Field(foreign_key="listing.id", ondelete="CASCADE", index=True)
    result_id: int = Field(foreign_key="listing.id", ondelete="CASCADE", index=True)
    drawn_by: str = Field(max_length=20)
    out_of: int
    created_at: datetime = Field(sa_type=UtcDateTime)
