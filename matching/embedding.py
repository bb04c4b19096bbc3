"""Embedding on other hosts: a job of its own between a listing's posting and its index, done by processes that see only SQL.

Where a process is told that others embed (`VectorStore(…, elsewhere=True)`), its handlers do not wait for vectors that are
missing: the listing's job becomes an `embed` job, and that one an `index` job again once SQL holds every vector it needs.
"""

from collections.abc import Sequence

import structlog
from sqlmodel import Session, col, select

from matching.content import load
from matching.documents import passages_of
from matching.model import Listing
from matching.projection import wanted
from matching.reference import industries
from matching.store.database import Database
from matching.store.outbox import Claimed, claim, kept, release, settle
from matching.store.unit import LANES
from matching.tagging import industry_text
from matching.vectors import Key, VectorStore
from search.ports import Lane

log = structlog.get_logger("embedding")

KIND = "embed"
AT_ONCE = {"interactive": 8, "bulk": 64, "slow": 64}
"""Listings of one claim, by lane."""


def hand_over(database: Database, jobs: Sequence[Claimed]) -> None:
    """These listings' jobs wait for their vectors."""
    with database.write() as unit:
        settle(unit.session, jobs)
        unit.enqueue_all(KIND, [job.key for job in jobs], lane=_lane(jobs))
        unit.commit()


def embed_once(database: Database, vectors: VectorStore, lanes: Sequence[Lane]) -> bool:
    """Claim some listings, make what they lack, ask for their index. False when nothing was due. A failure gives the jobs back
    with its reason."""
    jobs: list[Claimed] = []
    for lane in lanes:
        jobs = jobs or claim(database, kinds=[KIND], lanes=[lane], limit=AT_ONCE[lane])
    if not jobs:
        return False
    try:
        with kept(database, jobs):
            embed(database, vectors, jobs)
    except Exception as problem:
        # Whatever it is, the others go on; the job keeps its reason for a person to read.
        release(database, jobs, f"{type(problem).__name__}: {problem}")
        log.exception("embedding.failed", jobs=len(jobs))
    return True


def embed(database: Database, vectors: VectorStore, jobs: Sequence[Claimed]) -> None:
    ids = [job.key for job in jobs]
    lane = _lane(jobs)
    with database.read() as session:
        keys = keys_of(session, ids, vectors.fingerprint)
    vectors.get(keys, lane=lane)
    with database.write() as unit:
        if settle(unit.session, jobs):
            unit.enqueue_all("index", ids, lane=lane)
        unit.commit()


def keys_of(session: Session, public_ids: Sequence[str], fingerprint: str) -> list[Key]:
    """All that a listing's documents, its suggestions and its pairs are made of; industries too, which suggestions compare."""
    ids = [each for each in session.exec(select(Listing.id).where(col(Listing.public_id).in_(public_ids))) if each is not None]
    found = [key for each in wanted(session, ids, fingerprint).documents for key in each.keys]
    found += [key for content in load(session, ids, which="latest").values() for key in passages_of(content)[1]]
    return found + [("need", industry_text(node)) for node in industries(session).values()]


def _lane(jobs: Sequence[Claimed]) -> Lane:
    return "interactive" if min(job.lane for job in jobs) == LANES["interactive"] else "bulk"
