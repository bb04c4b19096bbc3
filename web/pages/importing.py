"""Importing sheets: upload, look at the plan, commit it, see what came of it. Nothing is written before the commit."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, File, Form, UploadFile
from starlette.responses import Response

from matching.errors import FieldError, IllegalMove, InvalidInput, MayNot, NotFound, SignInNeeded, UnusableFile
from matching.imports import batches, comparing, error_sheets, mapping, staging, templates
from matching.imports.headings import IGNORED
from matching.imports.layout import UNITS
from matching.imports.sheet import Limits
from matching.imports.views import CHOICES, VERDICTS
from matching.model import ListingKind
from web import i18n, import_view, paths
from web.context import Context, RequestContext, go_to
from web.errors import status_of
from web.forms import FormState
from web.i18n import N_
from web.import_view import KINDS, batch_path
from web.messages import error_text
from web.names import read_names
from web.paging import Paging, page_number
from web.rendering import render
from web.services import SheetSettings
from web.sheet_words import error_heads, template_words
from web.typed import Typed, TypedForm, whole_number

router = APIRouter()

Text = Annotated[str, Form()]
Upload = Annotated[UploadFile | None, File()]
ROWS_A_PAGE: Final = 50
_BLOCK: Final = 1 << 20
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TEMPLATE_NAMES: Final = {"results": N_("Results to import"), "needs": N_("Needs to import")}


def _require(context: RequestContext) -> None:
    if context.actor.is_visitor:
        raise SignInNeeded()
    if not context.may("import.create"):
        raise MayNot(action="import.create")


@router.get(paths.IMPORTS)
def start(context: Context, kind: str = "") -> Response:
    _require(context)
    return _start(context, FormState({"sheet": kind if kind in KINDS else "results"}))


def _start(context: RequestContext, form: FormState, *, refused: UnusableFile | None = None, status: int = 200) -> Response:
    with context.services.database.read() as session, i18n.speaking(context.language):
        names = read_names(session)
        options = import_view.name_options(session, context.actor, names)
        recent = batches.recent(session, context.actor)
        refusal = error_text(refused) if refused else None
    sheets = context.services.sheets
    return render(
        context, "importing/start.html", status=status, form=form, refusal=refusal, options=options, recent=recent, names=names,
        headings=templates.HEADINGS, kinds=KINDS, limits=sheets, view=import_view,
    )  # fmt: skip


@router.post(paths.IMPORTS)
def upload(context: Context, sheet: Text = "", scope: Text = "", file: Upload = None) -> Response:
    """Check the file, lay its rows ready, and begin the plan. What is wrong with the file is said on the same page."""
    _require(context)
    form = FormState({"sheet": sheet, "scope": scope})
    if sheet not in KINDS:
        return _start(context, form.with_errors([FieldError("sheet", "required")]), status=422)
    if file is None or not file.filename:
        return _start(context, form.with_errors([FieldError("file", "file_required")]), status=422)
    sheets = context.services.sheets
    limits = Limits(upload_bytes=sheets.size_limit, rows=sheets.row_limit)
    try:
        with _kept(file, sheets) as path:
            staged = staging.stage(path, file.filename, KINDS[sheet], sheets.folder, limits)
        with context.services.database.write() as unit:
            zone, organisation = import_view.scope_of(scope)
            batch = batches.begin(unit, context.actor, staged, zone=zone, organisation=organisation)
            unit.commit()
    except UnusableFile as refused:
        return _start(context, form, refused=refused, status=status_of(refused))
    except InvalidInput as refused:
        # zone and organisation are one field of the form
        fields = [replace(each, field="scope") if each.field in ("zone", "organisation") else each for each in refused.fields]
        return _start(context, form.with_errors(fields), status=status_of(refused))
    return go_to(context, batch_path(batch))


@contextmanager
def _kept(file: UploadFile, sheets: SheetSettings) -> Iterator[Path]:
    """The upload in the uploads folder, block by block, for as long as it is looked at. It holds contact data."""
    sheets.folder.mkdir(parents=True, exist_ok=True)
    path = sheets.folder / f"{secrets.token_hex(8)}.upload"
    try:
        with path.open("xb") as target:
            path.chmod(0o600)
            size = 0
            while block := file.file.read(_BLOCK):
                size += len(block)
                if size > sheets.size_limit:
                    raise UnusableFile("file_too_large", limit_mb=sheets.size_limit >> 20)
                target.write(block)
        yield path
    finally:
        path.unlink(missing_ok=True)


@router.get(paths.IMPORTS + "/template/{kind}.xlsx")
def template(context: Context, kind: str) -> Response:
    """The sheet to fill in, with today's names of all lists."""
    if kind not in KINDS:
        raise NotFound(kind="template")
    with context.services.database.read() as session, i18n.speaking(context.language):
        content = templates.template(session, KINDS[kind], template_words(KINDS[kind]))
        name = i18n.gettext(_TEMPLATE_NAMES[kind])
    return _workbook(content, f"zonematch-{kind}.xlsx", f"{name}.xlsx")


def _workbook(content: bytes, plain_name: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f"attachment; filename=\"{plain_name}\"; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=_XLSX, headers=headers)


@router.get(paths.IMPORTS + "/{public_id}/errors.xlsx")
def errors(context: Context, public_id: str) -> Response:
    """The rows that could not be taken, for whoever uploaded them: corrected, the sheet can be imported again."""
    with context.services.database.read() as session, i18n.speaking(context.language):
        kind = batches.progress(session, context.actor, public_id).kind
        content = error_sheets.error_sheet(
            session, context.actor, public_id, context.services.sheets.folder,
            lambda reason: import_view.reason_text(reason, kind), error_heads(),
        )  # fmt: skip
        name = i18n.gettext("Rows to correct")
    return _workbook(content, f"zonematch-errors-{public_id}.xlsx", f"{name} {public_id}.xlsx")


@router.get(paths.IMPORTS + "/{public_id}")
def batch_page(context: Context, public_id: str, verdict: str = "", page: str = "") -> Response:
    number = page_number(page)
    chosen = next((each for each in CHOICES if each == verdict), None)
    with context.services.database.read() as session:
        names = read_names(session)
        batch = batches.progress(session, context.actor, public_id)
        if batch.may_answer:
            return go_to(context, import_view.columns_path(public_id))
        rows = batches.rows(
            session, context.actor, public_id, chosen, offset=(number - 1) * ROWS_A_PAGE, limit=ROWS_A_PAGE
        )  # fmt: skip
        alike = comparing.comparisons(session, context.actor, public_id, rows.rows) if batch.flagged_rows else {}
    zone = names.zone(batch.zone)
    path = batch_path(public_id)
    paging = Paging(rows.total, number, path, {"verdict": chosen or ""}, size=ROWS_A_PAGE)
    return render(
        context, "importing/batch.html", "batch", batch=batch, rows=rows, paging=paging, chosen=chosen or "", path=path,
        names=names, view=import_view, step=import_view.step_of(batch), verdicts=VERDICTS, alike=alike,
        noun="results" if batch.kind == ListingKind.RESULT else "needs",
        may_see_desk=zone is not None and context.may("desk.read", zones=frozenset({zone.id})),
    )  # fmt: skip


@router.get(paths.IMPORTS + "/{public_id}/columns")
def columns(context: Context, public_id: str, sheet: str = "") -> Response:
    """What nobody knows of the sheet: which one is meant, what headings mean, what amounts are in."""
    try:
        return _columns(context, public_id, FormState({}), whole_number(sheet))
    except IllegalMove:
        return go_to(context, batch_path(public_id))


def _columns(
    context: RequestContext, public_id: str, form: FormState, sheet: int | None, *, typed: bool = False, status: int = 200
) -> Response:
    with context.services.database.read() as session:
        batch = batches.progress(session, context.actor, public_id)
        asked = mapping.questions(session, context.actor, public_id, context.services.sheets.folder, sheet=sheet)
    if not typed:
        proposed = {f"column-{each.index}": each.proposal for each in asked.asked} | {
            f"unit-{each.index}": each.unit for each in asked.asked
        }
        form = FormState(proposed)
    return render(
        context, "importing/columns.html", status=status, batch=batch, asked=asked, form=form, view=import_view, units=UNITS,
        path=batch_path(public_id), ignored=IGNORED,
    )  # fmt: skip


@router.post(paths.IMPORTS + "/{public_id}/columns")
def answer(context: Context, public_id: str, typed: TypedForm) -> Response:
    sheet = whole_number(typed.one("sheet")) or 0
    try:
        with context.services.database.write() as unit:
            mapping.answer(
                unit, context.actor, public_id, sheet=sheet, columns=_by_index(typed, "column-"), units=_by_index(typed, "unit-")
            )
            unit.commit()
    except IllegalMove:  # answered already: a second press
        return go_to(context, batch_path(public_id))
    except InvalidInput as refused:
        form = FormState(dict(typed.pairs)).with_errors(refused)
        known = None if any(each.field == "sheet" for each in refused.fields) else sheet
        return _columns(context, public_id, form, known, typed=True, status=status_of(refused))
    return go_to(context, batch_path(public_id))


def _by_index(typed: Typed, prefix: str) -> dict[int, str]:
    found = ((whole_number(name.removeprefix(prefix)), value) for name, value in typed.pairs if name.startswith(prefix))
    return {index: value for index, value in found if index is not None}


@router.post(paths.IMPORTS + "/{public_id}/commit")
def commit(context: Context, public_id: str) -> Response:
    """Do what the plan says; asked for twice, it is done once."""
    with context.services.database.write() as unit:
        batches.commit(unit, context.actor, public_id)
        unit.commit()
    return go_to(context, batch_path(public_id))


@router.post(paths.IMPORTS + "/{public_id}/cancel")
def cancel(context: Context, public_id: str) -> Response:
    with context.services.database.write() as unit:
        batches.cancel(unit, context.actor, public_id)
        unit.commit()
    return go_to(context, batch_path(public_id))


@router.post(paths.IMPORTS + "/{public_id}/undo")
def undo(context: Context, public_id: str) -> Response:
    with context.services.database.write() as unit:
        batches.undo(unit, context.actor, public_id)
        unit.commit()
    return go_to(context, batch_path(public_id))


@router.post(paths.IMPORTS + "/{public_id}/retry")
def retry(context: Context, public_id: str) -> Response:
    """The same sheet as a new plan."""
    with context.services.database.write() as unit:
        again = batches.retry(unit, context.actor, public_id)
        unit.commit()
    return go_to(context, batch_path(again))


@router.post(paths.IMPORTS + "/{public_id}/policy")
def policy(context: Context, public_id: str, existing: Text = "", similar: Text = "") -> Response:
    """What becomes of rows that mean an entry, and of those that are much like one: another answer is another plan."""
    with context.services.database.write() as unit:
        again = batches.change_policy(unit, context.actor, public_id, existing=existing, similar=similar)
        unit.commit()
    return go_to(context, batch_path(again))
