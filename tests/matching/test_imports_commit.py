"""The commit: the rows of the plan and no others, through the rules of forms, a slice at a time, killed anywhere."""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import col, select

from matching import listings, reviews
from matching.access import SYSTEM
from matching.content import load
from matching.imports import batches, slices
from matching.imports.payload import from_json
from matching.imports.slices import UPDATE_COST, commit_slice, read_slice
from matching.model import (
    AuditEntry,
    CodeValue,
    Contact,
    ImportBatch,
    ImportRow,
    Listing,
    ListingIndustry,
    ListingKind,
    ListingState,
    Organisation,
    Review,
    Role,
)
from tests.matching.import_sheets import NEED, RESULT, Desk, codes
from tests.matching.world import World, result

FULL = {
    **RESULT, "联系人": "张三丰", "手机号码": "13900001234", "合作价格(万元)": "60-120", "合作方式": "技术转让、许可使用",
    "战略产业": "光伏", "技术成熟度": "中试（TRL 7）", "成果完成时间": "2025-06", "专利号/申请号": "ZL202310123456.7",
    "法律状态": "已授权", "技术指标": "银耗≤70 mg/片", "备注": "内部",
}  # fmt: skip


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    return Desk(world, world.person(Role.ZONE_STAFF, zone="changzhou"), tmp_path)


@pytest.fixture
def university(world: World) -> Organisation:
    return world.organisation("江南光电大学", kind="university", city="无锡")


def many(count: int) -> list[dict[str, object]]:
    return [{**RESULT, "成果名称": f"第{n}项成果"} for n in range(count)]


def stored(world: World) -> list[Listing]:
    with world.database.read() as session:
        return list(session.exec(select(Listing).order_by(col(Listing.id))).all())


def rows_equal(desk: Desk, one: str, other: str) -> bool:
    """Whether two listings hold the same: words, figures, tags, contacts, history. How often a document was asked for anew is
    nobody's business."""

    def everything(public_id: str) -> object:
        listing = desk.world.listing(public_id)
        with desk.world.database.read() as session:
            content = load(session, [listing.id or 0], which="latest")[listing.id or 0]
            contacts = session.exec(select(Contact.kind, Contact.value).where(Contact.listing_id == listing.id)).all()
            tags = session.exec(select(ListingIndustry).where(ListingIndustry.listing_id == listing.id)).all()
            reviews_ = session.exec(select(Review).where(Review.listing_id == listing.id)).all()
            audit = session.exec(select(AuditEntry).where(AuditEntry.subject_id == public_id)).all()
        kept = listing.model_dump(exclude={"id", "public_id", "number", "document_revision"})
        return (
            kept,
            (content.texts, content.layers, content.maturity, content.trl, content.ip, content.modes, content.completed_on),
            (content.price_min_fen, content.price_max_fen, content.indicators),
            sorted(contacts),
            [each.model_dump(exclude={"listing_id"}) for each in tags],
            [each.model_dump(exclude={"id", "listing_id"}) for each in reviews_],
            [(each.actor, each.action, sorted(each.details)) for each in audit],
        )

    return everything(one) == everything(other)


def test_an_imported_listing_is_what_a_form_would_have_made(desk: Desk, university: Organisation) -> None:
    """The bulk path and the use-cases of forms write the same rows."""
    batch = desk.plan(FULL)
    desk.commit(batch)
    imported = desk.row(batch).listing
    assert imported is not None
    with desk.world.database.read() as session:
        payload = session.exec(select(ImportRow.payload)).one()
    draft = from_json({**payload, "contacts": {"person": "张三丰", "mobile": "13900001234"}}).draft
    saved = desk.world.do(listings.save, desk.actor, draft)
    saved = desk.world.do(reviews.publish, desk.actor, saved.public_id)
    assert rows_equal(desk, imported, saved.public_id)
    assert desk.world.listing(imported).number == "R-2026-0001"
    assert saved.number == "R-2026-0002"


def test_a_submitted_listing_is_what_a_form_would_have_made(world: World, tmp_path: Path, university: Organisation) -> None:
    desk = Desk(world, world.person(Role.PROVIDER, organisation=university), tmp_path)
    batch = desk.plan({**RESULT, "联系人": "张三丰"})
    desk.commit(batch)
    imported = desk.row(batch).listing
    assert imported is not None
    assert world.listing(imported).state == ListingState.SUBMITTED
    draft = result(
        organisation=university.public_id, title="另一项", texts={"summary": RESULT["成果简介"]}, contacts={"person": "张三丰"}
    )
    saved = world.do(listings.save, desk.actor, draft)
    world.do(listings.submit, desk.actor, saved.public_id)
    assert rows_equal(desk, imported, saved.public_id)
    assert {(job.kind, job.key) for job in world.jobs("suggest")} == {("suggest", imported), ("suggest", saved.public_id)}


def test_what_was_shown_is_what_is_done(desk: Desk, university: Organisation) -> None:
    old = desk.world.published(
        university, result(organisation=university.public_id, title="已有成果", addressed_zone="changzhou")
    )
    batch = desk.plan(
        FULL,
        {**RESULT, "成果名称": "已有成果", "技术成熟度": "中试"},
        {**RESULT, "成果简介": ""},
        FULL,
        {**RESULT, "成果名称": "示例：某"},
    )
    before = [(row.number, row.verdict, row.reasons) for row in desk.rows(batch)]
    assert [verdict for _, verdict, _ in before] == ["new", "update", "error", "skip", "skip"]
    view = desk.commit(batch)
    assert [(row.number, row.verdict, row.reasons) for row in desk.rows(batch)] == before
    assert (view.state, view.done_rows, view.wanted_rows) == ("done", 2, 2)
    assert [row.done for row in desk.rows(batch)] == [True, True, False, False, False]
    assert len(stored(desk.world)) == 2
    changed = desk.world.listing(old.public_id)
    assert (changed.revision, changed.published_revision, changed.state) == (2, 2, ListingState.PUBLISHED)


def test_an_update_keeps_what_the_sheet_does_not_say(desk: Desk, university: Organisation) -> None:
    desk.commit(desk.plan({**FULL, "有效期": "2026-12-31"}))
    batch = desk.plan(
        {"成果名称": FULL["成果名称"], "单位名称": "江南光电大学", "合作价格(万元)": "面议", "专利号/申请号": "ZL202310123456.7"}
    )
    assert desk.row(batch).verdict == "update"
    desk.commit(batch)
    (listing,) = stored(desk.world)
    with desk.world.database.read() as session:
        content = load(session, [listing.id or 0])[listing.id or 0]
        contacts = dict(session.exec(select(Contact.kind, Contact.value)).all())
    assert (content.price_min_fen, content.price_max_fen) == (None, None)
    assert content.texts["remark"] == "内部"
    assert (content.maturity, content.trl, content.modes) == ("pilot", (7, 7), ("01", "02"))
    assert (content.ip[0].status, str(content.valid_until)) == ("granted", "2026-12-31")
    assert contacts == {"person": "张三丰", "mobile": "13900001234"}


def test_shadow_organisations_are_made_once(desk: Desk) -> None:
    batch = desk.plan(
        *({**NEED, "技术需求名称": f"第{n}项需求"} for n in range(5)),
        {**NEED, "技术需求名称": "大学的需求", "单位名称": "某某大学", "所属地区": "南京市"},
        kind=ListingKind.NEED,
    )
    desk.commit(batch, size=2)
    with desk.world.database.read() as session:
        firm, university = session.exec(select(Organisation).order_by(col(Organisation.id))).all()
    assert (firm.name, firm.kind, firm.shadow, firm.zone_id) == (
        "常州新硅科技有限公司",
        "enterprise",
        True,
        desk.world.zone_id("changzhou"),
    )
    assert (university.kind, university.zone_id, university.city, university.shadow) == ("university", None, "南京", True)
    owners = [listing.organisation_id for listing in stored(desk.world)]
    assert owners == [firm.id] * 5 + [university.id]
    assert stored(desk.world)[5].addressed_zone_id == desk.world.zone_id("changzhou")


def test_commits_go_on_where_they_were(desk: Desk) -> None:
    """A slice that is done stays done; a slice that was not committed leaves nothing."""
    batch = desk.plan(*many(10))
    desk.world.do(batches.commit, desk.actor, batch)
    assert commit_slice(desk.world.database, batch, desk.actor.person_id, size=4)
    assert (desk.view(batch).done_rows, len(stored(desk.world))) == (4, 4)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        commit_slice(desk.world.database, batch, desk.actor.person_id, size=4, also=die)
    assert (desk.view(batch).done_rows, len(stored(desk.world))) == (4, 4)
    while commit_slice(desk.world.database, batch, desk.actor.person_id, size=4):
        pass
    assert not commit_slice(desk.world.database, batch, desk.actor.person_id, size=4)
    view = desk.view(batch)
    assert (view.state, view.done_rows, view.indexing) == ("done", 10, 10)
    numbers = [listing.number for listing in stored(desk.world)]
    assert numbers == [f"R-2026-{n:04d}" for n in range(1, 11)]
    assert len({row.listing for row in desk.rows(batch)}) == 10


def test_a_slice_takes_fewer_updates_than_new_rows(desk: Desk) -> None:
    desk.commit(desk.plan(*many(6)))
    batch = desk.plan(*({**row, "技术成熟度": "中试"} for row in many(6)), {**RESULT, "成果名称": "新的一项"})
    desk.world.do(batches.commit, desk.actor, batch)
    for done in (2, 4, 6):
        assert commit_slice(desk.world.database, batch, desk.actor.person_id, size=2 * UPDATE_COST)
        assert desk.view(batch).done_rows == done
    assert not commit_slice(desk.world.database, batch, desk.actor.person_id, size=2 * UPDATE_COST)
    assert (desk.view(batch).state, desk.view(batch).done_rows) == ("done", 7)
    assert [listing.revision for listing in stored(desk.world)] == [2] * 6 + [1]


def test_reading_goes_on_where_it_was(desk: Desk) -> None:
    batch = desk.begin(*many(10))
    assert read_slice(desk.world.database, desk.uploads, batch, size=4)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_slice(desk.world.database, desk.uploads, batch, size=4, also=die)
    assert desk.view(batch).read_rows == 4
    desk.read(batch, size=4)
    assert [row.number for row in desk.rows(batch)] == list(range(2, 12))
    assert desk.view(batch).counts["new"] == 10


def test_two_workers_at_one_slice_write_it_once(desk: Desk) -> None:
    """Both have planned the first rows when they come to write them: an expired lease."""
    database = desk.world.database
    public_id = desk.begin(*many(6))
    with database.read() as session:
        batch = session.exec(select(ImportBatch).where(ImportBatch.public_id == public_id)).one()
        rows = slices._planned(slices._planner(database, session, batch), batch, desk.uploads, 4)
    for _ in range(2):
        with database.write() as unit:
            assert slices._keep(unit, public_id, 0, rows, None)
            unit.commit()
    assert desk.view(public_id).read_rows == 4
    desk.read(public_id)
    assert [row.number for row in desk.rows(public_id)] == [2, 3, 4, 5, 6, 7]


def test_a_target_changed_since_the_plan_is_left_to_its_editor(desk: Desk, university: Organisation) -> None:
    desk.commit(desk.plan(RESULT))
    batch = desk.plan({**RESULT, "技术成熟度": "中试"})
    (listing,) = stored(desk.world)
    draft = result(organisation=university.public_id, texts={"summary": "有人在此期间改过。"}, addressed_zone="changzhou")
    desk.world.do(listings.save, SYSTEM, draft, listing=listing.public_id)
    view = desk.commit(batch)
    row = desk.row(batch)
    assert (row.verdict, row.done, codes(row)[0]) == ("error", True, ("title", "changed_since_plan"))
    assert (view.counts, view.wanted_rows, view.done_rows) == ({"new": 0, "update": 0, "skip": 0, "error": 1}, 1, 1)
    assert stored(desk.world)[0].revision == 2


def test_a_listing_made_since_the_plan_is_not_made_again(desk: Desk, university: Organisation) -> None:
    first, second = desk.plan(RESULT, {**RESULT, "成果名称": "甲"}), desk.plan(RESULT, {**RESULT, "成果名称": "乙"})
    desk.commit(first)
    desk.commit(second)
    assert [codes(row)[0] for row in desk.rows(second, "error")] == [("title", "made_since_plan")]
    assert len(stored(desk.world)) == 3


def test_a_row_that_fails_leaves_the_others(desk: Desk, world: World, university: Organisation) -> None:
    """The code a row uses is closed between plan and commit: that row alone is refused."""
    batch = desk.plan({**RESULT, "成果名称": "甲", "合作方式": "技术咨询"}, {**RESULT, "成果名称": "乙"})
    with world.database.write() as unit:
        row = unit.session.exec(select(CodeValue).where(CodeValue.list_code == "cooperation", CodeValue.code == "06")).one()
        row.valid_until = date(2026, 3, 1)
        unit.session.add(row)
        unit.commit()
    desk.commit(batch)
    assert [(each.verdict, codes(each)[:1]) for each in desk.rows(batch)] == [("error", [("modes", "retired_code")]), ("new", [])]
