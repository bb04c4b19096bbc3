"""The search index as administrators meet it: its generations, and the entries that it would not take, which the staff of
their zones see, too."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching import access, set_aside
from matching.access import Actor
from matching.errors import IllegalMove, NotFound
from matching.model import NEWEST_WORDS, IndexGeneration, Job, Listing, ListingKind, Revision, SetAside
from matching.store.unit import UnitOfWork

_SHOWN: Final = ("building", "serving", "previous")
_PAST: Final = 10
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class GenerationView:
    """`fingerprint` is the recipe, `vectors`, `tokeniser` and `schema` its parts, empty where they are not known (made by
    another version). `found` are the figures of the gate at `gate_at`."""

    state: str
    fingerprint: str
    vectors: str
    tokeniser: str
    schema: int
    begun_at: datetime | None
    served_at: datetime | None
    left_at: datetime | None
    gone_at: datetime | None
    documents: int
    gate_at: datetime | None
    found: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SetAsideView:
    """An entry that the index would not take, as its newest words call it. `reason` is the engine's, in English; both
    audiences' where they differ."""

    public_id: str
    kind: str
    title: str
    number: str
    reason: str
    at: datetime
    may_try: bool


@dataclass(frozen=True, slots=True)
class IndexView:
    """`generations` are those of the engine, the one being built first, `past` the newest of those that are gone. `waiting`
    entries are on their way to the index."""

    generations: tuple[GenerationView, ...]
    past: tuple[GenerationView, ...]
    waiting: int
    may_go_back: bool


def show(session: Session, actor: Actor) -> IndexView:
    """Raises `SignInNeeded`, `MayNot`."""
    access.require(actor, "index.read")
    rows = session.exec(select(IndexGeneration).order_by(col(IndexGeneration.id).desc())).all()
    alive = sorted((row for row in rows if row.state in _SHOWN), key=lambda row: _SHOWN.index(row.state))
    past = [row for row in rows if row.state in ("gone", "aborted")][:_PAST]
    waiting = session.exec(select(sa.func.count()).select_from(Job).where(Job.kind == "index")).one()
    return IndexView(
        tuple(map(_view, alive)), tuple(map(_view, past)), waiting, any(row.state == "previous" for row in alive)
    )  # fmt: skip


def drop_previous(unit: UnitOfWork, actor: Actor) -> None:
    """Ask for the generation before to be dropped now. Raises `SignInNeeded`, `MayNot`, `IllegalMove` where none is kept."""
    access.require(actor, "index.write")
    access.require_mark(actor, "index.write", demo=False)
    row = unit.session.exec(select(IndexGeneration).where(IndexGeneration.state == "previous")).first()
    if row is None:
        raise IllegalMove("no_previous_index")
    unit.enqueue("index_drop", "now", lane="bulk")
    unit.audit(actor.public_id, "index.drop", "index", row.public_id, recipe=row.fingerprint)


def refusals(session: Session, actor: Actor) -> tuple[SetAsideView, ...]:
    """Entries that were set aside and are the actor's to see: those of the zones whose staff the actor is, all for
    administrators; the newest first. Raises `SignInNeeded`, `MayNot`."""
    if not access.is_allowed_anywhere(actor, "set_aside.read"):
        access.require(actor, "set_aside.read")
    query = (
        select(SetAside, Listing, Revision.title)
        .join(Listing, col(Listing.id) == col(SetAside.listing_id))
        .join(Revision, NEWEST_WORDS)
        .order_by(col(SetAside.at).desc(), col(SetAside.listing_id), col(SetAside.audience))
        .limit(2 * MOST)
    )
    found: dict[str, SetAsideView] = {}
    for row, listing, title in session.exec(query):
        if not may_see(session, actor, listing):
            continue
        held = found.get(listing.public_id)
        reason = row.reason if held is None or held.reason == row.reason else f"{held.reason}; {row.reason}"
        found[listing.public_id] = SetAsideView(
            listing.public_id, "need" if listing.kind == ListingKind.NEED else "result", title, listing.number or "", reason,
            row.at, listing.demo or not actor.demo,
        )  # fmt: skip
    return tuple(found.values())[:MOST]


def may_see(session: Session, actor: Actor, listing: Listing) -> bool:
    """Whether the actor is told that the index would not take this listing."""
    return access.is_allowed(actor, "set_aside.read", zones=access.zones_in_charge(session, listing))


def try_again(unit: UnitOfWork, actor: Actor, public_id: str) -> None:
    """Offer the listing to the index once more. Raises `SignInNeeded`, `MayNot`, `NotFound`."""
    listing = unit.session.exec(select(Listing).where(Listing.public_id == public_id)).first()
    if listing is None or unit.session.exec(select(SetAside.at).where(SetAside.listing_id == listing.id)).first() is None:
        raise NotFound(kind="listing")
    access.require(actor, "set_aside.read", zones=access.zones_in_charge(unit.session, listing))
    if actor.demo and not listing.demo:
        raise NotFound(kind="listing")
    set_aside.try_again(unit, [public_id])
    unit.audit(actor.public_id, "document.try_again", "listing", public_id)


def _view(row: IndexGeneration) -> GenerationView:
    return GenerationView(
        row.state, row.fingerprint, row.vectors, row.tokeniser, row.schema_version, row.begun_at, row.served_at, row.left_at,
        row.gone_at, row.documents, row.gate_at, row.found,
    )  # fmt: skip
