"""The switches of the first ten on the desk and on the page of one's own entry: off unless the address says so, and told."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select, update
from starlette.testclient import TestClient

from matching.model import Listing, Match, Organisation
from matching.store.database import Database
from tests.web.conftest import Prepared, SignIn
from tests.web.desk_world import ZONE, furnished
from tests.web.markup import refused, text_of
from tests.web.stock import Stock
from tests.web.test_desk import ids

BEST_FIRST = ("infrared", "laser", "paste", "paste2", "coating")
OWNED = re.compile(r'<div id="pair-(\w+)" class="owned">')


@pytest.fixture(scope="module")
def prepared(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """What `database` and `stock` come from, with more on the desk."""
    return furnished(prepared, tmp_path_factory.mktemp("desk"))


@pytest.fixture
def names(database: Database, stock: Stock) -> Callable[[list[str]], list[str]]:
    """The need "crack" with five pairs of one level but the first, all old but the last, all of one organisation but the
    third; gives names for public ids."""
    with database.write() as unit:
        rows = {row.public_id: row for row in unit.session.exec(select(Listing))}
        need = rows[stock.listings["crack"]].id
        unit.session.execute(update(Listing).values(published_at=unit.now() - timedelta(days=400)))
        other = unit.session.exec(select(Organisation.id).where(Organisation.public_id == stock.organisations["robots"])).one()
        for place, key in enumerate(BEST_FIRST):
            chosen = select(Match).where(Match.need_id == need, Match.result_id == rows[stock.listings[key]].id)
            match = unit.session.exec(chosen).one()
            match.score, match.level = 0.9 - place / 100, 2 if place else 3
        unit.session.flush()
        changes: dict[str, dict[str, Any]] = {
            "coating": {"published_at": unit.now() - timedelta(days=3)},
            "paste": {"organisation_id": other},
        }
        for key, values in changes.items():
            unit.session.execute(update(Listing).where(col(Listing.public_id) == stock.listings[key]).values(**values))
        unit.commit()
    keys = {public_id: key for key, public_id in stock.listings.items()}
    return lambda found: [keys[each] for each in found]


def read(browser: TestClient, address: str, language: str = "zh_CN") -> str:
    browser.cookies.set("lang", language)
    answer = browser.get(address)
    assert answer.status_code == 200
    assert refused(answer.text) == []
    return answer.text


def notes(page: str) -> list[str]:
    return [text_of(each) for each in re.findall(r'<p class="moved small">(.*?)</p>', page, flags=re.DOTALL)]


def posted(database: Database) -> str:
    return (database.clock.today() - timedelta(days=3)).isoformat()


def switch(page: str, name: str) -> tuple[bool, str]:
    """Whether it is on, and where it leads."""
    found = re.search(rf'role="switch" aria-checked="(\w+)" id="first-ten-{name}" href="([^"]+)"', page)
    assert found is not None
    return found[1] == "true", found[2].replace("&amp;", "&")


def test_the_desk_stands_by_score_until_a_switch_is_turned(
    signed_in: SignIn, database: Database, stock: Stock, names: Callable[[list[str]], list[str]]
) -> None:
    browser = signed_in("broker")
    plain = f"/desk/{ZONE}?need={stock.listings['crack']}"
    page = read(browser, plain)
    assert tuple(names(ids(page))) == BEST_FIRST
    assert (notes(page), "前十条的顺序已调整" in page) == ([], False)
    assert switch(page, "fresh") == (False, f"{plain}&fresh=1")
    fresh = read(browser, switch(page, "fresh")[1])
    assert names(ids(fresh)) == ["infrared", "coating", "laser", "paste", "paste2"], "not past the pair of a higher level"
    assert notes(fresh) == [f"↑ 上移 3 位：新发布（{posted(database)}）"]
    assert "前十条的顺序已调整。 7 天内发布的按高 3 位排，30 天内的高 2 位，90 天内的高 1 位。评分不变" in text_of(fresh)
    assert switch(fresh, "fresh") == (True, plain)
    assert switch(fresh, "diverse") == (False, f"{plain}&fresh=1&diverse=1")
    assert tuple(names(ids(read(browser, plain)))) == BEST_FIRST, "remembered nowhere but in the address"


def test_what_repeats_the_organisation_above_moves_down(
    signed_in: SignIn, database: Database, stock: Stock, names: Callable[[list[str]], list[str]]
) -> None:
    browser = signed_in("broker")
    address = f"/desk/{ZONE}?need={stock.listings['crack']}&diverse=1"
    page = read(browser, address, "en")
    assert names(ids(page)) == ["infrared", "paste", "laser", "coating", "paste2"], "its title is much like that of paste, too"
    assert notes(page) == ["↓ Moved down by 1: same organisation as above"] * 2
    assert "counts as 3 places lower for each of these. Scores stay" in text_of(page)
    both = read(browser, f"{address}&fresh=1", "en")
    assert names(ids(both)) == ["infrared", "paste", "coating", "laser", "paste2"]
    assert f"↑ Moved up by 2: new, published {posted(database)}" in notes(both)


def test_a_grade_comes_back_to_the_order_in_which_it_was_given(
    signed_in: SignIn, stock: Stock, names: Callable[[list[str]], list[str]]
) -> None:
    browser = signed_in("broker")
    crack, coating = stock.listings["crack"], stock.listings["coating"]
    page = read(browser, f"/desk/{ZONE}?need={crack}&fresh=1&diverse=1")
    assert page.count('name="fresh" value="1"') == page.count('name="diverse" value="1"') == len(BEST_FIRST) + 1
    typed = {"need": crack, "result": coating, "grade": "2", "fresh": "1", "diverse": "1"}
    sent = browser.post(f"/desk/{ZONE}/verdicts", data=typed, follow_redirects=False)
    assert sent.headers["location"] == f"/desk/{ZONE}?need={crack}&fresh=1&diverse=1#pair-{coating}"
    nonsense = read(browser, f"/desk/{ZONE}?need={crack}&fresh=nonsense")
    assert (tuple(names(ids(nonsense))), switch(nonsense, "fresh")[0]) == (BEST_FIRST, False)


def test_an_owner_turns_them_on_the_page_of_the_own_need(
    signed_in: SignIn, database: Database, stock: Stock, names: Callable[[list[str]], list[str]]
) -> None:
    browser = signed_in("seeker")
    crack, coating = stock.listings["crack"], stock.listings["coating"]
    page = read(browser, f"/needs/{crack}")
    assert tuple(names(OWNED.findall(page))) == BEST_FIRST
    assert switch(page, "diverse") == (False, f"/needs/{crack}?diverse=1#first-ten")
    fresh = read(browser, f"/needs/{crack}?fresh=1")
    assert names(OWNED.findall(fresh)) == ["infrared", "coating", "laser", "paste", "paste2"]
    assert notes(fresh) == [f"↑ 上移 3 位：新发布（{posted(database)}）"]
    assert switch(fresh, "fresh") == (True, f"/needs/{crack}#first-ten")
    typed = {"other": coating, "do": "fits", "fresh": "1"}
    sent = browser.post(f"/listings/{crack}/word", data=typed, follow_redirects=False)
    assert sent.headers["location"] == f"/needs/{crack}?fresh=1#pair-{coating}"


def test_where_there_is_nothing_to_order_there_is_no_switch(signed_in: SignIn, stock: Stock) -> None:
    own = f"/results/{stock.listings['hostile']}"
    provider = signed_in("provider")
    page = read(provider, own)
    assert ("pair-" in page, "first-ten" in page) == (True, False), "one pair stands where it stands"
    told = read(provider, f"{own}?fresh=1&diverse=1")
    assert "前十条的顺序未变：没有需要挪动的。" in told, "what the address asks for is told all the same, and can be turned off"
    assert "first-ten" not in read(signed_in("seeker"), f"{own}?fresh=1"), "pairs of others are nobody's business"
