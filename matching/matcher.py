"""Computes the matches of a zone: needs of the zone in its strategic industry with open results in it, wherever they sit.

The truth is `match_zone`: one batch over the whole zone, whose outcome depends on SQL alone. `match_listing` is what makes
a new listing's pairs visible at once; it scores that listing only, and the batch that follows settles what it left open (a
result that lost its place among a need's best fifty, a place that became free).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching.model import (
    Listing,
    ListingKind,
    Match,
    Verdict,
    Zone,
    ZoneIndustry,
    ZoneMatching,
)
from matching.pairing.batch import PER_NEED, PER_RESULT, match_prepared, prepare
from matching.pairing.score import CUTS, Context, Scored, score_pair, to_json
from matching.pairing.sides import Side
from matching.pool import Pool, Standing, open_listings, standings, zones_of
from matching.progress import Report, silent
from matching.projection import industry_lines
from matching.store.database import Database
from matching.store.unit import UnitOfWork
from matching.vectors import VectorStore

KEEP, KEEP_PER_RESULT = 50, 10
"""The best of every need; the best needs of every result that are above 无; judged pairs are kept whatever their score."""
AUDIENCE = "registered"
LANE = "industry"
LEAST_PAUSE, MOST_PAUSE, TIMES_THE_WORK = 10.0, 300.0, 20.0
"""Seconds between two batches of a zone while listings keep coming: so many times what one batch of every zone takes."""
AT_ONCE = 200
"""Sides that are built at most for somebody who waits; those of the rest come with the zone's batch."""
_ROWS_A_WRITE = 1000
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Found:
    """A scored pair with the ids and revisions it was computed from."""

    need_id: int
    result_id: int
    need_revision: int
    result_revision: int
    scored: Scored


@dataclass(frozen=True, slots=True)
class Field:
    """A zone's field as of one snapshot: who stands in it, and the version its writer must still find. `keep` of every need
    and `keep_per_result` of every result are kept, and the pairs `always` whatever their score."""

    zone_id: int
    version: int
    context: Context
    needs: Mapping[int, Side]
    results: Mapping[int, Side]
    revisions: Mapping[int, int]
    always: frozenset[tuple[int, int]]
    keep: int
    keep_per_result: int


@dataclass(frozen=True, slots=True)
class Pair:
    need: Side
    result: Side
    scored: Scored


class Superseded(Exception):
    """Somebody else wrote the zone's matches meanwhile; the job comes again."""


class Matcher:
    """Any number may run: writers of one zone notice each other by the zone's version."""

    def __init__(self, database: Database, vectors: VectorStore) -> None:
        self._database = database
        self._pool = Pool(vectors)
        self._took: dict[str, float] = {}

    def zones_touched(self, session: Session, public_ids: Sequence[str]) -> list[str]:
        """Codes of the decided zones whose matches these listings may change: those they stand in now, and those where
        they have matches from before."""
        zones: set[int] = set()
        for chosen in _id_chunks(session, public_ids):
            before = select(Match.zone_id).where(sa.or_(col(Match.need_id).in_(chosen), col(Match.result_id).in_(chosen)))
            zones.update(session.exec(before.distinct()))
            zones.update(zone for touched in zones_of(session, chosen).values() for zone in touched)
        return sorted(session.exec(select(Zone.code).where(col(Zone.id).in_(zones))))

    def warm(self, public_ids: Sequence[str]) -> None:
        """Hold the sides of those of the listings that stand in a zone: who is posted next is scored against them at once."""
        with self._database.read() as session:
            for chosen in _id_chunks(session, public_ids):
                self._pool.sides(session, standings(session, list(zones_of(session, chosen))))

    def pause(self) -> float:
        """Seconds that a zone's batch may wait while listings keep coming, by how long batches have taken of late."""
        return min(max(LEAST_PAUSE, TIMES_THE_WORK * sum(list(self._took.values()))), MOST_PAUSE)

    def preview(self, code: str) -> list[Pair]:
        """What `match_zone` would write, best first, and nothing written. Empty for a zone that has not decided."""
        with self._database.read() as session:
            field = self._field(session, code)
        if field is None:
            return []
        pairs = [Pair(field.needs[each.need_id], field.results[each.result_id], each.scored) for each in _scored(field)]
        return sorted(pairs, key=lambda pair: (-pair.scored.score, pair.need.listing, pair.result.listing))

    def match_zone(self, code: str, report: Report = silent) -> int:
        """Replace the zone's matches by what SQL says today. Returns the number of pairs. Reports needs scored, then written.

        Raises `Superseded` when another writer came between, and what the report raises; nothing is half done then that the
        next run does not mend.
        """
        start = perf_counter()
        report("reading", 0, 0)
        with self._database.read() as session:
            field = self._field(session, code)
        if field is None:
            return self._clear(code)
        found = _scored(field, report)
        version = self._begin(field)
        with self._database.read() as session:
            counts = select(Match.need_id, sa.func.count()).where(Match.zone_id == field.zone_id).group_by(col(Match.need_id))
            stored = dict(session.exec(counts).all())
        of_needs, written = stored.keys() | {each.need_id for each in found}, 0
        for needs, pairs in _blocks(found, stored):
            with self._database.write() as unit:
                _check(unit.session, field.zone_id, version)
                _replace(unit, field.zone_id, col(Match.need_id).in_(needs), pairs)
                unit.commit()
            written += len(needs)
            report("writing", written, len(of_needs))
        self._took[code] = perf_counter() - start
        return len(found)

    def match_listing(self, public_id: str, code: str) -> None:
        """Bring one listing's own pairs in a zone up to date: the best of a need or of a result, and those it had.

        Again at once when another writer came between: a person is waiting for this one. Raises `Superseded` in the end.
        """
        for attempt in range(_TRIES):
            try:
                self._match_listing(public_id, code)
                return
            except Superseded:
                if attempt == _TRIES - 1:
                    raise

    def _match_listing(self, public_id: str, code: str) -> None:
        with self._database.read() as session:
            listing_id = session.exec(select(Listing.id).where(Listing.public_id == public_id)).first()
            field = self._field(session, code, only=listing_id) if listing_id is not None else None
        if field is None:
            return
        found = _scored(field)
        version = self._begin(field)
        own = sa.or_(col(Match.need_id) == listing_id, col(Match.result_id) == listing_id)
        with self._database.write() as unit:
            _check(unit.session, field.zone_id, version)
            _replace(unit, field.zone_id, own, found)
            unit.commit()

    def _field(self, session: Session, code: str, *, only: int | None = None) -> Field | None:
        """None for a zone that has not decided on an industry. With `only`, that listing against the others, which keeps
        the pairs it has: what else it has lost, the batch finds out."""
        zone = session.exec(select(Zone).where(Zone.code == code)).first()
        if zone is None or zone.id is None:
            return None
        active = session.exec(select(ZoneIndustry).where(ZoneIndustry.zone_id == zone.id, col(ZoneIndustry.active))).first()
        if active is None:
            return None
        version = session.get(ZoneMatching, zone.id)
        needs = open_listings(session, ListingKind.NEED, active.industry_id, zone_id=zone.id)
        results = open_listings(session, ListingKind.RESULT, active.industry_id)
        keep, keep_per_result = KEEP, KEEP_PER_RESULT
        always = set(session.exec(select(Verdict.need_id, Verdict.result_id).where(Verdict.zone_id == zone.id).distinct()))
        sides: dict[int, Side] = {}
        if only is not None:
            own = sa.or_(col(Match.need_id) == only, col(Match.result_id) == only)
            always |= set(session.exec(select(Match.need_id, Match.result_id).where(Match.zone_id == zone.id, own)))
            needs, results = _around(only, needs, results)
            keep, keep_per_result = (KEEP, 0) if only in needs else (0, KEEP_PER_RESULT)
            sides = self._pool.sides(session, {id_: each for id_, each in (needs | results).items() if id_ == only})
        if needs and results:
            sides |= self._pool.sides(session, needs | results, most=None if only is None else AT_ONCE)
        lines = industry_lines(session)[active.industry_id]
        return Field(
            zone_id=zone.id,
            version=version.version if version else 0,
            context=Context(today=self._database.clock.today(), industry=lines[0], ancestors=frozenset(lines[1:])),
            needs={id_: sides[id_] for id_ in needs if id_ in sides},
            results={id_: sides[id_] for id_ in results if id_ in sides},
            revisions={id_: each.published_revision for id_, each in (needs | results).items()},
            always=frozenset(always),
            keep=keep,
            keep_per_result=keep_per_result,
        )

    def _begin(self, field: Field) -> int:
        """Take the zone's next version. Raises `Superseded` unless it is still the one that was read."""
        with self._database.write() as unit:
            row = unit.session.get(ZoneMatching, field.zone_id)
            if (row.version if row else 0) != field.version:
                raise Superseded(str(field.zone_id))
            if row is None:
                unit.session.add(ZoneMatching(zone_id=field.zone_id, version=1))
            else:
                row.version += 1
            unit.commit()
        return field.version + 1

    def _clear(self, code: str) -> int:
        with self._database.write() as unit:
            zone = unit.session.exec(select(Zone).where(Zone.code == code)).first()
            if zone is not None:
                unit.session.execute(sa.delete(Match).where(col(Match.zone_id) == zone.id))
            unit.commit()
        return 0


def _check(session: Session, zone_id: int, version: int) -> None:
    row = session.get(ZoneMatching, zone_id)
    if row is None or row.version != version:
        raise Superseded(str(zone_id))


def _id_chunks(session: Session, public_ids: Sequence[str]) -> Iterator[list[int]]:
    """Database ids, in parts that fit a statement."""
    for start in range(0, len(public_ids), 500):
        rows = session.exec(select(Listing.id).where(col(Listing.public_id).in_(public_ids[start : start + 500]))).all()
        yield [each for each in rows if each is not None]


def _around(
    only: int, needs: Mapping[int, Standing], results: Mapping[int, Standing]
) -> tuple[dict[int, Standing], dict[int, Standing]]:
    """The listing and those of the other kind; nothing where it does not stand."""
    if only in needs:
        return {only: needs[only]}, dict(results)
    return (dict(needs), {only: results[only]}) if only in results else ({}, {})


def _scored(field: Field, report: Report = silent) -> list[Found]:
    """The pairs to keep, those that are always kept among them; by need."""
    ids = {side.listing: id_ for id_, side in (*field.needs.items(), *field.results.items())}
    context = field.context
    pairs = match_prepared(
        prepare(list(field.needs.values()), context),
        prepare(list(field.results.values()), context),
        context,
        keep=field.keep,
        keep_per_result=field.keep_per_result,
        per_need=PER_NEED if field.keep else 0,
        per_result=PER_RESULT if field.keep_per_result else 0,
        result_from=CUTS[0],
        scored_needs=lambda done: report("scoring", done, len(field.needs)),
    )
    kept = {(ids[each.need], ids[each.result]): each for each in pairs}
    for need_id, result_id in field.always:
        if (need_id, result_id) not in kept and need_id in field.needs and result_id in field.results:
            kept[need_id, result_id] = score_pair(field.needs[need_id], field.results[result_id], context)
    return [
        Found(need_id, result_id, field.revisions[need_id], field.revisions[result_id], scored)
        for (need_id, result_id), scored in sorted(kept.items(), key=lambda item: item[0])
    ]


def _blocks(found: Sequence[Found], stored: Mapping[int, int]) -> Iterator[tuple[list[int], list[Found]]]:
    """What is found and what is stored (pairs by need), cut between needs into writes of a moment."""
    by_need: dict[int, list[Found]] = {need_id: [] for need_id in stored}
    for each in found:
        by_need.setdefault(each.need_id, []).append(each)
    needs: list[int] = []
    pairs: list[Found] = []
    rows = 0
    for need_id in sorted(by_need):
        needs.append(need_id)
        pairs += by_need[need_id]
        rows += max(len(by_need[need_id]), stored.get(need_id, 0))
        if rows >= _ROWS_A_WRITE:
            yield needs, pairs
            needs, pairs, rows = [], [], 0
    if needs:
        yield needs, pairs


def _replace(unit: UnitOfWork, zone_id: int, scope: sa.ColumnElement[bool], found: Sequence[Found]) -> None:
    """Make the stored rows within `scope` equal to `found`, leaving rows that are equal already untouched."""
    session = unit.session
    held_columns = (Match.id, Match.need_id, Match.result_id, Match.need_revision, Match.result_revision, Match.scored)
    rows = session.execute(
        sa.select(*map(col, held_columns)).where(col(Match.zone_id) == zone_id, col(Match.audience) == AUDIENCE, scope)
    )
    stored = {(need, result): (id_, (of_need, of_result), scored) for id_, need, result, of_need, of_result, scored in rows}
    fresh: list[dict[str, object]] = []
    changed: list[dict[str, object]] = []
    for each in found:
        values: dict[str, object] = {
            "score": each.scored.score,
            "level": each.scored.level,
            "scored": to_json(each.scored),
            "need_revision": each.need_revision,
            "result_revision": each.result_revision,
            "computed_at": unit.now(),
        }
        held = stored.pop((each.need_id, each.result_id), None)
        if held is None:
            place = {"zone_id": zone_id, "need_id": each.need_id, "result_id": each.result_id}
            fresh.append(place | {"audience": AUDIENCE, "lane": LANE} | values)
        elif held[1:] != ((each.need_revision, each.result_revision), values["scored"]):
            changed.append({"id": held[0]} | values)
    if fresh:
        session.execute(sa.insert(Match), fresh)
    if changed:
        session.execute(sa.update(Match), changed)
    gone = [id_ for id_, _, _ in stored.values()]
    for start in range(0, len(gone), 500):
        session.execute(sa.delete(Match).where(col(Match.id).in_(gone[start : start + 500])))


__all__ = ["AUDIENCE", "KEEP", "KEEP_PER_RESULT", "Matcher", "Superseded"]
