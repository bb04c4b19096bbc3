"""What is read from a folder without torch: of ours, and of the kinds people bring."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from search.encoder import folder as folder_module
from search.encoder.folder import read_folder
from search.errors import EncoderUnavailable
from tests.search.encoder_fixtures import HIDDEN, POSITIONS, REPOSITORY


def rewrite(path: Path, **changes: Any) -> None:
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | changes))


def test_tiny_folder_describes_itself(tiny_folder: Path) -> None:
    info = read_folder(tiny_folder)
    assert (info.dimension, info.max_tokens) == (HIDDEN, POSITIONS)
    assert (info.query_prompt, info.passage_prompt) == ("query: ", "passage: ")
    assert info.name.startswith("multilingual-e5-small")
    assert len(info.digest) == 64


def test_digest_is_of_the_content_and_not_of_the_place(tiny_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere"
    shutil.copytree(tiny_folder, copy)
    (copy / "README.md").write_text("read me")
    assert read_folder(copy).digest == read_folder(tiny_folder).digest
    rewrite(copy / "config.json", hidden_act="relu")
    assert read_folder(copy).digest != read_folder(tiny_folder).digest


@pytest.mark.parametrize("at", [0.0, 0.31, 0.5, 0.99])
def test_digest_of_large_weights_finds_changed_parts(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch, at: float) -> None:
    monkeypatch.setattr(folder_module, "_WHOLE", 4096)
    monkeypatch.setattr(folder_module, "_SAMPLE", 256)
    before = read_folder(tiny_folder).digest
    weights = tiny_folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    assert len(content) > 20_000
    start = int(at * len(content))
    for n in range(start, min(start + 1000, len(content))):
        content[n] ^= 1
    weights.write_bytes(content)
    assert read_folder(tiny_folder).digest != before


def test_names_of_newer_releases_are_understood(tiny_folder: Path) -> None:
    (tiny_folder / "1_Pooling" / "config.json").write_text(json.dumps({"embedding_dimension": 48}))
    assert read_folder(tiny_folder).dimension == 48
    rewrite(tiny_folder / "config_sentence_transformers.json", truncate_dim=16)
    assert read_folder(tiny_folder).dimension == 16


def test_dense_layer_decides_the_dimension(tiny_folder: Path) -> None:
    modules = json.loads((tiny_folder / "modules.json").read_text())
    modules.insert(2, {"idx": 2, "name": "2", "path": "2_Dense", "type": "sentence_transformers.models.Dense"})
    (tiny_folder / "modules.json").write_text(json.dumps(modules))
    (tiny_folder / "2_Dense").mkdir()
    (tiny_folder / "2_Dense" / "config.json").write_text(json.dumps({"in_features": HIDDEN, "out_features": 8}))
    assert read_folder(tiny_folder).dimension == 8


def test_folder_without_prompts_has_none(tiny_folder: Path) -> None:
    (tiny_folder / "config_sentence_transformers.json").unlink()
    info = read_folder(tiny_folder)
    assert (info.query_prompt, info.passage_prompt) == ("", "")


def test_passages_take_the_prompt_for_documents(tiny_folder: Path) -> None:
    rewrite(tiny_folder / "config_sentence_transformers.json", prompts={"query": "问：", "document": "文："})
    info = read_folder(tiny_folder)
    assert (info.query_prompt, info.passage_prompt) == ("问：", "文：")


def test_length_of_input_is_bounded(tiny_folder: Path) -> None:
    rewrite(tiny_folder / "sentence_bert_config.json", max_seq_length=8192)
    assert read_folder(tiny_folder).max_tokens == 512
    assert read_folder(tiny_folder, max_tokens=1024).max_tokens == 1024
    (tiny_folder / "sentence_bert_config.json").unlink()
    assert read_folder(tiny_folder).max_tokens == POSITIONS


@pytest.mark.parametrize("name", ["modules.json", "config.json"])
def test_folder_that_is_none_is_told(tiny_folder: Path, name: str) -> None:
    (tiny_folder / name).unlink()
    with pytest.raises(EncoderUnavailable, match=f"{name} is missing"):
        read_folder(tiny_folder)


@pytest.mark.parametrize("content", ["{", "[1]", '{"hidden_size": "many"}', "[]", "null"])
def test_nonsense_is_told(tiny_folder: Path, content: str) -> None:
    for name in ("modules.json", "config.json"):
        (tiny_folder / name).write_text(content)
    with pytest.raises(EncoderUnavailable, match="encoder's folder"):
        read_folder(tiny_folder)


def test_describing_and_importing_need_no_torch(tiny_folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from search.encoder.transformer import TransformerEncoder\n"
        "encoder = TransformerEncoder(Path(sys.argv[1])); encoder.fingerprint; assert encoder.health().ok\n"
        "print(*(name for name in ('torch', 'transformers', 'sentence_transformers') if name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tiny_folder)], cwd=REPOSITORY, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == ""
