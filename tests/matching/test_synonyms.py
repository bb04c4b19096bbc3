"""Synonyms: what they add to a question, whose they are to edit, and that every process has them at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from matching.access import Actor
from matching.errors import InvalidInput, MayNot
from matching.model import Role, SynonymGroup
from matching.records import editor
from matching.store.database import Database
from matching.synonyms import MOST_WORDS, Group, expand, read_groups, terms_for
from search.text import terms
from tests.matching.world import World

GROUPS = (
    Group("a", ("减速器", "reducer"), ("减速机", "减速箱"), False, ("robotics", "equipment")),
    Group("b", ("谐波减速器",), ("谐波传动",), False, ("robotics", "equipment")),
    Group("c", ("功率半导体",), ("IGBT", "MOSFET"), True, ("new-it",)),
    Group("d", ("光伏", "photovoltaic"), ("PV", "太阳能电池"), False, ("pv", "new-energy")),
    Group("e", ("有机废气",), ("volatile organic compounds", "VOCs"), False, ("environment",)),
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("减速机", ("减速器", "reducer", "减速箱")),
        ("減速機壽命", ("减速器", "reducer", "减速箱")),
        ("高精度 Reducer", ("减速器", "减速机", "减速箱")),
        ("谐波减速器", ("谐波传动",)),
        ("功率半导体", ("IGBT", "MOSFET")),
        ("IGBT 模块", ()),
        ("ＰＶ 组件", ("光伏", "photovoltaic", "太阳能电池")),
        ("pvdf 膜", ()),
        ("volatile organic compounds removal", ("有机废气", "VOCs")),
        ("光伏与太阳能电池", ("photovoltaic", "PV")),
        ("", ()),
        ("的", ()),
    ],
)
def test_words_of_a_group_bring_the_others(text: str, words: tuple[str, ...]) -> None:
    assert expand(GROUPS, text).words == words


def test_a_description_brings_none() -> None:
    text = "我们的光伏产线每年银浆成本很高，希望找到降低银耗、保持焊接拉力与可靠性、并能在现有丝网印刷设备上直接使用的新工艺"
    assert expand(GROUPS, text).words == ()


def test_narrowed_to_an_industry_only_its_words_count() -> None:
    assert expand(GROUPS, "光伏", ["pv"]).words
    assert expand(GROUPS, "光伏", ["new-energy"]).words, "what lies below it"
    assert expand(GROUPS, "光伏", ["robotics"]).words == ()


def test_the_term_of_a_word_is_the_word_or_its_rarest_part() -> None:
    assert terms_for("减速机") == ("减速机",)
    assert terms_for("PV") == ("pv",)
    [term] = terms_for("太阳能电池")
    assert term in terms("太阳能电池")
    assert term != "电池", "which half of the texts on batteries hold"
    assert terms_for("的") == ()
    assert expand(GROUPS, "光伏").terms == tuple(
        dict.fromkeys(t for w in ("photovoltaic", "PV", "太阳能电池") for t in terms_for(w))
    )


@given(st.text(max_size=80))
def test_no_text_breaks_it(text: str) -> None:
    found = expand(GROUPS, text)
    assert len(found.words) <= MOST_WORDS
    assert not set(found.terms) & set(terms(text))


def test_every_industry_is_delivered_with_a_list(database: Database) -> None:
    with database.read() as session:
        groups = read_groups(session)
        rows = session.exec(select(SynonymGroup)).all()
    by_industry: dict[str, int] = {}
    for each in groups:
        by_industry[each.industries[0]] = by_industry.get(each.industries[0], 0) + 1
        assert all(terms_for(word) for word in (*each.heads, *each.words)), each
        assert expand(groups, each.heads[0]).terms, each
    assert len(by_industry) == 14
    assert all(5 <= count <= 15 for count in by_industry.values()), by_industry
    assert {row.source for row in rows} == {"随平台提供，可按本园区的说法修改"}


def test_a_change_is_in_force_at_once_in_every_process(world: World, database: Database) -> None:
    admin = world.person(Role.ADMINISTRATOR)
    here, there = database, Database(database.url)

    def found(of: Database, text: str) -> tuple[str, ...]:
        with of.read() as session:
            return expand(read_groups(session), text).words

    assert found(here, "柔轮") == found(there, "柔轮") == ()
    sent = {"name": "柔轮", "words": "柔性齿轮；薄壁齿轮", "industry": "robotics"}
    key = world.do(editor.create, admin, "synonyms", sent)
    assert found(here, "柔轮") == found(there, "柔轮") == ("柔性齿轮", "薄壁齿轮")
    assert found(there, "薄壁齿轮") == ("柔轮", "柔性齿轮")
    world.do(editor.change, admin, "synonyms", key, {"one_way": "yes"})
    assert found(here, "薄壁齿轮") == ()
    with database.read() as session:
        [newest, *_] = editor.get(session, admin, "synonyms", key).history
    world.do(editor.undo, admin, "synonyms", key, newest.id)
    assert found(here, "薄壁齿轮") == ("柔轮", "柔性齿轮")
    world.do(editor.retire, admin, "synonyms", key)
    assert found(here, "柔轮") == found(there, "柔轮") == ()
    there.close()


def test_staff_write_their_zones_industry_and_no_other(world: World, database: Database) -> None:
    staff = world.person(Role.ZONE_STAFF, zone="changzhou")
    group = {"name": "细栅", "words": "副栅", "industry": "pv"}
    key = world.do(editor.create, staff, "synonyms", group)
    world.do(editor.change, staff, "synonyms", key, {"words": "副栅；细栅线"})
    world.do(editor.retire, staff, "synonyms", key)
    world.do(editor.restore, staff, "synonyms", key)
    world.do(editor.change, staff, "synonyms", "pv-01", {"name_en": "solar"})

    def refused(actor: Actor, job: object, *args: object) -> None:
        with pytest.raises(MayNot):
            world.do(job, actor, "synonyms", *args)  # type: ignore[arg-type]  # one of the editor's use-cases

    refused(staff, editor.create, {**group, "industry": "iot"})
    refused(staff, editor.change, "iot-01", {"name_en": "x"})
    refused(staff, editor.change, key, {"industry": "new-energy"})
    refused(staff, editor.retire, "new-energy-01")
    for other in (world.person(Role.BROKER, zone="changzhou"), world.person(Role.ADMINISTRATOR, demo=True)):
        refused(other, editor.create, group)
        refused(other, editor.change, key, {"words": "x"})
    with database.read() as session:
        assert editor.get(session, staff, "synonyms", key).may_retire
        assert not editor.get(session, staff, "synonyms", "iot-01").may_change


def test_words_that_say_nothing_are_refused(world: World) -> None:
    admin = world.person(Role.ADMINISTRATOR)
    with pytest.raises(InvalidInput) as caught:
        world.do(editor.create, admin, "synonyms", {"name": "的", "words": "，；光伏；of", "industry": "nowhere"})
    assert {(each.field, each.code) for each in caught.value.fields} == {
        ("name", "meaningless"), ("words", "meaningless"), ("industry", "unknown_code"),
    }  # fmt: skip
