"""Whose a row is: found by credit code, else by name and region, else to be made; and whether the importer may speak for him."""

from dataclasses import dataclass, replace

from sqlmodel import Session

from matching import access, organisations
from matching.access import Actor
from matching.content import OrganisationRef
from matching.errors import FieldError, InvalidInput, MayNot
from matching.imports.cells import OwnerCells
from matching.imports.vocabulary import Vocabulary, key
from matching.model import ListingKind
from matching.store.unit import UnitOfWork
from matching.typed_text import has_words

FIRM = "enterprise"
_UNSAID = {ListingKind.NEED: FIRM, ListingKind.RESULT: "other"}
"""The kind of a new organisation whose name says nothing: needs come from firms (domain notes, §2.2)."""


@dataclass(frozen=True, slots=True)
class Scope:
    """In whose name a batch is imported: a zone's (its staff), one organisation's (its own people), or, with neither,
    everybody's (administrators)."""

    kind: ListingKind
    zone_id: int | None
    organisation: OrganisationRef | None


@dataclass(frozen=True, slots=True)
class FoundOwner:
    """`ref` is None for an organisation that the commit makes of `cells`, whose kind and zone are then settled.
    `addressed` is the code of the zone that a listing of an owner in no zone goes to."""

    ref: OrganisationRef | None
    cells: OwnerCells
    zone_id: int | None
    addressed: str | None
    key: str
    name: str


class Owners:
    """Finds owners for one slice; the same names are looked up once."""

    def __init__(self, session: Session, actor: Actor, scope: Scope, words: Vocabulary) -> None:
        self._session = session
        self._actor = actor
        self._scope = scope
        self._words = words
        self._codes = {id_: code for code, id_ in words.known.zones.items()}
        self._found: dict[OwnerCells, tuple[FoundOwner, tuple[FieldError, ...]]] = {}

    def find(self, cells: OwnerCells) -> tuple[FoundOwner, tuple[FieldError, ...]]:
        """The owner and notes. Raises `InvalidInput` with the reason why there is none, or none for this importer."""
        if cells not in self._found:
            self._found[cells] = self._look(cells)
        return self._found[cells]

    def _look(self, cells: OwnerCells) -> tuple[FoundOwner, tuple[FieldError, ...]]:
        own = self._scope.organisation
        if not cells.name and not cells.credit_code:
            if own is None:
                raise InvalidInput(FieldError("owner", "required"))
            ref: OrganisationRef | None = own
        else:
            ref = organisations.find(self._session, code=cells.credit_code, name=cells.name, city=cells.city)
        if own is not None and (ref is None or ref.id != own.id):
            raise InvalidInput(FieldError("owner", "not_your_organisation"))
        found, notes = self._known(ref, cells) if ref is not None else self._new(cells)
        self._require(found)
        return found, tuple(notes)

    def _known(self, ref: OrganisationRef, cells: OwnerCells) -> tuple[FoundOwner, list[FieldError]]:
        notes = []
        if cells.name and key(cells.name) != key(ref.name):
            notes.append(FieldError("owner", "known_as", {"value": ref.name}))
        named = self._words.known.zones.get(cells.zone or "")
        if named is not None and ref.zone_id is not None and named != ref.zone_id:
            raise InvalidInput(FieldError("zone", "zone_differs", {"value": self._words.zone_names[ref.zone_id]}))
        return FoundOwner(ref, cells, ref.zone_id, self._addressed(ref.zone_id, named), ref.public_id, ref.name), notes

    def _new(self, cells: OwnerCells) -> tuple[FoundOwner, list[FieldError]]:
        """A shadow organisation: in the zone that the row names, a firm else in the importer's, others in none."""
        if not has_words(cells.name):
            raise InvalidInput(FieldError("owner", "meaningless" if cells.name else "required"))
        kind = cells.kind or _UNSAID[self._scope.kind]
        zone_id = self._words.known.zones.get(cells.zone or "")
        if zone_id is None and kind == FIRM:
            zone_id = self._scope.zone_id
        settled = replace(cells, kind=kind, zone=self._codes.get(zone_id) if zone_id is not None else None)
        name = self._words.zone_names.get(zone_id or 0, "")
        note = FieldError("owner", "owner_new", {"kind": kind, "zone": name})
        owner_key = cells.credit_code or f"{key(cells.name)}@{cells.city}"
        return FoundOwner(None, settled, zone_id, self._addressed(zone_id, None), owner_key, cells.name), [note]

    def _addressed(self, owner_zone: int | None, named: int | None) -> str | None:
        """Listings of owners in no zone go to the zone the row names, else to the one whose staff bring them."""
        if owner_zone is not None:
            return None
        wanted = named if named is not None else self._scope.zone_id
        return self._codes.get(wanted) if wanted is not None else None

    def _require(self, found: FoundOwner) -> None:
        zones = {each for each in (found.zone_id, self._words.known.zones.get(found.addressed or "")) if each is not None}
        try:
            access.require(
                self._actor, "listing.create", organisation_id=found.ref.id if found.ref is not None else None, zones=zones
            )
            if found.ref is not None:
                access.require_mark(self._actor, "listing.create", demo=found.ref.demo)
        except MayNot as refused:
            zone = next((self._words.zone_names[each] for each in zones), "")
            raise InvalidInput(FieldError("owner", "not_your_zone", {"value": zone})) from refused


def settle(unit: UnitOfWork, actor: Actor, cells: OwnerCells) -> tuple[OrganisationRef, bool]:
    """The organisation that the plan said would be made, and whether it was made now or exists meanwhile."""
    held = organisations.find(unit.session, code=cells.credit_code, name=cells.name, city=cells.city)
    if held is not None:
        return held, False
    draft = organisations.OrganisationDraft(
        name=cells.name,
        kind=cells.kind or "other",
        credit_code=cells.credit_code,
        zone=cells.zone,
        city=cells.city,
        shadow=True,
        demo=actor.demo,
    )
    return organisations.add(unit, actor, draft), True
