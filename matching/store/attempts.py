"""Counters in a window of time, in SQL, so that all processes count together (law 10): sign-ins and searches."""

import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from matching.model import Attempt
from matching.store.unit import UnitOfWork


def digest(text: str) -> str:
    """What a key is made of in the place of a login or an address: neither is stored readably."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def count(unit: UnitOfWork, key: str, limit: int, window: timedelta) -> int:
    """Count one more attempt in this key's window. Minutes to wait, 0 when it is allowed."""
    session, now = unit.session, unit.now()
    is_over = col(Attempt.window_began_at) <= now - window
    raised = (
        sa.update(Attempt)
        .where(col(Attempt.key) == key)
        .values(
            count=sa.case((is_over, 1), else_=col(Attempt.count) + 1),
            window_began_at=sa.case((is_over, now), else_=col(Attempt.window_began_at)),
        )
        .returning(col(Attempt.count), col(Attempt.window_began_at))
        .execution_options(synchronize_session=False)
    )
    found = session.execute(raised).first()
    if found is None:
        try:
            with session.begin_nested():
                session.add(Attempt(key=key, window_began_at=now, count=1))
            return 0
        except IntegrityError:  # another process opened the window meanwhile
            found = session.execute(raised).one()
    counted, began = found
    return 0 if counted <= limit else _minutes(began, window, now)


def minutes_left(session: Session, key: str, limit: int, window: timedelta, now: datetime) -> int:
    """Without counting: how long to wait for the next attempt, 0 when it is allowed."""
    row = session.get(Attempt, key)
    if row is None or row.count < limit or row.window_began_at <= now - window:
        return 0
    return _minutes(row.window_began_at, window, now)


def _minutes(began: datetime, window: timedelta, now: datetime) -> int:
    return max(1, -int(-((began + window - now).total_seconds()) // 60))
