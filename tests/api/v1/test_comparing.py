"""Any need with any result by the API: the same answer as on the page, for the same people."""

import math

from tests.api.v1.conftest import Asking
from tests.web.stock import Stock


def asked(stock: Stock, need: str = "silver", result: str = "paste", **more: str) -> dict[str, str]:
    return {"need": stock.listings.get(need, need), "result": stock.listings.get(result, result)} | more


def test_a_pair_is_explained_with_what_it_rests_on_and_what_would_raise_it(asking: Asking, stock: Stock) -> None:
    found = asking("broker").get("/comparisons", params=asked(stock))
    assert found["zone"] == "changzhou"
    assert found["is_kept"]
    assert math.fsum(part["points"] for part in found["parts"]) == found["score"]
    assert {each["kind"] for each in found["rests_on"]} == {"term", "figure", "passage", "part"}
    (missing,) = (each for each in found["rests_on"] if each["verdict"] == "missing")
    assert missing["name"] == "单片银耗"
    assert missing["change"] < 0
    (question,) = (each for each in found["raises"] if each["code"] == "give_figure")
    assert question["score"] > found["score"]
    assert "单片银耗" in question["question"]
    assert found["apart"] == []


def test_owners_are_told_of_their_own_side_alone(asking: Asking, stock: Stock) -> None:
    sides = {
        who: {each["side"] for each in asking(who).get("/comparisons", params=asked(stock))["raises"]}
        for who in ("provider", "seeker")
    }
    assert sides["provider"] == {"result"}
    assert sides["seeker"] <= {"need"}


def test_what_keeps_two_apart_has_a_code_and_a_sentence(asking: Asking, stock: Stock) -> None:
    found = asking("broker").get("/comparisons", params=asked(stock, result="hostile"))
    assert found["is_kept"] is False
    assert {"outside_industry", "held_back"} <= {each["code"] for each in found["apart"]}
    assert all(each["text"] for each in found["apart"])


def test_who_is_not_concerned_and_what_is_not_there(asking: Asking, stock: Stock) -> None:
    seeker = asking("seeker")
    query = "&".join(f"{name}={value}" for name, value in asked(stock, "joint", "hostile").items())
    assert seeker.problem("GET", f"/comparisons?{query}", 403)["code"] == "may_not"
    hidden = seeker.problem("GET", f"/comparisons?need={stock.listings['silver']}&result={stock.listings['draft']}", 422)
    assert [(each["parameter"], each["code"]) for each in hidden["errors"]] == [("result", "no_such_listing")]
    assert asking("broker").problem("GET", f"/comparisons?{query}&zone=atlantis", 404)["code"] == "not_found"
