"""The engine of the combination that ZONEMATCH_TEST_ON names, as what `Settings` is told of it."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from tests import databases
from tests.elastic import Elastic

Told = dict[str, object]


def _told(request: pytest.FixtureRequest) -> Iterator[Told]:
    if databases.ENGINE == "embedded":
        yield {}
        return
    own = Elastic.new(request.getfixturevalue("elasticsearch"))
    yield {
        "elasticsearch_url": ",".join(own.server.hosts),
        "elasticsearch_user": own.server.user,
        "elasticsearch_password": SecretStr(own.server.password),
        "elasticsearch_prefix": own.prefix,
    }
    own.server.forget(own.prefix)


@pytest.fixture
def on_engine(request: pytest.FixtureRequest) -> Iterator[Told]:
    """Indices of the test's own, where there are any; removed afterwards."""
    yield from _told(request)


@pytest.fixture(scope="module")
def on_engine_together(request: pytest.FixtureRequest) -> Iterator[Told]:
    """The same for all tests of a file."""
    yield from _told(request)
