"""The gate finds what an index must not hold or lacks, repairs it, and tells; documents that the engine refuses are set aside."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from matching import gate, listings, reviews, search_index
from matching.access import SYSTEM, VISITOR
from matching.discovery import SearchRequest
from matching.errors import MayNot, SignInNeeded
from matching.gate import Findings
from matching.listing_views import page
from matching.model import Organisation, Role
from matching.projection import wanted
from search.engines.local import LocalEngine
from search.ports import Document, DocumentId, Tombstone
from tests.functional.conftest import Platform, opened
from tests.matching.world import FixedClock, need

POISON = "毒饵"


class PickyEngine(LocalEngine):
    """Refuses every document whose title has one word, as a server refuses what its mapping does not take."""

    def apply(
        self, upserts: Sequence[Document], deletes: Sequence[Tombstone], *, building: bool = False
    ) -> Mapping[DocumentId, str]:
        good = [each for each in upserts if POISON not in "".join(each.fields["title"])]
        refused = {each.id: "a word that it does not take" for each in upserts if each not in good}
        return {**super().apply(good, deletes, building=building), **refused}


@pytest.fixture
def picky(template: str, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    monkeypatch.setattr("api.engines.LocalEngine", PickyEngine)
    with opened(template, tmp_path, clock, engine="embedded") as platform:
        yield platform


def firm_of(platform: Platform) -> Organisation:
    return platform.world.organisation("晶耀光伏", zone="changzhou")


def posted(platform: Platform, firm: Organisation, *titles: str) -> list[str]:
    ids = [
        platform.world.published(firm, need(organisation=firm.public_id, title=each, industries=("pv",))).public_id
        for each in titles
    ]
    platform.work()
    return ids


def found(platform: Platform, text: str) -> list[str]:
    return [hit.content.public_id for hit in platform.parts.discovery.search(VISITOR, SearchRequest(text)).hits]


def document(platform: Platform, public_id: str, audience: str) -> Document:
    """What SQL wants the index to hold of it now."""
    parts = platform.parts
    with parts.database.read() as session:
        state = wanted(session, [platform.world.listing(public_id).id or 0], parts.projection.fingerprint)
    [chosen] = [each for each in state.documents if each.id.audience == audience]
    return chosen.without_vectors()


@pytest.mark.parametrize("size", [1, 2, 500])
def test_every_kind_of_fault_is_found_repaired_and_told(platform: Platform, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(gate, "PAGE", size)
    engine, firm = platform.parts.engine, firm_of(platform)
    lost, old, leaked, gone, good = posted(platform, firm, *(f"光伏银浆第{at}号" for at in range(5)))
    platform.world.do(listings.withdraw, SYSTEM, gone)
    platform.work()
    withdrawn = document(platform, good, "public")
    engine.purge([DocumentId(lost, "public"), *(DocumentId(each, "public") for each in (leaked, gone))])
    stale = document(platform, old, "public")
    engine.apply([replace(stale, state_hash="of another time")], ())
    engine.apply([replace(document(platform, leaked, "registered"), id=DocumentId(leaked, "public"))], ())
    revision = platform.world.listing(gone).document_revision
    engine.apply([replace(withdrawn, id=DocumentId(gone, "public"), revision=revision)], ())
    for junk in ("22", "zzzzzzzzzzzzzz", f"{good}2", good[:-1]):
        engine.apply([replace(withdrawn, id=DocumentId(junk, "registered"))], ())
    difference = platform.parts.gate.compare()
    assert difference.missing == {DocumentId(lost, "public")}
    assert difference.stale | difference.misplaced == {DocumentId(old, "public"), DocumentId(leaked, "public")}
    assert {each.listing for each in difference.extra} == {gone, "22", "zzzzzzzzzzzzzz", f"{good}2", good[:-1]}
    findings = platform.parts.gate.run()
    assert (findings.missing, findings.stale + findings.misplaced, findings.extra, findings.left) == (1, 2, 5, 0)
    again = platform.parts.gate.run()
    assert (again.wrong, again.expected) == (0, 10)
    assert not platform.parts.gate.compare()
    assert not {each.id.listing for each in engine.scan()} & {"22", gone}
    assert len(found(platform, "光伏银浆")) == 4


def test_text_for_others_in_the_public_index_is_named_as_such(platform: Platform) -> None:
    firm = firm_of(platform)
    made = platform.world.published(
        firm, need(organisation=firm.public_id, title="光伏银浆", texts={"detail": "公开的话", "basis": "登录后才看的话"})
    )
    platform.work()
    inner, outer = (document(platform, made.public_id, each) for each in ("registered", "public"))
    assert inner.state_hash != outer.state_hash
    platform.parts.engine.apply([replace(inner, id=outer.id)], ())
    assert platform.parts.gate.compare().misplaced == {outer.id}
    assert platform.parts.gate.run().misplaced == 1
    assert not platform.parts.gate.compare()


def test_what_a_job_is_about_to_bring_is_no_fault(platform: Platform) -> None:
    firm = firm_of(platform)
    posted(platform, firm, "光伏银浆")
    platform.world.published(firm, need(organisation=firm.public_id, title="刚刚发布"))
    findings = platform.parts.gate.run()
    assert (findings.wrong, findings.pending) == (0, 2)
    platform.work()
    assert platform.parts.gate.run() == Findings(expected=4)


def test_tombstones_go_once_no_older_job_can_come(platform: Platform) -> None:
    first, _ = posted(platform, firm_of(platform), "光伏银浆", "光伏胶膜")
    platform.world.do(listings.withdraw, SYSTEM, first)
    assert platform.parts.gate.run().buried == 0
    platform.work()
    assert len(platform.parts.engine.scan()) == 4
    assert platform.parts.gate.run().buried == 2
    assert len(platform.parts.engine.scan()) == 2
    assert platform.parts.gate.run() == Findings(expected=4)


def test_what_the_engine_refuses_is_set_aside_and_the_rest_goes_on(picky: Platform) -> None:
    firm = firm_of(picky)
    good, bad, other = posted(picky, firm, "光伏银浆", f"光伏{POISON}", "光伏胶膜")
    assert picky.jobs() == []
    assert set(found(picky, "光伏")) == {good, other}
    staff, elsewhere = (picky.world.person(Role.ZONE_STAFF, zone=each) for each in ("changzhou", "kunshan"))
    owner, administrator = picky.world.person(Role.SEEKER, organisation=firm), picky.world.person(Role.ADMINISTRATOR)
    with picky.parts.database.read() as session:
        seen = {
            who: [each.public_id for each in search_index.refusals(session, who)] for who in (staff, elsewhere, administrator)
        }
        assert seen == {staff: [bad], elsewhere: [], administrator: [bad]}
        assert search_index.refusals(session, staff)[0].reason == "a word that it does not take"
        assert [page(session, who, bad).is_set_aside for who in (staff, owner, administrator)] == [True, False, True]
        for who, error in ((owner, MayNot), (VISITOR, SignInNeeded)):
            with pytest.raises(error):
                search_index.refusals(session, who)
    findings = picky.parts.gate.run()
    assert (findings.wrong, findings.set_aside) == (0, 2)
    with pytest.raises(MayNot):
        picky.world.do(search_index.try_again, elsewhere, bad)
    picky.world.do(search_index.try_again, staff, bad)
    picky.work()
    with picky.parts.database.read() as session:
        assert [each.public_id for each in search_index.refusals(session, staff)] == [bad]


def test_a_new_text_is_tried_by_itself_and_an_old_one_is_not_left_standing(picky: Platform) -> None:
    firm = firm_of(picky)
    [public_id] = posted(picky, firm, "光伏银浆")
    staff = picky.world.person(Role.ZONE_STAFF, zone="changzhou")

    def retitled(title: str) -> None:
        seen = picky.world.listing(public_id).version
        draft = need(organisation=firm.public_id, title=title, industries=("pv",))
        picky.world.do(listings.save, SYSTEM, draft, listing=public_id, seen_version=seen)
        picky.world.do(reviews.publish, SYSTEM, public_id)
        picky.work()

    retitled(f"光伏{POISON}")
    assert found(picky, "光伏银浆") == []
    retitled("光伏焊带")
    assert found(picky, "光伏焊带") == [public_id]
    with picky.parts.database.read() as session:
        assert search_index.refusals(session, staff) == ()
