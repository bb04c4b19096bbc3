"""Every page in both languages and widths: nothing for axe to find, no sideways scrolling, a quiet console."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import NARROW, WIDE, Visit
from tests.browser.every_page import NOT_PAGES, pages
from tests.browser.site import Site
from tests.fuzz.found_forms import route_of
from tests.web.page_routes import page_routes

READERS = (None, "gaoxiao", "qiye", "jingjiren", "changzhou", "guanli")
Catalogue = dict[str | None, dict[str, str]]


@pytest.fixture(scope="module")
def catalogue(site: Site) -> Catalogue:
    return {reader: dict(addresses) for reader, addresses in pages(site).items()}


def test_no_page_is_forgotten(catalogue: Catalogue) -> None:
    routes = {each.path for each in page_routes("GET")}
    assert set(NOT_PAGES) <= routes, "an exception that is gone"
    visited = {route_of(address, "GET") for addresses in catalogue.values() for address in addresses.values()}
    assert routes - set(NOT_PAGES) - visited == set()
    assert set(catalogue) == set(READERS)


@pytest.mark.parametrize(("language", "size"), [("zh_CN", WIDE), ("en", NARROW), ("zh_CN", NARROW), ("en", WIDE)])
@pytest.mark.parametrize("reader", READERS)
def test_every_page_holds(visit: Visit, catalogue: Catalogue, reader: str | None, language: str, size: tuple[int, int]) -> None:
    """axe reads each page once a language: it is the slow part, and a page's structure is the same in both widths."""
    visitor = visit(reader, size=size, language=language)
    poor: list[str] = []
    for name, address in catalogue[reader].items():
        visitor.complaints.clear()
        page = visitor.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = !each.matches('.menu'); })")
        if visitor.sideways() > 0:
            poor.append(f"{name}: {visitor.sideways()} pixels sideways")
        if (language == "en") == (size == NARROW) and (found := Axe().run(page)).violations_count:
            poor.append(f"{name}: {found.generate_report()}")
        if visitor.complaints and name != "missing":
            poor.append(f"{name}: {visitor.complaints}")
    assert not poor, "\n".join(poor)
