"""Values made of the reference data: held while it stands, made anew by every process once a row of it was written."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from matching.held import TABLES, held
from matching.model import CodeValue, Listing, ListingKind, Zone
from matching.reference import code_lists, industries, zones
from matching.store.database import Database
from matching.store.unit import UnitOfWork
from tests.matching.world import World, result

MADE: list[int] = []


@held
def counted(session: Session) -> int:
    """How many zones there are; `MADE` says how often that was asked."""
    MADE.append(len(session.exec(select(Zone.id)).all()))
    return MADE[-1]


@pytest.fixture(autouse=True)
def nothing_made() -> None:
    MADE.clear()


def times_made(*databases: Database) -> int:
    MADE.clear()
    for database in databases:
        with database.read() as session:
            assert counted(session) == counted(session)
    return len(MADE)


def test_it_is_made_once_by_each_process(world: World, database: Database) -> None:
    other = Database(database.url)
    try:
        assert (times_made(database, other), times_made(database, other)) == (2, 0)
    finally:
        other.close()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.__tablename__))
def test_a_written_row_of_any_table_of_the_reference_data_has_it_made_anew_everywhere(
    table: type[SQLModel], world: World, database: Database
) -> None:
    other = Database(database.url)
    id_, source = sa.inspect(table).c.id, "source" if hasattr(table, "source") else "position"
    value = "说明" if source == "source" else 7

    def by_row(unit: UnitOfWork) -> None:
        row = unit.session.exec(select(table).order_by(id_)).first()
        setattr(row, source, value)

    def by_statement(unit: UnitOfWork) -> None:
        unit.session.execute(sa.update(table).where(id_ > 0).values(**{source: value}))

    def by_no_row(unit: UnitOfWork) -> None:
        unit.session.execute(sa.delete(table).where(id_ < 0))

    try:
        for write in (by_row, by_statement, by_no_row):
            times_made(database, other)
            with database.write() as unit:
                write(unit)
                unit.commit()
            assert (times_made(database, other), times_made(database, other)) == (2, 0), write.__name__
    finally:
        other.close()


def test_other_writes_leave_it(world: World, database: Database) -> None:
    times_made(database)
    owner = world.organisation("江南大学", kind="university")
    world.published(owner, result(organisation=owner.public_id))
    with database.write() as unit:
        unit.session.execute(sa.update(Listing).where(col(Listing.kind) == ListingKind.RESULT).values(demo=True))
        unit.commit()
    assert times_made(database) == 0


def test_a_unit_of_work_sees_what_it_wrote_and_no_one_else_before_it_commits(world: World, database: Database) -> None:
    def name_of(session: Session) -> str:
        return next(each.name for each in zones(session) if each.code == "wuxi")

    with database.write() as unit:
        before = name_of(unit.session)
        zone = unit.session.exec(select(Zone).where(Zone.code == "wuxi")).one()
        zone.name = "别的名字"
        unit.session.flush()
        assert name_of(unit.session) == "别的名字"
        with database.read() as session:
            assert name_of(session) == before
    with database.read() as session:
        assert name_of(session) == before, "it was rolled back"


@pytest.mark.parametrize("read", [industries, zones, code_lists])
def test_what_is_held_is_what_stands_there(read: Callable[[Session], object], world: World, database: Database) -> None:
    with database.write() as unit:
        unit.session.add(CodeValue(list_code="language", code="eo", name="世界语", name_en="Esperanto", position=99))
        unit.commit()
    with database.read() as session:
        kept = read(session)
        assert read(session) is kept
        assert read.__wrapped__(session) == kept  # type: ignore[attr-defined]  # the function without its holding
