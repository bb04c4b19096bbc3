"""What people say of pairs: append-only rows that no computation touches. An undo is a row of its own.

Staff judge in their zone, and their newest verdict there is in force. An owner says whether a pair fits, for the organisation
that owns one of the two texts; neither word replaces the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from matching.access import Actor, require, require_mark
from matching.errors import FieldError, IllegalMove, InvalidInput, NotFound
from matching.events import VerdictGiven
from matching.model import Listing, ListingKind, Match, Person, Verdict, Zone
from matching.reference import codes
from matching.store.unit import UnitOfWork
from matching.typed_text import shown

STAFF_GRADES = (3, 2, 1, 0)
"""强, 较强, 弱, 无: as transfer staff grade pairs."""
STAFF, OWNER = "staff", "owner"
FITS, FITS_NOT = 2, 0
"""An owner's two words, on the scale of the grades."""


@dataclass(frozen=True, slots=True)
class VerdictView:
    """The verdict in force on a pair, with the revisions its grader saw."""

    id: int
    grade: int
    reason: str
    grader: str
    at: datetime
    need_revision: int
    result_revision: int


@dataclass(frozen=True, slots=True)
class OwnerWord:
    """What the owner of one side (`need` or `result`) last said of a pair, with the revisions that were read."""

    id: int
    side: ListingKind
    organisation_id: int
    fits: bool
    reason: str
    who: str
    at: datetime
    need_revision: int
    result_revision: int


@dataclass(frozen=True, slots=True)
class SayFits:
    """Ids are public: the actor's own listing, and the other side of the pair. `fits` None takes back the word whose id is
    `said`, if it still is the last (with `said` None whichever is); `reason` is a code of the list `decline_reason`, needed for
    what does not fit."""

    listing: str
    other: str
    fits: bool | None
    reason: str = ""
    said: int | None = 0


@dataclass(frozen=True, slots=True)
class GradePair:
    """Ids are public; `reason` is a code of the list `decline_reason` or empty."""

    zone: str
    need: str
    result: str
    grade: int
    reason: str = ""


def give(unit: UnitOfWork, actor: Actor, command: GradePair) -> int:
    """Record a verdict; returns its id. Raises `InvalidInput`, `NotFound` (no such pair in that zone), `MayNot`."""
    session = unit.session
    zone, need, result = _pair(session, command)
    require(actor, "verdict.give", zones={zone.id or 0})
    require_mark(actor, "verdict.give", demo=need.demo and result.demo)
    problems = []
    if command.grade not in STAFF_GRADES:
        problems.append(FieldError("grade", "unknown_code", {"value": str(command.grade)}))
    if command.reason and command.reason not in codes(session, "decline_reason"):
        problems.append(FieldError("reason", "unknown_code", {"value": command.reason}))
    if problems:
        raise InvalidInput(*problems)
    verdict = Verdict(
        zone_id=zone.id or 0,
        need_id=need.id or 0,
        result_id=result.id or 0,
        grader_id=actor.person_id or 0,
        need_revision=need.published_revision or need.revision,
        result_revision=result.published_revision or result.revision,
        grade=command.grade,
        reason=command.reason,
        created_at=unit.now(),
    )
    session.add(verdict)
    session.flush()
    unit.audit(
        actor.public_id, "verdict.give", "pair", f"{need.public_id}:{result.public_id}", zone=zone.code, grade=command.grade
    )
    unit.emit(VerdictGiven(zone.id or 0, need.id or 0, result.id or 0))
    return verdict.id or 0


def undo_last(unit: UnitOfWork, actor: Actor, zone_code: str) -> GradePair:
    """Take back the actor's own latest verdict in the zone that still stands. Raises `IllegalMove` when there is none."""
    session = unit.session
    zone = session.exec(select(Zone).where(Zone.code == zone_code)).first()
    if zone is None:
        raise NotFound(kind="zone")
    require(actor, "verdict.give", zones={zone.id or 0})
    undone = select(Verdict.undoes_id).where(col(Verdict.undoes_id).is_not(None))
    last = session.exec(
        select(Verdict)
        .where(
            Verdict.zone_id == zone.id,
            Verdict.source == STAFF,
            Verdict.grader_id == actor.person_id,
            col(Verdict.grade).is_not(None),
            col(Verdict.id).not_in(undone),
        )
        .order_by(col(Verdict.id).desc())
        .limit(1)
    ).first()
    if last is None:
        raise IllegalMove(move="undo", state="nothing")
    session.add(_undoing(last, actor, unit.now()))
    need, result = session.get_one(Listing, last.need_id), session.get_one(Listing, last.result_id)
    unit.audit(actor.public_id, "verdict.undo", "pair", f"{need.public_id}:{result.public_id}", zone=zone.code)
    unit.emit(VerdictGiven(zone.id or 0, last.need_id, last.result_id))
    return GradePair(zone.code, need.public_id, result.public_id, last.grade or 0, last.reason)


def _undoing(row: Verdict, actor: Actor, now: datetime) -> Verdict:
    return Verdict(
        zone_id=row.zone_id,
        organisation_id=row.organisation_id,
        need_id=row.need_id,
        result_id=row.result_id,
        grader_id=actor.person_id or 0,
        source=row.source,
        audience=row.audience,
        need_revision=row.need_revision,
        result_revision=row.result_revision,
        undoes_id=row.id,
        created_at=now,
    )


def say(unit: UnitOfWork, actor: Actor, command: SayFits) -> tuple[bool | None, str]:
    """Record, or take back, what the owner of `listing` says of a pair. The same word again is no second row.

    Returns the owner's word as it stands now, with its reason; None where none does. Raises `InvalidInput`, `NotFound` (no
    such pair), `MayNot`, `IllegalMove` (nothing to take back).
    """
    session = unit.session
    own, other = (
        session.exec(select(Listing).where(Listing.public_id == id_)).first() for id_ in (command.listing, command.other)
    )
    if own is None or other is None or own.kind == other.kind:
        raise NotFound(kind="pair")
    require(actor, "verdict.say", organisation_id=own.organisation_id)
    require_mark(actor, "verdict.say", demo=own.demo)
    need, result = (own, other) if own.kind == ListingKind.NEED else (other, own)
    last = _last_word(session, own.organisation_id, need.id or 0, result.id or 0)
    if last is None and not _is_matched(session, need.id or 0, result.id or 0):
        raise NotFound(kind="pair")
    subject = f"{need.public_id}:{result.public_id}"
    if command.fits is None:
        if last is None or command.said not in (None, last.id):
            raise IllegalMove("nothing_to_undo")
        session.add(_undoing(last, actor, unit.now()))
        unit.audit(actor.public_id, "verdict.unsay", "pair", subject)
        session.flush()
        before = _last_word(session, own.organisation_id, need.id or 0, result.id or 0)
        return (before.grade == FITS, before.reason) if before else (None, "")
    reason = "" if command.fits else command.reason
    if not command.fits and not reason:
        raise InvalidInput(FieldError("reason", "required"))
    if reason and reason not in codes(session, "decline_reason"):
        raise InvalidInput(FieldError("reason", "unknown_code", {"value": shown(reason)}))
    grade = FITS if command.fits else FITS_NOT
    texts = (need.published_revision or need.revision, result.published_revision or result.revision)
    if last is not None and (last.grade, last.reason, last.need_revision, last.result_revision) == (grade, reason, *texts):
        return command.fits, reason
    session.add(
        Verdict(
            organisation_id=own.organisation_id,
            need_id=need.id or 0,
            result_id=result.id or 0,
            grader_id=actor.person_id or 0,
            source=OWNER,
            need_revision=texts[0],
            result_revision=texts[1],
            grade=grade,
            reason=reason,
            created_at=unit.now(),
        )
    )
    unit.audit(actor.public_id, "verdict.say", "pair", subject, fits=command.fits, reason=reason)
    return command.fits, reason


def _last_word(session: Session, organisation_id: int, need_id: int, result_id: int) -> Verdict | None:
    """The newest word of the organisation on the pair that was not taken back."""
    undone = select(Verdict.undoes_id).where(col(Verdict.undoes_id).is_not(None))
    return session.exec(
        select(Verdict)
        .where(
            Verdict.organisation_id == organisation_id,
            Verdict.need_id == need_id,
            Verdict.result_id == result_id,
            col(Verdict.grade).is_not(None),
            col(Verdict.id).not_in(undone),
        )
        .order_by(col(Verdict.id).desc())
        .limit(1)
    ).first()


def _is_matched(session: Session, need_id: int, result_id: int) -> bool:
    query = select(Match.id).where(Match.need_id == need_id, Match.result_id == result_id).limit(1)
    return session.exec(query).first() is not None


def owner_words(session: Session, need_ids: Iterable[int]) -> dict[tuple[int, int], tuple[OwnerWord, ...]]:
    """(need id, result id) → the last word of each owner that was not taken back, the need's owner first."""
    query = (
        select(Verdict, Person.name, Listing.organisation_id)
        .join(Person, col(Person.id) == col(Verdict.grader_id))
        .join(Listing, col(Listing.id) == col(Verdict.need_id))
        .where(Verdict.source == OWNER, col(Verdict.need_id).in_(list(need_ids)))
        .order_by(col(Verdict.id))
    )
    rows = session.exec(query).all()
    undone = {row.undoes_id for row, _, _ in rows if row.undoes_id is not None}
    found: dict[tuple[int, int], dict[int, OwnerWord]] = {}
    for row, who, of_need in rows:
        if row.grade is None or row.id in undone or row.organisation_id is None:
            continue
        side = ListingKind.NEED if row.organisation_id == of_need else ListingKind.RESULT
        found.setdefault((row.need_id, row.result_id), {})[row.organisation_id] = OwnerWord(
            row.id or 0, side, row.organisation_id, row.grade == FITS, row.reason, who, row.created_at, row.need_revision,
            row.result_revision,
        )  # fmt: skip
    return {pair: tuple(sorted(said.values(), key=lambda word: word.side != ListingKind.NEED)) for pair, said in found.items()}


def in_force(session: Session, zone_id: int, need_ids: Iterable[int] | None = None) -> dict[tuple[int, int], VerdictView]:
    """(need id, result id) → the newest verdict that nobody took back, in one zone."""
    query = select(Verdict, Person.name).join(Person, col(Person.id) == col(Verdict.grader_id)).where(Verdict.zone_id == zone_id)
    if need_ids is not None:
        query = query.where(col(Verdict.need_id).in_(list(need_ids)))
    rows = session.exec(query.order_by(col(Verdict.id))).all()
    undone = {row.undoes_id for row, _ in rows if row.undoes_id is not None}
    return {
        (row.need_id, row.result_id): VerdictView(
            row.id or 0, row.grade, row.reason, name, row.created_at, row.need_revision, row.result_revision
        )
        for row, name in rows
        if row.grade is not None and row.id not in undone
    }


def _pair(session: Session, command: GradePair) -> tuple[Zone, Listing, Listing]:
    """The pair as it stands on the zone's desk: computed, or judged before."""
    zone = session.exec(select(Zone).where(Zone.code == command.zone)).first()
    need = session.exec(select(Listing).where(Listing.public_id == command.need)).first()
    result = session.exec(select(Listing).where(Listing.public_id == command.result)).first()
    if zone is None or need is None or result is None:
        raise NotFound(kind="pair")
    key = (zone.id, need.id, result.id)
    matched = session.exec(
        select(Match.id).where(Match.zone_id == key[0], Match.need_id == key[1], Match.result_id == key[2])
    ).first()
    judged = session.exec(
        select(Verdict.id).where(Verdict.zone_id == key[0], Verdict.need_id == key[1], Verdict.result_id == key[2])
    ).first()
    if matched is None and judged is None:
        raise NotFound(kind="pair")
    return zone, need, result
