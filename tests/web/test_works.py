"""The page of long work over HTTP, and the bar in the head of pages: seen by those it concerns, while it goes on."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from matching import tasks
from matching.long_work import KINDS, WorkView
from matching.model import Pace, Task
from matching.progress import Remaining
from matching.store.clock import SystemClock
from matching.store.database import Database
from tests.web.conftest import SignIn
from tests.web.markup import refused, text_of
from web import i18n, work_view

HTMX = {"HX-Request": "true"}


@pytest.fixture
def english() -> Iterator[None]:
    with i18n.speaking("en"):
        yield


def waiting(database: Database) -> Task:
    with database.read() as session:
        return session.exec(select(Task)).one()


def under_way(database: Database, public_id: str) -> None:
    """As the worker leaves it after a while: 40 of 100 needs, one a second."""
    with database.write() as unit:
        task = unit.session.exec(select(Task).where(Task.public_id == public_id)).one()
        task.state, task.stage, task.done, task.total, task.attempts = "running", "scoring", 40, 100, 1
        task.started_at = unit.now()
        since = unit.now() - timedelta(seconds=40)
        unit.session.add(Pace(key=public_id, stage="scoring", since=since, marks=[[float(at), float(at)] for at in range(41)]))
        unit.commit()


def test_staff_begin_watch_and_cancel_a_rematch(database: Database, signed_in: SignIn) -> None:
    staff = signed_in("staff")
    page = staff.get("/work").text
    assert refused(page) == []
    assert "现在没有进行中的工作" in page
    assert "every " not in page
    assert "/work/bar" not in staff.get("/zones").text
    begun = staff.post("/work", data={"kind": "match_zone", "zone": "changzhou"})
    public_id = waiting(database).public_id
    assert begun.headers["location"] == f"/work/{public_id}"
    assert "即将开始" in staff.get(f"/work/{public_id}").text

    under_way(database, public_id)
    page = staff.get("/work").text
    assert refused(page) == []
    assert 'hx-trigger="every 3s"' in page
    assert '<progress max="100" value="40"' in page
    assert "40 / 100 项需求" in page
    assert re.search(r"本步骤还需 1 至 2 分钟|本步骤还需约 \d 分钟", text_of(page))
    bar = staff.get("/zones").text
    assert 'hx-get="/work/bar"' in bar
    piece = staff.get("/work/bar", headers=HTMX).text
    assert piece.strip().startswith('<div id="work-bar"')
    assert "高新区重新匹配" in piece
    assert "<html" not in piece
    assert staff.get("/work/bar").headers["location"] == "/work"

    assert staff.post(f"/work/{public_id}/cancel").status_code == 303
    assert "正在取消" in staff.get("/work").text
    with database.write() as unit:
        tasks.end_task(unit, unit.session.get_one(Task, waiting(database).id), "cancelled")
        unit.commit()
    piece = staff.get("/work/bar", headers=HTMX).text
    assert "hx-trigger" not in piece
    page = staff.get(f"/work/{public_id}").text
    assert "hx-trigger" not in page
    assert "已取消" in page
    again = staff.post(f"/work/{public_id}/retry").headers["location"]
    assert again != f"/work/{public_id}"
    assert staff.get(again).status_code == 200


def test_others_see_none_of_it(database: Database, signed_in: SignIn) -> None:
    administrator = signed_in("admin")
    administrator.post("/work", data={"kind": "reindex"})
    public_id = waiting(database).public_id
    for login in ("staff", "provider", "broker"):
        reader = signed_in(login)
        assert reader.get(f"/work/{public_id}").status_code == 404
        assert public_id not in reader.get("/work").text
        assert "重建索引" not in text_of(reader.get("/zones").text)
        assert reader.post(f"/work/{public_id}/cancel").status_code == 404
    assert signed_in("provider").post("/work", data={"kind": "reindex"}).status_code == 403
    assert signed_in("staff").post("/work", data={"kind": "match_zone", "zone": "kunshan"}).status_code == 403
    page = administrator.get("/work").text
    assert f"/work/{public_id}/cancel" in page
    assert administrator.post(f"/work/{public_id}/explode").status_code == 404


def test_visitors_sign_in_first(client: TestClient) -> None:
    assert client.get("/work").headers["location"] == "/sign-in?next=%2Fwork"
    assert "work-bar" not in client.get("/zones").text
    assert text_of(client.get("/work/bar", headers=HTMX).text) == ""


def test_the_history_names_kind_outcome_and_time_and_is_filtered(database: Database, signed_in: SignIn) -> None:
    administrator = signed_in("admin")
    with database.write() as unit:
        for kind in ("gate", "reindex"):
            task = tasks.open_task(unit, kind)
            task.started_at = unit.now() - timedelta(seconds=90)
            tasks.end_task(unit, task, "done", figures={"written": 1234} if kind == "reindex" else {"missing": 2, "expected": 9})
        unit.commit()
    page = text_of(administrator.get("/work").text)
    assert "条目 1,234" in page
    assert "文档 9、缺失 2" in page
    assert "2 分钟" in page
    only = administrator.get("/work?kind=gate").text
    assert "条目 1,234" not in only
    assert 'value="gate" selected' in only
    assert administrator.get("/work?kind=nonsense&page=x").status_code == 200


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (5, 50, "less than a minute left in this step"),
        (70, 100, "1 to 2 minutes left in this step"),
        (61, 119, "1 to 2 minutes left in this step"),
        (600, 1500, "10 to 25 minutes left in this step"),
        (5000, 9000, "1 to 3 hours left in this step"),
    ],
)
def test_the_remaining_time_is_a_span(english: None, low: float, high: float, text: str) -> None:
    view = WorkView("x", "gate", "running", SystemClock().now(), remaining=Remaining(low, high))
    assert work_view.remaining_text(view) == text


def test_without_a_pace_it_says_so(english: None) -> None:
    now = SystemClock().now()
    assert work_view.remaining_text(WorkView("x", "gate", "running", now)) == "remaining time not known yet"
    assert work_view.remaining_text(WorkView("x", "gate", "waiting", now, ahead=2)) == "2 other works go first"
    assert "did not answer" in work_view.remaining_text(WorkView("x", "gate", "waiting", now, problem="EngineUnavailable"))
    assert [work_view.span(each) for each in (0.2, 59, 61, 7100, 7300)] == [
        "1 second", "59 seconds", "1 minute", "118 minutes", "2 hours",
    ]  # fmt: skip


def test_every_kind_has_its_words(english: None) -> None:
    assert all(work_view.kind_name(kind) and work_view.meaning(kind) for kind in KINDS)
