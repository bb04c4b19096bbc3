"""Synonyms on their page: previewed, saved, refused, by those whose industry it is."""

import pytest
from starlette.testclient import TestClient

from matching.store.database import Database
from matching.synonyms import Group, read_groups
from search.engines.local import LocalEngine
from tests.web.conftest import SignIn
from tests.web.markup import text_of
from tests.web.test_reference import version_in

PAGE = "/reference/synonyms/pv-01"
NEW = "/reference/synonyms/-new"


def group(database: Database, code: str) -> Group | None:
    with database.read() as session:
        return next((each for each in read_groups(session) if each.code == code), None)


def form(browser: TestClient, **changed: str) -> dict[str, str]:
    """What a browser sends: a box that is not ticked sends nothing but its name among those that the page had."""
    sent = {"name": "光伏", "name_en": "photovoltaic", "words": "太阳能电池；PV", "industry": "pv", "position": "45"}
    return {**sent, "source": "本园区", "shown": "one_way", "seen_version": version_in(browser.get(PAGE).text), **changed}


@pytest.mark.parametrize("login", ["admin", "staff"])
def test_a_group_is_saved_with_and_without_its_box(signed_in: SignIn, database: Database, login: str) -> None:
    browser = signed_in(login)
    assert browser.post(PAGE, data=form(browser)).status_code == 303
    saved = group(database, "pv-01")
    assert saved is not None
    assert (saved.words, saved.one_way) == (("太阳能电池", "PV"), False)
    assert browser.post(PAGE, data=form(browser, one_way="yes")).status_code == 303
    again = group(database, "pv-01")
    assert again is not None
    assert again.one_way
    assert browser.post(PAGE, data=form(browser)).status_code == 303
    assert group(database, "pv-01") == saved


def test_what_a_change_would_do_is_told_and_nothing_is_saved(signed_in: SignIn, database: Database) -> None:
    browser, before = signed_in("admin"), group(database, "pv-01")
    answer = browser.post(PAGE, data=form(browser, words="太阳能电池；柔轮齿圈", do="preview"))
    told = text_of(answer.text)
    assert answer.status_code == 200
    assert "尚未保存" in told
    assert "柔轮齿圈" in told
    assert 'value="光伏"' in answer.text, "the form stands as it was typed"
    assert group(database, "pv-01") == before
    fresh = browser.post(NEW, data={**form(browser), "name": "细栅", "words": "银浆", "do": "preview"})
    assert fresh.status_code == 200
    assert "尚未保存" in text_of(fresh.text)
    assert group(database, "pv-01") == before


def test_without_an_engine_the_preview_says_so(signed_in: SignIn, engine: LocalEngine) -> None:
    browser = signed_in("admin")
    engine.close()
    answer = browser.post(PAGE, data=form(browser, do="preview"))
    assert answer.status_code == 200
    assert "检索暂时不可用" in text_of(answer.text)


def test_a_new_group_is_made(signed_in: SignIn, database: Database) -> None:
    browser = signed_in("staff")
    answer = browser.post(NEW, data={**form(browser), "name": "细栅", "name_en": "", "words": "副栅"})
    assert answer.status_code == 303
    made = group(database, answer.headers["location"].rsplit("/", 1)[1])
    assert made is not None
    assert (made.heads, made.words, made.industries[0]) == (("细栅",), ("副栅",), "pv")
