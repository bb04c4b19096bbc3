"""A process of the pages alone: real database, real data, real sign-in, the embedded engine, no middleware."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from matching.discovery import Discovery
from matching.model import Base
from matching.projection import Projection, index_recipe
from matching.reactions import REACTIONS
from matching.seed import load_reference
from matching.side_cache import SideCache
from matching.store.database import Database
from matching.synonym_effects import SynonymEffects
from matching.vectors import VectorStore
from search.encoder.hashing import HashingEncoder
from search.engines.local import LocalEngine
from tests import databases
from tests.web.stock import PASSWORD, Stock, fill
from web.app import add_error_pages, mount_assets, router
from web.services import DemoAccount, Services, WebSettings

Prepared = tuple[str, Stock]
"""URL of a filled database that nobody has open, and what is in it."""


def _prepare(folder: Path, *, stocked: bool) -> Prepared:
    database = Database(databases.new(folder), reactions=REACTIONS)
    Base.metadata.create_all(database.engine)
    with database.write() as unit:
        load_reference(unit)
        unit.commit()
    stock = fill(database) if stocked else Stock()
    database.close()
    return database.url, stock


@pytest.fixture(scope="session")
def prepared(on_database: None, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A filled database, made once and copied by every test that uses `database`."""
    return _prepare(tmp_path_factory.mktemp("stocked"), stocked=True)


@pytest.fixture(scope="session")
def prepared_empty(on_database: None, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The same with the reference data alone."""
    return _prepare(tmp_path_factory.mktemp("empty"), stocked=False)


@contextmanager
def _copy(prepared: Prepared, folder: Path) -> Iterator[Database]:
    database = Database(databases.copied(prepared[0], folder), reactions=REACTIONS)
    yield database
    database.close()
    databases.drop(database.url)


@pytest.fixture
def database(prepared: Prepared, tmp_path: Path) -> Iterator[Database]:
    with _copy(prepared, tmp_path) as database:
        yield database


@pytest.fixture
def stock(prepared: Prepared) -> Stock:
    return prepared[1]


@pytest.fixture
def engine(database: Database) -> Iterator[LocalEngine]:
    """The embedded engine brought up from SQL, with the small encoder for unit tests."""
    encoder = HashingEncoder()
    engine = LocalEngine(encoder.dimension, index_recipe(encoder.fingerprint))
    Projection(database, engine, VectorStore(database, encoder)).fill()
    yield engine
    engine.close()


@pytest.fixture
def discovery(database: Database, engine: LocalEngine) -> Discovery:
    return Discovery(database, engine, HashingEncoder())


def build_app(database: Database, discovery: Discovery, effects: SynonymEffects | None = None) -> FastAPI:
    """The pages with their static files and error pages, as `api` puts them together."""
    app = FastAPI(openapi_url=None)
    settings = WebSettings(demo_accounts=(DemoAccount("gaoxiao", "demo-2026", "provider"),))
    sides = SideCache(VectorStore(database, HashingEncoder()))
    app.state.services = Services(database, settings, discovery, synonym_effects=effects, sides=sides)
    app.include_router(router())
    mount_assets(app)
    add_error_pages(app)
    return app


@pytest.fixture
def app(database: Database, discovery: Discovery, engine: LocalEngine) -> FastAPI:
    return build_app(database, discovery, SynonymEffects(database, engine))


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """A visitor's browser that follows no redirect by itself."""
    return TestClient(app, follow_redirects=False, raise_server_exceptions=False)


@pytest.fixture
def empty_client(prepared_empty: Prepared, tmp_path: Path) -> Iterator[TestClient]:
    """A visitor of a platform in which nobody has posted anything."""
    encoder = HashingEncoder()
    engine = LocalEngine(encoder.dimension, index_recipe(encoder.fingerprint))
    with _copy(prepared_empty, tmp_path) as database:
        app = build_app(database, Discovery(database, engine, encoder))
        yield TestClient(app, follow_redirects=False, raise_server_exceptions=False)
    engine.close()


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
