"""The queue of a day: drawn once, the same for everybody of the zone, and never what somebody may not see."""

from datetime import timedelta
from typing import Final

import pytest
import sqlalchemy as sa
from sqlmodel import select

from matching import grading_queue, verdicts
from matching.access import VISITOR, Actor
from matching.errors import MayNot, NotFound, SignInNeeded
from matching.grading_queue import PAIRS_A_DAY, GoodShare, Queue
from matching.model import AuditEntry, GradingDraw, Listing, Match, Role, Verdict
from matching.pairing.parts import Formula
from matching.pairing.score import Scored, to_json
from matching.store.database import Database
from matching.verdicts import GradePair
from tests.matching.world import TODAY, World, result

ZONE = "changzhou"
MEANING: Final = {"titles": 0.5, "passages": 0.5, "at": [0, 0]}
TERMS: Final = {"shared": [], "need": 0.3, "result": 0.3}


@pytest.fixture
def staff(world: World) -> Actor:
    return world.person(Role.ZONE_STAFF, zone=ZONE)


def stock(world: World, *, needs: int = 6, results: int = 8, demo: bool = False) -> None:
    """So many needs and results, every pair of them kept in the zone, of scores that differ."""
    owner, giver = world.organisation(zone=ZONE, demo=demo), world.organisation(kind="university", demo=demo)
    asked = [world.published(owner, title=f"银浆单耗再降{n}成") for n in range(needs)]
    given = [world.published(giver, result(organisation=giver.public_id, title=f"低铝银浆{n}")) for n in range(results)]
    world.drop_jobs()
    formula = Formula(0.6, 0.4)
    with world.database.write() as unit:
        ids = {row.public_id: row.id for row in unit.session.exec(select(Listing))}
        for n, a in enumerate(asked):
            for r, b in enumerate(given):
                value = (n + 1) * (r + 1) / (needs * results + 1)
                parts = formula.parts({"meaning": (value, MEANING), "terms": (0.3, TERMS)})
                score = sum(part.points for part in parts)
                scored = Scored(a.public_id, b.public_id, parts, score, 1, (), (0, 0), ())
                unit.session.add(
                    Match(
                        zone_id=world.zone_id(ZONE), need_id=ids[a.public_id], result_id=ids[b.public_id], score=score, level=1,
                        scored=to_json(scored), need_revision=1, result_revision=1, found_at=unit.now(), computed_at=unit.now(),
                    )
                )  # fmt: skip
        unit.commit()


def drawn(world: World, actor: Actor, zone: str = ZONE) -> Queue:
    world.do(grading_queue.draw, actor, zone)
    return read(world.database, actor, zone)


def read(database: Database, actor: Actor, zone: str = ZONE) -> Queue:
    with database.read() as session:
        return grading_queue.queue(session, actor, zone, database.clock.today())


def keys(queue: Queue) -> list[tuple[str, str]]:
    return [(row.pair.need.public_id, row.pair.result.public_id) for row in queue.rows]


def give(world: World, actor: Actor, queue: Queue, place: int, grade: int) -> None:
    row = queue.at(place)
    assert row is not None
    world.do(verdicts.give, actor, GradePair(ZONE, row.pair.need.public_id, row.pair.result.public_id, grade))


def rows(database: Database) -> list[GradingDraw]:
    with database.read() as session:
        return list(session.exec(select(GradingDraw).order_by(GradingDraw.place)))  # type: ignore[arg-type]  # a column


def test_a_day_has_twenty_pairs_spread_over_needs_half_by_chance(world: World, staff: Actor, database: Database) -> None:
    stock(world)
    queue = drawn(world, staff)
    assert [row.place for row in queue.rows] == list(range(1, PAIRS_A_DAY + 1))
    assert len(set(keys(queue))) == PAIRS_A_DAY
    assert len({a for a, _ in keys(queue)}) == 6
    held = rows(database)
    assert sorted(each.drawn_by for each in held) == ["chance"] * 10 + ["worth"] * 10
    assert {each.out_of for each in held} == {48}
    with database.read() as session:
        (entry,) = session.exec(select(AuditEntry).where(AuditEntry.action == "grading.draw"))
    assert entry.details == {"pairs": 20, "by_chance": 10, "out_of": 48}


def test_it_stays_all_day_for_everybody_and_the_next_day_leaves_out_what_is_graded(
    world: World, staff: Actor, database: Database
) -> None:
    stock(world)
    first = drawn(world, staff)
    give(world, staff, first, 1, 2)
    broker = world.person(Role.BROKER, zone=ZONE)
    again = drawn(world, broker)
    assert keys(again) == keys(first)
    assert (again.done, len(again.rows)) == (1, 20)
    world.clock.at += timedelta(days=1)
    assert read(database, staff).rows == ()
    tomorrow = drawn(world, staff)
    assert len(tomorrow.rows) == 20
    assert keys(first)[0] not in keys(tomorrow)
    assert {each.out_of for each in rows(database) if each.day > TODAY} == {47}


def test_one_goes_on_behind_a_place_and_comes_back_to_what_was_skipped(world: World, staff: Actor) -> None:
    stock(world, needs=1, results=3)
    queue = drawn(world, staff)
    assert len(queue.rows) == 3
    give(world, staff, queue, 2, 0)
    queue = drawn(world, staff)
    assert [row.place if (row := queue.after(place)) else None for place in (0, 1, 2, 3)] == [1, 3, 3, 1]
    give(world, staff, queue, 1, 3)
    give(world, staff, queue, 3, 1)
    queue = drawn(world, staff)
    assert queue.after(0) is None
    assert queue.done == 3
    world.do(verdicts.undo_last, staff, ZONE)
    assert [row.place for row in drawn(world, staff).rows if not row.is_graded] == [3]


def test_a_withdrawn_listing_leaves_the_queue(world: World, staff: Actor) -> None:
    stock(world, needs=2, results=2)
    queue = drawn(world, staff)
    gone = queue.rows[0].pair.need
    with world.database.write() as unit:
        unit.session.execute(sa.update(Listing).where(sa.column("public_id") == gone.public_id).values(state="withdrawn"))
        unit.commit()
    left = drawn(world, staff)
    assert len(left.rows) == 2
    assert gone.public_id not in {a for a, _ in keys(left)}


def test_no_pair_is_asked_for_in_two_zones(world: World, staff: Actor) -> None:
    stock(world, needs=2, results=2)
    with world.database.write() as unit:
        for row in unit.session.exec(select(Match)).all():
            kept = row.model_dump(exclude={"id", "zone_id"})
            unit.session.add(Match(**kept, zone_id=world.zone_id("kunshan")))
        unit.commit()
    queue = drawn(world, staff)
    other = world.person(Role.ZONE_STAFF, zone="kunshan")
    assert len(queue.rows) == 4
    assert drawn(world, other, "kunshan").rows == ()
    give(world, staff, queue, 1, 2)
    world.clock.at += timedelta(days=1)
    assert len(drawn(world, other, "kunshan").rows) == 3, "what another zone has graded is not asked for again"


def test_only_those_who_may_grade_read_it(world: World, staff: Actor, database: Database) -> None:
    stock(world, needs=1, results=2)
    drawn(world, staff)
    for stranger in (world.person(Role.ZONE_STAFF, zone="kunshan"), world.person(Role.ADMINISTRATOR)):
        with pytest.raises(MayNot):
            read(database, stranger)
        with pytest.raises(MayNot):
            world.do(grading_queue.draw, stranger, ZONE)
    with pytest.raises(SignInNeeded):
        read(database, VISITOR)
    with pytest.raises(NotFound):
        read(database, staff, "atlantis")
    assert read(database, world.person(Role.ZONE_STAFF, zone=ZONE, demo=True)).rows == (), "not the demonstration's"


def test_a_row_tells_a_grader_nothing_that_was_computed(world: World, staff: Actor) -> None:
    stock(world, needs=1, results=1)
    (row,) = drawn(world, staff).rows
    assert row.blind.scored is None
    assert row.blind.need == row.pair.need


def test_the_share_of_good_pairs_is_of_those_that_chance_drew(world: World, staff: Actor, database: Database) -> None:
    stock(world)
    queue = drawn(world, staff)
    by_chance = {each.place for each in rows(database) if each.drawn_by == "chance"}
    for row in queue.rows:
        give(world, staff, queue, row.place, 3 if row.place == min(by_chance) else 1 if row.place in by_chance else 3)
    with database.read() as session:
        assert session.exec(select(sa.func.count()).select_from(Verdict)).one() == 20
        assert grading_queue.good_share(session, staff, ZONE) == GoodShare(10, 1)


def test_a_zone_without_pairs_has_no_queue(world: World, staff: Actor) -> None:
    assert drawn(world, staff).rows == ()
