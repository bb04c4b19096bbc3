"""Which column holds what: headings in the variants people write, found in the field catalogue and nowhere else."""

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final

from matching.errors import UnusableFile
from matching.imports.sheet import Row
from matching.model import ListingKind
from matching.model.fields import BY_CODE, CONTACTS, IGNORED_HEADINGS, OWNER_HEADINGS, fields_of
from search.text import comparison_key

HEADING_ROWS: Final = 5
"""Rows that are looked at: sheets begin with banners and remarks."""
OWNER: Final = "owner."
CONTACT: Final = "contact."
IGNORED: Final = "ignored"
TITLE: Final = "title"
NUMBER_HEADINGS: Final = ("原行号", "Row of the file")
REASONS_HEADINGS: Final = ("导入问题", "Import problems")
"""Columns that our own error sheets put before the person's, in either language."""
_FEW: Final = 2
_LONGEST: Final = 60
"""Characters of what can be a heading, hints in brackets included."""
_LOOKED_AT: Final = 300
"""Characters of a cell that is looked at as a heading: it may be a remark, or anybody's text."""
_NEAR: Final = 0.6
"""Likeness above which a heading is proposed for an unknown one."""
_BRACKETED: Final = re.compile(r"[(\[【〔]([^)\]】〕]*)[)\]】〕]")
_ENUMERATED: Final = re.compile(r"^[(]?(?:\d{1,2}|[一二三四五六七八九十]{1,2})[.、:)](?!\d)")
"""1. or 一、 before a heading."""
_UNIT: Final = re.compile(r"(?:单位[::])?(元|千元|万元|百万元|亿元|万|亿)")
_UNIT_BEHIND: Final = re.compile(r".+[/:,](元|千元|万元|百万元|亿元)")
_NEED_WORDS: Final = ("需求", "need")
_RESULT_WORDS: Final = ("成果", "result")


@dataclass(frozen=True, slots=True)
class Column:
    """`target` is a field's code, `contact.` with a contact kind, `owner.` with a part of the owner, `ignored` for what is
    known and not kept, or empty for nobody's. `rank` is the heading's place among the variants of its target: the lower one
    is asked first. `unit` stands in the heading, or was asked for."""

    index: int
    heading: str
    target: str
    rank: int = 0
    unit: str = ""

    @property
    def is_read(self) -> bool:
        return self.target not in ("", IGNORED)

    @property
    def is_money(self) -> bool:
        spec = BY_CODE.get(self.target)
        return spec is not None and spec.type == "money"


@dataclass(frozen=True, slots=True)
class Headings:
    """`row` is the number of the last row that belongs to them; `every` holds all columns with a heading, in order."""

    row: int
    every: tuple[Column, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """Those that are read."""
        return tuple(each for each in self.every if each.is_read)

    @property
    def ignored(self) -> tuple[str, ...]:
        return tuple(each.heading for each in self.every if each.target == IGNORED)

    @property
    def unknown(self) -> tuple[str, ...]:
        return tuple(each.heading for each in self.every if not each.target)

    @property
    def has_title(self) -> bool:
        return any(each.target == TITLE for each in self.every)


@functools.cache
def _targets(kind: ListingKind) -> Mapping[str, tuple[str, int]]:
    """Comparison key of a heading → its target and rank."""
    found: dict[str, tuple[str, int]] = {}
    groups = [
        # A heading that one kind of sheet means otherwise (技术参数 of a tender) is that kind's own field.
        *((each.code, each.headings) for each in sorted(fields_of(kind), key=lambda each: len(each.kinds))),
        *((CONTACT + each.code, each.headings) for each in CONTACTS),
        *((OWNER + code, headings) for code, headings in OWNER_HEADINGS.items()),
        (IGNORED, (*IGNORED_HEADINGS, *NUMBER_HEADINGS, *REASONS_HEADINGS)),
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
    plain = _ENUMERATED.sub("", unicodedata.normalize("NFKC", heading[:_LOOKED_AT]).strip())
    bare = _BRACKETED.sub("", plain)
    return tuple(dict.fromkeys(comparison_key(each) for each in (plain, bare, re.split(r"[/:,]", bare)[0]) if each.strip()))


def unit_of(heading: str) -> str:
    """The unit of money that a heading names, or nothing."""
    plain = "".join(unicodedata.normalize("NFKC", heading[:_LOOKED_AT]).split())
    for inner in _BRACKETED.findall(plain):
        found = _UNIT.fullmatch(inner)
        if found:
            return found[1]
    behind = _UNIT_BEHIND.fullmatch(plain)
    return behind[1] if behind else ""


def find_headings(rows: Sequence[tuple[int, Row]], kind: ListingKind) -> Headings | None:
    """The headings among the first rows: in one line, or in two where groups stand over their parts. None where there are
    none; without a title's heading (`has_title`) where several others are known, or much like known ones.

    Raises `UnusableFile`: `file_other_kind` for a sheet of the other kind.
    """
    top = rows[:HEADING_ROWS]
    found = [(_read(number, cells, kind), cells) for number, cells in top]
    for (_, upper), (number, lower) in pairwise(top):
        both = _joined(upper, lower, kind)
        if both is not None:
            found.append((_read(number, both, kind), both))
    titled = [each for each in found if each[0].has_title]
    if titled:
        best, cells = max(titled, key=lambda each: (len(each[0].columns), -len(each[0].unknown), -each[0].row))
        _require_kind(cells, kind)
        # cells that are merged over two rows stand in both
        return next((each for each, below in titled if each.row == best.row + 1 and below == cells), best)
    likely = [each for each in found if _is_likely(each[0], kind)]
    if not likely:
        return None
    best, cells = max(likely, key=lambda each: (len(each[0].columns), -each[0].row))
    _require_kind(cells, kind)
    return best


def _joined(upper: Row, lower: Row, kind: ListingKind) -> Row | None:
    """Two lines as one: what stands below wins, with its group before it where it says nothing alone. None where the lower
    line cannot be one of headings."""
    known = _targets(kind)
    if any(len(each) > _LONGEST for each in lower) or not any(key in known for each in lower for key in _spellings(each)):
        return None
    cells: list[str] = []
    group = ""
    for at in range(max(len(upper), len(lower))):
        above, below = (row[at] if at < len(row) else "" for row in (upper, lower))
        group = above or (group if below else "")
        if not below or above == below or any(key in known for key in _spellings(below)):
            cells.append(below or above)
        else:
            whole = group + below
            is_one = not group or any(key in known for key in _spellings(whole))
            cells.append(whole if is_one else f"{group} · {below}")
    return tuple(cells)


def _is_likely(found: Headings, kind: ListingKind) -> bool:
    """Whether headings without a title are worth asking about: several known, or as many that are much like known ones."""
    like = sum(1 for each in found.every if not each.target and guess(each.heading, kind))
    return len(found.columns) >= _FEW or (bool(like) and len(found.columns) + like >= _FEW)


def guess(heading: str, kind: ListingKind) -> str:
    """The target whose headings are most like this unknown one; empty where none is near. To be asked, never assumed."""
    best, nearest = "", _NEAR
    for key in _spellings(heading):
        for known, (target, _) in _targets(kind).items():
            if target == IGNORED or len(known) < _FEW:
                continue
            likeness = SequenceMatcher(None, key, known, autojunk=False)
            if likeness.real_quick_ratio() > nearest and (ratio := likeness.ratio()) > nearest:
                best, nearest = target, ratio
    return best


def is_heading(text: str, target: str, kind: ListingKind) -> bool:
    """Whether a cell repeats a heading of that target: the head of the next printed page."""
    return any(_targets(kind).get(key, ("",))[0] == target for key in _spellings(text[:_LONGEST]))


def targets(kind: ListingKind) -> tuple[str, ...]:
    """All that a heading can mean, in the catalogue's order, each once."""
    return tuple(dict.fromkeys(target for target, _ in _targets(kind).values() if target != IGNORED))


def _read(number: int, cells: Row, kind: ListingKind) -> Headings:
    known = _targets(kind)
    columns: list[Column] = []
    for index, heading in enumerate(cells):
        if not heading:
            continue
        target, rank = next((known[key] for key in _spellings(heading) if key in known), ("", 0))
        column = Column(index, " ".join(heading.split())[:60], target, rank)
        columns.append(replace(column, unit=unit_of(heading)) if column.is_money else column)
    return Headings(number, tuple(columns))


def _require_kind(cells: Row, kind: ListingKind) -> None:
    other = ListingKind.NEED if kind is ListingKind.RESULT else ListingKind.RESULT
    keys = {key for cell in cells if cell for key in _spellings(cell)}
    if len(keys & _telling(other)) > len(keys & _telling(kind)):
        raise UnusableFile("file_other_kind", expected=kind.value, found=other.value)
