"""Which addresses the pages have, as their modules say it: what tests of every page and every form compare themselves with."""

from functools import cache
from importlib import import_module

from fastapi.routing import APIRoute

from web.app import PAGES


@cache
def page_routes(method: str) -> tuple[APIRoute, ...]:
    """In the order in which they are tried."""
    found = (each for name in PAGES for each in import_module(f"web.pages.{name}").router.routes)
    return tuple(each for each in found if isinstance(each, APIRoute) and method in (each.methods or ()))
