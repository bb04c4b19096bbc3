"""Listings that may be the same matter written twice: found, shown to who may decide, and never merged by themselves.

Texts are compared by what signed-in users may read of them. Of others' entries a reader is told only what he may read today:
the published words of open ones, and of what his own organisation or zone is in charge of, the newest.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching import access, prints
from matching.access import SYSTEM, Actor
from matching.content import Content, load
from matching.documents import as_registered, passages_of
from matching.errors import FieldError, InvalidInput, NotFound, SignInNeeded
from matching.likeness.verdict import Differences, Measures, differences, measure
from matching.likeness.words import keys
from matching.model import Listing, ListingState, Organisation, Person, Twin, TwinState
from matching.prints import Comparable, Met, words_of
from matching.store.database import Database
from matching.store.unit import UnitOfWork
from matching.typed_text import shown
from matching.vectors import Key, VectorStore
from search.ports import Matrix

MOST: Final = 5
"""So many are shown beside an entry, the likest."""
_LOOKED_AT: Final = 12
_OWN: Final = 0
"""Stands for the words that others are looked for, where others go by their id."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said, who and when."""

    state: TwinState
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Alike:
    """An entry much like another one, as the reader may read it. `decision` is None while nobody has decided."""

    content: Content
    measures: Measures
    differences: Differences
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class TwinPair:
    """Two entries side by side. `may_write` names (public ids) those of them that the reader may edit and withdraw; where it is
    empty he may not decide either."""

    first: Content
    second: Content
    measures: Measures
    differences: Differences
    decision: Decision | None
    may_write: frozenset[str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Two open entries that somebody has to decide on."""

    first: Content
    second: Content
    percent: int
    found_at: datetime


def visible(session: Session, actor: Actor, met: Sequence[Met]) -> dict[int, Content]:
    """Listing id → the words by which the reader may know of it and that are compared, of listings that were met."""
    numbers: dict[int, set[int]] = {}
    for each in met:
        numbers.setdefault(each.listing_id, set()).add(each.number)
    ids = list(numbers)
    newest: set[int] = set()
    rows = {row.id or 0: row for row in session.exec(select(Listing).where(col(Listing.id).in_(ids)))}
    for id_, row in rows.items():
        if row.revision in numbers[id_] and row.revision != row.published_revision and _is_inside(session, actor, row):
            newest.add(id_)
    open_ones = {
        id_ for id_, row in rows.items() if row.state == ListingState.PUBLISHED and row.published_revision in numbers[id_]
    }
    closed = {id_ for id_, row in rows.items() if id_ not in newest | open_ones and _is_inside(session, actor, row)}
    contents = load(session, newest | closed, which="latest") | load(session, open_ones - newest)
    return {id_: as_registered(content) for id_, content in contents.items()}


def _is_inside(session: Session, actor: Actor, row: Listing) -> bool:
    """Whether the reader may read what is not published of it."""
    zones = access.zones_in_charge(session, row)
    may = access.is_allowed(actor, "listing.read_unpublished", organisation_id=row.organisation_id, zones=zones)
    return may and (row.demo or not actor.demo)


def find(
    session: Session,
    actor: Actor,
    worded: Comparable,
    *,
    but: Collection[int] = (),
    vectors: VectorStore | None = None,
    only_open: bool = False,
) -> tuple[tuple[Content, Measures], ...]:
    """Entries of the same kind much like these words, the likest first, at most `MOST`; `but` are ids that are not looked at.
    With `vectors`, those that SQL holds are weighed, too; `only_open` looks at published words alone."""
    own = words_of(worded)
    met = prints.meeting(session, worded.kind, {_OWN: keys(own)}, but=but, limit=_LOOKED_AT)[_OWN]
    contents = visible(session, actor, [each for each in met if each.is_published or not only_open])
    rows: dict[int, Matrix] = {}
    if vectors is not None and contents:
        bodies = {_OWN: _body(worded)} | {id_: _body(content) for id_, content in contents.items()}
        rows = dict(vectors.stacked(session, bodies))
    found: list[tuple[float, Content, Measures]] = []
    for id_, content in contents.items():
        both = (rows[_OWN], rows[id_]) if _OWN in rows and id_ in rows else None
        measures = measure(own, words_of(content), both)
        if measures.is_near:
            found.append((-measures.odds(), content, measures))
    found.sort(key=lambda each: (each[0], each[1].id))
    return tuple((content, measures) for _, content, measures in found[:MOST])


def _body(worded: Comparable) -> Sequence[Key]:
    """What is embedded of the body; of the title where there is no body."""
    wanted = passages_of(worded)[1]
    return wanted[1:] or wanted


def alike(session: Session, actor: Actor, content: Content) -> tuple[Alike, ...]:
    """What is much like a stored entry, with what was decided before; what was called different comes last."""
    compared = as_registered(content)
    decided = _decisions(session, content.id)
    found = [
        Alike(other, measures, differences(words_of(compared), words_of(other)), decided.get(other.id))
        for other, measures in find(session, actor, compared, but=(content.id,))
    ]
    found.sort(key=lambda each: each.decision is not None and each.decision.state == TwinState.DIFFERENT)
    return tuple(found)


def undecided(session: Session, actor: Actor, worded: Comparable, *, listing: str | None = None) -> tuple[Alike, ...]:
    """What is much like words that are about to be posted, as a new entry or as newer words of `listing`, without what a
    person has decided on. Nothing for a visitor."""
    if actor.is_visitor:
        return ()
    own = session.exec(select(Listing.id).where(Listing.public_id == listing)).first() if listing else None
    decided = _decisions(session, own) if own else {}
    words = words_of(worded)
    return tuple(
        Alike(other, measures, differences(words, words_of(other)))
        for other, measures in find(session, actor, worded, but=(own,) if own else ())
        if other.id not in decided
    )


def _decisions(session: Session, listing_id: int) -> dict[int, Decision]:
    """The other's id → what was said of both."""
    rows = session.execute(
        sa.select(col(Twin.first_id), col(Twin.second_id), col(Twin.state), col(Twin.decided_at), col(Person.name))
        .outerjoin(Person, col(Person.id) == col(Twin.decided_by_id))
        .where(sa.or_(col(Twin.first_id) == listing_id, col(Twin.second_id) == listing_id), col(Twin.state) != TwinState.OPEN)
    )
    return {first + second - listing_id: Decision(state, who or "", at) for first, second, state, at, who in rows}


def pair(session: Session, actor: Actor, one: str, other: str) -> TwinPair:
    """Raises `SignInNeeded`, `NotFound` where the reader may not know of one of them or they are not of a kind."""
    if actor.is_visitor:
        raise SignInNeeded()
    rows = _both(session, one, other)
    contents = {row.public_id: _content(session, actor, row) for row in rows}
    first, second = contents[one], contents[other]
    a, b = words_of(first), words_of(second)
    may_write = frozenset(row.public_id for row in rows if _may_write(session, actor, row))
    decision = _decisions(session, first.id).get(second.id)
    return TwinPair(first, second, measure(a, b), differences(a, b), decision, may_write)


def _both(session: Session, one: str, other: str) -> Sequence[Listing]:
    rows = session.exec(select(Listing).where(col(Listing.public_id).in_((one, other))).order_by(col(Listing.id))).all()
    if len(rows) != 2 or rows[0].kind != rows[1].kind:
        raise NotFound(kind="listing")
    return rows


def _content(session: Session, actor: Actor, row: Listing) -> Content:
    inside = _is_inside(session, actor, row)
    if row.state != ListingState.PUBLISHED and not inside:
        raise NotFound(kind="listing")
    content = load(session, [row.id or 0], which="latest" if inside else "published")[row.id or 0]
    return as_registered(content)


def _may_write(session: Session, actor: Actor, row: Listing) -> bool:
    zones = access.zones_in_charge(session, row)
    may = access.is_allowed(actor, "twin.decide", organisation_id=row.organisation_id, zones=zones)
    return may and (row.demo or not actor.demo)


def decide(unit: UnitOfWork, actor: Actor, one: str, other: str, state: str) -> None:
    """Say that two entries are the `same` matter or `different` ones. It is remembered, and can be said otherwise later;
    neither entry is changed.

    Raises `SignInNeeded`, `NotFound`, `MayNot` for who may edit neither, `InvalidInput` for another state.
    """
    session = unit.session
    if state not in (TwinState.SAME, TwinState.DIFFERENT):
        raise InvalidInput(FieldError("state", "unknown_code", {"value": shown(state)}))
    found = pair(session, actor, one, other)
    rows = _both(session, one, other)
    if not found.may_write:
        access.require(actor, "twin.decide", organisation_id=0, zones=())
        access.require_mark(actor, "twin.decide", demo=all(row.demo for row in rows))
        raise NotFound(kind="listing")
    first, second = rows
    held = session.exec(select(Twin).where(Twin.first_id == first.id, Twin.second_id == second.id)).first() or Twin(
        first_id=first.id or 0, second_id=second.id or 0, state=TwinState.OPEN, found_at=unit.now()
    )
    held.state, held.percent = TwinState(state), found.measures.percent
    held.decided_by_id, held.decided_at = actor.person_id, unit.now()
    session.add(held)
    unit.audit(actor.public_id, "twin.decide", "listing", first.public_id, other=second.public_id, state=state)


def waiting(session: Session, actor: Actor, *, offset: int = 0, limit: int = 20) -> tuple[tuple[Waiting, ...], int]:
    """Pairs of open entries that nobody has decided on, the newest first, and how many there are: of the reader's own entries
    and of those his zones are in charge of; administrators see all. Raises `SignInNeeded`, `MayNot`."""
    access.require(actor, "twin.decide", organisation_id=min(actor.organisations, default=None), zones=actor.staff_zones)
    query = _open_pairs()
    if not (actor.is_administrator or actor.is_system):
        own = (
            sa.select(col(Listing.id))
            .join(Organisation, col(Organisation.id) == col(Listing.organisation_id))
            .where(sa.or_(col(Listing.organisation_id).in_(actor.organisations), access.in_charge(session, actor.staff_zones)))
        )
        query = query.where(sa.or_(col(Twin.first_id).in_(own), col(Twin.second_id).in_(own)))
    if actor.demo:
        shown_to = sa.select(col(Listing.id)).where(col(Listing.demo))
        query = query.where(col(Twin.first_id).in_(shown_to), col(Twin.second_id).in_(shown_to))
    total = session.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
    rows = session.execute(query.order_by(col(Twin.found_at).desc(), col(Twin.id).desc()).offset(offset).limit(limit)).all()
    contents = load(session, [id_ for row in rows for id_ in row[:2]])
    shown_as = {id_: as_registered(content) for id_, content in contents.items()}
    items = (
        Waiting(shown_as[first], shown_as[second], percent, at)
        for first, second, percent, at, _ in rows
        if first in shown_as and second in shown_as
    )
    return tuple(items), total


def _open_pairs() -> sa.Select[int, int, int, datetime, int | None]:
    published = sa.select(col(Listing.id)).where(col(Listing.state) == ListingState.PUBLISHED)
    columns = (col(Twin.first_id), col(Twin.second_id), col(Twin.percent), col(Twin.found_at), col(Twin.id))
    return sa.select(*columns).where(
        col(Twin.state) == TwinState.OPEN, col(Twin.first_id).in_(published), col(Twin.second_id).in_(published)
    )


def bring(database: Database, vectors: VectorStore, public_ids: Sequence[str]) -> int:
    """Look for what is much like these open listings, with the vectors that SQL holds by now, and keep as open pairs what
    nobody decided on; open pairs that are not alike any more go. Returns how many pairs were written or dropped."""
    with database.read() as session:
        wanted = _found(session, vectors, public_ids)
        held = _held(session, wanted)
        old = prints.old(session, public_ids)
    pairs = _flat(wanted)
    fresh = {each: percent for each, percent in pairs.items() if each not in held}
    whole = {id_ for id_, others in wanted.items() if len(others) < MOST}
    gone = [
        id_ for each, (id_, state) in held.items() if state == TwinState.OPEN and each not in pairs and whole.intersection(each)
    ]
    if not (fresh or gone or old):
        return 0
    with database.write() as unit:
        prints.drop(unit.session, old)
        unit.session.execute(sa.delete(Twin).where(col(Twin.id).in_(gone), col(Twin.state) == TwinState.OPEN))
        again = _held(unit.session, wanted)
        unit.session.add_all(
            Twin(first_id=first, second_id=second, state=TwinState.OPEN, percent=percent, found_at=unit.now())
            for (first, second), percent in fresh.items()
            if (first, second) not in again
        )
        unit.commit()
    return len(fresh) + len(gone)


def _found(session: Session, vectors: VectorStore, public_ids: Sequence[str]) -> dict[int, dict[int, int]]:
    """Listing id → others' ids, with how much of the words is the same."""
    rows = session.exec(
        select(Listing.id).where(col(Listing.public_id).in_(public_ids), Listing.state == ListingState.PUBLISHED)
    ).all()
    contents = load(session, [each for each in rows if each is not None])
    return {
        id_: {
            other.id: measures.percent
            for other, measures in find(session, SYSTEM, as_registered(content), but=(id_,), vectors=vectors, only_open=True)
        }
        for id_, content in contents.items()
    }


def _flat(wanted: Mapping[int, Mapping[int, int]]) -> dict[tuple[int, int], int]:
    return {(min(one, other), max(one, other)): n for one, others in wanted.items() for other, n in others.items()}


def _held(session: Session, wanted: Collection[int]) -> dict[tuple[int, int], tuple[int, TwinState]]:
    rows = session.execute(
        sa.select(col(Twin.first_id), col(Twin.second_id), col(Twin.id), col(Twin.state)).where(
            sa.or_(col(Twin.first_id).in_(wanted), col(Twin.second_id).in_(wanted))
        )
    )
    return {(first, second): (id_, state) for first, second, id_, state in rows}
