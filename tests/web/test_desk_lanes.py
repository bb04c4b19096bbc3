"""The desk beyond its first view: lanes outside the field, filters in the address, the export and the comparison."""

import io
import re
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlmodel import col, select, update
from starlette.testclient import TestClient

from matching import listings, reviews
from matching.access import SYSTEM
from matching.drafts import ListingDraft
from matching.model import ListingKind, Match, Zone
from matching.reference import industries
from matching.store.database import Database
from tests.web.conftest import Prepared, SignIn
from tests.web.desk_world import HOSTILE, ZONE, furnished, rematch, stored_pairs
from tests.web.markup import refused, text_of
from tests.web.stock import Stock
from tests.web.test_desk import articles, count, ids
from tests.web.test_desk_grades import grade


@pytest.fixture(scope="module")
def prepared(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """What `database` and `stock` come from, with more on the desk."""
    return furnished(prepared, tmp_path_factory.mktemp("desk"))


@pytest.fixture
def outside(database: Database, stock: Stock) -> dict[str, str]:
    """A result in the broader industry and a need in another one, matched; public ids by name."""
    found: dict[str, str] = {}
    with database.write() as unit:
        for key, kind, owner, title, tag in (
            ("broad", ListingKind.RESULT, "university", "=硅片边缘隐裂在线检测", "new-energy"),
            ("strange", ListingKind.NEED, "cells", "硅片边缘隐裂在线检测的机械手", "robotics"),
        ):
            field = "detail" if kind is ListingKind.NEED else "summary"
            draft = ListingDraft(
                kind,
                title,
                organisation=stock.organisations[owner],
                texts={field: "红外成像在线检测硅片边缘隐裂。"},
                industries=(tag,),
            )
            found[key] = listings.save(unit, SYSTEM, draft).public_id
            reviews.publish(unit, SYSTEM, found[key])
        unit.commit()
    rematch(database, list(found.values()))
    return found


def sheet_of(browser: TestClient, query: str = "") -> list[list[object]]:
    answer = browser.get(f"/desk/{ZONE}/export{query}")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith('attachment; filename="pairs-changzhou-')
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()


def test_the_lanes_outside_open_by_a_switch(signed_in: SignIn, stock: Stock, outside: dict[str, str]) -> None:
    browser = signed_in("broker")
    crack = stock.listings["crack"]
    page = browser.get(f"/desk/{ZONE}?need={crack}").text
    switch = re.search(r'role="switch" aria-checked="(\w+)" id="outside" href="([^"]+)"', page)
    assert switch is not None
    assert switch[1] == "false"
    assert outside["broad"] not in ids(page)
    assert 'id="lane-outside_need"' not in page
    opened = browser.get(switch[2].replace("&amp;", "&")).text
    assert 'aria-checked="true"' in opened
    results = browser.get(f"/desk/{ZONE}?need={crack}&lane=outside_result").text
    assert outside["broad"] in ids(results)
    (article,) = (each for each in articles(results) if f'id="pair-{outside["broad"]}"' in each)
    assert "上位产业" in text_of(article)
    needs = browser.get(f"/desk/{ZONE}?lane=outside_need").text
    assert re.findall(r'id="need-(\w+)" href', needs) == [outside["strange"]]
    assert stock.listings["infrared"] in ids(needs)
    assert refused(results) == refused(needs) == []


def test_a_grade_outside_comes_back_to_its_lane(signed_in: SignIn, stock: Stock, outside: dict[str, str]) -> None:
    browser = signed_in("broker")
    crack, broad = stock.listings["crack"], outside["broad"]
    sent = grade(browser, crack, broad, "2", lane="outside_result")
    assert sent.headers["location"] == f"/desk/{ZONE}?need={crack}&lane=outside_result#pair-{broad}"
    page = browser.get(f"/desk/{ZONE}?need={crack}&lane=outside_result").text
    assert (count(page, "judged"), count(browser.get(f"/desk/{ZONE}?need={crack}").text, "judged")) == (1, 0)
    undone = browser.post(f"/desk/{ZONE}/undo", data={"need": stock.listings["silver"]})
    assert undone.headers["location"] == f"/desk/{ZONE}?need={crack}&lane=outside_result#pair-{broad}"
    piece = browser.post(
        f"/desk/{ZONE}/verdicts",
        data={"need": crack, "result": broad, "grade": "1", "lane": "outside_result"},
        headers={"HX-Request": "true"},
    ).text
    assert ids(piece) == [broad]
    assert f'href="/desk/{ZONE}?lane=outside_result&amp;show=judged"><b>1</b>' in piece


def test_filters_stand_in_the_address_and_hold_together(signed_in: SignIn, database: Database, stock: Stock) -> None:
    browser = signed_in("broker")
    crack = stock.listings["crack"]
    first, *others = [pair for pair in stored_pairs(database, crack) if pair.level > 0]
    grade(browser, crack, first.result, "3")
    assert others
    level = others[0].level
    page = browser.get(f"/desk/{ZONE}?need={crack}&level={level}&show=waiting").text
    assert ids(page) == [pair.result for pair in others if pair.level == level]
    assert count(page, "judged") == (first.level == level)
    assert 'id="drop-level"' in page
    assert 'id="drop-show"' in page
    assert f'name="level" value="{level}"' in page
    assert ids(browser.get(f"/desk/{ZONE}?need={crack}&show=judged").text) == [first.result]
    nothing = browser.get(f"/desk/{ZONE}?show=judged&age=older").text
    assert "没有需求有这样的配对" in nothing


def test_age_counts_from_the_day_a_pair_was_found(signed_in: SignIn, database: Database, stock: Stock) -> None:
    browser = signed_in("broker")
    crack = stock.listings["crack"]
    kept = [pair.result for pair in stored_pairs(database, crack) if pair.level > 0]
    with database.write() as unit:
        row = unit.session.exec(select(Match).where(Match.level > 0).order_by(col(Match.score).desc())).first()
        assert row is not None
        unit.session.execute(update(Match).values(found_at=unit.now() - timedelta(days=8)))
        unit.commit()
    for age, shown in (("", kept), ("1", []), ("7", []), ("30", kept), ("older", []), ("nonsense", kept)):
        assert ids(browser.get(f"/desk/{ZONE}?need={crack}&age={age}").text) == shown, age


def test_the_export_holds_what_is_filtered(signed_in: SignIn, database: Database, stock: Stock, outside: dict[str, str]) -> None:
    browser = signed_in("staff")
    heading, *rows = sheet_of(browser)
    stored = [pair for key in ("silver", "crack", "lonely") for pair in stored_pairs(database, stock.listings[key])]
    inside = {pair.result for pair in stored} - set(outside.values())
    assert {"需求", "成果", "等级", "得分", "评级", "需求方意见"} <= set(heading)
    assert len(rows) == sum(pair.level > 0 and pair.result in inside for pair in stored)
    scores = [row[heading.index("得分")] for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert HOSTILE in {row[heading.index("成果")] for row in rows}
    grade(browser, stock.listings["crack"], stock.listings["laser"], "3", reason="price")
    _, only = sheet_of(browser, "?show=judged")
    assert [only[heading.index(name)] for name in ("成果", "评级", "原因", "评级人")] == [
        "硅片隐裂激光检测装置", "强", "价格不合", "staff 王",
    ]  # fmt: skip
    far = sheet_of(browser, "?lane=outside_result&level=" + str(_level(database, stock.listings["crack"], outside["broad"])))
    titles = [row[heading.index("成果")] for row in far[1:]]
    assert "'=硅片边缘隐裂在线检测" in titles, "no spreadsheet calculates it"
    browser.cookies.set("lang", "en")
    assert {"Need", "Result", "Grade"} <= set(sheet_of(browser)[0])


def _level(database: Database, need: str, result: str) -> int:
    return next(pair.level for pair in stored_pairs(database, need) if pair.result == result)


def test_the_comparison_marks_what_is_shared_and_points_at_what_is_closest(signed_in: SignIn, stock: Stock) -> None:
    browser = signed_in("broker")
    need, result = stock.listings["crack"], stock.listings["infrared"]
    link = f"/desk/{ZONE}/compare?need={need}&amp;result={result}"
    assert f'href="{link}"' in browser.get(f"/desk/{ZONE}?need={need}").text
    for language in ("zh_CN", "en"):
        browser.cookies.set("lang", language)
        page = browser.get(link.replace("&amp;", "&")).text
        assert refused(page) == []
        sides = re.findall(r'<article class="compare-side".*?</article>', page, flags=re.DOTALL)
        assert len(sides) == 2
        for side in sides:
            assert re.search(r"<mark[^>]*>[^<]*隐裂[^<]*</mark>", side)
            assert side.count('class="closest"') >= 1
        assert "节拍" in text_of(sides[0])
        assert HOSTILE in text_of(sides[1])
        assert f'href="/desk/{ZONE}?need={need}#pair-{result}"' in page


def test_a_comparison_of_what_is_no_pair_says_why(signed_in: SignIn, stock: Stock) -> None:
    browser = signed_in("broker")
    gone = browser.get(f"/desk/{ZONE}/compare?need={stock.listings['crack']}&result={stock.listings['hostile']}")
    assert gone.status_code == 200
    assert "为什么没有配对" in text_of(gone.text)
    assert "不在光伏产业内" in text_of(gone.text)
    assert browser.get(f"/desk/{ZONE}/compare").status_code == 404
    assert browser.get(f"/desk/{ZONE}/compare?need={stock.listings['crack']}&result=nosuchresult").status_code == 404


def test_only_the_zones_people_compare_and_export(client: TestClient, signed_in: SignIn, stock: Stock) -> None:
    compare = f"/desk/{ZONE}/compare?need={stock.listings['crack']}&result={stock.listings['laser']}"
    for address in (compare, f"/desk/{ZONE}/export"):
        assert client.get(address).status_code == 303, "to the sign-in"
        for who in ("provider", "seeker"):
            assert signed_in(who).get(address).status_code == 403
        assert signed_in("broker").get(address.replace(ZONE, "kunshan")).status_code == 403
        assert signed_in("admin").get(address).status_code == 200


def test_an_undecided_zone_with_a_candidate_says_where_it_is_matched(signed_in: SignIn, database: Database) -> None:
    with database.write() as unit:
        nodes = {node.code: node.id for node in industries(unit.session).values()}
        unit.session.exec(select(Zone).where(Zone.code == "wujin")).one().candidate_industry_id = nodes["robotics"]
        unit.commit()
    browser = signed_in("admin")
    page = text_of(browser.get("/desk/wujin").text)
    assert "候选产业" in page
    assert "目前先按候选产业“机器人”匹配" in page
    assert "本区暂不匹配" not in page
    assert "候选产业" in text_of(browser.get("/desk").text)
