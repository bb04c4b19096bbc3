"""New rows that are much like something that is there: entries of the same owner, or earlier rows of the sheet; and rights that
another title names already. Flagged for a person, never merged."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching import access
from matching.access import Actor
from matching.errors import FieldError
from matching.imports.similar import Words, keys, likeness, sketch, words_of
from matching.model import (
    ImportRow,
    Listing,
    ListingKind,
    ListingState,
    Organisation,
    Revision,
    RevisionIp,
    RevisionSketch,
)

_CHUNK: Final = 400
_MOST: Final = 20
"""Candidates of a row that are looked at closely: where more are alike, one of them will do to say so."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A row that is to become an entry. `owner` is the organisation's id, None for one that is to be made."""

    number: int
    owner: int | None
    title: str
    texts: Mapping[str, str]
    rights: frozenset[str]


@dataclass(frozen=True, slots=True)
class Held:
    """A stored entry that the importer may know of, by the words he may read."""

    id: int
    public_id: str
    number: str
    owner: int
    revision: int
    sketch: bytes | None


@dataclass(slots=True)
class Flags:
    """Row number → why it is flagged, and its sketch; sketches made of stored revisions, to be kept."""

    reasons: dict[int, list[FieldError]] = field(default_factory=dict)
    sketches: dict[int, bytes] = field(default_factory=dict)
    made: dict[int, bytes] = field(default_factory=dict)


class Flagger:
    """For one slice in one reading session."""

    def __init__(self, session: Session, actor: Actor, kind: ListingKind) -> None:
        self._session = session
        self._actor = actor
        self._kind = kind
        self._words: dict[tuple[str, int], Words] = {}
        self._alike: dict[tuple[object, ...], list[tuple[str, int]]] = {}
        self._first: dict[str, int] = {}

    def flag(self, batch_id: int, rows: Sequence[Newcomer]) -> Flags:
        """`rows` in the sheet's order. Earlier slices are looked at as they are stored."""
        flags = Flags()
        held = {each.revision: each for each in self._held({row.owner for row in rows if row.owner is not None}, flags)}
        rights = self._rights(rows)
        earlier = self._earlier(batch_id)
        self._look_up(held.values(), earlier)
        candidates: dict[int, list[tuple[str, int]]] = {}
        for row in rows:
            self._words["row", row.number] = words_of(self._kind, row.title, row.texts)
            flags.sketches[row.number] = sketch(self._words["row", row.number])
            candidates[row.number] = self._candidates(row, flags.sketches[row.number])
        self._load(batch_id, candidates.values())
        for row in rows:
            found = self._nearest(row, candidates[row.number], held)
            found += self._same_rights(row, rights)
            if found:
                flags.reasons[row.number] = found
        return flags

    def _held(self, owners: set[int], flags: Flags) -> list[Held]:
        """The owners' entries with their sketches; those that have none yet get one."""
        found: list[Held] = []
        wanted = sorted(owners)
        for start in range(0, len(wanted), _CHUNK):
            is_shown = col(Revision.number).in_((col(Listing.revision), col(Listing.published_revision)))
            query = (
                sa.select(Listing, col(Organisation.zone_id), col(Revision.id), col(Revision.number), col(RevisionSketch.sketch))
                .join(Organisation, col(Organisation.id) == col(Listing.organisation_id))
                .join(Revision, (col(Revision.listing_id) == col(Listing.id)) & is_shown)
                .join(RevisionSketch, col(RevisionSketch.revision_id) == col(Revision.id), isouter=True)
                .where(
                    col(Listing.organisation_id).in_(wanted[start : start + _CHUNK]),
                    col(Listing.kind) == self._kind,
                    col(Listing.state) != ListingState.WITHDRAWN,
                )
                .order_by(col(Listing.id))
            )
            for row, zone, revision, number, sketched in self._session.execute(query):
                if number == self._readable(row, zone):
                    found.append(Held(row.id, row.public_id, row.number or "", row.organisation_id, revision, sketched))
        return self._sketched(found, flags)

    def _readable(self, listing: Listing, owner_zone: int | None) -> int | None:
        """The revision whose words the importer may read."""
        zones = {each for each in (owner_zone, listing.addressed_zone_id) if each is not None}
        owner = listing.organisation_id
        if access.is_allowed(self._actor, "listing.read_unpublished", organisation_id=owner, zones=zones):
            return listing.revision
        return listing.published_revision if listing.state == ListingState.PUBLISHED else None

    def _sketched(self, found: list[Held], flags: Flags) -> list[Held]:
        bare = [each.revision for each in found if each.sketch is None]
        for words, revision in self._words_of_revisions(bare):
            flags.made[revision] = sketch(words)
        return [
            each if each.sketch is not None else Held(each.id, each.public_id, each.number, each.owner, each.revision, made)
            for each in found
            for made in (flags.made.get(each.revision),)
        ]

    def _words_of_revisions(self, ids: Sequence[int]) -> Iterable[tuple[Words, int]]:
        for start in range(0, len(ids), _CHUNK):
            query = select(Revision.id, Revision.title, Revision.texts).where(col(Revision.id).in_(ids[start : start + _CHUNK]))
            for id_, title, texts in self._session.exec(query).all():
                yield words_of(self._kind, title, texts), id_ or 0

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

    def _look_up(self, held: Iterable[Held], earlier: Iterable[tuple[int, bytes, frozenset[str]]]) -> None:
        for each in held:
            for place in keys(each.sketch or b""):
                self._alike.setdefault((each.owner, *place), []).append(("revision", each.revision))
        for number, sketched, rights in earlier:
            for right in rights:
                self._first.setdefault(right, number)
            for place in keys(sketched):
                self._alike.setdefault(place, []).append(("row", number))

    def _candidates(self, row: Newcomer, sketched: bytes) -> list[tuple[str, int]]:
        """What shares a key with the row, which from now on is one itself."""
        found: dict[tuple[str, int], None] = {}
        for place in keys(sketched):
            found |= dict.fromkeys(self._alike.get((row.owner, *place), ())[:_MOST])
            alike = self._alike.setdefault(place, [])
            found |= dict.fromkeys(alike[:_MOST])
            if len(alike) < _MOST:
                alike.append(("row", row.number))
        return list(found)[:_MOST]

    def _load(self, batch_id: int, candidates: Iterable[list[tuple[str, int]]]) -> None:
        """The words of all that is to be looked at closely."""
        wanted = sorted({each for found in candidates for each in found if each not in self._words})
        for words, revision in self._words_of_revisions([id_ for what, id_ in wanted if what == "revision"]):
            self._words["revision", revision] = words
        numbers = [number for what, number in wanted if what == "row"]
        for start in range(0, len(numbers), _CHUNK):
            query = select(ImportRow.number, ImportRow.payload).where(
                ImportRow.batch_id == batch_id, col(ImportRow.number).in_(numbers[start : start + _CHUNK])
            )
            for number, payload in self._session.exec(query).all():
                draft = payload.get("draft")
                if isinstance(draft, dict):
                    self._words["row", number] = words_of(self._kind, draft["title"], draft.get("texts", {}))

    def _nearest(self, row: Newcomer, candidates: Iterable[tuple[str, int]], held: Mapping[int, Held]) -> list[FieldError]:
        """The one most like it; of equal ones a stored entry before a row."""
        own = self._words["row", row.number]
        best, nearest = None, 0.0
        for each in candidates:
            words = self._words.get(each)
            like = likeness(own, words) if words is not None else None
            if like is not None and like.is_near and like.share > nearest:
                best, nearest = each, like.share
        if best is None:
            return []
        percent = min(int(100 * nearest), 99)
        if best[0] == "row":
            return [FieldError("title", "near_row", {"row": best[1], "percent": percent})]
        entry = held[best[1]]
        return [FieldError("title", "near_entry", {"number": entry.number, "id": entry.public_id, "percent": percent})]

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
