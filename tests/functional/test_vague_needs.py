"""A vague need over HTTP from end to end: proposed for sending back, answered, submitted again, published, matched; and what a
zone may say about it."""

import re
from collections.abc import Callable

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from api.app import Application, create_app
from api.cli.serving import services_for
from api.readiness import Readiness
from matching.model import AuditEntry, Listing, ListingState, Match, Review, Zone
from tests.functional.conftest import Platform
from tests.web.markup import text_of
from tests.web.stock import PASSWORD, Stock, fill
from tests.web.writing import NEED, form_of, public_id, send

Browse = Callable[[str], TestClient]
VAGUE = {"title": "提高电池片正面银浆性能", "detail": "希望进一步提高银浆性能，降低成本，具体面谈。"}
ANSWERS = {
    "detail": "TOPCon 电池片正面银浆，182 版型两条产线，烧结峰值温度 750 °C。",
    "difficulty": "网版开口到 9 μm 后断栅增多，因为浆料流不进去，每百片断 3 次。",
    "indicators-0-name": "单片银耗",
    "indicators-0-comparator": "<=",
    "indicators-0-value": "60",
    "indicators-0-unit": "mg",
    "basis": "现用含铝浆 88 mg，换过两家浆料，没有改善。",
    "budget_min": "80",
    "budget_max": "150",
    "modes": ["03"],
}


@pytest.fixture
def stock(platform: Platform) -> Stock:
    return fill(platform.parts.database)


@pytest.fixture
def browse(platform: Platform, stock: Stock) -> Browse:
    parts = platform.parts
    readiness = Readiness(parts.database, parts.engine, parts.encoder)
    app = create_app(Application(services_for(parts), readiness, parts.settings.upload_limit))

    def sign_in(login: str) -> TestClient:
        browser = TestClient(app, follow_redirects=False)
        browser.cookies.set("lang", "zh_CN")
        assert browser.post("/sign-in", data={"login": login, "password": PASSWORD}).status_code == 303
        return browser

    return sign_in


def submitted(owner: TestClient, **changes: str) -> str:
    return public_id(send(owner, "/needs/new", "submit", {**VAGUE, **changes}))


def asked(staff: TestClient, id_: str) -> dict[str, str]:
    """The reasons that the review page has filled in."""
    form = form_of(staff.get(f"/review/{id_}").text, "send-back")
    return {name.removeprefix("reason-"): texts[0] for name, texts in form.items() if name.startswith("reason-") and texts[0]}


def set_threshold(staff: TestClient, least: str, *, at_once: bool = False) -> int:
    page = staff.get("/reference/zones/changzhou").text
    seen = re.search(r'name="seen_version" value="(\d+)"', page)
    assert seen is not None
    data = {"seen_version": seen[1], "need_quality": least, "shown": "returns_vague"} | (
        {"returns_vague": "yes"} if at_once else {}
    )
    return staff.post("/reference/zones/changzhou", data=data).status_code


def test_vague_need_comes_back_with_questions_is_answered_published_and_matched(platform: Platform, browse: Browse) -> None:
    owner, staff = browse("seeker"), browse("staff")
    id_ = submitted(owner)
    page = staff.get(f"/review/{id_}").text
    assert "低于常州高新区的门槛（45 分）" in text_of(page)
    reasons = asked(staff, id_)
    assert len(reasons) == 4
    assert "提高电池片正面银浆性能" in reasons["indicators"]
    assert "例如：" in reasons["indicators"]
    assert platform.world.listing(id_).state == ListingState.SUBMITTED  # proposed, and nothing more

    edited = {f"reason-{code}": text for code, text in reasons.items()} | {"reason-difficulty": "请写明断栅的比例。"}
    assert send(staff, f"/review/{id_}", "send_back", edited, form=form_of(page, "send-back")).status_code == 303
    assert platform.world.listing(id_).state == ListingState.SENT_BACK
    form = owner.get(f"/listings/{id_}/edit").text
    assert "请写明断栅的比例。" in text_of(form)
    assert reasons["indicators"].split("\n")[0] in text_of(form)

    assert send(owner, f"/listings/{id_}/edit", "submit", ANSWERS).status_code == 303
    again = staff.get(f"/review/{id_}").text
    assert "低于常州高新区的门槛" not in text_of(again)
    assert asked(staff, id_) == {}
    assert staff.post(f"/review/{id_}", data={"seen_revision": "2", "do": "publish"}).status_code == 303
    platform.work()
    with platform.parts.database.read() as session:
        row = session.exec(select(Listing).where(Listing.public_id == id_)).one()
        assert row.state == ListingState.PUBLISHED
        assert session.exec(select(Match.id).where(Match.need_id == row.id)).first() is not None


def test_staff_set_what_their_zone_asks_for(platform: Platform, browse: Browse) -> None:
    owner, staff = browse("seeker"), browse("staff")
    id_ = submitted(owner)
    assert len(asked(staff, id_)) == 4
    assert set_threshold(staff, "0") == 303
    assert asked(staff, id_) == {}
    clear = public_id(send(owner, "/needs/new", "submit", NEED))
    assert asked(staff, clear) == {}
    assert set_threshold(staff, "100") == 303
    assert asked(staff, clear) != {}
    assert set_threshold(staff, "101") == 422
    assert browse("seeker").post("/reference/zones/changzhou", data={"seen_version": "1", "need_quality": "0"}).status_code == 403
    assert "需求清晰度门槛" in text_of(staff.get("/reference/zones/changzhou").text)
    with platform.parts.database.read() as session:
        assert session.exec(select(Zone.need_quality).where(Zone.code == "changzhou")).one() == 100
        assert session.exec(select(Zone.need_quality).where(Zone.code == "kunshan")).one() == 45
        written = session.exec(select(AuditEntry).where(AuditEntry.subject_id == "changzhou")).all()
        assert len(written) == 2


def test_a_zone_may_say_that_vague_needs_go_back_at_once(platform: Platform, browse: Browse) -> None:
    owner, staff = browse("seeker"), browse("staff")
    assert set_threshold(staff, "45", at_once=True) == 303
    answer = send(owner, "/needs/new", "submit", VAGUE)
    id_ = public_id(answer)
    assert answer.headers["location"] == f"/listings/{id_}/edit"
    page = owner.get(f"/listings/{id_}/edit").text
    assert "已保存，但被退回" in text_of(page)
    assert "例如：" in text_of(page)
    with platform.parts.database.read() as session:
        row = session.exec(select(Listing).where(Listing.public_id == id_)).one()
        assert row.state == ListingState.SENT_BACK
        review = session.exec(select(Review).where(Review.listing_id == row.id)).one()
        assert set(review.reasons) == {"detail", "difficulty", "indicators", "basis"}
        assert review.reviewer_id is None
        written = session.exec(select(AuditEntry).where(AuditEntry.action == "listing.send_back")).one()
        assert written.actor == "system"
    assert send(owner, f"/listings/{id_}/edit", "submit", ANSWERS).headers["location"] == f"/needs/{id_}"
    assert platform.world.listing(id_).state == ListingState.SUBMITTED


def test_typing_is_answered_with_score_and_questions(browse: Browse) -> None:
    owner = browse("seeker")
    form = form_of(owner.get("/needs/new").text)
    sent = {**form, "title": [VAGUE["title"]], "detail": [VAGUE["detail"]]}
    address = f"/forms/{form['form_key'][0]}"
    answer = owner.post(address, data=sent, headers={"HX-Request": "true"}).text
    assert 'id="quality"' in answer
    assert 'href="#f-indicators"' in answer
    assert "“提高电池片正面银浆性能”要到多少才算达到" in text_of(answer)
    assert answer.count("<meter") == 8
    score = re.search(r'name="seen_quality"[^>]*value="(\d+)"', answer)
    assert score is not None
    assert 'id="quality-said"' in answer
    same = owner.post(address, data={**sent, "seen_quality": score[1]}, headers={"HX-Request": "true"}).text
    assert 'id="quality-said"' not in same  # nothing new, nothing said aloud
    better = {**sent, **{name: [text] if isinstance(text, str) else text for name, text in ANSWERS.items()}}
    told = owner.post(address, data=better, headers={"HX-Request": "true"}).text
    assert int(re.findall(r'name="seen_quality"[^>]*value="(\d+)"', told)[0]) > 70


def test_only_the_owner_and_the_staff_in_charge_see_the_score(platform: Platform, browse: Browse) -> None:
    owner, staff = browse("seeker"), browse("staff")
    id_ = public_id(send(owner, "/needs/new", "submit", NEED))
    assert staff.post(f"/review/{id_}", data={"seen_revision": "1", "do": "publish"}).status_code == 303
    for who, sees in (("seeker", True), ("staff", True), ("provider", False), ("broker", False)):
        assert ("写得是否清楚" in browse(who).get(f"/needs/{id_}").text) == sees, who
