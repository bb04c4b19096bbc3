"""Values of a code list pasted from a sheet: looked at as a plan first, taken only as it was looked at."""

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from sqlmodel import Session, col, select

from matching import access
from matching.access import Actor
from matching.draft_rows import Problems
from matching.errors import FieldError, InvalidInput, NotFound, StaleRevision
from matching.model import CodeValue
from matching.records.history import write_change
from matching.records.kinds import LISTS, RecordKind, kind_of
from matching.records.values import Choices, put, read, values_of
from matching.store.unit import UnitOfWork
from matching.typed_text import clean_line, clean_text, is_broken

MOST_ROWS: Final = 3000
LONGEST: Final = 300_000
Action = Literal["new", "change", "same", "error"]

_HEADINGS: Final[Mapping[str, str]] = {
    "代码": "code", "编码": "code", "编号": "code", "名称": "name", "中文名称": "name", "英文名称": "name_en", "英文": "name_en",
    "english": "name_en", "上级": "parent", "上级代码": "parent", "父级": "parent", "说明": "description", "出处": "source",
    "来源": "source", "版本": "version",
}  # fmt: skip
"""What people write above a column beside the field's own name."""
_BLANK: Final[tuple[object, ...]] = (None, "", [])


@dataclass(frozen=True, slots=True)
class Pasted:
    """`source` and `version` go for every row that has none of its own."""

    text: str
    source: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class PastedRow:
    """`line` counts from 1 as pasted. `changes` name the fields that an existing value would get anew."""

    line: int
    key: str
    name: str
    action: Action
    values: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[str, ...] = ()
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class PastePlan:
    """`digest` stands for everything the plan would write, and over what."""

    rows: tuple[PastedRow, ...]
    digest: str

    def count(self, action: Action) -> int:
        return sum(row.action == action for row in self.rows)

    @property
    def is_ready(self) -> bool:
        return not self.count("error") and bool(self.count("new") + self.count("change"))


def may_paste(kind: RecordKind) -> bool:
    """The list of lists is none: what its rows declare is read by rules."""
    return bool(kind.list_code) and kind.list_code != LISTS


def look(session: Session, actor: Actor, kind_name: str, pasted: Pasted) -> PastePlan:
    """What taking it would do, row by row; nothing is written. An empty cell says nothing about a value that is there.

    Raises `InvalidInput` (nothing to read, or too much), `NotFound`, `SignInNeeded`, `MayNot`.
    """
    access.require(actor, "reference.write")
    access.require_mark(actor, "reference.write", demo=False)
    kind = kind_of(session, kind_name)
    if not may_paste(kind):
        raise NotFound(kind="record_kind")
    lines = _lines(pasted, kind)
    held = {row.code: row for row in _held(session, kind)}
    choices = Choices(session)
    choices.expect(kind.name, [cells.get("code", "") for _, cells in lines])
    last = max((row.position for row in held.values()), default=0)
    newest = max(held.values(), key=lambda row: row.id or 0).version if held else "1"
    defaults = {"source": pasted.source, "version": pasted.version or newest}
    if not clean_line(pasted.source) and any(not cells.get("source") and cells.get("code") not in held for _, cells in lines):
        raise InvalidInput(FieldError("source", "required"))
    seen: set[str] = set()
    rows: list[PastedRow] = []
    for at, (line, cells) in enumerate(lines, 1):
        rows.append(_row(kind, line, cells, {**defaults, "position": str(last + at)}, held, choices, seen))
    over = [(row.id, row.row_version) for row in held.values()]
    written = [(row.key, row.action, sorted((name, str(value)) for name, value in row.values.items())) for row in rows]
    return PastePlan(tuple(rows), hashlib.sha256(repr((over, written)).encode()).hexdigest()[:32])


def take(unit: UnitOfWork, actor: Actor, kind_name: str, pasted: Pasted, digest: str) -> PastePlan:
    """Write the plan that was looked at: each value with its own change in the history.

    Raises `StaleRevision` where it is another plan by now, `InvalidInput` where a row is wrong, and what `look` raises.
    """
    session = unit.session
    plan = look(session, actor, kind_name, pasted)
    if plan.count("error"):
        raise InvalidInput(FieldError("text", "rows_wrong", {"count": plan.count("error")}))
    if plan.digest != digest:
        raise StaleRevision(seen=digest[:6], current=plan.digest[:6])
    kind, choices = kind_of(session, kind_name), Choices(session)
    held = {row.code: row for row in _held(session, kind)}
    for each in plan.rows:
        if each.action == "same":
            continue
        row = held.get(each.key) or CodeValue(list_code=kind.list_code, code=each.key, name=each.name, name_en="", facts={})
        before = values_of(kind, row, choices) if row.id is not None else {}
        put(kind, row, each.values, choices)
        row.row_version += 1 if before else 0
        session.add(row)
        session.flush()
        action = "change" if before else "create"
        write_change(unit, actor, kind.name, each.key, action, before, values_of(kind, row, choices), note="paste")
    return plan


def _held(session: Session, kind: RecordKind) -> list[CodeValue]:
    """The newest edition of a code comes last."""
    return list(session.exec(select(CodeValue).where(CodeValue.list_code == kind.list_code).order_by(col(CodeValue.id))).all())


def _row(
    kind: RecordKind,
    line: int,
    cells: Mapping[str, str],
    defaults: Mapping[str, str],
    held: Mapping[str, CodeValue],
    choices: Choices,
    seen: set[str],
) -> PastedRow:
    problems = Problems()
    key = clean_line(cells.get("code", ""))
    row = held.get(key)
    told = {name: text for name, text in cells.items() if text}
    if row is None:
        typed, before = {**defaults, **told}, {}
    else:
        typed, before = told, values_of(kind, row, choices)
    values = read(kind, typed, before, choices, problems, is_new=row is None)
    if key and key in seen:
        problems.add("code", "taken")
    if key and values.get("parent") == key:
        problems.add("parent", "circle")
    seen.add(key)
    name = str(values.get("name") or "")
    if problems.found:
        return PastedRow(line, key, name, "error", values, errors=tuple(problems.found))
    changes = tuple(each for each, value in values.items() if _differs(value, before.get(each)))
    action: Action = "new" if row is None else "change" if changes else "same"
    return PastedRow(line, key, name, action, values, changes if row is not None else ())


def _differs(value: Any, held: Any) -> bool:
    return value != held and not (value in _BLANK and held in _BLANK)


def _lines(pasted: Pasted, kind: RecordKind) -> list[tuple[int, dict[str, str]]]:
    """Line number → cells by field. The first line may name the columns, by field or as people call them."""
    if len(pasted.text) > LONGEST:
        raise InvalidInput(FieldError("text", "too_long", {"limit": LONGEST, "length": len(pasted.text)}))
    if is_broken(pasted.text):
        raise InvalidInput(FieldError("text", "control_characters"))
    lines = [(at, each) for at, each in enumerate(pasted.text.replace("\r\n", "\n").split("\n"), 1) if each.strip()]
    if not lines:
        raise InvalidInput(FieldError("text", "required"))
    has_tabs, has_commas = (any(mark in each for _, each in lines) for mark in "\t,")
    rows = [(at, _cells(each, "\t" if has_tabs else "," if has_commas else " ")) for at, each in lines]
    columns = [_column(each, kind) for each in rows[0][1]]
    if "code" in columns:
        rows = rows[1:]
    else:
        columns = ["code", "name", "name_en", *(each.name for each in kind.fields if each.stored == "fact")]
    if len(rows) > MOST_ROWS:
        raise InvalidInput(FieldError("text", "too_many", {"limit": MOST_ROWS}))
    return [(at, {name: text for name, text in zip(columns, cells, strict=False) if name}) for at, cells in rows]


def _cells(line: str, mark: str) -> list[str]:
    if mark == " ":
        return line.split(None, 1)
    if len(line) > csv.field_size_limit():
        return line.split(mark)
    return [clean_text(each) for each in next(csv.reader([line], delimiter=mark))]


def _column(heading: str, kind: RecordKind) -> str:
    """The field that a heading means; nothing for one that is not known."""
    plain = clean_line(heading).casefold()
    name = _HEADINGS.get(plain, plain)
    return name if kind.field(name) is not None else ""
