"""What all tables share: naming convention, instants in UTC, enumerations by value, opaque public ids."""

import secrets
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"  # no 0/o, 1/l/i, u: read aloud and typed without mistakes


class Base(SQLModel):
    """Root of all tables. Tables validate nothing (SQLModel does not); commands validate, CHECK constraints hold."""

    metadata = sa.MetaData(naming_convention=NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Refuses naive values, returns aware UTC on SQLite and PostgreSQL alike."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@compiles(sa.String, "postgresql")
@compiles(sa.Enum, "postgresql")
def _by_code_points(type_: sa.String, compiler: Any, **context: Any) -> str:
    """Columns of text are compared and sorted by code points, as SQLite does, whatever the database's own collation is."""
    visit = compiler.visit_enum if isinstance(type_, sa.Enum) else compiler.visit_string
    made = str(visit(type_, **context))
    return made + ' COLLATE "C"' if isinstance(context.get("type_expression"), sa.Column) else made


def enum_type(kind: type[StrEnum], name: str) -> sa.Enum:
    """Stored as its value with a CHECK, never as a native PostgreSQL type (whose downgrade leaves it behind)."""
    return sa.Enum(
        kind,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        length=20,
        name=name,
    )


def new_public_id() -> str:
    """Twelve characters of 30: opaque, unguessable enough to enumerate nothing, short enough to read aloud."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))


JsonObject = dict[str, Any]
"""JSON columns are replaced as a whole, never changed in place: such a change is lost at commit, silently."""
