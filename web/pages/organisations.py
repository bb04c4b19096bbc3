"""Organisations for those who keep them: administrators all, staff those of their zones."""

from typing import get_args

from fastapi import APIRouter
from starlette.responses import Response

from matching import access, directory, organisations
from matching.errors import InvalidInput, NotFound, SignInNeeded, StaleRevision, ZoneMatchError
from matching.organisations import OrganisationDraft
from matching.store.receipts import take_receipt
from matching.store.unit import fresh_token
from web import paths
from web.context import Context, RequestContext, go_to
from web.forms import FormState
from web.names import read_names
from web.paging import PAGE_SIZE, Paging, page_number
from web.rendering import render
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
    form = FormState({name: typed.one(name) for name in _FIELDS})
    try:
        with context.services.database.write() as unit:
            receipt = take_receipt(unit, context.actor.person_id, typed.one("form_token"))
            if receipt is not None and receipt.target:
                return go_to(context, receipt.target)
            made = organisations.add(unit, context.actor, _draft(typed, demo=context.actor.demo))
            if receipt is not None:
                receipt.target = paths.organisation(made.public_id)
            unit.commit()
    except InvalidInput as refused:
        return _form_page(context, form.with_errors(refused), status=422)
    return go_to(context, paths.organisation(made.public_id), flash="organisation_saved")


@router.get(paths.ORGANISATIONS + "/{public_id}")
def organisation_page(context: Context, public_id: str) -> Response:
    return _page(context, public_id)


@router.post(paths.ORGANISATIONS + "/{public_id}")
def change_organisation(context: Context, public_id: str, typed: TypedForm) -> Response:
    form = FormState({name: typed.one(name) for name in _FIELDS})
    try:
        with context.services.database.write() as unit:
            organisations.change(
                unit, context.actor, public_id, _draft(typed), seen_version=typed.number("seen_version")
            )  # fmt: skip
            unit.commit()
    except InvalidInput as refused:
        return _page(context, public_id, form=form.with_errors(refused), status=422)
    except StaleRevision as stale:
        return _page(context, public_id, form=form, refused=stale, status=409)
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


def _form_page(context: RequestContext, form: FormState, *, status: int = 200) -> Response:
    access.require(context.actor, "organisation.write", zones=context.actor.staff_zones)
    with context.services.database.read() as session:
        names = read_names(session)
    return render(
        context, "administration/organisation_new.html", "content", status=status, form=form, names=names, token=fresh_token()
    )


def _page(
    context: RequestContext,
    public_id: str,
    *,
    form: FormState | None = None,
    refused: ZoneMatchError | None = None,
    status: int = 200,
) -> Response:
    with context.services.database.read() as session:
        profile = directory.organisation_for(session, context.actor, public_id)
        names = read_names(session)
    line = profile.line
    stored = FormState({name: getattr(line, name) or "" for name in _FIELDS})
    return render(
        context, "administration/organisation.html", "content", status=status, profile=profile, line=line, names=names,
        form=form or stored, refused=refused,
    )  # fmt: skip
