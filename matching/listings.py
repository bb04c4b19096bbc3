"""Posting and keeping listings: what owners and staff do to one, what the worker does by itself.

Every use-case takes the unit of work, the actor and a command, checks access, validates, writes row, audit entry and
events in one transaction, and returns values. The edge commits. `seen_version` is the version that the form showed; with
another one stored `StaleRevision` is raised and nothing is written. Whoever may not know of a listing gets `NotFound`.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from sqlmodel import Session, col, select

from matching import access
from matching import listing_rows as rows
from matching import listing_values as values
from matching.access import Actor
from matching.draft_rows import Problems
from matching.drafts import KnownCodes, ListingDraft, add_years, check_valid_until, from_content, known_codes, validate
from matching.errors import FieldError, InvalidInput, NotFound, SignInNeeded
from matching.events import ListingChanged, TextSubmitted
from matching.listing_rows import Saved, saved
from matching.model import Listing, ListingIndustry, ListingState, Organisation, TagState
from matching.store.receipts import take_receipt
from matching.store.unit import UnitOfWork
from matching.tagging import Suggestion
from matching.typed_text import shown
from search.ports import Lane

EXPIRE_BATCH: Final = 500


def save(
    unit: UnitOfWork,
    actor: Actor,
    draft: ListingDraft,
    *,
    listing: str | None = None,
    seen_version: int | None = None,
    form_token: str | None = None,
    known: KnownCodes | None = None,
    lane: Lane = "interactive",
) -> Saved:
    """A new listing as a draft, or a new revision of `listing`: always a new one, for revisions are never changed.

    A text that waits for the staff stays waiting with its new words, so those must be complete; a published listing stays
    published with its old words until the staff publish the new. Its period of validity, the zone it is addressed to and
    its industries are no words: they change at once. A form token taken before answers with what it made then.

    Raises `InvalidInput` (all fields at once), `SignInNeeded`, `NotFound`, `MayNot`, `StaleRevision`, `IllegalMove`.
    """
    if actor.is_visitor:
        raise SignInNeeded()
    receipt = take_receipt(unit, actor.person_id, form_token)
    if receipt is not None and receipt.target:
        made = unit.session.exec(select(Listing).where(Listing.public_id == receipt.target)).first()
        if made is None:
            raise NotFound(kind="listing")
        return saved(made)
    known = known or known_codes(unit.session)
    row = (
        _create(unit, actor, draft, known) if listing is None else _revise(unit, actor, draft, known, listing, seen_version, lane)
    )
    if receipt is not None:
        receipt.target = row.public_id
    return saved(row)


def _create(unit: UnitOfWork, actor: Actor, draft: ListingDraft, known: KnownCodes) -> Listing:
    session = unit.session
    clean, owner = _checked(session, actor, draft, known, unit.today(), submit=False)
    _require_create(session, actor, owner, clean, known)
    row = Listing(**values.new_listing(actor, clean, known, organisation_id=owner.id or 0, demo=owner.demo, now=unit.now()))
    session.add(row)
    session.flush()
    rows.insert_revision(unit, actor, row, clean, known)
    rows.name_tags(unit, actor, row, owner, [known.industries[code] for code in clean.industries])
    rows.put_contacts(session, row.id or 0, clean.contacts)
    unit.audit(
        actor.public_id, "listing.create", "listing", row.public_id, **values.create_details(row.kind.value, owner.public_id)
    )
    return row


def _require_create(session: Session, actor: Actor, owner: Organisation, draft: ListingDraft, known: KnownCodes) -> None:
    tagged = [known.industries[code] for code in draft.industries]
    zones = access.zones_of(session, owner.zone_id, known.zones.get(draft.addressed_zone or ""), tagged)
    access.require(actor, "listing.create", organisation_id=owner.id, zones=zones)
    access.require_mark(actor, "listing.create", demo=owner.demo)


def _revise(
    unit: UnitOfWork,
    actor: Actor,
    draft: ListingDraft,
    known: KnownCodes,
    public_id: str,
    seen_version: int | None,
    lane: Lane,
) -> Listing:
    session = unit.session
    row, owner = rows.for_write(unit, actor, public_id, rows.action_of("revise"), seen_version)
    if draft.kind != row.kind:
        raise InvalidInput(FieldError("kind", "fixed"))
    wanted = draft if draft.organisation else replace(draft, organisation=owner.public_id)
    known = known.keeping(from_content(rows.latest(session, row), known))
    clean, new_owner = _checked(session, actor, wanted, known, unit.today(), submit=rows.is_waiting(row))
    if new_owner.id != owner.id:
        _hand_over(session, actor, row, new_owner, clean, known)
        owner = new_owner
    row.state = rows.target(unit.session, actor, row, "revise")
    if row.state == ListingState.DRAFT:
        row.submitted_at = None
    row.revision += 1
    rows.insert_revision(unit, actor, row, clean, known)
    before = (row.valid_until, row.addressed_zone_id)
    is_open = row.state == ListingState.PUBLISHED
    row.valid_until = clean.valid_until or (row.valid_until if is_open else None)
    row.addressed_zone_id = known.zones.get(clean.addressed_zone or "")
    retagged = rows.name_tags(unit, actor, row, owner, [known.industries[code] for code in clean.industries])
    rows.put_contacts(session, row.id or 0, clean.contacts)
    rows.touch(unit, row)
    unit.audit(actor.public_id, "listing.save", "listing", row.public_id, revision=row.revision, state=row.state.value)
    if is_open and (retagged or before != (row.valid_until, row.addressed_zone_id)):
        unit.emit(ListingChanged(row.id or 0, lane))
    _ask_for_industries(unit, row, lane)
    return row


def _checked(
    session: Session, actor: Actor, draft: ListingDraft, known: KnownCodes, today: date, *, submit: bool
) -> tuple[ListingDraft, Organisation]:
    """The clean draft and its owner, by default the only organisation the actor acts for; all errors at once."""
    owner: Organisation | None = None
    if draft.organisation:
        owner = session.exec(select(Organisation).where(Organisation.public_id == draft.organisation)).first()
    elif len(actor.organisations) == 1:
        owner = session.get(Organisation, next(iter(actor.organisations)))
    problems: list[FieldError] = []
    clean = draft
    try:
        clean = validate(
            replace(draft, organisation=owner.public_id if owner else draft.organisation), known, today, submit=submit
        )
    except InvalidInput as refused:
        problems.extend(refused.fields)
    if owner is None and not any(each.field == "organisation" for each in problems):
        named = draft.organisation
        problems.append(
            FieldError("organisation", "unknown_code", {"value": shown(named)})
            if named
            else FieldError("organisation", "required")
        )
    if problems or owner is None:
        raise InvalidInput(*problems)
    return clean, owner


def _hand_over(
    session: Session, actor: Actor, row: Listing, new_owner: Organisation, draft: ListingDraft, known: KnownCodes
) -> None:
    """Another owner is chosen: possible until the first submission, by somebody who may post for both."""
    if row.number is not None or row.state != ListingState.DRAFT:
        raise InvalidInput(FieldError("organisation", "fixed"))
    _require_create(session, actor, new_owner, draft, known)
    row.organisation_id = new_owner.id or 0
    row.demo = new_owner.demo


def submit(
    unit: UnitOfWork, actor: Actor, public_id: str, *, seen_version: int | None = None, lane: Lane = "interactive"
) -> Saved:
    """Ask the staff to read the newest words. Submitting again keeps the place in the queue.

    Raises `InvalidInput` with the listing's own fields when something is missing, `IllegalMove` when nothing is new.
    """
    row, _ = rows.for_write(unit, actor, public_id, rows.action_of("submit"), seen_version)
    state = rows.target(unit.session, actor, row, "submit")
    rows.require_complete(unit, row)
    row.state = state
    row.submitted_at = row.submitted_at or unit.now()
    rows.touch(unit, row)
    unit.audit(actor.public_id, "listing.submit", "listing", row.public_id, revision=row.revision)
    _ask_for_industries(unit, row, lane)
    return saved(row)


def withdraw(
    unit: UnitOfWork, actor: Actor, public_id: str, *, seen_version: int | None = None, lane: Lane = "interactive"
) -> Saved:
    """Take it back: nobody finds it any more. A later edit makes it a draft again."""
    row, _ = rows.for_write(unit, actor, public_id, rows.action_of("withdraw"), seen_version)
    was_open = row.state == ListingState.PUBLISHED
    row.state = rows.target(unit.session, actor, row, "withdraw")
    row.submitted_at = None
    rows.touch(unit, row)
    unit.audit(actor.public_id, "listing.withdraw", "listing", row.public_id)
    if was_open:
        unit.emit(ListingChanged(row.id or 0, lane))
    return saved(row)


def renew(
    unit: UnitOfWork,
    actor: Actor,
    public_id: str,
    *,
    until: date | None = None,
    seen_version: int | None = None,
    lane: Lane = "interactive",
) -> Saved:
    """Open until `until` (default: a year from today), also when it had expired, with the words published before."""
    problems = Problems()
    check_valid_until(until, unit.today(), problems)
    if problems.found:
        raise InvalidInput(*problems.found)
    row, _ = rows.for_write(unit, actor, public_id, rows.action_of("renew"), seen_version)
    row.state = rows.target(unit.session, actor, row, "renew")
    row.valid_until = until or add_years(unit.today(), 1)
    rows.touch(unit, row)
    unit.audit(actor.public_id, "listing.renew", "listing", row.public_id, until=row.valid_until.isoformat())
    unit.emit(ListingChanged(row.id or 0, lane))
    return saved(row)


def expire_due(unit: UnitOfWork, limit: int = EXPIRE_BATCH) -> int:
    """The system's move: close published listings whose last day is past, at most `limit`. Returns how many were."""
    due = unit.session.exec(
        select(Listing)
        .where(Listing.state == ListingState.PUBLISHED, col(Listing.valid_until) < unit.today())
        .order_by(col(Listing.id))
        .limit(limit)
        .with_for_update()
    ).all()
    for row in due:
        row.state = rows.target(unit.session, access.SYSTEM, row, "expire")
        rows.touch(unit, row)
        unit.audit(access.SYSTEM.public_id, "listing.expire", "listing", row.public_id)
        unit.emit(ListingChanged(row.id or 0, "bulk"))
    return len(due)


def decide_industries(
    unit: UnitOfWork,
    actor: Actor,
    public_id: str,
    *,
    confirmed: Collection[str] = (),
    rejected: Collection[str] = (),
    seen_version: int | None = None,
    lane: Lane = "interactive",
) -> Saved:
    """Confirm and reject industries (codes), suggested or not; what is named in neither stays as it is."""
    row, owner = rows.for_write(unit, actor, public_id, "listing.industries", seen_version)
    known = known_codes(unit.session).industries
    problems = Problems()
    for code in {*confirmed, *rejected}:
        if code not in known:
            problems.add("industries", "unknown_code", value=shown(code))
    if set(confirmed) & set(rejected):
        problems.add("industries", "both")
    if problems.found:
        raise InvalidInput(*problems.found)
    if rows.decide_tags(
        unit, actor, row, owner, confirmed=[known[code] for code in confirmed], rejected=[known[code] for code in rejected]
    ):
        rows.touch(unit, row)
        details = {"confirmed": sorted(confirmed), "rejected": sorted(rejected)}
        unit.audit(actor.public_id, "listing.industries", "listing", row.public_id, **details)
        if row.state == ListingState.PUBLISHED:
            unit.emit(ListingChanged(row.id or 0, lane))
    return saved(row)


def suggest_industries(
    unit: UnitOfWork, listing_id: int, suggestions: Sequence[Suggestion], *, lane: Lane = "interactive"
) -> bool:
    """The system's own suggestions in the place of its earlier ones. What a person decided stays; where a person has
    confirmed an industry nothing is suggested beside it. False when nothing changed."""
    session = unit.session
    held = {
        row.industry_id: row
        for row in session.exec(select(ListingIndustry).where(ListingIndustry.listing_id == listing_id)).all()
    }
    if any(row.state == TagState.CONFIRMED for row in held.values()):
        return False
    wanted = {each.industry_id: each for each in suggestions}
    changed = False
    for row in held.values():
        if row.state == TagState.SUGGESTED and row.industry_id not in wanted:
            session.delete(row)
            changed = True
    for industry_id, each in wanted.items():
        reason: dict[str, object] = {"words": list(each.words), "near": each.near}
        row = held.get(industry_id) or ListingIndustry(
            listing_id=listing_id, industry_id=industry_id, state=TagState.SUGGESTED, source="suggestion", confidence=-1.0
        )
        if row.state != TagState.SUGGESTED or (row.confidence, row.reason) == (each.confidence, reason):
            continue
        row.confidence, row.reason = each.confidence, reason
        session.add(row)
        changed = True
    session.flush()
    if changed and session.get_one(Listing, listing_id).state == ListingState.PUBLISHED:
        unit.emit(ListingChanged(listing_id, lane))
    return changed


def _ask_for_industries(unit: UnitOfWork, row: Listing, lane: Lane) -> None:
    """A text that staff are to read, or have published, without any industry: the worker suggests some."""
    if rows.is_waiting(row) and rows.is_untagged(unit.session, row):
        unit.emit(TextSubmitted(row.id or 0, lane))
