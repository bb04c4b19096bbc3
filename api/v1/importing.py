"""Importing sheets: upload, look at the plan, commit it, take it back. Nothing is written before the commit.

Nobody can be asked here, so headings mean what was said of them the last time or are passed over. The body of an upload is
the file itself: it is written to disk as it comes, and the same file sent twice is the same request.
"""

import hashlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from api.v1 import PREFIX, cursors
from api.v1.call import Call, IdempotencyKey, Importing, Uploading, made, session_of
from api.v1.commands import PolicyIn
from api.v1.cursors import Cursor, Limit
from api.v1.shapes import Page, Shape
from matching.access import is_allowed_anywhere
from matching.errors import MayNot, UnusableFile
from matching.imports import batches, error_sheets, staging
from matching.imports.layout import UNITS
from matching.imports.sheet import Limits
from matching.imports.views import BatchView, Choice, RowView
from matching.model import ListingKind
from matching.store.answers import Answered
from matching.store.unit import UnitOfWork
from web.import_view import problem_text, reason_text
from web.services import services_of
from web.sheet_words import error_heads

router = APIRouter(tags=["Imports"])

UPLOADS: Final = f"{PREFIX}/imports"
SHEET: Final = "application/octet-stream"
_UNITS: Final = dict(zip(("wan", "yuan"), UNITS, strict=True))
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Reason(Shape):
    """Why an import stopped, or what is to be said of a row. `level` is `error`, `skip` or `note`."""

    level: str
    field: str
    code: str
    text: str


class Import(Shape):
    """One uploaded sheet. `done` of `total` rows are through the step that is under way; `counts` are what the plan makes of
    the rows; `columns` maps headings to what they were read as; `unknown` headings are nobody's. `existing` (`update`, `skip`)
    and `similar` (`take`, `leave`) are the policy; `replaced_by` is the plan that was made anew of the same sheet."""

    id: str
    kind: str
    file_name: str
    sheet: str
    state: str
    zone: str | None
    organisation: str | None
    by: str
    created_at: datetime
    finished_at: datetime | None
    undo_until: datetime | None
    done: int
    total: int
    total_rows: int
    written_rows: int
    indexing: int
    counts: dict[str, int]
    flagged_rows: int
    kept_rows: int
    columns: dict[str, str]
    ignored: list[str]
    unknown: list[str]
    pictures: int
    existing: str
    similar: str
    replaced_by: str | None
    problem: Reason | None
    may_commit: bool
    may_cancel: bool
    may_undo: bool
    may_retry: bool


class ImportRow(Shape):
    """One row of the plan. `listing` is the id of what it became or means; `outcome` what an undo made of it."""

    number: int
    verdict: str
    reasons: list[Reason]
    title: str
    owner: str
    done: bool
    listing: str | None
    flagged: bool
    outcome: str


@dataclass(frozen=True, slots=True)
class Received:
    path: Path
    digest: bytes
    size: int


async def _received(request: Request) -> AsyncIterator[Received]:
    """The upload on disk for as long as it is looked at. It holds contact data. The limit on bodies is the middleware's."""
    folder = services_of(request).sheets.folder
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(8)}.upload"
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("xb") as target:
            path.chmod(0o600)
            async for block in request.stream():
                digest.update(block)
                size += len(block)
                target.write(block)
        yield Received(path, digest.digest(), size)
    finally:
        path.unlink(missing_ok=True)


def _shape(call: Call, batch: BatchView) -> Import:
    problem = batch.problem
    with call.speaking():
        told = Reason(level="error", field="", code=problem.code, text=problem_text(problem)) if problem else None
    return Import(
        id=batch.public_id,
        kind=batch.kind.value,
        file_name=batch.file_name,
        sheet=batch.sheet,
        state=batch.state,
        zone=batch.zone,
        organisation=batch.organisation,
        by=batch.by,
        created_at=batch.created_at,
        finished_at=batch.finished_at,
        undo_until=batch.undo_until,
        done=batch.done,
        total=batch.total,
        total_rows=batch.total_rows,
        written_rows=batch.written_rows,
        indexing=batch.indexing,
        counts=dict(batch.counts),
        flagged_rows=batch.flagged_rows,
        kept_rows=batch.kept_rows,
        columns=dict(batch.columns),
        ignored=list(batch.ignored),
        unknown=list(batch.unknown),
        pictures=batch.pictures,
        existing=batch.existing,
        similar=batch.similar,
        replaced_by=batch.replaced_by or None,
        problem=told,
        may_commit=batch.may_commit,
        may_cancel=batch.may_cancel,
        may_undo=batch.may_undo,
        may_retry=batch.may_retry,
    )


def _row(row: RowView, kind: ListingKind) -> ImportRow:
    return ImportRow(
        number=row.number,
        verdict=row.verdict,
        reasons=[
            Reason(level=each.level, field=each.field, code=each.code, text=reason_text(each, kind)) for each in row.reasons
        ],
        title=row.title,
        owner=row.owner,
        done=row.done,
        listing=row.listing,
        flagged=row.flagged,
        outcome=row.outcome,
    )


@router.post(
    "/imports",
    response_model=Import,
    status_code=201,
    openapi_extra={
        "requestBody": {"required": True, "content": {SHEET: {"schema": {"type": "string", "contentMediaType": SHEET}}}}
    },
)
def begin_import(
    call: Uploading,
    received: Annotated[Received, Depends(_received)],
    kind: Annotated[Literal["result", "need"], Query()],
    file_name: Annotated[str, Query(min_length=1, max_length=200)],
    zone: Annotated[str | None, Query(max_length=60)] = None,
    organisation: Annotated[str | None, Query(max_length=40)] = None,
    unit: Annotated[Literal["yuan", "wan"] | None, Query()] = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    if not is_allowed_anywhere(call.actor, "import.create"):
        raise MayNot(action="import.create")
    if not received.size:
        raise UnusableFile("file_empty")
    sheets = call.services.sheets
    limits = Limits(upload_bytes=sheets.size_limit, rows=sheets.row_limit)
    # Before the transaction: reading a sheet takes long, and laying its rows ready twice does no harm.
    staged = staging.stage(received.path, file_name, ListingKind(kind), sheets.folder, limits)

    def job(work: UnitOfWork) -> Answered:
        batch = batches.begin(
            work, call.actor, staged, zone=zone, organisation=organisation, ask=False, unit_of_money=_UNITS.get(unit or "", "")
        )
        return _answer(work.session, call, batch, status=201)

    return replace(call, body_digest=received.digest).once(job)


def _answer(session: Session, call: Call, batch: str, *, status: int = 200) -> Answered:
    shape = _shape(call, batches.progress(session, call.actor, batch))
    return made(shape, status=status, location=f"{UPLOADS}/{batch}" if status == 201 else None)


@router.get("/imports", response_model=Page[Import])
def list_imports(call: Importing, limit: Limit = cursors.USUAL, cursor: Cursor = None) -> Response:
    of = cursors.list_of("imports")
    position = cursors.read(cursor, of, str)
    with session_of(call) as session:
        found = batches.recent(session, call.actor, limit=limit + 1, after=position[0] if position else "")
    items, last = cursors.cut(found, limit)
    return call.listed(
        Page(items=[_shape(call, each) for each in items], next_cursor=cursors.write(of, last.public_id) if last else None)
    )


@router.get("/imports/{batch}", response_model=Import)
def read_import(call: Importing, batch: str) -> Response:
    with session_of(call) as session:
        return call.respond(_shape(call, batches.progress(session, call.actor, batch)))


@router.get("/imports/{batch}/rows", response_model=Page[ImportRow])
def list_import_rows(
    call: Importing,
    batch: str,
    verdict: Annotated[Choice | None, Query()] = None,
    limit: Limit = cursors.USUAL,
    cursor: Cursor = None,
) -> Response:
    of = cursors.list_of("rows", batch=batch, verdict=verdict)
    position = cursors.read(cursor, of, int)
    after = min(max(position[0], 0), 2**31) if position else 0
    with session_of(call) as session:
        kind = batches.progress(session, call.actor, batch).kind
        found = batches.rows(session, call.actor, batch, verdict, limit=limit + 1, after=after)
    items, last = cursors.cut(found.rows, limit)
    with call.speaking():
        rows = [_row(each, kind) for each in items]
    return call.listed(Page(items=rows, next_cursor=cursors.write(of, last.number) if last else None, total=found.total))


@router.post("/imports/{batch}/commit", response_model=Import)
def commit_import(call: Importing, batch: str, idempotency_key: IdempotencyKey = None) -> Response:
    def job(unit: UnitOfWork) -> Answered:
        batches.commit(unit, call.actor, batch)
        return _answer(unit.session, call, batch)

    return call.once(job)


@router.post("/imports/{batch}/cancel", response_model=Import)
def cancel_import(call: Importing, batch: str, idempotency_key: IdempotencyKey = None) -> Response:
    def job(unit: UnitOfWork) -> Answered:
        batches.cancel(unit, call.actor, batch)
        return _answer(unit.session, call, batch)

    return call.once(job)


@router.post("/imports/{batch}/undo", response_model=Import)
def undo_import(call: Importing, batch: str, idempotency_key: IdempotencyKey = None) -> Response:
    def job(unit: UnitOfWork) -> Answered:
        batches.undo(unit, call.actor, batch)
        return _answer(unit.session, call, batch)

    return call.once(job)


@router.post("/imports/{batch}/policy", response_model=Import, status_code=201)
def change_import_policy(call: Importing, batch: str, body: PolicyIn, idempotency_key: IdempotencyKey = None) -> Response:
    def job(unit: UnitOfWork) -> Answered:
        again = batches.change_policy(unit, call.actor, batch, existing=body.existing, similar=body.similar)
        return _answer(unit.session, call, again, status=201)

    return call.once(job)


@router.post("/imports/{batch}/retry", response_model=Import, status_code=201)
def retry_import(call: Importing, batch: str, idempotency_key: IdempotencyKey = None) -> Response:
    def job(unit: UnitOfWork) -> Answered:
        return _answer(unit.session, call, batches.retry(unit, call.actor, batch), status=201)

    return call.once(job)


@router.get(
    "/imports/{batch}/errors.xlsx",
    response_class=Response,
    responses={200: {"content": {XLSX: {"schema": {"type": "string", "contentMediaType": XLSX}}}}},
)
def read_import_errors(call: Importing, batch: str) -> Response:
    with session_of(call) as session, call.speaking():
        kind = batches.progress(session, call.actor, batch).kind
        content = error_sheets.error_sheet(
            session, call.actor, batch, call.services.sheets.folder, lambda reason: reason_text(reason, kind), error_heads()
        )
    headers = {"Content-Disposition": f'attachment; filename="errors-{batch}.xlsx"', "Cache-Control": "no-store"}
    return Response(content, media_type=XLSX, headers=headers)
