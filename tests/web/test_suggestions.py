"""Industries confirmed in bulk over HTTP, as a browser without JavaScript sends it."""

import pytest
from sqlmodel import select

from matching import listings
from matching.model import Listing, ListingIndustry
from matching.reference import industries
from matching.store.database import Database
from matching.tagging import Suggestion
from tests.web.conftest import SignIn
from tests.web.markup import refused, text_of
from tests.web.stock import Stock
from web.pages import suggestions

PAGE = "/review/industries"


@pytest.fixture
def suggested(database: Database, stock: Stock) -> list[str]:
    """Two open needs of the staff's zone, with 光伏 suggested for both."""
    with database.write() as unit:
        pv = next(node.id for node in industries(unit.session).values() if node.code == "pv")
        rows = unit.session.exec(select(Listing).where(Listing.public_id == stock.listings["silver"])).all()
        for row in rows:
            for tag in unit.session.exec(select(ListingIndustry).where(ListingIndustry.listing_id == row.id)).all():
                unit.session.delete(tag)
        unit.session.flush()
        for row in rows:
            listings.suggest_industries(unit, row.id or 0, [Suggestion(pv, 0.9, ("银浆",), 0.6)])
        unit.commit()
    return [row.public_id for row in rows]


def state_of(database: Database, public_id: str) -> dict[str, str]:
    with database.read() as session:
        nodes = industries(session)
        listing = session.exec(select(Listing.id).where(Listing.public_id == public_id)).one()
        rows = session.exec(select(ListingIndustry).where(ListingIndustry.listing_id == listing)).all()
    return {nodes[row.industry_id].code: row.state.value for row in rows}


def test_staff_confirm_and_take_it_back(database: Database, signed_in: SignIn, suggested: list[str]) -> None:
    staff = signed_in("staff")
    page = staff.get(PAGE).text
    assert refused(page) == []
    assert "本区领域" in page
    assert "“银浆”" in text_of(page)
    assert f'value="{suggested[0]}:pv"' in page
    answer = staff.post(PAGE, data={"zone": "changzhou", "industry": "pv", "pick": [f"{suggested[0]}:pv"], "do": "confirm"})
    assert answer.status_code == 303
    assert state_of(database, suggested[0]) == {"pv": "confirmed"}
    page = staff.get(answer.headers["location"]).text
    assert "已确认 1 条建议" in text_of(page)
    back = staff.post(PAGE, data={"zone": "changzhou", "do": "undo"})
    assert state_of(database, suggested[0]) == {"pv": "suggested"}
    assert "1 条建议重新待确认" in text_of(staff.get(back.headers["location"]).text)
    assert staff.post(PAGE, data={"zone": "changzhou", "do": "undo"}).status_code == 409


def test_a_whole_group_in_one_press(database: Database, signed_in: SignIn, suggested: list[str]) -> None:
    staff = signed_in("staff")
    answer = staff.post(PAGE, data={"zone": "changzhou", "industry": "pv", "band": "sure", "do": "reject-all"})
    assert "did=rejected" in answer.headers["location"]
    assert {each["pv"] for each in (state_of(database, public_id) for public_id in suggested)} == {"rejected"}
    assert suggestions.MOST_SLICES * 200 >= 2000


def test_nothing_chosen_is_said_and_strange_values_do_no_harm(signed_in: SignIn, suggested: list[str]) -> None:
    staff = signed_in("staff")
    answer = staff.post(PAGE, data={"zone": "changzhou", "industry": "pv", "do": "confirm"})
    assert answer.status_code == 422
    assert "至少选择一条" in answer.text
    for data in (
        {"zone": "changzhou", "do": "explode", "pick": "x"},
        {"zone": "changzhou", "do": "confirm", "pick": "::"},
        {"zone": "changzhou", "do": "confirm", "pick": " "},
        {"zone": "changzhou", "do": "confirm-all", "industry": "gold"},
    ):
        assert staff.post(PAGE, data=data).status_code == 422
    assert staff.get(f"{PAGE}?zone=nowhere").status_code in (403, 422)
    assert staff.get(f"{PAGE}?industry=gold&band=x&page=z&did=x&n=-1").status_code == 200
    assert staff.get(f"{PAGE}?band=doubtful").status_code == 200


def test_it_is_the_staffs(client: object, signed_in: SignIn) -> None:
    for login in ("provider", "broker"):
        assert signed_in(login).get(PAGE).status_code == 403
        assert signed_in(login).post(PAGE, data={"zone": "changzhou", "do": "undo"}).status_code == 403
    assert signed_in("admin").get(PAGE).status_code == 200


def test_an_empty_page_teaches(signed_in: SignIn) -> None:
    page = text_of(signed_in("admin").get(f"{PAGE}?zone=taizhou").text)
    assert "没有待确认的建议" in page
