"""What is asked before a plan is made: which sheet, what a heading means, what amounts are in; and that it is remembered."""

from pathlib import Path

import pytest
import xlsxwriter
from sqlmodel import select

from matching.access import Actor
from matching.errors import IllegalMove, InvalidInput, MayNot, UnusableFile
from matching.imports import batches, mapping
from matching.imports.headings import IGNORED
from matching.imports.mapping import Questions
from matching.imports.staging import StagedSheet
from matching.model import AuditEntry, ListingKind, Role
from tests.matching.import_sheets import RESULT, WRITING, Desk, codes, stage_here, table
from tests.matching.world import World

ODD = {**RESULT, "成果的简要介绍": "另一段文字", "导师意见": "同意推荐", "合作价格": 80}


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    return Desk(world, world.person(Role.ZONE_STAFF, zone="changzhou"), tmp_path)


def ask(desk: Desk, public_id: str, *, actor: Actor | None = None, sheet: int | None = None) -> Questions:
    with desk.world.database.read() as session:
        return mapping.questions(session, actor or desk.actor, public_id, desk.uploads, sheet=sheet)


def test_unknown_headings_and_units_are_asked_with_examples(desk: Desk) -> None:
    batch = desk.begin(ODD, {**ODD, "成果名称": "另一项", "导师意见": "暂缓"}, ask=True)
    assert (desk.view(batch).state, desk.view(batch).may_answer) == ("asking", True)
    asked = ask(desk, batch)
    like, nobody, price = asked.asked
    assert (like.heading, like.proposal, like.remembered, like.asks_unit) == ("成果的简要介绍", "summary", False, False)
    assert (nobody.heading, nobody.proposal, nobody.examples) == ("导师意见", "", ("同意推荐", "暂缓"))
    assert (price.heading, price.target, price.asks_unit, price.unit) == ("合作价格", "price", True, "")
    assert not asked.needs_title
    assert {"title", "owner.owner", "contact.mobile"} <= set(asked.targets)


def test_answers_make_the_plan_and_are_proposed_the_next_time(desk: Desk) -> None:
    batch = desk.begin(ODD, ask=True)
    said = {3: "remark", 4: IGNORED}
    desk.world.do(mapping.answer, desk.actor, batch, columns=said, units={5: "元"})
    desk.read(batch)
    view = desk.view(batch)
    assert (view.state, view.unknown, view.ignored) == ("planned", (), ("导师意见",))
    assert view.columns["成果的简要介绍"] == "remark"
    desk.commit(batch)
    listing = desk.row(batch).listing
    assert listing is not None
    with desk.world.database.read() as session:
        assert [each.action for each in session.exec(select(AuditEntry).where(AuditEntry.subject_id == batch)).all()] == [
            "import.begin", "import.answer", "import.commit", "import.done",
        ]  # fmt: skip
    again = ask(desk, desk.begin({**ODD, "合作价格": 90}, ask=True))
    assert [(each.proposal, each.unit, each.remembered) for each in again.asked] == [
        ("remark", "", True), (IGNORED, "", True), ("", "元", True),
    ]  # fmt: skip
    other = Desk(desk.world, desk.world.person(Role.ZONE_STAFF, zone="kunshan"), desk.folder)
    assert not any(each.remembered for each in ask(other, other.begin(ODD, ask=True)).asked), "each zone has its own"


def test_the_unit_that_was_said_counts(desk: Desk) -> None:
    for unit, fen in (("元", 8_000), ("万元", 80_000_000)):
        batch = desk.begin({**RESULT, "成果名称": f"以{unit}计", "合作价格": 80}, ask=True)
        desk.world.do(mapping.answer, desk.actor, batch, columns={}, units={3: unit})
        desk.read(batch)
        assert desk.world.do(lambda work, b=batch: _price(work.session, b)) == fen


def _price(session: object, batch: str) -> int:
    from matching.model import ImportBatch, ImportRow

    query = select(ImportRow.payload).join(ImportBatch).where(ImportBatch.public_id == batch)
    draft = session.exec(query).one()["draft"]  # type: ignore[attr-defined]  # a Session
    return int(draft["price_min_fen"])


@pytest.mark.parametrize(
    ("columns", "units", "wrong"),
    [
        ({}, {}, [("column-3", "required"), ("column-4", "required"), ("unit-5", "unit_needed")]),
        ({3: "nonsense", 4: "title"}, {5: "元"}, [("column-3", "unknown_code"), ("column-4", "target_taken")]),
        ({3: "owner.zone", 4: "owner.zone"}, {5: "美元"}, [("unit-5", "unit_needed"), ("column-4", "target_taken")]),
    ],
)
def test_answers_that_are_refused(
    desk: Desk, columns: dict[int, str], units: dict[int, str], wrong: list[tuple[str, str]]
) -> None:
    batch = desk.begin(ODD, ask=True)
    with pytest.raises(InvalidInput) as caught:
        desk.world.do(mapping.answer, desk.actor, batch, columns=columns, units=units)
    assert [(each.field, each.code) for each in caught.value.fields] == wrong
    assert desk.view(batch).state == "asking"


def test_a_sheet_without_a_known_title_asks_for_it(desk: Desk) -> None:
    rows = {"项目": "低铝银浆", "单位名称": "江南光电大学", "成果简介": "文字"}
    batch = desk.begin(rows, ask=True)
    assert ask(desk, batch).needs_title
    with pytest.raises(InvalidInput) as caught:
        desk.world.do(mapping.answer, desk.actor, batch, columns={0: IGNORED})
    assert [(each.field, each.code) for each in caught.value.fields] == [("title", "title_column_needed")]
    desk.world.do(mapping.answer, desk.actor, batch, columns={0: "title"})
    desk.read(batch)
    assert desk.row(batch).title == "低铝银浆"
    with pytest.raises(UnusableFile) as refused:
        desk.begin({"题目是": "甲", "单位名称": "乙", "成果简介": "丙"}, ask=False)
    assert refused.value.code == "file_no_title"


def two_sheets(desk: Desk) -> StagedSheet:
    path = desk.folder / "two.xlsx"
    with xlsxwriter.Workbook(path, WRITING) as book:
        for name, rows in (("一季度", [RESULT]), ("说明", []), ("二季度", [{**RESULT, "成果名称": "甲", "批注": "好"}, ODD])):
            sheet = book.add_worksheet(name)
            for at, row in enumerate(table(*rows) if rows else [["请按季度填写"]]):
                sheet.write_row(at, 0, row)
    return stage_here(path, "two.xlsx", ListingKind.RESULT, desk.uploads)


def test_of_several_sheets_one_is_chosen(desk: Desk) -> None:
    batch = desk.world.do(batches.begin, desk.actor, two_sheets(desk))
    first = ask(desk, batch)
    assert [(each.name, each.rows) for each in first.sheets] == [("一季度", 1), ("二季度", 2)]
    assert (first.sheet, first.asked) == (0, ())
    assert [each.heading for each in ask(desk, batch, sheet=1).asked][:1] == ["批注"]
    with pytest.raises(InvalidInput):
        ask(desk, batch, sheet=2)
    second = ask(desk, batch, sheet=1)
    desk.world.do(
        mapping.answer, desk.actor, batch, sheet=1,
        columns={each.index: IGNORED for each in second.asked if not each.target},
        units={each.index: "万元" for each in second.asked if each.asks_unit},
    )  # fmt: skip
    desk.read(batch)
    assert (desk.view(batch).sheet, desk.view(batch).total_rows) == ("二季度", 2)
    assert [row.title for row in desk.rows(batch)] == ["甲", "低铝银浆与激光辅助接触"]


def test_whoever_uploaded_answers_and_once(desk: Desk, world: World) -> None:
    batch = desk.begin(ODD, ask=True)
    colleague = world.person(Role.ZONE_STAFF, zone="changzhou")
    with pytest.raises(MayNot):
        ask(desk, batch, actor=colleague)
    with pytest.raises(MayNot):
        world.do(mapping.answer, colleague, batch, columns={})
    desk.world.do(mapping.answer, desk.actor, batch, columns={3: IGNORED, 4: IGNORED}, units={5: "元"})
    with pytest.raises(IllegalMove):
        desk.world.do(mapping.answer, desk.actor, batch, columns={3: IGNORED, 4: IGNORED}, units={5: "元"})


def test_where_nobody_can_be_asked_the_last_answers_count(desk: Desk) -> None:
    batch = desk.begin(ODD, ask=True)
    desk.world.do(mapping.answer, desk.actor, batch, columns={3: "remark", 4: IGNORED}, units={5: "元"})
    silent = desk.begin({**ODD, "成果名称": "另一项", "新的一列": "x"}, ask=False, unit_of_money="")
    desk.read(silent)
    view = desk.view(silent)
    assert (view.columns["成果的简要介绍"], view.ignored, view.unknown) == ("remark", ("导师意见",), ("新的一列",))
    assert desk.row(silent).verdict == "new"
    bare = desk.plan({**RESULT, "价格": 5}, unit_of_money="")
    assert codes(desk.row(bare)) == [("price", "unit_unclear")]
