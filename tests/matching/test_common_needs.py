"""Common needs: who is offered which, that nobody is named, and what a decision does."""

import pytest
from sqlmodel import Session

from matching import common_needs, listings
from matching.access import SYSTEM, Actor
from matching.common_needs import Common, figures_of
from matching.content import Indicator, load
from matching.documents import passages_of
from matching.errors import IllegalMove, InvalidInput, MayNot
from matching.model import CommonState, Listing, Organisation, Role
from matching.vectors import VectorStore
from search.encoder.hashing import HashingEncoder
from tests.matching.world import World, need

FROZEN = (
    "规格粉针一锅要冻{hours}小时，冻干机成了全厂瓶颈，板温不敢升，怕塌饼。希望有人能测准瓶内真实温度和干燥终点，缩短冻干周期。"
)


def post(world: World, owner: Organisation, hours: int, **more: object) -> str:
    cycle = Indicator("总周期", "<=", None, hours - 20.0, "h")
    draft = need(
        organisation=owner.public_id, title=f"{owner.name}缩短粉针冻干周期", texts={"detail": FROZEN.format(hours=hours)},
        indicators=(cycle,), industries=("biopharma",), **more,
    )  # fmt: skip
    return world.published(owner, draft).public_id


def bring(world: World, zone: str = "changzhou") -> int:
    vectors = VectorStore(world.database, HashingEncoder())
    with world.database.read() as session:
        keys = [key for each in load(session, range(1, 40)).values() for key in passages_of(each)[1]]
    vectors.get(keys, lane="bulk")
    return common_needs.bring(world.database, vectors, zone)


def offered(world: World, actor: Actor) -> tuple[Common, ...]:
    with world.database.read() as session:
        return common_needs.of_zone(session, actor, "changzhou")


@pytest.fixture
def staff(world: World) -> Actor:
    return world.person(Role.ZONE_STAFF, zone="changzhou")


@pytest.fixture
def firms(world: World) -> tuple[str, str]:
    one, other = (world.organisation(name, zone="changzhou") for name in ("晨光药业", "云帆生物"))
    return post(world, one, 78), post(world, other, 66)


def test_two_firms_that_ask_for_the_same_are_offered_without_their_names(
    world: World, staff: Actor, firms: tuple[str, str]
) -> None:
    agency = world.organisation("常州技术转移中心", zone="changzhou", kind="agency")
    assert bring(world) == 1
    assert bring(world) == 1, "found again, it is the same one"
    (common,) = offered(world, staff)
    assert {each.public_id for each in common.needs} == set(firms)
    assert (common.firms, common.state) == (2, CommonState.OPEN)
    assert "冻干" in "".join(common.words[:3]), "the words of the titles stand first"
    assert [(each.name, each.low, each.high, each.unit) for each in common.figures] == [("总周期", 46.0, 58.0, "h")]
    draft = world.do(common_needs.accept, staff, "changzhou", common.public_id, agency.public_id)
    assert world.do(common_needs.accept, staff, "changzhou", common.public_id, agency.public_id) == draft
    with world.database.read() as session:
        row = session.get_one(Listing, _id(session, draft))
        content = load(session, [row.id or 0], which="latest")[row.id or 0]
    told = f"{content.title} {content.texts}"
    assert "冻干" in content.title
    for name in ("晨光", "云帆", "药业", "塌饼。希望有人能测准"):
        assert name not in told
    assert (content.indicators[0].low, content.indicators[0].high) == (46.0, 58.0)
    assert content.organisation.public_id == agency.public_id
    assert offered(world, staff)[0].draft == draft
    assert bring(world) == 0, "what was taken up is not offered again"
    with pytest.raises(IllegalMove):
        world.do(common_needs.dismiss, staff, "changzhou", common.public_id)


def _id(session: Session, public_id: str) -> int:
    from sqlmodel import select

    return session.exec(select(Listing.id).where(Listing.public_id == public_id)).one() or 0


def test_one_firm_twice_other_matters_and_other_zones_are_no_common_need(world: World, staff: Actor) -> None:
    firm, far = world.organisation("甲药业", zone="changzhou"), world.organisation("乙药业", zone="kunshan")
    post(world, firm, 78)
    post(world, firm, 60)
    post(world, far, 66)
    other = world.organisation("丙公司", zone="changzhou")
    world.published(other, need(organisation=other.public_id, industries=("pv",)))
    assert bring(world) == 0
    assert offered(world, staff) == ()


def test_each_need_is_offered_in_one_group_at_most_with_all_that_are_like_it(world: World, staff: Actor) -> None:
    names = ("甲药业", "乙药业", "丙药业", "丁精机", "戊精机", "己公司")
    firms = [world.organisation(name, zone="changzhou") for name in names]
    drying = {post(world, firm, hours) for firm, hours in zip(firms[:3], (78, 66, 54), strict=True)}
    spindle = "电主轴跑到两万转后端跳超过三微米，轴承预紧和冷却都调过，热机两小时仍在漂。希望有人能补偿主轴的热伸长。"
    turning = {
        world.published(
            firm,
            need(organisation=firm.public_id, title="电主轴热伸长补偿", texts={"detail": spindle}, industries=("biopharma",)),
        ).public_id
        for firm in firms[3:5]
    }
    world.published(firms[5], need(organisation=firms[5].public_id, industries=("biopharma",)))
    assert bring(world) == 2
    assert {frozenset(each.public_id for each in common.needs) for common in offered(world, staff)} == {
        frozenset(drying), frozenset(turning),
    }  # fmt: skip


def test_a_dismissed_one_is_not_offered_again_and_a_closed_need_leaves(
    world: World, staff: Actor, firms: tuple[str, str]
) -> None:
    bring(world)
    (common,) = offered(world, staff)
    world.do(listings.withdraw, SYSTEM, firms[0])
    assert offered(world, staff) == (), "asked by one firm alone by now"
    world.do(common_needs.dismiss, staff, "changzhou", common.public_id)
    world.do(common_needs.dismiss, staff, "changzhou", common.public_id)
    assert bring(world) == 0
    with pytest.raises(IllegalMove):
        world.do(common_needs.accept, staff, "changzhou", common.public_id, "nobody")


def test_who_may_not(world: World, staff: Actor, firms: tuple[str, str]) -> None:
    bring(world)
    (common,) = offered(world, staff)
    for actor in (world.person(Role.ZONE_STAFF, zone="kunshan"), world.person(Role.BROKER, zone="changzhou")):
        with pytest.raises(MayNot):
            offered(world, actor)
        with pytest.raises(MayNot):
            world.do(common_needs.dismiss, actor, "changzhou", common.public_id)
    with pytest.raises(InvalidInput):
        world.do(common_needs.accept, staff, "changzhou", common.public_id, "nobody")


def test_a_figure_of_one_need_alone_is_nobodys_common_one(world: World, firms: tuple[str, str]) -> None:
    with world.database.read() as session:
        contents = list(load(session, range(1, 10)).values())
    assert len(contents) == 2
    assert figures_of(()) == ()
    assert figures_of(contents[:1]) == ()
    assert [each.name for each in figures_of(contents)] == ["总周期"]
