"""How well search finds a paper by what others know of it: known-item search over the abstracts of `papers.jsonl`.

The documents are the abstracts alone; a paper's title, all its keywords and its first two keywords are the queries, and the
paper itself is the one right answer. What ranks is what a search page ranks by: the reading of what was typed, our terms, the
encoder's vectors, the engine, the floor, the weights and the fusion. Beside it stand rankings that a plain Elasticsearch gives.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from matching.discovery.asking import Asked, understand
from matching.discovery.filters import Vocabulary
from matching.errors import FieldError, InvalidInput
from search import evaluate as metrics
from search.fusion import RULE, WINDOW, Rule, blend, by_ranks
from search.ports import Document, DocumentId, Encoder, Engine, Hit, Matrix, Passage, Rankings, Vector
from search.text import chunks, terms

FILE: Final = "papers.jsonl"
DEPTH: Final = 100
"""Places that count: MRR@100."""
_AT_ONCE: Final = 500
_NO_NAMES: Final = Vocabulary({}, (), ())
"""No zones and no lists: nothing here is filtered by."""
_ANY_DAY: Final = date(2026, 1, 1)
RULES: Final = tuple(
    Rule(RULE.floor, beside, RULE.even_at, utmost) for utmost in (1.0, 1.5, 2.0) for beside in (0.14, 0.18, 0.22, 0.3)
)
"""What cross-validation may choose from."""


@dataclass(frozen=True, slots=True)
class Paper:
    id: str
    title: str
    abstract: str
    keywords: tuple[str, ...]


QUERIES: Final[Mapping[str, Callable[[Paper], str]]] = {
    "title": lambda paper: paper.title,
    "keywords": lambda paper: " ".join(paper.keywords),
    "two_keywords": lambda paper: " ".join(paper.keywords[:2]),
}


@dataclass(frozen=True, slots=True, eq=False)
class Abstract:
    """A document before it goes to an engine: its terms, its passages and their vectors."""

    id: str
    text: str
    terms: tuple[str, ...]
    passages: tuple[str, ...]
    vectors: Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Sought:
    """A query as typed and as a search page reads it, and the paper it is about."""

    paper: str
    text: str
    read: Asked
    vector: Vector


Order = tuple[str, ...]
"""Ids of papers, best first."""


class Baselines(Protocol):
    """Rankings of a plain server over the same abstracts, `limit` hits a query at most, in the order of the queries."""

    def by_standard(self, texts: Sequence[str], limit: int) -> list[tuple[Hit, ...]]: ...
    def by_tokens(self, terms: Sequence[Sequence[str]], limit: int) -> list[tuple[Hit, ...]]: ...
    def by_vectors(self, vectors: Sequence[Vector], limit: int) -> list[tuple[Hit, ...]]: ...


def read(directory: Path) -> tuple[Paper, ...]:
    """Raises `InvalidInput` that names the file, and the line where one is wrong."""
    file = directory / FILE
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise _refuse("dataset_file_unreadable") from error
    found: dict[str, Paper] = {}
    for at, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            paper = Paper(str(row["_id"]), str(row["title"]), str(row["abstract"]), tuple(map(str, row["keywords"])))
        except (ValueError, KeyError, TypeError) as error:
            raise _refuse("dataset_line_wrong", at) from error
        if not (paper.title.strip() and paper.abstract.strip() and paper.keywords):
            raise _refuse("dataset_line_wrong", at)
        found[paper.id] = paper
    if not found:
        raise _refuse("dataset_file_unreadable")
    return tuple(found.values())


def _refuse(code: str, line: int = 0) -> InvalidInput:
    return InvalidInput(FieldError("directory", code, {"file": FILE, "line": line}))


def abstracts(papers: Sequence[Paper], encoder: Encoder) -> list[Abstract]:
    """Cut and embedded as the platform does with a body; there is no title to stand before a passage."""
    cut = [chunks(paper.abstract) for paper in papers]
    vectors = iter(encoder.encode([piece for own in cut for piece in own], "result"))
    return [
        Abstract(paper.id, paper.abstract, terms(paper.abstract), own, np.stack(list(islice(vectors, len(own)))))
        for paper, own in zip(papers, cut, strict=True)
    ]


def asked(papers: Sequence[Paper], encoder: Encoder, kind: str) -> list[Sought]:
    texts = [QUERIES[kind](paper).strip() for paper in papers]
    read = [understand(_NO_NAMES, text, {}, _ANY_DAY) for text in texts]
    vectors = encoder.encode([each.words for each in read], "query")
    return [Sought(paper.id, text, how, vector) for paper, text, how, vector in zip(papers, texts, read, vectors, strict=True)]


def fill(engine: Engine, held: Iterable[Abstract]) -> None:
    documents = [
        Document(
            id=DocumentId(each.id, "public"),
            kind="result",
            revision=1,
            state_hash=each.id,
            zones=frozenset(),
            industries=frozenset(),
            fields={"body": each.terms},
            passages=tuple(map(Passage, each.passages, each.vectors)),
        )
        for each in held
    ]
    for start in range(0, len(documents), _AT_ONCE):
        engine.apply(documents[start : start + _AT_ONCE], ())


def own_ranking(engine: Engine, query: Sought) -> Rankings:
    """What the engine gives a search page for a text, without filters."""
    return engine.rank(query.read.query("public", query.vector, WINDOW))


def blended(rankings: Sequence[Rankings], queries: Sequence[Sought], rule: Rule = RULE) -> list[Order]:
    """What the page makes of it."""
    return [
        tuple(each.listing for each in blend(found, query.read.terms, rule=rule))
        for found, query in zip(rankings, queries, strict=True)
    ]


def compared(server: Baselines, queries: Sequence[Sought]) -> dict[str, list[Order]]:
    """By name of the baseline, the order for each query. The last one gives a rank in words and one in meaning the same worth."""
    standard = server.by_standard([each.text for each in queries], WINDOW)
    tokens = server.by_tokens([each.read.terms for each in queries], WINDOW)
    vectors = server.by_vectors([each.vector for each in queries], WINDOW)
    equal = [by_ranks(Rankings(words, meaning)) for words, meaning in zip(tokens, vectors, strict=True)]
    return {
        "bm25_standard": [_order(hits) for hits in standard],
        "bm25_tokens": [_order(hits) for hits in tokens],
        "vectors": [_order(hits) for hits in vectors],
        "equal_fusion": [tuple(each.listing for each in fused) for fused in equal],
    }


def _order(hits: Sequence[Hit]) -> Order:
    return tuple(hit.listing for hit in hits)


def places(queries: Sequence[Sought], orders: Sequence[Order]) -> dict[str, float]:
    """1 / place of the right paper among the first 100, by query."""
    run = {each.paper: {id_: -float(at) for at, id_ in enumerate(order)} for each, order in zip(queries, orders, strict=True)}
    return metrics.reciprocal_ranks(run, {each.paper: {each.paper: 1} for each in queries}, DEPTH)


def summary(found: Mapping[str, float]) -> dict[str, float]:
    first = [float(place == 1.0) for place in found.values()]
    return {"mrr": round(metrics.mean(list(found.values())), 4), "recall@1": round(metrics.mean(first), 4)}


def difference(own: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    """How much better the own ranking is, and the 95 % interval of it by paired bootstrap over the queries."""
    each = [own[query] - other[query] for query in own]
    low, high = metrics.paired_interval(each)
    return {"mrr": round(metrics.mean(each), 4), "low": round(low, 4), "high": round(high, 4)}


def evaluate(
    directory: Path,
    encoder: Encoder,
    engine: Engine,
    compare: Callable[[Sequence[Abstract]], Baselines | None],
    *,
    folds: int | None = None,
) -> dict[str, Any]:
    """`mrr` and `recall@1` by kind of query, then `baselines` likewise by name, and `differences` of the own ranking to each.

    `engine` is empty and is filled. `compare` brings the abstracts to a server, or gives None where there is none: then
    `baselines` is empty. `aim_met` says by kind that no baseline is better beyond its interval. With `folds` the rule of the
    fusion is also chosen anew for each fold, on the papers outside it: `cross_validated` tells the figures and the choices.
    Raises `InvalidInput` for an unusable folder or number of folds; errors of engine and encoder as the ports say.
    """
    papers = read(directory)
    if folds is not None and not 2 <= folds <= len(papers):
        raise InvalidInput(FieldError("folds", "folds_out_of_range", {"most": len(papers)}))
    held = abstracts(papers, encoder)
    fill(engine, held)
    server = compare(held)
    own: dict[str, dict[str, float]] = {}
    tried: dict[Rule, dict[str, dict[str, float]]] = {rule: {} for rule in RULES}
    baselines: dict[str, dict[str, Any]] = {}
    differences: dict[str, dict[str, Any]] = {}
    for kind in QUERIES:
        queries = asked(papers, encoder, kind)
        rankings = [own_ranking(engine, each) for each in queries]
        own[kind] = places(queries, blended(rankings, queries))
        if folds is not None:
            for rule, found in tried.items():
                found[kind] = places(queries, blended(rankings, queries, rule))
        for name, orders in (compared(server, queries) if server is not None else {}).items():
            theirs = places(queries, orders)
            baselines.setdefault(name, {})[kind] = summary(theirs)
            differences.setdefault(name, {})[kind] = difference(own[kind], theirs)
    met = {kind: all(each[kind]["high"] >= 0 for each in differences.values()) for kind in QUERIES} if baselines else {}
    return {
        **{kind: summary(found) for kind, found in own.items()},
        "documents": len(papers),
        "engine": engine.health().name,
        "baselines": baselines,
        "differences": differences,
        "aim_met": met,
        **({"cross_validated": cross_validated(papers, tried, folds)} if folds is not None else {}),
    }


def cross_validated(
    papers: Sequence[Paper], tried: Mapping[Rule, Mapping[str, Mapping[str, float]]], folds: int
) -> dict[str, Any]:
    """Papers are dealt out in the order of their ids; a fold's rule is the one with the highest sum of MRR outside it."""
    dealt = {id_: at % folds for at, id_ in enumerate(sorted(paper.id for paper in papers))}
    outside: dict[str, dict[str, float]] = {kind: {} for kind in QUERIES}
    chosen: list[dict[str, Any]] = []
    for number in range(folds):

        def known(rule: Rule, number: int = number) -> float:
            each = tried[rule].values()
            return sum(metrics.mean([place for id_, place in found.items() if dealt[id_] != number]) for found in each)

        best = max(tried, key=known)
        chosen.append({"fold": number, "utmost": best.utmost, "beside": best.beside})
        for kind, found in tried[best].items():
            outside[kind] |= {id_: place for id_, place in found.items() if dealt[id_] == number}
    return {**{kind: summary(found) for kind, found in outside.items()}, "chosen": chosen}


def lines(report: Mapping[str, Any]) -> list[str]:
    """The report as a table for people."""
    kinds = list(QUERIES)
    rows = [("own", {kind: report[kind] for kind in kinds}), *report["baselines"].items()]
    found = [f"{'MRR@100 (recall@1)':<22}" + "".join(f"{kind:>22}" for kind in kinds)]
    for name, figures in rows:
        cells = (f"{figures[kind]['mrr']:.4f} ({figures[kind]['recall@1']:.3f})" for kind in kinds)
        found.append(f"{name:<22}" + "".join(f"{cell:>22}" for cell in cells))
    for name, figures in report["differences"].items():
        cells = (f"{figures[kind]['low']:+.4f} to {figures[kind]['high']:+.4f}" for kind in kinds)
        found.append(f"{'own - ' + name:<22}" + "".join(f"{cell:>22}" for cell in cells))
    if "cross_validated" in report:
        held = report["cross_validated"]
        cells = (f"{held[kind]['mrr']:.4f} ({held[kind]['recall@1']:.3f})" for kind in kinds)
        found.append(f"{'own, rule by folds':<22}" + "".join(f"{cell:>22}" for cell in cells))
    found.append(f"{report['documents']} documents, engine {report['engine']}")
    return [*found, *report.get("missing", ())]
