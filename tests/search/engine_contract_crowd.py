"""Engine contract: what holds in a crowd. Rare documents behind any restriction, many passages of one, the order by words."""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from search.ports import Document, Engine, Filters, Interval, Passage, Phrase, Query
from search.text import signs, terms
from tests.search import engine_contract_oracle as oracle
from tests.search.engine_contract_data import NewEngine, document, filled, identity, listings, unit, vector_of

SIZE = 2000
RARE = {"0007", "1007"}


def _of_the_crowd(number: int) -> Document:
    """One in a thousand is rare in every respect, and the last in both rankings."""
    name, is_rare = f"{number:04d}", number % 1000 == 7
    return document(
        name,
        "电池" if is_rare else "电池电池电池",
        body="系统设计研究与工程实践说明" * 5 if is_rare else "",
        kind="need" if is_rare else "result",
        zones=["rare" if is_rare else "common"],
        industries=["rare"] if is_rare else [],
        facets={"tag": ["t1"] if is_rare else ["t1", "t2"]},
        spans={"price": (9, 9) if is_rare else (number % 5, number % 5 + 1)},
        signs={"title": "稀有电池" if is_rare else "常见电池"},
        vectors=[unit(-1, 0.01 * number)] if is_rare else [unit(1, 0.001 * number)] * (1 + number % 2),
    )


FIFTY = tuple(Passage("", unit(1, 0.0001 * n)) for n in range(50))
CROWD = [_of_the_crowd(number) for number in range(SIZE)]
CROWD.append(replace(CROWD[0], id=identity("fifty"), passages=FIFTY))
RESTRICTED: dict[str, dict[str, Any]] = {
    "kind": {"kinds": frozenset({"need"})},
    "zone": {"filters": Filters(zones=frozenset({"rare"}))},
    "industry": {"filters": Filters(industries=frozenset({"rare"}))},
    "without": {"filters": Filters(without={"tag": frozenset({"t2"})})},
    "span": {"filters": Filters(spans={"price": (7, None)})},
    "phrase": {"phrases": (Phrase(signs("稀有电池")),)},
    "no phrase": {"no_phrases": (Phrase(signs("常见"), "title"),)},
    "all": {
        "kinds": frozenset({"need"}),
        "filters": Filters(frozenset({"rare"}), without={"tag": frozenset({"t2"})}, spans={"price": (7, None)}),
        "phrases": (Phrase(signs("稀有")),),
    },
}
WORDS = [f"词{n}" for n in range(300)]


def _drawn(seed: int, size: int) -> list[Document]:
    """Documents of words that follow Zipf's law, of very different lengths."""
    chance = random.Random(seed)
    weights = [1 / (n + 1) for n in range(len(WORDS))]

    def text(count: int) -> tuple[str, ...]:
        return tuple(chance.choices(WORDS, weights, k=count))

    def fields() -> dict[str, tuple[str, ...]]:
        return {
            "title": text(chance.randrange(3, 12)),
            "keywords": text(chance.randrange(5)),
            "body": text(chance.randrange(300)),
        }

    return [replace(document(f"{n:03d}", audience="registered", vectors=[vector_of("x")]), fields=fields()) for n in range(size)]


PROSE = _drawn(5, 300)


class CrowdContract(NewEngine):
    @pytest.fixture(scope="class")
    @classmethod
    def crowd(cls) -> Iterator[Engine]:
        yield from filled(cls, [*CROWD, *PROSE])

    @pytest.mark.parametrize("limit", [1, 10])
    @pytest.mark.parametrize("restricted", RESTRICTED.values(), ids=RESTRICTED)
    def test_k_hits_when_k_exist_behind_one_in_a_thousand(self, crowd: Engine, restricted: dict[str, Any], limit: int) -> None:
        found = crowd.rank(Query("public", terms("电池"), unit(1), limit=limit, **restricted))
        for hits in (found.lexical, found.semantic):
            assert len(hits) == min(limit, len(RARE))
            assert set(listings(hits)) <= RARE
        assert found.matched == len(RARE)
        assert listings(crowd.rank(Query("public", **restricted)).lexical) == sorted(RARE)

    def test_fifty_passages_of_one_document_take_one_place(self, crowd: Engine) -> None:
        hits = crowd.rank(Query("public", vector=unit(1), limit=40)).semantic
        assert len({hit.listing for hit in hits}) == len(hits) == 40
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        (first,) = (hit for hit in hits if hit.listing == "fifty")
        assert (first.passage, first.score) == (0, pytest.approx(1, abs=1e-5))

    def test_all_are_counted(self, crowd: Engine) -> None:
        bands: dict[str, list[Interval]] = {"price": [(None, 2), (2, 4), (9, None)]}
        query = Query("public", terms("电池"), filters=Filters(zones=frozenset({"common"}), spans={"price": (1, 3)}))
        assert crowd.facets(query, bands) == oracle.counts(CROWD, query, bands)
        assert crowd.rank(query).matched == len(oracle.matching(CROWD, query))

    def test_a_thousand_values_and_a_phrase_of_thousands_of_signs(self, crowd: Engine) -> None:
        many = frozenset(f"zone {n}" for n in range(1000))
        assert crowd.rank(Query("public", filters=Filters(zones=many | {"rare"}))).matched == len(RARE)
        assert crowd.rank(Query("public", filters=Filters(without={"zone": many | {"common"}}))).matched == len(RARE)
        assert crowd.rank(Query("public", phrases=(Phrase(signs("稀有电池" * 1000)),))).matched == 0
        assert crowd.rank(Query("public", no_phrases=(Phrase(signs("稀有电池" * 1000)),), limit=1)).matched == len(CROWD)

    @pytest.mark.parametrize("seed", range(8))
    def test_the_order_by_words_is_that_of_bm25(self, crowd: Engine, seed: int) -> None:
        chance = random.Random(seed)
        asked = tuple(chance.sample(WORDS[:150], 1 + seed % 4))
        query = Query("registered", asked, related=tuple(chance.sample(WORDS, seed % 3)), limit=50)
        expected = oracle.bm25(PROSE, query)
        found = crowd.rank(query)
        assert found.matched == len(expected)
        assert oracle.tau_b([hit.score for hit in found.lexical], [expected[hit.listing] for hit in found.lexical]) >= 0.95
        best = sorted(expected, key=lambda listing: (-expected[listing], listing))[:50]
        assert len(set(best) & set(listings(found.lexical))) >= 0.9 * len(best)

    def test_what_one_audience_holds_says_nothing_of_the_other(self, crowd: Engine) -> None:
        prose = Query("registered", filters=Filters(spans={"price": (None, None)}))
        assert crowd.rank(prose).matched == 0
        assert crowd.rank(Query("registered", phrases=(Phrase(signs("稀有")),))).matched == 0
        counted = crowd.facets(Query("registered"), {"price": [(None, None)]})
        assert counted == {"kind": {"result": len(PROSE)}, "price": {"0": 0}}
