"""The web room as the composition root sees it: one router, the static files, and the headers every page carries.

`app.state.services` must hold `web.services.Services` before the first request. Requests that change something are checked
for their origin (Sec-Fetch-Site, then Origin) by the middleware of `api`; the pages carry no token.
"""

from importlib import import_module
from typing import Final

from fastapi import APIRouter, FastAPI

from web.assets import PREFIX, Assets
from web.errors import add_error_pages, error_response

__all__ = ["CONTENT_SECURITY_POLICY", "SECURITY_HEADERS", "add_error_pages", "error_response", "mount_assets", "router"]

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

PAGES: Final = (
    "editing",
    "typing",
    "mine",
    "suggestions",
    "reviewing",
    "industries",
    "home",
    "session",
    "search",
    "completing",
    "deciding",
    "pasting",
    "reference",
    "organisations",
    "people",
    "password",
    "zones",
    "listings",
    "about",
    "pairs",
    "pool",
    "duplicates",
    "common_needs",
    "words",
    "queue",
    "desk",
    "importing",
    "works",
    "search_index",
    "models",
    "tokens",
)
"""Modules of `web.pages`, each with a `router`. Fixed paths (`/results/new`) before those with a parameter (`/results/{id}`)."""


def router() -> APIRouter:
    """All pages."""
    whole = APIRouter(include_in_schema=False)
    for name in PAGES:
        whole.include_router(import_module(f"web.pages.{name}").router)
    return whole


def mount_assets(app: FastAPI) -> None:
    app.mount(PREFIX, Assets(), name="static")
