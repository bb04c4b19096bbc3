"""The world in which the API's examples happen: the stock of the pages' tests on a fixed day, with ids that the examples name.

`python -m tests.api.v1.example_world` asks what `example_requests` says, each in a fresh copy of that world, and writes
api/v1/examples.json anew.
"""

import functools
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
from fastapi import FastAPI
from sqlmodel import col, select
from starlette.testclient import TestClient

from api.app import Application, create_app
from api.readiness import Readiness
from api.settings import Settings
from api.v1 import PREFIX, document
from api.wiring import Parts, assemble
from matching import listings, verdicts
from matching.access import Actor, actor_of
from matching.drafts import ListingDraft
from matching.imports import batches
from matching.imports.sheet import open_tables
from matching.imports.staging import stage
from matching.model import ApiToken, Base, ImportBatch, Listing, ListingKind, Organisation, Person, Task, Zone
from matching.projection import index_recipe
from matching.reactions import REACTIONS
from matching.seed import load_reference
from matching.side_cache import SideCache
from matching.store.database import Database
from matching.tokens import SCOPES
from matching.vectors import VectorStore
from matching.verdicts import GradePair
from matching.work import run_once
from search.encoder.hashing import HashingEncoder
from search.engines.local import LocalEngine
from tests import databases
from tests.api.v1.example_requests import BATCH, COMMITTED, IDS, PASTE, REQUESTS, SHEET, SILVER, UNIVERSITY, WORK
from tests.engines import Told
from tests.matching.world import FixedClock
from tests.web.stock import fill
from web.services import Searcher, Services, SheetSettings, WebSettings

NOW: Final = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
MOST_SHOWN: Final = 2
LOGINS: Final = ("provider", "seeker", "staff", "broker", "admin")


def secret_of(login: str) -> str:
    return f"zm_example_of_{login}"


def build(folder: Path, told: Told) -> str:
    """A database, whose URL is the answer, and uploads in `folder`. The worker has done everything but one work that waits."""
    clock = FixedClock(NOW - timedelta(days=1))
    settings = _settings(folder, databases.new(folder), told)
    with assemble(settings, clock=clock, encoder=HashingEncoder()) as parts:
        Base.metadata.create_all(parts.database.engine)
        with parts.database.write() as unit:
            load_reference(unit)
            unit.commit()
        stock = fill(parts.database)
        named = {each: stock.listings[each] for each in ("paste", "silver")} | _drafts(parts.database, stock.organisations)
        _imports(parts, clock, folder)
        _name(parts.database, named, stock.organisations["university"])
        _rest(parts.database)
    return settings.url


def _person(database: Database, login: str) -> Actor:
    with database.read() as session:
        return actor_of(session, session.exec(select(Person).where(Person.login == login)).one())


def _drafts(database: Database, owners: dict[str, str]) -> dict[str, str]:
    """A draft of each kind and one that waits for the staff of Changzhou."""
    made: dict[str, str] = {}
    with database.write() as unit:
        for kind, login, owner, text in (
            (ListingKind.RESULT, "provider", "university", "summary"),
            (ListingKind.NEED, "seeker", "cells", "detail"),
        ):
            actor = _person(database, login)
            for state in ("draft", "waiting"):
                draft = ListingDraft(
                    kind, f"正面栅线的激光转印（{state}）", organisation=owners[owner], texts={text: "栅线宽 16 微米，断栅少。"},
                    industries=("pv",), contacts={"person": "王工", "mobile": "13800000000"},
                )  # fmt: skip
                saved = listings.save(unit, actor, draft)
                made[f"{state}-{kind.value}"] = saved.public_id
                if state == "waiting":
                    listings.submit(unit, actor, saved.public_id)
        unit.commit()
    return made


def _imports(parts: Parts, clock: FixedClock, folder: Path) -> None:
    """A plan with one good row and one error, and one that was committed."""
    staff, path = _person(parts.database, "staff"), folder / "sheet.csv"
    for text in (SHEET, SHEET.replace("低银浆料", "无银浆料")):
        path.write_text(text, "utf-8")
        staged = stage(path, "成果.csv", ListingKind.RESULT, folder / "uploads", read=open_tables)
        with parts.database.write() as unit:
            batches.begin(unit, staff, staged, zone="changzhou", ask=False, unit_of_money="万元")
            unit.commit()
    path.unlink()
    _settle(parts, clock)
    with parts.database.write() as unit:
        batches.commit(unit, staff, _batches(parts.database)[1])
        unit.commit()
    _settle(parts, clock)


def _settle(parts: Parts, clock: FixedClock) -> None:
    for _ in range(10):
        while run_once(parts.runtime, ("interactive", "bulk")):
            pass
        clock.move(minutes=3)


def _batches(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.exec(select(ImportBatch.public_id).order_by(col(ImportBatch.id))))


def _name(database: Database, named: dict[str, str], university: str) -> None:
    """The ids of the examples in the place of those that were drawn."""
    with database.write() as unit:
        session = unit.session
        for key, public_id in named.items():
            session.exec(select(Listing).where(Listing.public_id == public_id)).one().public_id = IDS[key]
        session.exec(select(Organisation).where(Organisation.public_id == university)).one().public_id = UNIVERSITY
        for public_id, name in zip(_batches(database), (BATCH, COMMITTED), strict=True):
            session.exec(select(ImportBatch).where(ImportBatch.public_id == public_id)).one().public_id = name
        unit.commit()


def _rest(database: Database) -> None:
    """A verdict to be undone, works in two states, and tokens whose secrets are known."""
    with database.write() as unit:
        verdicts.give(unit, _person(database, "staff"), GradePair("changzhou", SILVER, PASTE, 2))
        for key, (public_id, state) in WORK.items():
            failed = {"problem": "EncoderUnavailable", "finished_at": NOW} if state == "failed" else {}
            zone = unit.session.exec(select(Zone).where(Zone.code == key)).one()
            unit.session.add(
                Task(public_id=public_id, kind="match_zone", key=key, zone_id=zone.id, state=state, asked_at=NOW, **failed)
            )
        for person in unit.session.exec(select(Person)).all():
            digest = hashlib.sha256(secret_of(person.login).encode()).hexdigest()
            unit.session.add(
                ApiToken(
                    digest=digest, person_id=person.id or 0, name="example", scopes=list(SCOPES), created_at=NOW,
                    expires_at=NOW + timedelta(days=365), last_used_at=NOW,
                )
            )  # fmt: skip
        unit.commit()


@dataclass(frozen=True, slots=True)
class ExampleWorld:
    """The world as `build` left it, and a search over it, which writes nothing."""

    folder: Path
    url: str
    discovery: Searcher

    @contextmanager
    def app(self) -> Iterator[FastAPI]:
        """A process over a fresh copy."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            shutil.copytree(self.folder, folder, dirs_exist_ok=True)
            database = Database(databases.copied(self.url, folder), clock=FixedClock(NOW), reactions=REACTIONS)
            encoder = HashingEncoder()
            engine = LocalEngine(encoder.dimension, index_recipe(encoder.fingerprint))
            sheets = SheetSettings(folder / "uploads", row_limit=200, size_limit=1 << 20)
            sides = SideCache(VectorStore(database, encoder))
            services = Services(database=database, settings=WebSettings(), discovery=self.discovery, sheets=sheets, sides=sides)
            yield create_app(Application(services, Readiness(database, engine, encoder), upload_limit=1 << 20))
            engine.close()
            database.close()
            databases.drop(database.url)


def _settings(folder: Path, url: str, told: Told) -> Settings:
    chosen: dict[str, Any] = {"data": folder, "database_url": url, "encoder": "hashing", "demo": False, **told}
    return Settings(**chosen)


@contextmanager
def world(told: Told | None = None) -> Iterator[ExampleWorld]:
    """On the embedded engine where nothing else is `told`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = _settings(folder, build(folder, told or {}), told or {})
        with assemble(settings, encoder=HashingEncoder()) as parts:
            parts.projection.fill()
            yield ExampleWorld(folder, settings.url, parts.discovery)
        databases.drop(settings.url)


def address(operation: str, path: dict[str, str]) -> tuple[str, str]:
    """Method and path of an operation, the parameters put in."""
    for template, methods in _paths().items():
        for method, each in methods.items():
            if each["operationId"] == operation:
                return method.upper(), PREFIX + template.format(**path)
    raise LookupError(operation)


@functools.cache
def _paths() -> dict[str, Any]:
    from api.v1.app import create_api

    class Nothing:
        pass

    paths: dict[str, Any] = create_api(Nothing()).openapi()["paths"]  # type: ignore[arg-type]  # only its document is asked for
    return paths


def send(app: FastAPI, operation: str, request: dict[str, Any]) -> httpx.Response:
    """Ask as the example says."""
    client = TestClient(app, raise_server_exceptions=False, headers={"Accept-Language": "en"})
    method, path = address(operation, request.get("path", {}))
    headers = dict(request.get("headers", {}))
    if request.get("as"):
        headers["Authorization"] = f"Bearer {secret_of(request['as'])}"
    body = request.get("body")
    sent: dict[str, Any] = {"json": body} if isinstance(body, dict) else {"content": body.encode()} if body else {}
    answer: httpx.Response = client.request(method, path, params=request.get("query"), headers=headers, **sent)
    return answer


def record(around: ExampleWorld, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    request = json.loads(json.dumps(request))
    if "If-Match" in request.get("headers", {}):
        reading = f"read_{operation.split('_')[-1] if not operation.startswith('decide') else operation.split('_')[1]}"
        with around.app() as app:
            seen = send(app, reading, request | {"headers": {}, "body": None, "query": {"latest": "true"}})
        request["headers"]["If-Match"] = request["headers"]["If-Match"].format(version=seen.json()["inside"]["version"])
    with around.app() as app:
        answer = send(app, operation, request)
    if answer.status_code >= 300:
        raise AssertionError(f"{operation}: {answer.status_code} {answer.text}")
    is_json = answer.headers["content-type"] == "application/json"
    response = {"status": answer.status_code} | ({"body": _short(answer.json())} if is_json else {})
    return {"request": request, "response": response}


def _short(body: Any) -> Any:
    """Long lists are cut to their beginning: an example is to be read."""
    items = body.get("items")
    return body | {"items": items[:MOST_SHOWN]} if isinstance(items, list) else body


def main() -> None:
    with world() as around:
        found = {operation: record(around, operation, request) for operation, request in REQUESTS.items()}
    path = Path(document.__file__).parent / "examples.json"
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    sys.stdout.write(f"{len(found)} examples\n")


if __name__ == "__main__":
    main()
