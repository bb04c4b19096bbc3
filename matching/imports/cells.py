"""One row's cells as a listing's draft: what can be read is read, what cannot is said, nothing is guessed in silence."""

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from matching import credit_code, money
from matching.drafts import ListingDraft
from matching.errors import FieldError, InvalidInput
from matching.imports.dates import NotADate, read_date, read_until
from matching.imports.headings import CONTACT, OWNER, TITLE, Column, is_heading
from matching.imports.rights import read_rights, split_cell
from matching.imports.staging import StagedRow
from matching.imports.vocabulary import Vocabulary, kind_from_name
from matching.model import ListingKind
from matching.model.fields import BY_CODE, RIGHT_PARTS, ListingField
from matching.typed_text import clean_line, is_broken, shown

_NOTHING: Final = frozenset({"/", "\\", "-", "--", "—", "——", "无", "暂无", "没有", "n/a", "na", "none", "null", "(空)"})
_OPEN: Final = frozenset({"不限", "面议", "待定", "均可", "协商", "可协商", "另议", "可议"})
"""Of cooperation and maturity: anything will do, so nothing is said."""
_NO: Final = frozenset({"否", "no", "不需要", "不涉及"})
_FOREVER: Final = frozenset({"长期", "长期有效", "永久", "不限", "永久有效"})
_TOTALS: Final = frozenset({"合计", "总计", "小计", "共计"})
_FOOTER: Final = re.compile(
    r"(?:填表|制表|填报|审核|审批|负责|经办|编制)(?:人|单位|部门|日期|时间)?(?:签[字名])?[(（]?(?:盖章|签[字章])?[)）]?[:：]"
    r"|(?:备注|注|说明|填表说明|注意事项)[:：]"
)
_NO_RIGHTS: Final = frozenset({"无专利", "暂无专利", "没有专利", "未申请", "未申请专利", "无知识产权"})
_WRITTEN_DIGITS: Final = str.maketrans("一二三四五六七八九", "123456789")
_EXAMPLE: Final = re.compile(r"^[(\[【（]?\s*(?:示例|例[:：]|样例)")
_TRL: Final = re.compile(r"(?:技术成熟度|成熟度|trl)?[-:：等]?第?(\d{1,2})(?:[-~至](\d{1,2}))?级?", re.IGNORECASE)
_TRL_INSIDE: Final = re.compile(r"[(（,，/]?\s*trl\s*[-:：]?\s*(\d{1,2})\s*级?\s*[)）]?", re.IGNORECASE)
_MODE_SEPARATORS: Final = re.compile(r"[、，,;；/|\n]+|(?:\s+)|和|或")
_HAS_UNIT: Final = re.compile(r"[元圆块千万亿wk¥￥]|rmb|cny|人民币", re.IGNORECASE)
_CITY_ENDING: Final = re.compile(r"市$")
_REGION_PARTS: Final = re.compile(r"^(?:中国)?(?:江苏省?)?[-/·\s]*")
LONGEST: Final = 1000
"""Characters of a cell that is no running text: longer ones are a slip, and are told, not looked through."""
_FEW: Final = 3
"""Cells that a line below the table fills at most."""
NAME_LIMIT: Final = 120
CITY_LIMIT: Final = 40


@dataclass(frozen=True, slots=True)
class OwnerCells:
    """What a row says of its owner. `zone` is a zone's code. All empty: the row names nobody."""

    name: str = ""
    credit_code: str = ""
    zone: str | None = None
    city: str = ""
    kind: str | None = None
    kind_is_named: bool = False


@dataclass(slots=True)
class Reading:
    """What one row gave. `given` are the fields with a value; an empty cell says nothing, not "delete".

    `errors` keep the row out; `notes` tell what was understood otherwise than it stands there; `left_out` why it is no entry.
    """

    kind: ListingKind
    title: str = ""
    values: dict[str, object] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    contacts: dict[str, str] = field(default_factory=dict)
    owner: OwnerCells = field(default_factory=OwnerCells)
    errors: list[FieldError] = field(default_factory=list)
    notes: list[FieldError] = field(default_factory=list)
    left_out: str = ""

    def draft(self) -> ListingDraft:
        return ListingDraft(kind=self.kind, title=self.title, texts=self.texts, contacts=self.contacts, **self.values)  # type: ignore[arg-type]  # values are set by `_Reader` with the draft's own types


def read_row(row: StagedRow, columns: Sequence[Column], kind: ListingKind, words: Vocabulary, today: date) -> Reading:
    """Never raises: whatever the cells hold becomes values, errors and notes."""
    reader = _Reader(kind, words, today)
    values, units = reader.gather(row, columns)
    reading = reader.reading
    reading.title = values.get("title", "")
    reading.left_out = _no_entry(reading.title, row.cells[0] if row.cells else "", kind)
    if not reading.left_out and len(values) <= _FEW and OWNER + "owner" not in values and _is_footer(row):
        reading.left_out = "footer_row"
    for target, text in values.items():
        if target.startswith(CONTACT):
            if text.strip().lower() not in _NOTHING:
                reading.contacts[target.removeprefix(CONTACT)] = text
        elif not target.startswith(OWNER) and target != "title":
            reader.read_field(BY_CODE[target], text, units.get(target, ""))
    owner = {target.removeprefix(OWNER): text for target, text in values.items() if target.startswith(OWNER)}
    if "owner" not in owner and "holder" in values:
        owner["owner"] = values["holder"]  # a sheet that names nobody else means the one whose result it is
    reader.read_owner(owner)
    if kind is ListingKind.RESULT:
        reader.read_ip(values)
    return reading


def _no_entry(title: str, first: str, kind: ListingKind) -> str:
    """Why a row is none of the person's entries, as a code; empty for one that is."""
    if _EXAMPLE.match(title) or _EXAMPLE.match(first):
        return "example_row"
    if title and is_heading(title, TITLE, kind):
        return "heading_row"
    return "total_row" if "".join((title or first).split()).rstrip("：:") in _TOTALS else ""


def _is_footer(row: StagedRow) -> bool:
    """Whether it begins with a remark or a signature below the table."""
    return bool(_FOOTER.match(next((cell for cell in row.cells if cell.strip()), "").strip()))


class _Reader:
    def __init__(self, kind: ListingKind, words: Vocabulary, today: date) -> None:
        self.words = words
        self.today = today
        self.reading = Reading(kind)

    def error(self, field_name: str, code: str, **params: str | int) -> None:
        self.reading.errors.append(FieldError(field_name, code, params))

    def note(self, field_name: str, code: str, **params: str | int) -> None:
        self.reading.notes.append(FieldError(field_name, code, params))

    def gather(self, row: StagedRow, columns: Sequence[Column]) -> tuple[dict[str, str], dict[str, str]]:
        """Target → text and unit. Of several columns for one target texts and contacts join, of others the first counts."""
        values: dict[str, str] = {}
        units: dict[str, str] = {}
        for column in sorted(columns, key=lambda each: each.rank):
            target = column.target
            if column.index in row.broken:
                self.error(target.rpartition(".")[2], row.broken[column.index], heading=column.heading)
                continue
            text = row.cells[column.index] if column.index < len(row.cells) else ""
            if not text or text.isspace():
                continue
            held = values.get(target)
            if held is None:
                values[target], units[target] = text, column.unit
            elif clean_line(held) != clean_line(text):
                self._second(values, target, held, text, column)
        return values, units

    def _second(self, values: dict[str, str], target: str, held: str, text: str, column: Column) -> None:
        spec = BY_CODE.get(target)
        if target.startswith(CONTACT) or (spec is not None and spec.stored == "texts"):
            values[target] = f"{held}\n{text}" if spec is not None and spec.type in ("text", "links") else f"{held}；{text}"
        else:
            self.error(target.rpartition(".")[2], "columns_differ", heading=column.heading)

    def read_field(self, spec: ListingField, text: str, unit: str) -> None:
        code = spec.code
        if spec.stored == "texts":
            self.reading.texts[code] = text
        elif text.strip().lower() in _NOTHING or code == "ip" or code in RIGHT_PARTS:
            return
        elif len(text) > LONGEST:
            self.error(code, "too_long", limit=LONGEST, length=len(text))
        elif is_broken(text):
            self.error(code, "control_characters")
        elif code in ("maturity", "modes") and clean_line(text) in _OPEN:
            return
        elif code == "maturity":
            self._maturity(text)
        elif spec.type == "money":
            self._sum(code, text, unit)
        elif spec.stored == "tags":
            self._tags(spec, text)
        elif code == "need_type":
            self._set(code, self._code(code, "need_type", text))
        elif code == "modes":
            parts = [part for part in (clean_line(each) for each in _MODE_SEPARATORS.split(text)) if part]
            self._set(code, tuple(dict.fromkeys(found for part in parts if (found := self._code(code, "cooperation", part)))))
        elif code == "industries":
            self._set(code, tuple(dict.fromkeys(found for part in split_cell(text) if (found := self._industry(part)))))
        else:
            self._date(code, text)

    def _set(self, name: str, value: object) -> None:
        if value is not None and value != ():
            self.reading.values[name] = value

    def _code(self, name: str, list_code: str, text: str) -> str | None:
        found = self.words.code(list_code, text)
        if found is None:
            self.error(name, "unknown_code", value=shown(text))
        return found

    def _industry(self, text: str) -> str | None:
        found = self.words.industry(text)
        if len(found) != 1:
            self.error("industries", "ambiguous_name" if found else "unknown_code", value=shown(text))
            return None
        return next(iter(found))

    def _maturity(self, text: str) -> None:
        """A name of the list, a level (TRL 6, 6级, 4-5), or both together: 中试（TRL 6）."""
        plain = clean_line(unicodedata.normalize("NFKC", text))
        code = self.words.code("maturity", plain)
        if code is not None:
            self._set("maturity", code)
            return
        level = _TRL.fullmatch(plain.replace(" ", "").translate(_WRITTEN_DIGITS))
        if level and level[2]:
            self._set("maturity", self.words.maturity_bounds.get((int(level[1]), int(level[2]))))
        elif level:
            self._set("trl", int(level[1]))
        else:
            inside = _TRL_INSIDE.search(plain)
            code = self.words.code("maturity", _TRL_INSIDE.sub("", plain)) if inside else None
            if inside and code:
                self._set("maturity", code)
                self._set("trl", int(inside[1]))
        if not {"maturity", "trl"} & self.reading.values.keys():
            self.error("maturity", "unknown_code", value=shown(text))

    def _tags(self, spec: ListingField, text: str) -> None:
        parts = [part for part in split_cell(text) if part.lower() not in _NO]
        found = tuple(dict.fromkeys(code for part in parts if (code := self._code(spec.code, spec.code_list or "", part))))
        if found:
            self._held("tags")[spec.code] = tuple(sorted(found))

    def _held(self, name: str) -> dict[str, object]:
        """The values of the fields that are kept by their codes."""
        held = self.reading.values.setdefault(name, {})
        return held if isinstance(held, dict) else {}

    def _set_sum(self, code: str, low: int | None, high: int | None) -> None:
        if code == "price":
            self.reading.values |= {"price_min_fen": low, "price_max_fen": high}
        else:
            self._held("amounts")[code] = (low, high)

    def _sum(self, code: str, text: str, unit: str) -> None:
        """A number without a unit has the heading's, or the one that was answered for the column; it is never guessed."""
        is_bare = not _HAS_UNIT.search(text)
        written = f"{text}{unit}" if is_bare and unit not in ("", "元", "万元", "万") else text
        try:
            found = money.parse(written, field=code, bare="yuan" if unit == "元" else "wan")
        except InvalidInput as refused:
            self.reading.errors += refused.fields
            return
        if found is None:  # 面议, said in so many words
            self._set_sum(code, None, None)
        elif is_bare and not unit and any((found.low, found.high)):
            self.error(code, "unit_unclear", value=shown(text))
        else:
            self._set_sum(code, found.low, found.high)

    def _date(self, code: str, text: str) -> None:
        try:
            if code == "completed_on":
                self._set(code, read_date(text, end_of_month=False))
            elif code == "valid_until" and clean_line(text) in _FOREVER:
                self.note(code, "default_period", value=shown(text))
            elif BY_CODE[code].stored == "days":
                self._held("days")[code] = read_until(text, self.today)
            else:
                self._set(code, read_until(text, self.today))
        except NotADate as refused:
            self.error(code, str(refused.args[0]), value=shown(text))

    def read_ip(self, values: Mapping[str, str]) -> None:
        cells = {
            code: "" if (text := values.get(code, "")).strip().lower() in _NOTHING | _NO_RIGHTS and code != "ip_kind" else text
            for code in ("ip", *RIGHT_PARTS)
        }
        if not any(cells.values()):
            return
        longest = max(len(text) for text in cells.values())
        if longest > LONGEST or is_broken("".join(cells.values())):
            code = "too_long" if longest > LONGEST else "control_characters"
            self.error("ip", code, limit=LONGEST, length=longest)
            return
        if not cells["ip_holders"] and values.get(OWNER + "owner"):
            cells["ip_holders"] = values.get("holder", "")  # another than the organisation that brings it
        self._set("ip", read_rights(cells, self.words.code, self.reading.errors))

    def read_owner(self, cells: Mapping[str, str]) -> None:
        for part, text in cells.items():
            if len(text) > LONGEST:
                self.error(part, "too_long", limit=LONGEST, length=len(text))
        cells = {part: text for part, text in cells.items() if len(text) <= LONGEST}
        name = clean_line(cells.get("owner", ""))
        if is_broken(cells.get("owner", "")):
            self.error("owner", "control_characters")
        if len(name) > NAME_LIMIT:
            self.error("owner", "too_long", limit=NAME_LIMIT, length=len(name))
        code = credit_code.normalise(clean_line(cells.get("credit_code", "")))
        if code.lower() in _NOTHING:
            code = ""
        if code and not credit_code.is_valid(code):
            self.error("credit_code", "bad_credit_code", value=shown(code))
            code = ""
        named = cells.get("owner_kind", "").strip()
        kind = self._code("owner_kind", "organisation_kind", named) if named and named.lower() not in _NOTHING else None
        zone = self._zone(cells.get("zone", ""))
        city = _city(cells.get("region", ""))
        if len(city) > CITY_LIMIT:
            self.error("region", "too_long", limit=CITY_LIMIT, length=len(city))
        self.reading.owner = OwnerCells(name[:NAME_LIMIT], code, zone, city, kind or kind_from_name(name), kind is not None)

    def _zone(self, text: str) -> str | None:
        plain = clean_line(text)
        if not plain or plain.lower() in _NOTHING:
            return None
        found = self.words.zone(plain)
        if len(found) != 1:
            self.error("zone", "ambiguous_name" if found else "unknown_code", value=shown(plain))
            return None
        return next(iter(found))


@functools.lru_cache(maxsize=1024)
def _city(text: str) -> str:
    """江苏省无锡市 → 无锡, as organisations have it."""
    return _CITY_ENDING.sub("", _REGION_PARTS.sub("", clean_line(text)))
