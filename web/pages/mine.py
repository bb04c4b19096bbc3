"""An owner's own page: what he has, what state it is in, what to do next, and the moves that take one press."""

from functools import partial
from typing import Protocol

from fastapi import APIRouter
from starlette.responses import Response

from matching import listing_views, listings, my_listings, typed_forms
from matching.access import Actor
from matching.drafts import add_years
from matching.errors import IllegalMove, InvalidInput, MayNot, SignInNeeded, StaleRevision
from matching.listing_rows import Saved
from matching.model import ListingKind, ListingState
from matching.my_listings import counts, mine
from matching.store.unit import UnitOfWork
from web import paths, submitting
from web.context import Context, RequestContext, go_to
from web.names import read_names
from web.pages.editing import refused_submit
from web.paging import PAGE_SIZE, Paging, page_number
from web.rendering import render
from web.typed import Typed, TypedForm

router = APIRouter()


class Move(Protocol):
    """A move of the listing machine as `matching.listings` makes it."""

    def __call__(self, unit: UnitOfWork, actor: Actor, public_id: str, /, *, seen_version: int | None = None) -> Saved: ...


@router.get(paths.MINE)
def own_page(context: Context, kind: str = "", page: str = "") -> Response:
    """Results or needs; without a choice the kind of which there are more."""
    if not context.may("listing.create"):
        raise SignInNeeded() if context.actor.is_visitor else MayNot(action="listing.create")
    number = page_number(page)
    with context.services.database.read() as session:
        totals = counts(session, context.actor)
        chosen = next((each for each in ListingKind if each == kind), None) or _fuller(totals)
        found = mine(
            session, context.actor, chosen, today=context.today, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE
        )  # fmt: skip
        names = read_names(session)
        unfinished = typed_forms.unfinished(session, context.actor, chosen)
    paging = Paging(found.total, number, paths.MINE, {"kind": chosen.value})
    return render(
        context, "mine.html", "found", kind=chosen, totals=totals, items=found.items, paging=paging, names=names,
        unfinished=unfinished,
    )  # fmt: skip


def _fuller(totals: dict[ListingKind, int]) -> ListingKind:
    return ListingKind.NEED if totals[ListingKind.NEED] > totals[ListingKind.RESULT] else ListingKind.RESULT


@router.get("/listings/{public_id}/withdraw")
def ask_to_withdraw(context: Context, public_id: str) -> Response:
    """The question before it: what withdrawing does, and the way back."""
    with context.services.database.read() as session:
        page = listing_views.page(session, context.actor, public_id)
    if context.actor.is_visitor:
        raise SignInNeeded()
    if "withdraw" not in page.may:
        raise MayNot(action="listing.write")
    return render(context, "editing/withdraw.html", page=page, content=page.content)


@router.post("/listings/{public_id}/submit")
def submit(context: Context, public_id: str, typed: TypedForm) -> Response:
    """What is not complete comes back as its form, with the errors at the fields."""
    try:
        return _do(context, public_id, typed, partial(submitting.submit, language=context.language), "submitted")
    except InvalidInput as refused:
        return refused_submit(context, public_id, refused)


@router.post("/listings/{public_id}/withdraw")
def withdraw(context: Context, public_id: str, typed: TypedForm) -> Response:
    return _do(context, public_id, typed, listings.withdraw, "withdrawn")


@router.post("/listings/{public_id}/renew")
def renew(context: Context, public_id: str, typed: TypedForm) -> Response:
    return _do(context, public_id, typed, listings.renew, "renewed")


@router.post("/listings/{public_id}/look")
def look(context: Context, public_id: str) -> Response:
    """To the pairs, which from now on are not new any more."""
    with context.services.database.write() as unit:
        my_listings.look(unit, context.actor, public_id)
        kind = listing_views.page(unit.session, context.actor, public_id).content.kind
        unit.commit()
    return go_to(context, f"{paths.listing(kind, public_id)}#pairs-heading")


def _do(context: RequestContext, public_id: str, typed: Typed, move: Move, done: str) -> Response:
    """Make the move and come back. One pressed twice has been made; one that others overtook is not made."""
    back = typed.one("next") or paths.MINE
    try:
        with context.services.database.write() as unit:
            move(unit, context.actor, public_id, seen_version=typed.number("seen_version"))
            unit.commit()
    except (StaleRevision, IllegalMove):
        return go_to(context, back, flash=done if _is_so(context, public_id, done) else "changed_meanwhile")
    if done == "submitted" and not _is_so(context, public_id, done):
        return go_to(context, paths.edit(public_id), flash="returned_vague")
    return go_to(context, back, flash=done)


def _is_so(context: RequestContext, public_id: str, done: str) -> bool:
    with context.services.database.read() as session:
        page = listing_views.page(session, context.actor, public_id, latest=True)
    if done == "submitted":
        return page.is_waiting
    if done == "withdrawn":
        return page.content.state == ListingState.WITHDRAWN
    return page.content.valid_until == add_years(context.today, 1)
