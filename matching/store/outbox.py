"""Claiming, settling and releasing outbox jobs (law 2): one conditional UPDATE with a lease, the same on both databases.

A claimed job keeps its row, so that a killed worker's jobs come back when the lease runs out. Its `token` becomes its
lease's, so that the same work asked for meanwhile is a job of its own and nothing is lost.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from matching.model import Job
from matching.store.database import Database
from matching.store.unit import LANES, UnitOfWork, fresh_token

LEASE_SECONDS = 120
MAX_BACKOFF_SECONDS = 300
OUTAGE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Claimed:
    id: int
    kind: str
    key: str
    lane: int
    payload: dict[str, object]
    lease: str
    attempts: int


def next_due(
    database: Database, lanes: Sequence[str] = ("interactive", "bulk"), *, but: Sequence[str] = ()
) -> tuple[str, str] | None:
    """Kind and lane of the job whose turn it is, without taking it: what an idle worker polls, by a read that locks nothing.
    Kinds in `but` are passed over."""
    now = database.clock.now()
    with database.read() as session:
        row = session.exec(
            select(Job.kind, Job.lane)
            .where(
                col(Job.available_at) <= now,
                sa.or_(col(Job.leased_until).is_(None), col(Job.leased_until) < now),
                col(Job.lane).in_([LANES[lane] for lane in lanes]),
                col(Job.kind).not_in(but),
            )
            .order_by(col(Job.lane), col(Job.available_at), col(Job.id))
            .limit(1)
        ).first()
    return None if row is None else (row[0], next(name for name, number in LANES.items() if number == row[1]))


def claim(
    database: Database, *, kinds: Sequence[str] | None = None, lanes: Sequence[str] = ("interactive", "bulk"), limit: int = 1
) -> list[Claimed]:
    """Up to `limit` due jobs of one kind, fastest lane and oldest first. An empty answer need not mean an empty queue."""
    now = database.clock.now()
    lease = fresh_token()
    with database.write() as unit:
        session = unit.session
        due = sa.and_(
            col(Job.available_at) <= now,
            sa.or_(col(Job.leased_until).is_(None), col(Job.leased_until) < now),
            col(Job.lane).in_([LANES[lane] for lane in lanes]),
        )
        if kinds is not None:
            due = sa.and_(due, col(Job.kind).in_(kinds))
        first = session.exec(
            select(Job.kind, Job.lane).where(due).order_by(col(Job.lane), col(Job.available_at), col(Job.id)).limit(1)
        ).first()
        if first is None:
            return []
        chosen = (
            select(Job.id)
            .where(due, Job.kind == first[0], Job.lane == first[1])
            .order_by(col(Job.available_at), col(Job.id))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        session.execute(
            sa.update(Job)
            .where(col(Job.id).in_(chosen))
            .values(
                lease=lease,
                leased_until=now + timedelta(seconds=LEASE_SECONDS),
                attempts=col(Job.attempts) + 1,
                token=sa.literal(lease + ":").concat(sa.cast(col(Job.id), sa.String)),
            )
            .execution_options(synchronize_session=False)
        )
        jobs = session.exec(select(Job).where(Job.lease == lease).order_by(col(Job.id))).all()
        claimed = [Claimed(job.id or 0, job.kind, job.key, job.lane, job.payload, lease, job.attempts) for job in jobs]
        unit.commit()
    return claimed


def settle(session: Session, jobs: Sequence[Claimed]) -> int:
    """Delete jobs whose effect was verified; only while the lease is still ours. Returns how many were."""
    done = 0
    for lease in {job.lease for job in jobs}:
        ids = [job.id for job in jobs if job.lease == lease]
        done += session.exec(sa.delete(Job).where(col(Job.id).in_(ids), col(Job.lease) == lease)).rowcount
    return done


def extend(unit: UnitOfWork, jobs: Sequence[Claimed]) -> None:
    """Renew the lease of long work."""
    until = unit.now() + timedelta(seconds=LEASE_SECONDS)
    for lease in {job.lease for job in jobs}:
        unit.session.execute(sa.update(Job).where(col(Job.lease) == lease).values(leased_until=until))


@contextmanager
def kept(database: Database, jobs: Sequence[Claimed]) -> Iterator[None]:
    """The lease is prolonged while the block runs, however long that takes: nobody else does the same work meanwhile."""
    is_over = threading.Event()

    def prolong() -> None:
        while not is_over.wait(LEASE_SECONDS / 3):
            with suppress(SQLAlchemyError), database.write() as unit:  # a database that is away: the next time will do
                extend(unit, jobs)
                unit.commit()

    keeper = threading.Thread(target=prolong, name="lease", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        is_over.set()
        keeper.join()


def release(database: Database, jobs: Sequence[Claimed], error: str, *, outage: bool = False) -> None:
    """Give jobs back after a failure, to be tried again after a growing pause; `error` is kept for a person to read.

    After an `outage` of something they need the try does not count, and the pause is short: it says nothing about them.
    """
    now = database.clock.now()
    with database.write() as unit:
        for job in jobs:
            pause = OUTAGE_SECONDS if outage else min(2**job.attempts, MAX_BACKOFF_SECONDS)
            unit.session.execute(
                sa.update(Job)
                .where(col(Job.id) == job.id, col(Job.lease) == job.lease)
                .values(
                    lease=None,
                    leased_until=None,
                    available_at=now + timedelta(seconds=pause),
                    last_error=error[:500],
                    attempts=job.attempts - 1 if outage else job.attempts,
                )
            )
        unit.commit()


def recover(database: Database) -> int:
    """Free all leases at once: for the start of a process that knows itself to be the only one (it holds the lock)."""
    with database.write() as unit:
        freed = unit.session.exec(
            sa.update(Job).where(col(Job.lease).is_not(None)).values(lease=None, leased_until=None)
        ).rowcount
        unit.commit()
    return freed
