"""The publishing list over HTTP: oldest first, one text with its changes, publish or send back with reasons, then the next."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from matching.model import Listing, ListingState, Zone, ZoneIndustry
from matching.store.database import Database
from tests.web.conftest import SignIn
from tests.web.markup import refused, text_of
from tests.web.stock import Stock
from tests.web.test_editing import stored
from tests.web.test_editing_signed_out import expired, replay
from tests.web.writing import NEED, RESULT, form_of, public_id, send, send_anyway

LOCATION = "location"


def submitted(browser: TestClient, title: str) -> str:
    return public_id(send_anyway(browser, "/needs/new", {**NEED, "title": title}))


def aged(database: Database, id_: str, days: int) -> None:
    with database.write() as unit:
        at = unit.now() - timedelta(days=days)
        unit.session.execute(sa.update(Listing).where(col(Listing.public_id) == id_).values(submitted_at=at))
        unit.commit()


def _zone_id(session: Session, code: str) -> int | None:
    return session.exec(select(Zone.id).where(Zone.code == code)).one()


def decide(browser: TestClient, id_: str, do: str, **reasons: str) -> tuple[int, str, str]:
    """Status, where it leads, and the page."""
    page = browser.get(f"/review/{id_}").text
    fields = {**form_of(page, "send-back"), **{f"reason-{code}": [text] for code, text in reasons.items()}}
    answer = browser.post(f"/review/{id_}", data={**fields, "do": do})
    return answer.status_code, answer.headers.get(LOCATION, ""), answer.text


def test_list_is_the_staff_s_and_the_longest_waiting_is_first(signed_in: SignIn, client: TestClient, database: Database) -> None:
    seeker, staff = signed_in("seeker"), signed_in("staff")
    assert client.get("/review").headers[LOCATION].startswith("/sign-in")
    for login in ("seeker", "provider", "broker"):
        assert signed_in(login).get("/review").status_code == 403
    assert "没有待审条目" in staff.get("/review").text
    young, old = submitted(seeker, "后到的需求"), submitted(seeker, "等了很久的需求")
    aged(database, old, 5)
    page = staff.get("/review")
    assert refused(page.text) == []
    assert page.text.index(old) < page.text.index(young)
    told = text_of(page.text)
    assert "5 天" in told
    assert "2 条待审" in told
    assert "常州测试光伏有限公司" in told


def test_publishing_gives_the_number_and_leads_to_the_next(signed_in: SignIn, database: Database) -> None:
    seeker, staff = signed_in("seeker"), signed_in("staff")
    first, second, third = (submitted(seeker, f"第 {n} 条需求") for n in range(3))
    for days, id_ in ((3, first), (2, second), (1, third)):
        aged(database, id_, days)
    assert decide(staff, second, "publish")[:2] == (303, f"/review/{third}")  # the one after it, not the oldest again
    content = stored(database, second)
    assert content.state == ListingState.PUBLISHED
    assert content.number is not None
    assert "已发布" in text_of(staff.get(f"/review/{third}").text)
    assert decide(staff, third, "publish")[:2] == (303, f"/review/{first}")
    assert decide(staff, first, "publish")[:2] == (303, "/review")
    assert "没有待审条目" in staff.get("/review").text


def test_reasons_reach_the_owner_at_the_fields(signed_in: SignIn, database: Database) -> None:
    seeker, staff = signed_in("seeker"), signed_in("staff")
    id_ = submitted(seeker, "要退回的需求")
    status, where, _ = decide(staff, id_, "send_back", detail="请写明 <b>验收</b>条件", general="  ", indicators="缺少拉力指标")
    assert (status, where) == (303, "/review")
    assert stored(database, id_).state == ListingState.SENT_BACK
    page = seeker.get(f"/listings/{id_}/edit").text
    assert refused(page) == []
    told = text_of(page)
    assert told.count("缺少拉力指标") == 2  # in the list on top, and at the field
    detail = page[page.index('id="f-detail-help"') : page.index('id="f-detail" ')]
    assert "请写明 &lt;b&gt;验收&lt;/b&gt;条件" in detail
    assert "已退回" in text_of(seeker.get("/mine?kind=need").text)
    assert send(seeker, f"/listings/{id_}/edit", "draft", {"detail": "补了一半"}).status_code == 303
    assert text_of(seeker.get(f"/listings/{id_}/edit").text).count("缺少拉力指标") == 2  # until it is submitted again
    assert send(seeker, f"/listings/{id_}/edit", "submit", {"detail": "补上验收条件"}).status_code == 303
    assert "缺少拉力指标" not in seeker.get(f"/listings/{id_}/edit").text
    again = text_of(staff.get(f"/review/{id_}").text)
    assert "缺少拉力指标" in again  # the staff see what was asked for before


@pytest.mark.parametrize(
    ("reasons", "at", "chinese", "english"),
    [
        ({}, "reason-general", "请至少写一条理由", "Give at least one reason"),
        ({"general": " \r\n "}, "reason-general", "请至少写一条理由", "Give at least one reason"),
        ({"detail": "长" * 501, "general": "留着"}, "reason-detail", "500", "At most 500 characters"),
        ({"title": "坏\0字"}, "reason-title", "控制字符", "control characters"),
    ],
    ids=["none", "blank", "too long", "damaged"],
)
def test_refused_reasons_stay_typed(
    signed_in: SignIn, database: Database, reasons: dict[str, str], at: str, chinese: str, english: str
) -> None:
    id_ = submitted(signed_in("seeker"), "不会被退回的需求")
    staff = signed_in("staff")
    for language, wording in (("zh_CN", chinese), ("en", english)):
        staff.cookies.set("lang", language)
        status, _, page = decide(staff, id_, "send_back", **reasons)
        assert status == 422
        told = page[page.index(f'id="r-{at}-note"') :]
        assert wording in text_of(told[: told.index("</p>")])
        kept = form_of(page, "send-back")
        for code, text in reasons.items():
            assert kept[f"reason-{code}"] == [text.replace("\0", "\ufffd").replace("\r\n", "\n")]
    assert stored(database, id_).state == ListingState.SUBMITTED


def test_changes_against_the_published_words_are_shown_field_by_field(signed_in: SignIn, stock: Stock) -> None:
    seeker, staff = signed_in("seeker"), signed_in("staff")
    id_ = stock.listings["silver"]
    changes = {"title": "TOPCon 电池正面银浆低温烧结与节银", "indicators-1-value": "65", "difficulty": "新写的难点", "basis": "",
               "layer-price": "registered"}  # fmt: skip
    assert send(seeker, f"/listings/{id_}/edit", "submit", changes).status_code == 303
    page = staff.get(f"/review/{id_}").text
    assert refused(page) == []
    told = text_of(page)
    assert "有 5 个栏目不同" in told
    assert "<mark>节银</mark>" in page
    assert "<mark>降耗</mark>" in page
    assert "单片银耗 ≤ 70 mg" in told.replace("\u202f", " ")
    assert "原仅登录用户可见" not in told
    removed = page[page.index("已删") :]
    assert "已有两条丝网印刷线可供试验" in removed
    assert "新增" in page
    assert "发布改动" in told


def test_text_that_the_owner_changed_meanwhile_is_not_published_unread(signed_in: SignIn, database: Database) -> None:
    seeker, staff = signed_in("seeker"), signed_in("staff")
    id_ = submitted(seeker, "原来的名称")
    seen = form_of(staff.get(f"/review/{id_}").text, "send-back")
    assert send(seeker, f"/listings/{id_}/edit", "draft", {"title": "换过的名称"}).status_code == 303
    for do in ("publish", "send_back"):
        answer = staff.post(f"/review/{id_}", data={**seen, "do": do, "reason-detail": "写到一半的意见"})
        assert answer.status_code == 409
        assert "换过的名称" in answer.text
        assert form_of(answer.text, "send-back")["reason-detail"] == ["写到一半的意见"]
    assert stored(database, id_).state == ListingState.SUBMITTED
    assert decide(staff, id_, "publish")[0] == 303


def test_industry_confirmed_beside_the_text_is_no_reason_to_read_it_again(signed_in: SignIn, database: Database) -> None:
    id_, staff = submitted(signed_in("seeker"), "先确认产业再发布"), signed_in("staff")
    seen = form_of(staff.get(f"/review/{id_}").text, "send-back")
    assert staff.post(f"/listings/{id_}/industries", data={"confirm": "pv"}).status_code == 303
    assert staff.post(f"/review/{id_}", data={**seen, "do": "publish"}).status_code == 303
    assert stored(database, id_).state == ListingState.PUBLISHED


def test_what_was_decided_meanwhile_says_so(signed_in: SignIn, database: Database) -> None:
    seeker, staff = signed_in("seeker"), signed_in("staff")
    id_ = submitted(seeker, "已有人处理的需求")
    seen = form_of(staff.get(f"/review/{id_}").text, "send-back")
    assert decide(signed_in("admin"), id_, "publish")[0] == 303
    answer = staff.post(f"/review/{id_}", data={**seen, "do": "publish"})
    assert answer.status_code == 409
    assert "已不在待审之列" in text_of(answer.text)
    assert "已不在待审之列" in text_of(staff.get(f"/review/{id_}").text)


def test_incomplete_text_is_told_and_stays(signed_in: SignIn, database: Database) -> None:
    """A list of codes may have changed after the owner submitted: the rules of today hold at publication."""
    seeker, staff = signed_in("seeker"), signed_in("staff")
    id_ = submitted(seeker, "期限已过的需求")
    with database.write() as unit:
        yesterday = unit.today() - timedelta(days=1)
        unit.session.execute(sa.update(Listing).where(col(Listing.public_id) == id_).values(valid_until=yesterday))
        unit.commit()
    status, _, page = decide(staff, id_, "publish")
    assert status == 422
    assert "有效期至：这个日期已经过去。" in text_of(page)
    assert stored(database, id_).state == ListingState.SUBMITTED


def test_only_the_zone_in_charge_opens_a_text(signed_in: SignIn, client: TestClient, stock: Stock) -> None:
    robots = public_id(send(signed_in("admin"), "/needs/new", "submit", {**NEED, "organisation": stock.organisations["robots"]}))
    staff = signed_in("staff")
    for id_ in (robots, stock.listings["draft"], "nothing"):
        assert staff.get(f"/review/{id_}").status_code == 404
        assert staff.post(f"/review/{id_}", data={"do": "publish", "seen_revision": "1"}).status_code == 404
    assert signed_in("seeker").get(f"/review/{stock.listings['silver']}").status_code == 403
    assert client.get(f"/review/{robots}").status_code == 303


def test_university_s_result_waits_for_the_zone_of_its_industry(signed_in: SignIn) -> None:
    provider, staff = signed_in("provider"), signed_in("staff")
    outside = public_id(send_anyway(provider, "/results/new", {**RESULT, "industries": ["robotics"]}))
    inside = public_id(send_anyway(provider, "/results/new", {**RESULT, "industries": ["pv"]}))
    page = staff.get("/review").text
    assert inside in page
    assert outside not in page
    assert staff.get(f"/review/{outside}").status_code == 404


def test_reasons_survive_the_end_of_the_session(signed_in: SignIn, database: Database) -> None:
    id_ = submitted(signed_in("seeker"), "审到一半的需求")
    staff = signed_in("staff")
    form = form_of(staff.get(f"/review/{id_}").text, "send-back")
    expired(staff, database)
    page = staff.post(f"/review/{id_}", data={**form, "do": "send_back", "reason-detail": "第一点\r\n第二点"})
    assert page.status_code == 401
    back = staff.post(f"/review/{id_}", data=replay(staff, page.text, login="staff", password="correct horse 9"))
    assert back.status_code == 200
    assert form_of(back.text, "send-back")["reason-detail"] == ["第一点\n第二点"]
    assert stored(database, id_).state == ListingState.SUBMITTED


def test_what_no_zone_is_in_charge_of_goes_to_the_administrators_list(signed_in: SignIn, database: Database) -> None:
    provider, staff, admin = signed_in("provider"), signed_in("staff"), signed_in("admin")
    tagged = public_id(send_anyway(provider, "/results/new", {**RESULT, "title": "光伏成果", "industries": ["pv"]}))
    titles = ("无区成果甲", "无区成果乙")
    nobodys = [
        public_id(send_anyway(provider, "/results/new", {**RESULT, "title": each, "industries": ["safety"]})) for each in titles
    ]
    with database.write() as unit:  # no zone has safety equipment as its industry any more
        unit.session.execute(sa.delete(ZoneIndustry).where(col(ZoneIndustry.zone_id) == _zone_id(unit.session, "xuzhou")))
        unit.commit()
    assert [id_ in staff.get("/review").text for id_ in (tagged, *nobodys)] == [True, False, False]
    page = admin.get("/review")
    assert refused(page.text) == []
    assert [id_ in page.text for id_ in (tagged, *nobodys)] == [False, True, True]
    assert "无高新区负责 2 全部待审 3" in text_of(page.text)
    assert tagged in admin.get("/review?scope=all").text
    assert staff.get("/review?scope=all").text.count("waiting-item") == 1
    assert staff.get(f"/review/{nobodys[0]}").status_code == 404
    assert "没有高新区负责此文" in text_of(admin.get(f"/review/{nobodys[0]}").text)
    assert "没有高新区负责此文" not in text_of(admin.get(f"/review/{tagged}").text)
    assert decide(admin, nobodys[0], "publish")[:2] == (303, f"/review/{nobodys[1]}")
    assert decide(admin, nobodys[1], "publish")[:2] == (303, "/review")
    assert "没有待管理员审核的条目" in text_of(admin.get("/review").text)
