"""Where a text can be begun by somebody who types it: at its start and at its words, as written, in pinyin and by initials.

A key is what stands from there on, folded (`comparison_key`'s rules), and a text is found by any prefix of a key. Its lane
says how near that is to the text: 0 and 1 as written, 2 and 3 in full pinyin, 4 and 5 by initials; even ones begin where
the text begins, odd ones at a later word.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from search.text.cutting import HAN, word_starts
from search.text.normal import normalise
from search.text.pinyin import is_han, other_reading, syllables

LONGEST_KEY: Final = 48
"""No key is longer; what somebody typed is cut to it."""
LANES: Final = (0, 1, 2, 3, 4, 5)
_LIMITS: Final = (32, LONGEST_KEY, 16)
"""Characters of a key as written, in pinyin, by initials."""
_MOST_STARTS: Final = 12
_AMBIGUOUS: Final = 6
"""A character read in two ways counts this near to a start."""
_PIECE: Final = re.compile(rf"(?P<han>[{HAN}]+)|(?P<word>[^\W_{HAN}]+)|(?P<sign>\S)")


@dataclass(frozen=True, slots=True)
class _Unit:
    """A Han character, or a Latin word with the symbols after it."""

    text: str
    reading: str
    is_start: bool


def _units(text: str) -> Iterator[_Unit]:
    held: _Unit | None = None
    for piece in _PIECE.finditer(normalise(text)):
        found = piece.group()
        if piece.lastgroup == "han":
            if held:
                yield held
                held = None
            starts = word_starts(found)
            for at, (character, syllable) in enumerate(zip(found, syllables(found), strict=True)):
                yield _Unit(character, syllable, at in starts)
        elif piece.lastgroup == "word":
            if held:
                yield held
            held = _Unit(found, found, len(found) > 1)
        elif unicodedata.category(found)[0] not in "PZC":  # C++ is not C
            before = held or _Unit("", "", is_start=False)
            held = _Unit(before.text + found, before.reading + found, before.is_start)
    if held:
        yield held


@lru_cache(maxsize=8192)
def beginnings(text: str) -> Mapping[str, int]:
    """Key → its lane, the nearest where there are several. At most 60 keys of at most 48 characters, none empty."""
    units = tuple(_units(text))
    has_han = any(is_han(each.text[0]) for each in units)
    found: dict[str, int] = {}
    starts = [at for at, each in enumerate(units) if at == 0 or each.is_start][:_MOST_STARTS]
    for at in starts:
        rest = units[at:]
        later = 1 if at else 0
        _put(found, "".join(each.text for each in rest), 0, later)
        for readings in _readings(rest):
            _put(found, "".join(readings), 1, later)
            if has_han or len(rest) > 1:
                initials = (_initial(unit, syllable, has_han) for unit, syllable in zip(rest, readings, strict=True))
                _put(found, "".join(initials), 2, later)
    return found


def _readings(units: tuple[_Unit, ...]) -> Iterator[list[str]]:
    """As read, and once more with the first character that could be read otherwise."""
    usual = [each.reading for each in units]
    yield usual
    for at, unit in enumerate(units[:_AMBIGUOUS]):
        other = other_reading(unit.text, unit.reading)
        if other:
            yield [*usual[:at], other, *usual[at + 1 :]]
            return


def _initial(unit: _Unit, syllable: str, has_han: bool) -> str:
    """Latin words among Chinese are typed whole (TOPCon 电池 is topcondc), those of an English name by their first letters."""
    return syllable if has_han and not is_han(unit.text[0]) else syllable[0]


def _put(found: dict[str, int], key: str, form: int, later: int) -> None:
    lane = 2 * form + later
    key = key[: _LIMITS[form]]
    if key and lane < found.get(key, len(LANES)):
        found[key] = lane


def typed_keys(text: str) -> tuple[tuple[int, str], ...]:
    """(lane, prefix) for every lane in which what somebody typed can be found; nothing where it is too little to go by.

    One Han character is enough, of letters it takes two. Chinese with letters after it (光伏zu) is looked up as read, too.
    """
    units = tuple(_units(text))
    plain = "".join(each.text for each in units)
    if len(plain) < 2 and not (plain and is_han(plain)):
        return ()
    wanted = [(lane, plain[: _LIMITS[0]]) for lane in (0, 1)]
    letters = any(not is_han(each.text[0]) for each in units)
    if letters:
        read = "".join(each.reading for each in units).replace("ü", "v")
        wanted += [(lane, read[: _LIMITS[1]]) for lane in (2, 3)]
        if not any(is_han(each.text[0]) for each in units):
            wanted += [(lane, read[: _LIMITS[2]]) for lane in (4, 5) if len(read) <= _LIMITS[2]]
    return tuple(wanted)
