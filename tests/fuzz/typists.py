"""The people who fill in the forms: the world of the API's examples, with something on every page that has a form."""

import hashlib
from datetime import date, timedelta
from typing import Any, Final

from fastapi import FastAPI
from sqlmodel import col, select
from starlette.testclient import TestClient

from matching import listings, need_pool, reviews, typed_forms
from matching.access import SYSTEM, Actor, actor_of
from matching.documents import name_key
from matching.drafts import ListingDraft
from matching.model import (
    CommonNeed,
    CommonNeedSource,
    CommonState,
    ImportBatch,
    IndexGeneration,
    Industry,
    Listing,
    ListingKind,
    LoginSession,
    Organisation,
    Person,
    SetAside,
    Zone,
)
from matching.store.database import Database
from matching.store.unit import UnitOfWork
from matching.tagging import Suggestion
from tests.api.v1.example_requests import BATCH, COMMITTED, PASTE, SILVER
from tests.api.v1.example_world import LOGINS, NOW
from tests.fuzz.found_forms import Form, find
from tests.matching.graded import waiting_encoder, waiting_model

FAILED: Final = "f8r4x8n2d6pz"
"""An import that failed."""
UNKNOWN_HEADINGS: Final = "成果名称,单位名称,本校内部分类\n激光转印,测试理工大学,甲\n".encode()


class Typists:
    """Browsers in which the people of the world are signed in, and one in which nobody is. `forms` are what they see."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._database: Database = app.state.services.database
        with self._database.write() as unit:
            self._ids = dict(unit.session.exec(select(Person.login, Person.id)).all())
            taken = _stir(unit)
            unit.commit()
        sheet = {"data": {"sheet": "results", "scope": "zone:changzhou"}, "files": {"file": ("a.csv", UNKNOWN_HEADINGS)}}
        asking = self.browser("staff").post("/imports", **sheet).headers["location"]
        with self._database.read() as session:
            self.known = {
                "{person}": session.exec(select(Person.public_id).where(Person.login == "seeker")).one(),
                "{organisation}": session.exec(select(Organisation.public_id).where(Organisation.kind == "enterprise")).first(),
            }
        imports = [asking, *(f"/imports/{each}" for each in (BATCH, COMMITTED, FAILED))]
        starts = ["/", "/reference/codes.maturity/-paste", *imports, f"/results/{PASTE}", f"/needs/{SILVER}", f"/needs/{taken}"]
        self.forms: list[Form] = find(self.browser, ["", *LOGINS], starts)

    def browser(self, login: str) -> TestClient:
        """Signed in afresh: an earlier form may have ended the session, the account, or the right to anything."""
        client = TestClient(self._app, follow_redirects=False, raise_server_exceptions=False)
        if login:
            token = f"session-of-{login}"
            with self._database.write() as unit:
                person = unit.session.get_one(Person, self._ids[login])  # whatever it is called by now
                person.active, person.one_time_password = True, False
                unit.session.merge(
                    LoginSession(
                        token_digest=hashlib.sha256(token.encode()).hexdigest(), person_id=person.id or 0, created_at=NOW,
                        expires_at=NOW + timedelta(hours=12),
                    )
                )  # fmt: skip
                unit.commit()
            client.cookies.set("zonematch_session", token)
        return client


def _actor(unit: UnitOfWork, login: str) -> Actor:
    return actor_of(unit.session, unit.session.exec(select(Person).where(Person.login == login)).one())


def _stir(unit: UnitOfWork) -> str:
    """What the examples do not need and a page shows a form for. Gives the need of the pool that a zone has taken up."""
    session = unit.session
    pv = session.exec(select(Industry).where(Industry.code == "pv")).one()
    firm = Organisation(name="无区测试电池厂", name_key=name_key("无区测试电池厂"), kind="enterprise", created_at=unit.now())
    session.add(firm)
    session.flush()
    needs = [_published(unit, firm, f"栅线断栅的在线检测 {at}", ("pv",)) for at in range(3)]
    need_pool.take_up(unit, _actor(unit, "staff"), needs[0], "changzhou")
    open_need = session.exec(
        select(Listing).where(Listing.public_id == _published(unit, _cells(unit), "栅线虚印的原因", ()))
    ).one()
    open_need.valid_until = date(2026, 12, 1)
    listings.suggest_industries(unit, open_need.id or 0, [Suggestion(pv.id or 0, 0.7, ("栅线",), 0.6)])
    typed_forms.keep(
        unit, _actor(unit, "provider"), key="k" * 32, kind=ListingKind.RESULT, pairs=[("title", "写了一半"), ("summary", "未完")]
    )  # fmt: skip
    planned, committed = (
        session.exec(select(ImportBatch).where(ImportBatch.public_id == each)).one() for each in (BATCH, COMMITTED)
    )
    planned.counts = {**planned.counts, "update": 1}
    session.add(
        ImportBatch(**_copied(committed), public_id=FAILED, state="failed", problem={"code": "file_broken", "params": {}})
    )
    session.add(
        IndexGeneration(
            fingerprint="old", vectors="old", tokeniser="old", schema_version=1, state="previous", planned_at=unit.now(),
            left_at=unit.now(),
        )
    )  # fmt: skip
    session.add(
        SetAside(
            listing_id=open_need.id or 0, audience="public", revision=1, fingerprint="old", reason="not taken", at=unit.now()
        )
    )  # fmt: skip
    _common(unit, [needs[1], _published(unit, _cells(unit), "栅线断栅要在线看得出来", ("pv",))])
    waiting_model(session, unit.now())
    waiting_encoder(session, unit.now())
    return needs[0]


def _common(unit: UnitOfWork, needs: list[str]) -> None:
    zone = unit.session.exec(select(Zone.id).where(Zone.code == "changzhou")).one()
    made = CommonNeed(zone_id=zone or 0, state=CommonState.OPEN, words=["断栅", "在线"], found_at=unit.now())
    unit.session.add(made)
    unit.session.flush()
    for id_ in unit.session.exec(select(Listing.id).where(col(Listing.public_id).in_(needs))).all():
        unit.session.add(CommonNeedSource(common_id=made.id or 0, listing_id=id_ or 0))


def _cells(unit: UnitOfWork) -> Organisation:
    return unit.session.exec(select(Organisation).where(col(Organisation.name).startswith("常州测试光伏"))).one()


def _published(unit: UnitOfWork, owner: Organisation, title: str, industries: tuple[str, ...]) -> str:
    draft = ListingDraft(
        ListingKind.NEED, title, organisation=owner.public_id, texts={"detail": "栅线偶有断栅。"}, industries=industries
    )  # fmt: skip
    made = listings.save(unit, SYSTEM, draft).public_id
    reviews.publish(unit, SYSTEM, made)
    return made


def _copied(batch: ImportBatch) -> dict[str, Any]:
    return batch.model_dump(
        include={
            "kind", "file_name", "file_digest", "zone_id", "organisation_id", "created_by_id", "created_at", "sheets", "sheet",
            "columns", "total_rows", "counts",
        }
    )  # fmt: skip
