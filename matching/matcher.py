"""Computes the matches of a zone: needs of the zone in its strategic industry with open results in it, wherever they sit.

The truth is `match_zone`: one batch over the whole zone, whose outcome depends on SQL alone. `match_listing` is what makes
a new listing's pairs visible at once; it scores that listing only and asks for the batch, which settles what it left open
(a result that lost its place among a need's best fifty, a place that became free).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching.model import Listing, ListingKind, Match, Verdict, Zone, ZoneIndustry, ZoneMatching
from matching.pairing.batch import match
from matching.pairing.score import Context, Scored, score_pair, to_json
from matching.pairing.sides import Side
from matching.pool import Pool, open_ids, pick
from matching.projection import industry_lines
from matching.store.database import Database
from matching.store.unit import UnitOfWork
from matching.vectors import VectorStore
from search.ports import Lane

KEEP, KEEP_PER_RESULT = 50, 10
"""The best of every need, the best needs of every result; judged pairs are kept whatever their score."""
AUDIENCE = "registered"
LANE = "industry"
SETTLE_DELAY = 15.0
"""Seconds between a listing's own matching and the zone's batch: edits of one sitting share it."""
_NEEDS_A_WRITE = 50
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
    """A zone's field as of one snapshot: who stands in it, and the version its writer must still find."""

    zone_id: int
    version: int
    context: Context
    needs: Mapping[int, Side]
    results: Mapping[int, Side]
    revisions: Mapping[int, int]
    judged: frozenset[tuple[int, int]]


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

    def zones_touched(self, session: Session, public_ids: Sequence[str]) -> list[str]:
        """Codes of the decided zones whose matches these listings may change: those they stand in now, and those where
        they have matches from before."""
        zones: set[int] = set()
        active = {row.zone_id: row.industry_id for row in session.exec(select(ZoneIndustry).where(col(ZoneIndustry.active)))}
        for start in range(0, len(public_ids), 500):
            chosen = list(session.exec(select(Listing.id).where(col(Listing.public_id).in_(public_ids[start : start + 500]))))
            before = select(Match.zone_id).where(sa.or_(col(Match.need_id).in_(chosen), col(Match.result_id).in_(chosen)))
            zones.update(session.exec(before.distinct()))
            for zone_id, industry_id in active.items():
                if zone_id in zones:
                    continue
                ids = {id_ for id_ in chosen if id_ is not None}
                standing = ids.intersection(open_ids(session, ListingKind.RESULT, industry_id)) or ids.intersection(
                    open_ids(session, ListingKind.NEED, industry_id, zone_id=zone_id)
                )
                if standing:
                    zones.add(zone_id)
        return sorted(session.exec(select(Zone.code).where(col(Zone.id).in_(zones))))

    def preview(self, code: str) -> list[Pair]:
        """What `match_zone` would write, best first, and nothing written. Empty for a zone that has not decided."""
        with self._database.read() as session:
            field = self._field(session, code)
        if field is None:
            return []
        pairs = [
            Pair(field.needs[each.need_id], field.results[each.result_id], each.scored)
            for each in _scored(field, field.needs, field.results)
        ]
        return sorted(pairs, key=lambda pair: (-pair.scored.score, pair.need.listing, pair.result.listing))

    def match_zone(self, code: str) -> int:
        """Replace the zone's matches by what SQL says today. Returns the number of pairs.

        Raises `Superseded` when another writer came between; nothing is half done then that the next run does not mend.
        """
        with self._database.read() as session:
            field = self._field(session, code)
        if field is None:
            return self._clear(code)
        found = _scored(field, field.needs, field.results)
        version = self._begin(field)
        by_need: dict[int, list[Found]] = {}
        for each in found:
            by_need.setdefault(each.need_id, []).append(each)
        with self._database.read() as session:
            stored = set(session.exec(select(Match.need_id).where(Match.zone_id == field.zone_id).distinct()))
        needs = sorted(stored | set(by_need))
        for start in range(0, len(needs), _NEEDS_A_WRITE):
            block = needs[start : start + _NEEDS_A_WRITE]
            with self._database.write() as unit:
                _check(unit.session, field.zone_id, version)
                _replace(
                    unit, field.zone_id, col(Match.need_id).in_(block), [each for id_ in block for each in by_need.get(id_, ())]
                )
                unit.commit()
        return len(found)

    def match_listing(self, public_id: str, *, lane: Lane) -> None:
        """Bring one listing's own pairs up to date in every zone it touches, and ask for those zones' batches."""
        with self._database.read() as session:
            zones = self.zones_touched(session, [public_id])
            listing_id = session.exec(select(Listing.id).where(Listing.public_id == public_id)).first()
        for code in zones:
            if lane == "interactive" and listing_id is not None:
                self._insert(code, listing_id)
            with self._database.write() as unit:
                unit.enqueue("match_zone", code, lane="bulk", delay=SETTLE_DELAY)
                unit.commit()

    def _insert(self, code: str, listing_id: int) -> None:
        """Again at once when another writer came between: a person is waiting for this one."""
        for attempt in range(_TRIES):
            try:
                self._insert_once(code, listing_id)
                return
            except Superseded:
                if attempt == _TRIES - 1:
                    raise

    def _insert_once(self, code: str, listing_id: int) -> None:
        with self._database.read() as session:
            field = self._field(session, code)
        if field is None:
            return
        needs = {id_: side for id_, side in field.needs.items() if id_ == listing_id} or field.needs
        results = {id_: side for id_, side in field.results.items() if id_ == listing_id} or field.results
        stands = listing_id in field.needs or listing_id in field.results
        found = _scored(field, needs, results) if stands else []
        version = self._begin(field)
        own = sa.or_(col(Match.need_id) == listing_id, col(Match.result_id) == listing_id)
        with self._database.write() as unit:
            _check(unit.session, field.zone_id, version)
            _replace(unit, field.zone_id, own, found)
            unit.commit()

    def _field(self, session: Session, code: str) -> Field | None:
        """None for a zone that has not decided on an industry."""
        zone = session.exec(select(Zone).where(Zone.code == code)).first()
        if zone is None or zone.id is None:
            return None
        active = session.exec(select(ZoneIndustry).where(ZoneIndustry.zone_id == zone.id, col(ZoneIndustry.active))).first()
        if active is None:
            return None
        version = session.get(ZoneMatching, zone.id)
        need_ids = open_ids(session, ListingKind.NEED, active.industry_id, zone_id=zone.id)
        result_ids = open_ids(session, ListingKind.RESULT, active.industry_id)
        sides = self._pool.sides(session, [*need_ids, *result_ids])
        lines = industry_lines(session)[active.industry_id]
        judged = session.exec(select(Verdict.need_id, Verdict.result_id).where(Verdict.zone_id == zone.id).distinct()).all()
        return Field(
            zone_id=zone.id,
            version=version.version if version else 0,
            context=Context(today=self._database.clock.today(), industry=lines[0], ancestors=frozenset(lines[1:])),
            needs={id_: sides[id_] for id_ in need_ids if id_ in sides},
            results={id_: sides[id_] for id_ in result_ids if id_ in sides},
            revisions=_revisions(session, sides),
            judged=frozenset(judged),
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


def _revisions(session: Session, ids: Iterable[int]) -> dict[int, int]:
    wanted = sorted(ids)
    found: dict[int, int] = {}
    for start in range(0, len(wanted), 500):
        rows = session.exec(
            select(Listing.id, Listing.published_revision).where(col(Listing.id).in_(wanted[start : start + 500]))
        )
        found.update({id_: revision or 0 for id_, revision in rows if id_ is not None})
    return found


def _scored(field: Field, needs: Mapping[int, Side], results: Mapping[int, Side]) -> list[Found]:
    """The pairs to keep among these needs and results, judged ones always."""
    if not needs or not results:
        return []
    ids = {side.listing: id_ for id_, side in (*needs.items(), *results.items())}
    kept = {
        (ids[each.need], ids[each.result]): each
        for each in match(
            pick(dict(needs), needs), pick(dict(results), results), field.context, keep=KEEP, keep_per_result=KEEP_PER_RESULT
        )
    }
    for need_id, result_id in field.judged:
        if (need_id, result_id) not in kept and need_id in needs and result_id in results:
            kept[need_id, result_id] = score_pair(needs[need_id], results[result_id], field.context)
    return [
        Found(need_id, result_id, field.revisions[need_id], field.revisions[result_id], scored)
        for (need_id, result_id), scored in sorted(kept.items())
    ]


def _replace(unit: UnitOfWork, zone_id: int, scope: sa.ColumnElement[bool], found: Sequence[Found]) -> None:
    """Make the stored rows within `scope` equal to `found`, leaving rows that are equal already untouched."""
    session = unit.session
    stored = {
        (row.need_id, row.result_id): row
        for row in session.exec(select(Match).where(Match.zone_id == zone_id, Match.audience == AUDIENCE, scope))
    }
    now = unit.now()
    for each in found:
        row = stored.pop((each.need_id, each.result_id), None)
        scored = to_json(each.scored)
        if row is None:
            row = Match(
                zone_id=zone_id, need_id=each.need_id, result_id=each.result_id, audience=AUDIENCE, lane=LANE,
                score=0.0, level=0, need_revision=0, result_revision=0, computed_at=now,
            )  # fmt: skip
            session.add(row)
        elif row.scored == scored and (row.need_revision, row.result_revision) == (each.need_revision, each.result_revision):
            continue
        row.score, row.level, row.scored = each.scored.score, each.scored.level, scored
        row.need_revision, row.result_revision, row.computed_at = each.need_revision, each.result_revision, now
    if stored:
        session.execute(sa.delete(Match).where(col(Match.id).in_([row.id for row in stored.values()])))


__all__ = ["AUDIENCE", "KEEP", "KEEP_PER_RESULT", "Matcher", "Superseded"]
