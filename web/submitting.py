"""Submitting a listing from any edge: what a zone has said goes back by itself goes back in the owner's language."""

from matching import listings, reviews
from matching.access import Actor
from matching.listing_rows import Saved
from matching.store.unit import UnitOfWork
from web import i18n, quality_view


def submit(unit: UnitOfWork, actor: Actor, public_id: str, *, seen_version: int | None = None, language: i18n.Language) -> Saved:
    """As `listings.submit`; whether it went back at once is in the listing's state."""
    made = listings.submit(unit, actor, public_id, seen_version=seen_version)
    with i18n.speaking(language):
        reviews.return_vague(unit, public_id, lambda content: quality_view.of_content(content).reasons)
    return made
