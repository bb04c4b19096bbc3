"""Filters, commands, counts, lists that stay, advice: search as people use it, over the real engine."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from sqlmodel import select

from matching import listings
from matching.access import SYSTEM, VISITOR, Actor
from matching.content import IpRight
from matching.discovery import SearchPage, SearchRequest, keeping
from matching.discovery.keeping import PERSON_LIMIT, sweep_kept
from matching.errors import InvalidInput, TooManyAttempts
from matching.model import KeptSearch, Role
from matching.store import attempts
from tests.functional.conftest import Platform
from tests.matching.world import TODAY, need, result

WAN = 1_000_000
PASTE, GEAR, NEED = "低铝银浆与激光辅助接触", "机器人谐波减速器柔轮", "电池片正面银浆单耗再降三成"


@pytest.fixture
def filled(platform: Platform) -> Platform:
    """Two results and a need; texts that the hashing encoder finds by words alone, and by letters they share."""
    world = platform.world
    firm = world.organisation("晶耀光伏", zone="changzhou")
    university = world.organisation("江南大学", kind="university", city="无锡")
    world.published(firm, need(
        organisation=firm.public_id, industries=("pv",), maturity="pilot", amounts={"budget": (80 * WAN, 150 * WAN)},
        valid_until=TODAY + timedelta(days=20), tags={"policy": ("clean",)},
    ))  # fmt: skip
    world.published(university, result(
        organisation=university.public_id, industries=("pv",), maturity="lab", modes=("02", "03"),
        ip=(IpRight("invention", "一种浆料", "ZL202390012345.6", "granted", ""),), price_min_fen=30 * WAN, price_max_fen=60 * WAN,
        valid_until=TODAY + timedelta(days=300),
    ))  # fmt: skip
    world.published(university, result(
        organisation=university.public_id, title=GEAR, industries=("robotics",), maturity="step-pilot",
        texts={"summary": "柔轮齿形修正，寿命一万五千小时。采用激光淬火提高精度保持。"}, modes=("02",),
        ip=(IpRight("invention", "柔轮", "ZL202390054321.0", "examining", ""),),
        layers={"ip": "registered"}, valid_until=TODAY + timedelta(days=200),
    ))  # fmt: skip
    platform.work()
    return platform


def search(platform: Platform, text: str = "", actor: Actor = VISITOR, **asked: object) -> SearchPage:
    chosen: Mapping[str, Sequence[str]] = {
        name: [str(each) for each in value] if isinstance(value, list) else [str(value)]
        for name, value in asked.items()
        if name not in ("sort", "offset", "limit", "kept", "after", "address", "strict")
    }
    address = str(asked.pop("address", ""))
    rest = {name: value for name, value in asked.items() if name not in chosen}
    return platform.parts.discovery.search(actor, SearchRequest(text, chosen, **rest), address=address)  # type: ignore[arg-type]  # given by name


def titles(page: SearchPage) -> set[str]:
    return {hit.content.title for hit in page.hits}


BY_FILTER: Sequence[tuple[dict[str, object], set[str]]] = (
    ({"kind": "need"}, {NEED}),
    ({"kind": ["need", "result"]}, {NEED, PASTE, GEAR}),
    ({"industry": "new-energy"}, {NEED, PASTE}),
    ({"outside": "pv"}, {GEAR}),
    ({"outside": ["pv", "robotics"]}, set()),
    ({"maturity": "pilot"}, {NEED, GEAR}),
    ({"maturity": ["lab", "mass"]}, {PASTE}),
    ({"mode": "03"}, {PASTE}),
    ({"ip": "invention"}, {PASTE}),
    ({"ip_status": "granted"}, {PASTE}),
    ({"zone": "changzhou"}, {NEED}),
    ({"region": "320400"}, {NEED}),
    ({"region": "320200"}, {PASTE, GEAR}),
    ({"region": "320000", "owner": "university"}, {PASTE, GEAR}),
    ({"owner": "enterprise"}, {NEED}),
    ({"policy": "clean"}, {NEED}),
    ({"year": "2026"}, {NEED, PASTE, GEAR}),
    ({"year": "2025"}, set()),
    ({"price_from": "70"}, {NEED}),
    ({"price_to": "79.9"}, {PASTE}),
    ({"price_from": "60", "price_to": "80"}, {NEED, PASTE}),
    ({"expiring": "30"}, {NEED}),
    ({"expiring": "250"}, {NEED, GEAR}),
    ({"kind": "result", "industry": "pv", "price_from": "1"}, {PASTE}),
)


def test_each_filter_lets_through_what_it_says(filled: Platform) -> None:
    for asked, found in BY_FILTER:
        assert titles(search(filled, **asked)) == found, asked


BY_COMMAND: Sequence[tuple[str, set[str]]] = (
    ("“正面栅线”", {NEED}),
    ("激光 -柔轮", {PASTE}),
    ("-激光 银浆", {NEED}),
    ("机构:江南大学", {PASTE, GEAR}),
    ("-机构:江南大学 银浆", {NEED}),
    ("专利号:ZL 2023 9 0012345.6", {PASTE}),
    ("专利号:202390012345", {PASTE}),
    ("区:常州", {NEED}),
    ("-区:常州", {PASTE, GEAR}),
    ("产业:光伏、机器人 类型:成果", {PASTE, GEAR}),
    ("标题:柔轮", {GEAR}),
    ("价格:50-100万", {NEED, PASTE}),
    ("地区:无锡 激光", {PASTE, GEAR}),
)


def test_commands_restrict(filled: Platform) -> None:
    for text, found in BY_COMMAND:
        page = search(filled, text)
        assert (titles(page), page.asked.problems) == (found, ()), text


def test_counts_are_what_one_would_find_beside_the_other_filters(filled: Platform) -> None:
    page = search(filled, kind="result", industry="pv")
    for name in ("kind", "industry", "maturity", "mode", "owner", "region"):
        for value, count in page.counts[name].items():
            chosen = {"kind": "result", "industry": "pv", name: value}
            assert search(filled, **chosen).total == count, (name, value)
    for value, count in search(filled, kind="result", outside="robotics").counts["outside"].items():
        assert search(filled, kind="result", outside=value).total == count, value
    by_words = search(filled, "激光")
    assert by_words.matched == 2
    assert by_words.counts["industry"]["robotics"] == 1


def test_an_unknown_value_is_passed_over_or_refused(filled: Platform) -> None:
    assert search(filled, "银浆", zone="atlantis").asked.chosen == {}
    with pytest.raises(InvalidInput) as refused:
        search(filled, "银浆", zone="atlantis", price_from="many", strict=True)
    assert {(each.field, each.code) for each in refused.value.fields} == {
        ("zone", "unknown_code"),
        ("price_from", "not_a_number"),
    }
    [problem] = search(filled, "区:长州 银浆").asked.problems
    assert (problem.code, problem.near[0]) == ("unknown_value", "changzhou")


def test_an_exact_hit_stands_first_only_under_the_filters_and_the_readers_layers(filled: Platform) -> None:
    hidden = "ZL202390054321.0"
    reader = filled.world.person(Role.SEEKER, organisation=filled.world.organisation())
    assert search(filled, hidden, reader).hits[0].pinned
    assert not any(hit.pinned for hit in search(filled, hidden).hits)
    assert titles(search(filled, f"专利号:{hidden}")) == set()
    assert search(filled, GEAR, kind="result").hits[0].pinned
    assert not any(hit.pinned for hit in search(filled, GEAR, industry="pv").hits)
    assert not any(hit.pinned for hit in search(filled, "江南大学", owner="enterprise").hits)
    assert search(filled, f"“{GEAR}”").hits[0].pinned


def test_a_filter_does_not_answer_for_what_the_reader_may_not_see(filled: Platform) -> None:
    reader = filled.world.person(Role.SEEKER, organisation=filled.world.organisation())
    assert titles(search(filled, ip_status="examining")) == set()
    assert titles(search(filled, "", reader, ip_status="examining")) == {GEAR}
    assert "examining" not in search(filled).counts["ip_status"]


def many(platform: Platform, count: int = 7) -> list[str]:
    owner = platform.world.organisation("膜科技", zone="wuxi")
    made = []
    for number in range(count):
        platform.clock.move(minutes=1)
        draft = result(
            organisation=owner.public_id, title=f"膜组件清洗工艺 {number}", texts={"summary": "清洗周期。"},
            industries=("environment",), valid_until=TODAY + timedelta(days=300 - number),
        )  # fmt: skip
        made.append(platform.world.published(owner, draft).public_id)
    platform.work()
    return made


def test_previous_and_next_lead_through_one_list_while_the_index_changes(filled: Platform) -> None:
    many(filled)
    first = search(filled, "膜组件清洗", limit=3, address="a")
    assert first.token
    assert first.total == 7
    many(filled, 3)
    second = search(filled, "膜组件清洗", limit=3, offset=3, kept=first.token, address="a")
    again = search(filled, "膜组件清洗", limit=3, kept=first.token, address="a")
    assert [hit.content.public_id for hit in again.hits] == [hit.content.public_id for hit in first.hits]
    assert second.total == 7
    assert not titles(first) & titles(second)
    assert search(filled, "膜组件清洗", limit=3).total == 10


def test_a_kept_list_shows_what_may_be_seen_today_and_only_its_own_question(filled: Platform) -> None:
    made = many(filled)
    token = search(filled, "膜组件清洗", limit=3, address="a").token
    filled.world.do(listings.withdraw, SYSTEM, made[0])
    assert search(filled, "膜组件清洗", limit=10, kept=token).total == 6
    assert search(filled, "银浆", kept=token).total < 6
    reader = filled.world.person(Role.SEEKER, organisation=filled.world.organisation())
    for other in (
        search(filled, "膜组件清洗", reader, limit=3, kept=token),
        search(filled, "膜组件清洗", limit=3, kept="x" * 500),
    ):
        assert other.token not in ("", token)
    filled.clock.move(minutes=31)
    assert search(filled, "膜组件清洗", limit=3, kept=token).token not in ("", token)
    filled.world.do(lambda unit: sweep_kept(unit))
    with filled.parts.database.read() as session:
        assert token not in {row.token for row in session.exec(select(KeptSearch))}


def test_lists_are_kept_for_a_few_searches_a_person(filled: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    many(filled)
    monkeypatch.setattr(keeping, "MOST_KEPT_ADDRESS", 2)
    tokens = [search(filled, "膜组件清洗", limit=size, address="a").token for size in (1, 2, 3)]
    with filled.parts.database.read() as session:
        assert len({row.token for row in session.exec(select(KeptSearch))} & set(tokens)) == 2


def test_searches_are_limited_by_person_and_not_for_others(filled: Platform) -> None:
    reader = filled.world.person(Role.SEEKER, organisation=filled.world.organisation())
    with filled.parts.database.write() as unit:
        for _ in range(PERSON_LIMIT):
            attempts.count(unit, f"search:person:{reader.person_id}", PERSON_LIMIT, keeping.WINDOW)
        unit.commit()
    with pytest.raises(TooManyAttempts):
        search(filled, "银浆", reader, address="10.0.0.1")
    assert search(filled, "银浆", address="10.0.0.1").total
    filled.clock.move(minutes=11)
    assert search(filled, "银浆", reader, address="10.0.0.1").total


def test_order_by_day(filled: Platform) -> None:
    made = many(filled)
    newest = [hit.content.public_id for hit in search(filled, "膜组件清洗", sort="newest").hits]
    assert newest == made[::-1]
    assert [hit.content.public_id for hit in search(filled, industry="environment").hits] == made[::-1]
    ending = [hit.content.public_id for hit in search(filled, "膜组件清洗", sort="expiring").hits]
    assert ending == made[::-1]
    assert titles(search(filled, kind="need", sort="expiring")) == {NEED}


def test_few_hits_say_what_costs_them(filled: Platform) -> None:
    page = search(filled, "银浆", zone="wuxi", kind="result")
    assert page.hits == ()
    assert page.advice is not None
    reliefs = {each.filter: each.matched for each in page.advice.reliefs}
    assert reliefs == {"zone": 1}
    commanded = search(filled, "银浆 “钙钛矿叠层”").advice
    assert commanded is not None
    assert [each.part.piece.text for each in commanded.reliefs if each.part] == ["钙钛矿叠层"]
    unknown = search(filled, "zzzz").advice
    assert unknown is not None
    assert unknown.unknown == ("zzzz",)


def test_more_like_a_listing_is_of_its_kind_and_not_itself(filled: Platform) -> None:
    made = many(filled)
    found = filled.parts.discovery.similar(VISITOR, made[0], limit=5)
    assert found
    assert made[0] not in {hit.content.public_id for hit in found}
    assert {hit.content.kind.value for hit in found} == {"result"}
    filled.world.do(listings.withdraw, SYSTEM, made[0])
    assert filled.parts.discovery.similar(VISITOR, made[0]) == ()
    filled.parts.engine.close()
    assert filled.parts.discovery.similar(VISITOR, made[1]) == ()


def test_without_an_engine_the_filters_still_hold(filled: Platform) -> None:
    filled.parts.engine.close()
    page = search(filled, "", zone="changzhou", price_from="100")
    assert (page.notice, titles(page)) == ("titles_only", {NEED})
    assert titles(search(filled, "“激光辅助”")) == {PASTE}
    assert search(filled, zone="wuxi").total == 0
