"""Sides of pairs in memory: what pairing needs of open listings, kept by document revision and rebuilt from SQL at will.

A cache and nothing more (law 10: what processes share is in SQL): every use first asks SQL which revisions are current.
"""

import threading
from collections.abc import Iterable, Sequence
from typing import cast

import numpy as np
from sqlmodel import Session, col, or_, select

from matching.content import Content, load, restrict
from matching.documents import AUDIENCE_LAYERS, body_of, passages_of
from matching.model import Listing, ListingIndustry, ListingKind, ListingState, Organisation, TagState
from matching.pairing.sides import Indicator, IpRight, Op, Side
from matching.projection import industry_lines, zone_codes
from matching.reference import descendants
from matching.vectors import VectorStore
from search.text import terms


def open_ids(session: Session, kind: ListingKind, industry_id: int, *, zone_id: int | None = None) -> list[int]:
    """Ids of published listings in the industry (tagged with it or a descendant, rejected tags not counting); with a
    zone, only those that belong to it by their owner or by address."""
    query = (
        select(Listing.id)
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
    return [each for each in session.exec(query).all() if each is not None]


class Pool:
    """Thread safe. Holds sides of the audience `registered`: what both owners may read."""

    def __init__(self, vectors: VectorStore) -> None:
        self._vectors = vectors
        self._sides: dict[int, tuple[int, Side]] = {}
        self._lock = threading.Lock()

    def sides(self, session: Session, listing_ids: Sequence[int]) -> dict[int, Side]:
        """Listing id → side. A listing that is not embedded yet is left out: its own job brings it later."""
        revisions: dict[int, int] = {}
        for start in range(0, len(listing_ids), 500):
            rows = session.exec(
                select(Listing.id, Listing.document_revision).where(col(Listing.id).in_(listing_ids[start : start + 500]))
            ).all()
            revisions.update({id_: revision for id_, revision in rows if id_ is not None})
        with self._lock:
            held = {id_: entry[1] for id_ in revisions if (entry := self._sides.get(id_)) and entry[0] == revisions[id_]}
        fresh = self._build(session, [id_ for id_ in revisions if id_ not in held])
        with self._lock:
            for id_, side in fresh.items():
                self._sides[id_] = (revisions[id_], side)
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
    price = (content.price_min_fen, content.price_max_fen)
    return Side(
        listing=content.public_id,
        kind="need" if content.kind == ListingKind.NEED else "result",
        title=content.title,
        title_terms=terms(content.title),
        body_terms=terms("\n".join((content.texts.get("keywords", ""), body_of(content)))),
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
        price=None if price == (None, None) else price,
        ip=tuple(IpRight(each.kind, each.status, bool(each.number)) for each in content.ip),
        open_until=content.valid_until,
        wanted_by=content.wanted_by,
        city=content.organisation.city or None,
        zones=frozenset(zones[each] for each in content.zone_ids),
    )


def pick(sides: dict[int, Side], ids: Iterable[int]) -> list[Side]:
    """Sides in the order of `ids`, those not embedded yet left out."""
    return [sides[id_] for id_ in ids if id_ in sides]
