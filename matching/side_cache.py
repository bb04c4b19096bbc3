"""Sides of pairs in memory: what pairing needs of open listings, kept by document revision and rebuilt from SQL at will.

A cache and nothing more (law 10: what processes share is in SQL): every use first asks SQL which revisions are current.
"""

import sys
import threading
from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
from sqlmodel import Session

from matching.content import Content, load, restrict
from matching.documents import AUDIENCE_LAYERS, Worded, body_of, passages_of
from matching.model import ListingKind, TagState
from matching.pairing.sides import Indicator, IpRight, Op, Side
from matching.standings import Standing
from matching.surroundings import industry_lines, zone_codes
from matching.vectors import VectorStore
from search.text import terms


class SideCache:
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
        fresh = self.built(session, missing[:most])
        with self._lock:
            for id_, side in fresh.items():
                self._sides[id_] = (wanted[id_].document_revision, side)
        return held | fresh

    def built(self, session: Session, ids: Sequence[int]) -> dict[int, Side]:
        """Listing id → side as published last, open or not, built anew; what has no vectors is left out."""
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


def side_of(content: Content, vectors: np.ndarray, lines: Mapping[int, tuple[str, ...]], zones: Mapping[int, str]) -> Side:
    """`vectors` has a row a passage, the title's first."""
    tags = content.used_industries
    title_terms, body_terms = terms_of(content)
    return Side(
        listing=content.public_id,
        kind="need" if content.kind == ListingKind.NEED else "result",
        title=content.title,
        title_terms=title_terms,
        body_terms=body_terms,
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


def terms_of(content: Worded) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of the title, and those of the key words and the body."""
    return _shared(terms(content.title)), _shared(terms("\n".join((content.texts.get("keywords", ""), body_of(content)))))


def _shared(words: tuple[str, ...]) -> tuple[str, ...]:
    """Words that many listings hold are one object each: most of a side's memory is its words."""
    return tuple(map(sys.intern, words))
