"""One table of filters for people, pages and API: docs/filters.md says what both do."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.routing import APIRoute

from tests.api.v1.conftest import Asking
from tests.services import ROOT
from web.pages import importing, listings, search, works
from web.pair_view import Asked

ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \|", re.MULTILINE)
BESIDE = {"page", "limit", "cursor", "zone of the address"}
"""Where one is in a list, which is no filter."""


def documented(place: str) -> set[str]:
    text = (ROOT / "docs" / "filters.md").read_text("utf-8")
    return {name for name, where in ROW.findall(text) if place in [each.strip() for each in where.split(",")]}


def of_page(endpoint: Callable[..., Any], router: Any) -> set[str]:
    route = next(each for each in router.routes if isinstance(each, APIRoute) and each.endpoint is endpoint)
    return {each.alias for each in route.dependant.query_params} - BESIDE


DESK = set(Asked.__dataclass_fields__) - {"zone", "need", "page", "top"}
"""What an address of the desk carries besides what is chosen and how far one has read."""


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
