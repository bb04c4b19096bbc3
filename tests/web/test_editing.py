"""Posting and editing over HTTP: who may, what the form shows, what is stored, and that a form is taken once."""

import re

import pytest
from sqlmodel import col, func, select
from starlette.testclient import TestClient

from matching.content import Content, load
from matching.model import AuditEntry, Contact, Listing, ListingState, Revision
from matching.store.database import Database
from tests.web.conftest import SignIn
from tests.web.markup import refused, text_of
from tests.web.stock import Stock
from tests.web.writing import NEED, RESULT, form_of, public_id, send


def stored(database: Database, id_: str) -> Content:
    """The newest words."""
    with database.read() as session:
        row = session.exec(select(Listing).where(Listing.public_id == id_)).one()
        return load(session, [row.id or 0], which="latest")[row.id or 0]


def number_of(database: Database, table: type[Listing] | type[Revision]) -> int:
    with database.read() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def test_visitor_signs_in_first_and_comes_back(client: TestClient) -> None:
    for address in ("/results/new", "/needs/new"):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={address.replace('/', '%2F')}")


def test_broker_may_not_post(signed_in: SignIn) -> None:
    broker = signed_in("broker")
    assert broker.get("/needs/new").status_code == 403
    answer = broker.post("/needs/new", data={"title": "想发布", "do": "draft"})
    assert answer.status_code == 403
    assert form_of(answer.text)["title"] == ["想发布"]


@pytest.mark.parametrize(
    ("address", "first"), [("/results/new", ["title", "problem", "summary"]), ("/needs/new", ["title", "detail"])]
)
def test_what_matters_comes_first_and_the_page_keeps_the_policy(signed_in: SignIn, address: str, first: list[str]) -> None:
    page = signed_in("seeker").get(address).text
    assert refused(page) == []
    start = page.index('id="listing-form"')
    places = [page.index(f'name="{name}"', start) for name in (*first, "indicators-0-name", "maturity", "modes", "price_min")]
    assert places == sorted(places)
    for place in places:
        assert page.count("<details", start, place) == page.count("</details>", start, place), "nothing that matters is folded"
    assert page.count("autofocus") == 1
    assert re.search(r'name="title"[^>]*autofocus', page)
    for n in range(3):
        assert f'name="indicators-{n}-name"' in page
    folded = page.index('id="more-what"')
    assert folded < page.index('name="keywords"') < page.index("</details>", folded), "what is only helpful is"
    assert "登录可见" in page  # who reads a field stands at the field


def test_draft_needs_a_title_and_goes_on_in_the_form(signed_in: SignIn, database: Database) -> None:
    seeker = signed_in("seeker")
    answer = send(seeker, "/needs/new", "draft", {"title": "只有名称的草稿"})
    id_ = public_id(answer)
    assert answer.headers["location"] == f"/listings/{id_}/edit"
    assert stored(database, id_).state == ListingState.DRAFT
    page = seeker.get(f"/listings/{id_}/edit")
    assert "草稿已保存" in text_of(page.text)
    assert "autofocus" not in page.text


def test_submitted_need_keeps_every_figure(signed_in: SignIn, database: Database) -> None:
    more = {
        "indicators-1-name": "焊接拉力", "indicators-1-comparator": "range", "indicators-1-value": "１．５",
        "indicators-1-to": "2.5", "indicators-1-unit": "N", "trl": "6", "wanted_by": "2099年1月31日", "addressed_zone": "kunshan",
        "layer-price": "registered", "mobile": "13900000000", "email": "w@example.com",
    }  # fmt: skip
    answer = send(signed_in("seeker"), "/needs/new", "submit", {**NEED, **more, "industries": ["pv"]})
    id_ = public_id(answer)
    assert answer.headers["location"] == f"/needs/{id_}"
    content = stored(database, id_)
    assert content.state == ListingState.SUBMITTED
    assert content.texts["detail"] == "两条线的正面栅线仍用含铝浆，单片银耗 88 mg。\n\n验收：同炉各印五百片。"
    assert [(each.name, each.comparator, each.low, each.high) for each in content.indicators] == [
        ("单片银耗", "<=", None, 60.0), ("焊接拉力", "range", 1.5, 2.5),
    ]  # fmt: skip
    assert (content.price_min_fen, content.price_max_fen) == (80_000_000, 150_000_000)
    assert (content.modes, content.maturity, content.trl) == (("02", "03"), "pilot", (6, 6))
    assert str(content.wanted_by) == "2099-01-31"
    assert content.layers["price"] == "registered"
    assert [each.code for each in content.used_industries] == ["pv"]
    with database.read() as session:
        kinds = session.exec(select(Contact.kind).where(Contact.listing_id == content.id).order_by(Contact.kind)).all()
        logged = session.exec(select(AuditEntry.details).where(AuditEntry.subject_id == id_)).all()
    assert kinds == ["email", "mobile"]
    assert "13900000000" not in str(logged)


def test_result_keeps_its_rights(signed_in: SignIn, database: Database) -> None:
    content = stored(database, public_id(send(signed_in("provider"), "/results/new", "submit", RESULT)))
    (right,) = content.ip
    assert (right.kind, right.number, right.status, str(right.filed_on)) == (
        "invention",
        "ZL202310123456.7",
        "granted",
        "2023-02-01",
    )
    assert str(content.completed_on) == "2025-06-01"


PRICES: dict[tuple[str, str], tuple[int | None, int | None]] = {
    ("", ""): (None, None),
    ("面议", ""): (None, None),
    ("60", ""): (60_000_000, None),
    ("", "80"): (None, 80_000_000),
    ("60-120", ""): (60_000_000, 120_000_000),
    ("", "不超过 80 万"): (None, 80_000_000),
    ("0.005", "1"): (5000, 1_000_000),
    ("５０", "50"): (50_000_000, 50_000_000),
}


def test_price_is_read_as_a_person_writes_it(signed_in: SignIn, database: Database) -> None:
    seeker = signed_in("seeker")
    for (low, high), fen in PRICES.items():
        answer = send(seeker, "/needs/new", "draft", {"title": "价格", "price_min": low, "price_max": high})
        content = stored(database, public_id(answer))
        assert (content.price_min_fen, content.price_max_fen) == fen, (low, high)


def test_edit_shows_what_is_stored_and_saving_it_unchanged_changes_nothing(
    signed_in: SignIn, database: Database, stock: Stock
) -> None:
    provider = signed_in("provider")
    address = f"/listings/{stock.listings['paste']}/edit"
    before = stored(database, stock.listings["paste"])
    answer = send(provider, address, "draft", {})
    assert answer.status_code == 303
    after = stored(database, stock.listings["paste"])
    assert after.revision == before.revision + 1
    words = ("title", "texts", "indicators", "ip", "modes", "maturity", "trl", "price_min_fen", "price_max_fen", "completed_on")
    for field in (*words, "valid_until", "layers", "industries"):
        assert getattr(after, field) == getattr(before, field), field


def test_every_reader_of_a_listing_is_asked_before_editing(signed_in: SignIn, client: TestClient, stock: Stock) -> None:
    address = f"/listings/{stock.listings['paste']}/edit"
    assert client.get(address).headers["location"].startswith("/sign-in?next=")
    assert signed_in("seeker").get(address).status_code == 403
    assert signed_in("broker").get(f"/listings/{stock.listings['draft']}/edit").status_code == 404
    assert signed_in("provider").get(address).status_code == 200


def test_more_rows_without_a_script_keep_what_was_typed(signed_in: SignIn, database: Database) -> None:
    provider = signed_in("provider")
    before = number_of(database, Listing)
    page = send(
        provider, "/results/new", "more-indicators", {**RESULT, "indicators-2-name": "粘度", "industries": ["pv", "nano"]}
    )
    assert page.status_code == 200
    form = form_of(page.text)
    assert [form[f"indicators-{n}-name"] for n in (2, 3, 4, 5)] == [["粘度"], [""], [""], [""]]
    assert (form["title"], form["industries"], form["ip-0-number"]) == ([RESULT["title"]], ["pv", "nano"], ["ZL202310123456.7"])
    more = send(provider, "/results/new", "more-ip", {}, form=form)
    assert "ip-5-number" in form_of(more.text)
    assert number_of(database, Listing) == before


def test_same_form_sent_twice_leads_to_the_same_listing(signed_in: SignIn, database: Database) -> None:
    seeker = signed_in("seeker")
    form = form_of(seeker.get("/needs/new").text)
    first = send(seeker, "/needs/new", "submit", NEED, form=form)
    revisions, listings = number_of(database, Revision), number_of(database, Listing)
    second = send(seeker, "/needs/new", "submit", NEED, form=form)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    assert (number_of(database, Revision), number_of(database, Listing)) == (revisions, listings)


def test_an_edit_sent_twice_is_one_revision_and_no_conflict(signed_in: SignIn, database: Database, stock: Stock) -> None:
    provider = signed_in("provider")
    address = f"/listings/{stock.listings['draft']}/edit"
    form = form_of(provider.get(address).text)
    answers = [send(provider, address, "draft", {"title": "写了一半的成果"}, form=form) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    assert stored(database, stock.listings["draft"]).revision == 2


def test_mended_form_may_carry_its_token(signed_in: SignIn, database: Database) -> None:
    seeker = signed_in("seeker")
    refusal = send(seeker, "/needs/new", "submit", {**NEED, "title": ""})
    assert refusal.status_code == 422
    mended = send(seeker, "/needs/new", "submit", {"title": "补上的名称"}, form=form_of(refusal.text))
    assert stored(database, public_id(mended)).title == "补上的名称"


def test_staff_post_for_an_organisation_of_their_zone_and_publish_at_once(
    signed_in: SignIn, database: Database, stock: Stock
) -> None:
    staff = signed_in("staff")
    page = staff.get("/needs/new").text
    assert "直接发布" in page
    assert "常州测试光伏有限公司" in page
    assert "昆山测试机器人有限公司" not in page
    id_ = public_id(send(staff, "/needs/new", "publish", NEED))
    content = stored(database, id_)
    assert content.state == ListingState.PUBLISHED
    assert content.number is not None
    assert content.organisation.public_id == stock.organisations["cells"]
    stranger = send(staff, "/needs/new", "publish", {**NEED, "organisation": stock.organisations["robots"]})
    assert stranger.status_code == 422
    assert "不在列表中" in stranger.text


def test_administrator_chooses_the_owner_and_is_asked_to(signed_in: SignIn, database: Database, stock: Stock) -> None:
    admin = signed_in("admin")
    unasked = send(admin, "/needs/new", "draft", NEED)
    assert unasked.status_code == 422
    assert "请填写此项" in unasked.text
    chosen = send(admin, "/needs/new", "submit", {**NEED, "organisation": stock.organisations["robots"]})
    assert stored(database, public_id(chosen)).organisation.public_id == stock.organisations["robots"]


def test_staff_never_see_contacts_and_leave_them_alone(signed_in: SignIn, database: Database) -> None:
    seeker, staff = signed_in("seeker"), signed_in("staff")
    id_ = public_id(send(seeker, "/needs/new", "submit", {**NEED, "person": "王工", "mobile": "13911112222"}))
    page = staff.get(f"/listings/{id_}/edit").text
    assert "13911112222" not in page
    assert 'name="mobile"' not in page
    answer = send(staff, f"/listings/{id_}/edit", "draft", {"mobile": "", "person": ""})
    assert answer.status_code == 303
    assert form_of(seeker.get(f"/listings/{id_}/edit").text)["mobile"] == ["13911112222"]
    with database.read() as session:
        assert session.exec(select(func.count()).where(col(Contact.value) == "13911112222")).one() == 1


def test_suggested_industry_is_explained_and_turned_down_in_the_form(signed_in: SignIn, database: Database, stock: Stock) -> None:
    provider = signed_in("provider")
    id_ = stock.listings["suggested"]
    page = provider.get(f"/listings/{id_}/edit").text
    assert "文中写有“粉尘”。" in page
    assert "待确认" in page
    assert send(provider, f"/listings/{id_}/edit", "draft", {"rejected": ["safety"], "industries": ["iot"]}).status_code == 303
    states = {each.code: each.state.value for each in stored(database, id_).industries}
    assert states == {"safety": "rejected", "iot": "confirmed"}
