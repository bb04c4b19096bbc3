"""What an import keeps and for how long, and who may do it."""

import os
from pathlib import Path

import pytest
from sqlmodel import select

from matching.access import VISITOR
from matching.errors import IllegalMove, SignInNeeded
from matching.imports import batches
from matching.imports.slices import forget_old
from matching.imports.staging import staged_path
from matching.model import Contact, ImportBatch, ImportRow, Listing, ListingKind, Organisation, Role
from tests.matching.import_sheets import RESULT, Desk
from tests.matching.world import FixedClock, World


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    return Desk(world, world.person(Role.ZONE_STAFF, zone="changzhou"), tmp_path)


@pytest.fixture
def university(world: World) -> Organisation:
    return world.organisation("江南光电大学", kind="university", city="无锡")


def listings_of(world: World) -> list[Listing]:
    with world.database.read() as session:
        return list(session.exec(select(Listing)).all())


def test_contact_data_ends_in_its_own_tables_and_nowhere_else(desk: Desk, university: Organisation) -> None:
    secrets = {
        "联系人": "张三丰",
        "手机号码": "13900001234",
        "座机": "0519-85551234",
        "法人": "李四光",
        "地址": "某路77号院",
        "电子邮箱": "zsf@example.cn",
    }
    desk.commit(desk.plan({**RESULT, **secrets}))
    desk.commit(desk.plan({**RESULT, **secrets, "联系人": "王五岳", "技术成熟度": "中试"}))
    with desk.world.database.read() as session:
        held = {each.kind: each.value for each in session.exec(select(Contact)).all()}
        tables = [each for each in Contact.metadata.sorted_tables if each.name not in ("contact", "import_contact")]
        everything = "\n".join(str(row) for each in tables for row in session.execute(each.select()).all())
    assert held["person"] == "王五岳"
    assert set(held.values()) >= {"13900001234", "0519-85551234", "李四光", "某路77号院", "zsf@example.cn"}
    for text in (*secrets.values(), "王五岳"):
        assert text not in everything


def test_files_and_forgotten_plans_do_not_keep_contact_data(desk: Desk, clock: FixedClock) -> None:
    old = desk.plan({**RESULT, "联系人": "张三丰"})
    file = staged_path(desk.uploads, _digest(desk, old), ListingKind.RESULT)
    assert file.exists()
    forget_old(desk.world.database, desk.uploads)
    assert file.exists()  # of today: a batch may be about to begin
    yesterday = (clock.now().timestamp()) - 90_000
    os.utime(file, (yesterday, yesterday))
    assert forget_old(desk.world.database, desk.uploads) == 0, "another policy would need it"
    clock.move(days=31)
    assert forget_old(desk.world.database, desk.uploads) == 1
    assert not file.exists()
    view = desk.view(old)
    assert view.state == "failed"
    assert view.problem is not None
    assert view.problem.code == "import_lapsed"
    with desk.world.database.read() as session:
        assert session.exec(select(ImportRow.payload)).all() == [{}]


def _digest(desk: Desk, batch: str) -> str:
    with desk.world.database.read() as session:
        return session.exec(select(ImportBatch.file_digest).where(ImportBatch.public_id == batch)).one()


def test_a_staged_file_that_is_gone_fails_the_batch_and_says_so(desk: Desk) -> None:
    batch = desk.begin(RESULT)
    staged_path(desk.uploads, _digest(desk, batch), ListingKind.RESULT).unlink()
    desk.read(batch)
    view = desk.view(batch)
    assert view.state == "failed"
    assert view.problem is not None
    assert view.problem.code == "import_file_gone"


def test_who_may_commit_and_when(desk: Desk, world: World) -> None:
    batch = desk.begin(RESULT)
    with pytest.raises(IllegalMove):
        world.do(batches.commit, desk.actor, batch)
    desk.read(batch)
    with pytest.raises(SignInNeeded):
        world.do(batches.commit, VISITOR, batch)
    world.do(batches.commit, world.person(Role.ZONE_STAFF, zone="changzhou"), batch)
    world.do(batches.commit, desk.actor, batch)  # a second press changes nothing
    assert len(world.jobs("import_commit")) == 1
    desk.commit(batch)
    assert world.do(batches.commit, desk.actor, batch) is None
    assert len(listings_of(world)) == 1


def test_a_demonstration_account_touches_only_the_demonstration(world: World, tmp_path: Path, university: Organisation) -> None:
    world.organisation("演示大学", kind="university", demo=True)
    desk = Desk(world, world.person(Role.ZONE_STAFF, zone="changzhou", demo=True), tmp_path)
    batch = desk.plan(RESULT, {**RESULT, "单位名称": "演示大学"}, {**RESULT, "单位名称": "新来的大学"})
    assert [row.verdict for row in desk.rows(batch)] == ["error", "new", "new"]
    desk.commit(batch)
    assert [listing.demo for listing in listings_of(world)] == [True, True]
