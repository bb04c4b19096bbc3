"""What a person finds, and what is said when a part is down (laws 3 and 7)."""

from pathlib import Path

import pytest

from matching import listings
from matching.access import SYSTEM, VISITOR
from matching.content import IpRight
from matching.discovery import Discovery, SearchPage, SearchRequest
from matching.discovery.filters import BY_NAME
from matching.model import Role
from search.encoder.transformer import TransformerEncoder
from tests.functional.conftest import Platform
from tests.matching.world import need, result

PATENT = "ZL202390012345.6"


@pytest.fixture
def filled(platform: Platform) -> Platform:
    world = platform.world
    firm = world.organisation("晶耀光伏", zone="changzhou")
    university = world.organisation("江南大学", kind="university", city="无锡")
    rights = (IpRight("invention", "一种浆料", PATENT, "granted", ""),)
    drafts = (
        need(organisation=firm.public_id, industries=("pv",), maturity="pilot"),
        result(organisation=university.public_id, industries=("pv",), ip=rights),
        result(
            organisation=university.public_id, title="机器人谐波减速器柔轮", industries=("robotics",),
            texts={"summary": "柔轮齿形修正，寿命一万五千小时。", "market": "独家商业机密内容"},
        ),
    )  # fmt: skip
    for draft in drafts:
        world.published(firm, draft)
    platform.work()
    return platform


def _search(platform: Platform, text: str, actor: object = VISITOR, **filters: object) -> SearchPage:
    chosen = {name: filters.pop(name) for name in list(filters) if name in BY_NAME}
    return platform.parts.discovery.search(actor, SearchRequest(text, chosen, **filters))  # type: ignore[arg-type]  # given by name


def _titles(page: SearchPage) -> list[str]:
    return [hit.content.title for hit in page.hits]


def test_words_are_found_inside_longer_words_and_marked(filled: Platform) -> None:
    page = _search(filled, "减速器")
    assert page.hits[0].content.title == "机器人谐波减速器柔轮"
    [(start, end)] = page.hits[0].title_spans
    assert page.hits[0].content.title[start:end] == "减速器"
    assert page.notice is None


@pytest.mark.parametrize("typed", [PATENT, "202390012345.6", "zl 2023 9 0012345.6", "低铝银浆与激光辅助接触", "R-2026-0001"])
def test_numbers_and_exact_titles_come_first(filled: Platform, typed: str) -> None:
    page = _search(filled, typed)
    assert page.hits[0].content.title == "低铝银浆与激光辅助接触"
    assert page.hits[0].pinned


def test_an_owners_name_brings_its_listings_first(filled: Platform) -> None:
    page = _search(filled, "江南大学")
    assert {hit.content.organisation.name for hit in page.hits if hit.pinned} == {"江南大学"}


def test_filters_narrow(filled: Platform) -> None:
    assert _titles(_search(filled, "", kind=["need"])) == ["电池片正面银浆单耗再降三成"]
    assert _titles(_search(filled, "", industry=["robotics"])) == ["机器人谐波减速器柔轮"]
    assert _titles(_search(filled, "", zone=["changzhou"])) == ["电池片正面银浆单耗再降三成"]
    assert _titles(_search(filled, "", maturity=["pilot"])) == ["电池片正面银浆单耗再降三成"]
    # A parent's filter holds what is tagged with its child; an exact number outside the filter is not pinned.
    assert len(_search(filled, "", industry=["new-energy"]).hits) == 2
    assert "低铝银浆与激光辅助接触" not in _titles(_search(filled, PATENT, kind=["need"]))


def test_registered_text_is_not_found_by_a_visitor(filled: Platform) -> None:
    secret = "商业机密"
    signed_in = filled.world.person(Role.SEEKER, organisation=filled.world.organisation())
    for actor in (VISITOR, signed_in):
        page = _search(filled, secret, actor)
        assert all(secret not in hit.snippet for hit in page.hits)
        assert all("商业" not in hit.words for hit in page.hits)
    hidden = [hit.content.hidden for hit in _search(filled, "柔轮").hits if "柔轮" in hit.content.title]
    assert hidden == [("market",)]


def test_a_withdrawn_listing_is_not_shown_though_the_index_still_holds_it(filled: Platform) -> None:
    number = _search(filled, "柔轮").hits[0].content.public_id
    filled.world.do(listings.withdraw, SYSTEM, number)
    assert number not in [hit.content.public_id for hit in _search(filled, "柔轮").hits]


def test_pages_do_not_overlap_and_together_hold_all(filled: Platform) -> None:
    pages = [_search(filled, "", kind=["result", "need"], offset=at, limit=1) for at in range(4)]
    found = [hit.content.public_id for page in pages for hit in page.hits]
    assert len(found) == len(set(found)) == pages[0].total == 3


def test_without_an_encoder_words_still_find(filled: Platform, tmp_path: Path) -> None:
    parts = filled.parts
    broken = TransformerEncoder(tmp_path / "no-such-folder")
    try:
        page = Discovery(parts.database, parts.engine, broken).search(VISITOR, SearchRequest("减速器"))
    finally:
        broken.close()
    assert page.notice == "words_only"
    assert _titles(page)[0] == "机器人谐波减速器柔轮"


def test_without_an_engine_titles_still_find(filled: Platform) -> None:
    filled.parts.engine.close()
    page = _search(filled, "减速器")
    assert page.notice == "titles_only"
    assert _titles(page) == ["机器人谐波减速器柔轮"]


def test_while_the_index_is_brought_up_titles_find_and_it_is_said(filled: Platform) -> None:
    filled.parts.engine.filled.clear()
    assert _search(filled, "银浆").notice == "titles_only"
    filled.parts.engine.filled.set()
    assert _search(filled, "银浆").notice is None


@pytest.mark.parametrize("typed", ["", " ", "🙂", 'a:b C++ (x "', "电池 AND", "-水", "\x00", "%", "_", "银" * 6000, "<script>"])
def test_no_text_breaks_the_search(filled: Platform, typed: str) -> None:
    assert _search(filled, typed).total >= 0
    filled.parts.engine.close()
    assert _search(filled, typed).notice == "titles_only"
