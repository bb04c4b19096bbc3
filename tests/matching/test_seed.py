"""The reference data: complete at first, brought up to date later, and never over what administrators wrote."""

from datetime import date

import sqlalchemy as sa
from sqlmodel import col, select

from matching.model import CodeValue, Grouping, Industry, Note, ReferenceChange, Region, Zone
from matching.reference import codes, zone_fields, zones
from matching.seed import load_reference
from matching.store.database import Database
from matching.store.unit import UnitOfWork
from tests.matching.world import World


def test_zones_stand_in_the_tree_of_regions(database: Database) -> None:
    with database.read() as session:
        regions = {row.id: row for row in session.exec(select(Region)).all()}
        for zone in session.exec(select(Zone)).all():
            line = []
            at = regions.get(zone.region_id)
            while at is not None:
                line.append(at.code)
                at = regions.get(at.parent_id)
            assert line[-1] == "320000", zone.code
            assert all(code.startswith(line[-2][:4]) for code in line[:-1]), line
    assert sum(row.code.endswith("00") for row in regions.values()) == 14, "the province and its 13 cities"


def test_the_groups_of_the_policy_are_in(database: Database) -> None:
    with database.read() as session:
        kinds = [row.kind for row in session.exec(select(Grouping)).all()]
        clauses = codes(session, "clause")
        named = codes(session, "grouping_kind")
        assert set(session.exec(select(Grouping.clause)).all()) <= set(clauses)
    assert {each: kinds.count(each) for each in named} == {"core_area": 6, "innovation_centre": 7, "alliance": 5, "park": 6}


def test_every_list_has_a_name(database: Database) -> None:
    with database.read() as session:
        assert set(session.exec(select(CodeValue.list_code)).all()) - set(codes(session, "code_list")) == {"code_list"}


def test_the_lists_of_the_domain_are_in_with_their_sources(database: Database) -> None:
    with database.read() as session:
        rows = session.exec(select(CodeValue)).all()
        named = codes(session, "code_list")
    counts = {each: sum(row.list_code == each for row in rows) for each in named}
    sizes = {
        "cooperation": 10, "need_type": 13, "contract_type": 19, "payment_method": 5, "party_kind": 13, "technology_area": 11,
        "maturity": 23, "high_tech_field": 8, "emerging_industry": 10, "enterprise_tag": 11, "carrier_kind": 20,
        "conversion": 6, "licence_kind": 6, "pricing": 3, "evaluation_value": 5, "entitlement_kind": 2, "decline_reason": 10,
    }  # fmt: skip
    assert {each: counts.get(each) for each in sizes} == sizes
    empty = {each for each, count in counts.items() if not count}
    assert {"plan_source", "socioeconomic_goal", "national_industry", "registration_seller_field"} <= empty, "nothing is invented"
    assert all(named[each].description and named[each].description_en for each in empty), "an empty list says why"
    assert not [row.code for row in rows if not row.source and row.list_code != "code_list"]
    assert not [row.code for row in rows if not (row.name and row.name_en and row.version)]
    licences = [row for row in rows if row.list_code == "contract_type" and row.code.startswith("licence")]
    assert {row.valid_from for row in licences} == {date(2021, 1, 1)}, "until then statistics had four kinds"
    parents = {row.facts["parent"] for row in rows if row.list_code != "code_list" and "parent" in row.facts}
    assert parents <= {row.code for row in rows}


def test_what_the_policy_does_not_say_is_marked(database: Database) -> None:
    with database.read() as session:
        for zone in session.exec(select(Zone)).all():
            assert zone.source.startswith("《意见》"), zone.code
            assert "待核实" in zone.place_source, zone.code
        for industry in session.exec(select(Industry)).all():
            assert industry.ipc, industry.code
            assert industry.emerging, industry.code
            assert "建议" in industry.link_source, industry.code
        for group in session.exec(select(Grouping)).all():
            assert (group.industry_id is None and group.region_id is None) or "；" in group.source, group.code


def test_an_undecided_zone_is_matched_in_its_candidate_and_says_so(world: World, database: Database) -> None:
    with database.read() as session:
        assert world.zone_id("nantong") not in zone_fields(session)

    def suppose(unit: UnitOfWork, *names: str) -> None:
        for name in names:
            unit.session.exec(select(Zone).where(Zone.code == name)).one().candidate_industry_id = 3

    world.do(suppose, "nantong", "changzhou")
    with database.read() as session:
        fields, views = zone_fields(session), {each.code: each for each in zones(session)}
    assert fields[world.zone_id("nantong")] == 3
    nantong, changzhou = views["nantong"], views["changzhou"]
    assert nantong.industry is None
    assert nantong.candidate is not None
    assert nantong.field == nantong.candidate
    assert changzhou.candidate is None, "a decision leaves no room for a candidate"
    assert changzhou.industry is not None
    assert changzhou.field == changzhou.industry
    assert fields[changzhou.id] == changzhou.industry.id


def test_an_older_installation_gets_what_is_new_and_keeps_what_was_changed(world: World, database: Database) -> None:
    def grow_old(unit: UnitOfWork) -> None:
        session = unit.session
        session.execute(sa.update(Zone).values(region_id=None, pilots=[]))
        session.execute(sa.delete(Region).where(col(Region.code) == "320505"))
        session.execute(sa.delete(CodeValue).where(col(CodeValue.list_code) == "clause"))
        session.execute(sa.update(Zone).where(col(Zone.code) == "wujin").values(name="武进国家高新区", level="national"))
        session.execute(sa.update(CodeValue).where(col(CodeValue.code) == "mass").values(facts={}))
        session.execute(sa.update(CodeValue).where(col(CodeValue.code) == "lab").values(facts={"trl_low": 3, "trl_high": 5}))
        session.add(ReferenceChange(at=unit.now(), record="zones", key="snd", action="change"))
        session.add(ReferenceChange(at=unit.now(), record="codes.maturity", key="mass", action="change"))
        session.merge(Note(key="reference", value="2026-11"))

    world.do(grow_old)
    assert world.do(load_reference) is False, "it was not the first time"
    with database.read() as session:
        by_code = {row.code: row for row in session.exec(select(Zone)).all()}
        regions = {row.id: row.code for row in session.exec(select(Region)).all()}
        assert len(codes(session, "clause")) == 7
        assert codes(session, "maturity")["mass"].facts == {}, "somebody took the bounds away"
        assert codes(session, "maturity")["lab"].facts == {"trl_low": 3, "trl_high": 5, "scale": "local"}, "what was missing"
        assert len(session.exec(select(Zone)).all()) == 12
    assert regions[by_code["wujin"].region_id] == "320412"
    assert (by_code["wujin"].name, by_code["wujin"].level) == ("武进国家高新区", "national")
    assert by_code["wujin"].pilots == ["science_service"]
    assert by_code["snd"].region_id is None, "somebody changed this one"
    assert "320505" in regions.values()
