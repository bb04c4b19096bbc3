"""Where open listings stand: in the lanes of a zone, or in the pool of the needs that no zone has.

A place is a zone that matches in a field, or the pool. In a zone the needs are its firms' and those addressed to it, and the
results are everybody's; what is tagged with the field or a descendant of it is in the field, all else outside. In the pool
every need is matched in its own industries.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching.model import (
    Listing,
    ListingIndustry,
    ListingKind,
    ListingState,
    Match,
    MatchLane,
    Organisation,
    TagState,
    Zone,
)
from matching.reference import ancestors_by_id, descendants, tagged_with, zone_fields

POOL: Final = "*"
"""What a zone's code is to a zone. No zone's code has this sign."""
MOST_PAIRS: Final = 10_000_000
LEAST_RESULTS: Final = 1_000
"""A lane outside the industry looks at so many pairs at most, the newest results first, but at no fewer results than that."""
_CHUNK: Final = 500

_NEED: Final = col(Listing.kind) == ListingKind.NEED
_RESULT: Final = col(Listing.kind) == ListingKind.RESULT
_NO_ZONE: Final = (col(Organisation.zone_id).is_(None), col(Listing.addressed_zone_id).is_(None))


@dataclass(frozen=True, slots=True)
class Standing:
    """What is current of an open listing: the revision of its document, and of the words that others read."""

    document_revision: int
    published_revision: int


@dataclass(frozen=True, slots=True)
class Block:
    """Needs to be compared with results, by id in ascending order."""

    lane: MatchLane
    needs: Sequence[int]
    results: Sequence[int]


@dataclass(frozen=True, slots=True)
class Ground:
    """A place as of one snapshot. `zone_id` and `industry_id` are None in the pool."""

    place: str
    zone_id: int | None
    industry_id: int | None
    standings: Mapping[int, Standing]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Touched:
    """Places whose matches some listings may change: `near` where they stand in the field or are the place's own needs, `far`
    where they are results from outside it."""

    near: tuple[str, ...]
    far: tuple[str, ...]


def places(session: Session) -> list[str]:
    """All of them: the zones that match in a field, by their order, and the pool."""
    fields = zone_fields(session)
    rows = session.exec(select(Zone.code).where(col(Zone.id).in_(fields)).order_by(col(Zone.position), col(Zone.id)))
    return [*rows, POOL]


def ground(session: Session, place: str, *, only: int | None = None) -> Ground | None:
    """Who is compared with whom. None for a zone without a field. With `only`, that listing against the others."""
    if place == POOL:
        return _pool_ground(session, only)
    zone_id = session.exec(select(Zone.id).where(Zone.code == place)).first()
    industry_id = zone_fields(session).get(zone_id or 0)
    if zone_id is None or industry_id is None:
        return None
    in_field = tagged_with(descendants(session, industry_id))
    needs_in, needs_out = _open(session, in_field, only, _NEED, _belongs_to(zone_id))
    results_in, results_out = _open(session, in_field, only, _RESULT)
    blocks = (
        Block("industry", list(needs_in), list(results_in)),
        Block("outside_result", list(needs_in), _newest(results_out, len(needs_in))),
        Block("outside_need", list(needs_out), _newest(results_in | results_out, len(needs_out))),
    )
    return Ground(place, zone_id, industry_id, needs_in | needs_out | results_in | results_out, blocks)


def lane_needs(session: Session, zone_id: int, industry_id: int, lane: MatchLane) -> list[int]:
    """Ids of the needs that a zone matches in a lane."""
    in_field = tagged_with(descendants(session, industry_id))
    inside, outside = _open(session, in_field, None, _NEED, _belongs_to(zone_id))
    return list(outside if lane == "outside_need" else inside)


def count_results(session: Session, industry_id: int) -> int:
    """How many open results are in the industry."""
    query = select(sa.func.count()).select_from(Listing).where(tagged_with(descendants(session, industry_id)))
    return session.exec(query.where(Listing.kind == ListingKind.RESULT, Listing.state == ListingState.PUBLISHED)).one()


def is_in_pool() -> sa.ColumnElement[bool]:
    """SQL predicate on `Listing` joined with `Organisation`: an open need of an owner in no zone, addressed to none."""
    return sa.and_(_NEED, col(Listing.state) == ListingState.PUBLISHED, *_NO_ZONE)


_POOL_IDS: Final = (
    sa.select(col(Listing.id)).join(Organisation, col(Organisation.id) == col(Listing.organisation_id)).where(is_in_pool())
)


def standings(session: Session, listing_ids: Sequence[int]) -> dict[int, Standing]:
    """What is current of those of these listings that are open, by id."""
    found: dict[int, Standing] = {}
    for start in range(0, len(listing_ids), _CHUNK):
        query = select(Listing.id, Listing.document_revision, Listing.published_revision)
        query = query.where(col(Listing.id).in_(listing_ids[start : start + _CHUNK]), Listing.state == ListingState.PUBLISHED)
        found.update({id_: Standing(document, text or 0) for id_, document, text in session.exec(query) if id_ is not None})
    return found


def touched(session: Session, listing_ids: Sequence[int]) -> Touched:
    """Where these listings stand now and where they have matches from before."""
    near: set[int | None] = set()
    far: set[int | None] = set()
    for start in range(0, len(listing_ids), _CHUNK):
        chunk = listing_ids[start : start + _CHUNK]
        before = select(Match.zone_id, Match.lane, col(Match.need_id).in_(chunk)).distinct()
        for zone_id, lane, is_own in session.exec(
            before.where(sa.or_(col(Match.need_id).in_(chunk), col(Match.result_id).in_(chunk)))
        ):
            (near if is_own or lane == "industry" else far).add(zone_id)
        _add_standing(session, chunk, near, far)
    codes = dict(session.exec(select(Zone.id, Zone.code)).all())

    def named(ids: Collection[int | None]) -> tuple[str, ...]:
        return tuple(sorted(POOL if each is None else codes[each] for each in ids))

    return Touched(named(near), named(far - near))


def _add_standing(session: Session, ids: Sequence[int], near: set[int | None], far: set[int | None]) -> None:
    """The zones, None for the pool, in which open ones of these listings stand now."""
    fields, lines = zone_fields(session), ancestors_by_id(session)
    rows = session.exec(
        select(Listing.id, Listing.kind, Organisation.zone_id, Listing.addressed_zone_id)
        .join(Organisation, col(Organisation.id) == col(Listing.organisation_id))
        .where(col(Listing.id).in_(ids), Listing.state == ListingState.PUBLISHED)
    ).all()
    results = [id_ for id_, kind, _, _ in rows if kind == ListingKind.RESULT and id_ is not None]
    for _, kind, owner_zone, addressed in rows:
        if kind == ListingKind.NEED:
            own = {each for each in (owner_zone, addressed) if each is not None}
            near.update(own & fields.keys() if own else {None})
    if not results:
        return
    tags = _industries(session, results)
    tagged_in = {above for each in tags.values() for industry in each for above in lines[industry]}
    asking = _zones_with_needs(session)
    near.update(zone_id for zone_id, industry_id in fields.items() if industry_id in tagged_in and zone_id in asking)
    if any(tagged_in.intersection(each) for each in _industries(session, _POOL_IDS).values()):
        near.add(None)
    far.update(asking & fields.keys())


def _zones_with_needs(session: Session) -> set[int]:
    rows = session.exec(
        select(Organisation.zone_id, Listing.addressed_zone_id)
        .join(Listing, col(Listing.organisation_id) == col(Organisation.id))
        .where(Listing.kind == ListingKind.NEED, Listing.state == ListingState.PUBLISHED)
        .distinct()
    )
    return {each for row in rows for each in row if each is not None}


def _pool_ground(session: Session, only: int | None) -> Ground:
    """Every need against the results in each of its industries: a block an industry."""
    needs, _ = _open(session, sa.true(), None, is_in_pool())
    tags = _industries(session, _POOL_IDS)
    if only in needs:
        needs, tags = {only: needs[only]}, {only: tags.get(only, set())}
        only = None
    of_industry: dict[int, list[int]] = {}
    for need_id in needs:
        for industry_id in tags.get(need_id, ()):
            of_industry.setdefault(industry_id, []).append(need_id)
    found: dict[int, Standing] = dict(needs)
    blocks: list[Block] = []
    for industry_id, asking in sorted(of_industry.items()):
        results, _ = _open(session, sa.true(), only, _RESULT, tagged_with(descendants(session, industry_id)))
        found |= results
        blocks.append(Block("industry", asking, list(results)))
    return Ground(POOL, None, None, found, tuple(blocks))


def _belongs_to(zone_id: int) -> sa.ColumnElement[bool]:
    return sa.or_(col(Organisation.zone_id) == zone_id, col(Listing.addressed_zone_id) == zone_id)


def _open(
    session: Session, in_field: sa.ColumnElement[bool], only: int | None, *conditions: sa.ColumnElement[bool]
) -> tuple[dict[int, Standing], dict[int, Standing]]:
    """Open listings by id in ascending order: those for which `in_field` holds, and the others. `only` leaves out all others
    of its own kind."""
    query = (
        sa.select(col(Listing.id), col(Listing.document_revision), col(Listing.published_revision), in_field.label("in_field"))
        .join(Organisation, col(Organisation.id) == col(Listing.organisation_id))
        .where(col(Listing.state) == ListingState.PUBLISHED, *conditions)
        .order_by(col(Listing.id))
    )
    if only is not None:
        kind = select(Listing.kind).where(Listing.id == only).scalar_subquery()
        query = query.where(sa.or_(col(Listing.kind) != kind, col(Listing.id) == only))
    inside: dict[int, Standing] = {}
    outside: dict[int, Standing] = {}
    for id_, document, text, is_in in session.execute(query):
        (inside if is_in else outside)[id_] = Standing(document, text or 0)
    return inside, outside


def _industries(session: Session, listing_ids: Sequence[int] | sa.Select[int | None]) -> dict[int, set[int]]:
    """Listing id → the industries it is tagged with, confirmed or suggested."""
    rows = session.exec(
        select(ListingIndustry.listing_id, ListingIndustry.industry_id).where(
            col(ListingIndustry.listing_id).in_(listing_ids), ListingIndustry.state != TagState.REJECTED
        )
    )
    found: dict[int, set[int]] = {}
    for listing_id, industry_id in rows:
        found.setdefault(listing_id, set()).add(industry_id)
    return found


def _newest(results: Mapping[int, Standing], needs: int) -> list[int]:
    """The results that a lane outside the industry looks at."""
    most = max(LEAST_RESULTS, MOST_PAIRS // max(needs, 1))
    return sorted(results)[-most:]
