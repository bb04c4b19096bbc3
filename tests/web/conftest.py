"""A process of the pages alone: real SQLite file, real data, real sign-in, the embedded engine, no middleware."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from matching.discovery import Discovery
from matching.model import Base
from matching.projection import Projection
from matching.reactions import REACTIONS
from matching.seed import load_reference
from matching.store.database import Database
from matching.vectors import VectorStore
from search.encoder.hashing import HashingEncoder
from search.engines.local import LocalEngine
from tests.web.stock import PASSWORD, Stock, fill
from web.app import add_error_pages, mount_assets, router
from web.services import DemoAccount, Services, WebSettings

Prepared = tuple[Path, Stock]


def _prepare(path: Path, *, stocked: bool) -> Stock:
    database = Database(f"sqlite:///{path}", reactions=REACTIONS)
    Base.metadata.create_all(database.engine)
    with database.write() as unit:
        load_reference(unit)
        unit.commit()
    stock = fill(database) if stocked else Stock()
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return stock


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A filled database file, made once and copied by every test that uses `database`."""
    path = tmp_path_factory.mktemp("stocked") / "zonematch.sqlite"
    return path, _prepare(path, stocked=True)


@pytest.fixture(scope="session")
def prepared_empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the reference data alone."""
    path = tmp_path_factory.mktemp("empty") / "zonematch.sqlite"
    _prepare(path, stocked=False)
    return path


def _copy(source: Path, folder: Path) -> Database:
    path = folder / "zonematch.sqlite"
    path.write_bytes(source.read_bytes())
    return Database(f"sqlite:///{path}", reactions=REACTIONS)


@pytest.fixture
def database(prepared: Prepared, tmp_path: Path) -> Iterator[Database]:
    database = _copy(prepared[0], tmp_path)
    yield database
    database.close()


@pytest.fixture
def stock(prepared: Prepared) -> Stock:
    return prepared[1]


@pytest.fixture
def discovery(database: Database) -> Iterator[Discovery]:
    """The embedded engine brought up from SQL, and the small encoder for unit tests."""
    encoder = HashingEncoder()
    engine = LocalEngine(encoder.dimension, encoder.fingerprint)
    Projection(database, engine, VectorStore(database, encoder)).fill()
    yield Discovery(database, engine, encoder)
    engine.close()


def build_app(database: Database, discovery: Discovery) -> FastAPI:
    """The pages with their static files and error pages, as `api` puts them together."""
    app = FastAPI(openapi_url=None)
    settings = WebSettings(demo_accounts=(DemoAccount("gaoxiao", "demo-2026", "provider"),))
    app.state.services = Services(database=database, settings=settings, discovery=discovery)
    app.include_router(router())
    mount_assets(app)
    add_error_pages(app)
    return app


@pytest.fixture
def app(database: Database, discovery: Discovery) -> FastAPI:
    return build_app(database, discovery)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """A visitor's browser that follows no redirect by itself."""
    return TestClient(app, follow_redirects=False, raise_server_exceptions=False)


@pytest.fixture
def empty_client(prepared_empty: Path, tmp_path: Path) -> Iterator[TestClient]:
    """A visitor of a platform in which nobody has posted anything."""
    database = _copy(prepared_empty, tmp_path)
    encoder = HashingEncoder()
    engine = LocalEngine(encoder.dimension, encoder.fingerprint)
    app = build_app(database, Discovery(database, engine, encoder))
    yield TestClient(app, follow_redirects=False, raise_server_exceptions=False)
    engine.close()
    database.close()


SignIn = Callable[[str], TestClient]


@pytest.fixture
def signed_in(app: FastAPI) -> SignIn:
    """A browser in which somebody of the stock is signed in: provider, seeker, staff, broker or admin."""

    def sign_in(login: str) -> TestClient:
        browser = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
        answer = browser.post("/sign-in", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 303
        return browser

    return sign_in
