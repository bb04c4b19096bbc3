"""Reference data: zones, the industry tree, which industry a zone leads in, and the code lists. Rows, never constants."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from matching.model.base import Base, UtcDateTime


class Zone(Base, table=True):
    """A high-tech zone. `level` is national, provincial or empty where nobody has said ([K] in the domain notes)."""

    __tablename__ = "zone"
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=30, unique=True)
    name: str = Field(max_length=80, unique=True)
    name_en: str = Field(max_length=120)
    city: str = Field(default="", max_length=40)
    level: str = Field(default="", max_length=20)
    position: int = 0


class Industry(Base, table=True):
    """One node of the industry tree. `keywords` are what the gate looks for; `ipc` prefixes are suggestions."""

    __tablename__ = "industry"
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=30, unique=True)
    name: str = Field(max_length=60, unique=True)
    name_en: str = Field(max_length=100)
    parent_id: int | None = Field(default=None, foreign_key="industry.id", index=True)
    keywords: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    aliases: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    ipc: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    description: str = Field(default="", max_length=500)
    source: str = Field(default="", max_length=200)
    position: int = 0


class ZoneIndustry(Base, table=True):
    """The zone's relation to an industry, with history; the database holds that at most one is active a zone."""

    __tablename__ = "zone_industry"
    __table_args__ = (
        sa.Index(
            "uq_zone_industry_active",
            "zone_id",
            unique=True,
            sqlite_where=sa.text("active"),
            postgresql_where=sa.text("active"),
        ),
        sa.CheckConstraint("active = (ended_on IS NULL)", name="active_or_ended"),
    )
    id: int | None = Field(default=None, primary_key=True)
    zone_id: int = Field(foreign_key="zone.id", index=True)
    industry_id: int = Field(foreign_key="industry.id", index=True)
    active: bool = True
    began_on: date
    ended_on: date | None = None
    source: str = Field(default="", max_length=300)
    decided_by_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = Field(sa_type=UtcDateTime)


class CodeValue(Base, table=True):
    """One value of a versioned code list (cooperation modes, need types, maturity, reasons …)."""

    __tablename__ = "code_value"
    __table_args__ = (sa.UniqueConstraint("list_code", "code", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    list_code: str = Field(max_length=30, index=True)
    code: str = Field(max_length=30)
    name: str = Field(max_length=80)
    name_en: str = Field(max_length=120)
    version: str = Field(default="1", max_length=20)
    valid_from: date | None = None
    valid_until: date | None = None
    position: int = 0
    facts: dict[str, int | str | bool] = Field(default_factory=dict, sa_type=sa.JSON)
