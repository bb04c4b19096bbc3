"""The Elasticsearch engine beside the bare server: filling beside `helpers.bulk`, questions beside the same `msearch`.

One small node of its own (or the one that ELASTICSEARCH_URL names), one audience, documents of the embedded bench.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any, Final

import orjson
from elasticsearch import Elasticsearch, helpers

from search.engines.elastic import ElasticEngine
from search.engines.elastic.layout import index_body, source
from search.engines.elastic.questions import Body
from search.ports import Document, Query
from tests.bench.embedded import BLOCK, QUESTIONS, blocks, milliseconds, questions
from tests.bench.report import Report, percentile, timed
from tests.bench.synthetic import Shape
from tests.elastic import Elastic, ElasticServer, given, running
from tests.services import SERVICES, elasticsearch

SIZES: Final = {"small": 2_000, "full": 20_000}


@contextmanager
def server() -> Iterator[ElasticServer]:
    if named := given():
        yield named
    else:
        with running("bench") as cluster:
            yield ElasticServer(cluster.urls)


class Bare:
    """The same documents by the client's own helper; and every `msearch` of an engine, asked again without the engine."""

    def __init__(self, client: Elasticsearch, elastic: Elastic) -> None:
        self.client = client
        self.index = f"{elastic.prefix}-bare"
        body = index_body(elastic.options, {}, Shape().dimension)
        client.indices.create(index=self.index, **body)

    def fill(self, documents: list[dict[str, Any]]) -> None:
        helpers.bulk(self.client, documents, request_timeout=300)

    def action(self, document: Document) -> dict[str, Any]:
        held = orjson.loads(source(document, with_vectors=True))
        return {"_index": self.index, "_id": document.id.listing, "_source": held}


def run(size: str, *, listings: int | None = None) -> Report:
    count = listings or SIZES[size]
    report = Report("elastic", {"listings": count, "questions": QUESTIONS})
    if elasticsearch() is None:
        report.remarks.append(f"Not run: {SERVICES['elasticsearch'].missing}")
        return report
    with server() as found:
        elastic = Elastic.new(found)
        try:
            _run(report, elastic, count)
        finally:
            found.forget(elastic.prefix)
    return report


def _run(report: Report, elastic: Elastic, count: int) -> None:
    client = elastic.server.client().options(request_timeout=300)
    engine, bare = ElasticEngine(replace(elastic.options, read_timeout=300), Shape().dimension, "bench"), Bare(client, elastic)
    engine.generation()
    sample: list[Document] = []
    ours, theirs = [], []
    for block in islice(blocks(count), count // BLOCK):
        documents = [each for each in block if each.id.audience == "public"]
        actions = [bare.action(each) for each in documents]
        theirs.append(timed(partial(bare.fill, actions))[0])
        ours.append(timed(partial(engine.apply, documents, ()))[0])
        sample.append(documents[0])
    last = timed(partial(client.indices.refresh, index=bare.index))[0]
    report.add("filling / bare helpers.bulk", (sum(theirs) + last) / sum(ours), "times")
    report.add("filling, visible after each 500", count / sum(ours), "documents/s")
    report.add("bare helpers.bulk, refreshed once", count / (sum(theirs) + last), "documents/s")
    for name, ask in questions(sample).items():
        spent = [milliseconds(partial(ask, engine, sample[at % len(sample)])) for at in range(QUESTIONS)]
        report.add(name, spent, "ms")
    _beside_the_server(report, engine, client, sample)
    written = (replace(sample[at % len(sample)], revision=2 + at) for at in range(QUESTIONS))
    report.add("one written and visible", [milliseconds(partial(engine.apply, [each], ())) for each in written], "ms")
    engine.close()
    client.close()


def _beside_the_server(report: Report, engine: ElasticEngine, client: Elasticsearch, sample: list[Document]) -> None:
    """Words and meaning together, and the very searches that this sends, sent again by the client."""
    asking = engine._ranker._asking
    send, sent = asking.ask, list[tuple[str, Sequence[Body]]]()

    def remembered(index: str, bodies: Sequence[Body]) -> list[Mapping[str, Any]]:
        sent.append((index, bodies))
        return send(index, bodies)

    ours, theirs = [], []
    for at in range(QUESTIONS):
        each = sample[at % len(sample)]
        query = Query("public", each.fields["title"][:6], each.passages[0].vector, limit=100)
        asking.ask = remembered  # type: ignore[method-assign]  # to see what is sent
        engine.rank(query)
        asking.ask = send  # type: ignore[method-assign]  # as it was
        index, bodies = sent[0]
        requests = len(sent)
        sent.clear()
        ours.append(milliseconds(partial(engine.rank, query)))
        searches = [part for body in bodies for part in ({"index": index}, body)]
        theirs.append(milliseconds(partial(client.msearch, searches=searches)))
    report.add("words and meaning, hundred of each", ours, "ms")
    report.add("the same msearch by itself", theirs, "ms")
    report.add("words and meaning / the same msearch", percentile(ours, 0.5) / percentile(theirs, 0.5), "times")
    (near,) = [body for body in bodies if "knn" in body]
    bare = {name: value for name, value in near.items() if name not in ("docvalue_fields", "stored_fields")}
    inner = bare | {"knn": near["knn"] | {"inner_hits": {"size": 1, "_source": False}}}

    def spent(body: Body) -> float:
        return min(milliseconds(partial(client.search, index=index, **body)) for _ in range(QUESTIONS // 4))

    alone = spent(bare)
    report.add("neighbours with their vectors / without", spent(near) / alone, "times")
    report.add("neighbours with inner hits / without", spent(inner) / alone, "times")
    report.remarks.append(f"The last question took {requests} requests.")
