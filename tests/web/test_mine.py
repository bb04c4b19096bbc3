"""An owner's own page over HTTP: states with what to do next, the moves of one press, and nobody else's listings."""

import re

from sqlmodel import select
from starlette.testclient import TestClient

from matching.model import Listing, ListingState, Match
from matching.store.database import Database
from tests.web.conftest import SignIn
from tests.web.markup import refused, text_of
from tests.web.stock import Stock
from tests.web.test_editing import stored
from tests.web.writing import NEED, form_of, public_id, send


def entry(page: str, id_: str) -> str:
    """The part of the page that is about one listing."""
    found = next(each for each in page.split('<li class="mine">')[1:] if f'/{id_}"' in each)
    return found[: found.index("</li>")]


def moves(page: str, id_: str) -> set[str]:
    return set(re.findall(rf'/listings/{id_}/(\w+)"', entry(page, id_)))


def press(browser: TestClient, page: str, id_: str, job: str) -> str:
    """Press the button of one listing and go where it leads; the page's text."""
    form = re.search(rf'<form method="post" action="/listings/{id_}/{job}">(.*?)</form>', page, re.DOTALL)
    assert form is not None
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[1]))
    answer = browser.post(f"/listings/{id_}/{job}", data=fields)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith("/mine?kind=")
    return text_of(browser.get(answer.headers["location"]).text)


def test_visitors_sign_in_and_brokers_are_refused(client: TestClient, signed_in: SignIn) -> None:
    assert client.get("/mine").headers["location"] == "/sign-in?next=%2Fmine"
    assert signed_in("broker").get("/mine").status_code == 403


def test_kind_with_more_entries_comes_first_and_both_are_counted(signed_in: SignIn, stock: Stock) -> None:
    page = signed_in("seeker").get("/mine").text
    assert refused(page) == []
    assert 'href="/mine?kind=need" aria-current="page">需求 <span class="num">1</span>' in page
    assert stock.listings["silver"] in page
    assert stock.listings["joint"] not in page
    assert "待审核" not in page
    results = signed_in("provider").get("/mine?kind=result").text
    assert results.count('<li class="mine">') == 20
    second = signed_in("provider").get("/mine?kind=result&page=2").text
    assert second.count('<li class="mine">') > 0
    assert "尚未写完的成果" in results + second


def test_empty_page_teaches_what_belongs_there(signed_in: SignIn) -> None:
    page = signed_in("seeker").get("/mine?kind=result").text
    assert "还没有成果" in page
    assert 'href="/results/new"' in page
    assert "No result yet" in _english(signed_in("staff")).get("/mine").text


def _english(browser: TestClient) -> TestClient:
    browser.cookies.set("lang", "en")
    return browser


def test_pairs_are_counted_and_lead_to_them(signed_in: SignIn, database: Database, stock: Stock) -> None:
    id_ = stock.listings["silver"]
    with database.read() as session:
        listing = session.exec(select(Listing).where(Listing.public_id == id_)).one()
        expected = {
            row.result_id for row in session.exec(select(Match).where(Match.need_id == listing.id)).all() if row.level > 0
        }
    assert expected
    told = entry(signed_in("seeker").get("/mine").text, id_)
    assert f"/needs/{id_}#pairs-heading" in told
    assert f"{len(expected)} 个配对" in text_of(told)


def test_draft_is_submitted_by_one_press_when_it_is_complete(signed_in: SignIn, database: Database) -> None:
    seeker = signed_in("seeker")
    id_ = public_id(send(seeker, "/needs/new", "draft", NEED))
    page = seeker.get("/mine?kind=need").text
    assert moves(page, id_) == {"submit", "edit", "withdraw"}
    assert "已提交" in press(seeker, page, id_, "submit")
    assert stored(database, id_).state == ListingState.SUBMITTED
    again = seeker.get("/mine?kind=need").text
    assert "submit" not in moves(again, id_)
    assert "已提交" in press(seeker, page, id_, "submit")  # pressed twice: it has been made, and nothing else happens
    assert stored(database, id_).version == 2


def test_incomplete_draft_comes_back_as_its_form_with_what_is_missing(signed_in: SignIn, database: Database) -> None:
    seeker = signed_in("seeker")
    id_ = public_id(send(seeker, "/needs/new", "draft", {"title": "只有名称", "keywords": "银浆"}))
    answer = seeker.post(f"/listings/{id_}/submit", data={"seen_version": "1"})
    assert answer.status_code == 422
    form = form_of(answer.text)
    assert (form["title"], form["keywords"], form["seen_version"]) == (["只有名称"], ["银浆"], ["1"])
    assert "请填写此项。" in answer.text
    assert 'action="/listings/' + id_ + '/edit"' in answer.text
    mended = send(seeker, f"/listings/{id_}/edit", "submit", {"detail": "补上的详情"}, form=form)
    assert mended.status_code == 303
    assert stored(database, id_).state == ListingState.SUBMITTED


def test_withdrawing_asks_first_and_can_be_taken_up_again(signed_in: SignIn, database: Database, stock: Stock) -> None:
    seeker = signed_in("seeker")
    id_ = stock.listings["silver"]
    question = seeker.get(f"/listings/{id_}/withdraw")
    assert question.status_code == 200
    assert "他人不再能找到它" in text_of(question.text)
    assert stored(database, id_).state == ListingState.PUBLISHED
    assert "已撤回" in press(seeker, question.text.replace(' class="question-buttons"', ""), id_, "withdraw")
    assert stored(database, id_).state == ListingState.WITHDRAWN
    page = seeker.get("/mine?kind=need").text
    assert moves(page, id_) == {"edit"}
    assert send(seeker, f"/listings/{id_}/edit", "submit", {}).status_code == 303
    assert stored(database, id_).state == ListingState.SUBMITTED


def test_move_that_somebody_else_overtook_is_not_made(signed_in: SignIn, database: Database, stock: Stock) -> None:
    seeker, staff = signed_in("seeker"), signed_in("staff")
    id_ = stock.listings["silver"]
    question = seeker.get(f"/listings/{id_}/withdraw").text
    assert send(staff, f"/listings/{id_}/edit", "draft", {"title": "工作人员先改了"}).status_code == 303
    assert "本次操作未执行" in press(seeker, question.replace(' class="question-buttons"', ""), id_, "withdraw")
    assert stored(database, id_).state == ListingState.PUBLISHED


def test_renewing_what_ends_soon(signed_in: SignIn, database: Database, stock: Stock) -> None:
    seeker = signed_in("seeker")
    id_ = stock.listings["silver"]
    today = database.clock.today()
    assert send(seeker, f"/listings/{id_}/edit", "draft", {"valid_until": today.isoformat()}).status_code == 303
    page = seeker.get("/mine?kind=need").text
    assert "今天到期" in text_of(entry(page, id_))
    assert "已续期" in press(seeker, page, id_, "renew")
    until = stored(database, id_).valid_until
    assert until is not None
    assert (until - today).days in (365, 366)
    assert "renew" not in moves(seeker.get("/mine?kind=need").text, id_)


def test_moves_of_strangers_are_refused(signed_in: SignIn, client: TestClient, database: Database, stock: Stock) -> None:
    id_ = stock.listings["silver"]
    before = stored(database, id_)
    for job in ("submit", "withdraw", "renew"):
        assert signed_in("provider").post(f"/listings/{id_}/{job}", data={"seen_version": "1"}).status_code == 403
        assert client.post(f"/listings/{id_}/{job}", data={"seen_version": "1"}).status_code == 401
        assert signed_in("broker").post(f"/listings/nothing/{job}").status_code == 404
    assert signed_in("provider").get(f"/listings/{id_}/withdraw").status_code == 403
    assert stored(database, id_) == before


def test_staff_find_the_drafts_they_wrote_for_others(signed_in: SignIn) -> None:
    staff = signed_in("staff")
    id_ = public_id(send(staff, "/needs/new", "draft", NEED))
    page = staff.get("/mine").text
    assert "常州测试光伏有限公司" in entry(page, id_)
    assert moves(page, id_) >= {"submit", "edit", "withdraw"}
