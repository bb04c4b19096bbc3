"""Engine contract: random sequences of operations against a dictionary that does the same in plain Python."""

import random
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.ports import Audience, Document, DocumentId, Engine, Filters, Generation, Interval, Kind, Phrase, Query, Tombstone
from search.text import signs
from tests.search import engine_contract_oracle as oracle
from tests.search.engine_contract_data import RECIPE, NewEngine, document, identity, listings, unit

LISTINGS = ("a", "b", "c", "d", "e", "f")
AUDIENCES: tuple[Audience, ...] = ("public", "registered")
WORDS = ("电池", "轴承", "薄膜", "芯片")
ZONES = ("nanjing", "suzhou", "wuxi")
VECTORS = tuple(unit(*row) for row in ((1,), (0, 1), (1, 1), (-1, 2), (0.2, 0.1, 1), (3, -1, 1)))
QUESTIONS = (unit(1, 0.3, 0.2), unit(-0.5, 1, 0.4))

KINDS: tuple[frozenset[Kind], ...] = (frozenset(), frozenset({"need"}))
FILTERS = (
    Filters(),
    Filters(frozenset({"nanjing"})),
    Filters(frozenset(ZONES[:2]), facets={"mode": frozenset({"joint"})}),
    Filters(without={"zone": frozenset({"wuxi"}), "mode": frozenset({"licence"})}, spans={"price": (2, 5)}),
)
PHRASES: tuple[tuple[tuple[Phrase, ...], tuple[Phrase, ...]], ...] = (
    ((), ()),
    ((Phrase(signs("电池薄膜"), "body"),), (Phrase(signs("芯片")),)),
)
ASKED: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (((), WORDS), (WORDS[:1], ()), (WORDS[1:3], WORDS[3:]))
"""Terms, and what is related to them."""
BANDS: dict[str, list[Interval]] = {"price": [(None, 2), (3, 4), (6, None)]}

Held = dict[DocumentId, Document | Tombstone]


@dataclass(frozen=True)
class Write:
    ids: tuple[tuple[str, Audience, int], ...]
    """Listing, audience, revision: they decide the content, since equal revisions carry equal content."""


@dataclass(frozen=True)
class Purge:
    ids: tuple[DocumentId, ...]


@dataclass(frozen=True)
class Turn:
    to: Literal["begin", "promote", "revert", "drop", "abort"]


def content(listing: str, audience: Audience, revision: int) -> Document | Tombstone:
    dice = random.Random(f"{listing} {audience} {revision}")
    if dice.random() < 0.3:
        return Tombstone(identity(listing, audience), revision)
    return document(
        listing,
        audience=audience,
        kind=dice.choice(["result", "need"]),
        revision=revision,
        zones=[zone for zone in ZONES if dice.random() < 0.4],
        facets={"mode": [mode for mode in ("licence", "joint") if dice.random() < 0.5]},
        spans={"price": (low, low + dice.randrange(4))} if (low := dice.randrange(-1, 7)) else {},
        vectors=[dice.choice(VECTORS) for _ in range(dice.randrange(4))],
        body=" ".join(word for word in WORDS if dice.random() < 0.5),
    )


class Model:
    """What the port promises, with dictionaries."""

    def __init__(self) -> None:
        self.serving: Held = {}
        self.building: Held | None = None
        self.previous: Held | None = None
        self.generation = Generation(RECIPE)
        self.turns = 0

    def do(self, step: Write | Purge | Turn) -> None:
        for held in (self.serving,) if self.building is None else (self.serving, self.building):
            if isinstance(step, Write):
                for write in (content(*key) for key in step.ids):
                    before = held.get(write.id)
                    if before is None or write.revision >= before.revision:
                        held[write.id] = write
            elif isinstance(step, Purge):
                for key in step.ids:
                    held.pop(key, None)
        if isinstance(step, Turn):
            self.turn(step.to)

    def may(self, step: Write | Purge | Turn) -> bool:
        """Whether an engine takes this turn now; it raises ValueError otherwise."""
        lacking: dict[object, bool] = {Turn("promote"): self.building is None, Turn("revert"): self.previous is None}
        return not lacking.get(step, False)

    def turn(self, to: str) -> None:
        self.turns += 1
        fingerprint, building, previous = self.generation.fingerprint, self.generation.building, self.generation.previous
        match to:
            case "begin":
                self.building, building = {}, f"recipe {self.turns}"
            case "abort":
                self.building, building = None, None
            case "drop":
                self.previous, previous = None, None
            case "revert":
                assert self.previous is not None
                self.previous, self.serving = self.serving, self.previous
                fingerprint, previous = previous or "", fingerprint
            case _:
                assert self.building is not None
                self.previous, self.serving, self.building = self.serving, self.building, None
                fingerprint, building, previous = building or "", None, fingerprint
        self.generation = Generation(fingerprint, building, previous)

    @property
    def documents(self) -> list[Document]:
        return [held for held in self.serving.values() if isinstance(held, Document)]


def do(engine: Engine, step: Write | Purge | Turn, building: str) -> None:
    if isinstance(step, Write):
        writes = [content(*key) for key in step.ids]
        upserts = [write for write in writes if isinstance(write, Document)]
        engine.apply(upserts, [write for write in writes if isinstance(write, Tombstone)])
    elif isinstance(step, Purge):
        engine.purge(step.ids)
    elif step.to == "begin":
        engine.begin(building)
    else:
        getattr(engine, step.to)()


def compare(engine: Engine, model: Model) -> None:
    assert engine.generation() == model.generation
    states = engine.scan()
    assert [state.id for state in states] == sorted(model.serving, key=str)
    for state in states:
        held = model.serving[state.id]
        assert (state.revision, state.deleted) == (held.revision, isinstance(held, Tombstone))
        assert state.state_hash == (held.state_hash if isinstance(held, Document) else "")
    assert list(engine.state([s.id for s in states]).values()) == list(states)
    # Not every combination: a server is asked, and other states bring the others.
    for number, (audience, filters) in enumerate(product(AUDIENCES, FILTERS), start=len(states)):
        phrases, no_phrases = PHRASES[number // 2 % 2]
        under = Query(audience, kinds=KINDS[number % 2], filters=filters, phrases=phrases, no_phrases=no_phrases)
        words, related = ASKED[number % 3]
        compare_words(engine, model.documents, replace(under, terms=words, related=related))
        compare_meaning(engine, model.documents, replace(under, vector=QUESTIONS[number // 4 % 2]))


def compare_words(engine: Engine, documents: list[Document], query: Query) -> None:
    expected = oracle.matching(documents, query)
    found = engine.rank(query)
    assert sorted(listings(found.lexical)) == sorted(held.id.listing for held in expected)
    assert found.matched == len(expected)
    assert list(found.lexical) == sorted(found.lexical, key=lambda hit: (-hit.score, hit.listing))
    of_audience = [held for held in documents if held.id.audience == query.audience]
    assert engine.facets(query, BANDS) == oracle.counts(of_audience, query, BANDS)


def compare_meaning(engine: Engine, documents: list[Document], query: Query) -> None:
    assert query.vector is not None
    best: list[tuple[float, str, int]] = []
    for held in oracle.matching(documents, query):
        scores = [round(float(passage.vector @ query.vector), 5) for passage in held.passages]
        if scores:
            best.append((-max(scores), held.id.listing, scores.index(max(scores))))
    hits = engine.rank(query).semantic
    assert [(hit.listing, hit.passage) for hit in hits] == [(listing, passage) for _, listing, passage in sorted(best)]
    assert [hit.score for hit in hits] == pytest.approx([-score for score, _, _ in sorted(best)], abs=1e-4)


_ids = st.tuples(st.sampled_from(LISTINGS), st.sampled_from(AUDIENCES), st.integers(1, 5))
_steps = st.one_of(
    st.builds(Write, st.lists(_ids, max_size=6).map(tuple)),
    st.builds(Write, st.lists(_ids, min_size=1, max_size=12).map(tuple)),
    st.builds(Purge, st.lists(st.builds(identity, st.sampled_from(LISTINGS), st.sampled_from(AUDIENCES)), max_size=2).map(tuple)),
    st.builds(Turn, st.sampled_from(["begin", "promote", "revert", "drop", "abort"])),
)


SHARED = (HealthCheck.differing_executors,)
"""One test of every engine's class: an example that failed on one engine is worth trying on the others."""


class ModelContract(NewEngine):
    @settings(max_examples=max(25, settings.default.max_examples // 4), deadline=None, suppress_health_check=SHARED)
    @given(steps=st.lists(_steps, min_size=1, max_size=14))
    def test_any_sequence_of_operations_equals_the_model(self, steps: list[Write | Purge | Turn]) -> None:
        engine, model = self.new_engine(), Model()
        try:
            for step in steps:
                if not model.may(step):
                    with pytest.raises(ValueError, match="generation"):
                        do(engine, step, "")
                    continue
                model.do(step)
                do(engine, step, model.generation.building or "")
            compare(engine, model)
        finally:
            engine.close()
