"""The web application: middleware, the pages, static files, and the two questions an operator's probe asks."""

from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from api.middleware import BodyLimit, SameOrigin, SecurityHeaders
from api.readiness import Readiness
from matching.errors import UnusableFile
from web.app import SECURITY_HEADERS, add_error_pages, error_response, mount_assets, router
from web.services import Services

_FORM_ALLOWANCE = 1024 * 1024
"""Bytes of a request beside an uploaded file."""


@dataclass(frozen=True, slots=True)
class Application:
    services: Services
    readiness: Readiness
    upload_limit: int


def _too_large(request: Request) -> Response:
    return error_response(request, UnusableFile("file_too_large"))


def create_app(parts: Application) -> FastAPI:
    """The ASGI application. `/healthz` says that the process answers, `/readyz` what it can do now."""
    app = FastAPI(title="ZoneMatch", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.services = parts.services
    app.state.readiness = parts.readiness
    app.add_middleware(BodyLimit, limit=parts.upload_limit + _FORM_ALLOWANCE, refuse=_too_large)
    app.add_middleware(SameOrigin)
    app.add_middleware(SecurityHeaders, headers=SECURITY_HEADERS)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz(request: Request) -> JSONResponse:
        report = request.app.state.readiness.report()
        return JSONResponse(report, status_code=200 if report["ready"] else 503)

    app.include_router(router())
    mount_assets(app)
    add_error_pages(app)
    return app
