"""What an owner finds on his own page: every state with its next step, pairs counted once, and nobody else's."""

from datetime import date, timedelta

import pytest

from matching import listings, reviews
from matching.access import SYSTEM, VISITOR, Actor
from matching.errors import SignInNeeded
from matching.model import ListingKind, Match, Role
from matching.my_listings import MyListing, counts, mine
from matching.store.database import Database
from tests.matching.world import TODAY, FixedClock, World, need, result


def read(database: Database, actor: Actor, kind: ListingKind = ListingKind.NEED, today: date = TODAY) -> dict[str, MyListing]:
    with database.read() as session:
        return {each.content.public_id: each for each in mine(session, actor, kind, today=today).items}


def test_every_state_says_what_to_do_next(world: World, database: Database, clock: FixedClock) -> None:
    firm = world.organisation(zone="changzhou")
    owner, staff = world.person(Role.SEEKER, organisation=firm), world.person(Role.ZONE_STAFF, zone="changzhou")
    draft = world.do(listings.save, owner, need())
    sent = world.do(listings.save, owner, need())
    world.do(listings.submit, owner, sent.public_id)
    back = world.do(listings.save, owner, need())
    world.do(listings.submit, owner, back.public_id)
    world.do(reviews.send_back, staff, back.public_id, {"detail": "请写明验收办法"})
    gone = world.do(listings.save, owner, need())
    world.do(listings.withdraw, owner, gone.public_id)
    soon = world.published(firm, valid_until=TODAY + timedelta(days=12))
    late = world.published(firm, valid_until=TODAY + timedelta(days=300))
    over = world.published(firm, valid_until=TODAY)
    clock.move(days=1)
    world.do(listings.expire_due)
    found = read(database, owner, today=clock.today())
    steps = {id_: each.next_step for id_, each in found.items()}
    assert steps == {
        draft.public_id: "complete", sent.public_id: "wait", back.public_id: "mend", gone.public_id: "revive",
        soon.public_id: "renew_soon", late.public_id: "none", over.public_id: "renew",
    }  # fmt: skip
    assert found[soon.public_id].days_left == 11
    assert found[draft.public_id].may >= {"revise", "submit", "withdraw"}
    assert "submit" not in found[sent.public_id].may
    assert "renew" in found[over.public_id].may
    assert not found[draft.public_id].may & {"publish", "send_back"}


def test_newer_words_of_a_published_listing_have_their_own_steps(world: World, database: Database) -> None:
    firm = world.organisation(zone="changzhou")
    owner, staff = world.person(Role.SEEKER, organisation=firm), world.person(Role.ZONE_STAFF, zone="changzhou")
    made = world.published(firm, valid_until=TODAY + timedelta(days=300)).public_id

    def step() -> str:
        return read(database, owner)[made].next_step

    world.do(listings.save, owner, need(title="更准确的标题"), listing=made)
    assert step() == "submit_newer"
    world.do(listings.submit, owner, made)
    assert step() == "wait_newer"
    world.do(reviews.send_back, staff, made, {"general": "请补充指标"})
    assert step() == "mend_newer"


def test_pairs_are_counted_once_and_only_with_open_partners(world: World, database: Database) -> None:
    firm, institute = world.organisation(zone="changzhou"), world.organisation(kind="university")
    owner = world.person(Role.SEEKER, organisation=firm)
    wanted = world.published(firm)
    partners = [world.published(institute, result(organisation=institute.public_id)) for _ in range(3)]
    with database.write() as unit:
        ids = [world.listing(each.public_id).id or 0 for each in (wanted, *partners)]
        for zone, result_id, level in (
            ("changzhou", ids[1], 3),
            ("wuxi", ids[1], 3),
            ("changzhou", ids[2], 0),
            ("changzhou", ids[3], 2),
        ):
            match = Match(zone_id=world.zone_id(zone), need_id=ids[0], result_id=result_id, score=0.5, level=level,
                          need_revision=1, result_revision=1, found_at=unit.now(), computed_at=unit.now())  # fmt: skip
            unit.session.add(match)
        unit.commit()
    assert read(database, owner)[wanted.public_id].pairs == 2
    world.do(listings.withdraw, SYSTEM, partners[2].public_id)
    assert read(database, owner)[wanted.public_id].pairs == 1


def test_staff_find_what_they_wrote_for_others_and_nobody_finds_a_stranger_s(world: World, database: Database) -> None:
    firm, elsewhere = world.organisation(zone="changzhou"), world.organisation(zone="wuxi")
    staff, colleague = world.person(Role.ZONE_STAFF, zone="changzhou"), world.person(Role.ZONE_STAFF, zone="changzhou")
    made = world.do(listings.save, staff, need(organisation=firm.public_id))
    world.do(listings.save, SYSTEM, need(organisation=elsewhere.public_id))
    assert set(read(database, staff)) == {made.public_id}
    assert read(database, colleague) == {}
    assert read(database, staff, ListingKind.RESULT) == {}
    with database.read() as session:
        assert counts(session, staff) == {ListingKind.RESULT: 0, ListingKind.NEED: 1}
        with pytest.raises(SignInNeeded):
            mine(session, VISITOR, ListingKind.NEED, today=TODAY)
