"""Reading over the API: what each reader gets is what the pages would show, and nothing beside it."""

import pytest
from sqlmodel import select

from matching import listings, reviews
from matching.access import SYSTEM
from matching.drafts import ListingDraft
from matching.model import Industry, ListingKind, Zone
from matching.store.database import Database
from tests.api.v1.conftest import Asking
from tests.web.stock import BASIS_SECRET, MANY, MARKET_SECRET, Stock


def test_reference_data_in_both_languages(asking: Asking) -> None:
    visitor = asking()
    zones = {each["code"]: each for each in visitor.get("/zones")["items"]}
    assert zones["changzhou"]["industry"] == {"code": "pv", "name": "光伏", "name_en": "Photovoltaics"}
    assert zones["changzhou"] == visitor.get("/zones/changzhou")
    assert visitor.get("/industries/pv")["parent"] == "new-energy"
    assert {"maturity", "cooperation", "plan_source"} <= set(visitor.get("/code-lists")["items"])
    assert visitor.get("/code-lists/plan_source")["items"] == [], "delivered empty, and there"
    pilot = next(each for each in visitor.get("/code-lists/maturity")["items"] if each["code"] == "pilot")
    assert (pilot["facts"]["trl_low"], pilot["facts"]["trl_high"]) == (6, 7)
    for path in ("/zones/atlantis", "/industries/alchemy", "/code-lists/spells", "/organisations/nobody"):
        assert visitor.problem("GET", path, 404)["code"] == "not_found"


def test_layers_are_the_readers(asking: Asking, stock: Stock) -> None:
    paste, silver = stock.listings["paste"], stock.listings["silver"]
    public = asking().get(f"/results/{paste}")
    assert MARKET_SECRET not in str(public)
    assert (public["hidden"], public["inside"], public["may"]) == (["market"], None, [])
    assert public["price_min_fen"] == 60_000_000
    assert asking("seeker", "read").get(f"/results/{paste}")["texts"]["market"] == MARKET_SECRET
    assert BASIS_SECRET not in str(asking().get("/needs"))
    own = asking("provider", "read").get(f"/results/{paste}")
    assert own["inside"]["version"] > 1
    assert {"revise", "withdraw", "renew", "contacts", "industries"} <= set(own["may"])
    assert asking("staff", "read").get(f"/needs/{silver}")["inside"] is not None


def test_what_is_not_ones_to_know_of_is_not_there(asking: Asking, stock: Stock) -> None:
    draft = stock.listings["draft"]
    for asker in (asking(), asking("seeker"), asking("staff")):
        for path in ("", "/matches", "/contacts"):
            status = 401 if path and asker.secret is None else 404
            asker.problem("GET", f"/results/{draft}{path}", status)
    assert asking("provider").get(f"/results/{draft}")["state"] == "draft"
    asking("provider").problem("GET", f"/needs/{draft}", 404)
    asking("seeker").problem("GET", f"/results/{stock.listings['paste']}?latest=true", 404)


def test_contacts_are_their_owners_alone(asking: Asking, stock: Stock, database: Database) -> None:
    paste = stock.listings["paste"]
    with database.write() as unit:
        page = ListingDraft(
            ListingKind.RESULT, "银浆", organisation=stock.organisations["university"], texts={"summary": "x"},
            contacts={"mobile": "13800000000"},
        )  # fmt: skip
        listings.save(unit, SYSTEM, page, listing=paste)
        unit.commit()
    assert asking("provider").get(f"/results/{paste}/contacts") == {"contacts": {"mobile": "13800000000"}}
    for login in ("seeker", "staff", "admin"):
        asking(login).problem("GET", f"/results/{paste}/contacts", 403)
        assert "13800000000" not in asking(login)("GET", f"/results/{paste}").text


def test_organisations_without_anything_published_are_not_named(asking: Asking, stock: Stock, database: Database) -> None:
    cells = stock.organisations["cells"]
    assert asking().get(f"/organisations/{cells}")["zone"] == "changzhou"
    with database.write() as unit:
        listings.withdraw(unit, SYSTEM, stock.listings["silver"])
        unit.commit()
    asking().problem("GET", f"/organisations/{cells}", 404)
    assert asking("seeker").get(f"/organisations/{cells}")["id"] == cells
    assert [each["id"] for each in asking("seeker").get("/organisations")["items"]] == [cells]


def test_pages_of_a_list_are_not_shifted_by_what_is_posted_meanwhile(asking: Asking, stock: Stock, database: Database) -> None:
    visitor = asking()
    seen: list[str] = []
    cursor = None
    for at in range(10):
        page = visitor.get("/results", params={"limit": 7, "cursor": cursor} if cursor else {"limit": 7})
        seen += [each["id"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        with database.write() as unit:
            draft = ListingDraft(
                ListingKind.RESULT, f"后来的成果{at}", organisation=stock.organisations["university"], texts={"summary": "新"}
            )
            reviews.publish(unit, SYSTEM, listings.save(unit, SYSTEM, draft).public_id)
            unit.commit()
    assert len(seen) == len(set(seen)) == MANY + 3
    assert page["total"] > MANY + 3


def test_filters_are_the_pages(asking: Asking, stock: Stock) -> None:
    visitor = asking()
    assert [each["id"] for each in visitor.get("/results?industry=new-energy")["items"]] == [stock.listings["paste"]]
    assert visitor.get("/results?industry=environment&maturity=lab&limit=50")["total"] == MANY
    assert visitor.get("/needs?zone=kunshan")["total"] == 1
    for query in ("industry=alchemy", "zone=atlantis", "maturity=ripe"):
        found = visitor.problem("GET", f"/results?{query}", 422)
        assert [(each["parameter"], each["code"]) for each in found["errors"]] == [(query.partition("=")[0], "unknown_code")]


def test_a_parameter_that_is_none_is_refused_and_not_passed_over(asking: Asking) -> None:
    found = asking().problem("GET", "/results?industri=pv&page=2", 422)
    assert [(each["parameter"], each["code"]) for each in found["errors"]] == [
        ("industri", "unknown_parameter"), ("page", "unknown_parameter")
    ]  # fmt: skip


def test_an_undecided_zone_tells_its_candidate(asking: Asking, database: Database) -> None:
    with database.write() as unit:
        industry = unit.session.exec(select(Industry).where(Industry.code == "robotics")).one()
        for zone in unit.session.exec(select(Zone)).all():
            zone.candidate_industry_id = industry.id
        unit.commit()
    zones = asking().get("/zones")["items"]
    found = {each["code"]: each["candidate"] and each["candidate"]["code"] for each in zones}
    assert (found["wujin"], found["changzhou"]) == ("robotics", None)
    assert all(each["region"].isdigit() and len(each["region"]) == 6 for each in zones)


@pytest.mark.parametrize("cursor", ["x", "W10", "bnVsbA", "{}", "é", "WyJ4IiwxXQ", "[[[["])
def test_foreign_cursors_are_refused(asking: Asking, cursor: str) -> None:
    found = asking().problem("GET", "/results", 422, params={"cursor": cursor})
    assert [each["code"] for each in found["errors"]] == ["bad_cursor"]


def test_a_cursor_belongs_to_its_filters(asking: Asking) -> None:
    visitor = asking()
    cursor = visitor.get("/results?limit=3")["next_cursor"]
    assert visitor.problem("GET", "/results", 422, params={"limit": 3, "cursor": cursor, "maturity": "lab"})["errors"]
    assert visitor.problem("GET", "/needs", 422, params={"cursor": cursor})["errors"]
    for limit in ("0", "51", "x", "-1"):
        assert visitor.problem("GET", f"/results?limit={limit}", 422)["errors"][0]["parameter"] == "limit"


def test_own_entries_with_what_to_do_next(asking: Asking, stock: Stock) -> None:
    provider = asking("provider", "read")
    first = provider.get("/my/results?limit=20")
    second = provider.get("/my/results", params={"limit": 20, "cursor": first["next_cursor"]})
    ids = [each["id"] for each in (*first["items"], *second["items"])]
    assert len(ids) == len(set(ids)) == first["total"] == second["total"] == MANY + 4
    draft = next(each for each in (*first["items"], *second["items"]) if each["id"] == stock.listings["draft"])
    assert (draft["state"], draft["next_step"]) == ("draft", "complete")
    assert asking("seeker").get("/my/results")["items"] == []


def test_matches_are_for_both_owners_with_reasons_in_their_language(asking: Asking, stock: Stock) -> None:
    paste, silver = stock.listings["paste"], stock.listings["silver"]
    for login, path, language in (
        ("provider", f"/results/{paste}", "en"), ("seeker", f"/needs/{silver}", "zh-CN,en;q=0.5"),
        ("broker", f"/needs/{silver}", "en")
    ):  # fmt: skip
        pairs = asking(login, "read", language=language).get(f"{path}/matches")["items"]
        pair = next(each for each in pairs if each["need"]["id"] == silver and each["result"]["id"] == paste)
        assert len(pair["parts"]) == 10
        assert pair["reason"].endswith("." if language == "en" else "。")
        assert pair["score"] == pytest.approx(sum(each["points"] for each in pair["parts"]))
        assert pair["verdict"] is None
    assert asking("seeker").get(f"/results/{stock.listings['hostile']}/matches")["items"] == []
    asking().problem("GET", f"/results/{paste}/matches", 401)


def test_search_finds_marks_and_goes_on(asking: Asking, stock: Stock) -> None:
    visitor = asking()
    found = visitor.get("/search", params={"q": "低温烧结 银浆", "exact": "1"})
    assert found["items"][0]["listing"]["id"] in (stock.listings["paste"], stock.listings["silver"])
    hit = found["items"][0]
    start, end = hit["title_spans"][0]
    assert hit["listing"]["title"][start:end] in "低温烧结银浆"
    assert hit["why"].startswith("words found")
    assert "in their place" not in hit["why"]
    wider = visitor.get("/search", params={"q": "低温烧结 银浆"})
    assert any("in their place" in each["why"] for each in wider["items"]), "synonyms find, too"
    assert visitor.get("/search", params={"q": "银浆", "kind": "need"})["items"][0]["listing"]["kind"] == "need"
    seen: list[str] = []
    cursor = None
    while True:
        page = visitor.get("/search", params={"q": "膜组件清洗工艺", "limit": 10} | ({"cursor": cursor} if cursor else {}))
        seen += [each["listing"]["id"] for each in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert len(seen) == len(set(seen)) == page["total"] >= MANY
    assert visitor.problem("GET", "/search", 422)["errors"] == [
        {"parameter": "q", "code": "required", "detail": "Please fill this in."}
    ]
    assert visitor.problem("GET", "/search?q=x&zone=atlantis", 422)["errors"][0]["parameter"] == "zone"
