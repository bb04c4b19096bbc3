"""The migrations lead from nothing to what the models say, and back."""

import pytest
import sqlalchemy as sa
from pytest_alembic import MigrationContext
from pytest_alembic.tests import (
    test_model_definitions_match_ddl,
    test_single_head_revision,
    test_up_down_consistency,
    test_upgrade,
)

import matching.model
from matching.store.database import open_engine

__all__ = [
    "test_model_definitions_match_ddl",
    "test_single_head_revision",
    "test_up_down_consistency",
    "test_upgrade",
]

METADATA = matching.model.Base.metadata


def names(inspector: sa.Inspector, table: str) -> dict[str, set[str | None]]:
    """Named constraints and indexes of a table: what autogenerate does not compare, CHECKs above all."""
    return {
        "checks": {each["name"] for each in inspector.get_check_constraints(table)},
        "uniques": {each["name"] for each in inspector.get_unique_constraints(table)},
        "indexes": {each["name"] for each in inspector.get_indexes(table)},
        "foreign keys": {each["name"] for each in inspector.get_foreign_keys(table)},
    }


def test_constraints_match_the_models(alembic_runner: MigrationContext, alembic_engine: sa.Engine, url_of_models: str) -> None:
    alembic_runner.migrate_up_to("heads")
    other = open_engine(url_of_models)
    try:
        METADATA.create_all(other)
        migrated, made = sa.inspect(alembic_engine), sa.inspect(other)
        assert set(migrated.get_table_names()) - {"alembic_version"} == set(made.get_table_names())
        for table in made.get_table_names():
            assert names(migrated, table) == names(made, table), table
    finally:
        other.dispose()


def test_one_active_industry_a_zone_is_held_by_the_database(alembic_runner: MigrationContext, alembic_engine: sa.Engine) -> None:
    alembic_runner.migrate_up_to("heads")
    partial = [each for each in sa.inspect(alembic_engine).get_indexes("zone_industry") if each["unique"]]
    assert [each["column_names"] for each in partial] == [["zone_id"]]
    catalogue, name = ("sqlite_master", "name") if alembic_engine.dialect.name == "sqlite" else ("pg_indexes", "indexname")
    column = "sql" if catalogue == "sqlite_master" else "indexdef"
    with alembic_engine.begin() as connection:
        query = sa.select(sa.column(column)).select_from(sa.table(catalogue)).where(sa.column(name) == partial[0]["name"])
        assert "WHERE active" in connection.execute(query).scalar_one()


def test_the_way_back_leaves_nothing(alembic_runner: MigrationContext, alembic_engine: sa.Engine) -> None:
    alembic_runner.migrate_up_to("heads")
    alembic_runner.migrate_down_to("base")
    assert set(sa.inspect(alembic_engine).get_table_names()) == {"alembic_version"}


@pytest.mark.parametrize("table", sorted(METADATA.tables))
def test_every_table_has_a_primary_key_and_named_constraints(table: str) -> None:
    assert METADATA.tables[table].primary_key.columns
    unnamed = [
        each for each in METADATA.tables[table].constraints if not each.name and not isinstance(each, sa.PrimaryKeyConstraint)
    ]
    assert unnamed == [], "without a name a constraint cannot be changed by a migration"
