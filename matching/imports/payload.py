"""A planned row as JSON and back: the draft as it will be saved, and who its owner is."""

from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any, Final

from matching.content import Indicator, IpRight
from matching.drafts import ListingDraft
from matching.errors import FieldError
from matching.imports.cells import OwnerCells
from matching.model import ListingKind

_DATES: Final = ("completed_on", "wanted_by", "valid_until")
_LISTS: Final = ("modes", "industries", "declined")
_RIGHT_DATES: Final = ("filed_on", "granted_on")
CONTACTS: Final = "contacts"


@dataclass(frozen=True, slots=True)
class Planned:
    """`draft.organisation` is the owner's public id where he was found; else the owner is to be made from `owner`."""

    draft: ListingDraft
    owner: OwnerCells


def to_json(planned: Planned) -> dict[str, object]:
    """Empty parts are left out. Holds contact data, under `contacts`, until the row is done."""
    draft: dict[str, object] = {}
    for each in fields(ListingDraft):
        value = getattr(planned.draft, each.name)
        if value is None or value == () or value == {}:
            continue
        if each.name == "days":
            value = {code: day.isoformat() for code, day in value.items()}
        draft[each.name] = value.isoformat() if isinstance(value, date) else value
    draft["kind"] = planned.draft.kind.value
    if planned.draft.indicators:
        draft["indicators"] = [asdict(each) for each in planned.draft.indicators]
    if planned.draft.ip:
        draft["ip"] = [_right_to_json(each) for each in planned.draft.ip]
    for name in _LISTS:
        if name in draft:
            draft[name] = list(getattr(planned.draft, name))
    found: dict[str, object] = {"draft": draft}
    if planned.draft.organisation is None:
        found["owner"] = asdict(planned.owner)
    if CONTACTS in draft:
        found[CONTACTS] = draft.pop(CONTACTS)
    return found


def _right_to_json(right: IpRight) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(right).items() if value}


def from_json(stored: dict[str, Any]) -> Planned:
    """What `to_json` was given; contacts empty once they were taken out."""
    values = dict(stored["draft"])
    values["kind"] = ListingKind(values["kind"])
    for name in _DATES:
        if name in values:
            values[name] = date.fromisoformat(values[name])
    values["indicators"] = tuple(Indicator(**each) for each in values.get("indicators", ()))
    values["ip"] = tuple(_right(each) for each in values.get("ip", ()))
    for name in _LISTS:
        values[name] = tuple(values.get(name, ()))
    for name in ("tags", "amounts"):
        values[name] = {code: tuple(held) for code, held in values.get(name, {}).items()}
    values["days"] = {code: date.fromisoformat(day) for code, day in values.get("days", {}).items()}
    draft = ListingDraft(contacts=dict(stored.get(CONTACTS, {})), **values)
    return Planned(draft, OwnerCells(**stored["owner"]) if "owner" in stored else OwnerCells())


def _right(stored: dict[str, Any]) -> IpRight:
    values: dict[str, Any] = dict.fromkeys(("kind", "title", "number", "status", "ipc", "holders"), "")
    return IpRight(**values | stored | {name: date.fromisoformat(stored[name]) for name in _RIGHT_DATES if name in stored})


def without_contacts(stored: dict[str, Any]) -> dict[str, Any]:
    """The payload of a row that is done: its contact data is where it belongs, and nowhere else."""
    return {name: value for name, value in stored.items() if name != CONTACTS}


def reason(problem: FieldError, level: str = "error") -> dict[str, object]:
    """A reason as rows keep it: `level` is `error`, `skip` or `note`."""
    return {"level": level, "field": problem.field, "code": problem.code, "params": dict(problem.params)}
