"""The desk of a zone with a need's fifty explained pairs, beside the same page of a copy of the database without any pair.

Results are the demonstration's texts, all tagged with the zone's industry, and every pair is called weak, since the desk lists
none below. Pages are asked for in turns over HTTP, inside this
process. A profile tells where the page with pairs spends its time.
"""

import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from fastapi.testclient import TestClient

from matching import people
from matching.access import SYSTEM
from matching.demo import texts
from matching.discovery import Discovery
from matching.matcher import KEEP, Matcher
from matching.model import Base, ListingKind, Match, Role
from matching.people import Grant
from matching.projection import Projection, index_recipe
from matching.reactions import REACTIONS
from matching.seed import load_reference
from matching.store.database import Database
from matching.vectors import VectorStore
from search.encoder.hashing import HashingEncoder
from search.engines.local import LocalEngine
from tests import databases
from tests.bench.report import Report, percentile, timed
from tests.bench.sampler import Sampler
from tests.matching.world import World
from tests.web.conftest import build_app
from web import paths

ROUNDS: Final = {"small": 5, "full": 40}
ZONE: Final = "changzhou"
_PAIR: Final = '<article class="pair '
_SERVING: Final = "AnyIO worker thread"
LOGIN, PASSWORD = "bench", "correct horse 9"


def _filled(folder: Path) -> str:
    """A database with one need and the results that are matched with it. Its URL."""
    folder.mkdir()
    database = Database(databases.new(folder), reactions=REACTIONS)
    Base.metadata.create_all(database.engine)
    with database.write() as unit:
        load_reference(unit)
        people.add_person(unit, SYSTEM, login=LOGIN, name=LOGIN, password=PASSWORD, grants=[Grant(Role.ZONE_STAFF, None, ZONE)])
        drafts = [each.draft for each in texts.listings(unit.today())]
        unit.commit()
    world = World(database, database.clock)
    firm, university = world.organisation(zone=ZONE), world.organisation(kind="university")
    need = next(each for each in drafts if each.kind is ListingKind.NEED and "pv" in each.industries)
    results = [each for each in drafts if each.kind is ListingKind.RESULT][: KEEP + 10]
    saved = [world.published(firm, replace(need, organisation=firm.public_id))]
    saved += [
        world.published(university, replace(each, organisation=university.public_id, industries=("pv",))) for each in results
    ]
    encoder = HashingEncoder()
    vectors = VectorStore(database, encoder)
    engine = LocalEngine(encoder.dimension, index_recipe(encoder.fingerprint))
    Projection(database, engine, vectors).bring([each.public_id for each in saved], lane="bulk")
    Matcher(database, vectors).match_zone(ZONE)
    with database.write() as unit:
        unit.session.execute(sa.update(Match).values(level=1))
        unit.commit()
    engine.close()
    database.close()
    return database.url


def _browser(url: str, opened: ExitStack, *, pairs: bool) -> TestClient:
    """Somebody of the zone's staff, signed in."""
    database = Database(url, reactions=REACTIONS)
    opened.callback(database.close)
    if not pairs:
        with database.write() as unit:
            unit.session.execute(sa.delete(Match))
            unit.commit()
    encoder = HashingEncoder()
    engine = LocalEngine(encoder.dimension, index_recipe(encoder.fingerprint))
    opened.callback(engine.close)
    browser = opened.enter_context(TestClient(build_app(database, Discovery(database, engine, encoder))))
    browser.post("/sign-in", data={"login": LOGIN, "password": PASSWORD}).raise_for_status()
    return browser


def _page(browser: TestClient) -> str:
    answer = browser.get(paths.with_query(paths.desk(ZONE), top=str(KEEP)))
    answer.raise_for_status()
    return answer.text


def run(size: str) -> Report:
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        (folder / "bare").mkdir()
        url = _filled(folder / "pairs")
        bare = _browser(databases.copied(url, folder / "bare"), opened, pairs=False)
        with_pairs = _browser(url, opened, pairs=True)
        both = {"bare": bare, "with pairs": with_pairs}
        pages = {name: _page(browser) for name, browser in both.items()}
        times: dict[str, list[float]] = {name: [] for name in both}
        for _ in range(ROUNDS[size]):
            for name, browser in both.items():
                times[name].append(timed(lambda browser=browser: _page(browser))[0])  # type: ignore[misc]  # bound now
        # Without this, most samples fall on whatever lets go of the interpreter by itself, as reading a random number does.
        opened.callback(sys.setswitchinterval, sys.getswitchinterval())
        sys.setswitchinterval(1e-5)
        with Sampler(_SERVING) as sampler:
            for _ in range(ROUNDS[size]):
                _page(with_pairs)
    report = Report("desk", {"pairs": pages["with pairs"].count(_PAIR), "and on the bare page": pages["bare"].count(_PAIR)})
    for share, name in ((0.5, "p50"), (0.95, "p95")):
        found = {each: percentile(values, share) for each, values in times.items()}
        report.add(f"page with pairs / bare page, {name}", found["with pairs"] / found["bare"], "times")
        report.add("  with pairs", 1000 * found["with pairs"], "ms")
        report.add("  bare", 1000 * found["bare"], "ms")
    for name, page in pages.items():
        report.add(f"bytes, {name}", len(page.encode()))
    report.remarks += ["Where the time of the page with pairs goes, by innermost function of ours:"]
    report.remarks += sampler.shares(sampler.places, 16)
    return report
