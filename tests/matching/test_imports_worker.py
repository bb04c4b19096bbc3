"""A batch done by the worker, in the bulk lane, with everything that it sets off."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

from matching.import_work import IMPORT_ATTEMPTS
from matching.imports import batches
from matching.imports.slices import COMMIT_SLICE, READ_SLICE
from matching.imports.undoing import UNDO_SLICE
from matching.matcher import Matcher
from matching.model import ImportRow, Job, ListingKind, Match, Role
from matching.projection import Projection, index_recipe
from matching.runtime import Runtime
from matching.store.outbox import claim
from matching.vectors import VectorStore
from matching.work import KINDS, run_once
from search.encoder.hashing import HashingEncoder
from search.engines.local import LocalEngine
from search.ports import DocumentId
from tests.matching.import_sheets import NEED, RESULT, Desk
from tests.matching.world import FixedClock, World


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    return Desk(world, world.person(Role.ZONE_STAFF, zone="changzhou"), tmp_path)


@pytest.fixture
def runtime(world: World, desk: Desk) -> Iterator[Runtime]:
    encoder = HashingEncoder()
    engine = LocalEngine(encoder.dimension, index_recipe(encoder.fingerprint))
    vectors = VectorStore(world.database, encoder)
    yield Runtime(
        world.database, engine, Projection(world.database, engine, vectors), Matcher(world.database, vectors), desk.uploads
    )
    engine.close()


def lanes(world: World) -> set[tuple[str, int]]:
    return {(job.kind, job.lane) for job in world.jobs()}


def work(runtime: Runtime, clock: FixedClock) -> None:
    """Everything that is asked for, also what waits for a later moment; bounded, for a job that fails comes back."""
    for _ in range(60):
        if not run_once(runtime, ("interactive", "bulk")):
            clock.move(seconds=5)
            with runtime.database.read() as session:
                if session.exec(select(Job.id)).first() is None:
                    return


def test_from_the_upload_to_found_and_matched(desk: Desk, world: World, runtime: Runtime, clock: FixedClock) -> None:
    results = desk.begin({**RESULT, "战略产业": "光伏"}, {**RESULT, "成果名称": "钙钛矿组件封装", "战略产业": "光伏"})
    needs = desk.begin({**NEED, "战略产业": "光伏"}, kind=ListingKind.NEED)
    assert lanes(world) == {("import_read", 1)}
    work(runtime, clock)
    for batch in (results, needs):
        assert desk.view(batch).state == "planned"
        world.do(batches.commit, desk.actor, batch)
    assert lanes(world) == {("import_commit", 1)}
    work(runtime, clock)
    assert [desk.view(batch).state for batch in (results, needs)] == ["done", "done"]
    assert desk.view(results).indexing == 0
    ids = [row.listing or "" for batch in (results, needs) for row in desk.rows(batch)]
    assert len(runtime.engine.state([DocumentId(each, "registered") for each in ids])) == 3
    with world.database.read() as session:
        assert session.exec(select(sa.func.count()).select_from(Match)).one() == 2
    assert lanes(world) == set()


def test_no_slice_is_larger_than_the_issue_allows() -> None:
    assert max(READ_SLICE, COMMIT_SLICE, UNDO_SLICE) <= 500


def test_slices_are_jobs_of_their_own_and_go_before_the_index(desk: Desk, world: World, runtime: Runtime) -> None:
    count = READ_SLICE + 20
    batch = desk.begin(*({**RESULT, "成果名称": f"第{n}项成果"} for n in range(count)))
    assert run_once(runtime, ("bulk",))
    assert desk.view(batch).read_rows == READ_SLICE
    assert run_once(runtime, ("bulk",))
    assert desk.view(batch).state == "planned"
    world.do(batches.commit, desk.actor, batch)
    for expected in (COMMIT_SLICE, 2 * COMMIT_SLICE, count):
        assert not run_once(runtime, ("interactive",))
        assert run_once(runtime, ("bulk",))
        assert desk.view(batch).done_rows == expected
    assert lanes(world) == {("index", 1)}
    assert desk.view(batch).indexing == count


def test_a_worker_that_dies_leaves_its_slice_to_the_next(desk: Desk, world: World, runtime: Runtime, clock: FixedClock) -> None:
    batch = desk.begin(RESULT)
    (dead,) = claim(world.database, kinds=["import_read"], lanes=["bulk"])
    assert not run_once(runtime, ("bulk",))
    clock.move(minutes=3)
    assert run_once(runtime, ("bulk",))
    assert desk.view(batch).state == "planned"
    KINDS["import_read"].handler(runtime, [dead])  # it was only slow, and comes back
    assert len(desk.rows(batch)) == 1
    assert world.jobs() == []


def test_a_slice_that_always_fails_ends_the_batch(desk: Desk, world: World, runtime: Runtime, clock: FixedClock) -> None:
    batch = desk.begin(RESULT)
    assert run_once(runtime, ("bulk",))
    world.do(batches.commit, desk.actor, batch)
    with world.database.write() as unit:
        unit.session.execute(sa.update(ImportRow).values(payload={"draft": {"kind": "nonsense"}}))
        unit.commit()
    assert run_once(runtime, ("bulk",))
    (job,) = world.jobs()
    assert "nonsense" in job.last_error
    assert desk.view(batch).state == "committing"
    with world.database.write() as unit:
        unit.session.execute(sa.update(Job).values(attempts=IMPORT_ATTEMPTS))
        unit.commit()
    clock.move(minutes=10)
    assert run_once(runtime, ("bulk",))
    view = desk.view(batch)
    assert (view.state, view.done_rows) == ("failed", 0)
    assert view.problem is not None
    assert view.problem.code == "import_failed"
    assert world.jobs() == []
