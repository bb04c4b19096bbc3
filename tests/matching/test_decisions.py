"""An undecided zone chooses among the fields of clause 3; what was decided before stays in the history."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from matching.access import Actor
from matching.errors import InvalidInput, MayNot, NotFound, StaleRevision
from matching.model import Role, ZoneIndustry
from matching.records import decisions, editor
from matching.records.decisions import Decision, DecisionPage
from matching.reference import zones
from matching.store.database import Database
from tests.matching.world import TODAY, World

SOURCE = "通科高〔2026〕3号"


def page(database: Database, actor: Actor, zone: str) -> DecisionPage:
    with database.read() as session:
        return decisions.decision_page(session, actor, zone)


def decide(world: World, actor: Actor, zone: str, industry: str, *, on: date | None = TODAY, source: str = SOURCE) -> None:
    world.do(decisions.decide, actor, Decision(zone, industry, on, source))


def errors(
    world: World, actor: Actor, zone: str, industry: str, *, on: date | None = TODAY, source: str = SOURCE
) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        decide(world, actor, zone, industry, on=on, source=source)
    return {each.field: each.code for each in caught.value.fields}


def test_the_staff_of_an_undecided_zone_decide_once(world: World, database: Database) -> None:
    staff = world.person(Role.ZONE_STAFF, zone="nantong")
    world.do(editor.change, staff, "zones", "nantong", {"candidate": "software"})
    world.drop_jobs()
    before = page(database, staff, "nantong")
    assert [each.industry.code for each in before.choices] == [
        "equipment", "software", "new-energy", "new-materials", "biopharma", "environment",
    ]  # fmt: skip
    assert [each.code for choice in before.choices for each in choice.taken_by] == ["taizhou"], "biopharmaceuticals are taken"
    assert before.may
    decide(world, staff, "nantong", "equipment")
    after = page(database, staff, "nantong")
    assert after.zone.industry is not None
    assert after.zone.industry.code == "equipment"
    assert after.zone.candidate is None
    assert after.zone.industry_source == SOURCE
    assert [(each.began_on, each.ended_on, each.by) for each in after.relations] == [(TODAY, None, staff.name)]
    assert [job.key for job in world.jobs("match_zone")] == ["nantong"]
    assert not after.may, "anew decides an administrator"
    with pytest.raises(MayNot):
        decide(world, staff, "nantong", "software")
    assert errors(world, world.person(Role.ADMINISTRATOR), "nantong", "pv") == {"industry": "unknown_code"}


def test_an_administrator_decides_anew_and_the_old_relation_is_kept(world: World, database: Database) -> None:
    admin = world.person(Role.ADMINISTRATOR)
    assert errors(world, admin, "changzhou", "pv") == {"industry": "already_decided"}
    assert errors(world, admin, "changzhou", "software", on=date(2017, 11, 30)) == {"decided_on": "before_last_decision"}
    decide(world, admin, "changzhou", "software", on=TODAY - timedelta(days=1))
    decide(world, admin, "changzhou", "pv")
    seen = page(database, admin, "changzhou")
    assert [(each.industry.code, each.ended_on) for each in seen.relations] == [
        ("pv", None), ("software", TODAY), ("pv", TODAY - timedelta(days=1)),
    ]  # fmt: skip
    with database.read() as session:
        active = session.exec(select(ZoneIndustry).where(ZoneIndustry.active)).all()
        assert len(active) == 9
        history = editor.history(session, admin, "zones", "changzhou")
    assert [each.action for each in history] == ["decide", "decide"]
    assert not any(each.may_undo for each in history), "one decides anew instead"


def test_what_is_missing_is_told_at_once(world: World) -> None:
    admin = world.person(Role.ADMINISTRATOR)
    assert errors(world, admin, "wujin", "", on=None, source=" ") == {
        "industry": "required", "decided_on": "required", "source": "required",
    }  # fmt: skip
    assert errors(world, admin, "wujin", "software", on=TODAY + timedelta(days=1)) == {"decided_on": "date_in_future"}
    with pytest.raises(NotFound):
        decide(world, admin, "nowhere", "software")
    with pytest.raises(StaleRevision):
        world.do(decisions.decide, admin, Decision("wujin", "software", TODAY, SOURCE, seen_version=7))


def test_an_administrator_adds_a_field_with_its_source(world: World, database: Database) -> None:
    admin = world.person(Role.ADMINISTRATOR)
    world.do(editor.create, admin, "industries", {"code": "ocean", "name": "海洋工程装备", "name_en": "Ocean engineering"})
    world.do(
        editor.create, admin, "codes.undecided_choice",
        {"code": "ocean", "name": "海洋工程装备", "name_en": "Ocean", "industry": "ocean", "source": "苏政办发〔2026〕1号"},
    )  # fmt: skip
    added = page(database, admin, "nantong").choices[-1]
    assert (added.industry.code, added.source) == ("ocean", "苏政办发〔2026〕1号")
    world.do(editor.retire, admin, "codes.undecided_choice", "software")
    assert "software" not in [each.industry.code for each in page(database, admin, "nantong").choices]


def test_who_may_not(world: World, database: Database) -> None:
    for actor in (
        world.person(Role.ZONE_STAFF, zone="wujin"),
        world.person(Role.BROKER, zone="nantong"),
        world.person(Role.ADMINISTRATOR, demo=True),
    ):
        assert not page(database, actor, "nantong").may
        with pytest.raises(MayNot):
            decide(world, actor, "nantong", "software")
    with database.read() as session:
        assert next(each for each in zones(session) if each.code == "nantong").industry is None
