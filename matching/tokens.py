"""Tokens by which a program acts for the person who made them: with that person's rights of today, narrowed by scopes.

The secret is shown once; the database keeps its SHA-256. D adds limits.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import Session, col, select

from matching.access import Actor, actor_of
from matching.draft_rows import Problems
from matching.errors import InvalidInput, NotFound, SignInNeeded
from matching.model import ApiToken, Person
from matching.store.unit import UnitOfWork, fresh_token
from matching.typed_text import clean_line, has_words, is_broken, shown

SCOPES: Final = ("read", "write", "desk", "import")
"""What can be read at all; posting and keeping listings; the desks of zones; sheets."""
PERIODS: Final = (7, 30, 90, 365)
"""Days after which a token ends."""
NAME_LIMIT: Final = 80
MOST_LIVE: Final = 20
PREFIX: Final = "zm_"
"""Lets people and secret scanners recognise one that was left lying about."""
_NOTED_EVERY: Final = timedelta(minutes=10)
"""A use is written down at most this often: not one write for every request."""


@dataclass(frozen=True, slots=True)
class TokenView:
    public_id: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    is_live: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """Who asks with a token. `is_due` says that the edge should call `note_use` (a write, now and then)."""

    token_id: int
    actor: Actor
    scopes: frozenset[str]
    is_due: bool


def create(unit: UnitOfWork, actor: Actor, *, name: str, scopes: Collection[str], days: int) -> tuple[TokenView, str]:
    """A new token and its secret, which nobody can read again. Raises `InvalidInput` (all fields at once), `SignInNeeded`."""
    if actor.is_visitor or actor.person_id is None:
        raise SignInNeeded()
    problems = Problems()
    if is_broken(name):
        problems.add("name", "control_characters")
    clean = problems.fit("name", clean_line(name), NAME_LIMIT)
    if not problems.has("name") and not has_words(clean):
        problems.add("name", "meaningless" if clean else "required")
    for each in scopes:
        if each not in SCOPES:
            problems.add("scopes", "unknown_code", value=shown(each))
    if not scopes:
        problems.add("scopes", "required")
    if days not in PERIODS:
        problems.add("days", "unknown_code", value=str(days)[:20])
    now = unit.now()
    if sum(each.is_live for each in mine(unit.session, actor, now)) >= MOST_LIVE:
        problems.add("name", "too_many", limit=MOST_LIVE)
    if problems.found:
        raise InvalidInput(*problems.found)
    secret = PREFIX + fresh_token()
    row = ApiToken(
        digest=_digest(secret),
        person_id=actor.person_id,
        name=clean,
        scopes=[each for each in SCOPES if each in scopes],
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    unit.session.add(row)
    unit.session.flush()
    unit.audit(actor.public_id, "token.create", "token", row.public_id, scopes=row.scopes, days=days)
    return _view(row, now), secret


def revoke(unit: UnitOfWork, actor: Actor, public_id: str) -> None:
    """End one of the actor's own tokens at once. Doing it twice changes nothing. Raises `NotFound`, `SignInNeeded`."""
    if actor.is_visitor:
        raise SignInNeeded()
    row = unit.session.exec(select(ApiToken).where(ApiToken.public_id == public_id).with_for_update()).first()
    if row is None or row.person_id != actor.person_id:
        raise NotFound(kind="token")
    if row.revoked_at is None:
        row.revoked_at = unit.now()
        unit.session.add(row)
        unit.audit(actor.public_id, "token.revoke", "token", row.public_id)


def mine(session: Session, actor: Actor, now: datetime) -> tuple[TokenView, ...]:
    """The actor's own tokens, those that work first, then the newest."""
    rows = session.exec(select(ApiToken).where(ApiToken.person_id == actor.person_id).order_by(col(ApiToken.id).desc())).all()
    return tuple(sorted((_view(row, now) for row in rows), key=lambda each: not each.is_live))


def holder(session: Session, secret: str, now: datetime) -> Holder | None:
    """Who holds this secret, with today's roles; None for an unknown, ended or revoked one, an inactive person, or
    one who must choose another password before anything else."""
    row = session.exec(select(ApiToken).where(ApiToken.digest == _digest(secret))).first()
    if row is None or not _is_live(row, now):
        return None
    person = session.get(Person, row.person_id)
    if person is None or not person.active or person.one_time_password:
        return None
    is_due = row.last_used_at is None or now - row.last_used_at >= _NOTED_EVERY
    return Holder(row.id or 0, actor_of(session, person), frozenset(row.scopes), is_due)


def note_use(unit: UnitOfWork, token_id: int) -> None:
    unit.session.execute(sa.update(ApiToken).where(col(ApiToken.id) == token_id).values(last_used_at=unit.now()))


def _is_live(row: ApiToken, now: datetime) -> bool:
    return row.revoked_at is None and row.expires_at > now


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _view(row: ApiToken, now: datetime) -> TokenView:
    return TokenView(
        row.public_id,
        row.name,
        tuple(row.scopes),
        row.created_at,
        row.expires_at,
        row.last_used_at,
        row.revoked_at,
        _is_live(row, now),
    )
