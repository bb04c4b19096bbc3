"""Listings that may be the same matter written twice: the keys they are found by, and what people said of them."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from matching.model.base import Base, UtcDateTime, enum_type


class TwinState(StrEnum):
    """`open`: nobody has decided yet."""

    OPEN = "open"
    SAME = "same"
    DIFFERENT = "different"


class PrintKey(Base, table=True):
    """One number of a revision's fingerprint (`matching.likeness.words.keys`), of the words that signed-in users may read.
    Disposable: made again from the revision."""

    __tablename__ = "print_key"
    key: int = Field(primary_key=True, sa_type=sa.BigInteger, sa_column_kwargs={"autoincrement": False})
    revision_id: int = Field(foreign_key="revision.id", ondelete="CASCADE", primary_key=True, index=True)


class Twin(Base, table=True):
    """Two listings of a kind, the one with the lesser id first. What a person decided is not asked again, whatever the texts
    become. `percent`: how much of the words was the same when they were compared."""

    __tablename__ = "twin"
    __table_args__ = (
        sa.UniqueConstraint("first_id", "second_id"),
        sa.CheckConstraint("first_id < second_id", name="order"),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided"),
    )
    id: int | None = Field(default=None, primary_key=True)
    first_id: int = Field(foreign_key="listing.id", ondelete="CASCADE")
    second_id: int = Field(foreign_key="listing.id", ondelete="CASCADE", index=True)
    state: TwinState = Field(sa_type=enum_type(TwinState, "twin_state"), index=True)
    percent: int = 0
    found_at: datetime = Field(sa_type=UtcDateTime)
    decided_by_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
