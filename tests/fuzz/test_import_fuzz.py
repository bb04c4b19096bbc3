"""Whatever a file or a cell holds: a value, a reason, or one clear refusal, and never anything else.

Few examples by default; `--hypothesis-profile many` asks for more.
"""

import functools
import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

import pytest
import sqlalchemy as sa
import xlsxwriter
from hypothesis import example, given
from hypothesis import strategies as st
from sqlmodel import col, select

from matching.access import SYSTEM
from matching.drafts import validate
from matching.errors import FieldError, InvalidInput, UnusableFile
from matching.imports.cells import read_row
from matching.imports.dates import NotADate, read_date, read_until
from matching.imports.headings import find_headings
from matching.imports.owners import Scope
from matching.imports.payload import Planned, from_json, to_json
from matching.imports.plan import Planner
from matching.imports.rights import read_rights, split_cell
from matching.imports.sheet import Limits, cell_text, decode, open_tables
from matching.imports.staging import StagedRow, read_headings, read_rows, stage, staged_path
from matching.imports.vocabulary import Vocabulary, read_vocabulary
from matching.model import ImportBatch, ImportRow, ListingKind
from matching.model.fields import CONTACTS, OWNER_HEADINGS, fields_of
from matching.store.database import Database
from tests import databases
from tests.matching.world import TODAY, FixedClock

PIECES = (
    "面议", "60-120", "万元", "元", "-5", "1e9", "TRL 6", "6级", "4-5", "小试", "中试（TRL7）", "技术转让、许可使用", "01/02",
    "2025-06", "2025年6月", "45823", "一年", "半年", "两百个月", "9999年", "9999-12-31", "9999999天", "ZL202310123456.7",
    "2023SR0123456", "PCT/CN2023/123456", "CN115000000A", "发明专利", "已授权、实审", "光伏", "苏州", "昆山高新区",
    "91320411MA1MA0QR51", "无", "/", "示例", "a@b.cn", "是", "#N/A", "\u200b", "\ud800", "\x00", "𠮷", "👩‍🔬", "<script>", "=1+1",
    "ﷺ" * 30, "½", "㎡", "٣", "十", "二十三十",
)  # fmt: skip
CELL = st.one_of(
    st.sampled_from(PIECES),
    st.text(max_size=40),
    st.text(alphabet="0123456789.-/~年月日级个TRL万元亿、，;；（）() ZLCNPT/", max_size=25),
    st.lists(st.sampled_from(PIECES), min_size=2, max_size=4).map("、".join),
)
HEADINGS = {
    kind: sorted(
        {each for field in fields_of(kind) for each in field.headings if field.code != "title"}
        | {each for field in CONTACTS for each in field.headings}
        | {each for headings in OWNER_HEADINGS.values() for each in headings}
    )
    for kind in ListingKind
}
KINDS = st.sampled_from(list(ListingKind))
R = TypeVar("R")
E = TypeVar("E", bound=Exception)


def attempt(job: Callable[[], R], refusal: type[E]) -> tuple[R | None, E | None]:
    """The answer or the refusal; any other exception is the test's failure."""
    try:
        return job(), None
    except refusal as refused:
        return None, refused


@pytest.fixture(scope="module")
def seeded(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(databases.copied(template, tmp_path_factory.mktemp("fuzz")), clock=FixedClock())
    yield database
    database.close()


@given(KINDS, st.data())
def test_any_row_becomes_a_draft_or_reasons(words: Vocabulary, kind: ListingKind, data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(HEADINGS[kind]), unique=True, min_size=1, max_size=20))
    title = "成果名称" if kind is ListingKind.RESULT else "技术需求名称"
    headings = (title, *(each for each in chosen if each != title))
    found = find_headings([(1, headings)], kind)
    assert found is not None
    cells = tuple(data.draw(st.lists(CELL, min_size=len(headings), max_size=len(headings))))
    reading = read_row(StagedRow(2, cells, {}), found.columns, kind, words, TODAY)
    assert all(isinstance(each, FieldError) for each in (*reading.errors, *reading.notes))
    clean, refused = attempt(lambda: validate(reading.draft(), words.known, TODAY, submit=False), InvalidInput)
    if clean is not None:
        planned = Planned(clean, reading.owner)
        assert from_json(to_json(planned)) == planned
    else:
        assert refused is not None
        assert refused.fields


@given(KINDS, st.data())
def test_any_rows_are_planned_and_kept(seeded: Database, kind: ListingKind, data: st.DataObject) -> None:
    """The whole way from cells to rows of the plan, in the database: what was read is what is stored."""
    title = "成果名称" if kind is ListingKind.RESULT else "技术需求名称"
    chosen = data.draw(st.lists(st.sampled_from(HEADINGS[kind]), unique=True, max_size=12))
    headings = (title, "单位名称", *(each for each in chosen if each not in (title, "单位名称")))
    found = find_headings([(1, headings)], kind)
    assert found is not None
    width = len(headings)
    rows = data.draw(st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=4))
    staged = [StagedRow(number, tuple(cells), {}) for number, cells in enumerate(rows, 2)]
    with seeded.write() as unit:
        batch = ImportBatch(kind=kind.value, file_name="f", file_digest="d", state="reading", zone_id=3, created_at=unit.now())
        unit.session.add(batch)
        unit.session.flush()
        words = read_vocabulary(unit.session)
        planned = Planner(unit.session, SYSTEM, Scope(kind, 3, None), words, TODAY).plan(batch.id or 0, staged, found.columns)
        unit.session.execute(sa.insert(ImportRow), planned)
        columns = select(ImportRow.number, ImportRow.verdict, ImportRow.reasons, ImportRow.payload)
        kept = unit.session.exec(columns.where(ImportRow.batch_id == batch.id).order_by(col(ImportRow.number))).all()
    assert [number for number, *_ in kept] == [each.number for each in staged]
    for (_, verdict, reasons, payload), value in zip(kept, planned, strict=True):
        assert (verdict, reasons, payload) == (value["verdict"], value["reasons"], value["payload"])
        assert verdict in ("new", "skip", "error")
        assert reasons or verdict == "new"
        assert (payload != {}) == (verdict == "new")


@given(st.lists(st.lists(CELL, max_size=6).map(tuple), max_size=7), KINDS)
def test_any_first_rows_are_headings_or_not(rows: list[tuple[str, ...]], kind: ListingKind) -> None:
    found, refused = attempt(lambda: find_headings(list(enumerate(rows, 1)), kind), UnusableFile)
    assert refused is None or refused.code == "file_other_kind"
    assert found is None or found.row <= 5


REFUSALS = ("bad_date", "date_needs_month", "date_month_unclear")


@given(CELL, st.booleans())
@example("9999-12", True)
@example("99年", False)
def test_any_date(text: str, end: bool) -> None:
    for read in (lambda: read_date(text, end_of_month=end), lambda: read_until(text, TODAY)):
        found, refused = attempt(read, NotADate)
        assert isinstance(found, date) if refused is None else refused.args[0] in REFUSALS


@given(CELL, CELL, CELL)
def test_any_rights(words: Vocabulary, numbers: str, kinds: str, states: str) -> None:
    errors: list[FieldError] = []
    rights = read_rights({"ip": numbers, "ip_kind": kinds, "ip_status": states}, words.code, errors)
    assert rights or errors or not any(split_cell(text) for text in (numbers, kinds, states))
    assert all(each.kind for each in rights) or errors


@given(st.binary(max_size=400))
def test_any_bytes_as_text(data: bytes) -> None:
    found, refused = attempt(lambda: decode(data), UnusableFile)
    assert isinstance(found, str) if refused is None else refused.code == "file_unreadable"


@given(st.floats(min_value=-1e300, max_value=1e300) | st.just(float("nan")))
@example(999999999999999.5)
def test_any_number_is_written_without_exponent_or_tail(value: float) -> None:
    text = cell_text(value)
    assert not text.endswith(".0")
    assert text == "" or abs(value) >= 1e21 or "e" not in text
    assert text == "" or float(text) == pytest.approx(value, rel=1e-14, abs=1e-15)


@given(
    content=st.one_of(
        st.binary(max_size=300), st.text(max_size=200).map(lambda text: f"成果名称,成果简介\n{text}".encode("utf-8", "replace"))
    )
)
def test_any_text_file_is_staged_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    _stage(tmp_path_factory.mktemp("f"), "a.csv", content)


@given(st.data())
def test_damaged_workbooks_are_staged_or_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Single bytes changed anywhere in the file: in the archive's structure, in compressed data, in sizes."""
    whole = bytearray(_workbook())
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    _stage(tmp_path_factory.mktemp("f"), "a.xlsx", bytes(whole))


@given(st.data())
def test_damaged_parts_are_staged_or_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Whole archives whose XML parts are damaged: what is inside decides."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_workbook())) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        names = [each for each in old.namelist() if each.startswith("xl/")]
        damaged = data.draw(st.sampled_from(names))
        for name in old.namelist():
            part = bytearray(old.read(name))
            if name == damaged and part:
                at = data.draw(st.integers(0, len(part) - 1))
                part[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=30))
            new.writestr(name, bytes(part))
    _stage(tmp_path_factory.mktemp("f"), "a.xlsx", target.getvalue())


@functools.cache
def _workbook() -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties({"created": datetime(2026, 3, 2, tzinfo=UTC)})
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["成果名称", "成果简介", "价格"])
        sheet.write_row(1, 0, ["低铝银浆", "正文", 60.5])
        sheet.write_formula(2, 0, '="a"&"b"', None, "ab")
    return target.getvalue()


def _stage(folder: Path, name: str, content: bytes) -> None:
    path = folder / name
    path.write_bytes(content)
    staged, refused = attempt(
        lambda: stage(path, name, ListingKind.RESULT, folder / "u", Limits(rows=50), read=open_tables), UnusableFile
    )
    if staged is None:
        assert refused is not None
        assert refused.code.startswith("file_")
        assert not (folder / "u").exists() or not list((folder / "u").iterdir())
        return
    for at, table in enumerate(staged.tables):
        file = staged_path(folder / "u", staged.digest, staged.kind, at)
        assert read_headings(file)
        assert len(read_rows(file, 0, 100)) == table.rows > 0
