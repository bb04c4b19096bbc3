"""A text of an owner in no zone stands in the lists of several zones: the first to take it decides."""

import pytest
from sqlmodel import select

from matching import listing_views, listings, reviews
from matching.access import SYSTEM, Actor
from matching.errors import IllegalMove, MayNot, NotFound
from matching.model import AuditEntry, CodeValue, ListingState, ReviewTake, Role
from matching.reviews import TakeView
from matching.store.unit import UnitOfWork
from tests.matching.world import World, result


@pytest.fixture
def wuxi(world: World) -> Actor:
    return world.person(Role.ZONE_STAFF, zone="wuxi")


@pytest.fixture
def nanjing(world: World) -> Actor:
    return world.person(Role.ZONE_STAFF, zone="nanjing")


@pytest.fixture
def text(world: World) -> str:
    """Of a university in no zone, tagged with the industries of Wuxi and (through software's parent) Nanjing."""
    school = world.organisation(kind="university")
    made = world.do(listings.save, SYSTEM, result(organisation=school.public_id, industries=("iot", "software")))
    world.do(listings.submit, SYSTEM, made.public_id)
    return made.public_id


def held(world: World, text: str) -> TakeView | None:
    with world.database.read() as session:
        return reviews.takes(session, world.clock.now(), [text]).get(text)


def test_the_first_to_take_decides_and_the_others_see_who(world: World, wuxi: Actor, nanjing: Actor, text: str) -> None:
    world.do(reviews.take, wuxi, text)
    found = held(world, text)
    assert found is not None
    assert (found.name, found.who, (found.until - found.at).total_seconds()) == ("无锡高新区", wuxi.name, 48 * 3600)
    with world.database.read() as session:
        assert listing_views.waiting(session, nanjing).total == 1, "it stays on the other zone's list"
    for job in (reviews.take, reviews.publish, reviews.give_back):
        with pytest.raises(IllegalMove) as refused:
            world.do(job, nanjing, text)
        assert (refused.value.code, refused.value.params) == ("taken", {"zone": "无锡高新区"})
    with pytest.raises(IllegalMove):
        world.do(reviews.send_back, nanjing, text, {"general": "不清楚"})
    assert world.do(reviews.publish, wuxi, text).state == ListingState.PUBLISHED
    assert held(world, text) is None
    with world.database.read() as session:
        assert session.exec(select(ReviewTake)).all() == []


def test_a_colleague_of_the_same_zone_and_an_administrator_may(world: World, wuxi: Actor, text: str) -> None:
    world.do(reviews.take, wuxi, text)
    colleague = world.person(Role.ZONE_STAFF, zone="wuxi")
    assert world.do(reviews.send_back, colleague, text, {"general": "请补充"}).state == ListingState.SENT_BACK
    world.do(listings.submit, SYSTEM, text)
    world.do(reviews.take, wuxi, text)
    assert world.do(reviews.publish, world.person(Role.ADMINISTRATOR), text).state == ListingState.PUBLISHED


def test_given_back_any_zone_in_charge_may(world: World, wuxi: Actor, nanjing: Actor, text: str) -> None:
    world.do(reviews.take, wuxi, text)
    world.do(reviews.give_back, wuxi, text)
    assert held(world, text) is None
    world.do(reviews.give_back, wuxi, text)  # nothing to give back: nothing happens
    world.do(reviews.take, nanjing, text)
    assert world.do(reviews.publish, nanjing, text).state == ListingState.PUBLISHED
    with world.database.read() as session:
        told = session.exec(select(AuditEntry).where(AuditEntry.subject_id == text)).all()
    assert [row.action for row in told if row.action.startswith("review.")] == ["review.take", "review.give_back", "review.take"]


def test_a_take_ends_by_itself_after_the_hours_of_the_list(world: World, wuxi: Actor, nanjing: Actor, text: str) -> None:
    def shorten(unit: UnitOfWork) -> None:
        row = unit.session.exec(select(CodeValue).where(CodeValue.list_code == "deadline")).one()
        row.facts = {"hours": 3}

    world.do(shorten)
    world.do(reviews.take, wuxi, text)
    world.clock.move(hours=2)
    with pytest.raises(IllegalMove):
        world.do(reviews.publish, nanjing, text)
    world.clock.move(hours=1, seconds=1)
    assert held(world, text) is None
    assert world.do(reviews.publish, nanjing, text).state == ListingState.PUBLISHED


def test_without_a_take_the_first_to_decide_decides(world: World, nanjing: Actor, text: str) -> None:
    assert world.do(reviews.publish, nanjing, text).state == ListingState.PUBLISHED


def test_who_may_take(world: World, wuxi: Actor, text: str) -> None:
    for actor, refusal in (
        (world.person(Role.ZONE_STAFF, zone="kunshan"), NotFound),
        (world.person(Role.BROKER, zone="wuxi"), NotFound),
        (world.person(Role.SEEKER, organisation=world.organisation()), NotFound),
        (world.person(Role.ADMINISTRATOR), MayNot),
    ):
        with pytest.raises(refusal):
            world.do(reviews.take, actor, text)
    world.do(reviews.publish, wuxi, text)
    with pytest.raises(IllegalMove):
        world.do(reviews.take, wuxi, text)


def test_a_zone_that_is_not_in_charge_any_more_holds_nothing(world: World, wuxi: Actor, nanjing: Actor, text: str) -> None:
    world.do(reviews.take, wuxi, text)
    world.do(listings.decide_industries, SYSTEM, text, rejected=["iot"])
    assert world.do(reviews.publish, nanjing, text).state == ListingState.PUBLISHED
