"""Sides of pairs in memory: what pairing needs of open listings, kept by document revision and rebuilt from SQL at will.

A cache and nothing more (law 10: what processes share is in SQL): every use first asks SQL which revisions are current.
"""

import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from matching.content import Content, load, restrict
from matching.documents import AUDIENCE_LAYERS, body_of, passages_of
from matching.model import Listing, ListingIndustry, ListingKind, ListingState, Organisation, TagState, ZoneIndustry
from matching.pairing.sides import Indicator, IpRight, Op, Side
from matching.projection import industry_lines, zone_codes
from matching.reference import ancestors_by_id, descendants
from matching.vectors import VectorStore
from search.text import terms


@dataclass(frozen=True, slots=True)
class Standing:
    """What is current of an open listing: the revision of its document, and of the words that others read."""

    document_revision: int
    published_revision: int


def open_listings(session: Session, kind: ListingKind, industry_id: int, *, zone_id: int | None = None) -> dict[int, Standing]:
    """Published listings in the industry (tagged with it or a descendant, rejected tags not counting) by id, in the order
    of their ids; with a zone, only those that belong to it by their owner or by address."""
    query = (
        select(Listing.id, Listing.document_revision, Listing.published_revision)
        .join(Organisation, col(Organisation.id) == col(Listing.organisation_id))
        .where(
            Listing.kind == kind,
            Listing.state == ListingState.PUBLISHED,
            col(Listing.id).in_(
                select(ListingIndustry.listing_id).where(
                    col(ListingIndustry.industry_id).in_(descendants(session, industry_id)),
                    ListingIndustry.state != TagState.REJECTED,
                )
            ),
        )
        .order_by(col(Listing.id))
    )
    if zone_id is not None:
        query = query.where(or_(col(Organisation.zone_id) == zone_id, col(Listing.addressed_zone_id) == zone_id))
    return {id_: Standing(document, published or 0) for id_, document, published in session.exec(query) if id_ is not None}


def open_ids(session: Session, kind: ListingKind, industry_id: int, *, zone_id: int | None = None) -> list[int]:
    """Ids of `open_listings`."""
    return list(open_listings(session, kind, industry_id, zone_id=zone_id))


def standings(session: Session, listing_ids: Sequence[int]) -> dict[int, Standing]:
    """What is current of these listings, by id."""
    found: dict[int, Standing] = {}
    for start in range(0, len(listing_ids), 500):
        query = select(Listing.id, Listing.document_revision, Listing.published_revision)
        rows = session.exec(query.where(col(Listing.id).in_(listing_ids[start : start + 500])))
        found.update({id_: Standing(document, published or 0) for id_, document, published in rows if id_ is not None})
    return found


def zones_of(session: Session, listing_ids: Sequence[int]) -> dict[int, set[int]]:
    """Listing id → the decided zones in whose field it stands (`open_listings`); absent where there are none."""
    active = session.exec(select(ZoneIndustry.zone_id, ZoneIndustry.industry_id).where(col(ZoneIndustry.active))).all()
    lines = ancestors_by_id(session)
    rows = session.execute(
        sa.select(
            col(Listing.id),
            col(Listing.kind),
            col(Organisation.zone_id),
            col(Listing.addressed_zone_id),
            col(ListingIndustry.industry_id),
        )
        .join(Organisation, col(Organisation.id) == col(Listing.organisation_id))
        .join(ListingIndustry, col(ListingIndustry.listing_id) == col(Listing.id))
        .where(
            col(Listing.id).in_(listing_ids),
            col(Listing.state) == ListingState.PUBLISHED,
            col(ListingIndustry.state) != TagState.REJECTED,
        )
    )
    found: dict[int, set[int]] = {}
    for id_, kind, owner_zone, addressed, industry_id in rows:
        for zone_id, wanted in active:
            if wanted in lines[industry_id] and (kind == ListingKind.RESULT or zone_id in (owner_zone, addressed)):
                found.setdefault(id_ or 0, set()).add(zone_id)
    return found


class Pool:
    """Thread safe. Holds sides of the audience `registered`: what both owners may read."""

    def __init__(self, vectors: VectorStore) -> None:
        self._vectors = vectors
        self._sides: dict[int, tuple[int, Side]] = {}
        self._lock = threading.Lock()

    def sides(self, session: Session, wanted: Mapping[int, Standing], *, most: int | None = None) -> dict[int, Side]:
        """Listing id → side of those in `wanted`, as read in this session. A listing that is not embedded yet is left out:
        its own job brings it later. With `most`, no more than so many that are not held yet are built, newest first: for
        somebody who waits."""
        with self._lock:
            held = {
                id_: entry[1]
                for id_, standing in wanted.items()
                if (entry := self._sides.get(id_)) and entry[0] == standing.document_revision
            }
        missing = sorted((id_ for id_ in wanted if id_ not in held), reverse=True)
        fresh = self._build(session, missing[:most])
        with self._lock:
            for id_, side in fresh.items():
                self._sides[id_] = (wanted[id_].document_revision, side)
        return held | fresh

    def _build(self, session: Session, ids: Sequence[int]) -> dict[int, Side]:
        if not ids:
            return {}
        layers = AUDIENCE_LAYERS["registered"]
        contents = {id_: restrict(content, layers) for id_, content in load(session, ids).items()}
        keys = {id_: passages_of(content)[1] for id_, content in contents.items()}
        vectors = self._vectors.stored(session, [key for each in keys.values() for key in each])
        lines, zones = industry_lines(session), zone_codes(session)
        return {
            id_: side_of(content, np.stack([vectors[key] for key in keys[id_]]), lines, zones)
            for id_, content in contents.items()
            if all(key in vectors for key in keys[id_])
        }


def side_of(content: Content, vectors: np.ndarray, lines: dict[int, tuple[str, ...]], zones: dict[int, str]) -> Side:
    """`vectors` has a row a passage, the title's first."""
    tags = content.used_industries
    return Side(
        listing=content.public_id,
        kind="need" if content.kind == ListingKind.NEED else "result",
        title=content.title,
        title_terms=_shared(terms(content.title)),
        body_terms=_shared(terms("\n".join((content.texts.get("keywords", ""), body_of(content))))),
        title_vector=vectors[0],
        passage_vectors=vectors,
        industries=frozenset(tag.code for tag in tags),
        ancestors=frozenset(code for tag in tags for code in lines[tag.id]),
        confirmed=any(tag.state == TagState.CONFIRMED for tag in tags),
        indicators=tuple(
            Indicator(each.name, cast(Op, each.comparator), each.low, each.high, each.unit, each.evidence)
            for each in content.indicators
        ),
        trl=content.trl,
        modes=frozenset(content.modes),
        price=None if content.offer == (None, None) else content.offer,
        ip=tuple(IpRight(each.kind, each.status, bool(each.number)) for each in content.ip),
        open_until=content.valid_until,
        wanted_by=content.wanted_by,
        city=content.organisation.city or None,
        zones=frozenset(zones[each] for each in content.zone_ids),
    )


def _shared(words: tuple[str, ...]) -> tuple[str, ...]:
    """Words that many listings hold are one object each: most of a side's memory is its words."""
    return tuple(map(sys.intern, words))
