"""What one job sets off in another: the whole list, run in the transaction of the job that said so."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching.events import (
    IndustryChanged,
    IndustryWordsChanged,
    ListingChanged,
    ListingsChanged,
    RankerChanged,
    TextsSubmitted,
    TextSubmitted,
    VerdictGiven,
    ZoneIndustryDecided,
    ZonesChanged,
)
from matching.model import LearnedRanker, Listing, ListingState, Zone
from matching.rankers import IN_FORCE
from matching.reference import ancestors_by_id, tagged_with, zone_fields
from matching.standings import places
from matching.store.database import Reaction
from matching.store.unit import UnitOfWork
from matching.tasks import open_task

_CHUNK = 500


def index_listing(unit: UnitOfWork, happened: ListingChanged) -> None:
    """A new state of the document, and the job that brings it to the engine."""
    listing = unit.session.get_one(Listing, happened.listing_id)
    listing.document_revision += 1
    unit.session.add(listing)
    unit.enqueue("index", listing.public_id, lane=happened.lane)


def suggest_for_listing(unit: UnitOfWork, happened: TextSubmitted) -> None:
    listing = unit.session.get_one(Listing, happened.listing_id)
    unit.enqueue("suggest", listing.public_id, lane=happened.lane)


def index_listings(unit: UnitOfWork, happened: ListingsChanged) -> None:
    """`index_listing` in a few statements for any number."""
    raise_document_revisions(unit, happened.listing_ids)
    unit.enqueue_all("index", _public_ids(unit.session, happened.listing_ids), lane=happened.lane)


def raise_document_revisions(unit: UnitOfWork, listing_ids: Sequence[int]) -> None:
    """A new state of these documents. The caller sees to it that a job brings them to the engine."""
    unit.session.flush()
    for start in range(0, len(listing_ids), _CHUNK):
        unit.session.execute(
            sa.update(Listing)
            .where(col(Listing.id).in_(listing_ids[start : start + _CHUNK]))
            .values(document_revision=col(Listing.document_revision) + 1)
        )


def suggest_for_listings(unit: UnitOfWork, happened: TextsSubmitted) -> None:
    unit.enqueue_all("suggest", _public_ids(unit.session, happened.listing_ids), lane=happened.lane)


def _public_ids(session: Session, listing_ids: Sequence[int]) -> list[str]:
    found: list[str] = []
    for start in range(0, len(listing_ids), _CHUNK):
        chunk = listing_ids[start : start + _CHUNK]
        found += session.exec(select(Listing.public_id).where(col(Listing.id).in_(chunk)).order_by(col(Listing.id))).all()
    return found


def match_zones(unit: UnitOfWork, happened: ZonesChanged) -> None:
    for zone_id in happened.zone_ids:
        match_zone(unit, ZoneIndustryDecided(zone_id))


def match_zone(unit: UnitOfWork, happened: ZoneIndustryDecided) -> None:
    zone = unit.session.get_one(Zone, happened.zone_id)
    open_task(unit, "match_zone", zone.code, zone_id=zone.id, delay=0)


def match_by_ranker(unit: UnitOfWork, happened: RankerChanged) -> None:
    if happened.zone_id is not None:
        match_zone(unit, ZoneIndustryDecided(happened.zone_id))
        return
    own = select(Zone.code).join(LearnedRanker, col(LearnedRanker.zone_id) == col(Zone.id))
    apart = set(unit.session.exec(own.where(LearnedRanker.state == IN_FORCE)))
    unit.enqueue_all("match_zone", [each for each in places(unit.session) if each not in apart], lane="bulk")


def match_zones_of_industry(unit: UnitOfWork, happened: IndustryChanged) -> None:
    """The zones whose field is the industry, one above it or one below it, before the change or after it."""
    unit.session.flush()
    lines = ancestors_by_id(unit.session)
    above = {*lines.get(happened.industry_id, ()), *lines.get(happened.old_parent_id or 0, ())}
    concerned = above | {each for each, line in lines.items() if happened.industry_id in line}
    zones = [zone for zone, field in zone_fields(unit.session).items() if field in concerned]
    codes = unit.session.exec(select(Zone.code).where(col(Zone.id).in_(zones)).order_by(col(Zone.position))).all()
    unit.enqueue_all("match_zone", list(codes), lane="bulk")


def index_moved_industry(unit: UnitOfWork, happened: IndustryChanged) -> None:
    """A document names its industries and all above them: those of a branch that moved are made again."""
    if happened.moved:
        branch = [each for each, line in ancestors_by_id(unit.session).items() if happened.industry_id in line]
        published = select(Listing.id).where(col(Listing.state) == ListingState.PUBLISHED, tagged_with(branch))
        index_listings(unit, ListingsChanged(tuple(each or 0 for each in unit.session.exec(published).all())))


def complete_industries(unit: UnitOfWork, _happened: IndustryWordsChanged) -> None:
    unit.enqueue("complete", "industries")


REACTIONS: Mapping[type, Sequence[Reaction]] = {
    ListingChanged: (index_listing,),
    ListingsChanged: (index_listings,),
    TextSubmitted: (suggest_for_listing,),
    TextsSubmitted: (suggest_for_listings,),
    ZoneIndustryDecided: (match_zone,),
    ZonesChanged: (match_zones,),
    RankerChanged: (match_by_ranker,),
    IndustryChanged: (match_zones_of_industry, index_moved_industry),
    IndustryWordsChanged: (complete_industries,),
    VerdictGiven: (),
}
"""Event → reactions, in order. An event without a row here is a mistake that a test finds."""
