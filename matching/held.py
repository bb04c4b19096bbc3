"""What is made of the reference data, held by each process until a row of that data changes.

A page names hundreds of codes, and reading all lists anew cost more than its search. So a version stands in SQL (law 10):
every transaction that writes such a row gives it another one, and whoever reads looks it up, once a session.
"""

import secrets
import threading
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState
from sqlmodel import Session, SQLModel, col, select

from matching.model import CodeValue, Grouping, Industry, Note, Region, SynonymGroup, Zone, ZoneIndustry

NOTE: Final = "reference_version"
TABLES: Final[tuple[type[SQLModel], ...]] = (Region, Zone, Industry, ZoneIndustry, CodeValue, Grouping, SynonymGroup)
"""The reference data."""
_HELD: Final = "held"
_VERSION: Final = "held version"

Made = TypeVar("Made")


class Held:
    """The values of one process and one database. Thread safe: two that miss at once make the same value twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[Callable[[Session], Any], tuple[str, Any]] = {}

    def info(self) -> Mapping[str, Any]:
        """What a session that reads is opened with."""
        return {_HELD: self}

    def value(self, session: Session, make: Callable[[Session], Made]) -> Made:
        version = session.info.get(_VERSION)
        if version is None:
            version = session.info[_VERSION] = session.exec(select(Note.value).where(col(Note.key) == NOTE)).first() or ""
        with self._lock:
            kept = self._values.get(make)
        if kept is None or kept[0] != version:
            kept = (version, make(session))
            with self._lock:
                self._values[make] = kept
        made: Made = kept[1]
        return made


def held(make: Callable[[Session], Made]) -> Callable[[Session], Made]:
    """For functions that make a value of nothing but reference data; nobody changes the value. A session that writes, and one
    that no `Database` opened, makes it anew."""

    @wraps(make)
    def read(session: Session) -> Made:
        kept: Held | None = session.info.get(_HELD)
        return make(session) if kept is None else kept.value(session, make)

    return read


@event.listens_for(Session, "before_flush")
def _rows_written(session: Session, _context: object, _instances: object) -> None:
    if any(isinstance(row, TABLES) for rows in (session.new, session.dirty, session.deleted) for row in rows):
        _renew(session)


@event.listens_for(Session, "do_orm_execute")
def _statement_run(state: ORMExecuteState) -> None:
    """`UPDATE`, `DELETE` and `INSERT` as statements, which no flush sees."""
    if not state.is_select and state.bind_mapper is not None and state.bind_mapper.class_ in TABLES:
        _renew(state.session)


def _renew(session: Any) -> None:
    """Below the ORM: a flush is no place for rows of its own."""
    table = Note.metadata.tables["note"]
    connection, version = session.connection(), secrets.token_urlsafe(12)
    written = connection.execute(sa.update(table).where(table.c.key == NOTE).values(value=version))
    if not written.rowcount:
        connection.execute(sa.insert(table).values(key=NOTE, value=version))
