"""Both engines, taken through the same random operations, answer alike: the same hits, the same counts, the same order of
meaning, and an order of words as near as two implementations of BM25 come."""

import random
import secrets
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau

from search.engines.elastic import ElasticEngine
from search.engines.local import LocalEngine
from search.ports import Document, DocumentId, Engine, Filters, Hit, Interval, Passage, Phrase, Query, Tombstone, Vector
from tests.elastic import Elastic, ElasticServer

pytestmark = pytest.mark.needs("elasticsearch")

DIMENSION = 24
ZONES = ("nanjing", "suzhou", "wuxi", "changzhou")
MODES = ("licence", "transfer", "joint")
VOCABULARY = [f"词{number}" for number in range(400)]
BANDS: dict[str, list[Interval]] = {"price": [(None, 30), (40, 60)]}
FIRST = 50
LEAST_TAU = 0.95
ROUNDING = 2e-6


class Corpus:
    """Words by Zipf's law, vectors in clusters, everything from one seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.numbers = np.random.default_rng(seed)
        self.weights = [1 / (rank + 2) for rank in range(len(VOCABULARY))]
        self.centres = self.numbers.standard_normal((6, DIMENSION))

    def words(self, most: int) -> tuple[str, ...]:
        return tuple(self.dice.choices(VOCABULARY, self.weights, k=self.dice.randint(1, most)))

    def vector(self) -> Vector:
        drawn = self.centres[self.dice.randrange(6)] + self.numbers.standard_normal(DIMENSION)
        return (drawn / np.linalg.norm(drawn)).astype(np.float32)

    def some(self, values: Sequence[str]) -> frozenset[str]:
        return frozenset(value for value in values if self.dice.random() < 0.4)

    def document(self, listing: str, revision: int) -> Document:
        body = self.words(80)
        low = float(self.dice.randrange(100))
        return Document(
            id=DocumentId(listing, "public"),
            kind=self.dice.choice(["result", "need"]),
            revision=revision,
            state_hash=f"{listing}@{revision}",
            zones=self.some(ZONES),
            industries=frozenset(),
            fields={"title": self.words(8), "keywords": self.words(4), "body": body},
            passages=tuple(Passage("", self.vector()) for _ in range(self.dice.randrange(4))),
            facets={"mode": self.some(MODES)},
            spans={"price": (low, low + self.dice.randrange(20))} if self.dice.random() < 0.6 else {},
            signs={"body": body},
        )

    def query(self) -> Query:
        filters = Filters()
        if self.dice.random() < 0.6:
            filters = Filters(
                zones=self.some(ZONES[:2]),
                facets={"mode": self.some(MODES)},
                without={"zone": self.some(ZONES[3:])},
                spans={"price": (20.0, 70.0)} if self.dice.random() < 0.3 else {},
            )
        phrases = (Phrase(tuple(VOCABULARY[:1]), self.dice.choice(["", "body"])),) if self.dice.random() < 0.2 else ()
        return Query(
            "public",
            self.words(6),
            self.vector(),
            frozenset({"need"}) if self.dice.random() < 0.2 else frozenset(),
            filters,
            limit=1000,
            related=self.words(2) if self.dice.random() < 0.3 else (),
            no_phrases=phrases,
        )


def write(corpus: Corpus, engines: Sequence[Engine], rounds: int) -> None:
    """Documents come, change, go and come back, some of them stale."""
    names = [f"{number:03d}" for number in range(160)]
    for turn in range(1, rounds + 1):
        chosen = names if turn == 1 else corpus.dice.sample(names, 40)
        revision = max(1, turn - corpus.dice.randrange(2))
        upserts = [corpus.document(name, revision) for name in chosen if corpus.dice.random() < 0.9]
        deletes = [Tombstone(DocumentId(name, "public"), revision) for name in corpus.dice.sample(names, 8)]
        forgotten = [DocumentId(name, "public") for name in corpus.dice.sample(names, 2)]
        for engine in engines:
            assert engine.apply(upserts, deletes) == {}
            engine.purge(forgotten)


def tau(one: Sequence[Hit], other: Sequence[Hit]) -> float:
    """Kendall's tau-b of the scores of whatever is among the first 50 of the one."""
    scores = {hit.listing: hit.score for hit in other}
    first = one[:FIRST]
    if len({round(hit.score, 4) for hit in first}) < 2:
        return 1.0
    return float(kendalltau([hit.score for hit in first], [scores[hit.listing] for hit in first]).statistic)


def assert_as_near(one: Sequence[Hit], other: Sequence[Hit]) -> None:
    """The same documents, passages and cosines in the same order, but for pairs that differ by less than two additions of
    float32 in another order do."""
    assert {hit.listing: hit.passage for hit in other} == {hit.listing: hit.passage for hit in one}
    scores = {hit.listing: hit.score for hit in one}
    assert [hit.score for hit in other] == pytest.approx([scores[hit.listing] for hit in other], abs=ROUNDING)
    assert [hit.score for hit in other] == pytest.approx([hit.score for hit in one], abs=ROUNDING)


@pytest.fixture(scope="module")
def server(elasticsearch: ElasticServer) -> Iterator[Elastic]:
    own = Elastic.new(elasticsearch)
    yield own
    elasticsearch.forget(own.prefix)


@settings(max_examples=max(4, settings.default.max_examples // 50), deadline=None)
@given(seed=st.integers(0, 10**9), rounds=st.integers(1, 6))
def test_the_same_operations_give_the_same_answers(server: Elastic, seed: int, rounds: int) -> None:
    corpus = Corpus(seed)
    own = server.beside(secrets.token_hex(4))
    elastic = ElasticEngine(own.options, DIMENSION, "recipe")
    local = LocalEngine(DIMENSION, "recipe")
    try:
        write(corpus, (local, elastic), rounds)
        assert elastic.scan() == local.scan()
        for _ in range(25):
            query = corpus.query()
            ours, theirs = local.rank(query), elastic.rank(query)
            assert {hit.listing for hit in theirs.lexical} == {hit.listing for hit in ours.lexical}
            assert theirs.matched == ours.matched
            assert [(hit.listing, hit.passage) for hit in theirs.semantic] == [
                (hit.listing, hit.passage) for hit in ours.semantic
            ]
            assert [hit.score for hit in theirs.semantic] == pytest.approx([hit.score for hit in ours.semantic], abs=2e-6)
            assert elastic.facets(query, BANDS) == local.facets(query, BANDS)
            assert tau(ours.lexical, theirs.lexical) >= LEAST_TAU
    finally:
        own.server.forget(own.prefix)
        elastic.close()
        local.close()


def test_near_the_top_the_window_is_exact(server: Elastic) -> None:
    """Twenty of three thousand, from quantised vectors: the same twenty in the same order as by looking at all of them."""
    corpus = Corpus(7)
    documents = [corpus.document(f"{number:04d}", 1) for number in range(3000)]
    elastic, local = ElasticEngine(server.beside("window").options, DIMENSION, "recipe"), LocalEngine(DIMENSION, "recipe")
    for engine in (elastic, local):
        assert engine.apply(documents, ()) == {}
    for _ in range(20):
        query = Query("public", vector=corpus.vector(), limit=20)
        ours, theirs = local.rank(query).semantic, elastic.rank(query).semantic
        assert_as_near(ours, theirs)
    elastic.close()
    local.close()
