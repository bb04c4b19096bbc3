"""The hashing encoder for unit tests keeps the port's promises."""

import numpy as np
import pytest

from search.encoder.hashing import HashingEncoder
from search.errors import EncoderUnavailable
from search.ports import Encoder


def test_it_is_an_encoder() -> None:
    encoder = HashingEncoder()
    assert isinstance(encoder, Encoder)
    assert (encoder.dimension, encoder.fingerprint) == (256, "hashing-256-1")
    assert encoder.fingerprint != HashingEncoder(64).fingerprint
    assert encoder.health().ok


@pytest.mark.parametrize("text", ["石墨烯导热膜", "", " ", "a", "🚀", "\ud800", "x" * 5000])
def test_vectors_are_of_unit_length(text: str) -> None:
    (row,) = HashingEncoder(16).encode([text], "query")
    assert row.dtype == np.float32
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-6)


def test_no_texts_have_a_shape() -> None:
    assert HashingEncoder(32).encode([], "need").shape == (0, 32)


def test_roles_share_one_space_and_values_are_fixed() -> None:
    encoder = HashingEncoder(64)
    rows = [encoder.encode(["固态电池"], role) for role in ("query", "result", "need")]
    assert np.array_equal(rows[0], rows[1])
    assert np.array_equal(rows[0], rows[2])
    assert np.array_equal(rows[0], HashingEncoder(64).encode(["固态电池"], "query"))
    assert np.flatnonzero(HashingEncoder(64).encode(["a"], "query")[0]).tolist() == FIXED


FIXED = [0, 6, 17, 20, 31]
"""Where the n-grams of "a" fall: the same on every machine and in every release, or stored test data would break."""


def test_similar_texts_are_near() -> None:
    encoder = HashingEncoder()
    base, near, far = encoder.encode(["固态电池电解质材料制备", "固态电池电解质的材料", "机器人减速器齿轮疲劳"], "result")
    assert base @ near > 0.4
    assert base @ far < 0.2


def test_closed_encoder_is_unavailable() -> None:
    encoder = HashingEncoder()
    encoder.close()
    assert not encoder.health().ok
    with pytest.raises(EncoderUnavailable):
        encoder.encode(["text"], "query")


def test_tiny_dimension_is_refused() -> None:
    with pytest.raises(ValueError, match="dimension"):
        HashingEncoder(1)
