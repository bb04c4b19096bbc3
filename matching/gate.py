"""The gate: compares what SQL wants with what an index holds, page by page, repairs what differs, and looks again.

Both sides come in the order of their ids and are merged, so that memory is bounded by a page whatever the number of listings.
What an open job is about to bring is no fault: a listing posted a moment ago is told as pending.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching.model import Job, Listing, SetAside
from matching.progress import Report, silent
from matching.projection import Projection, Wanted, wanted
from matching.store.database import Database
from search.ports import Audience, DocumentId, DocumentState, Engine

FAULTS: Final = ("missing", "stale", "misplaced", "extra")
"""Names of the figures that are faults."""
PAGE: Final = 500
"""Listings compared at a time; each has two documents."""
_TURN: Final[Mapping[Audience, Audience]] = {"public": "registered", "registered": "public"}


@dataclass(frozen=True, slots=True)
class Difference:
    """Document ids by what is wrong with them, of `expected` documents.

    `missing`: wanted and not held. `stale`: held in another state. `misplaced`: held with the text of the other audience.
    `extra`: held though nobody is to find it, or SQL does not know it.
    """

    missing: frozenset[DocumentId] = frozenset()
    stale: frozenset[DocumentId] = frozenset()
    misplaced: frozenset[DocumentId] = frozenset()
    extra: frozenset[DocumentId] = frozenset()
    expected: int = 0

    def __bool__(self) -> bool:
        return bool(self.all)

    @property
    def all(self) -> frozenset[DocumentId]:
        return self.missing | self.stale | self.misplaced | self.extra

    def without(self, ids: Iterable[DocumentId]) -> "Difference":
        gone = frozenset(ids)
        return Difference(self.missing - gone, self.stale - gone, self.misplaced - gone, self.extra - gone, self.expected)

    def __add__(self, other: "Difference") -> "Difference":
        return Difference(
            self.missing | other.missing, self.stale | other.stale, self.misplaced | other.misplaced, self.extra | other.extra,
            self.expected + other.expected,
        )  # fmt: skip


@dataclass(slots=True)
class Findings:
    """Numbers of documents: what was found and, but for `left`, repaired; `pending` are brought by jobs of their own, `set_aside`
    were refused by the engine, `buried` are tombstones that were no longer needed."""

    expected: int = 0
    missing: int = 0
    stale: int = 0
    misplaced: int = 0
    extra: int = 0
    pending: int = 0
    set_aside: int = 0
    buried: int = 0
    left: int = 0

    @property
    def wrong(self) -> int:
        return self.missing + self.stale + self.misplaced + self.extra

    def figures(self) -> dict[str, int]:
        """By name; the four kinds of fault and the number of documents always, the rest where there is any."""
        always = {name: getattr(self, name) for name in (*FAULTS, "expected")}
        return always | {name: getattr(self, name) for name in ("pending", "set_aside", "buried", "left") if getattr(self, name)}


@dataclass(slots=True)
class _Page:
    """Some listings in the order of their public ids, what SQL wants of them, and what the index holds up to the last of them."""

    wanted: Wanted
    done: int
    total: int
    held: dict[DocumentId, DocumentState] = field(default_factory=dict)


class Gate:
    """Holds no state. One at a time is enough, more do no harm."""

    def __init__(self, database: Database, engine: Engine, projection: Projection) -> None:
        self._database = database
        self._engine = engine
        self._projection = projection

    def compare(self, report: Report = silent, *, building: bool = False) -> Difference:
        """All that differs at this moment, pending or not, of the serving generation or of the one being built."""
        found = Difference()
        for page in self._pages(building=building):
            found += self._difference(page, building=building)
            report("comparing", page.done, page.total)
        return found

    def run(self, report: Report = silent, *, building: bool = False) -> Findings:
        """Compare, repair, look again. Raises `EngineUnavailable` and `EncoderUnavailable`; what was repaired until then is."""
        findings = Findings()
        for page in self._pages(building=building):
            difference = self._difference(page, building=building)
            self._mend(difference, findings, building=building)
            if not building:
                findings.buried += self._bury(page)
            findings.expected += difference.expected
            report("comparing", page.done, page.total)
        with self._database.read() as session:
            refused = select(sa.func.count()).select_from(SetAside).where(SetAside.fingerprint == self._projection.fingerprint)
            findings.set_aside = session.exec(refused).one()
        return findings

    def _mend(self, difference: Difference, findings: Findings, *, building: bool) -> None:
        if not difference:
            return
        with self._database.read() as session:
            names = sorted({each.listing for each in difference.all})
            waiting, known = _with_jobs(session, names), _known(session, names)
        pending = {each for each in difference.all if each.listing in waiting}
        findings.pending += len(pending)
        difference = difference.without(pending)
        difference = difference.without(difference.all - self._still_wrong(difference, known, building=building))
        if not difference:
            return
        listings = sorted({each.listing for each in difference.all} & known)
        self._projection.bring(listings, lane="bulk", building=building)
        unknown = [each for each in sorted(difference.all, key=str) if each.listing not in known]
        if unknown:
            self._engine.purge(unknown)
        findings.left += len(self._still_wrong(difference, known, building=building))
        findings.missing += len(difference.missing)
        findings.stale += len(difference.stale)
        findings.misplaced += len(difference.misplaced)
        findings.extra += len(difference.extra)

    def _still_wrong(self, difference: Difference, known: set[str], *, building: bool) -> set[DocumentId]:
        """Looked at once more: while a page was compared, jobs went on."""
        with self._database.read() as session:
            ids = session.exec(select(Listing.id).where(col(Listing.public_id).in_(known))).all()
            state = wanted(session, [each or 0 for each in ids], self._projection.fingerprint)
        unknown = [each for each in difference.all if each.listing not in known]
        held = self._engine.state(unknown, building=building) if unknown else {}
        return (self._projection.wrong(state, building=building) & difference.all) | set(held)

    def _bury(self, page: _Page) -> int:
        """Tombstones that no older job can come after any more are forgotten."""
        dead = [each for each in page.wanted.tombstones if (held := page.held.get(each.id)) and held.deleted]
        if not dead:
            return 0
        with self._database.read() as session:
            waiting = _with_jobs(session, sorted({each.id.listing for each in dead}))
        gone = [each.id for each in dead if each.id.listing not in waiting]
        if gone:
            self._engine.purge(gone)
        return len(gone)

    def _difference(self, page: _Page, *, building: bool) -> Difference:
        generation = self._engine.generation()
        exact = (generation.building if building else generation.fingerprint) == self._projection.fingerprint
        expected = page.wanted.states()
        missing: set[DocumentId] = set()
        stale: set[DocumentId] = set()
        misplaced: set[DocumentId] = set()
        extra = {id_ for id_ in page.held if id_ not in expected}
        for id_, state in expected.items():
            held = page.held.get(id_)
            if held is None or (held.deleted and not state.deleted):
                if not state.deleted:
                    missing.add(id_)
            elif state.deleted:
                if held != state:
                    (stale if held.deleted else extra).add(id_)
            elif exact and held.state_hash != state.state_hash and held.state_hash == _hash_of_other(expected, id_):
                misplaced.add(id_)
            elif held != state if exact else held.revision != state.revision:
                stale.add(id_)
        return Difference(
            frozenset(missing), frozenset(stale), frozenset(misplaced), frozenset(extra), len(expected)
        )  # fmt: skip

    def _pages(self, *, building: bool) -> Iterator[_Page]:
        """The two sides side by side, in the order of public ids, until both are through."""
        held = self._held(building=building)
        waiting = next(held, None)
        after, done = "", 0
        while True:
            with self._database.read() as session:
                rows = _listings_after(session, after)
                total = session.exec(select(sa.func.count()).select_from(Listing).where(_EVER)).one()
                page = _Page(wanted(session, [id_ for id_, _ in rows], self._projection.fingerprint), done + len(rows), total)
            done = page.done
            after = rows[-1][1] if rows else after
            # A listing's documents sort between it and a colon, and it and a semicolon: so do ids that are none of ours.
            while waiting is not None and (str(waiting.id) < f"{after};" if rows else len(page.held) < 2 * PAGE):
                page.held[waiting.id] = waiting
                waiting = next(held, None)
            yield page
            if not rows and waiting is None:
                return

    def _held(self, *, building: bool) -> Iterator[DocumentState]:
        after: str | None = None
        while page := self._engine.scan(after, building=building):
            yield from page
            after = str(page[-1].id)


_BRINGING: Final = ("index", "forget", "embed")
_EVER: Final = col(Listing.document_revision) > 0


def _listings_after(session: Session, public_id: str) -> list[tuple[int, str]]:
    """The next page in the order of code points, by which both databases and the index sort."""
    query = select(Listing.id, Listing.public_id).where(_EVER, col(Listing.public_id) > public_id)
    return [(id_ or 0, listing) for id_, listing in session.exec(query.order_by(col(Listing.public_id)).limit(PAGE))]


def _hash_of_other(expected: Mapping[DocumentId, DocumentState], id_: DocumentId) -> str | None:
    other = expected.get(DocumentId(id_.listing, _TURN[id_.audience]))
    return other.state_hash if other is not None and not other.deleted else None


def _with_jobs(session: Session, public_ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(public_ids), PAGE):
        chunk = public_ids[start : start + PAGE]
        found |= set(session.exec(select(Job.key).where(col(Job.kind).in_(_BRINGING), col(Job.key).in_(chunk))).all())
    return found


def _known(session: Session, public_ids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(public_ids), PAGE):
        chunk = public_ids[start : start + PAGE]
        found |= set(session.exec(select(Listing.public_id).where(col(Listing.public_id).in_(chunk))).all())
    return found
