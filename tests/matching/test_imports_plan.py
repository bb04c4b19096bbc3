"""The plan: what each row will do and why, and whose it is."""

from pathlib import Path

import pytest
from sqlmodel import select

from matching import listings
from matching.access import SYSTEM, VISITOR
from matching.credit_code import make
from matching.errors import InvalidInput, MayNot, NotFound, SignInNeeded
from matching.imports import batches
from matching.model import ImportRow, ListingKind, Organisation, Role
from matching.store.database import Database
from tests.matching.import_sheets import NEED, RESULT, Desk, codes
from tests.matching.world import World, need, result


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    return Desk(world, world.person(Role.ZONE_STAFF, zone="changzhou"), tmp_path)


@pytest.fixture
def university(world: World) -> Organisation:
    return world.organisation("江南光电大学", kind="university", city="无锡")


def test_new_rows(desk: Desk, university: Organisation) -> None:
    batch = desk.plan(RESULT, {**RESULT, "成果名称": "另一项成果"})
    assert [(row.number, row.verdict, row.title, row.owner, codes(row)) for row in desk.rows(batch)] == [
        (2, "new", "低铝银浆与激光辅助接触", "江南光电大学", []),
        (3, "new", "另一项成果", "江南光电大学", []),
    ]
    view = desk.view(batch)
    assert (view.state, view.read_rows, view.total_rows, view.wanted_rows, view.done_rows) == ("planned", 2, 2, 2, 0)
    assert view.counts == {"new": 2, "update": 0, "skip": 0, "error": 0}
    assert (view.zone, view.may_commit, view.file_name) == ("changzhou", True, "上传.xlsx")


def test_all_errors_of_a_row_are_told_at_once(desk: Desk) -> None:
    batch = desk.plan(
        {
            "成果名称": "①②③",
            "单位名称": "江南光电大学",
            "成果简介": "",
            "合作方式": "以物易物",
            "合作价格(万元)": "-5",
            "电子邮箱": "无效",
        }
    )
    row = desk.row(batch)
    assert row.verdict == "error"
    assert set(codes(row)) == {
        ("modes", "unknown_code"), ("price", "negative_money"), ("title", "meaningless"), ("summary", "required"),
        ("email", "bad_email"),
    }  # fmt: skip


def test_the_second_of_two_equal_rows_is_left_out(desk: Desk) -> None:
    batch = desk.plan(
        {**RESULT, "成果简介": ""},
        RESULT,
        {**RESULT, "成果名称": "低铝银浆，与激光辅助接触！"},
        {**RESULT, "专利号/申请号": "ZL202310123456.7"},
        {**RESULT, "专利号/申请号": "ZL 2023 1 0123456.7"},
    )
    rows = desk.rows(batch)
    assert [row.verdict for row in rows] == ["error", "new", "skip", "new", "skip"]
    assert [row.reasons[-1].params.get("row") for row in rows if row.verdict == "skip"] == [3, 5]


def test_repeated_rows_are_found_across_slices(desk: Desk) -> None:
    batch = desk.begin(*({**RESULT, "成果名称": f"第{n % 4}项成果"} for n in range(12)))
    desk.read(batch, size=5)
    rows = desk.rows(batch)
    assert [row.verdict for row in rows] == ["new"] * 4 + ["skip"] * 8
    assert [row.reasons[-1].params["row"] for row in rows[4:]] == [2, 3, 4, 5] * 2


def test_an_equal_listing_is_left_alone_and_a_changed_one_updated(desk: Desk, university: Organisation) -> None:
    draft = result(organisation=university.public_id, addressed_zone="changzhou")
    made = desk.world.published(university, draft)
    same = {**RESULT, "成果简介": "浆料中的铝含量压到0.3 wt%以下，随后用激光沿栅线扫描。", "合作方式": "", "技术成熟度": ""}
    row = desk.row(desk.plan(same))
    assert (row.verdict, codes(row), row.listing) == ("skip", [("title", "no_change")], made.public_id)
    assert row.reasons[0].params == {"number": made.number}
    row = desk.row(desk.plan({**same, "合作方式": "技术转让"}))
    assert (row.verdict, codes(row), row.listing) == ("update", [("title", "updates")], made.public_id)


def test_a_patent_tells_listings_of_one_title_apart(desk: Desk, university: Organisation) -> None:
    batch = desk.plan({**RESULT, "专利号/申请号": "ZL202310123456.7"}, {**RESULT, "专利号/申请号": "ZL202310123457.1"})
    assert [row.verdict for row in desk.rows(batch)] == ["new", "new"]
    desk.commit(batch)
    batch = desk.plan(
        {**RESULT, "专利号/申请号": "ZL202310123457.1", "技术成熟度": "中试"}, {**RESULT, "成果简介": "没有写专利号的一行。"}
    )
    first, second = desk.rows(batch)
    assert (first.verdict, second.verdict) == ("update", "error")
    assert codes(second) == [("title", "ambiguous_target")]


def test_a_number_that_comes_later_updates_the_listing(desk: Desk, university: Organisation) -> None:
    desk.commit(desk.plan(RESULT))
    batch = desk.plan({**RESULT, "专利号/申请号": "ZL202310123456.7"}, RESULT)
    assert [row.verdict for row in desk.rows(batch)] == ["update", "skip"]
    assert codes(desk.rows(batch)[1]) == [("title", "repeated_row")]


def test_importing_the_same_sheet_twice_changes_nothing(desk: Desk) -> None:
    rows = [
        {
            **RESULT,
            "联系人": "张三",
            "合作价格(万元)": "60-120",
            "战略产业": "光伏",
            "技术成熟度": "TRL 6",
            "有效期": "2026-12-31",
        },
        {**RESULT, "成果名称": "另一项", "专利号/申请号": "ZL202310123456.7、2023SR0123456", "合作方式": "许可使用、技术转让"},
    ]
    desk.commit(desk.plan(*rows))
    again = desk.plan(*rows)
    assert [(row.verdict, codes(row)) for row in desk.rows(again)] == [("skip", [("title", "no_change")])] * 2


def test_a_new_telephone_number_is_a_change(desk: Desk) -> None:
    desk.commit(desk.plan({**RESULT, "手机号码": "13900001234"}))
    assert desk.row(desk.plan({**RESULT, "手机号码": "13900005678"})).verdict == "update"
    assert desk.row(desk.plan({**RESULT, "手机号码": ""})).verdict == "skip"


def test_withdrawn_listings_stay_withdrawn(desk: Desk, university: Organisation) -> None:
    made = desk.world.published(university, result(organisation=university.public_id))
    desk.world.do(listings.withdraw, SYSTEM, made.public_id)
    row = desk.row(desk.plan({**RESULT, "成果简介": "新的文字。"}))
    assert (row.verdict, codes(row)) == ("skip", [("title", "withdrawn")])


def test_examples_are_left_out(desk: Desk) -> None:
    rows = desk.rows(desk.plan({**RESULT, "成果名称": "示例：低铝银浆"}, RESULT))
    assert [(row.verdict, codes(row)[:1]) for row in rows] == [
        ("skip", [("title", "example_row")]),
        ("new", [("owner", "owner_new")]),
    ]


def test_repeated_headings_and_totals_are_left_out(desk: Desk) -> None:
    heads = {heading: heading for heading in RESULT}
    rows = desk.rows(desk.plan(RESULT, heads, {"成果名称": "合 计："}, {**RESULT, "成果名称": "合计称重机床"}))
    assert [(row.verdict, codes(row)[0][1]) for row in rows] == [
        ("new", "owner_new"), ("skip", "heading_row"), ("skip", "total_row"), ("new", "owner_new"),
    ]  # fmt: skip


def test_owners_are_found_by_code_then_by_name(desk: Desk, world: World) -> None:
    code = make("91320411MA1MA0QR5")
    with world.database.write() as unit:
        row = unit.session.merge(world.organisation("常州新硅科技有限公司", zone="changzhou"))
        row.credit_code = code
        unit.session.add(row)
        unit.commit()
    batch = desk.plan(
        {**NEED, "统一社会信用代码": code, "单位名称": "新硅科技"},
        {**NEED, "技术需求名称": "另一项需求", "单位名称": "常州 新硅科技有限公司"},
        kind=ListingKind.NEED,
    )
    first, second = desk.rows(batch)
    assert (first.owner, codes(first)) == ("常州新硅科技有限公司", [("owner", "known_as")])
    assert (second.owner, codes(second)) == ("常州新硅科技有限公司", [])


def test_names_that_two_organisations_bear_need_the_region(desk: Desk, world: World) -> None:
    world.organisation("新光研究院", kind="institute", city="南京")
    world.organisation("新光研究院", kind="institute", city="无锡")
    batch = desk.plan({**RESULT, "单位名称": "新光研究院"}, {**RESULT, "单位名称": "新光研究院", "所属地区": "江苏省无锡市"})
    assert [row.verdict for row in desk.rows(batch)] == ["error", "new"]
    assert codes(desk.rows(batch)[0]) == [("owner", "ambiguous")]


def test_unknown_owners_are_to_be_made(desk: Desk) -> None:
    batch = desk.plan(
        {**NEED, "技术需求名称": "甲需求"},
        {**NEED, "技术需求名称": "乙需求", "单位名称": "某某大学"},
        {**NEED, "技术需求名称": "丙需求", "单位名称": "老王机电"},
        {**NEED, "技术需求名称": "丁需求", "单位名称": "苏州某某有限公司", "所属高新区": "昆山高新区"},
        kind=ListingKind.NEED,
    )
    rows = desk.rows(batch)
    assert [dict(row.reasons[0].params) for row in rows[:3]] == [
        {"kind": "enterprise", "zone": "常州高新区"},
        {"kind": "university", "zone": ""},
        {"kind": "enterprise", "zone": "常州高新区"},
    ]
    assert (rows[3].verdict, codes(rows[3])) == ("error", [("owner", "not_your_zone")])


def test_owners_of_other_zones_are_not_for_this_zones_staff(desk: Desk, world: World) -> None:
    world.organisation("昆山某某机器人有限公司", zone="kunshan")
    row = desk.row(desk.plan({**NEED, "单位名称": "昆山某某机器人有限公司"}, kind=ListingKind.NEED))
    assert (row.verdict, codes(row)) == ("error", [("owner", "not_your_zone")])
    assert row.reasons[0].params == {"value": "昆山高新区"}


def test_a_zone_that_contradicts_the_owners(desk: Desk, world: World) -> None:
    world.organisation("常州新硅科技有限公司", zone="changzhou")
    row = desk.row(desk.plan({**NEED, "所属高新区": "昆山"}, kind=ListingKind.NEED))
    assert (codes(row), dict(row.reasons[0].params)) == ([("zone", "zone_differs")], {"value": "常州高新区"})


def test_rows_without_an_owner_are_refused_for_staff(desk: Desk) -> None:
    assert codes(desk.row(desk.plan({**RESULT, "单位名称": ""}))) == [("owner", "required")]


def test_a_provider_imports_for_his_own_organisation_only(world: World, tmp_path: Path, university: Organisation) -> None:
    world.organisation("别家大学", kind="university")
    desk = Desk(world, world.person(Role.PROVIDER, organisation=university), tmp_path)
    batch = desk.plan(
        {**RESULT, "成果名称": "甲"},
        {**RESULT, "成果名称": "乙", "单位名称": ""},
        {**RESULT, "成果名称": "丙", "单位名称": "别家大学"},
        {**RESULT, "成果名称": "丁", "单位名称": "没有的大学"},
    )
    rows = desk.rows(batch)
    assert [row.verdict for row in rows] == ["new", "new", "error", "error"]
    assert codes(rows[2]) == codes(rows[3]) == [("owner", "not_your_organisation")]
    assert desk.view(batch).organisation == "江南光电大学"


def test_an_equal_listing_of_others_is_left_alone_too(desk: Desk, world: World, university: Organisation) -> None:
    world.published(university, result(organisation=university.public_id, texts={"summary": RESULT["成果简介"]}))
    assert codes(desk.row(desk.plan(RESULT))) == [("title", "no_change")]


def test_listings_that_may_not_be_changed(desk: Desk, world: World, university: Organisation) -> None:
    """In no zone, addressed to none, tagged with another zone's industry: not this zone's."""
    world.published(university, result(organisation=university.public_id, industries=("robotics",)))
    row = desk.row(desk.plan({**RESULT, "技术成熟度": "中试"}))
    assert (row.verdict, codes(row)) == ("error", [("title", "may_not_change")])


def test_contact_data_is_in_no_reason_title_or_key(desk: Desk, database: Database) -> None:
    desk.plan(
        {**RESULT, "联系人": "张三丰", "手机号码": "13900001234", "电子邮箱": "wrong", "法人": "李四"},
        {**RESULT, "联系人": "王五"},
    )
    with database.read() as session:
        rows = session.exec(select(ImportRow)).all()
    for row in rows:
        shown = f"{row.reasons}{row.title}{row.owner}{row.key}{row.payload.get('draft')}{row.payload.get('owner')}"
        assert not any(each in shown for each in ("张三丰", "13900001234", "李四", "王五"))
    assert rows[0].payload == {}
    assert rows[1].payload["contacts"] == {"person": "王五"}


def test_who_may_begin(world: World, tmp_path: Path, university: Organisation) -> None:
    staged = Desk(world, world.person(Role.ZONE_STAFF, zone="changzhou"), tmp_path).stage(RESULT)
    broker = world.person(Role.BROKER, zone="changzhou")
    staff = world.person(Role.ZONE_STAFF, zone="kunshan")
    provider = world.person(Role.PROVIDER, organisation=university)
    other = world.organisation("别家大学")
    with pytest.raises(SignInNeeded):
        world.do(batches.begin, VISITOR, staged)
    for actor, scope in ((broker, {}), (broker, {"zone": "changzhou"}), (staff, {"zone": "changzhou"})):
        with pytest.raises(MayNot):
            world.do(batches.begin, actor, staged, **scope)
    with pytest.raises(MayNot):
        world.do(batches.begin, provider, staged, organisation=other.public_id)
    for scope in ({"zone": "nowhere"}, {"organisation": "nobody"}):
        with pytest.raises(InvalidInput):
            world.do(batches.begin, staff, staged, **scope)
    assert world.do(batches.begin, world.person(Role.ADMINISTRATOR), staged)


def test_who_may_look(desk: Desk, world: World) -> None:
    batch = desk.plan(RESULT)
    colleague, stranger = world.person(Role.ZONE_STAFF, zone="changzhou"), world.person(Role.ZONE_STAFF, zone="kunshan")
    with world.database.read() as session:
        assert batches.progress(session, colleague, batch).public_id == batch
        assert [each.public_id for each in batches.recent(session, colleague)] == [batch]
        assert batches.recent(session, stranger) == ()
        for job in (batches.progress, batches.rows):
            with pytest.raises(NotFound):
                job(session, stranger, batch)


def test_rows_by_verdict_and_page(desk: Desk, world: World) -> None:
    batch = desk.plan(*({**RESULT, "成果名称": f"成果{n}", "成果简介": "文" if n % 2 else ""} for n in range(10)))
    with world.database.read() as session:
        page = batches.rows(session, desk.actor, batch, "error", offset=2, limit=2)
        assert (page.total, [row.number for row in page.rows]) == (5, [6, 8])
        assert batches.rows(session, desk.actor, batch).total == 10
        with pytest.raises(InvalidInput):
            batches.rows(session, desk.actor, batch, "maybe")  # type: ignore[arg-type]  # what an address may carry


def test_needs_need_their_own_text(desk: Desk) -> None:
    row = desk.row(desk.plan({**NEED, "技术需求详情": ""}, kind=ListingKind.NEED))
    assert ("detail", "required") in codes(row)
    assert need().title == NEED["技术需求名称"]
