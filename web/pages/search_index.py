"""The search index: its generations with their buttons, and the entries that it would not take."""

from fastapi import APIRouter
from starlette.responses import Response

from matching import access, long_work, search_index
from search.errors import EngineUnavailable
from search.ports import Health
from web import index_view, paths, work_view
from web.context import Context, RequestContext, go_to
from web.names import read_names
from web.rendering import render

router = APIRouter()


@router.get(paths.INDEX)
def index_page(context: Context) -> Response:
    actor, database = context.actor, context.services.database
    may_read = context.may("index.read")
    if not may_read:
        access.require(actor, "set_aside.read", zones=actor.staff_zones)
    now = database.clock.now()
    with database.read() as session:
        refused = search_index.refusals(session, actor)
        index = search_index.show(session, actor) if may_read else None
        names = read_names(session)
        active = tuple(each for each in long_work.running(session, actor, now) if each.kind in index_view.WORKS)
    return render(
        context, "search_index.html", "index", index=index, refused=refused, health=_health(context) if may_read else None,
        active=active, names=names, now=now, view=index_view, works_view=work_view,
        may_write=not actor.demo,
    )  # fmt: skip


@router.post(paths.INDEX + "/drop")
def drop(context: Context) -> Response:
    with context.services.database.write() as unit:
        search_index.drop_previous(unit, context.actor)
        unit.commit()
    return go_to(context, paths.INDEX, flash="index_dropped")


@router.post(paths.INDEX + "/entries/{public_id}/again")
def again(context: Context, public_id: str) -> Response:
    with context.services.database.write() as unit:
        search_index.try_again(unit, context.actor, public_id)
        unit.commit()
    return go_to(context, paths.INDEX, flash="offered_again")


def _health(context: RequestContext) -> Health:
    try:
        return context.services.engine()
    except EngineUnavailable as problem:
        return Health(False, "", 0, "", problem.code)
