"""What the staff of the zone in charge say of a text: publish it, or send it back with reasons."""

from collections.abc import Mapping
from typing import Final

from matching import listing_rows as rows
from matching import listing_values as values
from matching.access import Actor
from matching.draft_rows import Problems
from matching.drafts import KnownCodes
from matching.errors import InvalidInput
from matching.events import ListingChanged, TextSubmitted
from matching.listing_rows import Saved, saved
from matching.model import Listing, Review
from matching.model.fields import fields_of
from matching.store.receipts import next_number
from matching.store.unit import UnitOfWork
from matching.typed_text import clean_text, is_broken, shown
from search.ports import Lane

REASON_LIMIT: Final = 500
GENERAL: Final = "general"
"""The key of a reason that concerns no field in particular."""


def publish(
    unit: UnitOfWork,
    actor: Actor,
    public_id: str,
    *,
    seen_version: int | None = None,
    known: KnownCodes | None = None,
    lane: Lane = "interactive",
) -> Saved:
    """The newest words are the ones that others read from now on. The first time gives the listing its number.

    A text that was not submitted can be published only by whoever wrote it (and by the system): an owner's draft is not
    for the staff to publish. Without a last day it is open for a year.
    Raises `InvalidInput` when something is missing, `IllegalMove` when nothing is new, `MayNot`, `StaleRevision`.
    """
    row, _ = rows.for_write(unit, actor, public_id, rows.action_of("publish"), seen_version)
    state = rows.target(unit.session, actor, row, "publish")
    rows.require_complete(unit, row, known)
    first = row.number is None
    published = values.publication(
        row.number or next_number(unit, values.SERIES[row.kind]),
        row.revision,
        published_at=row.published_at,
        valid_until=row.valid_until,
        now=unit.now(),
        today=unit.today(),
    )
    for name, value in (published | {"state": state}).items():
        setattr(row, name, value)
    rows.touch(unit, row)
    _record(unit, actor, row, "published", {})
    unit.audit(
        actor.public_id,
        "listing.publish",
        "listing",
        row.public_id,
        **values.publish_details(row.revision, published["number"], first=first),
    )
    unit.emit(ListingChanged(row.id or 0, lane))
    if rows.is_untagged(unit.session, row):
        unit.emit(TextSubmitted(row.id or 0, lane))
    return saved(row)


def send_back(
    unit: UnitOfWork,
    actor: Actor,
    public_id: str,
    reasons: Mapping[str, str],
    *,
    seen_version: int | None = None,
) -> Saved:
    """Back to its owner with at least one reason: field code (or `general`) → what to mend. The owner reads them.

    Of a published listing only the newer words go back; the old ones stay published.
    """
    row, _ = rows.for_write(unit, actor, public_id, rows.action_of("send_back"), seen_version)
    state = rows.target(unit.session, actor, row, "send_back")
    clean = _reasons(row, reasons)
    row.state = state
    row.submitted_at = None
    rows.touch(unit, row)
    _record(unit, actor, row, "sent_back", clean)
    unit.audit(actor.public_id, "listing.send_back", "listing", row.public_id, revision=row.revision, fields=sorted(clean))
    return saved(row)


def _reasons(row: Listing, typed: Mapping[str, str]) -> dict[str, str]:
    problems = Problems()
    known = {each.code for each in fields_of(row.kind)} | {GENERAL}
    clean: dict[str, str] = {}
    for field, text in typed.items():
        if is_broken(text):
            problems.add("reasons", "control_characters", value=shown(field))
        reason = problems.fit("reasons", clean_text(text), REASON_LIMIT, value=shown(field))
        if reason and field not in known:
            problems.add("reasons", "unknown_field", value=shown(field))
        elif reason:
            clean[field] = reason
    if not clean and not problems.found:
        problems.add("reasons", "required")
    if problems.found:
        raise InvalidInput(*problems.found)
    return clean


def _record(unit: UnitOfWork, actor: Actor, row: Listing, decision: str, reasons: dict[str, str]) -> None:
    unit.session.add(Review(**values.review(actor, row.id or 0, row.revision, decision, reasons, unit.now())))
