"""Who may do what: one table, and the SQL predicates made of it. Every route and use-case asks here; the default is no.

D widens this (organisations verified, four layers, more roles); the shape stays: action × role × relation.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching.errors import MayNot, SignInNeeded
from matching.model import (
    Layer,
    Listing,
    ListingIndustry,
    ListingState,
    Membership,
    Organisation,
    Person,
    Role,
    TagState,
    ZoneIndustry,
)
from matching.reference import ancestors_by_id, tagged_with
from search.ports import Audience


class Relation(StrEnum):
    ANY = "any"
    OWN = "own"  # the listing or batch belongs to an organisation the actor acts for
    ZONE = "zone"  # the actor's zone is in charge of it, or it is the actor's zone


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, as of this request. Ids are database ids. `SYSTEM` is the worker and the machine's own command line."""

    person_id: int | None
    public_id: str
    name: str
    roles: frozenset[Role] = frozenset()
    organisations: frozenset[int] = frozenset()
    staff_zones: frozenset[int] = frozenset()
    broker_zones: frozenset[int] = frozenset()
    demo: bool = False
    is_system: bool = False

    @property
    def is_visitor(self) -> bool:
        return self.person_id is None and not self.is_system

    @property
    def is_administrator(self) -> bool:
        return Role.ADMINISTRATOR in self.roles

    @property
    def desk_zones(self) -> frozenset[int]:
        return self.staff_zones | self.broker_zones


VISITOR = Actor(None, "visitor", "")
SYSTEM = Actor(None, "system", "system", is_system=True)

_Cells = frozenset[tuple[Role | None, Relation]]
_OWNERS: _Cells = frozenset({(Role.PROVIDER, Relation.OWN), (Role.SEEKER, Relation.OWN)})
_STAFF: _Cells = frozenset({(Role.ZONE_STAFF, Relation.ZONE)})
_DESK = _STAFF | {(Role.BROKER, Relation.ZONE)}
_ADMIN: _Cells = frozenset({(Role.ADMINISTRATOR, Relation.ANY)})
_SIGNED_IN: _Cells = frozenset({(None, Relation.ANY)})

TABLE: dict[str, _Cells] = {
    "listing.read_unpublished": _OWNERS | _STAFF | _ADMIN,
    "listing.create": _OWNERS | _STAFF | _ADMIN,
    "listing.write": _OWNERS | _STAFF | _ADMIN,
    "listing.read_own": _OWNERS | _STAFF | _ADMIN,
    "listing.publish": _STAFF | _ADMIN,
    "listing.industries": _OWNERS | _STAFF | _ADMIN,
    "contact.read": _OWNERS,
    "match.read": _OWNERS | _DESK | _ADMIN,
    "verdict.give": _DESK,
    "verdict.say": _OWNERS,
    "pool.read": _DESK | _ADMIN,
    "pool.take": _STAFF,
    "desk.read": _DESK | _ADMIN,
    "review.read": _STAFF | _ADMIN,
    "twin.decide": _OWNERS | _STAFF | _ADMIN,
    "common.decide": _STAFF | _ADMIN,
    "import.create": _OWNERS | _STAFF | _ADMIN,
    "import.read": _OWNERS | _STAFF | _ADMIN,
    "reference.read": _SIGNED_IN,
    "work.read": _DESK | _ADMIN,
    "work.write": _STAFF | _ADMIN,
    "index.read": _ADMIN,
    "index.write": _ADMIN,
    "model.read": _STAFF | _ADMIN,
    "model.write": _ADMIN,
    "set_aside.read": _STAFF | _ADMIN,
    "reference.write": _ADMIN,
    "zone.write": _STAFF | _ADMIN,
    "synonym.write": _STAFF | _ADMIN,
    "zone.decide": _STAFF | _ADMIN,
    "zone.decide_anew": _ADMIN,
    "organisation.read": _STAFF | _ADMIN,
    "organisation.write": _STAFF | _ADMIN,
    "people.read": _ADMIN,
    "people.write": _ADMIN,
}
"""Action → the (role, relation) pairs that may; no role stands for whoever is signed in.
Published listings are read by everyone, by layer (`readable_layers`)."""


def actor_of(session: Session, person: Person) -> Actor:
    """The person with today's memberships; nobody acts for an organisation that is not active."""
    rows = session.exec(
        select(Membership)
        .outerjoin(Organisation, col(Organisation.id) == col(Membership.organisation_id))
        .where(Membership.person_id == person.id, sa.or_(col(Organisation.id).is_(None), col(Organisation.active)))
    ).all()
    return Actor(
        person_id=person.id,
        public_id=person.public_id,
        name=person.name,
        roles=frozenset(row.role for row in rows),
        organisations=frozenset(
            row.organisation_id for row in rows if row.organisation_id is not None and row.role in (Role.PROVIDER, Role.SEEKER)
        ),
        staff_zones=frozenset(row.zone_id for row in rows if row.role == Role.ZONE_STAFF and row.zone_id is not None),
        broker_zones=frozenset(row.zone_id for row in rows if row.role == Role.BROKER and row.zone_id is not None),
        demo=person.demo,
    )


def is_allowed(actor: Actor, action: str, *, organisation_id: int | None = None, zones: Collection[int] = ()) -> bool:
    """Whether the table lets the actor do `action` to what belongs to `organisation_id` and is in the charge of `zones`."""
    if actor.is_system:
        return True
    for role, relation in TABLE[action]:
        if role is None and not actor.is_visitor:
            return True
        if role not in actor.roles:
            continue
        if relation is Relation.ANY:
            return True
        if relation is Relation.OWN and organisation_id is not None and organisation_id in actor.organisations:
            return True
        held = actor.staff_zones if role is Role.ZONE_STAFF else actor.broker_zones
        if relation is Relation.ZONE and held.intersection(zones):
            return True
    return False


def is_allowed_anywhere(actor: Actor, action: str) -> bool:
    """Whether the table lets the actor do `action` to something in the actor's own zones and organisations."""
    owners: Collection[int | None] = actor.organisations or (None,)
    return any(is_allowed(actor, action, organisation_id=each, zones=actor.desk_zones) for each in owners)


def require(actor: Actor, action: str, *, organisation_id: int | None = None, zones: Collection[int] = ()) -> None:
    """Raises `SignInNeeded` for a visitor, `MayNot` for anyone else whom the table does not let."""
    if is_allowed(actor, action, organisation_id=organisation_id, zones=zones):
        return
    if actor.is_visitor:
        raise SignInNeeded()
    raise MayNot(action=action)


def require_mark(actor: Actor, action: str, *, demo: bool) -> None:
    """A demonstration account, whose password everybody knows, touches only what is marked as demonstration."""
    if actor.demo and not demo:
        raise MayNot(action=action)


def audience_of(actor: Actor) -> Audience:
    """The index that answers this actor's searches."""
    return "public" if actor.is_visitor else "registered"


AUDIENCE_LAYERS: Final[Mapping[Audience, frozenset[Layer]]] = {
    "public": frozenset({Layer.PUBLIC}),
    "registered": frozenset({Layer.PUBLIC, Layer.REGISTERED}),
}


def readable_layers(actor: Actor, *, organisation_id: int | None = None, zones: Collection[int] = ()) -> frozenset[Layer]:
    """The layers of a listing's fields that the actor may read. Its own layer is for its owner's people and for those who may
    publish it; lists, searches and pairs show nobody's, and so name no owner here."""
    if organisation_id is not None and is_allowed(actor, "listing.read_own", organisation_id=organisation_id, zones=zones):
        return frozenset(Layer)
    return AUDIENCE_LAYERS[audience_of(actor)]


def zones_of(
    session: Session, owner_zone_id: int | None, addressed_zone_id: int | None, industry_ids: Collection[int]
) -> frozenset[int]:
    """The zones in charge of a listing: its owner's zone and the one it is addressed to; for an owner in no zone, every
    zone whose active industry the listing is tagged with (or with a descendant of it)."""
    zones = frozenset(each for each in (owner_zone_id, addressed_zone_id) if each is not None)
    if zones or not industry_ids:
        return zones
    lines = ancestors_by_id(session)
    within = {each for industry in industry_ids for each in lines[industry]}
    rows = session.exec(select(ZoneIndustry.zone_id).where(col(ZoneIndustry.active), col(ZoneIndustry.industry_id).in_(within)))
    return frozenset(rows.all())


def zones_in_charge(session: Session, listing: Listing) -> frozenset[int]:
    """The zones whose staff publish a stored listing (`zones_of`)."""
    owner = session.get_one(Organisation, listing.organisation_id)
    if owner.zone_id is not None or listing.addressed_zone_id is not None:
        return zones_of(session, owner.zone_id, listing.addressed_zone_id, ())
    tagged = session.exec(
        select(ListingIndustry.industry_id).where(
            ListingIndustry.listing_id == listing.id, ListingIndustry.state != TagState.REJECTED
        )
    ).all()
    return zones_of(session, None, None, tagged)


def in_charge(session: Session, zone_ids: Collection[int]) -> sa.ColumnElement[bool]:
    """SQL predicate on `Listing` joined with `Organisation`: `zones_in_charge` meets `zone_ids`."""
    active = session.exec(
        select(ZoneIndustry.industry_id).where(col(ZoneIndustry.active), col(ZoneIndustry.zone_id).in_(zone_ids))
    ).all()
    within = [id_ for id_, line in ancestors_by_id(session).items() if set(line).intersection(active)]
    return sa.or_(
        col(Organisation.zone_id).in_(zone_ids),
        col(Listing.addressed_zone_id).in_(zone_ids),
        sa.and_(col(Organisation.zone_id).is_(None), col(Listing.addressed_zone_id).is_(None), tagged_with(within)),
    )


def in_nobodys_charge(session: Session) -> sa.ColumnElement[bool]:
    """SQL predicate on `Listing` joined with `Organisation`: `zones_in_charge` is empty, so that the administrators decide."""
    active = session.exec(select(ZoneIndustry.industry_id).where(col(ZoneIndustry.active))).all()
    within = [id_ for id_, line in ancestors_by_id(session).items() if set(line).intersection(active)]
    return sa.and_(col(Organisation.zone_id).is_(None), col(Listing.addressed_zone_id).is_(None), sa.not_(tagged_with(within)))


def readable(actor: Actor) -> sa.ColumnElement[bool]:
    """SQL predicate on `Listing`: published for everyone, any state for the owner's people and administrators.

    Staff read the unpublished ones of their zone through the review list, which asks `zones_in_charge`.
    """
    published = col(Listing.state) == ListingState.PUBLISHED
    if actor.is_system:
        return sa.true()
    if actor.is_administrator:
        return sa.or_(published, col(Listing.demo)) if actor.demo else sa.true()
    if not actor.organisations:
        return published
    return sa.or_(published, col(Listing.organisation_id).in_(actor.organisations))


def known(actor: Actor) -> sa.ColumnElement[bool]:
    """SQL predicate on `Organisation`: it owns something published, which names it to everyone, or the actor may post for it."""
    if is_allowed(actor, "listing.create"):
        return sa.true()
    published = sa.exists().where(
        col(Listing.organisation_id) == col(Organisation.id), col(Listing.state) == ListingState.PUBLISHED
    )
    own, in_zone = col(Organisation.id).in_(actor.organisations), col(Organisation.zone_id).in_(actor.staff_zones)
    return sa.or_(published, own, in_zone)
