"""Rankings kept for a while, so that next and previous lead through one list while the index changes; and the count of
searches by person and address. Both in SQL, shared by all processes (law 10)."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from matching.access import Actor, audience_of
from matching.discovery.asking import Asked
from matching.errors import TooManyAttempts
from matching.model import KeptSearch
from matching.store import attempts
from matching.store.database import Database
from matching.store.unit import UnitOfWork, fresh_token
from search.fusion import Fused

KEPT_FOR: Final = timedelta(minutes=30)
MOST_KEPT_PERSON, MOST_KEPT_ADDRESS = 20, 300
"""Rankings kept at once; behind an address sits a whole university. The oldest go first."""
WINDOW: Final = timedelta(minutes=10)
PERSON_LIMIT, ADDRESS_LIMIT = 300, 1500
"""Searches in the window."""
TOKEN_LIMIT: Final = 40
PATIENCE: Final = 0.25
"""Seconds that a search waits for another writer. A list that could not be kept is ranked anew, a search that could not be
counted is free: nobody waits for an import to find something."""


@dataclass(frozen=True, slots=True)
class Kept:
    """`ranked` in the order of the list; `matched` and `near` as `SearchPage` has them."""

    token: str
    ranked: tuple[Fused, ...]
    pinned: frozenset[str]
    matched: int
    near: int | None
    notice: str | None


def require_within_limits(database: Database, actor: Actor, address: str) -> None:
    """Raises `TooManyAttempts`. Whoever sends no address (the machine's own command line) is not counted."""
    if not address:
        return
    now = database.clock.now()
    with database.read() as session:
        for key, limit in _keys(actor, address):
            minutes = attempts.minutes_left(session, key, limit, WINDOW, now)
            if minutes:
                raise TooManyAttempts("too_many_searches", minutes=minutes)


def note(database: Database, actor: Actor, address: str, asked: Asked, kept: Kept | None) -> bool:
    """Count a search, and keep its ranking where one is given. False when the database was busy: then neither was done."""
    if not address and kept is None:
        return True
    try:
        with database.write(patience=PATIENCE) as unit:
            if address:
                for key, limit in _keys(actor, address):
                    attempts.count(unit, key, limit, WINDOW)
            if kept is not None:
                _keep(unit, actor, address, asked, kept)
            unit.commit()
    except OperationalError:
        return False
    return True


def recall(session: Session, actor: Actor, asked: Asked, token: str, database: Database) -> Kept | None:
    """The ranking behind a token: of the same question in the reader's own audience, while it is kept."""
    if not 0 < len(token) <= TOKEN_LIMIT:
        return None
    row = session.get(KeptSearch, token)
    if row is None or row.expires_at <= database.clock.now():
        return None
    if row.audience != audience_of(actor) or row.digest != digest_of(asked):
        return None
    ranked = tuple(Fused(str(each[0]), 0.0, *each[1:4]) for each in row.ranked)
    pinned = frozenset(str(each[0]) for each in row.ranked if each[4])
    return Kept(token, ranked, pinned, row.matched, row.near, row.notice or None)


def kept_of(ranked: Sequence[Fused], pinned: Sequence[str], matched: int, near: int | None, notice: str | None) -> Kept:
    return Kept(fresh_token(), tuple(ranked), frozenset(pinned), matched, near, notice)


def sweep_kept(unit: UnitOfWork) -> int:
    """Forget lists whose time is over. Returns how many."""
    return unit.session.exec(sa.delete(KeptSearch).where(col(KeptSearch.expires_at) <= unit.now())).rowcount


def digest_of(asked: Asked) -> str:
    """Equal for questions that are answered alike."""
    told = [asked.text, sorted(asked.chosen.items()), asked.sort, asked.literal]
    return hashlib.sha256(json.dumps(told, ensure_ascii=True).encode()).hexdigest()


def _keep(unit: UnitOfWork, actor: Actor, address: str, asked: Asked, kept: Kept) -> None:
    owner, most = _owner(actor, address), MOST_KEPT_PERSON if actor.person_id is not None else MOST_KEPT_ADDRESS
    session = unit.session
    oldest = select(KeptSearch.token).where(KeptSearch.owner == owner).order_by(col(KeptSearch.created_at).desc())
    over = session.exec(oldest.offset(most - 1)).all()
    if over:
        session.execute(sa.delete(KeptSearch).where(col(KeptSearch.token).in_(over)))
    session.add(
        KeptSearch(
            token=kept.token,
            owner=owner,
            audience=audience_of(actor),
            digest=digest_of(asked),
            ranked=[
                [each.listing, each.lexical_rank, each.semantic_rank, each.passage, each.listing in kept.pinned]
                for each in kept.ranked
            ],
            matched=kept.matched,
            near=kept.near,
            notice=kept.notice or "",
            created_at=unit.now(),
            expires_at=unit.now() + KEPT_FOR,
        )
    )


def _owner(actor: Actor, address: str) -> str:
    return f"person:{actor.person_id}" if actor.person_id is not None else f"address:{attempts.digest(address)}"


def _keys(actor: Actor, address: str) -> list[tuple[str, int]]:
    keys = [(f"search:address:{attempts.digest(address)}", ADDRESS_LIMIT)]
    return keys if actor.person_id is None else [(f"search:person:{actor.person_id}", PERSON_LIMIT), *keys]
