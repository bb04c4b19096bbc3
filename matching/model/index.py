"""What SQL knows of the index: its generations, and the documents that it would not take."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from matching.model.base import Base, UtcDateTime, new_public_id

OPEN_GENERATION = ("planned", "building")


class IndexGeneration(Base, table=True):
    """One generation of the index. Which of them serves is the engine's to say; these rows tell people and the worker the rest.

    `fingerprint` is the recipe of the index, `vectors`, `tokeniser` and `schema_version` its parts, `replaces` the
    fingerprint that served when it was begun. States: planned, building, serving, previous (kept for a while), gone
    (dropped), aborted. `documents` is how many it held when it was last looked at, `found` what the gate last found in it.
    """

    __tablename__ = "index_generation"
    __table_args__ = (
        sa.CheckConstraint("state IN ('planned', 'building', 'serving', 'previous', 'gone', 'aborted')", name="state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, max_length=20, unique=True)
    fingerprint: str = Field(max_length=40, index=True)
    vectors: str = Field(max_length=40)
    tokeniser: str = Field(max_length=80)
    schema_version: int
    replaces: str = Field(default="", max_length=40)
    state: str = Field(default="planned", max_length=20, index=True)
    planned_at: datetime = Field(sa_type=UtcDateTime)
    begun_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    served_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    gone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    documents: int = 0
    gate_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    found: dict[str, int] = Field(default_factory=dict, sa_type=sa.JSON)


class SetAside(Base, table=True):
    """A document that the engine refuses for good: listing, audience, and what it said. It is tried again when its revision or
    the recipe changes, or when somebody asks for it."""

    __tablename__ = "set_aside"
    __table_args__ = (sa.CheckConstraint("audience IN ('public', 'registered')", name="audience"),)
    listing_id: int = Field(foreign_key="listing.id", ondelete="CASCADE", primary_key=True)
    audience: str = Field(max_length=20, primary_key=True)
    revision: int
    fingerprint: str = Field(max_length=40)
    reason: str = Field(max_length=500)
    at: datetime = Field(sa_type=UtcDateTime)
