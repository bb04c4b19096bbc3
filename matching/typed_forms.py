"""Forms that are being typed: kept as typed while somebody writes, his alone, and gone once the form is taken.

Nothing here is checked as a listing: what is half written must not be lost because it is half written. It never submits,
makes no revision and touches no listing; the form's own save does that, with its rules, its token and its seen version.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching import access
from matching import listing_rows as rows
from matching.access import Actor
from matching.errors import FieldError, InvalidInput, NotFound, SignInNeeded
from matching.model import FormReceipt, Listing, ListingKind, TypedForm
from matching.store.unit import UnitOfWork
from matching.typed_text import clean_line

KEPT_DAYS: Final = 30
MOST: Final = 20
"""So many forms of a person are kept, the newest."""
LARGEST: Final = 300_000
"""Characters of one form, names and texts together: several times the longest that would be taken."""
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{16,40}")

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept form. `listing` is the public id of the listing it edits, None for a new one; `pairs` as they were sent."""

    key: str
    kind: ListingKind
    listing: str | None
    title: str
    pairs: Pairs
    saved_at: datetime


def keep(
    unit: UnitOfWork,
    actor: Actor,
    *,
    key: str,
    kind: ListingKind,
    pairs: Sequence[tuple[str, str]],
    listing: str | None = None,
    token: str = "",
) -> datetime | None:
    """Keep what is typed under the form's own key, over what was kept of it before. The time it was kept; None for a form
    whose `token` was taken meanwhile: it is saved, and must not come back from the dead.

    Raises `SignInNeeded`, `MayNot`, `NotFound`, `InvalidInput`.
    """  # fmt: skip
    if actor.is_visitor or actor.person_id is None:
        raise SignInNeeded()
    if not _KEY.fullmatch(key):
        raise InvalidInput(FieldError("form_key", "invalid"))
    length = sum(len(name) + len(value) for name, value in pairs)
    if length > LARGEST:
        raise InvalidInput(FieldError("form", "too_long", {"limit": LARGEST, "length": length}))
    session = unit.session
    listing_id = None
    if listing is None:
        _require_create(actor)
    else:
        listing_id = rows.for_write(unit, actor, listing, "listing.write", None)[0].id
    receipt = session.get(FormReceipt, token) if token else None
    if receipt is not None and receipt.target:
        return None
    row = session.get(TypedForm, key)
    if row is not None and (row.person_id != actor.person_id or row.listing_id != listing_id or row.kind != kind):
        raise NotFound(kind="form")
    is_new = row is None
    row = row or TypedForm(key=key, person_id=actor.person_id, kind=kind, listing_id=listing_id, saved_at=unit.now())
    row.values = [[name, value.replace("\0", "\ufffd")] for name, value in pairs]
    row.title = clean_line(next((value for name, value in pairs if name == "title"), ""))[:200]
    row.saved_at = unit.now()
    session.add(row)
    session.flush()
    if is_new:
        _forget_beyond(session, actor.person_id)
        unit.audit(actor.public_id, "form.keep", "form", key, kind=kind.value, listing=listing or "")
    return row.saved_at


def _require_create(actor: Actor) -> None:
    """As for a new listing, of which neither owner nor zone is known yet: somebody who may make any at all."""
    for owner in actor.organisations or {None}:
        if access.is_allowed(actor, "listing.create", organisation_id=owner, zones=actor.staff_zones):
            return
    access.require(actor, "listing.create")


def forget(unit: UnitOfWork, actor: Actor, key: str) -> bool:
    """The form was taken, or its writer does not want it any more. False where there is none of that key that is his."""
    row = unit.session.get(TypedForm, key) if key else None
    if row is None or row.person_id != actor.person_id:
        return False
    unit.session.delete(row)
    unit.session.flush()
    unit.audit(actor.public_id, "form.forget", "form", key)
    return True


def forget_old(unit: UnitOfWork) -> int:
    """Those that nobody has written on for a while: they may hold contact data. Returns how many."""
    limit = unit.now() - timedelta(days=KEPT_DAYS)
    found = unit.session.exec(select(TypedForm).where(TypedForm.saved_at < limit)).all()
    for row in found:
        unit.session.delete(row)
    return len(found)


def _forget_beyond(session: Session, person_id: int) -> None:
    kept = select(TypedForm.key).where(TypedForm.person_id == person_id).order_by(col(TypedForm.saved_at).desc()).limit(MOST)
    session.execute(
        sa.delete(TypedForm)
        .where(col(TypedForm.person_id) == person_id, col(TypedForm.key).not_in(session.exec(kept).all()))
        .execution_options(synchronize_session=False)
    )


def read(session: Session, actor: Actor, key: str) -> Kept:
    """One form of the actor's. Raises `NotFound`."""
    row = session.get(TypedForm, key)
    if row is None or row.person_id != actor.person_id:
        raise NotFound(kind="form")
    return _kept(row, None if row.listing_id is None else session.get_one(Listing, row.listing_id).public_id)


def newest_of(session: Session, actor: Actor, listing: str) -> Kept | None:
    """What the actor typed last into this listing's form and never saved."""
    row = session.exec(
        select(TypedForm)
        .join(Listing, col(Listing.id) == col(TypedForm.listing_id))
        .where(TypedForm.person_id == actor.person_id, Listing.public_id == listing)
        .order_by(col(TypedForm.saved_at).desc())
        .limit(1)
    ).first()
    return _kept(row, listing) if row is not None else None


def unfinished(session: Session, actor: Actor, kind: ListingKind | None = None) -> tuple[Kept, ...]:
    """Forms of listings that do not exist yet, the last written first."""
    query = select(TypedForm).where(TypedForm.person_id == actor.person_id, col(TypedForm.listing_id).is_(None))
    if kind is not None:
        query = query.where(TypedForm.kind == kind)
    return tuple(_kept(row, None) for row in session.exec(query.order_by(col(TypedForm.saved_at).desc())).all())


def _kept(row: TypedForm, listing: str | None) -> Kept:
    pairs = tuple((name, value) for name, value in row.values)
    return Kept(row.key, row.kind, listing, row.title, pairs, row.saved_at)
