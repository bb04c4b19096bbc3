"""The embedded engine at a size: its memory, how long filling takes, and each kind of question, by the engine alone.

Both audiences are filled with the same listings, as an installation holds them, from the seeded generator, with facets,
spans and signs beside its words and vectors. No page, no SQL, no encoder: what the engine itself costs.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np

from search.engines.local import LocalEngine
from search.ports import Document, DocumentId, Engine, Filters, Interval, Phrase, Query, Vector
from search.text import signs
from tests.bench.report import Report
from tests.bench.synthetic import Shape, documents, population

SIZES: Final = {"small": 2_000, "full": 100_000}
BLOCK: Final = 500
"""Listings in one `apply`, as the engine is filled at the start."""
QUESTIONS: Final = 60
ZONES: Final = 40
YEARS: Final = 6
PRICES: Final = (0.0, 10e4, 50e4, 100e4, 500e4)
BANDS: Final[dict[str, Sequence[Interval]]] = {
    "price": [*pairwise(PRICES), (PRICES[-1], None)],
    "published": [(2020 + year, 2020 + year) for year in range(YEARS)],
}


def resident() -> int:
    """Bytes of this process in memory now."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) * 1024


def _full(document: Document, at: int, chance: np.random.Generator) -> Document:
    low = float(np.exp(chance.normal(13, 1.5)))
    dice = [int(each) for each in chance.integers(0, [ZONES, YEARS, 9, 5, 60, 4, 9])]
    return replace(
        document,
        zones=frozenset({f"z{dice[0]}"}),
        industries=frozenset({f"i{dice[4]}", f"i{dice[4]}-{dice[5]}"}),
        facets={
            "maturity": frozenset({f"level-{1 + dice[2]}"}),
            "mode": frozenset({f"m{dice[3]}", f"m{dice[5]}"}),
            "ip_kind": frozenset({f"ip{dice[5]}"}),
            "organisation_kind": frozenset({f"o{dice[3]}"}),
            "tag": frozenset({f"t{dice[4]}"} if at % 3 else ()),
        },
        spans={"price": (low, 2 * low), "published": (2020 + dice[1], 2020 + dice[1])},
        signs={name: signs("".join(terms)) for name, terms in document.fields.items() if terms},
    )


def blocks(listings: int) -> Iterator[list[Document]]:
    """Documents of both audiences, `BLOCK` listings at a time, made a part of all at a time so that little waits in memory."""
    chance = np.random.default_rng(7)
    part = 20_000
    for start in range(0, listings, part):
        size = min(part, listings - start)
        made = population(size // 2, size - size // 2, replace(Shape(), seed=20261123 + start))
        sides = [replace(side, listing=f"{start}{side.listing}") for side in (*made.results, *made.needs)]
        full = [_full(document, at, chance) for at, document in enumerate(documents(sides))]
        del made, sides
        for at in range(0, size, BLOCK):
            block = full[at : at + BLOCK]
            yield block + [replace(each, id=DocumentId(each.id.listing, "public")) for each in block]


def milliseconds(ask: Callable[[], object]) -> float:
    start = perf_counter()
    ask()
    return (perf_counter() - start) * 1000


def questions(sample: Sequence[Document]) -> dict[str, Callable[[Engine, Document], object]]:
    """By what is asked; each takes words and vector of a document that is held."""

    def words(each: Document) -> tuple[str, ...]:
        return each.fields["title"][:6]

    def vector(each: Document) -> Vector:
        return each.passages[0].vector

    def rank(query: Query, engine: Engine) -> object:
        return engine.rank(query)

    zone = frozenset({"z3"})
    some = Filters(industries=frozenset({"i7"}), facets={"mode": frozenset({"m1", "m2"})}, spans={"published": (2023, None)})
    dear = Filters(spans={"price": (50e4, 100e4)}, without={"zone": zone})
    return {
        "words": lambda engine, each: rank(Query("public", words(each)), engine),
        "words in a zone": lambda engine, each: rank(Query("public", words(each), filters=Filters(zone)), engine),
        "words under five filters": lambda engine, each: rank(
            Query("public", words(each), kinds=frozenset({"need"}), filters=some), engine
        ),
        "words, a span and an exclusion": lambda engine, each: rank(Query("public", words(each), filters=dear), engine),
        "a phrase of four signs": lambda engine, each: rank(
            Query("public", words(each), phrases=(Phrase(each.signs["title"][1:5]),)), engine
        ),
        "meaning": lambda engine, each: rank(Query("public", vector=vector(each)), engine),
        "meaning in a zone": lambda engine, each: rank(Query("public", vector=vector(each), filters=Filters(zone)), engine),
        "counts of all": lambda engine, each: engine.facets(Query("public"), BANDS),
        "counts of words": lambda engine, each: engine.facets(Query("public", words(each)), BANDS),
        "counts of words under five filters": lambda engine, each: engine.facets(
            Query("public", words(each), kinds=frozenset({"need"}), filters=some), BANDS
        ),
    }


def run(size: str, *, listings: int | None = None) -> Report:
    count = listings or SIZES[size]
    report = Report("embedded", {"listings": count, "documents": 2 * count, "questions": QUESTIONS})
    chance = np.random.default_rng(11)
    sample: list[Document] = []
    spent = passages = 0.0
    engine = LocalEngine(Shape().dimension, "bench")
    before = resident()
    for block in blocks(count):
        start = perf_counter()
        engine.apply(block, ())
        spent += perf_counter() - start
        passages += sum(len(each.passages) for each in block)
        if chance.random() < QUESTIONS * BLOCK / count or len(sample) < 2:
            sample.append(block[0])
    held = resident() - before
    report.add("filling", 2 * count / spent, "documents/s")
    report.add("memory", held / 1e9, "GB")
    report.add("memory a document", held / (2 * count) / 1000, "kB")
    report.add("passages a document", passages / (2 * count))
    for name, ask in questions(sample).items():
        report.add(name, [milliseconds(partial(ask, engine, sample[at % len(sample)])) for at in range(QUESTIONS)], "ms")
    written = (replace(sample[at % len(sample)], revision=2 + at) for at in range(QUESTIONS))
    report.add("one written and visible", [milliseconds(partial(engine.apply, [each], ())) for each in written], "ms")
    engine.close()
    return report
