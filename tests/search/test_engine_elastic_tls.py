"""The Elasticsearch engine over TLS: a certificate that is trusted, and those that are not."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from search.engines.elastic import ElasticEngine
from search.errors import EngineUnavailable
from search.ports import Query
from tests.elastic import Elastic
from tests.search.elastic_proxy import proxy_before
from tests.search.engine_contract_data import DIMENSION, RECIPE, document, listings

pytestmark = pytest.mark.needs("elasticsearch")


def certificate(folder: Path, name: str, address: str = "IP:127.0.0.1") -> tuple[Path, Path]:
    """One that signs itself, for an address: the file to trust, and the file with the key that a server needs."""
    key, trusted, both = (folder / f"{name}.{each}" for each in ("key", "crt", "pem"))
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-days", "2", "-subj", f"/CN={name}",
            "-addext", f"subjectAltName={address}", "-keyout", str(key), "-out", str(trusted),
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    both.write_bytes(trusted.read_bytes() + key.read_bytes())
    return trusted, both


def test_a_server_with_a_trusted_certificate_is_spoken_to(elastic: Elastic, tmp_path: Path) -> None:
    trusted, own = certificate(tmp_path, "search")
    with proxy_before(elastic.server.hosts[0], own) as door:
        engine = ElasticEngine(replace(elastic.options, hosts=(door.address,), ca=str(trusted)), DIMENSION, RECIPE)
        engine.apply([document("a", "电池")], ())
        assert door.address.startswith("https://")
        assert listings(engine.rank(Query("public")).lexical) == ["a"]
        assert engine.health().ok
        engine.close()


@pytest.mark.parametrize("case", ["another certificate", "another address", "the system's"])
def test_any_other_certificate_is_refused_and_said(elastic: Elastic, tmp_path: Path, case: str) -> None:
    trusted, own = certificate(tmp_path, "search", "IP:127.0.0.9" if case == "another address" else "IP:127.0.0.1")
    if case == "another certificate":
        trusted, _ = certificate(tmp_path, "other")
    ca = "" if case == "the system's" else str(trusted)
    with proxy_before(elastic.server.hosts[0], own) as door:
        engine = ElasticEngine(replace(elastic.options, hosts=(door.address,), ca=ca), DIMENSION, RECIPE)
        with pytest.raises(EngineUnavailable, match=r"(?i)certificate|doesn't match"):
            engine.rank(Query("public"))
        told = engine.health()
        assert not told.ok
        assert any(each in told.detail.lower() for each in ("certificate", "doesn't match"))
        assert door.asked == [], "nothing was told to who cannot be trusted"
        engine.close()
