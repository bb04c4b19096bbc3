"""A flagged row beside what it is much like, field by field, for the person who decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from matching import access
from matching.access import Actor
from matching.content import load
from matching.drafts import ListingDraft, from_content, known_codes
from matching.imports.payload import from_json
from matching.imports.views import RowView, found_batch
from matching.model import ImportRow, Listing, ListingKind, ListingState
from matching.model.fields import fields_of

_PARTS = {
    "price": ("price_min_fen", "price_max_fen"),
    "maturity": ("maturity", "trl"),
}
_KEPT_APART = ("tags", "amounts", "days")
_OF_THE_RIGHT = ("ip_kind", "ip_status")


@dataclass(frozen=True, slots=True)
class Words:
    """A title or text that differs: as it is there, and as the row has it. The codes are fields of the catalogue."""

    code: str
    there: str
    here: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """`words` differ and are shown, `others` are fields that differ besides. Neither: only the owner differs, or nothing."""

    words: tuple[Words, ...]
    others: tuple[str, ...]


def comparisons(session: Session, actor: Actor, public_id: str, rows: Sequence[RowView]) -> dict[int, Comparison]:
    """Row number → comparison, for those of the batch's rows that are flagged and still to be written or written.

    What the actor may not read (any more) is left out. Raises `NotFound`, `SignInNeeded`.
    """
    batch = found_batch(session, actor, public_id, "import.read")
    flags = {
        row.number: each for row in rows if row.flagged for each in row.reasons if "id" in each.params or "row" in each.params
    }
    wanted = {*flags, *(int(each.params["row"]) for each in flags.values() if "row" in each.params)}
    stored = session.exec(
        select(ImportRow.number, ImportRow.payload).where(ImportRow.batch_id == batch.id, col(ImportRow.number).in_(wanted))
    ).all()
    drafts = {number: from_json(dict(payload)).draft for number, payload in stored if payload}
    entries = _entries(session, actor, [str(each.params["id"]) for each in flags.values() if "id" in each.params])
    found: dict[int, Comparison] = {}
    for number, flag in flags.items():
        here = drafts.get(number)
        there = entries.get(str(flag.params["id"])) if "id" in flag.params else drafts.get(int(flag.params["row"]))
        if here is not None and there is not None:
            found[number] = compare(there, here)
    return found


def _entries(session: Session, actor: Actor, public_ids: Sequence[str]) -> dict[str, ListingDraft]:
    """Stored entries by the words that the actor may read."""
    listings = session.exec(select(Listing).where(col(Listing.public_id).in_(public_ids))).all()
    known = known_codes(session)
    latest = [each.id or 0 for each in listings if _may_read_latest(session, actor, each)]
    published = [each.id or 0 for each in listings if each.state == ListingState.PUBLISHED and each.id not in latest]
    contents = load(session, latest, which="latest") | load(session, published)
    return {each.public_id: from_content(contents[each.id or 0], known) for each in listings if each.id in contents}


def _may_read_latest(session: Session, actor: Actor, listing: Listing) -> bool:
    zones = access.zones_in_charge(session, listing)
    return access.is_allowed(actor, "listing.read_unpublished", organisation_id=listing.organisation_id, zones=zones)


def compare(there: ListingDraft, here: ListingDraft) -> Comparison:
    """Where two entries of one kind differ. What the row leaves empty is no difference: an empty cell says nothing."""
    words: list[Words] = []
    others: list[str] = []
    for each in fields_of(ListingKind(here.kind)):
        if each.code in _OF_THE_RIGHT:
            continue
        if each.code == "title" or each.stored == "texts":
            one, other = (_text(draft, each.code) for draft in (there, here))
            if one != other and other:
                words.append(Words(each.code, one, other))
        elif _value(here, each.code) not in _NOTHING and _value(there, each.code) != _value(here, each.code):
            others.append(each.code)
    return Comparison(tuple(words), tuple(others))


def _text(draft: ListingDraft, code: str) -> str:
    return draft.title if code == "title" else draft.texts.get(code, "")


def _value(draft: ListingDraft, code: str) -> object:
    for name in _KEPT_APART:
        held: Mapping[str, object] = getattr(draft, name)
        if code in held:
            return held[code]
    parts = tuple(getattr(draft, name, None) for name in _PARTS.get(code, (code,)))
    return parts if any(each not in _NOTHING for each in parts) else None


_NOTHING: tuple[object, ...] = (None, (), "")
