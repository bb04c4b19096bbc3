"""The API as an application of its own, mounted below the pages: its errors are problems, its documents its own."""

from importlib import import_module
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from api.v1.call import Needs
from api.v1.document import complete
from api.v1.problems import add_problems
from web.services import Services

ROUTERS: Final = ("reference", "listings", "posting", "pairs", "comparing", "desk", "searching", "importing", "working")
"""Modules of this package, each with a `router`, in the order in which the reference prints them."""
VERSION: Final = "1.0-unstable"


def create_api(services: Services) -> FastAPI:
    """The ASGI application below `/api/v1`, with its OpenAPI document at `openapi.json`."""
    api = FastAPI(
        title="ZoneMatch API",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_name,
    )
    api.state.services = services
    for router in _routers():
        api.include_router(router)
    add_problems(api)
    document: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not document:
            document.update(complete(get_openapi(title=api.title, version=api.version, routes=api.routes), operations()))
        return document

    api.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI gives to change its document
    return api


def _name(route: APIRoute) -> str:
    return route.name


def _routers() -> list[APIRouter]:
    return [import_module(f"api.v1.{name}").router for name in ROUTERS]


def operations() -> dict[tuple[str, str], Needs]:
    """Path and method of every operation → what it needs."""
    found: dict[tuple[str, str], Needs] = {}
    for route in (each for router in _routers() for each in router.routes):
        if isinstance(route, APIRoute):
            needs = next(each.call for each in route.dependant.dependencies if isinstance(each.call, Needs))
            found |= {(route.path, method.lower()): needs for method in route.methods or ()}
    return found
