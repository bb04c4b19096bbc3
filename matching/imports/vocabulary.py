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

SPELLINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "maturity": {
        "研发中": "researching", "在研": "researching", "研发阶段": "researching", "概念验证": "researching",
        "研发": "researching", "研究阶段": "researching",
        "样品": "sample", "样机": "sample", "样机阶段": "sample", "已有样机": "sample", "原理样机": "sample",
        "通过小试": "lab", "小试阶段": "lab", "实验室": "lab", "实验室阶段": "lab", "实验室小试": "lab", "完成小试": "lab",
        "通过中试": "pilot", "中试阶段": "pilot", "完成中试": "pilot",
        "量产": "mass", "批量生产": "mass", "批量": "mass", "产业化": "mass", "产业化阶段": "mass", "可量产": "mass",
        "规模化生产": "mass", "可产业化": "mass", "已产业化": "mass", "实现产业化": "mass", "已量产": "mass", "中试完成": "pilot",
        "小试完成": "lab",
        "报告级": "gbt-1", "方案级": "gbt-2", "仿真级": "gbt-3", "功能级": "gbt-4", "初样级": "gbt-5", "正样级": "gbt-6",
        "环境级": "gbt-7", "产品级": "gbt-8", "系统级": "gbt-9", "销售级": "gbt-10", "盈亏级": "gbt-11", "利润级": "gbt-12",
        "回报级": "gbt-13",
    },
    "landmark": {"重大成果": "major", "重大原创": "major", "原创成果": "original"},
    "technology_type": {
        "关键共性技术": "key-common", "前沿引领技术": "frontier", "现代工程技术": "modern-engineering",
        "颠覆性技术": "disruptive", "颠覆": "disruptive",
    },
    "chain": {"产业链上游": "upstream", "产业链中游": "midstream", "产业链下游": "downstream"},
    "policy": {"智能工厂": "smart-shop", "智能车间工厂": "smart-shop", "资源循环利用": "circular"},
    "overseas": {"是": "cooperation", "需要": "cooperation", "国际合作": "cooperation", "境外": "foreign"},
    "language": {"汉语": "zh", "英语": "en", "日语": "ja", "韩语": "ko", "德语": "de", "法语": "fr", "俄语": "ru"},
    "cooperation": {
        "转让": "01", "专利转让": "01", "许可": "02", "技术许可": "02", "专利许可": "02", "联合开发": "03", "合作研发": "03",
        "联合研发": "03", "共同开发": "03", "合作研究": "03",
        "咨询": "06", "服务": "07", "其它": "05",
    },
    "need_type": {"关键技术攻关": "00", "技术攻关": "00", "其它": "99"},
    "ip_kind": {
        "发明": "invention", "中国发明专利": "invention", "国家发明专利": "invention", "实用新型": "utility",
        "外观设计": "design", "外观": "design", "专有技术": "secret", "软件著作权": "software", "计算机软件": "software",
        "软著": "software", "布图设计": "layout", "无": "none", "未涉及": "none",
    },
    "ip_status": {
        "授权": "granted", "专利授权": "granted", "申请": "filed", "申请中": "filed", "正在申请": "filed",
        "已申请": "filed", "受理": "filed", "已受理": "filed",
        "实审": "examining", "实质审查": "examining", "审中": "examining", "有权": "valid", "专利有效": "valid", "维持": "valid",
        "无效": "lapsed", "已失效": "lapsed", "终止": "lapsed",
    },
    "organisation_kind": {
        "高等院校": "university", "高等学校": "university", "大学": "university", "院校": "university",
        "科研机构": "institute", "研究机构": "institute", "科研单位": "institute", "研究所": "institute", "研究院": "institute",
        "公司": "enterprise", "民营企业": "enterprise", "国有企业": "enterprise", "外资企业": "enterprise",
        "合资企业": "enterprise", "其它": "other",
    },
}  # fmt: skip
"""What people write for a code beside its names. Used only while the list has the code (lists are data and may change)."""

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
        found = {key(spelling): code for spelling, code in SPELLINGS.get(list_code, {}).items() if code in values}
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
