"""Which engine the settings name, and that naming one asks nothing of it."""

from pathlib import Path

import pytest

from api.cli.upkeep import diagnose
from api.engines import make_bare_engine
from api.settings import Settings
from matching.errors import NotReady
from search.engines.elastic import ElasticEngine
from search.engines.local import LocalEngine
from tests.elastic import Elastic, free_ports


def chosen(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Settings()


@pytest.mark.parametrize(
    ("environment", "kind"),
    [
        ({}, LocalEngine),
        ({"ZONEMATCH_ENGINE": "embedded"}, LocalEngine),
        ({"ZONEMATCH_ENGINE": "elasticsearch"}, ElasticEngine),
        ({"ELASTICSEARCH_URL": "http://search:9200"}, ElasticEngine),
        ({"ZONEMATCH_ELASTICSEARCH_URL": "https://search"}, ElasticEngine),
        ({"ELASTICSEARCH_URL": "http://search:9200", "ZONEMATCH_ENGINE": "embedded"}, LocalEngine),
    ],
)
def test_an_address_or_a_name_chooses(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], kind: type) -> None:
    engine = make_bare_engine(chosen(monkeypatch, **environment), 8, "recipe")
    assert type(engine) is kind
    engine.close()


def test_the_password_comes_from_a_file_and_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("from the file\n")
    settings = chosen(
        monkeypatch, ELASTICSEARCH_URL="a, b:9201,", ELASTICSEARCH_PASSWORD="told", ELASTICSEARCH_PASSWORD_FILE=str(secret)
    )
    assert settings.elasticsearch_hosts == ("a", "b:9201")
    assert settings.elasticsearch_secret() == "from the file"
    assert "told" not in repr(settings)
    assert chosen(monkeypatch, ELASTICSEARCH_VECTOR_PARAMETERS='{"m": 24}').elasticsearch_vector_parameters == {"m": 24}


@pytest.mark.parametrize(
    "environment",
    [
        {"ELASTICSEARCH_URL": "gopher://search"},
        {"ELASTICSEARCH_URL": "search", "ELASTICSEARCH_PASSWORD_FILE": "/nowhere/at/all"},
        {"ELASTICSEARCH_URL": "https://search", "ELASTICSEARCH_CA": "/nowhere/at/all"},
    ],
)
def test_what_cannot_be_right_is_said_at_once(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    with pytest.raises(NotReady) as caught:
        make_bare_engine(chosen(monkeypatch, **environment), 8, "recipe")
    assert caught.value.code == "elasticsearch_settings"


def test_a_server_that_is_away_is_no_reason_not_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    (port,) = free_ports()
    engine = make_bare_engine(chosen(monkeypatch, ELASTICSEARCH_URL=f"http://127.0.0.1:{port}"), 8, "recipe")
    health = engine.health()
    assert (health.ok, health.code) == (False, "down")
    engine.close()


@pytest.mark.parametrize(
    ("address", "told"), [("http://127.0.0.1:{port}", "make elasticsearch"), ("gopher://search", "no address")]
)
def test_the_doctor_says_what_to_mend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str, told: str) -> None:
    (port,) = free_ports()
    named = {"ZONEMATCH_DATA": str(tmp_path), "ZONEMATCH_ENCODER": "hashing", "ELASTICSEARCH_URL": address.format(port=port)}
    report = diagnose(chosen(monkeypatch, **named))["engine"]
    assert not report["ok"]
    assert told in report["detail"]


@pytest.mark.needs("elasticsearch")
def test_the_doctor_asks_a_server_and_makes_nothing_on_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, elastic: Elastic
) -> None:
    named = {"ZONEMATCH_DATA": str(tmp_path), "ZONEMATCH_ENCODER": "hashing", "ELASTICSEARCH_PREFIX": elastic.prefix}
    settings = chosen(monkeypatch, ELASTICSEARCH_URL=",".join(elastic.server.hosts), **named)
    report = diagnose(settings)["engine"]
    assert report["ok"]
    assert "0 documents" in report["detail"]
    with elastic.server.client() as client:
        assert client.indices.get(index=f"{elastic.prefix}*", features=["aliases"]).body == {}
