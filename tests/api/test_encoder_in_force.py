"""The encoder that SQL names is taken up while the process runs: index, search and pairs follow, and go back."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from api.cli.upkeep import estimate
from api.encoders import EncoderInForce, teaching
from api.settings import Settings
from api.wiring import assemble, make_encoder
from matching import learned_encoders
from matching.access import SYSTEM
from matching.discovery import SearchRequest
from matching.model import LearnedEncoder, Role
from search.encoder.changing import ChangingEncoder
from search.encoder.means import estimate_means, save_means
from search.encoder.transformer import TransformerEncoder
from search.encoder.tuning import Lesson, Recipe, tune
from search.encoder.workshop import Made
from search.ports import Role as TextRole
from tests import databases
from tests.engines import Told
from tests.functional.conftest import Platform, clock, template  # noqa: F401  # fixtures
from tests.matching.world import FixedClock, need, result
from tests.search.encoder_fixtures import tiny_file, tiny_folder  # noqa: F401  # fixtures

LESSONS = (Lesson(("电池", "电池 a"), ("材料a", "b", "ab:"), (3, 0, 1)), Lesson(("b材料",), ("电池电池", "a:b"), (0, 3)))


@pytest.fixture
def site(template: str, tmp_path: Path, tiny_folder: Path, clock: FixedClock, on_engine: Told) -> Iterator[Platform]:  # noqa: F811  # the fixtures
    """On a tiny model of its own, a need and a result matched; nothing waits."""
    url = databases.copied(template, tmp_path)
    chosen: dict[str, Any] = {"data": tmp_path, "database_url": url, "encoder": str(tiny_folder), "demo": False, **on_engine}
    settings = Settings(**chosen, encoder_threads=1)
    estimate(settings, settings.means_file)
    with assemble(settings, clock=clock) as parts:
        platform = Platform(parts, clock)
        firm = platform.world.organisation("电池厂", zone="changzhou")
        for draft in (need, result):
            platform.world.published(firm, draft(organisation=firm.public_id, title="电池材料", industries=("pv",)))
        platform.work()
        platform.world.drop_jobs()
        yield platform
    databases.drop(url)


def taught(site: Platform) -> LearnedEncoder:
    """A candidate as the work `teach` leaves it; its folder is among the data."""
    settings = site.parts.settings
    folder, means = settings.data / "made", settings.data / "made.json"
    tune(settings.encoder_folder, folder, LESSONS, Recipe(epochs=3, upper=1, rate=3e-3, threads=1))
    texts: dict[TextRole, list[str]] = {"need": ["电池"], "result": ["材料"], "query": ["a"]}
    plain = TransformerEncoder(folder, threads=1)
    save_means(estimate_means(plain, texts), means)
    plain.close()
    teach = teaching(settings)
    assert teach is not None
    name, encoder = teach.keep(Made({}, folder, means))
    row = LearnedEncoder(
        folder=name,
        recipe=encoder.fingerprint,
        base_digest=teach.base(),
        spread=0.5,
        created_at=site.clock.now(),
        data={"verdicts": 1},
    )
    encoder.close()
    with site.parts.database.write() as unit:
        unit.session.add(row)
        unit.commit()
        unit.session.refresh(row)
        unit.session.expunge(row)
    return row


def found(site: Platform) -> tuple[bool, int]:
    """Whether search goes by meaning, and how much it finds."""
    page = site.parts.discovery.search(SYSTEM, SearchRequest("电池材料"))
    return page.notice is None, page.total


def test_it_is_taken_up_and_left_again_while_the_process_runs(site: Platform) -> None:
    parts, boss = site.parts, site.world.person(Role.ADMINISTRATOR)
    before = parts.encoder.fingerprint
    served = parts.engine.generation().fingerprint
    assert found(site) == (True, 2)
    row = taught(site)
    site.world.do(learned_encoders.promote, boss, row.public_id)
    site.work()
    assert parts.encoder.fingerprint == row.recipe != before
    assert parts.engine.generation().fingerprint == parts.projection.fingerprint != served
    assert found(site) == (True, 2)
    assert parts.in_force.spread == row.spread
    (pair,) = parts.matcher.preview("changzhou")
    assert pair.need.title_vector is not None
    assert parts.encoder.health().ok

    site.world.do(learned_encoders.back, boss, row.public_id)
    site.work()
    assert parts.encoder.fingerprint == before
    assert parts.in_force.spread == 1
    assert parts.engine.generation().fingerprint == served
    assert found(site) == (True, 2)


def test_a_new_process_begins_with_the_one_in_force(site: Platform) -> None:
    row = taught(site)
    site.world.do(learned_encoders.promote, site.world.person(Role.ADMINISTRATOR), row.public_id)
    with assemble(site.parts.settings, clock=site.clock) as parts:
        assert parts.encoder.fingerprint == row.recipe


def test_a_host_without_the_folder_keeps_what_it_has_and_says_so(site: Platform) -> None:
    before = site.parts.encoder.fingerprint
    row = taught(site)
    folder = site.parts.settings.taught / row.folder
    shutil.move(folder, folder.with_name("elsewhere"))
    site.world.do(learned_encoders.promote, site.world.person(Role.ADMINISTRATOR), row.public_id)
    site.parts.in_force.look()
    assert site.parts.encoder.fingerprint == before
    health = site.parts.encoder.health()
    assert not health.ok
    assert row.folder in health.detail
    shutil.move(folder.with_name("elsewhere"), folder)
    site.parts.in_force.look()
    assert site.parts.encoder.fingerprint == row.recipe
    assert site.parts.encoder.health().ok


def test_who_only_embeds_takes_it_up_with_the_next_look(site: Platform) -> None:
    row = taught(site)
    settings, database = site.parts.settings, site.parts.database
    encoder = ChangingEncoder(make_encoder(settings))
    seen: list[str] = []
    look = EncoderInForce(settings, database, encoder, lambda: make_encoder(settings)).before(
        lambda lanes: bool(seen.append(f"{lanes[0]} {encoder.fingerprint}"))
    )
    site.world.do(learned_encoders.promote, site.world.person(Role.ADMINISTRATOR), row.public_id)
    assert not look(("bulk",))
    assert seen == [f"bulk {row.recipe}"]
    encoder.close()


def test_one_that_was_taught_from_another_model_is_not_taken_up(site: Platform) -> None:
    row = taught(site)
    with site.parts.database.write() as unit:
        held = unit.session.exec(select(LearnedEncoder).where(LearnedEncoder.id == row.id)).one()
        held.base_digest, held.state = "0" * 64, "in_force"
        unit.commit()
    before = site.parts.encoder.fingerprint
    site.parts.in_force.look()
    assert site.parts.encoder.fingerprint == before
    assert "another model" in site.parts.encoder.health().detail
