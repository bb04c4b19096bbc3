"""Organisations in the search box: by their Chinese or English name, by pinyin and by initials, from SQL alone.

Found are those that today's rules name to the reader (`access.known`); nothing here depends on the index, and what the rows of
`completion` propose is decided anew.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col

from matching import completions
from matching.access import Actor, known, readable
from matching.discovery import Asked
from matching.model import Listing, ListingState, Organisation, Zone
from search.text import comparison_key, normalise, typed_keys

KIND: Final = "organisation"
"""Beside the kinds of listings, in an address."""
SHOWN: Final = 3
"""Above the hits."""
LONGEST: Final = 160
"""Characters; what is longer is no name but a description."""
_MOST_WORDS: Final = 5
_AS_READ: Final = 4
"""Lanes of `search.text.beginnings` from here on are initials."""
_SEPARATORS: Final = "-,.()&'/"
"""In English names."""


@dataclass(frozen=True, slots=True)
class OrganisationHit:
    """`kind` is a code of `organisation_kind`, `zone` a zone's code; `listings` counts the published ones that the reader may
    read."""

    id: int
    public_id: str
    name: str
    name_en: str
    kind: str
    city: str
    zone: str | None
    zone_id: int | None
    demo: bool
    listings: int


@dataclass(frozen=True, slots=True)
class OrganisationHits:
    """`total` is how many there are; `zones` and `kinds` how many with each value, under the other filter (empty where that was
    not asked for)."""

    items: tuple[OrganisationHit, ...] = ()
    total: int = 0
    zones: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)


def beside(session: Session, actor: Actor, asked: Asked) -> OrganisationHits:
    """The nearest `SHOWN` for what stands above the hits; nothing where the search is restricted by what only listings have.
    Where nothing was typed they are counted alone."""
    filters = asked.filters
    is_listings = (
        filters.industries
        or filters.without
        or filters.spans
        or set(filters.facets) - {"organisation_kind"}
        or asked.no_phrases
        or any(each.field for each in asked.phrases)
    )
    if is_listings:
        return OrganisationHits()
    found = _Search(session, actor, asked.words, asked)
    total = found.count()
    return OrganisationHits(found.page(0, SHOWN) if total and asked.words else (), total)


def alone(session: Session, actor: Actor, asked: Asked, *, offset: int, limit: int) -> OrganisationHits:
    """One page of organisations alone, all of them where nothing was typed. Of the filters the zone and the kind of
    organisation are theirs; the others say nothing of them."""
    named = next((each.piece.text for each in asked.parts if each.piece.field == KIND and not each.piece.negated), "")
    found = _Search(session, actor, asked.words or named, asked)
    zones = found.counts(col(Zone.code), zones=False)
    return OrganisationHits(found.page(offset, limit), found.count(), zones, found.counts(col(Organisation.kind), kinds=False))


class _Search:
    """One question to the table of organisations."""

    def __init__(self, session: Session, actor: Actor, text: str, asked: Asked) -> None:
        self._session = session
        self._actor = actor
        self._zones = asked.filters.zones
        self._kinds = asked.filters.facets.get("organisation_kind", frozenset())
        self._places = _places(actor, text)
        self._is_named = bool(text)

    def count(self) -> int:
        return int(self._session.execute(self._select(sa.func.count())).scalar_one())

    def counts(self, column: Any, *, zones: bool = True, kinds: bool = True) -> dict[str, int]:
        rows = self._session.execute(self._select(column, sa.func.count(), zones=zones, kinds=kinds).group_by(column)).all()
        return {code: count for code, count in rows if code is not None}

    def page(self, offset: int, limit: int) -> tuple[OrganisationHit, ...]:
        """The nearest first: by how it is meant, and then the shorter name, of which more was typed."""
        order: list[Any] = [col(Organisation.name_key), col(Organisation.id)]
        if self._places:
            place = sa.case(*((each, at) for at, each in enumerate(self._places)), else_=len(self._places))
            order = [place, sa.func.length(col(Organisation.name_key)), *order]
        rows = self._session.execute(
            self._select(
                col(Organisation.id), col(Organisation.public_id), col(Organisation.name), col(Organisation.name_en),
                col(Organisation.kind), col(Organisation.city), col(Zone.code), col(Organisation.zone_id), col(Organisation.demo),
                _listings(self._actor),
            ).order_by(*order).offset(offset).limit(limit)
        ).all()  # fmt: skip
        return tuple(OrganisationHit(*row) for row in rows)

    def _select(self, *columns: Any, zones: bool = True, kinds: bool = True) -> sa.Select[Any]:
        query = sa.select(*columns).select_from(Organisation).outerjoin(Zone, col(Zone.id) == col(Organisation.zone_id))
        query = query.where(known(self._actor))
        if self._is_named:
            query = query.where(sa.or_(sa.false(), *self._places))
        if zones and self._zones:
            query = query.where(col(Zone.code).in_(self._zones))
        if kinds and self._kinds:
            query = query.where(col(Organisation.kind).in_(self._kinds))
        return query


def _listings(actor: Actor) -> sa.ScalarSelect[int]:
    """How many published ones of an organisation the actor may read."""
    published = col(Listing.state) == ListingState.PUBLISHED
    own = col(Listing.organisation_id) == col(Organisation.id)
    return sa.select(sa.func.count()).where(own, published, readable(actor)).correlate(Organisation).scalar_subquery()


def _places(actor: Actor, text: str) -> list[sa.ColumnElement[bool]]:
    """What a name is found by, the nearest first: the whole name, its beginning, a part of it, all words of it, and where it
    can be begun as it is read, in full and by initials. Empty for what is no name."""
    begun = typed_keys(text) if len(text) <= LONGEST else ()
    if not begun:
        return []
    key = comparison_key(text)
    name = col(Organisation.name_key)
    whole, start, part = [name == key], [name.startswith(key, autoescape=True)], [name.contains(key, autoescape=True)]
    words = text.split()
    apart = [[name.contains(comparison_key(each), autoescape=True)] for each in words]
    if key.isascii():
        english, typed = _english(), _apart(text)
        whole.append(english == f" {typed} ")
        start.append(english.startswith(f" {typed}", autoescape=True))
        part.append(english.contains(f" {typed}", autoescape=True))
        for conditions, word in zip(apart, words, strict=True):
            conditions.append(english.contains(f" {_apart(word)}", autoescape=True))
    places = [sa.or_(*whole), sa.or_(*start), sa.or_(*part)]
    if 1 < len(words) <= _MOST_WORDS and all(map(comparison_key, words)):
        places.append(sa.and_(*(sa.or_(*each) for each in apart)))
    if not any(each[1:] != each[1:].lower() and each != each.upper() for each in words):  # SiC is not the pinyin of 四川
        for lanes in ([each for each in begun if each[0] < _AS_READ], [each for each in begun if each[0] >= _AS_READ]):
            if lanes:
                subjects = completions.subjects(actor, KIND, lanes)
                places.append(col(Organisation.public_id).in_(subjects))
    return places


def _english() -> sa.ColumnElement[str]:
    """The English name between spaces, its words with one space between them: as `_apart` gives what was typed."""
    text: sa.ColumnElement[str] = sa.func.lower(col(Organisation.name_en))
    for sign in _SEPARATORS:
        text = sa.func.replace(text, sign, " ")
    for _ in range(2):
        text = sa.func.replace(text, "  ", " ")
    return sa.literal(" ").concat(sa.func.trim(text)).concat(" ")


def _apart(text: str) -> str:
    return " ".join(re.sub(f"[{re.escape(_SEPARATORS)}]", " ", normalise(text)).split())
