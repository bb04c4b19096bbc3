"""The one suite that every engine passes, without a skip list (law 5).

Inherit `EngineContract` and implement `new_engine`. The parts are mixed in from the other `engine_contract_*` modules.
"""

from collections.abc import Iterator

import pytest

from search.ports import Engine
from tests.search.engine_contract_crowd import CrowdContract
from tests.search.engine_contract_data import DIMENSION, RECIPE
from tests.search.engine_contract_filters import FilterContract
from tests.search.engine_contract_life import LifeContract
from tests.search.engine_contract_model import ModelContract
from tests.search.engine_contract_search import SearchContract
from tests.search.engine_contract_texts import TextContract
from tests.search.engine_contract_writes import WriteContract


class EngineContract(WriteContract, SearchContract, TextContract, FilterContract, CrowdContract, LifeContract, ModelContract):
    @pytest.fixture
    def engine(self) -> Iterator[Engine]:
        engine = self.new_engine()
        yield engine
        engine.close()

    def test_is_the_port(self, engine: Engine) -> None:
        assert isinstance(engine, Engine)
        assert engine.generation().fingerprint == RECIPE
        assert DIMENSION == 8
