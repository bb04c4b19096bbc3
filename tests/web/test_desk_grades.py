"""Grading on the desk over HTTP: kept once, undone with a word on what it was, and only what changed comes back to htmx."""

import re
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from matching import listings, reviews
from matching.access import SYSTEM
from matching.drafts import from_content, known_codes
from matching.listing_views import page as listing_page
from matching.store.database import Database
from tests.web.conftest import Prepared, SignIn
from tests.web.desk_world import ZONE, furnished, rematch, stored_pairs, verdicts
from tests.web.markup import text_of
from tests.web.stock import Stock
from tests.web.test_desk import articles, count, ids

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def prepared(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """What `database` and `stock` come from, with more on the desk."""
    return furnished(prepared, tmp_path_factory.mktemp("desk"))


def token_of(markup: str, result: str) -> str:
    form = re.search(rf'value="{result}">\s*<input type="hidden" name="form_token" value="([^"]+)"', markup)
    assert form is not None
    return form[1]


def head(markup: str) -> list[int]:
    """The four numbers in the head: needs, results, waiting, graded."""
    return [int(n) for n in re.findall(r'class="stat" href="[^"]+"><b>(\d+)</b>', markup)]


def grade(browser: TestClient, need: str, result: str, grade: str, **more: str) -> object:
    return browser.post(f"/desk/{ZONE}/verdicts", data={"need": need, "result": result, "grade": grade, **more})


def test_a_grade_is_kept_with_who_and_why_and_one_comes_back_to_the_same_place(
    signed_in: SignIn, database: Database, stock: Stock
) -> None:
    browser = signed_in("broker")
    need, result = stock.listings["silver"], stock.listings["paste"]
    before = browser.get(f"/desk/{ZONE}?need={need}&show=waiting").text
    sent = browser.post(
        f"/desk/{ZONE}/verdicts",
        data={"need": need, "result": result, "grade": "0", "reason": "maturity_short", "show": "waiting"}
        | {"reason": re.findall(r'<option value="(\w+)">指标不达', before)[0], "form_token": token_of(before, result)},
    )
    assert sent.status_code == 303
    assert sent.headers["location"] == f"/desk/{ZONE}?need={need}&show=waiting#pair-{result}"
    page = browser.get(f"/desk/{ZONE}?need={need}").text
    (article,) = (each for each in articles(page) if f'id="pair-{result}"' in each)
    assert "broker 王评为无" in text_of(article)
    assert "指标不达" in text_of(re.sub(r"<select.*?</select>", "", article, flags=re.DOTALL))
    assert re.findall(r'value="(\d)" id="[^"]+" aria-pressed="true"', article) == ["0"]
    assert (count(page, "waiting"), count(page, "judged")) == (count(before, "waiting") - 1, 1)
    assert head(page) == [head(before)[0], head(before)[1], head(before)[2] - 1, 1]
    (kept,) = verdicts(database)
    assert kept.grade == 0


def test_the_same_form_twice_is_one_verdict_another_grade_a_change_of_mind(
    signed_in: SignIn, database: Database, stock: Stock
) -> None:
    browser = signed_in("broker")
    need, result = stock.listings["silver"], stock.listings["paste"]
    token = token_of(browser.get(f"/desk/{ZONE}?need={need}").text, result)
    for _ in range(3):
        grade(browser, need, result, "3", form_token=token)
    assert [each.grade for each in verdicts(database)] == [3]
    grade(browser, need, result, "1", form_token=token)
    assert [each.grade for each in verdicts(database)] == [3, 1]
    browser.post(f"/desk/{ZONE}/undo", data={"need": need})
    assert "broker 王评为强" in text_of(browser.get(f"/desk/{ZONE}?need={need}").text), "the grade before it stands again"


def test_an_undo_says_what_it_took_back(signed_in: SignIn, database: Database, stock: Stock) -> None:
    browser = signed_in("staff")
    crack, silver = stock.listings["crack"], stock.listings["silver"]
    pair = stored_pairs(database, crack)[0]
    grade(browser, crack, pair.result, "2")
    undone = browser.post(f"/desk/{ZONE}/undo", data={"need": silver})
    assert undone.status_code == 303
    assert undone.headers["location"] == f"/desk/{ZONE}?need={crack}#pair-{pair.result}"
    page = browser.get(undone.headers["location"].partition("#")[0]).text
    note = re.search(r'<div id="desk-note".*?</div>', page, flags=re.DOTALL)
    assert note is not None
    assert "已撤销" in text_of(note[0])
    assert "较强" in text_of(note[0])
    assert f"#pair-{pair.result}" in note[0]
    assert "您的评级“较强”已撤销，此配对重新待评" in text_of(page)
    again = browser.get(f"/desk/{ZONE}?need={crack}").text
    assert "已撤销" not in again, "said once"
    assert [each.undoes_id is None for each in verdicts(database)] == [True, False]


def test_nothing_to_undo_is_said_and_others_grades_are_not_touched(signed_in: SignIn, database: Database, stock: Stock) -> None:
    need, result = stock.listings["silver"], stock.listings["paste"]
    grade(signed_in("broker"), need, result, "3")
    staff = signed_in("staff")
    sent = staff.post(f"/desk/{ZONE}/undo", data={"need": need})
    assert sent.headers["location"] == f"/desk/{ZONE}?need={need}"
    page = staff.get(sent.headers["location"]).text
    assert "您在本区没有可以撤销的评级了" in text_of(page)
    assert "broker 王评为强" in text_of(page)
    piece = staff.post(f"/desk/{ZONE}/undo", data={"need": need}, headers=FRAGMENT)
    assert text_of(piece.text) == "您在本区没有可以撤销的评级了。"
    assert len(verdicts(database)) == 1


def test_htmx_gets_the_touched_pair_and_the_counts(signed_in: SignIn, database: Database, stock: Stock) -> None:
    browser = signed_in("broker")
    need = stock.listings["crack"]
    page = browser.get(f"/desk/{ZONE}?need={need}").text
    first, *others = ids(page)
    assert others, "more than one, so that leaving the others out means something"
    answer = browser.post(
        f"/desk/{ZONE}/verdicts",
        data={"need": need, "result": first, "grade": "3", "form_token": token_of(page, first)},
        headers=FRAGMENT,
    )
    assert answer.status_code == 200
    assert ids(answer.text) == [first]
    assert "<html" not in answer.text
    assert answer.headers["hx-replace-url"] == f"/desk/{ZONE}?need={need}"
    assert set(re.findall(r'id="([\w-]+)"[^>]* hx-swap-oob=', answer.text)) == {
        "desk-note", "desk-counts", "desk-shows", f"waiting-{need}",
    }  # fmt: skip
    assert count(answer.text, "judged") == 1
    assert count(answer.text, "waiting") == len(others)
    assert f'id="waiting-{need}" hx-swap-oob="outerMorph">{len(others)} 待评' in answer.text
    assert token_of(answer.text, first) != token_of(page, first)


def test_htmx_undo_puts_the_pair_back_where_it_is_shown(signed_in: SignIn, database: Database, stock: Stock) -> None:
    browser = signed_in("broker")
    crack, silver = stock.listings["crack"], stock.listings["silver"]
    result = stored_pairs(database, crack)[0].result
    grade(browser, crack, result, "1")
    here = browser.post(f"/desk/{ZONE}/undo", data={"need": crack}, headers=FRAGMENT).text
    assert ids(here) == [result]
    assert "已撤销" in text_of(here)
    assert count(here, "judged") == 0
    grade(browser, crack, result, "1")
    elsewhere = browser.post(f"/desk/{ZONE}/undo", data={"need": silver}, headers=FRAGMENT).text
    assert ids(elsewhere) == []
    assert f'href="/desk/{ZONE}?need={crack}#pair-{result}"' in elsewhere
    assert f'id="waiting-{crack}"' in elsewhere, "the count at the other need in the list"
    assert "desk-shows" not in elsewhere


@pytest.mark.parametrize(
    ("changed", "status", "told"),
    [
        ({"grade": "7"}, 422, "不在"),
        ({"grade": ""}, 422, ""),
        ({"reason": "nonsense"}, 422, ""),
        ({"result": "nosuchresult"}, 404, "这一配对已不在撮合台上"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(
    signed_in: SignIn, database: Database, stock: Stock, changed: dict[str, str], status: int, told: str
) -> None:
    form = {"need": stock.listings["silver"], "result": stock.listings["paste"], "grade": "3"} | changed
    answer = signed_in("broker").post(f"/desk/{ZONE}/verdicts", data=form, headers=FRAGMENT)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    if status == 404:
        assert told in text_of(answer.text)
    assert verdicts(database) == []


def test_only_the_zones_own_people_grade(client: TestClient, signed_in: SignIn, database: Database, stock: Stock) -> None:
    form = {"need": stock.listings["silver"], "result": stock.listings["paste"], "grade": "3"}
    assert client.post(f"/desk/{ZONE}/verdicts", data=form).status_code == 401
    for who in ("admin", "provider", "seeker"):
        assert signed_in(who).post(f"/desk/{ZONE}/verdicts", data=form).status_code == 403, who
        assert signed_in(who).post(f"/desk/{ZONE}/undo", data={}).status_code == 403, who
    assert verdicts(database) == []


def test_a_grade_on_an_older_text_says_so(signed_in: SignIn, database: Database, stock: Stock) -> None:
    browser = signed_in("broker")
    crack, result = stock.listings["crack"], stock.listings["laser"]
    grade(browser, crack, result, "2")
    assert "此后文本有改动" not in browser.get(f"/desk/{ZONE}?need={crack}&show=judged").text
    with database.write() as unit:
        known = known_codes(unit.session)
        content = listing_page(unit.session, SYSTEM, result, latest=True).content
        draft = from_content(content, known)
        draft = replace(draft, texts={"summary": f"{draft.texts['summary']}另有离线复判。"})
        saved = listings.save(unit, SYSTEM, draft, listing=result, seen_version=content.version, known=known)
        reviews.publish(unit, SYSTEM, saved.public_id, known=known)
        unit.commit()
    rematch(database, [result])
    page = browser.get(f"/desk/{ZONE}?need={crack}&show=judged").text
    assert ids(page) == [result], "the grade keeps the pair on the desk"
    assert "此后文本有改动" in page
