"""Computes the matches of a place: a zone's needs with results in its field and, in two lanes beside, outside it; the pool's
needs with results in their own industries.

The truth is `match_zone`: one batch over the whole place, whose outcome depends on SQL alone. `match_listing` is what makes
a new listing's pairs visible at once; it scores that listing only, and the batch that follows settles what it left open (a
result that lost its place among a need's best fifty, a place that became free).
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching.match_rows import AUDIENCE, Found, Key, in_writes, replace
from matching.model import Listing, Match, MatchingVersion, MatchLane, Verdict, Zone
from matching.pairing.batch import PER_NEED, PER_RESULT, keep_best, prepare
from matching.pairing.blocks import RESULTS, match_blocks
from matching.pairing.prepared import Prepared
from matching.pairing.score import Context, Scored, score_pair
from matching.pairing.sides import Side
from matching.progress import Report, silent
from matching.rankers import business_weights, ranker_in_force, spread_in_force
from matching.side_cache import SideCache
from matching.standings import POOL, Ground, Standing, Touched, ground, standings, touched
from matching.store.database import Database
from matching.surroundings import industry_lines
from matching.vectors import VectorStore

KEEP, KEEP_PER_RESULT = 50, 10
"""The best of every need in a lane; the best needs of every result that are above 无; judged pairs are kept whatever their
score. Outside the industry only what is above 无 is kept: most there has nothing to do with the need."""
LEAST_PAUSE, MOST_PAUSE, TIMES_THE_WORK = 10.0, 1800.0, 20.0
"""Seconds between two batches of a zone while listings keep coming: so many times what one batch of every zone takes."""
AT_ONCE = 200
"""Sides that are built at most for somebody who waits, in the industry and as many outside it; those of the rest come with
the zone's batch."""
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Lane:
    """Needs and results to be compared; `keep` of every need and `keep_per_result` of every result are kept, those of a need
    from a score of `need_from`. The results' sides are read when it is their turn; `most` is how many may be built then."""

    name: MatchLane
    needs: Mapping[int, Side]
    results: Mapping[int, Standing]
    most: int | None
    keep: int
    keep_per_result: int
    need_from: float


@dataclass(frozen=True, slots=True)
class Field:
    """A place as of one snapshot: who stands in its lanes, and the version its writer must still find. The pairs `always`
    are kept whatever their score."""

    place: str
    zone_id: int | None
    version: int
    context: Context
    lanes: tuple[Lane, ...]
    revisions: Mapping[int, int]
    always: frozenset[Key]


@dataclass(frozen=True, slots=True)
class Pair:
    lane: MatchLane
    need: Side
    result: Side
    scored: Scored


class Superseded(Exception):
    """Somebody else wrote the zone's matches meanwhile; the job comes again."""


class Matcher:
    """Any number may run: writers of one zone notice each other by the zone's version."""

    def __init__(
        self, database: Database, vectors: VectorStore, folder: Path | None = None, *, spread: float | None = None
    ) -> None:
        """`folder` is for what `SideCache` keeps on disk. `spread` is for vectors of another encoder than the one that holds."""
        self._database = database
        self._spread = spread
        self.sides: Final = SideCache(vectors, folder)
        self._took: dict[str, float] = {}

    def touched(self, session: Session, public_ids: Sequence[str]) -> Touched:
        """The places whose matches these listings may change, those where they stand now and where they have some from before."""
        return touched(session, _ids(session, public_ids))

    def warm(self, public_ids: Sequence[str]) -> None:
        """Hold the sides of those of the listings that are open: who is posted next is scored against them at once."""
        with self._database.read() as session:
            self.sides.sides(session, standings(session, _ids(session, public_ids)))

    def pause(self) -> float:
        """Seconds that a zone's batch may wait while listings keep coming, by how long batches have taken of late."""
        return min(max(LEAST_PAUSE, TIMES_THE_WORK * sum(list(self._took.values()))), MOST_PAUSE)

    def foreseen(self, code: str, report: Report = silent) -> list[Found]:
        """The pairs that `match_zone` would write, and nothing written. Empty for a place without a field."""
        with self._database.read() as session:
            field = self._field(session, code)
        return self._scored(field, report) if field is not None else []

    def preview(self, code: str) -> list[Pair]:
        """What `match_zone` would write, best first, and nothing written. Empty for a zone without a field."""
        with self._database.read() as session:
            field = self._field(session, code)
        if field is None:
            return []
        found = self._scored(field)
        needs = {id_: side for lane in field.lanes for id_, side in lane.needs.items()}
        standing = {id_: each for lane in field.lanes for id_, each in lane.results.items()}
        with self._database.read() as session:
            results = self.sides.sides(session, {each.result_id: standing[each.result_id] for each in found})
        pairs = [
            Pair(each.lane, needs[each.need_id], results[each.result_id], each.scored)
            for each in found
            if each.result_id in results
        ]
        return sorted(pairs, key=lambda pair: (-pair.scored.score, pair.need.listing, pair.result.listing))

    def match_zone(self, code: str, report: Report = silent) -> int:
        """Replace the matches of a place (a zone's code, or `standings.POOL`) by what SQL says today. Returns how many pairs.
        Reports needs scored, then written.

        Raises `Superseded` when another writer came between, and what the report raises; nothing is half done then that the
        next run does not mend.
        """
        start = perf_counter()
        report("reading", 0, 0)
        with self._database.read() as session:
            field = self._field(session, code)
        if field is None:
            return self._clear(code)
        found = self._scored(field, report)
        version = self._begin(field)
        with self._database.read() as session:
            counts = select(Match.need_id, sa.func.count()).where(Match.zone_id == field.zone_id).group_by(col(Match.need_id))
            stored = dict(session.exec(counts).all())
        of_needs, written = stored.keys() | {each.need_id for each in found}, 0
        for needs, pairs in in_writes(found, stored):
            with self._database.write() as unit:
                _check(unit.session, field.place, version)
                replace(unit, field.zone_id, col(Match.need_id).in_(needs), pairs)
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
        found = self._scored(field)
        version = self._begin(field)
        own = sa.or_(col(Match.need_id) == listing_id, col(Match.result_id) == listing_id)
        with self._database.write() as unit:
            _check(unit.session, field.place, version)
            replace(unit, field.zone_id, own, found)
            unit.commit()

    def _field(self, session: Session, code: str, *, only: int | None = None) -> Field | None:
        """None for a zone without a field. With `only`, that listing against the others, which keeps the pairs it has: what
        else it has lost, the batch finds out."""
        stand = ground(session, code, only=only)
        if stand is None:
            return None
        always = _judged(session, stand.zone_id)
        if only is not None:
            own = sa.or_(col(Match.need_id) == only, col(Match.result_id) == only)
            always |= set(session.exec(select(Match.need_id, Match.result_id).where(Match.zone_id == stand.zone_id, own)))
        version = session.get(MatchingVersion, code)
        context = context_of(session, stand.industry_id, self._database.clock.today(), stand.zone_id, spread=self._spread)
        return Field(
            place=code,
            zone_id=stand.zone_id,
            version=version.version if version else 0,
            context=context,
            lanes=self._lanes(session, stand, only, least_outside=context.cuts[0]),
            revisions={id_: each.published_revision for id_, each in stand.standings.items()},
            always=frozenset(always),
        )

    def _lanes(self, session: Session, stand: Ground, only: int | None, *, least_outside: float) -> tuple[Lane, ...]:
        """With the needs' sides. For somebody who waits few sides are built."""
        most = None if only is None else AT_ONCE
        needs: dict[int, Side] = {}
        found: list[Lane] = []
        for block in stand.blocks:
            if only is not None and only not in block.needs and only not in block.results:
                continue
            is_need = only in block.needs
            if block.needs and block.results:
                wanted = {id_: stand.standings[id_] for id_ in block.needs if id_ not in needs}
                needs.update(self.sides.sides(session, wanted, most=most))
            found.append(
                Lane(
                    block.lane,
                    {id_: needs[id_] for id_ in block.needs if id_ in needs},
                    {id_: stand.standings[id_] for id_ in block.results},
                    most,
                    KEEP if only is None or is_need else 0,
                    KEEP_PER_RESULT if only is None or not is_need else 0,
                    0.0 if block.lane == "industry" else least_outside,
                )
            )
        return tuple(found)

    def _scored(self, field: Field, report: Report = silent) -> list[Found]:
        """The pairs to keep, those that are always kept among them; by need."""
        context = field.context
        kept: dict[Key, tuple[MatchLane, Scored]] = {}
        lanes = [lane for lane in field.lanes if lane.needs and lane.results]
        needs = len({id_ for lane in lanes for id_ in lane.needs})
        total, before = sum(len(lane.needs) for lane in lanes), 0
        for lane in lanes:
            ids = {side.listing: id_ for id_, side in lane.needs.items()}

            def prepared(lane: Lane = lane, ids: dict[str, int] = ids) -> Iterator[Prepared]:
                for block in self.sides.blocks(self._database.read, lane.results, RESULTS, most=lane.most):
                    ids.update({side.listing: id_ for id_, side in block.items()})
                    yield prepare(list(block.values()), context)

            def done(results: float, lane: Lane = lane, before: int = before) -> None:
                """A need counts as done in the share of its pairs that are."""
                report("scoring", int(needs * (before + len(lane.needs) * results / len(lane.results)) / total), needs)

            pairs = match_blocks(
                prepare(list(lane.needs.values()), context),
                prepared(),
                context,
                keep=lane.keep,
                keep_per_result=lane.keep_per_result,
                per_need=PER_NEED if lane.keep else 0,
                per_result=PER_RESULT if lane.keep_per_result else 0,
                need_from=lane.need_from,
                result_from=context.cuts[0],
                done=done,
            )
            before += len(lane.needs)
            kept.update({(ids[each.need], ids[each.result]): (lane.name, each) for each in pairs})
        if field.place == POOL:
            kept = _best_of_all_industries(kept, context.cuts[0])
        kept.update(self._always(field, field.always - kept.keys()))
        return [
            Found(need_id, result_id, field.revisions[need_id], field.revisions[result_id], *each)
            for (need_id, result_id), each in sorted(kept.items(), key=lambda item: item[0])
        ]

    def _always(self, field: Field, keys: Set[Key]) -> Iterator[tuple[Key, tuple[MatchLane, Scored]]]:
        """Those of these pairs that stand in a lane, scored."""
        for lane in field.lanes:
            own = {key for key in keys if key[0] in lane.needs and key[1] in lane.results}
            keys = keys - own
            wanted = {result_id: lane.results[result_id] for _, result_id in own}
            for results in self.sides.blocks(self._database.read, wanted, RESULTS):
                for need_id, result_id in own:
                    if result_id in results:
                        pair = score_pair(lane.needs[need_id], results[result_id], field.context)
                        yield (need_id, result_id), (lane.name, pair)

    def _begin(self, field: Field) -> int:
        """Take the place's next version. Raises `Superseded` unless it is still the one that was read."""
        with self._database.write() as unit:
            row = unit.session.get(MatchingVersion, field.place)
            if (row.version if row else 0) != field.version:
                raise Superseded(field.place)
            if row is None:
                unit.session.add(MatchingVersion(place=field.place, version=1))
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


def context_of(
    session: Session, industry_id: int | None, today: date, zone_id: int | None, *, spread: float | None = None
) -> Context:
    """What a pair is judged in at a place that is matched in this industry, under what its zone learned and set; None for the
    pool. `spread` is for vectors of another encoder than the one that holds."""
    line = industry_lines(session)[industry_id] if industry_id is not None else ()
    return Context(
        today=today,
        industry=line[0] if line else None,
        ancestors=frozenset(line[1:]),
        ranker=ranker_in_force(session, zone_id),
        spread=spread_in_force(session) if spread is None else spread,
        business=business_weights(session, zone_id),
    )


def _check(session: Session, place: str, version: int) -> None:
    row = session.get(MatchingVersion, place)
    if row is None or row.version != version:
        raise Superseded(place)


def _ids(session: Session, public_ids: Sequence[str]) -> list[int]:
    """Database ids of those that exist."""
    found: list[int] = []
    for start in range(0, len(public_ids), 500):
        rows = session.exec(select(Listing.id).where(col(Listing.public_id).in_(public_ids[start : start + 500])))
        found += [each for each in rows if each is not None]
    return found


def _judged(session: Session, zone_id: int | None) -> set[Key]:
    """Pairs that the zone's staff judged, and those that an owner said something of, wherever."""
    of_place = sa.or_(col(Verdict.zone_id) == zone_id, col(Verdict.source) == "owner")
    return set(session.exec(select(Verdict.need_id, Verdict.result_id).where(of_place).distinct()))


def _best_of_all_industries(found: Mapping[Key, tuple[MatchLane, Scored]], least: float) -> dict[Key, tuple[MatchLane, Scored]]:
    """A need of the pool may stand in several industries, and a result too: no more of it is kept for that."""
    best = {(pair.need, pair.result) for pair in keep_best([pair for _, pair in found.values()], KEEP, KEEP_PER_RESULT, least)}
    return {ids: each for ids, each in found.items() if (each[1].need, each[1].result) in best}


__all__ = ["AUDIENCE", "KEEP", "KEEP_PER_RESULT", "Matcher", "Superseded", "context_of"]
