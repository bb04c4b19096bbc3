"""A world in which every page shows something, and in it every address that can be read: route → who reads which.

Its data is veiled for the tests of both languages: what people wrote is moved into characters that no interface text uses, and
the Chinese of reference data that has an English name into others, so that a page tells by itself where each word came from.
"""

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlmodel import select
from starlette.testclient import TestClient

from matching import held, listings, people, reviews, verdicts
from matching.access import SYSTEM, actor_of
from matching.documents import name_key
from matching.drafts import ListingDraft
from matching.imports import batches
from matching.imports.sheet import open_tables
from matching.imports.staging import stage
from matching.matcher import Matcher
from matching.model import ImportBatch, Listing, ListingKind, LoginSession, Organisation, Person, Role
from matching.people import Grant
from matching.projection import Projection, index_recipe
from matching.reactions import REACTIONS
from matching.standings import POOL
from matching.store.database import Database
from matching.vectors import VectorStore
from matching.verdicts import SayFits
from search.encoder.hashing import HashingEncoder
from search.engines.local import LocalEngine
from tests.api.v1.example_requests import BATCH, COMMITTED, FAILED_WORK, IDS, PASTE, SILVER, WAITING_WORK
from tests.api.v1.example_world import NOW, ExampleWorld, world
from tests.matching.graded import waiting_encoder, waiting_model
from tests.matching.world import FixedClock
from tests.web.stock import PASSWORD

POOLED: Final = "p3n6w9k2t5rq"
SENT_BACK: Final = "s4n7w2k9t6rq"
UNZONED: Final = "u5n8w3k2t7rq"
ASKING: Final = "a6n9w4k3t8rq"
MODEL: Final = "m7n2w5k4t9rq"
ENCODER: Final = "e7n2w5k4t9rq"
KINDS: Final = ("zones", "industries", "regions", "codes.maturity", "codes.code_list", "groupings", "synonyms")
PERSON, ORGANISATION = "{person}", "{organisation}"

HAN: Final = re.compile(r"[\u4e00-\u9fff]")
WRITTEN: Final = re.compile(r"[\u3400-\u4dbf]+")
"""What people wrote, veiled: CJK extension A, in which no text of the interface is."""
REFERENCE: Final = re.compile(r"[\uac00-\ud7a3]+")
"""The Chinese of reference data, veiled: Hangul."""
_ESCAPED: Final = re.compile(r"\\u([3-9][0-9a-f]{3}|ff[0-9a-f]{2})")
_MARKS: Final = str.maketrans("，。：；、（）「」《》？！～　", ",.:;,()[][]?!~ ")

VISITS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "/": (("", "/"), ("staff", "/"), ("provider", "/")),
    "/results": (("", "/results"), ("", "/results?industry=pv&maturity=pilot"), ("", "/results?industry=pv&zone=xuzhou")),
    "/needs": (("", "/needs"), ("staff", "/needs?zone=changzhou")),
    "/results/new": (("provider", "/results/new"), ("staff", "/results/new")),
    "/needs/new": (("seeker", "/needs/new"),),
    "/results/{public_id}": (
        ("", f"/results/{PASTE}"), ("provider", f"/results/{PASTE}"), ("staff", f"/results/{IDS['waiting-result']}"),
        ("provider", f"/results/{IDS['draft-result']}"), ("provider", f"/results/{SENT_BACK}"),
    ),
    "/needs/{public_id}": (
        ("", f"/needs/{SILVER}"), ("seeker", f"/needs/{SILVER}"), ("broker", f"/needs/{SILVER}"), ("lone", f"/needs/{POOLED}"),
    ),
    "/listings/{public_id}/edit": (("provider", f"/listings/{PASTE}/edit"), ("provider", f"/listings/{SENT_BACK}/edit")),
    "/listings/{public_id}/withdraw": (("provider", f"/listings/{PASTE}/withdraw"),),
    "/listings/{public_id}/industries": (("provider", f"/listings/{PASTE}/industries"),),
    "/mine": (("provider", "/mine"), ("seeker", "/mine"), ("staff", "/mine")),
    "/search": (
        ("", "/search"), ("", "/search?q=TOPCon"), ("provider", "/search?q=TOPCon&kind=result"), ("", "/search?q=zzzz"),
        ("", "/search?q=TOPCon&exact=1"), ("staff", "/search?kind=result&view=compact&sort=expiring"),
        ("", "/search?q=zone:atlantis -TOPCon &price_from=5&outside=pv"),
        ("", "/search?q=“TOPCon” org:x kind:need&kind=result&zone=wuxi&maturity=pilot&expiring=90"),
        ("", "/search?kind=organisation"), ("admin", "/search?kind=organisation"), ("", "/search?q=zzzz&kind=organisation"),
        ("", "/search?q=university"),
    ),
    "/search/hits.xlsx": (("", "/search/hits.xlsx?q=TOPCon"), ("provider", "/search/hits.xlsx?kind=result")),
    "/results/{public_id}/similar": (("", f"/results/{PASTE}/similar"),),
    "/needs/{public_id}/similar": (("", f"/needs/{SILVER}/similar"),),
    "/search/suggest": (("", "/search/suggest?q=gf"),),
    "/zones": (("", "/zones"), ("staff", "/zones")),
    "/zones/{code}": (("", "/zones/changzhou"), ("staff", "/zones/changzhou"), ("", "/zones/wujin")),
    "/zones/{code}/decide": (("admin", "/zones/wujin/decide"), ("admin", "/zones/changzhou/decide")),
    "/about": (("", "/about"),),
    "/api/docs": (("", "/api/docs"),),
    "/sign-in": (("", "/sign-in"),),
    "/language": (("", "/language?to=en"),),
    "/password": (("provider", "/password"),),
    "/tokens": (("provider", "/tokens"),),
    "/review": (("staff", "/review"), ("admin", "/review"), ("admin", "/review?scope=all")),
    "/review/{public_id}": (("staff", f"/review/{IDS['waiting-result']}"), ("admin", f"/review/{UNZONED}")),
    "/review/industries": (("staff", "/review/industries"), ("admin", "/review/industries")),
    "/desk": (("staff", "/desk"), ("admin", "/desk")),
    "/desk/{zone}": (
        ("broker", f"/desk/changzhou?need={SILVER}"), ("staff", "/desk/changzhou?lane=outside_result&fresh=1&diverse=1"),
        ("staff", "/desk/changzhou?lane=outside_need"), ("admin", "/desk/changzhou?level=3&age=older&show=judged"),
        ("admin", "/desk/wujin"),
    ),
    "/desk/{zone}/queue": (
        ("staff", "/desk/changzhou/queue"), ("broker", "/desk/changzhou/queue?after=1&undone=-1"),
    ),
    "/desk/{zone}/compare": (("broker", f"/desk/changzhou/compare?need={SILVER}&result={PASTE}"),),
    "/desk/{zone}/export": (("broker", "/desk/changzhou/export"),),
    "/compare": (
        ("broker", "/compare"), ("broker", f"/compare?need={SILVER}&result={PASTE}&zone=changzhou"),
        ("seeker", f"/compare?need={SILVER}"),
        ("provider", f"/compare?need={SILVER}&result={PASTE}"), ("staff", f"/compare?need={POOLED}&result={PASTE}"),
        ("admin", f"/compare?need={SILVER}&result={IDS['waiting-result']}"), ("seeker", "/compare?need=zzzz&result=zzzz"),
    ),
    "/pool": (("broker", "/pool"), ("staff", "/pool?industry=robotics")),
    "/pool/{public_id}": (("staff", f"/pool/{POOLED}"), ("broker", f"/pool/{POOLED}")),
    "/common-needs": (("staff", "/common-needs"), ("admin", "/common-needs?zone=kunshan")),
    "/duplicates": (("staff", "/duplicates"), ("seeker", "/duplicates")),
    "/duplicates/{one}/{other}": (("staff", f"/duplicates/{SILVER}/{POOLED}"), ("provider", f"/duplicates/{SILVER}/{POOLED}")),
    "/imports": (("staff", "/imports"), ("provider", "/imports")),
    "/imports/template/{kind}.xlsx": (("staff", "/imports/template/results.xlsx"), ("staff", "/imports/template/needs.xlsx")),
    "/imports/{public_id}": (
        ("staff", f"/imports/{BATCH}"), ("staff", f"/imports/{COMMITTED}"), ("staff", f"/imports/{BATCH}?verdict=error"),
    ),
    "/imports/{public_id}/errors.xlsx": (("staff", f"/imports/{COMMITTED}/errors.xlsx"),),
    "/imports/{public_id}/columns": (("staff", f"/imports/{ASKING}/columns"),),
    "/work": (("staff", "/work"), ("admin", "/work")),
    "/work/bar": (("staff", "/work/bar"),),
    "/search-index": (("admin", "/search-index"), ("staff", "/search-index")),
    "/models": (("staff", "/models"), ("admin", "/models")),
    "/models/{public_id}": (("admin", f"/models/{MODEL}"),),
    "/models/encoders/{public_id}": (("admin", f"/models/encoders/{ENCODER}"), ("staff", f"/models/encoders/{ENCODER}")),
    "/desk/{zone}/foreseen": (
        ("staff", "/desk/changzhou/foreseen"), ("broker", f"/desk/changzhou/foreseen?need={SILVER}"),
        ("admin", "/desk/wujin/foreseen"),
    ),
    "/models/zones/{code}": (("staff", "/models/zones/changzhou"), ("admin", "/models/zones/changzhou")),
    "/work/{public_id}": (("staff", f"/work/{WAITING_WORK}"), ("admin", f"/work/{FAILED_WORK}")),
    "/reference": (("staff", "/reference"), ("admin", "/reference")),
    "/reference/{kind}": tuple(("admin", f"/reference/{kind}") for kind in KINDS),
    "/reference/{kind}/-new": tuple(("admin", f"/reference/{kind}/-new") for kind in KINDS),
    "/reference/{kind}/-paste": (("admin", "/reference/codes.maturity/-paste"),),
    "/reference/{kind}/{key}": (
        ("admin", "/reference/zones/wujin"), ("admin", "/reference/industries/pv"), ("admin", "/reference/codes.maturity/pilot"),
        ("staff", "/reference/industries/pv"), ("staff", "/reference/synonyms/pv-01"), ("staff", "/reference/synonyms/iot-01"),
    ),
    "/organisations": (("staff", "/organisations"), ("admin", "/organisations")),
    "/organisations/-new": (("admin", "/organisations/-new"),),
    "/organisations/{public_id}": (("admin", f"/organisations/{ORGANISATION}"),),
    "/people": (("admin", "/people"),),
    "/people/-new": (("admin", "/people/-new"),),
    "/people/{public_id}": (("admin", f"/people/{PERSON}"),),
}  # fmt: skip
"""Every address by GET; a page of several faces is read in each."""


@contextmanager
def furnished() -> Iterator[ExampleWorld]:
    """The world of the API's examples, and in it what else has a page: the pool, owners' words, texts sent back or unzoned."""
    with world() as around:
        database = Database(around.url, clock=FixedClock(NOW), reactions=REACTIONS)
        _furnish(database)
        _ask(database, around.folder)
        database.close()
        yield around


def _furnish(database: Database) -> None:
    with database.write() as unit:
        session = unit.session

        def person(login: str) -> Person:
            return session.exec(select(Person).where(Person.login == login)).one()

        firm = Organisation(name="无区电池厂", name_key=name_key("无区电池厂"), kind="enterprise", created_at=unit.now())
        session.add(firm)
        session.flush()
        grants = [Grant(Role.SEEKER, organisation=firm.public_id)]
        people.add_person(unit, SYSTEM, login="lone", name="李工", password=PASSWORD, grants=grants)
        for login, grant in (("kunshan", Grant(Role.ZONE_STAFF, zone="kunshan")), ("far", Grant(Role.BROKER, zone="kunshan"))):
            people.add_person(unit, SYSTEM, login=login, name=f"{login} 周", password=PASSWORD, grants=[grant])
        university = session.exec(select(Organisation).where(Organisation.kind == "university")).first()
        made = {
            POOLED: ListingDraft(
                ListingKind.NEED, "低温烧结导电银浆", organisation=firm.public_id, texts={"detail": "TOPCon 正面银浆低温烧结。"},
                industries=("pv",),
            ),
            SENT_BACK: ListingDraft(
                ListingKind.RESULT, "要补充的成果", organisation=university.public_id if university else "", industries=("pv",),
                texts={"summary": "还缺指标的一段话。"},
            ),
            UNZONED: ListingDraft(
                ListingKind.RESULT, "无区也无产业的成果", organisation=university.public_id if university else "",
                texts={"summary": "没有标产业的一段话。"},
            ),
        }  # fmt: skip
        for name, draft in made.items():
            saved = listings.save(unit, SYSTEM, draft)
            (reviews.publish if name == POOLED else listings.submit)(unit, SYSTEM, saved.public_id)
            row = session.exec(select(Listing).where(Listing.public_id == saved.public_id)).one()
            row.public_id = name
            session.flush()
        reviews.send_back(unit, SYSTEM, SENT_BACK, {"general": "请补充指标", "summary": "写明工艺"})
        for login, own, other, fits, reason in (("seeker", SILVER, PASTE, False, "price"), ("provider", PASTE, SILVER, True, "")):
            verdicts.say(unit, actor_of(session, person(login)), SayFits(own, other, fits, reason))
        unit.commit()
    encoder = HashingEncoder()
    engine, vectors = LocalEngine(encoder.dimension, index_recipe(encoder.fingerprint)), VectorStore(database, encoder)
    Projection(database, engine, vectors).bring([POOLED], lane="bulk")
    for place in (POOL, "changzhou"):
        Matcher(database, vectors).match_zone(place)
    engine.close()
    with database.write() as unit:
        waiting_model(unit.session, unit.now()).public_id = MODEL
        waiting_encoder(unit.session, unit.now()).public_id = ENCODER
        unit.commit()


def _ask(database: Database, folder: Path) -> None:
    """An import that waits to be told what two of its columns are."""
    path = folder / "asking.csv"
    path.write_text(
        "成果名称,单位名称,成果简介,合作价格,导师意见\n激光转印,测试理工大学,线宽 18 微米。,60-120,\u3401\u3402\n", "utf-8"
    )
    staged = stage(path, "成果.csv", ListingKind.RESULT, folder / "uploads", read=open_tables)
    with database.write() as unit:
        staff = unit.session.exec(select(Person).where(Person.login == "staff")).one()
        batch = batches.begin(unit, actor_of(unit.session, staff), staged, zone="changzhou")
        unit.session.exec(select(ImportBatch).where(ImportBatch.public_id == batch)).one().public_id = ASKING
        unit.commit()
    path.unlink()


def veil(url: str) -> None:
    """Move the Chinese of an SQLite database into the two alphabets above; what has a use in rules (kinds, codes) is ASCII."""
    reference = {"region", "zone", "industry", "code_value", "grouping"}
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        connection.create_function("written", 1, lambda text: _moved(text, 0x3400, 6592))
        connection.create_function("named", 1, lambda text: _moved(text, 0xAC00, 11172))
        connection.execute("PRAGMA foreign_keys = OFF")
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            columns = {row[1]: row[2] for row in connection.execute(f'PRAGMA table_info("{table}")')}
            english = "name_en" in columns and table in reference
            for column, kind in columns.items():
                if kind.startswith(("VARCHAR", "TEXT", "JSON", "CHAR")):
                    if english and column == "name":
                        connection.execute(
                            f'UPDATE "{table}" SET "name" = CASE WHEN name_en = \'\' THEN written(name) ELSE named(name) END'
                        )
                    else:
                        connection.execute(f'UPDATE "{table}" SET "{column}" = written("{column}")')
        # As with every other change of reference data: whoever holds what was made of it, makes it anew.
        connection.execute('UPDATE "note" SET "value" = ? WHERE "key" = ?', ("veiled", held.NOTE))


def _moved(text: object, first: int, size: int) -> object:
    if not isinstance(text, str):
        return text
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return HAN.sub(lambda found: chr(first + ord(found[0]) % size), text).translate(_MARKS)


def browser_of(app: Any, login: str, language: str = "zh_CN") -> TestClient:
    """A browser in which the person is signed in; a visitor's without a login."""
    client = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
    client.cookies.set("lang", language)
    if login:
        token = f"session-of-{login}"
        with app.state.services.database.write() as unit:
            person = unit.session.exec(select(Person).where(Person.login == login)).one()
            digest = hashlib.sha256(token.encode()).hexdigest()
            unit.session.merge(
                LoginSession(token_digest=digest, person_id=person.id or 0, created_at=NOW, expires_at=NOW + timedelta(hours=12))
            )
            unit.commit()
        client.cookies.set("zonematch_session", token)
    return client
