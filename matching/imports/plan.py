"""The plan: for every row what the commit will do with it, and why. Made once; what is shown is what is done."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from sqlmodel import Session, col, select

from matching import access
from matching.access import Actor
from matching.content import Content, load
from matching.drafts import ListingDraft, from_content, validate
from matching.errors import FieldError, InvalidInput
from matching.imports.cells import Reading, read_row
from matching.imports.flags import Flagger, Newcomer
from matching.imports.headings import Column
from matching.imports.merge import is_same, overlay
from matching.imports.owners import FoundOwner, Owners, Scope
from matching.imports.payload import Planned, reason, to_json
from matching.imports.staging import StagedRow
from matching.imports.targets import Identity, Target, choose, load_targets, numbers_of
from matching.imports.vocabulary import Vocabulary
from matching.model import Contact, ImportRow, ListingState
from matching.typed_text import clean_line
from search.text import comparison_key

TITLE_LIMIT: Final = 200
_KEY_LIMIT: Final = 330
_CHUNK: Final = 400
_UNMADE: Final = "new"
"""Stands for the public id of an organisation that the commit will make."""
_RENEWABLE: Final = (ListingState.DRAFT, ListingState.SENT_BACK, ListingState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Policy:
    """`existing`: rows that mean an entry `update` it or `skip`. `similar`: new rows much like something are taken (`take`) or
    left out (`leave`)."""

    existing: str = "update"
    similar: str = "take"


@dataclass(slots=True)
class Row:
    """One row of the plan on its way. `key` is empty until owner and title are known."""

    number: int
    reading: Reading
    owner: FoundOwner | None = None
    identity: Identity | None = None
    key: str = ""
    target: Target | None = None
    verdict: str = ""
    reasons: list[dict[str, object]] = field(default_factory=list)
    draft: ListingDraft | None = None
    flagged: bool = False
    sketch: bytes | None = None

    def settle(self, verdict: str, level: str, *problems: FieldError) -> None:
        """Notes tell what is done with a row, so one that nothing is done with keeps none."""
        self.verdict = verdict
        told = self.reasons if verdict != "error" else []
        self.reasons = [*told, *(reason(each, level) for each in problems)]

    def values(self, batch_id: int) -> dict[str, object]:
        """As a row of the table. Errors and skipped rows keep no payload, and so no contact data."""
        is_wanted = self.verdict in ("new", "update") and self.draft is not None and self.owner is not None
        planned = Planned(self.draft, self.owner.cells) if is_wanted and self.draft and self.owner else None
        counts = self.verdict != "error"
        return {
            "batch_id": batch_id,
            "number": self.number,
            "verdict": self.verdict,
            "reasons": self.reasons,
            "title": clean_line(self.reading.title)[:TITLE_LIMIT],
            "owner": (self.owner.name if self.owner else self.reading.owner.name)[:120],
            "key": self.key if counts else "",
            "payload": to_json(planned) if planned else {},
            "listing_id": self.target.id if self.target and counts else None,
            "base_version": self.target.version if self.target and counts else None,
            "flagged": self.flagged,
            "sketch": self.sketch if is_wanted else None,
            "done": False,
        }


class Planner:
    """Plans one slice in one reading session. `actor` is whoever uploaded the sheet, as of today."""

    def __init__(
        self, session: Session, actor: Actor, scope: Scope, words: Vocabulary, today: date, policy: Policy | None = None
    ) -> None:
        self._session = session
        self._actor = actor
        self._scope = scope
        self._words = words
        self._today = today
        self._policy = policy or Policy()
        self._owners = Owners(session, actor, scope, words)

    def plan(self, batch_id: int, staged: Sequence[StagedRow], columns: Sequence[Column]) -> list[dict[str, object]]:
        """The rows' values for `ImportRow`, in their order. Earlier slices of the batch are looked at for duplicates."""
        rows = [Row(each.number, read_row(each, columns, self._scope.kind, self._words, self._today)) for each in staged]
        for row in rows:
            self._identify(row)
        self._find_targets(rows)
        for row in rows:
            if not row.verdict and row.target is None:
                self._plan_new(row)
        self._plan_updates([row for row in rows if not row.verdict])
        self._drop_repeated(batch_id, [row for row in rows if row.verdict != "error" and row.key])
        self._flag(batch_id, [row for row in rows if row.verdict == "new"])
        return [row.values(batch_id) for row in rows]

    def _flag(self, batch_id: int, rows: list[Row]) -> None:
        """What is much like something that is there. By the policy it is left out."""
        newcomers = [
            Newcomer(row.number, row.draft, numbers_of(each.number for each in row.draft.ip))
            for row in rows
            if row.draft is not None and row.owner is not None
        ]
        flags = Flagger(self._session, self._actor, self._scope.kind).flag(batch_id, newcomers)
        for row in rows:
            row.sketch = flags.sketches.get(row.number)
            if row.number in flags.reasons:
                row.flagged = True
                is_left = self._policy.similar == "leave"
                row.settle("skip" if is_left else "new", "skip" if is_left else "flag", *flags.reasons[row.number])

    def _identify(self, row: Row) -> None:
        reading = row.reading
        if reading.left_out:
            row.settle("skip", "skip", FieldError("title", reading.left_out))
            return
        try:
            row.owner, notes = self._owners.find(reading.owner)
        except InvalidInput as refused:
            row.settle("error", "error", *self._all_errors(reading), *refused.fields)
            return
        if reading.errors:
            row.settle("error", "error", *self._all_errors(reading))
            return
        row.reasons = [reason(each, "note") for each in (*reading.notes, *notes)]
        title = comparison_key(clean_line(reading.title))[:TITLE_LIMIT]
        numbers = numbers_of(each.number for each in reading.draft().ip)
        row.key = f"{row.owner.key}|{'+'.join(sorted(numbers))[:100]}|{title}"[:_KEY_LIMIT]
        if row.owner.ref is not None:
            row.identity = Identity(row.owner.ref.id, title, numbers)

    def _all_errors(self, reading: Reading) -> list[FieldError]:
        """What the cells say, and what the rules add about other fields: a person mends a row once."""
        named = {each.field for each in reading.errors}
        named |= {"ip"} if any(each.startswith("ip_") for each in named) else set()
        try:
            validate(replace(reading.draft(), organisation=_UNMADE), self._words.known, self._today, submit=True)
        except InvalidInput as refused:
            return [*reading.errors, *(each for each in refused.fields if each.field not in named)]
        return reading.errors

    def _find_targets(self, rows: list[Row]) -> None:
        targets = load_targets(self._session, self._scope.kind, {row.identity for row in rows if row.identity is not None})
        for row in rows:
            if row.identity is not None and not row.verdict:
                try:
                    row.target = choose(targets, row.identity)
                except InvalidInput as refused:
                    row.settle("error", "error", *refused.fields)

    def _drop_repeated(self, batch_id: int, rows: list[Row]) -> None:
        """The first row of a key, and the first that means a listing, counts; the others name it."""
        keys = self._earlier(batch_id, "key", [row.key for row in rows])
        meant = self._earlier(batch_id, "listing_id", [row.target.id for row in rows if row.target is not None])
        for row in rows:
            target = row.target.id if row.target is not None else None
            first = keys.get(row.key) or (meant.get(target) if target is not None else None)
            if first is not None:
                row.target = row.draft = None
                row.reasons = []
                row.settle("skip", "skip", FieldError("title", "repeated_row", {"row": first}))
                continue
            keys[row.key] = row.number
            if target is not None:
                meant[target] = row.number

    def _earlier(self, batch_id: int, column: str, wanted: Sequence[object]) -> dict[object, int]:
        """Key or target → the first row of an earlier slice that has it."""
        attribute = col(getattr(ImportRow, column))
        found: dict[object, int] = {}
        for start in range(0, len(wanted), _CHUNK):
            rows = self._session.exec(
                select(attribute, ImportRow.number)
                .where(ImportRow.batch_id == batch_id, attribute.in_(wanted[start : start + _CHUNK]))
                .order_by(col(ImportRow.number))
            ).all()
            for value, number in rows:
                found.setdefault(value, number)
        return found

    def _plan_new(self, row: Row) -> None:
        """Checked as the commit will check it: the same rules, complete enough for others to read."""
        owner = row.owner
        if owner is None:
            return
        draft = replace(
            row.reading.draft(),
            organisation=owner.ref.public_id if owner.ref is not None else _UNMADE,
            addressed_zone=owner.addressed,
        )
        try:
            clean = validate(draft, self._words.known, self._today, submit=True)
        except InvalidInput as refused:
            row.settle("error", "error", *refused.fields)
            return
        row.draft = clean if owner.ref is not None else replace(clean, organisation=None)
        row.verdict = "new"

    def _plan_updates(self, rows: list[Row]) -> None:
        ids = [row.target.id for row in rows if row.target is not None]
        contents = load(self._session, ids, which="latest")
        contacts = self._contacts(ids)
        for row in rows:
            if row.target is not None:
                self._plan_update(row, row.target, contents[row.target.id], contacts.get(row.target.id, {}))

    def _plan_update(self, row: Row, target: Target, content: Content, contacts: dict[str, str]) -> None:
        known = self._words.known
        if target.state == ListingState.WITHDRAWN:
            row.settle("skip", "skip", FieldError("title", "withdrawn", {"number": target.number or ""}))
            return
        if not self._may_write(content) and target.state != ListingState.PUBLISHED:
            row.settle("error", "error", FieldError("title", "may_not_change", {"number": ""}))
            return
        base = from_content(content, known)
        try:
            clean = validate(overlay(base, row.reading, known, self._today), known.keeping(base), self._today, submit=True)
        except InvalidInput as refused:
            row.settle("error", "error", *refused.fields)
            return
        is_told = all(contacts.get(kind, "") == value for kind, value in clean.contacts.items())
        if is_same(clean, base) and is_told and target.state not in _RENEWABLE:
            row.settle("skip", "skip", FieldError("title", "no_change", {"number": target.number or ""}))
            return
        if not self._may_write(content):
            row.settle("error", "error", FieldError("title", "may_not_change", {"number": target.number or ""}))
            return
        if self._policy.existing == "skip":
            row.settle("skip", "skip", FieldError("title", "exists", {"number": target.number or ""}))
            return
        row.draft = clean
        row.settle("update", "note", FieldError("title", "updates", {"number": target.number or ""}))

    def _may_write(self, content: Content) -> bool:
        owner, tags = content.organisation, [each.id for each in content.used_industries]
        zones = access.zones_of(self._session, owner.zone_id, content.addressed_zone_id, tags)
        return access.is_allowed(self._actor, "listing.write", organisation_id=owner.id, zones=zones)

    def _contacts(self, ids: list[int]) -> dict[int, dict[str, str]]:
        found: dict[int, dict[str, str]] = {}
        for start in range(0, len(ids), _CHUNK):
            rows = self._session.exec(select(Contact).where(col(Contact.listing_id).in_(ids[start : start + _CHUNK]))).all()
            for row in rows:
                found.setdefault(row.listing_id or 0, {})[row.kind] = row.value
        return found
