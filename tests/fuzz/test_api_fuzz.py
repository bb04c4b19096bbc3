"""Whatever is sent to the API: an answer that its document promises, and never a defect.

Few examples by default; `--hypothesis-profile many` asks for more.
"""

import zlib
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks
from starlette.types import ASGIApp, Receive, Scope, Send

from api.v1.app import create_api
from tests.api.v1.example_requests import BATCH, COMMITTED, FAILED_WORK, PASTE, SILVER, UNIVERSITY, WAITING_WORK
from tests.api.v1.example_world import LOGINS, secret_of, world
from tests.engines import Told
from web.services import Services

PROMISES = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.unsupported_method,
]
KNOWN = {
    "zone": ["changzhou", "wujin"],
    "industry": ["pv"],
    "code_list": ["maturity"],
    "organisation": [UNIVERSITY],
    "listing": [PASTE, SILVER],
    "other": [SILVER, PASTE],
    "need": [SILVER],
    "batch": [BATCH, COMMITTED],
    "work": [WAITING_WORK, FAILED_WORK],
}
"""Ids that exist, in the place of most that are made up: behind a 404 little can go wrong."""
EXAMPLES = max(4, settings().max_examples // 20)


class Serving:
    """Stands for the application while tests are collected, and hands on to the one that is served when they run."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


SERVING = Serving()
SCHEMA = schemathesis.openapi.from_dict(create_api(Services(None, None, None)).openapi())  # type: ignore[arg-type]  # unused here
SCHEMA.app = SERVING
SCHEMA.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])


@pytest.fixture(scope="module", autouse=True)
def served(on_database: None, on_engine_together: Told) -> Iterator[None]:
    with world(on_engine_together) as around, around.app() as app:
        SERVING.app = app
        yield
        SERVING.app = None


def chosen(case: Case, among: int) -> int:
    """The same for the same case, whenever it is replayed."""
    return (
        zlib.crc32(repr((case.method, case.path, case.path_parameters, case.query, case.body)).encode(errors="replace")) % among
    )


@SCHEMA.parametrize()
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_that_the_document_promises(case: Case) -> None:
    pick = chosen(case, 1 << 16)
    for name in case.path_parameters if pick % 4 else ():
        if name in KNOWN:
            case.path_parameters[name] = KNOWN[name][pick % len(KNOWN[name])]
    login = LOGINS[pick % len(LOGINS)]
    response = case.call(headers={"Authorization": f"Bearer {secret_of(login)}", "Accept-Language": "en"})
    assert response.status_code < 500, response.text
    case.validate_response(response, checks=PROMISES)
