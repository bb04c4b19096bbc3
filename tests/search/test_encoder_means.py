"""Means: estimated, kept in a file, tied to their model; and what subtracting them does."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from search.encoder.hashing import HashingEncoder
from search.encoder.means import SHIPPED, Means, estimate_means, load_means, save_means, shipped_means
from search.encoder.transformer import centred, without
from search.errors import EncoderFileError, EncoderUnavailable
from search.ports import Lane, Matrix, Role


class Named(HashingEncoder):
    """The hashing encoder with the digest of a model folder, as `estimate_means` wants it."""

    digest = "model-1"

    def __init__(self) -> None:
        super().__init__(32)
        self.calls: list[int] = []

    def encode(self, texts: Sequence[str], role: Role, *, lane: Lane = "bulk", timeout: float | None = None) -> Matrix:
        self.calls.append(len(texts))
        return super().encode(texts, role, lane=lane, timeout=timeout)


TEXTS = [f"第{n}种材料的制备方法 {n * n}" for n in range(700)]


def test_mean_is_that_of_all_texts_a_role() -> None:
    encoder = Named()
    means = estimate_means(encoder, {"result": TEXTS, "query": TEXTS[:3]}, command="by hand")
    assert np.allclose(means.vectors["result"], encoder.encode(TEXTS, "result").mean(axis=0), atol=1e-6)
    assert np.allclose(means.vectors["query"], encoder.encode(TEXTS[:3], "query").mean(axis=0), atol=1e-6)
    assert (dict(means.counts), means.model, means.command) == ({"query": 3, "result": 700}, "model-1", "by hand")
    assert max(encoder.calls[:3]) <= 512


def test_role_without_texts_is_refused() -> None:
    with pytest.raises(ValueError, match="need"):
        estimate_means(Named(), {"need": []})


def test_file_gives_back_the_same_values_and_bytes(tmp_path: Path) -> None:
    means = estimate_means(Named(), {"result": TEXTS[:40], "need": TEXTS[40:90]}, command="zonematch …")
    path, again = tmp_path / "means.json", tmp_path / "again.json"
    save_means(means, path)
    found = load_means(path)
    assert set(found.vectors) == {"result", "need"}
    assert all(np.array_equal(found.vectors[role], means.vectors[role]) for role in means.vectors)
    assert (found.digest, found.counts, found.command, found.model) == (
        means.digest,
        {"need": 50, "result": 40},
        "zonematch …",
        "model-1",
    )
    save_means(found, again)
    assert path.read_bytes() == again.read_bytes()


def test_digest_follows_the_values_only() -> None:
    vector = np.ones(4, np.float32)
    means = Means({"need": vector}, "model-1")
    assert means.digest == Means({"need": vector.copy()}, "model-2", {"need": 9}, "other").digest
    assert means.digest != Means({"result": vector}, "model-1").digest
    assert means.digest != Means({"need": vector * 2}, "model-1").digest


@pytest.mark.parametrize("harm", ["format", "digest", "mean", "dimension", "roles", "text"])
def test_damaged_file_is_told(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "means.json"
    save_means(estimate_means(Named(), {"need": TEXTS[:5]}), path)
    content = json.loads(path.read_text())
    if harm in ("mean", "dimension"):
        content["roles"]["need"][harm] = {"mean": "AAAA====", "dimension": 3}[harm]
    elif harm == "roles":
        content["roles"] = []
    else:
        content[harm] = {"format": 2, "digest": "0" * 16}.get(harm)
    path.write_text("{" if harm == "text" else json.dumps(content))
    with pytest.raises(EncoderFileError, match=r"means\.json"):
        load_means(path)


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(EncoderFileError, match="cannot be read"):
        load_means(tmp_path / "none.json")


def test_means_of_another_model_are_not_offered() -> None:
    assert shipped_means("of no model") is None


def test_shipped_means_fit_the_embedded_model(encoder_folder: Path) -> None:
    from search.encoder.folder import read_folder

    info = read_folder(encoder_folder)
    means = shipped_means(info.digest)
    assert means is not None, f"{SHIPPED.name} belongs to another folder than the builder makes: estimate it again"
    assert set(means.vectors) == {"query", "result", "need"}
    assert all(vector.shape == (info.dimension,) for vector in means.vectors.values())
    assert all(0.5 < np.linalg.norm(vector) < 1 for vector in means.vectors.values())
    assert min(means.counts.values()) >= 150
    assert means.command
    assert means.language is not None, "queries of the embedded model are freed of their language"
    assert np.linalg.norm(means.language) == pytest.approx(1, abs=1e-5)
    assert means.pairs >= 150


def test_centring_subtracts_and_restores_unit_length() -> None:
    rows = np.array([[3, 4], [0, 2]], np.float32)
    mean = np.array([0.6, 0.0], np.float32)
    moved = centred(rows, mean)
    assert moved.dtype == np.float32
    assert np.allclose(moved, [[0, 1], [-0.6 / np.hypot(0.6, 1), 1 / np.hypot(0.6, 1)]], atol=1e-6)
    assert np.allclose(centred(rows, None), [[0.6, 0.8], [0, 1]], atol=1e-6)


def test_row_equal_to_the_mean_keeps_its_direction() -> None:
    rows = np.array([[0, 1]], np.float32)
    assert centred(rows, np.array([0, 1], np.float32)).tolist() == [[0, 1]]


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_vectors_without_direction_are_an_error(value: float) -> None:
    with pytest.raises(EncoderUnavailable, match="without a direction"):
        centred(np.full((1, 3), value, np.float32), None)


PAIRS = [("光伏", "photovoltaics"), ("机器人", "robots"), ("纳米", "nano technology")]


def test_the_direction_of_language_is_that_of_the_pairs(tmp_path: Path) -> None:
    encoder = Named()
    means = estimate_means(encoder, {"query": TEXTS[:3]}, pairs=PAIRS)
    assert means.language is not None
    chinese, english = (centred(encoder.encode([pair[at] for pair in PAIRS], "query"), means.vectors["query"]) for at in (0, 1))
    apart = (english - chinese).mean(axis=0)
    assert np.allclose(means.language, apart / np.linalg.norm(apart), atol=1e-5)
    save_means(means, tmp_path / "means.json")
    found = load_means(tmp_path / "means.json")
    assert found.language is not None
    assert np.array_equal(found.language, means.language)
    assert (found.pairs, found.digest) == (3, estimate_means(encoder, {"query": TEXTS[:3]}).digest), "it is no part of the recipe"


def test_a_damaged_direction_is_told(tmp_path: Path) -> None:
    path = tmp_path / "means.json"
    save_means(estimate_means(Named(), {"query": TEXTS[:3]}, pairs=PAIRS), path)
    content = json.loads(path.read_text())
    content["language"]["direction"] = content["roles"]["query"]["mean"]
    path.write_text(json.dumps(content))
    with pytest.raises(EncoderFileError, match="language"):
        load_means(path)


def test_taking_a_direction_out_leaves_nothing_along_it() -> None:
    direction = np.array([1, 0, 0], np.float32)
    rows = np.array([[0.6, 0.8, 0], [0, 0, 1], [1, 0, 0]], np.float32)
    assert np.allclose(without(rows, direction), [[0, 1, 0], [0, 0, 1], [1, 0, 0]], atol=1e-6)
