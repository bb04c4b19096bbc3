"""Organisations: who adds them, how they are found again, and what a new name sets off."""

from typing import Any

import pytest

from matching import credit_code, listings, organisations
from matching.access import SYSTEM, VISITOR, Actor, actor_of
from matching.errors import InvalidInput, MayNot, NotFound, SignInNeeded, StaleRevision
from matching.model import ListingState, Person, Role
from matching.organisations import OrganisationDraft
from tests.matching.world import World, need

CODE = credit_code.make("91320400MA1234567")
OTHER_CODE = credit_code.make("91320400MA7654321")


def draft(**changes: Any) -> OrganisationDraft:
    return OrganisationDraft(**({"name": "常州某电池厂", "kind": "enterprise", "city": "常州"} | changes))


@pytest.fixture
def staff(world: World) -> Actor:
    return world.person(Role.ZONE_STAFF, zone="changzhou")


def find(world: World, **wanted: str) -> str | None:
    with world.database.read() as session:
        found = organisations.find(session, **wanted)
    return found.name if found else None


def test_adding(world: World, staff: Actor) -> None:
    made = world.do(organisations.add, staff, draft(zone="changzhou", credit_code=CODE.lower(), name=" 常州某\t电池厂 "))
    with world.database.read() as session:
        assert organisations.get(session, made.public_id) == made
        with pytest.raises(NotFound):
            organisations.get(session, "nosuch")
    assert (made.name, made.zone_id, made.city) == ("常州某 电池厂", world.zone_id("changzhou"), "常州")
    assert find(world, code=CODE) == made.name


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"name": ""}, ("name", "required")),
        ({"name": "12345"}, ("name", "meaningless")),
        ({"name": "名" * 121}, ("name", "too_long")),
        ({"name": "坏\x00名"}, ("name", "control_characters")),
        ({"kind": "guild"}, ("kind", "unknown_code")),
        ({"zone": "atlantis"}, ("zone", "unknown_code")),
        ({"credit_code": CODE[:-1] + ("0" if CODE[-1] != "0" else "1")}, ("credit_code", "bad_credit_code")),
        ({"credit_code": OTHER_CODE}, ("credit_code", "taken")),
        ({"name": "已有 的单位"}, ("name", "taken")),
    ],
)
def test_refused_organisations(world: World, changes: dict[str, object], refused: tuple[str, str]) -> None:
    world.do(organisations.add, SYSTEM, draft(name="已有的单位", credit_code=OTHER_CODE))
    with pytest.raises(InvalidInput) as caught:
        world.do(organisations.add, SYSTEM, draft(**changes))
    assert refused in {(each.field, each.code) for each in caught.value.fields}


def test_staff_add_those_of_their_zone_and_shadows(world: World, staff: Actor) -> None:
    for zone in ("kunshan", None):
        with pytest.raises(MayNot):
            world.do(organisations.add, staff, draft(zone=zone))
    assert world.do(organisations.add, staff, draft(zone="kunshan", shadow=True)).zone_id == world.zone_id("kunshan")
    owner = world.person(Role.SEEKER, organisation=world.organisation())
    for actor, error in ((owner, MayNot), (VISITOR, SignInNeeded)):
        with pytest.raises(error):
            world.do(organisations.add, actor, draft(name="别的单位"))
    shown = world.person(Role.ADMINISTRATOR, demo=True)
    with pytest.raises(MayNot):
        world.do(organisations.add, shown, draft(name="别的单位"))
    assert world.do(organisations.add, shown, draft(name="演示单位", demo=True)).demo


def test_finding(world: World) -> None:
    world.do(organisations.add, SYSTEM, draft(name="江南工业大学", city="南京", credit_code=CODE))
    world.do(organisations.add, SYSTEM, draft(name="同名公司", city="常州"))
    world.do(organisations.add, SYSTEM, draft(name="同名公司", city="昆山"))
    assert find(world, code=CODE, name="写错的名字") == "江南工业大学"
    assert find(world, name="江南 工業大學") == "江南工业大学"
    assert find(world, name="江南工业大学", city="南京") == "江南工业大学"
    assert find(world, name="江南工业大学", city="无锡") is None
    assert find(world, name="江南工业大学", code=OTHER_CODE) is None
    assert find(world, name="没有的单位") is None
    assert find(world) is None
    assert find(world, name="同名公司", city="昆山") == "同名公司"
    with pytest.raises(InvalidInput, match="owner: ambiguous"):
        find(world, name="同名公司")


def test_a_change_makes_open_documents_anew(world: World, staff: Actor) -> None:
    firm = world.organisation("旧名", zone="changzhou")
    opened = world.published(firm)
    world.do(listings.save, SYSTEM, need(organisation=firm.public_id))
    world.drop_jobs()
    revision = world.listing(opened.public_id).document_revision
    new = draft(name=" 新名 ", zone="changzhou", city="常州")
    assert world.do(organisations.change, staff, firm.public_id, new, seen_version=1).name == "新名"
    assert [(job.kind, job.key, job.lane) for job in world.jobs()] == [("index", opened.public_id, 1)]
    assert world.listing(opened.public_id).document_revision == revision + 1
    assert (find(world, name="新名"), find(world, name="旧名")) == ("新名", None)
    world.drop_jobs()
    world.do(organisations.change, staff, firm.public_id, new)
    assert world.jobs() == [], "nothing differed"
    with pytest.raises(StaleRevision):
        world.do(organisations.change, staff, firm.public_id, draft(name="晚了", zone="changzhou"), seen_version=1)
    with pytest.raises(InvalidInput, match="name: required"):
        world.do(organisations.change, staff, firm.public_id, draft(name=" ", zone="changzhou"))
    stranger = world.person(Role.ZONE_STAFF, zone="kunshan")
    for actor, zone in ((stranger, "kunshan"), (staff, "kunshan"), (staff, None)):
        with pytest.raises(MayNot):
            world.do(organisations.change, actor, firm.public_id, draft(name="抢名", zone=zone))
    with pytest.raises(NotFound):
        world.do(organisations.change, staff, "nosuch", draft(name="名"))


def test_a_zone_that_loses_a_firm_is_matched_anew(world: World) -> None:
    firm = world.organisation("迁走的公司", zone="changzhou")
    world.do(organisations.change, SYSTEM, firm.public_id, draft(name="迁走的公司", zone="kunshan"))
    assert [job.key for job in world.jobs("match_zone")] == ["changzhou"]


def test_nobody_acts_for_an_organisation_that_is_not_active(world: World, staff: Actor) -> None:
    firm = world.organisation("停办的公司", zone="changzhou")
    opened = world.published(firm)
    person = world.person(Role.SEEKER, organisation=firm)
    world.do(organisations.set_active, staff, firm.public_id, active=False)
    with world.database.read() as session:
        actor = actor_of(session, session.get_one(Person, person.person_id))
        assert organisations.of_actor(session, staff) == ()
    assert (actor.organisations, actor.roles) == (frozenset(), frozenset())
    assert world.listing(opened.public_id).state == ListingState.PUBLISHED, "its listings stay"
    world.do(organisations.set_active, staff, firm.public_id, active=True)
    with world.database.read() as session:
        assert actor_of(session, session.get_one(Person, person.person_id)).organisations == {firm.id}
    with pytest.raises(MayNot):
        world.do(organisations.set_active, person, firm.public_id, active=False)


def test_who_may_post_for_whom(world: World, staff: Actor) -> None:
    ours, theirs = world.organisation("甲", zone="changzhou"), world.organisation("乙", zone="kunshan")
    world.organisation("丙", demo=True)
    with world.database.read() as session:

        def names(actor: Actor) -> set[str]:
            return {each.name for each in organisations.of_actor(session, actor)}

        assert names(VISITOR) == set()
        assert names(world.person(Role.SEEKER, organisation=theirs)) == {"乙"}
        assert names(staff) == {"甲"}
        assert names(world.person(Role.ADMINISTRATOR)) == {"甲", "乙", "丙"}
        assert names(world.person(Role.ADMINISTRATOR, demo=True)) == {"丙"}
    assert ours.id != theirs.id
