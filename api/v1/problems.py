"""Errors as RFC 9457 problems, in the language that the request asks for. The one place that maps the tree for the API.

Wording is the pages' (`web.messages`). A defect tells nothing of itself.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.v1 import PREFIX, refusals
from matching.errors import FieldError, InvalidInput, NotFound, StaleRevision, ZoneMatchError
from matching.model.fields import BY_CODE, CONTACTS
from matching.typed_text import shown
from web import i18n, paths
from web.errors import STATUS as PAGE_STATUS
from web.messages import error_text, error_title, field_error_text
from web.wording.errors import TEXTS

_REALM: Final = 'Bearer realm="ZoneMatch"'
MEDIA_TYPE: Final = "application/problem+json"
STATUS: Final[dict[type[ZoneMatchError], int]] = PAGE_STATUS | {
    StaleRevision: 412,
    refusals.TokenNeeded: 401,
    refusals.BadToken: 401,
    refusals.ScopeNeeded: 403,
    refusals.VersionNeeded: 428,
    refusals.WrongMedia: 415,
    refusals.TooLarge: 413,
    refusals.NoSuchMethod: 405,
    refusals.CrossSite: 403,
}
"""As for the pages, but that a stale version is a failed precondition here."""
_CONTACT_CODES: Final = frozenset(each.code for each in CONTACTS)
_PARTS: Final = {"value": "low"}
"""A part of a row that the form calls otherwise than the body."""
_TOP: Final = {"price": "price_min_fen"}
_EXPECTED: Final = {
    "string_type": "string", "string_unicode": "string", "int_type": "integer", "int_parsing": "integer",
    "int_from_float": "integer", "int_parsing_size": "integer", "float_type": "number", "finite_number": "number",
    "bool_type": "boolean", "bool_parsing": "boolean", "dict_type": "object", "model_type": "object",
    "model_attributes_type": "object", "list_type": "array",
}  # fmt: skip
_SIGNS: Final = {"greater_than": ">", "greater_than_equal": "≥", "less_than": "<", "less_than_equal": "≤"}
_SAME: Final = {
    "missing": "required", "extra_forbidden": "unknown_field", "json_invalid": "not_json", "string_too_short": "required",
    "control_characters": "control_characters",
}  # fmt: skip


def wanted_language(header: str | None) -> i18n.Language:
    """The language of ours that Accept-Language likes best; Chinese where it names none."""
    best: tuple[float, i18n.Language] = (0.0, i18n.DEFAULT_LANGUAGE)
    for each in (header or "")[:500].split(","):
        tag, _, weight = each.strip().partition(";")
        found = re.fullmatch(r"\s*q=(\d(?:\.\d{1,3})?)\s*", weight)
        liking = float(found[1]) if found else 0.0 if weight else 1.0
        named = tag.strip().lower().partition("-")[0]
        language: i18n.Language | None = "en" if named == "en" else "zh_CN" if named == "zh" else None
        if language is not None and liking > best[0]:
            best = (liking, language)
    return best[1]


def status_of(error: ZoneMatchError) -> int:
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 400)


def problem_response(request: Request, error: Exception) -> Response:
    """The problem of any error that an address of the API raises."""
    decision, headers = _decision(error)
    status = status_of(decision) if decision.code != "internal" else 500
    if status in (429, 503):
        headers["Retry-After"] = str(60 * int(decision.params.get("minutes", 1)))
    if status == 401 or isinstance(decision, refusals.ScopeNeeded):
        headers["WWW-Authenticate"] = _challenge(decision)
    if isinstance(error, HTTPException) and status == 400:
        status = error.status_code
    language = wanted_language(request.headers.get("accept-language"))
    with i18n.speaking(language):
        body = _body(request, decision, status)
    headers |= {"Content-Language": i18n.HTML_LANG[language], "Cache-Control": "no-store", "Vary": "Accept-Language"}
    return Response(json.dumps(body, ensure_ascii=False), status, headers, MEDIA_TYPE)


def _challenge(error: ZoneMatchError) -> str:
    """What a token would have to be, as RFC 6750 says it."""
    if isinstance(error, refusals.BadToken):
        return f'{_REALM}, error="invalid_token"'
    if isinstance(error, refusals.ScopeNeeded):
        return f'{_REALM}, error="insufficient_scope", scope="{error.params["scope"]}"'
    return _REALM


def _decision(error: Exception) -> tuple[ZoneMatchError, dict[str, str]]:
    if isinstance(error, ZoneMatchError):
        return error, {}
    if isinstance(error, RequestValidationError):
        return InvalidInput(*(_field_error(each) for each in error.errors())), {}
    if isinstance(error, HTTPException):
        headers = dict(error.headers or {})
        if error.status_code == 404:
            return NotFound(), headers
        if error.status_code == 405:
            return refusals.NoSuchMethod(), headers
        if error.status_code == 400:  # what came is no JSON that can be read at all
            return InvalidInput(FieldError("", "not_json")), headers
        return ZoneMatchError(), headers
    return ZoneMatchError("internal"), {}


def _body(request: Request, error: ZoneMatchError, status: int) -> dict[str, Any]:
    codes = (error.code, *(str(getattr(kind, "code", "")) for kind in type(error).__mro__))
    code = next(each for each in codes if each in TEXTS)
    found: dict[str, Any] = {
        "type": f"{paths.API_DOCS}#{code}",
        "title": error_title(error),
        "status": status,
        "detail": error_text(error),
        "code": code,
    }
    if isinstance(error, InvalidInput):
        has_body = request.headers.get("content-type", "").partition(";")[0].strip().endswith("json")
        found["errors"] = [
            {**_where(each, has_body), "code": each.code, "detail": field_error_text(each)} for each in error.fields
        ]
    return found


def _where(error: FieldError, has_body: bool) -> Mapping[str, str]:
    """A pointer into the JSON body, or the name of the parameter."""
    place, _, name = error.field.partition(" ")
    if place in ("query", "path", "header") and name:
        return {"parameter": name}
    if place == "body":
        return {"pointer": f"#{name}"}
    if not has_body:
        return {"parameter": error.field} if error.field else {"pointer": "#"}
    return {"pointer": f"#{pointer(error)}"}


def pointer(error: FieldError) -> str:
    """Where in a body the field of a form stands, as RFC 6901 writes it."""
    field, row, part = error.field, error.params.get("row"), str(error.params.get("part", ""))
    if not field:
        return ""
    if field in _CONTACT_CODES:
        return f"/contacts/{field}"
    if field in BY_CODE and BY_CODE[field].stored in ("texts", "tags", "amounts", "days"):
        return f"/{BY_CODE[field].stored}/{field}"
    if row is not None:
        below = f"/{_PARTS.get(part, part)}" if part else ""
        return f"/{field}/{int(row) - 1}{below}"
    return f"/{_escaped(_TOP.get(field, field))}"


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _field_error(error: Mapping[str, Any]) -> FieldError:
    """One complaint of pydantic in the catalogue's words. What was sent is repeated by its beginning at most."""
    kind, context, sent = str(error["type"]), error.get("ctx", {}), error.get("input")
    place, *steps = error["loc"] or ("body",)
    if place == "body":
        at = "body " + "".join(f"/{_escaped(shown(str(each)))}" for each in steps if kind != "json_invalid")
    else:
        at = f"{place} {'.'.join(str(each) for each in steps)}"
    if kind in _SAME:
        return FieldError(at, _SAME[kind])
    if kind == "string_too_long":
        return FieldError(at, "too_long", {"limit": context["max_length"], "length": len(str(sent))})
    if kind == "too_long":
        return FieldError(at, "too_many", {"limit": context["max_length"]})
    if kind in _SIGNS:
        return FieldError(at, "wrong_type", {"expected": f"{_SIGNS[kind]} {next(iter(context.values()))}"})
    if kind in _EXPECTED:
        return FieldError(at, "wrong_type", {"expected": _EXPECTED[kind]})
    if kind in ("literal_error", "enum"):
        return FieldError(at, "unknown_code", {"value": shown(str(sent))})
    return FieldError(at, "not_a_date" if kind.startswith("date") else "invalid", {"value": shown(str(sent))})


def is_api(path: str) -> bool:
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def add_problems(app: FastAPI) -> None:
    """Answer every error of the app with a problem."""
    for kind in (ZoneMatchError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, problem_response)
