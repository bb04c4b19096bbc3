"""What the staff of the zone in charge say of a text: publish it, or send it back with reasons.

Where several zones are in charge (its owner sits in none), the first to take a text decides: as long as the take holds the other
zones may not. Whoever decides without taking it first takes it by deciding.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from matching import access
from matching import listing_rows as rows
from matching import listing_values as values
from matching.access import Actor
from matching.content import Content
from matching.draft_rows import Problems
from matching.drafts import KnownCodes
from matching.errors import IllegalMove, InvalidInput, MayNot
from matching.events import ListingChanged, TextSubmitted
from matching.listing_rows import Saved, saved
from matching.model import Listing, ListingKind, Person, Review, ReviewTake, Zone
from matching.model.fields import fields_of
from matching.quality import of_content, rate
from matching.reference import codes, zones
from matching.store.receipts import next_number
from matching.store.unit import UnitOfWork
from matching.typed_text import clean_text, is_broken, shown
from search.ports import Lane

REASON_LIMIT: Final = 500
GENERAL: Final = "general"
"""The key of a reason that concerns no field in particular."""
TAKE_HOURS: Final = 48
"""How long a take holds where the list `deadline` does not say."""


@dataclass(frozen=True, slots=True)
class TakeView:
    """Who has taken a waiting text, for which zone, and until when."""

    zone_id: int
    name: str
    name_en: str
    who: str
    at: datetime
    until: datetime


def take(unit: UnitOfWork, actor: Actor, public_id: str) -> None:
    """Take a waiting text for the actor's zone. Again by the same zone it holds anew.

    Raises `IllegalMove` when nothing waits or another zone has it (`taken`), `MayNot` for those who work for no zone in charge.
    """
    row, _ = rows.for_write(unit, actor, public_id, "listing.publish", None)
    zone_id = min(access.zones_in_charge(unit.session, row) & actor.staff_zones, default=None)
    if zone_id is None:
        raise MayNot(action="listing.publish")
    if not rows.is_waiting(row):
        raise IllegalMove(move="take", state=row.state.value)
    _require_free(unit, actor, row)
    held = unit.session.get(ReviewTake, row.id) or ReviewTake(
        listing_id=row.id or 0, zone_id=zone_id, person_id=0, taken_at=unit.now(), until=unit.now()
    )
    held.zone_id, held.person_id, held.taken_at = zone_id, actor.person_id or 0, unit.now()
    held.until = unit.now() + timedelta(hours=_take_hours(unit.session))
    unit.session.add(held)
    unit.audit(actor.public_id, "review.take", "listing", row.public_id, zone=unit.session.get_one(Zone, zone_id).code)


def give_back(unit: UnitOfWork, actor: Actor, public_id: str) -> None:
    """The zone that took a text lets the others decide. Nothing happens where it holds none. Raises as `take`."""
    row, _ = rows.for_write(unit, actor, public_id, "listing.publish", None)
    _require_free(unit, actor, row)
    if _release(unit, row):
        unit.audit(actor.public_id, "review.give_back", "listing", row.public_id)


def takes(session: Session, now: datetime, public_ids: Collection[str]) -> dict[str, TakeView]:
    """Public id → the take in force."""
    found = session.exec(
        select(Listing.public_id, ReviewTake, Zone, Person.name)
        .join(ReviewTake, col(ReviewTake.listing_id) == col(Listing.id))
        .join(Zone, col(Zone.id) == col(ReviewTake.zone_id))
        .join(Person, col(Person.id) == col(ReviewTake.person_id))
        .where(col(Listing.public_id).in_(public_ids), col(ReviewTake.until) > now)
    )
    return {
        public_id: TakeView(held.zone_id, zone.name, zone.name_en, who, held.taken_at, held.until)
        for public_id, held, zone, who in found
    }


def _require_free(unit: UnitOfWork, actor: Actor, row: Listing) -> None:
    """Raises `IllegalMove("taken")` while another zone in charge holds the text. Administrators decide all the same."""
    if actor.is_administrator or actor.is_system:
        return
    held = takes(unit.session, unit.now(), [row.public_id]).get(row.public_id)
    if held is None or held.zone_id in actor.staff_zones:
        return
    if held.zone_id in access.zones_in_charge(unit.session, row):  # its industries may have changed since
        raise IllegalMove("taken", zone=held.name)


def _release(unit: UnitOfWork, row: Listing) -> bool:
    held = unit.session.get(ReviewTake, row.id)
    if held is not None:
        unit.session.delete(held)
    return held is not None


def _take_hours(session: Session) -> int:
    held = codes(session, "deadline").get("review_take")
    hours = held.facts.get("hours") if held else None
    return hours if isinstance(hours, int) and not isinstance(hours, bool) and hours > 0 else TAKE_HOURS


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
    _require_free(unit, actor, row)
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
    _require_free(unit, actor, row)
    clean = _reasons(row, reasons)
    row.state = state
    row.submitted_at = None
    rows.touch(unit, row)
    _record(unit, actor, row, "sent_back", clean)
    unit.audit(actor.public_id, "listing.send_back", "listing", row.public_id, revision=row.revision, fields=sorted(clean))
    return saved(row)


def return_vague(unit: UnitOfWork, public_id: str, ask: Callable[[Content], Mapping[str, str]]) -> bool:
    """Send a need that was just submitted back with what `ask` words as reasons, where a zone in charge has said that vague
    ones go back by themselves. Whether it went. Nothing else is ever sent back without a person.
    """
    row = unit.session.exec(select(Listing).where(Listing.public_id == public_id)).one()
    if row.kind != ListingKind.NEED or not rows.is_waiting(row):
        return False
    content = rows.latest(unit.session, row)
    score = rate(of_content(content)).score
    charge = access.zones_in_charge(unit.session, row)
    asking = [zone for zone in zones(unit.session) if zone.id in charge and zone.returns_vague and score < zone.need_quality]
    reasons = ask(content) if asking else {}
    if not reasons:
        return False
    send_back(unit, access.SYSTEM, public_id, reasons)
    return True


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
    _release(unit, row)
    unit.session.add(Review(**values.review(actor, row.id or 0, row.revision, decision, reasons, unit.now())))
