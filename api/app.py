"""The web application: middleware, the pages, static files, and the two questions an operator's probe asks."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.responses import PlainTextResponse, Response

from api.middleware import BodyLimit, SameOrigin, SecurityHeaders
from api.readiness import Readiness
from api.v1 import PREFIX, page
from api.v1.app import create_api
from api.v1.importing import UPLOADS
from api.v1.problems import is_api, problem_response
from api.v1.refusals import CrossSite, TooLarge
from matching.errors import UnusableFile
from web.app import SECURITY_HEADERS, add_error_pages, error_response, mount_assets, router
from web.services import Services

_FORM_ALLOWANCE = 1024 * 1024
"""Bytes of a request beside an uploaded file."""
_JSON_LIMIT = 1024 * 1024
"""Bytes of a body of the API that is no sheet."""


@dataclass(frozen=True, slots=True)
class Application:
    services: Services
    readiness: Readiness
    upload_limit: int


def _limit(upload_limit: int) -> Callable[[str], int]:
    def of(path: str) -> int:
        if path == UPLOADS:
            return upload_limit
        return _JSON_LIMIT if is_api(path) else upload_limit + _FORM_ALLOWANCE

    return of


def _too_large(request: Request, limit: Callable[[str], int]) -> Response:
    path = request.url.path
    if is_api(path):
        return problem_response(request, TooLarge(limit=limit(path)))
    return error_response(request, UnusableFile("file_too_large"))


def _answer(request: Request, error: Exception) -> Response:
    """An address that looks like one of the API and is none (a line break in it, which a mount never matches) is its problem."""
    return problem_response(request, error) if is_api(request.url.path) else error_response(request, error)


def _cross_site(request: Request) -> Response:
    if is_api(request.url.path):
        return problem_response(request, CrossSite())
    return PlainTextResponse("cross-site request refused\n", status_code=403)


def create_app(parts: Application) -> FastAPI:
    """The ASGI application. `/healthz` says that the process answers, `/readyz` what it can do now."""
    app = FastAPI(title="ZoneMatch", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.services = parts.services
    app.state.readiness = parts.readiness
    limit = _limit(parts.upload_limit)
    app.add_middleware(BodyLimit, limit=limit, refuse=lambda request: _too_large(request, limit))
    app.add_middleware(SameOrigin, refuse=_cross_site)
    app.add_middleware(SecurityHeaders, headers=SECURITY_HEADERS)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz(request: Request) -> JSONResponse:
        report = request.app.state.readiness.report()
        return JSONResponse(report, status_code=200 if report["ready"] else 503)

    app.state.api = create_api(parts.services)
    app.mount(PREFIX, app.state.api)
    app.include_router(page.router)
    app.include_router(router())
    mount_assets(app)
    add_error_pages(app, _answer)
    return app
