"""What one job sets off in another: the whole list, run in the transaction of the job that said so."""

from collections.abc import Mapping, Sequence

from matching.events import ListingChanged, TextSubmitted, VerdictGiven, ZoneIndustryDecided
from matching.model import Listing, Zone
from matching.store.database import Reaction
from matching.store.unit import UnitOfWork


def index_listing(unit: UnitOfWork, happened: ListingChanged) -> None:
    """A new state of the document, and the job that brings it to the engine."""
    listing = unit.session.get_one(Listing, happened.listing_id)
    listing.document_revision += 1
    unit.session.add(listing)
    unit.enqueue("index", listing.public_id, lane=happened.lane)


def suggest_for_listing(unit: UnitOfWork, happened: TextSubmitted) -> None:
    listing = unit.session.get_one(Listing, happened.listing_id)
    unit.enqueue("suggest", listing.public_id, lane=happened.lane)


def match_zone(unit: UnitOfWork, happened: ZoneIndustryDecided) -> None:
    unit.enqueue("match_zone", unit.session.get_one(Zone, happened.zone_id).code, lane="bulk")


REACTIONS: Mapping[type, Sequence[Reaction]] = {
    ListingChanged: (index_listing,),
    TextSubmitted: (suggest_for_listing,),
    ZoneIndustryDecided: (match_zone,),
    VerdictGiven: (),
}
"""Event → reactions, in order. An event without a row here is a mistake that a test finds."""
