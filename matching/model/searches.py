"""Rankings of searches, kept for a while so that paging is stable."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from matching.model.base import Base, UtcDateTime


class KeptSearch(Base, table=True):
    """One ranking: ids and how each was found, no text. `digest` is of the question, `audience` whose index answered it;
    whoever reads a page of it sees what that person may see today.

    `ranked` are rows of public id, rank by words, rank by meaning, nearest passage, whether it is exact. `owner` is
    `person:` with an id or `address:` with a digest.
    """

    __tablename__ = "kept_search"
    __table_args__ = (sa.Index("ix_kept_search_owner_created_at", "owner", "created_at"),)
    token: str = Field(primary_key=True, max_length=40)
    owner: str = Field(max_length=80)
    audience: str = Field(max_length=20)
    digest: str = Field(max_length=64)
    ranked: list[list[Any]] = Field(default_factory=list, sa_type=sa.JSON)
    matched: int = 0
    near: int | None = None
    notice: str = Field(default="", max_length=20)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
