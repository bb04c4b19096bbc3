"""The Elasticsearch engine: the contract on a real server."""

from collections.abc import Iterator
from typing import ClassVar

import pytest

from search.engines.elastic import ElasticEngine, ElasticOptions
from search.ports import Engine, Generation
from tests.elastic import Elastic, ElasticServer
from tests.search.engine_contract import EngineContract
from tests.search.engine_contract_data import DIMENSION, RECIPE
from tests.search.engine_contract_search import SearchContract

pytestmark = pytest.mark.needs("elasticsearch")


class Emptied:
    """Engines on indices of their own, which go to the next test empty: to make them anew takes far longer than most tests.

    What has seen a generation come or go is not used again. The server counts the words of deleted documents until it merges
    them away, so that tests of scores get indices that nobody has used.
    """

    def __init__(self, elastic: Elastic) -> None:
        self._elastic = elastic
        self._free: list[str] = []
        self._made = 0

    def engine(self, *, unused: bool) -> ElasticEngine:
        if self._free and not unused:
            return Borrowed(self._elastic.server.options(self._free.pop()), self)
        self._made += 1
        return Borrowed(self._elastic.beside(str(self._made)).options, self)

    def take_back(self, options: ElasticOptions) -> None:
        engine = ElasticEngine(options, DIMENSION, RECIPE)
        if engine.generation() == Generation(RECIPE):
            while held := engine.scan(limit=5000):
                engine.purge([each.id for each in held])
            self._free.append(options.prefix)
        else:
            self._elastic.server.forget(options.prefix)
        engine.close()


class Borrowed(ElasticEngine):
    """Gives its indices back when it is closed."""

    def __init__(self, options: ElasticOptions, owner: Emptied) -> None:
        super().__init__(options, DIMENSION, RECIPE)
        self._borrowed: ElasticOptions | None = options
        self._owner = owner

    def close(self) -> None:
        super().close()
        borrowed, self._borrowed = self._borrowed, None
        if borrowed is not None:
            self._owner.take_back(borrowed)


class TestElasticEngine(EngineContract):
    emptied: ClassVar[Emptied]
    unused = True

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _engines(cls, elasticsearch: ElasticServer) -> Iterator[None]:
        own = Elastic.new(elasticsearch)
        cls.emptied = Emptied(own)
        yield
        elasticsearch.forget(own.prefix)

    @pytest.fixture(autouse=True)
    def _of_scores(self, request: pytest.FixtureRequest) -> None:
        self.unused = request.function.__qualname__.startswith(SearchContract.__name__)

    def new_engine(self) -> Engine:
        return self.emptied.engine(unused=self.unused)
