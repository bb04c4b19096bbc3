"""The encoder that holds, those that wait and those that were: for the people who answer for them. Promoting one, refusing it,
going back; and what a waiting one would say on a zone's desk.

Which encoder holds is a row. Every process takes it up by itself (`api.encoders`), and the index is built anew beside the one
that serves, from vectors that are there already.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching import tasks
from matching.access import Actor, is_allowed, is_allowed_anywhere, require, require_mark
from matching.errors import IllegalMove, NotFound
from matching.model import LearnedEncoder, Listing, Match, Person, ShadowPair, Zone
from matching.pair_names import Moved, Named, PairNames
from matching.rankers import encoder_in_force
from matching.store.unit import UnitOfWork

REINDEX: Final = "reindex"
FIRST: Final = 10
MOST_PAST: Final = 10


@dataclass(frozen=True, slots=True)
class EncoderView:
    """A taught encoder. `figures`, `data`, `moved`, `hidden`: as of `learned.ModelView`."""

    public_id: str
    state: str
    folder: str
    recipe: str
    spread: float
    figures: Mapping[str, Any]
    data: Mapping[str, Any]
    moved: tuple[Moved, ...]
    hidden: int
    reason: str
    demo: bool
    created_at: datetime
    decided_at: datetime | None
    decided_by: str
    ended_at: datetime | None
    ended_by: str
    is_stale: bool
    may_decide: bool


@dataclass(frozen=True, slots=True)
class EncoderPage:
    """`in_force` is None where the encoder of the settings holds."""

    in_force: EncoderView | None
    waiting: tuple[EncoderView, ...]
    past: tuple[EncoderView, ...]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A pair of a need by the waiting encoder, beside today: `rank` from 1, None where it is not among the first ten; levels
    None where the pair is not there at all."""

    pair: Named
    rank: int | None
    rank_before: int | None
    level: int | None
    level_before: int | None


@dataclass(frozen=True, slots=True)
class ForeseenNeed:
    """`new` of its first ten by the waiting encoder are not among today's."""

    need: str
    title: str
    new: int


def page(session: Session, actor: Actor) -> EncoderPage:
    """Raises `SignInNeeded`, `MayNot`."""
    require(actor, "model.read", zones=actor.staff_zones)
    rows = session.exec(select(LearnedEncoder).order_by(col(LearnedEncoder.id).desc())).all()
    views = [(row.state, _view(session, actor, row)) for row in rows]
    return EncoderPage(
        next((view for state, view in views if state == "in_force"), None),
        tuple(view for state, view in views if state == "candidate"),
        tuple(view for state, view in views if state in ("refused", "retired"))[:MOST_PAST],
    )


def show(session: Session, actor: Actor, public_id: str) -> EncoderView:
    """Raises `SignInNeeded`, `MayNot`, `NotFound`."""
    require(actor, "model.read", zones=actor.staff_zones)
    row = session.exec(select(LearnedEncoder).where(LearnedEncoder.public_id == public_id)).first()
    if row is None:
        raise NotFound(kind="model")
    return _view(session, actor, row, with_pairs=True)


def waiting(session: Session) -> str | None:
    """The public id of the one that waits."""
    row = _candidate(session)
    return row.public_id if row is not None else None


def foreseen(session: Session, actor: Actor, zone: str, need: str) -> tuple[Foreseen, ...]:
    """The first ten of a need on a zone's desk as the waiting encoder would have them, then those of today that it would not have
    there. Empty where none waits. Raises `SignInNeeded`, `MayNot`, `NotFound`."""
    zone_id = _desk_of(session, actor, zone)
    need_id = session.exec(select(Listing.id).where(Listing.public_id == need)).first()
    row = _candidate(session)
    if row is None or need_id is None:
        return ()
    then = session.exec(
        select(ShadowPair)
        .where(ShadowPair.encoder_id == row.id, ShadowPair.zone_id == zone_id, ShadowPair.need_id == need_id)
        .order_by(col(ShadowPair.rank))
    ).all()
    own = select(Match).where(Match.zone_id == zone_id, Match.need_id == need_id, Match.lane == "industry")
    now = session.exec(own.order_by(col(Match.score).desc(), col(Match.result_id))).all()
    before = {each.result_id: (rank, each.level) for rank, each in enumerate(now, 1)}
    after = {each.result_id: each for each in then}
    gone = [each.result_id for each in now[:FIRST] if each.result_id not in after]
    names = PairNames(session, actor).named([(zone_id, need_id, each) for each in (*after, *gone)])
    return tuple(
        Foreseen(
            names[zone_id, need_id, each],
            after[each].rank if each in after else None,
            before.get(each, (None, None))[0],
            after[each].level if each in after else None,
            before.get(each, (None, None))[1],
        )
        for each in (*after, *gone)
        if (zone_id, need_id, each) in names
    )


def foreseen_needs(session: Session, actor: Actor, zone: str) -> tuple[ForeseenNeed, ...]:
    """The needs of a zone's desk as the waiting encoder would have them, those that change most first. Empty where none
    waits. Raises as `foreseen`."""
    zone_id = _desk_of(session, actor, zone)
    row = _candidate(session)
    if row is None:
        return ()
    then: dict[int, list[int]] = {}
    shadow = select(ShadowPair).where(ShadowPair.encoder_id == row.id, ShadowPair.zone_id == zone_id)
    for each in session.exec(shadow.order_by(col(ShadowPair.rank))).all():
        then.setdefault(each.need_id, []).append(each.result_id)
    now: dict[int, list[int]] = {}
    own = select(Match.need_id, Match.result_id).where(Match.zone_id == zone_id, Match.lane == "industry")
    for need_id, result_id in session.exec(own.order_by(col(Match.score).desc(), col(Match.result_id))).all():
        now.setdefault(need_id, []).append(result_id)
    names = PairNames(session, actor).named([(zone_id, need_id, results[0]) for need_id, results in then.items()])
    found = [
        ForeseenNeed(named.need, named.need_title, len(set(then[need_id]) - set(now.get(need_id, [])[:FIRST])))
        for (_, need_id, _), named in names.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.new, each.title, each.need)))


def _desk_of(session: Session, actor: Actor, zone: str) -> int:
    zone_id = session.exec(select(Zone.id).where(Zone.code == zone)).first()
    if zone_id is None:
        raise NotFound(kind="zone")
    require(actor, "desk.read", zones={zone_id})
    return zone_id


def _candidate(session: Session) -> LearnedEncoder | None:
    return session.exec(select(LearnedEncoder).where(LearnedEncoder.state == "candidate")).first()


def promote(unit: UnitOfWork, actor: Actor, public_id: str) -> None:
    """The candidate holds from now on; the index is built anew, and then all zones are matched again.

    Raises `MayNot`, `NotFound`, `IllegalMove`: it does not wait any more (`already_so`), or what it was judged beside holds no
    more (`model_moved`).
    """
    row = _for_write(unit, actor, public_id, "candidate")
    holder = encoder_in_force(unit.session)
    if (holder.id if holder is not None else None) != row.base_id:
        raise IllegalMove("model_moved")
    if holder is not None:
        holder.state, holder.ended_at, holder.ended_by_id = "retired", unit.now(), actor.person_id
        unit.session.flush()
    row.state, row.decided_at, row.decided_by_id = "in_force", unit.now(), actor.person_id
    _changed(unit, actor, "encoder.promote", row)


def refuse(unit: UnitOfWork, actor: Actor, public_id: str) -> None:
    """A person decides against a candidate. Raises `MayNot`, `NotFound`, `IllegalMove` (`already_so`)."""
    row = _for_write(unit, actor, public_id, "candidate")
    row.state, row.reason, row.decided_at, row.decided_by_id = "refused", "person", unit.now(), actor.person_id
    _forget_shadow(unit, row)
    unit.audit(actor.public_id, "encoder.refuse", "model", row.public_id)


def back(unit: UnitOfWork, actor: Actor, public_id: str) -> None:
    """What held before the one in force holds again. Raises `MayNot`, `NotFound`, `IllegalMove` (`already_so`)."""
    row = _for_write(unit, actor, public_id, "in_force")
    row.state, row.ended_at, row.ended_by_id = "retired", unit.now(), actor.person_id
    unit.session.flush()
    base = unit.session.get(LearnedEncoder, row.base_id) if row.base_id is not None else None
    if base is not None:
        base.state, base.ended_at, base.ended_by_id = "in_force", None, None
    _changed(unit, actor, "encoder.back", row)


def _changed(unit: UnitOfWork, actor: Actor, action: str, row: LearnedEncoder) -> None:
    unit.session.flush()
    _forget_shadow(unit, row)
    unit.audit(actor.public_id, action, "model", row.public_id, recipe=row.recipe, base=row.base_id)
    tasks.open_task(unit, REINDEX, asked_by=actor.person_id)


def _forget_shadow(unit: UnitOfWork, row: LearnedEncoder) -> None:
    unit.session.execute(sa.delete(ShadowPair).where(col(ShadowPair.encoder_id) == row.id))


def _for_write(unit: UnitOfWork, actor: Actor, public_id: str, state: str) -> LearnedEncoder:
    """The row, locked, in this state. A demonstration account, whose password everybody knows, moves nothing."""
    require(actor, "model.write")
    require_mark(actor, "model.write", demo=False)
    row = unit.session.exec(select(LearnedEncoder).where(LearnedEncoder.public_id == public_id).with_for_update()).first()
    if row is None:
        raise NotFound(kind="model")
    if row.state != state:
        raise IllegalMove("already_so")
    return row


def _view(session: Session, actor: Actor, row: LearnedEncoder, *, with_pairs: bool = False) -> EncoderView:
    """Figures and pairs of all zones are for those who answer for all zones."""
    sees_all = is_allowed(actor, "model.read")
    moved = PairNames(session, actor).moved(row.moved) if sees_all and with_pairs else ()
    holder = encoder_in_force(session)

    def name(person_id: int | None) -> str:
        person = session.get(Person, person_id) if person_id is not None else None
        return person.name if person is not None else ""

    return EncoderView(
        public_id=row.public_id,
        state=row.state,
        folder=row.folder,
        recipe=row.recipe,
        spread=row.spread,
        figures=row.figures if sees_all else {},
        data=row.data if sees_all else {},
        moved=moved,
        hidden=len(row.moved) - len(moved) if sees_all and with_pairs else 0,
        reason=row.reason,
        demo=row.demo,
        created_at=row.created_at,
        decided_at=row.decided_at,
        decided_by=name(row.decided_by_id),
        ended_at=row.ended_at,
        ended_by=name(row.ended_by_id),
        is_stale=row.state == "candidate" and (holder.id if holder is not None else None) != row.base_id,
        may_decide=is_allowed_anywhere(actor, "model.write") and not actor.demo,
    )
