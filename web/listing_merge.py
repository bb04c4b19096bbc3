"""Somebody else saved while a person was writing: whose words go where, so that nothing of either is lost. Pure.

A field that only the other one changed takes the newer words; one that only this person changed keeps what was typed; one
that both changed keeps what was typed and shows the newer words beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from matching.model import ListingKind
from matching.model.fields import fields_of, stored_as
from matching.typed_text import clean_text
from web.listing_form import ROW_PARTS, ListingForm, Value, layered_codes, row_count, single_names, sums_of


@dataclass(frozen=True, slots=True)
class Merge:
    """`taken` are fields that got the newer words, `conflicts` those that both changed (codes, in the form's order)."""

    form: ListingForm
    taken: tuple[str, ...]
    conflicts: tuple[str, ...]


def merge(typed: ListingForm, seen: Mapping[str, Value] | None, newest: Mapping[str, Value]) -> Merge:
    """`seen` is what the form was made from; without it every difference counts as changed by both.

    The merged form has seen the newest (`seen_…` are taken over), so that sending it again saves on top.
    """
    values = dict(typed.values)
    taken: list[str] = []
    conflicts: list[str] = []
    for code, names in _units(typed.kind).items():
        mine, theirs = _said(values, code, names), _said(newest, code, names)
        before = None if seen is None else _said(seen, code, names)
        if theirs in (mine, before):
            continue
        if mine == before:
            _take(values, newest, code, names)
            taken.append(code)
        else:
            conflicts.append(code)
    values |= {name: newest[name] for name in newest if name.startswith("seen_")}
    return Merge(replace(typed, values=values), tuple(dict.fromkeys(taken)), tuple(conflicts))


def _units(kind: ListingKind) -> dict[str, tuple[str, ...]]:
    """What is changed as one: a field's code → its inputs (none for rows)."""
    known = {each.code for each in fields_of(kind)}
    units: dict[str, tuple[str, ...]] = {"organisation": ("organisation",), "title": ("title",)}
    units |= {code: (f"{code}_min", f"{code}_max") for code in sums_of(kind)} | {"maturity": ("maturity", "trl")}
    units |= {code: () for code in ROW_PARTS if code in known}
    units |= {code: (code,) for code in ("modes", "industries", *(each.code for each in stored_as("tags", kind)))}
    other = {name for names in units.values() for name in names}
    for name in single_names(kind):
        if name not in other and not name.startswith(("seen_", "layer-")) and name not in ("form_token", "form_key"):
            units[name] = (name,)
    return units | {"layers": tuple(f"layer-{code}" for code in layered_codes(kind))}


def _said(values: Mapping[str, Value], code: str, names: tuple[str, ...]) -> tuple[Value, ...]:
    if code in ROW_PARTS:
        parts = ROW_PARTS[code]
        rows = (tuple(_plain(values.get(f"{code}-{at}-{part}", "")) for part in parts) for at in range(row_count(values, code)))
        return tuple(
            text
            for row in rows
            if any(text for text, part in zip(row, parts, strict=True) if part != "comparator")
            for text in row
        )
    return tuple(_plain(values.get(name, "")) for name in names)


def _plain(value: Value) -> Value:
    return clean_text(value) if isinstance(value, str) else tuple(sorted(value))


def _take(values: dict[str, Value], newest: Mapping[str, Value], code: str, names: tuple[str, ...]) -> None:
    if code in ROW_PARTS:
        for name in [each for each in values if each.startswith(f"{code}-")]:
            del values[name]
        values |= {name: value for name, value in newest.items() if name.startswith(f"{code}-")}
    else:
        values |= {name: newest.get(name, "") for name in names}
