"""Long text cut into passages that the encoder can read whole."""

import re
from collections.abc import Iterator
from typing import Final

_SENTENCE: Final = re.compile(r"[^。！？；!?;\n]*[。！？；!?;\n]*")
_PAUSES: Final = "，、：,: \t"


def _pieces(text: str, size: int) -> Iterator[str]:
    """Sentences with their ends; one longer than `size` is cut at a pause in its second half, else hard."""
    for found in _SENTENCE.finditer(text):
        sentence = found.group()
        while len(sentence) > size:
            head = sentence[:size]
            cut = max(head.rfind(pause) for pause in _PAUSES) + 1
            if cut <= size // 2:
                cut = size
            yield sentence[:cut]
            sentence = sentence[cut:]
        if sentence:
            yield sentence


def chunks(text: str, size: int = 350) -> tuple[str, ...]:
    """`text` cut at the ends of sentences (。！？；, their half-width forms and new lines) into passages.

    Each has 1 to `size` characters and no white space at its ends; together they lose nothing but white space.
    """
    if size < 1:
        raise ValueError("size must be at least 1")
    result: list[str] = []
    current = ""
    for piece in _pieces(text, size):
        if len(current) + len(piece.rstrip()) > size:
            result.append(current)
            current = ""
        current = (current + piece).lstrip() if not current else current + piece
    result.append(current)
    return tuple(kept for kept in (chunk.strip() for chunk in result) if kept)
