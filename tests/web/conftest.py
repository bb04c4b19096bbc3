"""A process of the pages alone: real SQLite file, real reference data, no middleware but the security headers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlmodel import Session
from starlette.testclient import TestClient

from matching.access import Actor
from matching.discovery import Discovery
from matching.model import Base
from matching.seed import load_reference
from matching.store.database import Database
from search.encoder.hashing import HashingEncoder
from search.engines.local import LocalEngine
from web.app import add_error_pages, mount_assets, router
from web.services import DemoAccount, Services, WebSettings


@pytest.fixture(scope="session")
def reference_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables and the reference data, copied by each test that needs one of its own."""
    path = tmp_path_factory.mktemp("reference") / "zonematch.sqlite"
    database = Database(f"sqlite:///{path}")
    Base.metadata.create_all(database.engine)
    with database.write() as unit:
        load_reference(unit)
        unit.commit()
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture
def database(reference_file: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "zonematch.sqlite"
    path.write_bytes(reference_file.read_bytes())
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def discovery(database: Database) -> Discovery:
    """The embedded engine, empty until a test fills it, and the small encoder for unit tests."""
    encoder = HashingEncoder()
    return Discovery(database, LocalEngine(encoder.dimension, encoder.fingerprint), encoder)


Tokens = dict[str, Actor]


@pytest.fixture
def tokens() -> Tokens:
    """Who each session cookie belongs to."""
    return {}


@pytest.fixture
def app(database: Database, tokens: Tokens, discovery: Discovery) -> FastAPI:
    def identify(session: Session, token: str) -> Actor | None:
        return tokens.get(token)

    app = FastAPI(openapi_url=None)
    settings = WebSettings(demo_accounts=(DemoAccount("staff@demo", "demo-password", "zone_staff"),))
    app.state.services = Services(database=database, settings=settings, discovery=discovery)
    app.include_router(router())
    mount_assets(app)
    add_error_pages(app)
    return app


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """A visitor's browser that follows no redirect by itself."""
    return TestClient(app, follow_redirects=False, raise_server_exceptions=False)
