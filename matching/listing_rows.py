"""Writing the rows of a listing: found under access, moved by the machine, its words inserted as a new revision.

What `listings` and `reviews` share. Nothing here commits.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from matching import access, stages
from matching import listing_values as values
from matching.access import Actor
from matching.content import Content, load
from matching.drafts import KnownCodes, ListingDraft, from_content, known_codes, validate
from matching.errors import IllegalMove, MayNot, NotFound, SignInNeeded, StaleRevision, ZoneMatchError
from matching.model import (
    Contact,
    Listing,
    ListingIndustry,
    ListingState,
    Organisation,
    Revision,
    TagState,
)
from matching.store.unit import UnitOfWork
from matching.tagging import Suggestion

_CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class Saved:
    """What a write made of the listing. `version` is what the next form has seen."""

    public_id: str
    number: str | None
    state: ListingState
    version: int
    revision: int


def saved(listing: Listing) -> Saved:
    return Saved(listing.public_id, listing.number, listing.state, listing.version, listing.revision)


def for_write(
    unit: UnitOfWork, actor: Actor, public_id: str, action: str, seen_version: int | None
) -> tuple[Listing, Organisation]:
    """The listing and its owner, locked where the database locks rows, if the actor may do `action` to it.

    Raises `SignInNeeded`, `NotFound` (also for what the actor may not know of), `MayNot`, `StaleRevision`. Without a
    seen version nothing is compared.
    """
    if actor.is_visitor:
        raise SignInNeeded()
    session = unit.session
    listing = session.exec(select(Listing).where(Listing.public_id == public_id).with_for_update()).first()
    if listing is None:
        raise NotFound(kind="listing")
    owner = session.get_one(Organisation, listing.organisation_id)
    zones = access.zones_in_charge(session, listing)
    may_know = listing.state == ListingState.PUBLISHED or (
        access.is_allowed(actor, "listing.read_unpublished", organisation_id=owner.id, zones=zones)
        and (listing.demo or not actor.demo)
    )
    if not may_know:
        raise NotFound(kind="listing")
    access.require(actor, action, organisation_id=owner.id, zones=zones)
    access.require_mark(actor, action, demo=listing.demo)
    if seen_version is not None and seen_version != listing.version:
        raise StaleRevision(seen=seen_version, current=listing.version)
    return listing, owner


def action_of(move: str) -> str:
    """The access action that a move of the listing machine needs."""
    return stages.LISTING.move(move).action


def refusal(session: Session, actor: Actor, listing: Listing, move: str) -> ZoneMatchError | None:
    """Why the actor, whom the access table lets, cannot make this move now; None when he can. Pages offer by it, too.

    A text that was not submitted is published only by whoever wrote it: an owner's draft is not the staff's to publish.
    """
    nothing_new = listing.state == ListingState.PUBLISHED and listing.revision == listing.published_revision
    starts_here = any(each.name == move for each in stages.LISTING.open_moves(listing.state.value))
    waits = is_waiting(listing)
    if not starts_here or (move in ("submit", "publish") and nothing_new) or (move == "send_back" and not waits):
        return IllegalMove(move=move, state=listing.state.value)
    if move == "publish" and not waits and not _wrote_latest(session, actor, listing):
        return MayNot(action=action_of(move))
    return None


def target(session: Session, actor: Actor, listing: Listing, move: str) -> ListingState:
    """Where the move leads. Raises `IllegalMove` or `MayNot` (`refusal`)."""
    refused = refusal(session, actor, listing, move)
    if refused is not None:
        raise refused
    return ListingState(stages.LISTING.target(move, listing.state.value))


def is_waiting(listing: Listing) -> bool:
    """Whether a text of it waits for the staff: `submitted_at` is set from submission until somebody decides."""
    return listing.submitted_at is not None and listing.state in (ListingState.SUBMITTED, ListingState.PUBLISHED)


def _wrote_latest(session: Session, actor: Actor, listing: Listing) -> bool:
    """Whether the newest words are the actor's own; the system's are whatever it writes down for others."""
    if actor.is_system:
        return True
    author = session.exec(
        select(Revision.created_by_id).where(Revision.listing_id == listing.id, Revision.number == listing.revision)
    ).one()
    return author is not None and author == actor.person_id


def touch(unit: UnitOfWork, listing: Listing) -> None:
    """Raise the version: every form that shows the older one is stale."""
    listing.version += 1
    listing.updated_at = unit.now()
    unit.session.add(listing)
    unit.session.flush()


def latest(session: Session, listing: Listing) -> Content:
    """Its newest words, published or not."""
    session.flush()
    return load(session, [listing.id or 0], which="latest")[listing.id or 0]


def require_complete(unit: UnitOfWork, listing: Listing, known: KnownCodes | None = None) -> None:
    """Raises `InvalidInput` unless its newest words are fit for others to read, by today's rules; codes that were retired
    since they were written stay."""
    known = known or known_codes(unit.session)
    draft = from_content(latest(unit.session, listing), known)
    validate(draft, known.keeping(draft), unit.today(), submit=True)


def insert_revision(unit: UnitOfWork, actor: Actor, listing: Listing, draft: ListingDraft, known: KnownCodes) -> None:
    """`draft`, already validated, as revision `listing.revision`."""
    session = unit.session
    revision = Revision(**values.revision(actor, listing.id or 0, listing.revision, draft, known, unit.now()))
    session.add(revision)
    session.flush()
    session.add_all(table(**row) for table, row in values.below_revision(revision.id or 0, draft))


def decide_tags(
    unit: UnitOfWork,
    actor: Actor,
    listing: Listing,
    owner: Organisation,
    *,
    confirmed: Collection[int],
    rejected: Collection[int],
) -> bool:
    """Set the state of these industries (ids); others stay. False when all of it was so before."""
    session = unit.session
    rows = {row.industry_id: row for row in session.exec(_tags_of(listing)).all()}
    changed = False
    for industries, state in ((confirmed, TagState.CONFIRMED), (rejected, TagState.REJECTED)):
        for at, industry_id in enumerate(industries):
            row = rows.get(industry_id)
            if row is not None and row.state == state:
                continue
            if row is None:
                # Who names several names the main one first, and so it is shown.
                sure = 1.0 - at / 100
                row = ListingIndustry(
                    listing_id=listing.id or 0, industry_id=industry_id, state=state, source="", confidence=sure
                )
            for name, value in values.tag(actor, owner.id, state, unit.now()).items():
                setattr(row, name, value)
            session.add(row)
            changed = True
    session.flush()
    return changed


def name_tags(unit: UnitOfWork, actor: Actor, listing: Listing, owner: Organisation, named: Collection[int]) -> bool:
    """The owner's whole list: these are confirmed, those confirmed before and not named any more are rejected."""
    rows = unit.session.exec(_tags_of(listing)).all()
    dropped = [row.industry_id for row in rows if row.state == TagState.CONFIRMED and row.industry_id not in named]
    return decide_tags(unit, actor, listing, owner, confirmed=named, rejected=dropped)


def _tags_of(listing: Listing) -> SelectOfScalar[ListingIndustry]:
    return select(ListingIndustry).where(ListingIndustry.listing_id == listing.id)


def is_untagged(session: Session, listing: Listing) -> bool:
    """Whether nobody and nothing has said anything about its industries yet."""
    return (
        session.exec(select(ListingIndustry.industry_id).where(ListingIndustry.listing_id == listing.id).limit(1)).first() is None
    )


def put_contacts(session: Session, listing_id: int, contacts: Mapping[str, str]) -> None:
    """Insert, replace or (empty value) remove contact data by kind; other kinds stay."""
    if not contacts:
        return
    rows = {row.kind: row for row in session.exec(select(Contact).where(Contact.listing_id == listing_id)).all()}
    for kind, value in contacts.items():
        row = rows.get(kind)
        if not value:
            if row is not None:
                session.delete(row)
        elif row is None:
            session.add(Contact(listing_id=listing_id, kind=kind, value=value))
        else:
            row.value = value
            session.add(row)
    session.flush()


def suggest_first(unit: UnitOfWork, found: Mapping[int, Sequence[Suggestion]]) -> list[int]:
    """Suggestions for listings (ids) that carry no industry yet, in a few statements for any number; those that carry one by
    now are left out. Returns those written that are published: their documents have changed, which the caller announces."""
    session = unit.session
    session.flush()
    ids = sorted(found)
    tagged: set[int] = set()
    published: set[int] = set()
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        tagged.update(session.exec(select(ListingIndustry.listing_id).where(col(ListingIndustry.listing_id).in_(chunk))))
        open_ones = select(Listing.id).where(col(Listing.id).in_(chunk), Listing.state == ListingState.PUBLISHED)
        published.update(each for each in session.exec(open_ones) if each is not None)
    written = [id_ for id_ in ids if id_ not in tagged and found[id_]]
    rows = [
        {
            "listing_id": id_,
            "industry_id": each.industry_id,
            "state": TagState.SUGGESTED,
            "source": "suggestion",
            "confidence": each.confidence,
            "reason": {"words": list(each.words), "near": each.near},
        }
        for id_ in written
        for each in found[id_]
    ]
    if rows:
        session.execute(sa.insert(ListingIndustry), rows)
    return [id_ for id_ in written if id_ in published]
