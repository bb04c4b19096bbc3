"""Sheets that we hand out: to fill in, and of the rows that could not be taken."""

from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from sqlmodel import Session, select

from matching.content import load
from matching.errors import MayNot, NotFound, NotReady
from matching.imports import batches, layout
from matching.imports.batches import Reason
from matching.imports.error_sheets import error_sheet
from matching.imports.staging import read_rows, staged_path
from matching.imports.templates import HEADINGS, TemplateWords, template
from matching.model import ImportBatch, ListingKind, Role
from matching.model.fields import fields_of
from matching.store.database import Database
from tests.matching.import_sheets import RESULT, Desk, codes, stage_here, workbook
from tests.matching.world import World

WORDS = TemplateWords("成果", "填写说明", ["每行一条。"] * 6)


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    return Desk(world, world.person(Role.ZONE_STAFF, zone="changzhou"), tmp_path)


def sheets(data: bytes, path: Path) -> dict[str, list[list[object]]]:
    path.write_bytes(data)
    with CalamineWorkbook.from_path(path) as book:
        return {name: list(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names}


def worded(reason: Reason) -> str:
    return f"{reason.field}={reason.code}"


@pytest.mark.parametrize("kind", list(ListingKind))
def test_every_heading_of_a_template_is_read(kind: ListingKind, database: Database, tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    with database.read() as session:
        path.write_bytes(template(session, kind, WORDS))
    staged = stage_here(path, "模板.xlsx", kind, tmp_path / "u")
    (table,) = staged.tables
    assert [each.heading for each in table.columns] == list(HEADINGS[kind])
    assert table.rows == 1
    assert not layout.is_open(table)
    by_rows = {"indicators"}  # made from the text, by hand or by suggestion
    assert {each.code for each in fields_of(kind) if each.headings} - by_rows <= {each.target for each in table.columns}


@pytest.mark.parametrize("kind", list(ListingKind))
def test_a_template_as_it_is_imports_nothing(kind: ListingKind, desk: Desk, world: World, tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    with world.database.read() as session:
        path.write_bytes(template(session, kind, WORDS))
    batch = world.do(batches.begin, desk.actor, stage_here(path, "模板.xlsx", kind, desk.uploads))
    desk.read(batch)
    assert codes(desk.row(batch)) == [("title", "example_row")]


@pytest.mark.parametrize("kind", list(ListingKind))
def test_the_example_is_right_but_for_its_mark(kind: ListingKind, desk: Desk, world: World, tmp_path: Path) -> None:
    with world.database.read() as session:
        headings, example = next(iter(sheets(template(session, kind, WORDS), tmp_path / "t.xlsx").values()))[:2]
    row = {str(heading): str(cell).replace("示例：", "") for heading, cell in zip(headings, example, strict=True) if cell}
    planned = desk.row(desk.plan(row, kind=kind))
    assert planned.verdict == "new"
    assert {each.level for each in planned.reasons} <= {"note"}


def test_the_second_sheet_names_todays_codes(database: Database, tmp_path: Path) -> None:
    with database.read() as session:
        (_, guide) = sheets(template(session, ListingKind.RESULT, WORDS), tmp_path / "t.xlsx").values()
    columns = {str(head): [row[at] for row in guide[1:] if row[at]] for at, head in enumerate(guide[0])}
    assert columns["技术成熟度"][:2] == ["正在研发", "已有样品"]
    assert "光伏" in columns["战略产业"]
    assert "昆山高新区" in columns["所属高新区"]
    assert len(columns["填写说明"]) > 5


def test_error_rows_come_back_and_can_be_imported_again(desk: Desk, tmp_path: Path) -> None:
    batch = desk.plan(
        {**RESULT, "合作方式": "以物易物", "联系人": "张三", "备注": "=1+1"},
        {**RESULT, "成果名称": "好的一行"},
        {**RESULT, "成果简介": ""},
    )
    desk.commit(batch)
    with desk.world.database.read() as session:
        data = error_sheet(session, desk.actor, batch, desk.uploads, worded)
    (rows,) = sheets(data, tmp_path / "errors.xlsx").values()
    assert rows[0][:3] == ["原行号", "导入问题", "成果名称"]
    assert [row[:2] for row in rows[1:]] == [["2", "modes=unknown_code"], ["4", "summary=required"]]
    assert rows[1][rows[0].index("备注")] == "'=1+1"
    assert rows[1][rows[0].index("联系人")] == "张三"
    path = tmp_path / "errors.xlsx"
    again = stage_here(path, "errors.xlsx", ListingKind.RESULT, tmp_path / "u")
    assert again.tables[0].rows == 2
    assert not layout.is_open(again.tables[0])


def test_a_corrected_error_sheet_becomes_entries(desk: Desk, tmp_path: Path) -> None:
    """The whole way round: nothing of the person's only copy is lost, what was passed over included."""
    batch = desk.begin(
        {**RESULT, "备注": "=HYPERLINK(1)", "导师意见": "@同意", "技术指标": "-40~85 ℃", "合作方式": "以物易物"},
        {**RESULT, "成果名称": "好的一行"},
    )
    desk.read(batch)
    desk.commit(batch)
    with desk.world.database.read() as session:
        data = error_sheet(session, desk.actor, batch, desk.uploads, worded)
    (rows,) = sheets(data, tmp_path / "errors.xlsx").values()
    assert not any(str(cell)[:1] in tuple("=+-@") for row in rows for cell in row)
    rows[1][rows[0].index("合作方式")] = "技术转让"
    corrected = workbook(tmp_path / "corrected.xlsx", [[str(cell) for cell in row] for row in rows])
    again = desk.world.do(
        batches.begin, desk.actor, stage_here(corrected, "改.xlsx", ListingKind.RESULT, desk.uploads), ask=False
    )
    desk.read(again)
    view = desk.view(again)
    assert (desk.row(again).verdict, view.unknown, view.ignored) == ("new", ("导师意见",), ("原行号", "导入问题"))
    listing = desk.commit(again) and desk.world.listing(desk.row(again).listing or "")
    with desk.world.database.read() as session:
        texts = load(session, [listing.id or 0])[listing.id or 0].texts
    assert (texts["remark"], texts["indicators_text"]) == ("=HYPERLINK(1)", "-40~85 ℃")
    (cells,) = read_rows(staged_path(desk.uploads, _digest(desk, again), ListingKind.RESULT), 0, 10)
    assert "@同意" in cells.cells


def _digest(desk: Desk, batch: str) -> str:
    with desk.world.database.read() as session:
        return session.exec(select(ImportBatch.file_digest).where(ImportBatch.public_id == batch)).one()


def test_error_sheets_go_to_whoever_uploaded_only(desk: Desk, world: World) -> None:
    batch = desk.plan({**RESULT, "成果简介": "", "联系人": "张三"})
    colleague = world.person(Role.ZONE_STAFF, zone="changzhou")
    stranger = world.person(Role.PROVIDER, organisation=world.organisation("别家"))
    with world.database.read() as session:
        with pytest.raises(MayNot):
            error_sheet(session, colleague, batch, desk.uploads, worded)
        with pytest.raises(NotFound):
            error_sheet(session, stranger, batch, desk.uploads, worded)
        _gone(session, desk, batch)


def _gone(session: Session, desk: Desk, batch: str) -> None:
    for path in desk.uploads.iterdir():
        path.unlink()
    with pytest.raises(NotReady):
        error_sheet(session, desk.actor, batch, desk.uploads, worded)
