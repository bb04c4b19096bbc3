"""Near duplicates on the pages: asked about before a form is sent, told to the staff who read it, decided side by side."""

import re

from sqlmodel import select
from starlette.testclient import TestClient

from matching import listings, reviews
from matching.access import SYSTEM
from matching.drafts import ListingDraft
from matching.model import Listing, ListingKind, ListingState, Organisation, Twin, TwinState
from matching.store.database import Database
from tests.web.conftest import SignIn
from tests.web.markup import refused, text_of
from tests.web.stock import Stock
from tests.web.writing import Answer, public_id, send

TITLE = "拉丝机收线张力波动大"
TEXT = "切割钢丝直径0.06 mm，收线18 m/s，从空盘到满盘张力波动12%，换盘时常崩断，摆杆加PID已经调到极限。求控制到3%以内的办法。"
AGAIN = "切割钢丝直径60 μm，收线18 m/s，从空盘到满盘张力波动12%，换盘时常崩断；摆杆加PID已调到极限。求控制在3%以内的办法。"


def other_firms(database: Database, text: str = TEXT, name: str = "邻区钢丝厂") -> str:
    """A published need of a firm that nobody of the stock acts for."""
    with database.write() as unit:
        owner = Organisation(name=name, name_key=name, kind="enterprise", created_at=unit.now())
        unit.session.add(owner)
        unit.session.flush()
        draft = ListingDraft(ListingKind.NEED, TITLE, organisation=owner.public_id, texts={"detail": text})
        made = listings.save(unit, SYSTEM, draft)
        reviews.publish(unit, SYSTEM, made.public_id)
        unit.commit()
    return made.public_id


def submit(browser: TestClient, **answers: str) -> Answer:
    return send(browser, "/needs/new", "submit", {"title": f"{TITLE}，求稳", "detail": AGAIN, **answers})


def test_the_form_asks_once_and_the_reviewer_reads_the_answer(database: Database, signed_in: SignIn, stock: Stock) -> None:
    held = other_firms(database)
    seeker = signed_in("seeker")
    before = _count(database)
    asked = submit(seeker)
    assert asked.status_code == 409
    assert _count(database) == before, "nothing is stored before the answer"
    assert f'name="twin-{held}"' in asked.text
    assert AGAIN in text_of(asked.text), "what was typed is kept"
    assert refused(asked.text) == []
    assert submit(seeker, **{f"twin-{held}": "merge"}).status_code == 409
    made = public_id(submit(seeker, **{f"twin-{held}": "same"}))
    with database.read() as session:
        assert [row.state for row in session.exec(select(Twin))] == [TwinState.SAME]
        assert session.exec(select(Listing).where(Listing.public_id == made)).one().state == ListingState.SUBMITTED
    review = signed_in("admin").get(f"/review/{made}")
    assert f"/duplicates/{made}/{held}" in review.text
    assert "是同一件事" in text_of(review.text)
    again = send(seeker, f"/listings/{made}/edit", "draft", {})
    assert again.status_code == 303, "what was said is not asked again"


def test_other_figures_are_not_asked_about(database: Database, signed_in: SignIn) -> None:
    other_firms(database, TEXT.replace("0.06", "0.9").replace("12%", "40%").replace("3%", "20%").replace("18", "2"))
    assert submit(signed_in("seeker")).status_code == 303


def test_the_preview_tells_and_writes_nothing(database: Database, signed_in: SignIn) -> None:
    held = other_firms(database)
    seeker = signed_in("seeker")
    page = send(seeker, "/needs/new", "preview", {"title": TITLE, "detail": AGAIN})
    assert f"/needs/{held}" in page.text
    with database.read() as session:
        assert session.exec(select(Twin)).all() == []


def test_side_by_side_marks_what_differs_and_takes_the_word(database: Database, signed_in: SignIn, stock: Stock) -> None:
    held = other_firms(database, TEXT + "另外希望提供三个月的陪产服务，并培训两名工艺员。")
    seeker = signed_in("seeker")
    made = public_id(submit(seeker, **{f"twin-{held}": "different"}))
    page = seeker.get(f"/duplicates/{made}/{held}")
    assert page.status_code == 200
    assert re.search(r"<mark>[^<]*另外希望提供三个月的陪产服务，并培训两名工艺员。</mark>", page.text)
    assert "<mark>切割" not in page.text
    assert seeker.post(f"/duplicates/{made}/{held}", data={"do": "same"}).status_code == 303
    with database.read() as session:
        assert session.exec(select(Twin)).one().state == TwinState.SAME
    assert seeker.post(f"/duplicates/{made}/{held}", data={"do": "merge"}).status_code == 422
    assert signed_in("provider").get(f"/duplicates/{made}/{held}").status_code == 404, "not published yet"
    assert signed_in("broker").get("/duplicates").status_code == 403
    assert seeker.get("/duplicates").status_code == 200


def _count(database: Database) -> int:
    with database.read() as session:
        return len(session.exec(select(Listing)).all())
