"""Long work end to end: asked for, reported, cancelled, failed, done again, and carried on after a kill."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from matching import long_work, matcher, tasks
from matching.access import SYSTEM, VISITOR, Actor
from matching.errors import IllegalMove, InvalidInput, MayNot, NotFound, SignInNeeded
from matching.events import ZoneIndustryDecided
from matching.gate import Gate
from matching.long_work import WorkView
from matching.match_rows import Found
from matching.model import AuditEntry, Match, Pace, Role, Task
from matching.progress import Report
from matching.reactions import REACTIONS
from matching.store.outbox import claim, recover
from matching.work import KINDS, run_once
from search.errors import EngineUnavailable
from tests.functional.conftest import Platform
from tests.matching.world import need, result


@pytest.fixture
def stocked(platform: Platform) -> Platform:
    """Four needs and three results of a zone, matched; nothing waits."""
    firm = platform.world.organisation("晶耀光伏", zone="changzhou")
    for at in range(4):
        platform.world.published(firm, need(organisation=firm.public_id, title=f"光伏银浆降耗第{at}号", industries=("pv",)))
    for at in range(3):
        platform.world.published(firm, result(organisation=firm.public_id, title=f"光伏银浆配方第{at}号", industries=("pv",)))
    platform.work()
    platform.world.drop_jobs()
    return platform


FOUND = {"missing": 0, "stale": 0, "misplaced": 0, "extra": 0, "expected": 14}


def begin(platform: Platform, actor: Actor, kind: str, **more: Any) -> str:
    return platform.world.do(long_work.begin, actor, kind, **more)


def view(platform: Platform, public_id: str, actor: Actor = SYSTEM) -> WorkView:
    with platform.parts.database.read() as session:
        return long_work.show(session, actor, public_id, platform.clock.now())


def active(platform: Platform, actor: Actor = SYSTEM) -> list[WorkView]:
    with platform.parts.database.read() as session:
        return list(long_work.running(session, actor, platform.clock.now()))


def one(platform: Platform) -> bool:
    return run_once(platform.parts.runtime, ("interactive", "bulk"))


def slowly(platform: Platform, monkeypatch: pytest.MonkeyPatch, look: Callable[[str, int, int], None]) -> None:
    """Each need takes two seconds to score; `look` sees what was written so far."""
    scored = matcher.Matcher._scored

    def slow(self: matcher.Matcher, field: matcher.Field, report: Report) -> list[Found]:
        def watched(stage: str, done: int, total: int) -> None:
            platform.clock.move(seconds=2)
            report(stage, done, total)
            look(stage, done, total)

        return scored(self, field, watched)

    monkeypatch.setattr(matcher.Matcher, "_scored", slow)


def test_a_rematch_that_was_asked_for_runs_and_stays_in_the_history(stocked: Platform) -> None:
    staff = stocked.world.person(Role.ZONE_STAFF, zone="changzhou")
    asked = begin(stocked, staff, "match_zone", zone="changzhou")
    assert begin(stocked, staff, "match_zone", zone="changzhou") == asked
    waiting = view(stocked, asked, staff)
    assert (waiting.state, waiting.zone, waiting.is_mine, waiting.remaining) == ("waiting", "changzhou", True, None)
    stocked.clock.move(seconds=5)
    assert one(stocked)
    done = view(stocked, asked, staff)
    assert (done.state, done.figures, done.seconds) == ("done", {"pairs": 12}, 0.0)
    assert active(stocked) == []
    with stocked.parts.database.read() as session:
        audit = session.exec(select(AuditEntry).where(AuditEntry.subject_id == asked)).all()
    assert [(row.action, row.actor) for row in audit] == [("work.begin", staff.public_id)] * 2 + [("work.done", "system")]


def test_short_work_that_nobody_asked_for_leaves_no_row(stocked: Platform) -> None:
    with stocked.parts.database.write() as unit:
        unit.enqueue("match_zone", "changzhou", lane="bulk")
        unit.commit()
    assert one(stocked)
    assert stocked.jobs() == []
    with stocked.parts.database.read() as session:
        assert session.exec(select(Task)).all() == []


def test_long_work_that_nobody_asked_for_shows_itself_with_its_pace(stocked: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[WorkView] = []
    slowly(stocked, monkeypatch, lambda *_: seen.extend(active(stocked)))
    with stocked.parts.database.write() as unit:
        unit.enqueue("match_zone", "changzhou", lane="bulk")
        unit.commit()
    assert one(stocked)
    assert [(each.stage, each.unit, each.done, each.total) for each in seen] == [
        ("scoring", "needs", at, 4) for at in (2, 3, 4)
    ]  # fmt: skip
    assert {(each.kind, each.zone, each.state, each.by) for each in seen} == {("match_zone", "changzhou", "running", "")}
    done = view(stocked, seen[0].public_id)
    assert (done.state, done.seconds) == ("done", 8.0)
    with stocked.parts.database.read() as session:
        assert session.get(Pace, done.public_id) is None


def test_cancelled_while_it_runs_it_ends_with_its_slice(stocked: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    staff = stocked.world.person(Role.ZONE_STAFF, zone="changzhou")
    asked = begin(stocked, staff, "match_zone", zone="changzhou")
    states: list[str] = []

    def look(_stage: str, done: int, _total: int) -> None:
        if done == 2:
            stocked.world.do(long_work.cancel, staff, asked)
            stocked.world.do(long_work.cancel, staff, asked)
        states.append(view(stocked, asked, staff).state)

    slowly(stocked, monkeypatch, look)
    assert one(stocked)
    assert states == ["running", "cancelling"]
    ended = view(stocked, asked, staff)
    assert (ended.state, ended.may_retry, stocked.jobs()) == ("cancelled", True, [])
    with stocked.parts.database.read() as session:
        assert len(session.exec(select(Match)).all()) == 12  # those of before


def test_cancelled_while_it_waits_it_ends_at_once_and_can_be_asked_for_again(stocked: Platform) -> None:
    administrator = stocked.world.person(Role.ADMINISTRATOR)
    asked = begin(stocked, administrator, "reindex")
    stocked.world.do(long_work.cancel, administrator, asked)
    assert (view(stocked, asked).state, [job[0] for job in stocked.jobs()]) == ("cancelled", ["index_care"])
    with pytest.raises(IllegalMove):
        stocked.world.do(long_work.cancel, administrator, asked)
    again = stocked.world.do(long_work.retry, administrator, asked)
    assert again != asked
    assert one(stocked)
    assert view(stocked, again).figures == {"written": 7, **FOUND}
    with pytest.raises(IllegalMove):
        stocked.world.do(long_work.retry, administrator, again)


def test_what_fails_is_tried_again_and_in_the_end_has_failed(stocked: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_self: Gate, _report: Report) -> None:
        raise RuntimeError("broken")

    asked = begin(stocked, SYSTEM, "gate")
    with monkeypatch.context() as patch:
        patch.setattr(Gate, "run", broken)
        assert one(stocked)
        tried = view(stocked, asked)
        assert (tried.state, tried.problem, tried.attempts) == ("waiting", "RuntimeError", 1)
        for _ in range(tasks.MOST_ATTEMPTS - 1):
            stocked.clock.move(minutes=6)
            assert one(stocked)
    failed = view(stocked, asked)
    assert (failed.state, failed.attempts, failed.may_retry, stocked.jobs()) == ("failed", tasks.MOST_ATTEMPTS, True, [])
    again = stocked.world.do(long_work.retry, SYSTEM, asked)
    assert one(stocked)
    figures = dict(view(stocked, again).figures)
    assert figures.pop("suggestions") > 0, "the words of the industries, which nobody had brought yet"
    assert figures == FOUND


def test_an_outage_uses_no_tries_up(stocked: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_self: Gate, _report: Report) -> None:
        raise EngineUnavailable("away")

    asked = begin(stocked, SYSTEM, "gate")
    with monkeypatch.context() as patch:
        patch.setattr(Gate, "run", away)
        for _ in range(2 * tasks.MOST_ATTEMPTS):
            stocked.clock.move(seconds=6)
            assert one(stocked)
            assert (view(stocked, asked).state, view(stocked, asked).problem) == ("waiting", "EngineUnavailable")
    stocked.clock.move(seconds=6)
    assert one(stocked)
    assert (view(stocked, asked).state, view(stocked, asked).attempts) == ("done", 1)


def test_after_a_kill_it_begins_again_and_says_so(stocked: Platform) -> None:
    asked = begin(stocked, SYSTEM, "match_zone", zone="changzhou")
    (job,) = claim(stocked.parts.database, kinds=["match_zone"])
    with tasks.Tracker(stocked.parts.database, job) as tracker:
        stocked.clock.move(seconds=4)
        tracker("scoring", 3, 4)
    # The process is gone; the next one frees its leases.
    assert view(stocked, asked).done == 3
    recover(stocked.parts.database)
    assert one(stocked)
    ended = view(stocked, asked)
    assert (ended.state, ended.attempts, ended.figures) == ("done", 2, {"pairs": 12})


def test_its_lease_is_prolonged_while_it_reports(stocked: Platform) -> None:
    begin(stocked, SYSTEM, "match_zone", zone="changzhou")
    (job,) = claim(stocked.parts.database, kinds=["match_zone"])
    with tasks.Tracker(stocked.parts.database, job) as tracker:
        for at in range(5):
            stocked.clock.move(seconds=60)
            tracker("scoring", at, 5)
            assert claim(stocked.parts.database, kinds=["match_zone"]) == []


def test_a_decided_industry_is_a_work_that_people_see(stocked: Platform) -> None:
    staff = stocked.world.person(Role.ZONE_STAFF, zone="wujin")
    with stocked.parts.database.write() as unit:
        for reaction in REACTIONS[ZoneIndustryDecided]:
            reaction(unit, ZoneIndustryDecided(stocked.world.zone_id("wujin")))
        unit.commit()
    assert [(each.kind, each.zone, each.state) for each in active(stocked, staff)] == [("match_zone", "wujin", "waiting")]


def test_who_sees_and_who_may(stocked: Platform) -> None:
    world = stocked.world
    staff, broker = world.person(Role.ZONE_STAFF, zone="changzhou"), world.person(Role.BROKER, zone="changzhou")
    stranger, administrator = world.person(Role.ZONE_STAFF, zone="kunshan"), world.person(Role.ADMINISTRATOR)
    demo = world.person(Role.ZONE_STAFF, zone="changzhou", demo=True)
    asked = begin(stocked, staff, "match_zone", zone="changzhou")
    index = begin(stocked, administrator, "reindex")
    seen = {who: {each.public_id for each in active(stocked, who)} for who in (staff, broker, stranger, administrator)}
    assert seen == {staff: {asked}, broker: {asked}, stranger: set(), administrator: {asked, index}}
    assert active(stocked, VISITOR) == []
    assert not view(stocked, asked, broker).may_cancel
    for refused, actor, error in (
        (lambda who: world.do(long_work.cancel, who, asked), broker, MayNot),
        (lambda who: world.do(long_work.cancel, who, asked), demo, MayNot),
        (lambda who: world.do(long_work.cancel, who, asked), stranger, NotFound),
        (lambda who: world.do(long_work.cancel, who, "nothing"), administrator, NotFound),
        (lambda who: world.do(long_work.cancel, who, asked), VISITOR, SignInNeeded),
        (lambda who: begin(stocked, who, "match_zone", zone="changzhou"), stranger, MayNot),
        (lambda who: begin(stocked, who, "reindex"), staff, MayNot),
        (lambda who: begin(stocked, who, "encoder"), administrator, InvalidInput),
        (lambda who: begin(stocked, who, "match_zone", zone="nowhere"), administrator, InvalidInput),
    ):
        with pytest.raises(error):
            refused(actor)
    world.do(long_work.cancel, administrator, asked)
    assert view(stocked, asked, staff).state == "cancelled"


def test_the_history_is_the_newest_first_and_is_not_kept_for_ever(stocked: Platform) -> None:
    for kind in ("gate", "reindex", "gate"):
        begin(stocked, SYSTEM, kind)
        stocked.clock.move(minutes=1)
        assert one(stocked)
    with stocked.parts.database.read() as session:
        page = long_work.history(session, SYSTEM, stocked.clock.now(), limit=2)
        gates = long_work.history(session, SYSTEM, stocked.clock.now(), kind="gate")
        with pytest.raises(SignInNeeded):
            long_work.history(session, VISITOR, stocked.clock.now())
    assert ([each.kind for each in page.items], page.total) == (["gate", "reindex"], 3)
    assert {each.kind for each in gates.items} == {"gate"}
    stocked.clock.move(days=tasks.KEPT_DAYS + 1)
    stocked.world.do(tasks.forget_old)
    with stocked.parts.database.read() as session:
        assert long_work.history(session, SYSTEM, stocked.clock.now()).total == 0


def test_who_waits_is_told_how_many_go_first(stocked: Platform) -> None:
    first = begin(stocked, SYSTEM, "gate")
    stocked.clock.move(seconds=1)
    second = begin(stocked, SYSTEM, "reindex")
    assert [view(stocked, each).ahead for each in (first, second)] == [0, 1]
    assert stocked.clock.now() - view(stocked, first).asked_at == timedelta(seconds=1)
    assert KINDS["gate"].bulk == 1
