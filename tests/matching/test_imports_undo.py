"""Cancelling and undoing: what a batch did is taken back, what people did since stays, killed anywhere it goes on."""

from pathlib import Path

import pytest
from sqlmodel import col, select

from matching import listings, reviews
from matching.access import SYSTEM
from matching.content import load
from matching.errors import IllegalMove, MayNot, NotFound
from matching.imports import batches
from matching.imports.slices import commit_slice, forget_old
from matching.imports.undoing import undo_slice
from matching.model import (
    AuditEntry,
    Contact,
    ImportContact,
    ImportRow,
    Job,
    Listing,
    ListingIndustry,
    ListingKind,
    ListingState,
    Organisation,
    Revision,
    Role,
    Verdict,
)
from tests.matching.import_sheets import NEED, RESULT, Desk, codes
from tests.matching.test_imports_commit import FULL
from tests.matching.world import World, need, result


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    return Desk(world, world.person(Role.ZONE_STAFF, zone="changzhou"), tmp_path)


@pytest.fixture
def university(world: World) -> Organisation:
    return world.organisation("江南光电大学", kind="university", city="无锡")


def many(count: int) -> list[dict[str, object]]:
    return [{**RESULT, "成果名称": f"第{n}项成果"} for n in range(count)]


def undo(desk: Desk, batch: str, *, size: int = 200) -> None:
    desk.world.do(batches.undo, desk.actor, batch)
    while undo_slice(desk.world.database, batch, desk.actor.person_id, size=size):
        pass


def count(desk: Desk, table: type) -> int:
    with desk.world.database.read() as session:
        return len(session.exec(select(table)).all())


def picture_of(desk: Desk, public_id: str) -> object:
    """All that an import may change of a listing, but for the number of its revision."""
    listing = desk.world.listing(public_id)
    with desk.world.database.read() as session:
        content = load(session, [listing.id or 0], which="latest")[listing.id or 0]
        contacts = session.exec(select(Contact.kind, Contact.value).where(Contact.listing_id == listing.id)).all()
        tags = session.exec(select(ListingIndustry).where(ListingIndustry.listing_id == listing.id)).all()
    passing = {"revision", "published_revision", "version", "document_revision", "updated_at"}
    return (
        listing.model_dump(exclude=passing), listing.published_revision == listing.revision,
        (content.title, content.texts, content.maturity, content.trl, content.modes, content.ip, content.price_min_fen),
        sorted(contacts), [each.model_dump() for each in tags],
    )  # fmt: skip


def test_new_listings_go_with_all_that_hangs_on_them(desk: Desk) -> None:
    batch = desk.plan(FULL, *({**RESULT, "成果名称": f"甲{n}", "单位名称": "新来的某某大学"} for n in range(3)))
    desk.commit(batch)
    desk.world.drop_jobs()
    written = [row.listing for row in desk.rows(batch)]
    assert desk.view(batch).may_undo
    undo(desk, batch)
    view = desk.view(batch)
    assert (view.state, view.undone_rows, view.kept_rows, view.may_undo) == ("undone", 4, 0, False)
    assert [(row.outcome, row.listing) for row in desk.rows(batch)] == [("removed", None)] * 4
    assert [count(desk, table) for table in (Listing, Revision, Contact, ListingIndustry, Organisation, ImportContact)] == [0] * 6
    assert {(job.kind, job.key) for job in desk.world.jobs("forget")} == {("forget", each) for each in written}
    with desk.world.database.read() as session:
        actions = session.exec(select(AuditEntry.action).order_by(col(AuditEntry.id))).all()
    assert actions.count("listing.remove") == 4
    assert actions[-1] == "import.undone"
    again = desk.plan(FULL)
    assert desk.row(again).verdict == "new"


def test_what_is_posted_after_an_undo_is_not_taken_for_what_is_gone(desk: Desk) -> None:
    """Sides are held in memory by a listing's id and revision: an id that came again would bring the old text to new pairs."""
    first = desk.plan(FULL)
    desk.commit(first)
    gone = desk.world.listing(desk.row(first).listing or "").id or 0
    undo(desk, first)
    second = desk.plan(FULL)
    desk.commit(second)
    assert (desk.world.listing(desk.row(second).listing or "").id or 0) > gone


@pytest.mark.parametrize("state", ["published", "draft", "expired", "waiting"])
def test_changed_listings_are_as_they_were(desk: Desk, university: Organisation, state: str) -> None:
    draft = result(
        organisation=university.public_id,
        addressed_zone="changzhou",
        industries=("pv",),
        contacts={"person": "赵六"},
        modes=("01",),
    )
    public_id = desk.world.do(listings.save, desk.actor, draft).public_id
    if state != "draft":
        desk.world.do(reviews.publish, desk.actor, public_id)
    if state == "waiting":
        desk.world.do(listings.save, desk.actor, draft, listing=public_id)
        desk.world.do(listings.submit, desk.actor, public_id)
    if state == "expired":
        desk.world.clock.move(days=400)
        desk.world.do(listings.expire_due)
    before = picture_of(desk, public_id)
    changed = {
        **RESULT, "成果简介": "另外的文字", "战略产业": "机器人", "联系人": "钱七", "手机号码": "13900001234",
        "合作方式": "技术咨询",
    }  # fmt: skip
    batch = desk.plan(changed)
    assert desk.row(batch).verdict == "update"
    desk.commit(batch)
    assert desk.world.listing(public_id).state == ListingState.PUBLISHED
    assert picture_of(desk, public_id) != before
    undo(desk, batch)
    assert desk.row(batch).outcome == "restored"
    assert picture_of(desk, public_id) == before
    assert desk.world.listing(public_id).revision == 3 + (state == "waiting")
    assert count(desk, ImportContact) == 0


def test_what_people_touched_stays_and_says_why(desk: Desk, world: World, university: Organisation) -> None:
    batch = desk.plan(*many(5))
    desk.commit(batch)
    edited, judged, retagged, sent, plain = (row.listing or "" for row in desk.rows(batch))
    draft = result(organisation=university.public_id, addressed_zone="changzhou", texts={"summary": "有人改过"})
    world.do(listings.save, SYSTEM, draft, listing=edited)
    world.do(listings.decide_industries, desk.actor, retagged, confirmed=["pv"])
    firm = world.organisation("某公司", zone="changzhou")
    seeker = world.published(firm, need(organisation=firm.public_id))
    world.do(_judge, world.listing(seeker.public_id).id or 0, world.listing(judged).id or 0, desk.actor.person_id or 0)
    world.do(listings.withdraw, desk.actor, sent)
    undo(desk, batch)
    assert [(row.outcome, codes(row)[:1]) for row in desk.rows(batch)] == [
        ("kept", [("title", "kept_edited")]),
        ("kept", [("title", "kept_judged")]),
        ("kept", [("title", "kept_edited")]),
        ("kept", [("title", "kept_edited")]),
        ("removed", []),
    ]
    with world.database.read() as session:
        kept = batches.rows(session, desk.actor, batch, "kept")
        left = set(session.exec(select(Listing.public_id)).all())
    assert (kept.total, desk.view(batch).kept_rows) == (4, 4)
    assert plain not in left
    assert {edited, judged, retagged, sent} <= left


def _judge(unit: object, need_id: int, result_id: int, grader: int) -> None:
    row = Verdict(
        zone_id=3, need_id=need_id, result_id=result_id, grader_id=grader, need_revision=1, result_revision=1, grade=2,
        created_at=unit.now(),  # type: ignore[attr-defined]  # a UnitOfWork
    )  # fmt: skip
    unit.session.add(row)  # type: ignore[attr-defined]  # a UnitOfWork


def test_the_clock_alone_touches_nothing(desk: Desk) -> None:
    """An entry that expired by itself meanwhile is nobody's edit."""
    batch = desk.plan({**RESULT, "有效期": "2026-03-20"})
    desk.commit(batch)
    desk.world.clock.move(days=25)
    assert desk.world.do(listings.expire_due) == 1
    undo(desk, batch)
    assert desk.row(batch).outcome == "removed"


def test_an_undo_goes_on_where_it_was(desk: Desk) -> None:
    batch = desk.plan(*many(7))
    desk.commit(batch)
    desk.world.do(batches.undo, desk.actor, batch)
    desk.world.do(batches.undo, desk.actor, batch)
    assert len(desk.world.jobs("import_undo")) == 1
    assert undo_slice(desk.world.database, batch, desk.actor.person_id, size=3)
    view = desk.view(batch)
    assert (view.state, view.done, view.total, view.started_at) == ("undoing", 3, 7, desk.world.clock.now())

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        undo_slice(desk.world.database, batch, desk.actor.person_id, size=3, also=die)
    assert (desk.view(batch).done, count(desk, Listing)) == (3, 4)
    while undo_slice(desk.world.database, batch, desk.actor.person_id, size=3):
        pass
    assert (desk.view(batch).state, count(desk, Listing), count(desk, Organisation)) == ("undone", 0, 0)


def test_cancelled_in_the_middle_and_undone(desk: Desk) -> None:
    batch = desk.plan(*({**row, "联系人": "张三"} for row in many(6)))
    desk.world.do(batches.commit, desk.actor, batch)
    assert commit_slice(desk.world.database, batch, desk.actor.person_id, size=4)
    desk.world.do(batches.cancel, desk.actor, batch)
    desk.world.do(batches.cancel, desk.actor, batch)
    assert not commit_slice(desk.world.database, batch, desk.actor.person_id, size=4)
    view = desk.view(batch)
    assert (view.state, view.written_rows, view.may_undo, view.may_cancel) == ("cancelled", 4, True, False)
    with desk.world.database.read() as session:
        assert "张三" not in str(session.exec(select(ImportRow.payload)).all())
    undo(desk, batch)
    assert (desk.view(batch).state, count(desk, Listing)) == ("undone", 0)


@pytest.mark.parametrize("state", ["asking", "reading", "planned"])
def test_cancelled_before_anything_was_written(desk: Desk, state: str) -> None:
    batch = desk.begin({**RESULT, "没听说过的列": "甲", "联系人": "张三"}, ask=state == "asking")
    if state == "planned":
        desk.read(batch)
    assert desk.view(batch).state == state
    desk.world.do(batches.cancel, desk.actor, batch)
    desk.read(batch)
    view = desk.view(batch)
    assert (view.state, view.may_undo, view.finished_at) == ("cancelled", False, desk.world.clock.now())
    with pytest.raises(IllegalMove):
        desk.world.do(batches.undo, desk.actor, batch)
    with pytest.raises(IllegalMove):
        desk.world.do(batches.commit, desk.actor, batch)


def test_a_cancelled_sheet_can_be_planned_once_more(desk: Desk) -> None:
    batch = desk.plan(*many(4))
    desk.world.do(batches.commit, desk.actor, batch)
    assert commit_slice(desk.world.database, batch, desk.actor.person_id, size=3)
    desk.world.do(batches.cancel, desk.actor, batch)
    again = desk.world.do(batches.retry, desk.actor, batch)
    desk.read(again)
    assert [row.verdict for row in desk.rows(again)] == ["skip"] * 3 + ["new"]
    assert (desk.view(batch).replaced_by, desk.view(again).columns) == (again, desk.view(batch).columns)


def test_who_may_cancel_and_undo(desk: Desk, world: World) -> None:
    batch = desk.plan(RESULT)
    stranger = world.person(Role.ZONE_STAFF, zone="kunshan")
    colleague = world.person(Role.ZONE_STAFF, zone="changzhou")
    for job in (batches.cancel, batches.undo, batches.retry):
        with pytest.raises(NotFound):
            world.do(job, stranger, batch)
    desk.commit(batch)
    with pytest.raises(IllegalMove):
        world.do(batches.cancel, colleague, batch)
    with pytest.raises((MayNot, NotFound)):
        world.do(batches.undo, world.person(Role.BROKER, zone="changzhou"), batch)
    world.do(batches.undo, colleague, batch)
    assert desk.view(batch).state == "undoing"


def test_what_an_undo_needs_is_kept_for_thirty_days(desk: Desk, university: Organisation) -> None:
    draft = result(organisation=university.public_id, addressed_zone="changzhou", contacts={"person": "赵六"})
    desk.world.published(university, draft)
    batch = desk.plan({**RESULT, "成果简介": "新的", "联系人": "钱七"})
    desk.commit(batch)
    assert count(desk, ImportContact) == 1
    desk.world.clock.move(days=31)
    forget_old(desk.world.database, desk.uploads)
    assert (desk.view(batch).may_undo, count(desk, ImportContact)) == (False, 0)
    with pytest.raises(IllegalMove):
        desk.world.do(batches.undo, desk.actor, batch)


def test_an_undo_by_the_worker_takes_listings_out_of_the_index(desk: Desk, world: World) -> None:
    batch = desk.plan({**NEED, "战略产业": "光伏"}, kind=ListingKind.NEED)
    desk.commit(batch)
    assert {job.kind for job in world.jobs()} >= {"index"}
    undo(desk, batch)
    with world.database.read() as session:
        waiting = session.exec(select(Job.kind, Job.key)).all()
    assert [kind for kind, _ in waiting if kind in ("index", "forget", "suggest")] == ["forget"]
