"""The pool: needs that no zone has, with their pairs, until a zone takes one up."""

from fastapi import APIRouter
from starlette.responses import Response

from matching import need_pool
from matching.access import is_allowed
from matching.errors import NotFound
from web import paths
from web.context import Context, RequestContext, go_to
from web.names import Names, read_names
from web.paging import PAGE_SIZE, Paging, page_number
from web.rendering import render
from web.typed import TypedForm

router = APIRouter()


def _takers(context: RequestContext) -> list[object]:
    """The zones that the reader can take a need up for: those of whose staff one is, matched in some field."""
    return [zone for zone in context.own_zones if zone.field and is_allowed(context.actor, "pool.take", zones={zone.id})]


@router.get(paths.POOL)
def pool(context: Context, industry: str = "", page: str = "") -> Response:
    number = page_number(page)
    with context.services.database.read() as session:
        names: Names = read_names(session)
        chosen = industry if names.industry(industry) else ""
        found = need_pool.pool(
            session, context.actor, industry=chosen, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE
        )  # fmt: skip
    paging = Paging(found.total, number, paths.POOL, {"industry": chosen})
    return render(context, "pool.html", "found", items=found.items, paging=paging, names=names, chosen=chosen)


@router.get(paths.POOL + "/{public_id}")
def one(context: Context, public_id: str) -> Response:
    with context.services.database.read() as session:
        names = read_names(session)
        need, pairs = need_pool.pool_need(session, context.actor, public_id)
    return render(context, "pool_need.html", "content", need=need, pairs=pairs, names=names, takers=_takers(context))


@router.post(paths.POOL + "/{public_id}/take")
def take(context: Context, public_id: str, typed: TypedForm) -> Response:
    """Take the need up for a zone; its desk shows it from now on. The same form sent again leads to the same desk."""
    zone = typed.one("zone")
    with context.services.database.write() as unit:
        held = need_pool.taking(unit.session, context.actor, public_id)
        if held is None or held.zone != zone:
            need_pool.take_up(unit, context.actor, public_id, zone)
        unit.commit()
    return go_to(context, paths.listing("need", public_id), flash="pool_taken")


@router.post(paths.POOL + "/{public_id}/give-back")
def give_back(context: Context, public_id: str) -> Response:
    with context.services.database.write() as unit:
        try:
            need_pool.give_back(unit, context.actor, public_id)
        except NotFound:
            if not need_pool.is_waiting(unit.session, public_id):
                raise
        unit.commit()
    return go_to(context, paths.pool_need(public_id), flash="pool_given_back")
