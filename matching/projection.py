"""Keeps the engine equal to SQL: apply, look, and only then call it done (law 2).

Every step may be repeated and every process may die between any two of them: what is not verified stays a job.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select

from matching.content import Content, load
from matching.documents import AUDIENCES, Described, body_of, describe, passages_of
from matching.model import OPEN_TASK, Listing, ListingIndustry, ListingState, Task, Zone
from matching.progress import Report, silent
from matching.reference import IndustryNode, ancestors_by_id, industries
from matching.store.database import Database
from matching.tagging import Suggestion, industry_text, suggest
from matching.vectors import Key, VectorStore
from search.errors import EngineUnavailable
from search.ports import DocumentId, DocumentState, Engine, Lane, Tombstone, Vector

log = structlog.get_logger("projection")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the engine ought to hold of some listings, as of one snapshot of SQL."""

    documents: tuple[Described, ...]
    tombstones: tuple[Tombstone, ...]

    def states(self) -> dict[DocumentId, DocumentState]:
        live = {each.id: DocumentState(each.id, each.revision, each.state_hash, False) for each in self.documents}
        dead = {each.id: DocumentState(each.id, each.revision, "", True) for each in self.tombstones}
        return live | dead

    def only(self, ids: Collection[DocumentId]) -> "Wanted":
        return Wanted(
            tuple(each for each in self.documents if each.id in ids), tuple(each for each in self.tombstones if each.id in ids)
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """Document ids by what is wrong with them, of `expected` documents."""

    missing: frozenset[DocumentId]
    stale: frozenset[DocumentId]
    extra: frozenset[DocumentId]
    expected: int

    def __bool__(self) -> bool:
        return bool(self.missing or self.stale or self.extra)


def industry_lines(session: Session) -> dict[int, tuple[str, ...]]:
    """Industry id → its own code and its ancestors'."""
    nodes = industries(session)
    return {id_: tuple(nodes[each].code for each in line) for id_, line in ancestors_by_id(session).items()}


def zone_codes(session: Session) -> dict[int, str]:
    return {row[0]: row[1] for row in session.exec(select(Zone.id, Zone.code)).all() if row[0] is not None}


def wanted(session: Session, listing_ids: Iterable[int], fingerprint: str) -> Wanted:
    """What the engine ought to hold: documents of published listings, tombstones of those that are not any more."""
    ids = list(listing_ids)
    contents = load(session, ids)
    codes, lines = zone_codes(session), industry_lines(session)
    documents: list[Described] = []
    tombstones: list[Tombstone] = []
    rows: list[tuple[int | None, str, str, int]] = []
    for start in range(0, len(ids), 500):
        rows.extend(
            session.exec(
                select(Listing.id, Listing.public_id, Listing.state, Listing.document_revision).where(
                    col(Listing.id).in_(ids[start : start + 500])
                )
            ).all()
        )
    for id_, public_id, state, revision in rows:
        content = contents.get(id_ or 0)
        for audience in AUDIENCES:
            if state == ListingState.PUBLISHED and content is not None:
                documents.append(describe(content, audience, zone_codes=codes, industry_lines=lines, fingerprint=fingerprint))
            elif revision > 0:
                tombstones.append(Tombstone(DocumentId(public_id, audience), revision))
    return Wanted(tuple(documents), tuple(tombstones))


@dataclass(frozen=True, slots=True)
class Renewed:
    """The id of the last listing brought, and how many of all are."""

    cursor: int
    done: int
    total: int


class Projection:
    """Writes the engine. Holds no state of its own; any number may run."""

    def __init__(self, database: Database, engine: Engine, vectors: VectorStore) -> None:
        self._database = database
        self._engine = engine
        self._vectors = vectors

    def bring(self, public_ids: Sequence[str], *, lane: Lane) -> Wanted:
        """Make the engine's state of these listings equal SQL's and verify it.

        Raises `EngineUnavailable` when the engine does not hold what was written, `EncoderUnavailable` when a vector
        cannot be made; in both cases the caller keeps its job.
        """
        with self._database.read() as session:
            ids = _ids(session, public_ids)
            state = wanted(session, ids, self._vectors.fingerprint)
        expected = state.states()
        wrong = self._wrong(expected)
        if wrong:
            self._write(state.only(wrong), lane)
            for id_ in self._wrong({id_: expected[id_] for id_ in wrong}):
                raise EngineUnavailable(f"{id_} is not what was written")
        return state

    def _wrong(self, expected: Mapping[DocumentId, DocumentState]) -> set[DocumentId]:
        """Documents that the engine lacks or holds otherwise. One with a higher revision is a later job's work: ours is
        overtaken, which is as good as done."""
        held = self._engine.state(list(expected))
        return {
            id_
            for id_, state in expected.items()
            if (found := held.get(id_)) is None or (found != state and found.revision <= state.revision)
        }

    def _write(self, state: Wanted, lane: Lane) -> None:
        vectors = self._vectors.get((key for each in state.documents for key in each.keys), lane=lane)
        refused = self._engine.apply([each.with_vectors(vectors) for each in state.documents], state.tombstones)
        for id_, why in refused.items():
            raise EngineUnavailable(f"{str(id_)!a} is refused: {why}")

    def fill(self, report: Report = silent, *, block: int = 500) -> int:
        """Bring an empty engine up from SQL without embedding anything. Returns the number of listings written, which are
        reported, too.

        A listing with a passage that was never embedded gets an index job instead (where it has none yet), unless an open
        task embeds everything anew.
        """
        with self._database.read() as session:
            ids = [id_ for id_ in session.exec(select(Listing.id).where(Listing.document_revision > 0)).all() if id_ is not None]
            renewing = _is_renewing(session, self._vectors.fingerprint)
        written = 0
        for start in range(0, len(ids), block):
            with self._database.read() as session:
                state = wanted(session, ids[start : start + block], self._vectors.fingerprint)
                vectors = self._vectors.stored(session, [key for each in state.documents for key in each.keys])
            ready = [each for each in state.documents if all(key in vectors for key in each.keys)]
            refused = self._engine.apply([each.with_vectors(vectors) for each in ready], state.tombstones)
            for id_, why in refused.items():
                log.warning("index.refused", document=ascii(str(id_)), reason=why)
            held = {each.id.listing for each in ready}
            if not renewing:
                self._ask({each.id.listing for each in state.documents} - held)
            written += len(held)
            report("filling", min(start + block, len(ids)), len(ids))
        return written

    def renew(self, after: int, *, size: int) -> Renewed:
        """Bring the next `size` listings after the one with this id, embedding what today's recipe has no vectors of."""
        with self._database.read() as session:
            ever = col(Listing.document_revision) > 0
            rows = session.exec(
                select(Listing.id, Listing.public_id).where(ever, col(Listing.id) > after).order_by(col(Listing.id)).limit(size)
            ).all()
            total = session.exec(select(sa.func.count()).select_from(Listing).where(ever)).one()
            done = session.exec(select(sa.func.count()).select_from(Listing).where(ever, col(Listing.id) <= after)).one()
        self.bring([public_id for _, public_id in rows], lane="bulk")
        return Renewed(rows[-1][0] or after if rows else after, done + len(rows), total)

    def compare(self, report: Report = silent) -> Difference:
        """The gate: what the engine lacks, holds too much, or holds in another state than SQL wants. Reports listings."""
        found: dict[DocumentId, DocumentState] = {}
        after: str | None = None
        while page := self._engine.scan(after):
            found.update({each.id: each for each in page})
            after = str(page[-1].id)
            report("scanning", 0, 0)
        with self._database.read() as session:
            ids = [id_ for id_ in session.exec(select(Listing.id).where(Listing.document_revision > 0)).all() if id_ is not None]
            expected: dict[DocumentId, DocumentState] = {}
            for start in range(0, len(ids), 500):
                expected.update(wanted(session, ids[start : start + 500], self._vectors.fingerprint).states())
                report("comparing", min(start + 500, len(ids)), len(ids))
        missing = {id_ for id_, state in expected.items() if id_ not in found and not state.deleted}
        stale = {id_ for id_, state in expected.items() if id_ in found and found[id_] != state}
        extra = {id_ for id_ in found if id_ not in expected}
        return Difference(frozenset(missing), frozenset(stale), frozenset(extra), len(expected))

    def repair(self, difference: Difference) -> None:
        """Ask for index jobs where SQL knows the listing, purge what it does not."""
        self._ask({id_.listing for id_ in difference.missing | difference.stale})
        if difference.extra:
            self._engine.purge(sorted(difference.extra, key=str))

    def rebuild(self, report: Report = silent) -> int:
        """A new generation beside the serving one, filled from SQL, then promoted; aborted by what the report raises."""
        self._engine.begin(self._vectors.fingerprint)
        try:
            written = self.fill(report)
        except BaseException:
            self._engine.abort()
            raise
        self._engine.promote()
        self._engine.drop()
        return written

    def _ask(self, public_ids: Iterable[str]) -> None:
        wanted_ids = sorted(public_ids)
        if not wanted_ids:
            return
        with self._database.write() as unit:
            for public_id in wanted_ids:
                unit.enqueue("index", public_id, lane="bulk")
            unit.commit()

    def untagged(self, public_ids: Sequence[str]) -> dict[int, Content]:
        """Those of the listings (latest words) that carry no industry at all, not even a rejected one."""
        with self._database.read() as session:
            ids = set(_ids(session, public_ids))
            tagged = set(session.exec(select(ListingIndustry.listing_id).where(col(ListingIndustry.listing_id).in_(ids))).all())
            return load(session, ids - tagged, which="latest")

    def suggestions(self, contents: Mapping[int, Content], *, lane: Lane) -> dict[int, tuple[Suggestion, ...]]:
        """Industry suggestions by listing id, from the listings' own passages and the industries' descriptions."""
        with self._database.read() as session:
            nodes = industries(session)
        centres = self._centres(nodes, lane)
        keys = {id_: passages_of(content)[1] for id_, content in contents.items()}
        vectors = self._vectors.get((key for each in keys.values() for key in each), lane=lane)
        return {
            id_: suggest(content.title, body_of(content), [vectors[key] for key in keys[id_]], nodes, centres)
            for id_, content in contents.items()
        }

    def _centres(self, nodes: Mapping[int, IndustryNode], lane: Lane) -> dict[int, Vector]:
        keys: dict[int, Key] = {id_: ("need", industry_text(node)) for id_, node in nodes.items()}
        vectors = self._vectors.get(keys.values(), lane=lane)
        return {id_: vectors[key] for id_, key in keys.items()}


def _is_renewing(session: Session, fingerprint: str) -> bool:
    """Whether a task is open that embeds everything by this recipe."""
    query = select(Task.id).where(Task.kind == "encoder", Task.key == fingerprint, col(Task.state).in_(OPEN_TASK))
    return session.exec(query).first() is not None


def _ids(session: Session, public_ids: Sequence[str]) -> list[int]:
    found: list[int] = []
    for start in range(0, len(public_ids), 500):
        rows = session.exec(select(Listing.id).where(col(Listing.public_id).in_(public_ids[start : start + 500]))).all()
        found += [each for each in rows if each is not None]
    return found
