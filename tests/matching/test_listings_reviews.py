"""Publishing and sending back: numbers, revisions, what staff may not touch, what readers hear."""

from datetime import date

import pytest
from sqlmodel import select

from matching import listing_views, listings, reviews
from matching.access import SYSTEM, Actor
from matching.content import load
from matching.errors import IllegalMove, InvalidInput, MayNot, NotFound, StaleRevision
from matching.listing_rows import Saved
from matching.model import ListingState, NumberSeries, Organisation, Review, Role
from tests.matching.world import World, need, result


@pytest.fixture
def firm(world: World) -> Organisation:
    return world.organisation("常州某电池厂", zone="changzhou")


@pytest.fixture
def owner(world: World, firm: Organisation) -> Actor:
    return world.person(Role.SEEKER, organisation=firm)


@pytest.fixture
def staff(world: World) -> Actor:
    return world.person(Role.ZONE_STAFF, zone="changzhou")


@pytest.fixture
def submitted(world: World, owner: Actor) -> Saved:
    made = world.do(listings.save, owner, need())
    return world.do(listings.submit, owner, made.public_id)


def test_publishing(world: World, staff: Actor, submitted: Saved) -> None:
    world.drop_jobs()
    published = world.do(reviews.publish, staff, submitted.public_id, seen_version=submitted.version)
    assert (published.state, published.number) == (ListingState.PUBLISHED, "N-2026-0001")
    row = world.listing(submitted.public_id)
    assert (row.published_revision, row.document_revision, row.submitted_at) == (1, 1, None)
    assert row.published_at == world.clock.now()
    assert row.valid_until == date(2027, 3, 2)
    assert [(job.kind, job.key) for job in world.jobs()] == [
        ("index", submitted.public_id),
        ("suggest", submitted.public_id),
    ]
    with world.database.read() as session:
        (review,) = session.exec(select(Review)).all()
        (view,) = listing_views.page(session, staff, submitted.public_id).reviews
    assert (review.decision, review.revision, review.reviewer_id) == ("published", 1, staff.person_id)
    assert (view.decision, view.reviewer) == ("published", staff.name)


def test_numbers_run_by_kind_and_year(world: World, firm: Organisation) -> None:
    numbers = [
        world.published(firm).number,
        world.published(firm).number,
        world.published(firm, result(organisation=firm.public_id)).number,
    ]
    world.clock.at = world.clock.at.replace(year=2027)
    numbers.append(world.published(firm).number)
    assert numbers == ["N-2026-0001", "N-2026-0002", "R-2026-0001", "N-2027-0001"]
    with world.database.read() as session:
        rows = session.exec(select(NumberSeries)).all()
    assert {(row.prefix, row.year): row.last for row in rows} == {("N", 2026): 2, ("R", 2026): 1, ("N", 2027): 1}


def test_a_new_years_number_goes_by_shanghais_date(world: World, firm: Organisation) -> None:
    world.clock.at = world.clock.at.replace(month=12, day=31, hour=16)
    assert world.published(firm).number == "N-2027-0001"


def test_a_number_of_a_rolled_back_job_is_given_again(world: World, firm: Organisation) -> None:
    made = world.do(listings.save, SYSTEM, need(organisation=firm.public_id))
    with world.database.write() as unit:
        assert reviews.publish(unit, SYSTEM, made.public_id).number == "N-2026-0001"
    assert world.do(reviews.publish, SYSTEM, made.public_id).number == "N-2026-0001"


def test_newer_words_replace_the_published_ones(world: World, owner: Actor, staff: Actor, submitted: Saved) -> None:
    first = world.do(reviews.publish, staff, submitted.public_id)
    at = world.listing(submitted.public_id).published_at
    world.clock.move(days=5)
    world.do(listings.save, owner, need(title="更好的标题"), listing=first.public_id)
    with pytest.raises(MayNot):
        world.do(reviews.publish, staff, first.public_id)
    world.do(listings.submit, owner, first.public_id)
    second = world.do(reviews.publish, staff, first.public_id)
    assert (second.number, second.revision) == (first.number, 2)
    row = world.listing(first.public_id)
    assert (row.published_revision, row.published_at) == (2, at)
    with world.database.read() as session:
        assert load(session, [row.id or 0])[row.id or 0].title == "更好的标题"


def test_nothing_new_is_not_published_or_submitted_again(world: World, owner: Actor, staff: Actor, submitted: Saved) -> None:
    world.do(reviews.publish, staff, submitted.public_id)
    with pytest.raises(IllegalMove):
        world.do(reviews.publish, staff, submitted.public_id)
    with pytest.raises(IllegalMove):
        world.do(listings.submit, owner, submitted.public_id)


def test_staff_save_and_publish_in_one_go(world: World, staff: Actor, firm: Organisation) -> None:
    with world.database.write() as unit:
        made = listings.save(unit, staff, need(organisation=firm.public_id, industries=("pv",)))
        published = reviews.publish(unit, staff, made.public_id, seen_version=made.version, lane="bulk")
        unit.commit()
    assert published.state == ListingState.PUBLISHED
    assert [(job.kind, job.lane) for job in world.jobs()] == [("index", 1)]


def test_an_owners_draft_is_not_the_staffs_to_publish(world: World, owner: Actor, staff: Actor) -> None:
    made = world.do(listings.save, owner, need())
    with pytest.raises(MayNot):
        world.do(reviews.publish, staff, made.public_id)
    assert world.listing(made.public_id).state == ListingState.DRAFT


def test_an_incomplete_or_outdated_text_is_not_published(world: World, staff: Actor, firm: Organisation) -> None:
    bare = world.do(listings.save, staff, need(organisation=firm.public_id, texts={}))
    with pytest.raises(InvalidInput, match="detail: required"):
        world.do(reviews.publish, staff, bare.public_id)
    dated = world.do(listings.save, staff, need(organisation=firm.public_id, valid_until=date(2026, 3, 5)))
    world.clock.move(days=10)
    with pytest.raises(InvalidInput, match="valid_until: date_in_past"):
        world.do(reviews.publish, staff, dated.public_id)


def test_the_staff_decide_on_what_they_saw(world: World, owner: Actor, staff: Actor, submitted: Saved) -> None:
    world.do(listings.save, owner, need(title="又改了"), listing=submitted.public_id)
    with pytest.raises(StaleRevision):
        world.do(reviews.publish, staff, submitted.public_id, seen_version=submitted.version)
    with pytest.raises(StaleRevision):
        world.do(reviews.send_back, staff, submitted.public_id, {"general": "看不懂"}, seen_version=submitted.version)


def test_sending_back(world: World, owner: Actor, staff: Actor, submitted: Saved) -> None:
    back = world.do(
        reviews.send_back, staff, submitted.public_id, {"detail": " 请写明现状\x07 ", "title": " ", "general": "太短"}
    )
    assert back.state == ListingState.SENT_BACK
    with world.database.read() as session:
        page = listing_views.page(session, owner, submitted.public_id)
    assert page.reviews[0].reasons == {"detail": "请写明现状", "general": "太短"}
    assert not page.is_waiting
    assert "submit" in page.may
    world.do(listings.save, owner, need(title="写明了"), listing=submitted.public_id)
    assert world.do(listings.submit, owner, submitted.public_id).state == ListingState.SUBMITTED


@pytest.mark.parametrize(
    ("reasons", "code"),
    [
        ({}, "required"),
        ({"detail": "  "}, "required"),
        ({"summary": "此栏需求没有"}, "unknown_field"),
        ({"general": "长" * 501}, "too_long"),
        ({"general": "坏\x00"}, "control_characters"),
    ],
)
def test_reasons_are_needed_and_checked(world: World, staff: Actor, submitted: Saved, reasons: dict[str, str], code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        world.do(reviews.send_back, staff, submitted.public_id, reasons)
    assert [each.code for each in caught.value.fields] == [code]
    assert world.listing(submitted.public_id).state == ListingState.SUBMITTED


def test_sending_back_newer_words_leaves_the_published(world: World, owner: Actor, staff: Actor, submitted: Saved) -> None:
    world.do(reviews.publish, staff, submitted.public_id)
    with pytest.raises(IllegalMove):
        world.do(reviews.send_back, staff, submitted.public_id, {"general": "无新内容"})
    world.do(listings.save, owner, need(title="夸大的标题"), listing=submitted.public_id)
    world.do(listings.submit, owner, submitted.public_id)
    world.drop_jobs()
    back = world.do(reviews.send_back, staff, submitted.public_id, {"title": "过头了"})
    assert back.state == ListingState.PUBLISHED
    row = world.listing(submitted.public_id)
    assert (row.published_revision, row.revision, row.submitted_at) == (1, 2, None)
    assert world.jobs() == []


def test_newer_words_wait_through_expiry_and_renewal(world: World, owner: Actor, staff: Actor, submitted: Saved) -> None:
    world.do(reviews.publish, staff, submitted.public_id)
    world.do(listings.save, owner, need(title="新标题", valid_until=date(2026, 3, 4)), listing=submitted.public_id)
    world.do(listings.submit, owner, submitted.public_id)
    world.clock.move(days=5)
    world.do(listings.expire_due)
    with world.database.read() as session:
        assert listing_views.waiting(session, staff).total == 0
    world.do(listings.renew, owner, submitted.public_id)
    with world.database.read() as session:
        assert listing_views.waiting(session, staff).total == 1
    assert world.do(reviews.publish, staff, submitted.public_id).revision == 2


def test_a_demonstration_account_writes_only_the_demonstration(world: World, firm: Organisation, submitted: Saved) -> None:
    actor = world.person(Role.ZONE_STAFF, zone="changzhou", demo=True)
    opened = world.published(firm)
    with pytest.raises(MayNot):
        world.do(listings.save, actor, need(organisation=firm.public_id))
    with pytest.raises(NotFound):
        world.do(reviews.publish, actor, submitted.public_id)
    for job in (listings.withdraw, listings.renew):
        with pytest.raises(MayNot):
            world.do(job, actor, opened.public_id)
    shown = world.organisation(zone="changzhou", demo=True)
    made = world.do(listings.save, actor, need(organisation=shown.public_id))
    assert world.do(reviews.publish, actor, made.public_id).number is not None
    assert world.listing(made.public_id).demo
    assert not world.listing(opened.public_id).demo
