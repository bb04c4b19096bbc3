"""Reference data: zones, the industry tree, which industry a zone leads in, and the code lists. Rows, never constants."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from matching.model.base import Base, UtcDateTime


class Region(Base, table=True):
    """An administrative division by its six-digit code: the province, its cities, and the counties that matter here."""

    __tablename__ = "region"
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=6, unique=True)
    name: str = Field(max_length=40)
    name_en: str = Field(default="", max_length=80)
    parent_id: int | None = Field(default=None, foreign_key="region.id", index=True)
    source: str = Field(default="", max_length=300)
    valid_until: date | None = None
    position: int = 0
    version: int = 1


class Zone(Base, table=True):
    """A high-tech zone. `level` is national, provincial or empty where nobody has said ([K] in the domain notes).

    `target_title` is a code of the list `zone_title`, `pilots` are codes of `zone_pilot`. `candidate_industry_id` is the field
    in which a zone without a strategic industry of its own is matched until it decides: never a decision. A need whose text
    has fewer points than `need_quality` (`matching.quality`) is proposed for sending back; with `returns_vague` it goes back
    as soon as it is submitted. `source` is where the zone is named, `place_source` where its level, city and region come from,
    which the policy does not say.
    """

    __tablename__ = "zone"
    __table_args__ = (sa.CheckConstraint("need_quality BETWEEN 0 AND 100", name="need_quality_in_range"),)
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=30, unique=True)
    name: str = Field(max_length=80, unique=True)
    name_en: str = Field(max_length=120)
    city: str = Field(default="", max_length=40)
    level: str = Field(default="", max_length=20)
    region_id: int | None = Field(default=None, foreign_key="region.id", index=True)
    target_title: str = Field(default="", max_length=30)
    pilots: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    candidate_industry_id: int | None = Field(default=None, foreign_key="industry.id", index=True)
    need_quality: int = 45
    returns_vague: bool = False
    source: str = Field(default="", max_length=300)
    place_source: str = Field(default="", max_length=300)
    valid_until: date | None = None
    position: int = 0
    version: int = 1


class Industry(Base, table=True):
    """One node of the industry tree. `keywords` are what the gate looks for; `ipc` prefixes and `emerging` (codes of the
    classification of strategic emerging industries) are suggestions, which `link_source` says."""

    __tablename__ = "industry"
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=30, unique=True)
    name: str = Field(max_length=60, unique=True)
    name_en: str = Field(max_length=100)
    parent_id: int | None = Field(default=None, foreign_key="industry.id", index=True)
    keywords: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    aliases: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    ipc: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    emerging: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    link_source: str = Field(default="", max_length=200)
    description: str = Field(default="", max_length=500)
    source: str = Field(default="", max_length=200)
    valid_until: date | None = None
    position: int = 0
    version: int = 1


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
    """One value of a versioned code list (cooperation modes, need types, maturity, reasons …).

    `version` is the list's own (JSTEC, 2026 …), `row_version` counts the changes of this row. A value is offered while
    `valid_until` is empty; later it goes on naming what older listings say. `aliases` are what people write for it in
    sheets. The list `code_list` names the lists themselves.
    """

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
    aliases: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    description: str = Field(default="", max_length=2000)
    description_en: str = Field(default="", max_length=2000)
    source: str = Field(default="", max_length=300)
    row_version: int = 1


class Grouping(Base, table=True):
    """What the policy groups actors by beside zones: core areas, innovation centres, alliances, parks (`grouping_kind`)."""

    __tablename__ = "grouping"
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=30, unique=True)
    kind: str = Field(max_length=30, index=True)
    name: str = Field(max_length=80)
    name_en: str = Field(default="", max_length=120)
    zone_id: int | None = Field(default=None, foreign_key="zone.id", index=True)
    industry_id: int | None = Field(default=None, foreign_key="industry.id", index=True)
    region_id: int | None = Field(default=None, foreign_key="region.id", index=True)
    clause: str = Field(default="", max_length=20)
    source: str = Field(default="", max_length=300)
    valid_from: date | None = None
    valid_until: date | None = None
    position: int = 0
    version: int = 1


class SynonymGroup(Base, table=True):
    """Words of an industry that mean the same: whoever searches for `name` finds `words` too, and the other way round unless
    it is `one_way`. `name_en` is the English word for the same."""

    __tablename__ = "synonym_group"
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(max_length=30, unique=True)
    name: str = Field(max_length=40)
    name_en: str = Field(default="", max_length=60)
    words: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    one_way: bool = False
    industry_id: int = Field(foreign_key="industry.id", index=True)
    source: str = Field(default="", max_length=300)
    valid_until: date | None = None
    position: int = 0
    version: int = 1


class ReferenceChange(Base, table=True):
    """One change of one record of the reference data, append-only. `before` is empty where it was made, `undoes_id` names
    the change that this one takes back. `record` and `key` name the record as the editor does (`zones`, `changzhou`)."""

    __tablename__ = "reference_change"
    __table_args__ = (sa.Index("ix_reference_change_record_key", "record", "key"),)
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    record: str = Field(max_length=40)
    key: str = Field(max_length=80)
    action: str = Field(max_length=20)
    before: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    after: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    undoes_id: int | None = Field(default=None, foreign_key="reference_change.id", unique=True)
    note: str = Field(default="", max_length=300)
