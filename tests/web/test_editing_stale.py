"""Two people at one listing: what others changed stands beside what was typed, nothing is lost, and saving goes on top."""

from starlette.testclient import TestClient

from matching import listings
from matching.access import SYSTEM
from matching.model import ListingState
from matching.store.database import Database
from tests.web.conftest import SignIn
from tests.web.markup import refused, text_of
from tests.web.stock import Stock
from tests.web.test_editing import stored
from tests.web.writing import Sent, form_of, public_id, send


def opened(browser: TestClient, id_: str) -> tuple[str, Sent]:
    address = f"/listings/{id_}/edit"
    return address, form_of(browser.get(address).text)


def test_changes_of_both_are_merged_and_the_conflict_is_shown(signed_in: SignIn, database: Database, stock: Stock) -> None:
    id_ = stock.listings["silver"]
    seeker, staff = signed_in("seeker"), signed_in("staff")
    address, form = opened(seeker, id_)
    other = {"title": "工作人员改的名称", "price_max": "200", "indicators-1-value": "65"}
    assert send(staff, address, "draft", other).status_code == 303
    typed = {"title": "单位改的名称", "difficulty": "换过三家\r\n都不行", "maturity": "mass"}
    page = send(seeker, address, "submit", typed, form=form)
    assert page.status_code == 409
    assert refused(page.text) == []
    merged = form_of(page.text)
    assert (merged["title"], merged["difficulty"], merged["maturity"]) == (["单位改的名称"], ["换过三家\n都不行"], ["mass"])
    assert (merged["price_max"], merged["indicators-1-value"]) == (["200"], ["65"])
    told = text_of(page.text)
    assert "期间他人已存为：工作人员改的名称" in told
    taken = told[told.index("仅对方改过") : told.rindex("存在新版之上")]
    assert "合作价格200 万元以内" in taken
    assert "单片银耗 ≤ 65 mg" in taken.replace("\u202f", " ")
    saved = send(seeker, address, "submit", {}, form=merged)
    assert public_id(saved) == id_
    content = stored(database, id_)
    assert (content.title, content.maturity, content.price_max_fen) == ("单位改的名称", "mass", 200_000_000)
    assert content.texts["difficulty"] == "换过三家\n都不行"
    assert content.indicators[1].high == 65


def test_confirmation_by_staff_is_not_undone_by_a_form_that_did_not_know_it(
    signed_in: SignIn, database: Database, stock: Stock
) -> None:
    id_ = stock.listings["suggested"]
    provider, admin = signed_in("provider"), signed_in("admin")
    address, form = opened(provider, id_)
    assert admin.post(f"/listings/{id_}/industries", data={"confirm": "safety"}).status_code == 303
    page = send(provider, address, "draft", {"advantage": "更快"}, form=form)
    assert page.status_code == 409
    merged = form_of(page.text)
    assert merged["industries"] == ["safety"]
    assert send(provider, address, "draft", {}, form=merged).status_code == 303
    content = stored(database, id_)
    assert {each.code: each.state.value for each in content.industries} == {"safety": "confirmed"}
    assert content.texts["advantage"] == "更快"


def test_industry_that_one_took_off_and_another_confirmed_is_a_conflict(signed_in: SignIn, stock: Stock) -> None:
    id_ = stock.listings["paste"]
    provider, admin = signed_in("provider"), signed_in("admin")
    address, form = opened(provider, id_)
    admin.post(f"/listings/{id_}/industries", data={"confirm": "nano"})
    page = send(provider, address, "draft", {"industries": ["new-materials"]}, form=form)
    assert page.status_code == 409
    assert form_of(page.text)["industries"] == ["new-materials"]
    conflict = page.text[page.text.index('id="f-industries"') :]
    assert "期间他人已存为：" in conflict
    assert "纳米技术及材料应用" in conflict[: conflict.index('class="tree"')]


def test_change_of_state_alone_is_told(signed_in: SignIn, database: Database, stock: Stock) -> None:
    id_ = stock.listings["silver"]
    seeker = signed_in("seeker")
    address, form = opened(seeker, id_)
    with database.write() as unit:
        listings.withdraw(unit, SYSTEM, id_)
        unit.commit()
    page = send(seeker, address, "draft", {"title": "还想再改"}, form=form)
    assert page.status_code == 409
    assert "现在的状态：已撤回" in text_of(page.text)
    assert form_of(page.text)["title"] == ["还想再改"]
    assert send(seeker, address, "draft", {}, form=form_of(page.text)).status_code == 303
    assert stored(database, id_).state == ListingState.DRAFT


def test_form_that_does_not_say_what_it_was_made_from_overwrites_nothing(
    signed_in: SignIn, database: Database, stock: Stock
) -> None:
    id_ = stock.listings["silver"]
    seeker = signed_in("seeker")
    before = stored(database, id_)
    for seen in ("", "x", "-1", "99999999999999999999"):
        page = send(seeker, f"/listings/{id_}/edit", "draft", {"seen_version": seen, "seen_revision": seen, "title": "盲写"})
        assert page.status_code == 409
        assert form_of(page.text)["title"] == ["盲写"]
        assert before.title in text_of(page.text)
    assert stored(database, id_) == before


def test_what_became_somebody_else_s_is_refused_with_everything_typed(
    signed_in: SignIn, database: Database, stock: Stock
) -> None:
    provider = signed_in("provider")
    form = form_of(provider.get("/needs/new").text)
    for login, key, status in (("seeker", "paste", 403), ("broker", "draft", 404), ("seeker", "draft", 404)):
        address = f"/listings/{stock.listings[key]}/edit"
        page = send(signed_in(login), address, "draft", {"kind": "need", "title": "越权的改动", "detail": "一\r\n二"}, form=form)
        assert page.status_code == status
        assert "您填写的内容还在，没有保存。" in text_of(page.text)
        assert (form_of(page.text)["title"], form_of(page.text)["detail"]) == (["越权的改动"], ["一\n二"])
    assert stored(database, stock.listings["paste"]).revision == 1
