"""What the tables themselves hold: instants in UTC, enumerations by value, CHECK constraints, one active industry."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import select

from matching.model import (
    Base,
    Contact,
    Listing,
    ListingIndustry,
    Match,
    Membership,
    Note,
    Person,
    Revision,
    Role,
    Verdict,
    ZoneIndustry,
    new_public_id,
)
from matching.seed import load_reference
from matching.store.database import Database
from matching.store.unit import UnitOfWork
from tests.matching.world import START, World

EAST = timezone(timedelta(hours=8))


def instant(world: World, at: datetime) -> datetime:
    def write(unit: UnitOfWork) -> int:
        row = Person(login="x", name="x", password_hash="x", created_at=at)
        unit.session.add(row)
        unit.session.flush()
        return row.id or 0

    id_ = world.do(write)
    with world.database.read() as session:
        return session.get_one(Person, id_).created_at


def test_an_instant_comes_back_in_utc(world: World) -> None:
    at = instant(world, datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=EAST))
    assert at == datetime(2026, 3, 2, 0, 0, 0, 123456, tzinfo=UTC)
    assert at.utcoffset() == timedelta(0)


def test_a_naive_instant_is_refused(world: World) -> None:
    with pytest.raises(StatementError, match="needs a time zone"):
        instant(world, datetime(2026, 3, 2, 8, 0))


def test_instants_compare_in_sql(world: World) -> None:
    instant(world, START)
    with world.database.read() as session:
        later = START.astimezone(EAST) + timedelta(seconds=1)
        assert session.exec(select(Person.login).where(Person.created_at < later)).all() == ["x"]
        assert session.exec(select(Person.login).where(Person.created_at > later)).all() == []


def test_one_active_industry_a_zone(world: World) -> None:
    zone_id = world.zone_id("nantong")

    def decide(unit: UnitOfWork, industry_id: int, *, ended_on: date | None = None) -> None:
        unit.session.add(
            ZoneIndustry(
                zone_id=zone_id,
                industry_id=industry_id,
                active=ended_on is None,
                began_on=date(2026, 1, 1),
                ended_on=ended_on,
                created_at=unit.now(),
            )
        )

    world.do(decide, 1, ended_on=date(2026, 2, 1))
    world.do(decide, 2, ended_on=date(2026, 2, 1))
    world.do(decide, 1)
    with pytest.raises(IntegrityError):
        world.do(decide, 2)


@pytest.mark.parametrize(("active", "ended_on"), [(True, date(2026, 1, 1)), (False, None)])
def test_an_ended_relation_has_its_day(world: World, active: bool, ended_on: date | None) -> None:
    row = ZoneIndustry(
        zone_id=world.zone_id("nantong"),
        industry_id=1,
        active=active,
        began_on=date(2020, 1, 1),
        ended_on=ended_on,
        created_at=START,
    )
    with pytest.raises(IntegrityError, match="active_or_ended"):
        world.do(lambda unit: unit.session.add(row))


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"price_min_fen": -1}, "price_min"),
        ({"price_max_fen": -1}, "price_max"),
        ({"price_min_fen": 2, "price_max_fen": 1}, "price_max"),
        ({"trl_low": 0, "trl_high": 1}, "trl_low"),
        ({"trl_low": 5, "trl_high": 14}, "trl_high"),
        ({"trl_low": 5, "trl_high": 4}, "trl_high"),
        ({"number": 1}, "(?i)unique"),
    ],
)
def test_revisions_hold_their_figures(world: World, changes: dict[str, Any], constraint: str) -> None:
    listing = world.listing(world.published(world.organisation()).public_id)
    row = Revision(**({"listing_id": listing.id, "number": 2, "title": "t", "title_key": "t", "created_at": START} | changes))
    with pytest.raises(IntegrityError, match=constraint):
        world.do(lambda unit: unit.session.add(row))


def test_a_published_listing_has_words(world: World) -> None:
    listing = world.listing(world.published(world.organisation()).public_id)
    with world.database.write() as unit:
        unit.session.get_one(Listing, listing.id).published_revision = None
        with pytest.raises(IntegrityError, match="published_has_text"):
            unit.commit()


@pytest.mark.parametrize(
    ("column", "value"),
    [("state", "PUBLISHED"), ("state", "gone"), ("kind", "NEED"), ("kind", "")],
)
def test_enumerations_are_stored_by_value(world: World, column: str, value: str) -> None:
    made = world.published(world.organisation())
    with world.database.write() as unit:
        stored = unit.session.execute(sa.text(f"SELECT {column} FROM listing")).scalar_one()
        assert stored in ("published", "need")
        with pytest.raises(IntegrityError):
            unit.session.execute(sa.text(f"UPDATE listing SET {column} = :value"), {"value": value})
    assert world.listing(made.public_id).state.value == "published"


@pytest.mark.parametrize(
    ("role", "organisation", "zone"),
    [
        (Role.PROVIDER, False, False),
        (Role.PROVIDER, True, True),
        (Role.SEEKER, False, True),
        (Role.ZONE_STAFF, False, False),
        (Role.BROKER, True, False),
        (Role.ADMINISTRATOR, False, True),
    ],
)
def test_a_role_has_the_scope_that_fits(world: World, role: Role, organisation: bool, zone: bool) -> None:
    person = world.person(Role.ADMINISTRATOR)
    row = Membership(
        person_id=person.person_id or 0,
        role=role,
        organisation_id=world.organisation().id if organisation else None,
        zone_id=world.zone_id("nantong") if zone else None,
        created_at=START,
    )
    with pytest.raises(IntegrityError, match="scope_fits_role"):
        world.do(lambda unit: unit.session.add(row))


def pair(world: World, table: type[Match] | type[Verdict], **changes: Any) -> Any:
    listing = world.listing(world.published(world.organisation()).public_id)
    person = world.person(Role.ZONE_STAFF, zone="changzhou")
    fields = {
        "zone_id": world.zone_id("changzhou"),
        "need_id": listing.id,
        "result_id": listing.id,
        "need_revision": 1,
        "result_revision": 1,
    }
    own = (
        {"score": 0.5, "level": 1, "found_at": START, "computed_at": START}
        if table is Match
        else {"grader_id": person.person_id, "grade": 1, "created_at": START}
    )
    return table(**(fields | own | changes))


@pytest.mark.parametrize(
    ("table", "changes", "constraint"),
    [
        (Match, {"level": 4}, "level"),
        (Match, {"level": -1}, "level"),
        (Verdict, {"grade": 4}, "grade"),
        (Match, {"lane": "elsewhere"}, "lane"),
        (Match, {"zone_id": None, "lane": "outside_need"}, "pool_lane"),
        (Verdict, {"grade": None}, "grade_or_undo"),
        (Verdict, {"zone_id": None}, "speaker"),
        (Verdict, {"source": "owner", "grade": 2}, "speaker"),
        (Verdict, {"source": "nobody"}, "speaker"),
    ],
)
def test_levels_and_grades(world: World, table: type[Match] | type[Verdict], changes: dict[str, Any], constraint: str) -> None:
    row = pair(world, table, **changes)
    with pytest.raises(IntegrityError, match=constraint):
        world.do(lambda unit: unit.session.add(row))


def test_an_owner_says_yes_or_no(world: World) -> None:
    owner = {"source": "owner", "zone_id": None, "organisation_id": world.organisation().id}
    world.do(lambda unit: unit.session.add_all([pair(world, Verdict, grade=grade, **owner) for grade in (0, 2)]))
    with pytest.raises(IntegrityError, match="owner_grade"):
        world.do(lambda unit: unit.session.add(pair(world, Verdict, grade=3, **owner)))


@pytest.mark.parametrize("zone", ["changzhou", None])
def test_a_pair_stands_once_in_a_zone_and_once_in_the_pool(world: World, zone: str | None) -> None:
    first = pair(world, Match, zone_id=world.zone_id(zone) if zone else None)
    fields = first.model_dump(exclude={"id"})
    world.do(lambda unit: unit.session.add(first))
    with pytest.raises(IntegrityError):
        world.do(lambda unit: unit.session.add(Match(**fields)))
    world.do(lambda unit: unit.session.add(Match(**fields | {"zone_id": world.zone_id("kunshan")})))


def test_a_verdict_is_undone_once(world: World) -> None:
    first = pair(world, Verdict)
    world.do(lambda unit: unit.session.add(first))
    fields = first.model_dump(exclude={"id", "grade", "undoes_id"})
    world.do(lambda unit: unit.session.add(Verdict(**fields, grade=None, undoes_id=first.id)))
    with pytest.raises(IntegrityError):
        world.do(lambda unit: unit.session.add(Verdict(**fields, grade=None, undoes_id=first.id)))


def test_contact_data_has_one_owner(world: World) -> None:
    owner = world.organisation()
    listing = world.listing(world.published(owner).public_id)
    for ids in ({}, {"listing_id": listing.id, "organisation_id": owner.id}):
        with world.database.write() as unit:
            unit.session.add(Contact(kind="person", value="x", **ids))
            with pytest.raises(IntegrityError, match="one_owner"):
                unit.commit()


def test_foreign_keys_hold_and_cascade(world: World) -> None:
    with pytest.raises(IntegrityError):
        world.do(lambda unit: unit.session.add(Contact(listing_id=999, kind="person", value="x")))
    made = world.published(world.organisation(), contacts={"person": "王工"}, industries=("pv",))
    with world.database.write() as unit:
        unit.session.execute(sa.delete(Listing))
        unit.commit()
    with world.database.read() as session:
        for table in (Revision, ListingIndustry, Contact):
            assert session.exec(select(table)).all() == []
    assert made.number is not None


def test_public_ids_are_opaque() -> None:
    ids = {new_public_id() for _ in range(500)}
    assert len(ids) == 500
    assert {len(each) for each in ids} == {12}
    assert set("".join(ids)) <= set("23456789abcdefghjkmnpqrstvwxyz")


def test_every_constraint_has_a_name() -> None:
    for table in Base.metadata.tables.values():
        for constraint in table.constraints:
            assert constraint.name, (table.name, constraint)


def test_the_seed_is_loaded_once(database: Database, world: World) -> None:

    assert world.do(load_reference) is False
    with database.read() as session:
        active = session.exec(select(ZoneIndustry).where(ZoneIndustry.active)).all()
        assert len(active) == 9
        assert session.get(Note, "reference") is not None
