"""Suggestions decided many at a time: whose they are, slices, what others decided meanwhile, and the way back."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from matching import listings, suggestion_reviews
from matching.access import VISITOR, Actor
from matching.errors import IllegalMove, InvalidInput, MayNot, SignInNeeded
from matching.model import AuditEntry, BulkDecision, Listing, ListingIndustry, Organisation, Role
from matching.reference import industries
from matching.suggestion_reviews import Choice, Done
from matching.tagging import Suggestion
from tests.matching.world import FixedClock, World, need, result

Suggest = Callable[..., str]


@pytest.fixture
def firm(world: World) -> Organisation:
    return world.organisation("晶耀光伏", zone="changzhou")


@pytest.fixture
def staff(world: World) -> Actor:
    return world.person(Role.ZONE_STAFF, zone="changzhou")


@pytest.fixture
def suggested(world: World, firm: Organisation) -> Suggest:
    """A published need with these suggestions (code and confidence); its public id."""

    def make(*tags: tuple[str, float], owner: Organisation | None = None, kind: str = "need", publish: bool = True) -> str:
        draft = (need if kind == "need" else result)(organisation=(owner or firm).public_id)
        if publish:
            public_id = world.published(owner or firm, draft).public_id
        else:
            public_id = world.do(listings.save, world.person(Role.ADMINISTRATOR), draft).public_id
        with world.database.read() as session:
            ids = {node.code: node.id for node in industries(session).values()}
        found = [Suggestion(ids[code], confidence, ("银浆",), 0.4) for code, confidence in tags]
        world.do(listings.suggest_industries, world.listing(public_id).id or 0, found)
        return public_id

    return make


def states(world: World, *public_ids: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    with world.database.read() as session:
        nodes = industries(session)
        for public_id in public_ids:
            rows = session.exec(
                select(ListingIndustry).join(Listing).where(Listing.public_id == public_id)  # type: ignore[arg-type]  # by its key
            ).all()
            found.append({nodes[row.industry_id].code: row.state.value for row in rows})
    return found


def decide(world: World, actor: Actor, choice: Choice, state: str = "confirmed", **more: Any) -> Done:
    return world.do(suggestion_reviews.decide, actor, "changzhou", choice, state, **more)


def test_groups_and_items_are_those_in_the_zones_charge(world: World, staff: Actor, suggested: Suggest) -> None:
    both = suggested(("pv", 0.9), ("new-materials", 0.3))
    plain = suggested(("pv", 0.55))
    university = world.organisation("大学", kind="university")
    free = suggested(("pv", 0.7), owner=university, kind="result")
    suggested(("pv", 0.9), owner=world.organisation("别区", zone="kunshan"))
    suggested(("pv", 0.9), publish=False)
    with world.database.read() as session:
        found = suggestion_reviews.groups(session, staff, "changzhou")
        page = suggestion_reviews.items(session, staff, "changzhou", Choice(industry="pv"))
        sure = suggestion_reviews.items(session, staff, "changzhou", Choice(industry="pv", band="sure"))
    assert [(each.industry.code, each.in_field, each.count) for each in found] == [("pv", True, 3), ("new-materials", False, 1)]
    assert found[0].by_band == {"sure": 2, "likely": 1}
    assert [each.content.public_id for each in page.items] == [both, free, plain]
    assert [each.is_last for each in page.items] == [True, True, True]
    assert [(each.band, each.tag.reason["words"]) for each in page.items][2] == ("likely", ["银浆"])
    assert sure.total == 2


def test_picked_ones_are_decided_and_everybody_hears_of_it(
    world: World, staff: Actor, suggested: Suggest, firm: Organisation
) -> None:
    first, second = suggested(("pv", 0.9), ("nano", 0.4)), suggested(("pv", 0.8))
    other = suggested(("pv", 0.9), owner=world.organisation("别区", zone="kunshan"))
    world.drop_jobs()
    before = world.listing(first)
    done = decide(world, staff, Choice(picks=((first, "pv"), (first, "nano"), (other, "pv"), ("nothing", "pv"))), "rejected")
    assert (done.count, done.more) == (2, False)
    assert states(world, first, second, other) == [
        {"pv": "rejected", "nano": "rejected"}, {"pv": "suggested"}, {"pv": "suggested"},
    ]  # fmt: skip
    after = world.listing(first)
    assert (after.version, after.document_revision) == (before.version + 1, before.document_revision + 1)
    assert [(job.kind, job.key, job.lane) for job in world.jobs()] == [("index", first, 1)]
    with world.database.read() as session:
        audit = session.exec(select(AuditEntry).where(AuditEntry.action == "listing.industries")).all()
        row = session.exec(select(ListingIndustry).where(ListingIndustry.listing_id == after.id)).first()
    assert [(each.actor, each.subject_id, each.details) for each in audit] == [
        (staff.public_id, first, {"rejected": ["nano", "pv"]})
    ]
    assert row is not None
    assert (row.source, row.decided_by_id) == ("staff", staff.person_id)


def test_a_whole_group_is_decided_slice_by_slice_and_taken_back(
    world: World, staff: Actor, suggested: Suggest, clock: FixedClock
) -> None:
    ids = [suggested(("pv", 0.9)) for _ in range(5)]
    doubtful = suggested(("pv", 0.2))
    choice = Choice(industry="pv", band="sure")
    done = decide(world, staff, choice, size=2)
    counts = [done.count]
    while done.more:
        clock.move(seconds=1)
        done = decide(world, staff, choice, decision=done.decision, size=2)
        counts.append(done.count)
    assert counts == [2, 2, 1]
    assert states(world, *ids, doubtful) == [{"pv": "confirmed"}] * 5 + [{"pv": "suggested"}]
    with world.database.read() as session:
        (whole,) = session.exec(select(BulkDecision)).all()
        assert suggestion_reviews.last(session, staff, "changzhou") == suggestion_reviews.Last("confirmed", 5, "pv")
    assert whole.count == 5

    # One of them is looked at again by a person: that stays.
    clock.move(minutes=1)
    world.do(listings.decide_industries, staff, ids[0], rejected=["pv"])
    back = world.do(suggestion_reviews.undo, staff, "changzhou", size=3)
    assert back.more
    again = world.do(suggestion_reviews.undo, staff, "changzhou", decision=back.decision, size=3)
    assert (back.count + again.count, again.more) == (4, False)
    assert states(world, *ids) == [{"pv": "rejected"}] + [{"pv": "suggested"}] * 4
    with world.database.read() as session:
        assert suggestion_reviews.last(session, staff, "changzhou") is None
    with pytest.raises(IllegalMove):
        world.do(suggestion_reviews.undo, staff, "changzhou")


def test_only_the_last_of_ones_own_is_taken_back(world: World, staff: Actor, suggested: Suggest) -> None:
    ids = [suggested(("pv", 0.9)), suggested(("pv", 0.9)), suggested(("pv", 0.9))]
    colleague = world.person(Role.ZONE_STAFF, zone="changzhou")
    for actor, public_id in zip((staff, staff, colleague), ids, strict=True):
        decide(world, actor, Choice(picks=((public_id, "pv"),)))
    world.do(suggestion_reviews.undo, staff, "changzhou")
    assert states(world, *ids) == [{"pv": "confirmed"}, {"pv": "suggested"}, {"pv": "confirmed"}]
    with pytest.raises(IllegalMove):  # the one before it is not the last any more
        world.do(suggestion_reviews.undo, staff, "changzhou")


def test_refusals(world: World, staff: Actor, suggested: Suggest, firm: Organisation) -> None:
    public_id = suggested(("pv", 0.9))
    pick = Choice(picks=((public_id, "pv"),))
    for choice, state in (
        (Choice(), "confirmed"),
        (pick, "published"),
        (Choice(industry="gold"), "confirmed"),
        (Choice(industry="pv", band="certain"), "confirmed"),
        (Choice(picks=((public_id, "pv"),) * 600), "confirmed"),
    ):
        with pytest.raises(InvalidInput):
            decide(world, staff, choice, state)
    for actor, error in (
        (VISITOR, SignInNeeded),
        (world.person(Role.SEEKER, organisation=firm), MayNot),
        (world.person(Role.BROKER, zone="changzhou"), MayNot),
        (world.person(Role.ZONE_STAFF, zone="kunshan"), MayNot),
    ):
        with pytest.raises(error):
            decide(world, actor, pick)
    assert states(world, public_id) == [{"pv": "suggested"}]
    assert decide(world, world.person(Role.ADMINISTRATOR), pick).count == 1


def test_a_demonstration_account_touches_nothing_real(world: World, suggested: Suggest) -> None:
    public_id = suggested(("pv", 0.9))
    demo = world.person(Role.ZONE_STAFF, zone="changzhou", demo=True)
    assert decide(world, demo, Choice(picks=((public_id, "pv"),))).count == 0
    assert states(world, public_id) == [{"pv": "suggested"}]
