"""`matching.store.migrate` on SQLite: a copy first, then the newest schema; nothing where it is the newest already."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from matching.seed import load_reference
from matching.store.database import Database
from matching.store.migrate import alembic_config, current, head, migrate
from tests import databases


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def kind() -> str:
    return databases.SQLITE


@pytest.fixture
def path(url: str) -> Path:
    return Path(sa.make_url(url).database or "")


def test_an_empty_database_reaches_the_head_without_a_copy(url: str, path: Path) -> None:
    assert current(url) is None
    assert migrate(url) is True
    assert current(url) == head() != ""
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_second_time_changes_nothing(url: str, path: Path) -> None:
    migrate(url)
    before = path.read_bytes()
    assert migrate(url) is False
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_an_older_database_is_copied_first_with_what_is_still_in_its_log(url: str, path: Path) -> None:
    migrate(url)
    with closing(sqlite3.connect(path)) as connection:
        # As after `base`, but of a known older revision: what migrate() would find after an update of the program.
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("INSERT INTO note (key, value) VALUES ('kept', '区业通')")
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
        connection.commit()
        with pytest.raises(Exception, match="0000"):  # alembic knows no such revision: the upgrade fails after the copy
            migrate(url)
    copy = path.with_name(f"{path.name}.before-{head()}")
    assert rows(copy, "SELECT key, value FROM note") == [("kept", "区业通")]
    assert rows(copy, "SELECT version_num FROM alembic_version") == [("0000",)]
    assert rows(path, "SELECT value FROM note") == [("区业通",)]


def test_a_password_with_a_percent_sign_reaches_alembic_whole() -> None:
    url = "postgresql+psycopg://zone:p%40ss%25@db/zonematch"
    assert alembic_config(url).get_main_option("sqlalchemy.url") == url


def test_alembic_finds_nothing_to_change(url: str) -> None:
    migrate(url)
    command.check(alembic_config(url))
    assert current(url) == head()


def test_an_installation_of_the_first_schema_is_brought_up_with_its_rows(url: str, path: Path) -> None:
    command.upgrade(alembic_config(url), "0001")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO zone (code, name, name_en, city, level, position) VALUES ('sip', '园区', 'SIP', '苏州', 'national', 3)"
        )
        connection.execute(
            "INSERT INTO organisation (public_id, name, name_key, name_en, kind, city, shadow, demo, created_at)"
            " VALUES ('o', '甲', '甲', '', 'enterprise', '', 0, 0, '2026-03-02')"
        )
        connection.execute("INSERT INTO note (key, value) VALUES ('reference', '2026-11')")
        connection.commit()
    assert migrate(url) is True
    database = Database(url)
    with database.write() as unit:
        assert load_reference(unit) is False
        unit.commit()
    database.close()
    assert rows(path, "SELECT active FROM organisation") == [(1,)]
    assert rows(
        path, "SELECT zone.name, region.code, pilots FROM zone JOIN region ON region.id = region_id WHERE zone.code = 'sip'"
    ) == [("园区", "320500", '["science_service", "open_innovation"]')]
