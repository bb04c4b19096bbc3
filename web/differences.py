"""Where two texts differ, as spans to mark: first by sentences, then by words inside the sentences that changed. Pure."""

import re
from difflib import SequenceMatcher
from typing import Final

Spans = tuple[tuple[int, int], ...]

_SENTENCE: Final = re.compile(r"[^。；！？;!?\n]*[。；！？;!?\n]+|[^。；！？;!?\n]+")
_WORD: Final = re.compile(r"[0-9A-Za-z_.]+|\s+|.", re.DOTALL)
MOST_SENTENCES: Final = 600
MOST_WORDS: Final = 400
"""Above these the comparison would take longer than a page may: then all between the first and the last difference is marked."""


def differences(old: str, new: str) -> tuple[Spans, Spans]:
    """Spans of `old` that are gone, and of `new` that are there instead; ascending, apart, in characters."""
    gone: list[tuple[int, int]] = []
    come: list[tuple[int, int]] = []
    for (a, b), (c, d) in _blocks(_pieces(_SENTENCE, old), _pieces(_SENTENCE, new), MOST_SENTENCES):
        for (e, f), (g, h) in _blocks(_pieces(_WORD, old[a:b]), _pieces(_WORD, new[c:d]), MOST_WORDS):
            gone.append((a + e, a + f))
            come.append((c + g, c + h))
    return _tidy(gone), _tidy(come)


def _pieces(pattern: re.Pattern[str], text: str) -> list[str]:
    return pattern.findall(text)


def _blocks(old: list[str], new: list[str], most: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """The stretches that differ, in characters of both."""
    first = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    last = next(
        (at for at, (a, b) in enumerate(zip(reversed(old[first:]), reversed(new[first:]), strict=False)) if a != b),
        min(len(old), len(new)) - first,
    )
    a, b = old[first : len(old) - last], new[first : len(new) - last]
    if not a and not b:
        return []
    if max(len(a), len(b)) > most:
        opcodes = [("replace", 0, len(a), 0, len(b))]
    else:
        opcodes = [each for each in SequenceMatcher(None, a, b, autojunk=False).get_opcodes() if each[0] != "equal"]
    starts_a, starts_b = _starts(old), _starts(new)
    return [
        ((starts_a[first + i], starts_a[first + j]), (starts_b[first + k], starts_b[first + m])) for _, i, j, k, m in opcodes
    ]  # fmt: skip


def _starts(pieces: list[str]) -> list[int]:
    at = [0]
    for each in pieces:
        at.append(at[-1] + len(each))
    return at


def _tidy(spans: list[tuple[int, int]]) -> Spans:
    """Without empty ones; those that touch become one."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if start == end:
            continue
        if joined and joined[-1][1] >= start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)
