"""What staff decided in one go on many suggestions, so that the last such decision can be taken back."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from matching.model.base import Base, UtcDateTime, new_public_id


class BulkDecision(Base, table=True):
    """Industries confirmed or rejected together. Its tags carry `decided_at` = `created_at`, whichever slice wrote them."""

    __tablename__ = "bulk_decision"
    __table_args__ = (sa.CheckConstraint("state IN ('confirmed', 'rejected')", name="state"),)
    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, max_length=20, unique=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL", index=True)
    zone_id: int = Field(foreign_key="zone.id")
    state: str = Field(max_length=20)
    count: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class BulkDecisionItem(Base, table=True):
    """One suggestion that it decided; goes when it is taken back."""

    __tablename__ = "bulk_decision_item"
    decision_id: int = Field(foreign_key="bulk_decision.id", ondelete="CASCADE", primary_key=True)
    listing_id: int = Field(foreign_key="listing.id", ondelete="CASCADE", primary_key=True, index=True)
    industry_id: int = Field(foreign_key="industry.id", primary_key=True)
