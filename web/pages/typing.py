"""A form that is being typed: kept while somebody writes, thrown away when he says so. It never submits and saves no listing."""

from fastapi import APIRouter
from starlette.responses import Response

from matching import typed_forms
from matching.errors import ZoneMatchError
from matching.model import ListingKind
from web import paths, quality_view
from web.context import Context, go_to
from web.errors import status_of
from web.listing_figures import proposals
from web.listing_form import from_typed
from web.listing_sheet import read_sheet
from web.messages import error_text
from web.rendering import render
from web.typed import TypedForm

router = APIRouter()

_NOT_KEPT = ("do", "kind", "listing", "login", "password", "seen_quality")


@router.post("/forms/{key}")
def keep(context: Context, key: str, typed: TypedForm) -> Response:
    """The time it was kept, and the figures that the words propose by now; or why it could not be kept."""
    kind = ListingKind.NEED if typed.one("kind") == ListingKind.NEED else ListingKind.RESULT
    listing = typed.one("listing") or None
    saved_at, refused, status = None, "", 200
    try:
        with context.services.database.write() as unit:
            saved_at = typed_forms.keep(
                unit, context.actor, key=key, kind=kind, listing=listing, token=typed.one("form_token"),
                pairs=list(typed.without(*_NOT_KEPT)),
            )  # fmt: skip
            unit.commit()
    except ZoneMatchError as error:
        refused, status = error_text(error), status_of(error)
    if not context.is_fragment:
        return go_to(context, paths.edit(listing) if listing else paths.MINE)
    form = from_typed(kind, typed)
    with context.services.database.read() as session:
        sheet = read_sheet(session, context, kind, listing)
    quality = quality_view.of_form(form, tuple(sheet.suggested), sheet.asks)
    return render(
        context, "editing/kept.html", "kept", status=status, saved_at=saved_at, refused=refused, form=form,
        proposals=proposals(form), action=paths.edit(listing) if listing else _new(kind), quality=quality, asks=sheet.asks,
        is_new_score=typed.one("seen_quality") != str(quality.score),
    )  # fmt: skip


def _new(kind: ListingKind) -> str:
    return paths.POST_RESULT if kind == ListingKind.RESULT else paths.POST_NEED


@router.post("/forms/{key}/forget")
def forget(context: Context, key: str, typed: TypedForm) -> Response:
    with context.services.database.write() as unit:
        gone = typed_forms.forget(unit, context.actor, key)
        unit.commit()
    return go_to(context, typed.one("next") or paths.MINE, flash="form_forgotten" if gone else None)
