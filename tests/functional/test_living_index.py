"""The index under people who go on posting and searching: built anew, nothing is lost and no search is limited."""

import time
from pathlib import Path

import pytest

from matching import generations
from tests.elastic import Elastic
from tests.functional.living import Living, crowd, eventually, living


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many slices as a large installation has."""
    monkeypatch.setattr(generations, "SLICE", 8)


def built_anew_under_writes(live: Living) -> None:
    standing = [live.post(f"光伏银浆在先第{at}项") for at in range(24)]
    assert eventually(live.settled)
    before = live.platform.parts.engine.generation()
    with crowd(live, posters=2, searchers=2) as people:
        time.sleep(0.5)
        asked = live.begin("reindex")
        assert eventually(lambda: not live.work(asked).is_active)
        time.sleep(0.5)
    assert live.work(asked).state == "done"
    assert eventually(live.settled)
    generation = live.platform.parts.engine.generation()
    assert (generation.building, generation.previous) == (None, before.fingerprint)
    assert len(people.posted) > 10
    assert people.searches > 10
    assert people.limited == []
    expected = {*standing, *people.posted} - {*people.withdrawn}
    held = {each.id.listing for each in live.platform.parts.engine.scan(limit=5000) if not each.deleted}
    assert held == expected
    assert not live.platform.parts.gate.compare()
    assert live.found("光伏银浆在先")[0] >= set(standing)
    gate = live.begin("gate")
    assert eventually(lambda: not live.work(gate).is_active)
    assert {name: live.work(gate).figures[name] for name in ("missing", "stale", "misplaced", "extra")} == {
        "missing": 0, "stale": 0, "misplaced": 0, "extra": 0,
    }  # fmt: skip


def test_the_embedded_index_built_anew_under_writes_loses_nothing(template: str, tmp_path: Path) -> None:
    with living(template, tmp_path, engine="embedded") as live:
        built_anew_under_writes(live)


@pytest.mark.needs("elasticsearch")
def test_an_elasticsearch_index_built_anew_under_writes_loses_nothing(template: str, tmp_path: Path, elastic: Elastic) -> None:
    url = ",".join(elastic.server.hosts)
    with living(
        template, tmp_path, engine="elasticsearch", elasticsearch_url=url, elasticsearch_user=elastic.server.user,
        elasticsearch_password=elastic.server.password, elasticsearch_prefix=elastic.prefix, elasticsearch_timeout=30,
    ) as live:  # fmt: skip
        built_anew_under_writes(live)
