"""Organisations: added and changed by staff and administrators, found by credit code or by name and city."""

from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import Session, col, select

from matching import access, credit_code
from matching.access import Actor
from matching.content import OrganisationRef
from matching.draft_rows import Problems
from matching.errors import FieldError, InvalidInput, NotFound, StaleRevision
from matching.events import ListingsChanged, ZonesChanged
from matching.model import Listing, ListingState, Organisation, Zone
from matching.reference import codes
from matching.store.unit import UnitOfWork
from matching.typed_text import clean_line, has_words, is_broken, shown
from search.text import comparison_key

NAME_LIMIT: Final = 120
_LIMITS: Final = {"name": NAME_LIMIT, "name_en": 160, "city": 40}
_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class OrganisationDraft:
    """`kind` is a code of the list `organisation_kind`, `zone` a zone's code; `shadow` marks one that a sheet named."""

    name: str
    kind: str
    name_en: str = ""
    credit_code: str = ""
    zone: str | None = None
    city: str = ""
    shadow: bool = False
    demo: bool = False


def add(unit: UnitOfWork, actor: Actor, draft: OrganisationDraft) -> OrganisationRef:
    """A new organisation. Staff add those of their zone, and shadows that their sheets name wherever they sit.

    Raises `InvalidInput` (all fields at once; `taken` for a credit code or a name in that city that exists),
    `SignInNeeded`, `MayNot`.
    """
    session, problems = unit.session, Problems()
    values = _values(session, draft, None, problems)
    access.require(actor, "organisation.write", zones=actor.staff_zones if draft.shadow else _zones(values["zone_id"]))
    access.require_mark(actor, "organisation.write", demo=draft.demo)
    if problems.found:
        raise InvalidInput(*problems.found)
    row = Organisation(**values, shadow=draft.shadow, demo=draft.demo, created_at=unit.now())
    session.add(row)
    session.flush()
    unit.audit(actor.public_id, "organisation.add", "organisation", row.public_id, shadow=row.shadow, demo=row.demo)
    return _ref(row)


def change(
    unit: UnitOfWork, actor: Actor, public_id: str, draft: OrganisationDraft, *, seen_version: int | None = None
) -> OrganisationRef:
    """Other names, kind, code or place; marks stay. What is said of it is part of what its listings are found by: their
    documents are made again in the bulk lane, and a zone that it leaves is matched anew. Staff need both zones.

    Raises `InvalidInput` (all fields at once), `StaleRevision`, `NotFound`, `SignInNeeded`, `MayNot`.
    """
    session, problems = unit.session, Problems()
    row = _held(session, actor, public_id, seen_version)
    values = _values(session, draft, row, problems)
    access.require(actor, "organisation.write", zones=_zones(values["zone_id"]))
    if problems.found:
        raise InvalidInput(*problems.found)
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    if not changed:
        return _ref(row)
    before = row.zone_id
    unit.audit(
        actor.public_id, "organisation.change", "organisation", row.public_id, fields=changed, before=row.name,
        after=values["name"],
    )  # fmt: skip
    for name in changed:
        setattr(row, name, values[name])
    row.version += 1
    session.add(row)
    session.flush()
    published = select(Listing.id).where(Listing.organisation_id == row.id, Listing.state == ListingState.PUBLISHED)
    unit.emit(ListingsChanged(tuple(each or 0 for each in session.exec(published).all())))
    if before is not None and before != row.zone_id:
        unit.emit(ZonesChanged((before,)))
    return _ref(row)


def set_active(unit: UnitOfWork, actor: Actor, public_id: str, *, active: bool) -> None:
    """Nobody acts for one that is not active; what it has published stays. Again the same changes nothing."""
    row = _held(unit.session, actor, public_id, None)
    if row.active != active:
        row.active = active
        row.version += 1
        unit.session.add(row)
        done = "organisation.activate" if active else "organisation.deactivate"
        unit.audit(actor.public_id, done, "organisation", row.public_id)


def _held(session: Session, actor: Actor, public_id: str, seen_version: int | None) -> Organisation:
    """The row, if the actor may write it. Raises `NotFound`, `StaleRevision`, `SignInNeeded`, `MayNot`."""
    row = session.exec(select(Organisation).where(Organisation.public_id == public_id).with_for_update()).first()
    if row is None:
        raise NotFound(kind="organisation")
    access.require(actor, "organisation.write", zones=_zones(row.zone_id))
    access.require_mark(actor, "organisation.write", demo=row.demo)
    if seen_version is not None and seen_version != row.version:
        raise StaleRevision(seen=seen_version, current=row.version)
    return row


def _values(session: Session, draft: OrganisationDraft, row: Organisation | None, problems: Problems) -> dict[str, Any]:
    """The columns that a draft makes, checked against the lists and the other organisations."""
    texts = {field: _line(field, getattr(draft, field), limit, problems) for field, limit in _LIMITS.items()}
    _check_name(texts["name"], problems)
    if draft.kind not in codes(session, "organisation_kind") and (row is None or draft.kind != row.kind):
        problems.add("kind", "unknown_code", value=shown(draft.kind))
    zone = session.exec(select(Zone).where(Zone.code == draft.zone)).first() if draft.zone else None
    if draft.zone and zone is None:
        problems.add("zone", "unknown_code", value=shown(draft.zone))
    own = row.id if row is not None else None
    code = credit_code.normalise(draft.credit_code) or None
    if code is not None and not credit_code.is_valid(code):
        problems.add("credit_code", "bad_credit_code")
    elif (
        code is not None
        and session.exec(
            select(Organisation.id).where(Organisation.credit_code == code, col(Organisation.id).is_distinct_from(own))
        ).first()
    ):
        problems.add("credit_code", "taken")
    key = comparison_key(texts["name"])[:NAME_LIMIT]
    same = session.exec(select(Organisation).where(Organisation.name_key == key, Organisation.city == texts["city"])).all()
    if key and any(each.id != own and (code is None or each.credit_code is None) for each in same):
        problems.add("name", "taken")
    return {**texts, "name_key": key, "kind": draft.kind, "credit_code": code, "zone_id": zone.id if zone else None}


def _zones(zone_id: int | None) -> tuple[int, ...]:
    return (zone_id,) if zone_id is not None else ()


def find(session: Session, *, code: str = "", name: str = "", city: str = "") -> OrganisationRef | None:
    """The organisation that a sheet or a person means: by credit code, else by name (in any spelling) and city.

    A name alone is enough while it is one organisation's. One with another credit code, or in another city than the one
    given, is another organisation. Raises `InvalidInput` (`ambiguous`) where several fit.
    """
    wanted_code = credit_code.normalise(code)
    if wanted_code:
        row = session.exec(select(Organisation).where(Organisation.credit_code == wanted_code)).first()
        if row is not None:
            return _ref(row)
    key = comparison_key(clean_line(name))[:NAME_LIMIT]
    if not key:
        return None
    wanted_city = clean_line(city)
    rows = [
        row
        for row in session.exec(select(Organisation).where(Organisation.name_key == key).order_by(col(Organisation.id))).all()
        if not (wanted_code and row.credit_code) and not (wanted_city and row.city and row.city != wanted_city)
    ]
    exact = [row for row in rows if wanted_city and row.city == wanted_city]
    chosen = exact or rows
    if len(chosen) > 1:
        raise InvalidInput(FieldError("owner", "ambiguous"))
    return _ref(chosen[0]) if chosen else None


def get(session: Session, public_id: str) -> OrganisationRef:
    """Raises `NotFound`."""
    row = session.exec(select(Organisation).where(Organisation.public_id == public_id)).first()
    if row is None:
        raise NotFound(kind="organisation")
    return _ref(row)


def readable(session: Session, actor: Actor, public_id: str) -> OrganisationRef:
    """One that the actor may know of (`access.known`). Raises `NotFound`."""
    row = session.exec(select(Organisation).where(Organisation.public_id == public_id, access.known(actor))).first()
    if row is None:
        raise NotFound(kind="organisation")
    return _ref(row)


def of_actor(session: Session, actor: Actor) -> tuple[OrganisationRef, ...]:
    """Those the actor may post for without addressing a zone: the ones he acts for; for staff those of their zones, too;
    for administrators all (at most 200 in each case), by name."""
    query = select(Organisation).where(col(Organisation.active)).order_by(col(Organisation.name)).limit(_MOST)
    if not (actor.is_administrator or actor.is_system):
        own, zone = col(Organisation.id).in_(actor.organisations), col(Organisation.zone_id).in_(actor.staff_zones)
        query = query.where(own | zone)
    if actor.demo:
        query = query.where(col(Organisation.demo))
    return tuple(_ref(row) for row in session.exec(query).all())


def _line(field: str, typed: str, limit: int, problems: Problems) -> str:
    if is_broken(typed):
        problems.add(field, "control_characters")
    return problems.fit(field, clean_line(typed), limit)


def _check_name(name: str, problems: Problems) -> None:
    if not problems.has("name") and not has_words(name):
        problems.add("name", "meaningless" if name else "required")


def _ref(row: Organisation) -> OrganisationRef:
    return OrganisationRef(row.id or 0, row.public_id, row.name, row.name_en, row.kind, row.city, row.zone_id, row.demo)
