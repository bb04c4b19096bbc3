"""The page that explains the API to people: every operation with its example, from the same document that machines read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from api.v1 import PREFIX
from api.v1.document import examples
from api.v1.problems import STATUS
from matching.errors import InvalidInput, ZoneMatchError
from web import paths
from web.context import Context
from web.rendering import render
from web.wording.operations import TAGS

router = APIRouter(include_in_schema=False)

_ORDER: Final = ("get", "post", "put")
_SHOWN: Final = 40
"""Lines of an example that the page shows before it leaves the rest out."""


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    place: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    method: str
    path: str
    scope: str
    for_visitors: bool
    parameters: tuple[Parameter, ...]
    request: str
    response: str
    status: int


@router.get(paths.API_DOCS)
def reference(context: Context, request: Request) -> Response:
    document = request.app.state.api.openapi()
    problems = sorted({(status, kind.code) for kind, status in STATUS.items()})
    return render(
        context, "reference.html", groups=_groups(document), tags=TAGS, prefix=PREFIX, problems=problems,
        problem_of=_problem, coded=_coded, base=f"{request.url.scheme}://{request.url.netloc}",
    )  # fmt: skip


def _coded(text: str) -> Markup:
    """What stands between backticks is a name for programs."""
    parts = text.split("`")
    return Markup("").join(Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in enumerate(parts))


def _problem(code: str) -> ZoneMatchError:
    """An error of this code for its wording; the general text of a class stands for all codes of it."""
    kind = next(each for each in STATUS if each.code == code)
    return (
        InvalidInput()
        if kind is InvalidInput
        else kind(scope="write", limit=1 << 20, media="application/json", minutes=5, seen=2, current=3, state="withdrawn")
    )


def _groups(document: Mapping[str, Any]) -> dict[str, list[Operation]]:
    found: dict[str, list[Operation]] = {tag: [] for tag in TAGS}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            found[operation["tags"][-1]].append(_operation(path, method, operation))
    for group in found.values():
        group.sort(key=lambda each: (each.path.count("/") > 2, _ORDER.index(each.method.lower())))
    return {tag: group for tag, group in found.items() if group}


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Operation:
    example = examples().get(operation["operationId"], {})
    return Operation(
        name=operation["operationId"],
        method=method.upper(),
        path=path,
        scope=operation["x-scope"],
        for_visitors={} in operation["security"],
        parameters=tuple(
            Parameter(each["name"], each["in"], each.get("required", False)) for each in operation.get("parameters", ())
        ),
        request=_pretty(example.get("request", {}).get("body")),
        response=_pretty(example.get("response", {}).get("body")),
        status=example.get("response", {}).get("status", 200),
    )


def _pretty(value: object) -> str:
    return "" if value is None else _cut(json.dumps(value, ensure_ascii=False, indent=2))


@cache
def _cut(text: str) -> str:
    lines = text.split("\n")
    return text if len(lines) <= _SHOWN else "\n".join([*lines[:_SHOWN], "  …"])
