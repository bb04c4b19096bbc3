"""What the worker does with each kind of job: one table. Each handler does its work, verifies it, and settles its jobs.

A handler may die anywhere: its jobs come back when their lease runs out, and everything it does may be done again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select

from matching import (
    common_needs,
    completions,
    encoder_learning,
    import_work,
    index_work,
    learning,
    prints,
    tasks,
    twins,
    typed_forms,
)
from matching.discovery.keeping import sweep_kept
from matching.documents import AUDIENCES
from matching.embedding import KIND as EMBED
from matching.embedding import hand_over
from matching.events import ListingsChanged
from matching.imports.slices import forget_old
from matching.listing_rows import suggest_first
from matching.listings import expire_due
from matching.matcher import Superseded
from matching.model import Job, Note
from matching.people import sweep
from matching.reactions import raise_document_revisions
from matching.runtime import Runtime, finish, settle_all
from matching.standings import places
from matching.store.answers import sweep_answers
from matching.store.outbox import Claimed, claim, kept, next_due, release, settle
from matching.store.unit import LANES, UnitOfWork
from matching.tagging import Suggestion
from matching.tasks import Tracker
from matching.vectors import VectorsAwaited
from search.ports import DocumentId, Lane

log = structlog.get_logger("work")

LANE_NAMES: tuple[Lane, Lane] = ("interactive", "bulk")
BULK_MATCH_DELAY = 2.0
"""Seconds a zone's re-match waits for more of the same bulk work: one batch for many listings."""
ON_ENGINE = frozenset({"index", "forget", "gate", "reindex", "reindex_back", "index_drop", "index_care"})
"""Kinds that wait while the engine is known to be away."""
OF_LISTINGS = frozenset({"index", "suggest"})
"""Kinds that become `embed` jobs where others embed, and `index` jobs after it."""
SETTLE_DELAY = 15.0
"""Seconds between a listing's own matching and the zone's batch: edits of one sitting share it."""
OUTSIDE_DELAY = 120.0
"""The same where the listing is a result from outside the zone's field: each such concerns nearly every zone."""


Handler = Callable[[Runtime, Sequence[Claimed]], None]


def _lane(jobs: Sequence[Claimed]) -> Lane:
    return LANE_NAMES[min(job.lane for job in jobs)]


def _index(runtime: Runtime, jobs: Sequence[Claimed]) -> None:
    """Documents first, so that they can be found; then ask for the matches they change."""
    lane = _lane(jobs)
    ids = [job.key for job in jobs]
    found = _suggestions(runtime, ids, lane)
    if found:
        with runtime.database.write() as unit:
            # The jobs in hand bring these documents: no job of its own for what was suggested.
            raise_document_revisions(unit, suggest_first(unit, found))
            unit.commit()
    runtime.projection.bring(ids, lane=lane)
    completions.bring(runtime.database, ids)
    twins.bring(runtime.database, runtime.projection.vectors, ids)
    if lane == "interactive":
        with runtime.database.write() as unit:
            settle(unit.session, jobs)
            unit.enqueue_all("match", ids, lane="interactive")
            unit.commit()
        return
    runtime.matcher.warm(ids)
    with runtime.database.read() as session:
        touched = runtime.matcher.touched(session, ids)
    with runtime.database.write() as unit:
        settle(unit.session, jobs)
        tasks.mark_more(unit, "index", len(jobs))
        _ask_for_batches(runtime, unit, (*touched.near, *touched.far), BULK_MATCH_DELAY)
        if not _is_more_coming(unit.session):
            _match_soon(unit)
        unit.commit()


def _is_more_coming(session: Session) -> bool:
    """Whether bulk listings are still on their way to the index."""
    on_their_way = col(Job.kind).in_(("index", EMBED))
    coming = select(Job.id).where(on_their_way, Job.lane == LANES["bulk"], col(Job.leased_until).is_(None)).limit(1)
    return session.exec(coming).first() is not None


def _ask_for_batches(runtime: Runtime, unit: UnitOfWork, zones: Sequence[str], delay: float) -> None:
    """Match these zones after `delay` seconds; now and then only, while an import is on its way to the index: each batch
    would be out of date by the next listing."""
    delay = max(delay, runtime.matcher.pause()) if zones and _is_more_coming(unit.session) else delay
    for zone in zones:
        unit.enqueue("match_zone", zone, lane="bulk", delay=delay)


def _match_soon(unit: UnitOfWork) -> None:
    """The last of an import are there: zones whose batches were put off need not wait any more."""
    soon = unit.now() + timedelta(seconds=BULK_MATCH_DELAY)
    unit.session.execute(
        sa.update(Job)
        .where(col(Job.kind) == "match_zone", col(Job.leased_until).is_(None), col(Job.available_at) > soon)
        .values(available_at=soon)
        .execution_options(synchronize_session=False)
    )


def _suggestions(runtime: Runtime, public_ids: Sequence[str], lane: Lane) -> Mapping[int, Sequence[Suggestion]]:
    """For those of the listings that carry no industry at all, by id."""
    contents = runtime.projection.untagged(public_ids)
    return runtime.projection.suggestions(contents, lane=lane) if contents else {}


def _embed(runtime: Runtime, jobs: Sequence[Claimed]) -> None:
    """Left by a process that had others embed."""
    if runtime.embed is not None:
        runtime.embed(jobs)


def _suggest(runtime: Runtime, jobs: Sequence[Claimed]) -> None:
    lane = _lane(jobs)
    found = _suggestions(runtime, [job.key for job in jobs], lane)
    with runtime.database.write() as unit:
        unit.emit(ListingsChanged(tuple(suggest_first(unit, found)), lane))
        settle(unit.session, jobs)
        unit.commit()


def _match(runtime: Runtime, jobs: Sequence[Claimed]) -> None:
    """Bring listings' own pairs up to date where they stand in the field; the many zones for which they are results from
    outside it are bulk work."""
    for job in jobs:
        with runtime.database.read() as session:
            touched = runtime.matcher.touched(session, [job.key])
        for place in touched.near:
            runtime.matcher.match_listing(job.key, place)
        with runtime.database.write() as unit:
            settle(unit.session, [job])
            _ask_for_batches(runtime, unit, touched.near, SETTLE_DELAY)
            if touched.far:
                unit.enqueue("match_outside", job.key, lane="bulk")
            unit.commit()


def _match_outside(runtime: Runtime, jobs: Sequence[Claimed]) -> None:
    for job in jobs:
        with runtime.database.read() as session:
            far = runtime.matcher.touched(session, [job.key]).far
        for place in far:
            runtime.matcher.match_listing(job.key, place)
        with runtime.database.write() as unit:
            settle(unit.session, [job])
            _ask_for_batches(runtime, unit, far, OUTSIDE_DELAY)
            unit.commit()


def _match_zone(runtime: Runtime, jobs: Sequence[Claimed]) -> None:
    for job in jobs:
        with Tracker(runtime.database, job, zone=job.key) as tracker:
            pairs = runtime.matcher.match_zone(job.key, tracker)
            common_needs.bring(runtime.database, runtime.projection.vectors, job.key)
            finish(runtime, tracker, pairs=pairs)


def _learn(runtime: Runtime, jobs: Sequence[Claimed]) -> None:
    for job in jobs:
        with Tracker(runtime.database, job) as tracker:
            finish(runtime, tracker, **learning.learn(runtime.database, runtime.matcher.sides, tracker))


def _teach(runtime: Runtime, jobs: Sequence[Claimed]) -> None:
    for job in jobs:
        with Tracker(runtime.database, job) as tracker:
            if runtime.teaching is None:
                with runtime.database.write() as unit:
                    tracker.fail(unit, "nothing_to_teach")
                    unit.commit()
                continue
            try:
                found = encoder_learning.learn(runtime.database, runtime.matcher.sides, runtime.teaching, tracker)
            except tasks.Cancelled:
                runtime.teaching.workshop.forget()
                raise
            finish(runtime, tracker, **found)


def _expire(runtime: Runtime, jobs: Sequence[Claimed]) -> None:
    """Close what is over, a batch a transaction; forget ended sessions and what imports no longer need; on a new day match all
    zones anew, for the parts that speak of time move with the date; come again in an hour."""
    closed = 1
    while closed:
        with runtime.database.write() as unit:
            closed = expire_due(unit)
            unit.commit()
    forget_old(runtime.database, runtime.uploads)
    with runtime.database.write() as unit:
        sweep(unit)
        tasks.forget_old(unit)
        sweep_answers(unit)
        typed_forms.forget_old(unit)
        sweep_kept(unit)
        today, matched = unit.today().isoformat(), unit.session.get(Note, "matched.day")
        if matched is None or matched.value != today:
            unit.session.merge(Note(key="matched.day", value=today))
            unit.enqueue_all("match_zone", places(unit.session), lane="bulk")
            learning.ask_if_enough(unit)
        settle(unit.session, jobs)
        unit.enqueue("index_care", "hourly", lane="bulk")
        unit.enqueue("expire", "hourly", lane="bulk", delay=3600)
        unit.commit()


def _forget(runtime: Runtime, jobs: Sequence[Claimed]) -> None:
    """Listings whose rows are gone for good (the demonstration, taken out)."""
    ids = [DocumentId(job.key, audience) for job in jobs for audience in AUDIENCES]
    runtime.engine.purge(ids)
    completions.bring(runtime.database, [job.key for job in jobs])
    settle_all(runtime, jobs)


def _import_read(runtime: Runtime, jobs: Sequence[Claimed]) -> None:
    import_work.read(runtime.database, runtime.uploads, jobs)


def _import_commit(runtime: Runtime, jobs: Sequence[Claimed]) -> None:
    import_work.commit(runtime.database, jobs)


def _import_undo(runtime: Runtime, jobs: Sequence[Claimed]) -> None:
    import_work.undo(runtime.database, jobs)


@dataclass(frozen=True, slots=True)
class Kind:
    """A job kind: its handler, and how many jobs one claim takes in each lane."""

    handler: Handler
    interactive: int = 1
    bulk: int = 1


KINDS: dict[str, Kind] = {
    "index": Kind(_index, interactive=8, bulk=128),
    EMBED: Kind(_embed, interactive=8, bulk=64),
    "suggest": Kind(_suggest, interactive=8, bulk=128),
    "match": Kind(_match, interactive=8, bulk=8),
    "match_outside": Kind(_match_outside, bulk=8),
    "match_zone": Kind(_match_zone),
    learning.KIND: Kind(_learn),
    encoder_learning.KIND: Kind(_teach),
    "expire": Kind(_expire),
    "forget": Kind(_forget, interactive=64, bulk=64),
    "complete": Kind(lambda runtime, jobs: completions.work(runtime.database, jobs)),
    "prints": Kind(lambda runtime, jobs: prints.work(runtime.database, jobs)),
    "gate": Kind(index_work.gate),
    "reindex": Kind(index_work.reindex),
    "reindex_back": Kind(index_work.reindex_back),
    "index_drop": Kind(index_work.index_drop),
    "index_care": Kind(index_work.index_care),
    "import_read": Kind(_import_read),
    "import_commit": Kind(_import_commit),
    "import_undo": Kind(_import_undo),
}


def run_once(runtime: Runtime, lanes: Sequence[Lane], kinds: Mapping[str, Kind] = KINDS) -> bool:
    """Claim and do one batch. False when nothing was due. A failure gives the jobs back with its reason."""
    passed_over = (ON_ENGINE if runtime.is_away() else frozenset()) | ({EMBED} if runtime.embed is None else set())
    due = next_due(runtime.database, lanes, but=sorted(passed_over))
    if due is None:
        return False
    name, lane = due
    kind = kinds[name]
    jobs = claim(runtime.database, kinds=[name], lanes=[lane], limit=kind.interactive if lane == "interactive" else kind.bulk)
    if jobs:
        _do(runtime, kind, jobs)
    return True


def _do(runtime: Runtime, kind: Kind, jobs: Sequence[Claimed]) -> None:
    try:
        runtime.adopt()
        with kept(runtime.database, jobs):
            kind.handler(runtime, jobs)
    except VectorsAwaited:
        if jobs[0].kind in OF_LISTINGS:
            hand_over(runtime.database, jobs)
        else:
            release(runtime.database, jobs, "VectorsAwaited", outage=True)
    except (*tasks.OUTAGES, Superseded) as problem:
        release(
            runtime.database, jobs, f"{type(problem).__name__}: {problem}", outage=not isinstance(problem, Superseded)
        )  # fmt: skip
        log.warning("work.postponed", kind=jobs[0].kind, jobs=len(jobs), reason=str(problem))
    except Exception as problem:
        # Whatever it is, the queue must go on; the job keeps its reason for a person to read.
        release(runtime.database, jobs, f"{type(problem).__name__}: {problem}")
        log.exception("work.failed", kind=jobs[0].kind, jobs=len(jobs))
