"""Confirming and rejecting a listing's industries, one press each: the box of it on any page, or the page itself again."""

from fastapi import APIRouter
from starlette.responses import Response

from matching import listing_views, listings
from web import paths
from web.context import Context, RequestContext, go_to
from web.names import read_names
from web.rendering import render
from web.typed import TypedForm, whole_number

router = APIRouter()


@router.get("/listings/{public_id}/industries")
def box(context: Context, public_id: str, after: str = "") -> Response:
    """The box alone for htmx; asked for by hand it leads to the listing."""
    return _box(context, public_id, tries=(whole_number(after) or 0) + 1)


@router.post("/listings/{public_id}/industries")
def decide(context: Context, public_id: str, typed: TypedForm) -> Response:
    with context.services.database.write() as unit:
        listings.decide_industries(
            unit, context.actor, public_id, confirmed=typed.all("confirm"), rejected=typed.all("reject")
        )  # fmt: skip
        unit.commit()
    if context.is_fragment:
        return _box(context, public_id, is_saved=True)
    back = typed.one("next") or paths.listing("result", public_id)
    return go_to(context, back, flash="industries_saved")


def _box(context: RequestContext, public_id: str, *, tries: int = 0, is_saved: bool = False) -> Response:
    with context.services.database.read() as session:
        page = listing_views.page(session, context.actor, public_id, latest=True)
        names = read_names(session)
    if not context.is_fragment:
        return go_to(context, paths.listing(page.content.kind, public_id))
    return render(
        context, "editing/industries.html", page=page, names=names, industries_saved=is_saved, industries_tries=tries,
        industries_next=paths.listing(page.content.kind, public_id),
    )  # fmt: skip
