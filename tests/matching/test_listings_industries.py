"""Industries of a listing: what the owner names, what the worker suggests, what people decide, and who hears of it."""

import pytest
from sqlmodel import select

from matching import listings
from matching.access import SYSTEM, Actor
from matching.errors import InvalidInput, MayNot, NotFound, StaleRevision
from matching.model import Listing, ListingIndustry, Organisation, Role
from matching.reference import industries
from matching.tagging import Suggestion
from tests.matching.world import World, need


@pytest.fixture
def firm(world: World) -> Organisation:
    return world.organisation(zone="changzhou")


@pytest.fixture
def owner(world: World, firm: Organisation) -> Actor:
    return world.person(Role.SEEKER, organisation=firm)


@pytest.fixture
def ids(world: World) -> dict[str, int]:
    with world.database.read() as session:
        return {node.code: node.id for node in industries(session).values()}


def tags(world: World, public_id: str) -> dict[str, tuple[str, str]]:
    """Industry code → state and source."""
    with world.database.read() as session:
        nodes = industries(session)
        rows = session.exec(
            select(ListingIndustry)
            .join(Listing, Listing.id == ListingIndustry.listing_id)  # type: ignore[arg-type]  # a comparison of columns
            .where(Listing.public_id == public_id)
        ).all()
    return {nodes[row.industry_id].code: (row.state.value, row.source) for row in rows}


def suggest(world: World, public_id: str, *suggestions: Suggestion) -> bool:
    return world.do(listings.suggest_industries, world.listing(public_id).id or 0, suggestions)


def test_the_owner_names_and_takes_back(world: World, owner: Actor) -> None:
    made = world.do(listings.save, owner, need(industries=("pv", "nano")))
    assert tags(world, made.public_id) == {"pv": ("confirmed", "owner"), "nano": ("confirmed", "owner")}
    world.do(listings.save, owner, need(industries=("nano", "iot")), listing=made.public_id)
    assert tags(world, made.public_id) == {
        "pv": ("rejected", "owner"),
        "nano": ("confirmed", "owner"),
        "iot": ("confirmed", "owner"),
    }
    world.do(listings.save, owner, need(industries=("pv",)), listing=made.public_id)
    assert tags(world, made.public_id)["pv"] == ("confirmed", "owner")


def test_staff_speak_for_themselves_and_the_system_for_owners(world: World, firm: Organisation) -> None:
    staff = world.person(Role.ZONE_STAFF, zone="changzhou")
    draft = need(organisation=firm.public_id, industries=("pv",))
    assert tags(world, world.do(listings.save, staff, draft).public_id) == {"pv": ("confirmed", "staff")}
    assert tags(world, world.do(listings.save, SYSTEM, draft).public_id) == {"pv": ("confirmed", "owner")}


def test_suggestions_replace_earlier_ones(world: World, firm: Organisation, ids: dict[str, int]) -> None:
    made = world.published(firm)
    world.drop_jobs()
    pv, nano = Suggestion(ids["pv"], 0.6, ("光伏",), 0.5), Suggestion(ids["nano"], 0.4, (), 0.4)
    assert suggest(world, made.public_id, pv, nano)
    assert [job.kind for job in world.jobs()] == ["index"]
    world.drop_jobs()
    assert not suggest(world, made.public_id, nano, pv)
    assert world.jobs() == []
    assert suggest(world, made.public_id, pv)
    assert tags(world, made.public_id) == {"pv": ("suggested", "suggestion")}
    with world.database.read() as session:
        (row,) = session.exec(select(ListingIndustry)).all()
    assert (row.confidence, row.reason, row.decided_at) == (0.6, {"words": ["光伏"], "near": 0.5}, None)


def test_suggestions_never_override_a_decision(world: World, owner: Actor, ids: dict[str, int]) -> None:
    made = world.do(listings.save, owner, need())
    pv, nano = Suggestion(ids["pv"], 0.6, (), 0.5), Suggestion(ids["nano"], 0.4, (), 0.4)
    suggest(world, made.public_id, pv, nano)
    world.do(listings.decide_industries, owner, made.public_id, rejected=["pv"])
    assert not suggest(world, made.public_id, pv, nano)
    assert tags(world, made.public_id) == {"pv": ("rejected", "owner"), "nano": ("suggested", "suggestion")}
    world.do(listings.decide_industries, owner, made.public_id, confirmed=["nano"])
    assert not suggest(world, made.public_id, Suggestion(ids["iot"], 0.9, (), 0.9))
    assert tags(world, made.public_id) == {"pv": ("rejected", "owner"), "nano": ("confirmed", "owner")}


def test_a_suggestion_of_a_draft_changes_no_document(world: World, owner: Actor, ids: dict[str, int]) -> None:
    made = world.do(listings.save, owner, need())
    assert suggest(world, made.public_id, Suggestion(ids["pv"], 0.6, (), 0.5))
    assert world.jobs() == []
    assert world.listing(made.public_id).version == made.version


def test_deciding(world: World, owner: Actor, firm: Organisation) -> None:
    made = world.published(firm)
    world.drop_jobs()
    decided = world.do(listings.decide_industries, owner, made.public_id, confirmed=["pv"], rejected=["nano"])
    assert decided.version == made.version + 1
    assert [job.kind for job in world.jobs()] == ["index"]
    assert tags(world, made.public_id) == {"pv": ("confirmed", "owner"), "nano": ("rejected", "owner")}
    with world.database.read() as session:
        rows = session.exec(select(ListingIndustry)).all()
    assert {row.decided_by_id for row in rows} == {owner.person_id}
    world.drop_jobs()
    again = world.do(listings.decide_industries, owner, made.public_id, confirmed=["pv"])
    assert again.version == decided.version
    assert world.jobs() == []


def test_refused_decisions(world: World, owner: Actor, firm: Organisation) -> None:
    made = world.published(firm)
    draft = world.do(listings.save, owner, need())
    stranger = world.person(Role.SEEKER, organisation=world.organisation())
    with pytest.raises(InvalidInput, match="unknown_code"):
        world.do(listings.decide_industries, owner, made.public_id, confirmed=["gold"])
    with pytest.raises(InvalidInput, match="both"):
        world.do(listings.decide_industries, owner, made.public_id, confirmed=["pv"], rejected=["pv"])
    with pytest.raises(StaleRevision):
        world.do(listings.decide_industries, owner, made.public_id, confirmed=["pv"], seen_version=99)
    with pytest.raises(MayNot):
        world.do(listings.decide_industries, stranger, made.public_id, confirmed=["pv"])
    with pytest.raises(NotFound):
        world.do(listings.decide_industries, stranger, draft.public_id, confirmed=["pv"])
    assert tags(world, made.public_id) == {}


def test_a_text_without_industries_asks_for_some(world: World, owner: Actor) -> None:
    named = world.do(listings.save, owner, need(industries=("pv",)))
    world.do(listings.submit, owner, named.public_id)
    assert world.jobs("suggest") == []
    bare = world.do(listings.save, owner, need())
    world.do(listings.submit, owner, bare.public_id)
    assert [job.key for job in world.jobs("suggest")] == [bare.public_id]
