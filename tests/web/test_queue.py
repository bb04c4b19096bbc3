"""The pairs worth grading over HTTP: nothing computed is told before the grade, and a grade is one verdict."""

import re

import pytest
from starlette.testclient import TestClient

from matching.store.database import Database
from tests.web.conftest import Prepared, SignIn
from tests.web.desk_world import ZONE, furnished, verdicts
from tests.web.markup import text_of
from tests.web.stock import Stock

QUEUE = f"/desk/{ZONE}/queue"
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def prepared(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """What `database` and `stock` come from, with more on the desk."""
    return furnished(prepared, tmp_path_factory.mktemp("queue"))


def fields(markup: str) -> dict[str, str]:
    """Of the grading form."""
    form = re.search(r'<form class="grades".*?</form>', markup, flags=re.DOTALL)
    assert form is not None
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0]))


def progress(markup: str) -> tuple[int, int]:
    found = re.search(r"已评 (\d+) / (\d+) 对", text_of(markup))
    assert found is not None
    return int(found[1]), int(found[2])


def main(markup: str) -> str:
    return markup.partition("<main")[2]


def test_the_desk_leads_to_it(signed_in: SignIn) -> None:
    assert f'href="{QUEUE}"' in signed_in("staff").get(f"/desk/{ZONE}").text
    assert QUEUE not in signed_in("admin").get(f"/desk/{ZONE}").text, "who does not grade is not led there"


def test_score_and_level_are_told_after_the_grade_and_not_before(signed_in: SignIn, database: Database) -> None:
    browser = signed_in("staff")
    before = browser.get(QUEUE).text
    assert 'class="level' not in main(before)
    assert 'class="why"' not in before
    assert "<mark>" not in before
    assert main(before).count("<article") == 2
    done, total = progress(before)
    assert done == 0
    sent = browser.post(f"{QUEUE}/verdicts", data=fields(before) | {"grade": "2"})
    assert sent.status_code == 303
    assert re.fullmatch(rf"{QUEUE}\?after=(\d+)&told=\1", sent.headers["location"])
    after = browser.get(sent.headers["location"]).text
    assert progress(after) == (1, total)
    told = re.search(r'<section class="queue-told".*?</section>', after, flags=re.DOTALL)
    assert told is not None
    assert "已评为较强" in text_of(told[0])
    assert 'class="level' in told[0]
    assert 'class="pair-why"' in told[0]
    assert 'class="level' not in main(after).replace(told[0], "")
    assert fields(after)["result"] + fields(after)["need"] != fields(before)["result"] + fields(before)["need"]
    (kept,) = verdicts(database)
    assert kept.grade == 2


def test_what_is_not_graded_is_not_told(signed_in: SignIn) -> None:
    browser = signed_in("staff")
    browser.get(QUEUE)
    assert "queue-told" not in browser.get(f"{QUEUE}?told=1").text


def test_the_same_form_twice_is_one_verdict_and_an_undo_asks_again(signed_in: SignIn, database: Database) -> None:
    browser = signed_in("broker")
    first = browser.get(QUEUE).text
    form = fields(first) | {"grade": "0"}
    for _ in range(2):
        browser.post(f"{QUEUE}/verdicts", data=form)
    assert [each.grade for each in verdicts(database)] == [0]
    sent = browser.post(f"{QUEUE}/undo")
    page = browser.get(sent.headers["location"]).text
    assert "您的评级“无”已撤销，此配对重新待评" in text_of(page)
    assert fields(page)["result"] == form["result"]
    assert progress(page) == progress(first)
    nothing = browser.post(f"{QUEUE}/undo", headers=FRAGMENT)
    assert "没有可以撤销的评级了" in text_of(nothing.text)


def test_all_of_it_by_pieces_until_nothing_is_left(signed_in: SignIn, database: Database) -> None:
    browser = signed_in("staff")
    piece = browser.get(QUEUE).text
    _, total = progress(piece)
    skipped = fields(piece)
    skip = re.search(r'id="skip" href="([^"]+)"', piece)
    assert skip is not None
    piece = browser.get(skip[1].replace("&amp;", "&"), headers=FRAGMENT).text
    for _ in range(total):
        assert "<html" not in piece
        form = fields(piece)
        answer = browser.post(f"{QUEUE}/verdicts", data=form | {"grade": "1"}, headers=FRAGMENT)
        assert answer.status_code == 200
        piece = answer.text
    assert (form["need"], form["result"]) == (skipped["need"], skipped["result"]), "what was skipped comes last"
    assert progress(piece) == (total, total)
    assert "今日配对已全部评完" in text_of(piece)
    assert len({(each.need_id, each.result_id) for each in verdicts(database)}) == total


def test_a_pair_of_another_day_or_place_is_not_graded_here(signed_in: SignIn, stock: Stock, database: Database) -> None:
    browser = signed_in("staff")
    form = fields(browser.get(QUEUE).text)
    gone = browser.post(f"{QUEUE}/verdicts", data=form | {"result": stock.listings["lonely"], "grade": "1"})
    assert gone.status_code == 404
    wrong = browser.post(f"{QUEUE}/verdicts", data=form | {"grade": "7"})
    assert wrong.status_code == 422
    assert verdicts(database) == []


@pytest.mark.parametrize("who", ["provider", "admin"])
def test_who_does_not_grade_is_refused(signed_in: SignIn, who: str) -> None:
    assert signed_in(who).get(QUEUE).status_code == 403


def test_a_visitor_is_asked_to_sign_in_and_an_unknown_zone_is_not_found(client: TestClient, signed_in: SignIn) -> None:
    sent = client.get(QUEUE, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, f"/sign-in?next=%2Fdesk%2F{ZONE}%2Fqueue")
    assert signed_in("staff").get("/desk/atlantis/queue").status_code == 404
