"""A model that is not the embedded one, of another dimension: refused without means, used with them."""

from pathlib import Path

import numpy as np
import pytest

from api.cli.upkeep import diagnose, estimate
from api.settings import Settings
from api.wiring import make_encoder
from matching.errors import NotReady
from tests.search.encoder_fixtures import tiny_file, tiny_folder  # noqa: F401  # fixtures


def test_a_model_without_means_is_refused_until_they_are_estimated(tmp_path: Path, tiny_folder: Path) -> None:  # noqa: F811  # the fixture
    settings = Settings(data=tmp_path, encoder=str(tiny_folder), encoder_backend="fp32")
    with pytest.raises(NotReady) as refused:
        make_encoder(settings)
    assert refused.value.code == "means_missing"
    assert "zonematch encoder means" in diagnose(settings)["encoder"]["detail"]

    estimate(settings, settings.means_file)
    encoder = make_encoder(settings)
    plain = make_encoder(settings, centred=False)
    try:
        vectors = encoder.encode(["光伏银浆", "机器人减速器"], "result")
        assert vectors.shape == (2, encoder.dimension) == (2, 32)
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        assert not np.allclose(vectors, plain.encode(["光伏银浆", "机器人减速器"], "result"))
        assert encoder.fingerprint != plain.fingerprint
    finally:
        encoder.close()
        plain.close()
