"""The page that explains the API, and its document."""

import re

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.api.v1.conftest import Asking
from tests.web.markup import refused, text_of


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_operation_and_problem_is_explained(app: FastAPI, asking: Asking, language: str) -> None:
    client = TestClient(app, raise_server_exceptions=False)
    client.cookies.set("lang", language)
    page = client.get("/api/docs").text
    assert refused(page) == []
    document = asking().get("/openapi.json")
    names = [each["operationId"] for methods in document["paths"].values() for each in methods.values()]
    assert [name for name in names if f'<h3 id="{name}">' not in page] == []
    assert len(names) == len(set(names)) > 15
    for code in ("stale_revision", "version_needed", "invalid_input", "key_reused"):
        assert f'id="{code}"' in page
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    words = re.sub(r"<pre.*?</pre>", "", page[page.index("<main") : page.index("</main")], flags=re.DOTALL)
    assert bool(re.search(r"[\u4e00-\u9fff]", text_of(words))) == (language == "zh_CN")


def test_problems_lead_to_their_explanation(app: FastAPI, asking: Asking) -> None:
    found = asking().problem("GET", "/zones/atlantis", 404)
    path, _, anchor = found["type"].partition("#")
    assert f'id="{anchor}"' in TestClient(app).get(path).text


def test_the_document_tells_scopes_and_refusals(asking: Asking) -> None:
    document = asking().get("/openapi.json")
    assert document["servers"] == [{"url": "/api/v1"}]
    assert "unstable" in document["info"]["version"]
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["security"][-1] == {"token": [operation["x-scope"]]}
            assert set(operation["responses"]["404"]["content"]) == {"application/problem+json"}
            assert operation["summary"]
