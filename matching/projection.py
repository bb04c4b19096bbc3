"""Keeps the engine equal to SQL: apply, look, and only then call it done (law 2).

Every step may be repeated and every process may die between any two of them: what is not verified stays a job.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching import set_aside
from matching.content import Content, load
from matching.documents import AUDIENCES, Described, body_of, describe, passages_of
from matching.model import Listing, ListingIndustry, ListingState
from matching.progress import Report, silent
from matching.reference import IndustryNode, industries
from matching.store.database import Database
from matching.surroundings import read_surroundings
from matching.tagging import Suggestion, industry_text, suggest
from matching.vectors import Key, VectorsAwaited, VectorStore
from search.errors import EngineUnavailable
from search.ports import DocumentId, DocumentState, Engine, Lane, Tombstone, Vector
from search.recipe import SCHEMA_VERSION, index_fingerprint
from search.text import TOKENISER_VERSION


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the engine ought to hold of some listings, as of one snapshot of SQL."""

    documents: tuple[Described, ...]
    tombstones: tuple[Tombstone, ...]

    def states(self) -> dict[DocumentId, DocumentState]:
        live = {each.id: DocumentState(each.id, each.revision, each.state_hash, False) for each in self.documents}
        dead = {each.id: DocumentState(each.id, each.revision, "", True) for each in self.tombstones}
        return live | dead

    def refusing(self, ids: Collection[DocumentId]) -> "Wanted":
        """The same, where these documents are not taken: what was held of them before goes, too."""
        dead = tuple(Tombstone(each.id, each.revision) for each in self.documents if each.id in ids)
        return Wanted(tuple(each for each in self.documents if each.id not in ids), (*self.tombstones, *dead))

    def of(self, listings: Collection[str]) -> "Wanted":
        """What concerns these listings, by public id."""
        return self.only({each for each in self.states() if each.listing in listings})

    def only(self, ids: Collection[DocumentId]) -> "Wanted":
        return Wanted(
            tuple(each for each in self.documents if each.id in ids), tuple(each for each in self.tombstones if each.id in ids)
        )


def index_recipe(vectors: str) -> str:
    """The fingerprint of an index of today's documents with vectors of this recipe."""
    return index_fingerprint(vectors, TOKENISER_VERSION, SCHEMA_VERSION)


def wanted(session: Session, listing_ids: Iterable[int], fingerprint: str) -> Wanted:
    """What the engine ought to hold: documents of published listings, tombstones of those that are not any more and of what is
    set aside. `fingerprint` is the index's."""
    ids = list(listing_ids)
    contents = load(session, ids)
    refused = set_aside.of(session, ids, fingerprint)
    around = read_surroundings(session)
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
            is_refused = refused.get((id_ or 0, audience)) == revision
            if state == ListingState.PUBLISHED and content is not None and not is_refused:
                documents.append(describe(content, audience, around, fingerprint=fingerprint))
            elif revision > 0:
                tombstones.append(Tombstone(DocumentId(public_id, audience), revision))
    return Wanted(tuple(documents), tuple(tombstones))


@dataclass(frozen=True, slots=True)
class Slice:
    """The id of the last listing brought, how many of all are, and whether texts had to be embedded for it. `is_last` says
    that nothing is left to bring."""

    cursor: int
    done: int
    total: int
    embedded: bool
    is_last: bool


class Projection:
    """Writes the engine. Holds no state of its own; any number may run."""

    def __init__(self, database: Database, engine: Engine, vectors: VectorStore) -> None:
        self._database = database
        self._engine = engine
        self._vectors = vectors

    @property
    def fingerprint(self) -> str:
        """The recipe of the index that these documents make (law 6)."""
        return index_recipe(self._vectors.fingerprint)

    @property
    def vectors(self) -> VectorStore:
        return self._vectors

    @property
    def vectors_fingerprint(self) -> str:
        return self._vectors.fingerprint

    def bring(self, public_ids: Sequence[str], *, lane: Lane, building: bool = False) -> Wanted:
        """Make the engine's state of these listings equal SQL's and verify it: in the serving generation and, while one is
        being built, in that one too; with `building`, in that one alone.

        What the engine refuses for good is set aside, and what it held of it before is deleted. Raises `EngineUnavailable`
        when the engine does not hold what was written, `EncoderUnavailable` when a vector cannot be made; in both cases the
        caller keeps its job.
        """
        with self._database.read() as session:
            ids = _ids(session, public_ids)
            state = wanted(session, ids, self.fingerprint)
        return self._bring(ids, state, lane, building=building)

    def _bring(self, ids: Sequence[int], state: Wanted, lane: Lane, *, building: bool) -> Wanted:
        wrong = self.wrong(state, building=building)
        if wrong:
            refused = self._write(state.only(wrong), lane, building=building)
            if refused:
                set_aside.note(self._database, self.fingerprint, {each.id: each.revision for each in state.documents}, refused)
                state = state.refusing(refused)
                self._engine.apply((), [each for each in state.tombstones if each.id in refused], building=building)
            for id_ in self.wrong(state.only(wrong), building=building):
                raise EngineUnavailable(f"{id_} is not what was written")
        set_aside.forget(self._database, ids, {each.id for each in state.documents})
        return state

    def wrong(self, state: Wanted, *, building: bool = False) -> set[DocumentId]:
        """Documents that the engine lacks or holds otherwise: in the generation that is being built, if any, and unless only
        that is asked about, in the serving one."""
        expected = state.states()
        generation = self._engine.generation()
        found: set[DocumentId] = set()
        if not building:
            exact = generation.fingerprint == self.fingerprint
            found |= _unlike(expected, self._engine.state(list(expected)), exact=exact)
        if generation.building is not None:
            exact = generation.building == self.fingerprint
            found |= _unlike(expected, self._engine.state(list(expected), building=True), exact=exact)
        return found

    def _write(self, state: Wanted, lane: Lane, *, building: bool) -> Mapping[DocumentId, str]:
        """Gives what was refused. Nothing is embedded for generations of another recipe alone: they are asked for words."""
        generation = self._engine.generation()
        if self.fingerprint in (generation.fingerprint, generation.building):
            vectors = self._vectors.get((key for each in state.documents for key in each.keys), lane=lane)
            documents = [each.with_vectors(vectors) for each in state.documents]
        else:
            documents = [each.without_vectors() for each in state.documents]
        return self._engine.apply(documents, state.tombstones, building=building)

    def fill(self, report: Report = silent, *, block: int = 500) -> int:
        """Bring an empty engine up from SQL without embedding anything. Returns the number of listings written, which are
        reported, too.

        A listing with a passage that was never embedded gets an index job instead (where it has none yet). While the engine
        serves another recipe, documents go without their vectors: building the index anew brings them.
        """
        is_ours = self._engine.generation().fingerprint == self.fingerprint
        with self._database.read() as session:
            ids = [id_ for id_ in session.exec(select(Listing.id).where(Listing.document_revision > 0)).all() if id_ is not None]
        written = 0
        for start in range(0, len(ids), block):
            with self._database.read() as session:
                state = wanted(session, ids[start : start + block], self.fingerprint)
                vectors = self._vectors.stored(session, [key for each in state.documents for key in each.keys]) if is_ours else {}
            ready = [each for each in state.documents if not is_ours or all(key in vectors for key in each.keys)]
            documents = [each.with_vectors(vectors) if is_ours else each.without_vectors() for each in ready]
            refused = self._engine.apply(documents, state.tombstones)
            held = {each.id.listing for each in ready}
            self._ask({each.id.listing for each in state.documents} - held | {each.listing for each in refused})
            written += len(held)
            report("filling", min(start + block, len(ids)), len(ids))
        return written

    def fill_building(self, after: int, *, size: int, slow_size: int, begun: datetime | None = None) -> Slice:
        """Bring the next listings after the one with this id to the generation being built: `size` of them, or `slow_size`
        where some have texts that were never embedded by this recipe, which takes its time. What was made after it was
        `begun` is left out: its own job writes there, too, and who posts faster than this fills must not keep it from its end.
        Raises `VectorsAwaited` where others embed, and has asked them to."""
        with self._database.read() as session:
            ever = sa.and_(col(Listing.document_revision) > 0, col(Listing.created_at) <= begun if begun else sa.true())
            query = select(Listing.id, Listing.public_id).where(ever, col(Listing.id) > after).order_by(col(Listing.id))
            rows = session.exec(query.limit(size)).all()
            state = wanted(session, [id_ or 0 for id_, _ in rows], self.fingerprint)
            keys = {key for each in state.documents for key in each.keys}
            is_embedding = len(self._vectors.stored(session, list(keys))) < len(keys)
            is_last = len(rows) < size and not is_embedding
            if is_embedding:
                rows = rows[:slow_size]
                state = state.of({public_id for _, public_id in rows})
            total = session.exec(select(sa.func.count()).select_from(Listing).where(ever)).one()
            done = session.exec(select(sa.func.count()).select_from(Listing).where(ever, col(Listing.id) <= after)).one()
        try:
            self._bring([id_ or 0 for id_, _ in rows], state, "bulk", building=True)
        except VectorsAwaited:
            with self._database.write() as unit:
                unit.enqueue_all("embed", [public_id for _, public_id in rows], lane="bulk")
                unit.commit()
            raise
        return Slice((rows[-1][0] or after) if rows else after, done + len(rows), total, is_embedding, is_last)

    def _ask(self, public_ids: Iterable[str]) -> None:
        wanted_ids = sorted(public_ids)
        if not wanted_ids:
            return
        with self._database.write() as unit:
            unit.enqueue_all("index", wanted_ids, lane="bulk")
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


def _unlike(
    expected: Mapping[DocumentId, DocumentState], held: Mapping[DocumentId, DocumentState], *, exact: bool
) -> set[DocumentId]:
    """Those that are lacking or held otherwise; not `exact`, in a generation of another recipe, otherwise is an older revision.
    One with a higher revision is a later job's work: ours is overtaken, which is as good as done."""

    def is_unlike(state: DocumentState, other: DocumentState | None) -> bool:
        if other is None or other.revision != state.revision:
            return other is None or other.revision < state.revision
        return other != state if exact else other.deleted != state.deleted

    return {id_ for id_, state in expected.items() if is_unlike(state, held.get(id_))}


def _ids(session: Session, public_ids: Sequence[str]) -> list[int]:
    found: list[int] = []
    for start in range(0, len(public_ids), 500):
        rows = session.exec(select(Listing.id).where(col(Listing.public_id).in_(public_ids[start : start + 500]))).all()
        found += [each for each in rows if each is not None]
    return found
