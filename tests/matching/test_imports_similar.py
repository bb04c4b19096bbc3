"""Near duplicates: what is flagged, what is not, what the policy makes of it, and that it stays cheap."""

import time
from pathlib import Path

import pytest

from matching.access import SYSTEM
from matching.errors import IllegalMove, InvalidInput
from matching.imports import batches
from matching.likeness.verdict import measure
from matching.likeness.words import Words, keys
from matching.model import Organisation, Role
from tests.matching.import_sheets import RESULT, Desk, codes
from tests.matching.world import World, result

TEXT = "浆料中的铝含量压到百分之零点三以下，随后用激光沿栅线扫描，局部熔化氮化硅，接触电阻下降而开压不降，在两条线上比过。"
OTHER = "用低温共挤的胶膜封装双玻组件，交联温度一百三十五度，湿热两千小时后功率衰减低于百分之二，适合对温度敏感的电池。"
BASE = {**RESULT, "成果简介": TEXT}


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    return Desk(world, world.person(Role.ZONE_STAFF, zone="changzhou"), tmp_path)


@pytest.fixture
def university(world: World) -> Organisation:
    return world.organisation("江南光电大学", kind="university", city="无锡")


def words(title: str, body: str = "") -> Words:
    return Words(title, (body,) if body else ())


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        (words("低铝银浆与激光辅助接触", TEXT), words("低铝银浆及激光辅助接触技术", TEXT.replace("两条", "三条")), True),
        (words("低铝银浆与激光辅助接触", TEXT), words("一种正面金属化工艺", TEXT), True),
        (words("低铝银浆与激光辅助接触", TEXT), words("低铝银浆与激光辅助接触（二期）", OTHER), True),
        (words("低铝银浆与激光辅助接触", TEXT), words("双玻组件低温封装胶膜", OTHER), False),
        (words("高效异质结电池银浆"), words("高效异质结电池铜电镀设备"), False),
        (words("", ""), words("", ""), False),
    ],
)
def test_what_is_near(one: Words, other: Words, near: bool) -> None:
    assert measure(one, other).is_near is near
    if near:
        assert set(keys(one)) & set(keys(other))


def test_near_entries_and_rows_are_flagged_and_not_merged(desk: Desk, university: Organisation) -> None:
    held = desk.world.published(
        university, result(organisation=university.public_id, addressed_zone="changzhou", texts={"summary": TEXT})
    )
    batch = desk.plan(
        {**BASE, "成果名称": "低铝银浆及激光辅助接触工艺"},
        {**RESULT, "成果名称": "双玻组件低温封装胶膜", "成果简介": OTHER},
        {**RESULT, "成果名称": "双玻组件用低温封装胶膜", "成果简介": OTHER.replace("适合对", "宜用于"), "单位名称": "另一所大学"},
        {**RESULT, "成果名称": "钙钛矿组件回收", "成果简介": "加热后分层，铅和玻璃分别回收，纯度够做回用。"},
    )
    first, second, third, last = desk.rows(batch)
    assert [row.verdict for row in (first, second, third, last)] == ["new"] * 4
    assert [row.flagged for row in (first, second, third, last)] == [True, False, True, False]
    near = next(each for each in first.reasons if each.level == "flag")
    assert (near.code, near.params["number"], near.params["id"]) == ("near_entry", held.number, held.public_id)
    assert [(each.code, each.params.get("row")) for each in third.reasons if each.level == "flag"] == [("near_row", 3)]
    with desk.world.database.read() as session:
        flagged = batches.rows(session, desk.actor, batch, "flagged")
    assert (flagged.total, desk.view(batch).flagged_rows) == (2, 2)
    assert desk.commit(batch).written_rows == 4


def test_rows_of_earlier_slices_are_looked_at(desk: Desk) -> None:
    rows = [{**RESULT, "成果名称": f"{n}号线{'电浆膜炉泵阀轴'[n]}", "成果简介": f"第{n}条各不相同的说明" * 3} for n in range(7)]
    batch = desk.begin(*rows, {**BASE, "成果名称": "激光接触"}, {**BASE, "成果名称": "银浆的新工艺"})
    desk.read(batch, size=4)
    flagged = [row for row in desk.rows(batch) if row.flagged]
    assert [(row.number, row.reasons[-1].params.get("row")) for row in flagged] == [(10, 9)]
    twice = desk.begin(BASE, *rows, {**BASE, "成果名称": "另起的一个名字"})
    desk.read(twice, size=3)
    assert [(row.number, row.reasons[-1].params.get("row")) for row in desk.rows(twice) if row.flagged] == [(10, 2)]


def test_the_same_right_under_another_title_is_flagged(desk: Desk, world: World, university: Organisation) -> None:
    number = "ZL202310123456.7"
    desk.commit(desk.plan({**RESULT, "成果名称": "甲方法", "成果简介": TEXT, "专利号/申请号": number}))
    batch = desk.plan(
        {**RESULT, "成果名称": "完全不同的名称", "成果简介": OTHER, "专利号/申请号": "2023 1 0123456.7"},
        {**RESULT, "成果名称": "第三种说法", "成果简介": "短", "专利号/申请号": "ZL202310999999.1"},
        {**RESULT, "成果名称": "又一个设备", "成果简介": "另", "专利号/申请号": "ZL202310999999.1"},
    )
    first, second, third = desk.rows(batch)
    assert (first.verdict, codes(first, flags=True)[-1]) == ("new", ("ip", "same_right_entry"))
    assert not second.flagged
    assert (third.verdict, codes(third, flags=True)[-1], third.reasons[-1].params["row"]) == ("new", ("ip", "same_right_row"), 3)


def test_an_entry_that_the_importer_may_not_know_of_flags_nothing(desk: Desk, world: World) -> None:
    """A draft of a university that no zone is in charge of."""
    from matching import listings

    other = world.organisation("南方大学", kind="university", city="广州")
    world.do(listings.save, SYSTEM, result(organisation=other.public_id, texts={"summary": TEXT}))
    row = desk.row(desk.plan({**BASE, "单位名称": "南方大学", "成果名称": "低铝银浆及激光辅助接触工艺"}))
    assert (row.verdict, row.flagged) == ("new", False)


def test_another_policy_is_another_plan(desk: Desk, university: Organisation) -> None:
    desk.world.published(
        university, result(organisation=university.public_id, addressed_zone="changzhou", texts={"summary": TEXT})
    )
    batch = desk.plan(
        {**BASE, "技术成熟度": "中试"},
        {**BASE, "成果名称": "低铝银浆及激光辅助接触工艺"},
        {**RESULT, "成果名称": "双玻组件低温封装胶膜", "成果简介": OTHER},
    )
    assert [row.verdict for row in desk.rows(batch)] == ["update", "new", "new"]
    before = desk.rows(batch)
    again = desk.world.do(batches.change_policy, desk.actor, batch, existing="skip", similar="leave")
    desk.read(again)
    told = [(row.verdict, [each.code for each in row.reasons]) for row in desk.rows(again)]
    assert told[:2] == [("skip", ["exists"]), ("skip", ["near_entry"])]
    assert desk.rows(again)[2].verdict == "new"
    old, new = desk.view(batch), desk.view(again)
    assert (old.state, old.replaced_by, old.may_commit) == ("replaced", again, False)
    assert (new.existing, new.similar, new.flagged_rows) == ("skip", "leave", 1)
    assert desk.rows(batch) == before, "a plan is never changed"
    assert desk.world.do(batches.change_policy, desk.actor, again, existing="skip", similar="leave") == again
    with pytest.raises(InvalidInput):
        desk.world.do(batches.change_policy, desk.actor, again, existing="merge", similar="leave")
    with pytest.raises(IllegalMove):
        desk.world.do(batches.commit, desk.actor, batch)
    desk.commit(again)
    with pytest.raises(IllegalMove):
        desk.world.do(batches.change_policy, desk.actor, again, existing="update", similar="take")


def test_many_alike_stay_cheap() -> None:
    """Sketches of two thousand entries, most of them alike: a fraction of a millisecond each."""
    every = [words(f"第{n}项关于银浆的成果", f"{TEXT}{n}" * 3) for n in range(2000)]
    started = time.process_time()
    made = [keys(each) for each in every]
    assert len(made) == 2000
    assert time.process_time() - started < 4.0
