"""Engine contract: the truth tables of search/FILTERS.md, asked of both rankings and of the counts."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

import search
from search.ports import Document, Engine, Filters, Interval, Kind, Phrase, Query
from search.text import signs, terms
from tests.search import engine_contract_oracle as oracle
from tests.search.engine_contract_data import NewEngine, document, filled, listings, unit, vector_of


def _values(cell: str) -> frozenset[str]:
    return frozenset(value.strip() for value in cell.split(",") if value.strip() not in ("", "-"))


def _facets(cell: str) -> dict[str, frozenset[str]]:
    pairs = [part.split("=") for part in cell.split(";") if "=" in part]
    return {name.strip(): _values(values) for name, values in pairs}


def _spans(cell: str) -> dict[str, Interval]:
    pairs = [part.split("=") for part in cell.split(";") if "=" in part]
    ends = {name.strip(): interval.strip().split("..") for name, interval in pairs}
    return {name: (float(low) if low else None, float(high) if high else None) for name, (low, high) in ends.items()}


def _phrases(cell: str) -> tuple[Phrase, ...]:
    asked = [part.strip().rpartition(": ") for part in cell.split(";") if part.strip() not in ("", "-")]
    return tuple(Phrase(signs(text), name) for name, _, text in asked)


def _counts(cell: str) -> dict[str, int]:
    pairs = [part.split("=") for part in cell.split(";") if "=" in part]
    return {value.strip(): int(count) for value, count in pairs}


def _table(header: str) -> list[list[str]]:
    """The rows of the table in FILTERS.md whose heading row begins with `header`."""
    lines = (Path(search.__file__).parent / "FILTERS.md").read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {header} |"))
    rows: list[list[str]] = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def _document(row: list[str]) -> Document:
    listing, kind, zones, industries, facets, spans, *texts = row
    return document(
        listing,
        "电池",
        kind=cast(Kind, kind),
        zones=_values(zones),
        industries=_values(industries),
        facets=_facets(facets),
        spans=cast(dict[str, tuple[float, float]], _spans(spans)),
        signs=dict(zip(("title", "body"), texts, strict=True)),
    )


def _query(**restricted: Any) -> Query:
    """`restricted` are the fields of `Filters` and of `Query`."""
    filters = {name: restricted.pop(name) for name in ("zones", "industries", "facets", "without", "spans") if name in restricted}
    return Query("public", terms("电池"), unit(1), filters=Filters(**filters), **restricted)


def _wanted(cell: str) -> dict[str, Any]:
    """A cell that names attributes like any facet."""
    asked = _facets(cell)
    return {"kinds": asked.pop("kind", frozenset()), "zones": asked.pop("zone", frozenset()), "facets": asked}


DOCUMENTS = [_document(row) for row in _table("listing")]
BANDS: dict[str, list[Interval]] = {"price": [(None, 0), (0, 20), (20, None)]}


def _rows() -> Iterator[tuple[str, Query, frozenset[str]]]:
    """Every row that says what is found: its text, the query, the listings."""
    for kinds, zones, industries, facets, finds in _table("kinds | zones | industries"):
        restricted = {"kinds": _values(kinds), "zones": _values(zones), "industries": _values(industries)}
        yield f"{kinds} {zones} {industries} {facets}", _query(**restricted, facets=_facets(facets)), _values(finds)
    for wanted, without, finds in _table("wanted"):
        yield f"{wanted} but {without}", _query(**_wanted(wanted), without=_facets(without)), _values(finds)
    for spans, finds in _table("spans | finds"):
        yield spans, _query(spans=_spans(spans)), _values(finds)
    for phrases, no_phrases, finds in _table("phrases | no phrases"):
        query = _query(phrases=_phrases(phrases), no_phrases=_phrases(no_phrases))
        yield f"{phrases} but {no_phrases}", query, _values(finds)


ROWS = list(_rows())


def _counted(row: list[str]) -> tuple[Query, dict[str, dict[str, int]]]:
    kinds, zones, facets, without, spans, phrases, *counts, bands = row
    query = _query(
        kinds=_values(kinds),
        zones=_values(zones),
        facets=_facets(facets),
        without=_facets(without),
        spans=_spans(spans),
        phrases=_phrases(phrases),
    )
    found = {name: _counts(cell) for name, cell in zip(("kind", "zone", "maturity"), counts, strict=True)}
    return query, found | {"price": {str(at): int(count) for at, count in enumerate(bands.split(","))}}


COUNTS = [_counted(row) for row in _table("kinds | zones | facets | without")]


class FilterContract(NewEngine):
    @pytest.fixture(scope="class")
    @classmethod
    def six(cls) -> Iterator[Engine]:
        """The six documents, for tests that only read."""
        yield from filled(cls, DOCUMENTS)

    @pytest.mark.parametrize(("query", "finds"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
    def test_truth_table(self, six: Engine, query: Query, finds: frozenset[str]) -> None:
        both = six.rank(query)
        assert sorted(listings(both.lexical)) == sorted(listings(both.semantic)) == sorted(finds)
        assert both.matched == len(finds)
        free = replace(query, terms=(), vector=None)
        assert listings(six.rank(free).lexical) == sorted(finds)
        assert six.rank(free).matched == len(finds)
        assert listings(six.rank(replace(query, limit=1)).lexical) == listings(both.lexical)[:1]
        assert six.rank(replace(query, limit=1)).matched == len(finds)
        assert {each.id.listing for each in oracle.matching(DOCUMENTS, query)} == finds

    @pytest.mark.parametrize(("query", "expected"), COUNTS, ids=range(1, len(COUNTS) + 1))
    def test_counts_leave_out_the_restrictions_on_what_they_count(
        self, six: Engine, query: Query, expected: dict[str, dict[str, int]]
    ) -> None:
        counted = six.facets(query, BANDS)
        assert {name: counted.get(name, {}) for name in expected} == expected
        assert counted == oracle.counts(DOCUMENTS, query, BANDS)
        assert six.facets(replace(query, terms=()), BANDS) == counted  # the word is in all six
        assert six.facets(query) == {name: counts for name, counts in counted.items() if name != "price"}

    @pytest.mark.parametrize("query", [row[1] for row in ROWS], ids=[row[0] for row in ROWS])
    def test_every_row_is_counted_as_it_says(self, six: Engine, query: Query) -> None:
        bands: dict[str, list[Interval]] = {
            "price": [(None, None), (20, 20), (3, 1), (None, -5), (50, None)],
            "year": [(2025, 2025), (2024, 2026)],
            "weight": [(None, None)],
        }
        assert six.facets(query, bands) == oracle.counts(DOCUMENTS, query, bands)

    def test_the_tables_are_read_whole(self) -> None:
        assert [each.id.listing for each in DOCUMENTS] == list("abcdef")
        assert len(ROWS) > 100
        assert len(COUNTS) > 15
        assert any(not finds for _, _, finds in ROWS)

    def test_restrictions_leave_scores_alone(self, six: Engine) -> None:
        free = six.rank(_query())
        bound = six.rank(
            _query(
                kinds=frozenset({"result"}),
                zones=frozenset({"nanjing"}),
                spans={"price": (1, None)},
                phrases=_phrases("固态"),
                no_phrases=_phrases("没有这句"),
                without={"mode": frozenset({"joint"})},
            )
        )
        for one, other in ((free.lexical, bound.lexical), (free.semantic, bound.semantic)):
            scores = {hit.listing: hit.score for hit in one}
            assert {hit.listing: hit.score for hit in other} == pytest.approx({n: scores[n] for n in ("a", "b")}, abs=1e-4)

    def test_a_facet_is_not_asked_for_by_the_name_of_an_attribute(self, six: Engine) -> None:
        query = _query(facets={"zone": frozenset({"nanjing"})})
        for call in (six.rank, six.facets):
            with pytest.raises(ValueError, match="no facet"):
                call(query)

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

    def test_counts_are_taken_over_the_documents_with_a_term(self, engine: Engine) -> None:
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
        assert engine.facets(Query("public", terms("电池"), filters=in_nanjing))["zone"] == {"nanjing": 3, "suzhou": 2, "wuxi": 1}
        assert engine.facets(Query("public", terms("电池"), filters=in_nanjing))["kind"] == {"result": 2, "need": 1}
        assert engine.facets(Query("public", terms("没有这个词"))) == {}
        assert engine.facets(Query("registered")) == {}
        assert engine.facets(Query("registered"), BANDS) == {"price": {"0": 0, "1": 0, "2": 0}}

    def test_counts_know_neither_limit_nor_vector(self, six: Engine) -> None:
        assert six.facets(Query("public", vector=vector_of("a"), limit=1))["kind"] == {"result": 3, "need": 3}

    def test_counts_of_many_values(self, engine: Engine) -> None:
        engine.apply([document(str(n), facets={"tag": [f"t{n}", f"u{n % 7}"]}) for n in range(2000)], ())
        counted = engine.facets(Query("public"))["tag"]
        assert len(counted) == 2007
        assert counted["t1999"] == 1
        assert counted["u0"] == 286
