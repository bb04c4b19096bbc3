"""Importing over HTTP with real files: upload, plan, commit, and what is said when a file cannot be read."""

import ast
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter
from fastapi import FastAPI
from sqlmodel import select
from starlette.testclient import TestClient

import matching.imports
from matching.discovery import Discovery
from matching.imports.slices import commit_slice, read_slice
from matching.imports.templates import HEADINGS
from matching.imports.undoing import undo_slice
from matching.imports.views import CHOICES
from matching.matcher import Matcher
from matching.model import ImportBatch, ImportRow, Listing, ListingKind
from matching.projection import Projection, index_recipe
from matching.runtime import Runtime
from matching.store.database import Database
from matching.vectors import VectorStore
from matching.work import run_once
from search.encoder.hashing import HashingEncoder
from search.engines.local import LocalEngine
from tests.web.conftest import SignIn, build_app
from tests.web.markup import refused, text_of
from tests.web.stock import Stock
from web.services import SheetSettings
from web.wording import errors, imports

HEADS = ("成果名称", "单位名称", "战略产业", "成果简介", "合作价格(万元)", "手机号码", "成果图片", "导师意见")
GOOD = (
    "双玻组件用低温封装胶膜",
    "测试理工大学",
    "光伏",
    "共挤胶膜，135 ℃ 交联，湿热 2000 h 衰减小于 2 %。",
    "80-120",
    "13900001111",
)
BAD = ("", "测试理工大学", "光服", "没有名称的一行。", "很多钱", "")
ROWS = (GOOD, BAD, GOOD, ("含氟废水除氟吸附剂", "测试理工大学", "光伏", "镧改性吸附剂，出水氟低于 0.8 mg/L。", "", ""))
MEGABYTE = 1 << 20
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    return tmp_path / "uploads"


@pytest.fixture
def app(database: Database, discovery: Discovery, uploads: Path) -> FastAPI:
    app = build_app(database, discovery)
    app.state.services = replace(app.state.services, sheets=SheetSettings(uploads, row_limit=50, size_limit=MEGABYTE))
    return app


@pytest.fixture
def runtime(database: Database, uploads: Path) -> Iterator[Runtime]:
    """The worker's own parts, for what happens after the commit."""
    encoder = HashingEncoder()
    engine = LocalEngine(encoder.dimension, index_recipe(encoder.fingerprint))
    vectors = VectorStore(database, encoder)
    yield Runtime(database, engine, Projection(database, engine, vectors), Matcher(database, vectors), uploads)
    engine.close()


def workbook(rows: Sequence[Sequence[str]], heads: Sequence[str] = HEADS) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate((heads, *rows)):
            for column, cell in enumerate(row):
                sheet.write_string(at, column, cell)
    return target.getvalue()


def send(browser: TestClient, content: bytes, name: str = "成果.xlsx", **form: str) -> tuple[int, str, str]:
    """Status, address one is sent to, page."""
    answer = browser.post("/imports", data={"sheet": "results"} | form, files={"file": (name, content)})
    return answer.status_code, answer.headers.get("location", ""), answer.text


def answered(browser: TestClient, address: str) -> None:
    """Every question answered with "leave it out", amounts in 万元."""
    page = browser.get(f"{address}/columns")
    if page.status_code == 200:
        said = dict.fromkeys(re.findall(r'<select class="form-select" [^>]*name="(column-\d+)"', page.text), "ignored")
        said |= dict.fromkeys(re.findall(r'name="(unit-\d+)"', page.text), "万元")
        assert browser.post(f"{address}/columns", data={"sheet": "0"} | said).headers["location"] == address


def planned(browser: TestClient, database: Database, uploads: Path, content: bytes) -> str:
    """The address of a batch whose plan is made."""
    status, address, _ = send(browser, content)
    assert status == 303
    answered(browser, address)
    while read_slice(database, uploads, address.removeprefix("/imports/"), size=2):
        pass
    return address


def chips(markup: str) -> dict[str, int]:
    return {each: int(n) for each, n in re.findall(r'id="rows-(\w+)"[^>]*>[^<]*<b>(\d+)</b>', markup)}


def numbers(markup: str) -> list[int]:
    return [int(n) for n in re.findall(r'<tr id="row-(\d+)"', markup)]


def test_a_sheet_from_upload_to_entries(
    signed_in: SignIn, database: Database, uploads: Path, runtime: Runtime, stock: Stock
) -> None:
    browser = signed_in("staff")
    status, address, _ = send(browser, workbook(ROWS))
    assert (status, address[:9]) == (303, "/imports/")
    batch = address.removeprefix("/imports/")

    assert browser.get(address).headers["location"] == f"{address}/columns"
    questions = browser.get(f"{address}/columns").text
    assert "导师意见" in questions
    assert refused(questions) == []
    nothing = browser.post(f"{address}/columns", data={"sheet": "0"})
    assert (nothing.status_code, "请填写此项" in nothing.text) == (422, True)
    answered(browser, address)

    reading = browser.get(address).text
    assert "正在读取表格" in reading
    assert '<progress max="4" value="0"' in reading
    assert 'hx-trigger="every 1s"' in reading
    assert "可以离开本页" in reading
    assert "刷新看进度" in reading, "without JavaScript one looks again"
    assert read_slice(database, uploads, batch, size=3)
    assert '<progress max="4" value="3"' in browser.get(address).text
    assert not read_slice(database, uploads, batch, size=3)

    plan = browser.get(address).text
    assert chips(plan) == {"all": 4, "new": 2, "update": 0, "skip": 1, "error": 1}
    assert numbers(plan) == [2, 3, 4, 5]
    assert "提交 2 行" in plan
    assert "hx-trigger" not in plan
    text = text_of(plan)
    assert "战略产业：“光服”不在列表中" in text
    assert "名称：请填写此项" in text
    assert "与本表第 2 行相同" in text
    assert "成果图片" in text
    assert "导师意见" in text
    assert "13900001111" not in plan, "contact data is not shown"
    for verdict, wanted in (("new", [2, 5]), ("error", [3]), ("skip", [4]), ("update", []), ("nonsense", [2, 3, 4, 5])):
        assert numbers(browser.get(f"{address}?verdict={verdict}").text) == wanted

    assert browser.post(f"{address}/commit").headers["location"] == address
    assert '<progress max="2" value="0"' in browser.get(address).text
    assert browser.post(f"{address}/commit").status_code == 303, "asked for twice"
    assert commit_slice(database, batch, None, size=1)
    assert '<progress max="2" value="1"' in browser.get(address).text
    while commit_slice(database, batch, None, size=1):
        pass
    assert "正在建立索引" in browser.get(address).text
    while run_once(runtime, ("interactive", "bulk")):
        pass

    done = browser.get(address).text
    assert "已写入并发布 2 条" in done
    assert f'href="/desk/{"changzhou"}"' in done
    with database.read() as session:
        made = session.exec(select(Listing.public_id).join(ImportRow).order_by(ImportRow.number)).all()  # type: ignore[arg-type]  # a column of the class
    assert re.findall(r'<td data-label="名称"><a href="/results/(\w+)">', done) == list(made)
    assert browser.get(f"/results/{made[0]}").status_code == 200
    assert not list(uploads.glob("*.upload")), "the upload itself is not kept"


def test_the_page_and_its_fragments(signed_in: SignIn, database: Database, uploads: Path) -> None:
    browser = signed_in("staff")
    address = planned(browser, database, uploads, workbook(ROWS))
    for language in ("zh_CN", "en"):
        browser.cookies.set("lang", language)
        for path in ("/imports", address, f"{address}?verdict=error"):
            page = browser.get(path)
            assert page.status_code == 200
            assert refused(page.text) == []
            assert len(re.findall(r"<h1\b", page.text)) == 1
    piece = browser.get(f"{address}?verdict=error", headers=FRAGMENT).text
    assert piece.lstrip().startswith('<div id="batch"')
    assert numbers(piece) == [3]
    assert "row 2 of this sheet" in text_of(browser.get(address).text)


def test_recent_imports_are_listed_for_those_concerned(signed_in: SignIn, database: Database, uploads: Path) -> None:
    staff = signed_in("staff")
    assert "还没有导入过表格" in staff.get("/imports").text
    address = planned(staff, database, uploads, workbook(ROWS))
    listed = staff.get("/imports").text
    assert f'href="{address}"' in listed
    assert "待提交" in text_of(listed)
    provider = signed_in("provider")
    assert address not in provider.get("/imports").text
    assert provider.get(address).status_code == 404
    assert provider.post(f"{address}/commit").status_code == 404
    assert signed_in("admin").get(address).status_code == 200


def test_an_owner_imports_for_the_own_organisation(signed_in: SignIn, database: Database, uploads: Path) -> None:
    browser = signed_in("provider")
    assert "以测试理工大学的名义导入" in browser.get("/imports").text
    address = planned(browser, database, uploads, workbook((GOOD, ("别家的成果", "别的大学", "", "某某。", "", ""))))
    plan = text_of(browser.get(address).text)
    assert "先由园区工作人员审核" in plan
    assert "单位：只能为本单位导入" in plan
    assert chips(browser.get(address).text)["new"] == 1
    browser.post(f"{address}/commit")
    while commit_slice(database, address.removeprefix("/imports/"), None):
        pass
    assert "等待园区工作人员审核" in browser.get(address).text


def csv(text: str) -> bytes:
    return text.encode("gb18030")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("空.xlsx", b"", "文件是空的"),
        ("老.xls", bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, ".xls"),
        ("图.png", b"\x89PNG", ".xlsx"),
        ("假.xlsx", b"hello, this is text", "扩展名不符"),
        ("坏.xlsx", b"PK\x03\x04" + b"\0" * 64, "已损坏"),
        ("大.csv", b"a," * MEGABYTE, "太大"),
        ("只有表头.csv", csv("成果名称,成果简介\n"), "只有表头"),
        ("别的表.csv", csv("姓名,年龄\n张三,30\n"), "没有找到可识别的列"),
        ("需求.csv", csv("技术需求名称,技术需求详情,需求领域\n检测,求办法,光伏\n"), "另一类"),
        ("多.csv", csv("成果名称,成果简介\n" + "甲,乙\n" * 60), "行数太多"),
    ],
)
def test_a_file_that_cannot_be_read_gets_one_sentence_and_changes_nothing(
    signed_in: SignIn, database: Database, uploads: Path, name: str, content: bytes, told: str
) -> None:
    status, _, page = send(signed_in("staff"), content, name)
    assert status == 422
    refusal = re.search(r'<p class="error" role="alert" id="refusal">(.*?)</p>', page)
    assert refusal is not None
    assert told in refusal[1]
    assert 4 < len(refusal[1]) < 80
    assert "该文件无法作为表格读取" not in refusal[1]
    assert 'name="sheet" value="results" id="f-sheet" checked' in page
    assert not uploads.exists() or not list(uploads.iterdir())
    with database.read() as session:
        assert session.exec(select(ImportBatch)).all() == []


def test_csv_in_the_encodings_people_use(signed_in: SignIn, database: Database, uploads: Path) -> None:
    browser = signed_in("staff")
    text = "成果名称,单位名称,成果简介\n银浆回收,测试理工大学,从废料中回收银。\n"
    for at, encoding in enumerate(("utf-8", "utf-8-sig", "gb18030")):
        status, address, _ = send(browser, text.encode(encoding), f"{at}.csv")
        assert status == 303, encoding
        read_slice(database, uploads, address.removeprefix("/imports/"))
        assert "银浆回收" in browser.get(address).text


def test_what_is_missing_is_said_at_the_field(client: TestClient, signed_in: SignIn) -> None:
    nothing = signed_in("staff").post("/imports", data={"sheet": "results"})
    assert nothing.status_code == 422
    assert "请先选择文件" in nothing.text
    kind = signed_in("staff").post("/imports", data={}, files={"file": ("a.csv", b"x")})
    assert kind.status_code == 422
    place = send(signed_in("staff"), workbook(ROWS), scope="zone:atlantis")
    assert place[0] == 422
    assert send(signed_in("staff"), workbook(ROWS), scope="zone:kunshan")[0] == 403
    assert send(client, workbook(ROWS))[0] == 401
    assert send(signed_in("broker"), workbook(ROWS))[0] == 403
    assert signed_in("broker").get("/imports").status_code == 403


def test_templates_can_be_imported_as_they_are(signed_in: SignIn, database: Database, uploads: Path) -> None:
    browser = signed_in("staff")
    for kind, headings in (("results", HEADINGS[ListingKind.RESULT]), ("needs", HEADINGS[ListingKind.NEED])):
        file = browser.get(f"/imports/template/{kind}.xlsx")
        assert file.headers["content-disposition"].startswith(f'attachment; filename="zonematch-{kind}.xlsx"')
        status, address, _ = send(browser, file.content, f"{kind}.xlsx", sheet=kind)
        assert status == 303
        read_slice(database, uploads, address.removeprefix("/imports/"))
        page = browser.get(address).text
        assert chips(page) == {"all": 1, "new": 0, "update": 0, "skip": 1, "error": 0}, "the example is left out"
        assert "没有可写入的行" in page
        assert all(f">{heading}<" in page for heading in headings)
    assert browser.get("/imports/template/people.xlsx").status_code == 404


def test_every_code_of_a_sheet_is_worded() -> None:
    """Those that `tests/web/test_errors.py` cannot see: given to the reader's own `error` and `note`, or kept as data."""
    taken_at = {"self.error": 1, "self.note": 1, "fail": 2, "NotADate": 0}
    found: set[str] = set()
    for path in Path(matching.imports.__file__).parent.glob("*.py"):
        for call in (each for each in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(each, ast.Call)):
            at = taken_at.get(ast.unparse(call.func))
            given = call.args[at] if at is not None and len(call.args) > at else None
            branches = [given.body, given.orelse] if isinstance(given, ast.IfExp) else [given]
            found |= {str(each.value) for each in branches if isinstance(each, ast.Constant)}
    assert {"ambiguous_name", "import_failed", "bad_date", "default_period"} <= found
    assert found - {*errors.FIELD_TEXTS, *errors.TEXTS} == set()
    assert {"formula_error", "formula_without_value"} <= {*errors.FIELD_TEXTS}
    assert set(CHOICES) == set(imports.VERDICTS)


def test_error_rows_come_back_as_a_sheet_for_whoever_uploaded_them(signed_in: SignIn, database: Database, uploads: Path) -> None:
    browser = signed_in("staff")
    address = planned(browser, database, uploads, workbook(ROWS))
    assert f'href="{address}/errors.xlsx"' in browser.get(address).text
    file = browser.get(f"{address}/errors.xlsx")
    assert file.status_code == 200
    again = planned(browser, database, uploads, file.content)
    assert chips(browser.get(again).text)["error"] == 1, "uncorrected it says the same again"
    assert signed_in("admin").get(f"{address}/errors.xlsx").status_code == 403


def test_a_flagged_row_shows_its_differences_and_a_policy_is_another_plan(
    signed_in: SignIn, database: Database, uploads: Path
) -> None:
    browser = signed_in("staff")
    near = ("双玻组件用的低温封装胶膜", *GOOD[1:3], GOOD[3].replace("小于", "低于"), "", "")
    address = planned(browser, database, uploads, workbook((GOOD, near)))
    plan = browser.get(address).text
    assert "1 行疑似重复" in text_of(plan)
    assert numbers(browser.get(f"{address}?verdict=flagged").text) == [3]
    assert "与本表第 2 行疑似重复" in text_of(plan)
    assert "<mark>小</mark>" in plan
    assert "<mark>低</mark>" in plan
    assert browser.post(f"{address}/policy", data={"existing": "update", "similar": "maybe"}).status_code == 422
    again = browser.post(f"{address}/policy", data={"existing": "update", "similar": "leave"}).headers["location"]
    assert again != address
    while read_slice(database, uploads, again.removeprefix("/imports/")):
        pass
    assert chips(browser.get(again).text) == {"all": 2, "new": 1, "update": 0, "skip": 1, "error": 0, "flagged": 1}
    assert f'href="{again}"' in browser.get(address).text
    assert browser.post(f"{address}/commit").status_code == 409


def test_cancel_and_undo_by_buttons(signed_in: SignIn, database: Database, uploads: Path) -> None:
    browser = signed_in("staff")
    address = planned(browser, database, uploads, workbook(ROWS))
    batch = address.removeprefix("/imports/")
    browser.post(f"{address}/commit")
    assert f'action="{address}/cancel"' in browser.get(address).text
    assert commit_slice(database, batch, None, size=1)
    assert browser.post(f"{address}/cancel").headers["location"] == address
    cancelled = browser.get(address).text
    assert "此前已写入 1 条" in text_of(cancelled)
    assert f'action="{address}/undo"' in cancelled
    assert browser.post(f"{address}/undo").headers["location"] == address
    assert '<progress max="1" value="0"' in browser.get(address).text
    assert not undo_slice(database, batch, None)
    undone = browser.get(address).text
    assert "已撤回 1 条" in text_of(undone)
    assert refused(undone) == []
    again = browser.post(f"{address}/retry").headers["location"]
    assert again != address
    assert "正在读取表格" in browser.get(again).text


def test_an_import_is_ended_and_repeated_on_the_page_of_long_work(signed_in: SignIn, database: Database, uploads: Path) -> None:
    browser = signed_in("staff")
    address = planned(browser, database, uploads, workbook(ROWS))
    batch = address.removeprefix("/imports/")
    assert "等您确认" in text_of(browser.get("/work").text)
    browser.post(f"{address}/commit")
    page = browser.get("/work").text
    assert f'action="/work/{batch}/cancel"' in page
    assert f'href="{address}"' in page
    browser.post(f"/work/{batch}/cancel")
    page = browser.get("/work").text
    assert f'action="/work/{batch}/retry"' in page
    assert browser.get(f"/work/{batch}").headers["location"] == address
    again = browser.post(f"/work/{batch}/retry").headers["location"]
    assert browser.get(again).headers["location"] != address
    assert f'action="/work/{batch}/retry"' not in browser.get("/work").text
