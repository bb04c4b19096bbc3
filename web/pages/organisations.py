"""Organisations for those who keep them: administrators all, staff those of their zones."""

from typing import get_args

from fastapi import APIRouter
from starlette.responses import Response

from matching import access, directory, organisations
from matching.errors import InvalidInput, NotFound, SignInNeeded, ZoneMatchError
from matching.organisations import OrganisationDraft
from matching.store.receipts import once
from matching.store.unit import fresh_token
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

_FIELDS = ("name", "name_en", "kind", "credit_code", "zone", "city")


@router.get(paths.ORGANISATIONS)
def organisation_list(context: Context, q: str = "", show: str = "", zone: str = "", page: str = "") -> Response:
    number = page_number(page)
    which: directory.Which = next((each for each in get_args(directory.Which) if each == show), "active")
    with context.services.database.read() as session:
        found = directory.organisations_for(
            session, context.actor, words=q, which=which, zone=zone, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE
        )  # fmt: skip
        names = read_names(session)
    paging = Paging(found.total, number, paths.ORGANISATIONS, {"q": q, "show": show, "zone": zone})
    return render(
        context, "administration/organisations.html", "found", found=found, paging=paging, names=names, q=q, show=which, zone=zone
    )


@router.get(paths.ORGANISATIONS + "/-new")
def new_organisation(context: Context) -> Response:
    zone = context.own_zones[0].code if context.own_zones else ""
    return _form_page(context, FormState({"zone": zone}))


@router.post(paths.ORGANISATIONS + "/-new")
def add_organisation(context: Context, typed: TypedForm) -> Response:
    if (answer := signed_out(context, typed, lambda signed_in, sent: _form_page(signed_in, _form(sent)))) is not None:
        return answer
    form = _form(typed)
    try:
        with context.services.database.write() as unit:

            def make() -> str:
                return organisations.add(unit, context.actor, _draft(typed, demo=context.actor.demo)).public_id

            made = once(unit, context.actor.person_id, typed.one("form_token"), make)
            unit.commit()
    except InvalidInput as refused:
        return _form_page(context, form.with_errors(refused), status=422)
    except ZoneMatchError as other:
        return _form_page(context, form, refused=other, status=status_of(other))
    return go_to(context, paths.organisation(made), flash="organisation_saved")


@router.get(paths.ORGANISATIONS + "/{public_id}")
def organisation_page(context: Context, public_id: str) -> Response:
    return _page(context, public_id)


@router.post(paths.ORGANISATIONS + "/{public_id}")
def change_organisation(context: Context, public_id: str, typed: TypedForm) -> Response:
    if (answer := signed_out(context, typed, lambda signed_in, sent: _page(signed_in, public_id, typed=sent))) is not None:
        return answer
    try:
        with context.services.database.write() as unit:
            organisations.change(
                unit, context.actor, public_id, _draft(typed), seen_version=typed.number("seen_version")
            )  # fmt: skip
            unit.commit()
    except InvalidInput as refused:
        return _page(context, public_id, typed=typed, errors=refused, status=422)
    except ZoneMatchError as other:
        return _page(context, public_id, typed=typed, refused=other, status=status_of(other))
    return go_to(context, paths.organisation(public_id), flash="organisation_saved")


@router.post(paths.ORGANISATIONS + "/{public_id}/{job}")
def act(context: Context, public_id: str, job: str) -> Response:
    if context.actor.is_visitor:
        raise SignInNeeded()
    if job not in ("activate", "deactivate"):
        raise NotFound()
    with context.services.database.write() as unit:
        organisations.set_active(unit, context.actor, public_id, active=job == "activate")
        unit.commit()
    flash = "organisation_opened" if job == "activate" else "organisation_closed"
    return go_to(context, paths.organisation(public_id), flash=flash)


def _draft(typed: Typed, *, demo: bool = False) -> OrganisationDraft:
    return OrganisationDraft(
        name=typed.one("name"), kind=typed.one("kind"), name_en=typed.one("name_en"), credit_code=typed.one("credit_code"),
        zone=typed.one("zone") or None, city=typed.one("city"), demo=demo,
    )  # fmt: skip


def _form(typed: Typed) -> FormState:
    return FormState({name: typed.one(name) for name in _FIELDS})


def _form_page(context: RequestContext, form: FormState, *, refused: ZoneMatchError | None = None, status: int = 200) -> Response:
    access.require(context.actor, "organisation.write", zones=context.actor.staff_zones)
    with context.services.database.read() as session:
        names = read_names(session)
    return render(
        context, "administration/organisation_new.html", "content", status=status, form=form, names=names,
        token=fresh_token(), refused=refused,
    )  # fmt: skip


def _page(
    context: RequestContext,
    public_id: str,
    *,
    typed: Typed | None = None,
    errors: InvalidInput | None = None,
    refused: ZoneMatchError | None = None,
    status: int = 200,
) -> Response:
    """`typed` over what is stored: fields that the writer left alone take what others wrote meanwhile (`newer`)."""
    with context.services.database.read() as session:
        profile = directory.organisation_for(session, context.actor, public_id)
        names = read_names(session)
    line = profile.line
    stored = {name: getattr(line, name) or "" for name in _FIELDS}
    form, newer = (FormState(stored), {}) if typed is None else on_top(stored, typed, _FIELDS)
    return render(
        context, "administration/organisation.html", "content", status=status, profile=profile, line=line, names=names,
        form=form.with_errors(errors) if errors else form, stored=stored, newer=newer, refused=refused,
    )  # fmt: skip
