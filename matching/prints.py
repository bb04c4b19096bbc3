"""Fingerprints of listings in SQL: what is compared of one, and which revisions share a key with a text.

Keys are rows under a primary key that begins with the key: finding what may be like a text costs a few look-ups, whether a
thousand listings are stored or a hundred thousand. They are made of what signed-in users may read, so that nobody learns
of hidden words by what they are like.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching.access import AUDIENCE_LAYERS
from matching.content import Content, Indicator, IpRight, load
from matching.documents import Worded, indicator_text
from matching.likeness.words import Words, keys
from matching.model import Listing, ListingKind, ListingState, Note, PrintKey, Revision
from matching.model.fields import BY_CODE, passage_fields
from matching.store.database import Database
from matching.store.outbox import Claimed, settle
from matching.store.unit import UnitOfWork, insert_all

NOTE: Final = "prints"
VERSION: Final = "1"
"""Changes whenever `matching.likeness.words.keys` gives other keys: all are made anew then."""
ALL: Final = "all"
SLICE: Final = 500
_CHUNK: Final = 500
_FEW: Final = 3
"""Times as many as are wanted are looked up: some are of the other kind, withdrawn, or older words."""
_MOST_A_KEY: Final = 40
"""Revisions of one key that are looked at, the newest: where more are alike, some of them will do to say so."""


class Comparable(Worded, Protocol):
    """What can be compared: words with their layers, and rights."""

    @property
    def ip(self) -> tuple[IpRight, ...]: ...
    @property
    def layers(self) -> Mapping[str, str]: ...


def words_of(worded: Comparable) -> Words:
    """What is compared of a listing: of the fields that signed-in users may read."""

    def is_open(code: str) -> bool:
        return (worded.layers.get(code) or BY_CODE[code].layer.value) in AUDIENCE_LAYERS["registered"]

    rows = worded.indicators if is_open("indicators") else ()
    return Words(
        worded.title,
        tuple(worded.texts.get(each.code, "") for each in passage_fields(worded.kind) if is_open(each.code)),
        tuple((each.name, _values(each), each.unit, indicator_text(each)) for each in rows),
        frozenset(each.number for each in worded.ip if each.number) if is_open("ip") else frozenset(),
    )


def _values(indicator: Indicator) -> tuple[float, ...]:
    return tuple(dict.fromkeys(each for each in (indicator.low, indicator.high) if each is not None))


@dataclass(frozen=True, slots=True)
class Met:
    """A revision that shares keys with a text: one that others read, or the newest of its listing. `shared` says how many."""

    listing_id: int
    number: int
    is_published: bool
    shared: int


def meeting(
    session: Session, kind: ListingKind, wanted: Mapping[int, Sequence[int]], *, but: Collection[int] = (), limit: int = 20
) -> dict[int, list[Met]]:
    """Of any number of texts, named as the caller likes, with their keys: the revisions that share most keys with each, of
    listings that are not withdrawn nor among `but` (ids)."""
    askers: dict[int, list[int]] = {}
    for name, own in wanted.items():
        for key in own:
            askers.setdefault(key, []).append(name)
    shared: dict[int, Counter[int]] = {name: Counter() for name in wanted}
    found: dict[int, Met] = {}
    order = sorted(askers)
    for start in range(0, len(order), _CHUNK):
        for id_, sharing in _newest(session, order[start : start + _CHUNK]).items():
            for name in (each for key in sharing for each in askers[key]):
                shared[name][id_] += 1
    likely = {
        name: sorted(counts, key=lambda id_, counts=counts: (-counts[id_], id_))[: _FEW * limit]  # type: ignore[misc]  # bound early
        for name, counts in shared.items()
    }
    wanted_ids = sorted({id_ for ids in likely.values() for id_ in ids})
    for start in range(0, len(wanted_ids), _CHUNK):
        found |= _standing(session, kind, wanted_ids[start : start + _CHUNK], but)
    return {
        name: [replace(found[id_], shared=shared[name][id_]) for id_ in ids if id_ in found][:limit]
        for name, ids in likely.items()
    }


def _newest(session: Session, order: Sequence[int]) -> dict[int, list[int]]:
    """Revision → which of the keys it has, of the newest of each key. By the primary key alone, whatever is stored beside."""
    place = sa.func.row_number().over(partition_by=col(PrintKey.key), order_by=col(PrintKey.revision_id).desc()).label("place")
    ranked = sa.select(col(PrintKey.key), col(PrintKey.revision_id), place).where(col(PrintKey.key).in_(order)).subquery()
    found: dict[int, list[int]] = {}
    for key, id_ in session.execute(sa.select(ranked.c.key, ranked.c.revision_id).where(ranked.c.place <= _MOST_A_KEY)):
        found.setdefault(id_, []).append(key)
    return found


def _standing(session: Session, kind: ListingKind, ids: Sequence[int], but: Collection[int]) -> dict[int, Met]:
    """Those of the revisions that are read: of listings of the kind that are not withdrawn nor among `but`."""
    rows = session.execute(
        sa.select(
            col(Revision.id), col(Revision.listing_id), col(Revision.number), col(Listing.kind), col(Listing.state),
            col(Listing.revision), col(Listing.published_revision),
        )
        .join(Listing, col(Listing.id) == col(Revision.listing_id))
        .where(col(Revision.id).in_(ids))
    )  # fmt: skip
    return {
        id_: Met(listing, number, number == published and state == ListingState.PUBLISHED, 0)
        for id_, listing, number, its_kind, state, newest, published in rows
        if its_kind == kind and state != ListingState.WITHDRAWN and listing not in but and number in (newest, published)
    }


def put(session: Session, contents: Mapping[int, Content]) -> None:
    """The keys of these revisions (ids) in the place of what is stored of them."""
    session.execute(sa.delete(PrintKey).where(col(PrintKey.revision_id).in_(contents)))
    rows = [{"key": key, "revision_id": id_} for id_, content in contents.items() for key in keys(words_of(content))]
    insert_all(session, PrintKey, rows)


def old(session: Session, public_ids: Sequence[str]) -> list[int]:
    """Revisions (ids) of these listings that have keys and are neither published nor the newest: nobody is found by them."""
    query = (
        select(Revision.id)
        .join(Listing, col(Listing.id) == col(Revision.listing_id))
        .where(
            col(Listing.public_id).in_(public_ids),
            col(Revision.number) != col(Listing.revision),
            sa.func.coalesce(col(Listing.published_revision), 0) != col(Revision.number),
            sa.exists().where(col(PrintKey.revision_id) == col(Revision.id)),
        )
    )
    return [each for each in session.exec(query).all() if each is not None]


def drop(session: Session, revision_ids: Sequence[int]) -> None:
    session.execute(sa.delete(PrintKey).where(col(PrintKey.revision_id).in_(revision_ids)))


def ask(unit: UnitOfWork) -> None:
    """Where the keys were made by another version, or never: ask for all of them."""
    note = unit.session.get(Note, NOTE)
    if note is None or note.value != VERSION:
        unit.enqueue("prints", ALL, lane="bulk")


def work(database: Database, jobs: Sequence[Claimed]) -> None:
    """Make the keys of the next listings anew, and ask for the next slice; settle the jobs."""
    for job in jobs:
        after = job.payload.get("after", 0)
        with database.write() as unit:
            following = _slice(unit.session, after if isinstance(after, int) else 0)
            settle(unit.session, [job])
            if following is None:
                unit.session.merge(Note(key=NOTE, value=VERSION))
            else:
                unit.enqueue("prints", ALL, lane="bulk", payload={"after": following})
            unit.commit()


def _slice(session: Session, after: int) -> int | None:
    """Where to go on, None at the end."""
    rows = session.exec(select(Listing.id).where(col(Listing.id) > after).order_by(col(Listing.id)).limit(SLICE)).all()
    ids = [each for each in rows if each is not None]
    contents = (*load(session, ids, which="latest").values(), *load(session, ids).values())
    named = {(each.id, each.revision): each for each in contents}
    found = session.execute(
        sa.select(col(Revision.id), col(Revision.listing_id), col(Revision.number)).where(col(Revision.listing_id).in_(ids))
    )
    put(session, {id_: named[listing, number] for id_, listing, number in found if (listing, number) in named})
    return ids[-1] if len(ids) == SLICE else None
