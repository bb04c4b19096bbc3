"""What is offered while somebody types: brought by the worker, decided by today's access, put right by the gate."""

import threading
from datetime import date

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from matching import completions, listings, organisations, reviews
from matching.access import SYSTEM, VISITOR, Actor
from matching.completions import MOST, suggest
from matching.listing_rows import Saved
from matching.model import Completion, Job, Organisation, Role
from matching.organisations import OrganisationDraft
from matching.records import editor
from tests.functional.conftest import Platform
from tests.matching.world import TODAY, need, result

TITLE = "低铝银浆与激光辅助接触"


class Typist:
    """Types and reads what is offered."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def __call__(self, typed: str, kind: str = "title", actor: Actor = VISITOR, today: date = TODAY) -> list[str]:
        with self.platform.parts.database.read() as session:
            return [each.text for each in suggest(session, actor, typed, today) if each.kind == kind]

    def rows(self, kind: str) -> int:
        query = select(sa.func.count()).select_from(Completion).where(Completion.kind == kind)
        with self.platform.parts.database.read() as session:
            return session.exec(query).one()


@pytest.fixture
def offered(platform: Platform) -> Typist:
    return Typist(platform)


@pytest.fixture
def owner(platform: Platform) -> Organisation:
    return platform.world.organisation("江南大学", kind="university", city="无锡")


@pytest.fixture
def posted(platform: Platform, owner: Organisation) -> Saved:
    saved = platform.world.published(owner, result(organisation=owner.public_id, industries=("pv",)))
    platform.work()
    return saved


@pytest.mark.parametrize("typed", ["低铝", "银浆", "激光", "dilv", "jiguang", "dlyj", "jgfz", "低lv"])
def test_a_title_is_offered_by_its_start_and_its_words(offered: Typist, posted: Saved, typed: str) -> None:
    assert offered(typed) == [TITLE]


def test_an_owner_is_offered_by_name_pinyin_and_initials(offered: Typist, posted: Saved) -> None:
    for typed in ("江南", "大学", "jiangnandaxue", "jndx"):
        assert offered(typed, "organisation") == ["江南大学"], typed
    assert offered("江南大学", "organisation") == ["江南大学"]


def test_industries_words_are_offered(platform: Platform, offered: Typist) -> None:
    with platform.parts.database.write() as unit:
        completions.ask(unit)
        unit.commit()
    platform.work()
    assert offered("guangfu", "industry")[0] == "光伏"
    assert offered("PV", "industry") == []
    admin = platform.world.person(Role.ADMINISTRATOR)
    platform.world.do(editor.change, admin, "industries", "pv", {"aliases": "PV；太阳能光伏"})
    platform.work()
    assert offered("PV", "industry") == ["PV"]
    platform.world.do(editor.retire, admin, "industries", "pv")
    assert offered("PV", "industry") == [], "at once, whatever the rows say"
    with platform.parts.database.write() as unit:
        completions.ask(unit)
        assert unit.session.exec(select(Job).where(Job.key == "all")).first() is None, "asked for once"


def test_nothing_unpublished_is_offered_to_anybody(platform: Platform, offered: Typist, owner: Organisation) -> None:
    """The worker has brought the words of a title that waits; not even its own people are offered it."""
    platform.world.do(listings.save, SYSTEM, result(organisation=owner.public_id))
    platform.work()
    own = platform.world.person(Role.PROVIDER, organisation=owner)
    admin = platform.world.person(Role.ADMINISTRATOR)
    for actor in (VISITOR, own, admin):
        assert offered("低铝", actor=actor) == []
        assert offered("江南", "organisation", actor) == []


def test_what_is_withdrawn_is_gone_before_the_worker_comes(platform: Platform, offered: Typist, posted: Saved) -> None:
    platform.world.do(listings.withdraw, SYSTEM, posted.public_id)
    assert offered.rows("title") > 0
    assert offered("低铝") == []
    assert offered("江南", "organisation") == []
    platform.work()
    assert (offered.rows("title"), offered.rows("organisation")) == (0, 0)


def test_what_is_over_is_gone_with_the_day(platform: Platform, offered: Typist, posted: Saved) -> None:
    until = platform.world.listing(posted.public_id).valid_until
    assert until is not None
    assert offered("低铝", today=until) == [TITLE]
    assert offered("低铝", today=date.fromordinal(until.toordinal() + 1)) == []
    assert offered("江南", "organisation", today=date.fromordinal(until.toordinal() + 1)) == []


def test_rows_of_another_audience_are_for_its_readers(platform: Platform, offered: Typist, posted: Saved) -> None:
    with platform.parts.database.write() as unit:
        unit.session.execute(sa.update(Completion).values(audience="registered"))
        unit.commit()
    assert offered("低铝") == []
    assert offered("低铝", actor=platform.world.person(Role.SEEKER, organisation=platform.world.organisation())) == [TITLE]


def test_a_new_title_and_a_new_name_take_the_place_of_the_old(platform: Platform, offered: Typist, posted: Saved) -> None:
    owner = platform.world.listing(posted.public_id).organisation_id
    with platform.parts.database.read() as session:
        public_id = session.get_one(Organisation, owner).public_id
    platform.world.do(listings.save, SYSTEM, result(organisation=public_id, title="无主栅互连"), listing=posted.public_id)
    platform.world.do(reviews.publish, SYSTEM, posted.public_id)
    platform.world.do(
        organisations.change,
        SYSTEM,
        public_id,
        OrganisationDraft("太湖大学", "university", name_en="Taihu University", city="无锡"),
    )
    platform.work()
    assert (offered("低铝"), offered("wuzhushan")) == ([], ["无主栅互连"])
    assert offered("江南", "organisation") == []
    assert offered("taihu u", "organisation") == offered("太湖", "organisation") == ["太湖大学"]


def test_the_gate_puts_right_what_is_wrong(platform: Platform, offered: Typist, posted: Saved) -> None:
    database = platform.parts.database
    assert completions.check_all(database) > 0, "the industries' words, which nobody had asked for yet"
    assert completions.check_all(database) == 0
    with database.write() as unit:
        unit.session.execute(sa.delete(Completion).where(col(Completion.kind) == "title", col(Completion.key).like("低%")))
        unit.session.add(Completion(kind="title", lane=0, key="没有的", subject="gone12345678", audience="public"))
        unit.session.execute(sa.delete(Completion).where(col(Completion.kind) == "organisation"))
        unit.commit()
    assert offered("低铝") == offered("江南", "organisation") == []
    assert completions.check_all(database) == 3
    assert offered("低铝") == [TITLE]
    assert offered("江南", "organisation") == ["江南大学"]
    assert offered("没有的") == []


def test_all_is_brought_anew_in_slices(
    platform: Platform, offered: Typist, owner: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(completions.check, "__kwdefaults__", {"size": 2})
    for at in range(5):
        platform.world.published(owner, need(organisation=owner.public_id, title=f"第{at}号银浆需求"))
    platform.work()
    with platform.parts.database.write() as unit:
        unit.session.execute(sa.delete(Completion))
        completions.ask(unit)
        unit.commit()
    platform.work()
    assert len(offered("银浆")) == 5
    assert offered("江南", "organisation") == ["江南大学"]


def test_at_most_a_handful_of_each(platform: Platform, offered: Typist, owner: Organisation) -> None:
    for at in range(12):
        platform.world.published(owner, need(organisation=owner.public_id, title=f"银浆需求之{at}"))
    platform.work()
    assert len(offered("银")) == MOST["title"]
    assert offered("银浆需求之11") == ["银浆需求之11"]


def test_two_workers_at_one_listing_leave_its_keys_right(platform: Platform, offered: Typist, posted: Saved) -> None:
    def bring() -> None:
        for _ in range(5):
            with platform.parts.database.write() as unit:
                unit.session.execute(sa.delete(Completion).where(col(Completion.lane) == 0))
                unit.commit()
            completions.bring(platform.parts.database, [posted.public_id])

    workers = [threading.Thread(target=bring) for _ in range(3)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert offered("低铝") == [TITLE]
    assert completions.check(platform.parts.database, 0).repaired == 0


@pytest.mark.parametrize("typed", ["", " ", "%", "_%", "'; --", "\x00", "🙂", "银" * 5000, "a" * 5000, "\U0010ffff\U0010ffff"])
def test_no_text_breaks_it(offered: Typist, posted: Saved, typed: str) -> None:
    assert offered(typed) == []
