"""The fields of a record as values: read from its row, read from what was typed, checked, and put back."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlmodel import Session, SQLModel, col, select

from matching.draft_rows import Problems
from matching.model import CodeValue, Grouping, Industry, Region, Zone
from matching.records.history import Values
from matching.records.kinds import CODES, RecordField, RecordKind
from matching.typed_text import clean_line, clean_text, has_words, is_broken, shown

Typed = Mapping[str, object]
"""Field name → what was sent: a text or texts of a form, or JSON values of an API. Fields left out stay as they are."""

RETIRED: Final = "valid_until"
"""Among a record's values beside its fields: the day since which it is no longer offered."""

MOST_WORDS: Final = 200
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_REGION: Final = re.compile(r"[1-9][0-9]{5}")
_BETWEEN_WORDS: Final = re.compile(r"[\n;；、,，]+")
_YES: Final = ("yes", "true", "1", "on")
_TABLES: Final[dict[str, type[SQLModel]]] = {"zones": Zone, "industries": Industry, "regions": Region, "groupings": Grouping}


@dataclass(frozen=True, slots=True)
class Choice:
    """A record that others may name."""

    id: int
    key: str
    name: str
    name_en: str
    retired: bool


class Choices:
    """The records of other kinds, read when they are first asked for: one for a page or a change."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._held: dict[str, tuple[Choice, ...]] = {}

    def of(self, kind: str) -> tuple[Choice, ...]:
        """All records of a kind (`zones`, `codes.maturity`), the retired ones too, in their order."""
        if kind not in self._held:
            self._held[kind] = tuple(
                Choice(row.id or 0, row.code, row.name, row.name_en, row.valid_until is not None) for row in self._rows(kind)
            )
        return self._held[kind]

    def expect(self, kind: str, keys: Iterable[str]) -> None:
        """Keys that are about to be made, so that others may name them already."""
        there = {each.key for each in self.of(kind)}
        new = dict.fromkeys(key for key in keys if key and key not in there)
        self._held[kind] = (*self.of(kind), *(Choice(0, key, key, key, retired=False) for key in new))

    def _rows(self, kind: str) -> Iterable[Any]:
        if kind.startswith(CODES):
            wanted = CodeValue.list_code == kind.removeprefix(CODES)
            return self._session.exec(select(CodeValue).where(wanted).order_by(col(CodeValue.position), col(CodeValue.id))).all()
        table: Any = _TABLES[kind]
        return self._session.exec(select(table).order_by(table.position, table.id)).all()

    def id_of(self, kind: str, key: str) -> int | None:
        return next((each.id for each in self.of(kind) if each.key == key), None)

    def key_of(self, kind: str, id_: int | None) -> str | None:
        return next((each.key for each in self.of(kind) if each.id == id_), None)


def values_of(kind: RecordKind, row: Any, choices: Choices) -> dict[str, Any]:
    """All fields of the row, and the day it was retired."""
    values = {each.name: _value(each, row, choices) for each in kind.fields}
    return values | {RETIRED: row.valid_until.isoformat() if row.valid_until else None}


def _value(field: RecordField, row: Any, choices: Choices) -> Any:
    if field.stored == "fact":
        value = row.facts.get(field.name)
        if field.type == "flag":
            return bool(value)
        return "" if value is None and field.type == "line" else value
    held = getattr(row, field.attribute)
    if field.stored == "id":
        return choices.key_of(field.of, held)
    if isinstance(held, date):
        return held.isoformat()
    return list(held) if isinstance(held, list) else held


def put(kind: RecordKind, row: Any, values: Values, choices: Choices) -> None:
    """Write checked values into the row."""
    facts = dict(getattr(row, "facts", None) or {})
    for field in kind.fields:
        if field.name not in values:
            continue
        value = values[field.name]
        if field.stored == "fact":
            facts.pop(field.name, None)
            if value not in (None, ""):
                facts[field.name] = value
        elif field.stored == "id":
            setattr(row, field.attribute, choices.id_of(field.of, value) if value else None)
        elif field.type == "day":
            setattr(row, field.attribute, date.fromisoformat(value) if value else None)
        else:
            empty: Any = [] if field.type in ("words", "many") else 0 if field.type in ("number", "flag") else ""
            setattr(row, field.attribute, empty if value is None else value)
    if hasattr(row, "facts") and facts != row.facts:
        row.facts = facts
    if RETIRED in values:
        row.valid_until = date.fromisoformat(values[RETIRED]) if values[RETIRED] else None


def read(kind: RecordKind, typed: Typed, held: Values, choices: Choices, problems: Problems, *, is_new: bool) -> dict[str, Any]:
    """The values after the change: what was typed, read by its field's type and checked, over what the record holds."""
    values = dict(held)
    for field in kind.fields:
        if field.name in typed and not (field.fixed and not is_new):
            values[field.name] = _read(field, typed[field.name], held.get(field.name), choices, problems)
        if field.required and values.get(field.name) in (None, "", []) and not problems.has(field.name):
            problems.add(field.name, "required")
    return values


def _read(field: RecordField, sent: object, held: Any, choices: Choices, problems: Problems) -> Any:
    texts = [str(each) for each in sent] if isinstance(sent, list | tuple) else ["" if sent is None else str(sent)]
    texts = texts or [""]  # a box that is not ticked
    if any(is_broken(each) for each in texts):
        problems.add(field.name, "control_characters")
        return held
    match field.type:
        case "flag":
            return texts[-1].strip().lower() in _YES
        case "many":
            return _many(field, [clean_line(each) for each in texts if each.strip()], held or [], choices, problems)
        case "words":
            return _words(field, "\n".join(texts), problems)
        case "text":
            return problems.fit(field.name, clean_text(texts[0]), field.limit)
        case "one":
            return _one(field, clean_line(texts[0]), held, choices, problems)
        case "number":
            return _number(field, clean_line(texts[0]), problems)
        case "day":
            return _day(field, clean_line(texts[0]), problems)
        case _:
            return _line(field, clean_line(texts[0]), problems)


def _line(field: RecordField, text: str, problems: Problems) -> str:
    problems.fit(field.name, text, field.limit)
    if text and field.type == "code" and not _CODE.fullmatch(text):
        problems.add(field.name, "bad_code")
    elif text and field.type == "region_code" and not _REGION.fullmatch(text):
        problems.add(field.name, "bad_region_code")
    elif text and field.name == "name" and not has_words(text):
        problems.add(field.name, "meaningless")
    return text


def _words(field: RecordField, text: str, problems: Problems) -> list[str]:
    """Each once, in the order given; separated by lines, commas or semicolons."""
    words = list(dict.fromkeys(word for each in _BETWEEN_WORDS.split(clean_text(text)) if (word := clean_line(each))))
    for each in words:
        if len(each) > field.limit:
            problems.add(field.name, "word_too_long", value=shown(each), limit=field.limit)
    if len(words) > MOST_WORDS:
        problems.add(field.name, "too_many", limit=MOST_WORDS)
    return words


def _number(field: RecordField, text: str, problems: Problems) -> int | None:
    if not text:
        return None if field.stored == "fact" else 0
    low, high = field.bounds
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        problems.add(field.name, "not_a_number", value=shown(text))
        return None
    if not low <= int(text) <= high:
        problems.add(field.name, "out_of_range", low=low, high=high)
    return int(text)


def _day(field: RecordField, text: str, problems: Problems) -> str | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        problems.add(field.name, "not_a_date", value=shown(text))
        return None


def _one(field: RecordField, key: str, held: Any, choices: Choices, problems: Problems) -> str | None:
    """A retired one is kept where it stands, and not taken anew."""
    if not key:
        return "" if field.stored == "column" else None
    _check_key(field, key, [held], choices, problems)
    return key


def _many(field: RecordField, keys: list[str], held: list[str], choices: Choices, problems: Problems) -> list[str]:
    for key in keys:
        _check_key(field, key, held, choices, problems)
    return list(dict.fromkeys(keys))


def _check_key(field: RecordField, key: str, held: list[Any], choices: Choices, problems: Problems) -> None:
    found = next((each for each in choices.of(field.of) if each.key == key), None)
    if found is None or (found.retired and key not in held):
        problems.add(field.name, "unknown_code", value=shown(key))
