"""Pasting values into a code list: the text, what it would do row by row, and taking exactly that."""

from fastapi import APIRouter
from starlette.responses import Response

from matching import access
from matching.errors import InvalidInput, NotFound, StaleRevision
from matching.records import editor, pasting
from matching.records.kinds import kind_of
from matching.records.pasting import Pasted, PastePlan
from web import i18n, paths
from web.context import Context, RequestContext, go_to
from web.forms import FormState
from web.names import read_names
from web.rendering import render
from web.signed_out import signed_out
from web.typed import Typed, TypedForm

router = APIRouter()

_FIELDS = ("text", "source", "version")
_SHOWN = 200


@router.get(paths.REFERENCE + "/{kind}/-paste")
def paste_page(context: Context, kind: str) -> Response:
    return _page(context, kind, FormState())


@router.post(paths.REFERENCE + "/{kind}/-paste")
def paste(context: Context, kind: str, typed: TypedForm) -> Response:
    """Only the button that stands under a plan writes, and only that plan."""
    if (answer := signed_out(context, typed, lambda signed_in, sent: _page(signed_in, kind, _form(sent)))) is not None:
        return answer
    form, pasted = _form(typed), Pasted(*(typed.one(name) for name in _FIELDS))
    is_stale = False
    try:
        if typed.one("do") == "take":
            try:
                with context.services.database.write() as unit:
                    pasting.take(unit, context.actor, kind, pasted, typed.one("digest"))
                    unit.commit()
                return go_to(context, paths.records(kind), flash="values_taken")
            except StaleRevision:
                is_stale = True
        with context.services.database.read() as session:
            plan = pasting.look(session, context.actor, kind, pasted)
    except InvalidInput as refused:
        return _page(context, kind, form.with_errors(refused), status=422)
    return _page(
        context, kind, form, plan=plan, is_stale=is_stale, status=409 if is_stale else 422 if plan.count("error") else 200
    )


def _form(typed: Typed) -> FormState:
    return FormState({name: typed.one(name) for name in _FIELDS})


def _page(
    context: RequestContext,
    kind: str,
    form: FormState,
    *,
    plan: PastePlan | None = None,
    is_stale: bool = False,
    status: int = 200,
) -> Response:
    access.require(context.actor, "reference.write")
    with context.services.database.read() as session, i18n.speaking(context.language):
        found = kind_of(session, kind)
        names = read_names(session)
    if not pasting.may_paste(found):
        raise NotFound(kind="record_kind")
    rows = sorted(plan.rows, key=lambda row: row.action != "error")[:_SHOWN] if plan else []
    return render(
        context, "reference/paste.html", "content", status=status, kind=found, names=names, form=form, plan=plan, rows=rows,
        is_stale=is_stale, may_paste=editor.may_write(context.actor, found),
    )  # fmt: skip
