"""Computed pairs as rows of `Match`: written in blocks of a moment, rows that are equal already untouched."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlmodel import col

from matching.model import Match, MatchLane
from matching.pairing.score import Scored, to_json
from matching.store.unit import UnitOfWork

AUDIENCE: Final = "registered"
_ROWS_A_WRITE: Final = 1000

Key = tuple[int, int]
"""Ids of a need and a result."""


@dataclass(frozen=True, slots=True)
class Found:
    """A scored pair with the ids and revisions it was computed from."""

    need_id: int
    result_id: int
    need_revision: int
    result_revision: int
    lane: MatchLane
    scored: Scored


def in_writes(found: Sequence[Found], stored: Mapping[int, int]) -> Iterator[tuple[list[int], list[Found]]]:
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


def replace(unit: UnitOfWork, zone_id: int | None, scope: sa.ColumnElement[bool], found: Sequence[Found]) -> None:
    """Make the stored rows within `scope` equal to `found`, leaving rows that are equal already untouched."""
    session = unit.session
    columns = (Match.id, Match.need_id, Match.result_id, Match.need_revision, Match.result_revision, Match.lane, Match.scored)
    rows = session.execute(
        sa.select(*map(col, columns)).where(col(Match.zone_id) == zone_id, col(Match.audience) == AUDIENCE, scope)
    )
    stored = {(row.need_id, row.result_id): row for row in rows}
    now = unit.now()
    fresh: list[dict[str, object]] = []
    same_texts: list[dict[str, object]] = []
    other_texts: list[dict[str, object]] = []
    for each in found:
        values: dict[str, object] = {
            "lane": each.lane,
            "score": each.scored.score,
            "level": each.scored.level,
            "scored": to_json(each.scored),
            "need_revision": each.need_revision,
            "result_revision": each.result_revision,
            "computed_at": now,
        }
        held = stored.pop((each.need_id, each.result_id), None)
        if held is None:
            place = {"zone_id": zone_id, "need_id": each.need_id, "result_id": each.result_id, "audience": AUDIENCE}
            fresh.append(place | {"found_at": now} | values)
        elif (held.need_revision, held.result_revision) != (each.need_revision, each.result_revision):
            other_texts.append({"id": held.id, "found_at": now} | values)
        elif (held.lane, held.scored) != (each.lane, values["scored"]):
            same_texts.append({"id": held.id} | values)
    if fresh:
        session.execute(sa.insert(Match), fresh)
    for changed in filter(None, (same_texts, other_texts)):
        session.execute(sa.update(Match), changed)
    gone = [row.id for row in stored.values()]
    for start in range(0, len(gone), 500):
        session.execute(sa.delete(Match).where(col(Match.id).in_(gone[start : start + 500])))
