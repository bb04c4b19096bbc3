"""What FastAPI cannot know of the API's document: who may ask, how it refuses, what must be sent, and the examples."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from api.v1 import PREFIX
from api.v1.call import Needs
from api.v1.problems import MEDIA_TYPE
from matching.tokens import SCOPES
from web.wording.operations import OPERATIONS, meaning

_EXAMPLES: Final = Path(__file__).parent / "examples.json"
_ABOUT: Final = """Results, needs, zones, search, explained pairs and imports of ZoneMatch, as its pages have them: the same \
rules, the same access, the same words. **Unstable**: names may still change until version 1 is declared.

- **Tokens.** `Authorization: Bearer <secret>`; made and revoked on the page /tokens. What visitors may read needs none.
- **Languages.** `Accept-Language: zh` or `en` chooses the language of sentences; names of codes come in both.
- **Lists** go on with `next_cursor`, which is not shifted by what is posted meanwhile.
- **Changes** of an entry need `If-Match` with the ETag that you saw: 428 without it, 412 when somebody was faster.
- **Posts** take an `Idempotency-Key`: sent twice with the same body, done once (409 while the first is at work, 422 with \
another body, forgotten after 24 hours; a refused request gives its key back).
- **Errors** are problems (RFC 9457); `errors` names each field by a JSON pointer or each parameter by its name. What you may \
not see is 404.
"""
_REFUSALS: Final = {
    400: "The body cannot be read at all.",
    401: "No token, or one that does not work.",
    403: "Not yours to do, or the token lacks the scope.",
    404: "There is no such thing, or it is not yours to know of.",
    409: "Not possible in this state, or the first request under this key is still at work.",
    412: "Somebody changed it meanwhile.",
    413: "The body is too large.",
    415: "The body is of another type.",
    422: "Something in the request cannot be taken; `errors` says where.",
    428: "If-Match is missing.",
    503: "A part of the installation is starting or busy.",
}
_ALWAYS: Final = (403, 404, 422, 503)
PROBLEM: Final = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. `code` names the problem for programs, `title` and `detail` say it to people.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "description": "An address below this site that explains it."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "Where in the body (a JSON pointer after `#`)."},
                    "parameter": {"type": "string", "description": "Which parameter or header."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


@cache
def examples() -> Mapping[str, Any]:
    """Operation → its example: `request` (path, query, headers, body) and `response` (status, body). Tests run them."""
    found: Mapping[str, Any] = json.loads(_EXAMPLES.read_text("utf-8"))
    return found


def complete(document: dict[str, Any], needs: Mapping[tuple[str, str], Needs]) -> dict[str, Any]:
    document["info"]["description"] = _ABOUT
    document["servers"] = [{"url": PREFIX}]
    parts = document.setdefault("components", {})
    parts["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": f"Scopes: {', '.join(SCOPES)}. Made on the page /tokens."}
    }
    schemas = parts.setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            _complete(method, operation, needs[path, method])
    return document


def _complete(method: str, operation: dict[str, Any], needs: Needs) -> None:
    operation["security"] = [{}] * needs.visitors + [{"token": [needs.scope]}]
    operation["x-scope"] = needs.scope
    operation["summary"] = operation["description"] = OPERATIONS[operation["operationId"]]
    takes_body = "requestBody" in operation
    is_edit = False
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == "if-match":
            parameter["name"], parameter["required"], is_edit = "If-Match", True, True
            parameter["schema"] = {"type": "string"}
        parameter["description"] = meaning(operation["operationId"], parameter["in"], parameter["name"])
    statuses = {*_ALWAYS, 401}
    if method != "get":
        statuses |= {409}
    if takes_body:
        statuses |= {400, 413, 415}
    if is_edit:
        statuses |= {412, 428}
    answers = operation["responses"]
    for status in sorted(statuses):
        answers[str(status)] = {
            "description": _REFUSALS[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    _exemplify(operation, examples().get(operation["operationId"], {}))


def _exemplify(operation: dict[str, Any], example: Mapping[str, Any]) -> None:
    request, response = example.get("request", {}), example.get("response", {})
    given = {**request.get("path", {}), **request.get("query", {}), **request.get("headers", {})}
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in given:
            parameter["example"] = given[parameter["name"]]
    for media in operation.get("requestBody", {}).get("content", {}).values():
        if "body" in request:
            media["example"] = request["body"]
    answer = operation["responses"].get(str(response.get("status", "")))
    if answer and "body" in response:
        for media in answer.get("content", {}).values():
            media["example"] = response["body"]
