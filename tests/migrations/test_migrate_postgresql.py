"""`matching.store.migrate` on PostgreSQL: one transaction, one process at a time, and columns that no collation touches."""

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.util import CommandError

from matching.errors import NotReady
from matching.model import Zone
from matching.store.database import Database, open_engine
from matching.store.migrate import alembic_config, current, head, migrate
from tests import databases

pytestmark = pytest.mark.needs("postgresql")


@pytest.fixture
def kind() -> str:
    return databases.POSTGRESQL


def test_an_empty_database_reaches_the_head_once(url: str) -> None:
    assert current(url) is None
    assert migrate(url) is True
    assert current(url) == head() != ""
    assert migrate(url) is False


def test_alembic_finds_nothing_to_change(url: str) -> None:
    migrate(url)
    command.check(alembic_config(url))


def test_of_many_that_start_at_once_one_migrates(url: str) -> None:
    done: list[bool] = []
    threads = [threading.Thread(target=lambda: done.append(migrate(url))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False, False, False, True]
    assert current(url) == head()


def test_a_migration_that_fails_leaves_nothing_behind(url: str) -> None:
    command.upgrade(alembic_config(url), "0001")
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE task (id integer)")  # 0006 wants to make it
    with pytest.raises(sa.exc.ProgrammingError):
        migrate(url)
    assert current(url) == "0001"
    assert "region" not in sa.inspect(engine).get_table_names()
    engine.dispose()


def test_a_schema_of_the_future_is_refused(url: str) -> None:
    migrate(url)
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(CommandError, match="9999"):
        migrate(url)


def test_a_database_that_cannot_hold_every_text_is_refused(tmp_path: Path) -> None:
    url = databases.new(tmp_path, databases.POSTGRESQL, encoding="SQL_ASCII")
    with pytest.raises(NotReady) as refused:
        migrate(url)
    assert (refused.value.code, refused.value.params) == ("database_encoding", {"encoding": "SQL_ASCII"})
    databases.drop(url)


def test_texts_are_sorted_by_code_points_whatever_the_database_would_do(url: str) -> None:
    """The server of the tests sorts as Chinese dictionaries do: 安 before 常, a before B."""
    migrate(url)
    engine = open_engine(url)
    with engine.connect() as connection:
        texts = connection.exec_driver_sql(
            "SELECT table_name, column_name, collation_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name <> 'alembic_version' AND data_type IN ('character varying', 'text')"
        ).all()
        plain = connection.exec_driver_sql("SELECT x FROM (VALUES ('a'), ('B'), ('常'), ('安')) AS t (x) ORDER BY x")
        assert list(plain.scalars()) != ["B", "a", "安", "常"], "a server that sorts as SQLite does proves nothing"
    engine.dispose()
    assert len(texts) > 100
    assert [each for each in texts if each[2] != "C"] == []
    database = Database(url)
    with database.write() as unit:
        unit.session.add_all(Zone(code=name, name=name, name_en=name) for name in ("a", "B", "常", "安"))
        unit.commit()
    with database.read() as session:
        names = session.execute(sa.select(Zone.__table__.c.name).order_by(Zone.__table__.c.name)).scalars().all()  # type: ignore[attr-defined]  # a table
    database.close()
    assert names == sorted(names) == ["B", "a", "安", "常"]
