"""Sides of pairs in memory: what pairing needs of open listings, kept by document revision and rebuilt from SQL at will.

A cache and nothing more (law 10: what processes share is in SQL): every use first asks SQL which revisions are current. It
holds so many sides at most, and their vectors in a file; what does not fit is built again where it is used.
"""

import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Final, cast

import numpy as np
from sqlmodel import Session

from matching.content import Content, load
from matching.documents import Worded, as_registered, body_of, passages_of
from matching.model import ListingKind, TagState
from matching.pairing.sides import Indicator, IpRight, Op, Side
from matching.prints import Comparable
from matching.standings import Standing
from matching.surroundings import industry_lines, zone_codes
from matching.vector_file import VectorFile
from matching.vectors import VectorStore
from search.text import terms

MOST_HELD: Final = 100_000
"""Sides that are held at most, with what pairing has worked out of their words."""


class SideCache:
    """Thread safe. Holds sides of the audience `registered`: what both owners may read. Their vectors are in a file in
    `folder`, None for the system's own temporary one."""

    def __init__(self, vectors: VectorStore, folder: Path | None = None, *, most_held: int = MOST_HELD) -> None:
        self._vectors = vectors
        self._file = VectorFile(vectors.dimension, folder)
        self._most = most_held
        self._sides: dict[int, tuple[int, str, Side]] = {}
        """By listing id: document revision, recipe of the vectors, side."""
        self._order: list[int] = []
        """The ids in `_sides`, to choose one at random."""
        self._chance = np.random.default_rng(0)
        self._lock = threading.Lock()

    def sides(self, session: Session, wanted: Mapping[int, Standing], *, most: int | None = None) -> dict[int, Side]:
        """Listing id → side of those in `wanted`, as read in this session. A listing that is not embedded yet, or has changed
        since it was wanted, is left out: its own job brings it later. With `most`, no more than so many that are not held yet
        are built, newest first: for somebody who waits."""
        recipe = self._vectors.fingerprint
        held = self._held(wanted)
        fresh = self._build(session, {id_: wanted[id_] for id_ in _newest_first(wanted, held)[:most]})
        if self._vectors.fingerprint == recipe:
            self._hold(fresh, wanted, recipe)
        return held | fresh

    def blocks(
        self,
        read: Callable[[], AbstractContextManager[Session]],
        wanted: Mapping[int, Standing],
        size: int,
        *,
        most: int | None = None,
    ) -> Iterator[dict[int, Side]]:
        """What `sides` gives, so many at a time. SQL is read a block at a time, and not at all for what is held."""
        ids = list(wanted)
        if most is not None:
            held = self._held(wanted)
            built = set(_newest_first(wanted, held)[:most])
            ids = [id_ for id_ in ids if id_ in held or id_ in built]
            del held
        for start in range(0, len(ids), size):
            some = {id_: wanted[id_] for id_ in ids[start : start + size]}
            found = self._held(some)
            if len(found) < len(some):
                with read() as session:
                    found = self.sides(session, some)
            yield {id_: found[id_] for id_ in some if id_ in found}
            del found
            self._file.let_go()

    def _held(self, wanted: Mapping[int, Standing]) -> dict[int, Side]:
        recipe = self._vectors.fingerprint
        with self._lock:
            return {
                id_: entry[2]
                for id_, standing in wanted.items()
                if (entry := self._sides.get(id_)) and entry[:2] == (standing.document_revision, recipe)
            }

    def _hold(self, fresh: Mapping[int, Side], wanted: Mapping[int, Standing], recipe: str) -> None:
        """When there is no room, others go by chance: whoever goes through more sides than are held again and again would
        find none of them if the oldest went. So listings that were removed go in time, too."""
        with self._lock:
            for id_, side in fresh.items():
                if id_ not in self._sides:
                    if len(self._order) < self._most:
                        self._order.append(id_)
                    else:
                        at = int(self._chance.integers(len(self._order)))
                        del self._sides[self._order[at]]
                        self._order[at] = id_
                self._sides[id_] = (wanted[id_].document_revision, recipe, side)

    def _build(self, session: Session, wanted: Mapping[int, Standing]) -> dict[int, Side]:
        found = load(session, list(wanted)) if wanted else {}
        current = {id_: each for id_, each in found.items() if each.document_revision == wanted[id_].document_revision}
        return self._sides_of(session, current)

    def built(self, session: Session, ids: Sequence[int]) -> dict[int, Side]:
        """Listing id → side as published last, open or not, built anew; what has no vectors is left out."""
        return self._sides_of(session, load(session, ids)) if ids else {}

    def _sides_of(self, session: Session, found: Mapping[int, Content]) -> dict[int, Side]:
        contents = {id_: as_registered(content) for id_, content in found.items()}
        rows = self._vectors.stacked(session, {id_: passages_of(content)[1] for id_, content in contents.items()})
        lines, zones = industry_lines(session), zone_codes(session)
        return {id_: side_of(contents[id_], self._file.keep(each), lines, zones) for id_, each in rows}


def _newest_first(wanted: Mapping[int, Standing], held: Mapping[int, Side]) -> list[int]:
    """Those that are not held."""
    return sorted((id_ for id_ in wanted if id_ not in held), reverse=True)


def side_of(content: Content, vectors: np.ndarray, lines: Mapping[int, tuple[str, ...]], zones: Mapping[int, str]) -> Side:
    tags = content.used_industries
    return replace(
        written_side(content.public_id, content, vectors),
        industries=frozenset(tag.code for tag in tags),
        ancestors=frozenset(code for tag in tags for code in lines[tag.id]),
        confirmed=any(tag.state == TagState.CONFIRMED for tag in tags),
        trl=content.trl,
        modes=frozenset(content.modes),
        price=None if content.offer == (None, None) else content.offer,
        open_until=content.valid_until,
        wanted_by=content.wanted_by,
        city=content.organisation.city or None,
        zones=frozenset(zones[each] for each in content.zone_ids),
    )


def written_side(listing: str, words: Comparable, vectors: np.ndarray) -> Side:
    """What pairing reads in words, stored or not. `vectors` has a row a passage, the title's first."""
    title_terms, body_terms = _terms_of(words)
    return Side(
        listing=listing,
        kind="need" if words.kind == ListingKind.NEED else "result",
        title=words.title,
        title_terms=title_terms,
        body_terms=body_terms,
        title_vector=vectors[0],
        passage_vectors=vectors,
        indicators=tuple(
            Indicator(each.name, cast(Op, each.comparator), each.low, each.high, each.unit, each.evidence)
            for each in words.indicators
        ),
        ip=tuple(IpRight(each.kind, each.status, bool(each.number)) for each in words.ip),
    )


def _terms_of(content: Worded) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of the title, and those of the key words and the body."""
    return _shared(terms(content.title)), _shared(terms("\n".join((content.texts.get("keywords", ""), body_of(content)))))


def _shared(words: tuple[str, ...]) -> tuple[str, ...]:
    """Words that many listings hold are one object each: most of a side's memory is its words."""
    return tuple(map(sys.intern, words))
