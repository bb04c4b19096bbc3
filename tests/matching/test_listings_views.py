"""What pages read: layers, states, lists and their filters, the review list, and numbers for everyone."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from matching import listing_counts, listing_views, listings, reviews
from matching.access import SYSTEM, VISITOR, Actor
from matching.errors import InvalidInput, MayNot, NotFound, SignInNeeded
from matching.model import ListingKind, Match, Organisation, Role
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
def stranger(world: World) -> Actor:
    return world.person(Role.PROVIDER, organisation=world.organisation(zone="kunshan"))


def page(world: World, actor: Actor, public_id: str, *, latest: bool = False) -> listing_views.ListingPage:
    with world.database.read() as session:
        return listing_views.page(session, actor, public_id, latest=latest)


def test_layers(world: World, firm: Organisation, owner: Actor, stranger: Actor) -> None:
    made = world.published(firm, layers={"detail": "registered"}, price_min_fen=100, industries=("pv",))
    seen = page(world, VISITOR, made.public_id)
    assert seen.content.texts == {}
    assert seen.content.hidden == ("basis", "detail")
    assert seen.content.price_min_fen == 100
    assert seen.owner_zone is not None
    assert (seen.owner_zone.code, seen.addressed_zone, seen.may, seen.reviews) == ("changzhou", None, frozenset(), ())
    for actor in (owner, stranger):
        assert set(page(world, actor, made.public_id).content.texts) == {"detail", "basis"}


def test_who_knows_of_a_draft(world: World, owner: Actor, staff: Actor, stranger: Actor) -> None:
    made = world.do(listings.save, owner, need())
    administrator = world.person(Role.ADMINISTRATOR)
    broker = world.person(Role.BROKER, zone="changzhou")
    elsewhere = world.person(Role.ZONE_STAFF, zone="kunshan")
    for actor in (owner, staff, administrator, SYSTEM):
        assert page(world, actor, made.public_id).content.title == need().title
    for actor in (VISITOR, stranger, broker, elsewhere):
        with pytest.raises(NotFound):
            page(world, actor, made.public_id)


def test_newer_words_are_for_the_owner_and_the_staff(world: World, firm: Organisation, owner: Actor, stranger: Actor) -> None:
    made = world.published(firm)
    world.do(listings.save, owner, need(title="新标题"), listing=made.public_id)
    mine = page(world, owner, made.public_id)
    assert (mine.content.title, mine.waiting_revision, mine.is_waiting, mine.is_own) == (need().title, 2, False, True)
    assert page(world, owner, made.public_id, latest=True).content.title == "新标题"
    theirs = page(world, stranger, made.public_id)
    assert (theirs.content.title, theirs.waiting_revision, theirs.is_own) == (need().title, None, False)
    with pytest.raises(NotFound):
        page(world, stranger, made.public_id, latest=True)


def test_what_a_page_offers(world: World, owner: Actor, staff: Actor, stranger: Actor) -> None:
    made = world.do(listings.save, owner, need())
    tools = {"revise", "withdraw", "industries"}
    assert page(world, owner, made.public_id).may == tools | {"submit", "contacts"}
    assert page(world, staff, made.public_id).may == tools | {"submit"}
    world.do(listings.submit, owner, made.public_id)
    assert page(world, owner, made.public_id).may == tools | {"contacts"}
    seen = page(world, staff, made.public_id)
    assert seen.may == tools | {"publish", "send_back"}
    assert (seen.in_charge, seen.is_waiting, seen.is_own) == (True, True, False)
    world.do(reviews.publish, staff, made.public_id)
    assert page(world, owner, made.public_id).may == tools | {"renew", "contacts"}
    assert page(world, staff, made.public_id).may == tools | {"renew"}
    assert page(world, stranger, made.public_id).may == frozenset()
    world.do(listings.withdraw, owner, made.public_id)
    assert page(world, owner, made.public_id).may == {"revise", "industries", "contacts"}


def test_contacts_are_the_owners(world: World, firm: Organisation, owner: Actor, staff: Actor, stranger: Actor) -> None:
    made = world.published(firm, contacts={"person": "王工"})
    with world.database.read() as session:
        assert listing_views.contacts(session, owner, made.public_id) == {"person": "王工"}
        for actor in (staff, stranger):
            with pytest.raises(MayNot):
                listing_views.contacts(session, actor, made.public_id)
        with pytest.raises(SignInNeeded):
            listing_views.contacts(session, VISITOR, made.public_id)
        assert "王工" not in repr(listing_views.page(session, owner, made.public_id))


def titles(session: Session, actor: Actor = VISITOR, **filters: str) -> list[str]:
    found = listing_views.browse(session, actor, ListingKind.NEED, **filters)  # type: ignore[arg-type]  # filters are texts
    assert found.total == len(found.items)
    return [each.title for each in found.items]


def test_browse_and_its_filters(world: World, firm: Organisation) -> None:
    away = world.organisation(zone="kunshan")
    for title, owner, changes in (
        ("光伏需求", firm, {"industries": ("pv",), "maturity": "pilot"}),
        ("新能源需求", firm, {"industries": ("new-energy",), "maturity": "mass"}),
        ("发往常州的需求", away, {"addressed_zone": "changzhou", "industries": ("robotics",)}),
        ("昆山的需求", away, {"maturity": "pilot"}),
    ):
        world.published(owner, title=title, **changes)
        world.clock.move(minutes=1)
    world.do(listings.save, SYSTEM, need(title="草稿", organisation=firm.public_id))
    with world.database.read() as session:
        assert titles(session) == ["昆山的需求", "发往常州的需求", "新能源需求", "光伏需求"]
        assert titles(session, zone="changzhou") == ["发往常州的需求", "新能源需求", "光伏需求"]
        assert titles(session, industry="new-energy") == ["新能源需求", "光伏需求"]
        assert titles(session, industry="pv") == ["光伏需求"]
        assert titles(session, maturity="pilot") == ["昆山的需求", "光伏需求"]
        assert titles(session, maturity="pilot", zone="changzhou", industry="pv") == ["光伏需求"]
        assert titles(session, maturity="nosuch") == []
        for filters in ({"zone": "atlantis"}, {"industry": "gold"}):
            with pytest.raises(InvalidInput, match="unknown_code"):
                titles(session, VISITOR, **filters)
        latest = listing_views.newest(session, ListingKind.NEED, zone="changzhou", limit=1)
        assert [(each.title, each.hidden) for each in latest] == [("发往常州的需求", ("basis",))]


def test_a_hidden_field_answers_no_filter(world: World, firm: Organisation, owner: Actor) -> None:
    world.published(firm, title="不公开成熟度", maturity="pilot", layers={"maturity": "registered"})
    with world.database.read() as session:
        assert titles(session, maturity="pilot") == []
        assert titles(session, owner, maturity="pilot") == ["不公开成熟度"]


def test_rejected_industries_answer_no_filter(world: World, firm: Organisation, owner: Actor) -> None:
    made = world.published(firm, industries=("pv",))
    world.do(listings.decide_industries, owner, made.public_id, rejected=["pv"])
    with world.database.read() as session:
        assert titles(session, industry="pv") == []


def test_limits_are_kept(world: World, firm: Organisation) -> None:
    for _ in range(3):
        world.published(firm)
    with world.database.read() as session:
        found = listing_views.browse(session, VISITOR, ListingKind.NEED, offset=-5, limit=-1)
        assert (len(found.items), found.total) == (1, 3)
        assert len(listing_views.browse(session, VISITOR, ListingKind.NEED, offset=1, limit=10**9).items) == 2


def test_the_review_list(world: World, firm: Organisation, owner: Actor, staff: Actor, stranger: Actor) -> None:
    administrator = world.person(Role.ADMINISTRATOR)
    homeless = world.organisation("某大学", city="南京")
    ids = []
    for organisation, changes in (
        (firm, {}),
        (homeless, {"industries": ("pv",)}),
        (homeless, {"industries": ("robotics",)}),
        (world.organisation(zone="kunshan"), {"addressed_zone": "changzhou"}),
        (world.organisation(zone="kunshan"), {}),
    ):
        made = world.do(listings.save, SYSTEM, need(organisation=organisation.public_id, **changes))
        world.do(listings.submit, SYSTEM, made.public_id)
        ids.append(made.public_id)
        world.clock.move(days=1)
    world.do(listings.save, owner, need())
    with world.database.read() as session:
        found = listing_views.waiting(session, staff)
        assert [each.content.public_id for each in found.items] == [ids[0], ids[1], ids[3]]
        assert [each.days(world.clock.now()) for each in found.items] == [5, 4, 2]
        assert found.items[0].days(found.items[0].submitted_at - timedelta(days=1)) == 0
        second = listing_views.waiting(session, staff, offset=1, limit=1)
        assert ([each.content.public_id for each in second.items], second.total) == ([ids[1]], 3)
        everything = listing_views.waiting(session, administrator)
        assert [each.content.public_id for each in everything.items] == ids
        with pytest.raises(SignInNeeded):
            listing_views.waiting(session, VISITOR)
        for actor in (owner, stranger, world.person(Role.BROKER, zone="changzhou")):
            with pytest.raises(MayNot):
                listing_views.waiting(session, actor)


def test_the_review_list_shows_newer_words(world: World, firm: Organisation, owner: Actor, staff: Actor) -> None:
    made = world.published(firm)
    world.do(listings.save, owner, need(title="新标题"), listing=made.public_id)
    with world.database.read() as session:
        assert listing_views.waiting(session, staff).total == 0
    world.do(listings.submit, owner, made.public_id)
    with world.database.read() as session:
        assert [each.content.title for each in listing_views.waiting(session, staff).items] == ["新标题"]


def test_counts(world: World, firm: Organisation) -> None:
    school = world.organisation("某大学", city="南京")
    first = world.published(firm, industries=("pv",))
    world.published(firm, industries=("medtech",))
    world.published(world.organisation(zone="kunshan"), addressed_zone="changzhou", industries=("new-energy",))
    wanted = world.published(school, result(organisation=school.public_id, industries=("pv",)))
    world.published(school, result(organisation=school.public_id, industries=("nano",)))
    closed = world.published(school, result(organisation=school.public_id, industries=("pv",)))
    world.do(listings.withdraw, SYSTEM, closed.public_id)
    with world.database.write() as unit:
        for result_id, level in ((wanted.public_id, 3), (closed.public_id, 2)):
            unit.session.add(
                Match(
                    zone_id=world.zone_id("changzhou"),
                    need_id=world.listing(first.public_id).id or 0,
                    result_id=world.listing(result_id).id or 0,
                    score=0.9,
                    level=level,
                    need_revision=1,
                    result_revision=1,
                    found_at=unit.now(),
                    computed_at=unit.now(),
                )
            )
        unit.commit()
    with world.database.read() as session:
        counts = listing_counts.counts(session)
        assert (counts.results, counts.needs, counts.owners) == (2, 3, 3)
        zones = listing_counts.zone_counts(session)
        zone = zones["changzhou"]
        assert (zone.open_needs, zone.needs_in_industry, zone.results_in_industry, zone.zone_results) == (3, 1, 1, 0)
        assert (zone.organisations, zone.pairs) == (1, {3: 1})
        undecided = zones["nantong"]
        assert (undecided.needs_in_industry, undecided.results_in_industry, undecided.pairs) == (0, 0, {})
        assert len(zones) == 12


def test_demonstration_accounts_see_no_unpublished_listing_of_others(world: World, firm: Organisation) -> None:
    shown = world.organisation("演示电池厂", zone="changzhou", demo=True)
    ids = []
    for organisation in (firm, shown):
        made = world.do(listings.save, SYSTEM, need(organisation=organisation.public_id))
        world.do(listings.submit, SYSTEM, made.public_id)
        ids.append(made.public_id)
    for actor in (world.person(Role.ZONE_STAFF, zone="changzhou", demo=True), world.person(Role.ADMINISTRATOR, demo=True)):
        with world.database.read() as session:
            assert [each.content.public_id for each in listing_views.waiting(session, actor).items] == [ids[1]]
            with pytest.raises(NotFound):
                listing_views.page(session, actor, ids[0])
            assert "publish" in listing_views.page(session, actor, ids[1]).may
