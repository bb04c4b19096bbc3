"""Needs of several firms of a zone that ask for the same thing, offered to its staff as one common need."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from matching.model.base import Base, UtcDateTime, enum_type, new_public_id


class CommonState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


class CommonNeed(Base, table=True):
    """`words` are those that all its needs share, without anybody's name. `draft_id` is the need that was made of it."""

    __tablename__ = "common_need"
    __table_args__ = (sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided"),)
    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, max_length=20, unique=True)
    zone_id: int = Field(foreign_key="zone.id", index=True)
    state: CommonState = Field(sa_type=enum_type(CommonState, "common_state"))
    words: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    found_at: datetime = Field(sa_type=UtcDateTime)
    decided_by_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    draft_id: int | None = Field(default=None, foreign_key="listing.id", ondelete="SET NULL", index=True)


class CommonNeedSource(Base, table=True):
    """A need that a common need was found in."""

    __tablename__ = "common_need_source"
    common_id: int = Field(foreign_key="common_need.id", ondelete="CASCADE", primary_key=True)
    listing_id: int = Field(foreign_key="listing.id", ondelete="CASCADE", primary_key=True, index=True)
