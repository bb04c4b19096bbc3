"""A process that embeds nothing itself, and another that sees only SQL and does it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from api.settings import Settings
from api.wiring import assemble
from matching.access import VISITOR
from matching.discovery import SearchRequest
from matching.embedding import embed_once
from matching.model import Job, ListingIndustry, Match
from matching.store.database import Database
from matching.vectors import VectorStore
from matching.work import run_once
from search.encoder.hashing import HashingEncoder
from tests import databases
from tests.functional.conftest import Platform
from tests.matching.world import FixedClock, need, result

LANES = ("interactive", "bulk")


class Unusable(HashingEncoder):
    """What a process has that leaves embedding to others: it knows the recipe, and makes no passage."""

    def encode(self, texts, role, **more):  # type: ignore[no-untyped-def]  # the port's
        assert role == "query", "this process embeds nothing"
        return super().encode(texts, role, **more)


@pytest.fixture
def platform(template: str, tmp_path: Path, clock: FixedClock) -> Iterator[Platform]:
    url = databases.copied(template, tmp_path)
    settings = Settings(data=tmp_path, database_url=url, encoder="hashing", demo=False, embedding="elsewhere")
    with assemble(settings, clock=clock, encoder=Unusable()) as parts:
        yield Platform(parts, clock)
    databases.drop(url)


@pytest.fixture
def other(platform: Platform, clock: FixedClock) -> Iterator[tuple[Database, VectorStore]]:
    """The embedding process: a connection of its own and a model."""
    database = Database(platform.parts.database.url, clock=clock)
    yield database, VectorStore(database, HashingEncoder())
    database.close()


def kinds(platform: Platform) -> set[str]:
    return {kind for kind, _, _ in platform.jobs()}


def test_a_listing_waits_for_its_vectors_and_is_found_and_matched_then(
    platform: Platform, other: tuple[Database, VectorStore]
) -> None:
    world = platform.world
    firm, university = world.organisation(zone="changzhou"), world.organisation(kind="university")
    wanted = world.published(firm, need(organisation=firm.public_id, industries=("pv",)))
    untagged = world.published(university, result(organisation=university.public_id))
    platform.work()
    assert {"embed"} <= kinds(platform)
    assert "index" not in kinds(platform)
    assert not platform.parts.discovery.search(VISITOR, SearchRequest("银浆")).hits

    while embed_once(*other, LANES):
        pass
    assert "embed" not in kinds(platform)
    platform.work()
    found = {hit.content.public_id for hit in platform.parts.discovery.search(VISITOR, SearchRequest("银浆")).hits}
    assert found == {wanted.public_id, untagged.public_id}
    with platform.parts.database.read() as session:
        assert session.exec(select(ListingIndustry).where(ListingIndustry.source != "owner")).all(), "industries were suggested"
        assert session.exec(select(Match)).all()
    assert not platform.jobs()


def test_a_text_changed_meanwhile_is_embedded_too(platform: Platform, other: tuple[Database, VectorStore]) -> None:
    from matching import listings, reviews
    from matching.access import SYSTEM

    world = platform.world
    firm = world.organisation(zone="changzhou")
    saved = world.published(firm, need(organisation=firm.public_id, industries=("pv",)))
    platform.work()
    newer = need(organisation=firm.public_id, industries=("pv",), title="钙钛矿封装水汽阻隔")
    row = world.listing(saved.public_id)
    world.do(listings.save, SYSTEM, newer, listing=saved.public_id, seen_version=row.version)
    world.do(reviews.publish, SYSTEM, saved.public_id)
    for _ in range(4):
        platform.work()
        embed_once(*other, LANES)
    platform.work()
    page = platform.parts.discovery.search(VISITOR, SearchRequest("钙钛矿封装"))
    assert [hit.content.title for hit in page.hits] == ["钙钛矿封装水汽阻隔"]


def test_a_failure_gives_the_job_back_with_its_reason(platform: Platform, other: tuple[Database, VectorStore]) -> None:
    world = platform.world
    firm = world.organisation(zone="changzhou")
    world.published(firm, need(organisation=firm.public_id, industries=("pv",)))
    platform.work()
    assert embed_once(other[0], VectorStore(other[0], Unusable()), LANES)
    assert [(kind, "embeds nothing" in error) for kind, _, error in platform.jobs() if kind == "embed"] == [("embed", True)]
    platform.clock.move(minutes=5)
    assert embed_once(*other, LANES)
    assert "embed" not in kinds(platform)


def test_who_embeds_himself_takes_what_was_left(platform: Platform) -> None:
    world = platform.world
    firm = world.organisation(zone="changzhou")
    world.published(firm, need(organisation=firm.public_id, industries=("pv",)))
    platform.work()
    settings = platform.parts.settings.model_copy(update={"embedding": "here"})
    with assemble(settings, clock=platform.clock, encoder=HashingEncoder()) as parts:
        while run_once(parts.runtime, LANES):
            pass
        assert len(parts.discovery.search(VISITOR, SearchRequest("银浆")).hits) == 1
    with platform.parts.database.read() as session:
        assert "embed" not in set(session.exec(select(Job.kind)))
