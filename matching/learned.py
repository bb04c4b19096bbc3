"""The models in force and those that wait, as the people who answer for them see them; promoting, refusing, going back; and a
zone's weights of the business parts. A reader is told of pairs only by titles that the reader may open."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from matching.access import Actor, is_allowed, is_allowed_anywhere, require, require_mark
from matching.errors import FieldError, IllegalMove, InvalidInput, NotFound, StaleRevision
from matching.events import RankerChanged
from matching.model import LearnedRanker, Person, Zone, ZoneWeights
from matching.pair_names import Moved, Named, PairNames
from matching.pairing.parts import BUSINESS_WEIGHTS, Formula
from matching.pairing.ranker import Ranker, from_json
from matching.rankers import business_weights, content_of, row_in_force
from matching.reference import ZoneView, zones
from matching.second_looks import Agreement, SecondLook, agreement, second_looks
from matching.store.unit import UnitOfWork

MOST_PAST: Final = 30
MOST_LOOKS: Final = 20


@dataclass(frozen=True, slots=True)
class Look:
    """A pair whose verdicts contradict each other, with both of them."""

    pair: Named
    found: SecondLook


@dataclass(frozen=True, slots=True)
class ModelView:
    """A learned ranker. `zone` is a code, None for all zones; `base` what it was judged beside. `figures` and `data` are as
    `refitting.judge` and `verdict_lessons.described` give them. `hidden` counts moved pairs that this
    reader may not open, or that were closed."""

    public_id: str
    zone: str | None
    state: str
    ranker: Ranker
    base: Ranker
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
    """What it was judged beside holds no more: it has to be learned again."""
    may_decide: bool


@dataclass(frozen=True, slots=True)
class ZoneModel:
    """What a zone is scored by. `own` is its own ranker where it has one; `disputed` pairs are seen very differently, `looks`
    are those of them that this reader may open. `version` is that of the weights."""

    zone: ZoneView
    ranker: Ranker
    own: ModelView | None
    agreement: Agreement
    disputed: int
    looks: tuple[Look, ...]
    weights: Mapping[str, float]
    are_own: bool
    version: int
    may_set: bool


@dataclass(frozen=True, slots=True)
class ModelPage:
    """`common` is None where the shipped ranker holds for all zones."""

    ranker: Ranker
    common: ModelView | None
    zones: tuple[ZoneModel, ...]
    waiting: tuple[ModelView, ...]
    past: tuple[ModelView, ...]
    may_write: bool


def page(session: Session, actor: Actor) -> ModelPage:
    """Everything for administrators; for a zone's staff what concerns their zone; the pairs stand on the pages of each model
    and zone. Raises `SignInNeeded`, `MayNot`."""
    require(actor, "model.read", zones=actor.staff_zones)
    reader = _Reader(session, actor)
    every = select(LearnedRanker).order_by(col(LearnedRanker.id).desc())
    mine = [row for row in session.exec(every) if reader.may_read(row)]
    common = row_in_force(session, None)
    past = [row for row in mine if row.state in ("refused", "retired")][:MOST_PAST]
    return ModelPage(
        ranker=content_of(common),
        common=reader.view(common) if common is not None else None,
        zones=tuple(reader.zone(each) for each in zones(session) if is_allowed(actor, "model.read", zones={each.id})),
        waiting=tuple(reader.view(row) for row in mine if row.state == "candidate"),
        past=tuple(reader.view(row) for row in past),
        may_write=reader.may_write,
    )


def show(session: Session, actor: Actor, public_id: str) -> ModelView:
    """Raises `SignInNeeded`, `MayNot`, `NotFound`."""
    require(actor, "model.read", zones=actor.staff_zones)
    row = session.exec(select(LearnedRanker).where(LearnedRanker.public_id == public_id)).first()
    reader = _Reader(session, actor)
    if row is None or not reader.may_read(row):
        raise NotFound(kind="model")
    return reader.view(row, with_pairs=True)


def zone_page(session: Session, actor: Actor, code: str) -> ZoneModel:
    """Raises `SignInNeeded`, `MayNot`, `NotFound`."""
    for zone in zones(session):
        if zone.code == code:
            require(actor, "model.read", zones={zone.id})
            return _Reader(session, actor).zone(zone, with_pairs=True)
    require(actor, "model.read", zones=actor.staff_zones)
    raise NotFound(kind="zone")


def promote(unit: UnitOfWork, actor: Actor, public_id: str) -> None:
    """The candidate holds from now on, and its zones are matched again.

    Raises `MayNot`, `NotFound`, `IllegalMove`: it does not wait any more (`already_so`), or what it was judged beside holds no
    more (`model_moved`).
    """
    row = _for_write(unit, actor, public_id, "candidate")
    session = unit.session
    holder = row_in_force(session, row.zone_id)
    if (holder.id if holder is not None else None) != row.base_id:
        raise IllegalMove("model_moved")
    if holder is not None and holder.zone_id == row.zone_id:
        holder.state, holder.ended_at, holder.ended_by_id = "retired", unit.now(), actor.person_id
        session.flush()
    row.state, row.decided_at, row.decided_by_id = "in_force", unit.now(), actor.person_id
    session.flush()
    _tell(unit, actor, "model.promote", row)


def refuse(unit: UnitOfWork, actor: Actor, public_id: str) -> None:
    """A person decides against a candidate. Raises `MayNot`, `NotFound`, `IllegalMove` (`already_so`)."""
    row = _for_write(unit, actor, public_id, "candidate")
    row.state, row.reason, row.decided_at, row.decided_by_id = "refused", "person", unit.now(), actor.person_id
    unit.audit(actor.public_id, "model.refuse", "model", row.public_id)


def back(unit: UnitOfWork, actor: Actor, public_id: str) -> None:
    """What held before the model in force holds again, and its zones are matched again. Raises `MayNot`, `NotFound`,
    `IllegalMove` (`already_so`)."""
    row = _for_write(unit, actor, public_id, "in_force")
    session = unit.session
    row.state, row.ended_at, row.ended_by_id = "retired", unit.now(), actor.person_id
    session.flush()
    base = session.get(LearnedRanker, row.base_id) if row.base_id is not None else None
    if base is not None and base.zone_id == row.zone_id:
        base.state, base.ended_at, base.ended_by_id = "in_force", None, None
        session.flush()
    _tell(unit, actor, "model.back", row)


def set_weights(unit: UnitOfWork, actor: Actor, code: str, weights: Mapping[str, float], *, seen_version: int) -> None:
    """How much each business part counts in a zone, all of them named; the zone is matched again.

    Raises `MayNot`, `NotFound`, `InvalidInput` by part (and at `weights` for a sum above 1), `StaleRevision`.
    """
    session = unit.session
    zone = session.exec(select(Zone).where(Zone.code == code)).first()
    if zone is None or zone.id is None:
        raise NotFound(kind="zone")
    require(actor, "model.write", zones={zone.id})
    require_mark(actor, "model.write", demo=False)
    _check(weights)
    row = session.exec(select(ZoneWeights).where(ZoneWeights.zone_id == zone.id).with_for_update()).first()
    current = row.version if row is not None else 0
    if seen_version != current:
        raise StaleRevision(seen=seen_version, current=current)
    before = dict(business_weights(session, zone.id))
    if dict(weights) == before:
        return
    if row is None:
        row = ZoneWeights(zone_id=zone.id, version=0, changed_at=unit.now())
    row.weights, row.version = dict(weights), row.version + 1
    row.changed_at, row.changed_by_id = unit.now(), actor.person_id
    session.add(row)
    session.flush()
    unit.audit(actor.public_id, "model.weights", "zone", zone.code, before=before, after=dict(weights))
    unit.emit(RankerChanged(zone.id))


def _check(weights: Mapping[str, float]) -> None:
    wrong = [
        FieldError(part, "out_of_range", {"low": "0", "high": "1"})
        for part in BUSINESS_WEIGHTS
        if not 0 <= weights.get(part, -1.0) <= 1
    ]
    if wrong or weights.keys() != BUSINESS_WEIGHTS.keys():
        raise InvalidInput(*(wrong or [FieldError("weights", "unknown_field")]))
    try:
        Formula(0.5, 0.5, weights)
    except ValueError:
        raise InvalidInput(FieldError("weights", "weights_over_one", {"sum": f"{sum(weights.values()):g}"})) from None


def _for_write(unit: UnitOfWork, actor: Actor, public_id: str, state: str) -> LearnedRanker:
    """The row, locked, in this state. A demonstration account, whose password everybody knows, moves no zone's matches."""
    row = unit.session.exec(select(LearnedRanker).where(LearnedRanker.public_id == public_id).with_for_update()).first()
    require(actor, "model.write", zones={row.zone_id} if row is not None and row.zone_id is not None else ())
    require_mark(actor, "model.write", demo=False)
    if row is None:
        raise NotFound(kind="model")
    if row.state != state:
        raise IllegalMove("already_so")
    return row


def _tell(unit: UnitOfWork, actor: Actor, action: str, row: LearnedRanker) -> None:
    unit.audit(actor.public_id, action, "model", row.public_id, zone=row.zone_id, base=row.base_id)
    unit.emit(RankerChanged(row.zone_id))


class _Reader:
    def __init__(self, session: Session, actor: Actor) -> None:
        self._session = session
        self._actor = actor
        self._names = PairNames(session, actor)
        self._codes = self._names.codes
        self.may_write = is_allowed_anywhere(actor, "model.write") and not actor.demo

    def may_read(self, row: LearnedRanker) -> bool:
        return is_allowed(self._actor, "model.read", zones={row.zone_id} if row.zone_id is not None else ())

    def view(self, row: LearnedRanker, *, with_pairs: bool = False) -> ModelView:
        holder = row_in_force(self._session, row.zone_id)
        base = self._session.get(LearnedRanker, row.base_id) if row.base_id is not None else None
        sees_all = self.may_read(row)
        moved = self._names.moved(row.moved) if sees_all and with_pairs else ()
        return ModelView(
            public_id=row.public_id,
            zone=self._codes.get(row.zone_id) if row.zone_id is not None else None,
            state=row.state,
            ranker=from_json(row.content),
            base=content_of(base),
            figures=row.figures if sees_all else {},
            data=row.data if sees_all else {},
            moved=moved,
            hidden=len(row.moved) - len(moved) if sees_all and with_pairs else 0,
            reason=row.reason,
            demo=row.demo,
            created_at=row.created_at,
            decided_at=row.decided_at,
            decided_by=self._name(row.decided_by_id),
            ended_at=row.ended_at,
            ended_by=self._name(row.ended_by_id),
            is_stale=row.state == "candidate" and (holder.id if holder is not None else None) != row.base_id,
            may_decide=self.may_write,
        )

    def zone(self, zone: ZoneView, *, with_pairs: bool = False) -> ZoneModel:
        own = row_in_force(self._session, zone.id, own=True)
        disputed = second_looks(self._session, zone.id)
        looks = disputed[:MOST_LOOKS] if with_pairs else ()
        named = self._names.named([(zone.id, *each.pair) for each in looks])
        row = self._session.get(ZoneWeights, zone.id)
        weights = business_weights(self._session, zone.id)
        return ZoneModel(
            zone=zone,
            ranker=content_of(row_in_force(self._session, zone.id)),
            own=self.view(own) if own is not None else None,
            agreement=agreement(self._session, zone.id),
            disputed=len(disputed),
            looks=tuple(Look(named[zone.id, *each.pair], each) for each in looks if (zone.id, *each.pair) in named),
            weights=weights,
            are_own=dict(weights) != dict(BUSINESS_WEIGHTS),
            version=row.version if row is not None else 0,
            may_set=self.may_write,
        )

    def _name(self, person_id: int | None) -> str:
        person = self._session.get(Person, person_id) if person_id is not None else None
        return person.name if person is not None else ""
