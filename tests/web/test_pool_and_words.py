"""The pool of needs that no zone has, and what owners say of pairs: who sees them, who takes up, who speaks."""

import re
from dataclasses import dataclass

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from matching import listings as listings_
from matching import people, reviews
from matching.access import SYSTEM
from matching.documents import name_key
from matching.drafts import ListingDraft
from matching.matcher import Matcher
from matching.model import AuditEntry, Listing, ListingKind, Match, Organisation, Role
from matching.people import Grant
from matching.projection import Projection, index_recipe
from matching.standings import POOL
from matching.store.database import Database
from matching.vectors import VectorStore
from search.encoder.hashing import HashingEncoder
from search.engines.local import LocalEngine
from tests.web.conftest import SignIn
from tests.web.desk_world import verdicts
from tests.web.markup import refused, text_of
from tests.web.stock import PASSWORD, Stock


@dataclass(frozen=True, slots=True)
class Pooled:
    need: str
    result: str


@pytest.fixture
def pooled(database: Database, stock: Stock) -> Pooled:
    """A need of a firm in no zone, matched in the pool with the stock's silver paste; `lone` acts for the firm."""
    with database.write() as unit:
        firm = Organisation(name="无区电池厂", name_key=name_key("无区电池厂"), kind="enterprise", created_at=unit.now())
        unit.session.add(firm)
        unit.session.flush()
        grants = [Grant(Role.SEEKER, organisation=firm.public_id)]
        people.add_person(unit, SYSTEM, login="lone", name="lone 李", password=PASSWORD, grants=grants)
        people.add_person(
            unit, SYSTEM, login="far", name="far 赵", password=PASSWORD, grants=[Grant(Role.BROKER, zone="kunshan")]
        )
        nowhere = [Grant(Role.ZONE_STAFF, zone="wujin")]
        people.add_person(unit, SYSTEM, login="undecided", name="und 钱", password=PASSWORD, grants=nowhere)
        draft = ListingDraft(
            ListingKind.NEED, "低温烧结导电银浆", organisation=firm.public_id, texts={"detail": "TOPCon 正面银浆低温烧结。"},
            industries=("pv",),
        )  # fmt: skip
        made = listings_.save(unit, SYSTEM, draft)
        reviews.publish(unit, SYSTEM, made.public_id)
        unit.commit()
    settle(database, made.public_id)
    return Pooled(made.public_id, stock.listings["paste"])


def settle(database: Database, *changed: str) -> None:
    encoder = HashingEncoder()
    vectors = VectorStore(database, encoder)
    engine = LocalEngine(encoder.dimension, index_recipe(encoder.fingerprint))
    Projection(database, engine, vectors).bring(changed, lane="bulk")
    for place in (POOL, "changzhou"):
        Matcher(database, vectors).match_zone(place)
    engine.close()


def where(database: Database, need: str) -> set[int | None]:
    with database.read() as session:
        id_ = session.exec(select(Listing.id).where(Listing.public_id == need)).one()
        return set(session.exec(select(Match.zone_id).where(Match.need_id == id_)))


def test_who_sees_the_pool(client: TestClient, signed_in: SignIn, pooled: Pooled) -> None:
    assert client.get("/pool").status_code == 303
    for who in ("lone", "provider", "seeker"):
        assert signed_in(who).get("/pool").status_code == 403
        assert signed_in(who).get(f"/pool/{pooled.need}").status_code == 403
    for who in ("staff", "broker", "far", "undecided", "admin"):
        page = signed_in(who).get("/pool")
        assert "低温烧结导电银浆" in text_of(page.text)
        assert "1 条需求待认领" in text_of(page.text)
        one = signed_in(who).get(f"/pool/{pooled.need}")
        assert "含铅碲玻璃粉的低温烧结导电银浆" in text_of(one.text)
        assert refused(one.text) == refused(page.text) == []
        assert (f'action="/pool/{pooled.need}/take"' in one.text) is (who == "staff")
    browser = signed_in("broker")
    assert "没有待认领的需求" in text_of(browser.get("/pool?industry=robotics").text)
    assert "低温烧结导电银浆" in browser.get("/pool?industry=pv").text
    browser.cookies.set("lang", "en")
    assert "Pool of needs" in browser.get("/pool").text


def test_a_zone_takes_a_need_up_and_its_owner_is_told(
    signed_in: SignIn, database: Database, stock: Stock, pooled: Pooled
) -> None:
    lone, staff = signed_in("lone"), signed_in("staff")
    assert "在需求池中" in text_of(lone.get(f"/needs/{pooled.need}").text)
    assert where(database, pooled.need) == {None}
    for who in ("broker", "far", "lone", "admin", "undecided"):
        refused_ = signed_in(who).post(f"/pool/{pooled.need}/take", data={"zone": "changzhou"})
        assert refused_.status_code == 403, who
    assert staff.post(f"/pool/{pooled.need}/take", data={"zone": "kunshan"}).status_code == 403
    assert signed_in("undecided").post(f"/pool/{pooled.need}/take", data={"zone": "wujin"}).status_code == 422
    for _ in range(2):  # the form sent twice
        sent = staff.post(f"/pool/{pooled.need}/take", data={"zone": "changzhou"})
        assert (sent.status_code, sent.headers["location"]) == (303, f"/needs/{pooled.need}")
    settle(database, pooled.need)
    assert None not in where(database, pooled.need)
    assert pooled.need in staff.get("/desk/changzhou").text
    assert "常州高新区已于" in text_of(lone.get(f"/needs/{pooled.need}").text)
    assert "从需求池认领" not in text_of(signed_in("provider").get(f"/needs/{pooled.need}").text)
    assert staff.get(f"/pool/{pooled.need}").status_code == 404
    with database.read() as session:
        told = session.exec(select(AuditEntry).where(AuditEntry.action == "pool.take")).all()
    assert [(row.subject_id, row.details) for row in told] == [(pooled.need, {"zone": "changzhou"})]


def test_a_zone_gives_a_need_back(signed_in: SignIn, database: Database, pooled: Pooled) -> None:
    staff = signed_in("staff")
    staff.post(f"/pool/{pooled.need}/take", data={"zone": "changzhou"})
    assert "退回需求池" in text_of(staff.get(f"/needs/{pooled.need}").text)
    for who in ("broker", "lone", "undecided"):
        assert signed_in(who).post(f"/pool/{pooled.need}/give-back").status_code == 403
    for _ in range(2):
        sent = staff.post(f"/pool/{pooled.need}/give-back")
        assert (sent.status_code, sent.headers["location"]) == (303, f"/pool/{pooled.need}")
    settle(database, pooled.need)
    assert where(database, pooled.need) == {None}


def say(browser: TestClient, own: str, other: str, do: str, **more: str) -> str:
    sent = browser.post(f"/listings/{own}/word", data={"other": other, "do": do} | more)
    assert sent.status_code == 303, sent.status_code
    return str(sent.headers["location"])


def test_an_owner_says_whether_a_pair_fits_and_takes_it_back(signed_in: SignIn, database: Database, stock: Stock) -> None:
    silver, paste = stock.listings["silver"], stock.listings["paste"]
    owner = signed_in("seeker")
    page = owner.get(f"/needs/{silver}").text
    assert f'action="/listings/{silver}/word"' in page
    assert say(owner, silver, paste, "fits_not") == f"/needs/{silver}#pair-{paste}"
    assert verdicts(database) == [], "a reason is wanted"
    assert "刚才的表态尚未记下" in text_of(owner.get(f"/needs/{silver}").text)
    for _ in range(2):
        say(owner, silver, paste, "fits_not", reason="price")
    (row,) = verdicts(database)
    assert (row.source, row.zone_id, row.grade, row.reason) == ("owner", None, 0, "price")
    page = owner.get(f"/needs/{silver}").text
    assert "贵方意见： 不合适：价格不合" in text_of(page)
    said = re.search(r'name="said" value="(\d+)"', page)
    assert said is not None
    for _ in range(2):
        say(owner, silver, paste, "unsay", said=said[1])
    assert [each.undoes_id for each in verdicts(database)] == [None, row.id]
    assert "贵方意见" not in text_of(owner.get(f"/needs/{silver}").text)
    say(owner, silver, paste, "fits")
    assert [each.grade for each in verdicts(database)] == [0, None, 2]


def test_the_desk_reads_both_owners_and_neither_word_replaces_the_other(
    signed_in: SignIn, database: Database, stock: Stock
) -> None:
    silver, paste = stock.listings["silver"], stock.listings["paste"]
    say(signed_in("seeker"), silver, paste, "fits")
    say(signed_in("provider"), paste, silver, "fits_not", reason="solved")
    broker = signed_in("broker")
    shown = text_of(broker.get(f"/desk/changzhou?need={silver}").text)
    assert "需求方 合适" in shown
    assert "成果方 不合适：已有方案" in shown
    assert "尚未评级" in shown
    assert broker.get(f"/desk/changzhou?need={silver}&show=waiting").text.count('<article class="pair desk-pair"') == 1
    broker.post("/desk/changzhou/verdicts", data={"need": silver, "result": paste, "grade": "3"})
    say(signed_in("seeker"), silver, paste, "fits_not", reason="mismatch")
    shown = text_of(broker.get(f"/desk/changzhou?need={silver}").text)
    assert "broker 王评为强" in shown, "the staff's word stands"
    assert "需求方 不合适：技术不符" in shown
    broker.post("/desk/changzhou/undo", data={"need": silver})
    assert "需求方 不合适：技术不符" in text_of(broker.get(f"/desk/changzhou?need={silver}").text), "an undo is of one's own"
    for who, address in (("seeker", f"/needs/{silver}"), ("provider", f"/results/{paste}")):
        own = text_of(signed_in(who).get(address).text)
        assert "broker 王" not in own
        assert "贵方意见" in own
    assert "已有方案" not in text_of(signed_in("seeker").get(f"/needs/{silver}").text.split("贵方意见")[1].split("</p>")[0])


def test_staff_confirm_or_reject_an_owner_s_word_with_a_click(signed_in: SignIn, database: Database, stock: Stock) -> None:
    silver, paste = stock.listings["silver"], stock.listings["paste"]
    say(signed_in("seeker"), silver, paste, "fits_not", reason="price")
    say(signed_in("provider"), paste, silver, "fits")
    broker = signed_in("broker")
    address = f"/desk/changzhou?need={silver}"

    def click(button: str) -> None:
        form = next(each for each in broker.get(address).text.split("<form")[1:] if f'id="{button}-{paste}"' in each)
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
        assert broker.post("/desk/changzhou/verdicts", data=fields).status_code == 303

    click("confirm-need")
    given = verdicts(database)[-1]
    assert (given.source, given.grade, given.reason) == ("staff", 0, "price")
    shown = text_of(broker.get(address).text)
    assert "工作人员已认可" in shown.split("成果方")[0]
    assert "工作人员不认可" in shown.split("成果方")[1], "one verdict answers both owners"
    assert f'id="confirm-need-{paste}"' not in broker.get(address).text
    broker.post("/desk/changzhou/undo", data={"need": silver})
    click("reject-need")
    assert (verdicts(database)[-1].grade, verdicts(database)[-1].reason) == (2, "")
    broker.post("/desk/changzhou/verdicts", data={"need": silver, "result": paste, "grade": "1"})
    assert text_of(broker.get(address).text).count("工作人员已改评") == 2
    say(signed_in("seeker"), silver, paste, "fits")
    assert f'id="confirm-need-{paste}"' in broker.get(address).text, "a newer word waits for an answer"
    assert f'id="confirm-need-{paste}"' not in signed_in("admin").get(address).text


def test_only_the_owner_speaks_for_a_listing(client: TestClient, signed_in: SignIn, database: Database, stock: Stock) -> None:
    silver, paste, hostile = (stock.listings[each] for each in ("silver", "paste", "hostile"))
    form = {"other": paste, "do": "fits"}
    assert client.post(f"/listings/{silver}/word", data=form).status_code == 401
    for who in ("broker", "staff", "admin", "provider"):
        assert signed_in(who).post(f"/listings/{silver}/word", data=form).status_code == 403, who
    owner = signed_in("seeker")
    assert owner.post(f"/listings/{silver}/word", data={"other": hostile, "do": "fits"}).status_code == 404, "no such pair"
    assert owner.post(f"/listings/{silver}/word", data={"other": "nothing", "do": "fits"}).status_code == 404
    assert owner.post(f"/listings/{silver}/word", data={"other": paste, "do": "praise"}).status_code == 422
    assert owner.post(f"/listings/{silver}/word", data={"other": paste, "do": "fits_not", "reason": "no"}).status_code == 422
    assert verdicts(database) == []
