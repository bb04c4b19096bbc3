"""Long work: what goes on with how far it is, what was done, and the buttons to begin, end and repeat it."""

from fastapi import APIRouter
from starlette.responses import Response

from matching import long_work
from matching.errors import NotFound
from web import paths, work_view
from web.context import Context, go_to
from web.names import read_names
from web.paging import PAGE_SIZE, Paging, page_number
from web.rendering import render
from web.typed import TypedForm

router = APIRouter()


@router.get(paths.WORK)
def all_work(context: Context, kind: str = "", page: str = "") -> Response:
    number = page_number(page)
    chosen = kind if kind in long_work.KINDS else ""
    database = context.services.database
    now = database.clock.now()
    with database.read() as session:
        names = read_names(session)
        found = long_work.history(
            session, context.actor, now, kind=chosen, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE
        )  # fmt: skip
        active = long_work.running(session, context.actor, now)
    paging = Paging(found.total, number, paths.WORK, {"kind": chosen})
    zones = tuple(each for each in names.zones if each.field and context.may("work.write", zones=frozenset({each.id})))
    return render(
        context, "works/all.html", "works", active=active, items=found.items, paging=paging, names=names, zones=zones, now=now,
        chosen=chosen, kinds=long_work.KINDS, may_index=context.may("work.write", zones=frozenset()), view=work_view,
    )  # fmt: skip


@router.get(paths.WORK + "/bar")
def bar(context: Context) -> Response:
    """The piece in the head of every page; asked for again only while something goes on."""
    if not context.is_fragment:
        return go_to(context, paths.WORK)
    return render(context, "works/bar.html", "bar", views=work_view.running(context))


@router.get(paths.WORK + "/{public_id}")
def one_work(context: Context, public_id: str) -> Response:
    database = context.services.database
    with database.read() as session:
        found = long_work.show(session, context.actor, public_id, database.clock.now())
        names = read_names(session)
    if found.kind == "import":
        return go_to(context, work_view.href(found))
    return render(context, "works/one.html", "work", each=found, names=names, view=work_view)


@router.post(paths.WORK)
def begin(context: Context, typed: TypedForm) -> Response:
    with context.services.database.write() as unit:
        public_id = long_work.begin(unit, context.actor, typed.one("kind"), zone=typed.one("zone"))
        unit.commit()
    return go_to(context, paths.work(public_id), flash="work_begun")


@router.post(paths.WORK + "/{public_id}/{deed}")
def act(context: Context, public_id: str, deed: str) -> Response:
    """`cancel` or `retry`; back to the work, or to the one that repeats it."""
    if deed not in ("cancel", "retry"):
        raise NotFound()
    with context.services.database.write() as unit:
        if deed == "cancel":
            long_work.cancel(unit, context.actor, public_id)
        else:
            public_id = long_work.retry(unit, context.actor, public_id)
        unit.commit()
    return go_to(context, paths.work(public_id), flash="work_cancelled" if deed == "cancel" else "work_begun")
