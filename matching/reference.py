"""Reading the reference data: zones, the industry tree, code lists. Rows change: what is held of them is `matching.held`'s."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from matching.held import held
from matching.model import CodeValue, Industry, Listing, ListingIndustry, Region, TagState, Zone, ZoneIndustry


@dataclass(frozen=True, slots=True)
class IndustryNode:
    id: int
    code: str
    name: str
    name_en: str
    parent: str | None
    keywords: tuple[str, ...]
    description: str
    retired: bool = False
    aliases: tuple[str, ...] = ()
    ipc: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class ZoneView:
    """A zone with its active strategic industry, if it has decided on one, else perhaps a candidate: where it is matched
    until it decides, which every page says."""

    id: int
    code: str
    name: str
    name_en: str
    city: str
    level: str
    industry: IndustryNode | None
    industry_source: str
    candidate: IndustryNode | None = None
    retired: bool = False
    region: str = ""
    target_title: str = ""
    pilots: tuple[str, ...] = ()
    need_quality: int = 0
    returns_vague: bool = False

    @property
    def field(self) -> IndustryNode | None:
        """The industry that the zone is matched in."""
        return self.industry or self.candidate


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a code list; `facts` hold what rules need (the crosswalk's TRL bounds, whether a reason teaches)."""

    code: str
    name: str
    name_en: str
    facts: dict[str, int | str | bool]
    retired: bool = False
    description: str = ""
    description_en: str = ""
    source: str = ""
    aliases: tuple[str, ...] = ()


def bounds_of(maturity: Code | None) -> tuple[int, int] | None:
    """The crosswalk: the TRL bounds of a value of the list `maturity`, whatever its scale; None where it tells none."""
    if maturity is None or "trl_low" not in maturity.facts:
        return None
    return int(maturity.facts["trl_low"]), int(maturity.facts["trl_high"])


@held
def industries(session: Session) -> Mapping[int, IndustryNode]:
    """All industries by id, in the tree's order."""
    rows = session.exec(select(Industry).order_by(col(Industry.position), col(Industry.id))).all()
    codes = {row.id: row.code for row in rows}
    return {
        row.id or 0: IndustryNode(
            row.id or 0,
            row.code,
            row.name,
            row.name_en,
            codes.get(row.parent_id) if row.parent_id else None,
            tuple(row.keywords + row.aliases),
            row.description,
            row.valid_until is not None,
            tuple(row.aliases),
            tuple(row.ipc),
            row.source,
        )
        for row in rows
    }


@held
def ancestors_by_id(session: Session) -> Mapping[int, tuple[int, ...]]:
    """Industry id → itself and all its ancestors, nearest first: the unit of "in an industry" (domain §2.6)."""
    parents = {row[0]: row[1] for row in session.exec(select(Industry.id, Industry.parent_id)).all()}
    lines: dict[int, tuple[int, ...]] = {}
    for start in parents:
        line: list[int] = []
        at: int | None = start
        while at is not None and at not in line:
            line.append(at)
            at = parents[at]
        if start is not None:
            lines[start] = tuple(line)
    return lines


def descendants(session: Session, industry_id: int) -> frozenset[int]:
    """The industry itself and everything below it."""
    return frozenset(each for each, line in ancestors_by_id(session).items() if industry_id in line)


def tagged_with(industry_ids: Collection[int]) -> sa.ColumnElement[bool]:
    """SQL predicate on `Listing`: tagged with one of these industries, confirmed or suggested."""
    return (
        sa.exists()
        .where(col(ListingIndustry.listing_id) == col(Listing.id))
        .where(col(ListingIndustry.state) != TagState.REJECTED, col(ListingIndustry.industry_id).in_(industry_ids))
    )


@held
def zones(session: Session) -> tuple[ZoneView, ...]:
    """All zones in their order, each with its active industry."""
    nodes = industries(session)
    active = {row.zone_id: row for row in session.exec(select(ZoneIndustry).where(col(ZoneIndustry.active))).all()}
    rows = session.exec(select(Zone).order_by(col(Zone.position), col(Zone.id))).all()
    regions = dict(session.exec(select(Region.id, Region.code)).all())
    return tuple(
        ZoneView(
            row.id or 0,
            row.code,
            row.name,
            row.name_en,
            row.city,
            row.level,
            nodes[active[row.id].industry_id] if row.id in active else None,
            active[row.id].source if row.id in active else "",
            nodes.get(row.candidate_industry_id or 0) if row.id not in active else None,
            row.valid_until is not None,
            regions.get(row.region_id, ""),
            row.target_title,
            tuple(row.pilots),
            row.need_quality,
            row.returns_vague,
        )
        for row in rows
    )


@held
def zone_fields(session: Session) -> Mapping[int, int]:
    """Zone id → the industry id that it is matched in: its active strategic industry, else its candidate."""
    fields = {
        zone: candidate
        for zone, candidate in session.exec(select(Zone.id, Zone.candidate_industry_id)).all()
        if zone is not None and candidate is not None
    }
    return fields | dict(
        session.exec(select(ZoneIndustry.zone_id, ZoneIndustry.industry_id).where(col(ZoneIndustry.active))).all()
    )


def codes(session: Session, list_code: str) -> dict[str, Code]:
    """The values of a code list that are offered, by code, in its order."""
    return {row.code: _code(row) for row in session.exec(_in_order(list_code)).all() if row.valid_until is None}


@held
def code_lists(session: Session) -> Mapping[str, Mapping[str, Code]]:
    """All code lists in one query: their values in order, with those that are retired and only name what older entries say.
    Where two editions of a list have a code, the one that is offered stands for it."""
    found: dict[str, dict[str, Code]] = {}
    for row in session.exec(_in_order()).all():
        values = found.setdefault(row.list_code, {})
        if row.code not in values or values[row.code].retired:
            values[row.code] = _code(row)
    return found


def _in_order(*lists: str) -> SelectOfScalar[CodeValue]:
    query = select(CodeValue).order_by(col(CodeValue.position), col(CodeValue.id))
    return query.where(col(CodeValue.list_code).in_(lists)) if lists else query


def _code(row: CodeValue) -> Code:
    return Code(
        row.code, row.name, row.name_en, row.facts, row.valid_until is not None, row.description, row.description_en, row.source,
        tuple(row.aliases),
    )  # fmt: skip
