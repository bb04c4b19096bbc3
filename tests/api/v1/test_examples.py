"""The examples of the reference, run: each request is answered as its example says, in status, shape and schema."""

from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest
from fastapi import FastAPI
from sqlmodel import func, select

from api.v1.app import create_api
from api.v1.document import examples
from matching.model import AuditEntry
from tests.api.v1.example_requests import REQUESTS
from tests.api.v1.example_world import ExampleWorld, address, send, world
from tests.engines import Told
from web.services import Services

AGAIN = "the examples are not those of today: python -m tests.api.v1.example_world"


@pytest.fixture(scope="module")
def around(on_database: None, on_engine_together: Told) -> Iterator[ExampleWorld]:
    with world(on_engine_together) as made:
        yield made


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_api(Services(None, None, None)).openapi()  # type: ignore[arg-type]  # only its document is asked for


def shape(value: Any) -> Any:
    """Names and types without the values; of a list the shape of its first item."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value[:1]]
    return float if isinstance(value, int | float) and not isinstance(value, bool) else type(value)


def operation_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(
        each for methods in document["paths"].values() for each in methods.values() if each["operationId"] == name
    )  # fmt: skip


def check(document: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    jsonschema_rs.validator_for({**schema, "components": document["components"]}).validate(value)


def _once(app: FastAPI, name: str, request: dict[str, Any]) -> httpx.Response:
    """The answer to the example sent under a key, which then answers the same again, and no other request."""

    def audited() -> int:
        with app.state.services.database.read() as session:
            return int(session.exec(select(func.count()).select_from(AuditEntry)).one())

    keyed = request | {"headers": request.get("headers", {}) | {"Idempotency-Key": f"once-{name}"}}
    answer, done = send(app, name, keyed), audited()
    again = send(app, name, keyed)
    assert (again.status_code, again.text, again.headers["idempotency-replayed"]) == (answer.status_code, answer.text, "true")
    assert audited() == done
    other = send(app, "undo_verdict", {"as": request["as"], "path": {"zone": "wujin"}, "headers": keyed["headers"]})
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    return answer


def test_every_operation_has_an_example(document: dict[str, Any]) -> None:
    names = {each["operationId"] for methods in document["paths"].values() for each in methods.values()}
    assert names == set(REQUESTS) == set(examples()), AGAIN


@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_the_example_is_answered_as_it_says(around: ExampleWorld, document: dict[str, Any], name: str) -> None:
    example = examples()[name]
    request, response, operation = example["request"], example["response"], operation_of(document, name)
    with around.app() as app:
        is_post = address(name, request.get("path", {}))[0] == "POST"
        answer = _once(app, name, request) if is_post else send(app, name, request)
    assert answer.status_code == response["status"], answer.text
    told = operation["responses"][str(answer.status_code)]["content"]
    media = answer.headers["content-type"]
    assert set(told) == {media}
    if media != "application/json":
        assert answer.content[:2] == b"PK"
        return
    assert shape(answer.json()) == shape(response["body"]), AGAIN
    schema = told[media]["schema"]
    check(document, schema, answer.json())
    check(document, schema, response["body"])
    assert told[media]["example"] == response["body"]
    if isinstance(request.get("body"), dict):
        check(document, operation["requestBody"]["content"]["application/json"]["schema"], request["body"])
