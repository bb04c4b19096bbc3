"""Any need with any result over HTTP: what the score rests on, what would raise it, and what keeps two listings apart."""

import re

import pytest
import sqlalchemy as sa
from sqlmodel import col, select
from starlette.testclient import TestClient

from matching import listings
from matching.access import SYSTEM
from matching.drafts import ListingDraft
from matching.matcher import KEEP
from matching.model import Listing, ListingKind, Match, StoredVector
from matching.store.database import Database
from matching.store.unit import UnitOfWork
from tests.web.conftest import Prepared, SignIn
from tests.web.desk_world import ZONE, furnished
from tests.web.markup import refused, text_of
from tests.web.stock import Stock


@pytest.fixture(scope="module")
def prepared(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """What `database` and `stock` come from, with more on the desk."""
    return furnished(prepared, tmp_path_factory.mktemp("comparing"))


def address(stock: Stock, need: str = "silver", result: str = "paste", zone: str = "") -> str:
    found = f"/compare?need={stock.listings.get(need, need)}&result={stock.listings.get(result, result)}"
    return found + (f"&zone={zone}" if zone else "")


def edits(markup: str) -> list[str]:
    (block,) = re.findall(r'<div class="raising">(.*?)</div>\s*<p class="small soft">', markup, flags=re.DOTALL) or [""]
    return [text_of(each) for each in re.findall(r"<li>(.*?)</li>", block, flags=re.DOTALL)]


def apart(markup: str) -> str:
    return " ".join(text_of(each) for each in re.findall(r'<div class="apart".*?</div>', markup, flags=re.DOTALL))


def cells(markup: str) -> list[list[str]]:
    (table,) = re.findall(r'<details class="breakdown">(.*?)</details>', markup, flags=re.DOTALL)
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table, flags=re.DOTALL)
    return [[text_of(each) for each in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL)] for row in rows]


def number(text: str) -> float:
    return float(text.replace("\u2212", "-").replace("+", ""))


def test_the_points_of_the_parts_add_up_and_each_reason_has_its_change(signed_in: SignIn, stock: Stock) -> None:
    page = signed_in("broker").get(address(stock, zone=ZONE)).text
    assert refused(page) == []
    _, *parts, total = cells(page)
    assert len(parts) == 10
    told = [number(row[1]) for row in parts if row[1] != "不适用"]
    assert sum(told) == pytest.approx(number(total[1]), abs=0.05 * len(parts))
    by_name = {row[0]: row[2] for row in parts}
    assert re.search(r"银浆 \+\d+\.\d", by_name["共有词"])
    assert re.search(r"接触电阻率.* 已达到 [+\u2212]?\d", by_name["指标"])
    assert re.search(r"单片银耗.* 未给出 \u2212\d", by_name["指标"]), "what is missing costs"
    assert re.search(r"最接近的段落 \+\d", by_name["语义"])


def test_what_is_missing_becomes_a_question_to_the_side_that_can_answer(signed_in: SignIn, stock: Stock) -> None:
    broker = edits(signed_in("broker").get(address(stock, zone=ZONE)).text)
    asked = next(each for each in broker if "单片银耗" in each)
    assert "成果能达到 ≤ 70 mg 吗？如能达到，请列出这项指标。" in asked.replace("\u00a0", " ")
    assert re.search(r"\+\d+\.\d", asked)
    assert "打开表单填写" not in " ".join(broker), "a broker asks, and changes nobody's text"
    own = signed_in("provider").get(address(stock)).text
    assert any("单片银耗" in each for each in edits(own))
    assert "您的成果" in text_of(own)
    firm = signed_in("seeker").get(address(stock)).text
    assert not any("单片银耗" in each for each in edits(firm)), "the other side's homework is not the firm's"


def test_the_owner_is_led_to_the_field_with_nothing_claimed(signed_in: SignIn, stock: Stock) -> None:
    browser = signed_in("provider")
    page = browser.get(address(stock)).text
    link = next(each for each in re.findall(r'href="(/listings/[^"]+/edit\?at=indicators[^"]*)"', page))
    form = browser.get(link.replace("&amp;", "&").partition("#")[0]).text
    names = re.findall(r'name="indicators-(\d+)-name" value="([^"]*)"', form)
    (row,) = [at for at, name in names if name == "单片银耗"]
    assert re.search(rf'name="indicators-{row}-value" value=""', form), "the figure is the owner's to state"
    assert re.search(rf'name="indicators-{row}-unit" value="mg"', form)
    assert "属实" in text_of(form)


def test_many_pairs_show_it_folded_and_fetch_it(signed_in: SignIn, stock: Stock) -> None:
    browser = signed_in("provider")
    page = browser.get(f"/results/{stock.listings['paste']}").text
    (href,) = re.findall(r'<details class="fold-raise small" hx-get="([^"]+)"', page)
    assert 'class="edits"' not in page
    piece = browser.get(href.replace("&amp;", "&"), headers={"HX-Request": "true"}).text
    assert "<html" not in piece
    assert edits(piece)
    desk = signed_in("broker").get(f"/desk/{ZONE}?need={stock.listings['silver']}").text
    assert 'class="fold-raise small"' in desk
    assert 'class="ask-why small"' in desk


def test_listings_are_named_by_number_and_by_pasted_address(signed_in: SignIn, database: Database, stock: Stock) -> None:
    with database.read() as session:
        number_of = session.exec(select(Listing.number).where(Listing.public_id == stock.listings["paste"])).one()
    browser = signed_in("broker")
    wanted = text_of(browser.get(address(stock)).text)
    typed = {"need": f" https://example.org/needs/{stock.listings['silver']}?from=mail ", "result": (number_of or "").lower()}
    assert text_of(browser.get("/compare", params=typed).text) == wanted
    wrong = browser.get("/compare", params={"need": number_of or "", "result": "R-1999-0001"})
    assert wrong.status_code == 200
    assert "这是一项成果，这里要填需求" in wrong.text
    assert "没有这个编号或网址的内容" in wrong.text
    assert 'value="R-1999-0001"' in wrong.text, "what was typed stays"
    odd = browser.get("/compare", params={"need": "\0\x1b", "result": "％" * 5000})
    assert odd.status_code == 200
    assert odd.text.count('class="error"') == 2


def test_only_those_concerned_compare_and_only_what_they_read(client: TestClient, signed_in: SignIn, stock: Stock) -> None:
    assert client.get(address(stock)).status_code == 303
    assert signed_in("seeker").get(address(stock, "joint", "hostile")).status_code == 403, "neither is the firm's"
    assert signed_in("seeker").get(address(stock, zone="kunshan")).status_code == 403
    hidden = signed_in("seeker").get(address(stock, result="draft"))
    assert "没有这个编号或网址的内容" in hidden.text, "a draft is not there for others"
    assert "尚未写完的成果" not in hidden.text


def test_an_own_draft_is_compared_with_nothing_until_it_is_published(signed_in: SignIn, stock: Stock) -> None:
    page = signed_in("provider").get(address(stock, result="draft")).text
    assert "成果目前未发布（草稿）" in apart(page)
    assert 'class="breakdown"' not in page


@pytest.mark.parametrize(
    ("need", "result", "zone", "said"),
    [
        ("silver", "hostile", ZONE, "成果不在光伏产业内：这一对属于产业外。"),
        ("joint", "paste", ZONE, "需求属于昆山高新区，不属于常州高新区"),
        ("joint", "paste", "", "成果不在"),
        ("joint", "paste", "wujin", "战略产业未明确，暂不匹配"),
        ("lonely", "paste", ZONE, "但只到“无”。拉低的是："),
    ],
)
def test_rules_that_keep_two_apart_are_named(
    signed_in: SignIn, stock: Stock, need: str, result: str, zone: str, said: str
) -> None:
    told = apart(signed_in("admin").get(address(stock, need, result, zone)).text)
    assert said in told
    assert "为什么没有配对" in told


def test_what_is_not_embedded_yet_is_said(signed_in: SignIn, database: Database, stock: Stock) -> None:
    with database.write() as unit:
        unit.session.execute(sa.delete(StoredVector))
        unit.session.execute(sa.delete(Match))
        unit.commit()
    page = signed_in("broker").get(address(stock, zone=ZONE)).text
    assert "语义还没有算出来" in apart(page)
    assert "算出语义后" in text_of(page)


def test_a_pair_that_the_matching_has_not_reached_is_said_to_wait(signed_in: SignIn, database: Database, stock: Stock) -> None:
    with database.write() as unit:
        unit.session.execute(sa.delete(Match))
        unit.commit()
    assert "只是还没有匹配到" in apart(signed_in("broker").get(address(stock, zone=ZONE)).text)


def test_a_pair_crowded_out_has_its_place(signed_in: SignIn, database: Database, stock: Stock) -> None:
    """Its places are taken by results that are stored as nearer. The desk is told which place the pair has, its owners only
    that others are nearer."""
    with database.write() as unit:
        session = unit.session
        need = session.exec(select(Listing).where(Listing.public_id == stock.listings["silver"])).one()
        rows = session.exec(select(Match).where(Match.need_id == need.id).order_by(col(Match.score).desc())).all()
        held = rows[0].model_dump(exclude={"id", "result_id", "score"})
        for row in rows:
            session.delete(row)
        session.flush()
        session.add_all(Match(**held, result_id=id_, score=0.99) for id_ in _crowd(unit, stock))
        unit.commit()
    broker = apart(signed_in("broker").get(address(stock, zone=ZONE)).text)
    assert f"每条需求只保留 {KEEP} 项成果，这一项排在第 1 位" in broker, "by today's texts it is the nearest"
    owner = apart(signed_in("provider").get(address(stock)).text)
    assert f"有 {KEEP} 项成果比它更接近这条需求" in owner


def _crowd(unit: UnitOfWork, stock: Stock) -> list[int]:
    """Ids of as many results as a need keeps."""
    made: list[str] = []
    for number_ in range(KEEP):
        draft = ListingDraft(
            ListingKind.RESULT, f"凑数的成果 {number_}", organisation=stock.organisations["university"],
            texts={"summary": f"第 {number_} 项。"}, industries=("environment",),
        )  # fmt: skip
        made.append(listings.save(unit, SYSTEM, draft).public_id)
    rows = unit.session.exec(select(Listing.id).where(col(Listing.public_id).in_(made)))
    return [id_ for id_ in rows if id_ is not None]
