"""The error tree as pages: the one place that gives each kind its status, and where a defect becomes a calm page."""

from collections.abc import Callable
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from matching.access import VISITOR
from matching.errors import (
    BadCredentials,
    IllegalMove,
    InvalidInput,
    KeyInUse,
    KeyReused,
    MayNot,
    NotFound,
    NotReady,
    PasswordNeeded,
    SignInNeeded,
    StaleRevision,
    TooManyAttempts,
    UnusableFile,
    ZoneMatchError,
)
from web import i18n, paths
from web.context import RequestContext, go_to, is_fragment_request, request_context
from web.messages import error_text, error_title
from web.rendering import render
from web.services import services_of

STATUS: Final[dict[type[ZoneMatchError], int]] = {
    InvalidInput: 422,
    NotFound: 404,
    MayNot: 403,
    SignInNeeded: 401,
    PasswordNeeded: 403,
    BadCredentials: 401,
    TooManyAttempts: 429,
    StaleRevision: 409,
    IllegalMove: 409,
    UnusableFile: 422,
    NotReady: 503,
    KeyReused: 422,
    KeyInUse: 409,
}


def status_of(error: ZoneMatchError) -> int:
    """The status of the nearest class of the tree; 400 for the root itself."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 400)


def error_response(request: Request, error: Exception) -> Response:
    """The page of an error. `api` calls it for every path that is not its own.

    A visitor who opens a page for the signed-in is sent to the sign-in page and comes back; a form sent after the session
    has ended answers 401 on a page that tells how to keep what was typed; htmx gets a note of a few lines.
    """
    context = _context(request)
    if isinstance(error, HTTPException):
        error = NotFound() if error.status_code in (404, 405) else ZoneMatchError()
    elif isinstance(error, RequestValidationError):
        # A form of ours cannot send this: an address typed by hand, or a changed form.
        error = NotFound() if request.method == "GET" else InvalidInput()
    if isinstance(error, SignInNeeded) and request.method in ("GET", "HEAD") and not context.is_fragment:
        return go_to(context, paths.with_query(paths.SIGN_IN, next=context.path))
    if isinstance(error, PasswordNeeded):
        return go_to(context, paths.PASSWORD)
    known = isinstance(error, ZoneMatchError)
    decision = error if isinstance(error, ZoneMatchError) else ZoneMatchError("internal")
    status = status_of(decision) if known else 500
    headers = {"Retry-After": str(60 * int(decision.params.get("minutes", 1)))} if status in (429, 503) else None
    with i18n.speaking(context.language):
        title, text = error_title(decision), error_text(decision)
    return render(
        context, "error.html", "problem", status=status, headers=headers,
        title=title, text=text, status_code=status, error=decision, was_sent=request.method != "GET",
    )  # fmt: skip


def _context(request: Request) -> RequestContext:
    try:
        return request_context(request)
    except Exception:  # the database itself may be what is down: an error page needs none
        return RequestContext(
            services=services_of(request),
            actor=VISITOR,
            language=i18n.language_of(request.cookies.get(i18n.COOKIE)),
            path=request.url.path,
            today=services_of(request).database.clock.today(),
            is_fragment=is_fragment_request(request),
        )


def add_error_pages(app: FastAPI, answer: Callable[[Request, Exception], Response] = error_response) -> None:
    """Answer every error of the app with a page, or with what `answer` makes of it: an app that also has an API maps by path."""
    for kind in (ZoneMatchError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, answer)
