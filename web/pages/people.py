"""People for administrators: a list with search, adding with a one-time password, roles that begin and end, closing."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import get_args

from fastapi import APIRouter
from starlette.responses import Response

from matching import access, accounts, people
from matching.errors import IllegalMove, InvalidInput, NotFound, SignInNeeded, ZoneMatchError
from matching.model import Role
from matching.people import Grant
from matching.store.receipts import once
from matching.store.unit import UnitOfWork, fresh_token
from web import paths
from web.context import Context, RequestContext, go_to
from web.errors import status_of
from web.forms import FormState, on_top
from web.names import read_names
from web.paging import PAGE_SIZE, Paging, page_number
from web.rendering import render
from web.signed_out import signed_out
from web.typed import Typed, TypedForm

router = APIRouter()

_FORMS = ("change", "password", "join")
_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"


@router.get(paths.PEOPLE)
def people_list(context: Context, q: str = "", show: str = "", role: str = "", page: str = "") -> Response:
    number = page_number(page)
    which: accounts.Which = next((each for each in get_args(accounts.Which) if each == show), "active")
    with context.services.database.read() as session:
        found = accounts.accounts_for(
            session, context.actor, words=q, which=which, role=role, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE
        )  # fmt: skip
        names = read_names(session)
    paging = Paging(found.total, number, paths.PEOPLE, {"q": q, "show": show, "role": role})
    return render(
        context, "administration/people.html", "found", found=found, paging=paging, names=names, q=q, show=which, role=role,
        roles=list(Role),
    )  # fmt: skip


@router.get(paths.PEOPLE + "/-new")
def new_person(context: Context) -> Response:
    return _new_page(context, FormState({"password": _one_time(), "role": Role.ZONE_STAFF.value}))


@router.post(paths.PEOPLE + "/-new")
def add_person(context: Context, typed: TypedForm) -> Response:
    if (answer := signed_out(context, typed, lambda signed_in, sent: _new_page(signed_in, _form(sent)))) is not None:
        return answer
    form = _form(typed)
    try:
        with context.services.database.write() as unit:

            def make() -> str:
                added = people.add_person(
                    unit, context.actor, login=typed.one("login"), name=typed.one("name"), password=typed.one("password"),
                    demo=context.actor.demo, one_time=True,
                )  # fmt: skip
                accounts.join(unit, context.actor, added.public_id, _grant(typed))
                return added.public_id

            made = once(unit, context.actor.person_id, typed.one("form_token"), make)
            unit.commit()
    except InvalidInput as refused:
        return _new_page(context, form.with_errors(refused), status=422)
    except ZoneMatchError as other:
        return _new_page(context, form, refused=other, status=status_of(other))
    return go_to(context, paths.person(made), flash="person_added")


@router.get(paths.PEOPLE + "/{public_id}")
def person_page(context: Context, public_id: str) -> Response:
    return _page(context, public_id)


@router.post(paths.PEOPLE + "/{public_id}/{job}")
def act(context: Context, public_id: str, job: str, typed: TypedForm) -> Response:
    """One form each: `change`, `password`, `join`, `end`, `activate`, `deactivate`."""
    if job in _FORMS:
        again = signed_out(context, typed, lambda signed_in, sent: _page(signed_in, public_id, job=job, typed=sent))
        if again is not None:
            return again
    elif context.actor.is_visitor:
        raise SignInNeeded()
    actor = context.actor
    seen = (typed.one("seen-login"), typed.one("seen-name")) if "seen-login" in typed else None
    jobs: dict[str, tuple[str, Callable[[UnitOfWork], None]]] = {
        "change": (
            "person_saved",
            lambda unit: accounts.change(unit, actor, public_id, login=typed.one("login"), name=typed.one("name"), seen=seen),
        ),
        "password": ("password_given", lambda unit: accounts.give_password(unit, actor, public_id, typed.one("password"))),
        "join": ("role_given", lambda unit: accounts.join(unit, actor, public_id, _grant(typed))),
        "end": ("role_ended", lambda unit: accounts.end_membership(unit, actor, public_id, typed.number("membership"))),
        "activate": ("person_opened", lambda unit: accounts.set_active(unit, actor, public_id, active=True)),
        "deactivate": ("person_closed", lambda unit: accounts.set_active(unit, actor, public_id, active=False)),
    }
    if job not in jobs:
        raise NotFound()
    flash, do = jobs[job]
    try:
        with context.services.database.write() as unit:
            do(unit)
            unit.commit()
    except InvalidInput as refused:
        return _page(context, public_id, job=job, typed=typed, errors=refused, status=422)
    except IllegalMove as refused_move:
        return go_to(context, paths.person(public_id), flash=refused_move.code)
    except ZoneMatchError as other:
        if job not in _FORMS:
            raise
        return _page(context, public_id, job=job, typed=typed, refused=other, status=status_of(other))
    return go_to(context, paths.person(public_id), flash=flash)


def _grant(typed: Typed) -> Grant:
    """What does not go with the role is left out, so that a leftover of the other select is no error. Raises `InvalidInput`."""
    role = next((each for each in Role if each == typed.one("role")), Role.PROVIDER)
    for_zone, for_all = role in (Role.BROKER, Role.ZONE_STAFF), role is Role.ADMINISTRATOR
    return Grant(
        role,
        organisation=None if for_zone or for_all else typed.one("organisation").strip() or None,
        zone=typed.one("zone") or None if for_zone else None,
    )


def _one_time() -> str:
    """Three groups of four: read over the telephone without mistakes."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))


def _form(typed: Typed) -> FormState:
    """A one-time password that did not come through the sign-in is made again."""
    values = {name: typed.one(name) for name in ("login", "name", "password", "role", "organisation", "zone")}
    return FormState(values | {"password": values["password"] or _one_time()})


def _new_page(context: RequestContext, form: FormState, *, refused: ZoneMatchError | None = None, status: int = 200) -> Response:
    access.require(context.actor, "people.write")
    with context.services.database.read() as session:
        names = read_names(session)
        owners = accounts.organisation_choices(session, context.actor)
    return render(
        context, "administration/person_new.html", "content", status=status, form=form, names=names, owners=owners,
        roles=list(Role), token=fresh_token(), refused=refused,
    )  # fmt: skip


def _page(
    context: RequestContext,
    public_id: str,
    *,
    job: str = "",
    typed: Typed | None = None,
    errors: InvalidInput | None = None,
    refused: ZoneMatchError | None = None,
    status: int = 200,
) -> Response:
    """With what was typed into the form `job`, over what is stored."""
    with context.services.database.read() as session:
        account = accounts.account_for(session, context.actor, public_id)
        names = read_names(session)
        owners = accounts.organisation_choices(session, context.actor)
    stored = {"login": account.login, "name": account.name}
    newer: dict[str, str] = {}
    forms = {
        "change": FormState(stored, form="change"),
        "password": FormState({"password": _one_time()}, form="password"),
        "join": FormState({"role": Role.ZONE_STAFF.value}, form="join"),
    }
    if typed is not None and job in forms:
        form, newer = on_top(stored, typed, stored) if job == "change" else (_form(typed), {})
        forms[job] = replace(form, form=job, errors=errors.fields if errors else ())
    return render(
        context, "administration/person.html", "content", status=status, account=account, names=names, owners=owners,
        filled=forms, roles=list(Role), stored=stored, newer=newer, refused=refused, job=job,
    )  # fmt: skip
