"""The names that cells use for codes, industries, zones and kinds of organisation, read from the reference data once a slice."""

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session, col, select

from matching.drafts import KnownCodes, known_codes
from matching.model import Industry, Zone
from matching.reference import codes
from search.text import comparison_key

_ZONE_ENDINGS: Final = re.compile(
    r"(?:国家级?|省级)?(?:高新技术产业(?:开发区|园区)|高新技术(?:开发区|产业区|园区)|高新(?:产业)?(?:开发)?区|工业园区?|园区)$"
)
_INDUSTRY_ENDINGS: Final = re.compile(r"(?:战略)?(?:产业|行业|领域|技术)$")

_KIND_IN_NAME: Final = (
    ("enterprise", re.compile(r"公司|集团|(?:工)?厂$|合作社$|企业")),
    ("institute", re.compile(r"研究院|研究所|研究中心|科学院|实验室|设计院|institute", re.IGNORECASE)),
    ("university", re.compile(r"大学|学院|学校|university|college", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`names` maps list → key of a name or code → code. A key of `zones` or `industries` with several codes is ambiguous.
    `zone_names` maps a zone's id to its name."""

    known: KnownCodes
    names: Mapping[str, Mapping[str, str]]
    industries: Mapping[str, frozenset[str]]
    zones: Mapping[str, frozenset[str]]
    maturity_bounds: Mapping[tuple[int, int], str]
    zone_names: Mapping[int, str]

    def code(self, list_code: str, written: str) -> str | None:
        """The code that a cell names, by code, by either name, or by a common spelling."""
        names = self.names[list_code]
        plain = key(written)
        found = names.get(plain)
        if found is None and plain.isdigit():  # spreadsheets drop the zero of 01
            found = names.get(plain.zfill(2))
        return found

    def industry(self, written: str) -> frozenset[str]:
        """Codes of the industries that may be meant: none, one, or (ambiguous) several."""
        plain = key(written)
        return self.industries.get(plain) or self.industries.get(_INDUSTRY_ENDINGS.sub("", plain)) or frozenset()

    def zone(self, written: str) -> frozenset[str]:
        """Codes of the zones that may be meant: 昆山高新区, 昆山国家高新技术产业开发区, 昆山; 苏州 alone is two."""
        plain = key(written)
        return self.zones.get(plain) or self.zones.get(_ZONE_ENDINGS.sub("", plain)) or frozenset()


@functools.lru_cache(maxsize=4096)
def key(text: str) -> str:
    """`comparison_key`, remembered: the same few names fill the columns of a whole sheet."""
    return comparison_key(text)


def kind_from_name(name: str) -> str | None:
    """What an organisation's own name says it is; None where it says nothing. The order counts: 大学科技园有限公司 is a firm,
    中国科学院 no school."""
    return next((kind for kind, pattern in _KIND_IN_NAME if pattern.search(name)), None)


def read_vocabulary(session: Session) -> Vocabulary:
    """As the reference data stand in this session."""
    known = known_codes(session)
    lists = {**known.lists, "organisation_kind": codes(session, "organisation_kind")}
    names: dict[str, dict[str, str]] = {}
    for list_code, values in lists.items():
        found = {key(spelling): value.code for value in values.values() for spelling in value.aliases}
        for value in reversed(list(values.values())):  # of several of one name the first of the list is meant
            found |= {key(value.name_en): value.code, key(value.name): value.code}
        names[list_code] = found | {key(code): code for code in values}
    bounds: dict[tuple[int, int], str] = {}
    for code in known.lists["maturity"]:
        if (pair := known.trl_of(code)) is not None:
            bounds.setdefault(pair, code)
    industries = _gather(
        (spelling, row.code)
        for row in session.exec(select(Industry).order_by(col(Industry.position))).all()
        for spelling in _industry_spellings(row)
    )
    rows = session.exec(select(Zone)).all()
    zones = _gather((spelling, row.code) for row in rows for spelling in _zone_spellings(row.name, row.name_en))
    return Vocabulary(known, names, industries, zones, bounds, {row.id or 0: row.name for row in rows})


def _industry_spellings(row: Industry) -> set[str]:
    written = {key(each) for each in (row.code, row.name, row.name_en, *row.aliases)}
    return written | {_INDUSTRY_ENDINGS.sub("", each) for each in written}


def _zone_spellings(name: str, name_en: str) -> set[str]:
    """A name with and without 高新区; the ending alone names no zone."""
    plain = key(name)
    return {each for each in (plain, _ZONE_ENDINGS.sub("", plain), key(name_en)) if each}


def _gather(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for spelling, code in pairs:
        found.setdefault(spelling, set()).add(code)
    return {spelling: frozenset(codes) for spelling, codes in found.items()}
