"""Long work: what goes on and how far it is; beginning, ending and repeating it. Imports have addresses of their own besides."""

from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from sqlmodel import Session
from starlette.responses import Response

from api.v1 import PREFIX, cursors
from api.v1.call import Call, Desking, IdempotencyKey, made, session_of
from api.v1.commands import Command, Name
from api.v1.cursors import Cursor, Limit
from api.v1.shapes import Page, Shape
from matching import long_work
from matching.long_work import WorkView
from matching.store.answers import Answered
from matching.store.unit import UnitOfWork
from web import work_view

router = APIRouter(tags=["Long work"])
_DEEP: Final = 10_000


class WorkIn(Command):
    """`zone` is the code of the zone to match anew."""

    kind: Literal["match_zone", "reindex", "gate", "reindex_back", "learn"]
    zone: Name = ""


class Span(Shape):
    """Seconds that it still takes in this step: at least, and at most."""

    low: float
    high: float


class Work(Shape):
    """One long work. `done` of `total` count `unit` in this `stage`, 0 of 0 where that is not known; `told` says the remaining
    time in words; `figures` are what came of it. An import's `id` is that of the import."""

    id: str
    kind: str
    name: str
    state: str
    title: str
    zone: str | None
    by: str
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    stage: str
    unit: str
    done: int
    total: int
    remaining: Span | None
    told: str
    figures: dict[str, int]
    problem: str
    problem_text: str
    may_cancel: bool
    may_retry: bool


def _shape(call: Call, view: WorkView) -> Work:
    with call.speaking():
        return Work(
            id=view.public_id,
            kind=view.kind,
            name=work_view.name(view),
            state=view.state,
            title=view.title,
            zone=view.zone,
            by=view.by,
            asked_at=view.asked_at,
            started_at=view.started_at,
            finished_at=view.finished_at,
            stage=view.stage,
            unit=view.unit,
            done=view.done,
            total=view.total,
            remaining=Span(low=view.remaining.low, high=view.remaining.high) if view.remaining else None,
            told=work_view.remaining_text(view),
            figures=dict(view.figures),
            problem=view.problem,
            problem_text=work_view.problem_text(view),
            may_cancel=view.may_cancel,
            may_retry=view.may_retry,
        )


@router.get("/work", response_model=Page[Work])
def list_work(
    call: Desking,
    kind: Annotated[Literal["import", "match_zone", "reindex", "gate", "reindex_back", "learn"] | None, Query()] = None,
    limit: Limit = cursors.USUAL,
    cursor: Cursor = None,
) -> Response:
    of = cursors.list_of("work", kind=kind)
    position = cursors.read(cursor, of, str, int)
    now = call.services.database.clock.now()
    with session_of(call) as session:
        found = long_work.history(session, call.actor, now, kind=kind or "", limit=long_work.MOST)
    ids = [each.public_id for each in found.items]
    start = ids.index(position[0]) + 1 if position and position[0] in ids else min(max(position[1], 0), _DEEP) if position else 0
    items, last = cursors.cut(found.items[start : start + limit + 1], limit)
    following = cursors.write(of, last.public_id, start + limit) if last else None
    return call.listed(Page(items=[_shape(call, each) for each in items], next_cursor=following, total=found.total))


def _one(session: Session, call: Call, public_id: str) -> Work:
    return _shape(call, long_work.show(session, call.actor, public_id, call.services.database.clock.now()))


def _require_scope(session: Session, call: Call, public_id: str) -> None:
    """An import is long work too, and is ended and repeated by those alone who may import."""
    if long_work.show(session, call.actor, public_id, call.services.database.clock.now()).kind == "import":
        call.require("import")


@router.get("/work/{work}", response_model=Work)
def read_work(call: Desking, work: str) -> Response:
    with session_of(call) as session:
        return call.respond(_one(session, call, work))


@router.post("/work", response_model=Work, status_code=201)
def begin_work(call: Desking, body: WorkIn, idempotency_key: IdempotencyKey = None) -> Response:
    def job(unit: UnitOfWork) -> Answered:
        made_id = long_work.begin(unit, call.actor, body.kind, zone=body.zone)
        unit.session.flush()
        return made(_one(unit.session, call, made_id), status=201, location=f"{PREFIX}/work/{made_id}")

    return call.once(job)


@router.post("/work/{work}/cancel", response_model=Work)
def cancel_work(call: Desking, work: str, idempotency_key: IdempotencyKey = None) -> Response:
    def job(unit: UnitOfWork) -> Answered:
        _require_scope(unit.session, call, work)
        long_work.cancel(unit, call.actor, work)
        unit.session.flush()
        return made(_one(unit.session, call, work))

    return call.once(job)


@router.post("/work/{work}/retry", response_model=Work, status_code=201)
def retry_work(call: Desking, work: str, idempotency_key: IdempotencyKey = None) -> Response:
    def job(unit: UnitOfWork) -> Answered:
        _require_scope(unit.session, call, work)
        again = long_work.retry(unit, call.actor, work)
        unit.session.flush()
        return made(_one(unit.session, call, again), status=201, location=f"{PREFIX}/work/{again}")

    return call.once(job)
