"""Updates by the sheet: all together, and what the use-cases of forms would have written."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import col, select

from matching import listings, reviews
from matching.access import SYSTEM
from matching.imports.payload import from_json
from matching.model import AuditEntry, ImportRow, ListingState, Organisation, Role
from tests.matching.import_sheets import RESULT, Desk, codes
from tests.matching.test_imports_commit import FULL, rows_equal
from tests.matching.world import World

CHANGED = {
    **FULL, "联系人": "王五岳", "手机号码": "", "合作方式": "技术咨询", "战略产业": "机器人", "成果简介": "改过的文字。",
    "有效期": "2027-01-31",
}  # fmt: skip


@pytest.fixture
def university(world: World) -> Organisation:
    return world.organisation("江南光电大学", kind="university", city="无锡")


@pytest.fixture(params=[Role.ZONE_STAFF, Role.PROVIDER])
def desk(world: World, tmp_path: Path, university: Organisation, request: pytest.FixtureRequest) -> Desk:
    role: Role = request.param
    if role is Role.PROVIDER:
        return Desk(world, world.person(role, organisation=university), tmp_path)
    return Desk(world, world.person(role, zone="changzhou"), tmp_path)


def twins(desk: Desk) -> tuple[str, str]:
    """Two equal listings but for their titles."""
    batch = desk.plan(FULL, {**FULL, "成果名称": "孪生的一项"})
    desk.commit(batch)
    one, other = (row.listing or "" for row in desk.rows(batch))
    return one, other


@pytest.mark.parametrize("is_published", [False, True])
def test_an_imported_update_is_what_a_form_would_have_made(desk: Desk, is_published: bool) -> None:
    one, other = twins(desk)
    if is_published and desk.actor.organisations:
        for each in (one, other):
            desk.world.do(reviews.publish, SYSTEM, each)
    batch = desk.plan(CHANGED)
    with desk.world.database.read() as session:
        payload = session.exec(select(ImportRow.payload).order_by(col(ImportRow.id).desc())).first()
    assert payload is not None
    assert desk.row(batch).verdict == "update"
    desk.commit(batch)
    assert (desk.row(batch).verdict, desk.row(batch).listing) == ("update", one)

    draft = replace(from_json(payload).draft, title="孪生的一项")
    version = desk.world.listing(other).version
    desk.world.do(listings.save, desk.actor, draft, listing=other, seen_version=version)
    if desk.actor.organisations:
        desk.world.do(listings.submit, desk.actor, other)
    else:
        desk.world.do(reviews.publish, desk.actor, other)
    desk.world.do(_rename, other, "低铝银浆与激光辅助接触")
    assert rows_equal(desk, one, other)
    waits = desk.world.listing(one).submitted_at is not None
    assert waits == bool(desk.actor.organisations)


def _rename(unit: object, public_id: str, title: str) -> None:
    from matching.model import Listing, Revision

    session = unit.session  # type: ignore[attr-defined]  # a UnitOfWork
    query = select(Revision).join(Listing).where(Listing.public_id == public_id).order_by(col(Revision.number).desc())
    row = session.exec(query).first()
    row.title = row.title_key = title
    session.add(row)


def test_updates_of_one_slice_take_a_fixed_number_of_statements(desk: Desk) -> None:
    """However many rows: what made an update nine times as slow as a new row was a score of statements each."""
    from sqlalchemy import event

    counts: list[int] = []
    for size in (4, 40):
        rows = [{**RESULT, "成果名称": f"{size}件之{n}", "联系人": "张三"} for n in range(size)]
        desk.commit(desk.plan(*rows), size=500)
        batch = desk.plan(*({**row, "技术成熟度": "中试", "联系人": "李四", "战略产业": "光伏"} for row in rows))
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object, seen: list[str] = seen) -> None:
            seen.append(statement)

        event.listen(desk.world.database.engine, "before_cursor_execute", note)
        view = desk.commit(batch, size=500)
        event.remove(desk.world.database.engine, "before_cursor_execute", note)
        assert (view.counts["update"], view.written_rows) == (size, size)
        counts.append(len(seen))
    assert abs(counts[0] - counts[1]) <= 4


def test_an_expired_listing_is_open_again_and_a_target_that_moved_is_left(desk: Desk) -> None:
    one, other = twins(desk)
    if desk.actor.organisations:
        for each in (one, other):
            desk.world.do(reviews.publish, SYSTEM, each)
    desk.world.clock.move(days=400)
    desk.world.do(listings.expire_due)
    batch = desk.plan({**FULL, "成果完成时间": "2025-06"}, {**FULL, "成果名称": "孪生的一项", "技术成熟度": "小试"})
    assert [row.verdict for row in desk.rows(batch)] == ["update", "update"]
    desk.world.do(listings.renew, SYSTEM, other)
    desk.commit(batch)
    first, second = desk.rows(batch)
    assert (first.verdict, second.verdict, codes(second)[0]) == ("update", "error", ("title", "changed_since_plan"))
    wanted = ListingState.SUBMITTED if desk.actor.organisations else ListingState.PUBLISHED
    assert desk.world.listing(one).state == wanted
    with desk.world.database.read() as session:
        actions = session.exec(select(AuditEntry.action).where(AuditEntry.subject_id == one).order_by(col(AuditEntry.id))).all()
    assert actions[-2:] == ["listing.save", "listing.submit" if desk.actor.organisations else "listing.publish"]
