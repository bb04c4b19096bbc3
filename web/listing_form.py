"""The form of a result or a need: which inputs it has, and what they show: a stored draft, or what somebody typed.

Rows of indicators and rights are inputs named `indicators-0-name`, numbered from 0 without gaps; an error of `matching` names
the row from 1 and its part. `layer-<field>` says who may read a field.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from matching.drafts import ListingDraft
from matching.errors import FieldError, InvalidInput
from matching.model import ListingKind
from matching.model.fields import BY_CODE, CONTACTS, fields_of
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

TUPLES: Final = ("modes", "industries", "rejected")
SEEN: Final = ("seen_version", "seen_revision", "seen_industries", "seen_valid_until", "seen_addressed_zone")
"""What the form was made from, in hidden inputs: enough to tell what others changed while somebody wrote."""
CONTACT_KINDS: Final = tuple(each.code for each in CONTACTS)
ALWAYS_PUBLIC: Final = ("title", "industries")
_PARTLY: Final = ("ip_kind", "ip_status")
"""Fields of a sheet that a form asks for in the rows of `ip`."""

_COMPARATORS: Final = (
    (">=", N_("at least ≥")), ("<=", N_("at most ≤")), ("=", N_("equal to =")), ("range", N_("from … to …")),
    (">", N_("above >")), ("<", N_("below <")),
)  # fmt: skip
_ORDER: Final = (
    "organisation", "title", "problem", "summary", "detail", "difficulty", "indicators", "maturity", "trl", "modes", "price",
    "price_min", "price_max", "need_type", "basis", "advantage", "indicators_text", "keywords", "application", "field",
    "partners", "experts", "ip", "industries", "completed_on", "awards", "funding", "obtained", "market", "remark", "wanted_by",
    "valid_until", "addressed_zone", *CONTACT_KINDS, "layers",
)  # fmt: skip
_PARTS: Final = {
    "name": N_("name"), "comparator": N_("comparison"), "value": N_("value"), "to": N_("upper value"), "unit": N_("unit"),
    "evidence": N_("evidence"), "kind": N_("kind"), "number": N_("number"), "title": N_("title"), "status": N_("legal status"),
    "filed_on": N_("filed on"), "granted_on": N_("granted on"), "holders": N_("holders"), "ipc": N_("IPC class"),
}  # fmt: skip


def text_codes(kind: ListingKind) -> tuple[str, ...]:
    return tuple(each.code for each in fields_of(kind) if each.stored == "texts")


def layered_codes(kind: ListingKind) -> tuple[str, ...]:
    """The fields whose layer can be chosen, in the catalogue's order."""
    return tuple(each.code for each in fields_of(kind) if each.code not in ALWAYS_PUBLIC + _PARTLY)


def single_names(kind: ListingKind) -> tuple[str, ...]:
    """Every input that holds one text, but for rows and contacts."""
    plain = ("title", "organisation", "addressed_zone", "maturity", "trl", "price_min", "price_max", "valid_until")
    of_kind = ("completed_on",) if kind == ListingKind.RESULT else ("need_type", "wanted_by")
    layers = (f"layer-{each}" for each in layered_codes(kind))
    return plain + of_kind + text_codes(kind) + tuple(layers) + SEEN + ("form_token",)


def part_name(part: str) -> str:
    return gettext(_PARTS[part]) if part in _PARTS else part


@dataclass(frozen=True, slots=True)
class ListingForm(FormState):
    """`reasons` are what the staff ask to be changed, by field; `newer` is what others stored meanwhile, by field."""

    kind: ListingKind = ListingKind.RESULT
    reasons: Mapping[str, str] = field(default_factory=dict)
    newer: Mapping[str, str] = field(default_factory=dict)

    def refused(self, refused: InvalidInput | Iterable[FieldError]) -> "ListingForm":
        found: list[FieldError] = []
        for each in refused.fields if isinstance(refused, InvalidInput) else refused:
            if each not in found:
                found.append(each)
        return replace(self, errors=tuple(sorted(found, key=lambda each: _place(each.field))))

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
        names = ("price_min", "price_max") if code == "price" else (code,)
        return any(bool(self.values.get(each)) for each in names)

    def filled(self, codes: Iterable[str]) -> int:
        return sum(self.is_filled(code) for code in codes)

    def is_in_trouble(self, codes: Iterable[str]) -> bool:
        """Whether a folded part must be open: something in it is refused, asked for, or was changed by others."""
        wanted = set(codes)
        wrong = {_field_of(each.field) for each in self.errors} | set(self.reasons) | set(self.newer)
        return bool(wanted & wrong)

    def comparators(self) -> list[tuple[str, str]]:
        """The choices of an indicator's comparison, the commonest first."""
        return [(code, gettext(name)) for code, name in _COMPARATORS]

    def layer(self, code: str) -> str:
        value = self.values.get(f"layer-{code}")
        return value if isinstance(value, str) and value else BY_CODE[code].layer.value

    def layered(self) -> tuple[str, ...]:
        """The fields whose readers can be chosen."""
        return layered_codes(self.kind)

    def anchor(self, error: FieldError) -> str:
        """The id of the input that an error speaks of."""
        if error.field in ROW_PARTS and "row" in error.params:
            return self.id_of(f"{error.field}-{int(error.params['row']) - 1}-{error.params.get('part', 'name')}")
        if error.field == "price":
            return self.id_of("price_min")
        if error.field == "layers":
            return "layers"
        return self.id_of(error.field)

    def name_of(self, error: FieldError) -> str:
        """What the field is called; of a row its number and part, too."""
        label = "TRL" if error.field == "trl" else messages.field_label(_field_of(error.field), self.kind)
        if error.field == "price_min":
            return gettext(N_("%(field)s, lowest")) % {"field": label}
        if error.field == "price_max":
            return gettext(N_("%(field)s, highest")) % {"field": label}
        if "row" in error.params:
            part = part_name(str(error.params.get("part", "")))
            return gettext(N_("%(field)s, row %(row)s, %(part)s")) % {"field": label, "row": error.params["row"], "part": part}
        return label

    def error_text(self, error: FieldError) -> str:
        return messages.field_error_text(error)


def _place(name: str) -> int:
    """Where an input stands on the page: errors are listed in its order."""
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def _field_of(name: str) -> str:
    return "price" if name.startswith("price_") else "maturity" if name == "trl" else name


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
        "price_min": money_text(draft.price_min_fen),
        "price_max": money_text(draft.price_max_fen),
        "valid_until": draft.valid_until.isoformat() if draft.valid_until else "",
    }
    values |= {"modes": draft.modes, "industries": draft.industries, "rejected": ()}
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
