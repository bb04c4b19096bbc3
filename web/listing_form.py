"""The form of a result or a need: which inputs it has, and what they show: a stored draft, or what somebody typed.

Rows of indicators and rights are inputs named `indicators-0-name`, numbered from 0 without gaps; an error of `matching` names
the row from 1 and its part. `layer-<field>` says who may read a field.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from matching.drafts import REQUIRED_ON_SUBMIT, ListingDraft
from matching.errors import FieldError, InvalidInput
from matching.model import Layer, ListingKind
from matching.model.fields import BY_CODE, CONTACTS, RIGHT_PARTS, ListingField, Step, fields_of, stored_as
from matching.money import format_wan
from web import messages
from web.forms import FormState
from web.i18n import N_, gettext
from web.typed import Typed

Value = str | tuple[str, ...]
ROW_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "indicators": ("name", "comparator", "value", "to", "unit", "evidence"),
    "ip": ("kind", "number", "title", "status", "filed_on", "granted_on", "holders", "ipc"),
}
_ROW_NAME: Final = re.compile(r"(indicators|ip)-(\d{1,3})-([a-z_]+)")
ROWS_SHOWN: Final = 3
"""So many rows a form shows at least, and so many more for the button "more rows"."""

TUPLES: Final = ("modes", "industries", "rejected", "declined", *(each.code for each in stored_as("tags")))
SEEN: Final = ("seen_version", "seen_revision", "seen_industries", "seen_valid_until", "seen_addressed_zone")
"""What the form was made from, in hidden inputs: enough to tell what others changed while somebody wrote."""
CONTACT_KINDS: Final = tuple(each.code for each in CONTACTS)
ALWAYS_PUBLIC: Final = ("title", "industries")
SUMS: Final = tuple(each.code for each in BY_CODE.values() if each.type == "money")
"""Fields of two boxes, `<field>_min` and `<field>_max`."""

_COMPARATORS: Final = (
    (">=", N_("at least ≥")), ("<=", N_("at most ≤")), ("=", N_("equal to =")), ("range", N_("from … to …")),
    (">", N_("above >")), ("<", N_("below <")),
)  # fmt: skip
STEPS: Final[tuple[tuple[Step, str], ...]] = (
    ("what", N_("What it is")), ("figures", N_("Figures")), ("terms", N_("Terms")),
    ("rights", N_("Rights")), ("extras", N_("More")), ("tender", N_("Tender")),
)  # fmt: skip
"""The parts of a form in their order, what matters first; contacts and readers come after them."""
_FIRST: Final = ("title", "problem", "summary", "detail", "difficulty", "indicators", "maturity", "modes", "budget", "price")
"""What stands first in its part; the others follow in the catalogue's order."""
_PARTS: Final = {
    "name": N_("name"), "comparator": N_("comparison"), "value": N_("value"), "to": N_("upper value"), "unit": N_("unit"),
    "evidence": N_("evidence"), "kind": N_("kind"), "number": N_("number"), "title": N_("title"), "status": N_("legal status"),
    "filed_on": N_("filed on"), "granted_on": N_("granted on"), "holders": N_("holders"), "ipc": N_("IPC class"),
}  # fmt: skip


def text_codes(kind: ListingKind) -> tuple[str, ...]:
    return tuple(each.code for each in fields_of(kind) if each.stored == "texts")


def layered_codes(kind: ListingKind) -> tuple[str, ...]:
    """The fields whose layer can be chosen, in the catalogue's order."""
    return tuple(each.code for each in fields_of(kind) if each.code not in (*ALWAYS_PUBLIC, *RIGHT_PARTS))


def step_fields(kind: ListingKind, step: Step) -> tuple[ListingField, ...]:
    """The fields that one part of the form asks for, in its order."""
    asked = [each for each in fields_of(kind) if each.step == step and each.code not in RIGHT_PARTS]
    return tuple(sorted(asked, key=lambda each: _FIRST.index(each.code) if each.code in _FIRST else len(_FIRST)))


def sums_of(kind: ListingKind) -> tuple[str, ...]:
    return tuple(each.code for each in fields_of(kind) if each.code in SUMS)


def single_names(kind: ListingKind) -> tuple[str, ...]:
    """Every input that holds one text, but for rows and contacts."""
    plain = ("title", "organisation", "addressed_zone", "maturity", "trl", "valid_until")
    of_kind = ("completed_on",) if kind == ListingKind.RESULT else ("need_type", "wanted_by")
    sums = (f"{code}_{end}" for code in sums_of(kind) for end in ("min", "max"))
    days = (each.code for each in stored_as("days", kind))
    layers = (f"layer-{each}" for each in layered_codes(kind))
    return (*plain, *of_kind, *sums, *days, *text_codes(kind), *layers, *SEEN, "form_token", "form_key")


def part_name(part: str) -> str:
    return gettext(_PARTS[part]) if part in _PARTS else part


@dataclass(frozen=True, slots=True)
class ListingForm(FormState):
    """`reasons` are what the staff ask to be changed, by field; `newer` is what others stored meanwhile, by field; `wanted` is
    the field that a pair asks about, where somebody comes from one."""

    kind: ListingKind = ListingKind.RESULT
    reasons: Mapping[str, str] = field(default_factory=dict)
    newer: Mapping[str, str] = field(default_factory=dict)
    wanted: str = ""

    def refused(self, refused: InvalidInput | Iterable[FieldError]) -> "ListingForm":
        found: list[FieldError] = []
        for each in refused.fields if isinstance(refused, InvalidInput) else refused:
            if each not in found:
                found.append(each)
        return replace(self, errors=tuple(sorted(found, key=lambda each: _place(each.field, self.kind))))

    def rows(self, name: str) -> range:
        """The numbers of the rows to show: those that are there, one more to go on with, and at least three."""
        there = sum(each.startswith(f"{name}-") and each.endswith(f"-{ROW_PARTS[name][0]}") for each in self.values)
        return range(max(ROWS_SHOWN, there, row_count(self.values, name) + 1))

    def with_more_rows(self, name: str) -> "ListingForm":
        """The same form with more empty rows."""
        start = self.rows(name).stop
        empty = {f"{name}-{at}-{part}": "" for at in range(start, start + ROWS_SHOWN) for part in ROW_PARTS[name]}
        return replace(
            self, values={**{f"{name}-{at}-{ROW_PARTS[name][0]}": "" for at in self.rows(name)}, **self.values, **empty}
        )

    def row_errors(self, name: str, row: int, part: str) -> tuple[str, ...]:
        """The wordings at one part of a row (numbered from 0)."""
        return tuple(
            messages.field_error_text(each)
            for each in self.errors
            if each.field == name and each.params.get("row") == row + 1 and each.params.get("part") == part
        )

    def whole_errors(self, code: str) -> tuple[str, ...]:
        """The wordings at a field that concern none of its rows."""
        return tuple(messages.field_error_text(each) for each in self.errors if each.field == code and "row" not in each.params)

    def is_filled(self, code: str) -> bool:
        if code in ROW_PARTS:
            return row_count(self.values, code) > 0
        names = (f"{code}_min", f"{code}_max") if code in SUMS else (code,)
        return any(bool(self.values.get(each)) for each in names)

    def filled(self, codes: Iterable[str]) -> int:
        return sum(self.is_filled(code) for code in codes)

    def is_in_trouble(self, codes: Iterable[str]) -> bool:
        """Whether a folded part must be open: something in it is refused, asked for, or was changed by others."""
        wanted = set(codes)
        wrong = {_field_of(each.field) for each in self.errors} | set(self.reasons) | set(self.newer) | {self.wanted}
        return bool(wanted & wrong)

    def comparators(self) -> list[tuple[str, str]]:
        """The choices of an indicator's comparison, the commonest first."""
        return [(code, gettext(name)) for code, name in _COMPARATORS]

    def layer(self, code: str) -> str:
        value = self.values.get(f"layer-{code}")
        return value if isinstance(value, str) and value else BY_CODE[code].layer.value

    def steps(self) -> list[tuple[Step, str, tuple[ListingField, ...]]]:
        """The parts of the form that this kind has: code, name, fields."""
        parts = [(step, gettext(name), step_fields(self.kind, step)) for step, name in STEPS]
        return [each for each in parts if each[2]]

    def matters_first(self, code: str) -> bool:
        """Whether it is asked for at once; the others of its part stay folded until somebody wants them."""
        return code in _FIRST

    def is_required(self, code: str) -> bool:
        return code in ("title", REQUIRED_ON_SUBMIT[self.kind])

    def layers_of(self, code: str) -> list[tuple[str, str]]:
        """The readers that can be chosen for a field."""
        fixed = BY_CODE[code].layer is Layer.OWN
        return [(each.value, messages.layer_name(each.value)) for each in Layer if not fixed or each is Layer.OWN]

    def layered(self) -> tuple[str, ...]:
        """The fields whose readers can be chosen."""
        return layered_codes(self.kind)

    def anchor(self, error: FieldError) -> str:
        """The id of the input that an error speaks of."""
        if error.field in ROW_PARTS and "row" in error.params:
            return self.id_of(f"{error.field}-{int(error.params['row']) - 1}-{error.params.get('part', 'name')}")
        if error.field in SUMS:
            return self.id_of(f"{error.field}_min")
        if error.field == "layers":
            return "layers"
        return self.id_of(error.field)

    def name_of(self, error: FieldError) -> str:
        """What the field is called; of a row its number and part, too."""
        label = "TRL" if error.field == "trl" else messages.field_label(_field_of(error.field), self.kind)
        if error.field.endswith("_min"):
            return gettext(N_("%(field)s, lowest")) % {"field": label}
        if error.field.endswith("_max"):
            return gettext(N_("%(field)s, highest")) % {"field": label}
        if "row" in error.params:
            part = part_name(str(error.params.get("part", "")))
            return gettext(N_("%(field)s, row %(row)s, %(part)s")) % {"field": label, "row": error.params["row"], "part": part}
        return label

    def error_text(self, error: FieldError) -> str:
        return messages.field_error_text(error)


def _place(name: str, kind: ListingKind) -> int:
    """Where an input stands on the page: errors are listed in its order."""
    order = ("organisation", *(each.code for step, _ in STEPS for each in step_fields(kind, step)), *CONTACT_KINDS, "layers")
    code = _field_of(name)
    return order.index(code) if code in order else len(order)


def _field_of(name: str) -> str:
    base = name.removesuffix("_min").removesuffix("_max")
    return base if base in SUMS else "maturity" if name == "trl" else name


def row_count(values: Mapping[str, Value], name: str) -> int:
    """How many rows there are, up to the last one that says anything."""
    said = [
        int(found[2])
        for key, value in values.items()
        if value and (found := _ROW_NAME.fullmatch(key)) and found[1] == name and found[3] != "comparator"
    ]
    return max(said, default=-1) + 1


def from_typed(kind: ListingKind, typed: Typed) -> ListingForm:
    """The form as it was sent. Inputs that it does not have are left out, contacts that were not sent, too."""
    values: dict[str, Value] = {name: typed.one(name) for name in single_names(kind)}
    values |= {name: typed.all(name) for name in TUPLES}
    values |= {name: typed.one(name) for name in CONTACT_KINDS if name in typed}
    for name in ROW_PARTS if kind == ListingKind.RESULT else ("indicators",):
        values |= _typed_rows(name, typed)
    return ListingForm(values, kind=kind)


def _typed_rows(name: str, typed: Typed) -> dict[str, str]:
    """The rows renumbered without gaps: a row that a script took away leaves one."""
    rows: dict[int, dict[str, str]] = {}
    for key, value in typed.pairs:
        found = _ROW_NAME.fullmatch(key)
        if found and found[1] == name and found[3] in ROW_PARTS[name]:
            rows.setdefault(int(found[2]), {}).setdefault(found[3], value)
    return {
        f"{name}-{at}-{part}": rows[number].get(part, "") for at, number in enumerate(sorted(rows)) for part in ROW_PARTS[name]
    }


def from_draft(draft: ListingDraft, contacts: Mapping[str, str] | None = None) -> ListingForm:
    """The form that would send this draft. Without `contacts` it does not ask for them."""
    return ListingForm(values_of(draft, contacts), kind=draft.kind)


def values_of(draft: ListingDraft, contacts: Mapping[str, str] | None = None) -> dict[str, Value]:
    values: dict[str, Value] = dict.fromkeys(single_names(draft.kind), "")
    values |= {
        "title": draft.title,
        "organisation": draft.organisation or "",
        "addressed_zone": draft.addressed_zone or "",
        "maturity": draft.maturity or "",
        "trl": str(draft.trl or ""),
        "valid_until": draft.valid_until.isoformat() if draft.valid_until else "",
    }
    for code in sums_of(draft.kind):
        low, high = (draft.price_min_fen, draft.price_max_fen) if code == "price" else draft.amounts.get(code, (None, None))
        values |= {f"{code}_min": money_text(low), f"{code}_max": money_text(high)}
    values |= {code: day.isoformat() for code, day in draft.days.items()}
    values |= {"modes": draft.modes, "industries": draft.industries, "rejected": (), "declined": draft.declined}
    values |= {each.code: draft.tags.get(each.code, ()) for each in stored_as("tags", draft.kind)}
    if draft.kind == ListingKind.RESULT:
        values["completed_on"] = f"{draft.completed_on:%Y-%m}" if draft.completed_on else ""
    else:
        values |= {"need_type": draft.need_type or "", "wanted_by": draft.wanted_by.isoformat() if draft.wanted_by else ""}
    values |= draft.texts
    values |= {f"layer-{code}": draft.layers.get(code, BY_CODE[code].layer.value) for code in layered_codes(draft.kind)}
    values |= {} if contacts is None else {kind: contacts.get(kind, "") for kind in CONTACT_KINDS}
    for at, each in enumerate(draft.indicators):
        is_range = each.comparator == "range"
        first = each.low if each.low is not None else each.high
        parts = (
            each.name,
            each.comparator,
            number_text(first),
            number_text(each.high if is_range else None),
            each.unit,
            each.evidence,
        )
        values |= {f"indicators-{at}-{part}": text for part, text in zip(ROW_PARTS["indicators"], parts, strict=True)}
    for at, right in enumerate(draft.ip):
        for part in ROW_PARTS["ip"]:
            held = getattr(right, part)
            values[f"ip-{at}-{part}"] = "" if held is None else str(held)
    return values


def number_text(value: float | None) -> str:
    """A figure as a form shows it: plain, without grouping, exact."""
    return "" if value is None else repr(value).removesuffix(".0")


def money_text(fen: int | None) -> str:
    return "" if fen is None else format_wan(fen)
