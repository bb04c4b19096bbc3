"""One request as the pages see it: who asks, in which language, from where, and whether a fragment will do."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response

from matching import people
from matching.access import VISITOR, Actor, is_allowed, is_allowed_anywhere
from matching.errors import PasswordNeeded
from matching.model import Role
from matching.reference import ZoneView, zones
from web import i18n
from web.paths import LANGUAGE, PASSWORD, SIGN_OUT, safe_return
from web.services import Services, services_of

SESSION_COOKIE: Final = "zonematch_session"
FLASH_COOKIE: Final = "flash"
_FLASH_SECONDS: Final = 60
_YEAR: Final = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class RequestContext:
    """`path` carries the query: where a language switch or a sign-in comes back to. `token` is the session's cookie,
    `address` what sign-in attempts are counted by. `is_fragment` is true for an htmx request that does not restore
    history: then a page answers with one block. `flash` is a code of `web.messages.FLASHES`. `own_zones` are those the
    actor works for (staff or broker), in the zones' order.
    """

    services: Services
    actor: Actor
    language: i18n.Language
    path: str
    today: date
    token: str | None = None
    address: str = ""
    is_fragment: bool = False
    session_ended: bool = False
    flash: str | None = None
    own_zones: tuple[ZoneView, ...] = ()

    @property
    def route(self) -> str:
        """The path without its query."""
        return self.path.partition("?")[0]

    @property
    def main_role(self) -> Role | None:
        """The role that the head of a page names: the one with the widest work."""
        order = (Role.ADMINISTRATOR, Role.ZONE_STAFF, Role.BROKER, Role.PROVIDER, Role.SEEKER)
        return next((each for each in order if each in self.actor.roles), None)

    def may(self, action: str, *, organisation_id: int | None = None, zones: frozenset[int] | None = None) -> bool:
        """Whether the access table lets the actor do it; without `zones`, to something in the actor's own zones and
        organisations: enough to decide whether a page of the navigation is the actor's."""
        if organisation_id is None and zones is None:
            return is_allowed_anywhere(self.actor, action)
        return is_allowed(self.actor, action, organisation_id=organisation_id, zones=zones or frozenset())

    def may_decide(self, zone: ZoneView) -> bool:
        """Whether the actor settles the strategic industry of a zone that has none yet."""
        return not zone.industry and not self.actor.demo and self.may("zone.decide", zones=frozenset({zone.id}))


def is_fragment_request(request: Request) -> bool:
    """htmx asks for a piece, and is not putting a page of the history back."""
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers


def request_context(request: Request) -> RequestContext:
    """Reads cookies and one session; a cookie that names nobody makes a visitor whose session has ended. Raises
    `PasswordNeeded` where another password is to be chosen first."""
    services = services_of(request)
    token = request.cookies.get(SESSION_COOKIE)
    actor: Actor = VISITOR
    own_zones: tuple[ZoneView, ...] = ()
    if token:
        actor, own_zones, one_time = _who(services, token)
        if one_time and request.url.path not in (PASSWORD, SIGN_OUT, LANGUAGE):
            raise PasswordNeeded()
    query = request.url.query
    return RequestContext(
        services=services,
        actor=actor,
        language=i18n.language_of(request.cookies.get(i18n.COOKIE)),
        path=request.url.path + (f"?{query}" if query else ""),
        today=services.database.clock.today(),
        token=token,
        address=services.address_of(request),
        is_fragment=is_fragment_request(request),
        session_ended=bool(token) and actor.is_visitor,
        flash=request.cookies.get(FLASH_COOKIE),
        own_zones=own_zones,
    )


def _who(services: Services, token: str) -> tuple[Actor, tuple[ZoneView, ...], bool]:
    """The actor behind the cookie, the zones of the actor's desk, and whether the password was one for one use; a session in
    use is prolonged now and then."""
    database = services.database
    with database.read() as session:
        signed_in = people.session_for(session, token, database.clock.now())
        actor = signed_in.actor
        own_zones = tuple(each for each in zones(session) if each.id in actor.desk_zones) if actor.desk_zones else ()
    if signed_in.slide:
        with database.write() as unit:
            people.slide_session(unit, token)
            unit.commit()
    return actor, own_zones, signed_in.one_time


Context = Annotated[RequestContext, Depends(request_context)]


def go_to(context: RequestContext, target: str, *, flash: str | None = None) -> Response:
    """303 to an address of this site; htmx is told to load it as a page. `flash` is shown once by the page that follows."""
    target = safe_return(target)
    response: Response
    if context.is_fragment:
        response = Response(status_code=200, headers={"HX-Redirect": target})
    else:
        response = RedirectResponse(target, status_code=303)
    response.headers["Cache-Control"] = "no-store"
    if flash is not None:
        set_cookie(response, context.services, FLASH_COOKIE, flash, _FLASH_SECONDS)
    return response


def remember_language(response: Response, services: Services, language: i18n.Language) -> None:
    set_cookie(response, services, i18n.COOKIE, language, _YEAR)


def set_cookie(response: Response, services: Services, name: str, value: str, seconds: int) -> None:
    """Lax, so that a link from a mail finds the reader signed in; no script needs any of our cookies."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=services.settings.secure_cookies
    )


def drop_cookie(response: Response, services: Services, name: str) -> None:
    response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=services.settings.secure_cookies)
