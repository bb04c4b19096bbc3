"""Engine contract: the truth tables of search/FILTERS.md, asked of both rankings and of the counts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

import search
from search.ports import Document, Engine, Filters, Kind, Query
from search.text import terms
from tests.search.engine_contract_data import document, listings, unit, vector_of


def _values(cell: str) -> frozenset[str]:
    return frozenset(value.strip() for value in cell.split(",") if value.strip() not in ("", "-"))


def _facets(cell: str) -> dict[str, frozenset[str]]:
    pairs = [part.split("=") for part in cell.split(";") if "=" in part]
    return {name.strip(): _values(values) for name, values in pairs}


def _table(header: str) -> Iterator[list[str]]:
    """The rows of the table in FILTERS.md whose heading row begins with `header`."""
    lines = (Path(search.__file__).parent / "FILTERS.md").read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {header} |"))
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


DOCUMENTS: list[Document] = [
    document(listing, "电池", kind=cast(Kind, kind), zones=_values(zones), industries=_values(industries), facets=_facets(facets))
    for listing, kind, zones, industries, facets in _table("listing")
]
ROWS = list(_table("kinds"))


class FilterContract:
    @pytest.mark.parametrize("row", ROWS, ids=[" ".join(row[:4]) for row in ROWS])
    def test_truth_table(self, engine: Engine, row: list[str]) -> None:
        kinds, zones, industries, facets, finds = row
        restricted: dict[str, Any] = {
            "kinds": _values(kinds),
            "filters": Filters(_values(zones), _values(industries), _facets(facets)),
        }
        expected = sorted(_values(finds))
        engine.apply(DOCUMENTS, ())
        both = engine.rank(Query("public", terms("电池"), unit(1), **restricted))
        assert sorted(listings(both.lexical)) == sorted(listings(both.semantic)) == expected
        assert listings(engine.rank(Query("public", **restricted)).lexical) == expected
        assert sum(engine.facets(Query("public", **restricted)).get("kind", {}).values()) == len(expected)

    def test_the_tables_are_read_whole(self) -> None:
        assert len(DOCUMENTS) == 6
        assert len(ROWS) > 25
        assert any(row[4] == "-" for row in ROWS)

    def test_filters_leave_scores_alone(self, engine: Engine) -> None:
        engine.apply(DOCUMENTS, ())
        free = engine.rank(Query("public", terms("电池"), unit(1)))
        bound = engine.rank(Query("public", terms("电池"), unit(1), frozenset({"result"}), Filters(frozenset({"nanjing"}))))
        for one, other in ((free.lexical, bound.lexical), (free.semantic, bound.semantic)):
            scores = {hit.listing: hit.score for hit in one}
            assert {hit.listing: hit.score for hit in other} == pytest.approx({n: scores[n] for n in ("a", "b")}, abs=1e-4)

    @pytest.mark.parametrize("zones", [1, 3, 12])
    @pytest.mark.parametrize("kind", ["result", "need", ""])
    def test_k_hits_when_k_exist_under_a_filter(self, engine: Engine, zones: int, kind: str) -> None:
        """The eligible ones are the worst in both rankings, where a search that filters afterwards finds too few."""
        every = [
            document(
                f"{number:03d}",
                "电池" if number % 12 < zones else "电池 电池 电池",
                kind="need" if number % 2 else "result",
                zones=[str(number % 12)],
                vectors=[unit(-1, 0.01 * number) if number % 12 < zones else unit(1, 0.001 * number)],
            )
            for number in range(600)
        ]
        engine.apply(every, ())
        kinds = cast(frozenset[Kind], frozenset({kind} if kind else ()))
        wanted = {d.id.listing for d in every if d.zones <= set(map(str, range(zones))) and (not kind or d.kind == kind)}
        limit = min(25, len(wanted))
        query = Query("public", terms("电池"), unit(1), kinds, Filters(frozenset(map(str, range(zones)))), limit)
        rankings = engine.rank(query)
        assert len(rankings.lexical) == len(rankings.semantic) == limit
        assert set(listings(rankings.lexical)) | set(listings(rankings.semantic)) <= wanted

    def test_counts_are_taken_under_the_filters_and_the_terms(self, engine: Engine) -> None:
        engine.apply(DOCUMENTS, ())
        engine.apply([document("g", "轴承", zones=["nanjing"], facets={"mode": ["joint"]})], ())
        assert engine.facets(Query("public")) == {
            "kind": {"result": 4, "need": 3},
            "zone": {"nanjing": 4, "suzhou": 2, "wuxi": 1},
            "industry": {"energy": 3, "photovoltaics": 2, "batteries": 1, "devices": 2},
            "maturity": {"pilot": 2, "volume": 1, "laboratory": 2},
            "mode": {"licence": 2, "transfer": 1, "joint": 3},
        }
        in_nanjing = Filters(zones=frozenset({"nanjing"}))
        assert engine.facets(Query("public", terms("轴承"), filters=in_nanjing)) == {
            "kind": {"result": 1},
            "zone": {"nanjing": 1},
            "mode": {"joint": 1},
        }
        assert engine.facets(Query("public", terms("电池"), filters=in_nanjing))["zone"] == {"nanjing": 3, "suzhou": 1}
        assert engine.facets(Query("public", terms("没有这个词"))) == {}
        assert engine.facets(Query("registered")) == {}

    def test_counts_know_neither_limit_nor_vector(self, engine: Engine) -> None:
        engine.apply(DOCUMENTS, ())
        assert engine.facets(Query("public", vector=vector_of("a"), limit=1))["kind"] == {"result": 3, "need": 3}

    def test_counts_of_many_values(self, engine: Engine) -> None:
        engine.apply([document(str(n), facets={"tag": [f"t{n}", f"u{n % 7}"]}) for n in range(2000)], ())
        counted = engine.facets(Query("public"))["tag"]
        assert len(counted) == 2007
        assert counted["t1999"] == 1
        assert counted["u0"] == 286
