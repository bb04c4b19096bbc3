"""Teaching the encoder: judged on needs it never saw, refused or waiting, and what it would say of the desks. What teaches in a
process of its own is stood in for here; it has tests of its own (tests/search/test_encoder_workshop.py)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from sqlmodel import col, select

from matching import encoder_learning, learned_encoders, long_work, rankers
from matching.access import SYSTEM, VISITOR
from matching.encoder_learning import Teaching
from matching.errors import IllegalMove, MayNot, NotFound, SignInNeeded
from matching.model import AuditEntry, Job, LearnedEncoder, Listing, Match, Role, ShadowPair, StoredVector, Task, Verdict, Zone
from matching.progress import Report, silent
from matching.store.unit import LANES
from matching.work import run_once
from search.encoder.hashing import HashingEncoder
from search.encoder.workshop import Made, Round
from search.ports import Lane, Matrix
from search.ports import Role as TextRole
from tests.functional.conftest import Platform, clock, platform  # noqa: F401  # fixtures
from tests.matching.world import need, result

ASKED: Final = ("银浆", "栅线", "钝化", "隐裂", "硅片", "焊带", "背板", "胶膜", "边框", "逆变", "支架", "玻璃", "汇流", "接线")
GIVEN: Final = ("甲法", "乙法", "丙法", "丁法", "戊法", "己法", "庚法")
"""The seventh of the needs by number fits the first way, and so on: no word tells."""


class Knowing(HashingEncoder):
    """Puts what fits together, or, asked to be wrong, what does not."""

    def __init__(self, *, is_right: bool = True) -> None:
        super().__init__()
        self._is_right = is_right

    @property
    def fingerprint(self) -> str:
        return "knowing"

    def encode(self, texts: Sequence[str], role: TextRole, *, lane: Lane = "bulk", timeout: float | None = None) -> Matrix:
        rows = 0.3 * super().encode(texts, role)
        for row, text in zip(rows, texts, strict=True):
            kind = next((at % 7 for words in (ASKED, GIVEN) for at, word in enumerate(words) if word in text), None)
            if kind is not None:
                row[kind if self._is_right or role == "need" else (kind + 3) % 7] += 1
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows


class StandIn:
    def __init__(self, encoder: Knowing) -> None:
        self.encoder = encoder
        self.rounds: Sequence[Round] = ()
        self.forgot = 0

    def run(self, rounds: Sequence[Round], report: Report) -> list[Made]:
        self.rounds = rounds
        report("teaching", 0, len(rounds))
        nowhere = Path("nowhere")
        return [
            Made({role: self.encoder.encode(texts, role) for role, texts in each.texts.items()}, nowhere, nowhere)
            for each in rounds
        ]

    def forget(self) -> None:
        self.forgot += 1


@pytest.fixture
def judged(platform: Platform) -> Platform:  # noqa: F811  # the fixture
    """Fourteen needs and seven results, every pair judged: a seventh of them fits."""
    world = platform.world
    firm = world.organisation("晶耀光伏", zone="changzhou")
    for word in ASKED:
        world.published(
            firm, need(organisation=firm.public_id, title=f"光伏{word}降耗", texts={"detail": "用量偏高。"}, industries=("pv",))
        )
    for way in GIVEN:
        world.published(
            firm, result(organisation=firm.public_id, title=f"{way}的配方", texts={"summary": "用量降三成。"}, industries=("pv",))
        )
    platform.work()
    staff = world.person(Role.ZONE_STAFF, zone="changzhou")
    with platform.parts.database.write() as unit:
        session = unit.session
        zone = session.exec(select(Zone.id).where(Zone.code == "changzhou")).one()
        titles = {row.id: row.public_id for row in session.exec(select(Listing))}
        held = session.exec(select(Match).where(Match.zone_id == zone)).all()
        assert len(held) == len(ASKED) * len(GIVEN)
        order = {id_: at for at, id_ in enumerate(sorted({row.need_id for row in held}))}
        ways = {id_: at for at, id_ in enumerate(sorted({row.result_id for row in held}))}
        for row in held:
            assert row.need_id in titles
            session.add(
                Verdict(
                    zone_id=zone, need_id=row.need_id, result_id=row.result_id, grader_id=staff.person_id or 0,
                    need_revision=row.need_revision, result_revision=row.result_revision,
                    grade=3 if order[row.need_id] % 7 == ways[row.result_id] else 0, created_at=unit.now(),
                )
            )  # fmt: skip
        unit.commit()
    world.drop_jobs()
    return platform


def teaching(workshop: StandIn, dropped: list[str]) -> Teaching:
    return Teaching(
        workshop,
        base=lambda: "b" * 64,
        means_of=lambda: ({"need": ["光伏"]}, [("光伏", "solar")]),
        keep=lambda _: ("folder-1", Knowing()),
        drop=dropped.append,
    )


def teach(platform: Platform, encoder: Knowing, report: Report = silent) -> tuple[dict[str, int], StandIn]:  # noqa: F811  # the fixture
    workshop = StandIn(encoder)
    parts = platform.parts
    return encoder_learning.learn(parts.database, parts.matcher.sides, teaching(workshop, []), report), workshop


def rows(platform: Platform) -> list[LearnedEncoder]:  # noqa: F811  # the fixture
    with platform.parts.database.read() as session:
        return list(session.exec(select(LearnedEncoder).order_by(col(LearnedEncoder.id))))


def test_nothing_is_taught_where_too_little_was_judged(platform: Platform) -> None:  # noqa: F811  # the fixture
    figures, workshop = teach(platform, Knowing())
    assert figures == {"verdicts": 0, "left_out": 0, "judged": 0, "better": 0}
    assert (workshop.rounds, rows(platform)) == ((), [])


def test_few_verdicts_are_refused_before_anything_is_taught(judged: Platform) -> None:
    with judged.parts.database.write() as unit:
        for row in unit.session.exec(select(Verdict).order_by(col(Verdict.id))).all()[59:]:
            unit.session.delete(row)
        unit.commit()
    figures, workshop = teach(judged, Knowing())
    assert (figures["judged"], figures["better"], workshop.rounds) == (1, 0, ())
    assert [(row.state, row.reason, row.folder) for row in rows(judged)] == [("refused", "too_few", "")]


def test_no_need_teaches_the_encoder_that_it_is_judged_by(judged: Platform) -> None:
    _, workshop = teach(judged, Knowing())
    every = {lesson.questions[0] for lesson in workshop.rounds[-1].lessons}
    assert every == {f"光伏{word}降耗" for word in ASKED}
    left = [every - {lesson.questions[0] for lesson in each.lessons} for each in workshop.rounds[:-1]]
    assert all(left)
    assert set.union(*left) == every
    assert sum(map(len, left)) == len(every)
    assert [each.keep for each in workshop.rounds] == [False] * 5 + [True]
    assert workshop.forgot == 1


def test_one_that_is_not_better_is_refused_and_leaves_nothing(judged: Platform) -> None:
    figures, _ = teach(judged, Knowing(is_right=False))
    assert (figures["judged"], figures["better"]) == (1, 0)
    (row,) = rows(judged)
    assert (row.state, row.reason, row.folder, row.recipe) == ("refused", "not_better", "", "")
    assert row.figures["measures"]["ndcg_at_10"]["low"] <= 0
    with judged.parts.database.read() as session:
        assert session.exec(select(ShadowPair)).all() == []
        assert session.exec(select(StoredVector).where(StoredVector.recipe == "knowing")).first() is None
    assert teach(judged, Knowing())[0]["judged"] == 0, "the same verdicts are not judged twice"


def test_a_better_one_is_ready_and_waits(judged: Platform) -> None:
    with judged.parts.database.read() as session:
        before = [(row.need_id, row.result_id, row.score) for row in session.exec(select(Match))]
    figures, _ = teach(judged, Knowing())
    assert figures["better"] == 1
    (row,) = rows(judged)
    assert (row.state, row.folder, row.recipe) == ("candidate", "folder-1", "knowing")
    assert row.figures["measures"]["ndcg_at_10"]["low"] > 0
    assert 0 < row.spread < 1, "it spreads cosines wider"
    with judged.parts.database.read() as session:
        assert rankers.encoder_in_force(session) is None
        assert [(each.need_id, each.result_id, each.score) for each in session.exec(select(Match))] == before
        embedded = session.exec(select(StoredVector).where(StoredVector.recipe == "knowing")).all()
        assert len(embedded) >= 2 * (len(ASKED) + len(GIVEN))
        shadow = session.exec(select(ShadowPair).where(ShadowPair.rank == 1)).all()
        good = {(each.need_id, each.result_id) for each in session.exec(select(Verdict).where(Verdict.grade == 3))}
        assert {(each.need_id, each.result_id) for each in shadow} == good
        levels = {(each.need_id, each.result_id): each.level for each in session.exec(select(Match))}
        otherwise = {
            (each.need_id, each.result_id)
            for each in session.exec(select(ShadowPair))
            if each.level != levels[each.need_id, each.result_id]
        }
    assert {(each[1], each[2]) for each in row.moved} <= otherwise
    assert len(row.moved) == min(10, len(otherwise))


def test_a_person_decides_and_only_who_answers_for_all_zones(judged: Platform) -> None:
    teach(judged, Knowing())
    world, (row,) = judged.world, rows(judged)
    staff, boss = world.person(Role.ZONE_STAFF, zone="changzhou"), world.person(Role.ADMINISTRATOR)
    deeds: tuple[Callable[..., None], ...] = (learned_encoders.promote, learned_encoders.refuse, learned_encoders.back)
    for deed in deeds:
        with pytest.raises(MayNot):
            world.do(deed, staff, row.public_id)
        with pytest.raises(MayNot):
            world.do(deed, world.person(Role.ADMINISTRATOR, demo=True), row.public_id)
        with pytest.raises(NotFound):
            world.do(deed, boss, "nothing")
    with pytest.raises(IllegalMove):
        world.do(learned_encoders.back, boss, row.public_id)
    world.do(learned_encoders.promote, boss, row.public_id)
    with pytest.raises(IllegalMove):
        world.do(learned_encoders.promote, boss, row.public_id)
    with judged.parts.database.read() as session:
        assert rankers.spread_in_force(session) == row.spread
        assert session.exec(select(ShadowPair)).all() == []
        assert session.exec(select(Job.kind)).all() == ["reindex"]
    world.do(learned_encoders.back, boss, row.public_id)
    assert [each.state for each in rows(judged)] == ["retired"]
    with judged.parts.database.read() as session:
        assert rankers.spread_in_force(session) == 1
        told = session.exec(select(AuditEntry.action).where(AuditEntry.subject_id == row.public_id)).all()
    assert told == ["encoder.learn", "encoder.promote", "encoder.back"]


def test_the_desk_is_read_beforehand_by_its_own_people(judged: Platform) -> None:
    teach(judged, Knowing())
    world = judged.world
    broker, far = world.person(Role.BROKER, zone="changzhou"), world.person(Role.BROKER, zone="kunshan")
    with judged.parts.database.read() as session:
        needs = learned_encoders.foreseen_needs(session, broker, "changzhou")
        assert {each.title for each in needs} == {f"光伏{word}降耗" for word in ASKED}
        pairs = learned_encoders.foreseen(session, broker, "changzhou", needs[0].need)
        assert [each.rank for each in pairs] == list(range(1, len(GIVEN) + 1))
        assert sorted(each.rank_before or 0 for each in pairs) == list(range(1, len(GIVEN) + 1))
        for reader, refused in ((far, MayNot), (VISITOR, SignInNeeded)):
            with pytest.raises(refused):
                learned_encoders.foreseen(session, reader, "changzhou", needs[0].need)
        with pytest.raises(NotFound):
            learned_encoders.foreseen_needs(session, SYSTEM, "nowhere")


def test_who_cancels_leaves_no_folder_and_no_row(judged: Platform) -> None:
    class Stopped(Exception):
        pass

    def stop(stage: str, _done: int, _total: int) -> None:
        if stage == "embedding":
            raise Stopped

    dropped: list[str] = []
    parts = judged.parts
    with pytest.raises(Stopped):
        encoder_learning.learn(parts.database, parts.matcher.sides, teaching(StandIn(Knowing()), dropped), stop)
    assert dropped == ["folder-1"]
    assert rows(judged) == []


def test_the_work_goes_on_beside_all_others_and_says_where_nothing_can_be_taught(judged: Platform) -> None:
    """The platform of the tests has the hashing encoder, which knows no meaning."""
    world = judged.world
    with pytest.raises(MayNot):
        world.do(long_work.begin, world.person(Role.ZONE_STAFF, zone="changzhou"), "teach")
    asked = world.do(long_work.begin, world.person(Role.ADMINISTRATOR), "teach")
    with judged.parts.database.read() as session:
        assert session.exec(select(Job.lane).where(Job.kind == "teach")).one() == LANES["slow"]
    judged.work()
    with judged.parts.database.read() as session:
        task = session.exec(select(Task).where(Task.public_id == asked)).one()
    assert (task.state, task.problem) == ("failed", "nothing_to_teach")


def test_a_work_that_is_cancelled_forgets_what_was_begun(judged: Platform) -> None:
    class Cancelling(StandIn):
        def run(self, rounds: Sequence[Round], report: Report) -> list[Made]:
            with judged.parts.database.read() as session:
                task = session.exec(select(Task.public_id).where(Task.kind == "teach")).one()
            judged.world.do(long_work.cancel, boss, task)
            judged.clock.move(seconds=2)
            report("teaching", 1, 6)
            raise AssertionError("it goes on")

    boss = judged.world.person(Role.ADMINISTRATOR)
    workshop = Cancelling(Knowing())
    runtime = replace(judged.parts.runtime, teaching=teaching(workshop, []))
    judged.world.do(long_work.begin, boss, "teach")
    assert run_once(runtime, ("slow",))
    with judged.parts.database.read() as session:
        assert session.exec(select(Task.state).where(Task.kind == "teach")).one() == "cancelled"
    assert workshop.forgot == 1
    assert rows(judged) == []
