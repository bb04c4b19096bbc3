"""Learning end to end: verdicts, the work, a candidate that is refused, one that is promoted, matched by, and taken back."""

from typing import Any

import pytest
from sqlmodel import col, select

from matching import learned, listings, long_work, verdicts
from matching.access import SYSTEM, VISITOR, Actor
from matching.errors import IllegalMove, InvalidInput, MayNot, NotFound, SignInNeeded, StaleRevision
from matching.learned import ModelPage, ModelView
from matching.model import AuditEntry, LearnedRanker, Listing, Match, Organisation, Person, Role, Task, Verdict
from matching.pairing.parts import BUSINESS_WEIGHTS
from matching.pairing.ranker import shipped
from matching.rankers import ranker_in_force
from matching.store.outbox import claim
from matching.verdicts import GradePair, SayFits
from matching.work import KINDS
from tests.functional.conftest import Platform
from tests.matching.graded import Rule, as_shipped, by_half, grade_all
from tests.matching.world import need, result

WORDS = ("银浆", "栅线", "钝化", "隐裂", "硅片", "焊带", "背板", "胶膜", "边框", "逆变")


@pytest.fixture
def stocked(platform: Platform) -> Platform:
    """Ten needs and eight results of a zone, matched; nothing waits."""
    world = platform.world
    firm = world.organisation("晶耀光伏", zone="changzhou")
    for at, word in enumerate(WORDS):
        texts = {"detail": f"{word}在第{at}条线上偏高，要降下来。"}
        world.published(firm, need(organisation=firm.public_id, title=f"光伏{word}降耗", texts=texts, industries=("pv",)))
    for at in range(8):
        title = f"光伏{WORDS[at]}与{WORDS[(at + 3) % 10]}的降耗配方"
        texts = {"summary": f"{WORDS[at]}用量降三成。"}
        world.published(firm, result(organisation=firm.public_id, title=title, texts=texts, industries=("pv",)))
    platform.work()
    world.drop_jobs()
    return platform


def administrator(platform: Platform, *, demo: bool = False) -> Actor:
    return platform.world.person(Role.ADMINISTRATOR, demo=demo)


def graded(platform: Platform, rule: Rule) -> int:
    return grade_all(platform.parts.database, "changzhou", platform.world.person(Role.ZONE_STAFF, zone="changzhou"), rule)


def learn(platform: Platform) -> Task:
    asked = platform.world.do(long_work.begin, SYSTEM, "learn")
    platform.work(everything=False)
    with platform.parts.database.read() as session:
        return session.exec(select(Task).where(Task.public_id == asked)).one()


def page(platform: Platform, actor: Actor = SYSTEM) -> ModelPage:
    with platform.parts.database.read() as session:
        return learned.page(session, actor)


def of(platform: Platform, zone: str | None, state: str) -> ModelView:
    found = page(platform)
    return next(each for each in (*found.waiting, *found.past) if (each.zone, each.state) == (zone, state))


def levels(platform: Platform) -> dict[tuple[int, int], int]:
    with platform.parts.database.read() as session:
        return {(row.need_id, row.result_id): row.level for row in session.exec(select(Match).where(col(Match.zone_id) > 0))}


def test_nothing_is_learned_where_nobody_has_judged(stocked: Platform) -> None:
    done = learn(stocked)
    assert (done.state, done.figures) == ("done", {"verdicts": 0, "left_out": 0, "judged": 0, "better": 0})
    assert page(stocked).waiting == page(stocked).past == ()


def test_a_candidate_that_is_not_better_is_refused_and_says_why(stocked: Platform) -> None:
    told = graded(stocked, as_shipped)
    before = levels(stocked)
    done = learn(stocked)
    assert done.figures == {"verdicts": told, "left_out": 0, "judged": 2, "better": 0}
    refused = of(stocked, None, "refused")
    assert refused.reason == "not_better"
    assert refused.figures["measures"]["log_likelihood"]["low"] <= 0
    assert refused.data["verdicts"] == told
    assert sum(refused.data["grades"]) == told
    with pytest.raises(IllegalMove):
        stocked.world.do(learned.promote, administrator(stocked), refused.public_id)
    assert levels(stocked) == before
    assert learn(stocked).figures["judged"] == 0, "the same verdicts are not judged twice"


def test_a_better_one_waits_for_a_person_and_is_taken_back_with_one_step(stocked: Platform) -> None:
    graded(stocked, by_half)
    before = levels(stocked)
    assert learn(stocked).figures["better"] >= 1
    candidate = of(stocked, None, "candidate")
    assert candidate.figures["measures"]["log_likelihood"]["low"] > 0
    assert candidate.ranker != candidate.base == shipped()
    assert levels(stocked) == before, "nothing moves before somebody says so"

    boss = administrator(stocked)
    stocked.world.do(learned.promote, boss, candidate.public_id)
    stocked.work()
    assert page(stocked).ranker == candidate.ranker
    with stocked.parts.database.read() as session:
        assert ranker_in_force(session, None) == ranker_in_force(session, stocked.world.zone_id("changzhou")) == candidate.ranker
        audited = session.exec(select(AuditEntry.action).where(col(AuditEntry.subject_id) == candidate.public_id)).all()
    assert audited == ["model.learn", "model.promote"]
    after = levels(stocked)
    assert after != before
    held = page(stocked).common
    assert held is not None
    assert held.decided_by == _name(stocked, boss)

    stocked.world.do(learned.back, boss, candidate.public_id)
    stocked.work()
    assert page(stocked).common is None
    assert levels(stocked) == before
    with pytest.raises(IllegalMove):
        stocked.world.do(learned.back, boss, candidate.public_id)


def _name(platform: Platform, actor: Actor) -> str:
    with platform.parts.database.read() as session:
        return session.get_one(Person, actor.person_id).name


def test_a_zone_holds_to_its_own_and_falls_back_to_that_of_all(stocked: Platform) -> None:
    graded(stocked, by_half)
    learn(stocked)
    boss = administrator(stocked)
    own, common = of(stocked, "changzhou", "candidate"), of(stocked, None, "candidate")
    stocked.world.do(learned.promote, boss, own.public_id)
    zone_id = stocked.world.zone_id("changzhou")
    with stocked.parts.database.read() as session:
        assert ranker_in_force(session, zone_id) == own.ranker
        assert ranker_in_force(session, None) == shipped()
    assert {job[:2] for job in stocked.jobs()} == {("match_zone", "changzhou")}
    stocked.world.drop_jobs()
    stocked.world.do(learned.promote, boss, common.public_id)
    assert ("match_zone", "*") in {job[:2] for job in stocked.jobs()}
    assert ("match_zone", "changzhou") not in {job[:2] for job in stocked.jobs()}, "the zone has its own"
    stocked.world.do(learned.back, boss, own.public_id)
    with stocked.parts.database.read() as session:
        assert ranker_in_force(session, zone_id) == common.ranker


def test_what_was_judged_beside_another_cannot_be_promoted_any_more(stocked: Platform) -> None:
    graded(stocked, by_half)
    learn(stocked)
    boss = administrator(stocked)
    own, common = of(stocked, "changzhou", "candidate"), of(stocked, None, "candidate")
    stocked.world.do(learned.promote, boss, common.public_id)
    assert of(stocked, "changzhou", "candidate").is_stale
    with pytest.raises(IllegalMove) as refused:
        stocked.world.do(learned.promote, boss, own.public_id)
    assert refused.value.code == "model_moved"
    stocked.world.do(learned.refuse, boss, own.public_id)
    assert of(stocked, "changzhou", "refused").reason == "person"


def test_texts_that_changed_since_teach_nothing_and_closed_ones_go_on(stocked: Platform) -> None:
    told = graded(stocked, by_half)
    with stocked.parts.database.read() as session:
        rows = session.exec(select(Match).where(col(Match.zone_id) > 0)).all()
        ids = sorted({row.need_id for row in rows})
        public_id = session.get_one(Listing, ids[0]).public_id
    stocked.world.do(listings.withdraw, SYSTEM, public_id)
    stocked.work()
    stocked.world.drop_jobs()
    assert learn(stocked).figures["verdicts"] == told
    with stocked.parts.database.write() as unit:
        changed = unit.session.exec(select(Verdict).where(Verdict.need_id == ids[1])).all()
        for row in changed:
            row.need_revision += 1
        unit.commit()
    done = learn(stocked)
    assert (done.figures["verdicts"], done.figures["left_out"]) == (told - len(changed), len(changed))


def test_an_owners_word_counts_less(stocked: Platform) -> None:
    with stocked.parts.database.read() as session:
        row = session.exec(select(Match).where(col(Match.zone_id) > 0)).first()
        assert row is not None
        wanted, offered = (session.get_one(Listing, id_) for id_ in (row.need_id, row.result_id))
        firm = session.get_one(Organisation, wanted.organisation_id)
    owner = stocked.world.person(Role.SEEKER, organisation=firm)
    stocked.world.do(verdicts.say, owner, SayFits(wanted.public_id, offered.public_id, True))
    staff = stocked.world.person(Role.ZONE_STAFF, zone="changzhou")
    stocked.world.do(verdicts.give, staff, GradePair("changzhou", wanted.public_id, offered.public_id, 3))
    learn(stocked)
    data = of(stocked, None, "refused").data
    assert data["sources"] == {"owner": 1, "staff": 1}
    assert (data["verdicts"], data["graders"], data["grades"]) == (2, 2, [0, 0, 1, 1])


def test_the_demonstration_teaches_only_where_nobody_has_judged_anything_else(stocked: Platform) -> None:
    with stocked.parts.database.write() as unit:
        for listing in unit.session.exec(select(Listing)):
            listing.demo = True
        unit.commit()
    graded(stocked, by_half)
    learn(stocked)
    assert of(stocked, None, "candidate").demo
    with stocked.parts.database.write() as unit:
        row = unit.session.exec(select(Match)).first()
        assert row is not None
        for id_ in (row.need_id, row.result_id):
            unit.session.get_one(Listing, id_).demo = False
        unit.commit()
    assert learn(stocked).figures["verdicts"] == 1


def test_learning_is_cancelled_between_its_steps(stocked: Platform) -> None:
    graded(stocked, by_half)
    asked = stocked.world.do(long_work.begin, SYSTEM, "learn")
    stocked.world.do(long_work.cancel, SYSTEM, asked)
    stocked.work()
    with stocked.parts.database.read() as session:
        assert session.exec(select(Task.state).where(Task.public_id == asked)).one() == "cancelled"
        assert session.exec(select(LearnedRanker)).all() == []


def test_the_days_round_learns_by_itself_once_there_is_enough_that_is_new(stocked: Platform) -> None:
    def asked() -> bool:
        return any(kind == "learn" for kind, _, _ in stocked.jobs())

    def day_begins() -> None:
        stocked.clock.move(days=1)
        with stocked.parts.database.write() as unit:
            unit.enqueue("expire", "hourly", lane="bulk")
            unit.commit()
        jobs = claim(stocked.parts.database, kinds=["expire"], lanes=["bulk"], limit=1)
        KINDS["expire"].handler(stocked.parts.runtime, jobs)

    day_begins()
    assert not asked()
    graded(stocked, by_half)
    day_begins()
    assert asked()
    learn(stocked)
    stocked.world.drop_jobs()
    day_begins()
    assert not asked()


def test_weights_of_a_zone_move_its_pairs_and_are_checked(stocked: Platform) -> None:
    boss = administrator(stocked)

    def put(actor: Actor = boss, version: int = 0, **changes: float) -> None:
        stocked.world.do(
            learned.set_weights, actor, "changzhou", {**BUSINESS_WEIGHTS, **changes}, seen_version=version
        )  # fmt: skip

    with stocked.parts.database.read() as session:
        before = {(row.need_id, row.result_id): row.score for row in session.exec(select(Match).where(col(Match.zone_id) > 0))}
    put(region=0.4)
    stocked.work()
    with stocked.parts.database.read() as session:
        rows = session.exec(select(Match).where(col(Match.zone_id) > 0)).all()
        zone = learned.zone_page(session, boss, "changzhou")
    assert any(row.score != before.get((row.need_id, row.result_id)) for row in rows)
    assert (zone.weights["region"], zone.are_own, zone.version) == (0.4, True, 1)
    with pytest.raises(StaleRevision):
        put(region=0.3)
    wrong: list[dict[str, Any]] = [{"region": -0.1}, {"region": 1.1}, {"region": float("nan")}, {"meaning": 0.1}, {"region": 0.9}]
    for changes in wrong:
        with pytest.raises(InvalidInput):
            put(version=1, **changes)
    staff = stocked.world.person(Role.ZONE_STAFF, zone="changzhou")
    for actor in (staff, administrator(stocked, demo=True)):
        with pytest.raises(MayNot):
            put(actor, 1)


def test_staff_read_what_concerns_their_zone_and_decide_nothing(stocked: Platform) -> None:
    graded(stocked, by_half)
    learn(stocked)
    own, common = of(stocked, "changzhou", "candidate"), of(stocked, None, "candidate")
    staff, other = (stocked.world.person(Role.ZONE_STAFF, zone=each) for each in ("changzhou", "kunshan"))
    mine = page(stocked, staff)
    assert [each.zone.code for each in mine.zones] == ["changzhou"]
    assert [each.public_id for each in mine.waiting] == [own.public_id]
    assert not mine.may_write
    assert page(stocked, other).waiting == ()
    with stocked.parts.database.read() as session:
        shown = learned.show(session, staff, own.public_id)
        assert shown.moved
        assert all(each.before != each.after and each.pair.zone == "changzhou" for each in shown.moved)
        for actor, public_id in ((staff, common.public_id), (other, own.public_id)):
            with pytest.raises(NotFound):
                learned.show(session, actor, public_id)
        with pytest.raises(MayNot):
            learned.zone_page(session, other, "changzhou")
        with pytest.raises(SignInNeeded):
            learned.page(session, VISITOR)
        with pytest.raises(MayNot):
            learned.page(session, stocked.world.person(Role.BROKER, zone="changzhou"))
    for deed in (learned.promote, learned.refuse, learned.back):
        for actor in (staff, administrator(stocked, demo=True)):
            with pytest.raises(MayNot):
                stocked.world.do(deed, actor, own.public_id)
