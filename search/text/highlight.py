"""Where the words of a query stand in a text, found in its normal form and given in offsets of the original."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from search.text.cutting import CLAUSE_COMMA
from search.text.normal import fold, normalise, to_simplified, visible
from search.text.signs import SIGN
from search.text.units import quantity_pattern

Spans = tuple[tuple[int, int], ...]
Phrase = tuple[str, ...]
_SENTENCE_ENDS: Final = "。！？；!?;，,"
_LEAD: Final = 20
"""How many characters before the first word a snippet may begin, looking for the start of a clause."""

_LONG_NUMBER: Final = 8
"""From this many digits on a number is a patent's: written in groups, and with letters before it."""


class _Occurrence(NamedTuple):
    start: int
    end: int
    term: str
    """Or the phrase, without anything between its signs."""


@lru_cache(maxsize=8192)
def _folded(piece: str) -> str:
    """Of a character with its accents: texts repeat a few thousand of them."""
    return fold(visible(piece))


@lru_cache(maxsize=4096)
def _mapped(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    """The normal form of `text` piece by piece; for each of its characters the start and end of its source. Kept for the
    texts that were shown last: whoever turns a page or sets a filter sees most of them again."""
    text = CLAUSE_COMMA.sub("、", text)
    if all(len(_folded(each)) == 1 and not unicodedata.combining(each) for each in {*text}):
        return _simplified("".join(map(_folded, text))), range(len(text)), range(1, len(text) + 1)
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        folded = _folded(text[at:end])
        characters.extend(folded)
        starts.extend([at] * len(folded))
        ends.extend([end] * len(folded))
        at = end
    return _simplified("".join(characters)), starts, ends


def _simplified(text: str) -> str:
    """Of the same length."""
    simplified = to_simplified(text)
    if len(simplified) == len(text):
        return simplified
    return "".join((to_simplified(c) + c)[0] for c in text)  # a phrase of another length: give up phrases, keep positions


def _is_one_word(left: str, right: str) -> bool:
    """Do these two neighbours, either perhaps empty, belong to one Latin word or one number? `CO` ends before no 2."""
    return (left.isalpha() and right.isalnum() and (left + right).isascii()) or (left.isdigit() and right.isdigit())


def _cuts_a_word(text: str, start: int, end: int) -> bool:
    """Is [start, end) a mere piece of a longer Latin word or number?"""
    first, last = text[start], text[end - 1]
    before = text[start - 1] if start else ""
    after = text[end] if end < len(text) else ""
    is_number = first.isdigit() and end - start >= _LONG_NUMBER  # stands behind ZL or CN
    if _is_one_word(last, after) or (_is_one_word(before, first) and not (is_number and before.isalpha())):
        return True
    return first.isdigit() and before == "." and start > 1 and text[start - 2].isdigit()


def _spaced(term: str) -> re.Pattern[str] | None:
    """Numbers are written with commas and in groups; the pattern that finds `term` written so."""
    digits = sum(c.isdigit() for c in term)
    if digits < 4 or len(term) - digits > 4:
        return None
    between = " ?" if digits >= _LONG_NUMBER else ",?"
    return re.compile(between.join(map(re.escape, term)))


def _patterns(term: str) -> Iterator[re.Pattern[str]]:
    return (pattern for pattern in (_spaced(term), quantity_pattern(term)) if pattern)


def _standing(normal: str, phrases: Collection[Phrase]) -> Iterator[_Occurrence]:
    """In offsets of `normal`."""
    found = list(SIGN.finditer(normal)) if phrases else []
    signs = [each.group() for each in found]
    for phrase in phrases:
        for at in range(len(signs) - len(phrase) + 1 if phrase else 0):
            if signs[at] == phrase[0] and tuple(signs[at : at + len(phrase)]) == tuple(phrase):
                yield _Occurrence(found[at].start(), found[at + len(phrase) - 1].end(), "".join(phrase))


def _occurrences(text: str, wanted: Collection[str], phrases: Collection[Phrase]) -> Iterator[_Occurrence]:
    """In offsets of `text`, by start; of the terms the longest at each place, and all phrases."""
    normal, starts, ends = _mapped(text)
    by_first: dict[str, list[str]] = {}
    found = list(_standing(normal, phrases))
    for term in sorted({normalise(w) for w in wanted} - {""}, key=lambda t: (-len(t), t)):
        by_first.setdefault(term[0], []).append(term)
        for match in (match for pattern in _patterns(term) for match in pattern.finditer(normal)):
            if not _cuts_a_word(normal, match.start(), match.end()):
                found.append(_Occurrence(match.start(), match.end(), term))
    for at, character in enumerate(normal):
        for term in by_first.get(character, ()):
            if normal.startswith(term, at) and not _cuts_a_word(normal, at, at + len(term)):
                found.append(_Occurrence(at, at + len(term), term))
                break
    for start, end, term in sorted(found):
        yield _Occurrence(starts[start], ends[end - 1], term)


def _merged(found: Collection[_Occurrence]) -> Spans:
    merged: list[tuple[int, int]] = []
    for start, end, _ in found:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def spans(text: str, wanted: Collection[str], phrases: Collection[Phrase] = ()) -> Spans:
    """Character offsets (start, end) in the original `text` where terms of `wanted` or phrases stand: ascending, apart, not
    empty.

    `wanted` are terms as `terms` gives them. Full-width, traditional and upper-case spellings are found, and those of
    quantities. A Latin term never matches inside a longer word, a number never inside a longer number. `phrases` are signs
    as `signs` gives them; what stands between two of them is part of the span.
    """
    return _merged(list(_occurrences(text, wanted, phrases)))


def _best_start(found: list[_Occurrence], width: int) -> int:
    """The occurrence from which a window of `width` holds most: longest distinct terms first, then the earliest."""
    best, best_score, right = 0, -1, 0
    inside: dict[str, int] = {}
    score = 0
    for left, occurrence in enumerate(found):
        while right < len(found) and found[right].end <= occurrence.start + width:
            term = found[right].term
            if not inside.get(term):
                score += len(term)
            inside[term] = inside.get(term, 0) + 1
            right += 1
        if score > best_score:
            best, best_score = left, score
        if right > left:
            inside[occurrence.term] -= 1
            if not inside[occurrence.term]:
                score -= len(occurrence.term)
        else:
            right = left + 1
    return found[best].start if found else 0


def snippet(text: str, wanted: Collection[str], width: int = 120, phrases: Collection[Phrase] = ()) -> tuple[str, Spans]:
    """The window of about `width` characters that holds most of `wanted` and `phrases`, with the spans inside it.

    White space is folded; "…" marks what is cut off at either end. Without any of `wanted`, the beginning.
    """
    if width < 1:
        raise ValueError("width must be at least 1")
    text = " ".join(text.split())
    if len(text) <= width:
        return text, spans(text, wanted, phrases)
    first = _best_start(list(_occurrences(text, wanted, phrases)), max(1, width - min(_LEAD, width // 4)))
    start = min(first, len(text) - width)
    if start:
        earliest = max(0, first - min(_LEAD, width // 4))
        ends = [at + 1 for at in range(earliest, first) if text[at] in _SENTENCE_ENDS]
        start = min(ends[0] if ends else earliest, len(text) - width)
    window = text[start : start + width]
    shown = ("…" if start else "") + window.strip() + ("…" if start + width < len(text) else "")
    return shown, spans(shown, wanted, phrases)
