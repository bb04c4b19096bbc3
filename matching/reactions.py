"""What one job sets off in another: the whole list, run in the transaction of the job that said so."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching.events import ListingChanged, ListingsChanged, TextsSubmitted, TextSubmitted, VerdictGiven, ZoneIndustryDecided
from matching.model import Listing, Zone
from matching.store.database import Reaction
from matching.store.unit import UnitOfWork

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


def match_zone(unit: UnitOfWork, happened: ZoneIndustryDecided) -> None:
    unit.enqueue("match_zone", unit.session.get_one(Zone, happened.zone_id).code, lane="bulk")


REACTIONS: Mapping[type, Sequence[Reaction]] = {
    ListingChanged: (index_listing,),
    ListingsChanged: (index_listings,),
    TextSubmitted: (suggest_for_listing,),
    TextsSubmitted: (suggest_for_listings,),
    ZoneIndustryDecided: (match_zone,),
    VerdictGiven: (),
}
"""Event → reactions, in order. An event without a row here is a mistake that a test finds."""
