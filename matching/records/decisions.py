"""How a zone settles on its one strategic industry: the fields it may choose from, its decision, and those before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlmodel import Session, col, select

from matching import access
from matching.access import Actor
from matching.draft_rows import Problems
from matching.errors import InvalidInput, NotFound, StaleRevision
from matching.events import ZoneIndustryDecided
from matching.model import CodeValue, Industry, Person, Zone, ZoneIndustry
from matching.records.history import write_change
from matching.reference import IndustryNode, ZoneView, industries, zones
from matching.store.unit import UnitOfWork
from matching.typed_text import clean_line, is_broken, shown

CHOICES: Final = "undecided_choice"
"""The code list of the fields that clause 3 names; each value's fact `industry` (else its code) is the industry meant."""
SOURCE_LIMIT: Final = 300


@dataclass(frozen=True, slots=True)
class DecisionChoice:
    """`industry` is its code, `source` says where the field comes from, `taken_by` are other zones that lead in it."""

    industry: IndustryNode
    source: str
    taken_by: tuple[ZoneView, ...]
    is_current: bool


@dataclass(frozen=True, slots=True)
class Relation:
    """One strategic industry that the zone has, or had."""

    industry: IndustryNode
    began_on: date
    ended_on: date | None
    source: str
    by: str


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """`may` says whether the actor can decide now: staff for a zone that has not, administrators anew."""

    zone: ZoneView
    version: int
    choices: tuple[DecisionChoice, ...]
    relations: tuple[Relation, ...]
    may: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """`industry` is the code of one of the page's choices; `source` names the document of the decision."""

    zone: str
    industry: str
    decided_on: date | None
    source: str
    seen_version: int | None = None


def decision_page(session: Session, actor: Actor, code: str) -> DecisionPage:
    """Raises `NotFound`, `SignInNeeded`."""
    access.require(actor, "reference.read")
    row = _zone(session, code)
    all_zones = zones(session)
    zone = next(each for each in all_zones if each.id == row.id)
    relations = _relations(session, zone.id)
    nodes, sources = industries(session), _sources(session)
    current = zone.industry.code if zone.industry else None
    offered = [node for node in nodes.values() if node.code in _open(sources, relations, nodes)]
    order = [*sources, *(node.code for node in offered)]
    return DecisionPage(
        zone=zone,
        version=row.version,
        choices=tuple(
            DecisionChoice(
                node,
                sources.get(node.code, ""),
                tuple(each for each in all_zones if each.id != zone.id and each.industry and each.industry.id == node.id),
                node.code == current,
            )
            for node in sorted(offered, key=lambda each: order.index(each.code))
        ),
        relations=relations,
        may=not actor.demo and access.is_allowed(actor, _action(zone.industry is not None), zones={zone.id}),
    )


def decide(unit: UnitOfWork, actor: Actor, command: Decision) -> None:
    """The zone's industry from the day given; the one before it ends on that day and stays in the history.

    Raises `InvalidInput`, `NotFound`, `StaleRevision`, `SignInNeeded`, `MayNot`.
    """
    session = unit.session
    row = _zone(session, command.zone, for_update=True)
    zone_id = row.id or 0
    active = session.exec(select(ZoneIndustry).where(ZoneIndustry.zone_id == zone_id, col(ZoneIndustry.active))).first()
    access.require(actor, _action(active is not None), zones={zone_id})
    access.require_mark(actor, "zone.decide", demo=False)
    if command.seen_version is not None and command.seen_version != row.version:
        raise StaleRevision(seen=command.seen_version, current=row.version)
    nodes = industries(session)
    node = _chosen(session, command, zone_id, nodes, active, unit.today())
    before = {
        "industry": nodes[active.industry_id].code if active else None,
        "began_on": active.began_on.isoformat() if active else None,
        "source": active.source if active else "",
        "candidate": nodes[row.candidate_industry_id].code if row.candidate_industry_id else None,
    }
    began_on = command.decided_on or unit.today()
    if active is not None:
        active.active, active.ended_on = False, began_on
        session.add(active)
        session.flush()
    source = clean_line(command.source)
    session.add(
        ZoneIndustry(
            zone_id=zone_id, industry_id=node.id, began_on=began_on, source=source, decided_by_id=actor.person_id,
            created_at=unit.now(),
        )
    )  # fmt: skip
    row.candidate_industry_id, row.version = None, row.version + 1
    session.add(row)
    session.flush()
    after = {"industry": node.code, "began_on": began_on.isoformat(), "source": source, "candidate": None}
    write_change(unit, actor, "zones", row.code, "decide", before, after)
    unit.emit(ZoneIndustryDecided(zone_id))


def _chosen(
    session: Session,
    command: Decision,
    zone_id: int,
    nodes: Mapping[int, IndustryNode],
    active: ZoneIndustry | None,
    today: date,
) -> IndustryNode:
    """The industry meant. Raises `InvalidInput` with all that is wrong."""
    problems = Problems()
    key = clean_line(command.industry)
    offered = _open(_sources(session), _relations(session, zone_id), nodes)
    node = next((each for each in nodes.values() if each.code == key and key in offered), None)
    if not key:
        problems.add("industry", "required")
    elif node is None:
        problems.add("industry", "unknown_code", value=shown(key))
    elif active is not None and active.industry_id == node.id:
        problems.add("industry", "already_decided")
    if command.decided_on is None:
        problems.add("decided_on", "required")
    elif command.decided_on > today:
        problems.add("decided_on", "date_in_future")
    elif active is not None and command.decided_on < active.began_on:
        problems.add("decided_on", "before_last_decision", value=active.began_on.isoformat())
    if is_broken(command.source):
        problems.add("source", "control_characters")
    elif not problems.fit("source", clean_line(command.source), SOURCE_LIMIT):
        problems.add("source", "required")
    if problems.found or node is None:
        raise InvalidInput(*problems.found)
    return node


def _open(sources: dict[str, str], relations: tuple[Relation, ...], nodes: Mapping[int, IndustryNode]) -> set[str]:
    """What the list names, and what the zone had before: it may go back."""
    usable = {node.code for node in nodes.values() if not node.retired}
    return ({*sources} & usable) | {each.industry.code for each in relations}


def _sources(session: Session) -> dict[str, str]:
    """Industry code → where the list has it from, in the list's order."""
    rows = session.exec(
        select(CodeValue)
        .where(CodeValue.list_code == CHOICES, col(CodeValue.valid_until).is_(None))
        .order_by(col(CodeValue.position), col(CodeValue.id))
    ).all()
    return {str(row.facts.get("industry") or row.code): row.source for row in rows}


def _relations(session: Session, zone_id: int) -> tuple[Relation, ...]:
    """The newest first."""
    nodes = industries(session)
    rows = session.exec(
        select(ZoneIndustry, Person.name)
        .join(Industry, col(Industry.id) == col(ZoneIndustry.industry_id))
        .outerjoin(Person, col(Person.id) == col(ZoneIndustry.decided_by_id))
        .where(ZoneIndustry.zone_id == zone_id)
        .order_by(col(ZoneIndustry.id).desc())
    ).all()
    return tuple(Relation(nodes[row.industry_id], row.began_on, row.ended_on, row.source, name or "") for row, name in rows)


def _zone(session: Session, code: str, *, for_update: bool = False) -> Zone:
    query = select(Zone).where(Zone.code == code)
    row = session.exec(query.with_for_update() if for_update else query).first()
    if row is None:
        raise NotFound(kind="zone")
    return row


def _action(is_decided: bool) -> str:
    return "zone.decide_anew" if is_decided else "zone.decide"
