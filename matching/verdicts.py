"""What people say of pairs: append-only rows that no computation touches. An undo is a row of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from matching.access import Actor, require, require_mark
from matching.errors import FieldError, IllegalMove, InvalidInput, NotFound
from matching.events import VerdictGiven
from matching.model import Listing, Match, Person, Verdict, Zone
from matching.reference import codes
from matching.store.unit import UnitOfWork

STAFF_GRADES = (3, 2, 1, 0)
"""强, 较强, 弱, 无: as transfer staff grade pairs."""


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
            Verdict.grader_id == actor.person_id,
            col(Verdict.grade).is_not(None),
            col(Verdict.id).not_in(undone),
        )
        .order_by(col(Verdict.id).desc())
        .limit(1)
    ).first()
    if last is None:
        raise IllegalMove(move="undo", state="nothing")
    session.add(
        Verdict(
            zone_id=last.zone_id,
            need_id=last.need_id,
            result_id=last.result_id,
            grader_id=last.grader_id,
            source=last.source,
            audience=last.audience,
            need_revision=last.need_revision,
            result_revision=last.result_revision,
            undoes_id=last.id,
            created_at=unit.now(),
        )
    )
    need, result = session.get_one(Listing, last.need_id), session.get_one(Listing, last.result_id)
    unit.audit(actor.public_id, "verdict.undo", "pair", f"{need.public_id}:{result.public_id}", zone=zone.code)
    unit.emit(VerdictGiven(last.zone_id, last.need_id, last.result_id))
    return GradePair(zone.code, need.public_id, result.public_id, last.grade or 0, last.reason)


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
