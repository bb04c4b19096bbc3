"""Idempotency keys: the same request once, another one refused, two at once told apart, and nothing kept for long."""

from datetime import timedelta

import pytest
from sqlmodel import select

from matching.errors import KeyInUse, KeyReused
from matching.model import ApiAnswer, Role
from matching.store.answers import Answered, Claim, answer, claim, release, request_digest, sweep_answers
from tests.matching.world import World

DONE = Answered(201, {"etag": '"1"'}, '{"id": "x"}')


@pytest.fixture
def person(world: World) -> int:
    return world.person(Role.ADMINISTRATOR).person_id or 0


def claimed(world: World, person: int, key: str = "k", digest: str = "a") -> Claim:
    made = world.do(claim, person, key, digest)
    assert isinstance(made, Claim)
    return made


def test_the_first_answer_is_everybodys_answer(world: World, person: int) -> None:
    world.do(answer, claimed(world, person), DONE)
    assert world.do(claim, person, "k", "a") == DONE
    with pytest.raises(KeyReused):
        world.do(claim, person, "k", "b")


def test_keys_belong_to_their_person(world: World, person: int) -> None:
    other = world.person(Role.ADMINISTRATOR).person_id or 0
    world.do(answer, claimed(world, person), DONE)
    assert isinstance(world.do(claim, other, "k", "b"), Claim)


def test_while_the_first_is_at_work_the_second_waits(world: World, person: int) -> None:
    first = claimed(world, person)
    with pytest.raises(KeyInUse):
        world.do(claim, person, "k", "a")
    world.do(release, first)
    assert isinstance(world.do(claim, person, "k", "b"), Claim)


def test_a_claim_that_nobody_answers_lapses_and_its_late_work_is_not_committed(world: World, person: int) -> None:
    late = claimed(world, person)
    world.clock.at += timedelta(minutes=6)
    taken = claimed(world, person)
    with pytest.raises(KeyInUse):
        world.do(answer, late, DONE)
    world.do(answer, taken, DONE)
    world.do(release, taken)
    assert world.do(claim, person, "k", "a") == DONE


def test_after_a_day_it_is_forgotten(world: World, person: int) -> None:
    world.do(answer, claimed(world, person), DONE)
    world.clock.move(hours=23)
    assert world.do(sweep_answers) == 0
    world.clock.move(hours=1)
    assert world.do(sweep_answers) == 1
    with world.database.read() as session:
        assert session.exec(select(ApiAnswer)).all() == []


def test_digests_tell_where_one_part_ends() -> None:
    assert request_digest(b"ab", b"c") != request_digest(b"a", b"bc")
