"""Choosing one's own password: after a one-time one before anything else, and whenever one wants."""

from fastapi import APIRouter
from starlette.responses import Response

from matching import people
from matching.errors import InvalidInput, SignInNeeded
from web import paths
from web.context import Context, RequestContext, go_to
from web.forms import FormState
from web.rendering import render
from web.typed import TypedForm

router = APIRouter()


@router.get(paths.PASSWORD)
def password(context: Context) -> Response:
    return _page(context, FormState())


@router.post(paths.PASSWORD)
def choose(context: Context, typed: TypedForm) -> Response:
    try:
        with context.services.database.write() as unit:
            people.choose_password(
                unit, context.token, typed.one("old_password"), typed.one("password"), typed.one("password_again")
            )
            unit.commit()
    except InvalidInput as refused:
        return _page(context, FormState().with_errors(refused), status=422)
    return go_to(context, paths.HOME, flash="password_chosen")


def _page(context: RequestContext, form: FormState, *, status: int = 200) -> Response:
    if context.actor.is_visitor:
        raise SignInNeeded()
    database = context.services.database
    with database.read() as session:
        one_time = people.session_for(session, context.token, database.clock.now()).one_time
    return render(context, "administration/password.html", "content", status=status, form=form, one_time=one_time)
