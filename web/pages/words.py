"""What an owner says of a pair on the page of the own listing: it fits, or it does not, because."""

from fastapi import APIRouter
from starlette.responses import Response

from matching import listing_views, verdicts
from matching.errors import FieldError, IllegalMove, InvalidInput
from matching.verdicts import SayFits
from web import first_ten, paths
from web.context import Context, go_to
from web.typed import TypedForm

router = APIRouter()

_WORDS: dict[str, bool | None] = {"fits": True, "fits_not": False, "unsay": None}


@router.post("/listings/{public_id}/word")
def say(context: Context, public_id: str, typed: TypedForm) -> Response:
    """The same word twice is one word; what was taken back in another window is not taken back again."""
    do, other, reason = typed.one("do"), typed.one("other"), typed.one("reason")
    if do not in _WORDS:
        raise InvalidInput(FieldError("do", "unknown_code", {"value": do[:20]}))
    with context.services.database.read() as session:
        page = paths.listing(listing_views.page(session, context.actor, public_id).content.kind, public_id)
    back = paths.with_query(page, **first_ten.values(first_ten.switches_of(typed.one, context.today)))
    if do == "fits_not" and not reason:
        return go_to(context, f"{back}#pair-{other}", flash="word_needs_reason")
    try:
        with context.services.database.write() as unit:
            verdicts.say(unit, context.actor, SayFits(public_id, other, _WORDS[do], reason, typed.number("said")))
            unit.commit()
    except IllegalMove:
        return go_to(context, f"{back}#pair-{other}", flash="cannot_undo_word")
    return go_to(context, f"{back}#pair-{other}", flash="record_undone" if do == "unsay" else "word_said")
