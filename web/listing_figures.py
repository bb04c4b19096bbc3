"""Figures that a form's texts propose, for a yes or a no: yes makes a row of indicators, no is remembered with the words."""

from dataclasses import replace
from typing import Final

from matching.content import Indicator
from matching.model.fields import fields_of
from matching.proposals import Proposal, figure_key, new_ones
from web.listing_form import ROW_PARTS, ListingForm, Value, number_text, row_count
from web.listing_typed import read_draft

SHOWN: Final = 12
YES: Final = "yes:"
NO: Final = "no:"


def proposals(form: ListingForm) -> tuple[Proposal, ...]:
    """What the long texts of the form say in numbers and no row says yet, in reading order."""
    draft, _ = read_draft(form)
    texts = (draft.texts.get(each.code, "") for each in fields_of(form.kind) if each.type == "text" and each.passage)
    return new_ones(texts, draft.indicators, form.chosen("declined"))[:SHOWN]


def answered(form: ListingForm, do: str) -> ListingForm:
    """The form after one proposal was taken (`yes:<key>`) or turned down (`no:<key>`); the same form for anything else."""
    key = do.removeprefix(YES).removeprefix(NO)
    found = next((each.indicator for each in proposals(form) if each.key == key), None)
    if found is None:
        return form
    if do.startswith(NO):
        return replace(form, values={**form.values, "declined": (*form.chosen("declined"), figure_key(found))})
    return replace(form, values={**form.values, **_row(row_count(form.values, "indicators"), found)})


def _row(at: int, each: Indicator) -> dict[str, Value]:
    first = each.low if each.low is not None else each.high
    second = each.high if each.comparator == "range" else None
    parts = (each.name, each.comparator, number_text(first), number_text(second), each.unit, "")
    return {f"indicators-{at}-{part}": text for part, text in zip(ROW_PARTS["indicators"], parts, strict=True)}


def begun(form: ListingForm, name: str, comparator: str, unit: str) -> ListingForm:
    """With a row for a figure that a pair asks about: what it is called, how it is read and its unit. What it amounts to is the
    owner's to state. The same form where it has that figure already."""
    rows = range(row_count(form.values, "indicators"))
    if not name or any(form.value(f"indicators-{at}-name") == name for at in rows):
        return form
    known = [code for code, _ in form.comparators()]
    asked = Indicator(name, comparator if comparator in known else known[0], None, None, unit)
    return replace(form, values={**form.values, **_row(len(rows), asked)})
