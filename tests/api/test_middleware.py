"""What every request passes: headers, the origin check, the limit on bodies."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import Application, create_app
from api.cli.serving import services_for
from api.readiness import Readiness
from api.settings import Settings
from api.wiring import assemble
from matching.seed import load_reference
from matching.store.migrate import migrate
from search.encoder.hashing import HashingEncoder


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder: Path = tmp_path_factory.mktemp("app")
    settings = Settings(data=folder, encoder="hashing", demo=False)
    migrate(settings.url)
    with assemble(settings, encoder=HashingEncoder()) as parts:
        with parts.database.write() as unit:
            load_reference(unit)
            unit.commit()
        readiness = Readiness(parts.database, parts.engine, parts.encoder)
        app = create_app(Application(services_for(parts), readiness, upload_limit=1000))
        with TestClient(app) as client:
            client.filled = parts.engine.filled  # type: ignore[attr-defined]  # for the test that fills it
            yield client


def test_pages_carry_the_security_headers(client: TestClient) -> None:
    headers = client.get("/").headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"origin": "http://testserver"}, True),
        ({"origin": "http://elsewhere.example"}, False),
        ({"origin": "null"}, False),
        ({}, True),
    ],
)
def test_only_pages_of_this_site_may_change_something(client: TestClient, headers: dict[str, str], allowed: bool) -> None:
    answer = client.post("/sign-in", data={"login": "nobody"}, headers=headers)
    assert (answer.status_code != 403) == allowed
    assert client.get("/", headers=headers).status_code == 200


def test_a_body_that_is_too_large_gets_a_page_that_says_so(client: TestClient) -> None:
    answer = client.post("/sign-in", content=b"x" * (1024 * 1024 + 2000), headers={"content-type": "text/plain"})
    assert answer.status_code == 422
    assert "太大" in answer.text
    chunks = (b"x" * 100_000 for _ in range(12))
    unannounced = client.post("/sign-in", content=chunks, headers={"content-type": "application/x-www-form-urlencoded"})
    assert unannounced.status_code == 422
    assert "太大" in unannounced.text


def test_readyz_tells_what_is_not_ready(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    client.filled.clear()  # type: ignore[attr-defined]  # set by the fixture
    waiting = client.get("/readyz")
    assert (waiting.status_code, waiting.json()["engine"]) == (503, "filling")
    client.filled.set()  # type: ignore[attr-defined]  # set by the fixture
    assert client.get("/readyz").json() == {"ready": True, "database": "ok", "engine": "ok", "encoder": "ok"}
