"""The organisations as those who keep them see them: a list with search, and one with its people and what it has posted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching import access
from matching.access import Actor
from matching.errors import NotFound
from matching.model import Listing, ListingState, Membership, Organisation, Person, Role, Zone
from matching.typed_text import clean_line
from search.text import comparison_key

Which = Literal["active", "inactive", "shadow", "all"]


@dataclass(frozen=True, slots=True)
class OrganisationLine:
    """`zone` is a code. `shadow`: a sheet named it and nobody has claimed it. `listings` are open ones, `people` active."""

    public_id: str
    name: str
    name_en: str
    kind: str
    credit_code: str
    zone: str | None
    city: str
    shadow: bool
    active: bool
    demo: bool
    listings: int
    people: int


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    items: tuple[OrganisationLine, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Colleague:
    public_id: str
    name: str
    role: Role
    active: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class OrganisationProfile:
    """`by_state` counts all its listings. `may_change` is the actor's, demonstration marks regarded."""

    line: OrganisationLine
    version: int
    created_at: datetime
    people: tuple[Colleague, ...]
    by_state: Mapping[ListingState, int]
    may_change: bool


def organisations_for(
    session: Session, actor: Actor, *, words: str = "", which: Which = "active", zone: str = "", offset: int = 0, limit: int = 20
) -> OrganisationPage:
    """Administrators read all, staff those of their zones. By name; every word in a name, the city or the credit code."""
    access.require(actor, "organisation.read", zones=actor.staff_zones)
    query = select(Organisation)
    if not (actor.is_administrator or actor.is_system):
        query = query.where(col(Organisation.zone_id).in_(actor.staff_zones))
    if which in ("active", "inactive"):
        query = query.where(col(Organisation.active) if which == "active" else ~col(Organisation.active))
    elif which == "shadow":
        query = query.where(col(Organisation.shadow))
    if zone:
        query = query.join(Zone, col(Zone.id) == col(Organisation.zone_id)).where(Zone.code == zone)
    for word in clean_line(words[:200]).lower().split():
        fields = [sa.func.lower(each).contains(word, autoescape=True) for each in _TEXTS]
        key = comparison_key(word)
        query = query.where(sa.or_(*fields, *([col(Organisation.name_key).contains(key, autoescape=True)] if key else [])))
    total = session.exec(select(sa.func.count()).select_from(query.subquery())).one()
    rows = session.exec(query.order_by(col(Organisation.name), col(Organisation.id)).offset(offset).limit(limit)).all()
    return OrganisationPage(_lines(session, list(rows)), total)


_TEXTS = (
    col(Organisation.name), col(Organisation.name_en), col(Organisation.city),
    sa.func.coalesce(col(Organisation.credit_code), ""),
)  # fmt: skip


def organisation_for(session: Session, actor: Actor, public_id: str) -> OrganisationProfile:
    """Raises `NotFound`, `SignInNeeded`, `MayNot`."""
    row = session.exec(select(Organisation).where(Organisation.public_id == public_id)).first()
    zones = (row.zone_id,) if row is not None and row.zone_id is not None else ()
    access.require(actor, "organisation.read", zones=zones if row is not None else actor.staff_zones)
    if row is None:
        raise NotFound(kind="organisation")
    people = session.exec(
        select(Person, Membership)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(Membership.organisation_id == row.id)
        .order_by(col(Person.name), col(Membership.id))
    ).all()
    states = session.execute(
        sa.select(col(Listing.state), sa.func.count()).where(col(Listing.organisation_id) == row.id).group_by(col(Listing.state))
    ).all()
    may = access.is_allowed(actor, "organisation.write", zones=zones) and (row.demo or not actor.demo)
    return OrganisationProfile(
        _lines(session, [row])[0],
        row.version,
        row.created_at,
        tuple(Colleague(each.public_id, each.name, held.role, each.active, held.created_at) for each, held in people),
        {row[0]: row[1] for row in states},
        may,
    )


def _lines(session: Session, rows: list[Organisation]) -> tuple[OrganisationLine, ...]:
    ids = [row.id for row in rows]
    zones = dict(session.exec(select(Zone.id, Zone.code)).all())
    open_listings = _counts(
        session,
        sa.select(col(Listing.organisation_id), sa.func.count())
        .where(col(Listing.organisation_id).in_(ids), col(Listing.state) == ListingState.PUBLISHED)
        .group_by(col(Listing.organisation_id)),
    )
    people = _counts(
        session,
        sa.select(col(Membership.organisation_id), sa.func.count(sa.distinct(col(Membership.person_id))))
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(col(Membership.organisation_id).in_(ids), col(Person.active))
        .group_by(col(Membership.organisation_id)),
    )
    return tuple(
        OrganisationLine(
            row.public_id, row.name, row.name_en, row.kind, row.credit_code or "", zones.get(row.zone_id), row.city, row.shadow,
            row.active, row.demo, open_listings.get(row.id or 0, 0), people.get(row.id or 0, 0),
        )
        for row in rows
    )  # fmt: skip


def _counts(session: Session, query: sa.Executable) -> dict[int, int]:
    return {row[0]: row[1] for row in session.execute(query).all()}
