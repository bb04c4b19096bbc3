"""The screen on which a zone settles on its strategic industry: the clause, the fields it names, and those decided before."""

from datetime import date

from fastapi import APIRouter
from starlette.responses import Response

from matching.errors import FieldError, IllegalMove, InvalidInput, StaleRevision, ZoneMatchError
from matching.records import decisions
from matching.records.decisions import Decision
from web import i18n, paths
from web.context import Context, RequestContext, go_to
from web.errors import status_of
from web.forms import FormState
from web.names import read_names
from web.policy import LIST, UNDECIDED, clause
from web.rendering import render
from web.signed_out import signed_out
from web.typed import Typed, TypedForm

router = APIRouter()

_FIELDS = ("industry", "decided_on", "source")


@router.get(paths.ZONES + "/{code}/decide")
def decision(context: Context, code: str) -> Response:
    return _page(context, code, FormState({"decided_on": context.today.isoformat()}))


@router.post(paths.ZONES + "/{code}/decide")
def decide(context: Context, code: str, typed: TypedForm) -> Response:
    form = FormState({name: typed.one(name) for name in _FIELDS})
    if (answer := signed_out(context, typed, lambda signed_in, _: _page(signed_in, code, form))) is not None:
        return answer
    try:
        command = _command(code, typed)
        with context.services.database.write() as unit:
            decisions.decide(unit, context.actor, command)
            unit.commit()
    except InvalidInput as refused:
        return _page(context, code, form.with_errors(refused), status=422)
    except (StaleRevision, IllegalMove) as refused:
        return _page(context, code, form, refused=refused, status=status_of(refused))
    return go_to(context, paths.zone(code), flash="zone_decided")


def _command(code: str, typed: Typed) -> Decision:
    """Raises `InvalidInput` for what is no day."""
    text = typed.one("decided_on").strip()
    try:
        decided_on = date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput(FieldError("decided_on", "not_a_date", {"value": text[:40]})) from None
    return Decision(code, typed.one("industry"), decided_on, typed.one("source"), typed.number("seen_version"))


def _page(
    context: RequestContext, code: str, form: FormState, *, refused: ZoneMatchError | None = None, status: int = 200
) -> Response:
    with context.services.database.read() as session:
        page = decisions.decision_page(session, context.actor, code)
        names = read_names(session)
    with i18n.speaking(context.language):
        quoted = clause(names.lists.get(LIST, {}), UNDECIDED)
    return render(
        context, "reference/decide.html", "content", status=status, page=page, zone=page.zone, form=form, quoted=quoted,
        names=names, refused=refused,
    )  # fmt: skip
