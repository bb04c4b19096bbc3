"""Organisations in the search box: which stand above the hits, in what order, for whom; and alone, page by page."""

import re
from html import unescape

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from matching import completions, listings, organisations, reviews
from matching.access import SYSTEM
from matching.documents import name_key
from matching.drafts import ListingDraft
from matching.model import Listing, ListingKind, Organisation, Zone
from matching.store.database import Database
from tests.web.conftest import SignIn
from tests.web.markup import refused, text_of
from tests.web.stock import Stock

UNIVERSITY = "测试理工大学"
FRAGMENT = {"HX-Request": "true"}
NAMES = ("江南大学", "江南大学附属医院", "无锡江南大学科技园", "江南光伏研究院", "四川硅材料研究所")


@pytest.fixture(autouse=True)
def named(database: Database) -> dict[str, str]:
    """Five organisations more, each with a published need, their keys brought as the worker does; and one with nothing."""
    found = {}
    with database.write() as unit:
        zone = unit.session.exec(select(Zone.id).where(Zone.code == "wuxi")).one()
        for at, name in enumerate((*NAMES, "江南未发布公司")):
            row = Organisation(
                name=name, name_key=name_key(name), name_en="Jiangnan-Lake University" if at == 0 else "",
                kind="university" if at < 2 else "enterprise", zone_id=zone, city="无锡", created_at=unit.now(),
            )  # fmt: skip
            unit.session.add(row)
            unit.session.flush()
            found[name] = row.public_id
            if at < len(NAMES):
                draft = ListingDraft(
                    ListingKind.NEED, f"湖水取样需求 {at}", organisation=row.public_id, texts={"detail": "每周取样一次。"}
                )
                saved = listings.save(unit, SYSTEM, draft)
                reviews.publish(unit, SYSTEM, saved.public_id)
        unit.commit()
    completions.check_all(database)
    return found


def block(markup: str) -> list[str]:
    """The lines above the hits."""
    found = re.search(r'<section class="organisations".*?</section>', markup, flags=re.DOTALL)
    return lines(found[0]) if found else []


def lines(markup: str) -> list[str]:
    return [text_of(each) for each in re.findall(r"<li>\s*(<strong>.*?)</li>", markup, flags=re.DOTALL)]


def names(markup: str) -> list[str]:
    return [text_of(each) for each in re.findall(r"<li>\s*<strong>(.*?)</strong>", markup, flags=re.DOTALL)]


def above(client: TestClient, q: str, **more: str) -> list[str]:
    page = client.get("/search", params={"q": q, **more}).text
    assert refused(page) == []
    return [each for each in names(page) if block(page)]


def test_the_exact_name_first_then_beginnings_then_parts(client: TestClient) -> None:
    page = client.get("/search", params={"q": "江南大学"}).text
    assert names(page) == list(NAMES[:3])
    assert block(page)[0] == "江南大学 高校无锡高新区1 项"


def test_a_name_is_found_in_any_spelling(client: TestClient) -> None:
    for typed in ("江南大學", "江 南 大 学", "jiangnandaxue", "jndx", "Jiangnan Daxue", "Jiangnan Lake", "lake university"):
        assert above(client, typed)[0] == "江南大学", typed
    assert above(client, "无锡 科技园") == ["无锡江南大学科技园"]
    assert above(client, "sichuan") == ["四川硅材料研究所"]


def test_what_is_no_name_finds_none(client: TestClient) -> None:
    for typed in ("SiC", "ake", "j", "%", "_", "江南大学" * 60, "江南大学在湖水取样方面有多年积累。" * 12):
        assert above(client, typed) == [], typed


def test_a_line_counts_what_is_published_and_leads_to_it(client: TestClient, stock: Stock) -> None:
    page = client.get("/search", params={"q": UNIVERSITY}).text
    [line] = block(page)
    assert "26 项" in line
    address = re.search(r"<strong><a href=\"([^\"]+)\"", page)
    assert address is not None
    narrowed = client.get(unescape(address[1])).text
    assert "共 26 项" in text_of(narrowed)
    assert not block(narrowed), "it is there already"


def test_who_has_published_nothing_is_known_to_its_own_and_to_those_who_keep_it(
    client: TestClient, signed_in: SignIn, database: Database, named: dict[str, str]
) -> None:
    name = "江南未发布公司"
    for browser in (client, signed_in("seeker"), signed_in("staff"), signed_in("broker")):
        assert above(browser, name) == []
        assert name not in browser.get("/search", params={"kind": "organisation"}).text
    page = signed_in("admin").get("/search", params={"q": name}).text
    assert "尚无已发布内容" in block(page)[0]
    assert f'<strong><a href="/organisations/{named[name]}"' in page


def test_withdrawn_at_once_and_a_deactivated_one_keeps_what_it_published(
    client: TestClient, database: Database, named: dict[str, str]
) -> None:
    with database.write() as unit:
        organisations.set_active(unit, SYSTEM, named["江南大学"], active=False)
        unit.commit()
    assert above(client, "江南大学")[0] == "江南大学"
    with database.write() as unit:
        query = select(Listing.public_id).join(Organisation).where(Organisation.name == "江南大学")
        listings.withdraw(unit, SYSTEM, unit.session.exec(query).one())
        unit.commit()
    assert above(client, "jndx") == ["江南大学附属医院", "无锡江南大学科技园"]


def test_kinds_and_filters_decide_whether_they_stand_there(client: TestClient) -> None:
    assert above(client, "江南", kind="result") == []
    page = client.get("/search", params={"q": "江南", "kind": ["result", "organisation"]}).text
    assert len(block(page)) == 3
    assert above(client, "江南", industry="pv") == []
    assert above(client, "江南", owner="university") == ["江南大学", "江南大学附属医院"]
    assert above(client, "江南 区:常州") == []
    assert above(client, "湖水取样") == []


def test_alone_they_are_paged_with_their_own_filters(client: TestClient, database: Database) -> None:
    page = client.get("/search", params={"q": "江南"}).text
    [following] = set(re.findall(r'href="(/search\?[^"]*)"[^>]*>全部 4 家单位', page)) or {""}
    assert "kind=organisation" in following
    alone = client.get(unescape(following)).text
    assert len(names(alone)) == 4
    assert 'name="q"' in alone
    assert "共 4 家单位" in text_of(alone)
    assert re.search(r'value="organisation" checked', alone)
    assert re.search(r'value="university"', alone)
    narrowed = client.get("/search", params={"q": "江南", "kind": "organisation", "owner": "university", "zone": "wuxi"}).text
    assert names(narrowed) == ["江南大学", "江南大学附属医院"]
    chips = re.findall(r'class="chip" href="([^"]+)"', narrowed)
    assert len(chips) == 3
    assert sum("kind=organisation" in each for each in chips) == 2
    assert names(client.get("/search", params={"q": "机构:附属", "kind": "organisation"}).text) == ["江南大学附属医院"]


def test_their_pages_hold_each_of_them_once(client: TestClient, database: Database) -> None:
    with database.write() as unit:
        for at in range(38):
            name = f"湖滨第{at}试验站"
            row = Organisation(name=name, name_key=name_key(name), kind="enterprise", created_at=unit.now())
            unit.session.add(row)
            unit.session.flush()
            draft = ListingDraft(ListingKind.NEED, f"取水 {at}", organisation=row.public_id, texts={"detail": "每周一次。"})
            reviews.publish(unit, SYSTEM, listings.save(unit, SYSTEM, draft).public_id)
        unit.commit()
    first = client.get("/search", params={"kind": "organisation"}, headers=FRAGMENT)
    assert first.headers["hx-push-url"] == "/search?kind=organisation"
    found = names(first.text)
    for page in ("2", "3"):
        found += names(client.get("/search", params={"kind": "organisation", "page": page}).text)
    assert len(found) == len(set(found)) == 38 + len(NAMES) + 3
    assert names(client.get("/search", params={"q": "湖滨", "page": "2"}).text) == []
    assert names(client.get("/search", params={"kind": "organisation", "page": "9"}).text) == []


def test_in_english_by_their_english_names(client: TestClient) -> None:
    client.cookies.set("lang", "en")
    page = client.get("/search", params={"q": "jndx"}).text
    assert names(page)[0] == "Jiangnan-Lake University"
    assert block(page)[0].startswith("Jiangnan-Lake University University")
    assert "1 entry" in block(page)[0]
    none = client.get("/search", params={"q": "zzzz", "kind": "organisation"}).text
    assert "No organisation of this name" in text_of(none)
