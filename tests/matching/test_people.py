"""Signing in and out, sessions that slide and end, throttling in SQL, and adding people."""

import hashlib
import threading
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from matching import passwords, people
from matching.access import SYSTEM, VISITOR, Actor
from matching.draft_rows import Problems
from matching.errors import BadCredentials, InvalidInput, MayNot, NotFound, SignInNeeded, TooManyAttempts, ZoneMatchError
from matching.model import Attempt, AuditEntry, LoginSession, Membership, Note, Person, Role
from matching.people import Grant, PersonView, sign_in
from tests.matching.world import World

PASSWORD = "a good long password"
HOME, AWAY = "192.0.2.1", "192.0.2.2"


@pytest.fixture
def wang(world: World) -> PersonView:
    return world.do(people.add_person, SYSTEM, login="Wang@Example.com", name="王工", password=PASSWORD)


def actor(world: World, token: str | None) -> Actor:
    with world.database.read() as session:
        return people.actor_for(session, token, world.clock.now())


def fail(world: World, login: str, times: int = 1, address: str = HOME) -> None:
    for _ in range(times):
        with pytest.raises(BadCredentials):
            world.do(sign_in, login, "not the password", address)


def test_signing_in(world: World, wang: PersonView) -> None:
    token, person = world.do(sign_in, " wang@example.COM ", PASSWORD, HOME)
    assert person == wang == PersonView(wang.public_id, "wang@example.com", "王工", False)
    found = actor(world, token)
    assert (found.public_id, found.name, found.is_visitor) == (wang.public_id, "王工", False)


def test_only_digests_are_stored(world: World, wang: PersonView) -> None:
    token, _ = world.do(sign_in, wang.login, PASSWORD, HOME)
    fail(world, wang.login)
    with world.database.read() as session:
        (stored,) = session.exec(select(LoginSession)).all()
        keys = session.exec(select(Attempt.key)).all()
        hashed = session.exec(select(Person.password_hash)).one()
    assert stored.token_digest == hashlib.sha256(token.encode()).hexdigest()
    assert hashed.startswith("$argon2id$")
    assert PASSWORD not in hashed
    assert len(keys) == 2
    assert not any(part in key for key in keys for part in ("wang", HOME))


def test_all_failures_look_alike(world: World, wang: PersonView) -> None:
    with world.database.write() as unit:
        unit.session.add(Person(login="gone", name="离职", password_hash="none", active=False, created_at=unit.now()))
        unit.commit()
    for login, password in ((wang.login, "wrong"), ("nobody", PASSWORD), ("gone", PASSWORD), ("", ""), (wang.login, "x" * 9999)):
        with pytest.raises(BadCredentials) as caught:
            world.do(sign_in, login, password, HOME)
        assert (caught.value.code, caught.value.params) == ("bad_credentials", {})
    assert actor(world, None) == actor(world, "") == actor(world, "made up") == VISITOR


def test_an_unknown_login_costs_a_hash_too(monkeypatch: pytest.MonkeyPatch, world: World, wang: PersonView) -> None:
    counted: list[str] = []
    real = passwords.fits

    def spy(password: str, stored: str | None) -> bool:
        counted.append(password)
        return real(password, stored)

    monkeypatch.setattr(passwords, "fits", spy)
    fail(world, "nobody")
    fail(world, wang.login)
    assert len(counted) == 2
    assert not passwords.fits(PASSWORD, None)
    assert not passwords.fits("nobody has this password", None)


def test_five_failures_close_the_account_for_a_quarter(world: World, wang: PersonView) -> None:
    fail(world, wang.login, 5)
    with pytest.raises(TooManyAttempts) as caught:
        world.do(sign_in, wang.login, PASSWORD, AWAY)
    assert caught.value.params == {"minutes": 15}
    world.clock.move(minutes=10)
    with pytest.raises(TooManyAttempts) as caught:
        world.do(sign_in, wang.login, PASSWORD, AWAY)
    assert caught.value.params == {"minutes": 5}
    world.clock.move(minutes=5)
    assert world.do(sign_in, wang.login, PASSWORD, AWAY)[1] == wang


def test_an_unknown_account_is_closed_as_well(world: World) -> None:
    fail(world, "nobody", 5)
    with pytest.raises(TooManyAttempts):
        world.do(sign_in, "nobody", PASSWORD, HOME)


def test_a_success_starts_the_account_anew(world: World, wang: PersonView) -> None:
    for _ in range(3):
        fail(world, wang.login, 4)
        world.do(sign_in, wang.login, PASSWORD, HOME)
    with world.database.read() as session:
        (left,) = session.exec(select(Attempt)).all()
    assert (left.key.partition(":")[0], left.count) == ("address", 12)


def test_an_address_is_closed_after_many_accounts(monkeypatch: pytest.MonkeyPatch, world: World, wang: PersonView) -> None:
    monkeypatch.setattr(people, "ADDRESS_LIMIT", 6)
    for number in range(6):
        fail(world, f"guess{number}")
    with pytest.raises(TooManyAttempts):
        world.do(sign_in, wang.login, PASSWORD, HOME)
    assert world.do(sign_in, wang.login, PASSWORD, AWAY)[1] == wang


def test_guesses_at_once_count_each_other(world: World, wang: PersonView) -> None:
    answers: list[str] = []

    def guess() -> None:
        try:
            world.do(sign_in, wang.login, "not the password", HOME)
        except ZoneMatchError as refused:
            answers.append(refused.code)

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == ["bad_credentials"] * 5 + ["too_many_attempts"] * 3


def test_a_session_slides_and_ends(world: World, wang: PersonView) -> None:
    token, _ = world.do(sign_in, wang.login, PASSWORD, HOME)
    with world.database.read() as session:
        assert not people.session_for(session, token, world.clock.now()).slide
    world.clock.move(hours=11)
    with world.database.read() as session:
        assert people.session_for(session, token, world.clock.now()).slide
    world.do(people.slide_session, token)
    world.clock.move(hours=11)
    assert actor(world, token).public_id == wang.public_id
    world.clock.move(hours=1)
    assert actor(world, token) == VISITOR
    world.do(people.slide_session, token)
    assert actor(world, token) == VISITOR


def test_a_session_lasts_a_week_at_most(world: World, wang: PersonView) -> None:
    token, _ = world.do(sign_in, wang.login, PASSWORD, HOME)
    began = world.clock.now()
    for _ in range(20):
        world.clock.move(hours=8)
        world.do(people.slide_session, token)
    with world.database.read() as session:
        found = people.session_for(session, token, world.clock.now())
    assert (found.expires_at, found.slide) == (began + timedelta(days=7), False)
    world.clock.move(hours=8)
    assert world.clock.now() == began + timedelta(days=7)
    assert actor(world, token) == VISITOR


def test_signing_out(world: World, wang: PersonView) -> None:
    token, _ = world.do(sign_in, wang.login, PASSWORD, HOME)
    other, _ = world.do(sign_in, wang.login, PASSWORD, HOME)
    world.do(people.sign_out, token)
    world.do(people.sign_out, token)
    world.do(people.sign_out, None)
    assert actor(world, token) == VISITOR
    assert actor(world, other).public_id == wang.public_id
    with world.database.read() as session:
        told = session.exec(select(AuditEntry.action).where(AuditEntry.actor == wang.public_id)).all()
    assert told == ["session.begin", "session.begin", "session.end"]


def test_who_is_made_inactive_is_out_at_once(world: World, wang: PersonView) -> None:
    token, _ = world.do(sign_in, wang.login, PASSWORD, HOME)
    with world.database.write() as unit:
        unit.session.exec(select(Person)).one().active = False
        unit.commit()
    assert actor(world, token) == VISITOR


def test_sweeping(world: World, wang: PersonView) -> None:
    world.do(sign_in, wang.login, PASSWORD, HOME)
    fail(world, wang.login)
    world.clock.move(hours=13)
    token, _ = world.do(sign_in, wang.login, PASSWORD, HOME)
    assert world.do(people.sweep) >= 1
    with world.database.read() as session:
        assert len(session.exec(select(LoginSession)).all()) == 1
    assert actor(world, token).public_id == wang.public_id


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"password": "short"}, ("password", "too_short")),
        ({"password": "x" * 129}, ("password", "too_long")),
        ({"password": "aaaaaaaaaaaa"}, ("password", "too_simple")),
        ({"password": "Somebody@example.com"}, ("password", "same_as_login")),
        ({"password": "demo-2026"}, ("password", "demo_password")),
        ({"login": "  "}, ("login", "required")),
        ({"login": "two words"}, ("login", "has_spaces")),
        ({"login": "x" * 121}, ("login", "too_long")),
        ({"login": "a\x00b"}, ("login", "control_characters")),
        ({"login": "WANG@example.com"}, ("login", "taken")),
        ({"name": ""}, ("name", "required")),
        ({"name": "名" * 61}, ("name", "too_long")),
    ],
)
def test_refused_people(world: World, wang: PersonView, changes: dict[str, str], refused: tuple[str, str]) -> None:
    fields: dict[str, Any] = {"login": "somebody@example.com", "name": "某人", "password": PASSWORD} | changes
    with pytest.raises(InvalidInput) as caught:
        world.do(people.add_person, SYSTEM, **fields)
    assert refused in {(each.field, each.code) for each in caught.value.fields}
    assert fields["password"] not in repr([dict(each.params) for each in caught.value.fields])


def test_demonstration_passwords_need_the_demonstration(world: World) -> None:
    def add(login: str, *, demo: bool) -> PersonView:
        return world.do(people.add_person, SYSTEM, login=login, name="演示", password=people.DEMO_PASSWORD, demo=demo)

    def note(value: str) -> None:
        with world.database.write() as unit:
            unit.session.merge(Note(key="demo", value=value))
            unit.commit()

    with pytest.raises(InvalidInput, match="demo_password"):
        add("early", demo=True)
    note("loaded")
    with pytest.raises(InvalidInput, match="demo_password"):
        add("real", demo=False)
    assert add("shown", demo=True).demo
    token, _ = world.do(sign_in, "shown", people.DEMO_PASSWORD, HOME)
    assert actor(world, token).demo
    note("removed")
    with pytest.raises(BadCredentials):
        world.do(sign_in, "shown", people.DEMO_PASSWORD, HOME)


def test_adding_people_is_the_administrators(world: World) -> None:
    fields: dict[str, Any] = {"login": "somebody", "name": "某人", "password": PASSWORD}
    for someone, error in ((VISITOR, SignInNeeded), (world.person(Role.ZONE_STAFF, zone="changzhou"), MayNot)):
        with pytest.raises(error):
            world.do(people.add_person, someone, **fields)
    administrator = world.person(Role.ADMINISTRATOR)
    assert world.do(people.add_person, administrator, **fields).login == "somebody"


def test_roles_at_once_and_later(world: World) -> None:
    firm = world.organisation(zone="changzhou")
    grants = (Grant(Role.SEEKER, organisation=firm.public_id), Grant(Role.ZONE_STAFF, zone="changzhou"))
    person = world.do(people.add_person, SYSTEM, login="both", name="兼职", password=PASSWORD, grants=grants)
    world.do(people.add_membership, SYSTEM, person.public_id, grants[0])
    token, _ = world.do(sign_in, "both", PASSWORD, HOME)
    found = actor(world, token)
    assert found.roles == {Role.SEEKER, Role.ZONE_STAFF}
    assert found.organisations == {firm.id or 0}
    assert found.staff_zones == {world.zone_id("changzhou")}
    with world.database.read() as session:
        assert len(session.exec(select(Membership)).all()) == 2
    world.do(people.add_membership, SYSTEM, person.public_id, Grant(Role.ADMINISTRATOR))
    assert actor(world, token).is_administrator
    with pytest.raises(NotFound):
        world.do(people.add_membership, SYSTEM, "nosuch", grants[0])


@pytest.mark.parametrize(
    ("grant", "refused"),
    [
        (Grant(Role.SEEKER), ("organisation", "required")),
        (Grant(Role.SEEKER, organisation="nosuch"), ("organisation", "unknown_code")),
        (Grant(Role.PROVIDER, organisation="FIRM", zone="changzhou"), ("zone", "not_for_role")),
        (Grant(Role.ZONE_STAFF), ("zone", "required")),
        (Grant(Role.BROKER, zone="atlantis"), ("zone", "unknown_code")),
        (Grant(Role.ADMINISTRATOR, zone="changzhou"), ("zone", "not_for_role")),
        (Grant(Role.ADMINISTRATOR, organisation="FIRM"), ("organisation", "not_for_role")),
    ],
)
def test_refused_roles_make_no_person(world: World, grant: Grant, refused: tuple[str, str]) -> None:
    if grant.organisation == "FIRM":
        grant = Grant(grant.role, world.organisation().public_id, grant.zone)
    with pytest.raises(InvalidInput) as caught:
        world.do(people.add_person, SYSTEM, login="x", name="某人", password=PASSWORD, grants=(grant,))
    assert refused in {(each.field, each.code) for each in caught.value.fields}
    with world.database.read() as session:
        assert session.exec(select(Person)).all() == []


def test_a_demonstration_person_acts_for_the_demonstration_only(world: World) -> None:
    person = world.do(people.add_person, SYSTEM, login="shown", name="演示", password=PASSWORD, demo=True)
    with pytest.raises(InvalidInput, match="not_demo"):
        world.do(people.add_membership, SYSTEM, person.public_id, Grant(Role.SEEKER, world.organisation().public_id))
    world.do(people.add_membership, SYSTEM, person.public_id, Grant(Role.SEEKER, world.organisation(demo=True).public_id))


@settings(max_examples=20)
@given(st.text(st.characters(exclude_categories=()), max_size=140))
def test_any_text_can_be_a_password_or_is_refused(text: str) -> None:
    problems = Problems()
    passwords.check(text, "login", allow_demo=False, problems=problems)
    if not problems.found:
        stored = passwords.hash_password(text)
        assert passwords.fits(text, stored)
        assert not passwords.fits(text + "x", stored)
    else:
        assert not passwords.fits(text, None)
