"""What is offered while somebody types: titles, organisations and industry words, as written, by pinyin and by initials.

Keys are rows (`matching.model.completions`), brought by the job that brings a listing's documents, and read by ranges on
their primary key: it costs the same for ten listings and for a million. They only propose: what is offered passed one
SELECT under today's access, so what is withdrawn or over by today is gone at once, whatever the rows still say.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, cast

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching.access import Actor, audience_of, readable
from matching.model import PUBLISHED_WORDS, Completion, Listing, ListingKind, ListingState, Note, Organisation, Revision
from matching.reference import industries
from matching.store.database import Database
from matching.store.outbox import Claimed, settle
from matching.store.unit import UnitOfWork, insert_all
from search.text import beginnings, typed_keys

NOTE: Final = "completions"
VERSION: Final = "1"
"""Changes whenever `search.text.beginnings` gives other keys: everything is brought anew then."""
ALL: Final = "all"
SLICE: Final = 500
LONGEST_TYPED: Final = 200
MOST: Final = {"industry": 3, "organisation": 3, "title": 6}
"""Of each kind, in the order in which they are offered."""
_CANDIDATES: Final = {"industry": 12, "organisation": 12, "title": 24}
"""Rows read in each lane: some are of one subject, some may not be seen."""
_CHUNK: Final = 500
_Kind = Literal["title", "organisation", "industry"]
_Keys = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`key` is the listing's or organisation's public id, or the industry's code. `beside` says whose it is: the owner of a
    listing, the city of an organisation, the name of the industry; `_en` where there is English for it. `listing` is a
    title's kind."""

    kind: _Kind
    key: str
    text: str
    text_en: str = ""
    beside: str = ""
    beside_en: str = ""
    listing: ListingKind | None = None


def suggest(session: Session, actor: Actor, typed: str, today: date) -> tuple[Suggestion, ...]:
    """At most `MOST` of each kind, the nearest first; nothing for less than one Han character or two letters."""
    prefixes = typed_keys(typed[:LONGEST_TYPED])
    if not prefixes:
        return ()
    scans = [
        sa.select(
            sa.select(col(Completion.kind), col(Completion.subject), col(Completion.lane), col(Completion.key))
            .where(_begun(actor, kind, lane, prefix))
            .order_by(col(Completion.key), col(Completion.subject))
            .limit(_CANDIDATES[kind])
            .subquery()
        )
        for kind in MOST
        for lane, prefix in prefixes
    ]
    near: dict[str, dict[str, tuple[int, int]]] = {kind: {} for kind in MOST}
    for kind, subject, lane, key in session.execute(sa.union_all(*scans)).all():
        near[kind][subject] = min(near[kind].get(subject, (lane, len(key))), (lane, len(key)))
    order = {kind: sorted(found, key=lambda each, found=found: (found[each], each)) for kind, found in near.items()}  # type: ignore[misc]  # bound early
    return (
        *_industries(session, order["industry"])[: MOST["industry"]],
        *_organisations(session, actor, order["organisation"], today)[: MOST["organisation"]],
        *_titles(session, actor, order["title"], today)[: MOST["title"]],
    )


def subjects(actor: Actor, kind: str, prefixes: Sequence[tuple[int, str]]) -> sa.Select[str]:
    """Subjects of a kind, to be decided on, that begin with one of these (lane, prefix), as `search.text.typed_keys` gives."""
    return sa.select(col(Completion.subject)).where(sa.or_(*(_begun(actor, kind, lane, prefix) for lane, prefix in prefixes)))


def _begun(actor: Actor, kind: str, lane: int, prefix: str) -> sa.ColumnElement[bool]:
    """SQL predicate on `Completion`: a range of its primary key, of what the actor's audience may read."""
    audiences = ("public",) if audience_of(actor) == "public" else ("public", "registered")
    return sa.and_(
        col(Completion.kind) == kind,
        col(Completion.lane) == lane,
        col(Completion.key) >= prefix,
        col(Completion.key) < prefix + "\U0010ffff",
        col(Completion.audience).in_(audiences),
    )


def open_to(actor: Actor, today: date) -> sa.ColumnElement[bool]:
    """SQL predicate on `Listing`: offered to the actor, as of today."""
    over = sa.and_(col(Listing.valid_until).is_not(None), col(Listing.valid_until) < today)
    return sa.and_(col(Listing.state) == ListingState.PUBLISHED, readable(actor), sa.not_(over))


def _titles(session: Session, actor: Actor, public_ids: Sequence[str], today: date) -> list[Suggestion]:
    rows = session.execute(
        sa.select(
            col(Listing.public_id), col(Listing.kind), col(Revision.title), col(Organisation.name), col(Organisation.name_en)
        )
        .join(Revision, PUBLISHED_WORDS)
        .join(Organisation, col(Organisation.id) == col(Listing.organisation_id))
        .where(col(Listing.public_id).in_(public_ids), open_to(actor, today))
    ).all()
    found = {row[0]: Suggestion("title", row[0], row[2], "", row[3], row[4], row[1]) for row in rows}
    return [found[each] for each in public_ids if each in found]


def _organisations(session: Session, actor: Actor, public_ids: Sequence[str], today: date) -> list[Suggestion]:
    named = sa.exists().where(col(Listing.organisation_id) == col(Organisation.id)).where(open_to(actor, today))
    rows = session.exec(select(Organisation).where(col(Organisation.public_id).in_(public_ids), named)).all()
    found = {row.public_id: Suggestion("organisation", row.public_id, row.name, row.name_en, row.city) for row in rows}
    return [found[each] for each in public_ids if each in found]


def _industries(session: Session, subjects: Sequence[str]) -> list[Suggestion]:
    """Words of industries that are offered; each word once, though several may have it."""
    nodes = {node.code: node for node in industries(session).values() if not node.retired} if subjects else {}
    found: dict[str, Suggestion] = {}
    for subject in subjects:
        code, _, word = subject.partition(":")
        node = nodes.get(code)
        if node is not None and word in (node.name, node.name_en):
            found.setdefault(node.name, Suggestion("industry", code, node.name, node.name_en))
        elif node is not None and word in node.keywords:
            found.setdefault(word, Suggestion("industry", code, word, "", node.name, node.name_en))
    return list(found.values())


def bring(database: Database, public_ids: Sequence[str]) -> int:
    """Make the keys of these listings and of their owners what their rows say; of those that are gone there are none.
    Returns for how many subjects something was written. Where all is right already, nothing is locked."""
    with database.read() as session:  # also makes the keys, which takes longest, before others have to wait
        if not _is_wrong(session, public_ids):
            return 0
    with database.write() as unit:
        listed, owners = _listed(unit.session, public_ids), _owners(unit.session, public_ids)
        written = _put(unit.session, "title", listed) + _put(unit.session, "organisation", owners)
        unit.commit()
    return written


def _is_wrong(session: Session, public_ids: Sequence[str]) -> bool:
    titles = _wrong(session, "title", _listed(session, public_ids))
    return bool(titles or _wrong(session, "organisation", _owners(session, public_ids)))


def bring_industries(unit: UnitOfWork) -> int:
    """The same for the words of all industries that are offered."""
    held = unit.session.exec(select(Completion.subject).where(Completion.kind == "industry").distinct()).all()
    wanted: dict[str, _Keys] = {subject: {} for subject in held}
    for node in industries(unit.session).values():
        if not node.retired:
            words = dict.fromkeys((node.name, node.name_en, *node.keywords))
            wanted |= {f"{node.code}:{word}": beginnings(word) for word in words}
    return _put(unit.session, "industry", wanted)


@dataclass(frozen=True, slots=True)
class Checked:
    """The id of the last listing looked at, None behind the last; and how many subjects were put right."""

    cursor: int | None
    repaired: int


def check(database: Database, after: int, *, size: int = SLICE) -> Checked:
    """Put right what is wrong with the keys of the next listings behind this id, and of their owners."""
    with database.read() as session:
        rows = session.exec(
            select(Listing.id, Listing.public_id).where(col(Listing.id) > after).order_by(col(Listing.id)).limit(size)
        ).all()
    repaired = bring(database, [public_id for _, public_id in rows])
    return Checked(rows[-1][0] if len(rows) == size else None, repaired)


def check_rest(database: Database) -> int:
    """The industries' words, and the keys of what is gone for good; then all is as `VERSION` says."""
    with database.write() as unit:
        session = unit.session
        repaired = bring_industries(unit)
        for kind, table in (("title", Listing), ("organisation", Organisation)):
            gone = session.exec(
                select(Completion.subject)
                .where(Completion.kind == kind, ~sa.exists().where(col(table.public_id) == col(Completion.subject)))
                .distinct()
            ).all()
            repaired += _put(session, cast(_Kind, kind), {subject: {} for subject in gone})
        session.merge(Note(key=NOTE, value=VERSION))
        unit.commit()
    return repaired


def check_all(database: Database) -> int:
    """Everything, slice by slice: for the gate. Returns how many subjects were put right."""
    checked, repaired = Checked(0, 0), 0
    while checked.cursor is not None:
        checked = check(database, checked.cursor)
        repaired += checked.repaired
    return repaired + check_rest(database)


def ask(unit: UnitOfWork) -> None:
    """Where the keys were made by another version, or never: ask for all of them."""
    note = unit.session.get(Note, NOTE)
    if note is None or note.value != VERSION:
        unit.enqueue("complete", ALL, lane="bulk")


def work(database: Database, jobs: Sequence[Claimed]) -> None:
    """Do these jobs and settle them: the words of the industries, or everything, of which a job is a slice and asks for the
    next."""
    for job in jobs:
        after, following = job.payload.get("after", 0), None
        if job.key == ALL:
            following = check(database, after if isinstance(after, int) else 0).cursor
            if following is None:
                check_rest(database)
        with database.write() as unit:
            if job.key != ALL:
                bring_industries(unit)
            settle(unit.session, [job])
            if following is not None:
                unit.enqueue("complete", ALL, lane="bulk", payload={"after": following})
            unit.commit()


def _listed(session: Session, public_ids: Sequence[str]) -> dict[str, _Keys]:
    found: dict[str, _Keys] = {each: {} for each in public_ids}
    for chunk in _chunks(public_ids):
        query = (
            select(Listing.public_id, Revision.title)
            .join(Revision, PUBLISHED_WORDS)
            .where(col(Listing.public_id).in_(chunk), Listing.state == ListingState.PUBLISHED)
        )
        rows = session.exec(query).all()
        found |= {public_id: beginnings(title) for public_id, title in rows}
    return found


def _owners(session: Session, public_ids: Sequence[str]) -> dict[str, _Keys]:
    """Keys by organisation: of those that own one of the listings, and something published, which names them."""
    found: dict[str, _Keys] = {}
    for chunk in _chunks(public_ids):
        named = sa.exists().where(
            col(Listing.organisation_id) == col(Organisation.id), col(Listing.state) == ListingState.PUBLISHED
        )
        owners = select(Listing.organisation_id).where(col(Listing.public_id).in_(chunk))
        query = select(Organisation, named).where(col(Organisation.id).in_(owners))
        for row, is_named in session.exec(query).all():
            found[row.public_id] = {**beginnings(row.name_en), **beginnings(row.name)} if is_named else {}
    return found


def _wrong(session: Session, kind: _Kind, wanted: Mapping[str, _Keys]) -> list[str]:
    """The subjects whose rows are not these keys."""
    held: dict[str, dict[str, int]] = {subject: {} for subject in wanted}
    for chunk in _chunks(list(wanted)):
        rows = session.exec(
            select(Completion.subject, Completion.key, Completion.lane).where(
                col(Completion.subject).in_(chunk), Completion.kind == kind
            )
        )
        for subject, key, lane in rows:
            held[subject][key] = lane
    return [subject for subject, keys in wanted.items() if held[subject] != keys]


def _put(session: Session, kind: _Kind, wanted: Mapping[str, _Keys]) -> int:
    wrong = _wrong(session, kind, wanted)
    for chunk in _chunks(wrong):
        session.execute(sa.delete(Completion).where(col(Completion.subject).in_(chunk), col(Completion.kind) == kind))
    insert_all(
        session,
        Completion,
        [
            {"kind": kind, "lane": lane, "key": key, "subject": subject, "audience": "public"}
            for subject in wrong
            for key, lane in wanted[subject].items()
        ],
    )
    return len(wrong)


def _chunks(values: Collection[str] | Sequence[str]) -> Iterable[list[str]]:
    every = list(values)
    return (every[start : start + _CHUNK] for start in range(0, len(every), _CHUNK))
