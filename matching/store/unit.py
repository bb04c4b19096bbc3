"""The unit of work: row, audit entry, outbox entry and the reactions of other jobs commit together or not at all."""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select

from matching.model import AuditEntry, Job
from matching.store.clock import Clock

_CHUNK = 500
LANES = {"interactive": 0, "bulk": 1, "slow": 2}


def audit_digest(at: datetime, actor: str, action: str, subject_kind: str, subject_id: str, details: Mapping[str, object]) -> str:
    """SHA-256 over the canonical JSON of an audit entry."""
    text = json.dumps(
        [at.isoformat(), actor, action, subject_kind, subject_id, details], ensure_ascii=False, sort_keys=True, default=str
    )
    return hashlib.sha256(text.encode()).hexdigest()


class UnitOfWork:
    """One transaction. Use-cases take it with the actor and a command; only the edge commits."""

    def __init__(
        self,
        session: Session,
        clock: Clock,
        reactions: Mapping[type, Sequence[Callable[["UnitOfWork", Any], None]]],
    ) -> None:
        self.session = session
        self._clock = clock
        self._reactions = reactions

    def now(self) -> datetime:
        return self._clock.now()

    def today(self) -> date:
        return self._clock.today()

    def audit(self, actor: str, action: str, subject_kind: str, subject_id: str, **details: object) -> None:
        """Record who did what. `actor` is a person's public id, or `system`; `details` never hold contact data."""
        at = self.now()
        self.session.add(
            AuditEntry(
                at=at,
                actor=actor,
                action=action,
                subject_kind=subject_kind,
                subject_id=subject_id,
                details=details,
                digest=audit_digest(at, actor, action, subject_kind, subject_id, details),
            )
        )

    def enqueue(
        self, kind: str, key: str, *, lane: str = "interactive", delay: float = 0, payload: Mapping[str, object] | None = None
    ) -> None:
        """Ask for work. A job of the same kind and key that still waits is reused: moved to the faster lane and the
        earlier time of the two, its payload replaced."""
        now = self.now()
        available = now + timedelta(seconds=delay)
        token = f"{kind}:{key}"
        session = self.session
        session.flush()
        waiting = session.exec(select(Job).where(Job.token == token)).first()
        if waiting is None:
            job = Job(
                kind=kind, key=key, token=token, lane=LANES[lane], payload=dict(payload or {}), created_at=now,
                available_at=available,
            )  # fmt: skip
            try:
                with session.begin_nested():
                    session.add(job)
                return
            except IntegrityError:  # asked for at the same moment, on a database that lets two write
                waiting = session.exec(select(Job).where(Job.token == token)).one()
        waiting.lane = min(waiting.lane, LANES[lane])
        waiting.available_at = min(waiting.available_at, available)
        waiting.payload = dict(payload or {})

    def audit_all(self, actor: str, action: str, subject_kind: str, details: Mapping[str, Mapping[str, object]]) -> None:
        """`audit` of many subjects at once: subject id → details."""
        at = self.now()
        if details:
            insert_all(
                self.session,
                AuditEntry,
                [
                    {
                        "at": at,
                        "actor": actor,
                        "action": action,
                        "subject_kind": subject_kind,
                        "subject_id": subject_id,
                        "details": dict(each),
                        "digest": audit_digest(at, actor, action, subject_kind, subject_id, each),
                    }
                    for subject_id, each in details.items()
                ],
            )

    def enqueue_all(self, kind: str, keys: Sequence[str], *, lane: str, delay: float = 0) -> None:
        """`enqueue` of many keys at once, without payload."""
        now = self.now()
        available = now + timedelta(seconds=delay)
        tokens = {f"{kind}:{key}": key for key in keys}
        order = list(tokens)
        self.session.flush()
        for start in range(0, len(order), _CHUNK):
            chunk = order[start : start + _CHUNK]
            waiting = self.session.exec(select(Job).where(col(Job.token).in_(chunk))).all()
            for job in waiting:
                job.lane = min(job.lane, LANES[lane])
                job.available_at = min(job.available_at, available)
                job.payload = {}
            held = {job.token for job in waiting}
            values = [
                {
                    "kind": kind,
                    "key": tokens[token],
                    "token": token,
                    "lane": LANES[lane],
                    "payload": {},
                    "created_at": now,
                    "available_at": available,
                }
                for token in chunk
                if token not in held
            ]
            insert_all(self.session, Job, values)

    def emit(self, happened: object) -> None:
        """Tell the other jobs, now, in this transaction (`matching.reactions` lists who listens)."""
        for reaction in self._reactions.get(type(happened), ()):
            reaction(self, happened)

    def commit(self) -> None:
        self.session.commit()


def insert_all(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, object]]) -> None:
    """Rows as plain values, each with the same columns, in one statement: below the ORM, which would send a statement for
    every set of columns that are not NULL. Column defaults apply; nothing is loaded into the session."""
    if rows:
        session.flush()
        session.connection().execute(sa.insert(table.metadata.tables[str(table.__tablename__)]), rows)


def fresh_token() -> str:
    """An unguessable URL-safe token of 32 characters."""
    return secrets.token_urlsafe(24)
