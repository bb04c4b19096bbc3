"""Numbers that everyone may see: how much there is, never what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from matching.model import Listing, ListingKind, ListingState, Match, Organisation, Zone
from matching.reference import descendants, tagged_with, zone_fields

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
    level (1 弱, 2 较强, 3 强) to the number of computed pairs in the industry between listings that are open."""

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


def zone_counts(session: Session) -> dict[str, ZoneCounts]:
    """The public numbers of every zone by its code, in a query an industry and four more, however many zones there are."""
    fields = zone_fields(session)
    everywhere = _by_place(session)
    within = {each: _by_place(session, tagged_with(descendants(session, each))) for each in set(fields.values())}
    owners = dict(
        session.execute(sa.select(col(Organisation.zone_id), sa.func.count()).group_by(col(Organisation.zone_id))).all()
    )
    pairs = _pairs(session)
    found: dict[str, ZoneCounts] = {}
    for zone_id, code in session.exec(select(Zone.id, Zone.code)).all():
        in_industry = within[fields[zone_id]] if zone_id is not None and zone_id in fields else []
        found[code] = ZoneCounts(
            open_needs=sum(each.listings for each in everywhere if each.kind == ListingKind.NEED and each.belongs_to(zone_id)),
            needs_in_industry=sum(
                each.listings for each in in_industry if each.kind == ListingKind.NEED and each.belongs_to(zone_id)
            ),
            results_in_industry=sum(each.listings for each in in_industry if each.kind == ListingKind.RESULT),
            zone_results=sum(
                each.listings for each in everywhere if each.kind == ListingKind.RESULT and each.owner_zone == zone_id
            ),
            organisations=owners.get(zone_id, 0),
            pairs=pairs.get(zone_id or 0, {}),
        )
    return found


class _Place(NamedTuple):
    """How many open listings of a kind have their owner in one zone and are addressed to another."""

    kind: ListingKind
    owner_zone: int | None
    addressed_zone: int | None
    listings: int

    def belongs_to(self, zone_id: int | None) -> bool:
        return zone_id in (self.owner_zone, self.addressed_zone)


def _by_place(session: Session, *conditions: sa.ColumnElement[bool]) -> list[_Place]:
    place = (col(Listing.kind), col(Organisation.zone_id), col(Listing.addressed_zone_id))
    rows = session.execute(
        sa.select(*place, sa.func.count())
        .join(Organisation, col(Organisation.id) == col(Listing.organisation_id))
        .where(_OPEN, *conditions)
        .group_by(*place)
    )
    return [_Place(*row) for row in rows]


def _pairs(session: Session) -> dict[int, dict[int, int]]:
    """Zone id → level → pairs between listings that are open."""
    need, result = aliased(Listing), aliased(Listing)
    rows = session.execute(
        sa.select(col(Match.zone_id), col(Match.level), sa.func.count())
        .join(need, col(need.id) == col(Match.need_id))
        .join(result, col(result.id) == col(Match.result_id))
        .where(col(Match.audience) == "registered", col(Match.lane) == "industry", col(Match.level) > 0)
        .where(col(need.state) == ListingState.PUBLISHED, col(result.state) == ListingState.PUBLISHED)
        .group_by(col(Match.zone_id), col(Match.level))
    )
    found: dict[int, dict[int, int]] = {}
    for zone_id, level, count in rows:
        found.setdefault(zone_id, {})[level] = count
    return found
