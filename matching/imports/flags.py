"""New rows that are much like something that is there: entries that the importer may know of, whoever owns them, or earlier rows
of the sheet; and rights that another title names already. Flagged for a person, never merged."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlmodel import Session, col, select

from matching import access, prints, twins
from matching.access import Actor
from matching.content import Content
from matching.drafts import ListingDraft
from matching.errors import FieldError
from matching.imports.payload import from_json
from matching.likeness.verdict import measure
from matching.likeness.words import Words, keys, packed, unpacked
from matching.model import ImportRow, Listing, ListingKind, ListingState, Organisation, Revision, RevisionIp

_CHUNK: Final = 400
_MOST: Final = 12
"""Candidates of a row that are looked at closely: where more are alike, one of them will do to say so."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A row that is to become an entry. `rights` are keys of the numbers it names."""

    number: int
    draft: ListingDraft
    rights: frozenset[str]


@dataclass(slots=True)
class Flags:
    """Row number → why it is flagged, and its keys, packed."""

    reasons: dict[int, list[FieldError]] = field(default_factory=dict)
    sketches: dict[int, bytes] = field(default_factory=dict)


class Flagger:
    """For one slice in one reading session."""

    def __init__(self, session: Session, actor: Actor, kind: ListingKind) -> None:
        self._session = session
        self._actor = actor
        self._kind = kind
        self._rows: dict[int, Words] = {}
        self._entries: dict[int, tuple[Content, Words]] = {}
        self._sharing: dict[int, list[int]] = {}
        self._first: dict[str, int] = {}

    def flag(self, batch_id: int, rows: Sequence[Newcomer]) -> Flags:
        """`rows` in the sheet's order. Earlier slices are looked at as they are stored."""
        flags = Flags()
        rights = self._rights(rows)
        for number, sketched, named in self._earlier(batch_id):
            for right in named:
                self._first.setdefault(right, number)
            self._share(number, unpacked(sketched))
        own = {row.number: self._keys(row) for row in rows}
        entries = self._met(own)
        before: dict[int, list[int]] = {}
        for row in rows:
            flags.sketches[row.number] = packed(own[row.number])
            before[row.number] = self._candidates(own[row.number])
            self._share(row.number, own[row.number])
        self._load(batch_id, before.values())
        for row in rows:
            found = self._nearest(row, entries[row.number], before[row.number])
            found += self._same_rights(row, rights)
            if found:
                flags.reasons[row.number] = found
        return flags

    def _keys(self, row: Newcomer) -> tuple[int, ...]:
        self._rows[row.number] = prints.words_of(row.draft)
        return keys(self._rows[row.number])

    def _met(self, own: Mapping[int, Sequence[int]]) -> dict[int, list[int]]:
        """Row → ids of entries that share keys with it and that the importer may know of."""
        met = prints.meeting(self._session, self._kind, own, limit=_MOST)
        every = {(each.listing_id, each.number): each for found in met.values() for each in found}
        for id_, content in twins.visible(self._session, self._actor, list(every.values())).items():
            self._entries[id_] = (content, prints.words_of(content))
        return {row: [each.listing_id for each in found if each.listing_id in self._entries] for row, found in met.items()}

    def _share(self, number: int, own: Sequence[int]) -> None:
        for key in own:
            sharing = self._sharing.setdefault(key, [])
            if len(sharing) < _MOST:
                sharing.append(number)

    def _candidates(self, own: Sequence[int]) -> list[int]:
        """Earlier rows that share most keys with a row."""
        shared = Counter(number for key in own for number in self._sharing.get(key, ()))
        return [number for number, _ in sorted(shared.items(), key=lambda each: (-each[1], each[0]))[:_MOST]]

    def _readable(self, listing: Listing, owner_zone: int | None) -> int | None:
        """The revision whose words the importer may read."""
        zones = {each for each in (owner_zone, listing.addressed_zone_id) if each is not None}
        owner = listing.organisation_id
        if access.is_allowed(self._actor, "listing.read_unpublished", organisation_id=owner, zones=zones):
            return listing.revision
        return listing.published_revision if listing.state == ListingState.PUBLISHED else None

    def _earlier(self, batch_id: int) -> list[tuple[int, bytes, frozenset[str]]]:
        """Number, sketch and rights of the rows of earlier slices."""
        rows = self._session.exec(
            select(ImportRow.number, ImportRow.sketch, ImportRow.key)
            .where(ImportRow.batch_id == batch_id, col(ImportRow.sketch).is_not(None))
            .order_by(col(ImportRow.number))
        ).all()
        return [
            (number, sketched or b"", frozenset(each for each in key.split("|")[1].split("+") if each and key.count("|") == 2))
            for number, sketched, key in rows
        ]

    def _load(self, batch_id: int, candidates: Iterable[list[int]]) -> None:
        """The words of rows of earlier slices that are to be looked at closely."""
        numbers = sorted({each for found in candidates for each in found if each not in self._rows})
        for start in range(0, len(numbers), _CHUNK):
            query = select(ImportRow.number, ImportRow.payload).where(
                ImportRow.batch_id == batch_id, col(ImportRow.number).in_(numbers[start : start + _CHUNK])
            )
            for number, payload in self._session.exec(query).all():
                if payload.get("draft"):
                    self._rows[number] = prints.words_of(from_json(dict(payload)).draft)

    def _nearest(self, row: Newcomer, entries: Iterable[int], rows: Iterable[int]) -> list[FieldError]:
        """The one most like it; of equal ones a stored entry before a row."""
        own = self._rows[row.number]
        best: FieldError | None = None
        nearest = -1.0
        for id_ in entries:
            content, words = self._entries[id_]
            found = measure(own, words)
            if found.is_near and found.odds() > nearest:
                nearest = found.odds()
                best = FieldError(
                    "title", "near_entry", {"number": content.number or "", "id": content.public_id, "percent": found.percent}
                )
        for number in rows:
            like = measure(own, self._rows[number]) if number in self._rows else None
            if like is not None and like.is_near and like.odds() > nearest:
                nearest, best = like.odds(), FieldError("title", "near_row", {"row": number, "percent": like.percent})
        return [best] if best is not None else []

    def _rights(self, rows: Iterable[Newcomer]) -> dict[str, Listing]:
        """Key of a right → an entry that names it, among those the importer may know of."""
        wanted = sorted({each for row in rows for each in row.rights})
        found: dict[str, Listing] = {}
        for start in range(0, len(wanted), _CHUNK):
            query = (
                select(RevisionIp.number_key, Listing, Organisation.zone_id, Revision.number)
                .join(Revision, col(Revision.id) == col(RevisionIp.revision_id))
                .join(Listing, col(Listing.id) == col(Revision.listing_id))
                .join(Organisation, col(Organisation.id) == col(Listing.organisation_id))
                .where(col(RevisionIp.number_key).in_(wanted[start : start + _CHUNK]), Listing.state != ListingState.WITHDRAWN)
                .order_by(col(Listing.id))
            )
            for key, listing, zone, number in self._session.exec(query).all():
                if number == self._readable(listing, zone):
                    found.setdefault(key, listing)
        return found

    def _same_rights(self, row: Newcomer, rights: Mapping[str, Listing]) -> list[FieldError]:
        """A right that another title names already; the row's own are known from now on."""
        found: list[FieldError] = []
        for right in sorted(row.rights):
            listing, first = rights.get(right), self._first.setdefault(right, row.number)
            if listing is not None:
                params = {"value": right, "number": listing.number or "", "id": listing.public_id}
                found.append(FieldError("ip", "same_right_entry", params))
            elif first != row.number:
                found.append(FieldError("ip", "same_right_row", {"value": right, "row": first}))
        return found[:1]
