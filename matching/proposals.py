"""Figures found in running text, Chinese or English: proposals for rows of indicators, for a yes or a no of whoever wrote it.

Pure. A figure is a number with a name before it in the same clause and, mostly, a unit behind it. What has no name is left
alone, and so are conditions, dates, standards, sizes and the old value of a change (由62%提到88% is 88 %): a wrong proposal
costs a person more than one that is missing.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from matching.content import Indicator

MOST: Final = 40
NAME_LIMIT: Final = 24
LONGEST_CLAUSE: Final = 300
"""What runs on longer without a stop is no sentence of a person's."""
_WIDE: Final = str.maketrans("０１２３４５６７８９．％～﹪＜＞＝＋－﹣−﹤﹥：（）／", "0123456789.%~%<>=+---<>:()/")
"""One sign for one sign, so that places in the text stay what they are."""

_ATOM: Final = (
    r"(?:mΩ|μΩ|kΩ|MΩ|Ω|℃|°C|°|″|′|%vol|wt%|vol%|mol%|%|‰|个百分点|μm|µm|um|nm|mm|cm|dm|km|pm|"
    r"GPa|MPa|kPa|hPa|Pa|bar|mW|kW|MW|GW|Wh|kWh|MWh|mWh|mAh|Ah|kV|mV|μV|mA|μA|nA|kA|GHz|MHz|kHz|Hz|"
    r"μs|ns|ms|min|kN|mN|rpm|ppm|ppb|ppt|dBm|dB\(A\)|dBA?|mol|mmol|μmol|nmol|kg|mg|μg|ng|mL|ml|μL|nL|"
    r"GB|TB|MB|KB|kB|Gbps|Mbps|kbps|token|tokens|fps|FPS|CFU|EU|IU|BV|HRC|HV|HB|HU|cal|kcal|kJ|MJ|mJ|J|cP|lx|lm|mGy|"
    r"万颗|万点|万次|亿次|千次|万元|亿元|小时|分钟|个月|毫秒|微米|纳米|毫米|厘米|公里|千克|公斤|"
    r"[mgstAKLlNVWTFh](?![A-Za-z])|次|级|批|周|天|年|月|秒|元|台|个|分|人|路|颗|点|件|片|吨|米|克|升|度|万|时|舱|区|"
    r"Nm(?![A-Za-z]))"
)
_POWER: Final = r"(?:[²³⁻¹]+|\^-?\d|(?<=[a-zμ])[23](?![\d.A-Za-z]))?"
_PART: Final = (
    rf"(?:{_ATOM}|gF|rev|r(?![A-Za-z])|cells|cycles?|hours?|days?|years?|months?|minutes?|seconds?|parts|times){_POWER}"
)
_UNIT: Final = rf"{_PART}(?:[·/]\(?\d{{0,2}}{_PART}\)?(?:[·/]\d{{0,2}}{_PART}\)?)*)?"
_NUMBER: Final = r"(?:\d{1,3}(?:[, ]\d{3})+(?![\d])|\d+)(?:\.\d+)?(?:\s?[×x]\s?10\^?[-⁻]?[\d⁰¹²³⁴⁵⁶⁷⁸⁹]+)?"
_SIGNED: Final = rf"[-+]?{_NUMBER}"
_DASH: Final = r"(?:\s?(?:~|—|–|-|至|到)\s?|\sto\s)"

_BEFORE: Final = {
    "≤": "<=", "≦": "<=", "<=": "<=", "≥": ">=", "≧": ">=", ">=": ">=", "<": "<", ">": ">", "=": "=",
    "不低于": ">=", "不小于": ">=", "不少于": ">=", "不得低于": ">=", "不得少于": ">=", "不短于": ">=", "至少": ">=",
    "不高于": "<=", "不大于": "<=", "不超过": "<=", "不得超过": "<=", "不得大于": "<=", "不得高于": "<=", "不多于": "<=",
    "最多": "<=", "控制在": "<=", "少于": "<", "小于": "<", "低于": "<", "大于": ">", "高于": ">", "超过": ">", "优于": "<=",
    "达到": ">=", "不到": "<",
    "no less than": ">=", "not less than": ">=", "not below": ">=", "at least": ">=", "no lower than": ">=",
    "no more than": "<=", "not more than": "<=", "not above": "<=", "at most": "<=", "up to": "<=", "not exceeding": "<=",
    "less than": "<", "below": "<", "under": "<", "more than": ">", "greater than": ">", "above": ">", "over": ">",
    "exceeding": ">", "within": "<=",
}  # fmt: skip
_AFTER: Final = {
    "及以上": ">=", "或以上": ">=", "以上": ">=", "及以下": "<=", "以下": "<=", "以内": "<=", "之内": "<=", "内": "<=",
    "or more": ">=", "or less": "<=", "or better": "<=",
}  # fmt: skip
_LONGEST_FIRST: Final = sorted(_BEFORE, key=len, reverse=True)
_FIGURE: Final = re.compile(
    r"(?P<before>(?i:" + "|".join(re.escape(each) for each in _LONGEST_FIRST) + r"))?\s*"
    rf"(?P<sign>±)?\s*(?<![\d.])(?P<low>{_SIGNED})"
    rf"(?:\s?(?P<unit1>{_UNIT}))??(?:{_DASH}(?P<high>{_SIGNED}))?(?:\s?±\s?(?P<spread>{_NUMBER}))?"
    rf"(?:\s?(?P<unit>{_UNIT}))?\s?(?P<after>" + "|".join(sorted(_AFTER, key=len, reverse=True)) + r")?",
)
_BREAKS: Final = re.compile(r"[。；;，！？!?\n()（）①②③④⑤⑥⑦⑧]|,(?!\d{3})|\.(?:\s|$)")

_LEADING: Final = re.compile(
    r"^(?:[\s\d.)、:]+|同时|其中|而且|并且|且|并|及|和|以及|要求|必须|希望|期望|目标|让|把|将|也|都|就|目前|现有|该|适用进水|盼|"
    r"and\s|with\s|the\s|an?\s|of\s)+"
)
_TRAILING: Final = re.compile(
    r"(?:[\s:：=,]+|为|是|在|达|可达|约|约为|仅|只|由|从|到|至|提高到|提到|降到|降至|压到|降低到|提升到|减到|降为|控制|变化到|调到|"
    r"要求|须|需|应|要|必须|得|不得|已|有|还有|都|均|平均也就|常年|最高可|要在|须在|即|只要|大约|大概|合计约|最小|变为|"
    r"\bof|\bis|\bare|\bat|\bto|\bby|\babout|\bwas)$"
)
_CHANGE: Final = re.compile(r"(?:由|从)[^由从]{0,10}$")
_INTO: Final = re.compile(r"^\s?[^,，。；]{0,6}?(?:降为|升到|提到|提高到|提升到|降到|降至|降低到|压到|减到|减为|变为|到|至)")
_TELLING: Final = re.compile(
    r"(?:率|度|量|值|数|比|压|流|时间|寿命|周期|成本|能耗|电耗|油耗|精度|误差|偏差|电阻|电压|电流|功率|强度|模量|粒径|厚|宽|高|长|"
    r"径|距|角|温|温升|范围|残留|性|含|效|速|力|耗|限|节拍|响应|刷新|容|漂移|间隙|恢复|峰|跳|质|吸|灰分|产|批量|损|"
    r"指数|面积|幅面|规格|RSD|CV|MARD|Ra|T90|t90|σ|φ|密|切换|固含|循环|干|降|降幅|误报|漏检|良|测点|写入|单循环|"
    r"efficiency|strength|capacity|density|accuracy|resistance|rate|error|life|thickness|loss|yield|ratio|modulus|"
    r"temperature|time|size|speed|power|load|range|content)$",
    re.IGNORECASE,
)
_NOT_NAMES: Final = re.compile(
    r"(?:^|[^A-Za-z])(?:GB/?T?|ISO|IEC|ASTM|YY|JB|DN|AF|SH|HC|VMC|No|R)$|第$|型$|号$|[的了]$|级联$|每$|到$|一$|共$|各$|来$|"
    r"[后配因此]$|^(?:年|月|日|请|用|按|加|放|喷|配|跑|抽|烧|差|换)$"
)
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_CJK: Final = re.compile(r"[\u3400-\u9fff]")
_COUNTED: Final = frozenset(
    {"年", "月", "周", "次", "台", "个", "人", "点", "度", "件", "片", "颗", "路", "元", "万", "时", "天", "批", "分"}
)
"""Units that as often count something: without a comparator they need a telling name."""
WHOLE: Final = 10
"""Characters of a name that with its figure makes up a whole clause: 承重5 t, MARD 9.1%."""
_VERBAL: Final = re.compile(r"[用加放喷配跑抽烧换要拉贴可占戴冻]|每|首|单层|第|型|同|现")
"""In such a clause these tell what is done, not how much it is."""
_CONDITION: Final = re.compile(r"时|下(?!降)|条件|后|的|之后")
"""Behind a number: it says when something else holds."""
_POWERS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


@dataclass(frozen=True, slots=True)
class Proposal:
    """`indicator` as a row would hold it; `start` and `end` are its place in the text, `quote` the clause it stands in."""

    indicator: Indicator
    start: int
    end: int
    quote: str

    @property
    def key(self) -> str:
        """Twelve hexadecimal digits that name the figure, whichever text it stands in."""
        return figure_key(self.indicator)


def figure_key(indicator: Indicator) -> str:
    bounds = ("" if each is None else repr(float(each)) for each in (indicator.low, indicator.high))
    said = "|".join((indicator.name.casefold().replace(" ", ""), indicator.comparator, *bounds, indicator.unit.replace(" ", "")))
    return hashlib.sha256(said.encode()).hexdigest()[:12]


def propose(text: str) -> tuple[Proposal, ...]:
    """The figures of a text in its order, each once, at most `MOST`."""
    plain = text.translate(_WIDE)
    found: dict[str, Proposal] = {}
    for start, end in _clauses(plain):
        is_aside = plain[start - 1 : start] == "("
        for each in _of_clause(plain, text, start, end):
            if not is_aside or each.indicator.comparator != "=":  # in brackets stand the conditions
                found.setdefault(each.key, each)
    return tuple(found.values())[:MOST]


def new_ones(texts: Iterable[str], rows: Iterable[Indicator], declined: Iterable[str]) -> tuple[Proposal, ...]:
    """What the texts propose beyond the rows that are there and the figures that were turned down."""
    held = {_values(each) for each in rows}
    refused = set(declined)
    found: dict[str, Proposal] = {}
    for text in texts:
        for each in propose(text):
            indicator = each.indicator
            if each.key not in refused and _values(indicator) not in held:
                found.setdefault(each.key, each)
    return tuple(found.values())[:MOST]


def _values(indicator: Indicator) -> tuple[frozenset[float], str]:
    """What a row says in numbers, on whichever side of its comparison a form that is not read yet holds them."""
    return frozenset(each for each in (indicator.low, indicator.high) if each is not None), indicator.unit.replace(" ", "")


def _clauses(plain: str) -> Iterator[tuple[int, int]]:
    at = 0
    for found in _BREAKS.finditer(plain):
        if found[0] in "()（）" and _inside_unit(plain, found.start()):
            continue
        if 0 < found.start() - at <= LONGEST_CLAUSE:
            yield at, found.start()
        at = found.end()
    if 0 < len(plain) - at <= LONGEST_CLAUSE:
        yield at, len(plain)


def _inside_unit(plain: str, at: int) -> bool:
    """A bracket of a unit, as in W/(m·K), or of the colour of a sound, dB(A)."""
    if plain[at] in "(（":
        return at > 0 and plain[at - 1] in "/·B"
    opened = plain.rfind("(", max(0, at - 24), at)
    return opened > 0 and plain[opened - 1] in "/·B"


def _of_clause(plain: str, text: str, start: int, end: int) -> Iterator[Proposal]:
    """Figures of one clause, left to right; each takes its name from what stands between it and the one before."""
    clause = plain[start:end]
    begin, carried = 0, ""
    for found in _FIGURE.finditer(clause):
        lead = clause[begin : found.start()]
        changed = _CHANGE.search(lead)
        if changed and not carried and not found["before"] and _INTO.match(clause[found.end() :]):
            carried, begin = lead[: changed.start()], found.end()  # the old value: its name is the new one's
            continue
        named = carried or lead
        indicator = None if _is_attached(clause, found) else _indicator(found, named, clause, is_alone=begin == 0)
        if indicator is not None:
            yield Proposal(indicator, start + found.start(), start + found.end(), text[start:end].strip())
        elif not (found["unit"] or found["before"]) or _is_condition(clause[found.end() :], found):
            continue  # a number inside a name
        begin, carried = found.end(), ""


def _is_attached(clause: str, found: re.Match[str]) -> bool:
    """A number that is a part of a word: IgG1, PA56, X-7."""
    before = clause[found.start("low") - 1 : found.start("low")]
    return not found["before"] and before.isascii() and (before.isalnum() or before in tuple("-./^_"))


def _is_condition(rest: str, found: re.Match[str]) -> bool:
    """A number inside a name: 45 ℃循环1500周≥82%."""
    return not found["before"] and bool(rest[:1]) and rest[0] not in " ,/"


def _name(lead: str) -> str:
    """The words right before a figure, without what only leads to it."""
    name = _CHANGE.sub("", lead).strip()
    before = None
    while before != name:
        before = name
        name = _TRAILING.sub("", name).strip()
    name = _LEADING.sub("", name).strip(" 、·/-+：:")
    if not _CJK.search(name):
        return " ".join(name.split()[-4:])[:60]
    name = re.split(r"的|、(?=[^、]{3,}$)", name)[-1] if len(name) > 8 else name
    return name[-NAME_LIMIT:].strip()


def _indicator(found: re.Match[str], lead: str, clause: str, *, is_alone: bool) -> Indicator | None:
    name = _name(lead)
    unit = (found["unit"] or found["unit1"] or "").strip()
    before, after = found["before"], found["after"]
    if after == "内" and clause[found.end() :][:1] in tuple("存容部径壁阻"):
        after = None
    comparator = _BEFORE[before.lower()] if before else _AFTER[after.lower()] if after else "="
    low, high = _value(found["low"]), _value(found["high"]) if found["high"] else None
    if not any(each.isalpha() for each in name) or _NOT_NAMES.search(name) or len(name) > 60:
        return None
    if found["sign"]:
        return Indicator(name, "range", -abs(low), abs(low), unit)
    if found["spread"]:
        spread = _value(found["spread"])
        return Indicator(name, "range", low - spread, low + spread, unit)
    telling = _TELLING.search(name) is not None
    if high is not None and high > low:
        return Indicator(name, "range", low, high, unit) if unit and (telling or is_alone) else None
    if comparator == "=":
        rest = clause[found.end() :].strip()
        if _CONDITION.match(rest) or (not unit and (rest or not telling or _YEAR.fullmatch(found["low"]))):
            return None
        is_whole = is_alone and not rest and len(lead.strip()) <= WHOLE and not _VERBAL.search(lead)
        is_said = telling or (unit not in _COUNTED and (is_whole or re.search(r"[为是达：:]\s?$", lead) is not None))
        return Indicator(name, "=", low, low, unit) if is_said else None
    if comparator in ("<=", "<"):
        return Indicator(name, comparator, None, low, unit)
    return Indicator(name, comparator, low, None, unit)


def _value(text: str) -> float:
    """1,000, 1 140, 2.2×10⁶, -60."""
    plain = text.translate(_POWERS).replace(",", "").replace(" ", "")
    base, _, power = plain.replace("x", "×").partition("×10")
    return float(f"{base}e{power.removeprefix(chr(94)) or 0}") if power else float(base)
