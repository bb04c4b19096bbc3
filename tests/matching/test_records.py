"""The editor of reference data: who may, what is refused, what is kept, what can be taken back, what comes after."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from matching.access import SYSTEM, VISITOR, Actor
from matching.errors import IllegalMove, InvalidInput, MayNot, NotFound, SignInNeeded, StaleRevision
from matching.imports.vocabulary import read_vocabulary
from matching.model import AuditEntry, Role, Zone
from matching.records import editor
from matching.records.editor import RecordView
from matching.records.kinds import FIXED_KINDS, code_lists, kind_of
from matching.reference import code_lists as code_lists_of
from matching.reference import codes, industries
from matching.store.database import Database
from tests.matching.world import World, result


@pytest.fixture
def admin(world: World) -> Actor:
    return world.person(Role.ADMINISTRATOR)


def view(database: Database, actor: Actor, kind: str, key: str) -> RecordView:
    with database.read() as session:
        return editor.get(session, actor, kind, key)


def refused(job: Callable[[], object]) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        job()
    return {each.field: each.code for each in caught.value.fields}


def test_every_kind_can_be_read_and_written_back_unchanged(world: World, database: Database, admin: Actor) -> None:
    with database.read() as session:
        kinds = [*FIXED_KINDS, *(f"codes.{each}" for each in code_lists(session))]
        firsts = {each: editor.listed(session, admin, each, limit=1).items for each in kinds}
    assert len(kinds) > 15
    for kind, items in firsts.items():
        for item in items:
            world.do(editor.change, admin, kind, item.key, item.values, seen_version=1)
            after = view(database, admin, kind, item.key)
            assert after.values == item.values
            assert after.history == (), "nothing differed, so nothing was written"
            assert after.version == 1


def test_a_change_is_kept_with_its_author_and_can_be_taken_back(world: World, database: Database, admin: Actor) -> None:
    world.do(
        editor.change, admin, "industries", "pv", {"keywords": "光伏；钙钛矿,  叠层\n光伏", "name_en": "Solar"}, seen_version=1
    )
    held = view(database, admin, "industries", "pv")
    assert held.values["keywords"] == ["光伏", "钙钛矿", "叠层"]
    [change] = held.history
    assert (change.action, change.by, change.may_undo) == ("change", admin.name, True)
    assert {each.field for each in change.differences} == {"keywords", "name_en"}
    world.do(editor.change, admin, "industries", "pv", {"aliases": ["太阳能光伏"]}, seen_version=2)
    newer, older = view(database, admin, "industries", "pv").history
    assert (newer.may_undo, older.may_undo) == (True, False)
    with pytest.raises(IllegalMove) as caught:
        world.do(editor.undo, admin, "industries", "pv", older.id)
    assert caught.value.code == "newer_changes"
    world.do(editor.undo, admin, "industries", "pv", newer.id)
    world.do(editor.undo, admin, "industries", "pv", older.id)
    back = view(database, admin, "industries", "pv")
    assert back.values["name_en"] == "Photovoltaics"
    assert back.values["aliases"] == []
    assert [(each.action, each.undoes) for each in back.history[:2]] == [("undo", older.id), ("undo", newer.id)]
    assert not any(each.may_undo for each in back.history)
    with pytest.raises(IllegalMove):
        world.do(editor.undo, admin, "industries", "pv", older.id)
    with database.read() as session:
        audited = session.exec(select(AuditEntry.action).where(AuditEntry.subject_id == "pv")).all()
    assert sorted(audited) == ["reference.change"] * 2 + ["reference.undo"] * 2


def test_two_at_once_are_told(world: World, admin: Actor) -> None:
    world.do(editor.change, admin, "regions", "320500", {"name_en": "Soochow"}, seen_version=1)
    with pytest.raises(StaleRevision) as caught:
        world.do(editor.change, admin, "regions", "320500", {"name_en": "Su-chou"}, seen_version=1)
    assert caught.value.params == {"seen": 1, "current": 2}


def test_everything_wrong_is_told_at_once(world: World, admin: Actor) -> None:
    sent: dict[str, Any] = {
        "code": "两 字", "name": "光伏", "name_en": "", "parent": "nowhere", "keywords": "长" * 41, "position": "x",
        "source": "s" * 201,
    }  # fmt: skip
    assert refused(lambda: world.do(editor.create, admin, "industries", sent)) == {
        "code": "bad_code", "name": "taken", "name_en": "required", "parent": "unknown_code", "keywords": "word_too_long",
        "position": "not_a_number", "source": "too_long",
    }  # fmt: skip
    assert refused(lambda: world.do(editor.change, admin, "industries", "new-energy", {"parent": "pv"})) == {"parent": "circle"}
    assert refused(lambda: world.do(editor.change, admin, "industries", "pv", {"parent": "pv"})) == {"parent": "circle"}
    assert refused(lambda: world.do(editor.create, admin, "regions", {"code": "32050", "name": "x"}))["code"] == "bad_region_code"
    broken = {"name": "a\x00b"}
    assert refused(lambda: world.do(editor.change, admin, "zones", "sip", broken)) == {"name": "control_characters"}


def test_facts_are_read_by_the_type_that_their_list_declares(world: World, database: Database, admin: Actor) -> None:
    change = {"trl_low": "7", "trl_high": "5"}
    assert refused(lambda: world.do(editor.change, admin, "codes.maturity", "pilot", change)) == {"trl_low": "min_over_max"}
    assert refused(lambda: world.do(editor.change, admin, "codes.maturity", "pilot", {"trl_high": "14"})) == {
        "trl_high": "out_of_range"
    }
    world.do(editor.change, admin, "codes.maturity", "pilot", {"trl_low": "5", "trl_high": 8})
    world.do(editor.change, admin, "codes.decline_reason", "price", {"teaches": "yes"})
    with database.read() as session:
        assert codes(session, "maturity")["pilot"].facts == {"trl_low": 5, "trl_high": 8, "scale": "local"}
        assert codes(session, "decline_reason")["price"].facts == {"teaches": True}
    assert refused(lambda: world.do(editor.create, admin, "codes.undecided_choice", {
        "code": "ocean", "name": "海洋装备", "name_en": "Ocean", "industry": "ocean"
    })) == {"industry": "unknown_code", "source": "required"}  # fmt: skip


def test_a_list_that_is_made_can_be_filled(world: World, database: Database, admin: Actor) -> None:
    world.do(editor.create, admin, "codes.code_list", {"code": "colour", "name": "颜色", "name_en": "Colour"})
    with database.read() as session:
        assert editor.listed(session, admin, "codes.colour").total == 0
        with pytest.raises(NotFound):
            kind_of(session, "codes.nothing")
    made = world.do(editor.create, admin, "codes.colour", {"code": "red", "name": "红", "name_en": "Red"})
    with database.read() as session:
        assert list(codes(session, "colour")) == [made] == ["red"]


def test_a_retired_value_is_offered_no_more_and_still_names_old_entries(world: World, database: Database, admin: Actor) -> None:
    world.do(editor.retire, admin, "codes.cooperation", "21", seen_version=1)
    with database.read() as session:
        assert "21" not in codes(session, "cooperation")
        assert code_lists_of(session)["cooperation"]["21"].retired
        assert editor.listed(session, admin, "codes.cooperation", which="retired").total == 1
    with pytest.raises(IllegalMove):
        world.do(editor.retire, admin, "codes.cooperation", "21")
    world.do(editor.restore, admin, "codes.cooperation", "21")
    with database.read() as session:
        assert "21" in codes(session, "cooperation")
    world.do(editor.retire, admin, "codes.zone_pilot", "science_service")
    world.do(editor.change, admin, "zones", "sip", {"city": "苏州市"})
    assert view(database, admin, "zones", "sip").values["pilots"] == ["science_service", "open_innovation"]
    taken_anew = {"pilots": ["science_service"]}
    assert refused(lambda: world.do(editor.change, admin, "zones", "wuxi", taken_anew)) == {"pilots": "unknown_code"}


def test_a_spelling_that_staff_add_is_read_in_sheets(world: World, database: Database, admin: Actor) -> None:
    world.do(editor.change, admin, "codes.maturity", "pilot", {"aliases": "通过中试、中间试验、放大试验"})
    with database.read() as session:
        words = read_vocabulary(session)
    assert [words.code("maturity", each) for each in ("中间试验", "放大试验", "通过中试", "中试")] == ["pilot"] * 4
    assert words.code("maturity", "完成中试") is None, "what they take away is read no more"
    assert words.code("maturity", "量产") == "mass"


def test_taking_back_what_was_made_retires_it(world: World, database: Database, admin: Actor) -> None:
    world.do(editor.create, admin, "groupings", {"code": "g", "kind": "alliance", "name": "氢能联盟", "name_en": "Hydrogen"})
    [made] = view(database, admin, "groupings", "g").history
    world.do(editor.undo, admin, "groupings", "g", made.id)
    assert view(database, admin, "groupings", "g").retired


def test_who_may(world: World, database: Database, admin: Actor) -> None:
    staff, broker = world.person(Role.ZONE_STAFF, zone="nantong"), world.person(Role.BROKER, zone="nantong")
    world.do(editor.change, staff, "zones", "nantong", {"level": "national"}, seen_version=1)
    own, other = view(database, staff, "zones", "nantong"), view(database, staff, "zones", "wujin")
    assert (own.may_change, own.may_retire, other.may_change) == (True, False, False)
    assert not view(database, broker, "zones", "nantong").may_change
    for actor, kind, key in ((staff, "zones", "wujin"), (broker, "zones", "nantong"), (staff, "industries", "pv")):
        with pytest.raises(MayNot):
            world.do(editor.change, actor, kind, key, {"source": "x"})
    for job in (editor.retire, editor.restore):
        with pytest.raises(MayNot):
            world.do(job, staff, "zones", "nantong")
    with pytest.raises(MayNot):
        world.do(editor.create, staff, "zones", {"code": "x", "name": "某高新区", "name_en": "X"})
    with pytest.raises(SignInNeeded):
        view(database, VISITOR, "zones", "nantong")
    demo = world.person(Role.ADMINISTRATOR, demo=True)
    assert not view(database, demo, "zones", "nantong").may_change
    with pytest.raises(MayNot):
        world.do(editor.change, demo, "zones", "nantong", {"source": "x"})


def test_what_a_change_concerns_is_matched_anew(world: World, admin: Actor) -> None:
    owner = world.organisation(kind="university")
    listing = world.published(owner, result(organisation=owner.public_id, industries=("pv",)))
    world.drop_jobs()
    world.do(editor.change, admin, "industries", "pv", {"description": "光伏电池"})
    assert [job.key for job in world.jobs("match_zone")] == ["changzhou"]
    assert world.jobs("index", "suggest") == [], "nothing is suggested anew by itself"
    world.drop_jobs()
    world.do(editor.change, admin, "industries", "pv", {"source": "省科技厅"})
    assert world.jobs() == [], "nothing that is matched by"
    world.do(editor.change, admin, "industries", "pv", {"parent": "new-materials"})
    assert [job.key for job in world.jobs("match_zone")] == ["changzhou"]
    assert [job.key for job in world.jobs("index")] == [listing.public_id], "documents name what is above their industry"
    world.drop_jobs()
    world.do(editor.change, admin, "zones", "nantong", {"candidate": "pv"})
    assert [job.key for job in world.jobs("match_zone")] == ["nantong"]
    assert refused(lambda: world.do(editor.change, admin, "zones", "sip", {"candidate": "pv"})) == {"candidate": "zone_decided"}


def test_lists_are_searched_and_paged_in_the_order_of_their_tree(database: Database, admin: Actor) -> None:
    with database.read() as session:
        tree = editor.listed(session, admin, "regions")
        assert [(each.key, each.depth) for each in tree.items[:4]] == [
            ("320000", 0), ("320100", 1), ("320111", 2), ("320200", 1),
        ]  # fmt: skip
        assert [each.key for each in editor.listed(session, admin, "industries", words="TOPcon 光伏").items] == ["pv"]
        second = editor.listed(session, admin, "industries", offset=5, limit=5)
        assert (second.total, len(second.items)) == (14, 5)
        assert editor.listed(session, admin, "industries", words="没有这样的词").items == ()


@given(
    st.dictionaries(st.sampled_from(["name", "level", "pilots", "candidate", "position", "region", "code"]), st.text(max_size=30))
)
def test_whatever_is_typed_is_taken_or_refused(template: str, typed: dict[str, str]) -> None:
    database = Database(template)
    try:
        with database.write() as unit:  # never committed
            with suppress(InvalidInput):
                editor.change(unit, SYSTEM, "zones", "nantong", typed)
            assert _names(unit.session)
    finally:
        database.close()


def _names(session: Session) -> bool:
    return all(row.name and row.code for row in session.exec(select(Zone)).all()) and bool(industries(session))
