"""What is offered while somebody types: bringing the keys of many listings, and one answer among them, in SQL.

Listings are the generated ones of `stock`. Somebody types the beginnings of their titles and words, as written, in pinyin and
by initials, one to eight characters; each answer is one read session with all that the page does but its HTML.
"""

import random
import tempfile
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlmodel import col, select

from matching import completions
from matching.access import VISITOR
from matching.model import Base, Completion, Revision
from matching.seed import load_reference
from matching.store.database import Database
from search.text import beginnings
from tests.bench import stock
from tests.bench.report import Report, percentile, timed

SIZES: Final = {"small": 2_000, "full": 100_000}
QUESTIONS: Final = 1_000
_LONGEST: Final = 8
_DIMENSION: Final = 8
"""Of vectors that nobody asks for."""


def typed(database: Database, count: int) -> list[str]:
    """Prefixes of keys of titles that are there, of all lanes."""
    chance = random.Random(11)
    with database.read() as session:
        titles = session.exec(select(Revision.title).order_by(col(Revision.id)).limit(5_000)).all()
    found: list[str] = []
    while len(found) < count:
        keys = list(beginnings(chance.choice(titles)))
        key = chance.choice(keys)
        found.append(key[: chance.randint(1 if ord(key[0]) > 0x2E80 else 2, _LONGEST)])
    return found


def measure(database: Database, report: Report, count: int = QUESTIONS) -> None:
    """On any filled database whose keys were brought."""
    questions = typed(database, count)
    today = database.clock.today()
    seconds, offered = [], 0
    for text in questions:

        def ask(text: str = text) -> int:
            with database.read() as session:
                return len(completions.suggest(session, VISITOR, text, today))

        took, found = timed(ask)
        seconds.append(1_000 * took)
        offered += found > 0
    report.add("answers", count)
    report.add("answers that offer something", offered)
    report.add("one answer, p50", percentile(seconds, 0.5), "ms")
    report.add("one answer, p95", percentile(seconds, 0.95), "ms", "50 ms p95")
    report.add("one answer, slowest", max(seconds), "ms")


def run(size: str, *, listings: int | None = None) -> Report:
    wanted = listings or SIZES[size]
    report = Report("suggestions", {"listings": wanted})
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.db'}")
        Base.metadata.create_all(database.engine)
        with database.write() as unit:
            load_reference(unit)
            unit.commit()
        stock.fill(database, "bench", _DIMENSION, wanted)
        took, _ = timed(lambda: completions.check_all(database))
        with database.read() as session:
            rows = session.exec(select(sa.func.count()).select_from(Completion)).one()
        report.add("bringing all keys", took, "s")
        report.add("bringing the keys of 10,000 listings", took * 10_000 / wanted, "s")
        report.add("keys of a listing", rows / wanted)
        measure(database, report)
        database.close()
    return report
