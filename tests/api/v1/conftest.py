"""The API in a whole process: middleware, pages and API over the stock of the pages' tests, and tokens for its people."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import select
from starlette.testclient import TestClient

from api.app import Application, create_app
from api.readiness import Readiness
from matching import tokens
from matching.access import actor_of
from matching.discovery import Discovery
from matching.model import Person
from matching.side_cache import SideCache
from matching.store.database import Database
from matching.tokens import SCOPES
from matching.vectors import VectorStore
from search.encoder.hashing import HashingEncoder
from search.engines.local import LocalEngine
from tests.web.conftest import database, discovery, engine, prepared, stock
from web.services import Services, SheetSettings, WebSettings

__all__ = ["database", "discovery", "engine", "prepared", "stock"]

Asking = Callable[..., "Asker"]


class Asker:
    """Somebody who asks the API: with a token of these scopes, or as a visitor."""

    def __init__(self, app: FastAPI, secret: str | None, language: str = "en") -> None:
        headers = {"Accept-Language": language} | ({"Authorization": f"Bearer {secret}"} if secret else {})
        self.secret = secret
        self.client = TestClient(app, headers=headers, follow_redirects=False, raise_server_exceptions=False)

    def __call__(self, method: str, path: str, **sent: Any) -> httpx.Response:
        answer: httpx.Response = self.client.request(method, f"/api/v1{path}", **sent)
        assert answer.status_code < 500, answer.text
        return answer

    def get(self, path: str, **sent: Any) -> Any:
        answer = self("GET", path, **sent)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def problem(self, method: str, path: str, status: int, **sent: Any) -> Any:
        """The problem that is answered, which must be one."""
        answer = self(method, path, **sent)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        found = answer.json()
        assert {"type", "title", "status", "detail", "code"} <= set(found)
        assert found["status"] == status
        return found


def secret_of(database: Database, login: str, scopes: tuple[str, ...] = SCOPES) -> str:
    with database.write() as unit:
        person = unit.session.exec(select(Person).where(Person.login == login)).one()
        _, secret = tokens.create(unit, actor_of(unit.session, person), name="test", scopes=scopes, days=7)
        unit.commit()
    return secret


def build_app(database: Database, discovery: Discovery, engine: LocalEngine, folder: Path) -> FastAPI:
    services = Services(
        database=database, settings=WebSettings(), discovery=discovery, sheets=SheetSettings(folder / "uploads", row_limit=200),
        sides=SideCache(VectorStore(database, HashingEncoder())),
    )  # fmt: skip
    return create_app(Application(services, Readiness(database, engine, HashingEncoder()), upload_limit=2 * 1024 * 1024))


@pytest.fixture
def app(database: Database, discovery: Discovery, engine: LocalEngine, tmp_path: Path) -> FastAPI:  # the fixture
    return build_app(database, discovery, engine, tmp_path)


@pytest.fixture
def asking(app: FastAPI, database: Database) -> Asking:
    """`asking("provider", "read")` asks with such a token; without a login as a visitor."""

    def ask(login: str | None = None, *scopes: str, language: str = "en") -> Asker:
        return Asker(app, secret_of(database, login, scopes or SCOPES) if login else None, language)

    return ask
