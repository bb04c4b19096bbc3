"""Signing in and out, and choosing the language."""

from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from matching import people
from matching.errors import BadCredentials, FieldError, TooManyAttempts, ZoneMatchError
from web import i18n, paths
from web.context import SESSION_COOKIE, Context, RequestContext, drop_cookie, go_to, remember_language, set_cookie
from web.errors import status_of
from web.forms import FormState
from web.messages import error_text
from web.rendering import render

router = APIRouter()

_SECONDS: Final = int(people.LONGEST.total_seconds())
Typed = Annotated[str, Form()]


@router.get(paths.LANGUAGE)
def choose_language(context: Context, to: str = "", next: str = "") -> Response:  # noqa: A002 - the name in the address
    """Remember the language and go back to the same page."""
    response = RedirectResponse(paths.safe_return(next), status_code=303, headers={"Cache-Control": "no-store"})
    remember_language(response, context.services, i18n.language_of(to))
    return response


@router.get(paths.SIGN_IN)
def sign_in_page(context: Context, next: str = "") -> Response:  # noqa: A002 - the name in the address
    if not context.actor.is_visitor:
        return go_to(context, next)
    return _page(context, FormState({"next": next}))


@router.post(paths.SIGN_IN)
def sign_in(
    context: Context,
    login: Typed = "",
    password: Typed = "",
    next: Typed = "",  # noqa: A002 - the name in the form
) -> Response:
    form = FormState({"login": login, "next": next})
    missing = tuple(
        FieldError(name, "required") for name, value in (("login", login.strip()), ("password", password)) if not value
    )
    if missing:
        return _page(context, form.with_errors(missing), status=422)
    try:
        with context.services.database.write() as unit:
            token, _ = people.sign_in(unit, login, password, context.address)
            unit.commit()
    except (BadCredentials, TooManyAttempts) as refused:
        return _page(context, form, refused=refused, status=status_of(refused))
    response = go_to(context, next)
    set_cookie(response, context.services, SESSION_COOKIE, token, _SECONDS)
    return response


@router.post(paths.SIGN_OUT)
def sign_out(context: Context) -> Response:
    with context.services.database.write() as unit:
        people.sign_out(unit, context.token)
        unit.commit()
    response = go_to(context, paths.HOME, flash="signed_out")
    drop_cookie(response, context.services, SESSION_COOKIE)
    return response


def _page(context: RequestContext, form: FormState, *, refused: ZoneMatchError | None = None, status: int = 200) -> Response:
    with context.services.database.read() as session:
        demo = context.services.settings.demo_accounts if people.is_demo_loaded(session) else ()
    with i18n.speaking(context.language):
        refusal = error_text(refused) if refused else None
    return render(context, "sign_in.html", "content", status=status, form=form, refusal=refusal, demo_accounts=demo)
