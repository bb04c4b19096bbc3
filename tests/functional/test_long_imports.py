"""Imports among the long works: each of their states, cancel, retry, and an undo that failed and goes on."""

import pytest
import sqlalchemy as sa
from sqlmodel import select

from matching import long_work
from matching.access import SYSTEM, Actor
from matching.errors import IllegalMove, MayNot, NotFound
from matching.imports import batches
from matching.imports.slices import commit_slice, give_up, read_slice
from matching.imports.undoing import undo_slice
from matching.long_work import WorkView
from matching.model import ImportBatch, ImportRow, Pace, Role
from matching.work import run_once
from tests.functional.conftest import Platform
from tests.matching.import_sheets import RESULT, Desk

ROWS = tuple(
    RESULT | {"成果名称": f"第{at}种{thing}", "成果简介": f"{thing}用于{at}条产线，{thing}成本降低{at}成。"}
    for at, thing in enumerate(("银浆", "减速器", "吸附剂", "病理切片机", "导热膜", "网关"), 1)
)


@pytest.fixture
def desk(platform: Platform) -> Desk:
    return Desk(platform.world, platform.world.person(Role.ZONE_STAFF, zone="changzhou"), platform.parts.runtime.uploads.parent)


def view(platform: Platform, public_id: str, actor: Actor = SYSTEM) -> WorkView:
    with platform.parts.database.read() as session:
        return long_work.show(session, actor, public_id, platform.clock.now())


def active(platform: Platform, actor: Actor) -> list[str]:
    with platform.parts.database.read() as session:
        return [each.public_id for each in long_work.running(session, actor, platform.clock.now())]


def half_written(platform: Platform, desk: Desk) -> str:
    batch = desk.plan(*ROWS)
    platform.world.do(batches.commit, desk.actor, batch)
    assert commit_slice(platform.parts.database, batch, desk.actor.person_id, size=2)
    return batch


def test_every_step_of_an_import_shows_itself(platform: Platform, desk: Desk) -> None:
    asking = desk.begin(*(each | {"导师意见": "同意"} for each in ROWS), ask=True)
    told = view(platform, asking, desk.actor)
    assert (told.state, told.stage, told.may_cancel) == ("planned", "", True), "it waits for a person"
    batch = desk.begin(*ROWS)
    read_slice(platform.parts.database, desk.uploads, batch, size=4)
    told = view(platform, batch)
    assert (told.state, told.stage, told.done, told.total, told.unit) == ("running", "import_read", 4, 6, "rows")
    assert active(platform, desk.actor) == [batch]
    desk.read(batch)
    assert (view(platform, batch).state, active(platform, desk.actor)) == ("planned", [])
    platform.clock.move(days=2)  # a person thinks it over: that is no work
    platform.world.do(batches.commit, desk.actor, batch)
    commit_slice(platform.parts.database, batch, desk.actor.person_id, size=2)
    told = view(platform, batch)
    assert (told.state, told.stage, told.done, told.total, told.may_cancel) == ("running", "import_commit", 2, 6, True)
    platform.clock.move(seconds=40)
    while commit_slice(platform.parts.database, batch, desk.actor.person_id, size=2):
        pass
    assert (view(platform, batch).stage, view(platform, batch).seconds) == ("indexing", 40.0)
    platform.work()
    assert (view(platform, batch).state, dict(view(platform, batch).figures)) == ("done", {"new": 6})
    platform.world.do(batches.undo, desk.actor, batch)
    undo_slice(platform.parts.database, batch, desk.actor.person_id, size=4)
    told = view(platform, batch)
    assert (told.state, told.stage, told.done, told.total) == ("running", "import_undo", 4, 6)
    assert active(platform, desk.actor) == [batch]
    while undo_slice(platform.parts.database, batch, desk.actor.person_id, size=4):
        pass
    told = view(platform, batch)
    assert (told.state, dict(told.figures), active(platform, desk.actor)) == ("undone", {"undone": 6}, [])


def test_an_import_is_cancelled_and_repeated_where_long_work_is(platform: Platform, desk: Desk) -> None:
    batch = half_written(platform, desk)
    broker, stranger = (
        platform.world.person(role, zone=zone) for role, zone in ((Role.BROKER, "changzhou"), (Role.ZONE_STAFF, "kunshan"))
    )
    for actor, error in ((broker, (MayNot, NotFound)), (stranger, NotFound)):
        with pytest.raises(error):
            platform.world.do(long_work.cancel, actor, batch)
    platform.world.do(long_work.cancel, desk.actor, batch)
    told = view(platform, batch, desk.actor)
    assert (told.state, told.may_cancel, told.may_retry, dict(told.figures)) == ("cancelled", False, True, {"written": 2})
    assert desk.view(batch).may_undo, "what was written can be taken back"
    platform.world.do(long_work.cancel, desk.actor, batch)  # twice is once
    again = platform.world.do(long_work.retry, desk.actor, batch)
    assert platform.world.do(long_work.retry, desk.actor, batch) == again, "a second press is no second plan"
    platform.work()
    assert {each.verdict for each in desk.rows(again)} == {"skip", "new"}
    assert (view(platform, again).state, view(platform, batch).may_retry) == ("planned", False)
    with pytest.raises(IllegalMove):
        platform.world.do(long_work.retry, desk.actor, again)
    platform.world.do(long_work.cancel, SYSTEM, again)
    assert view(platform, again).state == "cancelled"


def test_an_undo_that_failed_goes_on_where_it_stopped(platform: Platform, desk: Desk) -> None:
    batch = desk.plan(*ROWS)
    desk.commit(batch)
    platform.world.do(batches.undo, desk.actor, batch)
    assert undo_slice(platform.parts.database, batch, desk.actor.person_id, size=4)
    give_up(platform.parts.database, batch)
    told = view(platform, batch, desk.actor)
    assert (told.state, told.problem, told.may_retry) == ("failed", "import_undo_failed", True)
    assert not desk.view(batch).may_retry, "to import the sheet once more is not what was asked for"
    assert platform.world.do(long_work.retry, desk.actor, batch) == batch
    platform.work()
    assert dict(view(platform, batch).figures) == {"undone": 6}
    with platform.parts.database.read() as session:
        outcomes = session.exec(
            select(ImportRow.outcome).where(
                ImportRow.batch_id == select(ImportBatch.id).where(ImportBatch.public_id == batch).scalar_subquery()
            )
        ).all()
    assert set(outcomes) == {"removed"}


def test_the_pace_of_an_import_tells_how_long_it_still_takes(platform: Platform, desk: Desk) -> None:
    batch = desk.begin(*ROWS)
    assert view(platform, batch).remaining is None
    with platform.parts.database.write() as unit:
        unit.session.add(
            Pace(key=batch, stage="import_read", since=unit.now(), marks=[[float(at), at / 2] for at in range(0, 9, 2)])
        )
        unit.session.execute(sa.update(ImportBatch).values(read_rows=4))
        unit.commit()
    platform.clock.move(seconds=8)
    left = view(platform, batch).remaining
    assert left is not None
    assert left.low <= 4 <= left.high, "two rows at half a row a second"
    platform.world.do(batches.cancel, desk.actor, batch)
    assert view(platform, batch).remaining is None
    assert not run_once(platform.parts.runtime, ("bulk",)) or view(platform, batch).state == "cancelled"
