"""A form sent after the session has ended: it is carried through the sign-in and shown again, filled. It never writes by itself.

The password is asked for beside what was typed and goes into no hidden field: the answer to the sign-in is the form itself.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from starlette.responses import Response

from matching import people
from matching.errors import BadCredentials, FieldError, TooManyAttempts, ZoneMatchError
from matching.reference import zones
from web import i18n
from web.context import SESSION_COOKIE, RequestContext, set_cookie
from web.errors import status_of
from web.forms import FormState
from web.messages import error_text
from web.rendering import render
from web.typed import Typed

_OWN: Final = ("login", "password", "do")
_TYPED_LOGIN: Final = "typed-login"
"""Where the account of a form about somebody else rides along: `login` is that of the one who signs in."""


def signed_out(context: RequestContext, typed: Typed, show: Callable[[RequestContext, Typed], Response]) -> Response | None:
    """For a form sent after the session has ended: sign in, and it comes back as it was typed. None for any other form.

    `show` gets what was typed, without what the sign-in itself asked for.
    """
    if context.actor.is_visitor:
        if typed.one("do") != "sign_in":
            return signed_out_page(context, typed)
        return sign_in_again(context, typed, lambda signed_in: show(signed_in, _as_typed(typed)))
    return show(context, _as_typed(typed)) if typed.one("do") == "sign_in" else None


def _as_typed(typed: Typed) -> Typed:
    return Typed(tuple((name if name != _TYPED_LOGIN else "login", value) for name, value in typed.without(*_OWN)))


def signed_out_page(
    context: RequestContext, typed: Typed, *, refused: ZoneMatchError | None = None, status: int = 401
) -> Response:
    """Sign in here; everything typed rides along in hidden fields of a form that goes to the same address."""
    is_sign_in = typed.one("do") == "sign_in"
    form = FormState({"login": typed.one("login") if is_sign_in else ""})
    if is_sign_in and refused is None:
        missing = tuple(FieldError(name, "required") for name in ("login", "password") if not typed.one(name).strip())
        form, status = form.with_errors(missing), 422
    with i18n.speaking(context.language):
        refusal = error_text(refused) if refused else None
    carried = [(name, value.replace("\0", "\ufffd")) for name, value in typed.without(*_OWN)]
    if not is_sign_in and "login" in typed:
        carried.append((_TYPED_LOGIN, typed.one("login").replace("\0", "\ufffd")))
    response = render(
        context, "editing/signed_out.html", "content", status=status, form=form, carried=carried, refusal=refusal,
        typed_title=(typed.one("title") or typed.one("name")).replace("\0", "\ufffd"),
    )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"  # what somebody typed lies in it
    return response


def sign_in_again(context: RequestContext, typed: Typed, show: Callable[[RequestContext], Response]) -> Response:
    """Sign in with the account and password of the page above and answer with `show`, as the person who now is signed in."""
    if not typed.one("login").strip() or not typed.one("password"):
        return signed_out_page(context, typed)
    try:
        with context.services.database.write() as unit:
            token, _ = people.sign_in(unit, typed.one("login"), typed.one("password"), context.address)
            unit.commit()
    except (BadCredentials, TooManyAttempts) as refused:
        return signed_out_page(context, typed, refused=refused, status=status_of(refused))
    database = context.services.database
    with database.read() as session:
        actor = people.actor_for(session, token, database.clock.now())
        own_zones = tuple(each for each in zones(session) if each.id in actor.desk_zones)
    signed_in = replace(context, actor=actor, token=token, session_ended=False, own_zones=own_zones)
    response = show(signed_in)
    set_cookie(response, context.services, SESSION_COOKIE, token, int(people.LONGEST.total_seconds()))
    return response
