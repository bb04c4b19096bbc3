"""The import of sheets, from the plan to an empty outbox, against the embedding alone of exactly the same texts.

The embedding alone is the best this encoder does: all texts at once, sorted by length, half of them before the import and
half after it, so that a machine that grows slower or faster weighs on both alike. Which texts they are tells an import of the
same sheets with a hashing encoder, whose time is what everything but the embedding costs.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel import col, select

from api.wiring import Parts
from matching.access import AUDIENCE_LAYERS
from matching.content import load, restrict
from matching.documents import passages_of
from matching.model import Listing, Match
from matching.vectors import Key
from search.ports import Encoder
from tests.bench import process
from tests.bench.report import Report, timed
from tests.bench.sampler import Sampler
from tests.bench.sheets import split_rows

SIZES: Final = {"small": 200, "full": 10_000}
ZONE: Final = "changzhou"
_BLOCK: Final = 500
_SHOWN: Final = 25


def texts_of(parts: Parts) -> list[Key]:
    """Every text that is embedded for the listings, once each, in the order of the listings."""
    found: dict[Key, None] = {}
    with parts.database.read() as session:
        ids = [each for each in session.exec(select(Listing.id).order_by(col(Listing.id))) if each is not None]
        for start in range(0, len(ids), _BLOCK):
            for content in load(session, ids[start : start + _BLOCK]).values():
                for layers in AUDIENCE_LAYERS.values():
                    found.update(dict.fromkeys(passages_of(restrict(content, layers))[1]))
    return list(found)


def embed(encoder: Encoder, keys: Sequence[Key]) -> None:
    """Nothing but the encoder."""
    for role in ("result", "need"):
        encoder.encode([text for held, text in keys if held == role], role, lane="bulk")


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds from the start: `planned`, then `written`, `indexed` and `matched` from the commits on; `total` is all."""

    planned: float
    written: float
    indexed: float
    matched: float

    @property
    def total(self) -> float:
        return self.planned + self.matched


def imported(parts: Parts, rows: int) -> Times:
    """Sheets of so many rows, staged and planned, committed, and worked off by the running worker."""
    start = time.perf_counter()
    plans = [process.planned(parts, kind, count, ZONE) for kind, count in split_rows(rows)]
    planned = time.perf_counter() - start
    start += planned
    for batch in plans:
        process.commit(parts, batch)
    moments = []
    for kind in ("import_commit", "index"):
        while process.waiting(parts, kind):
            time.sleep(process.LOOK)
        moments.append(time.perf_counter() - start)
    process.until_empty(parts)
    return Times(planned, moments[0], moments[1], time.perf_counter() - start)


def run(size: str, encoder: str, *, rows: int | None = None) -> Report:
    wanted = rows or SIZES[size]
    is_real = encoder != "hashing"
    report = Report("import", {"rows": wanted, "encoder": "the folder's" if is_real else "hashing"})
    with process.serving("hashing", demo=False) as parts:
        bare = imported(parts, wanted)
        keys = texts_of(parts)
    with process.serving(encoder, demo=False) as parts:
        alone = timed(lambda: embed(parts.encoder, keys[::2]))[0]
        with Sampler("worker-bulk", "worker-interactive", "encoder") as sampler:
            times = imported(parts, wanted)
        alone += timed(lambda: embed(parts.encoder, keys[1::2]))[0]
        if set(texts_of(parts)) != set(keys):
            raise RuntimeError("the two imports did not embed the same texts")
        with parts.database.read() as session:
            pairs = len(session.exec(select(Match.id)).all())
    report.add("import / embedding alone", times.total / alone, "times", "at most 1.2")
    report.add("import, from the sheet to an empty outbox", times.total, "s")
    report.add("  planned, after", times.planned, "s")
    report.add("  all rows written, after the commit", times.written, "s")
    report.add("  all listings to be found, after the commit", times.indexed, "s")
    report.add("  all zones matched, after the commit", times.matched, "s")
    report.add("embedding alone of the same texts", alone, "s")
    report.add("texts embedded", len(keys))
    report.add("beside the embedding, a row", 1e3 * (times.total - alone) / wanted, "ms")
    report.add("the same import with a hashing encoder", bare.total, "s")
    report.add("pairs kept", pairs)
    report.remarks += ["Share of the time, by thread and kind of work:", *sampler.shares(sampler.stages, 12)]
    report.remarks += ["by thread and innermost function of ours (waiting included):", *sampler.shares(sampler.places, _SHOWN)]
    return report
