"""Records of the reference data as pages show them: names of kinds and fields, values in words, forms filled and merged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from matching.records.editor import RecordView
from matching.records.history import ChangeView
from matching.records.kinds import CODES, RecordField, RecordKind
from matching.records.values import Choices
from web import i18n
from web.formats import joined, named, offered
from web.forms import FormState
from web.i18n import gettext as _
from web.i18n import pgettext
from web.messages import field_label
from web.names import Names
from web.typed import Typed
from web.wording import records

FORM_KIND: Final = "record"
"""The prefix of these fields in the tables of labels and help."""
SHOWN: Final = "shown"
"""Hidden inputs that name the fields whose boxes may all be empty."""

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "zones": ("level", "region", "pilots", "source"),
    "industries": ("keywords", "aliases", "ipc", "source"),
    "regions": ("source",),
    "groupings": ("kind", "zone", "industry", "source"),
    "synonyms": ("words", "industry", "source"),
}
_WORDS_TOLD: Final = 6


@dataclass(frozen=True, slots=True)
class Fact:
    """A field in words. `is_empty` where the record says nothing."""

    name: str
    label: str
    text: str

    @property
    def is_empty(self) -> bool:
        return not self.text


@dataclass(frozen=True, slots=True)
class ShownChange:
    id: int
    at: datetime
    by: str
    action: str
    note: str
    undone: bool
    may_undo: bool
    differences: tuple[tuple[str, str, str], ...]


def kind_title(kind: str, names: Names) -> str:
    """A list without a name of its own goes by its code."""
    if kind in records.KINDS:
        return _(records.KINDS[kind])
    return names.of("code_list", kind.removeprefix(CODES)) if kind != f"{CODES}code_list" else _("Names of the code lists")


def kind_meaning(kind: str, names: Names) -> str:
    if kind in records.MEANINGS:
        return _(records.MEANINGS[kind])
    row = names.lists.get("code_list", {}).get(kind.removeprefix(CODES))
    return described(row) if row else ""


def described(thing: Any) -> str:
    """The description in the reader's language, or the one there is."""
    return (thing.description_en if i18n.current() == "en" else "") or str(thing.description)


def add_label(kind: str) -> str:
    return _(records.ADD[kind]) if kind in records.ADD else _("Add a value")


def action_label(action: str) -> str:
    return pgettext(*records.ACTIONS[action]) if action in records.ACTIONS else action


def label(name: str) -> str:
    return field_label(name, FORM_KIND)


def choice_text(kind: str, key: str, choices: Choices) -> str:
    found = next((each for each in choices.of(kind) if each.key == key), None)
    return named(found) if found else key


def value_text(field: RecordField | None, value: Any, choices: Choices) -> str:
    """A value in words; nothing for none."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in (None, "", []):
        return ""
    if field is not None and field.of:
        keys = value if isinstance(value, list) else [value]
        return joined([choice_text(field.of, str(each), choices) for each in keys])
    return joined([str(each) for each in value]) if isinstance(value, list) else str(value)


def facts(view: RecordView, choices: Choices) -> tuple[Fact, ...]:
    return tuple(
        Fact(each.name, label(each.name), value_text(each, view.values.get(each.name), choices)) for each in view.kind.fields
    )


def columns(kind: RecordKind) -> tuple[RecordField, ...]:
    """What a list shows beside name and code; of a code list its facts and its source."""
    wanted = COLUMNS.get(kind.name, (*(each.name for each in kind.fields if each.stored == "fact"), "source"))
    return tuple(each for name in wanted if (each := kind.field(name)) is not None)


def cell(field: RecordField, value: Any, choices: Choices) -> str:
    """As `value_text`, and of a long list of words the first few."""
    if field.type == "words" and isinstance(value, list) and len(value) > _WORDS_TOLD:
        return joined([*value[:_WORDS_TOLD], "…"])
    return value_text(field, value, choices)


def shown_changes(changes: Sequence[ChangeView], kind: RecordKind, choices: Choices) -> tuple[ShownChange, ...]:
    industries = RecordField("industry", "one", of="industries")
    found = []
    for each in changes:
        differences = []
        for one in each.differences:
            field = kind.field(one.field) or (industries if one.field == "industry" else None)
            before, after = value_text(field, one.before, choices), value_text(field, one.after, choices)
            if before or after:
                differences.append((label(one.field), before, after))
        found.append(
            ShownChange(
                each.id, each.at, each.by, action_label(each.action), each.note, each.undone, each.may_undo, tuple(differences)
            )
        )
    return tuple(found)


def options(field: RecordField, choices: Choices, keep: Sequence[str]) -> list[tuple[str, str]]:
    """What may be chosen, and what stands there already. Regions carry their code, by which people know them."""
    shown = (each for each in choices.of(field.of) if not each.retired or each.key in keep)
    return [(each.key, f"{each.key} {offered(each)}" if field.of == "regions" else offered(each)) for each in shown]


def form_of(kind: RecordKind, values: Mapping[str, Any], version: int | None = None) -> FormState:
    """A record in its form, or an empty one."""
    filled = {each.name: _typed(each, values.get(each.name)) for each in kind.fields}
    return FormState({**filled, "seen_version": "" if version is None else str(version)})


def _typed(field: RecordField, value: Any) -> str | tuple[str, ...]:
    if field.type == "flag":
        return ("yes",) if value else ()
    if field.type == "many":
        return tuple(value or ())
    if isinstance(value, list):
        return "；".join(value)
    return "" if value is None else str(value)


def read_form(kind: RecordKind, typed: Typed) -> dict[str, str | tuple[str, ...]]:
    """What was typed, by field; fields that the page did not have are left out."""
    boxes = typed.all(SHOWN)
    return {
        each.name: typed.all(each.name) if each.type in ("many", "flag") else typed.one(each.name)
        for each in kind.fields
        if each.name in typed or each.name in boxes
    }


def merged(
    view: RecordView, typed: Mapping[str, str | tuple[str, ...]], seen_version: int
) -> tuple[FormState, tuple[ChangeView, ...]]:
    """What was typed over what others wrote meanwhile: fields that the person left as they were take the newer value.

    Also the changes that came in between, newest first.
    """
    newer = view.history[: max(0, view.version - seen_version)]
    seen = dict(view.values)
    for change in newer:
        seen.update({each.field: each.before for each in change.differences})
    was, now = form_of(view.kind, seen).values, form_of(view.kind, view.values, view.version).values
    values = {
        name: now[name] if typed.get(name, was.get(name)) == was.get(name) else typed[name] for name in now if name in typed
    }
    return FormState({**now, **values}), newer
