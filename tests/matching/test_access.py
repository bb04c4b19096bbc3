"""The access table, cell by cell, against a list written by hand; the default is no."""

from dataclasses import replace
from itertools import combinations

import pytest
from sqlmodel import select

from matching import access
from matching.access import SYSTEM, TABLE, VISITOR, Actor, Relation
from matching.errors import MayNot, SignInNeeded
from matching.model import Layer, Listing, ListingIndustry, ListingState, Membership, Organisation, Person, Role, TagState
from matching.reference import industries
from tests.matching.world import World, need

ORGANISATION, OTHER_ORGANISATION = 1, 2
ZONE, OTHER_ZONE = 10, 11

PEOPLE: dict[str, Actor] = {
    "provider of it": Actor(1, "a", "a", frozenset({Role.PROVIDER}), organisations=frozenset({ORGANISATION})),
    "provider elsewhere": Actor(2, "b", "b", frozenset({Role.PROVIDER}), organisations=frozenset({OTHER_ORGANISATION})),
    "seeker of it": Actor(3, "c", "c", frozenset({Role.SEEKER}), organisations=frozenset({ORGANISATION})),
    "seeker elsewhere": Actor(4, "d", "d", frozenset({Role.SEEKER}), organisations=frozenset({OTHER_ORGANISATION})),
    "broker of the zone": Actor(5, "e", "e", frozenset({Role.BROKER}), broker_zones=frozenset({ZONE})),
    "broker elsewhere": Actor(6, "f", "f", frozenset({Role.BROKER}), broker_zones=frozenset({OTHER_ZONE})),
    "staff of the zone": Actor(7, "g", "g", frozenset({Role.ZONE_STAFF}), staff_zones=frozenset({ZONE})),
    "staff elsewhere": Actor(8, "h", "h", frozenset({Role.ZONE_STAFF}), staff_zones=frozenset({OTHER_ZONE})),
    "administrator": Actor(9, "i", "i", frozenset({Role.ADMINISTRATOR})),
    "nobody in particular": Actor(10, "j", "j"),
    "broker of the zone and staff elsewhere": Actor(
        11,
        "k",
        "k",
        frozenset({Role.BROKER, Role.ZONE_STAFF}),
        staff_zones=frozenset({OTHER_ZONE}),
        broker_zones=frozenset({ZONE}),
    ),
    "visitor": VISITOR,
}
OWNERS = {"provider of it", "seeker of it"}
STAFF = {"staff of the zone"}
DESK = STAFF | {"broker of the zone", "broker of the zone and staff elsewhere"}
ADMINISTRATOR = {"administrator"}

MAY: dict[str, set[str]] = {
    "listing.read_unpublished": OWNERS | STAFF | ADMINISTRATOR,
    "listing.create": OWNERS | STAFF | ADMINISTRATOR,
    "listing.write": OWNERS | STAFF | ADMINISTRATOR,
    "listing.read_own": OWNERS | STAFF | ADMINISTRATOR,
    "twin.decide": OWNERS | STAFF | ADMINISTRATOR,
    "common.decide": STAFF | ADMINISTRATOR,
    "listing.publish": STAFF | ADMINISTRATOR,
    "listing.industries": OWNERS | STAFF | ADMINISTRATOR,
    "contact.read": OWNERS,
    "match.read": OWNERS | DESK | ADMINISTRATOR,
    "verdict.give": DESK,
    "verdict.say": OWNERS,
    "pool.read": DESK | ADMINISTRATOR,
    "pool.take": STAFF,
    "desk.read": DESK | ADMINISTRATOR,
    "review.read": STAFF | ADMINISTRATOR,
    "import.create": OWNERS | STAFF | ADMINISTRATOR,
    "import.read": OWNERS | STAFF | ADMINISTRATOR,
    "reference.read": set(PEOPLE) - {"visitor"},
    "work.read": DESK | ADMINISTRATOR,
    "work.write": STAFF | ADMINISTRATOR,
    "index.read": ADMINISTRATOR,
    "index.write": ADMINISTRATOR,
    "model.read": STAFF | ADMINISTRATOR,
    "model.write": ADMINISTRATOR,
    "set_aside.read": STAFF | ADMINISTRATOR,
    "reference.write": ADMINISTRATOR,
    "zone.write": STAFF | ADMINISTRATOR,
    "synonym.write": STAFF | ADMINISTRATOR,
    "zone.decide": STAFF | ADMINISTRATOR,
    "zone.decide_anew": ADMINISTRATOR,
    "organisation.read": STAFF | ADMINISTRATOR,
    "organisation.write": STAFF | ADMINISTRATOR,
    "people.read": ADMINISTRATOR,
    "people.write": ADMINISTRATOR,
}


def test_the_list_names_every_action() -> None:
    assert set(MAY) == set(TABLE)


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("action", MAY)
def test_every_cell(action: str, person: str) -> None:
    actor, may = PEOPLE[person], person in MAY[action]
    assert access.is_allowed(actor, action, organisation_id=ORGANISATION, zones={ZONE}) is may
    if may:
        access.require(actor, action, organisation_id=ORGANISATION, zones={ZONE})
        return
    with pytest.raises(SignInNeeded if actor.is_visitor else MayNot) as caught:
        access.require(actor, action, organisation_id=ORGANISATION, zones={ZONE})
    assert caught.value.params == ({} if actor.is_visitor else {"action": action})


@pytest.mark.parametrize("action", sorted(set(MAY) - {"reference.read"}))
def test_what_belongs_to_nobody_is_the_administrators(action: str) -> None:
    allowed = {name for name, actor in PEOPLE.items() if access.is_allowed(actor, action)}
    assert allowed == MAY[action] & ADMINISTRATOR


@pytest.mark.parametrize("action", MAY)
def test_the_system_may_everything(action: str) -> None:
    assert access.is_allowed(SYSTEM, action)


def test_an_action_without_a_row_is_a_programming_error() -> None:
    with pytest.raises(KeyError):
        access.is_allowed(PEOPLE["administrator"], "listing.burn")


def test_relations_belong_to_roles() -> None:
    relations = {
        None: Relation.ANY,
        Role.PROVIDER: Relation.OWN,
        Role.SEEKER: Relation.OWN,
        Role.BROKER: Relation.ZONE,
        Role.ZONE_STAFF: Relation.ZONE,
        Role.ADMINISTRATOR: Relation.ANY,
    }
    assert all(relations[role] is relation for cells in TABLE.values() for role, relation in cells)


def test_layers_and_audiences() -> None:
    assert access.readable_layers(VISITOR) == {Layer.PUBLIC}
    assert access.audience_of(VISITOR) == "public"
    for name, actor in PEOPLE.items():
        if name != "visitor":
            assert access.readable_layers(actor) == {Layer.PUBLIC, Layer.REGISTERED}
            assert access.audience_of(actor) == "registered"


@pytest.mark.parametrize("person", PEOPLE)
def test_the_own_layer_is_for_those_who_may_write(person: str) -> None:
    """Whoever writes a form must read all of it, or would wipe out what he does not see."""
    actor = PEOPLE[person]
    layers = access.readable_layers(actor, organisation_id=ORGANISATION, zones={ZONE})
    assert (Layer.OWN in layers) == (person in OWNERS | STAFF | ADMINISTRATOR)
    assert (Layer.OWN in layers) == access.is_allowed(actor, "listing.write", organisation_id=ORGANISATION, zones={ZONE})


def test_a_demonstration_account_touches_only_the_demonstration() -> None:
    real, shown = PEOPLE["administrator"], replace(PEOPLE["administrator"], demo=True)
    access.require_mark(real, "listing.write", demo=False)
    access.require_mark(real, "listing.write", demo=True)
    access.require_mark(shown, "listing.write", demo=True)
    with pytest.raises(MayNot):
        access.require_mark(shown, "listing.write", demo=False)


def test_an_actor_is_its_memberships_of_today(world: World) -> None:
    firm = world.organisation(zone="changzhou")
    owner = world.person(Role.SEEKER, organisation=firm)
    assert (owner.organisations, owner.desk_zones) == (frozenset({firm.id}), frozenset())
    staff = world.person(Role.ZONE_STAFF, zone="kunshan")
    assert (staff.staff_zones, staff.broker_zones) == (frozenset({world.zone_id("kunshan")}), frozenset())
    assert world.person(Role.ADMINISTRATOR).is_administrator


def test_a_brokers_own_firm_gives_no_owners_rights(world: World) -> None:
    agency = world.organisation(kind="agency")
    broker = world.person(Role.BROKER, zone="changzhou")
    with world.database.write() as unit:
        row = unit.session.exec(select(Membership).where(Membership.person_id == broker.person_id)).one()
        row.organisation_id = agency.id
        unit.session.flush()
        person = unit.session.get_one(Person, broker.person_id)
        assert access.actor_of(unit.session, person).organisations == frozenset()


def test_readable_listings(world: World) -> None:
    firm, shown = world.organisation(zone="changzhou"), world.organisation(zone="changzhou", demo=True)
    ids: dict[str, int] = {}
    for name, owner, state in (
        ("draft", firm, ListingState.DRAFT),
        ("open", firm, ListingState.PUBLISHED),
        ("expired", firm, ListingState.EXPIRED),
        ("demo draft", shown, ListingState.DRAFT),
    ):
        made = world.listing(world.published(owner).public_id)
        ids[name] = made.id or 0
        with world.database.write() as unit:
            unit.session.get_one(Listing, made.id).state = state
            unit.commit()

    def seen(actor: Actor) -> set[str]:
        with world.database.read() as session:
            found = set(session.exec(select(Listing.id).where(access.readable(actor))).all())
        return {name for name, id_ in ids.items() if id_ in found}

    assert seen(VISITOR) == {"open"}
    assert seen(world.person(Role.SEEKER, organisation=firm)) == {"draft", "open", "expired"}
    assert seen(world.person(Role.SEEKER, organisation=world.organisation())) == {"open"}
    assert seen(world.person(Role.ZONE_STAFF, zone="changzhou")) == {"open"}
    assert seen(world.person(Role.ADMINISTRATOR)) == set(ids)
    assert seen(world.person(Role.ADMINISTRATOR, demo=True)) == {"open", "demo draft"}
    assert seen(SYSTEM) == set(ids)


def test_zones_in_charge_and_its_twin_in_sql(world: World) -> None:
    zones = {code: world.zone_id(code) for code in ("changzhou", "kunshan", "nantong", "nanjing")}
    for place in (None, "changzhou", "nantong"):
        owner = world.organisation(zone=place)
        for addressed in (None, "kunshan"):
            for tags in ((), ("pv",), ("new-energy",), ("robotics", "iot"), ("pv", "software")):
                world.published(owner, addressed_zone=addressed, industries=tags)
    with world.database.write() as unit:  # a rejected industry puts nobody in charge
        nodes = {node.code: node.id for node in industries(unit.session).values()}
        for row in unit.session.exec(select(ListingIndustry).where(ListingIndustry.industry_id == nodes["iot"])).all():
            row.state = TagState.REJECTED
        unit.commit()
    with world.database.read() as session:
        charge = {listing.id: access.zones_in_charge(session, listing) for listing in session.exec(select(Listing)).all()}
        for size in (1, 2, 4):
            for codes in combinations(zones, size):
                held = {zones[code] for code in codes}
                found = session.exec(
                    select(Listing.id)
                    .join(Organisation, Organisation.id == Listing.organisation_id)  # type: ignore[arg-type]  # columns
                    .where(access.in_charge(session, held))
                ).all()
                assert set(found) == {id_ for id_, zones_ in charge.items() if zones_ & held}


@pytest.mark.parametrize(
    ("place", "addressed", "tags", "expected"),
    [
        ("changzhou", None, ("robotics",), {"changzhou"}),
        ("changzhou", "kunshan", (), {"changzhou", "kunshan"}),
        (None, "kunshan", ("pv",), {"kunshan"}),
        (None, None, ("pv",), {"changzhou"}),
        (None, None, ("new-energy",), set()),
        (None, None, ("iot", "software"), {"wuxi", "nanjing"}),
        (None, None, (), set()),
        ("nantong", None, ("pv",), {"nantong"}),
    ],
)
def test_who_is_in_charge(
    world: World, place: str | None, addressed: str | None, tags: tuple[str, ...], expected: set[str]
) -> None:
    owner = world.organisation(zone=place)
    made = world.published(owner, need(organisation=owner.public_id, addressed_zone=addressed, industries=tags))
    with world.database.read() as session:
        charge = access.zones_in_charge(session, world.listing(made.public_id))
    assert charge == {world.zone_id(code) for code in expected}
