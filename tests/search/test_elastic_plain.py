"""The plain index that the own ranking is compared with, on a real server."""

import numpy as np
import pytest

from search.engines.elastic import ElasticOptions
from search.engines.elastic.plain import PlainIndex, forget
from search.errors import EngineUnavailable
from search.ports import Hit, Matrix
from tests.elastic import Elastic


def rows(*numbers: tuple[float, float]) -> Matrix:
    found = np.array(numbers, np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


DOCUMENTS = (
    ("a", "银浆低温烧结", ("银浆", "低温", "烧结"), rows((1, 0), (0.6, 0.8))),
    ("b", "低温银浆", ("低温", "银浆"), rows((0, 1))),
    ("c", "柔轮疲劳", ("柔轮", "疲劳"), rows((-1, 0))),
)


def ids(hits: tuple[Hit, ...]) -> str:
    return "".join(hit.listing for hit in hits)


@pytest.mark.needs("elasticsearch")
def test_it_ranks_by_characters_by_our_words_and_by_the_nearest_passage(elastic: Elastic) -> None:
    with PlainIndex(elastic.options, 2) as plain:
        plain.add(DOCUMENTS)
        assert [ids(found) for found in plain.by_standard(["烧", "疲劳", "无"], 10)] == ["a", "c", ""]
        assert [ids(found) for found in plain.by_tokens([("烧",), ("银浆", "烧结"), ("低温",)], 10)] == ["", "ab", "ba"]
        near = plain.by_vectors(list(rows((0.55, 0.83), (-1, 0.01))), 2)
        assert [ids(found) for found in near] == ["ab", "cb"]
        assert near[0][0].score > near[0][1].score
        assert ids(plain.by_standard(["低温"], 1)[0]) == "b"
        with elastic.server.client() as client:
            assert len(client.indices.get(index=f"{elastic.options.prefix}-*")) == 1
    with elastic.server.client() as client:
        assert len(client.indices.get(index=f"{elastic.options.prefix}-*")) == 0


@pytest.mark.needs("elasticsearch")
def test_forgetting_takes_all_of_a_prefix_and_nothing_else(elastic: Elastic) -> None:
    other = elastic.beside("other").options
    with elastic.server.client() as client:
        for prefix in (elastic.options.prefix, other.prefix):
            client.indices.create(index=f"{prefix}-left")
        forget(other)
        assert list(client.indices.get(index=f"{elastic.options.prefix}-*")) == [f"{elastic.options.prefix}-left"]
        assert not client.indices.get(index=f"{other.prefix}-*")
    forget(other)


def test_without_a_server_it_says_so() -> None:
    with pytest.raises(EngineUnavailable) as caught, PlainIndex(ElasticOptions(("http://127.0.0.1:9",)), 2):
        raise AssertionError("there is no index to be in")
    assert caught.value.code == "down"
