"""People as administrators keep them: passwords for one use, roles that begin and end, accounts that close."""

import pytest
from sqlmodel import select

from matching import accounts, people
from matching.access import SYSTEM, Actor
from matching.accounts import Account
from matching.errors import BadCredentials, IllegalMove, InvalidInput, MayNot, SignInNeeded
from matching.model import Organisation, Role
from matching.people import Grant
from matching.store.database import Database
from tests.matching.world import FixedClock, World

FIRST, SECOND = "given out once 7", "chosen by herself 8"


@pytest.fixture
def admin(world: World) -> Actor:
    return world.person(Role.ADMINISTRATOR)


@pytest.fixture
def made(world: World, admin: Actor) -> str:
    return world.do(people.add_person, admin, login="Li@x.cn", name="李 工", password=FIRST, one_time=True).public_id


def account(database: Database, actor: Actor, public_id: str) -> Account:
    with database.read() as session:
        return accounts.account_for(session, actor, public_id)


def sign_in(world: World, password: str) -> str:
    return world.do(people.sign_in, "li@x.cn", password, "127.0.0.1")[0]


def actor_of(world: World, clock: FixedClock, token: str) -> people.SignedIn:
    with world.database.read() as session:
        return people.session_for(session, token, clock.now())


def test_a_password_for_one_use_is_replaced_by_its_owner(world: World, clock: FixedClock, admin: Actor, made: str) -> None:
    token, other = sign_in(world, FIRST), sign_in(world, FIRST)
    assert actor_of(world, clock, token).one_time
    with pytest.raises(InvalidInput) as caught:
        world.do(people.choose_password, token, "", FIRST, "x")
    assert [(each.field, each.code) for each in caught.value.fields] == [("password_again", "not_the_same")]
    with pytest.raises(InvalidInput, match="password: same_as_before"):
        world.do(people.choose_password, token, "", FIRST, FIRST)
    world.do(people.choose_password, token, "", SECOND, SECOND)
    assert not actor_of(world, clock, token).one_time
    assert actor_of(world, clock, other).actor.is_visitor, "other sessions end"
    with pytest.raises(InvalidInput, match="old_password: wrong_password"):
        world.do(people.choose_password, token, FIRST, "another one 9 x", "another one 9 x")
    with pytest.raises(BadCredentials):
        sign_in(world, FIRST)
    with pytest.raises(SignInNeeded):
        world.do(people.choose_password, "no such session", SECOND, FIRST, FIRST)
    world.do(accounts.give_password, admin, made, FIRST)
    assert actor_of(world, clock, token).actor.is_visitor
    assert account(world.database, admin, made).one_time


def test_a_closed_account_is_signed_out_and_cannot_come_back(world: World, clock: FixedClock, admin: Actor, made: str) -> None:
    token = sign_in(world, FIRST)
    world.do(accounts.set_active, admin, made, active=False)
    assert actor_of(world, clock, token).actor.is_visitor
    with pytest.raises(BadCredentials):
        sign_in(world, FIRST)
    with world.database.read() as session:
        assert made not in {each.public_id for each in accounts.accounts_for(session, admin).items}
        assert made in {each.public_id for each in accounts.accounts_for(session, admin, which="inactive").items}
    world.do(accounts.set_active, admin, made, active=True)
    assert actor_of(world, clock, sign_in(world, FIRST)).actor.name == "李 工"


def test_one_administrator_is_always_left(world: World, admin: Actor) -> None:
    world.person(Role.ADMINISTRATOR, demo=True)
    [membership] = account(world.database, admin, admin.public_id).memberships
    for job in (
        lambda: world.do(accounts.set_active, admin, admin.public_id, active=False),
        lambda: world.do(accounts.end_membership, admin, admin.public_id, membership.id),
    ):
        with pytest.raises(IllegalMove) as caught:
            job()
        assert caught.value.code == "last_administrator"
    second = world.person(Role.ADMINISTRATOR)
    world.do(accounts.end_membership, second, admin.public_id, membership.id)
    assert account(world.database, second, admin.public_id).memberships == ()
    with pytest.raises(MayNot):
        world.do(accounts.set_active, Actor(admin.person_id, admin.public_id, ""), second.public_id, active=False)


def test_who_joins_a_shadow_organisation_claims_it(world: World, database: Database, admin: Actor, made: str) -> None:
    firm = world.organisation("影子公司", zone="changzhou")
    with database.write() as unit:
        unit.session.get_one(Organisation, firm.id).shadow = True
        unit.commit()
    world.do(accounts.join, admin, made, Grant(Role.SEEKER, organisation=firm.public_id))
    world.do(accounts.join, admin, made, Grant(Role.BROKER, zone="changzhou"))
    held = account(database, admin, made).memberships
    assert [(each.role, each.organisation_name, each.zone) for each in held] == [
        (Role.SEEKER, "影子公司", None), (Role.BROKER, "", "changzhou"),
    ]  # fmt: skip
    with database.read() as session:
        assert not session.exec(select(Organisation).where(Organisation.id == firm.id)).one().shadow
    world.do(accounts.end_membership, admin, made, held[0].id)
    world.do(accounts.end_membership, admin, made, held[0].id)
    assert len(account(database, admin, made).memberships) == 1


def test_people_are_found_and_renamed(world: World, database: Database, admin: Actor, made: str) -> None:
    with database.read() as session:
        assert [each.public_id for each in accounts.accounts_for(session, admin, words="LI 工").items] == [made]
        assert accounts.accounts_for(session, admin, words="%").total == 0
        assert accounts.accounts_for(session, admin, role="administrator").total == 1
        assert accounts.accounts_for(session, admin, limit=1).total == 2
        with pytest.raises(MayNot):
            accounts.accounts_for(session, world.person(Role.ZONE_STAFF, zone="changzhou"))
    world.do(accounts.change, admin, made, login="li@y.cn", name="李工")
    assert account(database, admin, made).login == "li@y.cn"
    with pytest.raises(InvalidInput) as caught:
        world.do(accounts.change, admin, made, login="person1", name=" ")
    assert {(each.field, each.code) for each in caught.value.fields} == {("login", "taken"), ("name", "required")}


def test_a_demonstration_account_keeps_to_the_demonstration(world: World, database: Database, admin: Actor, made: str) -> None:
    shown = world.person(Role.ADMINISTRATOR, demo=True)
    assert not account(database, shown, made).may_change
    assert account(database, shown, shown.public_id).may_change
    for job in (
        lambda: world.do(accounts.give_password, shown, made, SECOND),
        lambda: world.do(accounts.set_active, shown, made, active=False),
        lambda: world.do(accounts.join, shown, made, Grant(Role.ADMINISTRATOR)),
        lambda: world.do(people.add_person, shown, login="neu", name="新", password=SECOND),
    ):
        with pytest.raises(MayNot):
            job()
    assert world.do(people.add_person, SYSTEM, login="neu", name="新", password=SECOND).login == "neu"
