"""Numbers that everyone may see: how much there is, never what."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from matching.errors import NotFound
from matching.model import Listing, ListingKind, ListingState, Match, Organisation, Zone, ZoneIndustry
from matching.reference import descendants, tagged_with

_OPEN = col(Listing.state) == ListingState.PUBLISHED


@dataclass(frozen=True, slots=True)
class Counts:
    """Open results, open needs, and the organisations that own them."""

    results: int
    needs: int
    owners: int


@dataclass(frozen=True, slots=True)
class ZoneCounts:
    """`open_needs` belong to the zone's firms or are addressed to it; `needs_in_industry` of them are in its strategic
    industry, as are `results_in_industry`, wherever their owners sit. `zone_results` are the zone's own. `pairs` maps a
    level (1 弱, 2 较强, 3 强) to the number of computed pairs between listings that are open."""

    open_needs: int
    needs_in_industry: int
    results_in_industry: int
    zone_results: int
    organisations: int
    pairs: Mapping[int, int]


def counts(session: Session) -> Counts:
    by_kind = session.execute(sa.select(col(Listing.kind), sa.func.count()).where(_OPEN).group_by(col(Listing.kind)))
    found = {row[0]: row[1] for row in by_kind}
    owners = session.execute(sa.select(sa.func.count(sa.distinct(col(Listing.organisation_id)))).where(_OPEN)).scalar_one()
    return Counts(found.get(ListingKind.RESULT, 0), found.get(ListingKind.NEED, 0), owners)


def zone_counts(session: Session, zone: str) -> ZoneCounts:
    """The public numbers of a zone (its code). Raises `NotFound`."""
    zone_id = session.exec(select(Zone.id).where(Zone.code == zone)).first()
    if zone_id is None:
        raise NotFound(kind="zone")
    industry_id = session.exec(
        select(ZoneIndustry.industry_id).where(ZoneIndustry.zone_id == zone_id, col(ZoneIndustry.active))
    ).first()
    of_owner = col(Listing.organisation_id).in_(select(Organisation.id).where(Organisation.zone_id == zone_id))
    belongs = sa.or_(of_owner, col(Listing.addressed_zone_id) == zone_id)
    within = tagged_with(descendants(session, industry_id)) if industry_id is not None else sa.false()

    def count(*conditions: sa.ColumnElement[bool]) -> int:
        query = sa.select(sa.func.count(col(Listing.id))).where(_OPEN, *conditions)
        return int(session.execute(query).scalar_one())

    is_need, is_result = col(Listing.kind) == ListingKind.NEED, col(Listing.kind) == ListingKind.RESULT
    return ZoneCounts(
        open_needs=count(is_need, belongs),
        needs_in_industry=count(is_need, belongs, within),
        results_in_industry=count(is_result, within),
        zone_results=count(is_result, of_owner),
        organisations=session.execute(
            sa.select(sa.func.count()).select_from(Organisation).where(col(Organisation.zone_id) == zone_id)
        ).scalar_one(),
        pairs=_pairs(session, zone_id),
    )


def _pairs(session: Session, zone_id: int) -> dict[int, int]:
    need, result = aliased(Listing), aliased(Listing)
    found = session.execute(
        sa.select(col(Match.level), sa.func.count())
        .join(need, col(need.id) == col(Match.need_id))
        .join(result, col(result.id) == col(Match.result_id))
        .where(col(Match.zone_id) == zone_id, col(Match.audience) == "registered", col(Match.level) > 0)
        .where(col(need.state) == ListingState.PUBLISHED, col(result.state) == ListingState.PUBLISHED)
        .group_by(col(Match.level))
    )
    return {row[0]: row[1] for row in found}
