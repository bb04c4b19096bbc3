"""One table of filters for people, pages and API: docs/filters.md says what both do."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.routing import APIRoute

from matching.discovery.filters import FILTERS
from matching.discovery.language import FIELDS
from tests.api.v1.conftest import Asking
from tests.services import ROOT
from web import first_ten
from web.pages import importing, listings, search, works
from web.pair_view import Asked

ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \|", re.MULTILINE)
BESIDE = {"page", "limit", "cursor", "zone of the address"}
"""Where one is in a list, which is no filter."""
FACES = {"view", "list"}
"""How the page shows a search, and in which kept ranking it goes on: the API has its cursor."""


def documented(place: str) -> set[str]:
    text = (ROOT / "docs" / "filters.md").read_text("utf-8")
    return {name for name, where in ROW.findall(text) if place in [each.strip() for each in where.split(",")]}


def of_page(endpoint: Callable[..., Any], router: Any) -> set[str]:
    route = next(each for each in router.routes if isinstance(each, APIRoute) and each.endpoint is endpoint)
    return {each.alias for each in route.dependant.query_params} - BESIDE - FACES


DESK = set(Asked.__dataclass_fields__) - {"zone", "need", "page", "top"} - set(first_ten.NAMES)
"""What an address of the desk carries besides what is chosen and how far one has read."""


def test_the_document_names_every_command() -> None:
    text = (ROOT / "docs" / "filters.md").read_text("utf-8")
    written = dict(re.findall(r"^\| `(\w+)` \| ([^|`]+) \|", text.partition("## What may be written")[2], re.MULTILINE))
    assert {field: tuple(words.split(", ")) for field, words in written.items()} == FIELDS


def test_every_filter_is_documented_with_its_list() -> None:
    text = (ROOT / "docs" / "filters.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| [^|]*search[^|]* \| ([^|]+) \|", text, re.MULTILINE))
    assert set(told) == {each.name for each in FILTERS} | {"q", "sort", "exact"}
    others = {"kinds", "zones", "industries", "regions", "years", ""}
    for each in FILTERS:
        assert each.source in others or f"the list `{each.source}`" in told[each.name]


@pytest.mark.parametrize(
    ("place", "path", "page"),
    [
        ("results", "/results", of_page(listings.results, listings.router)),
        ("needs", "/needs", of_page(listings.needs, listings.router)),
        ("search", "/search", of_page(search.search, search.router)),
        ("desk", "/zones/{zone}/desk", DESK),
        ("rows of an import", "/imports/{batch}/rows", of_page(importing.batch_page, importing.router)),
        ("work", "/work", of_page(works.all_work, works.router)),
    ],
)
def test_document_pages_and_api_have_the_same_filters(asking: Asking, place: str, path: str, page: set[str]) -> None:
    parameters = asking().get("/openapi.json")["paths"][path]["get"]["parameters"]
    api = {each["name"] for each in parameters if each["in"] == "query"} - BESIDE
    assert documented(place) == page == api


def test_pages_and_api_have_the_same_switches_of_the_first_ten(asking: Asking) -> None:
    paths = asking().get("/openapi.json")["paths"]
    lists = [each for path, each in paths.items() if path.endswith("/matches")]
    found = [{each["name"] for each in one["get"]["parameters"] if each["name"] in first_ten.NAMES} for one in lists]
    assert found == [documented("pairs")] * 3
    assert of_page(listings.result, listings.router) == of_page(listings.need, listings.router) == documented("pairs")
