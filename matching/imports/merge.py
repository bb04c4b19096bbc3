"""A row laid over the listing it means: filled cells replace, empty cells say nothing. Pure."""

from dataclasses import replace
from datetime import date

from matching.content import IpRight
from matching.drafts import KnownCodes, ListingDraft
from matching.imports.cells import Reading
from search.text import number_key


def overlay(base: ListingDraft, reading: Reading, known: KnownCodes, today: date) -> ListingDraft:
    """The listing as it will be. `base` is its newest text as a draft; contacts are the row's alone (others stay stored)."""
    row = reading.draft()
    values = reading.values
    given = {name: getattr(row, name) for name in values}
    if "maturity" in values or "trl" in values:
        given |= _maturity(base, row, known)
    if "ip" in values:
        given["ip"] = tuple(_right(base.ip, each) for each in row.ip)
    for name in ("tags", "amounts", "days"):
        if name in values:
            given[name] = {**getattr(base, name), **given[name]}
    for name in ("modes", "industries"):
        if name in values and set(getattr(row, name)) == set(getattr(base, name)):
            given[name] = getattr(base, name)
    if "valid_until" not in values and base.valid_until is not None and base.valid_until < today:
        given["valid_until"] = None  # it had run out: open for the usual period again
    return replace(base, title=row.title, texts={**base.texts, **row.texts}, contacts=row.contacts, **given)


def _maturity(base: ListingDraft, row: ListingDraft, known: KnownCodes) -> dict[str, str | int | None]:
    """A stage replaces a level stated before; a level keeps the stage that it lies in."""
    if row.maturity is not None:
        return {"maturity": row.maturity, "trl": row.trl}
    bounds = known.trl_of(base.maturity)
    is_inside = bounds is not None and row.trl is not None and bounds[0] <= row.trl <= bounds[1]
    return {"maturity": base.maturity if is_inside else None, "trl": row.trl}


def _right(held: tuple[IpRight, ...], row: IpRight) -> IpRight:
    """What the sheet says of a right, with what only the platform knows of it (title, dates, classes)."""
    wanted = number_key(row.number)
    same = next((each for each in held if number_key(each.number) == wanted and (wanted or each.kind == row.kind)), None)
    if same is None:
        return row
    parts = ("title", "status", "ipc", "holders", "filed_on", "granted_on")
    return replace(same, kind=row.kind, **{part: getattr(row, part) or getattr(same, part) for part in parts})


def is_same(one: ListingDraft, other: ListingDraft) -> bool:
    """Whether both say the same, contacts aside."""
    return replace(one, contacts={}) == replace(other, contacts={})
