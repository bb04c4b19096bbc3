"""The groups of clauses 7, 9 and 10 that concern a zone: its own, and those of its field."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching.model import Grouping
from matching.reference import ZoneView, ancestors_by_id


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    name: str
    name_en: str


def groups_of(session: Session, zone: ZoneView) -> list[tuple[str, Group]]:
    """(kind, group): the zone's core areas and parks, then centres and alliances of its field or of what lies above it."""
    concerned = col(Grouping.zone_id) == zone.id
    if zone.field is not None:
        line = ancestors_by_id(session)[zone.field.id]
        concerned = sa.or_(concerned, sa.and_(col(Grouping.zone_id).is_(None), col(Grouping.industry_id).in_(line)))
    rows = session.exec(
        select(Grouping)
        .where(concerned, col(Grouping.valid_until).is_(None))
        .order_by(col(Grouping.zone_id).is_(None), col(Grouping.position), col(Grouping.id))
    ).all()
    return [(row.kind, Group(row.code, row.name, row.name_en)) for row in rows]
