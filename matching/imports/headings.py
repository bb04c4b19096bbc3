"""Which column holds what: headings in the variants people write, found in the field catalogue and nowhere else."""

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from matching.errors import UnusableFile
from matching.imports.sheet import Row
from matching.model import ListingKind
from matching.model.fields import CONTACTS, FIELDS, IGNORED_HEADINGS, OWNER_HEADINGS, fields_of
from search.text import comparison_key

HEADING_ROWS: Final = 5
"""Rows that are looked at: sheets begin with banners and remarks."""
OWNER: Final = "owner."
CONTACT: Final = "contact."
IGNORED: Final = "ignored"
NUMBER_HEADING: Final = "原行号"
REASONS_HEADING: Final = "导入问题"
"""Columns that our own error sheets put before the person's."""
_FEW: Final = 2
SUMS: Final = frozenset(each.code for each in FIELDS if each.type == "money")
_BRACKETED: Final = re.compile(r"[(\[【〔]([^)\]】〕]*)[)\]】〕]")
_UNIT: Final = re.compile(r"(?:单位[::])?(元|千元|万元|百万元|亿元|万|亿)")
_UNIT_BEHIND: Final = re.compile(r".+[/:,](元|千元|万元|百万元|亿元)")
_NEED_WORDS: Final = ("需求", "need")
_RESULT_WORDS: Final = ("成果", "result")


@dataclass(frozen=True, slots=True)
class Column:
    """`target` is a field's code, `contact.` with a contact kind or `owner.` with a part of the owner. `rank` is the
    heading's place among the variants of its target: the lower one is asked first. `unit` stands in the heading."""

    index: int
    heading: str
    target: str
    rank: int
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Headings:
    """`row` is the number of the row in the sheet; `ignored` are known and not kept, `unknown` are nobody's."""

    row: int
    columns: tuple[Column, ...]
    ignored: tuple[str, ...]
    unknown: tuple[str, ...]


@functools.cache
def _targets(kind: ListingKind) -> Mapping[str, tuple[str, int]]:
    """Comparison key of a heading → its target and rank."""
    found: dict[str, tuple[str, int]] = {}
    groups = [
        # A heading that one kind of sheet means otherwise (技术参数 of a tender) is that kind's own field.
        *((each.code, each.headings) for each in sorted(fields_of(kind), key=lambda each: len(each.kinds))),
        *((CONTACT + each.code, each.headings) for each in CONTACTS),
        *((OWNER + code, headings) for code, headings in OWNER_HEADINGS.items()),
        (IGNORED, (*IGNORED_HEADINGS, NUMBER_HEADING, REASONS_HEADING)),
    ]
    for target, headings in groups:
        for rank, heading in enumerate(headings):
            found.setdefault(comparison_key(heading), (target, rank))
    return found


@functools.cache
def _telling(kind: ListingKind) -> frozenset[str]:
    """Keys of headings that only this kind of sheet has: its own fields, and the title by its name."""
    other = ListingKind.NEED if kind is ListingKind.RESULT else ListingKind.RESULT
    words = _RESULT_WORDS if kind is ListingKind.RESULT else _NEED_WORDS
    titles = next(each for each in fields_of(kind) if each.code == "title").headings
    own = {key for key in _targets(kind) if key not in _targets(other)}
    return frozenset(own | {comparison_key(each) for each in titles if any(word in each for word in words)})


def _spellings(heading: str) -> tuple[str, ...]:
    """The keys to try: as written, then without what stands in brackets (units, 必填, hints), then without a unit behind."""
    plain = unicodedata.normalize("NFKC", heading)
    bare = _BRACKETED.sub("", plain)
    return tuple(dict.fromkeys(comparison_key(each) for each in (plain, bare, re.split(r"[/:,]", bare)[0]) if each.strip()))


def _unit(heading: str) -> str:
    plain = "".join(unicodedata.normalize("NFKC", heading).split())
    for inner in _BRACKETED.findall(plain):
        found = _UNIT.fullmatch(inner)
        if found:
            return found[1]
    behind = _UNIT_BEHIND.fullmatch(plain)
    return behind[1] if behind else ""


def find_headings(rows: Sequence[tuple[int, Row]], kind: ListingKind) -> Headings | None:
    """The first of the rows that holds the title's heading; None where none holds any known heading.

    Raises `UnusableFile`: `file_other_kind` for a sheet of the other kind, `file_no_title` when there are known
    headings but no title.
    """
    best: Headings | None = None
    for number, cells in rows[:HEADING_ROWS]:
        found = _read(number, cells, kind)
        if any(each.target == "title" for each in found.columns):
            _require_kind(cells, kind)
            return found
        if len(found.columns) >= _FEW and best is None:
            best = found
    if best is None:
        return None
    _require_kind(next(cells for number, cells in rows if number == best.row), kind)
    raise UnusableFile("file_no_title", row=best.row)


def _read(number: int, cells: Row, kind: ListingKind) -> Headings:
    targets = _targets(kind)
    columns: list[Column] = []
    ignored: list[str] = []
    unknown: list[str] = []
    for index, heading in enumerate(cells):
        if not heading:
            continue
        shown = " ".join(heading.split())[:60]
        found = next((targets[key] for key in _spellings(heading) if key in targets), None)
        if found is None:
            unknown.append(shown)
        elif found[0] == IGNORED:
            ignored.append(shown)
        else:
            columns.append(Column(index, shown, found[0], found[1], _unit(heading) if found[0] in SUMS else ""))
    return Headings(number, tuple(columns), tuple(ignored), tuple(unknown))


def _require_kind(cells: Row, kind: ListingKind) -> None:
    other = ListingKind.NEED if kind is ListingKind.RESULT else ListingKind.RESULT
    keys = {key for cell in cells if cell for key in _spellings(cell)}
    if len(keys & _telling(other)) > len(keys & _telling(kind)):
        raise UnusableFile("file_other_kind", expected=kind.value, found=other.value)
