"""Several requests at one moment: one listing a form, one winner an edit, one number a listing."""

import threading
from collections.abc import Callable
from typing import TypeVar

from sqlmodel import select

from matching import listings, reviews
from matching.access import SYSTEM
from matching.errors import StaleRevision
from matching.model import Listing, Role
from tests.matching.world import World, need

R = TypeVar("R")
THREADS = 4


def at_once(job: Callable[[int], R]) -> list[R | Exception]:
    """What `job(0)` … `job(3)` answer or raise, started together."""
    answers: list[R | Exception] = []
    start = threading.Barrier(THREADS)

    def run(number: int) -> None:
        start.wait(30)
        try:
            answers.append(job(number))
        except Exception as failure:
            answers.append(failure)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_a_double_click_makes_one_listing(world: World) -> None:
    owner = world.person(Role.SEEKER, organisation=world.organisation())
    answers = at_once(lambda _: world.do(listings.save, owner, need(), form_token="same"))
    with world.database.read() as session:
        (row,) = session.exec(select(Listing)).all()
    assert [getattr(each, "public_id", each) for each in answers] == [row.public_id] * THREADS


def test_one_of_several_editors_wins(world: World) -> None:
    owner = world.person(Role.SEEKER, organisation=world.organisation())
    made = world.do(listings.save, owner, need())
    answers = at_once(
        lambda n: world.do(listings.save, owner, need(title=f"第{n}位的改动"), listing=made.public_id, seen_version=1)
    )
    assert sum(isinstance(each, StaleRevision) for each in answers) == THREADS - 1
    assert (world.listing(made.public_id).revision, world.listing(made.public_id).version) == (2, 2)


def test_no_number_is_given_twice(world: World) -> None:
    owner = world.organisation()

    def publish_five(_number: int) -> list[str | None]:
        given = []
        for _ in range(5):
            made = world.do(listings.save, SYSTEM, need(organisation=owner.public_id))
            given.append(world.do(reviews.publish, SYSTEM, made.public_id).number)
        return given

    answers = at_once(publish_five)
    numbers = [number for each in answers if isinstance(each, list) for number in each]
    assert sorted(str(number) for number in numbers) == [f"N-2026-{n:04d}" for n in range(1, 5 * THREADS + 1)]
