"""The matching desk over HTTP, without JavaScript: what it shows to whom, its filters, its empty states."""

import re

import pytest
from starlette.testclient import TestClient

from matching import listings
from matching.access import SYSTEM
from matching.store.database import Database
from tests.web.conftest import Prepared, SignIn
from tests.web.desk_world import HOSTILE, ZONE, furnished, stored_pairs
from tests.web.markup import refused, text_of
from tests.web.stock import Stock

NEEDS = ("silver", "crack", "lonely")
PARTS = ("语义", "共有词", "指标", "产业", "成熟度", "知识产权", "合作方式", "价格", "期限", "地域")


@pytest.fixture(scope="module")
def prepared(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """What `database` and `stock` come from, with more on the desk."""
    return furnished(prepared, tmp_path_factory.mktemp("desk"))


def articles(markup: str) -> list[str]:
    return re.findall(r'<article class="pair desk-pair".*?</article>', markup, flags=re.DOTALL)


def ids(markup: str) -> list[str]:
    return re.findall(r'<article[^>]* id="pair-(\w+)"', markup)


def count(markup: str, show: str) -> int:
    """The number on a filter."""
    found = re.search(rf'id="show-{show}"[^>]*>.*?<b>([\d,]+)</b>', markup, flags=re.DOTALL)
    assert found is not None
    return int(found[1].replace(",", ""))


def test_a_pair_is_shown_with_all_its_reasons(signed_in: SignIn, stock: Stock) -> None:
    page = signed_in("broker").get(f"/desk/{ZONE}?need={stock.listings['silver']}").text
    (article,) = (each for each in articles(page) if f'id="pair-{stock.listings["paste"]}"' in each)
    text = text_of(article)
    assert "含铅碲玻璃粉的低温烧结导电银浆及其接触机理" in text
    assert "测试理工大学" in text
    assert all(part in text for part in PARTS)
    assert "光伏" in text
    assert "发明专利（已授权）" in text
    assert "60–120 万元" in text
    assert "<mark>" in article
    assert 'class="missing"' in article
    assert "单片银耗" in text
    assert [f'value="{grade}"' in article for grade in (3, 2, 1, 0)] == [True] * 4
    assert "尚未评级" in text
    assert "技术不符" in text, "the reasons of the code list"


def test_the_head_says_where_one_is_and_every_number_leads_to_its_rows(
    signed_in: SignIn, database: Database, stock: Stock
) -> None:
    browser = signed_in("staff")
    page = browser.get(f"/desk/{ZONE}").text
    assert "依据《意见》第三条" in page
    counts = re.search(r'<div class="stats" id="desk-counts">(.*?)</div>', page, flags=re.DOTALL)
    assert counts is not None
    told = dict(re.findall(r'href="([^"]+)"><b>(\d+)</b>', counts[1]))
    waiting = [pair for key in NEEDS for pair in stored_pairs(database, stock.listings[key]) if pair.level > 0]
    assert told == {
        f"/needs?zone={ZONE}&amp;industry=pv": str(len(NEEDS)),
        "/results?industry=pv": "5",
        f"/desk/{ZONE}?show=waiting": str(len(waiting)),
        f"/desk/{ZONE}?show=judged": "0",
    }
    for address in told:
        assert browser.get(address.replace("&amp;", "&")).status_code == 200


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_pages_obey_the_policy_and_escape_what_people_wrote(signed_in: SignIn, stock: Stock, language: str) -> None:
    browser = signed_in("broker")
    browser.cookies.set("lang", language)
    for address in (f"/desk/{ZONE}?need={stock.listings['crack']}", f"/desk/{ZONE}?show=waiting", "/desk/wujin"):
        answer = browser.get(address)
        if answer.status_code == 403:
            continue
        assert answer.status_code == 200
        assert refused(answer.text) == []
        assert len(re.findall(r"<h1\b", answer.text)) == 1
    page = browser.get(f"/desk/{ZONE}?need={stock.listings['crack']}").text
    assert "<img src=x" not in page
    assert HOSTILE in text_of(page)


def test_filters_show_as_many_as_they_count(signed_in: SignIn, database: Database, stock: Stock) -> None:
    browser = signed_in("broker")
    need = stock.listings["crack"]
    stored = stored_pairs(database, need)
    page = browser.get(f"/desk/{ZONE}?need={need}").text
    assert ids(page) == [pair.result for pair in stored if pair.level > 0]
    for level in range(4):
        assert count(page, str(level)) == sum(pair.level == level for pair in stored)
        filtered = browser.get(f"/desk/{ZONE}?need={need}&level={level}").text
        assert ids(filtered) == [pair.result for pair in stored if pair.level == level]
        assert ("没有这一类配对" in filtered) is (not ids(filtered))
    assert count(page, "all") == count(page, "waiting") == sum(pair.level > 0 for pair in stored)
    assert count(page, "judged") == 0


def test_needs_stand_with_most_waiting_first_and_say_so(signed_in: SignIn, database: Database, stock: Stock) -> None:
    page = signed_in("broker").get(f"/desk/{ZONE}").text
    listed = re.findall(r'id="need-(\w+)" href', page)
    wanted = [stock.listings[key] for key in NEEDS]
    assert sorted(listed) == sorted(wanted)
    waiting = {need: sum(pair.level > 0 for pair in stored_pairs(database, need)) for need in wanted}
    assert [waiting[need] for need in listed] == sorted(waiting.values(), reverse=True)
    for need, n in waiting.items():
        badge = re.search(rf'id="waiting-{need}">(.*?)</span>', page)
        assert badge is not None
        assert badge[1] == (f"{n} 待评" if n else "无待评")
    assert re.search(rf'aria-current="true" id="need-{listed[0]}"', page), "the first one is open at the right"


def test_a_need_without_pairs_says_what_would_help(signed_in: SignIn, stock: Stock) -> None:
    page = signed_in("staff").get(f"/desk/{ZONE}?need={stock.listings['lonely']}").text
    assert ids(page) == []
    assert "暂无成果回应这条需求" in page


def test_what_an_address_says_wrongly_is_left_out(signed_in: SignIn, stock: Stock) -> None:
    browser = signed_in("broker")
    good = browser.get(f"/desk/{ZONE}").text
    odd = browser.get(f"/desk/{ZONE}?show=best&page=-3&top=99999999")
    assert odd.status_code == 200
    assert ids(odd.text) == ids(good)
    assert browser.get(f"/desk/{ZONE}?need=nosuchneed").status_code == 404
    assert browser.get("/desk/atlantis").status_code == 404
    assert browser.get(f"/desk/{ZONE}?need={stock.listings['paste']}").status_code == 404


def test_a_need_that_was_withdrawn_is_said_to_be_gone(signed_in: SignIn, database: Database, stock: Stock) -> None:
    need = stock.listings["crack"]
    with database.write() as unit:
        listings.withdraw(unit, SYSTEM, need)
        unit.commit()
    staff = signed_in("staff").get(f"/desk/{ZONE}?need={need}")
    assert staff.status_code == 200
    assert "已不在本区在库" in staff.text
    assert articles(staff.text) == []
    assert signed_in("broker").get(f"/desk/{ZONE}?need={need}").status_code == 404


def test_who_may_open_a_desk(client: TestClient, signed_in: SignIn) -> None:
    sent = client.get(f"/desk/{ZONE}")
    assert (sent.status_code, sent.headers["location"]) == (303, f"/sign-in?next=%2Fdesk%2F{ZONE}")
    for who in ("provider", "seeker"):
        assert signed_in(who).get(f"/desk/{ZONE}").status_code == 403
        assert signed_in(who).get("/desk").status_code == 403
    assert signed_in("broker").get("/desk/kunshan").status_code == 403
    own = signed_in("broker").get("/desk")
    assert (own.status_code, own.headers["location"]) == (303, f"/desk/{ZONE}")


def test_an_administrator_chooses_a_desk_and_reads_it(signed_in: SignIn, stock: Stock) -> None:
    browser = signed_in("admin")
    choice = browser.get("/desk")
    assert choice.status_code == 200
    assert len(re.findall(r'<td><a href="/desk/\w[\w-]*">', choice.text)) == 12
    page = browser.get(f"/desk/{ZONE}").text
    assert articles(page)
    assert 'name="grade"' not in page
    assert "评级由本区经纪人和工作人员给出" in page


def test_an_undecided_zone_says_why_nothing_is_matched(signed_in: SignIn) -> None:
    page = signed_in("admin").get("/desk/wujin").text
    assert "战略产业未明确" in page
    assert "本区暂不匹配" in page
    assert "特色战略产业还不明确的高新区" in page
    assert articles(page) == []


def test_an_empty_desk_teaches(signed_in: SignIn) -> None:
    page = signed_in("admin").get("/desk/nanjing").text
    assert "本产业暂无在库需求" in page
    assert 'href="/imports"' in page
    waiting = signed_in("admin").get("/desk/nanjing?show=waiting").text
    assert "配对已全部评完" in waiting


def test_htmx_gets_the_desk_alone(signed_in: SignIn, stock: Stock) -> None:
    answer = signed_in("broker").get(f"/desk/{ZONE}?need={stock.listings['silver']}", headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith('<div id="desk"')
    assert "<html" not in answer.text
    assert "HX-Request" in answer.headers["vary"]
    assert stock.listings["paste"] in ids(answer.text)
