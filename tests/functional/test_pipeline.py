"""From posting to found and matched, and back out again: what the worker leaves behind is what SQL says."""

import sqlalchemy as sa
from sqlmodel import select

from matching import listings, long_work, matches
from matching.access import SYSTEM, VISITOR
from matching.content import load
from matching.discovery import SearchRequest
from matching.listing_rows import Saved
from matching.model import Job, ListingState, Match, Organisation, Role, StoredVector
from matching.store.outbox import claim, recover
from matching.work import run_once
from tests.functional.conftest import Platform
from tests.matching.world import need, result

TITLE = "电池片正面银浆单耗再降三成的低铝浆料"
TEXTS = {"summary": "两条线的正面栅线改用低铝银浆，开压升到730毫伏。"}
"""Near the need in words, which is all that the hashing encoder knows."""


def _zone_with_a_pair(platform: Platform) -> tuple[Saved, Saved]:
    world = platform.world
    firm = world.organisation("晶耀光伏", zone="changzhou")
    university = world.organisation("江南大学", kind="university", city="无锡")
    made = (
        world.published(firm, need(organisation=firm.public_id, industries=("pv",))),
        world.published(university, result(organisation=university.public_id, title=TITLE, texts=TEXTS, industries=("pv",))),
    )
    platform.work()
    return made


def _found(platform: Platform, text: str) -> list[str]:
    return [hit.content.public_id for hit in platform.parts.discovery.search(VISITOR, SearchRequest(text)).hits]


def _matches(platform: Platform) -> list[Match]:
    with platform.parts.database.read() as session:
        return list(session.exec(select(Match)))


def test_a_posted_listing_is_found_and_matched_and_nothing_is_left_to_do(platform: Platform) -> None:
    wanted, offered = _zone_with_a_pair(platform)
    assert set(_found(platform, "银浆")) == {wanted.public_id, offered.public_id}
    [match] = _matches(platform)
    assert match.level >= 1
    assert platform.jobs() == []
    assert not platform.parts.gate.compare()


def test_the_interactive_lane_matches_before_the_zone_batch(platform: Platform) -> None:
    world = platform.world
    firm = world.organisation("晶耀光伏", zone="changzhou")
    world.published(firm, need(organisation=firm.public_id, industries=("pv",)))
    world.published(firm, result(organisation=firm.public_id, industries=("pv",)))
    platform.work(everything=False)
    assert len(_matches(platform)) == 1
    assert [job[:2] for job in platform.jobs()] == [("match_zone", "changzhou")]


def test_withdrawn_means_gone_from_index_search_and_matches(platform: Platform) -> None:
    wanted, offered = _zone_with_a_pair(platform)
    platform.world.do(listings.withdraw, SYSTEM, offered.public_id)
    # Law 3: not even before the worker has come.
    assert _found(platform, "银浆") == [wanted.public_id]
    platform.work()
    assert _matches(platform) == []
    assert not platform.parts.gate.compare()


def test_expiry_closes_and_the_worker_forgets(platform: Platform) -> None:
    wanted, offered = _zone_with_a_pair(platform)
    platform.clock.move(days=400)
    platform.world.do(lambda unit: listings.expire_due(unit))
    platform.work()
    assert platform.world.listing(wanted.public_id).state == ListingState.EXPIRED
    assert _matches(platform) == []
    assert _found(platform, "银浆") == []
    assert offered.public_id not in _found(platform, "银浆")


def test_a_listing_outside_the_zones_industry_is_not_matched(platform: Platform) -> None:
    world = platform.world
    firm = world.organisation("晶耀光伏", zone="changzhou")
    world.published(firm, need(organisation=firm.public_id, industries=("pv",)))
    world.published(firm, result(organisation=firm.public_id, industries=("robotics",)))
    world.published(firm, result(organisation=firm.public_id, title="上位产业的浆料", industries=("new-energy",)))
    platform.work()
    assert _matches(platform) == []


def test_untagged_listings_get_suggestions_that_are_used(platform: Platform) -> None:
    world = platform.world
    firm = world.organisation("晶耀光伏", zone="changzhou")
    saved = world.published(firm, need(organisation=firm.public_id, title="光伏组件背板与太阳能电池银浆"))
    platform.work()
    with platform.parts.database.read() as session:
        content = load(session, [world.listing(saved.public_id).id or 0])
    [content_row] = content.values()
    assert "pv" in [tag.code for tag in content_row.used_industries]
    assert content_row.industries[0].state == "suggested"
    assert content_row.industries[0].reason
    assert platform.jobs() == []


def test_owners_and_desk_see_pairs_and_nobody_else(platform: Platform) -> None:
    wanted, offered = _zone_with_a_pair(platform)
    world = platform.world
    owner = world.person(Role.SEEKER, organisation=_owner(platform, wanted))
    stranger = world.person(Role.SEEKER, organisation=world.organisation("别家"))
    broker = world.person(Role.BROKER, zone="changzhou")
    elsewhere = world.person(Role.BROKER, zone="kunshan")
    with platform.parts.database.read() as session:
        seen = {
            name: len(matches.pairs_for_listing(session, actor, wanted.public_id))
            for name, actor in (
                ("owner", owner), ("stranger", stranger), ("broker", broker), ("elsewhere", elsewhere), ("visitor", VISITOR),
            )
        }  # fmt: skip
    assert seen == {"owner": 1, "stranger": 0, "broker": 1, "elsewhere": 0, "visitor": 0}
    assert offered.public_id


def _owner(platform: Platform, saved: Saved) -> Organisation:
    with platform.parts.database.read() as session:
        return session.get_one(Organisation, platform.world.listing(saved.public_id).organisation_id)


def test_a_rebuilt_index_needs_no_new_vectors(platform: Platform) -> None:
    _zone_with_a_pair(platform)
    with platform.parts.database.read() as session:
        before = len(session.exec(select(StoredVector.content_hash)).all())
    platform.world.do(long_work.begin, SYSTEM, "reindex")
    platform.work()
    assert platform.parts.engine.generation().previous is not None
    assert not platform.parts.gate.compare()
    with platform.parts.database.read() as session:
        assert len(session.exec(select(StoredVector.content_hash)).all()) == before


def test_the_gate_finds_and_mends_what_the_engine_lost(platform: Platform) -> None:
    wanted, _ = _zone_with_a_pair(platform)
    engine = platform.parts.engine
    [state, *_] = engine.scan()
    engine.purge([state.id])
    assert platform.parts.gate.compare().missing == {state.id}
    findings = platform.parts.gate.run()
    assert (findings.wrong, findings.left) == (1, 0)
    assert not platform.parts.gate.compare()
    assert wanted.public_id in _found(platform, "银浆")


def test_a_closed_engine_keeps_the_job_with_its_reason(platform: Platform) -> None:
    world = platform.world
    firm = world.organisation("晶耀光伏", zone="changzhou")
    saved = world.published(firm, need(organisation=firm.public_id, industries=("pv",)))
    platform.parts.engine.close()
    platform.work(everything=False)
    [(kind, key, reason)] = platform.jobs()
    assert (kind, key) == ("index", saved.public_id)
    assert "EngineUnavailable" in reason


def test_recovered_leases_are_claimed_again(platform: Platform) -> None:
    world = platform.world
    firm = world.organisation("晶耀光伏", zone="changzhou")
    world.published(firm, need(organisation=firm.public_id, industries=("pv",)))
    taken = claim(platform.parts.database)
    assert taken
    assert claim(platform.parts.database) == []
    assert recover(platform.parts.database) == 1
    assert platform.work() > 0
    assert platform.jobs() == []


def test_the_hourly_job_matches_all_zones_and_the_pool_once_a_day(platform: Platform) -> None:
    def hour() -> list[str]:
        with platform.parts.database.write() as unit:
            unit.session.execute(sa.delete(Job).where(sa.column("kind") == "index_care"))
            unit.enqueue("expire", "hourly", lane="bulk", delay=-1)
            unit.commit()
        assert run_once(platform.parts.runtime, ("bulk",))
        return sorted(key for kind, key, _ in platform.jobs() if kind == "match_zone")

    assert len(hour()) == 9 + 1
    with platform.parts.database.write() as unit:
        unit.session.execute(sa.delete(Job))
        unit.commit()
    assert hour() == []
    platform.clock.move(days=1)
    assert len(hour()) == 9 + 1
