"""Exact hits: a number, a title or an owner's name typed as a whole; from SQL, under the filters and the reader's layers."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from matching.access import Actor, readable, readable_layers
from matching.content import Content, load, restrict
from matching.discovery.asking import Asked
from matching.documents import attributes_of, name_key, numbers_of, signs_of, texts_of
from matching.model import PUBLISHED_WORDS, Listing, ListingState, Organisation, Revision, RevisionIp
from matching.surroundings import Surroundings, read_surroundings
from search.ports import Interval, Phrase
from search.text import number_key

MOST: int = 50


def exact_hits(session: Session, actor: Actor, asked: Asked) -> list[str]:
    """Public ids: numbers and titles first, then what its owner has, the newest first. What the reader may not see of a
    listing (a number on another layer) does not find it, and whatever the filters leave out stays out."""
    text = asked.exact
    key, number = name_key(text), number_key(text)
    if not key:
        return []
    ids = session.exec(_candidates(actor, text, key, number)).all()
    if not ids:
        return []
    layers = readable_layers(actor)
    seen = [restrict(each, layers) for each in load(session, [id_ for id_ in ids if id_ is not None]).values()]
    around = read_surroundings(session) if asked.restricts else Surroundings()
    ranked = [(place, each) for each in seen if (place := _place(each, key, number)) is not None and fits(asked, each, around)]
    ranked.sort(key=lambda pair: (pair[0], -pair[1].published_at.timestamp() if pair[1].published_at else 0.0, pair[1].id))
    return [each.public_id for _, each in ranked]


def _candidates(actor: Actor, text: str, key: str, number: str) -> SelectOfScalar[int | None]:
    rights = select(RevisionIp.revision_id).where(RevisionIp.number_key == number)
    conditions: list[sa.ColumnElement[bool]] = [
        col(Listing.number) == text.upper(),
        col(Revision.title_key) == key,
        col(Organisation.name_key) == key,
        *([col(Revision.id).in_(rights)] if number else []),
    ]
    # Each by its own index: of conditions on several tables between ORs a database reads all listings.
    owners = select(Organisation.id).where(Organisation.name_key == key)
    by_index = [
        sa.select(col(Listing.id)).where(col(Listing.number) == text.upper()),
        sa.select(col(Listing.id)).where(col(Listing.organisation_id).in_(owners)),
        sa.select(col(Revision.listing_id)).where(col(Revision.title_key) == key),
        *([sa.select(col(Revision.listing_id)).where(col(Revision.id).in_(rights))] if number else []),
    ]
    return (
        select(col(Listing.id))
        .join(Revision, PUBLISHED_WORDS)
        .join(Organisation, col(Organisation.id) == col(Listing.organisation_id))
        .where(
            col(Listing.id).in_(sa.union(*by_index)), readable(actor), Listing.state == ListingState.PUBLISHED, or_(*conditions)
        )
        .order_by(col(Listing.published_at).desc(), col(Listing.id))
        .limit(MOST)
    )


def _place(seen: Content, key: str, number: str) -> int | None:
    """0 for a number or title, 1 for an owner's name, None where the reader sees neither."""
    if name_key(seen.title) == key or (number and number in map(number_key, numbers_of(seen))):
        return 0
    return 1 if key == name_key(seen.organisation.name) else None


def fits(asked: Asked, seen: Content, around: Surroundings) -> bool:
    """Whether an engine would let it through: the same rules, for the few that are looked up."""
    if not asked.restricts:
        return True
    attributes, filters = attributes_of(seen, around), asked.filters
    wanted = {"kind": asked.kinds, "zone": filters.zones, "industry": filters.industries, **filters.facets}
    held = attributes.values
    if any(values and not values & held.get(name, frozenset()) for name, values in wanted.items()):
        return False
    if any(values & held.get(name, frozenset()) for name, values in filters.without.items()):
        return False
    if not all(name in attributes.spans and _meets(attributes.spans[name], each) for name, each in filters.spans.items()):
        return False
    if not (asked.phrases or asked.no_phrases):
        return True
    signs = signs_of(texts_of(seen), numbers_of(seen))

    def holds(phrase: Phrase) -> bool:
        texts: Sequence[tuple[str, ...]] = [signs[phrase.field]] if phrase.field else list(signs.values())
        size = len(phrase.signs)
        return any(text[at : at + size] == phrase.signs for text in texts for at in range(len(text) - size + 1))

    return all(map(holds, asked.phrases)) and not any(map(holds, asked.no_phrases))


def _meets(own: tuple[float, float], asked: Interval) -> bool:
    low, high = asked
    return (low is None or own[1] >= low) and (high is None or own[0] <= high)
