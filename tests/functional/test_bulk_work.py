"""What imports and single posts ask of the worker: each listing indexed once, zones matched when all is there, not after
every batch, and a listing posted meanwhile matched at once and by itself."""

from collections import Counter
from datetime import datetime

import pytest
from sqlmodel import select

from matching import listings, matcher, reviews, work
from matching.access import SYSTEM
from matching.drafts import ListingDraft
from matching.listing_rows import Saved
from matching.model import Listing, ListingIndustry, Match, Organisation, StoredVector, TagState
from matching.standings import Touched
from matching.vectors import VectorStore
from matching.work import run_once
from search.ports import DocumentId, Query
from tests.functional.conftest import Platform
from tests.matching.world import need, result

SUBJECTS = ("银浆烧结", "硅片隐裂", "组件背板", "钙钛矿封装", "焊带镀层", "胶膜交联", "逆变器散热", "电池片钝化")


def text(at: int) -> str:
    return f"光伏{SUBJECTS[at % len(SUBJECTS)]}{SUBJECTS[(at // 3) % len(SUBJECTS)]}第{at}号"


def bulk(platform: Platform, drafts: list[ListingDraft]) -> list[Saved]:
    """Published in the bulk lane, in one transaction."""
    with platform.parts.database.write() as unit:
        made = [listings.save(unit, SYSTEM, each, lane="bulk") for each in drafts]
        saved = [reviews.publish(unit, SYSTEM, each.public_id, lane="bulk") for each in made]
        unit.commit()
    return saved


def one_batch(platform: Platform) -> bool:
    return run_once(platform.parts.runtime, ("interactive", "bulk"))


def match_jobs(platform: Platform) -> dict[str, datetime]:
    return {job.key: job.available_at for job in platform.world.jobs("match_zone")}


def pairs(platform: Platform) -> Counter[int]:
    """Rows by need."""
    with platform.parts.database.read() as session:
        return Counter(session.exec(select(Match.need_id)))


@pytest.fixture
def firm(platform: Platform) -> Organisation:
    return platform.world.organisation("晶耀光伏", zone="changzhou")


def test_a_listing_without_industries_is_indexed_once_with_what_was_suggested(platform: Platform, firm: Organisation) -> None:
    titles = [f"{text(at)}太阳能电池" for at in range(3)]
    made = bulk(platform, [need(organisation=firm.public_id, title=title) for title in titles])
    assert one_batch(platform)
    assert platform.world.jobs("index") == []
    held = platform.parts.engine.state([DocumentId(each.public_id, "public") for each in made])
    revisions = [platform.world.listing(each.public_id).document_revision for each in made]
    assert [state.revision for state in held.values()] == revisions
    found = platform.parts.engine.facets(Query("public", kinds=frozenset({"need"})))
    assert found["industry"]["pv"] == 3
    assert not platform.parts.gate.compare()


def test_submitted_words_get_suggestions_and_no_document(platform: Platform, firm: Organisation) -> None:
    saved = platform.world.do(listings.save, SYSTEM, need(organisation=firm.public_id, title="光伏太阳能电池银浆"))
    platform.world.do(listings.submit, SYSTEM, saved.public_id)
    assert [job.kind for job in platform.world.jobs()] == ["suggest"]
    platform.work()
    listing = platform.world.listing(saved.public_id)
    assert (listing.document_revision, platform.world.jobs()) == (0, [])
    with platform.parts.database.read() as session:
        tags = session.exec(select(ListingIndustry).where(ListingIndustry.listing_id == listing.id)).all()
    assert {tag.state for tag in tags} == {TagState.SUGGESTED}


def test_zones_wait_while_listings_are_on_their_way(
    platform: Platform, firm: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(work.KINDS, "index", work.Kind(work._index, interactive=8, bulk=2))
    first = [need(organisation=firm.public_id, title=text(at), industries=("pv",)) for at in range(2)]
    second = [result(organisation=firm.public_id, title=text(at), industries=("robotics",)) for at in range(2)]
    bulk(platform, first + second)
    now = platform.clock.now()
    assert one_batch(platform)
    assert {zone: (at - now).total_seconds() for zone, at in match_jobs(platform).items()} == {"changzhou": matcher.LEAST_PAUSE}
    assert one_batch(platform)
    # The last batch stands outside the field of Changzhou, which is matched with it no later.
    assert {zone: (at - now).total_seconds() for zone, at in match_jobs(platform).items()} == {
        "changzhou": work.BULK_MATCH_DELAY,
    }


def test_pauses_grow_with_what_matching_takes(platform: Platform, firm: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter((0.0, 7.0, 10.0, 1000.0))
    monkeypatch.setattr(matcher, "perf_counter", lambda: next(ticks))
    assert platform.parts.matcher.pause() == matcher.LEAST_PAUSE
    platform.parts.matcher.match_zone("changzhou")
    assert platform.parts.matcher.pause() == 7 * matcher.TIMES_THE_WORK
    platform.parts.matcher.match_zone("kunshan")
    assert platform.parts.matcher.pause() == matcher.MOST_PAUSE


def test_a_posted_listing_writes_its_own_best_pairs_and_no_more(platform: Platform, firm: Organisation) -> None:
    offers = [result(organisation=firm.public_id, title=text(at), industries=("pv",)) for at in range(matcher.KEEP + 15)]
    wishes = [need(organisation=firm.public_id, title=f"光伏胶膜交联第{at}号", industries=("pv",)) for at in range(14)]
    bulk(platform, offers + wishes)
    platform.work()
    before = pairs(platform)

    posted = platform.world.published(firm, need(organisation=firm.public_id, title="光伏银浆烧结", industries=("pv",)))
    platform.work(everything=False)
    own = platform.world.listing(posted.public_id).id or 0
    after = pairs(platform)
    assert after.pop(own) == matcher.KEEP
    assert after == before

    offered = platform.world.published(firm, result(organisation=firm.public_id, title="光伏胶膜交联", industries=("pv",)))
    platform.work(everything=False)
    with platform.parts.database.read() as session:
        kept = session.exec(select(Match).where(Match.result_id == platform.world.listing(offered.public_id).id)).all()
    assert len(kept) == matcher.KEEP_PER_RESULT
    assert min(row.level for row in kept) > 0


def test_what_is_no_match_is_kept_for_needs_alone(platform: Platform, firm: Organisation) -> None:
    """A need keeps its best 50 whatever they are, to be graded; a result does not collect what is beside the point."""
    offers = [result(organisation=firm.public_id, title=f"{text(at)}{at:x}", industries=("pv",)) for at in range(60)]
    bulk(platform, [*offers, need(organisation=firm.public_id, title="逆变器散热风道降噪", industries=("pv",))])
    platform.work()
    with platform.parts.database.read() as session:
        levels = Counter(session.exec(select(Match.level)))
    assert levels.total() == matcher.KEEP
    assert levels[0] > 0
    assert levels.total() > levels[0]


def test_an_edited_listing_keeps_its_pairs_until_the_batch(platform: Platform, firm: Organisation) -> None:
    offers = [result(organisation=firm.public_id, title=text(at), industries=("pv",)) for at in range(4)]
    wishes = [need(organisation=firm.public_id, title=text(at), industries=("pv",)) for at in range(14)]
    saved = bulk(platform, offers + wishes)
    platform.work()
    offered = saved[0].public_id
    assert len(_of_result(platform, offered)) == 14  # few results: every need keeps all of them
    changed = result(organisation=firm.public_id, title="完全不同的名称", industries=("pv",))
    platform.world.do(listings.save, SYSTEM, changed, listing=offered)
    platform.world.do(reviews.publish, SYSTEM, offered)
    platform.work(everything=False)
    rows = _of_result(platform, offered)
    assert len(rows) == 14
    assert {row.result_revision for row in rows} == {2}
    platform.work()
    assert {row.id: row.scored for row in _of_result(platform, offered)} == {row.id: row.scored for row in rows}


def _of_result(platform: Platform, public_id: str) -> list[Match]:
    with platform.parts.database.read() as session:
        result_id = select(Listing.id).where(Listing.public_id == public_id).scalar_subquery()
        return list(session.exec(select(Match).where(Match.result_id == result_id)))


def test_who_waits_waits_for_few_sides_and_the_batch_brings_the_rest(
    platform: Platform, firm: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matcher, "AT_ONCE", 3)
    wish = need(organisation=firm.public_id, title=text(1), industries=("pv",))
    offers = [result(organisation=firm.public_id, title=text(at), industries=("pv",)) for at in range(8)]
    saved, *_ = bulk(platform, [wish, *offers])
    assert one_batch(platform)
    own = platform.world.listing(saved.public_id).id or 0
    parts = platform.parts
    # As after a start: nothing is held in memory yet.
    matcher.Matcher(parts.database, VectorStore(parts.database, parts.encoder)).match_listing(saved.public_id, "changzhou")
    assert pairs(platform) == {own: 3}
    parts.matcher.match_listing(saved.public_id, "changzhou")
    assert pairs(platform) == {own: 8}


def test_places_touched_are_those_that_the_field_says(platform: Platform, firm: Organisation) -> None:
    world = platform.world
    elsewhere = world.organisation("南京软件", zone="nanjing")
    drafts = {
        "own": need(organisation=firm.public_id, title=text(0), industries=("pv",)),
        "addressed": need(organisation=elsewhere.public_id, title=text(1), industries=("pv",), addressed_zone="changzhou"),
        "foreign": need(organisation=elsewhere.public_id, title=text(2), industries=("pv",)),
        "offer": result(organisation=elsewhere.public_id, title=text(3), industries=("pv",)),
        "below": result(organisation=elsewhere.public_id, title=text(4), industries=("iot",)),
        "above": result(organisation=elsewhere.public_id, title=text(5), industries=("new-energy",)),
    }
    saved = dict(zip(drafts, bulk(platform, list(drafts.values())), strict=True))
    with platform.parts.database.read() as session:
        touched = {name: platform.parts.matcher.touched(session, [each.public_id]) for name, each in saved.items()}
        together = platform.parts.matcher.touched(session, [each.public_id for each in saved.values()])
    assert touched == {
        "own": Touched(("changzhou",), ()),
        "addressed": Touched(("changzhou", "nanjing"), ()),
        "foreign": Touched(("nanjing",), ()),
        "offer": Touched(("changzhou",), ("nanjing",)),
        "below": Touched(("nanjing",), ("changzhou",)),
        "above": Touched((), ("changzhou", "nanjing")),
    }
    assert together == Touched(("changzhou", "nanjing"), ())
    platform.work()
    world.do(listings.decide_industries, SYSTEM, saved["offer"].public_id, rejected=["pv"])
    with platform.parts.database.read() as session:
        # It stands in no field any more, but its pairs of before do.
        assert platform.parts.matcher.touched(session, [saved["offer"].public_id]).near == ("changzhou",)
    platform.work()
    with platform.parts.database.read() as session:
        assert platform.parts.matcher.touched(session, [saved["offer"].public_id]).near == ()


def test_the_same_text_twice_is_stored_once(platform: Platform, firm: Organisation) -> None:
    same = need(organisation=firm.public_id, title=text(0), industries=("pv",))
    bulk(platform, [same, same])
    platform.work()
    with platform.parts.database.read() as session:
        hashes = session.exec(select(StoredVector.content_hash)).all()
    assert len(hashes) == len(set(hashes)) >= 2
