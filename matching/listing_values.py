"""What stands in the rows of a listing, as plain values: one listing's form and a sheet's thousands are written from these.

Pure: who, when and which numbers are given. A mapping has every column that it sets, so that many can be inserted at once.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import SQLModel

from matching.access import Actor
from matching.drafts import KnownCodes, ListingDraft, add_years
from matching.likeness.words import keys
from matching.model import (
    ListingKind,
    ListingState,
    PrintKey,
    RevisionAmount,
    RevisionIndicator,
    RevisionIp,
    RevisionTag,
    TagState,
)
from matching.model.fields import BY_CODE, DAY_FIELDS, TAG_FIELDS
from matching.prints import words_of
from search.text import comparison_key, number_key

Values = dict[str, Any]
NUMBER_KEY_LIMIT: Final = 60
SERIES: Final = {ListingKind.RESULT: "R", ListingKind.NEED: "N"}
"""The series that numbers a kind of listing."""


def title_key(title: str) -> str:
    """As `Revision.title_key` holds it; compatibility forms can grow past the column."""
    return comparison_key(title)[: BY_CODE["title"].limit]


def new_listing(
    actor: Actor, draft: ListingDraft, known: KnownCodes, *, organisation_id: int, demo: bool, now: datetime
) -> Values:
    """A listing as it begins: a draft with its first words. `draft` is validated."""
    return {
        "kind": draft.kind,
        "organisation_id": organisation_id,
        "addressed_zone_id": known.zones.get(draft.addressed_zone or ""),
        "state": ListingState.DRAFT,
        "valid_until": draft.valid_until,
        "created_by_id": actor.person_id,
        "created_at": now,
        "updated_at": now,
        "demo": demo,
    }


def publication(
    number: str, revision: int, *, published_at: datetime | None, valid_until: date | None, now: datetime, today: date
) -> Values:
    """What publishing sets: `revision` is what others read from now on, for a year where no last day is given. The first
    number and the first time stay. State and revision change together: the table refuses the one without the other."""
    return {
        "number": number,
        "state": ListingState.PUBLISHED,
        "published_revision": revision,
        "published_at": published_at or now,
        "valid_until": valid_until or add_years(today, 1),
        "submitted_at": None,
    }


def revision(actor: Actor, listing_id: int, number: int, draft: ListingDraft, known: KnownCodes, now: datetime) -> Values:
    """`draft`, already validated, as revision `number`."""
    trl = (draft.trl, draft.trl) if draft.trl is not None else known.trl_of(draft.maturity) or (None, None)
    return {
        "listing_id": listing_id,
        "number": number,
        "title": draft.title,
        "title_key": title_key(draft.title),
        "texts": dict(draft.texts),
        "layers": layers_in_use(draft),
        "maturity": draft.maturity,
        "trl_low": trl[0],
        "trl_high": trl[1],
        "price_min_fen": draft.price_min_fen,
        "price_max_fen": draft.price_max_fen,
        "need_type": draft.need_type,
        "completed_on": draft.completed_on,
        "wanted_by": draft.wanted_by,
        **{each.code: draft.days.get(each.code) for each in DAY_FIELDS},
        "declined": list(draft.declined),
        "created_by_id": actor.person_id,
        "created_at": now,
    }


def below_revision(revision_id: int, draft: ListingDraft) -> Iterator[tuple[type[SQLModel], Values]]:
    """Table and row of everything that hangs on a revision."""
    for position, each in enumerate(draft.indicators):
        yield (
            RevisionIndicator,
            {
                "revision_id": revision_id,
                "position": position,
                "name": each.name,
                "comparator": each.comparator,
                "low": each.low,
                "high": each.high,
                "unit": each.unit,
                "evidence": each.evidence,
            },
        )
    for position, right in enumerate(draft.ip):
        yield (
            RevisionIp,
            {
                "revision_id": revision_id,
                "position": position,
                "kind": right.kind,
                "title": right.title,
                "number": right.number,
                "number_key": number_key(right.number)[:NUMBER_KEY_LIMIT],
                "status": right.status,
                "filed_on": right.filed_on,
                "granted_on": right.granted_on,
                "holders": right.holders,
                "ipc": right.ipc,
            },
        )
    tags = {"cooperation": draft.modes} | {each.code_list or "": draft.tags.get(each.code, ()) for each in TAG_FIELDS}
    for list_code, codes in tags.items():
        for code in codes:
            yield RevisionTag, {"revision_id": revision_id, "list_code": list_code, "code": code}
    for key in keys(words_of(draft)):
        yield PrintKey, {"key": key, "revision_id": revision_id}
    for name, (low, high) in draft.amounts.items():
        yield RevisionAmount, {"revision_id": revision_id, "field": name, "low_fen": low, "high_fen": high}


def layers_in_use(draft: ListingDraft) -> dict[str, str]:
    """Every field the draft fills → the layer it goes under."""
    filled = {
        "title": True,
        "industries": True,
        "maturity": draft.maturity is not None or draft.trl is not None,
        "price": draft.price_min_fen is not None or draft.price_max_fen is not None,
        "need_type": draft.need_type is not None,
        "completed_on": draft.completed_on is not None,
        "wanted_by": draft.wanted_by is not None,
        "valid_until": True,
        "indicators": bool(draft.indicators),
        "ip": bool(draft.ip),
        "modes": bool(draft.modes),
    } | dict.fromkeys((*draft.texts, *draft.tags, *draft.amounts, *draft.days), True)
    return {code: draft.layers.get(code, BY_CODE[code].layer.value) for code, is_filled in filled.items() if is_filled}


def source_of(actor: Actor, organisation_id: int | None) -> str:
    """Who speaks: the owner (the system too, which writes down what owners said) or the staff."""
    return "owner" if actor.is_system or organisation_id in actor.organisations else "staff"


def tag(actor: Actor, organisation_id: int | None, state: TagState, now: datetime) -> Values:
    """What a person's decision on an industry sets."""
    return {
        "state": state,
        "source": source_of(actor, organisation_id),
        "decided_by_id": actor.person_id,
        "decided_at": now,
    }


def review(actor: Actor, listing_id: int, revision: int, decision: str, reasons: Mapping[str, str], now: datetime) -> Values:
    """A row of `Review`."""
    return {
        "listing_id": listing_id,
        "revision": revision,
        "decision": decision,
        "reasons": dict(reasons),
        "reviewer_id": actor.person_id,
        "created_at": now,
    }


def create_details(kind: str, owner: str) -> Values:
    """What the audit trail keeps of a creation."""
    return {"kind": kind, "owner": owner}


def publish_details(revision: int, number: str, *, first: bool) -> Values:
    """What the audit trail keeps of a publication."""
    return {"revision": revision, "number": number, "first": first}


def plain(value: object) -> str | int | float | bool | None:
    """A listing's value as JSON can hold it: times in ISO, enumerations by value."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
