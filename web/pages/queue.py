"""Worth grading: a day's pairs of a zone, one at a time, both texts side by side; what was computed is told after the grade."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from matching import grading_queue, verdicts
from matching.errors import IllegalMove
from matching.grading_queue import GoodShare, Queue, QueueRow
from matching.store.unit import fresh_token
from web import i18n, paths, typed_grades
from web.context import Context, RequestContext, go_to
from web.names import read_names
from web.pair_texts import side_texts
from web.pair_view import Asked
from web.rendering import render
from web.typed import TypedForm, whole_number

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Shown:
    """Where the queue stands: the pair to grade next, the one that was graded last, a grade that was taken back (-1 where there
    was none left to take back)."""

    queue: Queue
    row: QueueRow | None
    told: QueueRow | None = None
    undone: int | None = None
    share: GoodShare | None = None

    @property
    def asked(self) -> Asked:
        return Asked(self.queue.zone.code)

    @property
    def skip_href(self) -> str:
        """To the next pair, this one staying where it is; empty where there is no other."""
        after = self.queue.after(self.row.place) if self.row else None
        if self.row is None or after is None or after.place == self.row.place:
            return ""
        return href(self.queue.zone.code, after=self.row.place)


def href(zone: str, *, after: int = 0, told: int = 0, undone: str = "") -> str:
    return paths.with_query(paths.queue(zone), after=after, told=told, undone=undone)


@router.get(paths.DESK + "/{zone}/queue")
def queue(request: Request, context: Context, zone: str) -> Response:
    """The pair behind place `after`; `told` is the place of the one graded before, `undone` the grade that was taken back."""
    after, told = (whole_number(request.query_params.get(name, "")) or 0 for name in ("after", "told"))
    undone = request.query_params.get("undone", "")
    with context.services.database.read() as session:
        is_drawn = bool(grading_queue.queue(session, context.actor, zone, context.today).rows)
    if not is_drawn:
        with context.services.database.write() as unit:
            grading_queue.draw(unit, context.actor, zone)
            unit.commit()
    with context.services.database.read() as session:
        return _answer(context, session, zone, after, told, int(undone) if undone in {"-1", "0", "1", "2", "3"} else None)


def _answer(context: RequestContext, session: Session, zone: str, after: int, told: int, undone: int | None) -> Response:
    names = read_names(session)
    held = grading_queue.queue(session, context.actor, zone, context.today)
    last = held.at(told)
    row = held.after(after)
    share = grading_queue.good_share(session, context.actor, zone) if row is None else None
    shown = Shown(held, row, last if last and last.is_graded else None, undone, share)
    with i18n.speaking(context.language):
        sides = side_texts(row.blind) if row else ()
    return render(
        context, "queue.html", "queue", names=names, shown=shown, zone=held.zone, sides=sides, fresh_token=fresh_token,
    )  # fmt: skip


@router.post(paths.DESK + "/{zone}/queue/verdicts")
def give(context: Context, zone: str, typed: TypedForm) -> Response:
    with context.services.database.write() as unit:
        row = grading_queue.row(unit.session, context.actor, zone, context.today, typed.one("need"), typed.one("result"))
        typed_grades.give_once(unit, context.actor, zone, typed)
        unit.commit()
    if not context.is_fragment:
        return go_to(context, href(zone, after=row.place, told=row.place))
    with context.services.database.read() as session:
        return _answer(context, session, zone, row.place, row.place, None)


@router.post(paths.DESK + "/{zone}/queue/undo")
def undo(context: Context, zone: str) -> Response:
    """Take back the actor's last grade in the zone; where it was one of the queue, its pair is asked for again."""
    place, grade = 0, -1
    try:
        with context.services.database.write() as unit:
            taken = verdicts.undo_last(unit, context.actor, zone)
            grade = taken.grade
            held = grading_queue.queue(unit.session, context.actor, zone, context.today).row_of(taken.need, taken.result)
            place = held.place if held else 0
            unit.commit()
    except IllegalMove:
        pass
    if not context.is_fragment:
        return go_to(context, href(zone, after=max(0, place - 1), undone=str(grade)))
    with context.services.database.read() as session:
        return _answer(context, session, zone, max(0, place - 1), 0, grade)
