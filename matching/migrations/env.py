"""Alembic's environment: one metadata, one connection given by the caller or by pytest-alembic.

On SQLite foreign keys stay off here: a batch migration rebuilds tables, and with them on that deletes the children.
"""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlmodel.sql.sqltypes import AutoString

import matching.model
from matching.model.base import UtcDateTime
from matching.store.database import open_engine


def _render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _compare(_context: Any, _inspected: Any, _metadata: Any, inspected_type: Any, metadata_type: Any) -> bool | None:
    """UtcDateTime is DateTime to the database."""
    if isinstance(metadata_type, UtcDateTime) and isinstance(inspected_type, sa.DateTime):
        return False
    return None


def _run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=matching.model.Base.metadata,
        render_as_batch=True,
        render_item=_render,
        compare_type=_compare,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if isinstance(given, sa.Connection):
    _run(given)
else:
    engine = given if isinstance(given, sa.Engine) else open_engine(context.config.get_main_option("sqlalchemy.url") or "")
    with engine.connect() as own:
        _run(own)
        own.commit()
    if engine is not given:
        engine.dispose()
