"""What stands in which lane of a zone, and in the pool: by the worker on real rows, at once and by the batch alike."""

from typing import Any

import pytest
from sqlmodel import col, select

from matching import listings, matches, standings
from matching.access import SYSTEM, VISITOR
from matching.content import load
from matching.listing_rows import Saved
from matching.model import Listing, Match, Organisation, Role, Verdict, Zone
from matching.pair_views import PairFilter
from matching.reference import industries
from tests.functional.conftest import Platform
from tests.matching.world import need, result

WORDS = "电池片正面银浆单耗再降三成"
Row = tuple[str | None, str, str, str]
"""Zone or None, lane, and the titles of need and result."""


def _post(platform: Platform, draft: Any, title: str, *tags: str, zone: str | None = None, **more: Any) -> Saved:
    owner = platform.world.organisation(zone=zone, kind="enterprise")
    draft = draft(title=f"{title} {WORDS}", organisation=owner.public_id, industries=tags, **more)
    return platform.world.published(owner, draft)


def _rows(platform: Platform) -> set[Row]:
    with platform.parts.database.read() as session:
        zones: dict[int | None, str | None] = dict(session.exec(select(Zone.id, Zone.code)).all())
        rows = session.exec(select(Match)).all()
        contents = load(session, {id_ for row in rows for id_ in (row.need_id, row.result_id)})
        return {
            (zones.get(row.zone_id), row.lane, *(contents[id_].title.split()[0] for id_ in (row.need_id, row.result_id)))
            for row in rows
        }


def _fill(platform: Platform) -> None:
    _post(platform, need, "光伏需求", "pv", zone="changzhou")
    _post(platform, need, "外业需求", "medtech", zone="changzhou")
    _post(platform, result, "光伏成果", "pv")
    _post(platform, result, "上位成果", "new-energy")
    _post(platform, result, "外业成果", "robotics")


EXPECTED: set[Row] = {
    ("changzhou", "industry", "光伏需求", "光伏成果"),
    ("changzhou", "outside_result", "光伏需求", "上位成果"),
    ("changzhou", "outside_result", "光伏需求", "外业成果"),
    ("changzhou", "outside_need", "外业需求", "光伏成果"),
    ("changzhou", "outside_need", "外业需求", "上位成果"),
    ("changzhou", "outside_need", "外业需求", "外业成果"),
}


def test_the_batch_fills_the_three_lanes(platform: Platform) -> None:
    _fill(platform)
    platform.work()
    assert _rows(platform) == EXPECTED


def test_what_is_posted_is_matched_at_once_in_every_lane(platform: Platform) -> None:
    _fill(platform)
    platform.work(everything=False)
    waiting = {(kind, key) for kind, key, _ in platform.jobs()}
    assert waiting == {("match_zone", "changzhou")}, "the batch has not run yet"
    assert _rows(platform) == EXPECTED


def test_a_broader_industry_is_outside_and_said_to_be_broader(platform: Platform) -> None:
    _fill(platform)
    platform.work()
    staff = platform.world.person(Role.ZONE_STAFF, zone="changzhou")
    with platform.parts.database.read() as session:
        (row,) = matches.desk(session, staff, "changzhou", PairFilter("outside_result")).needs
        pairs = matches.desk_pairs(session, staff, "changzhou", row.need.public_id, "outside_result")
    assert {pair.result.title.split()[0]: pair.broader for pair in pairs} == {
        "上位成果": frozenset({"result"}),
        "外业成果": frozenset(),
    }


def test_what_has_nothing_to_do_with_a_need_is_kept_in_the_industry_only(platform: Platform) -> None:
    firm = platform.world.organisation(zone="changzhou")
    platform.world.published(firm, need(organisation=firm.public_id, industries=("pv",)))
    for tag in ("pv", "robotics"):
        draft = result(organisation=firm.public_id, title="食堂油烟", texts={"summary": "厨房"}, industries=(tag,))
        platform.world.published(firm, draft)
    platform.work()
    assert {row[1] for row in _rows(platform)} == {"industry"}


def test_a_zone_that_has_not_decided_is_matched_in_its_candidate(platform: Platform) -> None:
    _post(platform, need, "武进需求", "robotics", zone="wujin")
    _post(platform, result, "机器成果", "robotics")
    platform.work()
    assert _rows(platform) == set()
    with platform.parts.database.write() as unit:
        nodes = {node.code: node.id for node in industries(unit.session).values()}
        unit.session.exec(select(Zone).where(Zone.code == "wujin")).one().candidate_industry_id = nodes["robotics"]
        unit.enqueue("match_zone", "wujin")
        unit.commit()
    platform.work()
    assert _rows(platform) == {("wujin", "industry", "武进需求", "机器成果")}


def test_the_pool_matches_in_the_needs_own_industries(platform: Platform) -> None:
    _post(platform, need, "池中需求", "pv", "robotics")
    _post(platform, need, "无标需求")
    _post(platform, result, "光伏成果", "pv")
    _post(platform, result, "机器成果", "robotics")
    _post(platform, result, "两业成果", "pv", "robotics")
    _post(platform, result, "上位成果", "new-energy")
    _post(platform, result, "药业成果", "biopharma")
    platform.work(everything=False)
    at_once = {row for row in _rows(platform) if row[2] == "池中需求"}
    assert at_once == {(None, "industry", "池中需求", each) for each in ("光伏成果", "机器成果", "两业成果")}
    platform.work()
    assert {row for row in _rows(platform) if row[2] == "池中需求"} == at_once
    assert {row[0] for row in _rows(platform)} == {None}


def test_a_need_that_a_zone_has_leaves_the_pool(platform: Platform) -> None:
    made = _post(platform, need, "池中需求", "pv")
    _post(platform, result, "光伏成果", "pv")
    platform.work()
    assert {row[0] for row in _rows(platform)} == {None}
    with platform.parts.database.write() as unit:
        row = unit.session.exec(select(Listing).where(Listing.public_id == made.public_id)).one()
        row.addressed_zone_id = platform.world.zone_id("changzhou")
        row.document_revision += 1
        unit.enqueue("index", made.public_id)
        unit.commit()
    platform.work(everything=False)
    assert _rows(platform) == {("changzhou", "industry", "池中需求", "光伏成果")}


def test_withdrawn_listings_leave_every_lane(platform: Platform) -> None:
    _fill(platform)
    made = _post(platform, result, "短命成果", "robotics")
    platform.work()
    assert len(_rows(platform)) == len(EXPECTED) + 2
    platform.world.do(listings.withdraw, SYSTEM, made.public_id)
    platform.work(everything=False)
    assert _rows(platform) == EXPECTED, "at once, before any batch"


def test_a_judged_pair_stays_whatever_its_score(platform: Platform) -> None:
    firm = platform.world.organisation(zone="changzhou")
    wanted = platform.world.published(firm, need(organisation=firm.public_id, industries=("pv",)))
    draft = result(organisation=firm.public_id, title="食堂油烟", texts={"summary": "厨房"}, industries=("robotics",))
    offered = platform.world.published(firm, draft)
    staff = platform.world.person(Role.ZONE_STAFF, zone="changzhou")
    with platform.parts.database.write() as unit:
        ids = [platform.world.listing(each.public_id).id or 0 for each in (wanted, offered)]
        unit.session.add(
            Verdict(
                zone_id=platform.world.zone_id("changzhou"), need_id=ids[0], result_id=ids[1], grader_id=staff.person_id or 0,
                need_revision=1, result_revision=1, grade=2, created_at=unit.now(),
            )
        )  # fmt: skip
        unit.commit()
    platform.work()
    assert {row[1] for row in _rows(platform)} == {"outside_result"}


def test_the_newest_results_are_looked_at_where_there_are_too_many(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standings, "MOST_PAIRS", 1)
    monkeypatch.setattr(standings, "LEAST_RESULTS", 1)
    _fill(platform)
    platform.work()
    assert _rows(platform) == {
        ("changzhou", "industry", "光伏需求", "光伏成果"),
        ("changzhou", "outside_result", "光伏需求", "外业成果"),
        ("changzhou", "outside_need", "外业需求", "外业成果"),
    }


def test_found_stays_while_the_texts_are_the_same(platform: Platform) -> None:
    _fill(platform)
    platform.work()
    with platform.parts.database.read() as session:
        before = {row.id: (row.found_at, row.computed_at) for row in session.exec(select(Match))}
    platform.clock.move(days=330)  # the days that are left move the score
    with platform.parts.database.write() as unit:
        unit.enqueue("match_zone", "changzhou")
        unit.commit()
    platform.work()
    with platform.parts.database.read() as session:
        after = {row.id: (row.found_at, row.computed_at) for row in session.exec(select(Match).order_by(col(Match.id)))}
    assert {id_: found for id_, (found, _) in after.items()} == {id_: found for id_, (found, _) in before.items()}
    assert all(after[id_][1] > before[id_][1] for id_ in after)


def test_who_reads_which_lane(platform: Platform) -> None:
    _fill(platform)
    pooled = _post(platform, need, "池中需求", "pv")
    platform.work()
    world = platform.world
    actors = {
        "owner": world.person(Role.SEEKER, organisation=_organisation(platform, world.listing(pooled.public_id).organisation_id)),
        "stranger": world.person(Role.SEEKER, organisation=world.organisation()),
        "broker elsewhere": world.person(Role.BROKER, zone="kunshan"),
        "staff elsewhere": world.person(Role.ZONE_STAFF, zone="kunshan"),
        "visitor": VISITOR,
    }
    with platform.parts.database.read() as session:
        seen = {name: len(matches.pairs_for_listing(session, actor, pooled.public_id)) for name, actor in actors.items()}
    assert seen == {"owner": 1, "stranger": 0, "broker elsewhere": 1, "staff elsewhere": 1, "visitor": 0}


def test_an_owner_reads_what_is_outside_apart(platform: Platform) -> None:
    _fill(platform)
    platform.work()
    with platform.parts.database.read() as session:
        row = session.exec(
            select(Listing).join(Match, col(Match.need_id) == col(Listing.id)).where(Match.lane == "industry")
        ).first()
        assert row is not None
        owner = platform.world.person(Role.SEEKER, organisation=_organisation(platform, row.organisation_id))
        inside = matches.pairs_for_listing(session, owner, row.public_id)
        outside = matches.pairs_for_listing(session, owner, row.public_id, outside=True)
    assert [pair.result.title.split()[0] for pair in inside] == ["光伏成果"]
    assert {pair.result.title.split()[0] for pair in outside} == {"上位成果", "外业成果"}


def _organisation(platform: Platform, id_: int) -> Organisation:
    with platform.parts.database.read() as session:
        return session.get_one(Organisation, id_)


def test_the_preview_is_what_the_batch_writes(platform: Platform) -> None:
    _fill(platform)
    platform.work()
    previewed = {
        ("changzhou", pair.lane, pair.need.title.split()[0], pair.result.title.split()[0])
        for pair in platform.parts.matcher.preview("changzhou")
    }
    assert previewed == EXPECTED
