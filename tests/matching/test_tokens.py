"""Tokens for programs: the secret once, the rights of today, and an end."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from matching import tokens
from matching.access import VISITOR
from matching.errors import InvalidInput, NotFound, SignInNeeded
from matching.model import ApiToken, AuditEntry, Membership, Person, Role
from tests.matching.world import World


def test_the_secret_opens_the_door_and_is_kept_nowhere(world: World) -> None:
    seeker = world.person(Role.SEEKER, organisation=world.organisation())
    made, secret = world.do(tokens.create, seeker, name=" 夜间  同步 ", scopes=["write", "read"], days=30)
    assert (made.name, made.scopes, made.is_live) == ("夜间 同步", ("read", "write"), True)
    with world.database.read() as session:
        held = tokens.holder(session, secret, world.clock.now())
        assert held is not None
        assert (held.actor, held.scopes) == (seeker, frozenset({"read", "write"}))
        row = session.exec(select(ApiToken)).one()
        assert secret not in str(row)
        assert tokens.holder(session, secret + "x", world.clock.now()) is None
        assert "token.create" in session.exec(select(AuditEntry.action)).all()


def test_rights_are_those_of_today(world: World) -> None:
    seeker = world.person(Role.SEEKER, organisation=world.organisation())
    _, secret = world.do(tokens.create, seeker, name="脚本", scopes=["read"], days=7)
    with world.database.write() as unit:
        unit.session.execute(sa.delete(Membership))
        unit.commit()
    with world.database.read() as session:
        held = tokens.holder(session, secret, world.clock.now())
        assert held is not None
        assert held.actor.organisations == frozenset()
    with world.database.write() as unit:
        unit.session.execute(sa.update(Person).values(active=False))
        unit.commit()
    with world.database.read() as session:
        assert tokens.holder(session, secret, world.clock.now()) is None


def test_it_ends_by_itself_and_by_its_owner_alone(world: World) -> None:
    owner, other = (world.person(Role.SEEKER, organisation=world.organisation()) for _ in range(2))
    _, secret = world.do(tokens.create, owner, name="一周", scopes=["read"], days=7)
    second, _ = world.do(tokens.create, owner, name="长期", scopes=["read"], days=365)
    with pytest.raises(NotFound):
        world.do(tokens.revoke, other, second.public_id)
    world.clock.move(days=7)
    with world.database.read() as session:
        assert tokens.holder(session, secret, world.clock.now()) is None
        assert [each.is_live for each in tokens.mine(session, owner, world.clock.now())] == [True, False]
        assert tokens.mine(session, other, world.clock.now()) == ()
    world.do(tokens.revoke, owner, second.public_id)
    world.do(tokens.revoke, owner, second.public_id)
    with world.database.read() as session:
        assert [each.is_live for each in tokens.mine(session, owner, world.clock.now())] == [False, False]
        revoked = session.exec(select(AuditEntry).where(col(AuditEntry.action) == "token.revoke")).all()
        assert [each.subject_id for each in revoked] == [second.public_id]


def test_uses_are_noted_now_and_then(world: World) -> None:
    seeker = world.person(Role.SEEKER, organisation=world.organisation())
    _, secret = world.do(tokens.create, seeker, name="脚本", scopes=["read"], days=7)

    def is_due() -> bool:
        with world.database.read() as session:
            held = tokens.holder(session, secret, world.clock.now())
        assert held is not None
        if held.is_due:
            world.do(tokens.note_use, held.token_id)
        return held.is_due

    assert [is_due(), is_due()] == [True, False]
    world.clock.at += timedelta(minutes=11)
    assert is_due()


def test_everything_wrong_is_told_at_once(world: World) -> None:
    seeker = world.person(Role.SEEKER, organisation=world.organisation())
    with pytest.raises(InvalidInput) as refused:
        world.do(tokens.create, seeker, name="", scopes=["read", "everything"], days=8)
    assert {(each.field, each.code) for each in refused.value.fields} == {
        ("name", "required"),
        ("scopes", "unknown_code"),
        ("days", "unknown_code"),
    }
    with pytest.raises(SignInNeeded):
        world.do(tokens.create, VISITOR, name="脚本", scopes=["read"], days=7)
    for at in range(tokens.MOST_LIVE):
        world.do(tokens.create, seeker, name=f"第 {at} 个", scopes=["read"], days=7)
    with pytest.raises(InvalidInput) as refused:
        world.do(tokens.create, seeker, name="再一个", scopes=["read"], days=7)
    assert [each.code for each in refused.value.fields] == ["too_many"]
