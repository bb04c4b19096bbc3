"""Entries that may be the same matter written twice: those that wait for a word, and two of them side by side."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from matching import twins
from matching.errors import MayNot, SignInNeeded
from web import i18n, paths
from web.context import Context, go_to
from web.names import read_names
from web.paging import PAGE_SIZE, Paging, page_number
from web.rendering import render
from web.twin_texts import sides
from web.typed import TypedForm

router = APIRouter()

_SAID: Final = {"same": "twins_same", "different": "twins_different"}


@router.get(paths.DUPLICATES)
def waiting(context: Context, page: str = "") -> Response:
    if context.actor.is_visitor:
        raise SignInNeeded()
    if not context.may("twin.decide"):
        raise MayNot(action="twin.decide")
    number = page_number(page)
    with context.services.database.read() as session:
        items, total = twins.waiting(session, context.actor, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
        names = read_names(session)
    paging = Paging(total, number, paths.DUPLICATES, {})
    return render(context, "duplicates.html", "found", items=items, paging=paging, names=names)


@router.get(paths.DUPLICATES + "/{one}/{other}")
def pair(context: Context, one: str, other: str) -> Response:
    """Both texts, what only one says marked in it."""
    with context.services.database.read() as session, i18n.speaking(context.language):
        found = twins.pair(session, context.actor, one, other)
        names = read_names(session)
        texts = sides(found)
    return render(context, "duplicate.html", "content", pair=found, sides=texts, names=names)


@router.post(paths.DUPLICATES + "/{one}/{other}")
def decide(context: Context, one: str, other: str, typed: TypedForm) -> Response:
    state = typed.one("do")
    with context.services.database.write() as unit:
        twins.decide(unit, context.actor, one, other, state)
        unit.commit()
    return go_to(context, paths.duplicate(one, other), flash=_SAID[state])
