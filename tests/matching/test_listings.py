"""Posting and keeping a listing: revisions, receipts, versions, moves, and what each leaves in the outbox."""

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import select

from matching import listing_views, listings, reviews
from matching.access import SYSTEM, VISITOR, Actor
from matching.content import Content, load
from matching.drafts import KnownCodes, from_content
from matching.errors import IllegalMove, InvalidInput, MayNot, NotFound, SignInNeeded, StaleRevision
from matching.model import AuditEntry, Contact, FormReceipt, Listing, ListingState, Organisation, Revision, Role
from tests.matching.world import TODAY, World, need, result


@pytest.fixture
def firm(world: World) -> Organisation:
    return world.organisation("常州某电池厂", zone="changzhou")


@pytest.fixture
def owner(world: World, firm: Organisation) -> Actor:
    return world.person(Role.SEEKER, organisation=firm)


@pytest.fixture
def staff(world: World) -> Actor:
    return world.person(Role.ZONE_STAFF, zone="changzhou")


def newest(world: World, public_id: str) -> Content:
    with world.database.read() as session:
        listing = session.exec(select(Listing).where(Listing.public_id == public_id)).one()
        return load(session, [listing.id or 0], which="latest")[listing.id or 0]


def audit_of(world: World, public_id: str) -> list[str]:
    with world.database.read() as session:
        rows = session.exec(select(AuditEntry).where(AuditEntry.subject_id == public_id)).all()
    return [row.action for row in sorted(rows, key=lambda row: row.id or 0)]


def test_a_new_listing_is_a_draft_of_the_owners_only_organisation(world: World, owner: Actor, firm: Organisation) -> None:
    saved = world.do(listings.save, owner, need())
    assert (saved.state, saved.version, saved.revision, saved.number) == (ListingState.DRAFT, 1, 1, None)
    content = newest(world, saved.public_id)
    assert content.organisation.public_id == firm.public_id
    assert content.texts == need().texts
    assert content.layers["detail"] == "public"
    assert content.layers["basis"] == "registered"
    assert world.jobs() == []
    assert audit_of(world, saved.public_id) == ["listing.create"]


def test_everything_typed_comes_back(world: World, owner: Actor, known: KnownCodes) -> None:
    draft = result(
        organisation=newest(world, world.do(listings.save, owner, need()).public_id).organisation.public_id,
        addressed_zone="kunshan",
        modes=("03", "01"),
        industries=("pv", "nano"),
        maturity="pilot",
        trl=7,
        price_min_fen=60_000_000,
        price_max_fen=120_000_000,
        completed_on=date(2025, 11, 1),
        valid_until=date(2026, 12, 31),
        layers={"summary": "registered"},
    )
    content = newest(world, world.do(listings.save, owner, draft).public_id)
    assert content.trl == (7, 7)
    again = from_content(content, known)
    assert replace(again, modes=(), industries=()) == replace(draft, modes=(), industries=())
    assert sorted(again.modes) == ["01", "03"]
    assert sorted(again.industries) == ["nano", "pv"]


def test_the_crosswalk_gives_the_trl_and_does_not_stick(world: World, owner: Actor, known: KnownCodes) -> None:
    saved = world.do(listings.save, owner, result(maturity="sample"))
    content = newest(world, saved.public_id)
    assert content.trl == (4, 4)
    draft = from_content(content, known)
    assert draft.trl is None
    world.do(listings.save, owner, replace(draft, maturity="mass"), listing=saved.public_id)
    assert newest(world, saved.public_id).trl == (8, 9)


def test_an_edit_is_a_new_revision_and_the_old_words_stay(world: World, owner: Actor) -> None:
    first = world.do(listings.save, owner, need())
    second = world.do(listings.save, owner, need(title="银浆单耗再降四成"), listing=first.public_id, seen_version=1)
    assert (second.public_id, second.revision, second.version) == (first.public_id, 2, 2)
    with world.database.read() as session:
        rows = session.exec(select(Revision.number, Revision.title)).all()
    assert dict(rows) == {1: need().title, 2: "银浆单耗再降四成"}


def test_a_stale_form_changes_nothing(world: World, owner: Actor) -> None:
    first = world.do(listings.save, owner, need())
    world.do(listings.save, owner, need(title="第二次"), listing=first.public_id, seen_version=1)
    with pytest.raises(StaleRevision) as caught:
        world.do(listings.save, owner, need(title="第三次"), listing=first.public_id, seen_version=1)
    assert caught.value.params == {"seen": 1, "current": 2}
    assert newest(world, first.public_id).title == "第二次"


def test_a_form_sent_twice_makes_one_listing(world: World, owner: Actor) -> None:
    first = world.do(listings.save, owner, need(), form_token="form-1")
    again = world.do(listings.save, owner, need(), form_token="form-1")
    other = world.do(listings.save, owner, need(), form_token="form-2")
    assert again == first
    assert other.public_id != first.public_id
    with world.database.read() as session:
        assert len(session.exec(select(Listing)).all()) == 2


def test_an_edit_sent_twice_is_not_stale(world: World, owner: Actor) -> None:
    first = world.do(listings.save, owner, need())
    changed = need(title="改过")
    world.do(listings.save, owner, changed, listing=first.public_id, seen_version=1, form_token="t")
    again = world.do(listings.save, owner, changed, listing=first.public_id, seen_version=1, form_token="t")
    assert (again.version, again.revision) == (2, 2)


def test_a_refused_form_keeps_its_token_free(world: World, owner: Actor) -> None:
    with pytest.raises(InvalidInput):
        world.do(listings.save, owner, need(title=""), form_token="t")
    assert world.do(listings.save, owner, need(), form_token="t").revision == 1


def test_a_token_of_somebody_else_is_refused(world: World, owner: Actor, staff: Actor) -> None:
    world.do(listings.save, owner, need(), form_token="t")
    with pytest.raises(InvalidInput, match="form_token: foreign"):
        world.do(listings.save, staff, need(), form_token="t")
    with pytest.raises(InvalidInput, match="form_token: too_long"):
        world.do(listings.save, owner, need(), form_token="t" * 41)
    with world.database.read() as session:
        assert [row.token for row in session.exec(select(FormReceipt)).all()] == ["t"]


def test_who_acts_for_nobody_or_several_must_name_the_owner(world: World, staff: Actor, firm: Organisation) -> None:
    with pytest.raises(InvalidInput, match="organisation: required") as caught:
        world.do(listings.save, staff, need(title=""))
    assert {each.field for each in caught.value.fields} == {"title", "organisation"}
    with pytest.raises(InvalidInput, match="organisation: unknown_code"):
        world.do(listings.save, staff, need(organisation="nosuch"))
    assert world.do(listings.save, staff, need(organisation=firm.public_id)).state == ListingState.DRAFT


def test_the_owner_can_change_until_the_first_submission(world: World, staff: Actor, firm: Organisation) -> None:
    other = world.organisation(zone="changzhou")
    away = world.organisation(zone="kunshan")
    made = world.do(listings.save, staff, need(organisation=firm.public_id))
    with pytest.raises(MayNot):
        world.do(listings.save, staff, need(organisation=away.public_id), listing=made.public_id)
    world.do(listings.save, staff, need(organisation=other.public_id), listing=made.public_id)
    assert newest(world, made.public_id).organisation.public_id == other.public_id
    world.do(listings.submit, staff, made.public_id)
    with pytest.raises(InvalidInput, match="organisation: fixed"):
        world.do(listings.save, staff, need(organisation=firm.public_id), listing=made.public_id)


def test_staff_hand_over_to_an_owner_in_no_zone_by_its_industry(world: World, staff: Actor, firm: Organisation) -> None:
    school = world.organisation("某大学", city="南京")
    made = world.do(listings.save, staff, need(organisation=firm.public_id))
    with pytest.raises(MayNot):
        world.do(listings.save, staff, need(organisation=school.public_id, industries=("robotics",)), listing=made.public_id)
    world.do(listings.save, staff, need(organisation=school.public_id, industries=("pv",)), listing=made.public_id)
    assert newest(world, made.public_id).organisation.public_id == school.public_id


def test_the_kind_never_changes(world: World, owner: Actor) -> None:
    made = world.do(listings.save, owner, need())
    with pytest.raises(InvalidInput, match="kind: fixed"):
        world.do(listings.save, owner, result(), listing=made.public_id)


def test_contacts_are_kept_apart_and_by_kind(world: World, owner: Actor) -> None:
    made = world.do(listings.save, owner, need(contacts={"person": "王工", "mobile": "13900000000"}))
    world.do(listings.save, owner, need(contacts={"mobile": "", "email": "w@example.com"}), listing=made.public_id)
    world.do(listings.save, owner, need(), listing=made.public_id)
    with world.database.read() as session:
        rows = session.exec(select(Contact)).all()
        assert {row.kind: row.value for row in rows} == {"person": "王工", "email": "w@example.com"}
        assert listing_views.contacts(session, owner, made.public_id) == {"person": "王工", "email": "w@example.com"}
        told = [str(row.details) for row in session.exec(select(AuditEntry)).all()]
    assert not any("王工" in text or "139" in text for text in told)


def test_visitors_are_asked_to_sign_in(world: World, owner: Actor) -> None:
    made = world.do(listings.save, owner, need())
    with pytest.raises(SignInNeeded):
        world.do(listings.save, VISITOR, need())
    for job in (listings.submit, listings.withdraw, listings.renew, reviews.publish):
        with pytest.raises(SignInNeeded):
            world.do(job, VISITOR, made.public_id)


def test_submitting_asks_for_the_main_text(world: World, owner: Actor) -> None:
    made = world.do(listings.save, owner, need(texts={}))
    with pytest.raises(InvalidInput, match="detail: required"):
        world.do(listings.submit, owner, made.public_id)
    assert world.listing(made.public_id).state == ListingState.DRAFT


def test_submit_and_submit_again_keep_the_place_in_the_queue(world: World, owner: Actor) -> None:
    made = world.do(listings.save, owner, need())
    submitted = world.do(listings.submit, owner, made.public_id)
    assert (submitted.state, submitted.version) == (ListingState.SUBMITTED, 2)
    at = world.listing(made.public_id).submitted_at
    world.clock.move(days=2)
    world.do(listings.submit, owner, made.public_id)
    assert world.listing(made.public_id).submitted_at == at
    assert [(job.kind, job.key, job.lane) for job in world.jobs()] == [("suggest", made.public_id, 0)]


def test_a_text_that_waits_must_stay_complete(world: World, owner: Actor) -> None:
    made = world.do(listings.save, owner, need())
    world.do(listings.submit, owner, made.public_id)
    with pytest.raises(InvalidInput, match="detail: required"):
        world.do(listings.save, owner, need(texts={}), listing=made.public_id)
    kept = world.do(listings.save, owner, need(title="改过的标题"), listing=made.public_id)
    assert kept.state == ListingState.SUBMITTED
    assert world.listing(made.public_id).submitted_at is not None


def test_withdraw_and_come_back(world: World, owner: Actor, firm: Organisation) -> None:
    made = world.published(firm)
    world.drop_jobs()
    gone = world.do(listings.withdraw, owner, made.public_id)
    assert gone.state == ListingState.WITHDRAWN
    assert [job.kind for job in world.jobs()] == ["index"]
    with pytest.raises(IllegalMove):
        world.do(listings.withdraw, owner, made.public_id)
    with pytest.raises(IllegalMove):
        world.do(listings.renew, owner, made.public_id)
    back = world.do(listings.save, owner, need(), listing=made.public_id)
    assert (back.state, back.number) == (ListingState.DRAFT, made.number)


def test_withdrawing_a_draft_is_nobodys_news(world: World, owner: Actor) -> None:
    made = world.do(listings.save, owner, need())
    world.do(listings.withdraw, owner, made.public_id)
    assert world.jobs() == []


def test_expiry_is_the_day_after_the_last(world: World, firm: Organisation) -> None:
    made = world.published(firm, valid_until=date(2026, 3, 10))
    kept = world.published(firm)
    world.drop_jobs()
    world.clock.move(days=8)
    assert world.do(listings.expire_due) == 0
    world.clock.move(days=1)
    assert world.clock.today() == date(2026, 3, 11)
    assert world.do(listings.expire_due) == 1
    assert world.listing(made.public_id).state == ListingState.EXPIRED
    assert world.listing(kept.public_id).state == ListingState.PUBLISHED
    assert [(job.kind, job.key, job.lane) for job in world.jobs()] == [("index", made.public_id, 1)]
    assert world.do(listings.expire_due) == 0
    assert audit_of(world, made.public_id)[-1] == "listing.expire"


def test_expiry_goes_by_shanghais_midnight(world: World, firm: Organisation) -> None:
    world.published(firm, valid_until=TODAY)
    world.clock.at = world.clock.at.replace(hour=15, minute=59)
    assert world.do(listings.expire_due) == 0
    world.clock.move(minutes=1)
    assert world.do(listings.expire_due) == 1


def test_expiry_in_batches(world: World, firm: Organisation) -> None:
    for _ in range(5):
        world.published(firm, valid_until=TODAY)
    world.clock.move(days=1)
    assert [world.do(listings.expire_due, 2) for _ in range(4)] == [2, 2, 1, 0]


def test_renewing_opens_again(world: World, owner: Actor, firm: Organisation) -> None:
    made = world.published(firm, valid_until=TODAY)
    world.clock.move(days=3)
    world.do(listings.expire_due)
    world.drop_jobs()
    renewed = world.do(listings.renew, owner, made.public_id)
    assert renewed.state == ListingState.PUBLISHED
    assert world.listing(made.public_id).valid_until == date(2027, 3, 5)
    assert [job.kind for job in world.jobs()] == ["index"]
    world.do(listings.renew, owner, made.public_id, until=date(2026, 6, 1))
    assert world.listing(made.public_id).valid_until == date(2026, 6, 1)
    with pytest.raises(InvalidInput, match="date_in_past"):
        world.do(listings.renew, owner, made.public_id, until=TODAY)
    with pytest.raises(InvalidInput, match="too_far"):
        world.do(listings.renew, owner, made.public_id, until=date(2030, 1, 1))


def test_an_edit_after_expiry_starts_anew(world: World, owner: Actor, firm: Organisation) -> None:
    made = world.published(firm, valid_until=TODAY)
    world.clock.move(days=1)
    world.do(listings.expire_due)
    edited = world.do(listings.save, owner, need(), listing=made.public_id)
    assert edited.state == ListingState.DRAFT
    assert world.listing(made.public_id).valid_until is None


def test_an_edit_of_a_published_listing_waits(world: World, owner: Actor, firm: Organisation) -> None:
    made = world.published(firm)
    world.drop_jobs()
    edited = world.do(listings.save, owner, need(title="改过的标题"), listing=made.public_id)
    assert (edited.state, edited.revision) == (ListingState.PUBLISHED, 2)
    listing = world.listing(made.public_id)
    assert (listing.published_revision, listing.submitted_at) == (1, None)
    assert world.jobs() == []
    with world.database.read() as session:
        assert load(session, [listing.id or 0])[listing.id or 0].title == need().title


def test_what_is_no_text_changes_at_once(world: World, owner: Actor, firm: Organisation) -> None:
    made = world.published(firm)
    for changes in ({"valid_until": date(2026, 9, 1)}, {"addressed_zone": "kunshan"}, {"industries": ("pv",)}):
        world.drop_jobs()
        before = world.listing(made.public_id).document_revision
        draft = need(**({"valid_until": date(2026, 9, 1)} | changes))
        world.do(listings.save, owner, replace(draft, organisation=None), listing=made.public_id)
        assert [job.kind for job in world.jobs()] == ["index"]
        assert world.listing(made.public_id).document_revision == before + 1


def test_a_rolled_back_job_leaves_nothing(world: World, owner: Actor) -> None:
    with world.database.write() as unit:
        made = listings.save(unit, owner, need(), form_token="t")
        listings.submit(unit, owner, made.public_id)
    assert world.jobs() == []
    with world.database.read() as session:
        assert session.exec(select(Listing)).all() == []
        assert session.exec(select(FormReceipt)).all() == []
        assert audit_of(world, made.public_id) == []


def test_an_unknown_listing(world: World, owner: Actor) -> None:
    for actor in (owner, SYSTEM):
        with pytest.raises(NotFound):
            world.do(listings.submit, actor, "nosuch")
